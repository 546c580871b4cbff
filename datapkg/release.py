"""Releases: a plan that says what would be done, and the same plan carried out.

Storage contract. A release is a folder `data/releases/<version>/` that never changes once it has its name: tables as
Parquet and as CSV, their schemas, metadata in the forms of the standards, what changed, what was checked, and
SHA256SUMS over all of it. It is made in a folder beside the others, verified there, and published by a rename; a
release that fails leaves nothing but a folder whose name begins with a dot, which the next one removes. Nothing in it
depends on the clock, the machine or the version of Python: the day is that of the changelog's section.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg import build, check, semver
from datapkg.catalog import SUMS
from datapkg.citing import citation
from datapkg.comparing import compare, needed, withdrawn, write_changes
from datapkg.difftext import markdown
from datapkg.errors import CheckFailed, IntegrityError, ReleaseRefused, WriteError
from datapkg.findings import ordered
from datapkg.history import acknowledged, commit, out_of_band, section
from datapkg.layout import Layout
from datapkg.metadata import documents
from datapkg.metadata.descriptor import head
from datapkg.metadata.mirror import write_csv
from datapkg.metadata.record import Release, csv_path, digest, measured, parquet_path
from datapkg.package import read_about, stamped, table_path
from datapkg.publish import publish
from datapkg.signing import Key, sign
from datapkg.specs import PREFIX, Spec, load
from datapkg.store import opened

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGE = 200_000
"""Rows beyond which tools that look at every cell in Python are not asked."""


@dataclass(frozen=True)
class Plan:
    """A release as it would be made: everything that decides its bytes, apart from the tables themselves."""

    version: str
    created: str
    previous: str | None
    bump: str
    needed: str
    reasons: tuple[str, ...]
    commit: str
    raw_tree: str
    tables: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        rows = sum(rows for _, rows in self.tables)
        since = (
            f"since {self.previous}, a {self.bump} release ({self.needed} is needed)" if self.previous else "the first"
        )
        head = [
            f"release {self.version}, {self.created}: {since}",
            f"{len(self.tables)} tables, {rows} rows, commit {self.commit}",
        ]
        return "\n".join(
            head + [f"  {self.needed}: {reason}" for reason in self.reasons] + [f"  {p}" for p in self.paths()]
        )

    def paths(self) -> list[str]:
        """Return the path of every file of the release, sorted."""
        tables = [name for name, _ in self.tables]
        data = [*map(parquet_path, tables), *map(csv_path, tables)]
        own = [name for name in tables if not name.startswith(PREFIX)]
        schemas = [f"schemas/{name}.json" for name in [*own, "observations"]]
        return sorted([*data, *schemas, *FIXED, SUMS])


FIXED = tuple(
    "CHANGES.md CITATION.cff README.md VERIFY.md changes.parquet croissant.json csv/datapackage.json datacite.json "
    "datapackage.json release.json validation/checks.json".split()
)
"""The files of every release beside tables and schemas."""


def plan(layout: Layout, version: str, today: date) -> Plan:
    """Return the plan of a release of the working build.

    Raises  ReleaseRefused with every reason against it: a version that is too small or not later, changes that are not
            committed, a stale build, a changelog without its section, tables outside their bands; CheckFailed with the
            findings of the checks; UsageError for a version that is none, or outside a git repository
    """
    wanted = semver.parse(version)
    state, changed = commit(layout)
    made = build.assemble(layout)
    found = build.checked(made)
    if found:
        raise CheckFailed(found)
    reasons = [f"{path} is not committed" for path in changed[:10]]
    if len(changed) > 10:
        reasons.append(f"and {len(changed) - 10} more paths are not committed")
    day = section(layout, version)
    if day is None:
        reasons.append(f"CHANGELOG.md has no section '## data {version} - {today}'")
    stale = build.stale(layout, made)
    if stale:  # there is nothing to compare then
        reasons += [f"{path} is not what the build makes; run: datapkg build" for path in stale]
        raise ReleaseRefused(version, reasons)
    known = [path.parent.name for path in layout.releases.glob("[0-9]*/release.json")]
    previous = semver.latest(known) if known else None
    bump, level, why = "first", "minor", ["the first release"]
    if previous:
        level, why = needed(compare(layout.releases / previous, layout.root))
        taken = f"{version} is already released, and a release never changes"
        against = [taken] if version in known else _order(wanted, previous, level, why)
        bump = "" if against else semver.level(semver.parse(previous), wanted)
        reasons += against + _bands(layout, previous, made, today)
    if reasons:
        raise ReleaseRefused(version, reasons)
    rows = tuple((name, table.num_rows) for name, table in made.tables.items())
    return Plan(version, str(day), previous, bump, level, tuple(why), state.id, state.raw_tree, rows)


def _order(wanted: semver.Version, previous: str, needs: str, why: Iterable[str]) -> list[str]:
    """Return why a version may not follow another, given what the changes between them need."""
    before = semver.parse(previous)
    if not before < wanted:
        return [f"{wanted} does not come after {previous}, the latest release"]
    least = semver.bump(before, needs)
    if wanted.core >= least.core:
        return []
    given = semver.level(before, wanted)
    return [f"{wanted} is a {given} release, and the changes since {previous} need {needs}: at least {least}", *why]


def _bands(layout: Layout, previous: str, made: build.Tables, today: date) -> list[str]:
    """Return the tables whose number of rows somebody has to look at first."""
    old = {
        n: r["rows"]
        for n, r in opened(Layout(layout.releases / previous)).resources.items()
        if not n.startswith(PREFIX)
    }
    known = acknowledged(layout.acknowledged, today)
    found = out_of_band(old, {name: table.num_rows for name, table in made.tables.items()})
    step = f"look at it, then add it to {layout.relative(layout.acknowledged)}"
    return [f"{why}; {step}" for table, why in found.items() if table not in known]


def run(layout: Layout, planned: Plan, key: Key | None = None) -> Path:
    """Make the release that a plan describes, verify it, and publish it into data/releases.

    Raises  CheckFailed if what was written does not verify, WriteError; nothing of the release is visible then
    """
    import duckdb

    scratch = layout.releases / f".making-{planned.version}"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        folder = scratch / planned.version
        make(layout, planned, folder, key)
        publish(folder, str(layout.releases))
    except (OSError, duckdb.IOException) as error:
        if isinstance(error, WriteError):
            raise
        told = getattr(error, "strerror", None) or str(error).splitlines()[0]
        left = "nothing of it is visible, and the same command again makes it"
        raise WriteError(f"cannot write release {planned.version} to {layout.releases}: {told}; {left}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return layout.releases / planned.version


def make(layout: Layout, planned: Plan, folder: Path, key: Key | None = None) -> None:
    """Write all files of a release into a new folder and check them there.

    Raises  CheckFailed, IntegrityError if the files are not those of the plan
    """
    specs = load(layout.schemas)
    about = {**read_about(layout), "version": planned.version}
    files = {}
    for name, _ in planned.tables:
        spec = specs[name]
        stamped(layout.root / table_path(name), folder / parquet_path(name), spec, about)
        write_csv(folder / parquet_path(name), spec, folder / csv_path(name))
        files[name] = measured(folder, spec)
    for schema in sorted(layout.schemas.glob("*.json")):
        _put(folder, f"schemas/{schema.name}", schema.read_bytes())
    signature = key.signature if key else None
    release = _described(Release(about, planned.version, planned.created, files, planned.previous, signature))
    for path, data in documents(release).items():
        _put(folder, path, data)
    _put(folder, "release.json", _json({**_record(planned, release), "withdrawn": _withdrawn(layout)}))
    diff = compare(layout.releases / planned.previous if planned.previous else None, folder)
    write_changes(diff, folder / "changes.parquet")
    _put(folder, "CHANGES.md", markdown(diff).encode())
    _put(folder, "validation/checks.json", _json(validated(folder, specs, dict(planned.tables))))
    _put(folder, SUMS, sums(folder))
    written = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    if written != planned.paths():
        raise IntegrityError(f"the release has other files than planned: {sorted(set(written) ^ set(planned.paths()))}")
    if key:
        sign(folder, key, f"{about['name']} {planned.version}")


def _described(release: Release) -> Release:
    """Return the release with its own citation, as a sentence and as BibTeX."""
    known = head(release)
    return replace(release, reference=citation(known, "apa").strip(), bibtex=citation(known, "bibtex").strip())


def _record(planned: Plan, release: Release) -> dict[str, Any]:
    """Return release.json: the plan, and both digests of every table."""
    import pyarrow

    record = {**asdict(planned), "name": release.about["name"], "pyarrow": pyarrow.__version__}
    record["tables"] = {
        name: {"rows": file.rows, "sha256": file.sha256, "content_sha256": file.csv_sha256}
        for name, file in release.tables.items()
    }
    return record


def _withdrawn(layout: Layout) -> list[dict[str, str]]:
    """Return what was withdrawn, and why, from data/raw/withdrawn.yaml."""
    return [{"id": name, "reason": why} for name, why in sorted(withdrawn(layout.root).items())]


def validated(folder: Path, specs: Mapping[str, Spec], rows: Mapping[str, int]) -> dict[str, Any]:
    """Check the written files once more, by our checks and by tools of others, and return the record of it.

    Schema and rules run in bounded memory. Great Expectations and frictionless do not, and look at every cell in
    Python; they are left out where a table has more than LARGE rows, and the record says so.
    Raises  CheckFailed with all findings
    """
    import frictionless
    import great_expectations
    import pyarrow.parquet as pq

    from datapkg.check import frictionless as outside

    paths = {name: folder / parquet_path(name) for name in specs}
    large = sorted(name for name, many in rows.items() if many > LARGE)
    found = check.on_files(paths, specs, folder.parent)
    found += check.on_disk(Layout(folder), specs, ("package",))
    if not large:
        tables = {name: pq.read_table(path) for name, path in paths.items()}
        found += check.in_memory(tables, specs, {}, ("expectations",))
        found += outside.findings(folder / "datapackage.json") + outside.findings(folder / "csv" / "datapackage.json")
    if found:
        raise CheckFailed(ordered(found))
    tools = {"frictionless": frictionless.__version__, "great_expectations": great_expectations.__version__}
    ours = ["schema", "rules", "package"]
    theirs = ["expectations", "frictionless, Parquet", "frictionless, CSV"]
    record: dict[str, Any] = {"findings": {kind: [] for kind in (ours if large else [*ours, *theirs])}, "tools": tools}
    return record if not large else {**record, "left_out": {"checks": theirs, "since_large": large}}


def sums(folder: Path) -> bytes:
    """Return SHA256SUMS over every file of a folder, in the order of their bytes, as sha256sum reads it."""
    paths = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    lines = [f"{digest(folder / path)}  {path}\n" for path in paths if not path.startswith(SUMS)]
    return "".join(lines).encode()


def _put(folder: Path, path: str, data: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
