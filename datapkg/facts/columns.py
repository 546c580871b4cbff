"""Terms on columns of Arrow, by its compute functions: what is worked out of many rows, as fast as memory allows.

Values are Arrow's arrays, or one of its scalars for what is the same in every row. Groups are numbers of numpy's, and
what is reduced by groups goes over rows in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapkg.facts.held import Held
from datapkg.facts.terms import Term

Column = Any
"""An array, or a scalar of all rows."""
Numbers = np.ndarray[Any, np.dtype[Any]]
TYPES = {"String": pa.string(), "Int64": pa.int64()}
PLAIN = {pa.date32(): pa.int32(), pa.bool_(): pa.int8()}
"""As which numbers values are compared."""
LARGE = 2**62
"""What numbers of groups stay below while columns are added to them."""


@dataclass(frozen=True)
class Groups:
    """The number of each row's group, and how many groups there are; numbers go by the first rows of groups."""

    numbers: Numbers
    many: int

    @cached_property
    def order(self) -> Numbers:
        """The rows, group by group, each as they come."""
        return np.argsort(self.numbers, kind="stable")

    @cached_property
    def starts(self) -> Numbers:
        """Where in the order each group begins."""
        sizes = np.bincount(self.numbers, minlength=self.many)
        return np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)

    def reduced(self, values: Numbers, least: bool) -> Numbers:
        """Return the least or the largest of each group's numbers."""
        return (np.minimum if least else np.maximum).reduceat(values[self.order], self.starts)


Reduced = Callable[[Groups], pa.Array]
"""What is worked out of a column for each group, once these are known."""


