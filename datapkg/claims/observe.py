"""From claims to observation rows: a claim is a row of the table that its kind feeds, or what the kind's module says.

Names are resolved, periods and bounds worked out before a module sees the claim; it returns (table, row) pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from datapkg.claims.attribution import Attribution, decimals, firms, inferred
from datapkg.claims.claim import Claim
from datapkg.claims.kinds import deal, meeting, product_lead_time, statement
from datapkg.claims.kindschema import KindSchema
from datapkg.claims.reader import Reader
from datapkg.claims.registries import SPEAKERS, Registries
from datapkg.model import PREFIX, Spec, bounds, period

Rows = Iterator[tuple[str, dict[str, Any]]]
KINDS: dict[str, Callable[[dict[str, Any], str], Rows]] = {
    module.__name__.rpartition(".")[2]: module.rows for module in (deal, meeting, product_lead_time, statement)
}
"""Kinds whose claims are more than one row of one table, or whose rows say more than the claim."""


def observed(reader: Reader, claims: list[Claim], registries: Registries) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every observation table; what cannot be used is noted in the reader.

    Shape  per table, one row per key and claim, with the columns of `specs["observations.<table>"]`
    """
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name, spec in reader.specs.items() if spec.role == "observation"
    }
    attribution = Attribution(registries, firms(claims, registries))
    for claim in claims:
        before = len(reader.findings)
        said_by = _resolved(reader, claim, "said_by", claim.common["said_by"], registries.voice, *SPEAKERS)
        kind = reader.kinds[claim.kind]
        columns = _columns(reader, claim, claim.values, kind, registries)
        names = {name: prop.column.name for name, prop in kind.properties.items()}
        if len(reader.findings) > before:
            continue
        claim.common["said_by"] = said_by
        try:
            for table, row in _rows(claim, columns, reader.specs[kind.table]):
                spec = reader.specs[table]
                shared = {**_shared(claim, row, spec, attribution), "inferred": inferred(claim, names, spec)}
                tables[PREFIX + table].append({**row, **shared})
        except ValueError as error:
            reader.note("wrong-value", str(error), claim.place, claim.claim_id)
    return tables


def _rows(claim: Claim, columns: dict[str, Any], spec: Spec) -> Rows:
    """Yield the rows of a claim, with the bounds that the hedges of its values imply.

    Raises  ValueError for values that contradict each other, or that a key lacks
    """
    for group in spec.groups:
        if isinstance(group.compare, dict) and "interval" in group.compare:
            value, low, high, qualifier = group.compare["interval"]
            if spec.field(value).derived:  # from what the claim says in other words; the kind's module has the bounds
                continue
            if spec.claim.get("partial") and all(columns.get(name) is None for name in (value, low, high)):
                columns.pop(qualifier)
                continue
            columns[low], columns[high] = bounds(
                columns.get(value), columns.get(low), columns.get(high), columns[qualifier]
            )
    if claim.kind in KINDS:
        yield from KINDS[claim.kind](columns, claim.common["says"])
    else:
        yield spec.name, columns


def _shared(claim: Claim, row: dict[str, Any], spec: Spec, attribution: Attribution) -> dict[str, Any]:
    """Return the columns that every observation has."""
    source = claim.source
    return {
        "claim_id": claim.claim_id,
        "source_id": source.source_id,
        "certainty": claim.common["certainty"],
        "said_by": claim.common["said_by"],
        "tier": source.row["tier"],
        "known_from": source.row["known_from"],
        "preferred": spec.name in claim.preferred_in,
        "corrected": bool(claim.corrected),
        "decimals": decimals(row, spec),
        **attribution.columns(claim, row, spec),
    }


def _resolved(reader: Reader, claim: Claim, name: str, value: Any, find: Callable[[str], str], *registries: str) -> Any:
    """Return the id of a name, or None and a finding; what a registry lacks that could not be read is none."""
    if value is None:
        return None
    try:
        return find(value)
    except ValueError as error:
        rule, message = error.args
        unknown = rule == "unknown-name"  # which is told once for all fields that have the name
        if not unknown or not reader.unread & {*registries, "aliases"}:
            reader.note(
                rule, message if unknown else f"{name}: {message}", claim.places.get(name, claim.place), claim.claim_id
            )
        return None


def _columns(
    reader: Reader, claim: Claim, values: dict[str, Any], schema: KindSchema, registries: Registries
) -> dict[str, Any]:
    """Return the values of a claim under the names of their columns, with ids for names and ends for periods."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        prop = schema.properties[name]
        if prop.items:
            inner = replace(claim, places=dict.fromkeys(prop.items.properties, claim.places.get(name, claim.place)))
            columns[name] = [_columns(reader, inner, item, prop.items, registries) for item in value]
        elif prop.registry:
            find = partial(registries.resolve, prop.registry)
            columns[prop.column.name] = _resolved(reader, claim, name, value, find, prop.registry)
        elif prop.column.reference:
            columns[prop.column.name] = _resolved(
                reader, claim, name, value, registries.reference, value.partition("/")[0]
            )
        else:
            columns[prop.column.name] = value
    if "period" in columns:
        when = period(columns["period"])
        columns |= {"period_start": when.start, "period_end": when.end}
    return columns
