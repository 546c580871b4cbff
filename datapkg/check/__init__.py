"""Checks: everything is looked at before anything is written, and all findings are collected.

In      tables in memory, Parquet files, or the folder of a package, with their specs and the places of their claims.
Out     findings. `in_memory` runs schema, rules and Great Expectations, `on_files` schema and rules in bounded
        memory, `on_disk` the descriptor with its files and frictionless; `ahead` what lies after today, `placed`
        where; KINDS names the kinds, USUAL those of every build, RULES the rules across tables.

Promises
- A rule is one small function: its docstring is the reason, its SQL finds what breaks it, and `tests/bad/` plants one.
- The schema check is compiled from the Table Schemas to Narwhals expressions; the two outside tools are a second
  opinion, and a test fails where they disagree with it.
- Great Expectations and frictionless are imported only by the kinds that need them, and look at what changed since they
  found nothing (`Green`); full runs, those with `references`, look at everything.
"""

from datapkg.check.catalogue import FILES, READING, RELEASE, SCHEMA
from datapkg.check.clock import ahead, ahead_on_files
from datapkg.check.expectations import suite
from datapkg.check.green import Green
from datapkg.check.kinds import KINDS, USUAL, Held, in_memory, on_disk, on_files, placed
from datapkg.check.rulebook import RULES

__all__ = [
    "FILES",
    "KINDS",
    "READING",
    "RELEASE",
    "RULES",
    "SCHEMA",
    "USUAL",
    "Green",
    "Held",
    "ahead",
    "ahead_on_files",
    "in_memory",
    "on_disk",
    "on_files",
    "placed",
    "suite",
]
