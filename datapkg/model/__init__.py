"""What everything else speaks in: tables, values, places, findings, errors.

In      nothing of ours; the rooms above pass in paths, bytes and texts.
Out     `Spec` and `Field`, a table as its Table Schema describes it, from which Arrow types, claim kinds, checks and
        pages are derived; `period` and `bounds`, values that keep the precision and the hedge of their source; the
        anchors of quotes (`normalise`, `find`, `places`, `quote_digest`); `fold`, under which two names are the same;
        `Finding` with its `Place`; `Layout`, where things are; the family of `DatapkgError`; `semver`; `misfit`, which
        judges the shape of foreign JSON; `sql`, which quotes names, texts and files; `text`, which makes foreign text
        safe to print; `disk`, which puts files in place safely; `limits`, how much is read of anybody else's;
        `chunks`, digests of the parts of a file; `together` and `beside`, the same work on many things at once, and
        `in_processes`, in other processes.

Promises
- No module here imports another room, and none loads pandas, pyarrow or DuckDB when it is imported.
- A value is exact: periods, bounds and digests never round, guess or depend on the locale, the clock or the machine.
- Storage: what `disk` writes is seen whole or not at all; it waits for the disk before it renames.
- Every error says what was found, what was expected, the near miss and the next step.
"""

from datapkg.model import chunks, disk, jsontext, limits, parts, semver, sql, text
from datapkg.model.anchors import SHORTEST, Quote, digest, find, holds_enough, normalise, places, quote_digest, squeeze
from datapkg.model.decoding import check_bounds, check_part
from datapkg.model.errors import (
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
    did_you_mean,
    expected,
    needing,
)
from datapkg.model.findings import Finding, Place, ordered, row_name, told_once
from datapkg.model.layout import Layout, distribution, in_wheel, packaged, repository, stem, user_cache
from datapkg.model.names import fold, folded
from datapkg.model.parts import Part
from datapkg.model.processes import in_processes
from datapkg.model.shape import DEVICE, NAME, TABLE, misfit
from datapkg.model.specs import PREFIX, Field, ForeignKey, Group, Spec, load_specs, standard
from datapkg.model.tableschema import publishable
from datapkg.model.together import LANES, Spread, beside, one_by_one, together
from datapkg.model.values import Period, Written, bounds, duration_days, meant, period

__all__ = [
    "DEVICE",
    "LANES",
    "NAME",
    "PREFIX",
    "SHORTEST",
    "TABLE",
    "CheckFailed",
    "ConfigError",
    "DatapkgError",
    "Field",
    "Finding",
    "ForeignKey",
    "Group",
    "IntegrityError",
    "Layout",
    "MissingExtra",
    "NotFound",
    "Part",
    "Period",
    "Place",
    "Quote",
    "ReleaseRefused",
    "Spec",
    "Spread",
    "Unreachable",
    "UsageError",
    "WriteError",
    "Written",
    "beside",
    "bounds",
    "check_bounds",
    "check_part",
    "chunks",
    "did_you_mean",
    "digest",
    "disk",
    "distribution",
    "duration_days",
    "expected",
    "find",
    "fold",
    "folded",
    "holds_enough",
    "in_processes",
    "in_wheel",
    "jsontext",
    "limits",
    "load_specs",
    "meant",
    "misfit",
    "needing",
    "normalise",
    "one_by_one",
    "ordered",
    "packaged",
    "parts",
    "period",
    "places",
    "publishable",
    "quote_digest",
    "repository",
    "row_name",
    "semver",
    "sql",
    "squeeze",
    "standard",
    "stem",
    "text",
    "together",
    "told_once",
    "user_cache",
]
