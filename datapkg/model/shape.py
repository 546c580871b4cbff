"""Whether JSON that somebody else wrote has the shape that the code counts on, said once and in one place.

A shape looks like what it describes: a type, a compiled pattern for a text, a tuple of shapes of which one must fit,
`[shape]` for a list with something in it, `[shape, ...]` for one that may be empty, and a mapping of names to shapes,
in which a name with a question mark may be left out and other names may come.
"""

from __future__ import annotations

import json
import re
from typing import Any

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""The names of tables and columns, whoever gives them."""
DEVICE = "con|prn|aux|nul|com[0-9]|lpt[0-9]"
"""What no file can be called on Windows, in small letters and up to the first dot.

Source  https://learn.microsoft.com/windows/win32/fileio/naming-a-file
"""
KIND = re.compile(rf"(?!({DEVICE})$){NAME.pattern}")
"""The names of kinds of claims, which become those of files."""
TABLE = re.compile(rf"(observations\.)?{KIND.pattern}")
"""The names of tables, likewise."""
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", type(None): "null",
          list: "a list", dict: "an object", object: "anything"}  # fmt: skip


def misfit(value: Any, shape: Any) -> str | None:
    """Return the first place where a value has not a shape, with what is expected there and what was found."""
    return None if _fits(value, shape) else _sought(value, shape, "")


def _fits(value: Any, shape: Any) -> bool:
    """Return whether a value has a shape."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(
            _fits(value[plain], part) if (plain := name.rstrip("?")) in value else plain != name
            for name, part in shape.items()
        )
    if isinstance(shape, list):
        inside = isinstance(value, list) and (value or len(shape) > 1)
        return bool(inside) and all(_fits(part, shape[0]) for part in value)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, tuple):
        return any(_fits(value, each) for each in shape)
    wanted = (int, float) if shape is float else shape
    return isinstance(value, wanted) and (shape in (bool, object) or not isinstance(value, bool))


def _sought(value: Any, shape: Any, where: str) -> str:
    """Return where in a value that does not fit the first misfit is, in words."""
    if isinstance(shape, dict) and isinstance(value, dict):
        for name, part in shape.items():
            plain = name.rstrip("?")
            if plain not in value and plain == name:
                return f"{where or 'it'} has no '{name}'"
            if plain in value and not _fits(value[plain], part):
                return _sought(value[plain], part, f"{where}.{plain}" if where else plain)
    if isinstance(shape, list) and isinstance(value, list) and value:
        number = next(number for number, part in enumerate(value) if not _fits(part, shape[0]))
        return _sought(value[number], shape[0], f"{where}[{number}]")
    return f"{where or 'it'} is {_found(value)}; expected {_expected(shape)}"


def _found(value: Any) -> str:
    """Return a value as a message shows it, in bounded length."""
    if isinstance(value, (list, dict)):
        return "an empty list" if value == [] else _WORDS[type(value)]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _expected(shape: Any) -> str:
    if isinstance(shape, tuple):
        return " or ".join(dict.fromkeys(map(_expected, shape)))
    if isinstance(shape, re.Pattern):
        return f"a text of the form {shape.pattern}"
    words = _WORDS[shape if isinstance(shape, type) else type(shape)]
    return f"{words} with something in it" if isinstance(shape, list) and len(shape) == 1 else words
