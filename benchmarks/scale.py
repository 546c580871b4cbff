"""`datapkg build` of claims by the hundred thousand and the million: seconds, peak memory, and how both grow.

The claims are invented, and consistent: four of each fact, of several sources, one in fifty of which says otherwise. A
source has 22 of them. They lie in few large files, or in many small ones.

Run  python -m benchmarks scale
"""

from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.bulk import EACH, claim
from benchmarks.targets import judge, note

ROOT = Path(__file__).parents[1]
SIZES = {"small": (25_000,), "usual": (100_000, 1_000_000), "large": (100_000, 1_000_000, 10_000_000)}
"""Claims of the runs; the exponent is that of the last against the one before."""
SAID = 4
"""Claims of a fact."""
MEMORY = {1_000_000: 700, 10_000_000: 2000}
"""The most MiB that a build may take, by claims."""
BUILD = """
import resource, sys, time
from datapkg.cli.main import main
began = time.perf_counter()
code = main(["build", "--root", sys.argv[1]])
print(code, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def ids(table: str) -> list[str]:
    """Return the ids of a registry's entries; of companies, those that are still there under their own names."""
    with (ROOT / f"data/raw/entities/{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [row[0] for row in rows if table != "companies" or not any(row[9:])]


def sources(claims: int) -> Iterator[dict[str, Any]]:
    """Yield the sources of so many claims."""
    for number in range(-(-claims // EACH)):
        day = date(2020, 1, 1) + timedelta(number % 2000)
        yield {
            "source_id": f"made-{number}", "title": f"Invented figures {number}", "publisher": f"Press {number % 997}",
            "kind": "press", "tier": ("secondary", "weak")[number % 2], "language": "en", "published": str(day),
            "url": f"https://made.example/{number}",
        }  # fmt: skip


def claims(number: int) -> Iterator[dict[str, Any]]:
    """Yield so many claims, of three kinds."""
    companies, markets = ids("companies"), ids("markets")
    facts = -(-number // SAID)
    for i in range(number):
        fact = i % facts
        company, market = companies[fact % len(companies)], markets[fact // 3 % len(markets)]
        period = str(date(1990, 1, 1) + timedelta(fact // 500 % 10_000))
        amount = 1_000_000_000 + 1_000_000 * (fact // 500 % 997)
        kinds: tuple[dict[str, Any], ...] = (
            {"company_metric": {"company": company, "metric": ("revenue", "capex")[fact % 2], "period": period,
                                "amount": amount + 100_000_000 * (i % 50 == 0), "currency": "USD"}},
            {"market_share": {"company": company, "market": market, "period": period, "share_pct": 1,
                              "basis": "revenue"}},
            {"market_size": {"market": market, "period": period, "amount": amount, "currency": "USD"}},
        )  # fmt: skip
        yield claim(i, company, f"The figure was {amount:,} in {period}.", kinds[fact % 3])


def write(root: Path, number: int, each: int) -> None:
    """Write a repository of so many claims, `each` of them to a file of JSON Lines."""
    bulk = root / "data/raw/bulk"
    bulk.mkdir(parents=True)
    shutil.copytree(ROOT / "data/raw/entities", root / "data/raw/entities")
    shutil.copy(ROOT / "data/raw/package.yaml", root / "data/raw/package.yaml")
    with (bulk / "made.sources.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(source)}\n" for source in sources(number))
    lines = (f"{json.dumps(made)}\n" for made in claims(number))
    for part in range(-(-number // each)):
        with (bulk / f"made-{part:05}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(line for line, _ in zip(lines, range(each), strict=False))


def measured(number: int, each: int) -> tuple[float, float]:
    """Return the seconds and the MiB that a build of so many claims takes, in a process of its own."""
    with TemporaryDirectory(dir=ROOT / "benchmarks") as folder:
        root = Path(folder) / "root"
        write(root, number, each)
        done = subprocess.run([sys.executable, "-c", BUILD, str(root)], capture_output=True, text=True, check=False)
        code, seconds, memory = (done.stdout.splitlines() or ["1 0 0"])[-1].split()
        if done.returncode or int(code):
            raise SystemExit(f"the build of {number:,} claims failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return float(seconds), float(memory)


def main(size: str) -> None:
    """Print seconds and memory of each number of claims, and the exponent of time."""
    for shape, each in (("few large files", 2_000_000), ("many small files", 2_000)):
        runs = [(number, *measured(number, each)) for number in SIZES[size]]
        for number, seconds, memory in runs:
            note(f"build of {number:,} claims in {shape}", number / seconds, "a second")
            if number in MEMORY:
                judge(f"build of {number:,} claims in {shape}, peak of memory", memory, "MiB", most=MEMORY[number])
            else:
                note(f"build of {number:,} claims in {shape}, peak of memory", memory, "MiB")
        for (fewer, before, _), (number, seconds, _) in pairwise(runs[-2:]):
            exponent = math.log(seconds / before) / math.log(number / fewer)
            judge(f"build in {shape}, exponent of time from {fewer:,} to {number:,} claims", exponent, most=1.1)


if __name__ == "__main__":
    main("usual")
