"""What a text may be: one line in one form (NFC), of characters that can be seen.

Source  Unicode 15: Annex 15 (NFC), Annex 9 (bidirectional controls), Default_Ignorable_Code_Point
"""

from __future__ import annotations

import re
import unicodedata

from datapkg.model import text

_NONE = "".join(chr(plane + last) for plane in range(0x10000, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
_REFUSED = re.compile(f"[{text.HIDDEN}\ufffc\ufffd\ue000-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff{_NONE}]")
"""What is hidden, what stands for something that got lost, characters of private use, and those that are none."""


def unfit(given: str) -> str | None:
    """Return what is wrong with a text and what to do about it, or None."""
    if given.isascii() and given.isprintable():
        return None
    found = _REFUSED.search(given)
    if found:
        return f"{text.named(found[0])} at character {found.start() + 1} is not allowed; {_step(found[0])}"
    normal = unicodedata.normalize("NFC", given)
    if normal != given:
        at = next((i for i, (a, b) in enumerate(zip(given, normal, strict=False)) if a != b), len(normal))
        return f"{text.named(given[at])} at character {at + 1} is not in the form NFC; write '{normal[:40]}', composed"
    return None


def _step(character: str) -> str:
    return "write the text on one line" if character in "\n\r\x85\u2028\u2029" else "remove it"
