"""What a paper cites, kept as a small file: the release, and the rows and cells of it with the claims behind them.

A lock holds the values of the release and not those of the frame, which may have been rounded since; the frame says
which rows and columns. `datapkg recheck` compares it with later releases, without the release that it was made of.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.facts import key_text
from datapkg.model import PREFIX, TABLE, ConfigError, NotFound, UsageError, disk, jsontext, limits, misfit
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
_NAME = (str, type(None))
_LOCK = {
    "format": int, "name": str, "version": str, "sha256sums": _NAME, "sha256": str,
    "tables": [{
        "table": TABLE, "policy": str, "voice": _NAME, "known_by": _NAME, "key": [str],
        "rows": [{"key": dict, "claim_id": _NAME, "cells": dict, "claims": dict, "conflicts": [[_NAME], ...]}],
    }],
}  # fmt: skip


def lock_text(store: Store, tables: Sequence[Mapping[str, Any]]) -> str:
    """Return a lock as the text of its file; its own digest shows whether somebody has edited it."""
    head = {"format": FORMAT, "name": store.about["name"], "version": store.about["version"], "sha256sums": store.sums}
    return json.dumps({**head, "sha256": _digest(tables), "tables": tables}, ensure_ascii=False, indent=1) + "\n"


def _digest(tables: Any) -> str:
    return hashlib.sha256(json.dumps(tables, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def read_lock(path: Path) -> dict[str, Any]:
    """Return a lock.

    Raises  NotFound if there is no such file, ConfigError if it is no lock or was edited
    """
    try:
        found = jsontext.loads(disk.read(path, limits.LOCK))
    except FileNotFoundError as error:
        raise NotFound(f"no file {path}; datapkg.cite(frame, lock='{path.name}') makes one") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no lock that datapkg wrote: {error}") from error
    wrong = misfit(found, _LOCK)
    if wrong:
        raise ConfigError(f"{path} is no lock that datapkg wrote: {wrong}")
    if found["format"] > FORMAT:
        raise ConfigError(f"{path} has the format {found['format']}, which a newer datapkg wrote; this one reads 1")
    if found["sha256"] != _digest(found["tables"]):
        raise ConfigError(f"{path} was edited: its rows have another digest than it says; cite them again")
    lock: dict[str, Any] = found
    return lock


def locked(store: Store, table: str, rows: pd.DataFrame, stored: pd.DataFrame) -> dict[str, Any]:
    """Return what a lock says about rows of a table: `rows` name them by their key, `stored` has the whole table.

    Raises  UsageError for a row that the table does not have
    """
    asked = stored.attrs
    name = PREFIX + table if asked["policy"] == "all" else table
    key, wanted = store.key(name), {key_text(row, store.key(name)) for row in plain(rows)}
    found = {text: row for row in plain(stored) if (text := key_text(row, key)) in wanted}
    for text in sorted(wanted - set(found)):
        raise UsageError(f"'{text}' is no row of '{name}' in {store.about['version']}; cite rows of that release")
    values = store.values(name)
    columns = [column for column in values if column in rows.columns] or values
    said = observations(store, name)
    conflicts = contradictions(store, name) if asked["policy"] == "preferred" else {}
    return {
        "table": table,
        **{part: asked.get(part) for part in ("policy", "voice", "known_by")},
        "key": key,
        "content_hash": store.resource(name).get("content_hash"),
        "rows": [_row(row, key, columns, said[text], conflicts.get(text, [])) for text, row in found.items()],
    }


def _row(row: Mapping[str, Any], key: Sequence[str], columns: Sequence[str], said: Sequence[Mapping[str, Any]],
         conflicts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # fmt: skip
    behind = {column: stating(row, column, said) for column in columns}
    own = row.get("claim_id")
    return {
        "key": {column: row[column] for column in key},
        "claim_id": own,
        "cells": {column: row[column] for column in columns},
        "claims": {column: claim for column, claim in behind.items() if claim != own},
        "conflicts": [[entry["column"], entry["other_claim_id"], entry["other_value"]] for entry in conflicts],
    }


def stating(row: Mapping[str, Any], column: str, said: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the claim behind a cell: that of the row if it states the value, else the first that does."""
    own: str | None = row.get("claim_id")
    value = row[column]
    found = [entry["claim_id"] for entry in said if value is not None and entry.get(column) == value]
    return own if own in found or not found else found[0]


def observations(store: Store, name: str) -> Mapping[str, list[dict[str, Any]]]:
    """Return what claims say about the rows of a table, by key as text; nothing for what is not made of claims."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    if PREFIX + name in store.resources:
        key = store.key(name)
        for row in store.read(PREFIX + name).to_pylist():
            found[key_text(row, key)].append({column: _plain(value) for column, value in row.items()})
    return found


def contradictions(store: Store, name: str) -> Mapping[str, list[dict[str, Any]]]:
    """Return what `conflicts` has about the rows of a table, by key as text."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in store.read("conflicts").to_pylist() if "conflicts" in store.resources else ():
        if row["table"] == name:
            found[row["key"]].append(row)
    return found


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as JSON has them: days as texts, what is missing as null."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(column): _plain(value) for column, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value
