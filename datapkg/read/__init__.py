"""What analysts call: tables as plain pandas frames, and the way back from a row to its claims.

In      the folder of a package, or a source of proven bytes; names of tables, filters, times, a voice, a policy.
Out     `Data`, one package opened: `load`, `find`, `trace`, `mentions`, `cite`, `query`, `connect`; `Store` below it;
        `package` and `folder`, which open the one that is meant, and `origin`, that of a frame.

Promises
- Nothing of a release is used before its shape is judged, and whatever is wrong with it ends in a DatapkgError.
- No row comes from bytes that were not proven first: a file is read once, digested, and decoded from the same bytes.
- Types of a frame depend on the schema and never on the values; units and descriptions are in `df.attrs`.
- Needs pandas and pyarrow alone, DuckDB for SQL and Narwhals where a policy has to choose again; nothing is written.
"""

from datapkg.read.cite import citation
from datapkg.read.data import Data
from datapkg.read.describe import Description
from datapkg.read.descriptor import opened
from datapkg.read.filters import Filters
from datapkg.read.lock import contradictions, observations, plain, read_lock, stating
from datapkg.read.overtime import over_time, picture
from datapkg.read.packages import WORKING, folder, origin, package
from datapkg.read.policies import ALL
from datapkg.read.series import Wanted
from datapkg.read.store import Store, decoding

__all__ = [
    "ALL",
    "WORKING",
    "Data",
    "Description",
    "Filters",
    "Store",
    "Wanted",
    "citation",
    "contradictions",
    "decoding",
    "folder",
    "observations",
    "opened",
    "origin",
    "over_time",
    "package",
    "picture",
    "plain",
    "read_lock",
    "stating",
]
