"""The same facts and conflicts on every engine, and as the words of the design have them, row by row."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from observed import SPECS, Row, observed, plain_rows, share
from oracle import oracle

from datapkg.facts import POLICIES, engine, placed, tables
from datapkg.facts.conflicts import key_text
from datapkg.facts.consolidate import consolidate
from datapkg.facts.rows import Rows
from datapkg.model.specs import PREFIX
from datapkg.model.values import bounds

ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "rows": Rows.of,
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
FACTS = [name for name, spec in SPECS.items() if spec.role == "fact"]
pytestmark = pytest.mark.no_cover  # which takes longer than the engines themselves; other tests reach these lines
EDTF = ["2024", "2024-01", "2024-01-26", "2024-Q1", "2023-H2", "2023-10"]


@cache
def rows_of(table: str) -> st.SearchStrategy[list[Row]]:
    """Return a strategy for observations of one table: few values, so that keys meet and claims differ."""
    spec = SPECS[PREFIX + table]
    columns: dict[str, st.SearchStrategy[Any]] = {}
    for f in spec.fields:
        pool = f.constraints.get("enum", EDTF if f.edtf else FEW[f.type])
        many = 1 + (f.name in spec.key[:2]) if f.name in spec.key else len(pool)
        some = st.sampled_from(pool[:many])
        columns[f.name] = some if f.required or f.name == "qualifier" else st.none() | some
    columns["voice"] = st.sampled_from(["a", "b", "c"])
    columns["decimals"] = st.sampled_from([None, 0, 1])
    columns["inferred"] = st.sampled_from([None, spec.columns[0], " ".join(spec.columns[1:3])])
    claims = st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=40)
    return claims.map(lambda rows: [_whole({**row, "claim_id": f"s/{n:02}"}) for n, row in enumerate(rows)])


def _whole(row: Row) -> Row:
    """Return the row with what the machine works out: days in order, ends of a period, bounds of a share."""
    row["vintage_from"], row["vintage"], row["known_from"] = sorted(
        (row["vintage_from"], row["vintage"], row["known_from"])
    )
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
    pairs = [sorted(map(_without_orders, plain_rows(p)), key=lambda r: (key_text(r, SPECS[table].key), r["claim_id"]))
             for p in found.contradictions]  # fmt: skip
    return plain_rows(found.facts), pairs


def _without_orders(row: Row) -> Row:
    """Return a contradiction without the texts by which the code sorts claims."""
    return {name: value for name, value in row.items() if name not in ("other_order", "chosen_order")}


@pytest.mark.parametrize("table", FACTS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_rows_of_every_table_make_the_facts_that_the_oracle_names(table: str, data: st.DataObject) -> None:
    rows = data.draw(rows_of(table))
    policy = data.draw(st.sampled_from(sorted(POLICIES)))
    observations = engine.to_arrow(rows, SPECS[PREFIX + table])
    expected = oracle(rows, SPECS[table], policy)
    assert run(Rows.of(observations), table, policy) == expected
    assert tables.chosen(observations, SPECS[table], policy)[0].to_pylist() == expected[0]


@pytest.mark.parametrize("table", ["market_shares", "plans", "company_metrics", "meeting_people"])
@settings(
    max_examples=2,
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


@pytest.mark.parametrize("table", ["statements", "meetings", "meeting_people"])
def test_every_engine_takes_rows_that_say_next_to_nothing(table: str) -> None:
    observations = observed(table, {"company_id": None, "status": None, "kind": None}, {"company_id": None})
    expected = run(observations, table, "preferred")
    assert [r["disputed"] for r in expected[0]] == [False] * len(expected[0])
    for name, convert in ENGINES.items():
        assert run(convert(observations), table, "preferred") == expected, name


@pytest.mark.parametrize("table", FACTS)
def test_a_claim_without_rivals_makes_the_fact_that_the_policy_makes_of_it(table: str) -> None:
    """Also where it says nothing in a column that it names as worked out."""
    spec = SPECS[table]
    nothing: Row = {f.name: None for f in SPECS[PREFIX + table].fields if f.name in spec.columns and not f.required}
    observations = observed(table, {**nothing, "inferred": " ".join(spec.columns), "voice": "kestrel"})
    expected = plain_rows(consolidate(Rows.of(observations), spec).facts)
    assert tables.chosen(observations, spec)[0].to_pylist() == expected


def test_every_engine_narrows_bounds_that_are_open_at_one_end() -> None:
    about = {"share_pct": 50.0, "qualifier": "about", "share_low_pct": None, "share_high_pct": None}
    most = {"share_pct": None, "qualifier": "up_to", "share_low_pct": None, "share_high_pct": 52.0}
    observations = observed("market_shares", about, most)
    expected = run(observations, "market_shares", "preferred")
    assert [(r["share_pct"], r["share_low_pct"], r["share_high_pct"]) for r in expected[0]] == [(50.0, None, 52.0)]
    for name, convert in ENGINES.items():
        assert run(convert(observations), "market_shares", "preferred") == expected, name


@pytest.mark.parametrize("without", [(), ("duckdb",)])
def test_many_observations_leave_python_for_duckdb_and_for_pandas_without_it(
    without: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    observations = observed("market_shares", share(40.0), share(42.0), share(7.0, company_id="hanbit"))
    few = placed(observations, SPECS["market_shares"])
    monkeypatch.setattr(engine, "SMALL", 2)
    for name in without:
        monkeypatch.setitem(sys.modules, name, None)
    assert type(engine.workable(observations)).__name__ == ("DataFrame" if without else "DuckDBPyRelation")
    many = placed(observations, SPECS["market_shares"])
    assert sorted(map(_told, many)) == sorted(map(_told, few)) != []


def _told(row: Row) -> tuple[str, ...]:
    return row["claim_id"], row["used_for"], row["disagrees_on"], str(row["lost_by"])
