"""What callers write for the values of a column, made into the values that it holds; what does not fit is refused.

A name stands for its id where one entry alone goes by it, a usual spelling for its period where it has one meaning,
a text for the number, date or truth value that it gives. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from datapkg.model import NotFound, UsageError, fold, meant
from datapkg.read.filters import FORM, MANY, Comparison, Filters, alternatives, typed
from datapkg.read.names import Names, pointers
from datapkg.read.store import Store
from datapkg.read.voices import voices_of

if TYPE_CHECKING:
    import pyarrow.compute as pc

EQUAL = ("==", "=", "!=", *MANY)
"""Operators that compare with values of the column; others may compare with anything of its type."""


@dataclass(frozen=True)
class Cells:
    """The columns of one table, for what callers write in place of their values."""

    store: Store
    table: str

    @cached_property
    def _names(self) -> dict[str, Names]:
        """The columns that hold ids, with the entries whose ids they are; each table is read once."""
        targets = pointers(self.store, self.table)
        entries = {target: Names(self.store, target) for target in targets.values()}
        return {column: entries[target] for column, target in targets.items()}

    def comparison(self, column: str, operator: str, value: Any) -> Comparison:
        """Return a comparison with a value, or values, that the column holds."""
        if operator in MANY:
            return column, operator, [entry if entry is None else self.value(column, entry) for entry in value]
        return column, operator, self.value(column, value, exact=operator in EQUAL)

    def value(self, column: str, said: Any, exact: bool = True) -> Any:
        """Return the value that a caller's one stands for in a column; unless `exact` nothing has to go by it.

        Raises  NotFound for an unknown column, and for what nothing in the column goes by; UsageError for what stands
                for several values or is none of the column's type
        """
        field = self.store.field(self.table, column)
        if field.get("edtf"):
            return _period(column, said)
        if not isinstance(said, str):
            return said
        if not exact:
            return typed(said, column, field["type"], self.table)
        if field.get("reference"):
            registry, slash, name = said.partition("/")
            return registry + slash + Names(self.store, registry).one(name)
        if column == "voice":
            return _voice(self.store, self.table, said)
        if column in self._names:
            return self._names[column].one(said)
        if field.get("constraints", {}).get("enum"):
            return _listed(self.table, field, said)
        return typed(said, column, field["type"], self.table)


def comparisons(store: Store, table: str, filters: Filters) -> list[list[Comparison]]:
    """Return filters as alternatives of comparisons with values that the columns hold.

    Raises  UsageError for filters of another form; what `Cells.value` raises
    """
    cells = Cells(store, table)
    return [[cells.comparison(*entry) for entry in group] for group in alternatives(filters)]


def condition(store: Store, table: str, filters: Filters) -> pc.Expression | None:
    """Return filters in any of pyarrow's forms as one expression, None for none.

    Raises  what `comparisons` raises
    """
    if filters is None:
        return None
    import pyarrow.compute as pc

    return filters if isinstance(filters, pc.Expression) else expression(comparisons(store, table, filters))


def expression(told: Sequence[Sequence[Comparison]]) -> pc.Expression | None:
    """Return alternatives of comparisons as one expression, None for none.

    Raises  UsageError for numbers that Arrow cannot hold
    """
    import pyarrow.parquet as pq

    try:
        return pq.filters_to_expression([list(group) for group in told]) if told else None
    except (OverflowError, TypeError, ValueError) as error:
        raise UsageError(f"filters: {error}; expected {FORM}") from error


def _period(column: str, value: Any) -> str:
    """Return a period as the column spells it, from a text, a year, or a day."""
    try:
        return meant(value.isoformat()[:10] if isinstance(value, date) else str(value)).text
    except ValueError as error:
        raise UsageError(f"{column}: {error}") from error


def _voice(store: Store, table: str, name: str) -> str:
    found = voices_of(store, table, name)
    if len(found) > 1:
        raise UsageError(f"'{name}' stands for {' or '.join(found)} among the voices; write the one that is meant")
    return found[0]


def _listed(table: str, field: dict[str, Any], value: str) -> str:
    """Return one of the values that a column may have, by its spelling."""
    allowed = field["constraints"]["enum"]
    found = [entry for entry in allowed if value == entry] or [e for e in allowed if fold(str(e)) == fold(value)]
    if len(found) == 1:
        return str(found[0])
    where = f"column '{field['name']}' of '{table}'"
    raise NotFound.of("value", value, map(str, allowed), where, f"It holds {', '.join(map(str, allowed))}")
