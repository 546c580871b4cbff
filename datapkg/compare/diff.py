"""What changed between two packages, as it is handed on: numbers, the changes themselves, and the version they need."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.compare import changes
from datapkg.compare.changes import Counts
from datapkg.compare.shapes import Event
from datapkg.model import NotFound, semver

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 12
"""Tables in the short text of a diff."""


@dataclass(frozen=True)
class TableDiff:
    """What changed in one table; a table that is not there has no number of rows."""

    name: str
    old_rows: int | None
    new_rows: int | None
    events: tuple[Event, ...] = ()
    metadata: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    parts: tuple[Path, ...] = ()
    quiet: frozenset[str] = frozenset()
    """Columns that say nothing of their own: worked out, or about the claims behind the row."""

    @property
    def cells(self) -> dict[str, int]:
        """How many cells of which column changed: those that say something first, the most first."""
        found = (self.counts.cells or {}).items()
        return dict(sorted(found, key=lambda entry: (entry[0] in self.quiet, -entry[1], entry[0])))

    @property
    def values(self) -> int:
        """How many cells changed that say something."""
        return sum(many for column, many in self.cells.items() if column not in self.quiet)

    @property
    def whole(self) -> bool:
        """Whether the table came or went as a whole."""
        return self.old_rows is None or self.new_rows is None

    def __str__(self) -> str:
        """Return the numbers in words, for example "2 rows added, 1 changed (share_pct 1)"."""
        counts, parts = self.counts, []
        for number, verb in ((counts.added, "added"), (counts.removed, "withdrawn"), (counts.changed, "changed")):
            if number:
                parts.append(f"{number:,} {'rows ' if number > 1 else 'row '}{verb}")
        if counts.cells:
            parts[-1] += f" ({', '.join(f'{column} {number:,}' for column, number in self.cells.items())})"
        if counts.retired:
            ids = f"{counts.retired:,} id{'s' if counts.retired > 1 else ''}"
            parts.append(f"{ids} retired, {counts.lost:,} without redirect")
        return ", ".join(parts) or (self.events[0].what if self.whole else "no rows changed")

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        counts = self.counts
        return not (self.events or self.metadata or counts.added or counts.removed or counts.changed)


@dataclass(frozen=True, eq=False)
class Diff:
    """What changed between two packages; no version before the first release. Its text is short, `summary` longer."""

    name: str
    old_version: str | None
    new_version: str
    tables: tuple[TableDiff, ...]
    metadata: tuple[str, ...]
    scratch: Path = field(repr=False)

    @property
    def changed(self) -> tuple[TableDiff, ...]:
        """The tables in which something changed."""
        return tuple(table for table in self.tables if not table.same)

    @property
    def same(self) -> bool:
        """Whether nothing changed at all."""
        return not self.changed and not self.metadata

    def rows(self, table: TableDiff, change: str, limit: int) -> list[dict[str, Any]]:
        """Return the first changes of a kind in a table: values before what is about claims, the largest first.

        Shape  mappings with the columns of changes.parquet
        """
        return changes.first(table.parts, table.quiet, change, limit)

    def __str__(self) -> str:
        """Return the versions, what they need, and what changed in the tables with the most changed values."""
        head = f"{self.name}: {self.old_version or 'nothing'} -> {self.new_version}"
        if self.same:
            return f"{head}, no changes"
        told = [f"  {table.name}: {table}" for table in self.busiest[:SHOWN]]
        more = len(self.changed) - len(told)
        told += [f"  and {more} more tables; to_frame(table) has every change"] if more > 0 else []
        return "\n".join([f"{head}, needs a {needed(self)[0]} version", *told])

    @property
    def busiest(self) -> list[TableDiff]:
        """The tables in which something changed, those with the most changed values first."""
        return sorted(self.changed, key=lambda table: (-table.values, -table.counts.added - table.counts.removed))

    def _repr_html_(self) -> str:
        """Return the numbers of the tables for a notebook."""
        heads = ("table", "rows before", "rows now", "added", "withdrawn", "changed", "values changed")
        lines = [f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>"]
        for table in self.busiest:
            counts = table.counts
            rows = (table.old_rows, table.new_rows, counts.added, counts.removed, counts.changed, table.values)
            cells = [escape(table.name), *("" if number is None else f"{number:,}" for number in rows)]
            lines.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
        title = escape(str(self).partition("\n")[0])
        return f"<table><caption>{title}</caption>{''.join(lines)}</table>"

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """Return every change of a table, or of all: values before what is about claims, the largest changes first.

        Shape   one row per change, with the columns of changes.parquet
        Raises  NotFound for an unknown table
        """
        import pandas as pd

        found = {entry.name: entry for entry in self.tables}
        if table is not None and table not in found:
            raise NotFound.of("table", table, found, "the two packages")
        chosen = self.busiest if table is None else [found[table]]
        rows = [row for entry in chosen for row in changes.first(entry.parts, entry.quiet)]
        return pd.DataFrame(rows, columns=list(changes.COLUMNS))


def reasons(diff: Diff) -> list[tuple[str, str]]:
    """Return what changed with the level of version that it needs, from major to patch."""
    found = [(event.level, str(event)) for table in diff.tables for event in table.events]
    for table in diff.tables:
        counts, name = table.counts, table.name
        for level, number, what in (
            ("major", counts.lost, "ids gone without a redirect"),
            ("minor", counts.added, "rows added"),
            ("patch", counts.removed, "rows withdrawn"),
            ("patch", counts.changed, "rows with corrected values"),
        ):
            if number:
                found.append((level, f"{name}: {number:,} {what if number > 1 else _one(what)}"))
        if table.metadata:
            found.append(("patch", f"{name}: metadata ({', '.join(table.metadata)})"))
    if diff.metadata:
        found.append(("patch", f"package: metadata ({', '.join(diff.metadata)})"))
    return sorted(found, key=lambda reason: -semver.LEVELS.index(reason[0]))


def _one(what: str) -> str:
    first, _, rest = what.partition(" ")
    return f"{first.removesuffix('s')} {rest}"


def needed(diff: Diff) -> tuple[str, list[str]]:
    """Return the level of version that a diff needs (major, minor, patch or none), and every change that needs it."""
    found = reasons(diff)
    level = found[0][0] if found else "none"
    return level, [text for at, text in found if at == level]
