"""What an agent asks of a table, as conditions on its columns, and what comes nearest where nothing fits."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapkg.mcp.held import Held, Rows, pointing
from datapkg.model import PREFIX, NotFound, UsageError, period

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
    "in": lambda value, wanted: value in wanted,
}  # fmt: skip
_SIGNED = re.compile(r"\s*(>=|<=|!=|==|=|>|<)\s*(.*)", re.S)
NEAREST = 3
"""Rows that are named where nothing fits."""


@dataclass(frozen=True)
class Condition:
    """One condition on a column; `unknown` says why nothing can fit it, such as a name that no registry has."""

    column: str
    sign: str
    value: Any
    unknown: str = ""

    def fits(self, value: Any) -> bool:
        """Return whether a cell fits."""
        if self.unknown or value is None:
            return False
        return SIGNS[self.sign](value, self.value)

    def __str__(self) -> str:
        return f"{self.column}{'=' if self.sign == '==' else f' {self.sign} '}{self.value}"


def conditions(data: Held, table: str, where: Mapping[str, Any] | None) -> list[Condition]:
    """Return what `where` asks of a table: a value, a list of values, or a text with a sign, such as ">=50", by column.

    Names stand for ids wherever a column points at a registry.
    Raises  NotFound for an unknown column, UsageError for a value that is none of the column's type
    """
    return [_condition(data, table, column, value) for column, value in (where or {}).items()]


def _condition(data: Held, table: str, column: str, value: Any) -> Condition:
    if isinstance(value, list):
        every = [_condition(data, table, column, one) for one in value]
        unknown = "; ".join(c.unknown for c in every) if all(c.unknown for c in every) else ""
        return Condition(column, "in", [c.value for c in every if unknown or not c.unknown], unknown)
    signed = _SIGNED.fullmatch(value) if isinstance(value, str) else None
    sign, text = signed.groups() if signed else ("=", str(value).lower() if isinstance(value, bool) else str(value))
    registry = pointing(data.store.specs()[table]).get(column)
    unknown = ""
    if registry:
        try:
            text = data.names.resolve(registry, text)
        except NotFound as error:
            unknown = str(error)
    ((_, sign, typed),) = data.filters(table, [(column, sign, text)])
    return Condition(column, sign, typed, unknown)


def filters(asked: Sequence[Condition]) -> list[tuple[str, str, Any]] | None:
    """Return conditions as filters of `load`."""
    return [(c.column, c.sign, c.value) for c in asked] or None


def nearest(rows: Rows, asked: Sequence[Condition]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the rows that fit most conditions: of two, the one whose period is nearer.

    Shape   up to NEAREST pairs: the row, and what it has where it does not fit, by column
    """
    ranked = sorted(rows, key=lambda row: _apart(row, asked))[:NEAREST]
    missed = [{c.column: row.get(c.column) for c in asked if not c.fits(row.get(c.column))} for row in ranked]
    return [(row, has) for row, has in zip(ranked, missed, strict=True) if len(has) < len(asked) or not asked]


def _apart(row: Mapping[str, Any], asked: Sequence[Condition]) -> tuple[int, float]:
    """Return how many conditions a row does not fit, and by how many days its period misses the one asked for."""
    missed = [c for c in asked if not c.fits(row.get(c.column))]
    return len(missed), sum(_days(row.get(c.column), c.value) for c in missed if c.column == "period")


def _days(held: Any, wanted: Any) -> float:
    """Return the days between two periods, with no end for what is none."""
    try:
        one, other = period(str(held)), period(str(wanted))
    except ValueError:
        return float("inf")
    return float(max((one.start - other.end).days, (other.start - one.end).days, 0))


def whole(data: Held, table: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the key of a row with ids in place of names.

    Raises  UsageError for a column that is not in the key, NotFound for a name that no registry has
    """
    name = table.removeprefix(PREFIX)
    targets, key = pointing(data.store.specs()[name]), data.key(name)
    for column in given:
        if column not in key:
            raise UsageError(f"'{column}' is not in the key of '{name}', which is {', '.join(key)}")
    return {c: data.names.resolve(targets[c], str(v)) if c in targets else v for c, v in given.items()}
