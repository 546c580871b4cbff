"""Codes by their lists, with what people write in their place.

Source  ISO 3166-1, ISO 639, ISO 15924 and ISO 4217 as pycountry holds them; BCP 47
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache, partial
from types import ModuleType
from typing import Any

from datapkg.claims.identifiers import no_identifier
from datapkg.model import MissingExtra

COUNTRIES = {"UK": "GB", "EL": "GR", "KOREA": "KR", "SOUTH KOREA": "KR", "NORTH KOREA": "KP", "USA": "US", "U.S.": "US",
             "한국": "KR", "대한민국": "KR", "미국": "US", "중국": "CN", "일본": "JP", "대만": "TW"}  # fmt: skip
CURRENCIES = {"WON": "KRW", "원": "KRW", "₩": "KRW", "$": "USD", "US$": "USD", "DOLLAR": "USD", "DOLLARS": "USD",
              "달러": "USD", "€": "EUR", "EURO": "EUR", "£": "GBP", "¥": "JPY", "YEN": "JPY", "엔": "JPY", "RMB": "CNY",
              "CNH": "CNY", "YUAN": "CNY", "위안": "CNY", "NTD": "TWD", "NT$": "TWD", "HK$": "HKD"}  # fmt: skip
LANGUAGES = {"kr": "ko", "jp": "ja", "cn": "zh", "tw": "zh-Hant", "cz": "cs", "gr": "el", "dk": "da", "ua": "uk"}
"""Countries that stand for languages; some of them are languages too (kr is Kanuri), which no page here is in."""

USUAL = frozenset("de en es fr it ja ko nl pt ru zh".split())
"""Languages of most pages, known without the list of all, whose loading takes a tenth of the check of one file."""


def no_code(column: str, value: str) -> str | None:
    """Return why a value is none of the codes that its column takes, and which was meant, or None."""
    known = LISTS.get(column)
    return known(value) if known else None


@cache
def _country(value: str) -> str | None:
    lists = _pycountry()
    if lists.countries.get(alpha_2=value):
        return None
    meant = COUNTRIES.get(value.upper()) or _looked_up(lists.countries, value, "alpha_2")
    return f"'{value}' is no country of ISO 3166-1{_near(meant)}"


@cache
def _currency(value: str) -> str | None:
    lists = _pycountry()
    if lists.currencies.get(alpha_3=value):
        return None
    plain = unicodedata.normalize("NFKC", value).upper()
    meant = CURRENCIES.get(value.upper()) or CURRENCIES.get(plain) or _looked_up(lists.currencies, plain, "alpha_3")
    return f"'{value}' is no currency of ISO 4217{_near(meant)}"


@cache
def _language(value: str) -> str | None:
    if value in USUAL:
        return None
    lists = _pycountry()
    language, *rest = value.split("-")
    parts = {4: lambda part: lists.scripts.get(alpha_4=part), 2: lambda part: lists.countries.get(alpha_2=part)}
    unknown = next((part for part in rest if not (len(part) in parts and parts[len(part)](part))), None)
    if unknown is not None:
        return f"'{unknown}' in '{value}' is no script of ISO 15924 and no country of ISO 3166-1"
    known = lists.languages.get(alpha_2=language) or lists.languages.get(alpha_3=language)
    meant = LANGUAGES.get(language) or getattr(known, "alpha_2", language if known else None)
    if meant == language:
        return None
    meant = meant or _looked_up(lists.languages, language, "alpha_2")
    return f"'{value}' is no language of BCP 47 that is expected{_near('-'.join([meant, *rest]) if meant else None)}"


LISTS: dict[str, Callable[[str], str | None]] = {
    "country": _country,
    "currency": _currency,
    "language": _language,
    "lei": partial(no_identifier, "lei"),
    "isin": partial(no_identifier, "isin"),
    "ticker": partial(no_identifier, "ticker"),
    "wikidata_id": partial(no_identifier, "wikidata"),
}
"""The columns that take codes: a column of one name takes the same codes in every table."""


def _near(meant: str | None) -> str:
    return f"; did you mean '{meant}'?" if meant else ""


def _looked_up(codes: Any, text: str, attribute: str) -> str | None:
    """Return the code of a name or of another code of the same list."""
    try:
        return getattr(codes.lookup(text), attribute, None)
    except LookupError:
        return None


def _pycountry() -> ModuleType:
    try:
        import pycountry
    except ImportError as error:
        raise MissingExtra.of("pycountry", "build", "checking codes of countries, languages and currencies") from error
    found: ModuleType = pycountry
    return found
