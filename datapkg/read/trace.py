"""From a cell back to its claims: every claim about a key, what each supplied, and where its source says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.facts import placed
from datapkg.model import PREFIX, NotFound, Spec, UsageError
from datapkg.read.cells import Cells
from datapkg.read.filters import conjunction
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc

CLAIM = ("claim_id", "says", "used_for", "disagrees_on", "lost_by")
SOURCE = ("certainty", "said_by", "voice", "attribution", "vintage", "tier", "inferred", "source_id", "title",
          "publisher", "published", "language", "url", "char_start", "char_end", "quote_sha256", "quote_chars",
          "file_sha256", "row_key", "cell_columns", "cell_sha256", "corrected", "correction",
          "recorded_in")  # fmt: skip


def key_of(row: Any, spec: Spec) -> dict[str, Any]:
    """Return the key that a row names: a mapping, a pandas Series, a frame of one row, or a row of itertuples.

    A mapping may leave out what claim files may leave out too: a column of the key with a default.
    Raises  UsageError if a column of the key is missing, or the row is none of these
    """
    defaults = {f.name: f.default for f in spec.fields if f.default is not None} if isinstance(row, Mapping) else {}
    if hasattr(row, "iloc") and getattr(row, "ndim", 1) == 2:
        if len(row) != 1:
            raise UsageError(f"trace takes one row, found a frame of {len(row)}; did you mean df.iloc[0]?")
        row = row.iloc[0]
    if hasattr(row, "_asdict"):
        row = row._asdict()
    elif not isinstance(row, Mapping) and hasattr(row, "to_dict"):
        row = row.to_dict()
    if not isinstance(row, Mapping):
        raise UsageError(f"trace takes a row of '{spec.name}' or a mapping of its key, found {type(row).__name__}")
    row = {**defaults, **row}
    for column in spec.key:
        if column not in row:
            raise UsageError(f"the row has no '{column}'; the key of '{spec.name}' is {', '.join(spec.key)}")
    return {column: row[column] for column in spec.key}


def claims_behind(store: Store, spec: Spec, key: Mapping[str, Any], policy: str, known_by: date | None,
                  said: pc.Expression | None) -> pa.Table:  # fmt: skip
    """Return the claims about one key for which a condition holds, first the one that the fact names.

    Shape   one row per claim: CLAIM, the value columns of the table, SOURCE
    Raises  NotFound with the near miss if there is no such key
    """
    import pyarrow as pa

    cells = Cells(store, spec.name)
    about = {column: cells.value(column, value) for column, value in key.items()}
    # the figures of a block belong together: a voice may have revised others of them
    block = {column: about[column] for column in spec.block}
    observed = store.read(PREFIX + spec.name, where=conjunction(_about(block, known_by), said))
    rows = [row for row in observed.to_pylist() if about.items() <= row.items()]
    if not rows:
        raise _no_such_key(store, spec, key, known_by)
    found = placed(observed, spec, policy)
    rows = sorted((row for row in found if about.items() <= row.items()), key=_place)
    claims, sources = _by_id(store, "claims", rows), _by_id(store, "sources", rows)
    reasons = _reasons(store, rows)
    lines = []
    for row in rows:
        name = row["claim_id"]
        origin = {**sources[row["source_id"]], **claims[name], "corrected": row["corrected"], "tier": row["tier"]}
        kept = ("voice", "attribution", "vintage", "inferred")
        line = {**{column: origin[column] for column in SOURCE if column in origin}, **{c: row.get(c) for c in kept}}
        lines.append({**row, **line, "says": claims[name]["says"], "correction": reasons.get(name)})
    return pa.Table.from_pylist(lines, schema=_schema(observed.schema, spec))


def _place(row: Mapping[str, Any]) -> tuple[bool, str]:
    """Return what sorts the claims about a key: the claim of the fact, then the others as the policy puts them."""
    return row["lost_by"] is not None, row["_order"]


def _about(cells: Mapping[str, str | bool], known_by: date | None) -> pc.Expression | None:
    """Return the condition that holds for the observations with these cells that were known by a day."""
    import pyarrow.compute as pc

    known = None if known_by is None else pc.field("known_from") <= known_by
    return conjunction(known, *(pc.field(column) == value for column, value in cells.items()))


def _no_such_key(store: Store, spec: Spec, key: Mapping[str, Any], known_by: date | None) -> NotFound:
    """Return the error for a key without observations."""
    known = [_text({c: row[c] for c in spec.key}) for row in store.read(spec.name, columns=spec.key).to_pylist()]
    when = f" known by {known_by}" if known_by else ""
    return NotFound.of(
        "row", _text(key), known, f"table '{spec.name}'{when}", f"Run `datapkg show {spec.name}` to see its rows"
    )


def _text(key: Mapping[str, Any]) -> str:
    return ";".join(f"{c}={str(v).lower() if isinstance(v, bool) else v}" for c, v in key.items())


def _by_id(store: Store, table: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows of claims or sources that observations name, by id."""
    import pyarrow.compute as pc

    (key,) = store.key(table)
    found = store.read(table, where=pc.field(key).isin(sorted({row[key] for row in rows}))).to_pylist()
    return {row[key]: row for row in found}


def _reasons(store: Store, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what was corrected and why, by claim."""
    reasons: dict[str, str] = {}
    if any(row["corrected"] for row in rows):
        for row in store.read("corrections").to_pylist():
            note = f"{row['field']} said {row['said']}, corrected to {row['value']}: {row['reason']}"
            reasons[row["claim_id"]] = " ".join(filter(None, [reasons.get(row["claim_id"]), note]))
    return reasons


def _schema(observed: pa.Schema, spec: Spec) -> pa.Schema:
    """Return the Arrow schema of a trace."""
    import pyarrow as pa

    types = {"char_start": pa.int64(), "char_end": pa.int64(), "quote_chars": pa.int64(), "corrected": pa.bool_(),
             "vintage": pa.date32()}  # fmt: skip
    values = [observed.field(f.name) for f in spec.values]
    plain = [pa.field(name, types.get(name, pa.string()), nullable=name != "corrected") for name in CLAIM + SOURCE]
    return pa.schema([*plain[: len(CLAIM)], *values, *plain[len(CLAIM) :]])
