"""The facts of the working tables: what voices published, and what holds for every fact there is."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle import RANKS, Row, oracle, states

from datapkg.build import stored
from datapkg.facts import connect, key_text
from datapkg.model.layout import Layout
from datapkg.model.specs import PREFIX, load_specs
from datapkg.read.data import Data

ROOT = Path(__file__).parents[2]
SPECS = load_specs(ROOT / "schemas")
FACTS = [name for name, spec in SPECS.items() if spec.role == "fact"]
DATA = Data(Layout(ROOT))


@cache
def rows(table: str) -> list[Row]:
    return list(stored(Layout(ROOT)).tables[table].to_pylist())


@cache
def views() -> duckdb.DuckDBPyConnection:
    return connect(stored(Layout(ROOT)).tables)


def asked(query: str) -> list[tuple[Any, ...]]:
    return views().execute(query).fetchall()


# What voices published

SHARE = "SELECT share_pct, voice FROM market_shares WHERE NOT forecast AND company_id = "
PUBLISHED: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "Gartner 2023, the final table": (
        "SELECT rank, company_id FROM market_ranks WHERE market_id = 'semiconductors-gartner' AND period = '2023' "
        "AND NOT superseded AND rank <= 8",
        [(1, "intel"), (2, "samsung-electronics"), (3, "nvidia"), (4, "qualcomm"), (5, "broadcom"), (6, "sk-hynix"),
         (7, "amd"), (8, "apple")]),
    "Gartner 2023, what only the preliminary table has": (
        "SELECT company_id FROM market_ranks WHERE market_id = 'semiconductors-gartner' AND period = '2023' "
        "AND superseded",
        [("stmicroelectronics",), ("texas-instruments",)]),
    "NVIDIA's growth, its amounts": (
        "SELECT period, amount FROM company_metrics WHERE market_id = 'semiconductors-gartner' AND metric = 'revenue' "
        "AND company_id = 'nvidia' AND period IN ('2023', '2024')",
        [("2023", 34_846_000_000), ("2024", 76_692_000_000)]),
    "NVIDIA's growth, as Gartner gives it": (
        "SELECT change_pct FROM company_changes WHERE market_id = 'semiconductors-gartner' AND company_id = 'nvidia' "
        "AND period = '2024' AND metric = 'revenue'", [(120.1,)]),
    "Samsung's foundry as restated": (
        "SELECT share_pct, voice, first_claimed, known_from, vintage, revised, disputed FROM market_shares "
        "WHERE company_id = 'samsung-electronics' AND market_id = 'foundry' AND period = '2024-Q3'",
        [(9.1, "trendforce", date(2024, 12, 5), date(2025, 3, 11), date(2025, 3, 11), True, False)]),
    "TSMC's foundry, named before unnamed": (
        SHARE + "'tsmc' AND market_id = 'foundry' AND period = '2023-Q1'", [(60.1, "trendforce")]),
    "TSMC's foundry as restated": (
        SHARE + "'tsmc' AND market_id = 'foundry' AND period = '2024-Q3'", [(64.7, "trendforce")]),
    "HBM 2023 as forecast in August": (
        "SELECT company_id, share_low_pct, share_high_pct, voice FROM market_shares WHERE market_id = 'hbm' "
        "AND period = '2023' AND forecast AND company_id IN ('samsung-electronics', 'micron')",
        [("micron", 4, 6, "trendforce"), ("samsung-electronics", 46, 49, "trendforce")]),
    "won are no bound of dollars": (
        "SELECT DISTINCT currency, amount_high FROM deals WHERE deal_id = 'nvidia-openai-investment-2025-09' "
        "AND amount_high < amount", []),
    "hours of a visit, exact": (
        "SELECT hours, hours_qualifier FROM visits WHERE visit_id = 'altman-korea-2024-01'", [(19, None)]),
    "certainty of cells from hearsay": (
        "SELECT plan_id, certainty FROM plans WHERE plan_id IN ('altman-chip-funding', 'sk-openai-regional-chatgpt')",
        [("altman-chip-funding", "reported"), ("sk-openai-regional-chatgpt", "reported")]),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_fact_is_what_its_voice_published(name: str) -> None:
    query, expected = PUBLISHED[name]
    assert asked(f"{query} ORDER BY ALL") == expected


def test_growth_agrees_with_the_amounts_of_the_same_tables() -> None:
    ((before, after),) = asked(
        "SELECT max(amount) FILTER (period = '2023'), max(amount) FILTER (period = '2024') FROM company_metrics "
        "WHERE market_id = 'semiconductors-gartner' AND metric = 'revenue' AND company_id = 'nvidia'"
    )
    ((growth,),) = asked(PUBLISHED["NVIDIA's growth, as Gartner gives it"][0])
    assert after / before - 1 == pytest.approx(growth / 100, abs=0.0005)


def test_offices_end_with_their_companies() -> None:
    for more in ({}, {"assume_open": True}):
        held = DATA.load("positions", valid_on="2026-11-01", **more)
        assert "xilinx" not in set(held["company_id"])
    then = DATA.load("positions", valid_on="2021-04-08")
    assert "xilinx" in set(then["company_id"])


# What holds for every fact


@pytest.mark.parametrize("table", FACTS)
def test_the_tables_are_what_the_words_of_the_design_make_of_the_claims(table: str) -> None:
    spec = SPECS[table]
    expected, _ = oracle(rows(PREFIX + table), spec, "preferred")
    made = {key_text(row, spec.key): {**row, "stale": False} for row in rows(table)}
    wanted = {key_text(row, spec.key): row for row in expected}
    assert made.keys() == wanted.keys()
    assert {key: (made[key], row) for key, row in wanted.items() if made[key] != row} == {}


@pytest.mark.parametrize("table", FACTS)
def test_days_and_certainties_of_facts_agree_with_their_claims(table: str) -> None:
    spec = SPECS[table]
    behind: dict[str, list[Row]] = {}
    for claim in rows(PREFIX + table):
        behind.setdefault(key_text(claim, spec.key), []).append(claim)
    for fact in rows(table):
        claims = behind[key_text(fact, spec.key)]
        assert fact["first_claimed"] <= fact["known_from"] <= fact["last_stated"]
        assert fact["vintage"] <= fact["last_stated"]
        assert fact["source_count"] <= fact["claim_count"] == len(claims)
        (lead,) = [claim for claim in claims if claim["claim_id"] == fact["claim_id"]]
        assert fact["voice"] == lead["voice"]
        assert RANKS["certainty"].index(fact["certainty"]) >= RANKS["certainty"].index(lead["certainty"])
        if spec.leading:
            early = [c for c in claims if c["known_from"] < fact["known_from"]]
            value = {**lead, **{c: fact[c] for c in spec.leading.columns}}
            assert not [c["claim_id"] for c in early if states(c, value, spec.leading)], fact


def test_ranks_of_a_voice_and_block_are_unique_or_shared_by_equals_or_acknowledged() -> None:
    block = ("voice", *SPECS["market_ranks"].block, "rank")
    let_pass = {row["claim_id"] for row in rows("acknowledgements") if row["rule"] == "rank-twice"}
    passed = {tuple(row[c] for c in block) for row in rows(PREFIX + "market_ranks") if row["claim_id"] in let_pass}
    share_key = SPECS["market_shares"].key
    shares = {tuple(row[c] for c in share_key): row["share_pct"] for row in rows("market_shares")}
    places: dict[tuple[Any, ...], list[Any]] = {}
    newest: dict[tuple[Any, ...], Any] = {}  # a place given later to another takes it from who had it before
    for row in rows("market_ranks"):
        place = tuple(row[c] for c in block)
        newest[place] = max(row["vintage"], newest.get(place, row["vintage"]))
    for row in rows("market_ranks"):
        if not row["superseded"] and row["last_stated"] >= newest[tuple(row[c] for c in block)]:
            share = shares.get(tuple(row[c] for c in share_key))
            places.setdefault(tuple(row[c] for c in block), []).append(share)
    shared = {place: found for place, found in places.items() if len(found) > 1 and place not in passed}
    assert {place: found for place, found in shared.items() if len(set(found)) > 1 or None in found} == {}


def test_a_fact_is_disputed_if_and_only_if_a_disagreement_is_published() -> None:
    told = {(row["table"], row["key"]) for row in rows("conflicts") if row["kind"] == "disagreement"}
    disputed = {(table, key_text(row, SPECS[table].key)) for table in FACTS for row in rows(table) if row["disputed"]}
    assert disputed == told
    assert disputed


def test_a_fact_is_revised_only_if_a_revision_is_published() -> None:
    told = {(row["table"], row["key"]) for row in rows("conflicts") if row["kind"] == "revision"}
    revised = {(table, key_text(row, SPECS[table].key)) for table in FACTS for row in rows(table) if row["revised"]}
    assert revised <= told
    assert revised


@pytest.mark.parametrize(
    ("table", "day"),
    [
        ("market_shares", "2024-01-31"),
        ("market_shares", "2024-12-31"),
        ("market_shares", "2025-06-30"),
        ("market_ranks", "2024-06-30"),
        ("company_metrics", "2024-12-31"),
        ("plans", "2024-06-30"),
    ],
)
def test_what_was_known_by_a_day_are_the_facts_known_from_then(table: str, day: str) -> None:
    spec, leading = SPECS[table], SPECS[table].leading
    assert leading
    known = {key_text(row, spec.key): row for row in DATA.load(table, known_by=day).astype(object).to_dict("records")}
    facts = {key_text(row, spec.key): row for row in rows(table)}
    assert known.keys() >= {key for key, row in facts.items() if row["known_from"] <= date.fromisoformat(day)}
    assert known.keys() == {key for key, row in facts.items() if row["first_claimed"] <= date.fromisoformat(day)}
    early = [key for key in known if facts[key]["known_from"] > date.fromisoformat(day)]
    values = {key: [facts[key][c] for c in leading.columns] for key in early}
    assert not [key for key in early if values[key] == [known[key][c] for c in leading.columns]], "nobody knew it then"
