"""What a company considers, proposes, plans or launches; claims about one plan share its id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of plans."""
    yield "plans", columns
