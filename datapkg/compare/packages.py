"""What changed between two packages: tables, columns, keys, rows, cells and ids, and the version that this needs.

A package is a folder with a datapackage.json: a release, the working build, the data inside an installed package. Rows
are compared on DuckDB; a `Diff` holds counts and keeps the changes themselves in files that go away with it.

Rows that were withdrawn are listed with their reason, from `withdrawn` in the release.json of the new package or, in a
repository, from data/raw/withdrawn.yaml. Both are a list of {id, reason}; the id is that of a claim, or of a source for
all its claims.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg.claims import Refused, read_yaml
from datapkg.compare import changes, shapes
from datapkg.compare.changes import Counts
from datapkg.compare.diff import Diff, TableDiff
from datapkg.compare.shapes import Event, Shape
from datapkg.facts import key_text, placed
from datapkg.model import PREFIX, ConfigError, IntegrityError, Layout, NotFound, Spec, jsontext, load_specs
from datapkg.read import Store, opened

if TYPE_CHECKING:
    import duckdb

ALIASES = "aliases"


def compare(old: Path | None, new: Path, scratch: Path | None = None, memory: str = "1GB",
            explain: bool = False) -> Diff:  # fmt: skip
    """Return what changed from one package to another; from nothing if `old` is None.

    The rows of a table that came or went as a whole are not listed, nor are the cells of such a column. `scratch` is
    the folder for what does not fit in `memory`: at worst as large as both packages together. With `explain`, cells of
    facts that take another claim now say by which rule the one before lost; that consolidates anew.

    Raises  NotFound, ConfigError or IntegrityError for what is no package, WriteError if there is no room
    """
    before = None if old is None else _opened(old)
    after = _opened(new)
    reasons = withdrawn(new)
    folder = Path(tempfile.mkdtemp(prefix="datapkg-diff-", dir=scratch))
    try:
        files = [store.path(name) for store in (before, after) if store for name in store.names()]
        with changes.connect(folder, memory, files) as connection:
            for entry in reasons.items():
                connection.execute("INSERT INTO withdrawn VALUES (?, ?)", entry)
            specs = load_specs(Layout(new).schema_files) if explain else {}
            tables = tuple(_tables(connection, before, after, folder, specs))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    said = shapes.metadata(before.about, after.about) if before else []
    version = str(before.about["version"]) if before else None
    diff = Diff(str(after.about["name"]), version, str(after.about["version"]), tables, tuple(said), folder)
    weakref.finalize(diff, shutil.rmtree, folder, ignore_errors=True)
    return diff


def _opened(folder: Path) -> Store:
    layout = Layout(folder)
    if not layout.descriptor.is_file():
        raise NotFound(f"{folder} holds no datapackage.json; name the folder of a release, or of a repository after "
                       "`datapkg build`")  # fmt: skip
    return opened(layout)


def withdrawn(folder: Path) -> dict[str, str]:
    """Return why claims and sources were withdrawn, by id; empty if a package says nothing about it.

    Raises  ConfigError if what it says is no list of {id, reason}
    """
    record, raw = folder / "release.json", Layout(folder).raw / "withdrawn.yaml"
    path = record if record.is_file() else raw
    if not path.is_file():
        return {}
    try:
        if path == record:
            said = jsontext.loads(path.read_bytes()).get("withdrawn", [])
        else:
            said = read_yaml(path, path.name).plain()
        entries = {entry["id"]: entry["reason"] for entry in said or []}
        if not all(isinstance(text, str) and text for pair in entries.items() for text in pair):
            raise ValueError("an id and a reason are texts")
        if len(entries) < len(said or []):
            raise ValueError("an id is there twice")
    except Refused as refused:
        raise ConfigError(str(refused.finding)) from refused
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: withdrawn: {type(error).__name__}: {error}; expected a list of id and "
                          "reason") from error  # fmt: skip
    return entries


def _tables(connection: duckdb.DuckDBPyConnection, before: Store | None, after: Store, folder: Path,
            specs: Mapping[str, Spec]) -> Iterator[TableDiff]:  # fmt: skip
    """Yield the differences of all tables, in the order of their names."""
    registries = {name for store in (before, after) if store for name in _registries(store)}
    aliases = shapes.shape(after, ALIASES) if ALIASES in after.resources else None
    names = sorted({*(before.resources if before else ()), *after.resources})
    for number, name in enumerate(names):
        stem = folder / f"{number:05}"
        old = shapes.shape(before, name) if before and name in before.resources else None
        new = shapes.shape(after, name) if name in after.resources else None
        if before is None or old is None or new is None:
            yield _whole(connection, name, old, new, stem)
            continue
        changes.registry(connection, name, new if name in registries else None, aliases)
        changes.losses(connection, _losses(after, specs.get(name)))
        with changes.working(name, folder):
            difference = _table(connection, (before, after), old, new, stem)
        yield difference


def _losses(store: Store, spec: Spec | None) -> Iterator[tuple[str, str, str]]:
    """Yield the key, the claim and the rule by which it lost of all claims that a fact table does not take."""
    if spec is None or spec.role != "fact":
        return
    for row in placed(store.read(PREFIX + spec.name), spec):
        if row["lost_by"]:
            yield key_text(row, spec.key), row["claim_id"], row["lost_by"]
        elif row["corrected"]:
            yield key_text(row, spec.key), row["claim_id"], "the claim is corrected; see corrections"


def _registries(store: Store) -> list[str]:
    """Return the tables whose ids are promised: those that an alias can belong to."""
    if ALIASES not in store.resources:
        return []
    for entry in store.resource(ALIASES)["schema"]["fields"]:
        if entry["name"] == "entity_type":
            return list(entry.get("constraints", {}).get("enum", []))
    return []


def _whole(connection: duckdb.DuckDBPyConnection, name: str, old: Shape | None, new: Shape | None,
           stem: Path) -> TableDiff:  # fmt: skip
    """Return the difference of a table that came or went as a whole."""
    rows = [None if one is None else one.rows for one in (old, new)]
    texts = [None if count is None else str(count) for count in rows]
    change, level = ("table_added", "minor") if old is None else ("table_removed", "major")
    event = Event(name, change, level, old=texts[0], new=texts[1])
    parts = changes.shape_changes(connection, name, [event], stem)
    return TableDiff(name, rows[0], rows[1], (event,), parts=tuple(parts))


def _table(connection: duckdb.DuckDBPyConnection, stores: tuple[Store, Store], old: Shape, new: Shape,
           stem: Path) -> TableDiff:  # fmt: skip
    """Return the difference of a table that both packages have; its rows are compared unless digests are equal."""
    found = tuple(shapes.events(old, new))
    keys = tuple(event for event in found if event.change == "key_changed")
    said = tuple(shapes.metadata(old.resource, new.resource))
    digests = [one.resource.get(name) for name in ("hash", "content_hash") for one in (old, new)]
    counts = Counts()
    parts: list[Path] = []
    if digests[0] != digests[1] and (digests[2] is None or digests[2] != digests[3]):
        for store in stores:
            _proven(store, new.name)
        counts, parts = changes.row_changes(connection, old, new, stem)
    for kinds in (tuple(e for e in found if e not in keys), keys):
        parts += changes.shape_changes(connection, new.name, kinds, stem)
    # kinds in the order of their names, as the names of the files are
    return TableDiff(new.name, old.rows, new.rows, found, said, counts, tuple(sorted(parts)), _quiet(new))


def _quiet(table: Shape) -> frozenset[str]:
    """Return the columns that say nothing of their own: worked out, or about the claims behind the row."""
    return frozenset(n for n, f in table.fields.items() if f.get("bookkeeping") or f.get("derived"))


def _proven(store: Store, name: str) -> None:
    """Raise IntegrityError unless the file of a table is the one that the descriptor promises; without loading it."""
    path, promised = store.path(name), store.resource(name)["hash"]
    with path.open("rb") as file:
        found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    if found != promised:
        raise IntegrityError(f"{path} is not the file that {store.layout.descriptor} promises: expected {promised}, "
                             f"found {found}; run `datapkg build`, or fetch the release again")  # fmt: skip


def write_changes(diff: Diff, path: Path) -> None:
    """Write every change as one tidy table, changes.parquet: sorted, and the same bytes for the same two packages.

    Raises  WriteError; what was there before is untouched
    """
    parts = [part for table in diff.tables for part in table.parts]
    notes = {"dataset": diff.name, "old_version": diff.old_version or "", "new_version": diff.new_version}
    changes.write(parts, path, notes)
