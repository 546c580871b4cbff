"""Invented observations of one table, and what becomes of them, as plain rows."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from datapkg.facts import engine
from datapkg.facts.conflicts import conflict_rows
from datapkg.facts.consolidate import consolidate
from datapkg.facts.rows import Rows
from datapkg.model.specs import PREFIX, Spec, load_specs
from datapkg.model.values import bounds

SPECS = load_specs(Path(__file__).resolve().parents[2] / "schemas")
Row = dict[str, Any]

DEFAULTS: Row = {
    "source_id": "s", "certainty": "asserted", "said_by": None, "voice": "kestrel", "attribution": "named",
    "lead": False, "tier": "secondary", "known_from": date(2024, 1, 31), "preferred": False, "corrected": False,
    "decimals": None, "inferred": None,
    "company_id": "nordlicht", "market_id": "ai", "period": "2023", "period_start": date(2023, 1, 1),
    "period_end": date(2023, 12, 31), "basis": "revenue", "qualifier": "exact", "metric": "revenue", "forecast": False,
    "plan_id": "own-memory", "kind": "own_chip", "status": "planned", "meeting_id": "m", "person_id": "falk",
    "visit_id": "v", "product_id": "x1", "currency": None,
}  # fmt: skip
FEW = {
    "string": ["a", "b"], "integer": [1, 2], "boolean": [True, False],
    "number": [0.0, 1.0, 76.0, 79.5, 80.0, 84.0, 100.0],
    "date": [date(2024, 1, 1), date(2024, 1, 31), date(2023, 12, 31)],
}  # fmt: skip
EDTF = ["2024", "2024-01", "2024-01-26", "2024-Q1", "2023-H2", "2023-10"]


def observed(table: str, *rows: Row) -> pa.Table:
    """Return observations of one table; what a row leaves out has a default, claims are named s/a, s/b ...

    A claim is as old as its page, unless it gives a vintage.
    """
    spec = SPECS[PREFIX + table]
    named = [{**DEFAULTS, "claim_id": f"s/{chr(97 + n)}", **row} for n, row in enumerate(rows)]
    dated = [{"vintage": row["known_from"], **row} for row in named]
    whole = [{"vintage_from": row["vintage"], **row} for row in dated]
    return engine.to_arrow([{k: v for k, v in row.items() if k in spec.columns} for row in whole], spec)


def share(value: float | None, qualifier: str = "exact", low: float | None = None, high: float | None = None,
          **more: Any) -> Row:  # fmt: skip
    low, high = bounds(value, low, high, qualifier)
    return {"share_pct": value, "share_low_pct": low, "share_high_pct": high, "qualifier": qualifier, **more}


def money(amount: float, currency: str | None = "EUR", unit: str | None = None, **more: Any) -> Row:
    ends = {"amount_low": amount, "amount_high": amount, "qualifier": "exact"}
    return {"amount": amount, **ends, "currency": currency, "unit": unit, **more}


def days(count: int, qualifier: str = "exact") -> Row:
    low, high = bounds(count, None, None, qualifier)
    return {"duration": f"P{count}D", "days": count, "days_low": low, "days_high": high, "qualifier": qualifier}


def dated(day: str, **more: Any) -> Row:
    """Return when a page was published, for a row."""
    return {"known_from": date.fromisoformat(day), **more}


def facts(table: str, *rows: Row, policy: str = "preferred", as_of: date | None = None) -> list[Row]:
    found = consolidate(Rows.of(observed(table, *rows)), SPECS[table], policy, as_of)
    return by_key(plain_rows(found.facts), SPECS[table])


def fact(table: str, *rows: Row, policy: str = "preferred", as_of: date | None = None) -> Row:
    (row,) = facts(table, *rows, policy=policy, as_of=as_of)
    return row


def apart(table: str, *cases: tuple[Row, ...], policy: str = "preferred") -> list[Row]:
    """Return the fact of each case; every case has a block of its own, since making facts costs half a second."""
    column = SPECS[table].block[0]
    names = [f"case-{n:03}" for n in range(len(cases))]
    rows = [{"claim_id": f"s/{chr(97 + n)}", **row, column: name}
            for name, case in zip(names, cases, strict=True) for n, row in enumerate(case)]  # fmt: skip
    found = {row[column]: row for row in facts(table, *rows, policy=policy)}
    return [found[name] for name in names]


def conflicts(table: str, *rows: Row) -> list[Row]:
    observations = observed(table, *rows)
    return conflict_rows(SPECS[table], consolidate(Rows.of(observations), SPECS[table]), observations)


def few(table: str) -> dict[str, list[Any]]:
    """Return the values that each column of a table may have: so few that keys meet and claims differ."""
    spec = SPECS[PREFIX + table]
    columns: dict[str, list[Any]] = {}
    for f in spec.fields:
        pool = f.constraints.get("enum", EDTF if f.edtf else FEW[f.type])
        many = 1 + (f.name in spec.key[:2]) if f.name in spec.key else len(pool)
        columns[f.name] = [*([] if f.required or f.name == "qualifier" else [None]), *pool[:many]]
    columns["voice"] = ["a", "b", "c"]
    columns["decimals"] = [None, 0, 1]
    columns["inferred"] = [None, spec.columns[0], " ".join(spec.columns[1:3])]
    return columns


def whole(row: Row) -> Row:
    """Return the row with what the machine works out: days in order, ends of a period, bounds of a share."""
    row["vintage_from"], row["vintage"], row["known_from"] = sorted(
        (row["vintage_from"], row["vintage"], row["known_from"])
    )
    if "period" in row:
        row |= {"period_start": date(2023, 1, 1), "period_end": date(2023, 12, 31)}
    if "share_pct" in row:
        value, low, high = row["share_pct"], row["share_low_pct"], row["share_high_pct"]
        if value is None and (low is None or high is None or low > high):
            value = 50.0
        low, high = (low, high) if value is None else bounds(value, None, None, row["qualifier"])
        row |= {"share_pct": value, "share_low_pct": low, "share_high_pct": high}
    return row


def by_key(rows: list[Row], spec: Spec) -> list[Row]:
    return sorted(rows, key=lambda row: [row[c] for c in spec.key])


def plain_rows(frame: Any) -> list[Row]:
    """Return the rows of a frame with days for times and None for every missing value."""
    return [{k: _plain(v) for k, v in row.items()} for row in frame.rows()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return None if isinstance(value, float) and value != value else value
