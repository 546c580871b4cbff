"""The page about wafer capacity by economy: what the plants of the data add up to, beside published shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datapkg.pages.markdown import claim_file, grid

if TYPE_CHECKING:
    import duckdb

NOTE = "<!-- Made by `make docs` from data/processed; do not edit. -->\n"
ECONOMIES = {
    "AT": "austria", "CN": "china", "DE": "germany", "FR": "france", "GB": "united-kingdom", "IE": "ireland",
    "IL": "israel", "IN": "india", "IT": "italy", "JP": "japan", "KR": "korea", "MY": "malaysia", "SG": "singapore",
    "TW": "taiwan", "US": "united-states",
}  # fmt: skip
"""ISO 3166-1 codes of the places of plants, as segments of the markets of capacity call them."""
MARKETS = ("wafer-capacity", "ic-wafer-capacity")
"""All chip plants, memory included, by place of the plant: what comes nearest to a sum over plants. The second leaves
out what is no integrated circuit."""
_SIZED = """
    WITH wafer AS (
        SELECT f.facility_id, coalesce(f.site_id, f.facility_id) AS site, f.country,
            any_value(p.wafer_mm ORDER BY p.facility_id = f.facility_id DESC, p.wafer_mm) AS wafer_mm
        FROM facilities f LEFT JOIN facility_profiles p ON p.facility_id IN (f.facility_id, f.site_id)
        WHERE f.kind IN ('fab', 'site') GROUP BY ALL
    ), said AS (
        SELECT w.facility_id, w.site, w.country, NOT c.forecast AND c.basis != 'announced' AS stands, c.period_start,
            coalesce(c.wafers, c.wafers_low, c.wafers_high) * pow(coalesce(c.wafer_mm, w.wafer_mm) / 300.0, 2) AS wafers
        FROM facility_capacities c JOIN wafer w USING (facility_id)
    ), newest AS (
        SELECT facility_id, site, country, max(wafers) AS told,
            any_value(wafers ORDER BY period_start DESC, wafers DESC) FILTER (stands) AS stands
        FROM said WHERE wafers IS NOT NULL GROUP BY ALL
    ), sites AS (
        SELECT site, country,
            greatest(sum(stands) FILTER (facility_id != site), max(stands) FILTER (facility_id = site)) AS stands,
            greatest(sum(told) FILTER (facility_id != site), max(told) FILTER (facility_id = site)) AS told
        FROM newest GROUP BY ALL
    )
"""
"""Wafers a month of each site, in wafers of 300 mm by area. A site that has a figure of its own and plants with figures
takes the greater of its own and their sum, so that nothing is counted twice."""


def capacity_page(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the page by its path from the root; none where no plant has a capacity.

    Units   wafers a month, of 300 mm by area; percent; percentage points
    """
    economies = connection.execute(
        f"{_SIZED} SELECT country, count(stands), sum(stands), count(*), sum(told) FROM sites "
        "GROUP BY 1 ORDER BY 5 DESC, 1"
    ).fetchall()
    if not economies:
        return {}
    ((plants, unsized),) = connection.execute(
        f"{_SIZED} SELECT (SELECT count(DISTINCT site) FROM wafer), count(DISTINCT facility_id) FROM said "
        "WHERE facility_id NOT IN (SELECT facility_id FROM newest)"
    ).fetchall()
    stands, told = (sum(row[column] or 0 for row in economies) for column in (2, 4))
    shares = {row[0]: (_share(row[2], stands), _share(row[4], told)) for row in economies}
    rows = [
        (country, many, _wafers(now), _percent(shares[country][0]), of, _wafers(all_), _percent(shares[country][1]))
        for country, many, now, of, all_ in economies
    ]
    sized = sum(row[3] for row in economies)
    head = ("economy", "standing sites", "wafers a month", "share", "told sites", "wafers a month", "share")
    beside = ("economy", "market", "period", "whose", "published", "standing", "gap", "told", "gap", "claim")
    parts = [
        NOTE,
        f"# Wafer capacity by economy\n\n{sized} of {plants} chip plants or sites have a figure of wafers a month and "
        f"a known size of wafer; for {unsized} a figure stands without the size. Wafers are put as wafers of 300 mm by "
        "area. *Standing* is what is said to run, to be equipped or built, the newest figure of each plant; *told* is "
        "the greatest figure of each, announced or foreseen ones too. A site counts once.\n\n",
        grid(head, rows),
        "\n## Beside published shares\n\nShares of all chip plants by place of the plant, as others count them. The "
        "gap is our share less theirs, in percentage points: it says what the plants of the data lack, not that a "
        "count is wrong.\n\n",
        grid(beside, _beside(connection, shares)),
        "\n## Why they differ\n\n"
        "- Pages tell the size of new plants far more often than of old ones, and of one economy more often than of "
        "another: what is not told is not counted.\n"
        "- Published shares count all plants in one year; here each plant has the figure of its own time.\n"
        "- An announced capacity may never be reached.\n"
        "- [facility_capacities](tables.md#facility_capacities) has every figure with its basis and its claim.\n",
    ]
    return {"docs/capacity.md": "".join(parts)}


def _beside(connection: duckdb.DuckDBPyConnection, shares: dict[str, tuple[float, float]]) -> list[tuple[Any, ...]]:
    """Return the published shares of economies, the newest of each voice, with ours and the gaps."""
    found = connection.execute(
        "SELECT segment_id, market_id, period, voice, share_pct, claim_id FROM segment_shares "
        "WHERE market_id IN (?, ?) AND NOT forecast AND share_pct IS NOT NULL "
        "QUALIFY period_start = max(period_start) OVER (PARTITION BY segment_id, market_id, voice) ORDER BY ALL",
        MARKETS,
    ).fetchall()
    codes = {segment: code for code, segment in ECONOMIES.items()}
    rows = []
    for segment, market, period, voice, share, claim in found:
        if segment in codes:
            ours = shares.get(codes[segment], (0.0, 0.0))
            gaps = [item for own in ours for item in (_percent(own), f"{own - share:+.0f}")]
            rows.append((codes[segment], market, period, voice, _percent(share), *gaps, claim_file(claim)))
    return rows


def _share(part: float | None, whole: float) -> float:
    return 100 * (part or 0) / whole if whole else 0.0


def _percent(share: float) -> str:
    return f"{share:.0f} %"


def _wafers(many: float | None) -> str:
    return f"{many or 0:,.0f}"
