"""The reading half, as functions: what to read is said by version and registry, and the rest is `Data`.

Without a version the newest release inside the package is read, never silently something newer; the working build,
the tables of the repository around the current folder, goes by the version "working". Nothing is returned whose digest
does not match. A frame remembers its version and registry; the registry is followed only if the caller has named it in
this process, since a frame may come out of a file that somebody else wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import Layout, NotFound, UsageError, disk, repository
from datapkg.read import ALL, Data, Filters
from datapkg.registry import SUMS, Registry, installed, newest, shown, sums

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from datapkg.compare import Diff

__all__ = [
    "ALL", "WORKING", "Data", "cite", "connect", "data", "diff", "load", "mentions", "points", "recheck",
    "tables", "trace", "versions", "why",
]  # fmt: skip
WORKING = "working"
_NAMED: dict[str, tuple[str, Path | None]] = {}
"""The registries that the caller has named, with their caches, by what frames remember of them."""


def data(version: str | None = None, registry: str | None = None, cache: Path | None = None, voice: str | None = None,
         key: str | None = None) -> Data:  # fmt: skip
    """Return one package, opened for reading: a `version`, from a `registry` (a folder or an fsspec URL).

    A version may carry the digest of its SHA256SUMS, "0.1.0@sha256:...", and then is that release or none. With `key`,
    a public key of minisign or ssh-keygen, the release has to be signed by it. Copies of a remote release are kept in
    the folder `cache`. With a `voice` only what that voice said counts.
    Raises  NotFound for an unknown version, with the versions there are; Unreachable if the registry does not answer;
            IntegrityError if it is not the release of that digest or key, or the registry changed what it said before
    """
    if registry:
        _NAMED[shown(registry)] = registry, cache
    if version is None:
        version = newest()
        if version is None and registry:
            raise UsageError(f"no release is inside this package to go by; name a version of {shown(registry)}")
    if version is None or version == WORKING:
        if key:
            raise UsageError("key goes with a release; the working build is not signed")
        return Data(_working(), voice=voice)
    place = _place(registry, cache)
    if key:
        place.signed(version, key)
    return Data(Layout(place.where(version)), partial(place.file, version), registry and shown(registry), voice)


def _working() -> Layout:
    """Return the repository around the current folder.

    Raises  NotFound if there is none
    """
    return repository(Path.cwd())


def _place(registry: str | None, cache: Path | None) -> Registry:
    """Return the registry of a name, or the releases inside the package if there are any."""
    if registry:
        return Registry.open(registry, cache)
    if newest() is None:
        raise NotFound("no release is inside this package; name a registry, or the version working for its tables")
    return installed()


def tables(version: str | None = None, registry: str | None = None, cache: Path | None = None) -> pd.DataFrame:
    """Return what there is to load.

    Shape   one row per table with name, title, description and rows; the observations behind the facts come last
    Raises  what `data` raises
    """
    return data(version, registry, cache).tables()


def load(table: str, *, columns: Sequence[str] | None = None, filters: Filters = None, policy: str = "preferred",
         valid_on: str | date | None = None, known_by: str | date | None = None, assume_open: bool = False,
         version: str | None = None, voice: str | None = None, registry: str | None = None,
         cache: Path | None = None, key: str | None = None) -> pd.DataFrame:  # fmt: skip
    """Return a table, or the rows of it that held or were known at a time; `df.attrs` says what it is.

    `columns` and `filters` (in pyarrow's form) are pushed down to Parquet. `policy` chooses between claims that
    compete: "preferred" (as stored), "latest", or "all" for one row per claim. `valid_on` keeps what held on some day
    of a period: "2024-01-26", "2024-01", "2023-Q4"; what has no stated end is known to hold until its last statement,
    or longer with `assume_open`. `known_by` uses only what had been published by the end of one.
    `voice` uses only what one voice said, such as "TrendForce": whom a source names for a claim, else its publisher.
    Its facts are chosen anew by the policy of this datapkg, in an older release too.
    `version` names a release, if need be with its digest as "0.1.0@sha256:...", "working" the build of the repository
    around the current folder; `registry` says where to look for it, `key` by whose public key it has to be signed, and
    `cache` where copies of a remote one are kept.

    Shape   one row per primary key, `df.attrs["primary_key"]`; one per key and claim with policy "all"
    Units   `df.attrs["units"]`, by column
    Raises  NotFound for an unknown table, column, policy, voice or version; UsageError if the table has no such time or
            no voices, or for a wrong date; IntegrityError if the file is not the one that the release promises, or the
            release not the one of that digest or key; Unreachable
    """
    return data(version, registry, cache, voice, key).load(
        table, columns=columns, filters=filters, policy=policy, valid_on=valid_on, known_by=known_by,
        assume_open=assume_open,
    )  # fmt: skip


def trace(table: str, row: Any, *, version: str | None = None, voice: str | None = None, registry: str | None = None,
          cache: Path | None = None) -> pd.DataFrame:  # fmt: skip
    """Return the claims behind a row, first the one that the policy puts first.

    `row` is a row of the table (`df.iloc[0]`) or a mapping with its key. Unless told otherwise release and voice are
    those that the row was loaded with.

    Shape   one row per claim: what it says, the columns it supplies (used_for) and contradicts (disagrees_on), the
            values as it states them, its source, and the place in the source by position and digest
    Units   char_start and char_end count code points of the normalised text
    Raises  UsageError for a table that is not made of claims or a row without the key; NotFound for an unknown key
    """
    return _from(row, version, registry, cache, voice).trace(table, row)


def why(table: str, row: Any, *, version: str | None = None, voice: str | None = None, registry: str | None = None,
        cache: Path | None = None) -> str:  # fmt: skip
    """Return in sentences whose value a row has, how sure it is, and by which rule each other claim lost.

    `row` and the rest are as for `trace`.
    Raises  what `trace` raises
    """
    return _from(row, version, registry, cache, voice).why(table, row)


def points(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a frame whose figures are points: neither hedged ("up to 80") nor ranges; others untouched.

    Shape   the rows whose `qualifier` is exact or missing and that have a value
    Raises  UsageError for a frame without a `qualifier`
    """
    if "qualifier" not in frame.columns:
        raise UsageError("points takes a frame with a column 'qualifier', such as that of market_shares")
    plain = frame["qualifier"].isna() | (frame["qualifier"] == "exact")
    units = [name for name in frame.attrs.get("units", {}) if name in frame.columns]
    values = [n for n in units if not any(part in n for part in ("_low", "_high"))] or [
        n for n in ("amount",) if n in frame.columns
    ]
    return frame[plain & frame[values].notna().any(axis=1)] if values else frame[plain]


def mentions(*entries: str, version: str | None = None, registry: str | None = None,
             cache: Path | None = None) -> pd.DataFrame:  # fmt: skip
    """Return every claim about entries of the registries, whatever its table: what was said about HBM, about NVIDIA.

    An entry is an id ("nvidia"), if need be with its registry ("companies/nvidia"); "hbm*" stands for all ids that
    begin so. What a claim only says in words does not count, nor who says it.

    Shape   one row per claim, in the order of publication: what it says, the tables that it feeds, which of the entries
            it names, and its source
    Raises  NotFound for an entry that no registry has, UsageError without one
    """
    return data(version, registry, cache).mentions(entries)


def _from(frame: Any, version: str | None, registry: str | None, cache: Path | None, voice: str | None) -> Data:
    """Return the package that a frame or row came from, as far as it still says so and nothing else is given.

    Raises  UsageError for a registry that only the frame names
    """
    attrs = getattr(frame, "attrs", {})
    said = {name: value for name, value in attrs.items() if isinstance(value, str)}
    if not registry and "registry" in said:
        if said["registry"] not in _NAMED:
            raise UsageError(f"the frame says that it comes from {shown(said['registry'])}, a registry that nobody has "
                             "named here; if you trust it, name it with registry=")  # fmt: skip
        registry, kept = _NAMED[said["registry"]]
        cache = cache or kept
    version = version or (WORKING if attrs.get("working") else said.get("version"))
    return data(version, registry, cache, voice or said.get("voice"))


def connect(
    version: str | None = None, registry: str | None = None, cache: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with a view per table; observations are in a schema of that name.

    It holds the rows whose bytes were proven and is shut in: no file, network, extension or setting is in its reach.
    Raises  MissingExtra without DuckDB; IntegrityError if a file is not the one that the release promises
    """
    return data(version, registry, cache).connect()


def cite(frame: pd.DataFrame | pd.Series | None = None, style: str = "bibtex", *, table: str | None = None,
         version: str | None = None, voice: str | None = None, registry: str | None = None,
         cache: Path | None = None, lock: str | Path | None = None) -> str:  # fmt: skip
    """Return the citation of a release and, for a frame or one row of it, of the articles behind exactly its rows.

    `style` is bibtex, ris, csl-json, datacite, or the name of a style of the Citation Style Language, such as apa.
    `table` names the table of a frame that has lost its `attrs`; key columns may stand in the index. `lock` names a
    file to keep rows, cells and claims in, for `recheck`.
    Raises  NotFound for an unknown style, UsageError for a frame that does not say where it is from, MissingExtra,
            WriteError
    """
    found = _from(frame, version, registry, cache, voice)
    told = found.cite(frame, style, table)
    if lock is not None:
        kept = found.lock(frame, table).encode()
        with disk.writing(Path(lock)):
            disk.put(Path(lock), kept)
    return told


def recheck(lock: str | Path, *, version: str | None = None, registry: str | None = None,
            cache: Path | None = None) -> pd.DataFrame:  # fmt: skip
    """Return which cells that a lock of `cite` holds are no longer what they were, in the newest release or another.

    Shape   one row per cell, none if all stand: table, key, column (of a whole row missing), kind, was, now, claim_was,
            claim_now, reason; `kind` is corrected, revised, replaced, completed, withdrawn or disputed
    Raises  NotFound or ConfigError if there is no lock; UsageError for one of another package or a later release
    """
    from datapkg.compare import rechecked

    return rechecked(Path(lock), data(version, registry, cache))


def versions(registry: str | None = None, cache: Path | None = None) -> pd.DataFrame:
    """Return the releases inside the package and, with a registry, those that are published there.

    Shape   one row per version, in order: version, created, installed, newer (than all inside the package);
            `df.attrs["stale"]` says why newer ones may be missing, if the registry did not answer
    Raises  Unreachable if the registry does not answer and is not in the cache
    """
    import pandas as pd

    last = newest()
    own = list(installed().versions()) if last else []
    listed = Registry.open(registry, cache).versions() if registry else None
    known = {record.version: record for record in [*(listed or ()), *own]}
    order = [record.version for record in (listed.having(*own) if listed else own)]
    place = order.index(last) if last else -1
    here = {record.version for record in own}
    rows = [
        {"version": v, "created": known[v].created, "installed": v in here, "newer": number > place}
        for number, v in enumerate(order)
    ]
    frame = pd.DataFrame(rows, columns=["version", "created", "installed", "newer"])
    frame.attrs["stale"] = listed.stale if listed else ""
    return frame


def diff(old: str | Path, new: str | Path, registry: str | None = None, cache: Path | None = None) -> Diff:
    """Return what changed between two releases, folders, or the working build ("working").

    Raises  NotFound for what is neither a version nor a folder, IntegrityError if a file is not the one promised
    """
    from datapkg.compare import compare

    return compare(folder(old, registry, cache, mirror=False), folder(new, registry, cache, mirror=False))


def folder(name: str | Path, registry: str | None = None, cache: Path | None = None, *, mirror: bool = True,
           key: str | None = None) -> Path:  # fmt: skip
    """Return the folder of a release, with all its files, of a package, or of the working build.

    Without `mirror` the CSV files of a remote release are not fetched. With the public key `key` a signature by it is
    preferred to another that may be there; this proves none.
    Raises  NotFound for what is neither a version nor a folder
    """
    if name == WORKING:
        return _working().root
    if isinstance(name, Path) or Path(name).is_dir():
        if not any((Path(name) / file).is_file() for file in ("datapackage.json", SUMS)):
            raise NotFound(f"no datapackage.json in {name}; expected the folder of a release or of a repository")
        return Path(name)
    place = _place(registry, cache)
    found = place.release(name)
    if not place.folder:
        for path in sums(place.file(name, SUMS), SUMS):
            if mirror or not path.startswith("csv/"):
                place.file(name, path)
        place.signatures(name, key)
    return found
