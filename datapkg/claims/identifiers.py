"""Identifiers of companies by their forms, check digits and markets, with what people write in their place.

Source  ISO 17442 (LEI); ISO 6166 (ISIN); ISO 10383 (MIC); ISO 7064, mod 97-10, and Crockford's base 32 (ROR); the
        ordinance on corporate numbers of Japan's Ministry of Finance (the check digit)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MARKETS = {
    "XNAS": "NASDAQ O", "XNYS": "NYSE N", "XASE": "AMEX", "ARCX": "NYSEARCA", "BATS": "CBOE", "OTCM": "OTC PK",
    "XTSE": "TSX TO", "XTSX": "TSXV V", "BVMF": "B3 SA", "XMEX": "BMV MX", "XBUE": "", "XSGO": "SN", "XLIM": "",
    "XLON": "LSE LON L", "AIMX": "AIM", "XETR": "XETRA ETR DE", "XFRA": "FRA F", "XPAR": "EPA PA", "XAMS": "AMS AS",
    "XBRU": "EBR BR", "XLIS": "ELI LS", "XDUB": "IR", "XMIL": "BIT MI", "XMAD": "BME MC", "XSWX": "SIX SWX SW",
    "XWBO": "VIE VI", "XSTO": "STO ST", "XHEL": "HEL HE", "XCSE": "CPH CO", "XOSL": "OSL OL", "XICE": "IC",
    "XTAL": "TL", "XRIS": "RG", "XLIT": "VS", "XWAR": "WSE WA", "XPRA": "PR", "XBUD": "BD", "XBSE": "RO", "XATH": "AT",
    "XIST": "IS", "MISX": "MOEX ME", "XKRX": "KRX KOSPI KS", "XKOS": "KOSDAQ KQ", "XKON": "KONEX KN",
    "XTKS": "TYO JPX T", "XNGO": "NAG", "XFKA": "FUK", "XSAP": "SAP", "XTAI": "TWSE TPE TW", "ROCO": "TPEX TWO",
    "XHKG": "HKEX HKG SEHK HK", "XSHG": "SSE SHA SH SS", "XSHE": "SZSE SHE SZ", "BJSE": "BSE BJ", "XSES": "SGX SI",
    "XKLS": "KL", "XIDX": "IDX JK", "XBKK": "BKK BK", "XPHS": "PS", "XSTC": "HOSE VN", "XBOM": "BOM BO",
    "XNSE": "NSE NS", "XASX": "ASX AX",
    "XNZE": "NZX NZ", "XTAE": "TASE TLV TA", "XSAU": "TADAWUL SR", "XADS": "ADX", "XDFM": "DFM", "DSMD": "QSE QA",
    "XKUW": "KW", "XJSE": "JSE JO", "XCAI": "EGX CA",
}  # fmt: skip
"""The MIC of each stock exchange, with the names and endings that others have for it."""
_EXCHANGES = {name: mic for mic, names in MARKETS.items() for name in names.split()}
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True)
class Scheme:
    """What the identifiers of one register look like, and what must hold of one that does."""

    noun: str
    form: str
    says: str
    holds: Callable[[str], bool] = lambda value: True
    slip: str = ""


def no_identifier(scheme: Any, value: Any) -> str | None:
    """Return why a value is no identifier of a scheme, and which was meant, or None; None for a scheme unknown here."""
    known = SCHEMES.get(scheme)
    if known is None or not isinstance(value, str):
        return None
    wrong = _wrong(known, value)
    meant = next((guess for guess in _guesses(value) if _wrong(known, guess) is None), None) if wrong else None
    near = f"; did you mean '{meant}'?" if meant else ""
    return f"'{value}' is no {known.noun}: {wrong}{near}" if wrong else None


def _wrong(scheme: Scheme, value: str) -> str | None:
    if not re.fullmatch(scheme.form, value):
        return f"expected {scheme.says}"
    return None if scheme.holds(value) else scheme.slip


def _guesses(value: str) -> Iterator[str]:
    """Yield what may have been meant: other cases, the end of an address, zeros in front, the usual MIC."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", value))
    last = re.split(r"[/:]", plain.rstrip("/"))[-1]
    yield from (plain.upper(), last.upper(), last.lower(), last.zfill(8), last.upper().removeprefix("CIK").zfill(10))
    market, _, symbol = plain.upper().partition(":")
    stem, _, ending = plain.upper().rpartition(".")
    yield from (f"{_EXCHANGES.get(market)}:{symbol}", f"{_EXCHANGES.get(ending)}:{stem}")
    yield "https://" + re.sub(r"^\w+://", "", plain)


def _mod97(value: str) -> bool:
    return int("".join(str(int(character, 36)) for character in value)) % 97 == 1


def _luhn(value: str) -> bool:
    digits = [int(digit) for digit in reversed("".join(str(int(character, 36)) for character in value))]
    doubled = (digit for twice in digits[1::2] for digit in divmod(2 * twice, 10))
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _ror(value: str) -> bool:
    number = 0
    for character in value[:-2]:
        number = 32 * number + _BASE32.index(character)
    return (100 * number + int(value[-2:])) % 97 == 1


def _corporate(value: str) -> bool:
    """Return whether the first digit is 9 less the rest by 9 of the others, every second of them doubled."""
    weighted = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(value[1:])))
    return int(value[0]) == 9 - weighted % 9


_DIGITS = "its check digits do not hold; look for a slip"
_DIGIT = "its check digit does not hold; look for a slip"
SCHEMES = {
    "lei": Scheme("LEI", r"[0-9A-Z]{18}[0-9]{2}", "18 digits or capital letters and two check digits", _mod97, _DIGITS),
    "isin": Scheme("ISIN", r"[A-Z]{2}[0-9A-Z]{9}[0-9]",
                   "two letters of a country, nine digits or letters and a check digit", _luhn, _DIGIT),
    "ticker": Scheme("ticker", r"[A-Z0-9]{4}:[A-Z0-9.]+", "MIC:symbol, such as XKRX:005930",
                     lambda value: value[:4] in MARKETS, "no stock exchange that is known here has this MIC"),
    "wikidata": Scheme("item of Wikidata", r"Q[1-9][0-9]*", "Q and a number, such as Q95"),
    "cik": Scheme("CIK", r"[0-9]{10}", "ten digits, with zeros in front"),
    "ror": Scheme("ROR id", rf"0[{_BASE32}]{{6}}[0-9]{{2}}",
                  "0, six digits or small letters but i, l, o and u, and two check digits", _ror, _DIGITS),
    "edinet": Scheme("EDINET code", r"E[0-9]{5}", "E and five digits"),
    "jp_corporate_number": Scheme("corporate number of Japan", r"[1-9][0-9]{12}",
                                  "a check digit of 1 to 9 and twelve digits", _corporate, _DIGIT),
    "dart": Scheme("code of DART", r"[0-9]{8}", "eight digits, with zeros in front"),
    "website": Scheme("address of a website", r"https://([a-z0-9-]+\.)+[a-z]{2,}(/\S*)?",
                      "https:// and a host in small letters"),
}  # fmt: skip
"""The registers of `company_identifiers.scheme`."""
