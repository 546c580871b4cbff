"""Records of files of many claims, read piece by piece: lines of JSON, or rows of Parquet, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from datapkg.claims.bulk import Digits, loaded
from datapkg.model import Finding, IntegrityError, Part, Place, check_bounds, limits

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 10_000
"""Rows of Parquet that are read at once."""
SHAPES = dict[str, tuple[str, str]]
"""Per column, what is below it named with points: its type, and the file that has it so."""
_KEPT = "a text, a whole number, a boolean, a date, a decimal or a double, or lists and structs of these"


def records(part: Part, shapes: SHAPES) -> Iterator[tuple[Place, Any] | Finding]:
    """Yield what stands in each line or row with its place, or what is wrong with it, or with the whole file.

    `shapes` are the columns of the other parts of one folder, to which those of this one are added.
    """
    try:
        with part.open() as file:
            yield from _rows(file, part.name, shapes) if part.parquet else _lines(file, part.name)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        yield Finding(rule="unreadable-file", message=message, place=Place(part.name))


def _lines(file: IO[bytes], name: str) -> Iterator[tuple[Place, Any] | Finding]:
    number = 0
    while line := file.readline(limits.LINE + 1):
        number += 1
        place = Place(name, number)
        if len(line) > limits.LINE:
            message = f"a line of more than {limits.LINE:,} bytes is not read; one claim stands on one line"
            yield Finding(rule="file-too-large", message=message, place=place)
            while len(line) > limits.LINE and not line.endswith(b"\n"):
                line = file.readline(limits.LINE + 1)
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


def _rows(file: IO[bytes], name: str, shapes: SHAPES) -> Iterator[tuple[Place, Any] | Finding]:
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
            for row in _held(batch.to_struct_array()):
                number += 1
                yield Place(name, number), row
    except IntegrityError as error:
        yield Finding(rule="file-too-large", message=str(error).removeprefix(f"{name} "), place=place)
    except (pa.ArrowException, OSError, KeyError) as error:
        read = f"; {number:,} rows could be read" if number else ""
        message = f"is no whole Parquet file ({str(error).splitlines()[0]}){read}; make or copy it again"
        yield Finding(rule="unreadable-file", message=message, place=place)


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
