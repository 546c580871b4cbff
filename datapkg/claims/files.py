"""Claim files, read strictly: every key is known, every value typed, every mistake reported with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from datapkg.claims.addresses import same_page
from datapkg.claims.anchored import DIGEST, AnchorReader
from datapkg.claims.bulk import claim_nodes
from datapkg.claims.claim import Claim, Source
from datapkg.claims.kept import Kept
from datapkg.claims.kindschema import did_you_mean_slug, read_claim_values
from datapkg.claims.mapfile import PARTS
from datapkg.claims.strays import strays
from datapkg.claims.yaml import Node, Refused
from datapkg.model import DEVICE, Field, Place, Spec, did_you_mean, limits, period, row_name

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
COMMON = (
    "claim",
    "says",
    "at",
    "quote_sha256",
    "certainty",
    "quote",
    "cells",
    "seen",
    "said_by",
    "vintage",
    "inferred",
)
BLOCKS = {
    "text": {"sha256": "text_sha256", "chars": "text_chars"},
    "verified": {"on": "verified_on", "against": "verified_against", "whole": "verified_whole"},
}
"""Mappings of the source block: the column of `sources` that each of their keys fills."""
QUOTE = {"sha256": "quote_sha256", "chars": "quote_chars"}
"""The same for the quote of a claim, and `claims`."""


def not_on_windows(source_id: str) -> str:
    """Return what is wrong with the name of a device as that of a file."""
    return f"Windows holds no file called '{source_id}.yaml'; choose another id, such as {source_id}-2024"


class ClaimReader(AnchorReader):
    """Reads claim files against the schemas of their kinds; `findings` collects what is wrong."""

    def files(self, only: Path | None = None) -> list[Claim]:
        """Return the claims of every file in the claims folder, or of one file.

        Shape  one claim per entry, in order of file and place
        """
        folders = (self.layout.claims, self.layout.datasets)
        paths = [only] if only else [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
        for path, wanted in () if only else strays(self.layout, self.specs):
            step = f"rename it to {self.layout.relative(wanted)}" if wanted else "move it out of data/raw"
            self.note("stray-file", f"nothing reads this file; {step}", Place(self.layout.relative(path)))
        if not paths:
            folder = self.layout.relative(self.layout.claims)
            missing = "has no claim files" if self.layout.claims.is_dir() else "does not exist"
            self.note("no-claims", f"{folder} {missing}; start one with: datapkg source new URL", Place(folder))
        kept = None if only else Kept.of_user(self.layout.schema_files.values(), paths)
        found = [claim for path in paths for claim in (self._kept(path, kept) if kept else self.file(path))]
        if kept:
            kept.save()
        self._same_pages(claim.source for claim in found)
        first: dict[str, Claim] = {}
        for claim in found:
            twin = first.setdefault(claim.claim_id, claim)
            if twin is not claim:
                message = f"claim id is taken; first given at {twin.place}"
                self.note("duplicate-claim", message, claim.place, claim.claim_id)
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

    def _same_pages(self, sources: Iterable[Source]) -> None:
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
        source = self.source(root.get("source"), path, whole)
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

    def source(self, node: Node | None, path: Path, whole: Place) -> Source:
        """Return the source block of a file, not whole if no claim can rest on it; what is wrong is noted."""
        if node is None or not isinstance(node.value, dict):
            self.note("missing-field", "expected a block 'source' with source_id, title, publisher ...", whole)
            self.unread.add(path.stem)
            return Source(path.stem, {}, whole, whole=False)
        given, spec = node.value, self.specs["sources"]
        fields = written(spec)
        self.unknown(given, [*(f.name for f in fields), "inferred", *BLOCKS], "source", given)
        row = {f.name: self.value(given.get(f.name), f) for f in fields}
        row["inferred"] = self.names(given.get("inferred"), [n for n in row if row[n]])
        for name, columns in BLOCKS.items():
            row |= self.block(given.get(name), name, _fields(spec, columns))
        for f in fields:
            if f.required and (f.name not in given or given[f.name].value is None):
                self.note("missing-field", f"source needs '{f.name}': {f.description}", node.place)
        if row["text_sha256"] is None and "text" not in given and row["url"] is None:
            self.note("missing-field", "source needs 'url', or 'text' with the digest of a text held", node.place)
        source_id = row["source_id"]
        if source_id and source_id != path.stem:
            message = f"source_id '{source_id}' does not match the file name; expected {source_id}.yaml"
            self.note("source-file-name", message, given["source_id"].place)
        if re.fullmatch(DEVICE, path.stem):
            self.note("source-file-name", not_on_windows(path.stem), whole)
        text = "text" in given and given["text"].value is not None
        if (text and row["text_chars"] is None) or any(row[f.name] is None for f in fields if f.required):
            self.unread |= {path.stem, source_id or path.stem}
            return Source(source_id or path.stem, row, node.place, whole=False)
        read, published = row["retrieved"], period(row["published"])
        if read and published.start > period(read).end:
            message = f"published: {published} is after {read}, on which the page was read ('retrieved')"
            self.note("wrong-value", message, given["published"].place)
        days = [published.end, *([period(read).end] if read else [])]
        row["known_from"] = min(days)  # a page that gives its year alone was there when it was read
        self.rows[row_name("sources", row, ("source_id",))] = node.place
        return Source(source_id, row, node.place)

    def claim(self, node: Node, source: Source) -> Claim | None:
        """Return one claim, or None if it cannot be used; what is wrong is noted."""
        if not isinstance(node.value, dict):
            self.note("wrong-type", "expected a claim with fields such as claim, says, certainty", node.place)
            return None
        given = node.value
        name = given["claim"].value if "claim" in given else None
        if not isinstance(name, str) or not SLUG.fullmatch(name):
            near = did_you_mean_slug(name) if isinstance(name, str) else ""
            found = "nothing" if name is None else f"'{name}'" if isinstance(name, (str, int, float)) else "no text"
            message = f"a claim needs 'claim': a name of small letters, digits and hyphens; found {found}{near}"
            self.note("wrong-value", message, given.get("claim", node).place)
            return None
        claim_id, before = f"{source.source_id}/{name}", len(self.findings)
        self.unread.add(claim_id)
        kind = self._kind(given, node.place, claim_id)
        common = self._common(given, source, node.place, claim_id)
        if kind is None:
            return None
        values, problems = read_claim_values(given[kind], self.kinds[kind])
        for rule, message, place in problems:
            self.note(rule, message, place, claim_id)
        worked_out = [*values, *(name for name in ("said_by", "vintage") if common[name])]
        common["inferred"] = self.names(given.get("inferred"), worked_out, claim_id)
        if len(self.findings) > before:
            return None
        self.unread.discard(claim_id)
        places = {n: child.place for n, child in [*given.items(), *given[kind].value.items()]}
        return Claim(claim_id, source, kind, values, places, node.place, common)

    def _kind(self, given: dict[str, Node], place: Place, claim_id: str) -> str | None:
        """Return the one kind key of a claim."""
        kinds = [name for name in given if name in self.kinds]
        others = [name for name in given if name not in self.kinds and name not in COMMON]
        for name in others:
            near = did_you_mean(name, [*COMMON, *self.kinds]) or f"; claim kinds are {', '.join(sorted(self.kinds))}"
            self.note("unknown-field", f"a claim has no field '{name}'{near}", given[name].named, claim_id)
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            message = f"a claim has one kind, found {' and '.join(kinds)}; make it {len(kinds)} claims"
            self.note("two-kinds", message, given[kinds[1]].named, claim_id)
        elif not others:
            self.note("no-kind", f"a claim needs one of {', '.join(sorted(self.kinds))}", place, claim_id)
        return None

    def _common(self, given: dict[str, Node], source: Source, place: Place, claim_id: str) -> dict[str, Any]:
        """Return what every claim has: says, certainty, said_by and the anchor."""
        spec = self.specs["claims"]
        row: dict[str, Any] = {}
        for name in ("says", "certainty"):
            row[name] = self.value(given.get(name), spec.field(name), claim_id)
            if name not in given or given[name].value is None:
                self.note(
                    "missing-field",
                    f"a claim needs '{name}': {spec.field(name).description}",
                    place,
                    claim_id,
                )
        said_by = given.get("said_by") or Node(None, place)
        if said_by.value is not None and not (isinstance(said_by.value, str) and said_by.value.strip()):
            self.note("wrong-type", "said_by: expected the name of a company or person", said_by.place, claim_id)
        row["said_by"] = said_by.value
        row["vintage"] = self.value(given.get("vintage"), spec.field("vintage"), claim_id)
        row |= self.block(given.get("quote"), "quote", _fields(spec, QUOTE), claim_id)
        row |= self.position(given, source, row["quote_sha256"], claim_id)
        row |= self.cells(given, source, place, claim_id)
        row["seen"] = self.seen(given, source, row, claim_id)
        return row


def written(spec: Spec) -> list[Field]:
    """Return the columns of `sources` that a source block gives under their own names."""
    others = {"known_from", "claims", "inferred", *(name for columns in BLOCKS.values() for name in columns.values())}
    return [f for f in spec.fields if f.name not in others]


def _fields(spec: Spec, columns: dict[str, str]) -> dict[str, Field]:
    return {key: spec.field(name) for key, name in columns.items()}
