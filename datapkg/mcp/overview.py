"""What there is: tables, columns, and the periods that are held about an entry."""

from __future__ import annotations

from typing import Any

from datapkg.mcp.held import Held, pointing
from datapkg.model import PREFIX, Spec


def tables_of(data: Held) -> list[dict[str, Any]]:
    """Return the tables, but for the observations behind the facts."""
    store = data.store
    return [
        {"name": name, "title": (about := store.resource(name))["title"], "description": about["description"],
         "rows": about["rows"], "key": store.key(name), "made_of_claims": PREFIX + name in store.resources}
        for name in store.names() if not name.startswith(PREFIX)
    ]  # fmt: skip


def columns_of(data: Held, table: str) -> dict[str, Any]:
    """Return what the descriptor says about a table and its columns, and the periods that it covers.

    Raises  NotFound for an unknown table
    """
    about, spec = data.store.resource(table), data.store.specs()[table]
    targets = pointing(spec)
    columns = [
        {"name": f["name"], "type": f["type"], "unit": f.get("unit"), "description": f["description"],
         "values": f.get("constraints", {}).get("enum"), "names": targets.get(f["name"])}
        for f in about["schema"]["fields"]
    ]  # fmt: skip
    return {
        "table": table, "title": about["title"], "description": about["description"], "rows": about["rows"],
        "key": data.store.key(table), "periods": _span(data, spec),
        "columns": [{k: v for k, v in column.items() if v is not None} for column in columns],
    }  # fmt: skip


def _span(data: Held, spec: Spec) -> list[str] | None:
    """Return the first and the last day of the periods of a table, None if it has none."""
    if "period_start" not in spec.columns:
        return None
    rows = data.store.read(spec.name, ["period_start", "period_end"]).to_pylist()
    days = sorted(day for row in rows for day in row.values() if day)
    return [days[0].isoformat(), days[-1].isoformat()] if days else None


def gaps(data: Held, table: str, entry: str) -> dict[str, Any]:
    """Return how many rows of a table are about an entry, the periods that they are for, and the years between without.

    Shape   table, rows, and for a table with periods: first, last, years_without
    """
    registry, _, wanted = entry.partition("/")
    spec = data.store.specs()[table]
    columns = [column for column, target in pointing(spec).items() if target == registry]
    timed = "period_start" in spec.columns
    rows = data.store.read(table, [*columns, *(("period", "period_start", "period_end") if timed else ())]).to_pylist()
    rows = [row for row in rows if any(row[column] == wanted for column in columns)]
    found: dict[str, Any] = {"table": table, "rows": len(rows)}
    if not timed or not rows:
        return found
    covered = {year for r in rows for year in range(r["period_start"].year, r["period_end"].year + 1)}
    between = set(range(min(covered), max(covered) + 1))
    ordered = sorted(rows, key=lambda row: (row["period_start"], row["period_end"]))
    return {**found, "first": ordered[0]["period"], "last": ordered[-1]["period"],
            "years_without": sorted(between - covered)}  # fmt: skip
