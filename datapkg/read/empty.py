"""Why a question has no answer: which of its conditions no row fits, and what there is instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from datapkg.read.cells import comparisons, condition, expression
from datapkg.read.filters import Comparison, Filters
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

FEW = 6
"""Values of a column that are listed one by one."""


def why_empty(store: Store, table: str, filters: Filters, times: Mapping[Any, Any]) -> str:
    """Return in a sentence why no row of a table fits filters, or fits them and the times and voice that were asked."""
    rows = store.read(table)
    if not rows.num_rows:
        return f"table '{table}' has no rows"
    fit = rows if (where := condition(store, table, filters)) is None else rows.filter(where)
    if fit.num_rows:
        asked = " and ".join(f"{name} {value}" for name, value in times.items() if value is not None)
        return f"{_many(fit.num_rows, filters)}, and none of them with {asked}"
    if not isinstance(filters, (list, tuple)):
        return f"none of the {rows.num_rows} rows of '{table}' fits the filters"
    return "; ".join(_misfit(store, table, rows, group) for group in comparisons(store, table, filters))


def _many(rows: int, filters: Filters) -> str:
    if filters is None or (isinstance(filters, (list, tuple)) and not filters):  # an expression has no truth
        return f"there are {rows} rows"
    return f"{rows} row{' fits' if rows == 1 else 's fit'} the filters"


def _misfit(store: Store, table: str, rows: pa.Table, group: Sequence[Comparison]) -> str:
    """Return which of several comparisons is the first that leaves no row, and what the rows before it have."""
    fitted: list[str] = []
    for column, operator, value in group:
        left = rows.filter(expression([[(column, operator, value)]]))
        if not left.num_rows:
            break
        rows = left
        fitted.append(_shown(column, operator, value))
    which = f"none of the {rows.num_rows} rows with {' and '.join(fitted)}" if fitted else f"no row of '{table}'"
    values = [entry for entry in rows.column(column).to_pylist() if entry is not None]
    ordered = store.field(table, column)["type"] != "string" or store.field(table, column).get("edtf")
    return f"{which} has {_shown(column, operator, value)}; they have {_held(values, bool(ordered))}"


def _shown(column: str, operator: str, value: Any) -> str:
    return f"{column} {operator} {value}"


def _held(values: Sequence[Any], ordered: bool) -> str:
    """Return the values that there are: all of few, the ends of what has an order, the most frequent of others."""
    many = Counter(values)
    if len(many) <= FEW:
        return ", ".join(map(str, sorted(many))) or "no value there"
    if ordered:
        return f"{len(many)} values from {min(many)} to {max(many)}"
    return f"{len(many)} values, most often {', '.join(str(value) for value, _ in many.most_common(FEW))}"
