"""What is said of the things that one claim file speaks of: enough to check that file, at a fraction of the price."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from datapkg.model import PREFIX, Spec

Rows = dict[str, list[dict[str, Any]]]
Usual = dict[str, dict[str, Any]]
"""Per table and column, what stands there if a claim says nothing."""


def nearby(rows: Rows, specs: Mapping[str, Spec], claims: Collection[str]) -> Rows:
    """Return tables with those observations alone that share an entry or an event with one of some claims.

    Facts that these claims touch come out whole, with whatever a rule compares them with: what is of the same company,
    market, product, person or facility, the events of these, and what fulfils a plan. Of claims, and what is decided of
    claims, there is what these observations rest on; registries and sources stay.
    """
    usual, own = defaults(specs), events(specs)
    observed = [(row, set(about(row, usual[table]))) for table, row in observations(rows)]
    wanted = {entry for row, entries in observed if row["claim_id"] in claims for entry in entries}
    alike = [row for row, entries in observed if not wanted.isdisjoint(entries)]
    wanted |= {row[column] for row in alike for column in own & row.keys() if row[column]}
    near = [row for row, entries in observed if row["claim_id"] in claims or not wanted.isdisjoint(entries)]
    these, behind = set(map(id, near)), {row["claim_id"] for row in near} | set(claims)
    return {
        table: [row for row in found if id(row) in these]
        if table.startswith(PREFIX)
        else [row for row in found if "claim_id" not in row or row["claim_id"] in behind]
        for table, found in rows.items()
    }


def observations(rows: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the observations, each with its table."""
    return ((table, row) for table, found in rows.items() if table.startswith(PREFIX) for row in found)


def events(specs: Mapping[str, Spec]) -> set[str]:
    """Return the columns that name events: the first of the key of a table of facts, and of no registry."""
    return {
        spec.key[0]
        for spec in specs.values()
        if spec.role == "fact" and spec.key[0] not in {key.column for key in spec.foreign_keys}
    }


def defaults(specs: Mapping[str, Spec]) -> Usual:
    """Return what stands in the columns of observations if a claim says nothing, such as that it is of a whole."""
    return {
        name: {f.name: f.default for f in spec.fields if f.default is not None}
        for name, spec in specs.items()
        if name.startswith(PREFIX)
    }


def about(row: Mapping[str, Any], usual: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of entries and events that a row speaks of; a plan names what fulfils it as table/key/key."""
    for column, value in row.items():
        if value is None or column in ("claim_id", "source_id"):
            continue
        if column.endswith("_id"):
            if value != usual.get(column):
                yield value
        elif column == "fulfilled_by":
            yield from value.split("/")[1:]
