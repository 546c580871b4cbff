"""Records of files of many claims, in two steps: files are cut into batches of lines of JSON or rows of Parquet, in
order and without looking into them; a batch is read wherever it is, and gives records with their places.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from datapkg.claims.bulk import Digits, loaded
from datapkg.model import Finding, IntegrityError, Part, Place, check_bounds, limits

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 10_000
"""About how many lines or rows make a batch, and how many rows of Parquet are decoded at once."""
BYTES = 1 << 23
"""Bytes of lines after which a batch is as large as it gets."""
SHAPES = dict[str, tuple[str, str]]
"""Per column, what is below it named with points: its type, and the file that has it so."""
_KEPT = "a text, a whole number, a boolean, a date, a decimal or a double, or lists and structs of these"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines or rows of one file; `first` is the number of the first of `many`."""

    name: str
    first: int
    many: int
    lines: tuple[bytes, ...] = ()
    """Lines of JSON with their ends, those that are too long cut off."""
    rows: bytes = b""
    """Rows of Parquet, as a stream of Arrow."""


Batch = list[Piece | Finding]
"""Pieces of one file or of several, and what is wrong with a whole file, where its other pieces would be."""


def batches(parts: Iterable[Part]) -> Generator[Batch]:
    """Yield what parts hold, about ROWS lines or rows at a time, in their order."""
    shapes: dict[str, SHAPES] = {}
    batch, rows, size = Batch(), 0, 0
    for part in parts:
        for piece in _pieces(part, shapes.setdefault(part.folder, {})):
            batch.append(piece)
            if isinstance(piece, Piece):
                rows, size = rows + piece.many, size + sum(map(len, piece.lines))
            if rows >= ROWS or size >= BYTES:
                yield batch
                batch, rows, size = Batch(), 0, 0
    if batch:
        yield batch


def counted(batch: Batch) -> int:
    """Return how many lines or rows a batch has."""
    return sum(piece.many for piece in batch if isinstance(piece, Piece))


def file_of(piece: Piece | Finding) -> str:
    """Return the file that a part of a batch is of."""
    return piece.name if isinstance(piece, Piece) else piece.place.file


def records(batch: Batch, ended: set[str]) -> Iterator[tuple[Place, Any] | Finding]:
    """Yield what stands in each line or row with its place, or what is wrong with it, or with the whole file.

    `ended` are files of which rows cannot be read, so that nothing more of them is; such files are added to it.
    """
    for piece in batch:
        if file_of(piece) in ended:
            continue
        if isinstance(piece, Finding):
            yield piece
        elif piece.lines:
            yield from _lines(piece)
        else:
            yield from _rows(piece, ended)


def _pieces(part: Part, shapes: SHAPES) -> Iterator[Piece | Finding]:
    """Yield what a part holds, or what is wrong with the whole file.

    `shapes` are the columns of the other parts of one folder, to which those of this one are added.
    """
    try:
        with part.open() as file:
            yield from _of_parquet(file, part.name, shapes) if part.parquet else _of_lines(file, part.name)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        yield Finding(rule="unreadable-file", message=message, place=Place(part.name))


def _of_lines(file: IO[bytes], name: str) -> Iterator[Piece]:
    first, lines, size = 1, list[bytes](), 0
    while line := file.readline(limits.LINE + 1):
        lines.append(line)
        size += len(line)
        while len(line) > limits.LINE and not line.endswith(b"\n"):
            line = file.readline(limits.LINE + 1)  # the rest of it is not kept
        if len(lines) == ROWS or size >= BYTES:
            yield Piece(name, first, len(lines), tuple(lines))
            first, lines, size = first + len(lines), [], 0
    if lines:
        yield Piece(name, first, len(lines), tuple(lines))


def _lines(piece: Piece) -> Iterator[tuple[Place, Any] | Finding]:
    for number, line in enumerate(piece.lines, piece.first):
        place = Place(piece.name, number)
        if len(line) > limits.LINE:
            message = f"a line of more than {limits.LINE:,} bytes is not read; one claim stands on one line"
            yield Finding(rule="file-too-large", message=message, place=place)
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if text:
                yield place, loaded(text)
        except UnicodeDecodeError as error:
            message = f"byte 0x{line[error.start]:02x} is not UTF-8; save the file as UTF-8"
            yield Finding(rule="not-utf-8", message=message, place=place)
        except (ValueError, RecursionError) as error:
            message = f"not JSON: {error}; one claim stands on one line"
            yield Finding(rule="json-syntax", message=message, place=place)


