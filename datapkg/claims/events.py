"""Events, which the claims of several sources make together: what none of them says, and ids that name none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datapkg.model import PREFIX, Field, Finding, Place, Spec, did_you_mean

Rows = dict[str, list[dict[str, Any]]]


def incomplete(rows: Rows, specs: Mapping[str, Spec], places: Mapping[str, Place]) -> Iterator[Finding]:
    """Yield a finding for every value that an event needs and no claim gives, and for every id that names no event."""
    partial = {name: spec for name, spec in specs.items() if spec.role == "fact" and spec.claim.get("partial")}
    for spec in partial.values():
        yield from _unsaid(rows, spec, places)
    for name, spec in specs.items():
        for fk in spec.foreign_keys if name.startswith(PREFIX) else ():
            if fk.table in partial:
                yield from _nowhere(rows, spec, fk.column, partial[fk.table], places)


def of_events(rows: Rows, specs: Mapping[str, Spec]) -> Rows:
    """Return of some observations what `incomplete` looks at, and no more."""
    partial = {name: spec for name, spec in specs.items() if spec.role == "fact" and spec.claim.get("partial")}
    columns: dict[str, list[str]] = {
        PREFIX + name: [*spec.key, *(f.name for f in spec.values if f.required)] for name, spec in partial.items()
    }
    for name, spec in specs.items():
        if name.startswith(PREFIX):
            pointing = [fk.column for fk in spec.foreign_keys if fk.table in partial]
            columns.setdefault(name, []).extend(pointing)
    return {
        table: [{column: row.get(column) for column in (*asked, "claim_id")} for row in rows[table]]
        for table, asked in columns.items()
        if asked and rows.get(table)
    }


def _unsaid(rows: Rows, spec: Spec, places: Mapping[str, Place]) -> Iterator[Finding]:
    needed = [f for f in spec.values if f.required]
    events: dict[str, list[dict[str, Any]]] = {}
    for row in rows.get(PREFIX + spec.name, ()):
        events.setdefault(" ".join(str(row[column]) for column in spec.key), []).append(row)
    gaps = {e: [f for f in needed if all(row.get(f.name) is None for row in said)] for e, said in events.items()}
    whole = [event for event, fields in gaps.items() if not fields]
    for event, fields in gaps.items():
        claim_id = events[event][0]["claim_id"]
        for f in fields:
            near = did_you_mean(event, whole)
            message = f"{spec.claim['kind']} '{event}': no claim gives its {f.name}{_expected(f)}{near}"
            yield Finding(rule="missing-field", message=message, place=places[claim_id], claim_id=claim_id)


def _expected(f: Field) -> str:
    words = f.constraints.get("enum")
    return f"; expected one of {', '.join(words)}" if words else f": {f.description}"


def _nowhere(rows: Rows, spec: Spec, column: str, target: Spec, places: Mapping[str, Place]) -> Iterator[Finding]:
    known = {row[target.key[0]] for row in rows.get(PREFIX + target.name, ())}
    for row in rows.get(spec.name, ()):
        event, claim_id = row.get(column), row["claim_id"]
        if event is not None and event not in known:
            step = f"a claim of the kind {target.claim['kind']} makes one"
            message = f"no '{event}' among the {target.name}{did_you_mean(event, known)}; {step}"
            yield Finding(rule="unknown-name", message=message, place=places[claim_id], claim_id=claim_id)
