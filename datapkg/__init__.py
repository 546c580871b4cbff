"""datapkg: the semiconductor industry as tables in which every cell leads back to the claim it came from.

```python
import datapkg

datapkg.tables()                                        # what there is
datapkg.find("삼성")                                    # ids by any name, and what there is about each
datapkg.describe("market_shares")                       # its columns, units, meaning, examples
shares = datapkg.load("market_shares")                  # a pandas frame
datapkg.series("market_shares", market="foundry")       # a column per company, a row per quarter
datapkg.mentions("hbm*")                                # every claim about HBM, whatever its table
datapkg.trace("market_shares", shares.iloc[0])          # the claims behind a row
datapkg.why("market_shares", shares.iloc[0])            # why it says what it says
datapkg.revisions("market_shares", shares.iloc[0])      # what was foretold, and what came of it
datapkg.cite(shares, style="apa")                       # the release, and the articles behind these rows
datapkg.connect().sql("SELECT * FROM market_shares")    # DuckDB
```

Importing it loads nothing else: every name below is fetched when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for True; importing typing costs as much as all the rest

if TYPE_CHECKING:
    from datapkg.api import (
        cite,
        connect,
        describe,
        diff,
        find,
        load,
        mentions,
        path,
        plot,
        points,
        recheck,
        revisions,
        series,
        tables,
        trace,
        versions,
        why,
    )
    from datapkg.model import (
        CheckFailed,
        ConfigError,
        DatapkgError,
        IntegrityError,
        MissingExtra,
        NotFound,
        ReleaseRefused,
        Unreachable,
        UsageError,
        WriteError,
    )

    __version__: str

__all__ = [
    "CheckFailed",
    "ConfigError",
    "DatapkgError",
    "IntegrityError",
    "MissingExtra",
    "NotFound",
    "ReleaseRefused",
    "Unreachable",
    "UsageError",
    "WriteError",
    "__version__",
    "cite",
    "connect",
    "describe",
    "diff",
    "find",
    "load",
    "mentions",
    "path",
    "plot",
    "points",
    "recheck",
    "revisions",
    "series",
    "tables",
    "trace",
    "versions",
    "why",
]


def __getattr__(name: str) -> object:
    """Return a public name on its first use (PEP 562)."""
    from importlib import import_module

    found: object
    if name == "__version__":
        found = import_module("datapkg.model").distribution()
    elif name in __all__:
        home = "datapkg.api" if name.islower() else "datapkg.model"
        found = getattr(import_module(home), name)
    else:
        raise AttributeError(f"module 'datapkg' has no attribute '{name}'")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names, fetched or not, and nothing else."""
    return list(__all__)
