"""What is said of the things that one claim file speaks of: enough to check that file, at a fraction of the price."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from datapkg.model import PREFIX, Spec

Rows = dict[str, list[dict[str, Any]]]


def nearby(rows: Rows, specs: Mapping[str, Spec], claims: Collection[str]) -> Rows:
    """Return tables with those observations alone that share an entry or an event with one of some claims.

    Facts that these claims touch come out whole, with whatever a rule compares them with: what is of the same company,
    market, product, person or facility, the events of these, and what fulfils a plan. Registries and records stay.
    """
    observed = [row for table, found in rows.items() if table.startswith(PREFIX) for row in found]
    about = set(_entries(row for row in observed if row["claim_id"] in claims))
    alike = [row for row in observed if not about.isdisjoint(_entries([row]))]
    events = {spec.key[0] for spec in specs.values() if spec.role == "fact" and spec.key[0] not in _referring(spec)}
    about |= {row[column] for row in alike for column in events & row.keys() if row[column]}
    return {
        table: [row for row in found if row["claim_id"] in claims or not about.isdisjoint(_entries([row]))]
        if table.startswith(PREFIX)
        else found
        for table, found in rows.items()
    }


def _referring(spec: Spec) -> set[str]:
    return {key.column for key in spec.foreign_keys}


def _entries(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the ids of entries and events in rows; a plan names what fulfils it as table/key/key."""
    for row in rows:
        for column, value in row.items():
            if value is None or column in ("claim_id", "source_id"):
                continue
            if column.endswith("_id"):
                yield value
            elif column == "fulfilled_by":
                yield from value.split("/")[1:]
