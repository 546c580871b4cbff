"""Near misses: what was meant by the usual spellings of days, months, quarters, halves, ranges and durations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

MONTHS = {name: number for number, names in enumerate((
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sep sept", "october oct", "november nov", "december dec"), 1) for name in names.split()}  # fmt: skip
_HALVES = {"first": 1, "second": 2, "1": 1, "2": 2, "상": 1, "하": 2, "上": 1, "下": 2}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_YEAR = r"(?:fy ?)?(?P<year>'?\d{2}|\d{4})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAMED = rf"(?P<name>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?"
_FORMS = [
    rf"{_YEAR}[- /.]?q(?P<quarter>[1-4])",
    rf"{_YEAR}[- /.]?(?P<quarter>[1-4])q",
    rf"q(?P<quarter>[1-4])[- /.]?{_YEAR}",
    rf"(?P<quarter>[1-4])q[- /.]?{_YEAR}",
    rf"(?P<ordinal>first|second|third|fourth)[- ]quarter(?: of)? {_YEAR}",
    r"(?P<year>\d{4})-3(?P<coded>[3-6])",
    r"(?P<year>\d{4})[년年] ?第?(?P<quarter>[1-4])(?: ?분기|四半期|季度?)",
    r"(?P<year>\d{4})[년年] ?第?(?P<half>[상하上下])(?:반기|半年|半期)",
    rf"{_YEAR}[- /.]?h(?P<half>[12])",
    rf"(?:h(?P<half>[12])|(?P<half2>[12])h)[- /.]?{_YEAR}",
    rf"{_YEAR}[- /.]?(?P<half>[12])h",
    rf"(?P<half>first|second)[- ]half(?: of)? {_YEAR}",
    r"(?P<year>\d{4})[-./](?P<month>\d{1,2})(?:[-./](?P<day>\d{1,2}))?\.?",
    r"(?P<year>\d{4})[년年] ?(?P<month>\d{1,2})[월月](?: ?(?P<day>\d{1,2})[일日])?",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})?",
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[t ].*",
    rf"{_DAY}[- ]{_NAMED},?[- ](?P<year>\d{{4}})",
    rf"{_NAMED}[- ]{_DAY},?[- ](?P<year>\d{{4}})",
    rf"{_NAMED},?[- ](?P<year>\d{{4}})",
    rf"(?P<year>\d{{4}})[- ]{_NAMED}(?:[- ]{_DAY})?",
    r"(?P<year>\d{4})[년年]|(?:fy|cy) ?(?P<year2>\d{4})",
]
_PERIODS = [re.compile(form, re.A | re.I) for form in _FORMS]
_SIDED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.A)
_RANGE = re.compile(r"(.+?)\s*(?:~|–|—|\bto\b|\buntil\b)\s*(.+)|(\d{4})-(\d{4})", re.A | re.I)
_LASTS = re.compile(
    r"p?(\d{1,5}) ?(years?|months?|weeks?|days?|yrs?|mos?|wks?|[ymwd]|년|개월|달|주일?|일|年|か月|個月|週間?|周|日)"
)
_UNITS = {"년": "Y", "年": "Y", "개월": "M", "달": "M", "か月": "M", "個月": "M", "주": "W", "주일": "W", "週": "W",
          "週間": "W", "周": "W", "일": "D", "日": "D"}  # fmt: skip


def meant_periods(text: str, valid: Callable[[str], bool]) -> list[str]:
    """Return what a usual spelling of a time may stand for, as far as it is `valid`."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return [near for near in _periods(plain) if valid(near)]


def _periods(text: str) -> list[str]:
    sided = _SIDED.fullmatch(text)
    if sided:  # the day may come first or the month
        one, two, year = sided[1].zfill(2), sided[2].zfill(2), sided[3]
        return list(dict.fromkeys([f"{year}-{two}-{one}", f"{year}-{one}-{two}"]))
    for form in _PERIODS:
        match = form.fullmatch(text)
        if match:
            return [_written(match.groupdict())]
    span = _RANGE.fullmatch(text)
    if span:
        sides = [_side(part) for part in span.groups() if part]
        return ["/".join(sides)] if all(sides) else []
    return []


def _side(text: str) -> str:
    """Return one end of a range as EDTF, as it stands or by its spelling."""
    exact = re.fullmatch(r"\d{4}(-(q[1-4]|h[12]|\d{2}(-\d{2})?))?", text, re.A)
    return text.upper() if exact else next(iter(_periods(text)), "")


def _written(parts: dict[str, str | None]) -> str:
    year = (parts.get("year") or parts.get("year2") or "").strip("'")
    year = year if len(year) == 4 else f"20{year}"
    quarter, half = parts.get("quarter"), parts.get("half") or parts.get("half2")
    if parts.get("ordinal"):
        quarter = str(_ORDINALS[str(parts["ordinal"])])
    if parts.get("coded"):
        quarter = str(int(str(parts["coded"])) - 2)
    if quarter:
        return f"{year}-Q{quarter}"
    if half:
        return f"{year}-H{_HALVES[half]}"
    month = MONTHS[str(parts["name"])] if parts.get("name") else parts.get("month")
    return "-".join([year, *(str(part).zfill(2) for part in (month, parts.get("day")) if part)])


def meant_duration(text: str) -> str:
    """Return "; did you mean P36W?" for a usual spelling of a duration, of both ends for a range, or an empty text."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    span = re.fullmatch(r"(\d{1,5}) ?(?:~|-|–|to) ?(\d{1,5}) ?(\D+)", plain, re.A)
    ends = [f"{end} {span[3]}" for end in span.groups()[:2]] if span else [plain]
    found = [
        f"P{match[1]}{_UNITS.get(match[2], match[2][0].upper())}" for end in ends if (match := _LASTS.fullmatch(end))
    ]
    if len(found) == 2:
        return f"; did you mean duration_low: {found[0]} and duration_high: {found[1]}?"
    return f"; did you mean {found[0]}?" if found else ""
