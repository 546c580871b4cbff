"""What is asked of a table, and the answer as Arrow has it, for whoever does without pandas: commands load no frame."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.model import PREFIX, UsageError, expected
from datapkg.read.cells import condition
from datapkg.read.descriptor import attrs_of
from datapkg.read.filters import Filters, conjunction, fitting
from datapkg.read.policies import ALL, check_policy, consolidated
from datapkg.read.store import Store, frame, understood
from datapkg.read.time import VALIDITY, asked_period, covering, ends, known_condition, needed, span_of, within
from datapkg.read.voices import voice_condition

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

TABLE = "the name of a table, such as market_shares"
"""What a table is named by, for messages."""


@dataclass(frozen=True)
class Asked:
    """Which rows and columns of a table are asked for; see `datapkg.load`."""

    table: str
    columns: Sequence[str] | None = None
    filters: Filters = None
    policy: str = "preferred"
    valid_on: str | date | None = None
    known_by: str | date | None = None
    assume_open: bool = False


@dataclass(frozen=True)
class Answer:
    """Rows of a package as an Arrow table, and what a frame of them remembers of where they came from."""

    store: Store
    rows: pa.Table
    attrs: Mapping[Hashable, Any]

    def frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame with its `attrs`.

        Raises  IntegrityError for values that contradict the schema
        """
        with understood(self.store):
            shown = frame(self.rows)
        shown.attrs = dict(self.attrs)
        return shown


def answered(store: Store, asked: Asked, voice: str | None, whence: Mapping[Hashable, Any]) -> Answer:
    """Return the rows that are asked for, of what a voice said alone if one is named; `whence` goes to their attrs.

    Raises  what `datapkg.load` raises
    """
    expected("table", table := asked.table, str, TABLE)
    store.resource(table)
    policy = asked.policy
    check_policy(store, table, policy)
    when, known = asked_period("valid_on", asked.valid_on), asked_period("known_by", asked.known_by)
    name = PREFIX + table if policy == ALL else table
    have = store.columns(name)
    chosen = have if asked.columns is None else _chosen(store, name, asked.columns)
    span = span_of(store, name) if when else None
    wanted = None if asked.columns is None else list(dict.fromkeys([*chosen, *needed(span, have)]))
    times: dict[Hashable, Any] = {"valid_on": when and when.text, "known_by": known and known.text}
    with understood(store):
        where = conjunction(condition(store, name, asked.filters), within(span, when))
        said = conjunction(known_condition(store, name, known), voice_condition(store, table, voice))
        if policy == "latest" or (said is not None and policy != ALL and PREFIX + table in store.resources):
            found = consolidated(store, store.specs()[table], policy, said, known.end if known else None)
            with fitting(name):
                found = found if where is None else found.filter(where)
        else:
            found = store.read(name, wanted, conjunction(where, said))
        found = covering(found, span, when, ends(store, have) if asked.assume_open and span == VALIDITY else None)
        shown = found if asked.columns is None else found.select(chosen)
        if not shown.num_rows:
            from datapkg.read.empty import why_empty

            times["empty"] = why_empty(store, name, asked.filters, {**times, "voice": voice})
    attrs = {"table": table, **attrs_of(store, name, chosen), "policy": policy, **times, **whence}
    return Answer(store, shown, attrs)


def _chosen(store: Store, name: str, columns: Sequence[str]) -> list[str]:
    """Return the columns of a table that a caller names.

    Raises  NotFound for one that the table lacks, UsageError for what is no list of names
    """
    if isinstance(columns, str):
        raise UsageError(f"columns: expected a list of names, found '{columns}'; did you mean ['{columns}']?")
    expected("columns", columns, Collection, "a list of names")
    for column in columns:
        expected("columns", column, str, "the name of a column")
        store.field(name, column)
    return list(columns)
