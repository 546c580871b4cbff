"""A waiting time between order and delivery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datapkg.values import duration_days


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of product_lead_times, with the duration in days."""
    yield "product_lead_times", {**columns, "days": duration_days(columns["duration"])}
