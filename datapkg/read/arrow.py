"""Bytes in memory as Arrow has to have them, and large tables read in threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MANY = 100_000
"""Rows from which reading a table column by column in threads pays."""
SAMPLE, REPEATED = 1000, 3
"""Rows that are looked at, and how often a text stands there on average if its column is one of few texts."""


def owned(data: bytes) -> pa.BufferReader:
    """Return bytes in memory that belongs to Arrow; see docs/upstream.md.

    A thread of Arrow's that lets go of memory of Python's when the interpreter has gone ends the process with an abort.
    """
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    sink.write(data)
    return pa.BufferReader(sink.getvalue())


def small(file: pq.ParquetFile, columns: list[str] | None) -> pa.Table:
    """Return a table as it is; pyarrow before 19 cannot read a file without row groups."""
    if file.num_row_groups:
        return file.read(columns=columns)
    empty = file.schema_arrow.empty_table()
    return empty if columns is None else empty.select(columns)


def large(file: pq.ParquetFile, source: pa.BufferReader, columns: list[str] | None) -> pa.Table:
    """Return a large table, texts as pandas keeps them: those that repeat are decoded once, and spread in threads."""
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = file.schema_arrow
    texts = [f.name for f in schema if pa.types.is_string(f.type) and (columns is None or f.name in columns)]
    first = next(file.iter_batches(SAMPLE, row_groups=[0], columns=texts), None)
    few = [] if first is None else [
        name for name in texts if first.num_rows > REPEATED * pc.count_distinct(first.column(name)).as_py()
    ]  # fmt: skip
    source.seek(0)
    read = pq.ParquetFile(source, metadata=file.metadata, read_dictionary=few).read(columns=columns)
    wanted = [schema.field(name) for name in read.column_names]
    wide = [f.with_type(pa.large_string()) if pa.types.is_string(f.type) else f for f in wanted]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda f: read[f.name].cast(f.type), wide))
    return pa.table(found, schema=pa.schema(wide, metadata=schema.metadata))
