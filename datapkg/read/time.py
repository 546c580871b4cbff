"""Rows by time: when they held, and when they were known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.model import PREFIX, Period, UsageError, expected, meant, period
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc

SPANS = (("period_start", "period_end"), ("valid_from", "valid_to"), ("start_date", "end_date"), ("date", "date"))
"""Columns that say when a row holds, by which `valid_on` selects."""
VALIDITY = SPANS[1]
STATED = ("first_claimed", "last_stated")
"""Days of the first and the last claim: what has no stated beginning or end is known to hold from one to the other."""


def asked_period(name: str, given: str | date | None) -> Period | None:
    """Return a day or an EDTF text as a period, None for None.

    Raises  UsageError that names the argument
    """
    if given is None:
        return None
    expected(name, given, (str, int, date), "a day or a period, such as 2023-Q4")
    try:
        return meant(given.isoformat()[:10] if isinstance(given, date) else str(given))
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error


def span_of(store: Store, name: str) -> tuple[str, str]:
    """Return the columns that say when a row of a table holds.

    Raises  UsageError that lists the tables that have such columns
    """
    for span in SPANS:
        if span[0] in store.columns(name):
            return span
    able = [n for n in store.names() if not n.startswith(PREFIX) and any(s[0] in store.columns(n) for s in SPANS)]
    raise UsageError(f"table '{name}' does not say when its rows hold; valid_on works with {', '.join(able)}")


def within(span: tuple[str, str] | None, when: Period | None) -> pc.Expression | None:
    """Return the condition that a row's period and the one asked for have a day in common, for dates."""
    if span is None or when is None or span != SPANS[0]:
        return None
    import pyarrow.compute as pc

    return (pc.field(span[0]) <= when.end) & (pc.field(span[1]) >= when.start)


def needed(span: tuple[str, str] | None, have: Sequence[str]) -> list[str]:
    """Return the columns by which `covering` selects, as far as a table has them."""
    if span is None:
        return []
    return [*span, *(c for c in (*STATED, "company_id") if span == VALIDITY and c in have)]


def covering(table: pa.Table, span: tuple[str, str] | None, when: Period | None,
             ends: Mapping[str, str] | None = None) -> pa.Table:  # fmt: skip
    """Return the rows whose EDTF dates and the period asked for may have a day in common.

    Without a stated valid_from or valid_to, a row is known to hold from its first to its last statement; with `ends`,
    what has no stated end is taken as open, but for companies that were dissolved. An event without an end takes place
    when it begins, and one without a beginning is left out.
    """
    if span is None or when is None or span == SPANS[0]:
        return table
    import pyarrow as pa

    rows = table.select(needed(span, table.column_names)).to_pylist()
    return table.filter(pa.array([_holds(row, span, when, ends) for row in rows], pa.bool_()))


def _holds(row: Mapping[str, Any], span: tuple[str, str], when: Period, ends: Mapping[str, str] | None) -> bool:
    begin, end = row[span[0]], row[span[1]]
    if span != VALIDITY:
        return bool(begin) and period(begin).start <= when.end and period(end or begin).end >= when.start
    first, last = (row.get(column) for column in STATED)
    if ends is not None:
        gone = end or ends.get(row.get("company_id", ""))
        return (not begin or period(begin).start <= when.end) and (not gone or period(gone).end >= when.start)
    began = period(begin).start if begin else first
    over = period(end).end if end else last
    if over and began and not end and over < began:
        over = period(begin).end
    return (began is None or began <= when.end) and (over is None or over >= when.start)


def known_condition(store: Store, name: str, known: Period | None) -> pc.Expression | None:
    """Return the condition that a row had been published by the end of a period.

    Raises  UsageError for a table without publication dates
    """
    if known is None:
        return None
    if "known_from" not in store.columns(name):
        raise UsageError(
            f"table '{name}' {store.nature(name)} and does not say what was known when; "
            f"known_by works with {', '.join([*store.facts(), 'sources'])}"
        )
    import pyarrow.compute as pc

    return pc.field("known_from") <= known.end


def frequency(text: str) -> str:
    """Return how long a period of the tables is: Y, H, Q, M, D, or interval for one from some time to another."""
    if "/" in text:
        return "interval"
    part = text[5:6]
    return part if part in ("H", "Q") else {4: "Y", 7: "M"}.get(len(text), "D")


def ends(store: Store, have: Sequence[str]) -> dict[str, str]:
    """Return when the companies that a table's rows are about were dissolved: no office outlasts its company."""
    if "company_id" not in have or "dissolved" not in store.columns("companies"):
        return {}
    rows = store.read("companies", ["company_id", "dissolved"]).to_pylist()
    return {row["company_id"]: row["dissolved"] for row in rows if row["dissolved"]}
