"""Facts, and the claims behind them, as they were on every day on which a claim about them became known.

A page in a browser is to give the same answers as `load(known_by=, policy=)` and `trace`, and the policy is to be
written once. So the answers are worked out here, when the site is made, by the code that `load` uses: the observations
of a block are copied for each day on which one of them was published, the day goes into the key, and the policy then
chooses for all days at once. What did not change since the day before is left out.

Source  facts of one block do not depend on those of another (`facts.consolidate`), so a block is all that is copied
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datapkg.facts import POLICIES, judged, stale_from
from datapkg.model import Spec

if TYPE_CHECKING:
    import pyarrow as pa

DAY, POLICY, STALE = "known_day", "policy", "stale_from"
"""The columns that a history has beside those of its table: from which day on, by which policy, and from when stale."""
TOLD = ("used_for", "disagrees_on", "differs_as", "lost_by")
"""What a history of claims says about each claim, as `trace` does."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """What became of one table's facts and of the claims behind them; each row stands until the next of its key."""

    facts: pa.Table
    claims: pa.Table


def history(observed: pa.Table, spec: Spec) -> History:
    """Return the facts of a table, and its claims, by the day from which on they stand, under every policy.

    Shape   facts: policy, known_day, the columns of the table (stale is false), stale_from; one row per policy, key and
            day on which anything about the fact changed. claims: policy, known_day, the key, claim_id, place (from 0,
            the fact's own claim first), used_for, disagrees_on, differs_as,
            lost_by
    """
    import pyarrow as pa

    copies = _by_day(observed, spec)
    facts: list[Row] = []
    claims: list[Row] = []
    for policy in POLICIES if copies.num_rows else ():
        found, placed = judged(copies, _dated(spec), policy)
        facts += _changes(
            ({POLICY: policy, STALE: stale_from(row, spec), **row} for row in found.to_pylist()), spec.key
        )
        claims += _changes(_told(placed, policy, spec), [*spec.key, "claim_id"])
    return History(
        pa.Table.from_pylist(facts, schema=_schema(spec.arrow(), (STALE, pa.date32()))),
        pa.Table.from_pylist(claims, schema=_claims_schema(spec)),
    )


def _by_day(observed: pa.Table, spec: Spec) -> pa.Table:
    """Return the observations of each block once for every day on which one of them was published, as known then."""
    import pyarrow as pa

    blocks = defaultdict(list)
    for row in observed.to_pylist():
        blocks[tuple(row[column] for column in spec.block)].append(row)
    rows = [
        {DAY: day, **row}
        for block in blocks.values()
        for day in sorted({row["known_from"] for row in block})
        for row in block
        if row["known_from"] <= day
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([pa.field(DAY, pa.date32(), nullable=False), *observed.schema]))


def _dated(spec: Spec) -> Spec:
    """Return the spec of a table whose key and blocks have the day in front."""
    day = {"name": DAY, "type": "date", "title": "Known day", "description": "Day from which on it stands.",
           "constraints": {"required": True}}  # fmt: skip
    parts = {"fields": [day, *spec.schema["fields"]], "primaryKey": [DAY, *spec.key], "block": [DAY, *spec.block]}
    return Spec(spec.name, {**spec.schema, **parts})


def _changes(rows: Iterable[Row], key: Sequence[str]) -> Iterator[Row]:
    """Yield the rows that differ from the one of their key before, by key and day."""
    last: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: row[DAY]):
        name, said = tuple(row[column] for column in key), {**row, DAY: None}
        if last.get(name) != said:
            last[name] = said
            yield row


def _told(placed: Iterable[Row], policy: str, spec: Spec) -> Iterator[Row]:
    """Yield what became of each claim, in its place among those of its key and day."""
    keys = defaultdict(list)
    for row in placed:
        keys[tuple(row[column] for column in (DAY, *spec.key))].append(row)
    names = dict.fromkeys([DAY, *spec.key, "claim_id", *TOLD])
    for rows in keys.values():
        for place, row in enumerate(sorted(rows, key=lambda row: (row["lost_by"] is not None, row["_order"]))):
            yield {POLICY: policy, "place": place, **{name: row[name] for name in names}}


def _schema(columns: Iterable[pa.Field], *more: tuple[str, pa.DataType]) -> pa.Schema:
    import pyarrow as pa

    own = [pa.field(POLICY, pa.string(), nullable=False), pa.field(DAY, pa.date32(), nullable=False)]
    then = (field.with_nullable(True) for field in columns)  # on an early day nobody may have said what a table needs
    return pa.schema([*own, *then, *(pa.field(name, kind) for name, kind in more)])


def _claims_schema(spec: Spec) -> pa.Schema:
    import pyarrow as pa

    columns = [spec.arrow().field(name) for name in dict.fromkeys([*spec.key, "claim_id"])]
    return _schema(columns, ("place", pa.int32()), *((name, pa.string()) for name in TOLD))
