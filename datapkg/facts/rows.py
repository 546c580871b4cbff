"""Terms on a few rows, in plain Python: columns are lists, and null is None."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from datapkg.facts.held import Held
from datapkg.facts.terms import Term

if TYPE_CHECKING:
    import pyarrow as pa

Column = list[Any]
Groups = tuple[list[int], int]
"""The number of each row's group, and how many groups there are."""
Reduced = Callable[[Groups], Column]
"""What is worked out of a column for each group, once these are known."""


class Rows(Held):
    """A frame of lists, which is quickest where rows are few."""

    @classmethod
    def of(cls, table: pa.Table) -> Rows:
        """Return an Arrow table as a frame."""
        return cls({name: table.column(name).to_pylist() for name in table.column_names}, table.num_rows)

    def filter(self, condition: Term) -> Self:
        """Return the rows for which a condition holds."""
        ((_, holds),) = self.made(condition.alias("holds")).items()
        places = [place for place, true in enumerate(holds) if true]
        return type(self)(
            {name: [column[place] for place in places] for name, column in self.held.items()}, len(places)
        )

    def grouped(self, key: list[str], *terms: Term) -> Self:
        """Return a row for each key, with what terms make of its rows."""
        groups = self.groups_of(*key)
        first = dict(zip(reversed(groups[0]), range(self.height - 1, -1, -1), strict=True))
        kept = {name: [self.held[name][first[group]] for group in range(groups[1])] for name in key}
        return type(self)(kept | {name: reduced(groups) for name, reduced in self.made(*terms).items()}, groups[1])

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""
        return [dict(zip(self.held, row, strict=True)) for row in zip(*self.held.values(), strict=True)]

    def table(self) -> pa.Table:
        """Return the rows as an Arrow table, of types as the values have them."""
        import pyarrow as pa

        return pa.table(self.held)

    def act(self, term: Term, parts: list[Any]) -> Any:
        """Return what a term says of these rows: a column, or what is still to be reduced by groups."""
        if term.name == "lit":
            return [parts[0]] * self.height
        return STEPS[term.name](*parts, **term.options)

    def spread(self, reduced: Column, groups: Groups) -> Column:
        """Return what was found for groups in each of their rows."""
        return [reduced[group] for group in groups[0]]

    def grouping(self, key: tuple[str, ...]) -> Groups:
        """Return the groups of rows that are equal in columns."""
        seen: dict[tuple[Any, ...], int] = {}
        numbers = [seen.setdefault(row, len(seen)) for row in zip(*(self.held[c] for c in key), strict=True)]
        return numbers, len(seen)


def _each(act: Callable[..., Any]) -> Callable[..., Column]:
    """Return a step that acts on every value of a column with the same further arguments; null stays null."""

    def step(column: Column, *more: Any, **options: Any) -> Column:
        return [None if value is None else act(value, *more, **options) for value in column]

    return step


def _pair(act: Callable[[Any, Any], Any]) -> Callable[[Column, Column], Column]:
    """Return a step that acts on the values of two columns; with null it gives null."""

    def step(one: Column, other: Column) -> Column:
        return [None if a is None or b is None else act(a, b) for a, b in zip(one, other, strict=True)]

    return step


def _across(act: Callable[[list[Any]], Any]) -> Callable[..., Column]:
    """Return a step that acts on the values of each row which are not null; where all are, it gives null."""

    def step(*columns: Column) -> Column:
        rows = ([value for value in row if value is not None] for row in zip(*columns, strict=True))
        return [act(row) if row else None for row in rows]

    return step


def _reduction(act: Callable[[list[Any]], Any]) -> Callable[[Column], Reduced]:
    """Return a step that acts on the values of each group which are not null; where all are, it gives null."""

    def step(column: Column) -> Reduced:
        def reduced(groups: Groups) -> Column:
            held: list[list[Any]] = [[] for _ in range(groups[1])]
            for group, value in zip(groups[0], column, strict=True):
                if value is not None:
                    held[group].append(value)
            return [act(values) if values else None for values in held]

        return reduced

    return step


def _when(condition: Column, value: Column, other: Column | None = None) -> Column:
    rows = zip(condition, value, other or [None] * len(value), strict=True)
    return [a if holds else b for holds, a, b in rows]


def _and(one: Column, other: Column) -> Column:
    rows = zip(one, other, strict=True)
    return [False if a is False or b is False else None if a is None or b is None else True for a, b in rows]


def _or(one: Column, other: Column) -> Column:
    rows = zip(one, other, strict=True)
    return [True if a or b else None if a is None or b is None else False for a, b in rows]


def _concat(*columns: Column, separator: str) -> Column:
    return [None if None in row else separator.join(row) for row in zip(*columns, strict=True)]


def _size(groups: Groups) -> Column:
    sizes = [0] * groups[1]
    for group in groups[0]:
        sizes[group] += 1
    return sizes


STEPS: dict[str, Callable[..., Any]] = {
    "alias": lambda column, _: column,
    "when": _when,
    "__and__": _and,
    "__or__": _or,
    "__invert__": _each(operator.not_),
    **{name: _pair(getattr(operator, name)) for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")},
    **{name: _pair(getattr(operator, name)) for name in ("__add__", "__sub__", "__mul__", "__truediv__")},
    "is_null": lambda column: [value is None for value in column],
    "fill_null": lambda column, default: [default if value is None else value for value in column],
    "is_in": _each(lambda value, values: value in values),
    "abs": _each(abs),
    "round": _each(round),
    "cast": lambda column, kind: _each({"String": str, "Int64": int}[kind])(column),
    "str_slice": _each(lambda text, start, length: text[start : start + length]),
    "str_len_chars": _each(len),
    "str_replace_all": _each(lambda text, pattern, value: re.sub(pattern, value, text)),
    "str_contains": _each(lambda text, part, literal: part in text),
    "str_strip_chars": _each(str.strip),
    **{f"dt_{part}": _each(operator.attrgetter(part)) for part in ("year", "month", "day")},
    "concat_str": _concat,
    "coalesce": _across(operator.itemgetter(0)),
    "max_horizontal": _across(max),
    "min_horizontal": _across(min),
    "any_horizontal": lambda *columns, ignore_nulls: list(map(any, zip(*columns, strict=True))),
    "all_horizontal": lambda *columns, ignore_nulls: [False not in row for row in zip(*columns, strict=True)],
    "min": _reduction(min),
    "max": _reduction(max),
    "n_unique": _reduction(lambda values: len(set(values))),
    "len": lambda: _size,
}
"""What each step of terms does."""
