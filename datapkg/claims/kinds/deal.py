"""A deal between companies, and its parties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a row of deals, and one per party of deal_parties."""
    parties = columns.pop("parties", [])
    yield "deals", columns
    for party in parties:
        yield "deal_parties", {"deal_id": columns["deal_id"], **party}
