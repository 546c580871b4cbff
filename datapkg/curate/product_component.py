"""What a product is made of or built on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of product_components."""
    yield "product_components", columns
