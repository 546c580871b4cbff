"""Forecasts beside what came of them: rows of the table `forecast_outcomes`.

A forecast counts as made on the day of its vintage, and only by claims that had been published by then: what a later
page tells of an earlier forecast may have been chosen because it came true, or did not. What nobody is named for is
nobody's forecast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.facts.conflicts import key_text, value_text
from datapkg.facts.figure import counted, difference, difference_unit, figure
from datapkg.facts.policy import RANKS
from datapkg.facts.vintages import Row, Vintage, thing, vintages
from datapkg.model import Group, Spec

if TYPE_CHECKING:
    import pyarrow as pa

HORIZONS = {"ended": 0, "quarter": 3, "year": 12, "two_years": 24}
"""By how many months before the end of its period a forecast of a horizon was made at most, that number excluded."""


def outcome_rows(spec: Spec, observed: pa.Table, facts: pa.Table, day: date | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of forecast_outcomes for one table: its forecasts of periods that were over by a day."""
    import pyarrow.compute as pc

    group = counted(spec)
    if group is None or day is None:
        return
    made = observed.filter(pc.field("forecast") & (pc.field("period_end") < day)).to_pylist()
    foretold = vintages([row for row in made if known_in_time(row)], spec, group)
    if not foretold:
        return
    counts: dict[tuple[Any, ...], list[Row]] = {about: [] for about in foretold}
    for row in observed.filter(~pc.field("forecast")).to_pylist():
        counts.get(thing(row, spec), []).append(row)
    chosen = {thing(row, spec): row for row in facts.filter(~pc.field("forecast")).to_pylist()}
    for about, told in foretold.items():
        for vintage in told:
            came = outcome(vintage.row, counts[about], chosen.get(about), group)
            yield _row(spec, group, vintage, came)


def known_in_time(row: Row) -> bool:
    """Return whether a claim proves a forecast: somebody is named for it, and it was public on its day."""
    return bool(row["attribution"] != "unnamed" and row["known_from"] <= row["vintage"])


def outcome(forecast: Row, counts: Iterable[Row], fact: Row | None, group: Group) -> Row | None:
    """Return what a forecast is measured by: the newest count of its own voice, else the fact; None if there is none.

    That is a value, or a range with both ends, in the same unit, and of a later day.
    """
    said = figure(forecast, group)

    def fits(row: Row) -> bool:
        given = figure(row, group)
        return given.point is not None and given.unit == said.unit and bool(row["vintage"] > forecast["vintage"])

    own = [row for row in counts if row["voice"] == forecast["voice"] and fits(row)]
    return _newest(own) if own else fact if fact is not None and fits(fact) else None


def _newest(counts: Sequence[Row]) -> Row:
    """Return the newest of a voice's counts; of those whose days do not tell, the one nearest to the voice."""
    since = max(row["vintage_from"] for row in counts)
    return min(
        (row for row in counts if row["vintage"] >= since),
        key=lambda row: (*(RANKS[name].index(row[name]) for name in ("attribution", "tier", "certainty")),
                         -row["vintage"].toordinal(), row["claim_id"]),
    )  # fmt: skip


def _row(spec: Spec, group: Group, made: Vintage, came: Row | None) -> dict[str, Any]:
    row, said = made.row, made.figure
    unit = difference_unit(row, spec, group)
    against = None if came is None else figure(came, group)
    reached = None if against is None else against.point
    return {
        "table": spec.name,
        "key": key_text(row, spec.key),
        "voice": row["voice"],
        "vintage": row["vintage"],
        "horizon": horizon(row),
        "period": row["period"],
        "foretold": value_text(row, group),
        "outcome": None if came is None else value_text(came, group),
        "outcome_voice": came and came["voice"],
        "outcome_vintage": came and came["vintage"],
        "error": None if against is None else difference(said, against, unit),
        "error_unit": unit,
        "within": said.holds(reached) if reached is not None and said.bounded else None,
        "claim_id": row["claim_id"],
        "times_stated": made.claims,
        "outcome_claim_id": came and came["claim_id"],
    }


def horizon(row: Mapping[str, Any]) -> str:
    """Return how long before the end of its period a forecast was made; undated where its day does not tell."""
    first, last = (_band(row["period_end"], row[column]) for column in ("vintage_from", "vintage"))
    return last if first == last else "undated"


def _band(end: date, made: date) -> str:
    months = 12 * (end.year - made.year) + end.month - made.month
    return next((name for name, limit in HORIZONS.items() if months < limit), "longer")
