"""How far coders who did not see each other agree: every cell of the drawn pages, as each of them coded it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

CODERS = ("first", "second", "third")
CODINGS = ("draw", "source_id", "claim", "field", *CODERS)
"""The columns of codings.csv; a coder's cell is empty where he has no such claim."""
LEFT_OUT = "-"
"""What stands in a coder's cell where he has the claim and left the field out."""
Unit = Sequence[str]


def disagreement(units: Iterable[Unit]) -> tuple[float, float, int]:
    """Return the observed and the expected disagreement of units, and how many of their values can be paired.

    units   for each unit the values that coders gave it, without those who gave none
    Units   numbers of values, by nominal difference: two values are the same or they are not
    Source  Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C (nominal data, missing values)
    """
    observed, values = 0.0, Counter[str]()
    for unit in units:
        if len(unit) > 1:
            counted = Counter(unit)
            values.update(counted)
            observed += sum(many * (len(unit) - many) for many in counted.values()) / (len(unit) - 1)
    paired = values.total()
    unlike = paired**2 - sum(many**2 for many in values.values())
    return observed, unlike / (paired - 1) if paired > 1 else 0.0, paired


def alpha(*groups: Iterable[Unit]) -> float | None:
    """Return Krippendorff's alpha of units, None where no disagreement could have been expected.

    groups  units of one field each: what chance would give is counted within a field, then added
    """
    sums = [disagreement(units) for units in groups]
    expected = sum(group[1] for group in sums)
    return 1 - sum(group[0] for group in sums) / expected if expected else None


def agreement(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how far the coders agree, over all cells and per field, and for each two of them.

    rows    of codings.csv
    Units   shares of 1: of the pairs of values of one cell; alpha as `alpha` says, None if only one value was given
    """
    fields: dict[str, list[list[str]]] = defaultdict(list)
    for row in rows:
        fields[row["field"]].append([row[coder] for coder in CODERS])
    return {
        "cells": len(rows),
        **_said(list(fields.values())),
        "coders": [
            {"coders": list(two), **_said([[_pick(unit, two) for unit in units] for units in fields.values()])}
            for two in combinations(CODERS, 2)
        ],
        "fields": [
            {"field": name, "cells": len(units), **_said([units])}
            for name, units in sorted(fields.items(), key=lambda field: (-len(field[1]), field[0]))
        ],
    }


def _pick(unit: Unit, coders: Sequence[str]) -> list[str]:
    return [unit[CODERS.index(coder)] for coder in coders]


def _said(groups: Sequence[Sequence[Unit]]) -> dict[str, Any]:
    """Return how many pairs of values there are, the share that is equal, and alpha; both None without a pair."""
    given = [[[value for value in unit if value] for unit in units] for units in groups]
    pairs = [one == other for units in given for unit in units for one, other in combinations(unit, 2)]
    found = alpha(*given)
    return {
        "pairs": len(pairs),
        "agree": round(sum(pairs) / len(pairs), 5) if pairs else None,
        "alpha": None if found is None else round(found, 5),
    }
