"""From observations to facts: the policies, the comparison of claims, and the same rows on every engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from datapkg.facts import engine
from datapkg.facts.conflicts import conflict_rows, key_text, plain, reason, value_text
from datapkg.facts.consolidate import ABOUT, POLICIES, RANKS, consolidate
from datapkg.model.errors import NotFound
from datapkg.model.specs import PREFIX, Group, Spec, load_specs
from datapkg.model.values import bounds

SPECS = load_specs(Path(__file__).parents[2] / "schemas")
Row = dict[str, Any]
HEDGES = SPECS["market_shares"].field("qualifier").constraints["enum"]

DEFAULTS: Row = {
    "source_id": "s", "certainty": "asserted", "said_by": None, "voice": "kestrel", "tier": "secondary",
    "known_from": date(2024, 1, 31), "preferred": False, "corrected": False,
    "company_id": "nordlicht", "market_id": "ai", "period": "2023", "period_start": date(2023, 1, 1),
    "period_end": date(2023, 12, 31), "basis": "revenue", "qualifier": "exact", "metric": "revenue", "forecast": False,
    "plan_id": "own-memory", "kind": "own_chip", "status": "planned", "meeting_id": "m", "person_id": "falk",
    "visit_id": "v", "product_id": "x1", "currency": None,
}  # fmt: skip


def observed(table: str, *rows: Row) -> pa.Table:
    """Return observations of one table; what a row leaves out has a default, claims are named s/a, s/b ..."""
    spec = SPECS[PREFIX + table]
    named = [{**DEFAULTS, "claim_id": f"s/{chr(97 + n)}", **row} for n, row in enumerate(rows)]
    return engine.to_arrow([{k: v for k, v in row.items() if k in spec.columns} for row in named], spec)


def share(value: float | None, qualifier: str = "exact", low: float | None = None, high: float | None = None,
          **more: Any) -> Row:  # fmt: skip
    low, high = bounds(value, low, high, qualifier)
    return {"share_pct": value, "share_low_pct": low, "share_high_pct": high, "qualifier": qualifier, **more}


def money(amount: float, currency: str | None = "EUR", unit: str | None = None, **more: Any) -> Row:
    ends = {"amount_low": amount, "amount_high": amount, "qualifier": "exact"}
    return {"amount": amount, **ends, "currency": currency, "unit": unit, **more}


def days(count: int, qualifier: str = "exact") -> Row:
    low, high = bounds(count, None, None, qualifier)
    return {"duration": f"P{count}D", "days": count, "days_low": low, "days_high": high, "qualifier": qualifier}


def facts(table: str, *rows: Row, policy: str = "preferred") -> list[Row]:
    found = consolidate(observed(table, *rows), SPECS[table], policy)
    return plain_rows(found.facts)


def fact(table: str, *rows: Row, policy: str = "preferred") -> Row:
    (row,) = facts(table, *rows, policy=policy)
    return row


def conflicts(table: str, *rows: Row) -> list[Row]:
    observations = observed(table, *rows)
    return conflict_rows(SPECS[table], consolidate(observations, SPECS[table]), observations.to_pylist())


def plain_rows(frame: Any) -> list[Row]:
    """Return the rows of a lazy frame with days for times and None for every missing value."""
    names = frame.collect_schema().names()  # pandas' index may come along as a column more
    rows = frame.collect(backend="pyarrow").to_arrow().select(names).to_pylist()
    return [{k: _plain(v) for k, v in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return None if isinstance(value, float) and value != value else value


# Which claim comes first

ORDER: list[tuple[Row, Row]] = [
    ({"preferred": True, "tier": "weak", "certainty": "speculated"}, {"tier": "primary"}),
    ({"tier": "primary", "certainty": "speculated"}, {"tier": "secondary", "known_from": date(2025, 1, 1)}),
    ({"tier": "secondary", "certainty": "reported"}, {"tier": "weak"}),
    ({"tier": "weak"}, {"tier": "unheard-of"}),
    ({"certainty": "asserted"}, {"certainty": "reported", "known_from": date(2025, 1, 1)}),
    ({"certainty": "reported"}, {"certainty": "speculated", "known_from": date(2025, 1, 1)}),
    ({"known_from": date(2024, 2, 1)}, {"known_from": date(2024, 1, 31), "claim_id": "s/0"}),
    ({"known_from": date(2024, 10, 1)}, {"known_from": date(2024, 9, 30)}),
    ({"known_from": date(2024, 1, 1)}, {"known_from": date(2023, 12, 31)}),
    ({"known_from": date(9999, 1, 1)}, {"known_from": date(1999, 12, 31)}),
    ({"claim_id": "a/z"}, {"claim_id": "b/a"}),
    ({"claim_id": "s/a-1"}, {"claim_id": "s/a-2"}),
]


@pytest.mark.parametrize(("first", "second"), ORDER)
@pytest.mark.parametrize("swap", [False, True])
def test_preferred_goes_by_preference_tier_certainty_publication_and_claim_id(
    first: Row, second: Row, swap: bool
) -> None:
    rows = [share(10, **{"claim_id": "s/y", **first}), share(20, **{"claim_id": "s/z", **second})]
    found = fact("market_shares", *(rows[::-1] if swap else rows))
    assert (found["share_pct"], found["claim_id"]) == (10, rows[0]["claim_id"])
    assert found["certainty"] == first.get("certainty", "asserted")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"known_from": date(2024, 2, 1), "tier": "weak"}, {"tier": "primary", "preferred": True}),
        ({"known_from": date(2024, 2, 1), "certainty": "speculated"}, {}),
        ({"tier": "primary", "certainty": "speculated"}, {"tier": "weak"}),
        ({"certainty": "asserted"}, {"certainty": "reported"}),
        ({"claim_id": "s/a"}, {"claim_id": "s/b"}),
    ],
)  # fmt: skip
def test_latest_puts_publication_first_and_knows_no_preference(first: Row, second: Row) -> None:
    rows = [share(20, **{"claim_id": "s/z", **second}), share(10, **{"claim_id": "s/y", **first})]
    assert fact("market_shares", *rows, policy="latest")["share_pct"] == 10


def test_the_policies_and_ranks_are_those_of_the_design() -> None:
    assert POLICIES["preferred"] == ("preferred", "tier", "certainty", "known_from", "claim_id")
    for name, values in RANKS.items():
        enum = SPECS["observations.market_shares"].field(name).constraints["enum"]
        assert list(values) == enum


@pytest.mark.parametrize(
    ("policy", "near"), [("prefered", "; did you mean 'preferred'?"), ("last", "; did you mean 'latest'?"), ("", "")]
)
def test_an_unknown_policy_names_the_near_miss_and_all_policies(policy: str, near: str) -> None:
    message = f"no policy '{policy}' in datapkg{near or '.'} Policies are preferred, latest"
    with pytest.raises(NotFound, match="^" + re.escape(message) + "$"):
        consolidate(observed("market_shares", share(1)), SPECS["market_shares"], policy)


# What a fact is made of


def test_a_cell_takes_the_first_claim_that_has_one() -> None:
    found = fact(
        "plans",
        {"tier": "primary", "object": None, "counterpart_id": None, "response": "none yet"},
        {"tier": "secondary", "object": "a memory", "counterpart_id": None, "response": "no"},
        {"tier": "weak", "object": "a chip", "counterpart_id": "hanbit", "response": "yes"},
    )
    assert (found["object"], found["counterpart_id"], found["response"]) == ("a memory", "hanbit", "none yet")
    assert (found["claim_id"], found["target_period"]) == ("s/a", None)


def test_the_claim_of_a_fact_is_that_of_its_leading_group() -> None:
    found = fact("plans", {"tier": "primary", "company_id": None}, {"tier": "weak", "certainty": "reported"})
    assert (found["company_id"], found["claim_id"], found["certainty"]) == ("nordlicht", "s/b", "reported")


def test_columns_of_a_group_come_from_one_claim() -> None:
    found = fact("market_shares", share(None, low=40, tier="primary"), share(45, tier="weak"))
    assert (found["share_pct"], found["share_low_pct"], found["share_high_pct"]) == (None, 40, None)
    found = fact("company_metrics", money(5, None, "wafers per month", tier="primary"), money(7, "EUR"))
    assert (found["amount"], found["unit"], found["currency"]) == (5, "wafers per month", None)


def test_a_key_about_which_nothing_else_is_said_has_the_first_claim() -> None:
    found = fact("meeting_people", {"tier": "weak", "company_id": None}, {"tier": "primary", "company_id": None})
    assert (found["company_id"], found["claim_id"], found["claim_count"]) == (None, "s/b", 2)
    assert not found["disputed"]
    found = fact(
        "product_components", {"component_id": "hbm", "claim_id": "s/b"}, {"component_id": "hbm", "claim_id": "s/a"}
    )
    assert (found["claim_id"], found["claim_count"], found["disputed"]) == ("s/a", 2, False)


def test_counts_voices_and_the_first_publication() -> None:
    found = fact(
        "market_shares",
        share(40, voice="kestrel", known_from=date(2024, 3, 31), tier="primary"),
        share(40, voice="kestrel", known_from=date(2024, 1, 31)),
        share(40, voice="nordlicht", known_from=date(2024, 2, 29)),
    )
    assert (found["claim_count"], found["source_count"], found["disputed"]) == (3, 2, False)
    assert (found["known_from"], found["claim_id"]) == (date(2024, 1, 31), "s/a")


def test_one_row_per_key_sorted_with_the_columns_of_the_schema() -> None:
    found = facts(
        "market_shares", share(1, company_id="b"), share(2, company_id="a"), share(3, company_id="b", period="2022")
    )
    assert [(r["company_id"], r["period"]) for r in found] == [("a", "2023"), ("b", "2022"), ("b", "2023")]
    assert {tuple(r) for r in found} == {SPECS["market_shares"].columns}
    assert [r["period_end"] for r in found] == [date(2023, 12, 31)] * 3


def test_the_key_of_statements_is_the_claim_itself() -> None:
    found = facts("statements", {"about": "companies/a", "text": "It grows."}, {"about": None, "text": "It shrinks."})
    assert [(r["claim_id"], r["text"], r["claim_count"]) for r in found] == [
        ("s/a", "It grows.", 1),
        ("s/b", "It shrinks.", 1),
    ]


@pytest.mark.parametrize("table", [n for n, s in SPECS.items() if s.role == "fact"])
def test_every_fact_table_can_be_made_of_no_and_of_one_observation(table: str) -> None:
    assert facts(table) == []
    spec = SPECS[PREFIX + table]
    row = {f.name: _some(f.type) for f in spec.fields if f.name not in DEFAULTS and f.name != "claim_id"}
    found = fact(table, row)
    assert set(found) == set(SPECS[table].columns)
    assert (found["claim_id"], found["claim_count"], found["source_count"], found["disputed"]) == ("s/a", 1, 1, False)


def _some(kind: str) -> Any:
    return {"string": "2024", "number": 1.0, "integer": 1, "boolean": True, "date": date(2024, 1, 1)}[kind]


# When two claims contradict each other


def disputed(table: str, first: Row, second: Row) -> bool:
    """Return whether two claims dispute a fact, whichever of them is chosen."""
    one = fact(table, {**first, "claim_id": "s/a"}, {**second, "claim_id": "s/b"})
    two = fact(table, {**first, "claim_id": "s/b"}, {**second, "claim_id": "s/a"})
    assert one["disputed"] == two["disputed"], "it must not matter which is chosen"
    return bool(one["disputed"])


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        (share(80), share(80), False),
        (share(80), share(80.5), False),
        (share(80), share(80.6), True),
        (share(80), share(80, "about"), False),
        (share(80), share(80, "up_to"), False),
        (share(80, "about"), share(80, "up_to"), False),
        (share(80, "at_least"), share(80, "up_to"), False),
        (share(80, "more_than"), share(95, "about"), False),
        (share(80, "at_least"), share(79), True),
        (share(80, "at_least"), share(79.5), False),
        (share(80, "more_than"), share(70, "up_to"), True),
        (share(80, "less_than"), share(30), False),
        (share(80, "less_than"), share(81), True),
        (share(80, "about"), share(84), False),
        (share(80, "about"), share(84.5), False),
        (share(80, "about"), share(85), True),
        (share(80, "about"), share(76), False),
        (share(80, "about"), share(75), True),
        (share(None, low=70, high=90), share(80), False),
        (share(None, low=70, high=90), share(91), True),
        (share(None, low=70, high=90), share(None, low=90, high=95), False),
        (share(None, low=70, high=80), share(None, low=85, high=95), True),
        (share(None, low=70), share(60, "up_to"), True),
        (share(None, low=70), share(None, high=75), False),
        (share(80, "about", 79, 81), share(84), True),
        (share(80, "up_to", 70), share(90), True),
        (share(0), share(0, "up_to"), False),
        (share(60), share(60.4), False),
        (share(60.5), share(60), False),
        (share(60), share(60.6), True),
        (share(60), share(61), True),
        (share(64.7), share(64.9), True),
        (share(13.5), share(13.6), True),
        (share(13.55), share(13.6), False),
        (share(13.54), share(13.55), True),
    ],
)  # fmt: skip
def test_shares_are_compared_as_intervals(first: Row, second: Row, differ: bool) -> None:
    assert disputed("market_shares", first, second) is differ


def test_about_80_and_up_to_80_do_not_contradict_80() -> None:
    rows = (share(80), share(80, "about", tier="weak"), share(80, "up_to", tier="weak"))
    assert fact("market_shares", *rows)["disputed"] is False
    assert conflicts("market_shares", *rows) == []
    assert ABOUT == 0.05


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        (money(100), money(102), False),
        (money(100), money(98), False),
        (money(101), money(102), True),
        (money(100), money(103), True),
        (money(100), money(100, "USD"), False),
        (money(100), money(900, "USD"), False),
        (money(100, None, "wafers"), money(900, "EUR", None), False),
        (money(100, None, "wafers"), money(900, None, "wafers"), True),
        (money(100, None), money(900, None), True),
        (money(-100), money(-101), False),
        (money(-100), money(100), True),
        (money(0), money(0), False),
        (money(0), money(1), True),
        (money(4.2e9), money(4.25e9), False),
        (money(23.53e9), money(23.527e9), False),
        (money(3.357e9), money(3.305e9), True),
        (money(48.7e9), money(48.6e9), True),
        (money(122e12), money(120e12), False),
        (money(1e12), money(1.4e12), True),
    ],
)
def test_amounts_are_compared_in_proportion_and_in_one_currency(first: Row, second: Row, differ: bool) -> None:
    assert disputed("company_metrics", first, second) is differ


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ("2024", "2024", False),
        ("2024", "2025", True),
        ("2024-01", "2024-01-26", False),
        ("2024", "2024-01-26", False),
        ("2024-02", "2024-01-26", True),
        ("2024-01-26", "2024-01-27", True),
        ("2024-01", "2024-02", True),
        ("2023", "2024-01-26", True),
        ("2024", "2024-Q3", False),
        ("2024", "2024-H1", False),
        ("2024-Q3", "2024-Q3", False),
        ("2024-Q3", "2024-Q4", True),
        ("2024-Q1", "2024-02", False),
        ("2024-Q1", "2024-02-29", False),
        ("2024-Q1", "2024-04", True),
        ("2024-Q1", "2024-04-01", True),
        ("2024-H2", "2024-Q3", False),
        ("2024-H2", "2024-Q2", True),
        ("2024-H1", "2024-06-30", False),
        ("2024-H2", "2024-06", True),
        ("2024-Q4", "2025-10", True),
        (None, "2024", False),
    ],
)
def test_dates_are_compared_as_far_as_both_go(first: str | None, second: str | None, differ: bool) -> None:
    assert disputed("plans", {"target_period": first}, {"target_period": second}) is differ


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ({"hours": 30.0}, {"hours": 30.5}, False),
        ({"hours": 30.0}, {"hours": 31.0}, True),
        ({"hours": 30.0}, {"hours": 31.5}, True),
        ({"hours": 30.0}, {"hours": None}, False),
        ({"hours": None}, {"hours": None}, False),
    ],
)
def test_numbers_are_compared_within_rounding(first: Row, second: Row, differ: bool) -> None:
    assert disputed("visits", first, second) is differ


def test_waiting_times_are_compared_within_two_weeks() -> None:
    wait: Row = {"product_id": "x1", "period": "2024"}
    first = {**wait, **days(365, "about")}
    assert not disputed("product_lead_times", first, {**wait, **days(333)})
    assert disputed("product_lead_times", first, {**wait, **days(332)})
    assert not disputed("product_lead_times", {**wait, **days(365)}, {**wait, **days(351)})
    assert disputed("product_lead_times", {**wait, **days(365)}, {**wait, **days(350)})
    assert not disputed("product_lead_times", first, {**wait, "days_low": 200, "days_high": 340, "qualifier": "exact"})


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ({"status": "planned"}, {"status": "planned"}, False),
        ({"status": "planned"}, {"status": "dropped"}, True),
        ({"status": None}, {"status": "dropped"}, False),
        ({"counterpart_id": "a"}, {"counterpart_id": None}, False),
        ({"object": "this"}, {"object": "that"}, False),
    ],
)
def test_words_are_compared_exactly_or_not_at_all(first: Row, second: Row, differ: bool) -> None:
    assert disputed("plans", first, second) is differ


def test_claims_are_compared_with_the_chosen_one_only() -> None:
    rows = (share(80, "about", tier="primary"), share(76), share(84))
    assert conflicts("market_shares", *rows) == []


# What is written down about contradictions


def test_a_conflict_names_both_claims_both_values_and_the_reason() -> None:
    assert conflicts("market_shares", share(48, tier="secondary"), share(42, "at_least", tier="primary"),
                     share(10, "less_than", tier="weak"), share(None, low=20, high=30.5, tier="weak"),
                     share(42, tier="weak")) == [
        {
            "table": "market_shares",
            "key": "company_id=nordlicht;market_id=ai;period=2023;basis=revenue;forecast=false",
            "column": "share_pct",
            "chosen_claim_id": "s/b",
            "chosen_value": "at least 42",
            "other_claim_id": claim,
            "other_value": value,
            "reason": "tier: primary comes before weak",
        }
        for claim, value in (("s/c", "less than 10"), ("s/d", "20 to 30.5"))
    ]  # fmt: skip


def test_each_contradicted_group_has_a_row_of_its_own() -> None:
    found = conflicts(
        "plans",
        {"tier": "primary", "status": None, "kind": "own_chip", "target_period": "2024-05"},
        {"tier": "secondary", "status": "planned", "kind": "product", "target_period": "2025"},
        {"tier": "weak", "status": "dropped", "kind": "own_chip", "target_period": "2024"},
    )
    assert [
        (r["column"], r["chosen_claim_id"], r["chosen_value"], r["other_claim_id"], r["other_value"]) for r in found
    ] == [
        ("kind", "s/a", "own_chip", "s/b", "product"),
        ("status", "s/b", "planned", "s/c", "dropped"),
        ("target_period", "s/a", "2024-05", "s/b", "2025"),
    ]
    assert {r["key"] for r in found} == {"plan_id=own-memory"}
    assert fact("plans", {"status": "planned"}, {"status": "dropped"})["disputed"] is True


def test_a_dispute_in_one_row_leaves_the_others_alone() -> None:
    rows = (share(10), share(90), share(10, period="2022"), share(10, period="2022"))
    assert [r["disputed"] for r in facts("market_shares", *rows)] == [False, True]


@pytest.mark.parametrize(
    ("chosen", "other", "text"),
    [
        ({"preferred": True}, {"tier": "primary"}, "a curator prefers it; see data/raw/corrections.yaml"),
        ({"tier": "primary"}, {"certainty": "reported"}, "tier: primary comes before secondary"),
        ({"certainty": "asserted"}, {"certainty": "speculated"}, "certainty: asserted comes before speculated"),
        ({"known_from": date(2024, 3, 31)}, {}, "published later: by 2024-03-31, the other by 2024-01-31"),
        ({"claim_id": "s/a"}, {"claim_id": "s/b"}, "same standing; the first claim id is used"),
    ],
)
def test_a_reason_says_why_the_chosen_claim_comes_first(chosen: Row, other: Row, text: str) -> None:
    named = ({"claim_id": "s/y", **chosen}, {"claim_id": "s/z", **other})
    assert reason({**DEFAULTS, **named[0]}, {**DEFAULTS, **named[1]}) == text
    (row,) = conflicts("market_shares", share(10, **named[0]), share(50, **named[1]))
    assert (row["chosen_value"], row["other_value"], row["reason"]) == ("10", "50", text)


@pytest.mark.parametrize(
    ("table", "row", "text"),
    [
        ("market_shares", share(80), "80"),
        ("market_shares", share(80.25, "about"), "about 80.25"),
        ("market_shares", share(80, "at_least"), "at least 80"),
        ("market_shares", share(80, "up_to"), "up to 80"),
        ("market_shares", share(80, "more_than"), "more than 80"),
        ("market_shares", share(80, "less_than"), "less than 80"),
        ("market_shares", share(None, low=5), "5 to ?"),
        ("market_shares", share(None, high=5), "? to 5"),
        ("company_metrics", money(4.2e9), "4200000000 EUR"),
        ("company_metrics", money(1e5, None, "wafers per month"), "100000 wafers per month"),
        ("company_metrics", {"amount_low": 2.0, "amount_high": 3.0, "qualifier": "exact", "unit": "GW"}, "2 to 3 GW"),
        ("deals", money(5e8, None), "500000000"),
        ("product_prices", {"amount": 25000.0, "low": None, "high": 25000.0, "qualifier": "up_to", "basis": "street"},
         "up to 25000 street"),
        ("product_lead_times", {"days": 182, "duration": "P26W", "qualifier": "about"}, "about 182 P26W"),
        ("product_lead_times", {"days_low": 252, "days_high": 364, "duration_low": "P36W", "duration_high": "P52W"},
         "252 to 364 P36W P52W"),
    ],
)  # fmt: skip
def test_a_value_is_written_with_its_hedge_range_and_unit(table: str, row: Row, text: str) -> None:
    group = next(g for g in SPECS[table].groups if len(g.columns) > 1)
    assert value_text({f"other_{c}": row.get(c) for c in group.columns}, group, "other_") == text


def test_plain_values_and_keys() -> None:
    assert [plain(v) for v in (None, 2.0, 0.1, 1e20, 3, "a", date(2024, 1, 2))] == [
        "?", "2", "0.1", "1e+20", "3", "a", "2024-01-02"]  # fmt: skip
    assert key_text({"a": 1, "b": "x", "c": 0}, ("b", "a")) == "b=x;a=1"
    assert value_text({"flag": True}, Group(("flag",), "exact")) == "flag"


# The same rows on every engine

ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow": lambda table: table,
    "pandas-arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas": lambda table: table.to_pandas(date_as_object=False),
    "polars": pl.from_arrow,
    "duckdb": lambda table: duckdb.connect().from_arrow(table),
}
FEW = {
    "string": ["a", "b"], "integer": [1, 2], "boolean": [True, False],
    "number": [0.0, 1.0, 76.0, 79.5, 80.0, 84.0, 100.0],
    "date": [date(2024, 1, 1), date(2024, 1, 31), date(2023, 12, 31)],
}  # fmt: skip
EDTF = ["2024", "2024-01", "2024-01-26", "2024-Q1", "2023-H2", "2023-10"]


@cache
def rows_of(table: str) -> st.SearchStrategy[list[Row]]:
    """Return a strategy for observations of one table: few values, so that keys meet and claims differ."""
    spec = SPECS[PREFIX + table]
    columns: dict[str, st.SearchStrategy[Any]] = {}
    for f in spec.fields:
        pool = f.constraints.get("enum", EDTF if f.edtf else FEW[f.type])
        some = st.sampled_from(pool[:3] if f.name in spec.key else pool)
        columns[f.name] = some if f.required or f.name == "qualifier" else st.none() | some
    columns["voice"] = st.sampled_from(["a", "b", "c"])
    claims = st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=40)
    return claims.map(lambda rows: [_whole({**row, "claim_id": f"s/{n:02}"}) for n, row in enumerate(rows)])


def _whole(row: Row) -> Row:
    """Return the row with what the machine works out: ends of a period, bounds of a share."""
    if "period" in row:
        row |= {"period_start": date(2023, 1, 1), "period_end": date(2023, 12, 31)}
    if "share_pct" in row:
        value, low, high = row["share_pct"], row["share_low_pct"], row["share_high_pct"]
        if value is None and (low is None or high is None or low > high):
            value = 50.0
        low, high = (low, high) if value is None else bounds(value, None, None, row["qualifier"])
        row |= {"share_pct": value, "share_low_pct": low, "share_high_pct": high}
    return row


def run(frame: Any, table: str, policy: str) -> tuple[list[Row], list[list[Row]]]:
    """Return facts and sorted contradictions as plain rows."""
    found = consolidate(frame, SPECS[table], policy)
    pairs = [
        sorted(plain_rows(p), key=lambda r: (key_text(r, SPECS[table].key), r["claim_id"]))
        for p in found.contradictions
    ]
    return plain_rows(found.facts), pairs


@pytest.mark.parametrize("table", ["market_shares", "plans", "company_metrics", "meeting_people"])
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking over five engines takes minutes
)
@given(data=st.data())
def test_every_engine_gives_the_same_rows(table: str, data: st.DataObject) -> None:
    rows = data.draw(rows_of(table))
    policy = data.draw(st.sampled_from(sorted(POLICIES)))
    observations = engine.to_arrow(rows, SPECS[PREFIX + table])
    expected = run(observations, table, policy)
    assert expected == oracle(rows, SPECS[table], policy)
    for name, convert in ENGINES.items():
        assert run(convert(observations), table, policy) == expected, name


@pytest.mark.parametrize("table", ["statements", "plans", "meeting_people"])
def test_every_engine_takes_rows_that_say_next_to_nothing(table: str) -> None:
    observations = observed(table, {"company_id": None, "status": None, "kind": None}, {"company_id": None})
    expected = run(observations, table, "preferred")
    assert [r["disputed"] for r in expected[0]] == [False] * len(expected[0])
    for name, convert in ENGINES.items():
        assert run(convert(observations), table, "preferred") == expected, name


def oracle(rows: Iterable[Row], spec: Spec, policy: str) -> tuple[list[Row], list[list[Row]]]:
    """Return facts and contradictions, worked out row by row in plain Python from the words of the design."""
    keys: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        keys.setdefault(tuple(row[k] for k in spec.key), []).append(row)
    groups = [g for g in spec.groups if g.compare != "none"]
    made, pairs = [], {g.columns: [] for g in groups}
    for _, claims in sorted(keys.items()):
        claims.sort(key=lambda r: _standing(r, policy))
        fact_row = {c: claims[0].get(c) for c in spec.columns}
        lead, against = claims[0], False
        for n, group in enumerate(spec.groups):
            saying = [r for r in claims if any(r[c] is not None for c in group.columns)]
            first = saying[0] if saying else dict.fromkeys(group.columns)
            lead = first if n == 0 and saying else lead
            fact_row |= {c: first[c] for c in group.columns}
            for other in (r for r in saying[1:] if group in groups and _contradicts(r, first, group)):
                against = True
                pairs[group.columns].append(
                    {k: other[k] for k in (*spec.key, "claim_id")} | {"chosen_claim_id": first["claim_id"]}
                    | {f"other_{c}": other[c] for c in group.columns} | {f"chosen_{c}": first[c] for c in group.columns}
                )  # fmt: skip
        made.append(fact_row | {"certainty": lead["certainty"], "claim_id": lead["claim_id"], "disputed": against,
                                "claim_count": len(claims), "source_count": len({r["voice"] for r in claims}),
                                "known_from": min(r["known_from"] for r in claims)})  # fmt: skip
    order = [sorted(found, key=lambda r: (key_text(r, spec.key), r["claim_id"])) for found in pairs.values()]
    return made, order


def _standing(row: Row, policy: str) -> tuple[Any, ...]:
    tier, certainty = RANKS["tier"].index(row["tier"]), RANKS["certainty"].index(row["certainty"])
    latest = -row["known_from"].toordinal()
    if policy == "latest":
        return latest, tier, certainty, row["claim_id"]
    return not row["preferred"], tier, certainty, latest, row["claim_id"]


def _contradicts(row: Row, chosen: Row, group: Group) -> bool:
    rule = group.compare
    if rule in ("exact", "edtf"):
        a, b = row[group.columns[0]], chosen[group.columns[0]]
        return a is not None and (a != b if rule == "exact" else not _overlap(a, b))
    if "interval" in rule:
        columns = rule["interval"]
        (low, high), (chosen_low, chosen_high) = _ends(row, columns), _ends(chosen, columns)
        same = all((row[c] or "") == (chosen[c] or "") for c in rule.get("same", ()))
        return same and any(_exceeds(a, b, rule) for a, b in ((low, chosen_high), (chosen_low, high)))
    return abs(row[group.columns[0]] - chosen[group.columns[0]]) > rule["within"]


def _exceeds(above: float, below: float, rule: dict[str, Any]) -> bool:
    if above <= below or float("inf") in (above, -below, -above, below):
        return False
    allowed = [rule["within"]] if "within" in rule else []
    allowed += [max(abs(above), abs(below)) * rule["within_pct"] / 100] if "within_pct" in rule else []
    allowed += [_step(above, below) / 2 + 1e-6] if rule.get("rounding") else []
    return above - below > min(allowed)


def _step(*values: float) -> float:
    """Return the coarsest of the last digits that numbers give, from thousandths on."""
    return max((10.0**power for power in range(-3, 15) for v in values if round(v, -power) == v), default=0.0)


def _overlap(a: str, b: str) -> bool:
    from datapkg.model.values import period

    one, two = period(a), period(b)
    return one.start <= two.end and two.start <= one.end


def _ends(row: Row, columns: list[str]) -> tuple[float, float]:
    value, low, high, qualifier = (row[c] for c in columns)
    if qualifier == "about" and low is None and high is None and value is not None:
        low, high = value - abs(value) * 0.05, value + abs(value) * 0.05
    return (float("-inf") if low is None else low), (float("inf") if high is None else high)
