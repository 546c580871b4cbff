"""Why a row says what it says, in sentences: whose value it is, how sure, and by which rule each other claim lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datapkg.read.answer import Answer

HOW = {
    "own": "speaks of what it counts or reports itself",
    "named": "is named by the page",
    "unnamed": "repeats the figure and names nobody",
}


def explained(traced: Answer) -> str:
    """Return the sentences for the claims behind a row, as `trace` gives them, one to a line."""
    key = ", ".join(f"{name}={value}" for name, value in traced.attrs["key"].items())
    claims = traced.rows.to_pylist()
    lines = [f"{traced.attrs['table']} {key}: {len(claims)} claim{'' if len(claims) == 1 else 's'}"]
    return "\n".join(lines + [_sentence(row) for row in claims]) + "\n"


def _sentence(row: Mapping[Any, Any]) -> str:
    """Return what became of one claim."""
    day = str(row["vintage"])[:10]
    whose = f"{row['voice']} {HOW[row['attribution']]}, {day}, {row['tier']}, {row['certainty']}"
    if row["used_for"]:
        worked = _text(row["inferred"])
        told = f"supplies {', '.join(row['used_for'].split())}" + (f"; worked out: {worked}" if worked else "")
    else:
        told = f"is not used: {_text(row['lost_by'])}" if _text(row["lost_by"]) else "is not used"
    apart = f"; differs on {', '.join(row['disagrees_on'].split())}" if row["disagrees_on"] else ""
    return f"- {row['claim_id']} ({whose}) {told}{apart}. {row['says']}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
