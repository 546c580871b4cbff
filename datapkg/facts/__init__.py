"""From observations to facts: one row per key, chosen by a written policy, and every contradiction kept.

In      observation tables as Arrow or as frames of any engine that Narwhals knows, and their specs.
Out     `consolidated`, all tables of a build with facts, conflicts and outcomes of forecasts; `consolidate`, the policy
        on one table, lazily, on the caller's engine; `chains`, what voices foretold and counted, vintage by vintage;
        `connect` and `over`, tables as views of a DuckDB connection; `cast`.

Promises
- The same facts on pandas, pyarrow, polars and DuckDB: windows and groupings only, no step that depends on order.
- What the policy passes over stands in `conflicts`, with the reason; digits are compared as they were written.
- Memory: a table with up to 10,000 competing observations stays in Arrow, a larger one goes through DuckDB.
"""

from datapkg.facts.chains import chains
from datapkg.facts.conflicts import key_text, value_text
from datapkg.facts.consolidate import consolidate
from datapkg.facts.engine import cast, connect, over
from datapkg.facts.explain import judged, placed
from datapkg.facts.figure import counted
from datapkg.facts.policy import POLICIES, POLICY
from datapkg.facts.tables import as_of, consolidated, stale_from, workable

__all__ = [
    "POLICIES",
    "POLICY",
    "as_of",
    "cast",
    "chains",
    "connect",
    "consolidate",
    "consolidated",
    "counted",
    "judged",
    "key_text",
    "over",
    "placed",
    "stale_from",
    "value_text",
    "workable",
]
