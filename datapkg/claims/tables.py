"""Tables of others, as CSV: cells by the names of their columns, rows by their key, each as it is written."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from datapkg.model import NotFound, UsageError, did_you_mean

NUMBERED = "row"
"""The key of a table that has none: the number of the row, counted from 1 below the header."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it ends, its number, and its cells by column."""

    line: int
    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the digest of the file that it was read from."""

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: list[Row]

    def keyed(self, key: Sequence[str] | str) -> dict[str, Row]:
        """Return the rows by the text of their key: its cells with " | " between them.

        Raises  UsageError if the table lacks a column of the key, or two rows have the same
        """
        if key == NUMBERED:
            return {f"{NUMBERED} {row.number}": row for row in self.rows}
        for column in key:
            if column not in self.columns:
                raise UsageError(
                    f"{self.name} has no column '{column}' for the key{did_you_mean(column, self.columns)}"
                )
        found: dict[str, Row] = {}
        for row in self.rows:
            text = " | ".join(row.cells[column] for column in key)
            if text in found:
                first = f"lines {found[text].line} and {row.line} of {self.name} have the key '{text}'"
                raise UsageError(f"{first}; add a column that tells them apart, or use key: {NUMBERED}")
            found[text] = row
        return found


def read_table(path: Path) -> Table:
    """Return the table in a CSV file; a column name that comes again gets its number, as in "Notes (2)".

    Cells that a row leaves out at its end are empty.
    Raises  NotFound for a missing file, UsageError for one that is no CSV in UTF-8, has no rows, or too long ones
    """
    try:
        data = path.read_bytes()
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        columns = _named(next(reader, []))
        rows = [_row(columns, cells, Row(reader.line_num, number, {}), path.name)
                for number, cells in enumerate(reader, 1)]  # fmt: skip
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path.name} is no CSV in UTF-8: {error}") from error
    if not rows:
        raise UsageError(f"{path.name} has no rows; expected a header and at least one")
    return Table(path.name, hashlib.sha256(data).hexdigest(), columns, rows)


def _row(columns: tuple[str, ...], cells: list[str], row: Row, name: str) -> Row:
    """Return a row with its cells by column."""
    if len(cells) > len(columns):
        raise UsageError(f"{name}:{row.line}: {len(cells)} cells, and the header has {len(columns)}")
    return replace(row, cells=dict(zip_longest(columns, cells, fillvalue="")))


def _named(header: list[str]) -> tuple[str, ...]:
    """Return names of columns that are all there and all different."""
    seen: Counter[str] = Counter()
    names = []
    for number, cell in enumerate(header, 1):
        name = " ".join(cell.split()) or f"column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)
