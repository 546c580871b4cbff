"""Our schema check against a hand-written DuckDB query and Great Expectations, on a million rows and 12 constraints.

Run  python -m benchmarks.schema_check
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.targets import judge
from datapkg.check import expectations, frictionless, schema
from datapkg.model.specs import Spec, standard
from datapkg.model.tableschema import publishable

ROWS = {"small": 10_000, "usual": 1_000_000, "large": 1_000_000}
SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
BASES = ["revenue", "units", "capacity", "unspecified"]


def spec() -> Spec:
    """Return a table with 12 constraints: 4 required, 2 patterns, enum, 2 bounds, 2 lengths and a key of four."""
    required = {"required": True}
    fields = [
        {"name": "company_id", "type": "string", "constraints": required | {"pattern": SLUG}},
        {"name": "market_id", "type": "string", "constraints": required | {"pattern": SLUG}},
        {"name": "period", "type": "string", "constraints": required | {"minLength": 4, "maxLength": 10}},
        {"name": "basis", "type": "string", "constraints": required | {"enum": BASES}},
        {"name": "share_pct", "type": "number", "constraints": {"minimum": 0, "maximum": 100}},
    ]
    named = [{"title": f["name"], "description": f["name"], **f} for f in fields]
    key = ["company_id", "market_id", "period", "basis"]
    shape = {"title": "Shares", "description": "Shares.", "role": "fact", "fields": named, "primaryKey": key}
    return Spec("shares", shape)


def by_hand(source: str) -> str:
    """Return the query that a person would write for the same 12 constraints."""
    return f"""
        SELECT count(*) FILTER (company_id IS NULL), count(*) FILTER (market_id IS NULL),
               count(*) FILTER (period IS NULL), count(*) FILTER (basis IS NULL),
               count(*) FILTER (NOT regexp_full_match(company_id, '{SLUG}')),
               count(*) FILTER (NOT regexp_full_match(market_id, '{SLUG}')),
               count(*) FILTER (length(period) < 4), count(*) FILTER (length(period) > 10),
               count(*) FILTER (basis NOT IN ('revenue', 'units', 'capacity', 'unspecified')),
               count(*) FILTER (share_pct < 0), count(*) FILTER (share_pct > 100),
               count(*) - count(DISTINCT (company_id, market_id, period, basis))
        FROM {source}"""


def write(path: Path, rows: int) -> None:
    """Write rows, all of them right."""
    duckdb.connect().execute(f"""
        COPY (SELECT 'company-' || (i % 5000) AS company_id, 'market-' || (i // 5000) AS market_id,
                     (2000 + i % 25) || '-0' || (1 + i % 9) AS period,
                     {BASES}[1 + i % 4] AS basis, (i % 10001) / 100 AS share_pct
              FROM range({rows}) t(i)) TO '{path}'""")


def seconds(run: Callable[[], Any], times: int = 1) -> float:
    """Return the best time of a number of runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def by_expectations(table: pa.Table) -> list[Any]:
    """Return what Great Expectations finds in one table."""
    return expectations.findings({"shares": table}, {"shares": spec()}, {"shares": expectations.suite(spec())})


def by_frictionless(table: pa.Table) -> list[Any]:
    """Return what frictionless finds in one table, as a package of Parquet."""
    with TemporaryDirectory() as folder:
        pq.write_table(table, Path(folder) / "shares.parquet")
        shape = publishable(standard(spec()))
        resource = {"name": "shares", "type": "table", "path": "shares.parquet", "format": "parquet", "schema": shape}
        descriptor = Path(folder) / "datapackage.json"
        profile = "https://datapackage.org/profiles/2.0/datapackage.json"
        descriptor.write_text(json.dumps({"$schema": profile, "name": "planted", "resources": [resource]}))
        return frictionless.findings(descriptor)


def disagreements() -> list[str]:
    """Return the planted rows on which the three tools differ, and those that a tool wrongly lets pass."""
    good = {"company_id": "acme", "market_id": "chips", "period": "2024", "basis": "units", "share_pct": 1.0}
    other = good | {"company_id": "bolt", "share_pct": None}
    planted: dict[str, dict[str, Any]] = {
        **{f"{name} is null": {name: None} for name in ("company_id", "market_id", "period", "basis")},
        "company_id pattern": {"company_id": "Acme Inc"},
        "market_id pattern": {"market_id": "chips!"},
        "too short": {"period": "24"},
        "too long": {"period": "2024-01-001"},
        "not in enum": {"basis": "Units"},
        "too small": {"share_pct": -0.1},
        "too large": {"share_pct": 100.1},
        "key twice": {"company_id": "bolt"},
    }
    wrong = []
    for name, row in [("good", {"company_id": "coil"}), *planted.items()]:
        table = pa.Table.from_pylist([good, other, good | {"company_id": "coil"} | row], schema=nullable())
        verdicts = [
            bool(schema.table_violations(table, spec())),
            bool(by_frictionless(table)),
            bool(by_expectations(table)),
        ]
        if verdicts != [name != "good"] * 3:
            wrong.append(f"{name}: ours, frictionless, Great Expectations refuse: {verdicts}")
    return wrong


def nullable() -> pa.Schema:
    """Return the Arrow schema without NOT NULL, so that a planted null can stand in it."""
    return pa.schema([field.with_nullable(True) for field in spec().arrow()])


def main(size: str = "usual") -> None:
    """Print the ratios and whether the verdicts agree."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shares.parquet"
        write(path, ROWS[size])
        connection = duckdb.connect()
        source = f"'{path}'"
        query = by_hand(source)
        hand = seconds(lambda: connection.sql(query).fetchall(), 3)
        ours = seconds(lambda: schema.table_violations(connection.sql(f"FROM {source}"), spec()), 3)
        table = pq.read_table(path)
        by_expectations(table.slice(0, 10))  # its import takes seconds and is not what is measured
        theirs = seconds(lambda: by_expectations(table))
    print(f"{ROWS[size]:,} rows, 12 constraints, Parquet through DuckDB: ours {ours:.2f} s, by hand {hand:.2f} s")
    judge("ours / hand-written query", ours / hand, most=3)
    judge(f"Great Expectations {theirs:.1f} s / ours", theirs / ours, least=10)
    wrong = disagreements()
    judge(
        "; ".join(["verdicts of three tools on 12 planted rows and a good one that differ", *wrong]), len(wrong), most=0
    )


if __name__ == "__main__":
    main()
