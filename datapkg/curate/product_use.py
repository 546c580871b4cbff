"""Who uses which product, and what for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of product_uses."""
    yield "product_uses", columns
