"""Anchors: places in a text by position and digest, so that a quote can be proven without being published.

Normalised text ("text/1"): decode UTF-8, drop one leading byte order mark, turn CRLF and CR into LF, apply Unicode NFC.
Positions count code points of the normalised text from 0; the end is the one after the last. The digest of a quote is
SHA-256 over the UTF-8 bytes of the quote without its white space (every character for which `str.isspace` holds).

Source  W3C Web Annotation Data Model, TextPositionSelector; Unicode Annex 15 (NFC). docs/anchors.md has vectors.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """Where an anchor stands in a copy: exact, moved (start and end are the new ones) or missing."""

    state: str
    start: int
    end: int


def normalise(data: bytes) -> str:
    """Return the normalised text (text/1) of a file's bytes.

    Raises  UnicodeDecodeError if they are not UTF-8.
    """
    text = data.decode("utf-8").removeprefix("\ufeff")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def squeeze(text: str) -> str:
    """Return the text without its white space."""
    return "".join(text.split())


def digest(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def quote_digest(quote: str) -> str:
    """Return the digest by which a quote is found again: of its text without white space."""
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
    where = [i for i, character in enumerate(text) if not character.isspace()]
    squeezed = "".join(text[i] for i in where)
    near = sum(1 for i in where if i < start)
    longest = end - start
    for first in sorted(range(len(squeezed)), key=lambda i: abs(i - near)):
        last = _match(squeezed[first : first + longest], (longest + 1) // 2, quote_sha256)
        if last:
            return Found("moved", where[first], where[first + last - 1] + 1)
    return Found("missing", start, end)


def _match(window: str, shortest: int, quote_sha256: str) -> int:
    """Return the length of the prefix of the window that has the digest, 0 if none has."""
    running = hashlib.sha256(window[: shortest - 1].encode())
    for length in range(shortest, len(window) + 1):
        running.update(window[length - 1].encode())
        if running.hexdigest() == quote_sha256:
            return length
    return 0


def holds_enough(quote: str) -> bool:
    """Return whether at least half of a quote is not white space, so that `find` can find it moved."""
    return 2 * len(squeeze(quote)) >= len(quote) > 0
