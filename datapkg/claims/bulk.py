"""Claims as JSON Lines: one claim a line, in the structure of a claim file, numbers with the digits as written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datapkg.claims.yaml import Node, Refused, read_text
from datapkg.model import Finding, Place


class Digits(str):
    """A number as it is written, so that no digit behind the point is lost."""

    __slots__ = ()


def dumped(value: Any) -> str:
    """Return a claim as a line of JSON, without its end."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {dumped(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dumped, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def claim_nodes(path: Path, name: str) -> list[Node]:
    """Return the claims of a file of JSON Lines, each at its line; `name` stands for the file in messages.

    Raises  Refused for a file that cannot be read, or a line that is no JSON, gives a key twice, or holds NaN
    """
    return list(_nodes(read_text(path, name).split("\n"), name))


def _nodes(lines: Iterable[str], name: str) -> Iterator[Node]:
    for number, line in enumerate(lines, 1):
        place = Place(name, number)
        try:
            if line:
                yield node(loaded(line.strip()), place)
        except (ValueError, RecursionError) as error:
            message = f"not JSON: {error}; one claim stands on one line, as `datapkg source import` writes it"
            raise Refused(Finding(rule="json-syntax", message=message, place=place)) from error


def loaded(line: str) -> Any:
    """Return the value that a line of JSON without white space around it is, with numbers as they are written.

    Raises  ValueError for what is no JSON, gives a key twice, or holds NaN; RecursionError for what is nested too deep
    """
    value, end = _JSON.raw_decode(line)
    if end < len(line):
        raise json.JSONDecodeError("Extra data", line, end)
    return value


def _constant(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise ValueError(f"the key '{twice}' is given twice")
    return found


_JSON = json.JSONDecoder(parse_float=Digits, parse_int=Digits, parse_constant=_constant, object_pairs_hook=_once)
"""Made once, since making it takes as long as reading a line."""


def node(value: Any, place: Place) -> Node:
    """Return a value as a node of which every part stands at one place."""
    if isinstance(value, Digits):
        whole = value.removeprefix("-").isdigit()
        return Node(int(value) if whole else float(value), place, text=value)
    if isinstance(value, dict):
        return Node({key: node(v, place) for key, v in value.items()}, place)
    if isinstance(value, list):
        return Node([node(v, place) for v in value], place)
    return Node(value, place)
