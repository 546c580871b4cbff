"""Values that keep the precision of their source: EDTF periods, ISO 8601 durations.

Source  Extended Date/Time Format (ISO 8601-2:2019) level 0 for years, months and days. Quarters and halves are
        written 2023-Q4 and 2023-H1, as the industry does, and not as EDTF's 2023-36 and 2023-40. An interval such as
        2023-08/2023-10 has one of these on either side.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from datapkg.model.spellings import meant_duration, meant_periods

DAYS_OF = {"Y": 365, "M": 30, "W": 7, "D": 1}
_PERIOD = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>\d)|H(?P<half>\d)|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?",
    re.ASCII,
)
_DURATION = re.compile(r"P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?", re.ASCII)
_SIDES = re.compile(r"([0-9]{4}[^/]*)/([0-9]{4}[^/]*)")
_EXPECTED = (
    "expected a year 2024, half 2024-H1, quarter 2024-Q1, month 2024-01, day 2024-01-26, or an interval 2023-11/2024-01"
)


class Written(float):
    """A number as its source wrote it: `decimals` digits behind the point, so that 13.0 says more than 13."""

    decimals: int

    @classmethod
    def of(cls, value: float, text: str) -> Written:
        """Return the number that a text such as "13.0" gives."""
        number = cls(value)
        number.decimals = len(text.partition(".")[2]) if text.replace(".", "", 1).lstrip("+-").isdigit() else 0
        return number


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days and the text that a source's precision gives it; both ends are included."""

    text: str
    start: date
    end: date

    def __str__(self) -> str:
        return self.text


def period(text: str) -> Period:
    """Return the period that an EDTF text names.

    Raises  ValueError with what was found, what was expected and the near miss.
    """
    try:
        return _period(text)
    except ValueError as error:
        near = meant_periods(text, _exists)
        raise ValueError(f"{error}; did you mean {' or '.join(near)}?" if near else str(error)) from None


def meant(text: str) -> Period:
    """Return the period that a text means: as EDTF, or in a usual spelling of it that has one meaning, such as 1Q24.

    Raises  ValueError as `period` does, for what may mean two periods too, as a fiscal year does
    """
    clear = not _exists(text) and "fy" not in text.casefold()
    near = meant_periods(text, _exists) if clear else []
    return period(near[0] if len(near) == 1 else text)


def _exists(text: str) -> bool:
    try:
        return bool(_period(text))
    except ValueError:
        return False


@lru_cache(maxsize=1 << 14)  # the same years and quarters come again and again
def _period(text: str) -> Period:
    sides = _SIDES.fullmatch(text)
    if sides:
        return _interval(text, _period(sides[1]), _period(sides[2]))
    match = _PERIOD.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no period; {_EXPECTED}")
    year = int(match["year"])
    if year == 0:
        raise ValueError(f"'{text}' is no period; years count from 0001")
    if match["quarter"] or match["half"]:
        return _part(text, year, match)
    if not match["month"]:
        return Period(text, date(year, 1, 1), date(year, 12, 31))
    month = int(match["month"])
    if not 1 <= month <= 12:
        raise ValueError(f"'{text}' has month {match['month']}; months run from 01 to 12")
    last = monthrange(year, month)[1]
    if not match["day"]:
        return Period(text, date(year, month, 1), date(year, month, last))
    day = int(match["day"])
    if not 1 <= day <= last:
        raise ValueError(f"'{text}' has day {match['day']}; {year}-{match['month']} has {last} days")
    return Period(text, date(year, month, day), date(year, month, day))


def _interval(text: str, first: Period, last: Period) -> Period:
    """Return the stretch from the first day of one period to the last of another, as in 2023-08/2023-10."""
    if first.start >= last.start or first.end >= last.end:
        raise ValueError(f"'{text}' does not run forward; expected the earlier time first and the later one after it")
    return Period(text, first.start, last.end)


def _part(text: str, year: int, match: re.Match[str]) -> Period:
    """Return a quarter or a half of a year."""
    letter, number, parts = ("Q", int(match["quarter"]), 4) if match["quarter"] else ("H", int(match["half"]), 2)
    if not 1 <= number <= parts:
        raise ValueError(f"'{text}' has {letter}{number}; a year has {letter}1 to {letter}{parts}")
    months = 12 // parts
    first, final = months * (number - 1) + 1, months * number
    return Period(text, date(year, first, 1), date(year, final, monthrange(year, final)[1]))


def duration_days(text: str) -> int:
    """Return the days of an ISO 8601 duration of years, months, weeks and days.

    Units   days; a year counts 365, a month 30, a week 7
    Raises  ValueError for any other text.
    """
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError(
            f"'{text}' is no duration; expected ISO 8601 such as P1Y, P6M, P36W or P10D{meant_duration(text)}"
        )
    return sum(int(n) * days for n, days in zip(match.groups(), DAYS_OF.values(), strict=True) if n)


def bounds(
    value: float | None, low: float | None, high: float | None, qualifier: str
) -> tuple[float | None, float | None]:
    """Return the lowest and highest value that agree with a stated value and its hedge, or with a stated range.

    "about" sets no bounds; a bound that the source does not set is None.
    Raises  ValueError if nothing is stated, a range is reversed, or a bound and the hedge contradict each other.
    """
    if value is None and low is None and high is None:
        raise ValueError("a value or a range is needed: give the value, or its lower or upper bound")
    if low is not None and high is not None and low > high:
        raise ValueError(f"the range runs from {low:g} to {high:g}; did you mean {high:g} to {low:g}?")
    if value is None:
        if low is not None and high is not None and qualifier not in ("exact", "about"):
            raise ValueError(f"a range from {low:g} to {high:g} is not '{qualifier}' anything; leave the qualifier out")
        return low, high
    if (low is not None and low > value) or (high is not None and value > high):
        raise ValueError(f"{value:g} lies outside its own range")
    floor, ceiling = qualifier in ("at_least", "more_than"), qualifier in ("up_to", "less_than")
    for bound, hedged, other in ((low, floor, "lower"), (high, ceiling, "upper")):
        if hedged and bound not in (None, value):
            raise ValueError(
                f"'{qualifier}' makes {value:g} the {other} bound, and {bound:g} is given as that; drop one"
            )
    if qualifier == "exact" and low is None and high is None:
        return value, value
    return value if floor else low, value if ceiling else high
