"""What all pages are written with: tables, and links to claims, in which values of the data stay what they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from datapkg.model import text


class Markdown(str):
    """Markdown of ours; any other text in a table is a value of the data."""


def grid(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; the word None if it has no rows."""
    lines = ["| " + " | ".join(map(cell, row)) + " |\n" for row in rows]
    return "".join(["| " + " | ".join(head) + " |\n", "|---" * len(head) + "|\n", *lines]) if lines else "None.\n"


def cell(value: Any) -> str:
    """Return a value of the data as it is, whatever is in it; what is Markdown already stays."""
    return value if isinstance(value, Markdown) else "" if value is None else text.markdown(str(value))


def claim_file(name: str, tables: Collection[str] = ()) -> Markdown:
    """Return a link to the file of a claim or a source; `tables` are the sources that are tables of others."""
    source = name.partition("/")[0]
    file = f"datasets/{source}.jsonl" if source in tables else f"claims/{source}.yaml"
    return Markdown(f"[{text.markdown(name)}](../data/raw/{file})")


def said_by(value: str, link: Markdown) -> Markdown:
    """Return a value with a link to the claim that gives it."""
    return Markdown(f"{cell(value)}, {link}")
