"""Which country a source places a company in; the registry is compared with it, not overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of company_countries."""
    yield "company_countries", columns
