"""A figure of a company: revenue, capital expenditure, capacity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of company_metrics."""
    yield "company_metrics", columns
