"""Text that others wrote, made safe to print: what cannot be seen is shown, and nothing in it is a command.

Source  Unicode Standard Annex 9 (bidirectional controls) and Default_Ignorable_Code_Point; ECMA-48 (terminals);
        GitHub's workflow commands, which begin a line (`::error`) or stand in it (`##[error]`)
"""

from __future__ import annotations

import re
import unicodedata

HIDDEN = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u070f\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that have no glyph
)
"""What nobody sees and what may make a text read as another, for a class of characters in a pattern."""
_HIDDEN = re.compile(f"[{HIDDEN}]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_COMMAND = re.compile(r"^(\s*)::|##\[")


def hidden(text: str) -> list[str]:
    """Return the characters of a text that nobody sees and that may make it read as another, each once."""
    return list(dict.fromkeys(_HIDDEN.findall(text)))


def visible(text: str) -> str:
    """Return a text in one line with escapes for control, bidirectional and zero-width characters."""
    return _HIDDEN.sub(lambda found: _SHORT.get(found[0]) or _escape(found[0]), text)


def printable(text: str) -> str:
    """Return lines of text as a log may hold them: visible, and none of them a workflow command."""
    return "\n".join(_COMMAND.sub(_disarmed, visible(line)) for line in text.split("\n"))


def in_json(text: str) -> str:
    """Return a JSON document that holds the same values and nothing that a terminal or a log would act on."""
    shown = re.sub(r"[^\n]+", lambda line: _HIDDEN.sub(lambda found: _units(found[0]), line[0]), text)
    return shown.replace("##[", "#\\u0023[")


def named(character: str) -> str:
    """Return a character as a message names it, such as U+202E (RIGHT-TO-LEFT OVERRIDE)."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _units(character: str) -> str:
    """Return a character as JSON escapes it, in halves beyond 16 bits."""
    data = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[at]:02x}{data[at + 1]:02x}" for at in range(0, len(data), 2))


def _disarmed(found: re.Match[str]) -> str:
    """Return the beginning of a workflow command as a reader still knows it and a runner does not."""
    return f"{found[1]}\\::" if found[1] is not None else "#\\#["


def markdown(text: str) -> str:
    """Return a text in one line in which Markdown finds neither markup nor HTML, and a table no cell's end."""
    return re.sub(r"[\\`*\[\]<>|#~]|(?<!\w)_|_(?!\w)", r"\\\g<0>", visible(" ".join(text.split())))


def prose(text: str) -> str:
    """Return Markdown that somebody wrote with its markup, but without HTML and with nothing hidden."""
    return "\n".join(visible(line).replace("<", "\\<") for line in text.strip().split("\n"))


def cell(text: str) -> str:
    """Return Markdown that somebody wrote as `prose` does, for a cell of a table."""
    return prose(" ".join(text.split())).replace("|", "\\|")


def code(text: str) -> str:
    """Return a text in one line as inline code, in a fence that the text does not hold."""
    fence, space = "`" * (_ticks(text) + 1), " " if "`" in text else ""
    return f"{fence}{space}{visible(text)}{space}{fence}"


def fenced(text: str, language: str) -> str:
    """Return lines of text as a block of code, in a fence that the text does not hold."""
    fence = "`" * max(3, _ticks(text) + 1)
    return "\n".join([fence + language, *map(visible, text.split("\n")), fence])


def _ticks(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
