"""What all readers of the curators' files share: values by their columns, and mistakes noted with their places."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datapkg.claims.kindschema import KindSchema, read_value
from datapkg.claims.text import unfit
from datapkg.claims.yaml import Node, Refused, read_yaml
from datapkg.model import Field, Finding, Layout, Place, Spec, did_you_mean


class Reader:
    """Reads parts of the curators' files; `findings` collects what is wrong with them."""

    def __init__(self, layout: Layout, specs: dict[str, Spec], kinds: dict[str, KindSchema]) -> None:
        self.layout, self.specs, self.kinds = layout, specs, kinds
        self.findings: list[Finding] = []
        self.unread: set[str] = set()
        """Claims, sources and registries that are there and cannot be used; findings say what is wrong with them."""
        self.many: set[str] = set()
        """The files of claims in bulk, by their names in places."""
        self.aside: set[Place] = set()
        """Where claims and sources in bulk stand that are left out."""
        self.rows: dict[str, Place] = {}
        """Where the rows of registries, sources and acknowledgements stand, by `Finding.row`."""

    def note(self, rule: str, message: str, place: Place, claim_id: str | None = None) -> None:
        """Add a finding."""
        self.findings.append(Finding(rule=rule, message=message, place=place, claim_id=claim_id))

    def document(self, path: Path) -> dict[str, Node]:
        """Return the mapping at the root of a YAML file, empty if it cannot be had."""
        try:
            root = read_yaml(path, self.layout.relative(path))
        except Refused as refused:
            self.findings.append(refused.finding)
            return {}
        if not isinstance(root.value, dict):
            self.note("wrong-type", "expected a mapping at the top of the file", root.place)
            return {}
        self.texts(root)
        return root.value

    def texts(self, node: Node) -> None:
        """Report every text and key below a node that is not what a text may be."""
        if isinstance(node.value, str):
            self.text(node.value, node.place)
        elif isinstance(node.value, dict):
            for key, child in node.value.items():
                self.text(key, child.named)
                self.texts(child)
        elif isinstance(node.value, list):
            for child in node.value:
                self.texts(child)

    def text(self, text: str, place: Place) -> None:
        """Report a text that is not what a text may be."""
        wrong = unfit(text)
        if wrong:
            self.note("text-form", wrong, place)

    def unknown(self, given: Iterable[str], known: Iterable[str], what: str, nodes: dict[str, Node]) -> None:
        """Report every given key that is not known."""
        known = list(known)
        for name in given:
            if name not in known:
                near = did_you_mean(name, known) or f"; expected {', '.join(known)}"
                self.note("unknown-field", f"{what} has no field '{name}'{near}", nodes[name].named)

    def value(self, node: Node | None, column: Field, claim_id: str | None = None) -> Any:
        """Return the value of a node for a column, None if it is absent or wrong."""
        if node is None or node.value is None:
            return None
        try:
            return read_value(node, column)
        except ValueError as error:
            rule, message = error.args if len(error.args) == 2 else ("wrong-value", str(error))
            self.note(rule, f"{column.name}: {message}", node.place, claim_id)
            return None

    def block(
        self, node: Node | None, name: str, columns: dict[str, Field], claim_id: str | None = None
    ) -> dict[str, Any]:
        """Return the columns that a mapping gives, by its keys; all null if it is absent or has other keys."""
        empty: dict[str, Any] = dict.fromkeys(f.name for f in columns.values())
        if node is None or node.value is None:
            return empty
        if not isinstance(node.value, dict) or set(node.value) != set(columns):
            expected = ", ".join(f"{key}: ..." for key in columns)
            self.note("wrong-type", f"{name}: expected {{{expected}}}", node.place, claim_id)
            return empty
        return {f.name: self._given(node.value[key], f, f"{name}: {key}", claim_id) for key, f in columns.items()}

    def _given(self, node: Node, column: Field, name: str, claim_id: str | None) -> Any:
        """Return the value of a field that may not be null."""
        if node.value is None:
            self.note("missing-field", f"{name} is empty: {column.description}", node.place, claim_id)
        return self.value(node, column, claim_id)

    def names(self, node: Node | None, known: Iterable[str], claim_id: str | None = None) -> str | None:
        """Return a list of field names as one text, checked against the known ones."""
        if node is None or node.value is None:
            return None
        if not isinstance(node.value, list) or not all(isinstance(item.value, str) for item in node.value):
            self.note("wrong-type", "inferred: expected a list of field names", node.place, claim_id)
            return None
        known = list(known)
        for item in node.value:
            if item.value not in known:
                near = did_you_mean(item.value, known)
                message = f"inferred names '{item.value}', which is no field that is filled in here{near}"
                self.note("unknown-field", message, item.place, claim_id)
        return " ".join(item.value for item in node.value) or None
