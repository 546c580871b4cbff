"""What reading costs: the import, `load` against pandas.read_parquet of the same file, commands people wait for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from os import times
from pathlib import Path
from time import perf_counter

from benchmarks.targets import judge, note, process

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


FILES = ("eenews-europe-smic-lingang-2021-09", "rocketfinancial-asml-2020-q4", "smbom-samsung-2024-q2")
"""Claim files with 4, 709 and 2,000 observations near them; half of all files have fewer than the second."""
ROW = ("market_shares", "amazon-web-services", "high-end-ai-server-demand", "2024", "unspecified", "true")


def best(command: Sequence[str], rounds: int = 9) -> float:
    """Return the seconds of the fastest run in a fresh process: noise only ever adds."""
    seconds = []
    if rounds > 1:
        process(command)  # which compiles what it loads, once
    for _ in range(rounds):
        began = perf_counter()
        process(command)
        seconds.append(perf_counter() - began)
    return min(seconds)


def main(size: str = "usual") -> None:
    """Print a line per measure."""
    python, datapkg = sys.executable, str(Path(sys.executable).with_name("datapkg"))
    rounds = 1 if size == "small" else 9
    bare, ours = best([python, "-c", "pass"], rounds), best([python, "-c", "import datapkg"], rounds)
    judge("import datapkg, over the interpreter", 1000 * (ours - bare), "ms", most=5)
    plain = best([python, "-c", OURS], rounds)
    pandas = best([python, "-c", PLAIN], rounds)
    judge("load of a small table, digest checked, to pandas.read_parquet", plain / pandas, most=1.1)
    for name, code in CHOSEN.items():
        judge(f"load with {name}, to plain load", best([python, "-c", code], rounds) / plain, most=1.3)
    warm = float(subprocess.run([python, "-c", TRACE], cwd=ROOT, check=True, capture_output=True).stdout)
    judge("trace of three claims in a warm process", 1000 * warm, "ms", most=40)
    commands = {"show companies --limit 3": 0.4, f"trace {' '.join(ROW)}": 0.4}
    commands |= {f"check data/raw/claims/{name}.yaml": 0.6 for name in (FILES[:1] if size == "small" else FILES)}
    commands |= {"check --only schema,rules": 1}
    for command, most in commands.items():
        before = times().children_user + times().children_system
        judge(f"datapkg {command}", best([datapkg, *command.split()], min(rounds, 5)), "s", most=most)
        spent = times().children_user + times().children_system - before
        note(f"datapkg {command}, processor time", spent / (min(rounds, 5) + (rounds > 1)), "s")
    if size != "small":
        judge("datapkg build", best([datapkg, "build"], rounds=1), "s", most=8)


if __name__ == "__main__":
    main()
