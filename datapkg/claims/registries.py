"""Registries, and names turned into ids: across languages, spellings and legal forms, and never by guessing.

Two names are the same if they fold to the same text (`datapkg.model.names`). A name that folds to nothing registered,
or to two entries, is an error that lists the nearest registered names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from datapkg.claims.extends import extended, extends
from datapkg.claims.identifiers import no_identifier
from datapkg.claims.kindschema import read_value, slug
from datapkg.claims.reader import Reader
from datapkg.claims.yaml import Node, Refused, read_text
from datapkg.model import Field, Finding, Layout, Place, Spec, did_you_mean, folded, limits, load_specs, row_name

NAMES = ("name_en", "name_ko")
SPEAKERS = ("companies", "people")
"""The registries of those whom a source may name for a claim."""
LOST = ("registry-header", "registry-row", "unreadable-file", "file-too-large", "not-utf-8")
"""Findings after which a registry lacks entries, so that what names those is not to blame."""
NOUNS = {"companies": "a company", "people": "a person", "products": "a product", "markets": "a market",
         "alliances": "an alliance", "terms": "a term", "segments": "a segment",
         "facilities": "a facility"}  # fmt: skip
_MISSING = re.compile(r"no '(.+)' among the (\w+)")
NEAR = 70
"""The least likeness, of 100, of a name that is offered for another."""


def _within(part: str, whole: str) -> bool:
    """Return whether one name holds all words of another; of names without spaces, all its characters in a row."""
    if part.isascii():
        return {*part.casefold().split()} <= {*whole.casefold().split()}
    return len(part) > 1 and part in whole


class Registries:
    """The registries' rows, and the index from folded names to ids."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]], ids: dict[str, str], index: bool = True) -> None:
        self.rows, self.keys = rows, ids
        self.ids = {name: {row[key] for row in rows[name] if row[key]} for name, key in ids.items()}
        self.known: dict[str, dict[str, str]] = {name: {} for name in ids}
        """Per registry, the ids of names that were looked up before."""
        self.voices: dict[str, str] = {}
        """The same of those whom a source names for a claim."""
        self._index: dict[str, dict[str, set[str]]] = {name: {} for name in ids}
        self._labels: dict[str, dict[str, str]] = {name: {} for name in ids}
        for name, key in ids.items() if index else ():
            for row in rows[name]:
                for label in (row[key], *(row.get(n) for n in NAMES)):
                    self._add(name, row[key], label)
        for row in rows.get("aliases", []) if index else ():
            if row["entity_type"] in self._index:
                self._add(row["entity_type"], row["entity_id"], row["alias"])

    def plain(self) -> dict[str, Any]:
        """Return the rows and the index in lists and texts, for `of`."""
        return {
            "rows": {name: [list(rows[0]) if rows else [], *(list(row.values()) for row in rows)]
                     for name, rows in self.rows.items()},
            "keys": self.keys,
            "index": {name: [[label, *found] for label, found in index.items()] for name, index in self._index.items()},
            "labels": {name: list(map(list, labels.items())) for name, labels in self._labels.items()},
        }  # fmt: skip

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Registries:
        """Return the registries that `plain` told of; names are not folded anew."""
        rows = {
            name: [dict(zip(columns, row, strict=True)) for row in found]
            for name, (columns, *found) in told["rows"].items()
        }
        made = cls(rows, told["keys"], index=False)
        made._index = {name: {label: set(found) for label, *found in index} for name, index in told["index"].items()}
        made._labels = {name: dict(labels) for name, labels in told["labels"].items()}
        return made

    def _add(self, registry: str, entity: str | None, label: str | None) -> None:
        if entity and label:  # a cell that could not be read is null and has its finding
            self._index[registry].setdefault(folded(registry, label), set()).add(entity)
            self._labels[registry].setdefault(label, entity)

    def resolve(self, registry: str, name: str) -> str:
        """Return the id of a name in a registry.

        Raises  ValueError with (rule, message) for a name that is unknown, too long, or stands for several entries.
        """
        found = self.known[registry][name] = self._named((registry,), name)
        return found

    def _named(self, registries: Sequence[str], name: str) -> str:
        """Return the id of a name in the first of several registries that has it."""
        if len(name) > limits.NAME:
            many = f"'{name[:40]}...' has {len(name):,} characters; a name has at most {limits.NAME}"
            raise ValueError("wrong-value", many)
        for registry in registries:
            if name in self.ids[registry]:
                return name
            found = self._found(registry, name)
            if len(found) == 1:
                return next(iter(found))
            if found:
                options = " or ".join(f"'{i}'" for i in sorted(found))
                raise ValueError("ambiguous-name", f"'{name}' stands for {options}; write the id that is meant")
        files = " or ".join(f"{registry}.csv" for registry in registries)
        step = f"add it to data/raw/entities/{files} or aliases.csv"
        hint = self._elsewhere(name) or self._near(registries, name)
        raise ValueError("unknown-name", f"no '{name}' among the {' and '.join(registries)}{hint}; {step}")

    def _found(self, registry: str, name: str) -> set[str]:
        return self._index[registry].get(folded(registry, name), set())

    def _elsewhere(self, name: str) -> str:
        """Return what a name is in the other registries."""
        found = [(registry, entity) for registry in self.ids for entity in sorted(self._found(registry, name))]
        return "".join(
            f"; '{name}' is {NOUNS.get(registry, f'in {registry}')} ({entity})" for registry, entity in found
        )

    def _near(self, registries: Sequence[str], name: str) -> str:
        """Return the nearest registered names with their ids: those with the same words first, then the most alike."""
        from rapidfuzz import fuzz

        nearest: list[tuple[bool, float, str, str]] = []
        for registry in registries:
            wanted = folded(registry, name)
            for label, entity in self._labels[registry].items():
                there = folded(registry, label)
                if len(there) > 2 or not there.isascii():
                    score, within = fuzz.ratio(there, wanted), _within(label, name) or _within(name, label)
                    nearest += [(not within, -score, label, entity)] if within or score >= NEAR else []
        best: dict[str, str] = {}
        for _, _, label, entity in sorted(nearest):
            best.setdefault(entity, label)
        if not best:
            return ""
        return "; nearest are " + ", ".join(f"'{label}' ({entity})" for entity, label in list(best.items())[:3])

    def labels(self, registry: str, name: str) -> set[str]:
        """Return every registered name of the entry that a name stands for; the name alone if it is none."""
        try:
            entity = self.resolve(registry, name)
        except ValueError:
            return {name}
        return {label for label, other in self._labels[registry].items() if other == entity}

    def voice(self, name: str) -> str:
        """Return the id of the company or person that a source names for a claim.

        Raises  ValueError with (rule, message) as `resolve` does.
        """
        found = self.voices[name] = self._named(SPEAKERS, name)
        return found

    def speaker(self, publisher: str) -> str:
        """Return the id of a publisher that a registry knows, one voice whoever names it; else its name."""
        for registry in SPEAKERS:
            found = self._found(registry, publisher)
            if len(found) == 1:
                return next(iter(found))
        return publisher

    def reference(self, text: str) -> str:
        """Return a reference such as products/HBM with the id in place of the name.

        Raises  ValueError with (rule, message).
        """
        registry, slash, name = text.partition("/")
        if not slash or registry not in self.ids:
            near = did_you_mean(registry, self.ids) or f"; registries are {', '.join(self.ids)}"
            raise ValueError("wrong-value", f"'{text}' is no registry/name{near}")
        return f"{registry}/{self.resolve(registry, name)}"