def _of_parquet(file: IO[bytes], name: str, shapes: SHAPES) -> Iterator[Piece | Finding]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number, place = 0, Place(name)
    try:
        check_bounds(file, file.seek(0, 2), name)
        table = pq.ParquetFile(file)
        wrong = _unlike(table.schema_arrow, name, shapes)
        if wrong:
            yield Finding(rule="wrong-type", message=wrong, place=place)
            return
        for batch in table.iter_batches(ROWS, use_threads=False):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema) as stream:
                stream.write_batch(batch)
            yield Piece(name, number + 1, batch.num_rows, rows=sink.getvalue().to_pybytes())
            number += batch.num_rows
    except IntegrityError as error:
        yield Finding(rule="file-too-large", message=str(error).removeprefix(f"{name} "), place=place)
    except (pa.ArrowException, OSError, KeyError) as error:
        yield _not_whole(error, name, number)


def _rows(piece: Piece, ended: set[str]) -> Iterator[tuple[Place, Any] | Finding]:
    import pyarrow as pa

    try:
        held = _held(pa.ipc.open_stream(piece.rows).read_next_batch().to_struct_array())
    except (pa.ArrowException, KeyError) as error:
        ended.add(piece.name)
        yield _not_whole(error, piece.name, piece.first - 1)
        return
    for number, row in enumerate(held, piece.first):
        yield Place(piece.name, number), row


def _not_whole(error: Exception, name: str, number: int) -> Finding:
    """Return what is wrong with a Parquet file of which some rows could be read."""
    read = f"; {number:,} rows could be read" if number else ""
    message = f"is no whole Parquet file ({str(error).splitlines()[0]}){read}; make or copy it again"
    return Finding(rule="unreadable-file", message=message, place=Place(name))


def _unlike(schema: pa.Schema, name: str, shapes: SHAPES) -> str:
    """Return what is wrong with the columns of a file: of a type that keeps no values, or of another than before."""
    there = set()
    for column, kind in _leaves(schema):
        if column in there:
            return f"the column '{column}' is there twice; leave one out"
        there.add(column)
        if kind == "null":  # as writers call a column without values
            continue
        if kind not in _FIT and not kind.startswith(_DECIMAL):
            return f"the column '{column}' is {kind}; expected {_KEPT}"
        first, home = shapes.setdefault(column, (kind, name))
        if kind != first:
            return f"the column '{column}' is {kind}, and {first} in {home}; files of one folder have one schema"
    return ""


_FIT = frozenset("string bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 double date32[day]".split())
_DECIMAL = ("decimal32", "decimal64", "decimal128", "decimal256")


def _leaves(fields: Iterable[pa.Field], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name of every column that holds values, with those above it in front, and its type."""
    import pyarrow.types as of

    for given in fields:
        kind = given.type.value_type if of.is_dictionary(given.type) else given.type
        path = f"{above}{given.name}"
        if of.is_struct(kind):
            yield from _leaves(kind, f"{path}.")
        elif of.is_map(kind):
            yield from _leaves((kind.key_field, kind.item_field), f"{path}.")
        elif of.is_list(kind) or of.is_large_list(kind):
            yield from _leaves((kind.value_field.with_name("[]"),), f"{path}.")
        else:
            yield path, str(kind).removeprefix("large_").replace("string_view", "string")


def _held(column: pa.Array) -> list[Any]:
    """Return the values of a column as JSON would have them: what is null is not there, numbers have their digits."""
    import pyarrow.types as of

    if not of.is_struct(column.type):
        if of.is_string(column.type):
            texts: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
            return texts
        return [_plain(value) for value in column.to_pylist(maps_as_pydicts="strict")]
    inside = {f.name: part for f, part in zip(column.type, column.flatten(), strict=True)}
    names = [name for name, part in inside.items() if part.null_count < len(part)]
    if not names:
        return [None] * len(column)
    rows = zip(*(_held(inside[name]) for name in names), strict=True)
    return [{name: v for name, v in zip(names, row, strict=True) if v is not None} or None for row in rows]


def _plain(value: Any) -> Any:
    """Return a value of Parquet as JSON would have it: what is null is not there, numbers have their digits."""
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return Digits(repr(value).removesuffix(".0"))
    if isinstance(value, Decimal):
        return Digits(value)
    return value.isoformat() if isinstance(value, date) else value
