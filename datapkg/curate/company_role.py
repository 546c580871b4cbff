"""What a company does: fabless, foundry, IDM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row of company_roles."""
    yield "company_roles", columns
