"""Histories: on every day and under every policy, the facts that consolidation makes of what was known by then."""

from __future__ import annotations

import io
import random
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "facts"))
from observed import SPECS, Row, dated, observed, plain_rows, share

from datapkg.facts.consolidate import consolidate
from datapkg.facts.engine import cast
from datapkg.facts.explain import placed
from datapkg.facts.policy import POLICIES
from datapkg.facts.rows import Rows
from datapkg.facts.tables import stale_from
from datapkg.model.specs import PREFIX, Spec
from datapkg.site.history import DAY, POLICY, STALE, TOLD, history
from datapkg.site.make import _parquet

SHARES = [
    share(value, hedge, company_id=company, market_id=market, voice=voice, attribution=how, tier=tier,
          certainty=certain, **dated(day))
    for value, hedge, company, market, voice, how, tier, certain, day in (
        (42.0, "exact", "nordlicht", "ai", "kestrel", "named", "secondary", "asserted", "2024-01-31"),
        (43.0, "exact", "nordlicht", "ai", "kestrel", "own", "primary", "asserted", "2024-03-01"),
        (40.0, "up_to", "nordlicht", "ai", "hanbit", "named", "weak", "reported", "2024-02-15"),
        (12.0, "about", "hanbit", "ai", "kestrel", "named", "secondary", "speculated", "2024-01-31"),
        (11.5, "exact", "hanbit", "ai", "kestrel", "unnamed", "weak", "asserted", "2024-05-01"),
        (70.0, "exact", "nordlicht", "foundry", "kestrel", "named", "secondary", "asserted", "2024-04-01"),
        (70.4, "exact", "nordlicht", "foundry", "hanbit", "own", "primary", "asserted", "2024-04-01"),
        (69.0, "more_than", "nordlicht", "foundry", "hanbit", "own", "secondary", "reported", "2024-06-30"),
    )
]  # fmt: skip
PLANS: list[Row] = [
    {"plan_id": plan, "company_id": "nordlicht", "object": "a plant", "status": status, "target_period": target,
     "voice": voice, **dated(day)}
    for plan, status, target, voice, day in (
        ("plant", "considered", None, "kestrel", "2020-02-28"),
        ("plant", "planned", "2024-Q2", "hanbit", "2021-05-01"),
        ("plant", "planned", "2025", "hanbit", "2022-01-15"),
        ("memory", "in_talks", None, "kestrel", "2022-02-28"),
        ("memory", "launched", None, "kestrel", "2025-01-01"),
        ("lab", "planned", "2021", "hanbit", "2021-03-01"),
    )
]  # fmt: skip
CASES = {"market_shares": SHARES, "plans": PLANS}


