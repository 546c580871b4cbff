"""Frames in memory, of which terms are worked out at once: what those of lists and of Arrow's arrays have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from datapkg.facts.terms import Term, worked_out

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Held(ABC):
    """Columns by name; what groups their rows is kept, since windows go over the same columns again and again."""

    held: dict[str, Any]
    height: int
    groups: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.held)

    def with_columns(self, *terms: Term, **named: Term) -> Self:
        """Return the frame with more columns, or others in their place."""
        made = self.made(*terms, *(term.alias(name) for name, term in named.items()))
        groups = {key: found for key, found in self.groups.items() if made.keys().isdisjoint(key)}
        return type(self)({**self.held, **made}, self.height, groups)

    def select(self, *terms: Term) -> Self:
        """Return the columns that terms make, and no others."""
        return type(self)(self.made(*terms), self.height)

    def made(self, *terms: Term) -> dict[str, Any]:
        """Return the columns that terms make."""
        known: dict[int, Any] = {}
        return {term.label: worked_out(term, self._act, known) for term in terms}

    def groups_of(self, *key: str) -> Any:
        """Return the groups of rows that are equal in columns."""
        if key not in self.groups:
            self.groups[key] = self.grouping(key)
        return self.groups[key]

    def _act(self, term: Term, parts: list[Any]) -> Any:
        if term.name == "col":
            return self.held[parts[0]]
        if term.name == "over":
            reduced, *key = parts
            groups = self.groups_of(*key)
            return self.spread(reduced(groups), groups)
        return self.act(term, parts)

    @abstractmethod
    def filter(self, condition: Term) -> Self:
        """Return the rows for which a condition holds."""

    @abstractmethod
    def grouped(self, key: list[str], *terms: Term) -> Self:
        """Return a row for each key, with what terms make of its rows."""

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""

    @abstractmethod
    def table(self) -> pa.Table:
        """Return the rows as an Arrow table."""

    @abstractmethod
    def act(self, term: Term, parts: list[Any]) -> Any:
        """Return what a term says of these rows, given its parts: a column, or what groups are to reduce."""

    @abstractmethod
    def grouping(self, key: tuple[str, ...]) -> Any:
        """Return the groups of rows that are equal in columns."""

    @abstractmethod
    def spread(self, reduced: Any, groups: Any) -> Any:
        """Return what was found for groups in each of their rows."""
