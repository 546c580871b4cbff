"""A figure as one claim gives it: a value, a hedge or a range, in a unit; and by how much it differs from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datapkg.facts.agreement import interval
from datapkg.model import Group, Spec

ONE_SIDED = ("at_least", "up_to", "more_than", "less_than")
"""Hedges that give an end of what may be, and no value."""

PERCENT = ("%", "percent", "percentage points")
"""Units of figures whose differences are points."""


@dataclass(frozen=True)
class Figure:
    """A value with its bounds and hedge, and what it counts: currency and unit."""

    value: float | None
    low: float | None
    high: float | None
    hedge: str
    unit: tuple[Any, ...]

    @property
    def point(self) -> float | None:
        """The value, the middle of a range that has both ends, None for a bound."""
        if self.value is not None:
            return None if self.hedge in ONE_SIDED else self.value
        return None if self.low is None or self.high is None else (self.low + self.high) / 2

    @property
    def bounded(self) -> bool:
        """Whether the source states bounds: a range, or one end of it; "about" states none."""
        return self.low != self.high

    def holds(self, value: float) -> bool:
        """Return whether a value lies within the bounds, the ends included."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)

    def same(self, other: Figure) -> bool:
        """Return whether two figures give the same numbers in the same unit, whatever their hedge."""
        mine, theirs = ((f.low, f.high) if f.value is None else f.value for f in (self, other))
        return mine == theirs and self.unit == other.unit


def counted(spec: Spec) -> Group | None:
    """Return the columns of a table's figures if they are foretold and counted under keys that differ in that alone."""
    group = spec.leading
    able = "forecast" in spec.key and "period_end" in spec.columns
    return group if group and able and interval(group) else None


def figure(row: Mapping[str, Any], group: Group) -> Figure:
    """Return what a row gives in the columns of a group."""
    value, low, high, hedge = (row[column] for column in group.compare["interval"])
    return Figure(value, low, high, hedge or "exact", tuple(row[column] for column in group.compare.get("same", ())))


def difference_unit(row: Mapping[str, Any], spec: Spec, group: Group) -> str:
    """Return what a table's figures differ in: points, where they are percentages, else % of the one compared with."""
    unit = spec.field(group.compare["interval"][0]).unit or row.get("unit")
    return "points" if unit in PERCENT else "%"


def difference(said: Figure, against: Figure, unit: str) -> float | None:
    """Return by how much a figure lies above another, in points or in % of it; None where that cannot be told."""
    one, other = said.point, against.point
    if one is None or other is None or said.unit != against.unit or (other == 0 and unit == "%"):
        return None
    return round(one - other if unit == "points" else 100 * (one - other) / abs(other), 2)
