"""Claims in bulk: each in a line or row of its own, which names its source, and the sources likewise beside them.

A claim is as it is in a claim file, with `source_id`. What is as it should be is read at once; any other claim is read
as those of claim files are, so that what is wrong with it is told in the same words.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import IO, Any

from datapkg.claims.batches import Batch, batches, records
from datapkg.claims.blocks import BlockReader
from datapkg.claims.bulk import node
from datapkg.claims.claim import Claim, Columns, Source
from datapkg.claims.kindschema import KindSchema
from datapkg.claims.shortcut import Shortcut
from datapkg.claims.yaml import Node
from datapkg.model import Finding, Layout, Part, Place, Spec, did_you_mean


class BulkReader(BlockReader):
    """Reads files of many claims; `findings` collects what is wrong with them."""

    size, done = 0, 0
    opened: IO[bytes] | None = None

    def __init__(self, layout: Layout, specs: dict[str, Spec], kinds: dict[str, KindSchema]) -> None:
        super().__init__(layout, specs, kinds)
        self.known: dict[str, Source] = {}
        """The sources in bulk by their ids."""
        self.named: set[str] = set()
        """Those of them, and others, that claims in bulk name."""
        self.missing: dict[str, str] = {}
        """Sources that claims cannot rest on, and what is told of each."""
        self.ended: set[str] = set()
        """Files in bulk of which nothing more can be read."""

    @cached_property
    def shortcut(self) -> Shortcut:
        """What reads claims that are as they should be."""
        return Shortcut(self)

    def bulk(self, parts: Iterable[Part], taken: Mapping[str, Place]) -> Generator[Batch]:
        """Return the claims of some parts in batches, for `claims`, in order of file and place, and read the sources.

        `taken` are sources with claim files.
        """
        ordered = {part.name: replace(part, open=partial(self._opened, part)) for part in parts}
        self.many |= set(ordered)
        self.size = sum(part.size for part in ordered.values())
        self.known = self._sources([part for part in ordered.values() if part.sources], taken)
        return batches([part for part in ordered.values() if not part.sources])

    def claims(self, batch: Batch) -> list[Claim]:
        """Return the claims of a batch; what is wrong with the others is noted."""
        claims: list[Claim] = []
        known, shortcut, named = self.known, self.shortcut.claim, self.named
        for place, given in self._records([batch]):
            name = given.pop("source_id", None) if type(given) is dict else None
            source = known.get(name) if type(name) is str else None
            if source is None or not source.whole:
                self._lost(given, name, place)
                continue
            claim = shortcut(given, source, place) or self._told(given, source, place)
            if claim:
                claims.append(claim)
            named.add(source.source_id)
        return claims

    def unnamed(self) -> None:
        """Note the sources in bulk that no claim names, once all claims were read."""
        for name, source in self.known.items():
            if name not in self.named:
                self.note("missing-field", f"no claim in bulk names the source '{name}'; leave it out", source.place)

    @contextmanager
    def _opened(self, part: Part) -> Iterator[IO[bytes]]:
        with part.open() as file:
            self.opened = file
            yield file
        self.opened, self.done = None, self.done + part.size

    @property
    def progress(self) -> tuple[int, int]:
        """How many bytes in bulk were read, and how many there are, as far as that is known."""
        return min(self.size, self.done + (self.opened.tell() if self.opened else 0)), self.size

    def _records(self, given: Iterable[Batch]) -> Iterator[tuple[Place, Any]]:
        """Yield what stands in each line or row; what is wrong with the others is noted."""
        for batch in given:
            for found in records(batch, self.ended):
                if isinstance(found, Finding):
                    self.findings.append(found)
                else:
                    yield found

    def _sources(self, parts: Iterable[Part], taken: Mapping[str, Place]) -> dict[str, Source]:
        """Return the sources by their ids; what is wrong with them is noted."""
        sources: dict[str, Source] = {}
        columns: dict[tuple[str, ...], dict[str, int]] = {}
        for place, given in self._records(batches(parts)):
            block = self._node(given, place)
            source = self.source(block, place) if block else Source("", {}, place)
            if source.whole:
                names = tuple(source.row)
                places = columns.setdefault(names, {name: number for number, name in enumerate(names)})
                source = replace(source, row=Columns(places, source.row))
            first = taken.get(source.source_id) or sources.setdefault(source.source_id, source).place
            if source.source_id and first != place:
                self.note("duplicate-claim", f"source id is taken; first given at {first}", place)
        return {name: source for name, source in sources.items() if name}

    def _lost(self, given: Any, name: Any, place: Place) -> None:
        """Note why a claim has no source that can be used."""
        if not isinstance(given, dict):
            self.claim(Node(given, place), Source("", {}, place))
        elif not isinstance(name, str) or not name:
            self.note("missing-field", "a claim in bulk needs 'source_id', the source that it is of", place)
        else:
            if name not in self.missing:
                near = did_you_mean(name, self.known)
                wrong = "cannot be read" if name in self.known else f"is in no NAME.sources.jsonl{near}"
                self.missing[name] = f"the source '{name}' {wrong}"
            claim_id = f"{name}/{given.get('claim')}"
            self.named.add(name)
            self.unread.add(claim_id)
            self.note("unread-source", self.missing[name], place, claim_id)

    def _told(self, given: dict[str, Any], source: Source, place: Place) -> Claim | None:
        """Return a claim as those of claim files are read, None if it cannot be used; what is wrong is noted."""
        block = self._node(given, place)
        return self.claim(block, source) if block else None

    def _node(self, given: Any, place: Place) -> Node | None:
        try:
            block = node(given, place)
        except (ValueError, RecursionError):  # numbers of thousands of digits, lists in lists without end
            self.note("wrong-value", "a number or a list that is too long to be one", place)
            return None
        self.texts(block)
        return block
