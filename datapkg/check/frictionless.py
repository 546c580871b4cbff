"""What a user sees who runs `frictionless validate datapackage.json`.

On Parquet it does not see: the hash, NaN and unbounded infinities, integers beyond 2**53 (it compares floats), the
width and NOT NULL of Arrow types, impossible periods, a key that is null in part, a final line feed or the digits of
other scripts in a pattern, and files that no resource names. `check.package` and `check.schema` do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datapkg.findings import Finding


def findings(descriptor: Path) -> list[Finding]:
    """Return what frictionless refuses about a Data Package and its tables."""
    import frictionless

    report = frictionless.validate(str(descriptor.resolve()), type="package")
    found = [_finding(error, None) for error in report.errors]
    return found + [_finding(error, task.name) for task in report.tasks for error in task.errors]


def _finding(error: Any, table: str | None) -> Finding:
    column = getattr(error, "field_name", None) or None
    message = f"{error.title}: {error.message}"
    return Finding(rule="frictionless", message=message, table=table, column=column)
