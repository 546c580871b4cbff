"""Some claim files read with what is near them: of the others, what was kept when nothing was wrong with any."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from datapkg.claims import kept
from datapkg.claims.around import Around
from datapkg.claims.claim import Claim
from datapkg.claims.corrections import Correction, Preference, corrected, read_corrections
from datapkg.claims.curation import Curation
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.claims.observe import observed
from datapkg.claims.registries import Registries
from datapkg.model import Layout, Spec

Decided = tuple[list[Correction], list[Preference]]


def read_near(layout: Layout, specs: dict[str, Spec], files: Collection[Path], around: Around) -> Curation | None:
    """Return what `read` does, with those claims alone that are of some files, of changed ones, or near them.

    What is wrong in other files is a finding too, in no certain words. None where what is kept does not tell enough.
    """
    names = dict.fromkeys([*around.changed, *map(layout.relative, files)])
    if not around.usable or not names.keys() <= around.stats.keys():
        return None
    reader = ClaimReader(layout, specs, kind_schemas(specs))
    registries = around.registries()
    own = [claim for name in sorted(names) for claim in reader.file(layout.root / name)]
    pages = [source.row["url"] for source in dict.fromkeys(claim.source for claim in own)]
    if around.same_page(pages, names):
        return None
    decided, own = read_corrections(reader), reader.once(own, {})
    try:
        near = _near(reader, own, decided, registries, around, names)
    except (*kept.DAMAGED, OSError):
        return None
    order = {name: number for number, name in enumerate(around.stats)}
    claims = sorted([*own, *near], key=lambda claim: order[claim.source.place.file])
    far = around.far({*names, *(claim.source.place.file for claim in near)})
    reader.unread |= far.claims
    return Curation(reader, registries, claims, *_but(decided, far.claims), whole=True, far=far)


def _near(reader: ClaimReader, own: list[Claim], decided: Decided, registries: Registries,
          around: Around, names: Collection[str]) -> list[Claim]:  # fmt: skip
    """Return the claims of unchanged files that are near those of files that are read; none if these are wrong."""
    before, unread, far = len(reader.findings), set(reader.unread), around.far(names)
    reader.unread |= far.claims
    said = observed(reader, corrected(reader, own, *_but(decided, far.claims)), registries, far.seats)
    wrong = len(reader.findings) > before
    del reader.findings[before:]  # which will be noted again
    reader.unread = unread
    return [] if wrong else [claim for claims in around.claims(around.near(said, names)) for claim in claims]


def _but(decided: Decided, far: Collection[str]) -> Decided:
    """Return corrections and preferences without those of claims that are not read."""
    corrections, preferences = decided
    return [c for c in corrections if c.row["claim_id"] not in far], [
        p for p in preferences if p.row["claim_id"] not in far
    ]
