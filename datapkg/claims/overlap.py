"""What the sources cover, counted, and which of them say largely the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

from datapkg.claims.addresses import same_page
from datapkg.claims.claim import Claim
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.claims.observe import observed
from datapkg.claims.registries import read_registries
from datapkg.model import PREFIX, CheckFailed, Layout, NotFound, Spec, load_specs

BY = ("year", "market", "language", "tier", "kind", "publisher")
LEAST, PART = 3, 0.8
"""Statements that two sources share at least, and which part of the shorter one they are, to be near-duplicates."""


def counted(layout: Layout, by: str) -> list[dict[str, Any]]:
    """Return the number of sources and of claims per year of publication, market, language, tier, kind or publisher.

    Raises  NotFound for another way to count, CheckFailed if the claim files cannot be read
    """
    if by not in BY:
        raise NotFound.of("way to count sources", by, BY, "datapkg", f"Ways are {', '.join(BY)}")
    claims, rows, _ = _read(layout)
    markets = {row["claim_id"]: row["market_id"] for table in rows.values() for row in table if row.get("market_id")}
    many: Counter[str] = Counter()
    sources: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        row = claim.source.row
        value = {"year": row["published"][:4], "market": markets.get(claim.claim_id)}.get(by, row.get(by))
        if value:
            many[value] += 1
            sources[value].add(claim.source.source_id)
    order = sorted(many) if by == "year" else sorted(many, key=lambda v: (-many[v], v))
    return [{by: value, "sources": len(sources[value]), "claims": many[value]} for value in order]


def duplicates(layout: Layout) -> list[dict[str, Any]]:
    """Return pairs of sources of which one says at least PART of what the other says, or that are one page.

    Raises  CheckFailed if the claim files cannot be read
    """
    claims, rows, specs = _read(layout)
    said: dict[str, set[Any]] = defaultdict(set)
    for name, table in rows.items():
        said_in = [
            f.name for f in specs[name.removeprefix(PREFIX)].fields if not f.bookkeeping and f.name != "claim_id"
        ]
        for row in table:
            said[row["source_id"]].add((name, *(row.get(column) for column in said_in)))
    pages = {c.source.source_id: same_page(c.source.row.get("url") or c.source.source_id) for c in claims}
    found = []
    for one, other in combinations(sorted(said), 2):
        both, least = len(said[one] & said[other]), min(len(said[one]), len(said[other]))
        if pages[one] == pages[other] or (both >= LEAST and both >= PART * least):
            found.append({"source": one, "other": other, "shared": both, "of": least})
    return sorted(found, key=lambda pair: (-pair["shared"], pair["source"], pair["other"]))


def _read(layout: Layout) -> tuple[list[Claim], dict[str, list[dict[str, Any]]], dict[str, Spec]]:
    """Return all claims, the rows that they make, and the tables' specs."""
    specs = load_specs(layout.schema_files)
    reader = ClaimReader(layout, specs, kind_schemas(specs))
    registries = read_registries(reader)
    claims = reader.files()
    rows = observed(reader, claims, registries)
    wrong = [finding for finding in reader.findings if finding.rule != "same-page"]  # which is what is asked here
    if wrong:
        raise CheckFailed(wrong)
    return claims, rows, specs
