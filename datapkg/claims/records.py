"""Claims and sources as rows of their tables."""

from __future__ import annotations

from collections import Counter
from typing import Any

from datapkg.claims.claim import Claim


def claim_row(claim: Claim) -> dict[str, Any]:
    """Return the claim as a row of the claims table."""
    return {
        **claim.common,
        "claim_id": claim.claim_id,
        "source_id": claim.source.source_id,
        "kind": claim.kind,
        "corrected": bool(claim.corrected),
        "recorded_in": claim.place.file,
    }


def source_rows(claims: list[Claim]) -> list[dict[str, Any]]:
    """Return the rows of the sources table, with the number of claims of each."""
    sources = {claim.source.source_id: claim.source for claim in claims}
    many = Counter(claim.source.source_id for claim in claims)
    return [{**source.row, "claims": many[name]} for name, source in sources.items()]
