"""A diff in words: a summary for the terminal, Markdown for CHANGES.md, a record for JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from datapkg.compare.diff import Diff, TableDiff, needed, reasons
from datapkg.model import text

_ROWS = ("cell_changed", "row_added", "row_removed")
_SIGNS = {"cell_changed": "~", "row_added": "+", "row_removed": "-", "id_retired": "x"}
_WIDTH = 120  # of one value; the whole of it is in changes.parquet


def title(diff: Diff) -> str:
    """Return what is compared, for example "semi: 0.1.0 -> 0.2.0"."""
    return f"{diff.name}: {diff.old_version or 'nothing'} -> {diff.new_version}"


def summary(diff: Diff, examples: int = 3) -> str:
    """Return a diff for a terminal: the level that it needs and why, then every table with a few examples."""
    if diff.same:
        return f"{title(diff)}\nno changes in {len(diff.tables)} tables"
    level, why = needed(diff)
    lines = [title(diff), f"needs a {level} version:", *(f"  - {reason}" for reason in why[:examples])]
    lines += [f"  and {len(why) - examples:,} more reasons"] if len(why) > examples else []
    for table in diff.changed:
        lines += _block(diff, table, examples)
    lines += ["", f"package: metadata: {', '.join(diff.metadata)}"] if diff.metadata else []
    return "\n".join([*lines, "", quiet(diff)])


def _block(diff: Diff, table: TableDiff, examples: int) -> list[str]:
    """Return the lines of one table."""
    if table.whole:
        return ["", str(table.events[0])]
    lines = ["", f"{table.name}: {table}"]
    lines += [f"  ! {event.column}: {event.what}" if event.column else f"  ! {event.what}" for event in table.events]
    for change in ("id_retired", *_ROWS):
        rows = diff.rows(table, change, examples)
        lines += [f"  {_SIGNS[change]} {_sentence(row)}" for row in rows]
        more = _number(table, change) - len(rows)
        lines += [f"    and {more:,} more"] if more else []
    return [*lines, f"  # metadata: {', '.join(table.metadata)}"] if table.metadata else lines


def quiet(diff: Diff) -> str:
    """Return how many tables did not change."""
    same = len(diff.tables) - len(diff.changed)
    return f"{same} table{'s' if same != 1 else ''} without changes"


def _number(table: TableDiff, change: str) -> int:
    counts = table.counts
    cells = sum((counts.cells or {}).values())
    return {"cell_changed": cells, "row_added": counts.added, "row_removed": counts.removed,
            "id_retired": counts.retired}[change]  # fmt: skip


def _sentence(row: dict[str, Any]) -> str:
    """Return one change of a row as a line of text."""
    why = short(row["reason"] or "")
    if row["change"] == "id_retired":
        return f"{short(row['old_value'])} -> {short(row['new_value']) if row['new_value'] else 'nothing'}"
    if row["change"] == "cell_changed":
        old, new = short(row["old_value"]), short(row["new_value"])
        return f"{short(row['key'])}: {row['column']} {old} -> {new}{_behind(_claims(row), why)}"
    return f"{short(row['key'])}{_behind(_claims(row), why)}"


def _behind(*known: str) -> str:
    """Return claims and reason in brackets, as far as there are any."""
    said = "; ".join(filter(None, known))
    return f" ({said})" if said else ""


def _claims(row: dict[str, Any]) -> str:
    """Return the claims behind a change; one if it is the same before and after."""
    return " -> ".join(dict.fromkeys(claim for claim in (row["old_claim_id"], row["new_claim_id"]) if claim))


def short(value: str | None) -> str:
    """Return a value in one line of bounded length."""
    if value is None:
        return "null"
    line = text.visible(" ".join(value.split()))
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def markdown(diff: Diff, limit: int = 50) -> str:
    """Return a diff as Markdown: needs, shape, numbers, retired ids, and up to `limit` rows of each table."""
    lines = [f"# Changes from {diff.old_version or 'nothing'} to {diff.new_version}", ""]
    if diff.same:
        return "\n".join([*lines, "No changes.", ""])
    if diff.old_version is None:
        lines += ["This is the first release.", ""]
    else:
        lines += [f"These changes need a **{needed(diff)[0]}** version:", ""]
        lines += [*(f"- {level}: {text.markdown(why)}" for level, why in reasons(diff)), ""]
    lines += ["## Tables", "", *numbers(diff), "", f"{quiet(diff)}. All changes are in `changes.parquet`."]
    retired = [line for table in diff.changed for line in listed(diff, table, ("id_retired",), limit)]
    lines += ["", "## Retired ids", "", *retired] if retired else []
    for table in diff.changed:
        rows = list(listed(diff, table, _ROWS, limit))
        lines += ["", f"## {table.name}", "", *rows] if rows else []
    return "\n".join([*lines, ""])


def numbers(diff: Diff) -> list[str]:
    """Return the numbers of rows of the tables that changed, as a table."""
    lines = ["| table | rows before | rows now | added | withdrawn | changed |", "|---|---:|---:|---:|---:|---:|"]
    for table in diff.changed:
        counts = table.counts
        rows = ["" if number is None else f"{number:,}" for number in (table.old_rows, table.new_rows)]
        done = ["" if table.whole else f"{n:,}" for n in (counts.added, counts.removed, counts.changed)]
        lines.append(f"| {' | '.join([table.name, *rows, *done])} |")
    return lines


def listed(diff: Diff, table: TableDiff, kinds: tuple[str, ...], limit: int) -> Iterator[str]:
    """Yield the first changes of a table as items of a list, and how many there are more."""
    total = sum(_number(table, change) for change in kinds)
    left = limit
    for change in kinds:
        for row in diff.rows(table, change, left) if left else []:
            left -= 1
            yield f"- {_item(row)}"
    if total > limit - left:
        yield f"- and {total - (limit - left):,} more"


def _item(row: dict[str, Any]) -> str:
    """Return one change as Markdown; values are code, so that nothing in them is markup."""
    old, new = (text.code(short(row[name])) for name in ("old_value", "new_value"))
    if row["change"] == "id_retired":
        return f"{text.code(row['table'])}: {old} → {new if row['new_value'] else 'no redirect'}"
    verb = {"cell_changed": f"{text.code(row['column'] or '')} {old} → {new}", "row_added": "added",
            "row_removed": "withdrawn"}[row["change"]]  # fmt: skip
    why = text.markdown(short(row["reason"] or ""))
    claims = " → ".join(map(text.code, filter(None, _claims(row).split(" -> "))))
    return f"{text.code(short(row['key']))}: {verb}{_behind(claims, why)}"


def record(diff: Diff, limit: int = 100) -> dict[str, Any]:
    """Return a diff for JSON: what it needs, and for every changed table numbers and up to `limit` changes a kind."""
    level, why = needed(diff)
    return {
        "name": diff.name,
        "old": diff.old_version,
        "new": diff.new_version,
        "needs": level,
        "because": why,
        "reasons": [{"level": at, "text": text} for at, text in reasons(diff)],
        "metadata": list(diff.metadata),
        "unchanged": [table.name for table in diff.tables if table.same],
        "tables": [_table(diff, table, limit) for table in diff.changed],
    }


def _table(diff: Diff, table: TableDiff, limit: int) -> dict[str, Any]:
    counts = table.counts
    listed = [row for change in ("id_retired", *_ROWS) for row in diff.rows(table, change, limit)]
    return {
        "table": table.name,
        "rows": {"old": table.old_rows, "new": table.new_rows, "added": counts.added, "removed": counts.removed,
                 "removed_without_reason": counts.unexplained, "changed": counts.changed},
        "cells": dict(counts.cells or {}),
        "ids": {"retired": counts.retired, "without_redirect": counts.lost},
        "shape": [{"change": e.change, "column": e.column, "aspect": e.aspect, "old": e.old, "new": e.new,
                   "level": e.level} for e in table.events],
        "metadata": list(table.metadata),
        "changes": [_parsed(row) for row in listed],
        "complete": len(listed) == sum(_number(table, change) for change in ("id_retired", *_ROWS)),
    }  # fmt: skip


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a change with the cells of a whole row as an object and not as a text within a text."""
    side = {"row_added": "new_value", "row_removed": "old_value"}.get(row["change"])
    return {**row, side: json.loads(row[side])} if side else row
