"""Anchors: places in a text by position and digest, so that a quote can be proven without being published.

Normalised text ("text/1"): decode UTF-8, drop one leading byte order mark, turn CRLF and CR into LF, apply Unicode NFC.
Positions count code points of the normalised text from 0; the end is the one after the last. The digest of a quote is
SHA-256 over the UTF-8 bytes of the quote without its white space (every character for which `str.isspace` holds) and
without "|", which tools that take the text out of a page write between the cells of a table.

Source  W3C Web Annotation Data Model, TextPositionSelector; Unicode Annex 15 (NFC). docs/anchors.md has vectors.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

SHORTEST = 20
"""Characters that a quote without a position has at least, white space and bars aside, so that it cannot be guessed."""
_LEFT_OUT = re.compile(r"[\s|]")


@dataclass(frozen=True, slots=True)
class Found:
    """Where an anchor stands in a copy: exact, moved (start and end are the new ones) or missing."""

    state: str
    start: int
    end: int


class Quote(NamedTuple):
    """A quote by its digest and its length, both without white space and bars."""

    sha256: str
    chars: int

    @classmethod
    def of(cls, text: str) -> Quote:
        """Return the digest and the length of a quote."""
        squeezed = squeeze(unicodedata.normalize("NFC", text))
        return cls(digest(squeezed), len(squeezed))


def normalise(data: bytes) -> str:
    """Return the normalised text (text/1) of a file's bytes.

    Raises  UnicodeDecodeError if they are not UTF-8.
    """
    text = data.decode("utf-8").removeprefix("\ufeff")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def squeeze(text: str) -> str:
    """Return the text without its white space and bars."""
    return _LEFT_OUT.sub("", text)


def digest(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def quote_digest(quote: str) -> str:
    """Return the digest by which a quote is found again: of its text without white space and bars."""
    return digest(squeeze(quote))


def find(text: str, start: int, end: int, quote_sha256: str) -> Found:
    """Return where the quote of an anchor stands in a copy of the text.

    A copy that wraps or spaces differently holds the same quote at other positions: every passage whose squeezed length
    is possible for the anchor (half to all of its code points) is tried, the nearest to the old place first.
    """
    if 0 <= start < end <= len(text) and quote_digest(text[start:end]) == quote_sha256:
        return Found("exact", start, end)
    if not start < end:
        return Found("missing", start, end)
    squeezed, where = squeeze(text), _kept(text)
    near = sum(1 for i in where if i < start)
    longest = end - start
    for first in sorted(range(len(squeezed)), key=lambda i: abs(i - near)):
        last = _match(squeezed[first : first + longest], (longest + 1) // 2, quote_sha256)
        if last:
            return Found("moved", where[first], where[first + last - 1] + 1)
    return Found("missing", start, end)


def places(text: str, quotes: Iterable[Quote]) -> dict[Quote, list[tuple[int, int]]]:
    """Return where each quote stands in a text: [start, end) of every place, in their order; none if it is not there.

    Every window of a quote's length is digested, those that begin and end with a word first: most quotes do, and few
    windows. Only what is not found there is looked for inside words. One pass for each length that is asked for.
    """
    squeezed, where = squeeze(text), _kept(text)
    found: dict[Quote, list[tuple[int, int]]] = {quote: [] for quote in quotes}
    words = [i for i in range(len(where)) if i == 0 or where[i] - where[i - 1] > 1]
    for begins, ends in ((words, {*words, len(where)}), (range(len(where)), range(len(where) + 1))):
        left = {quote for quote in found if not found[quote]}
        for chars in sorted({quote.chars for quote in left}):
            for first in (i for i in begins if i + chars in ends):
                quote = Quote(digest(squeezed[first : first + chars]), chars)
                if quote in left:
                    found[quote].append((where[first], where[first + chars - 1] + 1))
    return found


def _kept(text: str) -> list[int]:
    """Return the positions of the characters that `squeeze` keeps."""
    left_out = {match.start() for match in _LEFT_OUT.finditer(text)}
    return [i for i in range(len(text)) if i not in left_out]


def _match(window: str, shortest: int, quote_sha256: str) -> int:
    """Return the length of the prefix of the window that has the digest, 0 if none has."""
    running = hashlib.sha256(window[: shortest - 1].encode())
    for length in range(shortest, len(window) + 1):
        running.update(window[length - 1].encode())
        if running.hexdigest() == quote_sha256:
            return length
    return 0


def holds_enough(quote: str) -> bool:
    """Return whether at least half of a quote is kept by `squeeze`, so that `find` can find it moved."""
    return 2 * len(squeeze(quote)) >= len(quote) > 0
