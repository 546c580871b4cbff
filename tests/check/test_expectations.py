from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from planted import COMPANIES, PERIOD, SHARES, SLUG, SPECS, companies, good, made, points, shares

from datapkg.check import expectations
from datapkg.facts import engine
from datapkg.model import specs as specs_module

REPOSITORY = Path(__file__).parents[2]
ranged = made(
    "ranged",
    [{"name": name, "type": "integer", "constraints": {"required": True}} for name in ("claim_count", "source_count")]
    + [{"name": name, "type": "number"} for name in ("low", "high", "share_low_pct", "share_high_pct")]
    + [{"name": name, "type": "date"} for name in ("period_start", "period_end")]
    + [{"name": name, "type": "integer"} for name in ("char_start", "char_end")],
    ["claim_count"],
)  # fmt: skip


def of(suite: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [entry["kwargs"] for entry in suite["expectations"] if entry["type"] == f"expect_{what}"]


def test_a_suite_is_plain_json_and_covers_every_constraint() -> None:
    suite = expectations.suite(SHARES)
    assert json.loads(json.dumps(suite)) == suite
    assert suite["name"] == "shares"
    assert of(suite, "table_columns_to_match_ordered_list") == [{"column_list": list(SHARES.columns)}]
    assert [k["column"] for k in of(suite, "column_values_to_not_be_null")] == ["company_id", "period", "seen"]
    assert of(suite, "column_values_to_match_regex") == [
        {"column": "company_id", "regex": f"^(?:{SLUG})$"},
        {"column": "period", "regex": f"^(?:{PERIOD})$"},
    ]
    assert of(suite, "column_values_to_be_in_set") == [
        {"column": "basis", "value_set": ["revenue", "units"]},
        {"column": "company_id", "value_set": {"$PARAMETER": "companies__company_id"}},
    ]
    assert of(suite, "column_values_to_be_between") == [
        {"column": "rank", "min_value": 1, "max_value": 100},
        {"column": "share", "min_value": 0, "strict_min": True, "max_value": 100, "strict_max": True},
        {"column": "seen", "min_value": "2000-01-01"},
    ]
    assert of(suite, "column_value_lengths_to_be_between") == [{"column": "note", "min_value": 2, "max_value": 5}]
    assert of(suite, "column_values_to_be_unique") == [{"column": "code"}]
    assert of(suite, "compound_columns_to_be_unique") == [
        {"column_list": ["company_id", "period"], "ignore_row_if": "any_value_is_missing"}
    ]
    assert {entry["meta"]["from"] for entry in suite["expectations"]} >= {"required", "primaryKey", "foreignKeys"}


def test_a_key_of_one_column_is_unique_and_pairs_of_columns_are_compared() -> None:
    suite = expectations.suite(ranged)
    assert of(suite, "column_values_to_be_unique") == [{"column": "claim_count"}]
    pairs = of(suite, "column_pair_values_a_to_be_greater_than_b")
    assert [(p["column_A"], p["column_B"], p["or_equal"]) for p in pairs] == [
        ("period_end", "period_start", True),
        ("share_high_pct", "share_low_pct", True),
        ("high", "low", True),
        ("char_end", "char_start", False),
        ("claim_count", "source_count", True),
    ]


def test_half_open_bounds() -> None:
    fields = [
        {"name": "a", "type": "integer", "constraints": {"exclusiveMaximum": 9}},
        {"name": "b", "type": "integer", "constraints": {"maximum": 9}},
        {"name": "c", "type": "string", "constraints": {"maxLength": 9}},
    ]
    suite = expectations.suite(made("t", fields, ["a"]))
    assert of(suite, "column_values_to_be_between") == [
        {"column": "a", "max_value": 9, "strict_max": True},
        {"column": "b", "max_value": 9},
    ]
    assert of(suite, "column_value_lengths_to_be_between") == [{"column": "c", "max_value": 9}]


def test_every_table_of_the_repository_has_a_suite_and_passes_it_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    all_specs = specs_module.load_specs(REPOSITORY / "schemas")
    tables = {name: engine.to_arrow([], spec) for name, spec in all_specs.items()}
    suites = {name: expectations.suite(spec) for name, spec in all_specs.items() if spec.role != "observation"}
    few = {name: suites[name] for name in ("market_shares", "companies", "claims", "conflicts")}
    some = {name: spec for name, spec in all_specs.items() if name in few}
    assert expectations.findings(tables, some, few) == []
    assert list(tmp_path.iterdir()) == []


def test_failures_name_the_expectation_the_count_and_some_values(capfd: pytest.CaptureFixture[str]) -> None:
    rows = [good(basis=f"b{i}", company_id=f"acme{i}") for i in range(9)]
    rows += [good(code=None, rank=0, seen=None, company_id="bolt")]
    tables = {"shares": shares(*rows).drop(["note"]), "companies": companies()}
    suites = {name: expectations.suite(spec) for name, spec in SPECS.items()}
    found = sorted(expectations.findings(tables, SPECS, suites), key=lambda f: f.message)
    values = "'acme0', 'acme1', 'acme2', 'acme3', 'acme4'"
    columns = [name for name in SHARES.columns if name != "note"]
    assert [f.message for f in found] == [
        "expect_column_values_to_be_between on rank: 1 of 12 unexpected: 0",
        "expect_column_values_to_be_in_set on basis: 9 of 12 unexpected: 'b0', 'b1', 'b2', 'b3', 'b4'",
        f"expect_column_values_to_be_in_set on company_id: 9 of 12 unexpected: {values}",
        "expect_column_values_to_be_unique on code: 9 of 12 unexpected: 'c9', 'c9', 'c9', 'c9', 'c9'",
        "expect_column_values_to_not_be_null on seen: 1 of 12 unexpected: null",
        f"expect_table_columns_to_match_ordered_list: found {columns}",
    ]
    assert {(f.rule, f.table) for f in found} == {("expectation", "shares")}
    assert [f.column for f in found] == ["rank", "basis", "company_id", "code", "seen", None]
    assert capfd.readouterr() == ("", "")


def test_without_references_foreign_keys_are_left_to_our_own_check() -> None:
    tables = {"shares": shares(good(company_id="nobody")), "companies": companies()}
    suites = {name: expectations.suite(spec) for name, spec in SPECS.items()}
    assert expectations.findings(tables, SPECS, suites, references=False) == []
    assert [f.column for f in expectations.findings(tables, SPECS, suites)] == ["company_id"]


def test_columns_of_a_row_are_compared_and_nulls_ignored() -> None:
    from datetime import date

    late, soon = date(2024, 2, 1), date(2024, 1, 1)
    rows = [
        {"claim_count": 1, "source_count": 2},
        {"claim_count": 2, "source_count": 2, "low": 3.0, "high": 2.0, "share_low_pct": 1.0, "share_high_pct": 0.5},
        {"claim_count": 3, "source_count": 1, "period_start": late, "period_end": soon, "char_start": 5, "char_end": 5},
        {"claim_count": 4, "source_count": 1, "low": 3.0, "period_start": late, "char_end": 0, "share_low_pct": 2.0},
        {"claim_count": 5, "source_count": 5, "low": 2.0, "high": 2.0, "period_start": late, "period_end": late},
    ]
    table = engine.to_arrow(rows, ranged)
    found = expectations.findings({"ranged": table}, {"ranged": ranged}, {"ranged": expectations.suite(ranged)})
    name = "expect_column_pair_values_a_to_be_greater_than_b on"
    assert sorted(f.message for f in found) == [
        f"{name} char_end, char_start: 1 of 5 unexpected: (5, 5)",
        f"{name} claim_count, source_count: 1 of 5 unexpected: (1, 2)",
        f"{name} high, low: 1 of 5 unexpected: (2.0, 3.0)",
        f"{name} period_end, period_start: 1 of 5 unexpected: (datetime.date(2024, 1, 1), datetime.date(2024, 2, 1))",
        f"{name} share_high_pct, share_low_pct: 1 of 5 unexpected: (0.5, 1.0)",
    ]


def test_what_cannot_be_run_is_a_finding_and_not_a_crash() -> None:
    lone = made("lone", [{"name": "c", "type": "string"}], ["c"], foreignKeys=[points("c", "companies", "company_id")])
    broken = {"name": "companies", "expectations": [
        {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "company_id", "regex": "("}, "meta": {}},
    ]}  # fmt: skip
    tables = {"lone": pa.table({"c": ["x"]}), "shares": shares(), "companies": companies().drop(["company_id"])}
    found = expectations.findings(tables, {"lone": lone, "shares": SHARES}, {"lone": expectations.suite(lone)})
    assert [f.message for f in found] == [
        "table 'shares' has no suite; expected schemas/expectations/shares.json",
        "expect_column_values_to_be_in_set on c: no table has the values of 'companies__company_id'",
    ]
    found = expectations.findings({"companies": companies()}, {"companies": COMPANIES}, {"companies": broken})
    assert len(found) == 1
    assert found[0].message.startswith("expect_column_values_to_match_regex on company_id: could not be computed: ")
    assert expectations.findings({}, SPECS, {}) == []


def test_nothing_is_sent_and_the_library_is_imported_late(tmp_path: Path) -> None:
    code = (
        "import sys, socket\n"
        "def refuse(*_): raise SystemExit('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from datapkg.check import expectations as e\n"
        "assert not {'great_expectations', 'pandas'} & set(sys.modules)\n"
        "import pyarrow as pa; from datapkg.model import Spec\n"
        "s = Spec('t', {'fields': [{'name': 'a', 'type': 'string', 'title': 'a', 'description': 'a'}],"
        " 'primaryKey': ['a'], 'role': 'fact'})\n"
        "print(e.findings({'t': pa.table({'a': ['x', 'x']})}, {'t': s}, {'t': e.suite(s)}))\n"
    )
    bare = {k: v for k, v in os.environ.items() if not k.startswith("GX_")}
    env = bare | {"HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "2 of 2 unexpected: 'x', 'x'" in done.stdout
    assert list(tmp_path.iterdir()) == []
