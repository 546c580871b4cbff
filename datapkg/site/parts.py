"""The parts in which pages fetch a file: a group of rows each, so a long table is seen before all of it is there."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any


def parts(data: bytes) -> list[tuple[int, int]]:
    """Return where the parts of a Parquet file begin and end; a file with one group of rows is one part.

    Shape   one part for each group of rows; the last is what a reader needs first: the indexes of pages and the footer
    """
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(io.BytesIO(data))
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    if len(groups) < 2:
        return [(0, len(data))]
    ends = [max(_end(group.column(at)) for at in range(group.num_columns)) for group in groups]
    return list(zip([0, *ends], [*ends, len(data)], strict=True))


def _end(column: Any) -> int:
    """Return where the pages of a column of a group end."""
    begin = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
    return int(begin + column.total_compressed_size)


def fingerprint(files: Mapping[str, bytes], path: str) -> dict[str, Any] | None:
    """Return path, size and digest of a file of the site, with those of its parts; None if it has none of this path."""
    if path not in files:
        return None
    data = files[path]
    told = {"path": path, "bytes": len(data), "sha256": _digest(data)}
    places = parts(data)
    if len(places) > 1:
        told["parts"] = [{"end": end, "sha256": _digest(data[begin:end])} for begin, end in places]
    return told


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
