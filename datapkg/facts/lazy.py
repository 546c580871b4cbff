"""Terms on frames of any engine that Narwhals knows: DuckDB, pandas, pyarrow, polars and PySpark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from datapkg.facts.terms import Term, worked_out

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa
    from narwhals.typing import IntoFrame

FUNCTIONS = ("col", "concat_str", "coalesce", "max_horizontal", "min_horizontal", "any_horizontal", "all_horizontal",
             "len")  # fmt: skip


@dataclass(frozen=True)
class Lazy:
    """A frame of which nothing is worked out before its rows are asked for."""

    frame: nw.LazyFrame[Any]

    @classmethod
    def of(cls, native: IntoFrame) -> Lazy:
        """Return a frame of an engine as one that takes terms."""
        import narwhals as nw

        return cls(nw.from_native(native).lazy())

    def names(self) -> list[str]:
        """Return the names of the columns."""
        return self.frame.collect_schema().names()

    def with_columns(self, *terms: Term, **named: Term) -> Lazy:
        """Return the frame with more columns, or others in their place."""
        return Lazy(self.frame.with_columns(*_expressions(*terms, *(term.alias(name) for name, term in named.items()))))

    def filter(self, condition: Term) -> Lazy:
        """Return the rows for which a condition holds."""
        return Lazy(self.frame.filter(*_expressions(condition)))

    def select(self, *terms: Term) -> Lazy:
        """Return the columns that terms make, and no others."""
        return Lazy(self.frame.select(*_expressions(*terms)))

    def grouped(self, key: list[str], *terms: Term) -> Lazy:
        """Return a row for each key, with what terms make of its rows."""
        return Lazy(self.frame.group_by(*key).agg(*_expressions(*terms)))

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""
        found: list[dict[str, Any]] = self.table().to_pylist()
        return found

    def table(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        found: pa.Table = self.frame.collect(backend="pyarrow").to_arrow()
        return found.select(self.names())  # pandas' index may come along as a column more


def _expressions(*terms: Term) -> list[nw.Expr]:
    known: dict[int, nw.Expr] = {}
    return [worked_out(term, _expression, known) for term in terms]


def _expression(term: Term, parts: list[Any]) -> Any:
    """Return Narwhals' expression for a term, given those of its parts."""
    import narwhals as nw

    if term.name == "when":
        condition, value, *other = parts
        found = nw.when(condition).then(value)
        return found.otherwise(*other) if other else found
    if term.name == "lit":
        value, kind = parts
        return nw.lit(value, dtype=kind and getattr(nw, kind))
    if term.name == "cast":
        return parts[0].cast(getattr(nw, parts[1]))
    if term.name in FUNCTIONS:
        return getattr(nw, term.name)(*parts, **term.options)
    method = attrgetter(re.sub("^(str|dt)_", r"\1.", term.name))
    return method(parts[0])(*parts[1:], **term.options)
