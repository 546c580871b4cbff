"""A share of a market: a number with its hedge, or a range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datapkg.values import bounds


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of market_shares, with the bounds that the hedge implies."""
    low, high = bounds(columns.get("share_pct"), columns.get("share_low_pct"), columns.get("share_high_pct"),
                       columns["qualifier"])  # fmt: skip
    yield "market_shares", {**columns, "share_low_pct": low, "share_high_pct": high}
