"""Where a claim stands in its source: a position in a text, the digest of a quote, or those of cells of a table."""

from __future__ import annotations

from typing import Any

from datapkg.claims.claim import Source
from datapkg.claims.reader import Reader
from datapkg.claims.yaml import Node
from datapkg.model import Field, Place

DIGEST = Field("quote_sha256", "string", "", "", constraints={"pattern": "[0-9a-f]{64}"})
"""What the digest of a passage, a cell or a file looks like."""


class AnchorReader(Reader):
    """Reads the anchors of claims."""

    def seen(self, given: dict[str, Node], source: Source, row: dict[str, Any], claim_id: str) -> bool | None:
        """Return whether a claim could be seen in the copy that the source was compared with."""
        seen: bool | None = self.value(given.get("seen"), self.specs["claims"].field("seen"), claim_id)
        if seen is None:
            return True if source.row.get("verified_on") else None
        if source.whole and source.row["verified_on"] is None:
            message = "'seen' says what a comparison showed; give the source 'verified': {on, against, whole}"
            self.note("missing-field", message, given["seen"].place, claim_id)
        if not seen and row["quote_sha256"]:
            message = "the claim has the digest of its passage, so it was seen; leave out 'seen' or the anchor"
            self.note("wrong-value", message, given["seen"].place, claim_id)
        return seen

    def position(self, given: dict[str, Node], source: Source, quote: str | None, claim_id: str) -> dict[str, Any]:
        """Return the columns of a position, checked against the length of the text; the digest is that of the quote."""
        row = {"char_start": None, "char_end": None, "quote_sha256": quote}
        at, sha = given.get("at"), given.get("quote_sha256")
        if quote and (at or sha):
            message = "a claim has one anchor: 'quote', or 'at' with 'quote_sha256' where the whole text is held"
            self.note("wrong-value", message, given["quote"].place, claim_id)
            return row
        if at is None or at.value is None:
            if source.chars is not None:
                message = "the source has a text, so its claims need 'at': [start, end], the place of the passage in it"
                self.note("missing-anchor", message, given["claim"].place, claim_id)
            elif sha and sha.value is not None:
                message = "'quote_sha256' is the digest of a passage; give its place with 'at', or 'quote' for both"
                self.note("missing-anchor", message, sha.place, claim_id)
            return row
        pair = at.plain()
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair)):
            self.note("wrong-type", "at: expected two whole numbers [start, end], in code points", at.place, claim_id)
            return row
        start, end = pair
        if source.chars is None:
            if source.whole:
                message = "at: the source has no 'text' that a position could count in; add one, or leave 'at' out"
                self.note("anchor-outside", message, at.place, claim_id)
        elif not 0 <= start < source.chars or not end <= source.chars:
            message = f"at: [{start}, {end}] lies outside the text of {source.chars} code points"
            self.note("anchor-outside", message, at.place, claim_id)
        elif end <= start:
            wrong = f"ends before it begins; did you mean [{end}, {start}]?"
            wrong = wrong if end < start else "is empty; the end is the position after the last character"
            self.note("anchor-reversed", f"at: [{start}, {end}] {wrong}", at.place, claim_id)
        if sha is None or sha.value is None:
            step = f"datapkg source check {source.source_id} TEXT --write"
            message = f"an anchor needs 'quote_sha256'; add it with: {step}"
            self.note("anchor-without-digest", message, at.place, claim_id)
        return {"char_start": start, "char_end": end, "quote_sha256": self.value(sha, DIGEST, claim_id)}

    def cells(self, given: dict[str, Node], source: Source, place: Place, claim_id: str) -> dict[str, Any]:
        """Return the columns of an anchor in a table: the file, the key of the row, its columns and their digests."""
        row: dict[str, Any] = dict.fromkeys(("file_sha256", "row_key", "cell_columns", "cell_sha256"))
        anchor = given.get("cells")
        if anchor is None or anchor.value is None:
            if source.table:
                self.note(
                    "missing-anchor", "a claim of a table needs 'cells': {row: ..., columns: {...}}", place, claim_id
                )
            return row
        found = anchor.plain()
        key, columns = (found.get("row"), found.get("columns")) if isinstance(found, dict) else (None, None)
        if not (isinstance(key, str) and key and isinstance(columns, dict) and columns):
            message = "cells: expected {row: the key of the row, columns: {column: digest of the cell}}"
            self.note("wrong-type", message, anchor.place, claim_id)
            return row
        if source.whole and not source.table:
            message = "'cells' anchors a claim of a table, whose source is in data/raw/datasets; leave it out"
            self.note("wrong-value", message, anchor.place, claim_id)
        digests = [self.value(node, DIGEST, claim_id) for node in anchor.value["columns"].value.values()]
        told = {"cell_columns": " | ".join(columns), "cell_sha256": " ".join(digest or "" for digest in digests)}
        return {"file_sha256": source.table, "row_key": key, **told}
