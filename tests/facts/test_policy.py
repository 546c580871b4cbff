"""The policy, criterion by criterion: which claim comes first, and what a fact says of whose it is and of when."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from observed import DEFAULTS, SPECS, Row, apart, conflicts, dated, fact, facts, money, observed, plain_rows, share

from datapkg.facts import POLICIES, as_of
from datapkg.facts.consolidate import consolidate
from datapkg.facts.explain import placed
from datapkg.facts.policy import EQUAL, POLICY, RANKS, WORDS
from datapkg.facts.rows import Rows
from datapkg.model.errors import NotFound

# Which claim comes first

LATER = dated("2024-03-31")
ORDER: dict[str, tuple[Row, Row]] = {
    "preferred before all": (
        {"preferred": True, "tier": "weak", "attribution": "unnamed", "certainty": "speculated"},
        {"lead": True, "tier": "primary", "attribution": "own", **LATER}),
    "lead before attribution": (
        {"lead": True, "attribution": "unnamed", "tier": "weak"}, {"voice": "weekly", "attribution": "own"}),
    "own before named": ({"attribution": "own", "tier": "weak"}, {"voice": "weekly", "tier": "primary"}),
    "named before unnamed": (
        {"certainty": "reported"}, {"voice": "weekly", "attribution": "unnamed", "tier": "primary", **LATER}),
    "unnamed before unheard of": ({"attribution": "unnamed"}, {"voice": "weekly", "attribution": "unheard-of"}),
    "the better voice": ({"tier": "primary", "certainty": "speculated"}, {"voice": "weekly", **LATER}),
    "secondary before weak": ({"certainty": "reported"}, {"voice": "weekly", "tier": "weak", **LATER}),
    "weak before unheard of": ({"tier": "weak"}, {"voice": "weekly", "tier": "unheard-of"}),
    "asserted before reported": ({}, {"certainty": "reported", **LATER}),
    "reported before speculated": ({"certainty": "reported"}, {"certainty": "speculated", **LATER}),
    "certainty before vintage": ({"tier": "weak"}, {"certainty": "reported", "tier": "primary", **LATER}),
    "the newest vintage of a voice, whatever page": ({"tier": "weak", **LATER}, {"tier": "primary"}),
    "also where the voice's own page is older": ({"tier": "weak", **LATER}, {"tier": "primary", "attribution": "own"}),
    "but not what is repeated within a month": (
        {"tier": "primary", "attribution": "own"}, {"tier": "weak", **dated("2024-02-29")}),
    "a vintage that a later page gives": (
        {"vintage": date(2024, 2, 1), "known_from": date(2024, 2, 1)},
        {"vintage": date(2023, 12, 1), "known_from": date(2024, 9, 1)}),
    "the tier of the page": ({"tier": "primary", "claim_id": "s/z"}, {"claim_id": "s/a"}),
    "a value before a hedge": ({"claim_id": "s/z"}, {"qualifier": "more_than", "claim_id": "s/a"}),
    "later publication of another voice": ({**LATER, "claim_id": "s/z"}, {"voice": "weekly", "claim_id": "s/a"}),
    "the claim id": ({"claim_id": "s/a-1"}, {"claim_id": "s/a-2"}),
    "an uncertain day is no order": (
        {"claim_id": "s/a", "vintage": date(2024, 6, 12), **dated("2024-06-12")},
        {"claim_id": "s/b", "vintage_from": date(2024, 1, 1), "vintage": date(2024, 12, 31), **dated("2024-12-31")}),
}  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
def test_preferred_is_the_list_of_the_design(turned: bool) -> None:
    pairs = [({"claim_id": "s/y", **first}, {"claim_id": "s/z", **second}) for first, second in ORDER.values()]
    rows = [(share(10, **first), share(50, **second)) for first, second in pairs]
    found = apart("market_shares", *(pair[::-1] if turned else pair for pair in rows))
    first = {name: (row["share_pct"], row["claim_id"]) for name, row in zip(ORDER, found, strict=True)}
    assert first == {name: (10, pair[0]["claim_id"]) for name, pair in zip(ORDER, pairs, strict=True)}


def test_latest_puts_the_vintage_first_and_knows_no_preference() -> None:
    pairs: list[tuple[Row, Row]] = [
        ({**LATER, "tier": "weak"}, {"tier": "primary", "preferred": True}),
        ({**LATER, "certainty": "speculated", "attribution": "unnamed", "voice": "weekly"}, {"lead": True}),
        ({"lead": True, "certainty": "speculated"}, {"voice": "weekly"}),
        ({"voice": "weekly", "attribution": "own"}, {"tier": "primary"}),
        ({"tier": "primary", "certainty": "speculated"}, {"voice": "weekly"}),
        ({"certainty": "asserted"}, {"certainty": "reported"}),
        ({"claim_id": "s/a"}, {"claim_id": "s/b"}),
    ]
    rows = [
        (share(50, **{"claim_id": "s/z", **second}), share(10, **{"claim_id": "s/y", **first}))
        for first, second in pairs
    ]
    assert [row["share_pct"] for row in apart("market_shares", *rows, policy="latest")] == [10] * len(rows)


def test_the_last_word_of_a_voice_counts() -> None:
    early, late = dated("2022-07-10", attribution="own", tier="primary"), dated("2022-12-12", attribution="named")
    soon = dated("2022-08-01", attribution="named")
    other = dated("2023-01-31", voice="other", attribution="named")
    cases = [
        (money(10, forecast=True, **early), money(20, forecast=True, **late)),  # whatever page carries it
        (money(10, forecast=True, **early), money(20, forecast=True, **soon)),  # within a month others repeat it
        (money(10, **early), money(20, **late)),  # and so of a count
        (money(10, **early), money(20, **soon)),
        (money(10, forecast=True, **early), money(20, forecast=True, **other)),  # another voice is another counter
    ]
    found = apart("company_metrics", *cases)
    assert [(row["amount"], row["vintage"]) for row in found] == [
        (20, late["known_from"]), (10, early["known_from"]), (20, late["known_from"]), (10, early["known_from"]),
        (10, early["known_from"]),
    ]  # fmt: skip


def test_the_plan_of_a_plant_is_that_of_the_last_word_whoever_has_it() -> None:
    def plan(period: str, **more: Any) -> Row:
        return {"facility_id": "gwangju", "milestone": "production", "milestone_period": period, **more}

    own = dated("2022-01-21", voice="hanbit", attribution="own", tier="primary")
    press = dated("2025-02-28", voice="weekly", attribution="unnamed")
    rows = [plan("2025", forecast=True, **own), plan("2030", forecast=True, **press)]
    row = fact("facility_milestones", *rows)
    assert (row["milestone_period"], row["voice"], row["disputed"]) == ("2030", "weekly", False)
    (told,) = conflicts("facility_milestones", *rows)
    assert (told["kind"], told["other_value"]) == ("stage", "2025")
    assert fact("facility_milestones", *(r | {"forecast": False} for r in rows))["milestone_period"] == "2025"
    lost = placed(observed("facility_milestones", *rows), SPECS["facility_milestones"])
    assert [r["lost_by"] for r in lost if r["lost_by"]] == [
        "of what is foretold the last word is used, and this was said later"
    ]


def test_the_policies_and_ranks_are_those_of_the_design() -> None:
    assert POLICIES["preferred"] == (
        "preferred", "lead", "timely", "attribution", "voice_tier", "certainty", "newest", "tier", "exact", "recent",
        "claim_id",
    )  # fmt: skip
    assert POLICY == 3
    for policy, criteria in POLICIES.items():
        assert set(criteria) <= set(WORDS)
        assert set(criteria[: EQUAL[policy]]).isdisjoint({"tier", "exact", "claim_id"}), "the more precise comes first"
    for name, values in RANKS.items():
        enum = SPECS["observations.market_shares"].field(name).constraints["enum"]
        assert list(values) == enum


@pytest.mark.parametrize(
    ("policy", "near"), [("prefered", "; did you mean 'preferred'?"), ("last", "; did you mean 'latest'?"), ("", "")]
)
def test_an_unknown_policy_names_the_near_miss_and_all_policies(policy: str, near: str) -> None:
    message = f"no policy '{policy}' in datapkg{near or '.'} Policies are preferred, latest"
    with pytest.raises(NotFound, match="^" + re.escape(message) + "$"):
        consolidate(Rows.of(observed("market_shares", share(1))), SPECS["market_shares"], policy)


def test_a_voice_has_the_best_tier_that_it_reaches_for_the_block_on_any_page() -> None:
    mine = {"voice": "weekly", "tier": "weak"}
    rows = (share(10, **mine), share(50), share(30, **{**mine, "tier": "primary"}, company_id="hanbit"))
    found = {row["company_id"]: (row["share_pct"], row["voice"], row["tier"]) for row in facts("market_shares", *rows)}
    assert found == {"nordlicht": (10, "weekly", "primary"), "hanbit": (30, "weekly", "primary")}
    elsewhere = share(30, **{**mine, "tier": "primary"}, company_id="hanbit", period="2022")
    (found_2022, found_2023) = facts("market_shares", *rows[:2], elsewhere)
    assert (found_2022["company_id"], found_2023["share_pct"], found_2023["tier"]) == ("hanbit", 50, "secondary")


# More digits among claims that state the same value


def test_the_claim_with_the_most_digits_is_taken_of_those_that_stand_equal_and_agree() -> None:
    found = apart(
        "market_shares",
        (share(60, **LATER), share(60.1)),
        (share(60, attribution="own"), share(60.1)),
        (share(60, certainty="asserted"), share(60.1, certainty="reported")),
        (share(60, **LATER), share(61.3)),
        (share(60, tier="primary"), share(60.1, voice="weekly", tier="primary")),
        (share(13, decimals=0), share(13, decimals=1)),
    )
    assert [row["share_pct"] for row in found] == [60.1, 60.1, 60, 60, 60.1, 13]
    assert found[-1]["claim_id"] == "s/b"
    assert [row["disputed"] for row in found] == [False] * 6


def test_digits_count_as_they_were_written() -> None:
    pairs = [
        (13.0, 0, 13.2, 1, False),
        (13.0, 1, 13.2, 1, True),
        (13.0, None, 13.2, 1, False),
        (13.0, 1, 13.04, 2, False),
        (60.0, 0, 60.5, 1, False),
        (60.0, 2, 60.01, 2, True),
    ]
    rows = [(share(a, decimals=one), share(b, decimals=two)) for a, one, b, two, _ in pairs]
    found = apart("market_shares", *rows)
    assert [row["disputed"] for row in found] == [differ for *_, differ in pairs]


def test_the_nearer_day_is_taken_of_dates_that_agree() -> None:
    found = fact("plans", {"target_period": "2025", "tier": "weak"}, {"target_period": "2025-06", "voice": "kestrel"})
    assert (found["target_period"], found["disputed"]) == ("2025-06", False)
    found = fact("plans", {"target_period": "2025"}, {"target_period": "2024-06"})
    assert (found["target_period"], found["disputed"]) == ("2025", True)


# A status goes by time


def test_the_later_stage_wins_over_attribution_tier_and_certainty() -> None:
    early = {"status": "planned", "attribution": "own", "tier": "primary"}
    late = {"status": "completed", "attribution": "unnamed", "tier": "weak", "certainty": "speculated"}
    found = fact("plans", early, late)
    assert (found["status"], found["claim_id"], found["certainty"]) == ("completed", "s/b", "speculated")
    assert (found["disputed"], found["revised"]) == (False, False)
    (row,) = conflicts("plans", early, late)
    assert (row["kind"], row["chosen_value"], row["other_value"]) == ("stage", "completed", "planned")
    assert row["reason"] == "the later stage is used"
    assert [line["lost_by"] for line in placed(observed("plans", early, late), SPECS["plans"])] == [
        "the later stage is used",
        None,
    ]


def test_a_preference_wins_over_a_later_stage() -> None:
    assert fact("plans", {"status": "planned", "preferred": True}, {"status": "completed"})["status"] == "planned"


def test_statuses_of_one_stage_exclude_each_other() -> None:
    rows = ({"status": "completed", "tier": "primary"}, {"status": "dropped", "voice": "weekly"})
    assert (fact("plans", *rows)["status"], fact("plans", *rows)["disputed"]) == ("completed", True)
    assert [row["kind"] for row in conflicts("plans", *rows)] == ["disagreement"]


# What differs: a revision, or a disagreement


@pytest.mark.parametrize(
    ("first", "second", "kind", "revised", "disputed"),
    [
        (LATER, {}, "revision", True, False),
        ({"tier": "primary"}, LATER, "revision", True, False),
        ({}, {"tier": "weak"}, "disagreement", False, True),
        ({}, {"voice": "weekly", "tier": "weak"}, "disagreement", False, True),
        ({"preferred": True}, LATER, "revision", True, False),
        ({}, {"vintage_from": date(2024, 1, 1), "vintage": date(2024, 12, 31), **dated("2024-12-31"), "tier": "weak"},
         "disagreement", False, True),
    ],
)  # fmt: skip
def test_a_voice_revises_itself_at_another_time_and_others_disagree(
    first: Row, second: Row, kind: str, revised: bool, disputed: bool
) -> None:
    rows = (share(10, **first), share(50, **second))
    assert [row["kind"] for row in conflicts("market_shares", *rows)] == [kind]
    found = fact("market_shares", *rows)
    assert (found["revised"], found["disputed"]) == (revised, disputed)


def test_what_another_voice_has_itself_revised_is_no_disagreement() -> None:
    other = {"voice": "weekly", "tier": "weak"}
    rows = (share(10), share(50, **other), share(10.4, **other, **LATER))
    assert [(row["kind"], row["other_value"]) for row in conflicts("market_shares", *rows)] == [("revision", "50")]
    found = fact("market_shares", *rows)
    assert (found["revised"], found["disputed"]) == (False, False), "the voice of the fact has said nothing else"


# Hedges that agree are intersected


def bounds_of(*rows: Row) -> tuple[Any, ...]:
    found = fact("market_shares", *rows)
    names = ("share_pct", "share_low_pct", "share_high_pct", "qualifier", "disputed")
    return tuple(found[name] for name in names)


def test_hedges_that_agree_leave_the_bounds_that_they_have_in_common() -> None:
    rows = (share(80, "up_to", tier="primary"), share(90, "up_to"), share(70, "more_than"))
    assert bounds_of(*rows) == (80, 70, 80, "up_to", False)
    assert conflicts("market_shares", *rows) == []
    used = {
        row["claim_id"]: row["used_for"] for row in placed(observed("market_shares", *rows), SPECS["market_shares"])
    }
    assert used == {"s/a": "share_pct share_high_pct qualifier", "s/b": "", "s/c": "share_low_pct"}


def test_a_point_is_not_narrowed_and_narrows_nothing() -> None:
    assert bounds_of(share(80, tier="primary"), share(70, "more_than")) == (80, 80, 80, "exact", False)
    assert bounds_of(share(80, "up_to", tier="primary"), share(75)) == (80, None, 80, "up_to", False)


def test_hedges_that_are_less_certain_disagree_or_count_something_else_narrow_nothing() -> None:
    top = share(80, "up_to", tier="primary")
    assert bounds_of(top, share(70, "more_than", certainty="reported"))[1:3] == (None, 80)
    assert bounds_of(top, share(90, "more_than"))[1:] == (None, 80, "up_to", True)
    assert bounds_of(top, share(70, "more_than"), share(60, "less_than"))[1:3] == (None, 80), "nothing is left of both"
    least = {"amount": 5.0, "amount_low": 5.0, "qualifier": "at_least", "currency": "USD", "tier": "primary"}
    found = fact(
        "company_metrics", least, {**least, "amount": 7e3, "amount_low": 7e3, "currency": "KRW", "tier": "weak"}
    )
    assert (found["amount_low"], found["currency"]) == (5, "USD"), "won are no dollars"


# Of when a fact is


def test_known_from_is_the_first_day_of_this_value_and_not_of_the_key() -> None:
    rows = (
        share(9.3, **dated("2024-12-09")),
        share(9.1, **dated("2025-03-11")),
        share(9.1, **dated("2025-06-09"), voice="weekly", tier="weak"),
    )
    found = fact("market_shares", *rows)
    assert found["share_pct"] == 9.1
    days = [found[name].isoformat() for name in ("first_claimed", "known_from", "vintage", "last_stated")]
    assert days == ["2024-12-09", "2025-03-11", "2025-03-11", "2025-06-09"]
    assert found["revised"] is True


def test_another_voice_may_have_told_a_value_first() -> None:
    found = fact("market_shares", share(9.1, **LATER, tier="primary"), share(9.1, voice="weekly"))
    assert (found["voice"], found["vintage"], found["known_from"]) == ("kestrel", date(2024, 3, 31), date(2024, 1, 31))


def test_a_vintage_is_older_than_the_page_that_reprints_it() -> None:
    found = fact("market_shares", share(9.1, vintage=date(2023, 12, 1), **LATER))
    assert (found["vintage"], found["known_from"]) == (date(2023, 12, 1), date(2024, 3, 31))


def test_a_fact_without_a_leading_value_is_known_since_its_first_claim() -> None:
    found = fact("product_uses", {"user_id": "b", **LATER}, {"user_id": "b"})
    assert (found["known_from"], found["last_stated"]) == (date(2024, 1, 31), date(2024, 3, 31))


def ranks(*rows: Row) -> dict[str, tuple[int, bool]]:
    found = facts("market_shares", *(share(row.pop("pct"), **row) for row in rows))
    return {row["company_id"]: (row["share_pct"], row["superseded"]) for row in found}


def test_what_a_revision_leaves_out_is_superseded() -> None:
    first: list[Row] = [{"pct": 30, "company_id": "nordlicht"}, {"pct": 20, "company_id": "hanbit"}]
    final: Row = {"pct": 34, "company_id": "nordlicht", **LATER}
    assert ranks(*map(dict, first), dict(final)) == {"nordlicht": (34, False), "hanbit": (20, True)}
    repeats = {**final, "pct": 30}
    assert ranks(*map(dict, first), repeats) == {"nordlicht": (30, False), "hanbit": (20, False)}, "no revision"
    both = [dict(final), {"pct": 20, "company_id": "hanbit", **LATER}]
    assert ranks(*map(dict, first), *both) == {"nordlicht": (34, False), "hanbit": (20, False)}
    other: Row = {**final, "voice": "weekly", "tier": "weak"}
    assert ranks(*map(dict, first), other)["hanbit"] == (20, False), "another voice revises nothing of this one"
    elsewhere = {**final, "period": "2022"}
    assert ranks(*map(dict, first), elsewhere)["hanbit"] == (20, False), "another block"


# How sure a fact is, and whose


def test_the_certainty_of_a_fact_is_the_weakest_of_the_claims_that_it_uses() -> None:
    asserted = {"status": "planned", "object": None, "tier": "primary"}
    found = fact("plans", asserted, {"object": "a chip", "certainty": "reported"})
    assert (found["object"], found["certainty"]) == ("a chip", "reported")
    found = fact("plans", {**asserted, "object": "a memory"}, {"object": "a chip", "certainty": "reported"})
    assert (found["object"], found["certainty"]) == ("a memory", "asserted"), (
        "a claim that supplies nothing does not count"
    )


def test_inferred_names_the_columns_that_were_worked_out_where_they_come_from() -> None:
    rows = (share(40, inferred="period basis", tier="primary"), share(40, inferred="forecast"))
    assert fact("market_shares", *rows)["inferred"] == "period basis"
    found = fact(
        "plans",
        {"object": None, "inferred": "status object"},
        {"object": "a chip", "inferred": "object", "tier": "weak", "status": "planned"},
    )
    assert found["inferred"] == "object status"
    assert fact("plans", {"object": "a chip"}, {"object": "a memory", "inferred": "object"})["inferred"] is None


def test_sources_are_counted_by_origin() -> None:
    unnamed = {"attribution": "unnamed"}
    found = apart(
        "market_shares",
        (share(40), share(40), share(40, voice="weekly", **unnamed), share(40, voice="daily", **unnamed)),
        (share(40, voice="weekly", **unnamed), share(40, voice="daily", **unnamed)),
        (share(40), share(40, voice="nordlicht", attribution="own"), share(40, voice="daily", **unnamed)),
        (share(40, voice="daily", **unnamed),),
    )
    assert [(row["claim_count"], row["source_count"]) for row in found] == [(4, 1), (2, 1), (3, 2), (1, 1)]


# What is still open


@pytest.mark.parametrize(
    ("row", "stale"),
    [
        ({"target_period": "2025-06"}, True),
        ({"target_period": "2026"}, False),
        ({"target_period": "2025-06", "status": "completed"}, False),
        ({"target_period": None, **dated("2024-06-01")}, False),
        ({"target_period": None, **dated("2023-06-01")}, True),
        ({"target_period": None, "status": "dropped", **dated("2023-06-01")}, False),
        ({"target_period": "2030", **dated("2023-06-01")}, True),
        ({"target_period": "2025-06", "status": None}, False),
    ],
)
def test_what_is_open_past_its_target_or_unheard_of_for_two_years_is_stale(row: Row, stale: bool) -> None:
    assert fact("plans", row, as_of=date(2025, 12, 31))["stale"] is stale
    assert fact("plans", row)["stale"] is False, "without a day nothing is judged"


def test_the_day_of_a_release_is_the_last_one_on_which_a_source_was_read_or_else_published() -> None:
    pages = [{"published": "2026", "retrieved": "2026-11-30"}, {"published": "2026-12", "retrieved": None}, {}]
    assert as_of(pages[:1]) == date(2026, 11, 30), "a page that was read in November tells nothing of December"
    assert as_of(pages) == date(2026, 12, 31)
    assert as_of([]) is None


# Observations of older releases


def test_observations_without_the_columns_of_today_are_completed() -> None:
    new = ("attribution", "lead", "vintage", "vintage_from", "decimals", "inferred")
    rows = (
        share(10, said_by="kestrel", tier="weak"),
        share(50, voice="weekly", tier="secondary"),
        share(90, voice="nordlicht", tier="primary"),
    )
    old = observed("market_shares", *rows).drop_columns(list(new))
    (found,) = plain_rows(consolidate(Rows.of(old), SPECS["market_shares"]).facts)
    assert (found["share_pct"], found["voice"], found["source_count"]) == (90, "nordlicht", 2), "own, named, unnamed"
    assert (found["vintage"], found["inferred"]) == (DEFAULTS["known_from"], None)
    (found,) = plain_rows(consolidate(Rows.of(old.slice(0, 2)), SPECS["market_shares"]).facts)
    assert (found["share_pct"], found["voice"]) == (10, "kestrel"), "named before unnamed"
    assert isinstance(old, pa.Table)


# Amounts in two currencies


def test_amounts_in_two_currencies_are_neither_compared_nor_taken_for_the_same_value() -> None:
    rows = (money(5, "EUR", **LATER), money(5, "USD", voice="weekly", tier="weak"))
    found = fact("company_metrics", *rows)
    assert (found["currency"], found["known_from"], found["disputed"]) == ("EUR", date(2024, 3, 31), False)
