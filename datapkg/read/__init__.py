"""What analysts call: tables as plain pandas frames, and the way back from a row to its claims.

In      the folder of a package, or a source of proven bytes; names of tables, filters, times, a voice, a policy.
Out     `Data`, one package opened: `load`, `find`, `describe`, `trace`, `mentions`, `cite`, `query`, `connect`, and
        `answer` to what is `Asked` and `traced`, as Arrow tables; `Store` below it; `package` and `folder`, which open
        the one that is meant, and `origin`, that of a frame; `over_time` and `picture`, what is `Wanted` of it as
        series and drawn.

Promises
- Nothing of a release is used before its shape is judged, and whatever is wrong with it ends in a DatapkgError.
- No row comes from bytes that were not proven first: a file is read once, digested, and decoded from the same bytes.
- Types of a frame depend on the schema and never on the values; units and descriptions are in `df.attrs`.
- Needs pandas and pyarrow alone, DuckDB for SQL, Narwhals where a policy chooses anew of very many claims,
  matplotlib for pictures; nothing is written. What `load` does not need is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from datapkg.read.answer import Asked
from datapkg.read.cells import comparisons
from datapkg.read.cite import citation
from datapkg.read.data import Data
from datapkg.read.descriptor import opened
from datapkg.read.exact import points
from datapkg.read.filters import Filters
from datapkg.read.lock import contradictions, observations, plain, read_lock, stating
from datapkg.read.packages import WORKING, folder, origin, package
from datapkg.read.policies import ALL
from datapkg.read.store import Store, decoding, understood

if TYPE_CHECKING:
    from datapkg.read.describe import Description
    from datapkg.read.find import FITS, NEAR, Hit, hits, rows_about
    from datapkg.read.names import Names, registries
    from datapkg.read.overtime import over_time, picture
    from datapkg.read.series import Wanted

__all__ = [
    "ALL",
    "FITS",
    "NEAR",
    "WORKING",
    "Asked",
    "Data",
    "Description",
    "Filters",
    "Hit",
    "Names",
    "Store",
    "Wanted",
    "citation",
    "comparisons",
    "contradictions",
    "decoding",
    "folder",
    "hits",
    "observations",
    "opened",
    "origin",
    "over_time",
    "package",
    "picture",
    "plain",
    "points",
    "read_lock",
    "registries",
    "rows_about",
    "stating",
    "understood",
]
_LATER = {
    "Description": "describe", "FITS": "find", "Hit": "find", "NEAR": "find", "Names": "names", "Wanted": "series",
    "hits": "find", "over_time": "overtime", "picture": "overtime", "registries": "names", "rows_about": "find",
}  # fmt: skip
"""The modules of what is fetched when it is first used."""


def __getattr__(name: str) -> object:
    """Return one of _LATER on its first use (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module 'datapkg.read' has no attribute '{name}'")
    found: object = getattr(import_module(f"datapkg.read.{_LATER[name]}"), name)
    globals()[name] = found
    return found
