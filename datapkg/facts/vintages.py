"""What voices said about a figure, one vintage after the other: forecasts and counts of one thing in one chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from datapkg.facts.figure import Figure, figure
from datapkg.facts.policy import RANKS
from datapkg.model import Group, Spec

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Vintage:
    """What a voice said by a day: the first claim that states it, what it gives, and how many claims repeat it."""

    row: Row
    figure: Figure
    claims: int = 1


def thing(row: Row, spec: Spec) -> tuple[Any, ...]:
    """Return what a row is about, whether it was foretold or counted: its key without the forecast."""
    return tuple(row[column] for column in spec.key if column != "forecast")


def vintages(rows: Iterable[Row], spec: Spec, group: Group) -> dict[tuple[Any, ...], list[Vintage]]:
    """Return by thing what each voice said, in the order of days.

    A claim repeats a vintage of its voice that gives the same figure if nothing else was said in between, or if its
    own day is not known well enough to tell: a page of "2023" may be older than one of 2023-08-10.
    """
    found: dict[tuple[Any, ...], list[Vintage]] = {}
    last: dict[tuple[Any, ...], int] = {}
    for row in sorted(rows, key=_standing):
        about = thing(row, spec)
        told, new = found.setdefault(about, []), Vintage(row, figure(row, group))
        line = (about, row["voice"], row["forecast"])
        again = (n for n, old in enumerate(told) if _repeats(new, old, n == last.get(line)))
        place = next(again, None)
        if place is None:
            last[line] = len(told)
            told.append(new)
        else:
            told[place] = replace(told[place], claims=told[place].claims + 1)
    return found


def _standing(row: Row) -> tuple[Any, ...]:
    """Return what sorts claims: by day, forecasts first, and of one day the nearest to the voice."""
    ranks = (RANKS[name].index(row[name]) for name in ("attribution", "tier", "certainty"))
    return row["vintage"], not row["forecast"], *ranks, row["claim_id"]


def _repeats(new: Vintage, old: Vintage, last: bool) -> bool:
    """Return whether a claim only repeats an older vintage, which may be the last of its voice."""
    one, other = new.row, old.row
    if (one["voice"], one["forecast"]) != (other["voice"], other["forecast"]) or not new.figure.same(old.figure):
        return False
    return last or bool(one["vintage_from"] <= other["vintage"])
