"""What becomes of one batch of claims in bulk, wherever that is worked out: in this process or another.

A batch is read, validated, resolved and observed with what is known before: the schemas, the registries, the sources,
and which claims others bear on. What depends on other claims in bulk is left to whoever puts the batches together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from datapkg.claims.batches import Batch
from datapkg.claims.claim import Claim
from datapkg.claims.corrections import acknowledged_claims
from datapkg.claims.curation import Curation, Rows, said, set_aside
from datapkg.claims.files import ClaimReader
from datapkg.model import Finding, Place

Packed = dict[str, bytes]
"""Rows of tables, by table, as they go from one process to another."""
PLACES = "places"
"""The table of where claims stand."""


@dataclass
class Observed:
    """What a batch says, and what is wrong with it."""

    ids: list[str]
    """Of all claims that could be read, in order."""
    apart: list[Claim]
    """Those that have to be looked at together with others."""
    twice: list[Claim]
    """Those that were to be left alone, since others seem to have their ids."""
    packed: Packed = field(default_factory=dict)
    """What the others say, and where they stand; nothing but that if something is wrong."""
    sources: Counter[str] = field(default_factory=Counter)
    """How many of the others each source has."""
    findings: list[Finding] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    """What is wrong with claims that were left out."""
    named: set[str] = field(default_factory=set)
    """The sources that claims name, those that are not there too."""
    unread: set[str] = field(default_factory=set)
    aside: set[Place] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    """Files of which nothing more can be read."""


class Observer:
    """Says what becomes of a batch; can be pickled, and works alike wherever it is."""

    def __init__(self, curation: Curation, quarantine: bool, pack: Callable[[Rows], Packed]) -> None:
        self.quarantine, self.pack = quarantine, pack
        before = curation.reader
        reader = ClaimReader(before.layout, before.specs, before.kinds)
        reader.known, reader.many = before.known, before.many
        self.reader, self.registries, self.apart = reader, curation.registries, _Apart(curation)
        self.unread, self.aside = before.unread & set(before.specs), before.aside

    def __call__(self, batch: Batch, twice: Collection[int] = (), ended: Collection[str] = ()) -> Observed:
        """Return what a batch says; claims whose numbers are in `twice` are left alone, and files that have `ended`."""
        reader = self.reader
        reader.findings, reader.unread, reader.aside = [], set(self.unread), set(self.aside)
        reader.named, reader.ended = set(), set(ended)
        claims = reader.claims(batch)
        found, now = Observed([claim.claim_id for claim in claims], [], []), list[Claim]()
        for number, claim in enumerate(claims):
            (found.twice if number in twice else found.apart if self.apart(claim) else now).append(claim)
        rows = self._said(now, found)
        if reader.findings:
            rows = {}
        rows[PLACES] = [
            {"claim_id": claim.claim_id, "file": claim.place.file, "line": claim.place.line} for claim in now
        ]
        found.packed = self.pack(rows)
        found.sources.update(claim.source.source_id for claim in now)
        found.findings, found.named, found.ended = reader.findings, reader.named, reader.ended - set(ended)
        found.unread, found.aside = reader.unread - self.unread, reader.aside - self.aside
        return found

    def _said(self, claims: list[Claim], found: Observed) -> Rows:
        """Return what claims say; where something is wrong, and that is asked for, what the others say."""
        part = Curation(self.reader, self.registries, claims, [], [], whole=True)
        found.left += set_aside(part) if self.quarantine else []
        rows = said(part, claims)
        while self.quarantine and (more := set_aside(part)):
            found.left += more
            rows = said(part, claims)
        return rows


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
