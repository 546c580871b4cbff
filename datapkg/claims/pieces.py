"""Claims in bulk that are too many to be held at once: what they say is observed some at a time.

A claim that others bear on, or that bears on others, is kept back and becomes one of those that are looked at together,
after the rest: one that a correction, a preference or an acknowledgement names, one of an event that several claims
make together, one about an office, one of which the speaker is a person, whose firm the offices tell. So these alone
take memory, with eight bytes for each of the others.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from datapkg.claims.batches import Batch, file_of
from datapkg.claims.claim import Claim, Source
from datapkg.claims.curation import Curation, Rows, set_aside
from datapkg.claims.observer import Observed, Observer, Packed
from datapkg.model import Finding, Place, Spread, one_by_one

if TYPE_CHECKING:
    import numpy as np

MANY = 10_000
"""Findings after which no more claims are read: whoever has so many mends what makes them first."""
SOURCES = 10_000
"""Rows of sources that are made at once."""


@dataclass
class Pieces:
    """The claims of a curation that are still to be read, and what is known of them once they were."""

    curation: Curation
    pack: Callable[[Rows], Packed]
    """What rows become where batches are read; it and what it holds can be pickled."""
    quarantine: bool = False
    spread: Spread = one_by_one
    """What has batches read, here or elsewhere; what is made of each does not depend on it."""
    left: list[Finding] = field(default_factory=list)
    """What is wrong with claims that were left out."""
    sources: Counter[Source] = field(default_factory=Counter)
    """How many of the claims each source has."""
    twice: list[Claim] = field(default_factory=list)
    """Claims whose id seems to be taken; the place of the first that has it tells."""

    def packed(self) -> Generator[Packed]:
        """Yield what some of the claims say that are still to be read, and where these stand.

        Claims that are kept back are added to those of the curation.
        """
        reader, seen, ended, dealt = self.curation.reader, _Seen(), set[str](), deque[Batch]()
        seen.new([claim.claim_id for claim in self.curation.claims])
        self.left += set_aside(self.curation) if self.quarantine else []
        observer = Observer(self.curation, self.quarantine, self.pack)
        with closing(self.spread(observer, _noted(reader.rest or (), dealt))) as spread:
            for found in spread:
                batch = dealt.popleft()
                if any(file_of(piece) in ended for piece in batch):
                    found = observer(batch, ended=ended)
                new = seen.new(found.ids)
                if not all(new):  # as few are, a batch that has some is read again
                    found = observer(batch, {n for n, first in enumerate(new) if not first}, ended)
                ended |= found.ended
                self._take(found)
                yield found.packed
                if len(reader.findings) > MANY:
                    message = f"more than {MANY:,} findings; no more claims were read"
                    reader.note("too-many-findings", message, reader.findings[-1].place)
                    return
        reader.unnamed()

    def _take(self, found: Observed) -> None:
        """Take up what is known of one more batch."""
        reader = self.curation.reader
        for claim in (*found.apart, *found.twice):  # whose sources may be copies from another process
            claim.source = reader.known[claim.source.source_id]
        self.curation.claims.extend(found.apart)
        self.twice += found.twice
        self.sources.update({reader.known[name]: many for name, many in found.sources.items()})
        self.left += found.left
        reader.findings += found.findings
        reader.unread.difference_update(found.ids)
        reader.unread |= found.unread
        reader.aside |= found.aside
        reader.named |= found.named

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
        while rows := [{**source.row, "claims": many} for source, many in islice(pairs, SOURCES)]:
            yield rows


def _noted(batches: Iterable[Batch], dealt: deque[Batch]) -> Iterator[Batch]:
    for batch in batches:
        dealt.append(batch)
        yield batch


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
