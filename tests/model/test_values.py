"""Periods, durations and bounds: what they accept, what they make of it, and what they say to everything else."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from fuzzing import bounded
from hypothesis import example, given
from hypothesis import strategies as st

from datapkg.model.values import DAYS_OF, bounds, duration_days, meant, period

EXPECTED = (
    "expected a year 2024, half 2024-H1, quarter 2024-Q1, month 2024-01, day 2024-01-26, or an interval 2023-11/2024-01"
)
YEARS = st.integers(1, 9999).map(lambda y: f"{y:04}")
DAYS = st.dates().map(date.isoformat)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999", "9999-01-01", "9999-12-31"),
        ("2024-H1", "2024-01-01", "2024-06-30"),
        ("2024-H2", "2024-07-01", "2024-12-31"),
        ("2023-Q1", "2023-01-01", "2023-03-31"),
        ("2023-Q2", "2023-04-01", "2023-06-30"),
        ("2023-Q3", "2023-07-01", "2023-09-30"),
        ("2023-Q4", "2023-10-01", "2023-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2024-12-31", "2024-12-31", "2024-12-31"),
        ("2023-08/2023-10", "2023-08-01", "2023-10-31"),
        ("2022-Q1/2023", "2022-01-01", "2023-12-31"),
    ],
)
def test_a_period_runs_from_its_first_to_its_last_day(text: str, start: str, end: str) -> None:
    found = period(text)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)
    assert str(found) == found.text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"'' is no period; {EXPECTED}"),
        ("soon", f"'soon' is no period; {EXPECTED}"),
        ("0000", "'0000' is no period; years count from 0001"),
        ("0000-01", "'0000-01' is no period; years count from 0001"),
        ("2024-00", "'2024-00' has month 00; months run from 01 to 12"),
        ("2024-13", "'2024-13' has month 13; months run from 01 to 12"),
        ("2024-13-01", "'2024-13-01' has month 13; months run from 01 to 12"),
        ("2024-33", "'2024-33' has month 33; months run from 01 to 12; did you mean 2024-Q1?"),
        ("2024-36", "'2024-36' has month 36; months run from 01 to 12; did you mean 2024-Q4?"),
        ("2024-37", "'2024-37' has month 37; months run from 01 to 12"),
        ("2024-02-30", "'2024-02-30' has day 30; 2024-02 has 29 days"),
        ("2023-02-29", "'2023-02-29' has day 29; 2023-02 has 28 days"),
        ("2024-04-31", "'2024-04-31' has day 31; 2024-04 has 30 days"),
        ("2024-01-00", "'2024-01-00' has day 00; 2024-01 has 31 days"),
        ("2024-Q0", "'2024-Q0' has Q0; a year has Q1 to Q4"),
        ("2024-Q5", "'2024-Q5' has Q5; a year has Q1 to Q4"),
        ("2024-H0", "'2024-H0' has H0; a year has H1 to H2"),
        ("2024-H3", "'2024-H3' has H3; a year has H1 to H2"),
        ("Q4 2023", f"'Q4 2023' is no period; {EXPECTED}; did you mean 2023-Q4?"),
        ("q4-23", f"'q4-23' is no period; {EXPECTED}; did you mean 2023-Q4?"),
        ("1Q24", f"'1Q24' is no period; {EXPECTED}; did you mean 2024-Q1?"),
        ("3Q'24", f"'3Q'24' is no period; {EXPECTED}; did you mean 2024-Q3?"),
        ("5Q24", f"'5Q24' is no period; {EXPECTED}"),
        ("2024/1/5", f"'2024/1/5' is no period; {EXPECTED}; did you mean 2024-01-05?"),
        ("2024.01.26", f"'2024.01.26' is no period; {EXPECTED}; did you mean 2024-01-26?"),
        ("2024-1", f"'2024-1' is no period; {EXPECTED}; did you mean 2024-01?"),
        ("2024/13", f"'2024/13' is no period; {EXPECTED}"),
        ("2024/2023", "'2024/2023' does not run forward; expected the earlier time first and the later one after it"),
        (
            "2024/2024-Q4",
            "'2024/2024-Q4' does not run forward; expected the earlier time first and the later one after it",
        ),
        ("2024/2025-Q5", "'2025-Q5' has Q5; a year has Q1 to Q4"),
        ("2024/2025/2026", f"'2024/2025/2026' is no period; {EXPECTED}"),
        ("2024-q1", f"'2024-q1' is no period; {EXPECTED}; did you mean 2024-Q1?"),
        (" 2024", f"' 2024' is no period; {EXPECTED}"),
        ("2024\n", f"'2024\n' is no period; {EXPECTED}"),
        ("24", f"'24' is no period; {EXPECTED}"),
        ("２０２４", f"'２０２４' is no period; {EXPECTED}"),
        ("٢٠٢٤-Q1", f"'٢٠٢٤-Q1' is no period; {EXPECTED}"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message) + r"\Z"):
        period(text)


@given(st.one_of(YEARS, DAYS, DAYS.map(lambda d: d[:7]),
                 st.builds("{}-Q{}".format, YEARS, st.integers(1, 4)),
                 st.builds("{}-H{}".format, YEARS, st.integers(1, 2))))  # fmt: skip
def test_every_period_keeps_its_text_and_runs_forwards(text: str) -> None:
    found = period(text)
    assert found.text == text
    assert found.start <= found.end
    assert period(found.start.isoformat()).end == found.start


@bounded
@given(st.text(max_size=12) | st.text("0123456789-QH/.", min_size=4, max_size=10))
@example("2024-00-10")
def test_any_text_is_a_period_or_a_value_error(text: str) -> None:
    message = ""
    try:
        assert period(text).text == text
    except ValueError as error:
        message = str(error)
    one = r"[0-9]{4}(-(Q[1-4]|H[12]|[0-9]{2}(-[0-9]{2})?))?"
    shaped = re.fullmatch(f"{one}(/{one})?", text)
    assert shaped or any(message.startswith(f"'{part}' ") for part in (text, *text.split("/")))


@given(st.integers(1, 9999))
def test_quarters_halves_and_months_each_partition_the_year(year: int) -> None:
    whole = period(f"{year:04}")
    for parts in (
        [f"{year:04}-Q{n}" for n in range(1, 5)],
        [f"{year:04}-H{n}" for n in range(1, 3)],
        [f"{year:04}-{n:02}" for n in range(1, 13)],
    ):
        found = [period(p) for p in parts]
        assert (found[0].start, found[-1].end) == (whole.start, whole.end)
        assert all(a.end + timedelta(1) == b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("text", "days"),
    [("P1Y", 365), ("P6M", 180), ("P36W", 252), ("P10D", 10), ("P0D", 0), ("P1Y2M3W4D", 365 + 60 + 21 + 4)],
)
def test_a_duration_counts_days(text: str, days: int) -> None:
    assert duration_days(text) == days


@pytest.mark.parametrize(
    "text",
    ["", "P", "1Y", "P1", "P1H", "PT5H", "P1Y1Y", "P1D1Y", "p1y", "P-1D", "P1.5Y", "one year", "P1Y ", "P１Y"],
)
def test_other_texts_are_no_duration(text: str) -> None:
    message = f"'{text}' is no duration; expected ISO 8601 such as P1Y, P6M, P36W or P10D"
    with pytest.raises(ValueError, match=re.escape(message)):
        duration_days(text)


@given(st.dictionaries(st.sampled_from(list(DAYS_OF)), st.integers(0, 10_000), min_size=1))
def test_every_written_duration_is_read_back(parts: dict[str, int]) -> None:
    text = "P" + "".join(f"{parts[unit]}{unit}" for unit in DAYS_OF if unit in parts)
    assert duration_days(text) == sum(DAYS_OF[unit] * n for unit, n in parts.items())


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ((80, None, None, "exact"), (80, 80)),
        ((80, None, None, "about"), (None, None)),
        ((80, None, None, "up_to"), (None, 80)),
        ((80, None, None, "less_than"), (None, 80)),
        ((80, None, None, "at_least"), (80, None)),
        ((80, None, None, "more_than"), (80, None)),
        ((None, 70, 90, "exact"), (70, 90)),
        ((None, 70, None, "exact"), (70, None)),
        ((None, None, 90, "about"), (None, 90)),
        ((0, None, None, "exact"), (0, 0)),
        ((80, 70, 90, "exact"), (70, 90)),
        ((80, 70, 90, "about"), (70, 90)),
        ((80, 80, 80, "exact"), (80, 80)),
        ((80, 70, None, "up_to"), (70, 80)),
        ((80, 70, 80, "up_to"), (70, 80)),
        ((80, None, 90, "at_least"), (80, 90)),
        ((80, 70, None, "exact"), (70, None)),
    ],
)
def test_bounds_follow_from_the_hedge_or_the_range(given_: tuple, expected: tuple) -> None:
    assert bounds(*given_) == expected


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ((None, None, None, "exact"), "a value or a range is needed: give the value, or its lower or upper bound"),
        ((None, 90, 70, "exact"), "the range runs from 90 to 70; did you mean 70 to 90?"),
        ((80, 90.5, 70, "about"), "the range runs from 90.5 to 70; did you mean 70 to 90.5?"),
        ((80, 81, None, "about"), "80 lies outside its own range"),
        ((80, None, 79, "exact"), "80 lies outside its own range"),
        ((80, None, 90, "up_to"), "'up_to' makes 80 the upper bound, and 90 is given as that; drop one"),
        ((80, 75, None, "more_than"), "'more_than' makes 80 the lower bound, and 75 is given as that; drop one"),
    ],
)  # fmt: skip
def test_bounds_that_cannot_be_are_refused(given_: tuple, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        bounds(*given_)


LIMIT = st.none() | st.floats(-1e9, 1e9)


@given(LIMIT, LIMIT, LIMIT,
       st.sampled_from(["exact", "about", "at_least", "up_to", "more_than", "less_than"]))  # fmt: skip
def test_a_stated_value_lies_within_its_bounds(
    value: float | None, low: float | None, high: float | None, qualifier: str
) -> None:
    try:
        lowest, highest = bounds(value, low, high, qualifier)
    except ValueError:
        return
    assert lowest is None or highest is None or lowest <= highest
    if value is not None:
        assert lowest is None or lowest <= value
        assert highest is None or value <= highest


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("2024Q1", "2024-Q1"),
        ("Q1 2024", "2024-Q1"),
        ("Q1'24", "2024-Q1"),
        ("first quarter of 2024", "2024-Q1"),
        ("2026년 1분기", "2026-Q1"),
        ("2024年第3四半期", "2024-Q3"),
        ("2024-34", "2024-Q2"),
        ("1H24", "2024-H1"),
        ("2024년 하반기", "2024-H2"),
        ("26 Jan 2024", "2024-01-26"),
        ("January 26th, 2024", "2024-01-26"),
        ("Sept. 2024", "2024-09"),
        ("2024/01/26", "2024-01-26"),
        ("2024.1.26", "2024-01-26"),
        ("20240126", "2024-01-26"),
        ("2024년 1월 26일", "2024-01-26"),
        ("26.01.2024", "2024-01-26"),
        ("01/02/2024", "2024-02-01 or 2024-01-02"),
        ("2024-01-26T10:00", "2024-01-26"),
        ("2023-2024", "2023/2024"),
        ("Q1 2023 to Q2 2024", "2023-Q1/2024-Q2"),
        ("FY2024", "2024"),
        ("２０２４－０１", "2024-01"),
    ],
)
def test_every_usual_spelling_of_a_time_has_a_near_miss(text: str, near: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"; did you mean {near}?")):
        period(text)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("2024-Q1", "2024-Q1"), ("2024Q1", "2024-Q1"), ("1Q24", "2024-Q1"), ("2026년 1분기", "2026-Q1"), ("2024", "2024"),
     ("26.01.2024", "2024-01-26"), ("2023-2024", "2023/2024")],
)  # fmt: skip
def test_a_spelling_with_one_meaning_is_read(text: str, meaning: str) -> None:
    assert meant(text) == period(meaning)


@pytest.mark.parametrize("text", ["01/02/2024", "FY2024", "1Q FY24", "2024-13", "soon"])
def test_a_spelling_that_is_not_clear_is_not_read(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is looked at
        meant(text)
    with pytest.raises(ValueError, match=re.escape(str(caught.value))):
        period(text)


@pytest.mark.parametrize("text", ["31 Feb 2024", "2024 Q5", "2024-13", "soon"])
def test_a_time_that_does_not_exist_is_not_offered(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is looked at
        period(text)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("36 weeks", "P36W"),
        ("52주", "P52W"),
        ("36W", "P36W"),
        ("6개월", "P6M"),
        ("1 year", "P1Y"),
        ("4-6 weeks", "duration_low: P4W and duration_high: P6W"),
    ],
)
def test_every_usual_spelling_of_a_duration_has_a_near_miss(text: str, near: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"; did you mean {near}?")):
        duration_days(text)


def test_a_range_is_not_hedged_to_one_side() -> None:
    with pytest.raises(ValueError, match="a range from 40 to 50 is not 'up_to' anything; leave the qualifier out"):
        bounds(None, 40, 50, "up_to")
    assert bounds(None, 40, 50, "about") == (40, 50)
