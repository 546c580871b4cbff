"""A journey to a country; claims about one visit share its id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of visits."""
    yield "visits", columns
