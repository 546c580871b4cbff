"""The tables that observations make: facts by the policy, and their conflicts as rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.facts import engine
from datapkg.facts.conflicts import conflict_rows
from datapkg.facts.consolidate import consolidate
from datapkg.model import PREFIX, Spec, period

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SMALL = 10_000
"""Rows that pyarrow consolidates; beyond a batch of 32,768 its joins, by which Narwhals makes windows, mix up rows."""


def consolidated(rows: Mapping[str, list[dict[str, Any]]], specs: Mapping[str, Spec]) -> dict[str, pa.Table]:
    """Return all tables as Arrow: registries and records as they are, facts and conflicts from the observations.

    Shape   every table of the specs, facts and registries first, observations last
    """
    tables = {name: engine.to_arrow(rows[name], spec) for name, spec in specs.items() if name in rows}
    conflicts: list[dict[str, Any]] = []
    day = as_of(rows["sources"])
    for name, spec in specs.items():
        if spec.role == "fact":
            tables[name], found = facts(tables[PREFIX + name], spec, day)
            conflicts += found
    tables["conflicts"] = engine.to_arrow(conflicts, specs["conflicts"])
    return {name: tables[name] for name in sorted(tables, key=lambda n: (n.startswith(PREFIX), n))}


def as_of(sources: Iterable[Mapping[str, Any]]) -> date | None:
    """Return the last day on which a source was published or read; what is open is judged as of then."""
    said = {text for row in sources for text in (row.get("published"), row.get("retrieved")) if text}
    return max((period(text).end for text in said), default=None)


def facts(observed: pa.Table, spec: Spec, day: date | None = None) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Return the facts of one table, `stale` as of a day, and the rows of its conflicts.

    By pyarrow, which starts at once, or by DuckDB if the observations are many.
    """
    if not observed.num_rows:
        return spec.arrow().empty_table(), []
    silent = frozenset(name for name in observed.column_names if observed.column(name).null_count == observed.num_rows)
    frame = observed if observed.num_rows <= SMALL else engine.connect({spec.name: observed}).table(spec.name)
    result = consolidate(frame, spec, as_of=day, silent=silent)
    made = engine.cast(result.facts.collect(backend="pyarrow").to_arrow(), spec)
    differ = any(made.column("disputed").to_pylist()) or any(made.column("revised").to_pylist()) or bool(spec.stages)
    return made, conflict_rows(spec, result, observed.to_pylist()) if differ else []


def workable(observed: pa.Table) -> pa.Table | pd.DataFrame:
    """Return observations as a frame that a reader's libraries consolidate: Arrow while they are few, else pandas."""
    if observed.num_rows <= SMALL:
        return observed
    import pandas as pd

    # Arrow's types, because nulls of numpy's compare as unequal to everything, themselves included
    frame: pd.DataFrame = observed.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
