"""A row as an answer: no figure without whose it is, of when, how sure and how hedged, and who says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from datapkg.facts import key_text, value_text
from datapkg.mcp.held import Held, Rows, plain, pointing
from datapkg.model import Group, Spec
from datapkg.read import ALL

if TYPE_CHECKING:
    Behind = Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], Rows]]

ABOUT = ("claim_id", "voice", "attribution", "vintage", "certainty", "tier", "known_from", "first_claimed",
         "last_stated", "claim_count", "source_count")  # fmt: skip
FLAGS = ("disputed", "revised", "superseded", "stale", "corrected")
SOURCE = ("source_id", "title", "publisher", "published", "url")
CHOSEN = ("voice", "attribution", "vintage", "inferred", "tier")
"""What the facts of older releases do not say of themselves, and the claim behind them does."""


def behind(data: Held, spec: Spec, policy: str = "preferred", known_by: str | None = None) -> Behind:
    """Return what tells of a fact what its claim says of it where the fact does not, and the claims that say otherwise.

    They are the published conflicts, unless something else was asked than what is published.
    """
    if spec.role != "fact" or policy == ALL:
        return lambda row: ({}, [])
    if policy == "preferred" and known_by is None and data.voice is None and "voice" in data.store.columns(spec.name):
        return lambda row: ({}, [*map(_published, data.published.get((spec.name, key_text(row, spec.key)), ()))])
    claims = data.claims(spec.name, policy, known_by)

    def traced(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], Rows]:
        found = claims[key_text(row, spec.key)]
        chosen = next(claim for claim in found if claim["lost_by"] is None)
        return chosen, [_traced(spec, claim) for claim in found if claim["disagrees_on"]]

    return traced


def answers(data: Held, rows: Iterable[Mapping[str, Any]], spec: Spec, told: Behind) -> Rows:
    """Return rows of a table as answers.

    Shape   one mapping per row: key, names of its ids, figures with unit and hedge, other cells; of a fact also whose
            it is (ABOUT), inferred, flags, its source, and the claims that say otherwise (dissent)
    """
    return [_answer(data, spec, row, *told(row)) for row in rows]


def _answer(data: Held, spec: Spec, row: Mapping[str, Any], chosen: Mapping[str, Any], dissent: Rows) -> dict[str, Any]:
    found: dict[str, Any] = {"key": {c: row[c] for c in spec.key}, "names": _names(data, spec, row)}
    found |= _cells(spec, row)
    if spec.role != "fact":
        return found
    row = {**{name: plain(chosen.get(name)) for name in CHOSEN}, **row} if chosen else row
    source = data.articles[str(row["claim_id"]).partition("/")[0]]
    return {
        **found,
        **{name: row[name] for name in ABOUT if name in row},
        "inferred": str(row.get("inferred") or "").split(),
        "flags": [name for name in FLAGS if row.get(name)],
        "source": {name: plain(source[name]) for name in SOURCE},
        "dissent": dissent,
    }


def _names(data: Held, spec: Spec, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what the ids of a row are called."""
    named = {c: data.name(registry, str(row[c])) for c, registry in pointing(spec).items() if row.get(c)}
    return {column: name for column, name in named.items() if name}


def _cells(spec: Spec, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a row, each with its hedge, and its other values."""
    figures: Rows = []
    cells: dict[str, Any] = {}
    for group in spec.groups:
        parts = _parts(group)
        if spec.field(str(parts[0])).type in ("number", "integer"):
            if any(row.get(c) is not None for c in parts[:3] if c):
                figures.append(_figure(spec, group, row))
        else:
            cells |= {c: row[c] for c in group.columns if row.get(c) is not None and c not in ABOUT}
    return {"figures": figures, "cells": cells}


def _parts(group: Group) -> Sequence[str | None]:
    """Return the columns of a group that hold the value, its bounds and its hedge, as far as it has them."""
    if isinstance(group.compare, dict) and "interval" in group.compare:
        named: Sequence[str] = group.compare["interval"]
        return named
    return group.columns[0], None, None, next((c for c in group.columns if c.endswith("qualifier")), None)


def _figure(spec: Spec, group: Group, row: Mapping[str, Any]) -> dict[str, Any]:
    value, low, high, qualifier = _parts(group)
    said = [row.get(c) if c else None for c in (value, low, high, qualifier)]
    units = [c for c in ("currency", "unit") if c in group.columns] or [c for c in ("currency",) if c in spec.key]
    unit = spec.field(str(value)).unit or " ".join(str(row[c]) for c in units if row.get(c)) or None
    hedge = {"qualifier": said[3] or "exact", "low": said[1], "high": said[2]}
    beside = {c: row[c] for c in group.columns if c not in (value, low, high, qualifier, *units) and row.get(c)}
    return {"column": value, "value": said[0], "unit": unit, "hedge": hedge, **beside}


def _published(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a conflict of the release as dissent."""
    return {"claim_id": row["other_claim_id"], "voice": row["other_voice"], "column": row["column"],
            "value": row["other_value"], "kind": row["kind"], "claims": row["other_claims"],
            "rule": row["reason"]}  # fmt: skip


def _traced(spec: Spec, claim: Mapping[str, Any]) -> dict[str, Any]:
    """Return a claim that a trace finds to contradict the fact as dissent."""
    columns = str(claim["disagrees_on"]).split()
    said = [value_text(claim, group) for group in spec.groups if group.columns[0] in columns]
    return {"claim_id": claim["claim_id"], "voice": claim["voice"], "column": " ".join(columns),
            "value": ", ".join(said), "vintage": plain(claim["vintage"]), "rule": claim["lost_by"]}  # fmt: skip
