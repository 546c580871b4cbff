"""Near misses of numbers: which number a text means, with its separators, signs and words named."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

WORDS = {"k": 3, "thousand": 3, "천": 3, "千": 3, "만": 4, "万": 4, "萬": 4, "lakh": 5, "m": 6, "mn": 6, "mio": 6,
         "million": 6, "millions": 6, "백만": 6, "crore": 7, "천만": 7, "억": 8, "億": 8, "亿": 8, "b": 9, "bn": 9,
         "billion": 9, "billions": 9, "십억": 9, "백억": 10, "천억": 11, "조": 12, "兆": 12, "t": 12, "tn": 12,
         "trillion": 12, "trillions": 12}  # fmt: skip
"""Words behind a number, and how many zeros they stand for."""
_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "’": "'", "\u00a0": " ", "\u202f": " "})
_MONEY = re.compile(
    r"^([-+]?) ?(?:us\$|nt\$|hk\$|[$€£¥₩]|usd|krw|jpy|eur|twd)? ?|"
    r"(?: ?(?:usd|krw|jpy|eur|twd|달러|dollars?|원|won|엔|yen|euros?))$"
)
_PERCENT = re.compile(r" ?(?:%|percent|per cent|pct|퍼센트|프로|パーセント)$")
_WORD = "|".join(sorted(WORDS, key=len, reverse=True))
ZEROS = "|".join(word for word in sorted(WORDS, key=len, reverse=True) if not word.isascii())
"""The words of East Asia among them, for a pattern."""
_PARTS = re.compile(rf"([0-9][0-9.,_' ]*) ?({_WORD})?(?: |$|(?<=[^\x00-\x7f]))")


def meant(text: str, percent: bool) -> str:
    """Return "; did you mean 12.5 (a decimal comma)?" for what a text means as a number, or an empty text.

    `percent` says whether the field is one of percentages, whose sign may stand behind the number.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip().casefold()
    plain = _PERCENT.sub("", plain) if percent else plain
    plain = _MONEY.sub(r"\1", plain).strip()
    sign = "-" if plain.startswith("-") else ""
    found = readings(plain.lstrip("+-").strip())
    told = " or ".join(f"{sign}{number}{f' ({why})' if why else ''}" for number, why in found)
    return f"; did you mean {told}?" if told else ""


def readings(text: str) -> list[tuple[str, str]]:
    """Return the numbers that a text may mean, each with what it takes the separators for."""
    parts = list(_PARTS.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return []
    if len(parts) == 1 and not parts[0][2]:
        return _separated(parts[0][1].strip())
    values = [(_separated(part[1].strip()), WORDS.get(part[2] or "", 0)) for part in parts]
    if any(len(readings) != 1 for readings, _ in values):
        return []
    return [(f"{sum(Decimal(readings[0][0]).scaleb(zeros) for readings, zeros in values):f}", "")]


def _separated(text: str) -> list[tuple[str, str]]:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return [(text, "")]
    if re.fullmatch(r"[0-9]{1,3},[0-9]{3}", text):
        return [(text.replace(",", ""), "a comma between thousands"), (text.replace(",", "."), "a decimal comma")]
    if re.fullmatch(r"[0-9]+,[0-9]+", text):
        return [(text.replace(",", "."), "a decimal comma")]
    for separator, name in ((",", "commas"), ("_", "low lines"), ("'", "apostrophes"), (" ", "spaces")):
        if re.fullmatch(rf"[0-9]{{1,3}}({separator}[0-9]{{3}})+(\.[0-9]+)?", text):
            return [(text.replace(separator, ""), f"{name} between thousands")]
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(\.[0-9]{3}){2,}", text):
        return [(text.replace(".", "").replace(",", "."), "points between thousands")]
    return []
