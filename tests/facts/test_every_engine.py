"""The same facts and conflicts on every engine, and as the words of the design have them, row by row."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from observed import SPECS, Row, by_key, few, observed, plain_rows, share, whole
from oracle import oracle

from datapkg.facts import POLICIES, engine, placed, tables
from datapkg.facts.columns import Columns
from datapkg.facts.conflicts import key_text
from datapkg.facts.consolidate import consolidate
from datapkg.facts.rows import Rows
from datapkg.model.specs import PREFIX

ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "rows": Rows.of,
    "columns": Columns.of,
    "pyarrow": lambda table: table,
    "pandas-arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas": lambda table: table.to_pandas(date_as_object=False),
    "polars": pl.from_arrow,
    "duckdb": lambda table: duckdb.connect().from_arrow(table),
}
FACTS = [name for name, spec in SPECS.items() if spec.role == "fact"]
pytestmark = pytest.mark.no_cover  # which takes longer than the engines themselves; other tests reach these lines


@cache
def rows_of(table: str) -> st.SearchStrategy[list[Row]]:
    """Return a strategy for observations of one table: few values, so that keys meet and claims differ."""
    columns = {name: st.sampled_from(values) for name, values in few(table).items()}
    claims = st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=40)
    return claims.map(lambda rows: [whole({**row, "claim_id": f"s/{n:02}"}) for n, row in enumerate(rows)])


def run(frame: Any, table: str, policy: str) -> tuple[list[Row], list[list[Row]]]:
    """Return facts and sorted contradictions as plain rows."""
    found = consolidate(frame, SPECS[table], policy)
    pairs = [sorted(map(_without_orders, plain_rows(p)), key=lambda r: (key_text(r, SPECS[table].key), r["claim_id"]))
             for p in found.contradictions]  # fmt: skip
    return by_key(plain_rows(found.facts), SPECS[table]), pairs


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
    assert run(Columns.of(observations), table, policy) == expected
    assert tables.chosen(observations, SPECS[table], policy).to_pylist() == expected[0]


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
    assert tables.chosen(observations, spec).to_pylist() == expected


@pytest.mark.parametrize("table", FACTS)
def test_windows_go_by_what_a_block_goes_by_so_that_a_cluster_moves_rows_once(table: str) -> None:
    """Spark groups rows by their block first; a window or grouping by less than that would move them again."""
    spec = SPECS[table]
    windows = consolidate(Rows.of(observed(table, {}, {})), spec).claims.groups
    assert spec.key in windows
    assert all({*spec.block} <= {*columns} for columns in [*windows, spec.key])


@pytest.mark.parametrize("name", ["duckdb", "pandas", "polars"])
def test_an_engine_that_is_asked_for_makes_the_facts_and_conflicts_of_plain_rows(name: str) -> None:
    spec, day = SPECS["market_shares"], date(2026, 1, 31)
    observations = observed("market_shares", share(40.0), share(42.0), share(7.0, company_id="hanbit"))
    facts, conflicts = tables.facts(observations, spec, day)
    with engine.using(name) as on:
        made, found = tables.facts(observations, spec, day, on)
        assert tables.facts(observations.slice(0, 0), spec, day, on)[0].num_rows == 0
    assert made.equals(facts)
    assert found == conflicts != []


def test_every_engine_narrows_bounds_that_are_open_at_one_end() -> None:
    about = {"share_pct": 50.0, "qualifier": "about", "share_low_pct": None, "share_high_pct": None}
    most = {"share_pct": None, "qualifier": "up_to", "share_low_pct": None, "share_high_pct": 52.0}
    observations = observed("market_shares", about, most)
    expected = run(observations, "market_shares", "preferred")
    assert [(r["share_pct"], r["share_low_pct"], r["share_high_pct"]) for r in expected[0]] == [(50.0, None, 52.0)]
    for name, convert in ENGINES.items():
        assert run(convert(observations), "market_shares", "preferred") == expected, name


@pytest.mark.parametrize(
    ("limits", "without", "kind"),
    [((3, 9), (), "Rows"), ((2, 9), (), "Columns"), ((1, 2), (), "DuckDBPyRelation"), ((1, 2), ("duckdb",), "Columns")],
)
def test_many_observations_are_held_in_columns_and_more_in_duckdb(
    limits: tuple[int, int], without: tuple[str, ...], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    observations = observed("market_shares", share(40.0), share(42.0), share(7.0, company_id="hanbit"))
    few = placed(observations, SPECS["market_shares"])
    monkeypatch.setattr(engine, "FEW", limits[0])
    monkeypatch.setattr(engine, "MANY", limits[1])
    for name in without:
        monkeypatch.setitem(sys.modules, name, None)
    assert type(engine.workable(observations)).__name__ == kind
    many = placed(observations, SPECS["market_shares"])
    assert sorted(map(_told, many)) == sorted(map(_told, few)) != []


@pytest.mark.parametrize("size", [1, 3, 100])
def test_blocks_are_consolidated_some_at_a_time_and_make_the_facts_of_all(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    years = [share(40.0 + n % 3, period=f"20{10 + n % 7}") for n in range(30)]
    observations = observed("market_shares", *years, share(7.0, period="2009"))
    facts, conflicts = tables.facts(observations, SPECS["market_shares"])
    monkeypatch.setattr(engine, "PART", size)
    blocks = np.array([int(period) for period in observations.column("period").to_pylist()]) - 2009
    parts = [set(part.column("period").to_pylist()) for part in engine.parted(observations, blocks, np.arange(31))]
    assert len(parts) == {1: 8, 3: 8, 100: 1}[size]
    assert [*engine.parted(observations, blocks, np.array([], int))] == []
    assert sum(map(len, parts)) == len(set[str]().union(*parts)) == 8
    made, found = tables.facts(observations, SPECS["market_shares"])
    assert made.equals(facts)
    assert facts.num_rows == 8
    assert engine.to_arrow(found, SPECS["conflicts"]).equals(engine.to_arrow(conflicts, SPECS["conflicts"]))
    assert conflicts


def _told(row: Row) -> tuple[str, ...]:
    return row["claim_id"], row["used_for"], row["disagrees_on"], str(row["lost_by"])
