"""What is to be worked out of columns, written once: terms say it, and frames do it.

Terms have the words of Narwhals, and become its expressions on frames of any engine. A few rows are worked out in plain
Python, since the hundred windows of the policy cost Narwhals a third of a second, however few the rows are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Term:
    """A step with its parts, terms among them; its methods make the terms of further steps, by Narwhals' names."""

    __slots__ = ("name", "options", "parts")

    def __init__(self, name: str, *parts: Any, **options: Any) -> None:
        self.name, self.parts, self.options = name, parts, options

    def __getattr__(self, name: str) -> Callable[..., Term]:
        """Return what makes the term of a step that follows; str_slice stands for Narwhals' str.slice."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *parts, **options: Term(name, self, *parts, **options)

    @property
    def label(self) -> str:
        """The name of the column that the term makes: as it is called, else that of the column that it begins with."""
        if self.name in ("alias", "col"):
            return str(self.parts[-1])
        return str(self.parts[0].label)

    def otherwise(self, value: Term) -> Term:
        """Return the term of a `when` with another value where its condition does not hold."""
        return Term("when", *self.parts, value)

    def __and__(self, other: Term) -> Term:
        return Term("__and__", self, other)

    def __or__(self, other: Term) -> Term:
        return Term("__or__", self, other)

    def __invert__(self) -> Term:
        return Term("__invert__", self)

    def __eq__(self, other: object) -> Term:  # type: ignore[override]  # as columns do: where the values are equal
        return Term("__eq__", self, _term(other))

    def __ne__(self, other: object) -> Term:  # type: ignore[override]  # as above
        return Term("__ne__", self, _term(other))

    __hash__ = object.__hash__

    def __lt__(self, other: object) -> Term:
        return Term("__lt__", self, _term(other))

    def __le__(self, other: object) -> Term:
        return Term("__le__", self, _term(other))

    def __gt__(self, other: object) -> Term:
        return Term("__gt__", self, _term(other))

    def __ge__(self, other: object) -> Term:
        return Term("__ge__", self, _term(other))

    def __add__(self, other: object) -> Term:
        return Term("__add__", self, _term(other))

    def __sub__(self, other: object) -> Term:
        return Term("__sub__", self, _term(other))

    def __mul__(self, other: object) -> Term:
        return Term("__mul__", self, _term(other))

    def __truediv__(self, other: object) -> Term:
        return Term("__truediv__", self, _term(other))


class Frame(Protocol):
    """Columns of which terms are worked out; every step makes another frame."""

    def names(self) -> list[str]:
        """Return the names of the columns."""

    def with_columns(self, *terms: Term, **named: Term) -> Frame:
        """Return the frame with more columns, or others in their place."""

    def filter(self, condition: Term) -> Frame:
        """Return the rows for which a condition holds."""

    def select(self, *terms: Term) -> Frame:
        """Return the columns that terms make, and no others."""

    def grouped(self, key: list[str], *terms: Term) -> Frame:
        """Return a row for each key, with what terms make of its rows."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""

    def table(self) -> pa.Table:
        """Return the rows as an Arrow table."""


def col(name: str) -> Term:
    """Return the term of a column."""
    return Term("col", name)


def lit(value: Any, kind: str | None = None) -> Term:
    """Return the term of a value that is the same in every row; null has a kind: String, Int64."""
    return Term("lit", value, kind)


def when(condition: Term, value: Term) -> Term:
    """Return the term of a value where a condition holds, null elsewhere; `otherwise` gives another."""
    return Term("when", condition, value)


def concat(*parts: Term, separator: str = "") -> Term:
    """Return the term of a text made of texts, null where one is."""
    return Term("concat_str", *parts, separator=separator)


def coalesce(*parts: Term) -> Term:
    """Return the term of the first that is not null."""
    return Term("coalesce", *parts)


def greatest(*parts: Term) -> Term:
    """Return the term of the largest in a row, nulls aside; Spark takes two or more."""
    return Term("max_horizontal", *parts) if len(parts) > 1 else parts[0]


def least(*parts: Term) -> Term:
    """Return the term of the smallest in a row, nulls aside."""
    return Term("min_horizontal", *parts)


def either(*conditions: Term) -> Term:
    """Return the term of whether one of conditions holds; null is no."""
    return Term("any_horizontal", *conditions, ignore_nulls=True)


def every(*conditions: Term) -> Term:
    """Return the term of whether all conditions hold; null is yes."""
    return Term("all_horizontal", *conditions, ignore_nulls=True)


def count() -> Term:
    """Return the term of how many rows a key has."""
    return Term("len")


def _term(value: Any) -> Term:
    return value if isinstance(value, Term) else lit(value)


def worked_out(term: Term, act: Callable[[Term, list[Any]], Any], known: dict[int, Any]) -> Any:
    """Return what `act` makes of a term and its parts, which are worked out first; `known` are the terms so far."""
    name = id(term)
    if name not in known:
        parts = [worked_out(part, act, known) if isinstance(part, Term) else part for part in term.parts]
        known[name] = act(term, parts)
    return known[name]
