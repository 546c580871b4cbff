"""The reading half, as functions: what to read is said by version and registry, and the rest is `Data`.

Without a version the newest release inside the package is read, never silently something newer. Nothing is returned
whose digest does not match.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.read import ALL, WORKING, Data, Filters, folder, origin, points
from datapkg.read import package as data
from datapkg.registry import Registry, installed, newest

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from matplotlib.axes import Axes

    from datapkg.compare import Diff
    from datapkg.read import Description

__all__ = [
    "ALL", "WORKING", "Data", "cite", "connect", "data", "describe", "diff", "find", "folder", "load", "mentions",
    "path", "plot", "points", "recheck", "revisions", "series", "tables", "trace", "versions", "why",
]  # fmt: skip
Names = str | Sequence[str] | None
"""A name or an id, several of them, or whatever there is."""


def tables(version: str | None = None, registry: str | None = None, cache: Path | None = None) -> pd.DataFrame:
    """Return what there is to load.

    Shape   one row per table with name, title, description and rows; the observations behind the facts come last
    Raises  NotFound for an unknown version, Unreachable
    """
    return data(version, registry, cache).tables()


def load(table: str, *, columns: Sequence[str] | None = None, filters: Filters = None, policy: str = "preferred",
         valid_on: str | date | None = None, known_by: str | date | None = None, assume_open: bool = False,
         version: str | None = None, voice: str | None = None, registry: str | None = None,
         cache: Path | None = None, key: str | None = None) -> pd.DataFrame:  # fmt: skip
    """Return a table, or the rows of it that held or were known at a time; `df.attrs` says what it is.

    `columns` and `filters` (in pyarrow's form) are pushed down to Parquet. In filters a name may stand for an id
    ("TSMC", "삼성전자"), a usual spelling for a period ("1Q24"), a text for a number or date; what is none is refused.
    If no row fits, a warning and `df.attrs["empty"]` say which condition it was. `policy` chooses between claims that
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
    frame = data(version, registry, cache, voice, key).load(
        table, columns=columns, filters=filters, policy=policy, valid_on=valid_on, known_by=known_by,
        assume_open=assume_open,
    )  # fmt: skip
    if valid_on is None and known_by is None:  # that nothing held or was known by then is an answer
        _warn(frame)
    return frame


def find(text: str, kind: str | None = None, *, version: str | None = None, registry: str | None = None,
         cache: Path | None = None) -> pd.DataFrame:  # fmt: skip
    """Return what goes by a name: companies, people, products, markets, in any language, by id, name or alias.

    A company goes by its identifiers too, as the table company_identifiers has them, such as XNAS:NVDA or its LEI.
    Case, width and legal forms do not count ("tsmc", "ＴＳＭＣ", "TSMC Ltd."). `kind` is the registry to look in, such
    as "companies". What only resembles the name is returned where nothing fits it.

    Shape   one row per entry, the best fit first, then the one with the most rows: kind, id, name_en, name_ko; fit (is,
            begins, holds, near) and the name that was matched; rows that point at it, by table in tables; told, the
            observations that it is the voice of
    Raises  NotFound for an unknown kind
    """
    frame = data(version, registry, cache).find(text, kind)
    _warn(frame)
    return frame


def _warn(frame: pd.DataFrame) -> None:
    """Tell the caller of a public function why its answer is empty, if it is."""
    if "empty" in frame.attrs:
        warnings.warn(frame.attrs["empty"], stacklevel=3)


def series(table: str, *, company: Names = None, market: Names = None, product: Names = None, segment: Names = None,
           metric: Names = None, basis: Names = None, filters: Filters = None, freq: str | None = None,
           hedged: bool = False, forecast: bool = False, voice: str | None = None,
           known_by: str | date | None = None, version: str | None = None, registry: str | None = None,
           cache: Path | None = None) -> pd.DataFrame:  # fmt: skip
    """Return figures over time: a column per company, market or product, a row per period, gaps left empty.

    What is asked for goes by any name; a list of names gives their columns in that order. `freq` is Y, H, Q, M or D, by
    default what most of the rows have. Each column is told by one voice: the one given, else the one that tells most of
    it. Superseded figures are left out, and, unless asked for, those that are hedged ("up to 80") and forecasts.

    Shape   a PeriodIndex; `df.attrs` says by column whose figures they are (voices) and of which days (vintages), which
            periods are gaps, inferred, hedged or forecasts, and in left_out which rows are in no column and why
    Units   `df.attrs["units"]`, or `df.attrs["currency"]` and `df.attrs["unit"]`
    Raises  NotFound for an unknown name, table or frequency; UsageError for a table without figures over time, for what
            they do not go by, or for figures in several units; what `load` raises
    """
    from datapkg.read import Wanted, over_time

    by = {"company": company, "market": market, "product": product, "segment": segment, "metric": metric,
          "basis": basis}  # fmt: skip
    wanted = Wanted(by, filters, freq, hedged, forecast)
    frame = over_time(data(version, registry, cache, voice), table, wanted, known_by)
    _warn(frame)
    return frame


def plot(table: str, *, company: Names = None, market: Names = None, product: Names = None, segment: Names = None,
         metric: Names = None, basis: Names = None, filters: Filters = None, freq: str | None = None,
         voice: str | None = None, known_by: str | date | None = None, language: str = "en", font: str | None = None,
         version: str | None = None, registry: str | None = None, cache: Path | None = None) -> Axes:  # fmt: skip
    """Draw figures over time, as `series` finds them, and return the axes of matplotlib, `.figure` with them.

    Gaps are gaps, forecasts are dashed, hedged figures have bars or arrows, other voices thin lines with their names;
    below stand the voices and the release. With the `language` ko the names are Korean, for which a font with Hangul
    is looked for, or named by `font`: its name or its file.
    Raises  MissingExtra without matplotlib; UsageError if no font has Hangul; what `series` raises
    """
    from datapkg.read import Wanted, picture

    by = {"company": company, "market": market, "product": product, "segment": segment, "metric": metric,
          "basis": basis}  # fmt: skip
    return picture(data(version, registry, cache, voice), table, Wanted(by, filters, freq), known_by, language, font)


def describe(table: str | None = None, *, version: str | None = None, registry: str | None = None,
             cache: Path | None = None) -> Description:  # fmt: skip
    """Return what a table holds: its columns with types, units, meanings and examples; without a table, all tables.

    It prints as text, shows as HTML in a notebook, and `to_frame()` makes a pandas frame of it.
    Raises  NotFound for an unknown table
    """
    return data(version, registry, cache).describe(table)


def path(table: str, *, version: str | None = None, registry: str | None = None, cache: Path | None = None) -> Path:
    """Return the Parquet file of a table, its bytes proven, for polars, DuckDB, R and whatever else reads it.

    A file that others may change is proven for now; one that comes from a registry is kept in the cache.
    Raises  NotFound for an unknown table, IntegrityError if it is not the file that the release promises; Unreachable
    """
    return data(version, registry, cache).path(table)


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
    return origin(row, version, registry, cache, voice).trace(table, row)


def why(table: str, row: Any, *, version: str | None = None, voice: str | None = None, registry: str | None = None,
        cache: Path | None = None) -> str:  # fmt: skip
    """Return in sentences whose value a row has, how sure it is, and by which rule each other claim lost.

    `row` and the rest are as for `trace`.
    Raises  what `trace` raises
    """
    return origin(row, version, registry, cache, voice).why(table, row)


def revisions(table: str, row: Any, *, version: str | None = None, voice: str | None = None,
              registry: str | None = None, cache: Path | None = None) -> pd.DataFrame:  # fmt: skip
    """Return what every voice foretold and counted about a figure, vintage by vintage, forecasts beside their outcome.

    `row` is a row of the table (`df.iloc[0]`), or a mapping with its key or a part of it: {"market_id": "DRAM"}. Names
    and spellings of periods are resolved as in `load`. Pages that repeat a vintage count into it.

    Shape   one row per vintage: the key; vintage, voice, whether it is a forecast; value as text and in the columns of
            the table; change against what the voice said before; for forecasts outcome, outcome_voice and error, by
            how much the forecast lies above it; how many claims state it, and the first of them
    Units   change and error are in change_unit: points for percentages, else % of what is compared with
    Raises  UsageError for a table without forecasts, NotFound for a figure, column or name that is not there
    """
    return origin(row, version, registry, cache, voice).revisions(table, row)


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
    A frame of `series`, or rows and columns of it, stands for the rows of its figures. `table` names the table of a
    frame that has lost its `attrs`; key columns may stand in the index. `lock` names a file to keep rows, cells and
    claims in, for `recheck`.
    Raises  NotFound for an unknown style, UsageError for a frame that does not say where it is from, MissingExtra,
            WriteError
    """
    found = origin(frame, version, registry, cache, voice)
    told = found.cite(frame, style, table)
    if lock is not None:
        found.lock(Path(lock), frame, table)
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
