"""A release with a table of ten million rows: seconds and peak memory, beside DuckDB writing the same two files.

Run  python -m benchmarks.release_large [ROWS]
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.targets import note

ROOT = Path(__file__).parents[1]
SCRATCH = ROOT / "benchmarks" / "scratch" / "release"
NAME = "observations.market_shares"
ROWS_SQL = """
    SELECT company_id, market_id, printf('%04d', y) AS period, make_date(y::INT, 1, 1) AS period_start,
        make_date(y::INT, 12, 31) AS period_end, basis, 0.01 AS share_pct, 0.01 AS share_low_pct,
        0.01 AS share_high_pct, 'exact' AS qualifier, claim_id, source_id, certainty, said_by, 'one' AS voice,
        'secondary' AS tier, DATE '2024-01-31' AS known_from, false AS preferred, false AS corrected
    FROM '{folder}/companies.parquet', '{folder}/markets.parquet', '{folder}/claims.parquet',
        (VALUES ('revenue'), ('units'), ('capacity'), ('unspecified')) b(basis), range(1000, 3000) t(y)
    LIMIT {rows}"""
OURS = """
import json, sys
from pathlib import Path
from time import perf_counter
from datapkg import release
from datapkg.model.layout import Layout
import pyarrow.parquet as pq
from datapkg.package.parquet import table_path
from datapkg.model.specs import load_specs
layout = Layout(Path(sys.argv[1]))
tables = tuple((name, pq.read_metadata(layout.root / table_path(name)).num_rows) for name in load_specs(layout.schemas))
plan = release.Plan("9.9.9", "2026-11-24", None, "first", "minor", (), "0" * 40, "0" * 40, tables)
began = perf_counter()
release.make(layout, plan, layout.root / "out" / "9.9.9")
peak = int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) / 1024
print(json.dumps({"seconds": perf_counter() - began, "mib": peak}))
"""
PEER = """
import json, sys
from pathlib import Path
from time import perf_counter
import duckdb
source, key = sys.argv[1] + "/" + sys.argv[2], "company_id, market_id, period, basis, claim_id"
began = perf_counter()
with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": sys.argv[1] + "/spill"}) as c:
    c.execute("SET enable_progress_bar = false")
    c.execute(f"COPY (FROM '{source}' ORDER BY {key}) TO '{sys.argv[1]}/peer.parquet' (FORMAT parquet)")
    c.execute(f"COPY (FROM '{source}' ORDER BY {key}) TO '{sys.argv[1]}/peer.csv' (FORMAT csv, HEADER)")
peak = int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) / 1024
print(json.dumps({"seconds": perf_counter() - began, "mib": peak}))
"""


def prepare(rows: int) -> None:
    """Write a copy of the working build in which one table of observations has many rows, in order of its key."""
    import duckdb

    from datapkg.model.layout import Layout
    from datapkg.model.specs import load_specs
    from datapkg.package.parquet import read_about, stamped, table_path

    shutil.rmtree(SCRATCH, ignore_errors=True)
    for folder in ("data/raw", "data/processed", "schemas"):
        shutil.copytree(ROOT / folder, SCRATCH / folder)
    layout, plain = Layout(SCRATCH), SCRATCH / "plain.parquet"
    with duckdb.connect(config={"memory_limit": "8GB", "temp_directory": str(SCRATCH / "spill")}) as connection:
        connection.execute("SET enable_progress_bar = false")
        query = ROWS_SQL.format(folder=layout.processed, rows=rows)
        key = "company_id, market_id, period, basis, claim_id"
        real = f"FROM '{SCRATCH / table_path(NAME)}'"  # the facts beside it rest on its own rows
        connection.execute(f"COPY (FROM (({query}) UNION ALL {real}) ORDER BY {key}) TO '{plain}' (FORMAT parquet)")
    stamped(plain, SCRATCH / table_path(NAME), load_specs(layout.schemas)[NAME], read_about(layout))
    plain.unlink()


def measured(code: str, *arguments: str) -> dict[str, float]:
    """Return seconds and peak memory of a program in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main(size: str = "large", rows: int = 10_000_000) -> None:
    """Print a line per figure."""
    from datapkg.package.parquet import table_path

    prepare(rows)
    try:
        peer = measured(PEER, str(SCRATCH), table_path(NAME))
        ours = measured(OURS, str(SCRATCH))
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    print(f"{rows:,} rows: release {ours['seconds']:.0f} s, peak {ours['mib']:.0f} MiB (checks, digests, two formats)")
    print(f"DuckDB sorting and writing the same two files: {peer['seconds']:.0f} s, peak {peer['mib']:.0f} MiB")
    note(f"release of {rows:,} rows / DuckDB sorting and writing them", ours["seconds"] / peer["seconds"])
    note(f"release of {rows:,} rows, peak of memory", ours["mib"], "MiB")


if __name__ == "__main__":
    main("large", *map(int, sys.argv[1:2]))
