"""Do the lines that pages offer give the rows that they show? Reads what pages offered as JSON, writes what differs.

Each is a page, the head and rows of its CSV, and its lines of Python and DuckDB, whose addresses are those of the site.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlretrieve

import duckdb

from datapkg.cli.render import records

LATER = {"stale"}
"""A history says from when on a fact is stale, and not whether it is."""
Rows = list[tuple[str, ...]]


def framed(lines: str, head: list[str]) -> Rows:
    """Return the rows that lines of Python give, of the working build."""
    names: dict[str, Any] = {}
    exec(re.sub(r'version="[^"]*"', 'version="working"', lines), names)
    return sorted(tuple(_text(row[name]) for name in head) for row in records(names["df"]))


def queried(sql: str, head: list[str], folder: Path) -> Rows:
    """Return the rows that a query gives, whose files are fetched from the site first."""
    for address in set(re.findall(r"'(http[^']+)'", sql)):
        file = folder / re.sub(r"[^\w.]", "-", address)
        if not file.exists():
            urlretrieve(address, file)
        sql = sql.replace(address, str(file))
    answer = duckdb.sql(sql)
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
    return sorted(tuple(_text(row[name]) for name in head) for row in rows)


def _text(value: Any) -> str:
    """Return a cell as the pages write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def differing(asked: list[dict[str, Any]]) -> Iterator[str]:
    """Yield which lines give other rows than their page."""
    with TemporaryDirectory() as folder:
        for one in asked:
            head = [name for name in one["head"] if name not in LATER]
            place = [one["head"].index(name) for name in head]
            shown = sorted(tuple(row[number] for number in place) for row in one["rows"])
            found = {"python": framed(one["python"], head), "sql": queried(one["sql"], head, Path(folder))}
            for language, rows in found.items():
                if rows != shown:
                    other = next((pair for pair in zip(rows, shown, strict=False) if pair[0] != pair[1]), None)
                    yield f"{one['hash']}: {one[language]}: {len(rows)} rows, not {len(shown)}; {other}"


print(json.dumps([*differing(json.load(sys.stdin))]))
