"""Claims in bulk that are too many to be held at once: what they say is observed some at a time.

A claim that others bear on, or that bears on others, is kept back and becomes one of those that are looked at together,
after the rest: one that a correction, a preference or an acknowledgement names, one of an event that several claims
make together, one about an office, one of which the speaker is a person, whose firm the offices tell. So these alone
take memory, with eight bytes for each of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from datapkg.claims.bulkreader import BATCH
from datapkg.claims.claim import Claim, Source
from datapkg.claims.corrections import acknowledged_claims
from datapkg.claims.curation import Curation, Rows, said, set_aside
from datapkg.model import Finding, Place

if TYPE_CHECKING:
    import numpy as np

MANY = 10_000
"""Findings after which no more claims are read: whoever has so many mends what makes them first."""


@dataclass
class Pieces:
    """The claims of a curation that are still to be read, and what is known of them once they were."""

    curation: Curation
    quarantine: bool = False
    left: list[Finding] = field(default_factory=list)
    """What is wrong with claims that were left out."""
    sources: Counter[Source] = field(default_factory=Counter)
    """How many of the claims each source has."""
    twice: list[Claim] = field(default_factory=list)
    """Claims whose id seems to be taken; the place of the first that has it tells."""

    def rows(self) -> Iterator[tuple[Rows, list[Claim]]]:
        """Yield what some of the claims say that are still to be read, and these claims.

        Claims that are kept back are added to those of the curation.
        """
        reader, claims = self.curation.reader, self.curation.claims
        apart, seen = _Apart(self.curation), _Seen()
        seen.new([claim.claim_id for claim in claims])
        for batch in reader.rest or ():
            new = seen.new([claim.claim_id for claim in batch])
            now: list[Claim] = []
            for claim, first in zip(batch, new, strict=True):
                (self.twice if not first else claims if apart(claim) else now).append(claim)
            rows = self._said(now)
            self.sources.update(claim.source for claim in now)
            yield rows, now
            if len(reader.findings) > MANY:
                message = f"more than {MANY:,} findings; no more claims were read"
                reader.note("too-many-findings", message, reader.findings[-1].place)
                return

    def _said(self, claims: list[Claim]) -> Rows:
        """Return what claims say; where something is wrong, and that is asked for, what the others say."""
        part = replace(self.curation, claims=claims)
        self.left += set_aside(part) if self.quarantine else []
        rows = said(part, claims)
        while self.quarantine and (more := set_aside(part)):
            self.left += more
            rows = said(part, claims)
        return rows

    def settle(self, places: dict[str, Place]) -> None:
        """Take up the claims whose ids nobody has, given the places of those that seemed to have them."""
        claims, reader = self.curation.claims, self.curation.reader
        known = {claim.claim_id: claim.place for claim in claims} | places
        claims += reader.once(self.twice, known)
        reader.same_pages([*(claim.source for claim in claims), *self.sources])

    def source_rows(self, claims: Iterable[Claim]) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of the sources, some at a time, given the claims that were looked at together."""
        self.sources.update(claim.source for claim in claims)
        pairs = iter(self.sources.items())
        while rows := [{**source.row, "claims": many} for source, many in islice(pairs, BATCH)]:
            yield rows


class _Apart:
    """Tells which claims have to be looked at together with others."""

    def __init__(self, curation: Curation) -> None:
        reader, self.registries = curation.reader, curation.registries
        partial = {n for n, spec in reader.specs.items() if spec.claim.get("partial") and spec.key != ("claim_id",)}
        made = {n for n, spec in reader.specs.items() if n in partial or partial & {k.table for k in spec.foreign_keys}}
        self.kinds = {reader.specs[name].claim.get("kind") for name in made} | {"position"}
        rows = [*(c.row for c in curation.corrections), *(p.row for p in curation.preferences)]
        evidence = (name for row in rows for name in (row.get("evidence") or "").split())
        self.named = {*(row["claim_id"] for row in rows), *evidence, *acknowledged_claims(reader)}
        self.people: dict[Any, bool] = {None: False}

    def __call__(self, claim: Claim) -> bool:
        return claim.kind in self.kinds or claim.claim_id in self.named or self._person(claim.common["said_by"])

    def _person(self, name: Any) -> bool:
        if name not in self.people:
            try:
                self.people[name] = self.registries.voice(name) in self.registries.ids["people"]
            except ValueError:  # which has a finding of its own
                self.people[name] = False
        return self.people[name]


class _Seen:
    """Which texts were seen before, by eight bytes of each: of a few it may seem so, and none is missed."""

    def __init__(self) -> None:
        self.sorted: list[np.ndarray[Any, Any]] = []

    def new(self, texts: Iterable[str]) -> list[bool]:
        """Return whether each text is new, and remember all."""
        import numpy as np

        marks = np.fromiter(map(hash, texts), np.int64)
        new = np.zeros(len(marks), bool)
        new[np.unique(marks, return_index=True)[1]] = True
        for known in self.sorted:
            places = np.minimum(np.searchsorted(known, marks), len(known) - 1)
            new &= known[places] != marks
        kept = np.sort(marks[new])
        while self.sorted and len(self.sorted[-1]) <= 2 * len(kept):  # so that there are few arrays, and few merges
            kept = np.sort(np.concatenate([self.sorted.pop(), kept]), kind="stable")
        self.sorted += [kept] if len(kept) else []
        found: list[bool] = new.tolist()
        return found
