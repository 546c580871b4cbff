"""Every benchmark, one after the other; ratios are against a peer in the same run. `large` adds the slow ones.

A missed target makes the exit code 1, and is told again at the end.

Run  python -m benchmarks [large]
"""

from __future__ import annotations

import sys

from benchmarks import bulk, curation, diff_large, reading, release_large, schema_check, warm_cache
from benchmarks.targets import conclude

if __name__ == "__main__":
    large = (release_large, diff_large) if "large" in sys.argv[1:] else ()
    for module in (curation, bulk, reading, schema_check, warm_cache, *large):
        print(f"== {module.__name__.removeprefix('benchmarks.')}", flush=True)
        module.main()
    conclude()
