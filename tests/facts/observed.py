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
from datapkg.model.specs import PREFIX, load_specs
from datapkg.model.values import bounds

SPECS = load_specs(Path(__file__).parents[2] / "schemas")
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
    return plain_rows(found.facts)


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
    return conflict_rows(SPECS[table], consolidate(Rows.of(observations), SPECS[table]), observations.to_pylist())


def plain_rows(frame: Any) -> list[Row]:
    """Return the rows of a frame with days for times and None for every missing value."""
    return [{k: _plain(v) for k, v in row.items()} for row in frame.rows()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return None if isinstance(value, float) and value != value else value