def read_registries(reader: Reader) -> Registries:
    """Return all registries of the entities folder; what is wrong with them is noted in the reader."""
    specs = {name: spec for name, spec in reader.specs.items() if spec.role == "registry"}
    extending = extends(reader.layout)
    absent = {name for name, spec in specs.items() if extending and not _path(reader, spec).exists()}
    rows = {name: [] if name in absent else _rows(reader, spec) for name, spec in specs.items()}
    if extending:
        rows = {name: extended(specs[name], own) for name, own in rows.items()}
    reader.unread |= {Path(finding.place.file).stem for finding in reader.findings if finding.rule in LOST}
    ids = {name: spec.key[0] for name, spec in specs.items() if len(spec.key) == 1}
    registries = Registries(rows, ids)
    for row in rows["aliases"]:
        registry, entity = row["entity_type"], row["entity_id"]
        known = registries.ids.get(registry, set())
        if registry and entity and entity not in known and registry not in reader.unread:
            place = reader.rows[row_name("aliases", row, reader.specs["aliases"].key)]
            message = f"alias '{row['alias']}' names no entry '{entity}' of {registry}"
            reader.note("alias-of-nothing", message + did_you_mean(entity, known), place)
    return registries


def _path(reader: Reader, spec: Spec) -> Path:
    return reader.layout.entities / f"{spec.name}.csv"


