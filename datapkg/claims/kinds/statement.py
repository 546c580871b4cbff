"""What no other table can hold yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of statements; without a text of its own it is what the claim says."""
    yield "statements", {**columns, "text": columns.get("text", says)}
