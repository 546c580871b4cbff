"""From observations to facts: one row per key, chosen by a written policy, and every contradiction kept.

In      observation tables as Arrow, and their specs.
Out     `consolidated`, all tables of a build with facts, conflicts and outcomes of forecasts; `chosen`, the policy on
        one table; `placed` and `judged`, what became of each claim; `chains`, what voices foretold and counted, vintage
        by vintage; `connect` and `over`, tables as views of a DuckDB connection; `cast`; `using`, an engine by name.

Promises
- The same facts in plain Python and on pandas, pyarrow, polars, DuckDB and Spark: windows and groupings only, no step
  that depends on order. The policy is written once, in `terms`.
- What the policy passes over stands in `conflicts`, with the reason; digits are compared as they were written.
- Memory: a table with up to 10,000 competing observations stays in Python, a larger one goes through DuckDB, unless an
  engine is asked for, which then works out every table from all its observations; of what a `Sink` holds,
  `consolidated_pieces` takes up a piece at a time.
"""

from datapkg.facts.chains import chains
from datapkg.facts.conflicts import key_text, value_text
from datapkg.facts.engine import Engine, cast, connect, over, using
from datapkg.facts.explain import judged, placed
from datapkg.facts.figure import counted
from datapkg.facts.pieces import PLACES, Packer, Sink, consolidated_pieces
from datapkg.facts.policy import POLICIES, POLICY
from datapkg.facts.tables import as_of, chosen, consolidated, in_order, stale_from

__all__ = [
    "PLACES",
    "POLICIES",
    "POLICY",
    "Engine",
    "Packer",
    "Sink",
    "as_of",
    "cast",
    "chains",
    "chosen",
    "connect",
    "consolidated",
    "consolidated_pieces",
    "counted",
    "in_order",
    "judged",
    "key_text",
    "over",
    "placed",
    "stale_from",
    "using",
    "value_text",
]
