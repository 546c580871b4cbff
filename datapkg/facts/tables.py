"""The tables that observations make: facts by the policy, and their conflicts as rows of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datapkg.facts import engine
from datapkg.facts.conflicts import conflict_rows
from datapkg.facts.consolidate import consolidate
from datapkg.model import PREFIX, Spec

if TYPE_CHECKING:
    import pyarrow as pa

SMALL = 10_000
"""Rows that pyarrow consolidates; beyond a batch of 32,768 its joins, by which Narwhals makes windows, mix up rows."""


def consolidated(rows: Mapping[str, list[dict[str, Any]]], specs: Mapping[str, Spec]) -> dict[str, pa.Table]:
    """Return all tables as Arrow: registries and records as they are, facts and conflicts from the observations.

    Shape   every table of the specs, facts and registries first, observations last
    """
    tables = {name: engine.to_arrow(rows[name], spec) for name, spec in specs.items() if name in rows}
    conflicts: list[dict[str, Any]] = []
    for name, spec in specs.items():
        if spec.role == "fact":
            tables[name], found = facts(tables[PREFIX + name], spec)
            conflicts += found
    tables["conflicts"] = engine.to_arrow(conflicts, specs["conflicts"])
    return {name: tables[name] for name in sorted(tables, key=lambda n: (n.startswith(PREFIX), n))}


def facts(observed: pa.Table, spec: Spec) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Return the facts of one table and the rows of its conflicts.

    Only keys with several claims are consolidated: by pyarrow, which starts at once, or by DuckDB if they are many.
    """
    alone, shared = _parted(observed, spec)
    made, conflicts = [alone], []
    if shared.num_rows:
        small = shared.num_rows <= SMALL
        silent = frozenset(name for name in shared.column_names if shared.column(name).null_count == shared.num_rows)
        frame = shared if small else engine.connect({spec.name: shared}).table(spec.name)
        result = consolidate(frame, spec, silent=silent)
        made.append(engine.cast(result.facts.collect(backend="pyarrow").to_arrow(), spec))
        disputed = any(made[1].column("disputed").to_pylist())
        conflicts = conflict_rows(spec, result, shared.to_pylist()) if disputed else []
    import pyarrow as pa

    return engine.cast(pa.concat_tables(made), spec), conflicts


def _parted(observed: pa.Table, spec: Spec) -> tuple[pa.Table, pa.Table]:
    """Return the facts of the keys about which there is one claim, and the observations of the other keys.

    What one claim says stands as it is, so that the policy has nothing to choose from.
    """
    import pyarrow as pa

    keys = list(zip(*(observed.column(name).to_pylist() for name in spec.key), strict=True))
    many = Counter(keys)
    once = pa.array([many[key] == 1 for key in keys], pa.bool_())
    twice = pa.array([many[key] > 1 for key in keys], pa.bool_())
    alone, counts = observed.filter(once), {"claim_count": 1, "source_count": 1, "disputed": False}
    for name, value in counts.items():
        alone = alone.append_column(name, pa.repeat(value, alone.num_rows))
    return engine.cast(alone, spec), observed.filter(twice)
