"""Our schema check, frictionless and Great Expectations share no code; where they judge the same, they must agree."""

from __future__ import annotations

from datetime import date
from typing import Any

import frictionless
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import COMPANIES, ONLY_OURS, PLANTED, SHARES, SPECS, companies, good, shares

from datapkg.check import expectations, schema
from datapkg.facts import engine
from datapkg.model import specs as specs_module
from datapkg.model.findings import Finding
from datapkg.model.specs import Spec
from datapkg.model.tableschema import publishable

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
ALL = {**PLANTED, **ONLY_OURS}
# What each tool cannot judge. Neither knows EDTF; both match patterns as Python does, where $ also stands before a
# final line feed and \d is a digit of any script. frictionless takes NaN for a missing value and lets a key be null in
# part.
PYTHON = {"edtf", "line-feed", "other-digits"}
BLIND = {"frictionless": PYTHON | {"nan", "key-null"}, "expectations": PYTHON}


def ours(table: pa.Table) -> bool:
    return bool(schema.violations({"shares": table, "companies": companies()}, SPECS))


def theirs(table: pa.Table) -> bool:
    """Return whether frictionless refuses the rows as they are in memory, where nothing is lost on the way."""
    resources = [
        {"name": spec.name, "data": rows.to_pylist() or [list(rows.column_names)],
         "schema": publishable(specs_module.standard(spec))}
        for spec, rows in ((SHARES, table), (COMPANIES, companies()))
    ]  # fmt: skip
    package = frictionless.Package.from_descriptor({"$schema": PROFILE, "name": "planted", "resources": resources})
    return not package.validate().valid


def of_expectations(tables: dict[str, pa.Table]) -> set[str]:
    """Return the tables that Great Expectations refuses; all run in one context, since each costs a while."""
    everything = tables | {"companies": companies()}
    specs = {name: Spec(name, SHARES.schema) for name in tables}
    suites = {name: expectations.suite(spec) for name, spec in specs.items()}
    found: list[Finding] = expectations.findings(everything, specs, suites)
    return {str(f.table) for f in found}


def test_the_planted_rows_get_the_same_verdict_from_all_three() -> None:
    tables = {name: shares(good(**case.row)) for name, case in ALL.items()} | {"good": shares(good())}
    verdicts = {
        "schema": {name for name, table in tables.items() if ours(table)},
        "frictionless": {name for name, table in tables.items() if theirs(table)},
        "expectations": of_expectations(tables),
    }
    assert verdicts["schema"] == set(ALL)
    for tool, blind in BLIND.items():
        assert verdicts[tool] == set(ALL) - blind, tool


@pytest.mark.parametrize("column", ["rank", "seen", "disputed", "share"])
def test_a_text_in_a_column_of_another_type_is_refused(column: str) -> None:
    at = SHARES.columns.index(column)
    table = shares(good()).set_column(at, column, pa.array(["soon", None, None]))
    assert [f.rule for f in schema.table_violations(table, SHARES) if f.column == column] == ["schema-type"]
    assert theirs(table)


ROW = st.fixed_dictionaries({
    "company_id": st.sampled_from(["acme", "bolt", "lost", "Acme", None]),
    "period": st.sampled_from(["2024", "2024-Q2", "2024-13", "24"]),
    "basis": st.sampled_from(["revenue", "units", "Units", None]),
    "rank": st.sampled_from([None, 0, 1, 50, 100, 101]),
    "share": st.sampled_from([None, 0.0, 1e-9, 50.0, 99.9, 100.0]),
    "note": st.sampled_from([None, "a", "ab", "abcde", "abcdef", "한국"]),
    "code": st.sampled_from([None, "a", "b", "c", "d"]),
    "seen": st.sampled_from([None, date(1999, 12, 31), date(2000, 1, 1)]),
    "disputed": st.sampled_from([None, True]),
    "claim_id": st.none(),
})  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=3))
def test_any_rows_get_the_same_verdict_from_us_and_frictionless(rows: list[dict[str, Any]]) -> None:
    table = engine.to_arrow(rows, SHARES)
    assert ours(table) == theirs(table)
