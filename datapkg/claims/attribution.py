"""Whose claim it is, and how its page comes by it: what the policy weighs before anything else.

A voice is who counts or knows: whom the source names, else its publisher. A person who speaks for one firm is that
firm.

Source  docs/design.md, "From claims to facts"
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from datetime import date
from typing import Any

from datapkg.claims.claim import Claim, Source
from datapkg.claims.registries import Registries
from datapkg.model import Period, Spec, Written, period

SUBJECTS = ("company_id", "person_id")
"""Columns that say whom a row is about."""


Seats = Set[tuple[str, str]]
"""Persons and the companies in which they hold offices."""


def seats(claims: Iterable[Claim], registries: Registries) -> Seats:
    """Return who holds an office where, by the claims."""
    found: set[tuple[str, str]] = set()
    for claim in claims:
        if claim.kind == "position":
            with suppress(ValueError, KeyError):  # what cannot be resolved has a finding of its own
                person = registries.resolve("people", claim.values["person"])
                found.add((person, registries.resolve("companies", claim.values["company"])))
    return found


def firms(held: Seats) -> dict[str, str]:
    """Return the company of each person who holds offices in one company alone."""
    companies: dict[str, set[str]] = defaultdict(set)
    for person, company in held:
        companies[person].add(company)
    return {person: next(iter(where)) for person, where in companies.items() if len(where) == 1}


class Attribution:
    """Gives claims their voices; knows the registries, and the firms that persons speak for."""

    def __init__(self, registries: Registries, firms: Mapping[str, str]) -> None:
        self.registries, self.firms = registries, firms
        self.sources: dict[Source, tuple[str, Period, str, date]] = {}
        """Per source, whose page it is, when it was published, its tier, and from when on it was known."""
        self.leads = {row["market_id"]: row.get("lead_voice") for row in registries.rows.get("markets", [])}
        self.parents = {row["company_id"]: row.get("parent_id") for row in registries.rows.get("companies", [])}

    def columns(self, claim: Claim, row: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
        """Return the columns of an observation that say whose it is and of when."""
        source, said_by = claim.source, claim.common["said_by"]
        page, published, tier, known_from = self.sources.get(source) or self._page(source)
        voice = self.firms.get(said_by, said_by) if said_by else page
        lead = self.leads.get(row.get("market_id"))
        if lead and self.parents.get(voice) == lead:  # a division of the leading firm, such as DRAMeXchange
            voice = lead
        given = claim.common.get("vintage")
        when = period(given) if given else published
        return {
            "voice": voice,
            "tier": tier,
            "known_from": known_from,
            "attribution": self._attribution(claim, row, spec, voice, page),
            "lead": lead == voice,
            "vintage_from": when.start,
            "vintage": min(when.end, known_from),
        }

    def _page(self, source: Source) -> tuple[str, Period, str, date]:
        publisher = source.row["publisher"]
        page = source.source_id if publisher == "unknown" else self.registries.speaker(publisher)
        found = self.sources[source] = page, source.published, source.row["tier"], source.row["known_from"]
        return found

    def _attribution(self, claim: Claim, row: Mapping[str, Any], spec: Spec, voice: str, page: str) -> str:
        """Return own, named or unnamed: who passes on an event reports it, who passes on a figure repeats it."""
        tier, named = self.sources[claim.source][2], claim.common["said_by"] is not None
        if voice == page and (tier == "primary" or named or voice in [row.get(column) for column in SUBJECTS]):
            return "own"
        if named and "said_by" not in (claim.common["inferred"] or "").split():
            return "named"
        return "own" if not named and tier != "weak" and not spec.figures else "unnamed"


def inferred(claim: Claim, columns: Mapping[str, str], spec: Spec) -> str | None:
    """Return the columns of a table that the curator worked out; `columns` names the column of each field."""
    names = [columns.get(name, name) for name in (claim.common["inferred"] or "").split()]
    return " ".join(sorted((n for n in names if n in spec.columns), key=spec.columns.index)) or None


def decimals(row: Mapping[str, Any], spec: Spec) -> int | None:
    """Return the digits behind the point that the leading value of a row is written with."""
    for column in spec.leading.columns if spec.leading else ():
        value = row.get(column)
        if isinstance(value, Written):
            return value.decimals
    return None
