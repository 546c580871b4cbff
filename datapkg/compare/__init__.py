"""One package against another: tables, columns, keys, rows, cells, and the version that the changes need.

In      two folders with a datapackage.json: releases, a repository, the data inside an installed package; or a lock of
        cited cells and a package.
Out     a `Diff` from `compare`, which shows itself and gives its changes as a frame; `needed`, the level of version;
        `write_changes`, every change as one Parquet table; `changed`, that table read back from the CHANGES of a
        release; `summary`, `markdown`, `report` and `record` for people and programs; `withdrawn`, the reasons why
        rows went away; `rechecked`, what became of cited cells.

Promises
- Exact: cells are compared in their own type, null-safe, floats with their sign; nothing is sampled.
- Memory: DuckDB keeps to the limit that it is given and spills into a scratch folder; no row passes through Python.
- The same two packages give the same bytes.
"""

from datapkg.compare.changes import CHANGES, changed
from datapkg.compare.diff import Diff, needed
from datapkg.compare.packages import compare, withdrawn, write_changes
from datapkg.compare.recheck import rechecked
from datapkg.compare.report import report
from datapkg.compare.text import markdown, record, summary

__all__ = [
    "CHANGES",
    "Diff",
    "changed",
    "compare",
    "markdown",
    "needed",
    "rechecked",
    "record",
    "report",
    "summary",
    "withdrawn",
    "write_changes",
]