def missing_rows(layout: Layout, findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Return rows for the names that no registry has, by its file, to be completed: id, name, other cells empty."""
    specs = load_specs(layout.schema_files)
    rows: dict[str, dict[str, None]] = {}
    for finding in findings:
        told = _MISSING.match(finding.message) if finding.rule == "unknown-name" else None
        if told:
            name, registry = told.groups()
            cell = f'"{name}"' if "," in name else name
            line = f"{slug(name) or 'id'},{cell}{',' * (len(specs[registry].columns) - 2)}"
            rows.setdefault(layout.relative(layout.entities / f"{registry}.csv"), {})[line] = None
    return {file: list(lines) for file, lines in rows.items()}


def _rows(reader: Reader, spec: Spec) -> list[dict[str, Any]]:
    """Return the rows of one registry's CSV file; empty cells are null."""
    path = _path(reader, spec)
    file = reader.layout.relative(path)
    try:
        text = read_text(path, file)
    except Refused as refused:
        reader.findings.append(refused.finding)
        return []
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    header = next(table, [])
    named = tuple(name.strip().casefold() for name in header)
    newer = spec.fields[len(named) :]  # optional columns at the end may be newer than the file
    if named != spec.columns[: len(named)] or any(f.required for f in newer):
        reader.note(
            "registry-header",
            f"expected the columns {','.join(spec.columns)}; found {','.join(header) or 'nothing'}",
            Place(file, 1),
        )
        return []
    rows = []
    try:
        for cells in table:
            place = Place(file, table.line_num)
            if not any(cells):
                continue
            if len(cells) != len(header):
                reader.note("registry-row", f"expected {len(header)} cells, found {len(cells)}", place)
            else:
                rows.append(_row(reader, spec, cells, place))
                _placed(reader, spec, rows[-1], place)
    except csv.Error as error:  # such as a quotation mark that is never closed
        reader.note("registry-row", f"not CSV: {error}", Place(file, table.line_num))
    return rows


def _delimiter(text: str) -> str:
    """Return what parts the cells of a file: spreadsheets write the sign of their country, or tabs."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _placed(reader: Reader, spec: Spec, row: dict[str, Any], place: Place) -> None:
    """Remember where a row stands; one without its key is an entry that claims may name, and nobody finds."""
    reader.rows[row_name(spec.name, row, spec.key)] = place
    if not all(row[column] for column in spec.key):
        reader.unread.add(spec.name)


def _typed(cell: str, f: Field) -> Any:
    """Return what a cell holds for a column: CSV has texts alone; what is no such value stays one, and is refused."""
    if f.type == "boolean":
        return {"true": True, "false": False}.get(cell.lower(), cell)
    if f.type in ("integer", "number") and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell):
        return float(cell) if "." in cell else int(cell)
    return cell


def _row(reader: Reader, spec: Spec, cells: list[str], place: Place) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(spec.columns)
    for f, cell in zip(spec.fields, cells, strict=False):
        reader.text(cell, place)
        try:
            row[f.name] = read_value(Node(_typed(cell, f), place), f) if cell else None
        except ValueError as error:
            rule, message = error.args if len(error.args) == 2 else ("wrong-value", str(error))
            reader.note(rule, f"{f.name}: {message}", place)
            row[f.name] = None
        if f.required and not cell:
            reader.note("missing-field", f"{f.name} is empty: {f.description}", place)
            row[f.name] = ""
    misfit = no_identifier(row.get("scheme"), row.get("value") or None)
    if misfit:
        reader.note("unknown-value", f"value: {misfit}", place)
    return row
