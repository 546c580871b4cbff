"""What a user sees who runs `frictionless validate datapackage.json`.

On Parquet it does not see: the hash, NaN and unbounded infinities, integers beyond 2**53 (it compares floats), the
width and NOT NULL of Arrow types, impossible periods, a key that is null in part, a final line feed or the digits of
other scripts in a pattern, and files that no resource names. `check.package` and `check.schema` do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from datapkg.check.green import Green, question
from datapkg.model import Finding, jsontext, misfit

_SHAPE = {"resources": [{"name": str, "path": str, "schema": {"fields": list}}]}
"""What a descriptor has by which its tables can be asked about one by one."""


def findings(descriptor: Path, references: bool = True, green: Green | None = None) -> list[Finding]:
    """Return what frictionless refuses about a Data Package and its tables.

    It reads the table that a foreign key points at anew for each: without `references` it does not look at them, nor at
    tables in which `green` remembers that it found nothing.
    """
    if not descriptor.is_file():
        return [Finding(rule="frictionless", message=f"there is no {descriptor.name}; run: datapkg build")]
    said = None if references else _shaped(descriptor)
    return _report(str(descriptor.resolve())) if said is None else _of_tables(descriptor, said, green or Green())


def _shaped(descriptor: Path) -> dict[str, Any] | None:
    """Return what a descriptor says; None for one of another shape, of which frictionless tells what is wrong."""
    try:
        said: dict[str, Any] = jsontext.loads(descriptor.read_bytes())
    except (OSError, ValueError):
        return None
    return None if misfit(said, _SHAPE) else said


def _of_tables(descriptor: Path, said: dict[str, Any], green: Green) -> list[Finding]:
    """Return the findings of the tables that changed, each by itself, and of what the package says of itself."""
    asked = {}
    for resource in said["resources"]:
        resource["schema"].pop("foreignKeys", None)
        path = descriptor.parent / resource["path"]
        content = path.read_bytes() if path.is_file() else b""
        asked[resource["name"]] = question("frictionless", json.dumps(resource).encode(), content)
    due = [resource for resource in said["resources"] if asked[resource["name"]] not in green]
    found = _report({**said, "resources": due}, basepath=str(descriptor.parent)) if due else []
    if not found:
        green.keep(asked.values())
    return found


def _report(source: Any, **options: Any) -> list[Finding]:
    import frictionless

    frictionless.system.register("datapkg-parquet", _plugin())
    report = frictionless.validate(source, type="package", **options)
    found = [_finding(error, None) for error in report.errors]
    return found + [_finding(error, task.name) for task in report.tasks for error in task.errors]


@cache
def _plugin() -> Any:
    """Return a plugin of frictionless that reads Parquet by columns.

    frictionless's own reader turns every row into a dictionary once per cell, and it reads a table again for every
    foreign key to it: two minutes for 10,000 rows, with the same findings.
    """
    import frictionless
    import pyarrow.parquet as pq

    class Parquet(frictionless.Parser):  # type: ignore[misc]  # frictionless has no types
        supported_types = ["boolean", "date", "integer", "number", "string"]  # noqa: RUF012

        def read_cell_stream_create(self) -> Iterator[list[Any]]:
            table = pq.ParquetFile(self.resource.normpath).read()
            yield table.column_names
            yield from map(list, zip(*map(_cells, table.columns), strict=True))

    class Plugin(frictionless.Plugin):  # type: ignore[misc]  # frictionless has no types
        def create_parser(self, resource: Any) -> Any:
            return Parquet(resource) if resource.format == "parquet" else None

    return Plugin()


def _cells(column: Any) -> list[Any]:
    """Return the values of an Arrow column as frictionless's own reader has them: a missing number is NaN."""
    import pyarrow as pa

    numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    cells: list[Any] = column.to_pandas().tolist() if numeric else column.to_pylist()
    return cells


def _finding(error: Any, table: str | None) -> Finding:
    column = getattr(error, "field_name", None) or None
    message = f"{error.title}: {error.message}"
    return Finding(rule="frictionless", message=message, table=table, column=column)
