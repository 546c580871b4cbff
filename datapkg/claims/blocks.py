"""The blocks of a source and of its claims, wherever they came from: every key is known, every value typed.

Every mistake is noted with the place at which the block has it.
"""

from __future__ import annotations

import re
from typing import Any

from datapkg.claims.anchored import AnchorReader
from datapkg.claims.claim import Claim, Source
from datapkg.claims.kindschema import did_you_mean_slug, read_claim_values
from datapkg.claims.yaml import Node
from datapkg.model import DEVICE, Field, Place, Spec, did_you_mean, period, row_name

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


class BlockReader(AnchorReader):
    """Reads the blocks of sources and claims against the schemas of their kinds; `findings` collects what is wrong."""

    def source(self, node: Node | None, whole: Place, file: str | None = None) -> Source:
        """Return a source of its block, not whole if no claim can rest on it; what is wrong is noted.

        `whole` is where it was to be had; `file`, what the file is called that is about it alone.
        """
        if node is None or not isinstance(node.value, dict):
            self.note("missing-field", "expected a block 'source' with source_id, title, publisher ...", whole)
            self.unread.add(file or "")
            return Source(file or "", {}, whole, whole=False)
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
        if source_id and source_id != (file or source_id):
            message = f"source_id '{source_id}' does not match the file name; expected {source_id}.yaml"
            self.note("source-file-name", message, given["source_id"].place)
        if re.fullmatch(DEVICE, file or ""):
            self.note("source-file-name", not_on_windows(file or ""), whole)
        text = "text" in given and given["text"].value is not None
        if (text and row["text_chars"] is None) or any(row[f.name] is None for f in fields if f.required):
            named = source_id or file or ""
            self.unread |= {file or named, named}
            return Source(named, row, node.place, whole=False)
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