class Columns(Held):
    """A frame of Arrow's arrays, which is quickest where rows are many and fit into memory."""

    @classmethod
    def of(cls, table: pa.Table) -> Columns:
        """Return an Arrow table as a frame."""
        return cls({name: _whole(table.column(name)) for name in table.column_names}, table.num_rows)

    def filter(self, condition: Term) -> Self:
        """Return the rows for which a condition holds."""
        ((_, holds),) = self.made(condition.alias("holds")).items()
        held = {name: column.filter(holds) for name, column in self.held.items()}
        return type(self)(held, pc.sum(holds, min_count=0).as_py())

    def grouped(self, key: list[str], *terms: Term) -> Self:
        """Return a row for each key, with what terms make of its rows."""
        groups: Groups = self.groups_of(*key)
        first = pa.array(groups.order[groups.starts])
        kept = {name: self.held[name].take(first) for name in key}
        return type(self)(kept | {name: reduced(groups) for name, reduced in self.made(*terms).items()}, groups.many)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""
        found: list[dict[str, Any]] = self.table().to_pylist()
        return found

    def table(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return pa.table(self.held)

    def made(self, *terms: Term) -> dict[str, Any]:
        """Return the columns that terms make, each as an array, or what is still to be reduced by groups."""
        found = super().made(*terms)
        return {name: value if callable(value) else _full(value, self.height) for name, value in found.items()}

    def act(self, term: Term, parts: list[Any]) -> Any:
        """Return what a term says of these rows: a column, or what is still to be reduced by groups."""
        if term.name == "lit":
            value, kind = parts
            return pa.scalar(value, TYPES.get(kind))
        return STEPS[term.name](*parts, **term.options)

    def grouping(self, key: tuple[str, ...]) -> Groups:
        """Return the groups of rows that are equal in columns."""
        numbers, many = np.zeros(self.height, np.int64), 1
        for name in key:
            one, further = _numbered(self.held[name])
            if many * further > LARGE:
                numbers, many = _numbered(pa.array(numbers))
            numbers, many = numbers * further + one, many * further
        return Groups(*_numbered(pa.array(numbers)))

    def spread(self, reduced: pa.Array, groups: Groups) -> pa.Array:
        """Return what was found for groups in each of their rows."""
        return reduced.take(pa.array(groups.numbers))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found


def _full(column: Column, height: int) -> pa.Array:
    return pa.repeat(column, height) if isinstance(column, pa.Scalar) else column


def _numbered(column: pa.Array) -> tuple[Numbers, int]:
    """Return values as numbers from nought in the order in which they come, null among them, and how many there are."""
    found = column.dictionary_encode("encode")
    return found.indices.to_numpy().astype(np.int64), max(len(found.dictionary), 1)


def _extreme(least: bool) -> Callable[[Column], Reduced]:
    """Return a step that finds the least or the largest value of each group; where all are null, it gives null."""

    def step(column: Column) -> Reduced:
        def reduced(groups: Groups) -> pa.Array:
            full = _full(column, len(groups.numbers))
            places = np.flatnonzero(full.is_valid().to_numpy(zero_copy_only=False))
            told = np.bincount(groups.numbers[places], minlength=groups.many)
            if told.max(initial=0) > 1:
                find = _of_numbers if pa.types.is_primitive(full.type) else _of_texts
                return find(full, groups, least, told)
            found = np.full(groups.many, -1)  # the one value that there is, such as what the chosen claim says
            found[groups.numbers[places]] = places
            return full.take(pa.array(found, mask=told == 0))

        return reduced

    return step


def _of_numbers(column: pa.Array, groups: Groups, least: bool, told: Numbers) -> pa.Array:
    """Return the least or largest number, day or truth of each group; `told` is how many it has."""
    plain = column.cast(PLAIN.get(column.type, column.type))
    kind = plain.type.to_pandas_dtype()
    reach = np.finfo(kind) if plain.type == pa.float64() else np.iinfo(kind)
    values = plain.fill_null(pa.scalar(reach.max if least else reach.min, plain.type)).to_numpy()
    return pa.array(groups.reduced(values, least), mask=told == 0).cast(column.type)


def _of_texts(column: pa.Array, groups: Groups, least: bool, _: Numbers) -> pa.Array:
    """Return the first or last text of each group, as characters sort."""
    nulls = "at_end" if least else "at_start"
    sorted_ = pc.array_sort_indices(column, null_placement=nulls).to_numpy()
    places = np.empty(len(column), np.int64)
    places[sorted_] = np.arange(len(column))
    return column.take(pa.array(sorted_[groups.reduced(places, least)]))


def _distinct(column: Column) -> Reduced:
    """Return what finds how many values each group has, null not among them."""

    def reduced(groups: Groups) -> pa.Array:
        full = _full(column, len(groups.numbers))
        values, many = _numbered(full)
        there = full.is_valid().to_numpy(zero_copy_only=False)
        pairs = np.unique(groups.numbers[there] * many + values[there])
        return pa.array(np.bincount(pairs // many, minlength=groups.many))

    return reduced


def _when(condition: Column, value: Column, other: Column = None) -> Column:
    return pc.if_else(pc.fill_null(condition, False), value, pa.scalar(None, value.type) if other is None else other)


def _across(act: Callable[..., Column], empty: bool) -> Callable[..., Column]:
    """Return a step over truths of a row, with what null counts as."""
    return lambda *columns, ignore_nulls: reduce(act, (pc.fill_null(column, empty) for column in columns))


def _among(column: Column, values: Sequence[Any]) -> Column:
    return pc.if_else(pc.is_valid(column), pc.is_in(column, pa.array(values)), pa.scalar(None, pa.bool_()))


STEPS: dict[str, Callable[..., Any]] = {
    "alias": lambda column, _: column,
    "when": _when,
    "__and__": pc.and_kleene,
    "__or__": pc.or_kleene,
    "__invert__": pc.invert,
    "__eq__": pc.equal,
    "__ne__": pc.not_equal,
    "__lt__": pc.less,
    "__le__": pc.less_equal,
    "__gt__": pc.greater,
    "__ge__": pc.greater_equal,
    "__add__": pc.add,
    "__sub__": pc.subtract,
    "__mul__": pc.multiply,
    "__truediv__": lambda one, other: pc.divide(pc.cast(one, pa.float64()), other),
    "is_null": pc.is_null,
    "fill_null": pc.fill_null,
    "is_in": _among,
    "abs": pc.abs,
    "round": lambda column, digits: pc.round(column, digits, "half_to_even"),
    "cast": lambda column, kind: pc.cast(column, TYPES[kind]),
    "str_slice": lambda column, start, length: pc.utf8_slice_codeunits(column, start, start + length),
    "str_len_chars": lambda column: pc.cast(pc.utf8_length(column), pa.int64()),
    "str_replace_all": pc.replace_substring_regex,
    "str_contains": lambda column, part, literal: pc.match_substring(column, part),
    "str_strip_chars": pc.utf8_trim_whitespace,
    **{f"dt_{part}": getattr(pc, part) for part in ("year", "month", "day")},
    "concat_str": lambda *columns, separator: pc.binary_join_element_wise(*columns, separator),
    "coalesce": pc.coalesce,
    "max_horizontal": pc.max_element_wise,
    "min_horizontal": pc.min_element_wise,
    "any_horizontal": _across(pc.or_, False),
    "all_horizontal": _across(pc.and_, True),
    "min": _extreme(True),
    "max": _extreme(False),
    "n_unique": _distinct,
    "len": lambda: lambda groups: pa.array(np.bincount(groups.numbers, minlength=groups.many)),
}
"""What each step of terms does."""
