"""What a value may be: numbers, codes and texts that are refused, each with what was meant."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapkg.claims.codes import LISTS, no_code
from datapkg.claims.numbers import meant
from datapkg.claims.text import unfit


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5", "12.5 (a decimal comma)"),
        ("-3,5", "-3.5 (a decimal comma)"),
        ("1,234", "1234 (a comma between thousands) or 1.234 (a decimal comma)"),
        ("1,234,567.8", "1234567.8 (commas between thousands)"),
        ("1.234.567,89", "1234567.89 (points between thousands)"),
        ("10 000", "10000 (spaces between thousands)"),
        ("1'234", "1234 (apostrophes between thousands)"),
        ("440억", "44000000000"),
        ("3조", "3000000000000"),
        ("1조 2000억", "1200000000000"),
        ("₩3조", "3000000000000"),
        ("44 billion", "44000000000"),
        ("1,5 billion", "1500000000"),
        ("$44mn", "44000000"),
        ("80 percent", "80"),
        ("８０", "80"),
        ("−5", "-5"),
        ("- 5 %", "-5"),
    ],
)
def test_the_number_that_is_meant(text: str, number: str) -> None:
    assert meant(text, percent=True) == f"; did you mean {number}?"


@pytest.mark.parametrize("text", ["many", "1.2.3", "about 5", "5 weeks", "", "-", "80 %", "1,23,4"])
def test_no_number_is_guessed(text: str) -> None:
    assert meant(text, percent=False) == ""


@pytest.mark.parametrize(
    ("column", "value", "near"),
    [
        ("country", "UK", "GB"),
        ("country", "KOR", "KR"),
        ("country", "South Korea", "KR"),
        ("country", "France", "FR"),
        ("currency", "RMB", "CNY"),
        ("currency", "₩", "KRW"),
        ("currency", "won", "KRW"),
        ("currency", "Yen", "JPY"),
        ("language", "kr", "ko"),
        ("language", "jp", "ja"),
        ("language", "kor", "ko"),
        ("language", "Korean", "ko"),
        ("ticker", "NASDAQ:TERN", "XNAS:TERN"),
        ("wikidata_id", "q95", "Q95"),
        ("wikidata_id", "https://www.wikidata.org/wiki/Q95", "Q95"),
    ],
)
def test_the_code_that_is_meant(column: str, value: str, near: str) -> None:
    assert str(no_code(column, value)).endswith(f"; did you mean '{near}'?")
    assert no_code(column, near) is None


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("country", "AE", "XX"),
        ("currency", "TWD", "XYZ"),
        ("language", "zh-Hant-TW", "zh-Hunt"),
        ("language", "fil", "en-UK"),
        ("lei", "9884007ER46L6N7EI764", "9884007ER46L6N7EI746"),
        ("isin", "US0378331005", "US0378313005"),
        ("wikidata_id", "Q1", "Q01"),
    ],
)
def test_codes_are_those_of_their_lists_and_check_digits(column: str, good: str, bad: str) -> None:
    assert no_code(column, good) is None
    assert str(no_code(column, bad)).startswith(f"'{bad}' is no") or f"in '{bad}' is no" in str(no_code(column, bad))


@given(st.sampled_from(sorted(LISTS)), st.text(max_size=25))
def test_any_text_is_judged(column: str, text: str) -> None:
    assert no_code(column, text) is None or text in str(no_code(column, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\u200bb", "U+200B (ZERO WIDTH SPACE) at character 2 is not allowed; remove it"),
        ("a\u202eb", "U+202E (RIGHT-TO-LEFT OVERRIDE) at character 2 is not allowed; remove it"),
        ("\u3164", "U+3164 (HANGUL FILLER) at character 1 is not allowed; remove it"),
        ("a\x00", "U+0000 at character 2 is not allowed; remove it"),
        ("a\nb", "U+000A at character 2 is not allowed; write the text on one line"),
        ("cafe\u0301", "U+0065 (LATIN SMALL LETTER E) at character 4 is not in the form NFC; write 'café', composed"),
    ],
)
def test_a_text_that_cannot_be_seen_as_it_is(text: str, told: str) -> None:
    assert unfit(text) == told


@given(st.text())
def test_what_is_fit_is_in_one_form_and_on_one_line(text: str) -> None:
    if unfit(text) is None:
        assert unicodedata.normalize("NFC", text) == text
        assert len(text.splitlines()) <= 1
        assert not any(unicodedata.category(character) in ("Cc", "Cs", "Co") for character in text)
