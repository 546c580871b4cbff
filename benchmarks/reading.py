"""What reading costs: the import, `load` against pandas.read_parquet of the same file, commands people wait for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
PLAIN = "import pandas; pandas.read_parquet('data/processed/market_shares.parquet')"
OURS = "import datapkg; datapkg.load('market_shares')"


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
    print(f"import datapkg: {1000 * (ours - bare):.1f} ms over the interpreter (at most 20)")
    ratio = best([python, "-c", OURS]) / best([python, "-c", PLAIN])
    print(f"load of a small table, digest checked: {ratio:.2f} times pandas.read_parquet (at most 1.1)")
    check = best([datapkg, "check", "--only", "schema,rules"], rounds=5)
    print(f"datapkg check --only schema,rules: {check:.2f} s, the interpreter included (at most 1)")
    print(f"datapkg build: {best([datapkg, 'build'], rounds=1):.1f} s (at most 15)")


if __name__ == "__main__":
    main()
