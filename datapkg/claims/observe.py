"""From claims to observation rows: a claim is a row of the table that its kind feeds, or what the kind's module says.

Names are resolved, periods and bounds worked out before a module sees the claim; it returns (table, row) pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from datapkg.claims.attribution import Attribution, Seats, decimals, firms, inferred, seats
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


class Way:
    """What becomes of the claims of a kind, worked out once: where each field goes, and what its names stand for."""

    def __init__(self, kind: KindSchema, specs: Mapping[str, Spec], registries: Registries) -> None:
        self.kind, self.registries, self.spec = kind, registries, specs[kind.table]
        self.items = {name: Way(prop.items, specs, registries) for name, prop in kind.properties.items() if prop.items}
        self.names = {name: prop.column.name for name, prop in kind.properties.items()}
        self.known = {
            name: registries.known[prop.registry]
            for name, prop in kind.properties.items()
            if prop.registry and not prop.items
        }
        """Per field of names, the ids of those that were looked up before."""
        self.plain = {
            name for name, prop in kind.properties.items() if not (prop.items or prop.registry or prop.column.reference)
        }
        """Fields whose values go into their columns as they are."""
        self.intervals = [
            group.compare["interval"]
            for group in self.spec.groups
            if isinstance(group.compare, dict)
            and "interval" in group.compare
            # what is derived is from what the claim says in other words; the kind's module has the bounds
            and not self.spec.field(group.compare["interval"][0]).derived
        ]
        """Columns of a value, its bounds and its hedge."""
        self.partial = bool(self.spec.claim.get("partial"))


def observed(
    reader: Reader, claims: list[Claim], registries: Registries, elsewhere: Seats = frozenset()
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every observation table; what cannot be used is noted in the reader.

    `elsewhere` are offices of which claims tell that are not among these.
    Shape  per table, one row per key and claim, with the columns of `specs["observations.<table>"]`
    """
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name, spec in reader.specs.items() if spec.role == "observation"
    }
    attribution = Attribution(registries, firms(seats(claims, registries) | elsewhere))
    ways = {name: Way(kind, reader.specs, registries) for name, kind in reader.kinds.items()}
    for claim in claims:
        before, said_by, way = len(reader.findings), claim.common["said_by"], ways[claim.kind]
        if said_by is not None:
            said_by = registries.voices.get(said_by) or _resolved(
                reader, claim, "said_by", said_by, registries.voice, *SPEAKERS
            )
        columns = _columns(reader, claim, claim.values, way)
        if len(reader.findings) > before:
            continue
        claim.common["said_by"] = said_by
        try:
            for table, row in _rows(claim, columns, way):
                spec = reader.specs[table]
                tables[PREFIX + table].append(_observation(claim, row, spec, attribution, way))
        except ValueError as error:
            reader.note("wrong-value", str(error), claim.place, claim.claim_id)
    return tables


def _rows(claim: Claim, columns: dict[str, Any], way: Way) -> Rows:
    """Yield the rows of a claim, with the bounds that the hedges of its values imply.

    Raises  ValueError for values that contradict each other, or that a key lacks
    """
    get = columns.get
    for value, low, high, qualifier in way.intervals:
        if way.partial and get(value) is None and get(low) is None and get(high) is None:
            columns.pop(qualifier)
            continue
        columns[low], columns[high] = bounds(get(value), get(low), get(high), columns[qualifier])
    if claim.kind in KINDS:
        yield from KINDS[claim.kind](columns, claim.common["says"])
    else:
        yield way.spec.name, columns


def _observation(claim: Claim, row: dict[str, Any], spec: Spec, attribution: Attribution, way: Way) -> dict[str, Any]:
    """Return a row with the columns that every observation has."""
    common = claim.common
    return {
        **row,
        "claim_id": claim.claim_id,
        "source_id": claim.source.source_id,
        "certainty": common["certainty"],
        "said_by": common["said_by"],
        "preferred": spec.name in claim.preferred_in,
        "corrected": bool(claim.corrected),
        "decimals": decimals(row, spec),
        **attribution.columns(claim, row, spec),
        "inferred": inferred(claim, way.names, spec) if common["inferred"] else None,
    }


def _resolved(reader: Reader, claim: Claim, name: str, value: Any, find: Callable[[str], str], *registries: str) -> Any:
    """Return the id of a name, or None and a finding; what a registry lacks that could not be read is none."""
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


def _columns(reader: Reader, claim: Claim, values: dict[str, Any], way: Way) -> dict[str, Any]:
    """Return the values of a claim under the names of their columns, with ids for names and ends for periods."""
    columns: dict[str, Any] = {}
    names, plain, known = way.names, way.plain, way.known
    for name, value in values.items():
        if name in plain:
            columns[names[name]] = value
        elif name in known and value in known[name]:
            columns[names[name]] = known[name][value]
        else:
            columns[names[name]] = _found(reader, claim, name, value, way)
    if "period" in columns:
        when = period(columns["period"])
        columns["period_start"], columns["period_end"] = when.start, when.end
    return columns


def _found(reader: Reader, claim: Claim, name: str, value: Any, way: Way) -> Any:
    """Return what a field that holds names stands for: an id, or the columns of each item of a list."""
    prop, registries = way.kind.properties[name], way.registries
    if prop.items:
        inner = replace(claim, places=dict.fromkeys(prop.items.properties, claim.places.get(name, claim.place)))
        return [_columns(reader, inner, item, way.items[name]) for item in value]
    if prop.registry:
        find = partial(registries.resolve, prop.registry)
        return _resolved(reader, claim, name, value, find, prop.registry)
    return _resolved(reader, claim, name, value, registries.reference, value.partition("/")[0])
