"""The facts that a release changed, each with what is said of it now and before, and whom it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from datapkg.facts import key_text
from datapkg.model import Spec
from datapkg.read import Store

ABOUT = ("companies", "markets")
"""The registries whose entries have feeds."""
TOLD = ("certainty", "disputed")
"""What is told of a fact beside its own cells; how many claims there are is not."""
ROWS = {"row_added": "new", "cell_changed": "changed", "row_removed": "withdrawn"}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """One changed fact: table and key, what changed in words, the claim behind it now or before, whom it is about."""

    table: str
    key: str
    what: str
    lines: tuple[str, ...]
    claim: str | None
    about: frozenset[str]
    """registry/id."""


def changed_facts(store: Store, changes: Sequence[Row]) -> Iterator[Fact]:
    """Yield the facts that a release changed, by table and key, from the rows of its changes."""
    facts, specs = set(store.facts()), store.specs()
    told = [row for row in changes if row["table"] in facts and row["change"] in ROWS]
    for table, rows in groupby(sorted(told, key=itemgetter("table", "key")), key=itemgetter("table")):
        spec = specs[table]
        pointing = {fk.column: fk.table for fk in spec.foreign_keys if fk.table in ABOUT}
        now = {key_text(row, spec.key): row for row in store.read(table).to_pylist()}
        for key, group in groupby(rows, key=itemgetter("key")):
            fact = _fact(spec, key, list(group), pointing, now.get(key))
            if fact:
                yield fact


def _fact(spec: Spec, key: str, rows: Sequence[Row], pointing: Mapping[str, str], now: Row | None) -> Fact | None:
    """Return one changed fact, None if nothing changed that is told."""
    lines = [line for row in rows for line in _lines(spec, row)]
    if not lines:
        return None
    first = rows[0]
    whole = now or json.loads(first["old_value"] or first["new_value"])
    about = {f"{registry}/{whole[c]}" for c, registry in pointing.items() if whole.get(c)}
    claim = first["new_claim_id"] or first["old_claim_id"]
    return Fact(spec.name, key, ROWS[first["change"]], tuple(lines), claim, frozenset(about))


def _lines(spec: Spec, row: Row) -> Iterator[str]:
    """Yield what changed in a row, a line per cell."""
    if row["change"] == "cell_changed":
        if _is_told(spec, row["column"]):
            claims = f" ({row['old_claim_id']} -> {row['new_claim_id']})" if row["new_claim_id"] else ""
            reason = f"; {row['reason']}" if row["reason"] else ""
            yield f"{row['column']}: {_said(row['old_value'])} -> {_said(row['new_value'])}{claims}{reason}"
        return
    cells = json.loads(row["new_value"] or row["old_value"])
    yield from (f"{c}: {_said(v)}" for c, v in cells.items() if v is not None and _is_told(spec, c))
    claim = row["new_claim_id"] or row["old_claim_id"]
    yield from (f"{name}: {value}" for name, value in (("claim", claim), ("reason", row["reason"])) if value)


def _is_told(spec: Spec, column: str) -> bool:
    """Return whether a cell says something of a fact that a reader of feeds wants to know."""
    known = column in spec.columns and column not in ("period_start", "period_end")
    return known and (column in TOLD or not spec.field(column).bookkeeping)


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    return (
        str(value).lower() if isinstance(value, bool) else f"{value:.15g}" if isinstance(value, float) else str(value)
    )
