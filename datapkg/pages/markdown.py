"""What all pages are written with: tables, and links to claims."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any


def grid(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; the word None if it has no rows."""
    lines = ["| " + " | ".join("" if v is None else str(v).replace("|", "\\|") for v in row) + " |\n" for row in rows]
    return "".join(["| " + " | ".join(head) + " |\n", "|---" * len(head) + "|\n", *lines]) if lines else "None.\n"


def claim_file(name: str, tables: Collection[str] = ()) -> str:
    """Return a link to the file of a claim or a source; `tables` are the sources that are tables of others."""
    source = name.partition("/")[0]
    return f"[{name}](../data/raw/{f'datasets/{source}.jsonl' if source in tables else f'claims/{source}.yaml'})"
