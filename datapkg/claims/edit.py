"""Claim files changed line by line, so that comments, layout and line ends stay as the curator wrote them."""

from __future__ import annotations

import re

from datapkg.claims.yaml import Node, Refused, read_yaml
from datapkg.model import ConfigError, Layout, NotFound, Place, UsageError, disk

BREAK = re.compile("(\r\n|[\n\r\x85\u2028\u2029])")
"""The line ends of YAML 1.1, in which `Place` counts."""
_VALUE = r"[ \t]*(\[[^\]]*\]|\{[^{}]*\}|[^#\[{]*?(?=[ \t]*(#|$)))"
"""A value that stands on the line of its name: a list, a mapping, or a scalar up to a comment."""


class ClaimFile:
    """The file of one source: what it holds, with places, and its lines.

    Raises  NotFound for an unknown source, ConfigError for a file that is no mapping
    """

    def __init__(self, layout: Layout, source_id: str) -> None:
        known = {p.stem: p for p in sorted(layout.claims.glob("*.y*ml"))}
        if source_id not in known:
            raise NotFound.of("source", source_id, known, "data/raw/claims", "Run `datapkg source list`")
        self.source_id, self.path = source_id, known[source_id]
        self.name = layout.relative(self.path)
        try:
            root = read_yaml(self.path, self.name)
        except Refused as refused:
            raise ConfigError(str(refused.finding)) from refused
        if not isinstance(root.value, dict):
            raise ConfigError(f"{root.place}: expected a mapping at the top of the file")
        self.root: dict[str, Node] = root.value
        parts = BREAK.split(self.path.read_bytes().decode("utf-8"))
        self._lines, self._ends = parts[::2], [*parts[1::2], ""]

    @property
    def source(self) -> dict[str, Node]:
        """The fields of the source block.

        Raises  ConfigError if there is none
        """
        node = self.root.get("source")
        if node is None or not isinstance(node.value, dict):
            raise ConfigError(f"{self.name}: expected a block 'source' with source_id, title, publisher ...")
        return node.value

    @property
    def claims(self) -> dict[str, dict[str, Node]]:
        """The fields of each claim that has a name, by its name; `datapkg check` reports the others."""
        nodes = self.root["claims"].value if "claims" in self.root else None
        given = [n.value for n in nodes if isinstance(n.value, dict)] if isinstance(nodes, list) else []
        return {str(fields["claim"].value): fields for fields in given if "claim" in fields}

    def put(self, place: Place, name: str, value: str) -> None:
        """Replace the value of the field at a place."""
        head, rest = self._field(place, name, value)
        self._lines[place.line - 1] = f"{head}{name}: {value}{' ' if rest.startswith('#') else ''}{rest}"

    def add_below(self, place: Place, above: str, name: str, value: str) -> None:
        """Add a field on a line of its own below the field `above`, which is at the place."""
        head, _ = self._field(place, above, "...")
        self._lines[place.line - 1] += f"{self._ends[0]}{head.replace('-', ' ')}{name}: {value}"

    def add_first(self, block: Node, called: str, name: str, value: str) -> None:
        """Add a field on a line of its own above the first one of a block."""
        row, column = block.place.line - 1, block.place.column - 1
        if self._lines[row][:column].strip() or self._lines[row][column] == "{":
            raise UsageError(
                f"{block.place}: write the fields of '{called}' on lines of their own first; nothing was written"
            )
        self._lines[row] = f"{self._lines[row][:column]}{name}: {value}{self._ends[0]}{self._lines[row]}"

    def save(self) -> None:
        """Write the lines to the file."""
        whole = "".join(line + end for line, end in zip(self._lines, self._ends, strict=True))
        with disk.writing(self.path):
            disk.put(self.path, whole.encode())

    def _field(self, place: Place, name: str, value: str) -> tuple[str, str]:
        """Return what stands before and after the field at a place, which is to be on one line of its own."""
        line = self._lines[place.line - 1]
        match = re.match(rf"(?P<head>[ -]*){name}:{_VALUE}", line)
        if not match:
            raise UsageError(f"{place}: write '{name}: {value}' on a line of its own first; nothing was written")
        return match["head"], line[match.end() :]
