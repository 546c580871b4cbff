"""The check of a table by its schema beside what people would use for it, each a whole process with its imports.

The rows have planted errors, one in fifty thousand for each of six constraints; every tool has to find all of them.
pandera and pointblank are in an environment of their own (`make .venv-bench/ready`), and are left out without it. Great
Expectations and frictionless take so long that they run once.

Run  python -m benchmarks peers
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.schema_check import BASES, SLUG, by_hand, spec
from benchmarks.targets import ROOT, judge, middle, note

SIZES = {"small": (1_000,), "usual": (100_000, 1_000_000), "large": (100_000, 1_000_000, 10_000_000)}
HAND = {100_000: 2.5, 1_000_000: 1.5, 10_000_000: 1.5}
"""Times the query by hand that the check may take."""
OWN = ROOT / ".venv-bench" / "bin" / "python"
BAD = 50_000
SLOW = 1_000_000
"""More rows than this are nothing for Great Expectations and frictionless."""
OURS = f"""
import duckdb, sys
from datapkg.check.schema import table_violations
from datapkg.model import Spec
found = table_violations(duckdb.sql(f"FROM '{{sys.argv[1]}}'"), Spec('shares', {spec().schema!r}))
assert {{f.rule for f in found}} >= {{'schema-required', 'schema-pattern', 'schema-range'}}, found
"""
PEERS = {
    "by hand": f"""
import duckdb, sys
query = {by_hand("'{path}'")!r}
found = duckdb.sql(query.replace('{{path}}', sys.argv[1])).fetchall()[0]
assert sum(map(bool, found)) == 6, found
""",
    "pandera": f"""
import sys, polars as pl, pandera.polars as pa
slug, texts = pa.Check.str_matches({SLUG!r}), {{"nullable": False}}
schema = pa.DataFrameSchema({{
    "company_id": pa.Column(str, slug), "market_id": pa.Column(str, slug),
    "period": pa.Column(str, pa.Check.str_length(4, 10)), "basis": pa.Column(str, pa.Check.isin({BASES})),
    "share_pct": pa.Column(float, pa.Check.in_range(0, 100), nullable=True),
}}, unique=["company_id", "market_id", "period", "basis"])
try:
    schema.validate(pl.read_parquet(sys.argv[1]), lazy=True)
except pa.errors.SchemaErrors as error:
    assert len(error.failure_cases)
else:
    raise SystemExit("found nothing")
""",
    "pointblank": f"""
import sys, polars as pl, pointblank as pb
named = ["company_id", "market_id", "period", "basis"]
done = (
    pb.Validate(pl.read_parquet(sys.argv[1])).col_vals_not_null(columns=named)
    .col_vals_regex(columns=["company_id", "market_id"], pattern={SLUG!r}, na_pass=True)
    .col_vals_expr(expr=pl.col("period").str.len_chars().is_between(4, 10))
    .col_vals_in_set(columns="basis", set={[*BASES, None]})
    .col_vals_between(columns="share_pct", left=0, right=100, na_pass=True)
    .rows_distinct(columns_subset=named).interrogate()
)
assert not done.all_passed()
""",
}
ONCE = """
import sys, pyarrow.parquet as pq
from benchmarks import schema_check
assert schema_check.{act}(pq.read_table(sys.argv[1]))
"""

SLOWER = {"Great Expectations": ("by_expectations", 10), "frictionless": ("by_frictionless", 15)}
"""How each is called, and how many times as long it is to take."""


def write(path: Path, rows: int) -> None:
    """Write rows in which six constraints are broken, each by one row in fifty thousand, by one at least."""
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (SELECT CASE WHEN i % {BAD} = 7 THEN NULL WHEN i % {BAD} = 17 THEN 'Acme Inc'
                              ELSE 'company-' || (i % 5000) END AS company_id,
                         'market-' || (i // 5000) AS market_id,
                         CASE WHEN i % {BAD} = 27 THEN '1' ELSE (2000 + i % 25) || '-0' || (1 + i % 9) END AS period,
                         CASE WHEN i % {BAD} = 37 THEN 'Units' ELSE {BASES}[1 + i % 4] END AS basis,
                         CASE WHEN i % {BAD} = 47 THEN -1 WHEN i % {BAD} = 57 THEN 101
                              ELSE (i % 10001) / 100 END::DOUBLE AS share_pct
                  FROM range({rows}) t(i)) TO '{path}'""")


def main(size: str = "usual") -> None:
    """Print how the check compares with each of the others."""
    rounds = 1 if size == "small" else 5
    tools = {"ours": (sys.executable, OURS), "by hand": (sys.executable, PEERS["by hand"])}
    if OWN.exists():
        tools |= {name: (str(OWN), PEERS[name]) for name in ("pandera", "pointblank")}
    else:
        print("pandera and pointblank are not installed; make .venv-bench/ready")
    for rows in SIZES[size]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "shares.parquet"
            write(path, rows)
            of = f"schema check of {rows:,} rows"
            took = middle({name: [python, "-c", code, path] for name, (python, code) in tools.items()}, rounds)
            note(f"{of}, a process", took["ours"], "s")
            judge(f"{of} / DuckDB by hand", took["ours"] / took["by hand"], most=HAND.get(rows, 10))
            for name in sorted(set(tools) & {"pandera", "pointblank"}):
                judge(f"{name} / {of}", took[name] / took["ours"], least=1)
            for name, (act, least) in SLOWER.items() if rows <= SLOW else ():
                (slow,) = middle({name: [sys.executable, "-c", ONCE.format(act=act), path]}, 1).values()
                if rows == SLOW:
                    judge(f"{name} / {of}", slow / took["ours"], least=least)
                else:
                    note(f"{name} / {of}", slow / took["ours"])


if __name__ == "__main__":
    main()
