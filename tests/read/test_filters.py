"""What callers write in filters and keys: names, spellings, texts; what stands for nothing is refused and told."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from packages import field, package, table

from datapkg.api import Data
from datapkg.model.errors import NotFound, UsageError
from datapkg.model.layout import Layout

KEY = {"company_id": "nordlicht-semi", "market_id": "ai-accelerators", "basis": "unspecified"}


@pytest.fixture(scope="module")
def data(built: Path) -> Data:
    return Data(Layout(built))


def shares(data: Data, *filters: Any, **asked: Any) -> list[str]:
    return sorted(data.load("market_shares", filters=list(filters), **asked)["period"])


@pytest.mark.parametrize(
    "name", ["nordlicht-semi", "Nordlicht Semi", "노르트리히트", "Nordlicht", "ＮＯＲＤＬＩＣＨＴ semi, Inc."]
)
def test_a_name_stands_for_its_id(data: Data, name: str) -> None:
    assert shares(data, ("company_id", "==", name)) == ["2023", "2023-Q4"]
    assert shares(data, ("company_id", "in", ["Hanbit Foundry", name])) == ["2023", "2023-Q4"]
    assert shares(data, ("company_id", "!=", name)) == []
    assert shares(data, ("company_id", "==", name), policy="latest") == ["2023", "2023-Q4"]
    assert len(data.load("market_shares", filters=[("company_id", "==", name)], policy="all")) == 3
    assert list(data.load("companies", filters=[("company_id", "==", name)])["company_id"]) == ["nordlicht-semi"]


def test_a_name_stands_for_its_id_in_keys_and_mentions(data: Data) -> None:
    named = {"company_id": "노르트리히트", "market_id": "AI 가속기", "period": "4Q23", "basis": "Unspecified"}
    assert data.trace("market_shares", named).attrs["key"]["company_id"] == "노르트리히트"
    pd.testing.assert_frame_equal(
        data.trace("market_shares", named), data.trace("market_shares", {**KEY, "period": "2023-Q4"}), check_flags=False
    )
    pd.testing.assert_frame_equal(data.mentions(["노르트리히트"]), data.mentions(["companies/nordlicht-semi"]))
    pd.testing.assert_frame_equal(data.mentions(["companies/Nordlicht"]), data.mentions(["companies/nordlicht-semi"]))


@pytest.mark.parametrize("told", ["2023-Q4", "2023Q4", "4Q23", "Q4 2023", "2023년 4분기"])
def test_a_clear_spelling_stands_for_its_period(data: Data, told: str) -> None:
    assert shares(data, ("period", "==", told)) == ["2023-Q4"]
    assert shares(data, ("period", "in", [told, 2023])) == ["2023", "2023-Q4"]
    assert shares(data, valid_on=told) == ["2023", "2023-Q4"]


def test_texts_stand_for_numbers_and_dates(data: Data) -> None:
    assert shares(data, ("share_pct", ">", "43")) == shares(data, ("share_pct", ">", 43)) == ["2023-Q4"]
    for day in ("2023-12-01", date(2023, 12, 1), pd.Timestamp("2023-12-01")):
        assert shares(data, ("period_start", "<", day), ("period_end", ">", day)) == ["2023", "2023-Q4"]
    assert shares(data, ("disputed", "==", "True")) == shares(data, ("disputed", "==", True)) == ["2023"]
    assert shares(data, ("period", "==", date(2023, 12, 1))) == []


def test_a_listed_value_and_a_voice_are_found_by_their_spelling(data: Data) -> None:
    assert shares(data, ("qualifier", "in", ["More than"])) == ["2023-Q4"]
    assert shares(data, ("voice", "==", "Nordlicht")) == shares(data, ("voice", "==", "nordlicht-semi"))
    assert shares(data, ("voice", "==", "Nordlicht"))


def test_a_statement_is_about_an_entry_by_any_name(data: Data) -> None:
    about = [("about", "==", "companies/노르트리히트")]
    assert list(data.load("statements", filters=about)["about"].unique()) == ["companies/nordlicht-semi"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([("company_id", "==", "Nordlich")],
         "no 'Nordlich' among the companies of invented-chips 1.2.3; did you mean 'nordlicht-semi' (Nordlicht)? "
         "Run `datapkg find Nordlich` to see what there is"),
        ([("company_id", "in", ["Hanbit Foundry", "zzz"])],
         "no 'zzz' among the companies of invented-chips 1.2.3. Run `datapkg find zzz` to see what there is"),
        ([("company_id", "==", "오로라 X1")],
         "no '오로라 X1' among the companies of invented-chips 1.2.3; '오로라 X1' is products/aurora-x1. "
         "Run `datapkg find '오로라 X1'` to see what there is"),
        ([("basis", "==", "revenu")],
         "no value 'revenu' in column 'basis' of 'market_shares'; did you mean 'revenue'? "
         "It holds revenue, units, capacity, unspecified"),
        ([("voice", "==", "Nordlich")], "no voice 'Nordlich' in table 'market_shares'; did you mean 'nordlicht-semi'?"),
        ([("compny_id", "==", "x")], "no column 'compny_id' in table 'market_shares'; did you mean 'company_id'?"),
    ],
)  # fmt: skip
def test_what_nothing_goes_by_is_refused_with_the_near_miss(data: Data, filters: Any, message: str) -> None:
    with pytest.raises(NotFound) as caught:
        data.load("market_shares", filters=filters)
    assert str(caught.value) == message


def test_without_rapidfuzz_the_near_misses_are_the_same(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rapidfuzz", None)
    with pytest.raises(NotFound, match=r"did you mean 'nordlicht-semi' \(Nordlicht\)\?"):
        data.load("market_shares", filters=[("company_id", "==", "Nordlich")])


def test_a_name_of_two_entries_is_refused(tmp_path: Path) -> None:
    fields = [field("company_id", required=True), field("name_en", required=True)]
    rows = [{"company_id": "arm-chips", "name_en": "Arm"}, {"company_id": "arm-tools", "name_en": "ARM Ltd."}]
    chips = Data(Layout(package(tmp_path, {"companies": table("company_id", fields, rows)})))
    assert len(chips.load("companies", filters=[("company_id", "==", "arm-tools")])) == 1
    for ask in (
        lambda: chips.load("companies", filters=[("company_id", "==", "Arm")]),
        lambda: chips.mentions(["arm"]),
    ):
        with pytest.raises(UsageError) as caught:
            ask()
        message = "'Arm' stands for 'arm-chips' or 'arm-tools' among the companies; write the id that is meant"
        assert str(caught.value).lower() == message.lower()


PERIODS = "expected a year 2024, half 2024-H1, quarter 2024-Q1, month 2024-01, day 2024-01-26, or an interval"


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([("period", "==", "soon")], f"period: 'soon' is no period; {PERIODS} 2023-11/2024-01"),
        ([("period", "==", "FY24")], f"period: 'FY24' is no period; {PERIODS} 2023-11/2024-01"),
        ([("period", "==", "01/02/2024")],
         f"period: '01/02/2024' is no period; {PERIODS} 2023-11/2024-01; did you mean 2024-02-01 or 2024-01-02?"),
        ([("share_pct", ">", "much")], "'much' is no number; share_pct of 'market_shares' holds numbers, such as 42.5"),
        ([("disputed", "==", "maybe")],
         "'maybe' is no boolean; disputed of 'market_shares' holds booleans, such as true"),
        ({"company_id": "x", "period": [2023]},
         "filters: found {'company_id': 'x', 'period': [2023]}; expected [(column, operator, value), ...]; "
         "did you mean [('company_id', '==', 'x'), ('period', 'in', [2023])]?"),
        (("company_id", "==", "x"),
         "filters: found ('company_id', '==', 'x'); expected [(column, operator, value), ...]; "
         "did you mean [('company_id', '==', 'x')]?"),
        ("company_id == 'x'", "filters: found \"company_id == 'x'\"; expected [(column, operator, value), ...]"),
        ([("company_id", "x")], "filters: found ('company_id', 'x'); expected [(column, operator, value), ...]"),
        ([("share_pct", "~", 1)],
         "filters: no operator '~' in ('share_pct', '~', 1); operators are ==, =, !=, <, <=, >, >=, in, not in"),
        ([("period", "in", "2023")], "filters: 'in' takes a list of values, found '2023'; did you mean ['2023']?"),
        ([("share_pct", "==", None)],
         "filters: nothing compares with None; for rows that have no share_pct, "
         "filters=pyarrow.compute.field('share_pct').is_null()"),
    ],
)  # fmt: skip
def test_what_is_no_value_and_no_filter_is_refused(data: Data, filters: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        data.load("market_shares", filters=filters)
    assert str(caught.value) == message


def test_alternatives_keep_their_meaning(data: Data) -> None:
    either = [[("period", "==", "4Q23")], [("share_pct", "<", "43"), ("company_id", "==", "Nordlicht")]]
    assert sorted(data.load("market_shares", filters=either)["share_pct"]) == [42, 45]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"filters": [("company_id", "==", "Nordlicht"), ("period", "==", "2019-Q1")]},
         "none of the 2 rows with company_id == nordlicht-semi has period == 2019-Q1; they have 2023, 2023-Q4"),
        ({"filters": [("period", "==", 2019), ("company_id", "==", "Nordlicht")]},
         "no row of 'market_shares' has period == 2019; they have 2023, 2023-Q4"),
        ({"filters": [("period", "==", 2019)], "policy": "latest"},
         "no row of 'market_shares' has period == 2019; they have 2023, 2023-Q4"),
        ({"filters": [[("period", "==", 2019)], [("share_pct", ">", 50)]]},
         "no row of 'market_shares' has period == 2019; they have 2023, 2023-Q4; "
         "no row of 'market_shares' has share_pct > 50; they have 42.0, 45.0"),
        ({"filters": [("period", "==", 2023)], "known_by": "2020"},
         "1 row fits the filters, and none of them with known_by 2020"),
        ({"valid_on": "2020", "voice": "Nordlicht"},
         "there are 2 rows, and none of them with valid_on 2020 and voice Nordlicht"),
    ],
)  # fmt: skip
def test_an_empty_answer_says_why(data: Data, asked: dict[str, Any], message: str) -> None:
    voice = asked.pop("voice", None)
    found = Data(data.layout, voice=voice).load("market_shares", **asked)
    assert found.empty
    assert found.attrs["empty"] == message


def test_many_values_are_told_by_their_ends_or_by_the_most_frequent(data: Data) -> None:
    none = data.load("claims", filters=[("char_start", ">", 100_000)])
    assert none.attrs["empty"] == "no row of 'claims' has char_start > 100000; they have 29 values from 0 to 762"
    none = data.load("claims", filters=[("says", "==", "nothing")])
    assert re.search("; they have [0-9]+ values, most often ", none.attrs["empty"])


def test_an_answer_says_nothing_of_why_it_is_not_empty(data: Data) -> None:
    assert "empty" not in data.load("market_shares", filters=[("company_id", "==", "Nordlicht")]).attrs
