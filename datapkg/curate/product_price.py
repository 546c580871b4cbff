"""A price: a number with its hedge, or a range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datapkg.values import bounds


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of product_prices, with the bounds that the hedge implies."""
    low, high = bounds(columns.get("amount"), columns.get("low"), columns.get("high"), columns["qualifier"])
    yield "product_prices", {**columns, "low": low, "high": high}
