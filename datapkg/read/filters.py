"""Conditions on rows: filters in pyarrow's forms, comparisons of the command line, and what does not fit in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.model import NotFound, UsageError

if TYPE_CHECKING:
    import pyarrow.compute as pc

Filters = Any
"""pyarrow's filters: [(column, operator, value), ...], a list of such lists (or), or an expression."""
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


def condition(filters: Filters, columns: Iterable[str], name: str) -> pc.Expression | None:
    """Return filters in any of pyarrow's forms as one expression.

    Raises  NotFound for an unknown column, UsageError for filters of another form
    """
    if filters is None or (isinstance(filters, (list, tuple)) and not filters):
        return None
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if isinstance(filters, pc.Expression):
        return filters
    known = list(columns)
    for column in _filtered(filters):
        if column not in known:
            raise NotFound.of("column", str(column), known, f"table '{name}'")
    try:
        return pq.filters_to_expression(filters)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise UsageError(f"filters: {error}; expected [(column, operator, value), ...]") from error


def _filtered(filters: Any) -> Iterator[str]:
    """Yield the columns that filters name."""
    try:
        for entry in filters:
            yield from _filtered(entry) if isinstance(entry, list) else [entry[0]]
    except (TypeError, IndexError) as error:
        raise UsageError(f"filters: found {filters!r}; expected [(column, operator, value), ...]") from error


def typed(text: str, column: str, types: Mapping[str, str], name: str) -> Any:
    """Return the value that a text stands for in a column, by the column's type in the descriptor.

    Raises  NotFound for an unknown column, UsageError for a text that is no such value
    """
    if column not in types:
        raise NotFound.of("column", column, types, f"table '{name}'")
    kind = types[column]
    readers: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "date": date.fromisoformat,
        "boolean": {"true": True, "false": False}.__getitem__,
    }
    try:
        return readers.get(kind, str)(text)
    except (ValueError, KeyError) as error:
        raise UsageError(
            f"'{text}' is no {kind}; {column} of '{name}' holds {kind}s, such as {SAMPLES[kind]}"
        ) from error
