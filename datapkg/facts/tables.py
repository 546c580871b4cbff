"""The tables that observations make: facts by the policy, their conflicts, and how forecasts came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from datapkg.facts import engine
from datapkg.facts.conflicts import conflict_rows
from datapkg.facts.consolidate import QUIET, TARGET, Consolidated, consolidate
from datapkg.facts.outcomes import outcome_rows
from datapkg.facts.policy import RANKS, complete
from datapkg.facts.rows import Rows
from datapkg.facts.scores import score_rows
from datapkg.model import PREFIX, Spec, period

if TYPE_CHECKING:
    import pyarrow as pa

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
    made, result = chosen(observed, spec, day=day, on=on)
    differ = any(made.column("disputed").to_pylist()) or any(made.column("revised").to_pylist()) or bool(spec.stages)
    return made, conflict_rows(spec, result, observed.to_pylist()) if result and differ else []


def chosen(observed: pa.Table, spec: Spec, policy: str = "preferred", day: date | None = None,
           on: engine.Engine | None = None) -> tuple[pa.Table, Consolidated | None]:  # fmt: skip
    """Return the facts that a policy chooses, `stale` as of a day, and how, as far as claims compete.

    A block in which each key has one claim needs no choice; facts of one block do not depend on those of another. An
    engine that is asked for chooses all the same.
    """
    import pyarrow as pa

    if on and observed.num_rows:
        result = consolidate(on(observed, spec.block), spec, policy, day, _silent(observed))
        return engine.cast(result.facts.table(), spec), result
    rows = complete(Rows.of(observed)).rows()
    claims = Counter(_of(row, spec.key) for row in rows)
    several = {_of(row, spec.block) for row in rows if claims[_of(row, spec.key)] > 1}
    compete = [_of(row, spec.block) in several for row in rows]
    alone = (row for row, competes in zip(rows, compete, strict=True) if not competes)
    made = engine.cast(engine.to_arrow(_alone(list(alone), spec, day), spec), spec)
    if not several:
        return made, None
    contested = observed.filter(pa.array(compete))
    result = consolidate(engine.workable(contested), spec, policy, day, _silent(contested))
    return engine.ordered(pa.concat_tables([made, engine.cast(result.facts.table(), spec)]), spec), result


def _silent(observed: pa.Table) -> frozenset[str]:
    """Return the columns in which no claim says anything."""
    return frozenset(c for c in observed.column_names if observed.column(c).null_count == observed.num_rows)


def _of(row: Mapping[str, Any], columns: Iterable[str]) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)


def _alone(rows: Sequence[Mapping[str, Any]], spec: Spec, day: date | None) -> Iterator[dict[str, Any]]:
    """Yield the facts of blocks in which each key has one claim: what it says stands, and nothing can be revised.

    The policy would yield the same, at the price of a hundred windows; a test holds the two together.
    """
    reached: dict[tuple[Any, ...], str] = {}
    for row in sorted(rows, key=lambda row: RANKS["tier"].index(row["tier"]), reverse=True):
        reached[_of(row, (*spec.block, "voice"))] = row["tier"]
    for row in rows:
        worked = set((row["inferred"] or "").split()) & _said(row, spec)
        fact = {
            **row,
            "tier": reached[_of(row, (*spec.block, "voice"))],
            "inferred": " ".join(c for c in spec.columns if c in worked) or None,
            "first_claimed": row["known_from"],
            "last_stated": row["known_from"],
            "claim_count": 1,
            "source_count": 1,
            **dict.fromkeys(("superseded", "revised", "disputed"), False),
        }
        since = stale_from(fact, spec)
        yield {**fact, "stale": day is not None and since is not None and since <= day}


def _said(row: Mapping[str, Any], spec: Spec) -> set[str]:
    """Return the columns of a fact that a claim supplies: of a group in which it says nothing, none."""
    first = spec.leading or (*spec.groups, None)[0]
    told = (g for g in spec.groups if g == first or any(row[column] is not None for column in g.columns))
    return {*spec.key, *(column for group in told for column in group.columns)}


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
