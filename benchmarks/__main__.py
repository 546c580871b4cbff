"""Every benchmark, one after the other; ratios are against a peer in the same run."""

from __future__ import annotations

from benchmarks import reading, schema_check

if __name__ == "__main__":
    for module in (reading, schema_check):
        print(f"== {module.__name__.removeprefix('benchmarks.')}")
        module.main()
