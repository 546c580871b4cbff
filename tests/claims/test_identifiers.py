"""Identifiers of companies: the form, check digits and market of each scheme, and what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapkg.claims.identifiers import MARKETS, SCHEMES, no_identifier

DIGITS = "its check digits do not hold; look for a slip"
DIGIT = "its check digit does not hold; look for a slip"


@pytest.mark.parametrize(
    ("scheme", "good", "bad", "told"),
    [
        ("lei", "9884007ER46L6N7EI764", "9884007ER46L6N7EI746", f"no LEI: {DIGITS}"),
        ("lei", "9884007ER46L6N7EI764", "9884 007ER46L6N7EI764",
         "no LEI: expected 18 digits or capital letters and two check digits; did you mean '9884007ER46L6N7EI764'?"),
        ("isin", "US0378331005", "US0378313005", f"no ISIN: {DIGIT}"),
        ("isin", "US0378331005", "us0378331005",
         "no ISIN: expected two letters of a country, nine digits or letters and a check digit; "
         "did you mean 'US0378331005'?"),
        ("ticker", "XKRX:005930", "005930.KS",
         "no ticker: expected MIC:symbol, such as XKRX:005930; did you mean 'XKRX:005930'?"),
        ("ticker", "XNAS:TERN", "NASDAQ:TERN",
         "no ticker: expected MIC:symbol, such as XKRX:005930; did you mean 'XNAS:TERN'?"),
        ("ticker", "XNYS:TERN", "NYSE:TERN",
         "no ticker: no stock exchange that is known here has this MIC; did you mean 'XNYS:TERN'?"),
        ("ticker", "XNAS:TERN", "TERN", "no ticker: expected MIC:symbol, such as XKRX:005930"),
        ("wikidata", "Q95", "wd:q95", "no item of Wikidata: expected Q and a number, such as Q95; did you mean 'Q95'?"),
        ("wikidata", "Q1", "Q01", "no item of Wikidata: expected Q and a number, such as Q95"),
        ("cik", "0000012345", "12345", "no CIK: expected ten digits, with zeros in front; did you mean '0000012345'?"),
        ("cik", "0000012345", "CIK0000012345",
         "no CIK: expected ten digits, with zeros in front; did you mean '0000012345'?"),
        ("ror", "03yrm5c26", "03yrm5c62", f"no ROR id: {DIGITS}"),
        ("ror", "03yrm5c26", "https://ror.org/03YRM5C26",
         "no ROR id: expected 0, six digits or small letters but i, l, o and u, and two check digits; "
         "did you mean '03yrm5c26'?"),
        ("edinet", "E12345", "e12345", "no EDINET code: expected E and five digits; did you mean 'E12345'?"),
        ("jp_corporate_number", "7000012050002", "7000012050020", f"no corporate number of Japan: {DIGIT}"),
        ("jp_corporate_number", "7000012050002", "7-0000-1205-0002",
         "no corporate number of Japan: expected a check digit of 1 to 9 and twelve digits; "
         "did you mean '7000012050002'?"),
        ("dart", "00123456", "123456",
         "no code of DART: expected eight digits, with zeros in front; did you mean '00123456'?"),
        ("website", "https://tern.example/ko", "http://tern.example/ko",
         "no address of a website: expected https:// and a host in small letters; "
         "did you mean 'https://tern.example/ko'?"),
        ("website", "https://tern.example", "tern.example",
         "no address of a website: expected https:// and a host in small letters; "
         "did you mean 'https://tern.example'?"),
        ("website", "https://tern.example", "Tern Fab",
         "no address of a website: expected https:// and a host in small letters"),
    ],
)  # fmt: skip
def test_identifiers_have_the_form_and_check_digits_of_their_scheme(
    scheme: str, good: str, bad: str, told: str
) -> None:
    assert no_identifier(scheme, good) is None
    assert no_identifier(scheme, bad) == f"'{bad}' is {told}"


def test_an_exchange_is_named_for_one_mic_only() -> None:
    names = [name for names in MARKETS.values() for name in names.split()]
    assert len(names) == len(set(names))
    assert not set(names) & set(MARKETS)
    assert all(len(mic) == 4 and mic.isupper() for mic in MARKETS)


def test_the_schemes_are_those_of_the_table() -> None:
    schema = json.loads((Path(__file__).parents[2] / "schemas/company_identifiers.json").read_text("utf-8"))
    (scheme,) = (f for f in schema["fields"] if f["name"] == "scheme")
    assert set(scheme["constraints"]["enum"]) == set(SCHEMES)
    assert no_identifier("passport", "X") is None
    assert no_identifier("lei", None) is None


@given(st.sampled_from(sorted(SCHEMES)), st.text(max_size=25))
@settings(deadline=None)
def test_any_text_is_judged(scheme: str, text: str) -> None:
    told = no_identifier(scheme, text)
    assert told is None or told.startswith(f"'{text}' is no ")
