"""The CSV mirror: every table once more as text that any tool reads, for today's validators and for later decades.

Its bytes are the content of the table, apart from the version of the Parquet writer, so their digest says whether two
tables hold the same. A missing value is an empty cell; that needs tables without empty texts.

Source  RFC 4180; written by DuckDB, https://duckdb.org/docs/stable/sql/statements/copy
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import Spec, WriteError, sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MEMORY = "1GB"
"""What DuckDB may hold; a larger sort goes to a folder beside the target."""


def write_csv(source: pa.Table | Path, spec: Spec, target: Path, memory: str = MEMORY) -> None:
    """Write a table, or the rows of a Parquet file, as CSV sorted by the primary key; it comes whole or not at all.

    Shape   a header, then a row per row; dates ISO 8601, booleans true and false, floats in the shortest text that
            reads back equal, texts in double quotes where they need them
    Raises  WriteError if a text is empty, the source cannot be read, or the disk is full
    """
    import duckdb

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".datapkg-") as spill:
        config: dict[str, Any] = {
            "memory_limit": memory,
            "temp_directory": spill,
            "autoinstall_known_extensions": "false",
        }
        with duckdb.connect(config=config) as connection:
            try:
                _copy(connection, source, spec, Path(spill) / target.name)
            except duckdb.Error as error:
                raise WriteError(f"{target} was not written: {str(error).splitlines()[0]}") from error
        (Path(spill) / target.name).replace(target)


def _copy(connection: duckdb.DuckDBPyConnection, source: pa.Table | Path, spec: Spec, target: Path) -> None:
    """Write the file, once no column is known to hold an empty text."""
    if isinstance(source, Path):
        rows = sql.parquet([source])
    else:
        connection.register("given", source)
        rows = "given"
    texts = [f.name for f in spec.fields if f.type == "string"]
    if texts:
        counts = ", ".join(f"count_if({sql.identifier(column)} = '')" for column in texts)
        found = connection.execute(f"SELECT {counts} FROM {rows}").fetchone()
        empty = [column for column, many in zip(texts, found or (), strict=True) if many]
        if empty:
            where = f"table '{spec.name}' has empty texts in {', '.join(empty)}"
            raise WriteError(f"{where}; in CSV they are not told from missing values, so make them null")
    columns = ", ".join(map(sql.identifier, spec.columns))
    order = ", ".join(map(sql.identifier, spec.key))
    query = f"SELECT {columns} FROM {rows} ORDER BY {order}"
    connection.execute(f"COPY ({query}) TO {sql.literal(str(target))} (FORMAT csv, HEADER)")
