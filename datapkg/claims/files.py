"""Claim files, read strictly: the block of a source and its claims, from YAML or beside a map as JSON Lines."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from math import inf
from pathlib import Path

from datapkg.claims.addresses import same_page
from datapkg.claims.anchored import DIGEST
from datapkg.claims.batches import Batch, counted
from datapkg.claims.bulk import claim_nodes
from datapkg.claims.bulkreader import BulkReader
from datapkg.claims.claim import Claim, Source
from datapkg.claims.kept import Kept
from datapkg.claims.mapfile import PARTS
from datapkg.claims.strays import strays
from datapkg.claims.yaml import Node, Refused
from datapkg.model import Part, Place, limits, parts, row_name


class ClaimReader(BulkReader):
    """Reads claim files; `findings` collects what is wrong."""

    batches: Generator[Batch] | None = None
    rest: Iterator[Batch] | None = None
    """Claims in bulk that are too many to be held, and so are still to be read; None if all were."""

    def files(self, only: Path | None = None, more: Iterable[Part] = (), most: float = inf) -> list[Claim]:
        """Return the claims of every file in the claims folder, in bulk and in `more` parts, or of one file.

        Shape  one claim per entry, in order of file and place; those in bulk are left in `rest` if they are on more
               than `most` lines or rows
        """
        folders = (self.layout.claims, self.layout.datasets)
        paths = [only] if only else [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
        for path, wanted in () if only else strays(self.layout, self.specs):
            step = f"rename it to {self.layout.relative(wanted)}" if wanted else "move it out of data/raw"
            self.note("stray-file", f"nothing reads this file; {step}", Place(self.layout.relative(path)))
        inside = [] if only else parts.below(self.layout.bulk)
        many = [*(parts.at(path, self.layout.relative(path)) for path in inside), *more]
        if not paths and not many:
            folder = self.layout.relative(self.layout.claims)
            missing = "has no claim files" if self.layout.claims.is_dir() else "does not exist"
            self.note("no-claims", f"{folder} {missing}; start one with: datapkg source new URL", Place(folder))
        kept = None if only else Kept.of_user(self.layout.schema_files.values(), paths)
        found = [claim for path in paths for claim in (self._kept(path, kept) if kept else self.file(path))]
        if kept:
            kept.save()
        self.batches = self.bulk(many, {claim.source.source_id: claim.source.place for claim in found} if many else {})
        ahead = _ahead(self.batches, most) if most < inf else []
        if sum(map(counted, ahead)) > most:
            self.rest = chain(ahead, self.batches)
        else:
            found += [claim for batch in chain(ahead, self.batches) for claim in self.claims(batch)]
            self.unnamed()
            self.same_pages(claim.source for claim in found)
        return self.once(found, {})

    def end(self) -> None:
        """Close the file in bulk that is still open, if no more claims are wanted of it."""
        if self.batches is not None:
            self.batches.close()

    def once(self, claims: Iterable[Claim], places: Mapping[str, Place]) -> list[Claim]:
        """Return the claims whose ids nobody gave before, in `places` or among them; the others are noted."""
        first: dict[str, Claim] = {}
        for claim in claims:
            twin = places.get(claim.claim_id) or first.setdefault(claim.claim_id, claim).place
            if twin is not claim.place:
                self.note("duplicate-claim", f"claim id is taken; first given at {twin}", claim.place, claim.claim_id)
        return list(first.values())

    def _kept(self, path: Path, kept: Kept) -> list[Claim]:
        """Return the claims of one file as they were read before, or else read and kept for the next time."""
        name, before = self.layout.relative(path), len(self.findings)
        key = kept.key(name, [path, *([path.with_suffix(".jsonl")] if path.parent == self.layout.datasets else [])])
        claims = kept.claims(key, name)
        if claims:
            source = claims[0].source
            self.rows[row_name("sources", source.row, ("source_id",))] = source.place
            return claims
        claims = self.file(path)
        if len(self.findings) == before:
            kept.keep(key, claims)
        return claims

    def same_pages(self, sources: Iterable[Source]) -> None:
        """Report every source whose page is that of another, published at the same time: some pages are rewritten."""
        first: dict[str, Source] = {}
        for source in dict.fromkeys(sources):
            url = source.row["url"]
            twin = first.setdefault(same_page(url), source) if url else source
            apart = twin.published.end < source.published.start or source.published.end < twin.published.start
            if twin is not source and not apart:
                message = f"{url} is the page of {twin.source_id} too; put the claims of one page into one file"
                self.note("same-page", message, source.place)

    def file(self, path: Path) -> list[Claim]:
        """Return the claims of one file."""
        before = len(self.findings)
        root = self.document(path)
        if len(self.findings) > before:
            self.unread.add(path.stem)
            return []
        whole = Place(self.layout.relative(path))
        mapped = path.parent == self.layout.datasets
        self.unknown(root, PARTS if mapped else PARTS[::2], "a map" if mapped else "a claim file", root)
        source = self.source(root.get("source"), whole, path.stem)
        if mapped:
            source = replace(source, table=self._table(root.get("table"), whole))
        given = self._lines(path) if mapped else self._listed(root.get("claims", Node(None, whole)))
        if len(given.value) > limits.CLAIMS:
            message = f"{len(given.value):,} claims; at most {limits.CLAIMS:,} of one source are read, split the file"
            self.note("file-too-large", message, given.place)
            given = replace(given, value=[])
        if not given.value:
            self.unread.add(source.source_id)
        claims = [claim for node in given.value if (claim := self.claim(node, source))]
        return claims if source.whole else []

    def _listed(self, node: Node) -> Node:
        """Return the list of claims of a claim file, empty if there is none."""
        if isinstance(node.value, list) and node.value:
            return node
        self.note("missing-field", "expected a list of claims under 'claims'", node.place)
        return replace(node, value=[])

    def _lines(self, path: Path) -> Node:
        """Return the list of claims beside a map, empty if they cannot be had."""
        file = path.with_suffix(".jsonl")
        place = Place(self.layout.relative(file))
        try:
            nodes = claim_nodes(file, place.file)
        except Refused as refused:
            self.findings.append(refused.finding)
            return Node([], place)
        for node in nodes:
            self.texts(node)
        if not nodes:
            self.note("missing-field", "expected a claim on each line; make them with: datapkg source import", place)
        return Node(nodes, place)

    def _table(self, node: Node | None, whole: Place) -> str | None:
        """Return the digest of the table that a map is for."""
        given = node.value.get("sha256") if node and isinstance(node.value, dict) else None
        if given is None:
            self.note("missing-field", "a map needs 'table' with file, sha256 and key", node.place if node else whole)
        digest: str | None = self.value(given, DIGEST)
        return digest


def _ahead(batches: Iterable[Batch], most: float) -> list[Batch]:
    """Return all batches, or so many of the first that they have more than `most` lines and rows."""
    held, rows = list[Batch](), 0
    for batch in batches:
        held.append(batch)
        rows += counted(batch)
        if rows > most:
            break
    return held
