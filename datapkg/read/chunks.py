"""A part of a large Parquet file on this disk: the chunks that it needs are proven, and no others are read.

The bytes of a chunk are read into memory that belongs to Arrow, digested there, and decoded from there, so that nothing
can change between proof and use. Which chunks are needed the footer says, which is proven first.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from datapkg.model import IntegrityError, check_part
from datapkg.read.arrow import MANY, large, small

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

TAIL = 1 << 16
"""Bytes at the end of a file that Arrow reads at once in search of the footer."""
THREADS = 4


class Proven:
    """A file, by the chunks that a descriptor (`promised` in messages) has of it; `with` opens and closes it."""

    def __init__(self, path: Path, chunks: Mapping[str, Any], promised: str) -> None:
        self.path, self.promised = path, promised
        self.bytes, self.size, self.digests = int(chunks["bytes"]), int(chunks["size"]), chunks["sha256"]
        self._done: set[int] = set()
        self._lock = Lock()

    def __enter__(self) -> Proven:
        """Open the file.

        Raises  IntegrityError if it cannot be read, is no ordinary file, or has not the promised size
        """
        import pyarrow as pa

        try:
            if not stat.S_ISREG(self.path.stat().st_mode):
                raise IntegrityError(f"{self.path} is no ordinary file, and was not opened")
            self._file = self.path.open("rb", buffering=0)
        except OSError as error:
            told = f"{self.path} cannot be read ({error.strerror}), and {self.promised} promises it"
            raise self._refused(told) from error
        found = os.fstat(self._file.fileno()).st_size
        if found != self.bytes:
            self._file.close()
            raise self._refused(f"{self.path} is not the file that {self.promised} promises: expected {self.bytes:,} "
                                f"bytes, found {found:,}")  # fmt: skip
        self.buffer = pa.allocate_buffer(self.bytes)  # what is not read takes no memory
        self._view = memoryview(self.buffer)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _refused(self, told: str) -> IntegrityError:
        return IntegrityError(f"{told}; run `datapkg build` in a clone, or install or publish the package again")

    def prove(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Read and prove the chunks that hold ranges of bytes, each from its first byte to before its last.

        Raises  IntegrityError for bytes that are not those promised, or lie outside the file
        """
        wanted: set[int] = set()
        for begin, end in ranges:
            if not 0 <= begin <= end <= self.bytes:
                raise IntegrityError(f"{self.path} names bytes {begin:,} to {end:,} of itself and has {self.bytes:,}")
            wanted.update(range(begin // self.size, -(-end // self.size)))
        with ThreadPoolExecutor(THREADS) as pool:
            for _ in pool.map(self._prove, sorted(wanted - self._done)):
                pass
        self._done |= wanted

    def _prove(self, number: int) -> None:
        begin = number * self.size
        part = self._view[begin : min(begin + self.size, self.bytes)]
        with self._lock:
            self._file.seek(begin)
            many = self._file.readinto(part)
        if many != len(part) or (found := sha256(part).hexdigest()) != self.digests[number]:
            has = "fewer" if many != len(part) else f"sha256:{found}"
            where = f"bytes {begin:,} to {begin + len(part) - 1:,}"
            raise self._refused(f"{self.path} is not the file that {self.promised} promises: expected {where} "
                                f"with sha256:{self.digests[number]}, found {has}")  # fmt: skip

    def read(self, columns: list[str] | None, where: pc.Expression | None,
             judge: Callable[[pq.FileMetaData], None]) -> pa.Table:  # fmt: skip
        """Return the rows where a condition holds, and the columns asked for; `judge` sees the footer first.

        Raises  IntegrityError; what Arrow raises for bytes that are no Parquet
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.prove([(max(0, self.bytes - TAIL), self.bytes)])
        footer = int.from_bytes(self._view[-8:-4], "little") + 8
        self.prove([(max(0, self.bytes - footer), self.bytes)])
        source = pa.BufferReader(self.buffer)
        file = pq.ParquetFile(source)
        judge(file.metadata)
        schema = file.schema_arrow
        chosen = schema.names if columns is None else list(dict.fromkeys(columns))
        needed = [n for n in schema.names if n in chosen or (where is not None and asks(schema, where, n))]
        groups = list(range(file.num_row_groups)) if where is None else kept(self.buffer, where)
        self.prove(placed(file.metadata, groups, needed))
        check_part(source, self.bytes, str(self.path), groups, needed)
        if where is None:
            found = large(file, source, chosen) if file.metadata.num_rows > MANY else small(file, chosen)
        else:
            some = file.read_row_groups(groups, columns=needed) if groups else schema.empty_table()
            found = some.filter(where).select(chosen)
        found.validate(full=True)
        return found


def asks(schema: pa.Schema, where: pc.Expression, name: str) -> bool:
    """Return whether a condition that fits a schema needs a column."""
    import pyarrow as pa

    rest = pa.schema([field for field in schema if field.name != name])
    try:
        rest.empty_table().filter(where)
    except pa.ArrowInvalid:
        return True
    return False


def kept(buffer: pa.Buffer, where: pc.Expression) -> list[int]:
    """Return the row groups in which a condition may hold, by the statistics in the footer."""
    import pyarrow.dataset as ds

    fragment = ds.ParquetFileFormat().make_fragment(buffer)
    return [group.id for group in fragment.subset(where).row_groups]


def placed(metadata: pq.FileMetaData, groups: Iterable[int], columns: Iterable[str]) -> Iterable[tuple[int, int]]:
    """Yield where the bytes of columns in row groups begin and end."""
    numbers = {metadata.schema.column(i).path: i for i in range(metadata.num_columns)}
    wanted = [numbers[name] for name in columns]
    for group in map(metadata.row_group, groups):
        for column in map(group.column, wanted):
            first = column.dictionary_page_offset
            begin = column.data_page_offset if first is None else min(first, column.data_page_offset)
            yield begin, begin + column.total_compressed_size
