"""What lies after today, of which nobody can tell yet: the one check that asks the clock, which the caller reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import Finding, Spec, period, row_name

if TYPE_CHECKING:
    import pyarrow as pa

DAYS = {
    "sources": ("published", "retrieved"),
    "corrections": ("recorded_on",),
    "acknowledgements": ("recorded_on",),
}
"""Columns with days on which something was done, by table."""


def ahead(tables: Mapping[str, pa.Table], specs: Mapping[str, Spec], today: date) -> Iterator[Finding]:
    """Yield a finding for every day on which something was published, read or decided that lies after today."""
    for name, columns in DAYS.items():
        wanted = list(dict.fromkeys([*specs[name].key, *columns]))
        for row in tables[name].select(wanted).to_pylist() if name in tables else ():
            for column in columns:
                if row[column] is not None and _begin(row[column]) > today:
                    message = f"{column} is {row[column]}, and today is {today}"
                    key = row_name(name, row, specs[name].key).removeprefix(f"{name}[").removesuffix("]")
                    yield Finding(rule="after-today", message=message, table=name, key=key, column=column)


def ahead_on_files(paths: Mapping[str, Path], specs: Mapping[str, Spec], today: date) -> Iterator[Finding]:
    """Yield the same of tables in Parquet files, some rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name in DAYS:
        with pq.ParquetFile(paths[name]) as file:
            for batch in file.iter_batches():
                yield from ahead({name: pa.Table.from_batches([batch])}, specs, today)


def _begin(value: Any) -> date:
    return period(value).start if isinstance(value, str) else value
