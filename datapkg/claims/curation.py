"""The way of the claims, in three steps: everything that curators keep is read, corrected, and observed as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from datapkg.claims.around import Far
from datapkg.claims.batches import Batch
from datapkg.claims.claim import Claim
from datapkg.claims.corrections import Correction, Preference, corrected, read_acknowledged, read_corrections
from datapkg.claims.events import incomplete
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.claims.observe import observed
from datapkg.claims.records import claim_row, source_rows
from datapkg.claims.registries import Registries, read_registries
from datapkg.model import PREFIX, Finding, Layout, Part, Place, Spec

Rows = dict[str, list[dict[str, Any]]]
"""Rows by table."""


@dataclass(frozen=True)
class Curation:
    """What curators keep, as it was read; the reader collects what is wrong with it."""

    reader: ClaimReader
    registries: Registries
    claims: list[Claim]
    corrections: list[Correction]
    preferences: list[Preference]
    whole: bool
    """Whether all claim files were read, or one alone."""
    far: Far | None = None
    """What is known of claim files that were not read, where those are left out that do not matter."""

    @property
    def rest(self) -> Iterator[Batch] | None:
        """Claims in bulk that are too many to be held, and so are still to be read; None if all were."""
        return self.reader.rest

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, as far as it was looked at."""
        return self.reader.findings

    @property
    def places(self) -> dict[str, Place]:
        """Where each claim stands, and each row of a registry, of the sources and of the acknowledgements."""
        return {**self.reader.rows, **{claim.claim_id: claim.place for claim in self.claims}}


def read(layout: Layout, specs: dict[str, Spec], only: Path | None = None, more: Iterable[Part] = (),
         most: float = inf) -> Curation:  # fmt: skip
    """Return the claims, registries, corrections and preferences of a repository; of one claim file if `only` names it.

    `more` are claims in bulk beside those of the repository; all of them are left to `Pieces` if they are on more than
    `most` lines. Of one
    file, corrections and preferences of others are left out.
    """
    reader = ClaimReader(layout, specs, kind_schemas(specs))
    registries = read_registries(reader)
    claims = reader.files(only, more, most)
    corrections, preferences = read_corrections(reader)
    if only:
        named = {claim.claim_id for claim in claims}
        corrections = [c for c in corrections if c.row["claim_id"] in named]
        preferences = [p for p in preferences if p.row["claim_id"] in named]
        reader.unread |= {claim for c in corrections for claim in c.row["evidence"].split()}  # of the other files
    return Curation(reader, registries, claims, corrections, preferences, whole=only is None)


def correct(curation: Curation) -> list[Claim]:
    """Return the claims with corrections and preferences applied; a guard that does not hold is a finding."""
    return corrected(curation.reader, curation.claims, curation.corrections, curation.preferences)


def observe(curation: Curation, claims: list[Claim]) -> Rows:
    """Return the rows of every table that is not chosen from claims: observations, registries and records.

    Shape   per observation table, one row per key and claim
    """
    reader = curation.reader
    rows = said(curation, claims)
    rows["sources"] = source_rows(claims)
    decided = {
        "corrections": [c.row for c in curation.corrections],
        "preferences": [p.row for p in curation.preferences],
        "acknowledgements": read_acknowledged(reader, claims, whole=curation.whole),
    }
    for name, found in decided.items():  # what is decided of a claim that is set aside goes with it
        rows[name] = [row for row in found if row["claim_id"] not in reader.unread]
    places = curation.places
    if curation.whole and not reader.findings:  # what could not be read may hold what an event lacks
        known = curation.far.beside(rows) if curation.far else rows
        reader.findings += incomplete(known, reader.specs, defaultdict(lambda: Place("")) if curation.far else places)
    return {**rows, **curation.registries.rows}


def said(curation: Curation, claims: list[Claim]) -> Rows:
    """Return the rows of claims: of the table of claims, and per observation table one per key and claim."""
    elsewhere = curation.far.seats if curation.far else frozenset()
    rows = observed(curation.reader, claims, curation.registries, elsewhere)
    rows["claims"] = [claim_row(claim) for claim in claims]
    curation.reader.findings += _twins(rows, curation.reader.specs, {claim.claim_id: claim.place for claim in claims})
    return rows


def set_aside(curation: Curation) -> list[Finding]:
    """Leave out the claims in bulk in which something is wrong, and return the findings, one or more for each.

    What is wrong with a file as a whole, with other files, or with them together stays a finding of the curation.
    """
    reader = curation.reader
    aside = [f for f in reader.findings if f.place.file in reader.many and f.place.line]
    bad = reader.aside | {f.place for f in aside}
    for claim in curation.claims if bad else ():
        if claim.source.place in bad and claim.place not in bad:
            message = f"the source '{claim.source.source_id}' is left out"
            aside.append(Finding(rule="unread-source", message=message, place=claim.place, claim_id=claim.claim_id))
    bad |= {f.place for f in aside}
    reader.aside |= {f.place for f in aside}
    reader.unread |= {claim.claim_id for claim in curation.claims if claim.place in bad}
    curation.claims[:] = [claim for claim in curation.claims if claim.place not in bad]
    reader.findings[:] = [f for f in reader.findings if f.place not in bad]
    return aside


def _twins(rows: Rows, specs: Mapping[str, Spec], places: Mapping[str, Place]) -> list[Finding]:
    """Return a finding for every claim that says the same thing twice, such as a person listed twice."""
    found = []
    for name, table in rows.items():
        seen, columns = set(), specs[name].key
        for row in table if name.startswith(PREFIX) else []:
            key = tuple(map(row.get, columns))
            if key in seen and None not in key:  # a name that was not found has its own finding
                claim_id, about = row["claim_id"], ", ".join(map(str, key[:-1]))
                message = f"the claim gives {about} of {name.removeprefix(PREFIX)} twice; leave one out"
                place = places[claim_id]
                found.append(Finding(rule="duplicate-row", message=message, place=place, claim_id=claim_id, table=name))
            seen.add(key)
    return found
