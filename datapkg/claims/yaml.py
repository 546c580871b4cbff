"""Strict YAML with positions: what it is, where it stands, and nothing that surprises.

Scalars follow the YAML 1.2 core schema, numbers in decimals only, so `no` is a text, `2024-01` is a text and `2024` is
a number. Refused, with file and line: anchors and aliases (they can grow without bound), tags, several documents, a key
given twice, bytes that are not UTF-8, and what is beyond `model/limits.py`: bytes, depth, values, digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datapkg.model import Finding, Place, limits

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_PRINTABLE = re.compile(r"[\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HINTS = {
    "mapping values are not allowed": "; put a text that holds a colon in quotation marks",
    "cannot start any token": "; indent with spaces, not tabs; a text that begins with a sign needs quotation marks",
}
LINES = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""The line ends of YAML 1.1, in which places count."""
_CUT = re.compile(r" #|[ \t]+#[^ \t]")
_OPENS, _CLOSES = ("MappingStart", "SequenceStart"), ("MappingEnd", "SequenceEnd")
_VALUES = ("Scalar", *_OPENS)
_NAN = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Refused(Exception):
    """A file cannot be read; `finding` says why and where."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place: None, bool, int, float, str, list of nodes, or dict of nodes."""

    value: Any
    place: Place
    key: Place | None = None
    """Where the key of the value stands, if it has one; a block value begins on a later line."""
    text: str = ""
    """A scalar as it is written: digits behind the point that the number does not keep."""

    @property
    def named(self) -> Place:
        """Where a reader looks for the entry: at its key, or at the value if it has none."""
        return self.key or self.place

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_yaml(path: Path, name: str) -> Node:
    """Return the content of a YAML file; `name` stands for the file in messages.

    Raises  Refused if it cannot be read whole and safely.
    """
    text = read_text(path, name)
    if not text.strip():
        raise _refuse("empty-file", "the file is empty; expected YAML", Place(name))
    return parse(text, name)


def read_text(path: Path, name: str) -> str:
    """Return the text of a UTF-8 file of at most `limits.YAML` bytes, without a byte order mark.

    Raises  Refused if it is missing, too large or not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > limits.YAML:
            found = f"the file has {size:,} bytes; at most {limits.YAML:,} are read, split it"
            raise _refuse("file-too-large", found, Place(name))
        data = path.read_bytes()
    except OSError as error:
        raise _refuse("unreadable-file", f"cannot be read: {error.strerror}", Place(name)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise _refuse("not-utf-8", found, Place(name, line)) from error


def parse(text: str, name: str) -> Node:
    """Return the one document of a YAML text.

    Raises  Refused at the first thing that is not strict YAML.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _document(_uncut(_events(yaml.parse(text, Loader=loader), name), LINES.split(text)), name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        problem = error.problem or error.context or ""
        hint = next((hint for part, hint in _HINTS.items() if part in problem), "")
        raise _refuse("yaml-syntax", f"not YAML: {problem}{hint}", place) from error
    except yaml.reader.ReaderError as error:
        at = next((i for i, c in enumerate(text) if not _PRINTABLE.match(c)), 0)
        place = Place(name, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        found = f"not YAML: the character U+{ord(text[at]):04X} is not allowed; remove it"
        raise _refuse("yaml-syntax", found, place) from error


def _refuse(rule: str, message: str, place: Place) -> Refused:
    return Refused(Finding(rule=rule, message=message, place=place))


def _events(events: Iterator[Any], name: str) -> Iterator[tuple[str, Any, Place]]:
    """Yield the events as (sort, event, place), refusing aliases, anchors, tags and deep nesting."""
    depth = documents = values = 0
    for event in events:
        sort = type(event).__name__.removesuffix("Event")
        place = Place(name, event.start_mark.line + 1, event.start_mark.column + 1)
        if sort == "Alias" or getattr(event, "anchor", None):
            what = f"'{'*' if sort == 'Alias' else '&'}{event.anchor}'"
            raise _refuse("yaml-alias", f"anchors and aliases such as {what} are not read; write the value out", place)
        if getattr(event, "tag", None):
            raise _refuse("yaml-tag", f"tags such as '{event.tag}' are not read; leave it out", place)
        documents += sort == "DocumentStart"
        if documents > 1:
            raise _refuse("yaml-syntax", "a second document begins here; one file holds one", place)
        depth += (sort in _OPENS) - (sort in _CLOSES)
        if depth > limits.DEPTH:
            raise _refuse("yaml-depth", f"nested deeper than {limits.DEPTH} levels; a claim needs four", place)
        values += sort in _VALUES
        if values > limits.NODES:
            raise _refuse("file-too-large", f"more than {limits.NODES:,} values are not read; split the file", place)
        yield sort, event, place


def _uncut(events: Iterator[tuple[str, Any, Place]], lines: list[str]) -> Iterator[tuple[str, Any, Place]]:
    """Yield the events, refusing a text that a comment cuts: one with two spaces before and one behind is a comment."""
    for sort, event, place in events:
        if sort == "Scalar" and not event.style and _is_text(event.value):
            end = event.end_mark
            if end.line < len(lines) and _CUT.match(lines[end.line], end.column):
                shown = event.value if len(event.value) <= 40 else f"...{event.value[-37:]}"
                message = (
                    f"the text '{shown}' is cut at ' #'; put it in quotation marks, or begin the comment with '  # '"
                )
                raise _refuse("yaml-comment", message, place)
        yield sort, event, place


def _document(events: Iterator[tuple[str, Any, Place]], name: str) -> Node:
    """Return the root node."""
    for sort, event, place in events:
        if sort in ("Scalar", "MappingStart", "SequenceStart"):
            root = _node(sort, event, place, events)
            for _ in events:  # reads to the end, so that a second document is noticed
                pass
            return root
    raise _refuse("empty-file", "the file holds only comments; expected YAML", Place(name))


def _node(sort: str, event: Any, place: Place, events: Iterator[tuple[str, Any, Place]]) -> Node:
    """Return one node and everything below it; depth is bounded by `_events`."""
    if sort == "Scalar":
        if not event.style and len(event.value) > limits.DIGITS and _FLOAT.fullmatch(event.value):
            raise _refuse("yaml-syntax", f"a number of {len(event.value):,} characters is not read", place)
        return Node(_scalar(event.value, plain=not event.style), place, text=event.value)
    if sort == "SequenceStart":
        return Node(_sequence(events), place)
    return Node(_mapping(events), place)


def _sequence(events: Iterator[tuple[str, Any, Place]]) -> list[Node]:
    items = []
    while (event := next(events))[0] != "SequenceEnd":
        items.append(_node(*event, events))
    return items


def _mapping(events: Iterator[tuple[str, Any, Place]]) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    while (key := next(events))[0] != "MappingEnd":
        sort, event, place = key
        if sort != "Scalar":
            raise _refuse("yaml-syntax", "a key must be a plain text", place)
        if event.value in entries:
            first = entries[event.value].named.line
            raise _refuse("duplicate-key", f"key '{event.value}' is given twice, first on line {first}", place)
        node = _node(*next(events), events)
        entries[event.value] = replace(node, key=place)
    return entries


def _is_text(plain: str) -> bool:
    """Return whether a scalar without quotation marks is a text, and no number or word of the schema."""
    return plain not in _SPECIAL and not any(form.fullmatch(plain) for form in (_INT, _FLOAT, _NAN))


def _scalar(text: str, plain: bool) -> Any:
    """Return the value of a scalar by the YAML 1.2 core schema."""
    if not plain:
        return text
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NAN.fullmatch(text):
        return float(text.replace(".", "").lower())
    return text
