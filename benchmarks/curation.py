"""How many claims a second are read from YAML: the claim files of this repository, names not yet resolved.

Run  python -m benchmarks.curation
"""

from __future__ import annotations

from pathlib import Path
from time import process_time

from benchmarks.targets import judge
from datapkg.claims import read
from datapkg.model import Layout, load_specs

ROOT = Path(__file__).parents[1]
ROUNDS = 3


def main(size: str = "usual") -> None:
    """Print the claims that a second of one processor reads."""
    layout = Layout(ROOT)
    specs = load_specs(layout.schema_files)
    rates = []
    for _ in range(1 if size == "small" else ROUNDS):
        began = process_time()
        claims = read(layout, specs).claims
        rates.append(len(claims) / (process_time() - began))
    judge(f"{len(claims):,} claims read from YAML", max(rates), "a second", least=10_000)


if __name__ == "__main__":
    main()
