"""Findings: the results of checks, kept as records and turned into sentences only when shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

CAUSES = ("unknown-name", "anchor-without-digest", "unread-source")
"""Rules whose message names a cause that is mended in one place: findings that say the same are told once."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file of the repository; lines and columns count from 1, 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result of one check: the rule, what it is about, where it stands, and the message."""

    rule: str
    message: str
    place: Place = Place("")
    claim_id: str | None = None
    table: str | None = None
    key: str | None = None
    column: str | None = None
    severity: str = "error"

    @property
    def row(self) -> str:
        """The row that it is about, as `row_name` names it."""
        return f"{self.table}[{self.key}]"

    def __str__(self) -> str:
        at = [str(self.place)] if self.place.file else []
        if self.claim_id:
            at.append(self.claim_id)
        elif self.table:
            at.append(self.row if self.key else self.table)
        return f"{': '.join(at)}{': ' if at else ''}{self.message} [{self.rule}]"

    def record(self) -> dict[str, Any]:
        """Return the finding as a flat record for JSON; `position` is the place's column, `column` the table's."""
        flat = asdict(self)
        del flat["place"]
        return {"file": self.place.file, "line": self.place.line, "position": self.place.column, **flat}


def row_name(table: str, row: Mapping[str, Any], key: Iterable[str]) -> str:
    """Return the name of a row of a table: the table, and the values of its key."""
    values = ((column, row[column]) for column in key)
    named = (f"{column}={str(value).lower() if isinstance(value, bool) else value}" for column, value in values)
    return f"{table}[{';'.join(named)}]"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without repetitions, sorted by file, line, rule and message."""
    return sorted(
        set(findings),
        key=lambda f: (
            f.place.file,
            f.place.line,
            f.place.column,
            f.table or "",
            f.key or "",
            f.rule,
            f.message,
        ),
    )


def told_once(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in order, each cause at its first place, with the other places in its message."""
    first: dict[object, Finding] = {}
    more: dict[object, dict[str, None]] = {}
    for finding in ordered(findings):
        cause = (finding.rule, finding.message) if finding.rule in CAUSES else finding
        if first.setdefault(cause, finding) is not finding:
            more.setdefault(cause, {})[str(finding.place)] = None
    return [_with_places(finding, list(more.get(cause, ()))) for cause, finding in first.items()]


def _with_places(finding: Finding, others: list[str]) -> Finding:
    if not others:
        return finding
    shown = ", ".join(others[:3]) + (" ..." if len(others) > 3 else "")
    places = "1 more place" if len(others) == 1 else f"{len(others)} more places"
    return replace(finding, message=f"{finding.message}; so in {places}: {shown}")
