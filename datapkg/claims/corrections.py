"""Corrections, preferences and acknowledgements: a curator's decisions about claims, each with a reason and a guard.

The claim stays as it was made; facts use the corrected value. A correction whose `expect` no longer matches the claim,
or that names no claim, is an error, so that none outlives what it corrects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from datapkg.claims.claim import Claim
from datapkg.claims.kindschema import read_property
from datapkg.claims.reader import Reader
from datapkg.claims.yaml import Node
from datapkg.model import Place, did_you_mean, row_name


@dataclass(frozen=True)
class Preference:
    """A claim that comes first for its key in one table; `row` holds the columns of the preferences table."""

    row: dict[str, Any]
    place: Place


@dataclass(frozen=True)
class Correction:
    """A reasoned correction of one field of one claim; `row` holds the columns of the corrections table."""

    row: dict[str, Any]
    expect: Node
    value: Node
    place: Place


def read_corrections(reader: Reader) -> tuple[list[Correction], list[Preference]]:
    """Return the corrections and the preferences."""
    path = reader.layout.corrections
    if not path.exists():
        return [], []
    root = reader.document(path)
    reader.unknown(root, ("corrections", "preferences"), "corrections.yaml", root)
    known = ("claim", "field", "expect", "value", "reason", "evidence", "by", "date")
    entries = _entries(reader, root.get("corrections"), known)
    corrections = [found for entry, place in entries if (found := _correction(reader, entry, place))]
    wanted = _entries(reader, root.get("preferences"), ("table", "claim", "reason", "by", "date"))
    preferences = [_preference(reader, entry) for entry, _ in wanted]
    return corrections, [preference for preference in preferences if preference]


def read_acknowledged(reader: Reader, claims: list[Claim], whole: bool = True) -> list[dict[str, Any]]:
    """Return the rows of acknowledgements: findings of rules that a curator lets pass.

    A claim that is not there is noted here if the claims are the `whole`; a finding that is not there, by the rules.
    """
    path = reader.layout.acknowledged
    if not path.exists():
        return []
    root = reader.document(path)
    reader.unknown(root, ("findings", "row_counts", "quality"), "acknowledged.yaml", root)
    rows: list[dict[str, Any]] = []
    known = {claim.claim_id for claim in claims} | reader.unread
    for entry, place in _entries(reader, root.get("findings"), ("rule", "claim", "because", "by", "date")):
        spec = reader.specs["acknowledgements"]
        row = {
            "rule": reader.value(entry["rule"], spec.field("rule")),
            "claim_id": reader.value(entry["claim"], spec.field("claim_id")),
            "reason": reader.value(entry["because"], spec.field("reason")),
            "recorded_by": reader.value(entry["by"], spec.field("recorded_by")),
            "recorded_on": reader.value(entry["date"], spec.field("recorded_on")),
        }
        if row["claim_id"] and row["claim_id"] not in known:
            if not whole:
                continue
            near = did_you_mean(row["claim_id"], known)
            reader.note("correction-without-claim", f"no claim '{row['claim_id']}' to acknowledge{near}", place)
        if None not in row.values():
            rows.append(row)
            reader.rows[row_name(spec.name, row, spec.key)] = place
    return rows


def acknowledged_claims(reader: Reader) -> set[str]:
    """Return the ids of the claims that acknowledgements name; what is wrong with them is not noted here."""
    if not reader.layout.acknowledged.exists():
        return set()
    before = len(reader.findings)
    listed = reader.document(reader.layout.acknowledged).get("findings")
    del reader.findings[before:]
    entries = listed.value if listed is not None and isinstance(listed.value, list) else []
    named = (item.value["claim"].plain() for item in entries if isinstance(item.value, dict) and "claim" in item.value)
    return {name for name in named if isinstance(name, str)}


def _entries(reader: Reader, node: Node | None, known: tuple[str, ...]) -> list[tuple[dict[str, Node], Place]]:
    """Return the entries of a list that have every field; report the others."""
    if node is None or node.value is None:
        return []
    if not isinstance(node.value, list) or not all(isinstance(item.value, dict) for item in node.value):
        reader.note("wrong-type", f"expected a list of entries with {', '.join(known)}", node.place)
        return []
    whole = []
    for item in node.value:
        reader.unknown(item.value, known, "an entry", item.value)
        missing = [name for name in known if name not in item.value]
        if missing:
            reader.note("missing-field", f"an entry needs {', '.join(missing)}", item.place)
        else:
            whole.append((item.value, item.place))
    return whole


def _preference(reader: Reader, entry: dict[str, Node]) -> Preference | None:
    spec = reader.specs["preferences"]
    columns = {"table": "table", "claim": "claim_id", "reason": "reason", "by": "recorded_by", "date": "recorded_on"}
    row = {column: reader.value(entry[name], spec.field(column)) for name, column in columns.items()}
    return None if None in row.values() else Preference(row, entry["claim"].place)


def _correction(reader: Reader, entry: dict[str, Node], place: Place) -> Correction | None:
    evidence = entry["evidence"].plain()
    named = isinstance(evidence, list) and bool(evidence) and all(isinstance(e, str) for e in evidence)
    if not named:
        reader.note("wrong-type", "evidence: expected a list of claim ids or addresses", entry["evidence"].place)
    spec = reader.specs["corrections"]
    row = {
        "claim_id": str(entry["claim"].value),
        "field": reader.value(entry["field"], spec.field("field")),
        "said": str(entry["expect"].plain()),
        "value": str(entry["value"].plain()),
        "reason": reader.value(entry["reason"], spec.field("reason")),
        "evidence": " ".join(evidence) if named else None,
        "recorded_by": reader.value(entry["by"], spec.field("recorded_by")),
        "recorded_on": reader.value(entry["date"], spec.field("recorded_on")),
    }
    return None if None in row.values() else Correction(row, entry["expect"], entry["value"], place)


def corrected(reader: Reader, claims: list[Claim], corrections: list[Correction],
              preferences: list[Preference]) -> list[Claim]:  # fmt: skip
    """Return the claims with corrections and preferences applied; a guard that does not hold is a finding."""
    by_id = {claim.claim_id: claim for claim in claims}
    if not by_id:  # no claim was read, so none of the corrections can be judged
        return []
    for correction in corrections:
        claim = _named(reader, correction.row["claim_id"], by_id, correction.place)
        for evidence in correction.row["evidence"].split():
            if not evidence.startswith(("https://", "http://")):
                _named(reader, evidence, by_id, correction.place, "evidence: ")
        if claim:
            by_id[claim.claim_id] = _apply(reader, claim, correction)
    for preference in preferences:
        table, claim_id, place = preference.row["table"], preference.row["claim_id"], preference.place
        claim = _named(reader, claim_id, by_id, place)
        fed = sorted(name for name, spec in reader.specs.items() if claim and spec.claim.get("kind") == claim.kind)
        if claim and table not in fed:
            near = did_you_mean(table, fed) or f"; {claim.kind} feeds {', '.join(fed)}"
            reader.note("unknown-value", f"the claim feeds no table '{table}'{near}", place, claim_id)
        elif claim:
            by_id[claim_id] = replace(claim, preferred_in=claim.preferred_in | {table})
    return list(by_id.values())


def _named(reader: Reader, claim_id: str, by_id: dict[str, Claim], place: Place, what: str = "") -> Claim | None:
    """Return the claim of an id; one that is there and could not be read has its own finding."""
    if claim_id not in by_id and not reader.unread & {claim_id, claim_id.partition("/")[0]}:
        message = f"{what}no claim '{claim_id}'{did_you_mean(claim_id, by_id)}"
        reader.note("correction-without-claim", message, place)
    return by_id.get(claim_id)


def _apply(reader: Reader, claim: Claim, correction: Correction) -> Claim:
    """Return the claim with one field corrected, if it still says what the correction expects."""
    name, entries = correction.row["field"], reader.kinds[claim.kind].properties
    if name not in entries:
        message = f"{claim.kind} has no field '{name}'{did_you_mean(name, entries)}"
        reader.note("unknown-field", message, correction.place, claim.claim_id)
        return claim
    (expected, problems), said = read_property(correction.expect, entries[name]), claim.values.get(name)
    if not problems and expected != said:
        message = (
            f"the correction expects {name} to be {expected!r}, and the claim says {said!r}; "
            "update the correction or remove it"
        )
        problems = [("correction-guard", message, correction.place)]
    value, more = read_property(correction.value, entries[name])
    for rule, message, place in problems + more:
        reader.note(rule, message, place, claim.claim_id)
    if problems or more:
        return claim
    places = {**claim.places, name: correction.value.place}
    return replace(claim, values={**claim.values, name: value}, places=places, corrected=(*claim.corrected, name))
