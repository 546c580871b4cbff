"""Claims that are as they should be, read in a fraction of the time: which fields there are is judged once for all.

What a value is worth in a column is remembered, since periods, names and words come again and again.
"""

from __future__ import annotations

import re
from typing import Any

from datapkg.claims.blocks import COMMON, QUOTE, SLUG, BlockReader
from datapkg.claims.bulk import node
from datapkg.claims.claim import Claim, Source
from datapkg.claims.kindschema import KindSchema, Property, read_property
from datapkg.claims.text import unfit
from datapkg.model import Field, Place

MOST = 1 << 16
"""Values of a column that are remembered."""
WRONG = object()
"""What a value is worth that has to be looked at again, to be told what is wrong with it."""
NOWHERE = Place("")
EMPTY = dict.fromkeys(
    ("quote_sha256", "quote_chars", "char_start", "char_end", "file_sha256", "row_key", "cell_columns", "cell_sha256")
)
"""Columns of an anchor that a claim lacks."""
_SHA = re.compile("[0-9a-f]{64}")
_QUOTE = {*QUOTE}
_SLOW = {"at", "quote_sha256", "cells", "seen"}
"""Fields of a claim that are always read with their places."""


class Memo(dict[tuple[type, Any], Any]):
    """What values are worth in a column, by their class and themselves: 1, True and "1" are not the same."""

    def __init__(self, prop: Property) -> None:
        self.prop = prop

    def __missing__(self, key: tuple[type, Any]) -> Any:
        """Return the worth of a value that was not seen before, WRONG if something is wrong with it."""
        value, problems = read_property(node(key[1], NOWHERE), self.prop)
        if problems or (isinstance(key[1], str) and unfit(key[1])):
            value = WRONG
        if len(self) >= MOST:
            self.clear()
        self[key] = value
        return value


class Shape:
    """Which fields claims of one shape have: their kind, and per field its name, its memo and whether it is needed."""

    def __init__(self, kind: KindSchema, names: tuple[str, ...], memos: dict[str, Memo]) -> None:
        self.kind = kind.kind
        self.defaults = {p.name: p.column.default for p in kind.properties.values() if p.column.default is not None}
        self.fields = [(name, memos[name], memos[name].prop.required) for name in names]


class Shortcut:
    """Reads claims in which nothing is wrong, for a reader of blocks."""

    def __init__(self, reader: BlockReader) -> None:
        spec = reader.specs["claims"]
        self.kinds = reader.kinds
        self.memos = {name: {p.name: Memo(p) for p in kind.properties.values()} for name, kind in self.kinds.items()}
        self.shapes: dict[tuple[tuple[str, ...], tuple[str, ...]], Shape | None] = {}
        self.certainty, self.vintage, self.chars = (
            Memo(_plain(spec.field(name))) for name in ("certainty", "vintage", "quote_chars")
        )
        self.speakers = Memo(_plain(Field("said_by", "string", "", "")))

    def claim(self, given: dict[str, Any], source: Source, place: Place) -> Claim | None:
        """Return a claim, None if it has to be read with its places; nothing is noted."""
        try:
            shape, common = self._shape(given), self._common(given, source)
            values = self._values(given[shape.kind], shape) if shape and common else None
        except (TypeError, ValueError):  # a list where a text belongs, a number of thousands of digits
            return None
        if shape is None or common is None or values is None:
            return None
        inferred = given.get("inferred")
        if inferred is not None:
            worked_out = {*values, *(name for name in ("said_by", "vintage") if common[name])}
            if type(inferred) is not list or not all(type(name) is str and name in worked_out for name in inferred):
                return None
        common["inferred"] = " ".join(inferred) if inferred else None
        return Claim(f"{source.source_id}/{given['claim']}", source, shape.kind, values, {}, place, common)

    def _shape(self, given: dict[str, Any]) -> Shape | None:
        """Return which fields a claim has, None for a shape that is no claim's."""
        kind = next((name for name in given if name in self.kinds), None)
        values = given[kind] if kind else None
        if type(values) is not dict:
            return None
        key = (tuple(given), tuple(values))
        if key not in self.shapes:
            if len(self.shapes) >= MOST:
                self.shapes.clear()
            self.shapes[key] = self._shaped(*key)
        return self.shapes[key]

    def _shaped(self, outer: tuple[str, ...], inner: tuple[str, ...]) -> Shape | None:
        kinds = [name for name in outer if name in self.kinds]
        known = self.kinds[kinds[0]].properties
        needed = {p.name for p in known.values() if p.required}
        fine = len(kinds) == 1 and set(outer) <= {*kinds, *COMMON} - _SLOW and needed <= set(inner) <= set(known)
        return Shape(self.kinds[kinds[0]], inner, self.memos[kinds[0]]) if fine else None

    def _common(self, given: dict[str, Any], source: Source) -> dict[str, Any] | None:
        """Return what every claim has, None if something is wrong with it."""
        name, says, said_by, vintage = (given.get(part) for part in ("claim", "says", "said_by", "vintage"))
        if type(name) is not str or not SLUG.fullmatch(name) or source.chars is not None:
            return None
        if type(says) is not str or not says or says != says.strip() or unfit(says):
            return None
        common = {
            "says": says,
            "certainty": self.certainty[str, given.get("certainty")],
            "said_by": None if said_by is None else self.speakers[said_by.__class__, said_by],
            "vintage": None if vintage is None else self.vintage[vintage.__class__, vintage],
            **EMPTY,
            "seen": True if source.row.get("verified_on") else None,
        }
        quote = given.get("quote")
        if quote is not None:
            if type(quote) is not dict or quote.keys() != _QUOTE:
                return None
            sha, chars = quote["sha256"], quote["chars"]
            common["quote_sha256"] = sha if type(sha) is str and _SHA.fullmatch(sha) else WRONG
            common["quote_chars"] = self.chars[chars.__class__, chars]
        return None if WRONG in common.values() else common

    def _values(self, given: dict[str, Any], shape: Shape) -> dict[str, Any] | None:
        """Return the typed values of a claim, None if something is wrong with one."""
        values = dict(shape.defaults)
        for name, memo, needed in shape.fields:
            raw = given[name]
            if raw is not None:
                value = memo[raw.__class__, raw]
                if value is WRONG:
                    return None
                values[name] = value
            elif needed:
                return None
        return values


def _plain(column: Field) -> Property:
    return Property(column.name, column, None, False)
