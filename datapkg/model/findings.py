"""Findings: the results of checks, kept as records and turned into sentences only when shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


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

    def __str__(self) -> str:
        at = [str(self.place)] if self.place.file else []
        if self.claim_id:
            at.append(self.claim_id)
        elif self.table:
            at.append(self.table + (f"[{self.key}]" if self.key else ""))
        return f"{': '.join(at)}{': ' if at else ''}{self.message} [{self.rule}]"

    def record(self) -> dict[str, Any]:
        """Return the finding as a flat record for JSON; `position` is the place's column, `column` the table's."""
        flat = asdict(self)
        del flat["place"]
        return {"file": self.place.file, "line": self.place.line, "position": self.place.column, **flat}


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
