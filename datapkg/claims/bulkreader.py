"""Claims in bulk: each in a line or row of its own, which names its source, and the sources likewise beside them.

A claim is as it is in a claim file, with `source_id`. What is as it should be is read at once; any other claim is read
as those of claim files are, so that what is wrong with it is told in the same words.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import IO, Any

from datapkg.claims.batches import SHAPES, records
from datapkg.claims.blocks import BlockReader
from datapkg.claims.bulk import node
from datapkg.claims.claim import Claim, Columns, Source
from datapkg.claims.shortcut import Shortcut
from datapkg.claims.yaml import Node
from datapkg.model import Finding, Part, Place, did_you_mean

BATCH = 10_000
"""Claims that are read before what they say is looked at."""


class BulkReader(BlockReader):
    """Reads files of many claims; `findings` collects what is wrong with them."""

    size, done = 0, 0
    opened: IO[bytes] | None = None

    def bulk(self, parts: Iterable[Part], taken: Mapping[str, Place]) -> Generator[list[Claim]]:
        """Yield the claims of some parts by BATCH, in order of file and place; `taken` are sources with claim files."""
        ordered = {part.name: replace(part, open=partial(self._opened, part)) for part in parts}
        self.many |= set(ordered)
        self.size = sum(part.size for part in ordered.values())
        sources = self._sources([part for part in ordered.values() if part.sources], taken)
        whole = {name: source for name, source in sources.items() if source.whole}
        shortcut, missing, named = Shortcut(self), dict[str, str](), set[str]()
        claims: list[Claim] = []
        for place, given in self._records([part for part in ordered.values() if not part.sources]):
            name = given.pop("source_id", None) if type(given) is dict else None
            source = whole.get(name) if type(name) is str else None
            if source is None:
                self._lost(given, name, place, sources, missing)
                continue
            claim = shortcut.claim(given, source, place) or self._told(given, source, place)
            if claim:
                claims.append(claim)
            named.add(source.source_id)
            if len(claims) == BATCH:
                yield claims
                claims = []
        named |= set(missing)
        for name, source in sources.items():
            if name not in named:
                self.note("missing-field", f"no claim in bulk names the source '{name}'; leave it out", source.place)
        yield claims

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

    def _records(self, parts: Iterable[Part]) -> Iterator[tuple[Place, Any]]:
        """Yield what stands in each line or row; what is wrong with the others is noted."""
        shapes: dict[str, SHAPES] = {}
        for part in parts:
            for found in records(part, shapes.setdefault(part.folder, {})):
                if isinstance(found, Finding):
                    self.findings.append(found)
                else:
                    yield found

    def _sources(self, parts: Iterable[Part], taken: Mapping[str, Place]) -> dict[str, Source]:
        """Return the sources by their ids; what is wrong with them is noted."""
        sources: dict[str, Source] = {}
        columns: dict[tuple[str, ...], dict[str, int]] = {}
        for place, given in self._records(parts):
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

    def _lost(
        self, given: Any, name: Any, place: Place, sources: Mapping[str, Source], missing: dict[str, str]
    ) -> None:
        """Note why a claim has no source that can be used; `missing` is what was told of sources before."""
        if not isinstance(given, dict):
            self.claim(Node(given, place), Source("", {}, place))
        elif not isinstance(name, str) or not name:
            self.note("missing-field", "a claim in bulk needs 'source_id', the source that it is of", place)
        else:
            if name not in missing:
                near = did_you_mean(name, sources)
                wrong = "cannot be read" if name in sources else f"is in no NAME.sources.jsonl{near}"
                missing[name] = f"the source '{name}' {wrong}"
            claim_id = f"{name}/{given.get('claim')}"
            self.unread.add(claim_id)
            self.note("unread-source", missing[name], place, claim_id)

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
