"""From observations to facts: what a fact is made of, when claims contradict each other, and what is written of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from observed import DEFAULTS, SPECS, Row, apart, conflicts, dated, days, fact, facts, money, share

from datapkg.facts.agreement import ABOUT
from datapkg.facts.conflicts import key_text, plain, value_text
from datapkg.model.specs import PREFIX, Group

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


def test_the_claim_of_a_fact_is_that_of_its_leading_group_and_its_certainty_the_weakest_that_it_uses() -> None:
    rows = ({"tier": "primary", "company_id": None}, {"tier": "weak", "certainty": "reported"})
    found = fact("plans", *rows)
    assert (found["company_id"], found["claim_id"], found["certainty"]) == ("nordlicht", "s/a", "reported")
    found = fact("plans", {**rows[0], "status": None}, rows[1])
    assert (found["status"], found["claim_id"]) == ("planned", "s/b")


def test_columns_of_a_group_come_from_one_claim() -> None:
    found = fact("market_shares", share(None, low=40, tier="primary"), share(45, tier="weak"))
    assert (found["share_pct"], found["share_low_pct"], found["share_high_pct"]) == (None, 40, None)
    found = fact("company_metrics", money(5, None, "wafers per month", tier="primary"), money(7, "EUR"))
    assert (found["amount"], found["unit"], found["currency"]) == (5, "wafers per month", None)


def test_an_empty_hedge_beside_a_value_means_exact_and_is_filled_by_no_other_claim() -> None:
    found = fact(
        "visits",
        {"tier": "primary", "hours": 19.0, "hours_qualifier": None},
        {"tier": "weak", "hours": 20.0, "hours_qualifier": "about"},
    )
    assert (found["hours"], found["hours_qualifier"], found["disputed"]) == (19, None, True)


def test_a_range_open_at_one_end_is_kept_and_known_since_it_was_first_stated() -> None:
    open_ = {"amount_low": 5.0, "currency": "EUR", "qualifier": None, "status": "planned"}
    found = fact("plans", {**open_, **dated("2024-03-01")}, {"amount": None, **dated("2024-01-01")})
    assert (found["amount"], found["amount_low"], found["amount_high"]) == (None, 5, None)
    found = fact("market_shares", share(None, low=40, **dated("2024-03-01")), share(10, **dated("2024-01-01")))
    assert (found["share_low_pct"], found["known_from"], found["first_claimed"]) == (
        40,
        date(2024, 3, 1),
        date(2024, 1, 1),
    )


def test_a_key_about_which_nothing_else_is_said_has_the_first_claim() -> None:
    found = fact("meeting_people", {"tier": "weak", "company_id": None}, {"tier": "primary", "company_id": None})
    assert (found["company_id"], found["claim_id"], found["claim_count"]) == (None, "s/b", 2)
    assert not found["disputed"]
    found = fact(
        "product_components", {"component_id": "hbm", "claim_id": "s/b"}, {"component_id": "hbm", "claim_id": "s/a"}
    )
    assert (found["claim_id"], found["claim_count"], found["disputed"]) == ("s/a", 2, False)


def test_counts_claims_and_the_voices_that_they_come_from() -> None:
    found = fact(
        "market_shares",
        share(40, voice="kestrel", tier="primary"),
        share(40, voice="kestrel"),
        share(40, voice="nordlicht"),
    )
    assert (found["claim_count"], found["source_count"], found["disputed"]) == (3, 2, False)


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


def check_disputed(table: str, *pairs: tuple[Row, Row, bool]) -> None:
    """Check which pairs of claims of one day dispute a fact, whichever of them is chosen."""
    one = apart(table, *((first, second) for first, second, _ in pairs))
    two = apart(table, *((second, first) for first, second, _ in pairs))
    for (first, second, differ), *found in zip(pairs, one, two, strict=True):
        assert [row["disputed"] for row in found] == [differ, differ], (first, second)


def test_shares_are_compared_as_intervals() -> None:
    check_disputed(
        "market_shares",
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
    )


def test_about_80_and_up_to_80_do_not_contradict_80() -> None:
    rows = (share(80), share(80, "about", tier="weak"), share(80, "up_to", tier="weak"))
    assert fact("market_shares", *rows)["disputed"] is False
    assert conflicts("market_shares", *rows) == []
    assert ABOUT == 0.05


def test_amounts_are_compared_in_proportion_and_in_one_currency() -> None:
    check_disputed(
        "company_metrics",
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
    )


def test_dates_are_compared_as_far_as_both_go() -> None:
    pairs: list[tuple[Any, Any, bool]] = [
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
    ]
    check_disputed("plans", *(({"target_period": a}, {"target_period": b}, differ) for a, b, differ in pairs))


def test_numbers_are_compared_within_rounding() -> None:
    check_disputed(
        "visits",
        ({"hours": 30.0}, {"hours": 30.5}, False),
        ({"hours": 30.0}, {"hours": 31.0}, True),
        ({"hours": 30.0}, {"hours": 31.5}, True),
        ({"hours": 30.0}, {"hours": None}, False),
        ({"hours": None}, {"hours": None}, False),
    )


def test_waiting_times_are_compared_within_two_weeks() -> None:
    about = days(365, "about")
    check_disputed(
        "product_lead_times",
        (about, days(333), False),
        (about, days(332), True),
        (days(365), days(351), False),
        (days(365), days(350), True),
        (about, {"days_low": 200, "days_high": 340, "qualifier": "exact"}, False),
    )


def test_words_are_compared_exactly_or_not_at_all() -> None:
    check_disputed(
        "plans",
        ({"status": "planned"}, {"status": "planned"}, False),
        ({"status": "planned"}, {"status": "dropped"}, False),
        ({"status": "proposed"}, {"status": "in_talks"}, True),
        ({"status": None}, {"status": "dropped"}, False),
        ({"counterpart_id": "a"}, {"counterpart_id": None}, False),
        ({"object": "this"}, {"object": "that"}, False),
    )


def test_claims_are_compared_with_the_chosen_one_only() -> None:
    rows = (share(80, "about", tier="primary"), share(76), share(84))
    assert conflicts("market_shares", *rows) == []


# What is written down about contradictions


def test_a_conflict_names_both_claims_voices_values_and_the_reason() -> None:
    found = conflicts(
        "market_shares",
        share(48, tier="secondary", voice="nordlicht"),
        share(42, "at_least", tier="primary"),
        share(10, "less_than", tier="weak", voice="weekly"),
        share(None, low=20, high=30.5, tier="weak", voice="nordlicht"),
        share(42, tier="weak", voice="weekly"),
    )
    assert found == [
        {
            "table": "market_shares",
            "key": "company_id=nordlicht;market_id=ai;period=2023;basis=revenue;forecast=false",
            "column": "share_pct",
            "kind": "disagreement",
            "chosen_claim_id": "s/b",
            "chosen_voice": "kestrel",
            "chosen_value": "at least 42",
            "other_claim_id": claim,
            "other_voice": voice,
            "other_value": value,
            "other_claims": 1,
            "reason": f"kestrel speaks of this in better sources than {voice}",
        }
        for claim, voice, value in (("s/d", "nordlicht", "20 to 30.5"), ("s/c", "weekly", "less than 10"))
    ]


def test_a_value_that_a_voice_repeats_is_one_difference() -> None:
    other = {"voice": "weekly"}
    (row,) = conflicts("market_shares", share(40, tier="primary"), share(60, **other), share(60, **other))
    assert (row["other_claim_id"], row["other_voice"], row["other_claims"]) == ("s/b", "weekly", 2)
    rows = (share(40, tier="primary"), share(60, **other), share(60, voice="daily"))
    assert [row["other_voice"] for row in conflicts("market_shares", *rows)] == ["weekly", "daily"]


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
        ("status", "s/c", "dropped", "s/b", "planned"),
        ("kind", "s/a", "own_chip", "s/b", "product"),
        ("target_period", "s/a", "2024-05", "s/b", "2025"),
    ]
    assert {r["key"] for r in found} == {"plan_id=own-memory"}


def test_a_dispute_in_one_row_leaves_the_others_alone() -> None:
    rows = (share(10), share(90), share(10, period="2022"), share(10, period="2022"))
    assert [r["disputed"] for r in facts("market_shares", *rows)] == [False, True]


@pytest.mark.parametrize(
    ("chosen", "other", "text"),
    [
        ({"preferred": True}, {"tier": "primary"}, "a curator prefers it; see preferences"),
        ({"lead": True}, {"tier": "primary"}, "kestrel leads this market"),
        ({}, {"attribution": "unnamed", "voice": "weekly"}, "attribution: kestrel stands nearer to this than weekly"),
        ({"tier": "primary"}, {"voice": "weekly"}, "kestrel speaks of this in better sources than weekly"),
        ({}, {"certainty": "speculated"}, "certainty: asserted comes before speculated"),
        (dated("2024-03-31"), {}, "kestrel has given a newer vintage than that of 2024-01-31"),
        ({"tier": "primary"}, {}, "tier: primary comes before secondary"),
        ({}, {"qualifier": "more_than"}, "a value comes before a hedge or a range"),
        (dated("2024-03-31"), {"voice": "weekly"}, "published later: by 2024-03-31, the other by 2024-01-31"),
        ({"claim_id": "s/a"}, {"claim_id": "s/b"}, "same standing; the first claim id is used"),
    ],
)
def test_a_reason_says_why_the_chosen_claim_comes_first(chosen: Row, other: Row, text: str) -> None:
    rows = (share(10, **{"claim_id": "s/y", **chosen}), share(50, **{"claim_id": "s/z", **other}))
    (row,) = conflicts("market_shares", *rows)
    assert (row["chosen_value"], row["other_value"].split()[-1], row["reason"]) == ("10", "50", text)


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
