from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import COMPANIES, ONLY_OURS, PERIOD, PLANTED, SHARES, SLUG, SPECS, Planted, companies, good, made, shares

from datapkg.check import constraints, schema
from datapkg.facts import engine
from datapkg.model import specs as specs_module
from datapkg.model import sql
from datapkg.model.findings import Finding
from datapkg.model.values import period

REPOSITORY = Path(__file__).parents[2]
Frames = Callable[[Mapping[str, pa.Table]], Mapping[str, Any]]


def in_duckdb(tables: Mapping[str, pa.Table]) -> Mapping[str, Any]:
    connection = engine.connect(tables)
    return {name: connection.sql(f"FROM {sql.table(name)}") for name in tables}


def in_parquet(tables: Mapping[str, pa.Table]) -> Mapping[str, Any]:
    connection = duckdb.connect()
    for name, table in tables.items():
        connection.register("tmp", table)
        connection.execute(f'CREATE TABLE "{name}" AS FROM tmp')
    return {name: connection.table(name) for name in tables}


ENGINES: dict[str, Frames] = {
    "pyarrow": lambda tables: tables,
    "pandas": lambda tables: {n: t.to_pandas(types_mapper=pd.ArrowDtype) for n, t in tables.items()},
    "polars": lambda tables: {n: pl.DataFrame(t) for n, t in tables.items()},
    "polars, lazy": lambda tables: {n: pl.DataFrame(t).lazy() for n, t in tables.items()},
    "duckdb over arrow": in_duckdb,
    "duckdb table": in_parquet,
}


@pytest.mark.parametrize("case", {**PLANTED, **ONLY_OURS}.values(), ids={**PLANTED, **ONLY_OURS}.keys())
def test_every_constraint_finds_its_planted_row(case: Planted) -> None:
    planted = good(**case.row)
    found = schema.violations({"shares": shares(planted), "companies": companies()}, SPECS)
    about = [f for f in found if f.rule != "schema-foreign-key" or case.rule == f.rule]
    row = f"company_id={planted['company_id']};period={planted['period'] or 'null'}"
    key = "code=c1" if case.rule == "schema-unique" else row
    claim = None if case.rule == "schema-unique" or "rows have this key" in case.message else "paper/one"
    expected = Finding(
        rule=case.rule, message=case.message, table="shares", key=key, column=case.column, claim_id=claim
    )
    assert about == [expected]


def test_good_rows_have_no_finding() -> None:
    assert schema.violations({"shares": shares(good()), "companies": companies()}, SPECS) == []
    assert schema.violations({"shares": shares().slice(0, 0), "companies": companies()}, SPECS) == []


@pytest.mark.parametrize("name", ENGINES)
def test_all_engines_say_the_same(name: str) -> None:
    rows = [good(**case.row) for case in {**PLANTED, **ONLY_OURS}.values()]
    rows += [good(company_id=f"many-{i:02}", period="2020", code=None, rank=0) for i in range(30)]
    tables = {"shares": shares(*rows), "companies": companies()}
    found = schema.violations(ENGINES[name](tables), SPECS)
    assert found == schema.violations(tables, SPECS)
    assert {f.rule for f in found} >= {case.rule for case in {**PLANTED, **ONLY_OURS}.values()}


@pytest.mark.parametrize("name", ENGINES)
def test_offending_rows_fetched_at_once_or_for_each_constraint_are_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [good(company_id=f"C {n % 40:02}", period=None if n % 3 else f"{n}", rank=-n) for n in range(90, 0, -1)]
    tables = {"shares": shares(*rows), "companies": companies()}
    at_once = schema.violations(ENGINES[name](tables), SPECS)
    monkeypatch.setattr(schema, "HELD", 0)
    monkeypatch.setattr(schema, "_few", None)
    assert schema.violations(ENGINES[name](tables), SPECS) == at_once
    assert {"schema-pattern", "schema-key", "schema-range"} <= {found.rule for found in at_once}


@pytest.mark.parametrize("name", ENGINES)
def test_rows_of_a_table_whose_key_is_not_there_are_shown_in_the_order_of_engines(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"share": [math.inf, math.nan, 300.0, -math.inf, math.nan, 200.0, math.inf, -math.inf]})
    at_once = schema.table_violations(ENGINES[name]({"shares": table})["shares"], SHARES)
    monkeypatch.setattr(schema, "HELD", 0)
    assert schema.table_violations(ENGINES[name]({"shares": table})["shares"], SHARES) == at_once
    shown = [found.message.split()[3] for found in at_once if found.rule == "schema-finite"]
    assert shown == ["-inf;", "-inf;", "inf;", "inf;", "nan;", "nan;"]


