"""The chain of a figure: forecasts and counts of every voice, beside what it said before and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from datapkg.facts.conflicts import value_text
from datapkg.facts.figure import counted, difference, difference_unit, figure
from datapkg.facts.outcomes import outcome
from datapkg.facts.policy import complete
from datapkg.facts.rows import Rows
from datapkg.facts.vintages import Row, Vintage, thing, vintages
from datapkg.model import Group, Spec

if TYPE_CHECKING:
    import pyarrow as pa


def chains(observed: pa.Table, facts: pa.Table, spec: Spec) -> list[dict[str, Any]]:
    """Return what was said about each thing that observations are about, by day; `facts` are those of the same things.

    Shape   one row per vintage: the columns of the first claim that states it; value, it as text; change against what
            the voice said before in the same unit, in change_unit; for a forecast outcome, outcome_voice and error, by
            how much it lies above that; claims, how many state it
    """
    group = counted(spec)
    if group is None or not observed.num_rows:
        return []
    rows = complete(Rows.of(observed)).rows()
    came = (row for row in facts.to_pylist() if not row["forecast"])
    # facts of releases before 0.4.0 have no vintage
    chosen = {thing(row, spec): {"vintage": row["known_from"], **row} for row in came}
    counts: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        counts.setdefault(thing(row, spec), []).extend([] if row["forecast"] else [row])
    told = sorted(vintages(rows, spec, group).items())
    return [line for about, said in told for line in _chain(said, counts[about], chosen.get(about), spec, group)]


def _chain(told: Iterable[Vintage], counts: Iterable[Row], fact: Row | None, spec: Spec,
           group: Group) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the vintages of one thing, in the order of their days."""
    before: dict[tuple[Any, ...], Vintage] = {}
    for vintage in told:
        row, said = vintage.row, vintage.figure
        unit = difference_unit(row, spec, group)
        line = (row["voice"], said.unit)
        prior, before[line] = before.get(line), vintage
        came = outcome(row, counts, fact, group) if row["forecast"] else None
        yield {
            **row,
            "value": value_text(row, group),
            "change": None if prior is None else difference(said, prior.figure, unit),
            "change_unit": unit,
            "outcome": None if came is None else value_text(came, group),
            "outcome_voice": came and came["voice"],
            "error": None if came is None else difference(said, figure(came, group), unit),
            "claims": vintage.claims,
        }