def standing(rows: pa.Table, policy: str, day: date, key: list[str]) -> list[Row]:
    """The last row of each key under a policy by a day, as the pages and the SQL that they show take it."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows.to_pylist(), key=lambda row: row[DAY]):
        if row[POLICY] == policy and row[DAY] <= day:
            found[tuple(row[c] for c in key)] = row
    return [found[name] for name in sorted(found)]


def asked(table: str) -> list[date]:
    """A day before anything was known, those on which something became known, and one long after."""
    known = {row["known_from"] for row in CASES[table]}
    return [min(known) - timedelta(1), *sorted(known), max(known) + timedelta(900)]


def known_by(table: str, day: date) -> pa.Table:
    return observed(table, *CASES[table]).filter(pc.field("known_from") <= day)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("table", CASES)
def test_facts_are_those_of_the_day(table: str, policy: str) -> None:
    spec = SPECS[table]
    made = history(observed(table, *CASES[table]), spec)
    for day in asked(table):
        found = standing(made.facts, policy, day, [*spec.key])
        for row in found:
            row["stale"] = row[STALE] is not None and row[STALE] <= day
            del row[DAY], row[POLICY], row[STALE]
        known = known_by(table, day)
        wanted = consolidate(Rows.of(known), spec, policy, day).facts.table() if known else None
        assert found == (cast(wanted, spec).to_pylist() if wanted else []), day


@pytest.mark.parametrize("policy", POLICIES)
def test_claims_are_those_that_trace_tells_on_the_day(policy: str) -> None:
    spec = SPECS["market_shares"]
    made = history(observed("market_shares", *SHARES), spec)
    names = [*spec.key, "claim_id", *TOLD]
    for day in asked("market_shares")[1:]:
        told = standing(made.claims, policy, day, [*spec.key, "claim_id"])
        wanted = [{name: row[name] for name in names} for row in placed(known_by("market_shares", day), spec, policy)]
        wanted.sort(key=lambda row: tuple(row[name] for name in (*spec.key, "claim_id")))
        assert [{name: row[name] for name in names} for row in told] == wanted, day


def test_the_claim_of_the_fact_has_the_first_place() -> None:
    made, spec = history(observed("market_shares", *SHARES), SPECS["market_shares"]), SPECS["market_shares"]
    facts = {
        tuple(row[c] for c in spec.key): row["claim_id"]
        for row in standing(made.facts, "preferred", date.max, [*spec.key])
    }
    first = [row for row in standing(made.claims, "preferred", date.max, [*spec.key, "claim_id"]) if row["place"] == 0]
    assert {tuple(row[c] for c in spec.key): row["claim_id"] for row in first} == facts
    assert all(row["lost_by"] is None for row in first)


def test_what_did_not_change_is_left_out() -> None:
    again = [{**SHARES[0], "claim_id": f"s/{name}", **dated("2024-01-31")} for name in "xy"]
    made = history(observed("market_shares", *again), SPECS["market_shares"])
    assert made.facts.num_rows == len(POLICIES)


def test_an_early_day_may_lack_what_a_table_needs() -> None:
    award = {"grant_id": "plant", "stage": "final", "company_id": "nordlicht", "voice": "kestrel"}
    rows = observed("grants", {**award, **dated("2024-01-31")}, {**award, "form": "loan", **dated("2024-05-01")})
    assert SPECS["grants"].field("form").required
    made = history(rows, SPECS["grants"])
    assert {row[DAY]: row["form"] for row in made.facts.to_pylist()} == {
        date(2024, 1, 31): None, date(2024, 5, 1): "loan"
    }  # fmt: skip
    made.facts.validate(full=True)
    assert pq.read_table(io.BytesIO(_parquet(made.facts))).equals(made.facts)


def test_no_observations_make_an_empty_history() -> None:
    made = history(SPECS[PREFIX + "plans"].arrow().empty_table(), SPECS["plans"])
    assert made.facts.num_rows == made.claims.num_rows == 0
    assert {DAY, POLICY, STALE, *SPECS["plans"].columns} == set(made.facts.column_names)


def test_blocks_do_not_depend_on_the_order_of_rows() -> None:
    rows = [{**row, "claim_id": f"s/{chr(97 + n)}"} for n, row in enumerate(SHARES)]
    mixed = random.Random(7).sample(rows, len(rows))
    one, other = (history(observed("market_shares", *some), SPECS["market_shares"]) for some in (rows, mixed))
    for policy in POLICIES:
        key = [*SPECS["market_shares"].key]
        assert standing(one.facts, policy, date.max, key) == standing(other.facts, policy, date.max, key)


@pytest.mark.parametrize(
    ("last", "target", "status", "stale"),
    [
        ("2022-02-27", None, "planned", "2024-02-28"),
        ("2022-02-28", None, "planned", "2024-02-29"),
        ("2024-02-28", None, "planned", "2026-03-01"),
        ("2024-02-28", "2024-02", "planned", "2024-03-01"),
        ("2024-02-28", "2030", "planned", "2026-03-01"),
        ("2024-02-28", "2024", "completed", None),
    ],
)
def test_stale_begins_after_the_target_or_two_years_of_silence(
    last: str, target: str | None, status: str, stale: str | None
) -> None:
    row = {"last_stated": date.fromisoformat(last), "target_period": target, "status": status}
    since = stale_from(row, SPECS["plans"])
    assert since == (stale and date.fromisoformat(stale))
    said = date.fromisoformat(last)
    claims = observed("plans", {"known_from": said, "vintage": said, "vintage_from": said,
                                "target_period": target, "status": status})  # fmt: skip
    for day in (date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2026, 2, 28), date(2026, 3, 1)):
        (fact,) = plain_rows(consolidate(Rows.of(claims), SPECS["plans"], as_of=day).facts)
        assert fact["stale"] is (since is not None and since <= day), day


def test_without_stages_nothing_is_stale() -> None:
    older = Spec("plans", {name: part for name, part in SPECS["plans"].schema.items() if name != "stages"})
    row = {"last_stated": date(2001, 1, 1), "target_period": "2002", "status": "planned"}
    assert stale_from(row, SPECS["plans"])
    assert stale_from(row, older) is None
