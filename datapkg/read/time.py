"""Rows by time: when they held, and when they were known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from datapkg.model import PREFIX, Period, UsageError, period
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc

SPANS = (("period_start", "period_end"), ("valid_from", "valid_to"), ("start_date", "end_date"), ("date", "date"))
"""Columns that say when a row holds, by which `valid_on` selects."""


def asked_period(name: str, given: str | date | None) -> Period | None:
    """Return a day or an EDTF text as a period, None for None.

    Raises  UsageError that names the argument
    """
    if given is None:
        return None
    try:
        return period(given.isoformat()[:10] if isinstance(given, date) else str(given))
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


def covering(table: pa.Table, span: tuple[str, str] | None, when: Period | None) -> pa.Table:
    """Return the rows whose EDTF dates and the period asked for may have a day in common.

    An empty valid_from or valid_to is open; an event without an end takes place when it begins, and one without a
    beginning is left out.
    """
    if span is None or when is None or span == SPANS[0]:
        return table
    import pyarrow.compute as pc

    start, end = (table.column(column) for column in span)
    began = [t for t in start.unique().to_pylist() if t and period(t).start <= when.end]
    lasts = [t for t in {*start.unique().to_pylist(), *end.unique().to_pylist()} if t and period(t).end >= when.start]
    last = end if span == SPANS[1] else pc.coalesce(end, start)
    mask = pc.and_(_among(start, began), _among(last, lasts))
    if span == SPANS[1]:
        mask = pc.and_(pc.or_(_among(start, began), start.is_null()), pc.or_(_among(last, lasts), last.is_null()))
    return table.filter(mask)


def _among(column: pa.ChunkedArray, texts: list[str]) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(column, value_set=pa.array(texts, type=pa.string()))


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
