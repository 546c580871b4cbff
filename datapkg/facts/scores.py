"""How forecasts came out, per voice: rows of the table `forecast_scores`, each of which adds up forecast_outcomes.

Intervals are of a bootstrap that draws whole periods, since the errors of one period go together: who is wrong about a
quarter is wrong about all companies in it. Sums are whole numbers and the draws those of a seeded Mersenne Twister, so
that they are the same on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

SEED, DRAWS = 2017, 1000
FEWEST = 5
"""Periods from which on an interval is given; draws from fewer are too much alike to say anything."""
TAIL = 25
"""Draws that are left out at each end of 95 %."""
ALL = "all"
"""The horizon of the rows that hold every forecast of a voice, however long before."""
KEY = ("table", "voice", "horizon", "error_unit")
Sums = tuple[int, int, int, int, int]
"""Of forecasts, in hundredths: errors, the same without their signs, and how many; 100 % for each within, how many."""


def score_rows(outcomes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of forecast_scores: per table, voice, unit and horizon, and over all horizons."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in outcomes:
        for horizon in (row["horizon"], ALL):
            groups.setdefault((row["table"], row["voice"], horizon, row["error_unit"]), []).append(row)
    return [_row(key, rows) for key, rows in groups.items()]


def _row(key: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    judged = [row for row in rows if row["outcome_claim_id"] is not None]
    periods: dict[str, list[Mapping[str, Any]]] = {}
    for row in judged:
        periods.setdefault(row["period"], []).append(row)
    sums = [_sums(of_period) for _, of_period in sorted(periods.items())]
    drawn = _draws(sums) if len(sums) >= FEWEST else []
    total = _added(sums)
    return {
        **dict(zip(KEY, key, strict=True)),
        "forecasts": len(judged),
        "uncounted": len(rows) - len(judged),
        "own_outcomes": sum(row["outcome_voice"] == row["voice"] for row in judged),
        "periods": len(periods),
        "errors": total[2],
        **_measured("bias", total, drawn, 0, 2),
        **_measured("mean_absolute_error", total, drawn, 1, 2),
        "bounded": total[4],
        **_measured("coverage_pct", total, drawn, 3, 4),
    }


def _sums(rows: Iterable[Mapping[str, Any]]) -> Sums:
    rows = list(rows)
    errors = [round(100 * row["error"]) for row in rows if row["error"] is not None]
    bounded = [row["within"] for row in rows if row["within"] is not None]
    return sum(errors), sum(map(abs, errors)), len(errors), 10_000 * sum(bounded), len(bounded)


def _added(sums: Iterable[Sums]) -> Sums:
    columns = [*zip((0, 0, 0, 0, 0), *sums, strict=True)]
    first, second, third, fourth, fifth = map(sum, columns)
    return first, second, third, fourth, fifth


def _draws(sums: Sequence[Sums]) -> list[Sums]:
    """Return the sums of as many periods as there are, drawn with replacement, DRAWS times."""
    random = Random(SEED).random  # the only source that Python promises to keep
    return [_added(sums[int(random() * len(sums))] for _ in sums) for _ in range(DRAWS)]


def _measured(name: str, total: Sums, drawn: Sequence[Sums], of: int, by: int) -> dict[str, Any]:
    """Return a mean with the ends of its interval, in columns of that name."""
    stem, unit = (name.removesuffix("_pct"), "_pct") if name.endswith("_pct") else (name, "")
    ends: tuple[float | None, float | None] = (None, None)
    if drawn and total[by]:
        means = sorted(sums[of] / sums[by] for sums in drawn if sums[by])
        cut = len(means) * TAIL // DRAWS
        ends = _shown(means[cut]), _shown(means[-1 - cut])
    mean = _shown(total[of] / total[by]) if total[by] else None
    return {name: mean, f"{stem}_low{unit}": ends[0], f"{stem}_high{unit}": ends[1]}


def _shown(hundredths: float) -> float:
    return round(hundredths / 100, 2)
