"""Strict YAML with positions: what it is, where it stands, and nothing that surprises.

Scalars follow the YAML 1.2 core schema, numbers in decimals only, so `no` is a text, `2024-01` is a text and `2024` is
a number. Refused, with file and line: anchors and aliases (they can grow without bound), tags, several documents, a key
given twice, bytes that are not UTF-8, and what is beyond `model/limits.py`: bytes, depth, values, digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
_OPENS = ("MappingStartEvent", "SequenceStartEvent")
_NODES = ("ScalarEvent", "AliasEvent", *_OPENS)
_NUMERIC = "+-.0123456789"
"""What a number begins with."""
_NAN = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Refused(Exception):
    """A file cannot be read; `finding` says why and where."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


@dataclass(slots=True)
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

    make = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Reader(iter(make(text).get_event, None), text, name).document()
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


class _Reader:
    """Makes the nodes of a text of its events, in one pass, refusing what is not strict YAML as it goes."""

    def __init__(self, events: Iterator[Any], text: str, name: str) -> None:
        self.events, self.name = events, name
        self.lines = LINES.split(text) if "#" in text else []
        self.depth = self.values = 0

    def document(self) -> Node:
        """Return the root node, and read to the end, so that a second document is noticed."""
        root, documents = None, 0
        for event in self.events:
            sort = type(event).__name__
            documents += sort == "DocumentStartEvent"
            if documents > 1:
                place = Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)
                raise _refuse("yaml-syntax", "a second document begins here; one file holds one", place)
            if sort in _NODES:
                root = self.node(event)
        if root is None:
            raise _refuse("empty-file", "the file holds only comments; expected YAML", Place(self.name))
        return root

    def node(self, event: Any, key: Place | None = None) -> Node:
        """Return one node and everything below it; depth is bounded by `place`."""
        place, sort = self.place(event), type(event).__name__
        if sort == "ScalarEvent":
            if not event.style and len(event.value) > limits.DIGITS and _FLOAT.fullmatch(event.value):
                raise _refuse("yaml-syntax", f"a number of {len(event.value):,} characters is not read", place)
            return Node(event.value if event.style else _scalar(event.value), place, key, event.value)
        value = self.sequence() if sort == "SequenceStartEvent" else self.mapping()
        self.depth -= 1
        return Node(value, place, key)

    def sequence(self) -> list[Node]:
        """Return the items of a sequence that has begun."""
        items = []
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            items.append(self.node(event))
        return items

    def mapping(self) -> dict[str, Node]:
        """Return the entries of a mapping that has begun."""
        entries: dict[str, Node] = {}
        while (sort := type(event := next(self.events)).__name__) != "MappingEndEvent":
            place = self.place(event)
            if sort != "ScalarEvent":
                raise _refuse("yaml-syntax", "a key must be a plain text", place)
            name = event.value
            if name in entries:
                first = entries[name].named.line
                raise _refuse("duplicate-key", f"key '{name}' is given twice, first on line {first}", place)
            entries[name] = self.node(next(self.events), place)
        return entries

    def place(self, event: Any) -> Place:
        """Return where a node begins, refusing aliases, anchors, tags, deep nesting, and a text that is cut."""
        place = Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)
        if event.anchor:
            what = f"'{'*' if type(event).__name__ == 'AliasEvent' else '&'}{event.anchor}'"
            raise _refuse("yaml-alias", f"anchors and aliases such as {what} are not read; write the value out", place)
        if event.tag:
            raise _refuse("yaml-tag", f"tags such as '{event.tag}' are not read; leave it out", place)
        if type(event).__name__ in _OPENS:
            self.depth += 1
            if self.depth > limits.DEPTH:
                raise _refuse("yaml-depth", f"nested deeper than {limits.DEPTH} levels; a claim needs four", place)
        elif self.lines and not event.style:
            self._uncut(event, place)
        self.values += 1
        if self.values > limits.NODES:
            raise _refuse("file-too-large", f"more than {limits.NODES:,} values are not read; split the file", place)
        return place

    def _uncut(self, event: Any, place: Place) -> None:
        """Refuse a text that a comment cuts: one with two spaces before and one behind is a comment."""
        end = event.end_mark
        if end.line < len(self.lines) and _CUT.match(self.lines[end.line], end.column) and _is_text(event.value):
            shown = event.value if len(event.value) <= 40 else f"...{event.value[-37:]}"
            message = f"the text '{shown}' is cut at ' #'; put it in quotation marks, or begin the comment with '  # '"
            raise _refuse("yaml-comment", message, place)


def _is_text(plain: str) -> bool:
    """Return whether a scalar without quotation marks is a text, and no number or word of the schema."""
    return plain not in _SPECIAL and not any(form.fullmatch(plain) for form in (_INT, _FLOAT, _NAN))


def _scalar(text: str) -> Any:
    """Return the value of a scalar without quotation marks by the YAML 1.2 core schema."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text[0] not in _NUMERIC:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NAN.fullmatch(text):
        return float(text.replace(".", "").lower())
    return text
