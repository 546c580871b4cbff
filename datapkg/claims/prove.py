"""Prove the claims of a source against a copy of its page.

A claim is anchored by a position in a text that the curator holds whole (`at` and `quote_sha256`), or by the digest of
a quote alone (`quote`), where only a part of the page could be read. Quotes themselves never enter the repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datapkg.claims.copies import Copy, read_copy
from datapkg.claims.edit import ClaimFile
from datapkg.claims.yaml import Node
from datapkg.model import (
    SHORTEST,
    ConfigError,
    Layout,
    Place,
    Quote,
    UsageError,
    digest,
    find,
    holds_enough,
    places,
    quote_digest,
)

LONGEST = 1000
"""Characters that a quote without a position has at most; a longer one is more than a claim needs."""
PROVEN = frozenset({"exact", "moved", "found", "several"})
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor against one copy.

    A position is exact, moved, missing, or unproven while it has no digest; a quote is found, at several places, or
    missing, and unproven while there is no copy.
    """

    claim_id: str
    state: str
    place: Place
    at: Span | None = None
    """The position that the claim file gives."""
    found: tuple[Span, ...] = ()
    """Where the passage stands in the copy."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The anchors of a source, the copy that they were looked for in, if any, and the claims with their fields."""

    file: ClaimFile
    copy: Copy | None
    anchors: list[Anchor]

    @property
    def holds(self) -> bool:
        """Whether every anchor was found."""
        return all(anchor.state in PROVEN for anchor in self.anchors)

    def says(self, anchor: Anchor) -> str:
        """Return the claim of an anchor in a line: its name and what it says."""
        name = anchor.claim_id.partition("/")[2]
        says = self.file.claims[name].get("says")
        return f"{name}: {says.value if says else None}"

    @property
    def another(self) -> str:
        """What to say of a copy in which no anchor is, empty if one is."""
        lost = [anchor for anchor in self.anchors if anchor.state == "missing"]
        return another(self.file, self.copy, len(lost)) if self.copy and lost == self.anchors != [] else ""


def check_anchors(layout: Layout, source_id: str, path: Path, write: bool = False) -> Proof:
    """Return where each anchor of a source stands in a copy of its page.

    With `write` the claim file takes over this copy: its digest and length, new positions, missing digests.
    Raises  NotFound for an unknown source or a missing copy, UsageError for a copy whose text cannot be had, or if
            `write` would lose an anchor
    """
    file = ClaimFile(layout, source_id)
    copy = read_copy(path)
    same = _held(file) in (None, digest(copy.text))
    quotes = {name: quote for name, fields in file.claims.items() if (quote := _quote(fields))}
    found = places(copy.text, quotes.values())
    anchors = []
    for name, fields in file.claims.items():
        claim_id = f"{source_id}/{name}"
        if at := _at(fields):
            anchors.append(_positioned(claim_id, fields, at, copy.text, same))
        elif name in quotes:
            spans = tuple(found[quotes[name]])
            state = "missing" if not spans else "found" if len(spans) == 1 else "several"
            anchors.append(Anchor(claim_id, state, fields["quote"].place, found=spans))
    if write:
        _take_over(file, copy, anchors)
    return Proof(file, copy, anchors)


def another(file: ClaimFile, copy: Copy, many: int) -> str:
    """Return what to say of a copy that holds none of the quotes of a source."""
    address = file.source["url"].value if "url" in file.source else None
    return f"none of {many} quotes is in {copy.name}, which {copy.begins}; is it {address or 'the page'}?"


def _held(file: ClaimFile) -> str | None:
    """Return the digest of the text that the positions of a claim file count in."""
    node = file.source.get("text")
    text = node.plain() if node else None
    if not isinstance(text, dict | None):
        raise ConfigError(f"{file.name}: expected a block 'source' with text: {{sha256: ..., chars: ...}}")
    return (text or {}).get("sha256")


def _at(fields: dict[str, Node]) -> Span | None:
    """Return the position of a claim, if it is well formed; `datapkg check` reports the others."""
    pair = fields["at"].plain() if "at" in fields else None
    if isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair):
        return pair[0], pair[1]
    return None


def _quote(fields: dict[str, Node]) -> Quote | None:
    """Return the digest of a claim's quote, if it is well formed."""
    given: Any = fields["quote"].plain() if "quote" in fields else None
    if isinstance(given, dict) and isinstance(given.get("sha256"), str) and type(given.get("chars")) is int:
        return Quote(given["sha256"], given["chars"]) if SHORTEST <= given["chars"] <= LONGEST else None
    return None


def _positioned(claim_id: str, fields: dict[str, Node], at: Span, text: str, same: bool) -> Anchor:
    """Return where a passage stands of which the claim gives a position."""
    (start, end), place, sha = at, fields["at"].place, fields.get("quote_sha256")
    if sha is None or not isinstance(sha.value, str):
        inside = same and 0 <= start < end <= len(text) and holds_enough(text[start:end])
        return Anchor(claim_id, "unproven", place, at, (at,)) if inside else Anchor(claim_id, "missing", place, at)
    found = find(text, start, end, sha.value)
    return Anchor(claim_id, found.state, place, at, () if found.state == "missing" else ((found.start, found.end),))


def _take_over(file: ClaimFile, copy: Copy, anchors: list[Anchor]) -> None:
    """Write positions, digests and the copy that they count in to the claim file."""
    lost = [a for a in anchors if a.state == "missing"]
    if lost:
        raise UsageError(
            f"{len(lost)} anchors of {file.source_id} are not in {copy.name}, first {lost[0].claim_id}; "
            "nothing was written. Correct them by hand, or use the text that the positions count in"
        )
    positioned = [anchor for anchor in anchors if anchor.at]
    if not positioned:
        raise UsageError(
            f"no claim of {file.source_id} has a position ('at'); nothing was written. Digests of quotes are written "
            "from a list: --write QUOTES.csv"
        )
    for anchor in positioned:
        ((start, end),) = anchor.found
        fields = file.claims[anchor.claim_id.partition("/")[2]]
        file.put(anchor.place, "at", f"[{start}, {end}]")
        if anchor.state == "unproven":
            sha = quote_digest(copy.text[start:end])
            if "quote_sha256" in fields:
                file.put(fields["quote_sha256"].place, "quote_sha256", sha)
            else:
                file.add_below(anchor.place, "at", "quote_sha256", sha)
    held = f"{{sha256: {digest(copy.text)}, chars: {len(copy.text)}}}"
    if "text" in file.source:
        file.put(file.source["text"].place, "text", held)
    else:
        file.add_first(file.root["source"], "source", "text", held)
    file.save()
