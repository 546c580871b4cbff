"""The diff of two tables of ten million rows with 1 % changed, against EXCEPT both ways written by hand in DuckDB.

Both run in a process of their own, so that each has its own peak of resident memory. The peer gets the same memory
limit; it says which rows differ, and neither which cells nor the claims behind them.

Run  python -m benchmarks.diff_large [ROWS]
"""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.targets import judge, note

ROWS = 10_000_000
LIMIT = 2 * 1024**3  # bytes of resident memory
MEMORY = "1GB"  # what DuckDB may use; the rest is Python, its libraries and buffers
SCRATCH = Path(__file__).parent / "scratch" / "diff_large"
KEY = ["company_id", "market_id", "period", "basis"]
TYPES = {"VARCHAR": "string", "DOUBLE": "number", "BIGINT": "integer", "BOOLEAN": "boolean", "DATE": "date"}


def query(rows: int, version: int) -> str:
    """Return facts as SQL; 0.8 % of the shares differ between versions, 0.1 % of the rows are in one of them only."""
    return f"""
        SELECT 'company-' || lpad((i // 2000)::VARCHAR, 6, '0') AS company_id,
               'market-' || lpad((i % 2000 // 40)::VARCHAR, 3, '0') AS market_id,
               (2000 + i % 40 // 4) || '-Q' || (1 + i % 4) AS period, 'revenue' AS basis,
               DATE '2000-01-01' + (i % 40)::INTEGER * 91 AS period_start,
               DATE '2000-03-31' + (i % 40)::INTEGER * 91 AS period_end,
               (hash(i) % 10001) / 100 + {version} * (i % 125 = 7)::INTEGER AS share_pct,
               CASE WHEN i % 10 = 0 THEN (hash(i) % 9000) / 100 END AS share_low_pct,
               'exact' AS qualifier, ['asserted', 'reported'][1 + i % 2] AS certainty,
               'source-' || (hash(i) % 200000) || '/claim-' || i % 50 AS claim_id, 1 + i % 3 AS claim_count,
               i % 97 = 0 AS disputed, DATE '2024-01-01' + (i % 300)::INTEGER AS known_from
        FROM range({rows}) t(i) WHERE i % 1000 <> {500 + version}"""


def make(rows: int, version: int) -> Path:
    """Write a package with one large table and return its folder."""
    folder = SCRATCH / str(version)
    folder.mkdir(parents=True)
    path = folder / "market_shares.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"COPY ({query(rows, version)}) TO '{path}' (COMPRESSION zstd)")
        columns = connection.execute(f"DESCRIBE FROM '{path}'").fetchall()
    with path.open("rb") as file:
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    schema = {"fields": [{"name": c[0], "type": TYPES[c[1]]} for c in columns], "primaryKey": KEY}
    made = {"name": "market_shares", "path": path.name, "hash": digest, "schema": schema}
    about = {"name": "large", "version": f"0.1.{version}", "resources": [made]}
    (folder / "datapackage.json").write_text(json.dumps(about))
    return folder


def ours(old: Path, new: Path) -> int:
    """Compare and write changes.parquet; return the number of rows that differ."""
    from datapkg.compare.packages import compare, write_changes

    diff = compare(old, new, SCRATCH, MEMORY)
    write_changes(diff, SCRATCH / "changes.parquet")
    counts = diff.tables[0].counts
    return counts.added + counts.removed + counts.changed


def peer(old: Path, new: Path) -> int:
    """Write the rows that only one side has; return how many rows differ, a changed one counted once."""
    a, b = (f"FROM '{side / 'market_shares.parquet'}'" for side in (old, new))
    target = SCRATCH / "peer.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"SET temp_directory = '{SCRATCH / 'spill'}'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"COPY (SELECT 'old' AS side, * FROM ({a} EXCEPT {b}) UNION ALL SELECT 'new', * FROM ({b} EXCEPT {a})) "
            f"TO '{target}' (COMPRESSION zstd)"
        )
        found = connection.execute(f"SELECT count(DISTINCT ({', '.join(KEY)})) FROM '{target}'").fetchall()
    return int(found[0][0])


def child(name: str) -> None:
    """Run one of the two and print what it took."""
    start = time.perf_counter()
    found = {"ours": ours, "peer": peer}[name](SCRATCH / "0", SCRATCH / "1")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"found": found, "seconds": time.perf_counter() - start, "peak": peak}))


def measured(name: str) -> dict[str, float]:
    """Return what one of the two took in a process of its own."""
    code = f"from benchmarks.diff_large import child; child('{name}')"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    took: dict[str, float] = json.loads(done.stdout)
    return took


def main(size: str = "large", rows: int = ROWS) -> None:
    """Measure both and print their figures, the ratio and whether the limit holds."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    try:
        for version in (0, 1):
            make(rows, version)
        took = {name: measured(name) for name in ("ours", "peer")}
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    mine, theirs = took["ours"], took["peer"]
    assert mine["found"] == theirs["found"], took
    print(f"diff of {rows:,} against {rows:,} rows, {mine['found'] / rows:.1%} changed")
    for name, figures in (("datapkg.diff", mine), ("EXCEPT both ways", theirs)):
        print(f"  {name:<17} {figures['seconds']:6.1f} s, peak {figures['peak'] / 1024**2:6.0f} MiB resident")
    note(f"diff of {rows:,} rows / EXCEPT both ways by hand", mine["seconds"] / theirs["seconds"])
    judge(f"diff of {rows:,} rows, peak of memory", mine["peak"] / 1024**2, "MiB", most=LIMIT // 1024**2)


if __name__ == "__main__":
    main("large", *map(int, sys.argv[1:]))
