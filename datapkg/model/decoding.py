"""Parquet of strangers: what a file would take once it is decoded, looked at before it is.

A few hundred bytes can stand for gigabytes: numbers that repeat are kept as one, and a text in a dictionary once for
all rows that have it. The footer says how many rows there are, the descriptor how many there should be, and the longest
text of each dictionary is found by reading one row. What the footer says of a single column of a row group is not asked
for: pyarrow ends the process where that makes no sense (docs/upstream.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from datapkg.model import limits
from datapkg.model.errors import IntegrityError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

WIDTH = 8
"""Bytes of a value that is no text, and of the place of one that is."""


def check_bounds(source: Any, size: int, where: str, rows: Any = None) -> None:
    """Refuse a Parquet file of `size` bytes that has not the promised rows, or would take too much memory.

    `source` is a path or an open reader of Arrow, which is left at its beginning; `rows` is what the descriptor says,
    None if it says nothing.
    Raises  IntegrityError; what Arrow raises for a file that is no Parquet
    """
    import pyarrow.parquet as pq

    metadata = pq.ParquetFile(source).metadata
    if rows not in (None, metadata.num_rows):
        raise IntegrityError(f"{where} has {metadata.num_rows:,} rows, and the descriptor promises {rows!r}; nothing "
                             "was decoded")  # fmt: skip
    most = max(limits.DECODED, limits.RATIO * size)
    needs = metadata.num_rows * metadata.num_columns * WIDTH
    if needs <= most < needs + _loosely(metadata, size):
        needs += _texts(source, metadata, range(metadata.num_row_groups), _names(metadata))
    if needs > most:
        raise IntegrityError(f"{where} has {size:,} bytes and would take {needs:,} once it is decoded; a file of "
                             f"that size may take {most:,}, and nothing was decoded")  # fmt: skip
    if hasattr(source, "seek"):
        source.seek(0)


def check_part(source: Any, size: int, where: str, groups: Sequence[int], columns: Collection[str]) -> None:
    """Refuse some row groups and columns of a Parquet file of `size` bytes that would take too much memory.

    Raises  IntegrityError; what Arrow raises for a file that is no Parquet
    """
    import pyarrow.parquet as pq

    metadata = pq.ParquetFile(source).metadata
    rows = sum(metadata.row_group(number).num_rows for number in groups)
    names = [name for name in _names(metadata) if name in columns]
    needs = rows * len(columns) * WIDTH + _texts(source, metadata, groups, names)
    if needs > (most := max(limits.DECODED, limits.RATIO * size)):
        raise IntegrityError(f"{where} has {size:,} bytes and the part asked for would take {needs:,} once it is "
                             f"decoded; a file of that size may take {most:,}, and nothing was decoded")  # fmt: skip
    source.seek(0)


def _names(metadata: pq.FileMetaData) -> list[str]:
    """Return the columns that hold texts or bytes."""
    columns = [metadata.schema.column(number) for number in range(metadata.num_columns)]
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def _loosely(metadata: pq.FileMetaData, size: int) -> int:
    """Return what texts take at most: were a whole row group, or the file if that says less, one text of every row."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)] if _names(metadata) else []
    return sum(group.num_rows * max(group.total_byte_size, size) for group in groups)


def _texts(source: Any, metadata: pq.FileMetaData, groups: Sequence[int], names: Sequence[str]) -> int:
    """Return what texts take at most, by the longest of each dictionary and the size of what is in none."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if hasattr(source, "seek"):
        source.seek(0)
    file, needs = pq.ParquetFile(source, read_dictionary=names), 0
    for number in groups if names else ():
        group = metadata.row_group(number)
        needs += max(group.total_byte_size, 0)
        for name in names:  # one row, with which the dictionary of its row group comes whole
            batch = next(file.iter_batches(1, row_groups=[number], columns=[name]), None)
            kept = batch.column(0) if batch is not None and batch.num_columns else None
            if kept is not None and pa.types.is_dictionary(kept.type):
                needs += group.num_rows * (pc.max(pc.binary_length(kept.dictionary)).as_py() or 0)
    return needs
