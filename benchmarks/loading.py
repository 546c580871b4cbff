"""A large table of a release, every byte proven: part of it beside pandas reading the same part, all of it in DuckDB.

Run  python -m benchmarks loading
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.targets import judge, middle, note, peak
from benchmarks.warm_cache import TABLE, VERSION, release
from datapkg.registry import publish

SIZES = {"small": (10_000,), "usual": (1_000_000,), "large": (1_000_000, 10_000_000)}
PARTS = {
    "rows of one company": "filters=[('company_id', '==', 'company-0042')]",
    "one column": "columns=['share_pct']",
}
MEAN = {
    "pandas": "datapkg.load('shares', {asked}).groupby('company_id').share_pct.mean()",
    "DuckDB": """path = datapkg.path('shares', {asked})
import duckdb
duckdb.sql(f"SELECT company_id, avg(share_pct) FROM '{{path}}' GROUP BY ALL").fetchall()""",
}
"""A question about all rows, with the table in pandas, and in DuckDB from the file."""
MOST = 1.3
"""Times pandas that a filtered load of ten million rows may take."""


def main(size: str = "usual") -> None:
    """Print how `load` compares."""
    rounds = 1 if size == "small" else 5
    if held := peak("import datapkg; datapkg.load('companies')"):
        note("a small table in pandas, peak of memory", held, "MiB")
    for rows in SIZES[size]:
        with TemporaryDirectory() as folder:
            registry = Path(folder) / "registry"
            publish(release(Path(folder) / "release", rows), str(registry))
            path = Path(folder) / "release" / TABLE
            release_of = f"version='{VERSION}', registry={str(registry)!r}"
            means = {
                f"mean per company of {rows:,} rows in {name}": f"import datapkg\n{code.format(asked=release_of)}"
                for name, code in MEAN.items()
            }
            for what, code in means.items():
                command = [sys.executable, "-c", code]
                note(what, middle({what: command}, rounds)[what], "s")
                if held := peak(code):
                    note(f"{what}, peak of memory", held, "MiB")
            for part, asked in PARTS.items():
                ours = (
                    f"import datapkg; datapkg.load('shares', {asked}, version='{VERSION}', registry={str(registry)!r})"
                )
                plain = f"import pandas; pandas.read_parquet({str(path)!r}, {asked})"
                codes = {"ours": ours, "pandas": plain}
                took = middle({name: [sys.executable, "-c", code] for name, code in codes.items()}, rounds)
                what = f"load of {part} of {rows:,} / pandas.read_parquet"
                if rows == max(SIZES["large"]) and "filters" in asked:
                    judge(what, took["ours"] / took["pandas"], most=MOST)
                else:
                    note(what, took["ours"] / took["pandas"])


if __name__ == "__main__":
    main()
