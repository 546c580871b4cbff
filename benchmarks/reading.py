"""What reading costs: the import, `load` against pandas.read_parquet of the same file, commands people wait for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.targets import judge

ROOT = Path(__file__).parents[1]
PLAIN = "import pandas; pandas.read_parquet('data/processed/market_shares.parquet')"
OURS = "import datapkg; datapkg.load('market_shares')"
CHOSEN = {
    "voice": "import datapkg; datapkg.load('market_shares', voice='TrendForce')",
    "known_by": "import datapkg; datapkg.load('market_shares', known_by='2024-06-30')",
    "valid_on": "import datapkg; datapkg.load('market_shares', valid_on='2024')",
}
TRACE = """
import datapkg, time
frame = datapkg.load('market_shares')
row = frame[frame['claim_count'] == 3].iloc[0]
times = []
for _ in range(8):
    began = time.perf_counter()
    datapkg.trace('market_shares', row)
    times.append(time.perf_counter() - began)
print(min(times[1:]))
"""


def best(command: Sequence[str], rounds: int = 9) -> float:
    """Return the seconds of the fastest run in a fresh process: noise only ever adds."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        times.append(perf_counter() - began)
    return min(times)


def main() -> None:
    """Print a line per measure."""
    python, datapkg = sys.executable, str(Path(sys.executable).with_name("datapkg"))
    bare, ours = best([python, "-c", "pass"]), best([python, "-c", "import datapkg"])
    judge("import datapkg, over the interpreter", 1000 * (ours - bare), "ms", most=20)
    plain = best([python, "-c", OURS])
    judge(
        "load of a small table, digest checked, to pandas.read_parquet", plain / best([python, "-c", PLAIN]), most=1.1
    )
    for name, code in CHOSEN.items():
        judge(f"load with {name}, to plain load", best([python, "-c", code]) / plain, most=1.3)
    warm = float(subprocess.run([python, "-c", TRACE], cwd=ROOT, check=True, capture_output=True).stdout)
    judge("trace of three claims in a warm process", 1000 * warm, "ms", most=40)
    check = best([datapkg, "check", "--only", "schema,rules"], rounds=5)
    judge("datapkg check --only schema,rules, the interpreter included", check, "s", most=1)
    judge("datapkg build", best([datapkg, "build"], rounds=1), "s", most=15)


if __name__ == "__main__":
    main()