def test_plain_pandas_keeps_the_verdicts_on_texts_and_names_the_types_that_it_lost() -> None:
    row = good(basis="revenu", company_id="acme\n", note="x")
    found = schema.table_violations(shares(row).to_pandas(), SHARES)
    assert {(f.rule, f.column) for f in found} == {
        ("schema-enum", "basis"), ("schema-pattern", "company_id"), ("schema-length", "note"),
        ("schema-type", "rank"), ("schema-type", "seen"), ("schema-type", "disputed"),
    }  # fmt: skip
    message = next(f.message for f in found if f.column == "rank")
    assert message == (
        "column 'rank' is Float64; expected integer (Int64); pandas keeps types only with dtype_backend=\"pyarrow\""
    )


def test_at_most_twenty_rows_are_shown_and_the_last_says_how_many_more() -> None:
    rows = [good(company_id=f"c{i:04}", code=None, rank=-i) for i in range(1, 1234)]
    found = schema.table_violations(shares(*rows), SHARES)
    assert len(found) == schema.SHOWN
    assert found[0].key == "company_id=c0001;period=2025-Q1"
    assert found[-2].message == "column 'rank' holds -19; expected at least 1"
    assert found[-1].message == "column 'rank' holds -20; expected at least 1; and 1,213 more like this"


def test_many_repeated_keys_are_counted_by_key_not_by_row() -> None:
    rows = [good(company_id=f"c{i:02}", code=None) for i in range(25) for _ in range(3)]
    found = schema.table_violations(shares(*rows), SHARES)
    assert len(found) == schema.SHOWN
    assert found[0].message == "3 rows have this key; expected one"
    assert found[-1].message == "3 rows have this key; expected one; and 5 more like this"


def test_missing_extra_reordered_and_mistyped_columns() -> None:
    table = shares().select(["period", "company_id", "basis", "rank", "share", "code", "seen", "disputed"])
    table = table.set_column(3, "rank", pa.array(["2", None])).append_column("clam_id", pa.nulls(2))
    assert [str(f) for f in schema.table_violations(table, SHARES)] == [
        "shares: column 'note' is missing [schema-columns]",
        "shares: column 'claim_id' is missing [schema-columns]",
        "shares: column 'clam_id' is not in the schema; did you mean 'claim_id'? [schema-columns]",
        "shares: column 'period' stands where 'company_id' is expected; the order is company_id, period, basis, "
        "rank, share, code, seen, disputed [schema-columns]",
        "shares: column 'rank' is String; expected integer (Int64) [schema-type]",
    ]


def test_a_mistyped_key_or_foreign_key_is_reported_once() -> None:
    rows = shares(good(seen=None))
    table = rows.set_column(0, "company_id", pa.array(range(rows.num_rows)))
    found = schema.violations({"shares": table, "companies": companies()}, SPECS)
    assert [(f.rule, f.key) for f in found] == [("schema-type", None), ("schema-required", "period=2025-Q1")]


def test_a_table_of_no_usable_column_costs_no_query() -> None:
    spec = made("flags", [{"name": "flag", "type": "boolean"}], ["flag"])
    found = schema.table_violations(pa.table({"flag": ["yes"]}), spec)
    assert [f.message for f in found] == ["column 'flag' is String; expected boolean (Boolean)"]


def test_a_table_that_is_not_there() -> None:
    found = schema.violations({"share": shares(), "companies": companies()}, SPECS)
    assert [str(f) for f in found] == ["shares: table 'shares' is missing; did you mean 'share'? [schema-columns]"]
    parents = schema.violations({"shares": shares()}, {"shares": SHARES})
    assert parents == []


def test_a_foreign_key_may_point_at_a_table_without_a_spec_and_at_itself() -> None:
    found = schema.violations({"shares": shares(good(company_id="x")), "companies": companies()}, {"shares": SHARES})
    assert [f.rule for f in found] == ["schema-foreign-key"]
    lost = engine.to_arrow([{"company_id": "acme", "parent_id": "acne"}], COMPANIES)
    found = schema.violations({"companies": lost}, {"companies": COMPANIES})
    assert [f.message for f in found] == [
        "column 'parent_id' holds 'acne', which is no company_id of companies; did you mean 'acme'?"
    ]


def test_a_target_column_that_is_missing_is_reported_by_its_own_table() -> None:
    found = schema.violations({"shares": shares(), "companies": companies().drop(["company_id"])}, SPECS)
    assert {(f.table, f.rule) for f in found} == {("companies", "schema-columns")}


def test_long_values_are_cut_and_empty_texts_seen() -> None:
    found = schema.table_violations(shares(good(note="a" * 500)), SHARES)
    assert found[0].message == f"column 'note' holds '{'a' * 77}...'; expected at most 5 characters"
    one = made("one", [{"name": "t", "type": "string", "constraints": {"minLength": 1}}], ["t"])
    found = schema.table_violations(pa.table({"t": [""]}), one)
    assert found[0].message == "column 't' holds ''; expected at least 1 character"


def test_a_period_without_a_pattern_is_still_read() -> None:
    spec = made("p", [{"name": "p", "type": "string", "edtf": True}], ["p"])
    found = schema.table_violations(pa.table({"p": ["2024", "1Q24"]}), spec)
    assert [f.rule for f in found] == ["schema-edtf"]
    assert found[0].message.endswith("; did you mean 2024-Q1?")


