"""A diff for those who review claims: what contradicts what now, then rows and cells, table by table."""

from __future__ import annotations

import json
from typing import Any

from datapkg.compare.diff import Diff, needed
from datapkg.compare.text import listed, numbers, quiet, short
from datapkg.model import text

ROWS = ("cell_changed", "row_added", "row_removed", "id_retired")


def report(diff: Diff, against: str, limit: int = 20) -> str:
    """Return a diff as Markdown for a pull request, with up to `limit` changes of each table."""
    lines = [f"## Changes against {text.markdown(against)}", ""]
    if diff.same:
        return "\n".join([*lines, "The tables are the same.", ""])
    lines += [*numbers(diff), "", f"{quiet(diff)}. A release of these changes is a **{needed(diff)[0]}** one.", ""]
    for table in diff.changed:
        rows = diff.rows(table, "row_added", limit) if table.name == "conflicts" else []
        lines += ["### New contradictions", "", *map(_contradiction, rows), ""] if rows else []
    for table in diff.changed:
        items = list(listed(diff, table, ROWS, limit))
        lines += [f"### {table.name}", "", *items, ""] if items else []
    return "\n".join(lines)


def _contradiction(row: dict[str, Any]) -> str:
    """Return a new row of the table of conflicts as an item of a list."""
    cells = {name: text.code(short(str(value))) for name, value in json.loads(row["new_value"]).items()}
    used, other = (f"{cells[f'{side}_value']} ({cells[f'{side}_claim_id']})" for side in ("chosen", "other"))
    return f"- {cells['table']} {cells['key']}: {cells['column']} is {used}, otherwise {other}"
