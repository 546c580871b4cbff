"""A waiting time between order and delivery: a duration with its hedge, or a range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datapkg.model import bounds, duration_days


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of product_lead_times, with the durations in days and the bounds that the hedge implies."""
    given = (columns.get(name) for name in ("duration", "duration_low", "duration_high"))
    days, shortest, longest = (None if text is None else duration_days(text) for text in given)
    low, high = bounds(days, shortest, longest, columns["qualifier"])
    yield "product_lead_times", {**columns, "days": days, "days_low": low, "days_high": high}
