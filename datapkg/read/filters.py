"""Conditions on rows: the forms in which they may be written, what texts stand for, and what Arrow says of a misfit."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.model import UsageError

if TYPE_CHECKING:
    import pyarrow.compute as pc

Filters = Any
"""pyarrow's filters: [(column, operator, value), ...], a list of such lists (or), or an expression."""
Comparison = tuple[str, str, Any]
"""A column, an operator and a value, or several for the operators of MANY."""
MANY = ("in", "not in")
OPERATORS = ("==", "=", "!=", "<", "<=", ">", ">=", *MANY)
FORM = "[(column, operator, value), ...]"
SAMPLES = {"integer": "3", "number": "42.5", "date": "2024-01-26", "boolean": "true"}


@contextmanager
def fitting(name: str) -> Iterator[None]:
    """Turn Arrow's refusal of a condition into a sentence that names the table.

    Raises  UsageError
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        found = f"the filters do not fit table '{name}': {str(error).splitlines()[0]}"
        raise UsageError(f"{found}; compare numbers with numbers, and dates with datetime.date") from error


def conjunction(*parts: pc.Expression | None) -> pc.Expression | None:
    """Return the condition that holds where all the given ones hold, None if none is given."""
    whole = None
    for part in parts:
        if part is not None:
            whole = part if whole is None else whole & part
    return whole


def alternatives(filters: Filters) -> list[list[Comparison]]:
    """Return filters in pyarrow's lists as alternatives, each of them comparisons that hold together.

    Raises  UsageError with what was probably meant for filters of another form
    """
    if not isinstance(filters, (list, tuple)) or not all(isinstance(entry, (list, tuple)) for entry in filters):
        raise _misformed(filters)
    groups = filters if all(_nested(entry) for entry in filters) else [filters]
    return [[_comparison(entry) for entry in group] for group in groups]


def _nested(entry: Any) -> bool:
    """Return whether an entry of filters is a list of comparisons, and no comparison itself."""
    return bool(entry) and all(isinstance(part, (list, tuple)) for part in entry)


def _comparison(entry: Any) -> Comparison:
    if len(entry) != 3 or not isinstance(entry[0], str):
        raise _misformed(entry)
    column, operator, value = entry
    if operator not in OPERATORS:
        raise UsageError(f"filters: no operator {operator!r} in {entry!r}; operators are {', '.join(OPERATORS)}")
    if operator in MANY and (isinstance(value, str) or not hasattr(value, "__iter__")):
        raise UsageError(f"filters: '{operator}' takes a list of values, found {value!r}; did you mean [{value!r}]?")
    if operator not in MANY and value is None:
        missing = f"pyarrow.compute.field('{column}').is_null()"
        raise UsageError(f"filters: nothing compares with None; for rows that have no {column}, filters={missing}")
    return column, operator, list(value) if operator in MANY else value


def _misformed(found: Any) -> UsageError:
    """Return the error for filters of a wrong form, with the right one where it can be told."""
    meant: list[Comparison] = []
    if isinstance(found, dict):
        meant = [(column, "in" if isinstance(value, list) else "==", value) for column, value in found.items()]
    elif isinstance(found, (list, tuple)) and len(found) == 3 and found[1] in OPERATORS:
        meant = [(found[0], found[1], found[2])]
    near = f"; did you mean {reprlib.repr(meant)}?" if meant else ""
    return UsageError(f"filters: found {reprlib.repr(found)}; expected {FORM}{near}")


def typed(text: str, column: str, kind: str, name: str) -> Any:
    """Return the value that a text stands for in a column of a type.

    Raises  UsageError for a text that is no such value
    """
    readers: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "date": date.fromisoformat,
        "boolean": lambda said: {"true": True, "false": False}[said.lower()],
    }
    try:
        return readers.get(kind, str)(text)
    except (ValueError, KeyError) as error:
        raise UsageError(
            f"'{text}' is no {kind}; {column} of '{name}' holds {kind}s, such as {SAMPLES[kind]}"
        ) from error
