"""Every benchmark, one after the other; ratios are against a peer in the same run.

`small` only shows that all of them run: it judges no figure and writes none. Otherwise what was found is written to
results.json, RESULTS.md and RESULTS.svg, `large` with what has ten million rows, and a missed target makes the exit
code 1.

Run  python -m benchmarks [small|large] [PART ...]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

import benchmarks
from benchmarks import (
    bulk,
    consolidation,
    curation,
    diff_large,
    loading,
    peers,
    reading,
    release_large,
    scale,
    schema_check,
    shown,
    warm_cache,
)
from benchmarks.targets import SIZES, conclude, save

USUAL = (curation, bulk, reading, schema_check, peers, consolidation, loading, scale, warm_cache)
PARTS = {m.__name__.removeprefix("benchmarks."): m.main for m in USUAL}
LARGE = {m.__name__.removeprefix("benchmarks."): m.main for m in (release_large, diff_large)}


def main(argv: Sequence[str]) -> None:
    """Measure what is asked for."""
    size = benchmarks.size = next((word for word in argv if word in SIZES), "usual")
    parts = {**PARTS, **(LARGE if size == "large" else {})}
    asked = [word for word in argv if word not in SIZES]
    unknown = set(asked) - {*PARTS, *LARGE}
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join([*PARTS, *LARGE])}")
    for name, measure in {**PARTS, **LARGE}.items():
        if name in (asked or parts):
            benchmarks.part = name
            print(f"== {name}", flush=True)
            measure(size)
    if size != "small":
        save(size, date.today())
        shown.write()
        conclude()


if __name__ == "__main__":
    main(sys.argv[1:])
