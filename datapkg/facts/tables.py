"""The tables that observations make: facts by the policy, their conflicts, and how forecasts came out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from datapkg.facts import engine
from datapkg.facts.alone import alone
from datapkg.facts.conflicts import conflict_rows
from datapkg.facts.consolidate import QUIET, TARGET, Consolidated, consolidate
from datapkg.facts.outcomes import outcome_rows
from datapkg.facts.policy import complete
from datapkg.facts.scores import score_rows
from datapkg.model import PREFIX, Spec, beside, period

if TYPE_CHECKING:
    import pyarrow as pa

    from datapkg.facts.columns import Columns, Numbers

OUTCOMES, SCORES = "forecast_outcomes", "forecast_scores"


def consolidated(rows: Mapping[str, list[dict[str, Any]]], specs: Mapping[str, Spec],
                 on: engine.Engine | None = None, until: date | None = None) -> dict[str, pa.Table]:  # fmt: skip
    """Return all tables as Arrow: registries and records as they are, the rest from the observations, `on` an engine.

    What is open is judged as of the last day on which a source was published or read, of others `until`.
    Shape   every table of the specs, facts and registries first, observations last
    """
    tables = {name: engine.to_arrow(rows[name], spec) for name, spec in specs.items() if name in rows}
    conflicts: list[dict[str, Any]] = []
    day = max(filter(None, (as_of(rows["sources"]), until)), default=None)
    for name, spec in specs.items():
        if spec.role == "fact":
            tables[name], found = facts(tables[PREFIX + name], spec, day, on)
            conflicts += found
    tables["conflicts"] = engine.to_arrow(conflicts, specs["conflicts"])
    if {OUTCOMES, SCORES} <= specs.keys():  # of which schemas of older releases know nothing
        outcomes = [row for name, spec in specs.items() if spec.role == "fact"
                    for row in outcome_rows(spec, tables[PREFIX + name], tables[name], day)]  # fmt: skip
        tables[OUTCOMES] = engine.to_arrow(outcomes, specs[OUTCOMES])
        tables[SCORES] = engine.to_arrow(score_rows(outcomes), specs[SCORES])
    return {name: tables[name] for name in in_order(tables)}


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of tables as they follow each other: facts and registries first, observations last."""
    return sorted(names, key=lambda name: (name.startswith(PREFIX), name))


def as_of(sources: Iterable[Mapping[str, Any]]) -> date | None:
    """Return the last day by which a source was published or read; what is open is judged as of then.

    A page of "2026" that was read in November had been published by then, and tells nothing of December.
    """
    said = {text for row in sources if (text := row.get("retrieved") or row.get("published"))}
    return max((period(text).end for text in said), default=None)


def facts(observed: pa.Table, spec: Spec, day: date | None = None,
          on: engine.Engine | None = None) -> tuple[pa.Table, list[dict[str, Any]]]:  # fmt: skip
    """Return the facts of one table, `stale` as of a day, and the rows of its conflicts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    made, conflicts = list[pa.Table](), list[dict[str, Any]]()
    for part, found, result in _parts(observed, spec, "preferred", day, on):
        made.append(found)
        if result and (spec.stages or any(pc.any(found.column(name)).as_py() for name in ("disputed", "revised"))):
            conflicts += conflict_rows(spec, result, part)
    return engine.ordered(pa.concat_tables(made), spec), conflicts


def chosen(observed: pa.Table, spec: Spec, policy: str = "preferred", day: date | None = None) -> pa.Table:
    """Return the facts that a policy chooses, `stale` as of a day."""
    import pyarrow as pa

    return engine.ordered(pa.concat_tables(found for _, found, _ in _parts(observed, spec, policy, day)), spec)


def _parts(observed: pa.Table, spec: Spec, policy: str, day: date | None,
           on: engine.Engine | None = None) -> Iterator[tuple[pa.Table, pa.Table, Consolidated | None]]:  # fmt: skip
    """Yield observations, their facts and, as far as claims compete, how these were chosen, of some blocks at a time.

    Facts of one block do not depend on those of another, and one in which each key has one claim needs no choice. An
    engine that is asked for is given all.
    """
    if not observed.num_rows:
        yield observed, spec.arrow().empty_table(), None
        return
    silent = frozenset(c for c in observed.column_names if observed.column(c).null_count == observed.num_rows)
    if on:
        result = consolidate(on(observed, spec.block), spec, policy, day, silent)
        yield observed, engine.cast(result.facts.table(), spec), result
        return
    import numpy as np

    from datapkg.facts.columns import Columns

    blocks, competes = _competing(Columns.of(observed.select({*spec.key, *spec.block})), spec)
    few = observed.filter(~competes)
    yield few, engine.cast(alone(complete(Columns.of(few)), spec, day).table(), spec), None

    def made(part: pa.Table) -> tuple[pa.Table, pa.Table, Consolidated]:
        result = consolidate(engine.workable(part), spec, policy, day, silent)
        return part, engine.cast(result.facts.table(), spec), result

    yield from beside(made, engine.parted(observed, blocks, np.flatnonzero(competes)))


def _competing(frame: Columns, spec: Spec) -> tuple[Numbers, Numbers]:
    """Return the number of each row's block, and whether in that block a key has several claims."""
    import numpy as np

    keys, blocks = frame.groups_of(*spec.key), frame.groups_of(*spec.block)
    several = np.bincount(keys.numbers, minlength=1)[keys.numbers] > 1
    return blocks.numbers, np.bincount(blocks.numbers, several, minlength=1)[blocks.numbers] > 0


def stale_from(row: Mapping[str, Any], spec: Spec) -> date | None:
    """Return the first day as of which a fact is stale, past its target or not heard of for QUIET years; None if never.

    `consolidate` judges the same of whole tables, as of one day; a test holds the two together.
    """
    if TARGET not in spec.columns or not spec.stages:  # tables of older releases have no stages
        return None
    if spec.stages.get(row[str(spec.status)], 99) >= max(spec.stages.values()):
        return None
    said: date = row["last_stated"]
    leap = (said.month, said.day) == (2, 29)
    silent = date(said.year + QUIET, 3, 1) if leap else said.replace(year=said.year + QUIET) + timedelta(1)
    target = row[TARGET] and period(row[TARGET]).end
    return min(silent, target + timedelta(1)) if target else silent
