"""Claims that are as they should be, read in a fraction of the time: which fields there are is judged once for all.

What a value is worth in a column is remembered, since periods, names and words come again and again.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from datapkg.claims.blocks import COMMON, QUOTE, SLUG, BlockReader
from datapkg.claims.bulk import Digits, node
from datapkg.claims.claim import Claim, Source
from datapkg.claims.kindschema import KindSchema, Property, read_property
from datapkg.claims.text import unfit
from datapkg.model import Field, Place, Written

K = TypeVar("K")
V = TypeVar("V")
MOST = 1 << 16
"""Values of a column that are remembered."""
WRONG = object()
"""What a value is worth that has to be looked at again, to be told what is wrong with it."""
NOWHERE = Place("")
EMPTY: dict[str, Any] = dict.fromkeys(
    ("char_start", "char_end", "file_sha256", "row_key", "cell_columns", "cell_sha256", "inferred")
)
"""Columns of an anchor that a claim lacks, and what it may lack."""
SPEAKER = Field("said_by", "string", "", "")
DIGITS = 18
"""So many digits are a whole number that every column can hold."""
_BOUNDS = {"required", "minimum", "maximum"}
_SHA = re.compile("[0-9a-f]{64}")
_QUOTE = {*QUOTE}
_SLOW = {"at", "quote_sha256", "cells", "seen"}
"""Fields of a claim that are always read with their places."""


class Memo(dict[tuple[type, Any], Any]):
    """What values are worth in a column, by their class and themselves: 1, True and "1" are not the same."""

    def __init__(self, prop: Property) -> None:
        self.prop, column = prop, prop.column
        self.number = column.type in ("number", "integer") and set(column.constraints) <= _BOUNDS
        self.least, self.most = (column.constraints.get(name) for name in ("minimum", "maximum"))

    def __missing__(self, key: tuple[type, Any]) -> Any:
        """Return the worth of a value that was not seen before, WRONG if something is wrong with it."""
        value: Any = self._counted(key[1]) if self.number and key[0] is Digits else None
        if value is None:
            value, problems = read_property(node(key[1], NOWHERE), self.prop)
            if problems or (isinstance(key[1], str) and unfit(key[1])):
                value = WRONG
        if len(self) >= MOST:
            self.clear()
        self[key] = value
        return value

    def _counted(self, text: str) -> int | Written | None:
        """Return the number that plain digits are, None if it has to be looked at more closely."""
        whole, _, rest = text.partition(".")
        if not whole.isdecimal() or len(whole) > DIGITS or (rest and not rest.isdecimal()):
            return None
        value = Written(text)
        value.decimals = len(rest)
        near = self.prop.column.unit == "%" and 0 < value < 1  # a fraction by mistake
        if near or (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            return None
        return value if self.prop.column.type == "number" else None if rest else int(whole)


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
        self.source: Source | None = None
        """The source of the last claim, as that of the next is mostly the same; and what claims need of it."""
        self.chars_of: int | None = None
        self.seen: bool | None = None
        self.memos = {name: {p.name: Memo(p) for p in kind.properties.values()} for name, kind in self.kinds.items()}
        self.outer: dict[tuple[str, ...], str | None] = {}
        """Per fields of a claim its kind, None if they are not those of a claim."""
        self.shapes: dict[tuple[str, tuple[str, ...]], Shape | None] = {}
        self.certainty, self.vintage, self.chars, self.speakers = (
            Memo(Property(column.name, column, None, False))
            for column in (*map(spec.field, ("certainty", "vintage", "quote_chars")), SPEAKER)
        )

    def claim(self, given: dict[str, Any], source: Source, place: Place) -> Claim | None:
        """Return a claim, None if it has to be read with its places; nothing is noted."""
        if source is not self.source:
            self.source, self.chars_of = source, source.chars
            self.seen = True if source.row.get("verified_on") else None
        try:
            shape, common = self._shape(given), self._common(given)
            if shape is None or common is None:
                return None
            values = self._values(given[shape.kind], shape)
        except (TypeError, ValueError):  # a list where a text belongs, a number of thousands of digits
            return None
        if values is None:
            return None
        if "inferred" in given and given["inferred"] is not None:
            inferred = given["inferred"]
            worked_out = {*values, *(name for name in ("said_by", "vintage") if common[name])}
            if type(inferred) is not list or not all(type(name) is str and name in worked_out for name in inferred):
                return None
            common["inferred"] = " ".join(inferred) or None
        return Claim(f"{source.source_id}/{given['claim']}", source, shape.kind, values, {}, place, common)

    def _shape(self, given: dict[str, Any]) -> Shape | None:
        """Return which fields a claim has, None for a shape that is no claim's."""
        outer = tuple(given)
        if outer not in self.outer:
            kinds = [name for name in outer if name in self.kinds]
            fine = len(kinds) == 1 and set(outer) <= {*kinds, *COMMON} - _SLOW
            _bounded(self.outer)[outer] = kinds[0] if fine else None
        kind = self.outer[outer]
        values = given[kind] if kind else None
        if kind is None or type(values) is not dict:
            return None
        key = (kind, tuple(values))
        if key not in self.shapes:
            known = self.kinds[kind].properties
            fine = {p.name for p in known.values() if p.required} <= set(values) <= set(known)
            _bounded(self.shapes)[key] = Shape(self.kinds[kind], key[1], self.memos[kind]) if fine else None
        return self.shapes[key]

    def _common(self, given: dict[str, Any]) -> dict[str, Any] | None:
        """Return what every claim has, None if something is wrong with it."""
        get = given.get
        name, says, said_by, vintage, quote = get("claim"), get("says"), get("said_by"), get("vintage"), get("quote")
        if type(name) is not str or not SLUG.fullmatch(name) or self.chars_of is not None:
            return None
        if type(says) is not str or not says or says != says.strip() or unfit(says):
            return None
        certainty = self.certainty[str, get("certainty")]
        said_by = None if said_by is None else self.speakers[said_by.__class__, said_by]
        vintage = None if vintage is None else self.vintage[vintage.__class__, vintage]
        sha = chars = None
        if quote is not None:
            if type(quote) is not dict or quote.keys() != _QUOTE:
                return None
            sha, chars = quote["sha256"], self.chars[quote["chars"].__class__, quote["chars"]]
            if type(sha) is not str or not _SHA.fullmatch(sha):
                return None
        if certainty is WRONG or said_by is WRONG or vintage is WRONG or chars is WRONG:
            return None
        return {
            **EMPTY, "says": says, "certainty": certainty, "said_by": said_by, "vintage": vintage,
            "quote_sha256": sha, "quote_chars": chars, "seen": self.seen,
        }  # fmt: skip

    def _values(self, given: dict[str, Any], shape: Shape) -> dict[str, Any] | None:
        """Return the typed values of a claim, None if something is wrong with one."""
        values = shape.defaults.copy()
        for name, memo, needed in shape.fields:
            raw = given[name]
            if raw is not None:
                values[name] = value = memo[raw.__class__, raw]
                if value is WRONG:
                    return None
            elif needed:
                return None
        return values


def _bounded(memory: dict[K, V]) -> dict[K, V]:
    """Return a memory that has room for one more."""
    if len(memory) >= MOST:
        memory.clear()
    return memory
