"""What an agent asks of a table, as conditions on its columns, and what comes nearest where nothing fits."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapkg.mcp.held import Held, Rows, pointing
from datapkg.model import PREFIX, NotFound, UsageError, period
from datapkg.read import comparisons

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
    "in": lambda value, wanted: value in wanted,
}  # fmt: skip
_SIGNED = re.compile(r"\s*(>=|<=|!=|==|=|>|<)\s*(.*)", re.S)
NEAREST = 3
"""Rows that are named where nothing fits."""
FAR = float("inf")
"""How far apart are two values of which nobody can say which is nearer, such as names."""


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
    data.store.field(table, column)
    signed = _SIGNED.fullmatch(value) if isinstance(value, str) else None
    sign, text = signed.groups() if signed else ("=", str(value).lower() if isinstance(value, bool) else str(value))
    sign = "==" if sign == "=" else sign
    registry = pointing(data.store.specs()[table]).get(column)
    unknown = ""
    if registry is not None and registry in data.names:
        try:
            text = data.names[registry].one(text)
        except UsageError as error:
            unknown = str(error)
    try:
        asked = [(column, sign, text)]
        ((_, _, typed),) = asked if unknown else comparisons(data.store, table, asked)[0]
    except NotFound as error:
        typed, unknown = text, str(error)
    return Condition(column, sign, typed, unknown)


def filters(asked: Sequence[Condition]) -> list[tuple[str, str, Any]] | None:
    """Return conditions as filters of `load`."""
    return [(c.column, c.sign, c.value) for c in asked] or None


def nearest(rows: Rows, asked: Sequence[Condition]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the rows that fit most conditions: of two, the one that misses the others by less.

    Shape   up to NEAREST pairs: the row, and what it has where it does not fit, by column
    """
    ranked = sorted(((_missed(row, asked), row) for row in rows), key=lambda pair: _apart(pair[0]))[:NEAREST]
    near = [(missed, row) for missed, row in ranked if len(missed) < len(asked) or not asked or _apart(missed)[1] < FAR]
    return [(row, {c.column: row.get(c.column) for c, _ in missed}) for missed, row in near]


def _missed(row: Mapping[str, Any], asked: Sequence[Condition]) -> list[tuple[Condition, float]]:
    """Return the conditions that a row does not fit, with how far it misses them."""
    return [(c, _distance(c, row.get(c.column))) for c in asked if not c.fits(row.get(c.column))]


def _apart(missed: Sequence[tuple[Condition, float]]) -> tuple[int, float]:
    """Return what sorts rows: how many conditions they miss, and how far those by which that can be told."""
    told = [distance for _, distance in missed if distance < FAR]
    return len(missed), sum(told) if told else FAR


def _distance(condition: Condition, held: Any) -> float:
    """Return how far a cell is from what was asked for: numbers by their difference, periods by the days between."""
    wanted = condition.value
    if held is None or condition.unknown or isinstance(wanted, (list, bool)):
        return FAR
    if isinstance(wanted, (int, float)):
        return float(abs(held - wanted))
    try:
        one, other = period(str(held)), period(str(wanted))
    except ValueError:
        return FAR
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
    return {c: data.names[targets[c]].one(str(v)) if targets.get(c) in data.names else v for c, v in given.items()}