def test_the_schemas_of_the_repository_pass_on_empty_tables() -> None:
    all_specs = specs_module.load_specs(REPOSITORY / "schemas")
    tables = {name: engine.to_arrow([], spec) for name, spec in all_specs.items()}
    assert schema.violations(tables, all_specs) == []


@pytest.mark.parametrize(
    ("pattern", "portable"),
    [
        (r"^\d{4}(-\d)?$", "^[0-9]{4}(?:-[0-9])?$"),
        (r"[\d-]\w(?P<x>a)(?:b)", "[0-9-][0-9A-Za-z_](?P<x>a)(?:b)"),
        (r"\(\[\\d([(])", r"\(\[\\d(?:[(])"),
    ],
)
def test_patterns_are_written_so_that_every_engine_reads_the_same(pattern: str, portable: str) -> None:
    assert constraints._portable(pattern) == portable


ROW = st.fixed_dictionaries({
    "company_id": st.sampled_from(["acme", "bolt", "lost", "Acme", "acme\n", "", None]),
    "period": st.sampled_from(["2024", "2024-Q2", "2024-13", "2023-02-29", "２０２４", None]),
    "basis": st.sampled_from(["revenue", "Units", "", None]),
    "rank": st.sampled_from([None, 0, 1, 100, 101]),
    "share": st.sampled_from([None, 0.0, 1e-9, 99.9, 100.0, math.nan, math.inf]),
    "note": st.one_of(st.none(), st.text(max_size=7)),
    "code": st.sampled_from([None, "a", "b", "c", "d"]),
    "seen": st.sampled_from([None, date(1999, 12, 31), date(2000, 1, 1)]),
    "disputed": st.sampled_from([None, True]),
    "claim_id": st.just("paper/one"),
})  # fmt: skip


def by_the_book(rows: list[dict[str, Any]]) -> set[tuple[str, str | None]]:
    """Return rule and column of everything that is wrong, worked out row by row in plain Python."""
    wrong: set[tuple[str, str | None]] = set()

    def say(bad: bool, rule: str, column: str | None) -> None:
        if bad:
            wrong.add((f"schema-{rule}", column))

    for r in rows:
        say(r["company_id"] is None, "required", "company_id")
        say(r["seen"] is None, "required", "seen")
        say(r["period"] is None, "key", "period")
        say(r["company_id"] is not None and not re.fullmatch(SLUG, r["company_id"]), "pattern", "company_id")
        if r["period"] is not None:
            form = re.fullmatch(PERIOD, r["period"], re.A)
            say(not form, "pattern", "period")
            say(bool(form) and r["period"] == "2023-02-29", "edtf", "period")
        say(r["basis"] not in ("revenue", "units", None), "enum", "basis")
        say(r["rank"] in (0, 101), "range", "rank")
        say(r["share"] in (0.0, 100.0), "range", "share")
        say(r["share"] is not None and not math.isfinite(r["share"]), "finite", "share")
        say(r["note"] is not None and not 2 <= len(r["note"]) <= 5, "length", "note")
        say(r["seen"] == date(1999, 12, 31), "range", "seen")
        say(r["company_id"] not in ("acme", "bolt", None), "foreign-key", "company_id")
    keys = [(r["company_id"], r["period"]) for r in rows if None not in (r["company_id"], r["period"])]
    codes = [r["code"] for r in rows if r["code"] is not None]
    say(len(keys) > len(set(keys)), "key", None)
    say(len(codes) > len(set(codes)), "unique", "code")
    return wrong


@pytest.mark.parametrize("name", ["pyarrow", "pandas", "polars", "duckdb over arrow"])
def test_any_rows_get_the_verdicts_of_plain_python(name: str) -> None:
    @settings(max_examples=12 if name != "pyarrow" else 40, deadline=None)
    @given(st.lists(ROW, max_size=6))
    def check(rows: list[dict[str, Any]]) -> None:
        tables = {"shares": engine.to_arrow(rows, SHARES), "companies": companies()}
        found = schema.violations(ENGINES[name](tables), SPECS)
        assert {(f.rule, f.column) for f in found} == by_the_book(rows)

    check()


@given(st.from_regex(r"[0-9]{4}(-[0-9Q]{2}(-[0-9]{2})?)?", fullmatch=True))
@settings(max_examples=40, deadline=None)
def test_periods_are_judged_as_the_reader_of_periods_does(text: str) -> None:
    spec = made("p", [{"name": "p", "type": "string", "edtf": True}], ["p"])
    try:
        period(text)
        good_period = True
    except ValueError:
        good_period = False
    assert (schema.table_violations(pa.table({"p": [text]}), spec) == []) == good_period


def test_the_module_is_light() -> None:
    code = (
        "import sys, datapkg.check.schema;"
        "sys.exit(' '.join({'frictionless', 'great_expectations', 'pandas', 'pyarrow'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
