"""Tables as lines of text: columns in line, whatever the script, and no wider than there is room for.

Without colours or other styles, so that a terminal, a pipe and a log get the same.

Source  cells that a character takes: Unicode Standard Annex 11, East Asian Width
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import category, east_asian_width

WIDEST = 48
"""Cells of one column where room is short; longer texts wrap."""
GAP = "  "


@dataclass(frozen=True)
class Column:
    """A column of texts under its name; numbers stand to the right."""

    name: str
    cells: Sequence[str]
    right: bool = False

    @cached_property
    def width(self) -> int:
        """Cells of its widest text."""
        return max(map(width, (self.name, *self.cells)))


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def fitting(columns: Sequence[Column], room: int) -> int:
    """Return how many columns, from the left, fit into so many cells; at least one."""
    used = -len(GAP)
    for number, column in enumerate(columns):
        used += min(column.width, WIDEST) + len(GAP)
        if used > room:
            return max(number, 1)
    return len(columns)


def lines(columns: Sequence[Column], room: int | None = None) -> Iterator[str]:
    """Yield the names, a rule, and the rows; texts wrap where columns that fit are given `room`."""
    wide = _widths(columns, room)
    yield _line([column.name for column in columns], columns, wide)
    yield "─" * (sum(wide) + len(GAP) * (len(columns) - 1))
    for row in zip(*(column.cells for column in columns), strict=True):
        parts = [wrapped(cell, most) for cell, most in zip(row, wide, strict=True)]
        for number in range(max(map(len, parts))):
            yield _line([part[number] if number < len(part) else "" for part in parts], columns, wide)


def _widths(columns: Sequence[Column], room: int | None) -> list[int]:
    """Return the cells of each column: as many as it takes, and what is left of the room goes to those cut short."""
    if room is None:
        return [column.width for column in columns]
    wide = [min(column.width, WIDEST, room) for column in columns]
    left = room - sum(wide) - len(GAP) * (len(columns) - 1)
    for number, column in enumerate(columns):
        more = max(0, min(column.width - wide[number], left))
        wide[number] += more
        left -= more
    return wide


def _line(texts: Sequence[str], columns: Sequence[Column], wide: Sequence[int]) -> str:
    padded = []
    for text, column, most in zip(texts, columns, wide, strict=True):
        space = " " * (most - width(text))
        padded.append(space + text if column.right else text + space)
    return GAP.join(padded).rstrip()


def wrapped(text: str, most: int) -> list[str]:
    """Return a text as lines of at most so many cells, broken between words where there are any."""
    found, line = [], ""
    for word in re.findall(r"\S+|\s+", text):
        if line and width(line + word) > most:
            found.append(line.rstrip())
            line = ""
        if line or not word.isspace():
            line += word
        while width(line) > most:
            end = _end(line, most)
            found.append(line[:end])
            line = line[end:]
    return [*found, line.rstrip()] if line.strip() or not found else found


def _end(text: str, most: int) -> int:
    """Return how many characters of a text fit into so many cells; at least one."""
    used = 0
    for number, character in enumerate(text):
        used += _cells(character)
        if used > most:
            return max(number, 1)
    return len(text)
