"""What all pages are written with: tables, and links to claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def grid(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; the word None if it has no rows."""
    lines = ["| " + " | ".join("" if v is None else str(v).replace("|", "\\|") for v in row) + " |\n" for row in rows]
    return "".join(["| " + " | ".join(head) + " |\n", "|---" * len(head) + "|\n", *lines]) if lines else "None.\n"


def claim_file(name: str) -> str:
    """Return a link to the file of a claim or a source."""
    return f"[{name}](../data/raw/claims/{name.partition('/')[0]}.yaml)"
