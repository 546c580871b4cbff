"""JSON and YAML as bytes that depend on nothing but the values: fixed order, fixed indents, UTF-8, one line end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _/.-]*[A-Za-z0-9]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}


def as_json(value: Any) -> bytes:
    """Return a value as JSON in the order that it was given in, as the bytes of a file."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def as_yaml(value: Mapping[str, Any]) -> str:
    """Return a mapping of texts, dates, lists and mappings as YAML that versions 1.1 and 1.2 read alike.

    A text stands in double quotes wherever it could be read as something else.
    """
    return "".join(f"{line}\n" for line in _mapping(value, ""))


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, part in value.items():
        if isinstance(part, Mapping):
            yield f"{indent}{key}:"
            yield from _mapping(part, indent + "  ")
        elif isinstance(part, Sequence) and not isinstance(part, str):
            yield f"{indent}{key}:"
            yield from _sequence(part, indent)
        else:
            yield f"{indent}{key}: {_scalar(part)}"


def _sequence(value: Sequence[Any], indent: str) -> Iterator[str]:
    for part in value:
        if isinstance(part, Mapping):
            first, *rest = _mapping(part, indent + "  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(part)}"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    if plain:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    # JSON writes a sign beyond 16 bits as two halves, which YAML does not join again.
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)
