"""Bytes in memory as Arrow has to have them, and large tables read in threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


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
    import pyarrow.parquet as pq

    metadata, schema = file.metadata, file.schema_arrow
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    few = [
        f.name
        for place, f in enumerate(schema)
        if pa.types.is_string(f.type)
        and all(g.column(place).total_uncompressed_size < 3 * g.column(place).num_values for g in groups)
    ]
    source.seek(0)
    read = pq.ParquetFile(source, metadata=metadata, read_dictionary=few).read(columns=columns)
    wanted = [schema.field(name) for name in read.column_names]
    wide = [f.with_type(pa.large_string()) if pa.types.is_string(f.type) else f for f in wanted]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda f: read[f.name].cast(f.type), wide))
    return pa.table(found, schema=pa.schema(wide, metadata=schema.metadata))
