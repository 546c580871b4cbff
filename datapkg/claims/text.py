"""What a text may be: one line in one form (NFC), of characters that can be seen.

Source  Unicode 15: Annex 15 (NFC), Annex 9 (bidirectional controls), Default_Ignorable_Code_Point
"""

from __future__ import annotations

import re
import unicodedata

_REFUSED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029]"  # controls and line ends
    "|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|[\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]"  # halves of characters, and those of private use
)


def unfit(text: str) -> str | None:
    """Return what is wrong with a text and what to do about it, or None."""
    if text.isascii() and text.isprintable():
        return None
    found = _REFUSED.search(text)
    if found:
        return f"{_named(found[0])} at character {found.start() + 1} is not allowed; {_step(found[0])}"
    normal = unicodedata.normalize("NFC", text)
    if normal != text:
        at = next((i for i, (a, b) in enumerate(zip(text, normal, strict=False)) if a != b), len(normal))
        return f"{_named(text[at])} at character {at + 1} is not in the form NFC; write '{normal[:40]}', composed"
    return None


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"


def _step(character: str) -> str:
    return "write the text on one line" if character in "\n\r\x85\u2028\u2029" else "remove it"
