"""Maps from tables of others to claims, read strictly: every key is known, every field is one of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from datapkg.claims.kindschema import KindSchema
from datapkg.claims.mapping import Cell, Map, Template
from datapkg.claims.reader import Reader
from datapkg.claims.tables import NUMBERED
from datapkg.claims.yaml import Node
from datapkg.model import did_you_mean

PARTS = ("source", "table", "claims", "skip")
"""What stands at the top of a map."""
_TABLE = ("file", "sha256", "key")
_CLAIM = ("name", "kind", "says", "certainty", "said_by", "vintage", "inferred", "fields")
_CELL = ("column", "from", "to", "value", "map", "match", "date", "scale", "has", "optional")
_SKIP = ("columns", "rows", "because")


class MapReader(Reader):
    """Reads maps; `findings` collects what is wrong."""

    def map(self, path: Path) -> Map | None:
        """Return the map in a file, None if something is wrong with it."""
        before = len(self.findings)
        root = self.document(path)
        if len(self.findings) > before:
            return None
        self.unknown(root, PARTS, "a map", root)
        for name in PARTS[:3]:
            self._needed(root, name, "a map", Node(root, next(iter(root.values())).place))
        table = self._fields(root.get("table"), _TABLE, _TABLE, "table")
        claims = [found for node in self._list(root.get("claims")) if (found := self._claim(node))]
        skipped, left = self._skips(root.get("skip"))
        source = root["source"].plain() if "source" in root else None
        source_id = source.get("source_id") if isinstance(source, dict) else None
        if len(self.findings) > before:
            return None
        key = table["key"].plain()
        if key != NUMBERED and not (isinstance(key, list) and key and all(isinstance(c, str) for c in key)):
            message = f"key: expected a list of columns that no two rows share, or {NUMBERED}"
            self.note("wrong-type", message, table["key"].place)
            return None
        file, sha256 = (str(table[name].value) for name in ("file", "sha256"))
        return Map(str(source_id), file, sha256, key if key == NUMBERED else tuple(key), claims, skipped, left)

    def _fields(self, node: Node | None, known: Iterable[str], needed: Iterable[str], what: str) -> dict[str, Node]:
        """Return the fields of a mapping that has those needed, and no others than those known."""
        if node is None:
            return {}
        if not isinstance(node.value, dict):
            self.note("wrong-type", f"{what}: expected {', '.join(known)}", node.place)
            return {}
        self.unknown(node.value, known, what, node.value)
        for name in needed:
            self._needed(node.value, name, what, node)
        return node.value

    def _needed(self, given: dict[str, Node], name: str, what: str, node: Node) -> None:
        if name not in given or given[name].value is None:
            self.note("missing-field", f"{what} needs '{name}'", node.place)

    def _list(self, node: Node | None) -> list[Node]:
        if node is None or node.value is None:
            return []
        if not isinstance(node.value, list):
            self.note("wrong-type", "expected a list", node.place)
            return []
        return node.value

    def _claim(self, node: Node) -> Template | None:
        """Return what the map says of one claim of a row."""
        before = len(self.findings)
        given = self._fields(node, _CLAIM, ("kind", "says", "certainty", "fields"), "a claim")
        if len(self.findings) > before:
            return None
        kind = str(given["kind"].value)
        if kind not in self.kinds:
            near = did_you_mean(kind, self.kinds) or f"; claim kinds are {', '.join(sorted(self.kinds))}"
            self.note("no-kind", f"no kind '{kind}'{near}", given["kind"].place)
            return None
        cells = self._cells(given["fields"], self.kinds[kind])
        if "vintage" in given:
            cells["vintage"] = self._cell(given["vintage"], "vintage")
        common: dict[str, Any] = {
            name: given[name].plain() for name in ("certainty", "said_by", "inferred") if name in given
        }
        name = str(given["name"].value) if "name" in given else ""
        return Template(name, kind, str(given["says"].value), common, cells)

    def _cells(self, node: Node, form: KindSchema) -> dict[str, Cell]:
        """Return where the fields of a claim come from."""
        given = self._fields(node, form.properties, [p.name for p in form.properties.values() if p.required], form.kind)
        return {name: self._cell(child, name) for name, child in given.items()}

    def _cell(self, node: Node, name: str) -> Cell:
        """Return where one field comes from; a bare text is a column."""
        if isinstance(node.value, str):
            return Cell(columns=(node.value,))
        given = self._fields(node, _CELL, (), name)
        plain: dict[str, Any] = {key: child.plain() for key, child in given.items()}
        columns = tuple(str(plain[key]) for key in ("column", "from", "to") if key in plain)
        if (len(columns) == 0) != ("value" in plain) or ("from" in plain) != ("to" in plain) or len(columns) > 2:
            self.note("wrong-type", f"{name}: expected a column, from and to, or a value", node.place)
        if "from" in plain and "date" not in plain:
            self.note("missing-field", f"{name} needs 'date', the form of the days, such as %m/%d/%Y", node.place)
        self._pattern(given.get("match"))
        options = {key: plain[key] for key in ("value", "map", "match", "date", "has", "optional") if key in plain}
        return Cell(columns=columns, scale=self._scale(given.get("scale")), **options)

    def _pattern(self, node: Node | None) -> None:
        if node is None:
            return
        try:
            if re.compile(str(node.value)).groups != 1:
                self.note("wrong-value", "match: expected a pattern with one group, the part that is taken", node.place)
        except re.error as error:
            self.note("wrong-value", f"match: no pattern: {error}", node.place)

    def _scale(self, node: Node | None) -> Decimal | None:
        if node is None:
            return None
        try:
            return Decimal(node.text or str(node.value))
        except InvalidOperation:
            self.note("wrong-type", "scale: expected a number", node.place)
            return None

    def _skips(self, node: Node | None) -> tuple[dict[str, str], list[tuple[str, tuple[str, ...]]]]:
        """Return the columns that are skipped with their reasons, and the rows."""
        skipped: dict[str, str] = {}
        left = []
        for entry in self._list(node):
            given = self._fields(entry, _SKIP, ("because",), "skip")
            columns = given["columns"].plain() if "columns" in given else []
            rows = given["rows"].plain() if "rows" in given else {}
            lists = isinstance(rows, dict) and all(isinstance(cells, list) for cells in [columns, *rows.values()])
            if not lists or not (columns or rows):
                message = "skip: expected columns: [...], or rows: {COLUMN: [cells]}, and because"
                self.note("wrong-type", message, entry.place)
                continue
            skipped |= {str(column): str(given["because"].value) for column in columns if "because" in given}
            left += [(str(column), tuple(map(str, cells))) for column, cells in rows.items()]
        return skipped, left
