"""Rules across tables: what they let pass, where they draw the line, and that they never break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapkg import build
from datapkg.check import in_memory, placed, rules
from datapkg.facts import engine
from datapkg.model.findings import Place
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import PREFIX, load_specs
from datapkg.model.values import period

SPECS = load_specs(packaged().schemas)
EMPTY = {name: spec.arrow().empty_table() for name, spec in SPECS.items()}
ONES = st.dates().map(str) | st.builds(
    lambda year, part: f"{year:04}{part}",
    st.integers(1, 9999),
    st.sampled_from(["", *(f"-Q{n}" for n in range(1, 5)), "-H1", "-H2", *(f"-{n:02}" for n in range(1, 13))]),
)
PERIODS = ONES | st.tuples(ONES, ONES).map(lambda two: sorted(two, key=lambda x: period(x).start)).filter(
    lambda two: period(two[0]).start < period(two[1]).start and period(two[0]).end < period(two[1]).end
).map("/".join)


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = engine.connect(EMPTY)
    connection.execute(rules.MACROS)
    yield connection
    connection.close()


def broken(rule: str, **tables: list[dict[str, Any]]) -> list[str]:
    """Return the messages of one rule about tables of a few cells; `o_` stands for observations."""
    made = dict(EMPTY)
    for name, rows in tables.items():
        full = PREFIX + name.removeprefix("o_") if name.startswith("o_") else name
        made[full] = engine.to_arrow(rows, SPECS[full])
    connection = engine.connect(made)
    connection.execute(rules.MACROS)
    rules.figures(connection, SPECS, rules.PAGES)
    found = connection.execute(rules.RULES[rule].sql(SPECS)).fetchall()
    connection.close()
    return [message for _, _, _, _, message in found]


@given(PERIODS)
def test_the_macros_and_the_reader_of_periods_agree(sql: duckdb.DuckDBPyConnection, text: str) -> None:
    when = period(text)
    row = sql.execute("SELECT edtf_start($1), edtf_end($1)", [text]).fetchone()
    assert row == (when.start, when.end)


@pytest.mark.parametrize("text", ["2023-02-30", "2023-13", "2023-Q7", "2023-H3", "soon", "", None, "2023-2"])
def test_a_text_that_is_no_period_has_no_ends(sql: duckdb.DuckDBPyConnection, text: str | None) -> None:
    assert sql.execute("SELECT edtf_start($1), edtf_end($1)", [text]).fetchone() == (None, None)


def test_every_rule_says_why_in_one_sentence() -> None:
    for rule in rules.RULES.values():
        assert rule.why.endswith(".")
        assert len(rule.why) < 130


@pytest.mark.parametrize("name", rules.RULES)
def test_no_rule_depends_on_the_order_in_which_rows_come(name: str) -> None:
    """Two companies are equally far from their median: which one a finding names was a matter of threads."""
    told = rules.RULES[name].sql(SPECS)
    assert not re.findall(r"(?i)\b(arg_max|arg_min|max_by|min_by|any_value|mode)\(", told)
    for found in re.finditer(r"(?i)\b(first|last|list|array_agg|string_agg)\(", told):
        depth = accumulate({"(": 1, ")": -1}.get(sign, 0) for sign in told[found.end() - 1 :])
        end = next(n for n, open_ in enumerate(depth) if not open_)
        assert "ORDER BY" in told[found.end() : found.end() + end], told[found.start() : found.end() + end]


def test_empty_tables_break_no_rule() -> None:
    assert rules.findings(EMPTY, SPECS) == []
    assert rules.findings({}, SPECS) == []


def test_tables_of_another_shape_are_reported_instead_of_breaking_the_queries(built: Path) -> None:
    made = build.stored(Layout(built))
    wrong = {**made.tables, "visits": made.tables["visits"].drop_columns(["hours"])}
    amount = pa.array(["a lot"] * made.tables["deals"].num_rows)
    at = made.tables["deals"].schema.get_field_index("amount")
    wrong["deals"] = made.tables["deals"].set_column(at, "amount", amount)
    found = rules.findings(wrong, SPECS)
    assert {(f.table, f.rule) for f in found} == {("visits", "schema-columns"), ("deals", "schema-columns")}
    assert "the rules were not run" in found[0].message


def share(company: str, pct: float | None, low: float | None = None, **more: Any) -> dict[str, Any]:
    return {"company_id": company, "market_id": "m", "period": "2023", "basis": "units", "share_pct": pct, "voice": "v",
            "share_low_pct": low, "qualifier": "exact", "claim_id": f"s/{company}",
            "forecast": False, **more}  # fmt: skip


def whole(company: str, pct: float, **more: Any) -> dict[str, Any]:
    return share(company, pct, pct, share_high_pct=pct, **more)


@pytest.mark.parametrize(
    ("rows", "messages"),
    [
        ([share("a", 60, 60), share("b", 40.5, 40.5)], 0),
        ([share("a", 60, 60), share("b", 40.6, 40.6)], 1),
        ([share("a", 60, 60), share("b", 60, None, qualifier="up_to")], 0),  # its lowest is nothing
        ([share("a", 60, 60), share("b", 42, None, qualifier="about")], 0),  # 39.9 at its lowest
        ([share("a", 60, 60), share("b", 43, None, qualifier="about")], 1),
        ([share("a", 60, 60), share("b", 60, 60, voice="w")], 0),  # another voice
        ([share("a", 60, 60), share("b", 60, 60, period="2022")], 0),
        ([share("a", 60, 60), share("b", 60, 60, basis="revenue")], 0),
        ([share("a", 60, 60), share("a", 70, 70, claim_id="s/z")], 0),  # one company, said twice
        ([share("a", None, 70, qualifier="exact"), share("b", 32, 32)], 1),
        ([share("a", 60, 60), share("b", 41, 41)], 0),  # 59.5 and 40.5, rounded
    ],
)  # fmt: skip
def test_share_sum(rows: list[dict[str, Any]], messages: int) -> None:
    assert len(broken("share-sum", o_market_shares=rows)) == messages


@pytest.mark.parametrize(
    ("gap", "shares", "messages"),
    [
        ({"gap_points": 19.5}, [whole("a", 60), whole("b", 40)], 0),  # 60.5 less 39.5 at most, 59.5 less 40.5 at least
        ({"gap_points": 22}, [whole("a", 60), whole("b", 40)], 1),
        ({"gap_points": 22}, [whole("a", 60), whole("b", 40, voice="w")], 0),  # another voice
        ({"gap_points": 22}, [whole("a", 60)], 0),
        ({"gap_points": 22, "qualifier": "about"}, [whole("a", 60), whole("b", 40)], 0),  # 20.9 at its lowest
        ({"gap_points": 22}, [share("a", None, 70), whole("b", 40)], 1),  # 29 at least
        ({"gap_points": 22}, [whole("a", 60, period="2022"), whole("b", 40)], 0),
    ],
)  # fmt: skip
def test_a_gap_lies_between_the_shares(gap: dict[str, Any], shares: list[dict[str, Any]], messages: int) -> None:
    points, hedge = gap["gap_points"], gap.get("qualifier", "exact")
    bounds = {} if hedge == "about" else {"gap_low_points": points, "gap_high_points": points}
    row = {**share("a", None), "other_id": "b", "qualifier": hedge, "gap_points": points, **bounds}
    assert len(broken("gap-against-shares", o_share_gaps=[row], o_market_shares=shares)) == messages


@pytest.mark.parametrize(
    ("parts", "messages"),
    [
        ([("memory", 2900, "P"), ("packaging", 1100, "P"), ("logic", 900, "P"), ("other", 1500, "P")], 0),
        ([("memory", 2900, "P"), ("packaging", 4100, "P")], 1),
        ([("memory", 2900, "P"), ("packaging", 4100, "Q")], 0),  # of another product
        ([("memory", 6500, "P")], 0),  # 6,450 and 6,450, rounded
        ([("memory", 6600, "P")], 1),
    ],
)
def test_parts_cost_no_more_than_the_whole(parts: list[tuple[str, float, str]], messages: int) -> None:
    rows = [
        {"product_id": product, "item": item, "period": "2025", "currency": "USD", "forecast": False, "amount": amount,
         "low": amount, "high": amount, "qualifier": "exact", "voice": "v", "claim_id": f"s/{item}"}
        for item, amount, product in [("total", 6400, "P"), *parts]
    ]  # fmt: skip
    assert len(broken("cost-sum", o_product_costs=rows)) == messages


@pytest.mark.parametrize(("rank", "messages"), [(1, 1), (2, 1), (3, 0), (4, 0)])
def test_a_rank_needs_fewer_larger_shares_than_its_number(rank: int, messages: int) -> None:
    shares = [share("a", 10, 10), share("b", 30, 30), share("c", 40, 40), share("d", 10, 10)]
    row = {**shares[0], "rank": rank}
    assert len(broken("rank-against-shares", o_market_shares=shares, o_market_ranks=[row])) == messages
    other = [{**each, "voice": "another"} for each in shares]
    assert not broken("rank-against-shares", o_market_shares=other, o_market_ranks=[row]), (
        "each voice counts for itself"
    )


def test_companies_with_equal_shares_may_be_in_one_place() -> None:
    shares = [share("a", 10, 10), share("b", 30, 30), share("c", 30, 30)]
    row = {"company_id": "a", "market_id": "m", "period": "2023", "basis": "units", "rank": 2, "claim_id": "s/a",
           "forecast": False}  # fmt: skip
    assert broken("rank-against-shares", market_shares=shares, market_ranks=[row]) == []


def role(name: str, first: str | None, last: str | None, company: str = "a") -> dict[str, Any]:
    return {"company_id": company, "role": name, "valid_from": first, "valid_to": last, "claim_id": f"s/{name}"}


@pytest.mark.parametrize(
    ("fabless", "foundry", "messages"),
    [
        ((None, None), (None, None), 1),
        ((None, "2008"), ("2009", None), 0),
        ((None, "2009-06"), ("2009", None), 1),
        (("2012", None), (None, "2011-Q4"), 0),
        (("2012", None), (None, "2012"), 1),
    ],
)
def test_a_fabless_company_may_have_been_a_foundry(fabless: Any, foundry: Any, messages: int) -> None:
    rows = [role("fabless", *fabless), role("foundry", *foundry), role("idm", None, None)]
    assert len(broken("fabless-owns-no-foundry", o_company_roles=rows)) == messages


def test_an_idm_may_be_a_foundry_and_two_companies_may_differ() -> None:
    rows = [role("idm", None, None), role("foundry", None, None), role("fabless", None, None, company="b")]
    assert broken("fabless-owns-no-foundry", o_company_roles=rows) == []


@pytest.mark.parametrize(
    ("date", "country", "messages"),
    [("2024-03-12", "KR", 0), ("2024-03-14", "KR", 1), ("2024-03-11", "KR", 1), ("2024-03", "KR", 0), (None, None, 0),
     ("2024", None, 0), ("2024-02", None, 1), ("2024-03-12", "JP", 1)],
)  # fmt: skip
def test_a_meeting_lies_within_its_visit(date: str | None, country: str | None, messages: int) -> None:
    visit = {"visit_id": "v", "country": "KR", "start_date": "2024-03-12", "end_date": "2024-03-13"}
    meeting = {"meeting_id": "t", "visit_id": "v", "date": date, "country": country, "claim_id": "s/t"}
    assert len(broken("meeting-within-visit", visits=[visit], meetings=[meeting])) == messages


@pytest.mark.parametrize(
    ("status", "companies", "message"),
    [("held", [], "0 of at least two companies: none"), ("held", ["a"], "1 of at least two companies: a"),
     ("held", ["a", "b"], ""), ("planned", [], ""), ("listed", ["a"], "")],
)  # fmt: skip
def test_a_meeting_has_two_sides_once_it_was_held(status: str, companies: list[str], message: str) -> None:
    found = broken("meeting-sides", meetings=[{"meeting_id": "t", "status": status, "claim_id": "s/t"}],
                   meeting_companies=[{"meeting_id": "t", "company_id": c} for c in companies])  # fmt: skip
    assert found == ([f"the meeting was held and has {message}"] if message else [])


@pytest.mark.parametrize(
    ("terms", "messages"),
    [([(None, None)], 0), ([("2021", None)], 0), ([("2025", None)], 1), ([(None, "2023")], 1),
     ([(None, "2023"), ("2024-03", None)], 0), ([("2025", None), (None, "2023")], 1), ([], 0)],
)  # fmt: skip
def test_whoever_meets_for_a_company_holds_an_office_there(terms: list[Any], messages: int) -> None:
    offices = [{"person_id": "p", "company_id": "a", "title": str(n), "valid_from": first, "valid_to": last}
               for n, (first, last) in enumerate(terms)]  # fmt: skip
    meeting = {"meeting_id": "t", "date": "2024-03-12", "claim_id": "s/t"}
    person = {"meeting_id": "t", "person_id": "p", "company_id": "a", "claim_id": "s/t"}
    found = broken("position-covers-meeting", positions=offices, meetings=[meeting], meeting_people=[person])
    assert len(found) == messages


@pytest.mark.parametrize(
    ("amount", "low", "currency", "messages"),
    [(10.0, None, "KRW", 0), (9.9, None, "KRW", 1), (None, 5.0, "KRW", 1), (1e12, None, "KRW", 0),
     (2e12, None, "KRW", 1),
     (0.01, None, "USD", 0), (0.0, None, "USD", 1), (-5.0, None, "EUR", 1), (1e-9, None, "XAU", 0)],
)  # fmt: skip
def test_a_price_has_a_plausible_magnitude(
    amount: float | None, low: float | None, currency: str, messages: int
) -> None:
    row = {"product_id": "p", "period": "2024", "currency": currency, "amount": amount, "low": low, "claim_id": "s/p"}
    assert len(broken("price-magnitude", o_product_prices=[row])) == messages


@pytest.mark.parametrize(
    ("first", "last", "messages"),
    [("2021", "2021", 0), ("2021-06", "2021", 0), ("2021", "2021-06", 0), ("2021-Q3", "2021-H1", 1), (None, "2021", 0),
     ("2022", None, 0), ("2022", "2021-12-31", 1)],
)  # fmt: skip
def test_nothing_ends_before_it_begins(first: str | None, last: str | None, messages: int) -> None:
    row = {"alliance_id": "l", "company_id": "a", "valid_from": first, "valid_to": last, "claim_id": "s/a"}
    assert len(broken("validity-order", o_alliance_members=[row])) == messages
    visit = {"visit_id": "v", "start_date": first, "end_date": last, "claim_id": "s/v"}
    assert len(broken("visit-order", visits=[visit])) == messages if "Q" not in f"{first}" else True


@pytest.mark.parametrize(
    ("start", "end", "chars", "messages"),
    [(0, 10, 10, 0), (0, 11, 10, 1), (5, 5, 10, 1), (6, 5, 10, 1), (None, None, None, 0), (0, 1, None, 1)],
)
def test_an_anchor_lies_inside_its_text(start: int | None, end: int | None, chars: int | None, messages: int) -> None:
    claim = {"claim_id": "s/a", "source_id": "s", "char_start": start, "char_end": end}
    assert len(broken("anchor-inside", claims=[claim], sources=[{"source_id": "s", "text_chars": chars}])) == messages


def test_a_speaker_may_be_a_company_or_a_person() -> None:
    claims = [{"claim_id": f"s/{who}", "said_by": who} for who in ("ida", "acme", "nobody")] + [{"claim_id": "s/none"}]
    found = broken("name-exists", claims=claims, people=[{"person_id": "ida"}], companies=[{"company_id": "acme"}],
                   aliases=[{"entity_type": "terms", "entity_id": "hbm", "alias": "H"}])  # fmt: skip
    assert sorted(found) == ["companies/nobody is in no registry", "terms/hbm is in no registry"]


def test_findings_carry_table_key_claim_column_and_place(built: Path) -> None:
    made = build.stored(Layout(built))
    (row,) = made.tables["visits"].to_pylist()
    tables = {**made.tables, "visits": engine.to_arrow([{**row, "industry_hours": 31.0}], SPECS["visits"])}
    place = Place("somewhere.yaml", 5)
    (found,) = placed(in_memory(tables, SPECS, ("rules",)), {row["claim_id"]: place})
    assert (found.rule, found.table, found.key, found.column, found.claim_id, found.place) == (
        "industry-hours", "visits", "visit_id=falk-korea-2024-03", "industry_hours", row["claim_id"], place,
    )  # fmt: skip
    assert found.message == "31.0 hours with the industry in a visit of 30.0 hours"


def test_a_rule_about_what_an_older_release_lacks_finds_nothing() -> None:
    old = [name for name in EMPTY if "segment" not in name]
    shares = [share("a", 10, 10, claim_id="s/a"), share("b", 95, 95, claim_id="s/b")]
    tables = {name: EMPTY[name] for name in old}
    tables[PREFIX + "market_shares"] = engine.to_arrow(shares, SPECS[PREFIX + "market_shares"])
    connection = engine.connect(tables)
    filled = {PREFIX + "market_shares"}
    assert "share-sum" not in {finding.rule for finding in rules.run(connection, SPECS, filled)}
    connection.close()


def test_a_rule_of_tables_asks_of_each_the_same_whatever_others_there_are() -> None:
    specs = load_specs(packaged().schemas)
    by_table = [rule for rule in rules.RULES.values() if rule.by_table]
    assert len(by_table) > 10
    for rule in by_table:
        whole = rule.sql(specs).split(" UNION ALL ")
        alone = []
        for name in (name for name in specs if not name.startswith(PREFIX)):
            given = {table: specs[table] for table in (name, PREFIX + name) if table in specs}
            alone += [part for part in rule.sql(given).split(" UNION ALL ") if part]
        assert sorted(alone) == sorted(whole), rule.id
