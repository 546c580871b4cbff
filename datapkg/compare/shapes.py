"""Differences of shape between two packages: tables, columns and keys, and what their descriptors say about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datapkg.model import IntegrityError
from datapkg.read import Store

_OWN = {"version", "created", "id", "sources"}  # of a release; different in every one, so no news
_SHAPE = ("name", "type", "unit", "required", "enum")


@dataclass(frozen=True, slots=True)
class Event:
    """One change of shape: of a table, a column or a key; `aspect` says what of a column changed.

    `level` is the bump that it needs. For `enum`, old and new are only the values that went and came.
    """

    table: str
    change: str
    level: str
    column: str | None = None
    old: str | None = None
    new: str | None = None
    aspect: str | None = None

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        return f"{where}: {self.what}"

    @property
    def what(self) -> str:
        """The change without the place, in words."""
        sort, _, verb = self.change.partition("_")
        if sort == "table":
            rows = self.new or self.old
            return f"table {verb} with {rows} row{'' if rows == '1' else 's'}"
        if self.change in ("column_added", "column_removed"):
            return f"column {verb} ({self.new or self.old})"
        if self.aspect == "enum":
            signs = [f"{sign}{values}" for sign, values in (("-", self.old), ("+", self.new)) if values]
            return f"allowed values {' '.join(signs)}"
        name = "primary key" if sort == "key" else _NAMES[self.aspect or ""]
        return f"{name} {self.old or 'none'} -> {self.new or 'none'}"


_NAMES = {"type": "type", "arrow": "Arrow type", "unit": "unit", "required": "required", "reference": "points at"}
_ANY = "any"


@dataclass(frozen=True)
class Shape:
    """One table of one package: what its descriptor promises, and the Arrow types that its file has."""

    name: str
    resource: Mapping[str, Any]
    arrow: Mapping[str, str]
    rows: int
    path: Path

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the primary key."""
        return tuple(self.resource["schema"]["primaryKey"])

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """Fields of the Table Schema by name."""
        return {field["name"]: field for field in self.resource["schema"]["fields"]}

    @property
    def references(self) -> dict[str, str]:
        """What each column points at: table and column."""
        return {
            ",".join(fk["fields"]): f"{fk['reference']['resource'] or self.name}.{','.join(fk['reference']['fields'])}"
            for fk in self.resource["schema"].get("foreignKeys", [])
        }

    def allowed(self, column: str) -> set[str] | None:
        """Return the allowed values of a column, None if any is allowed."""
        values = self.fields[column].get("constraints", {}).get("enum")
        return None if values is None else set(map(str, values))

    def aspects(self, column: str) -> dict[str, str | None]:
        """Return what a reader of a column relies on beside its allowed values, each as a text."""
        field = self.fields[column]
        limits = field.get("constraints", {})
        return {
            "type": field["type"],
            "arrow": self.arrow.get(column),
            "unit": field.get("unit"),
            "required": "yes" if limits.get("required") else "no",
            "reference": self.references.get(column),
        }


def shape(store: Store, name: str) -> Shape:
    """Return the shape of a table.

    Raises  IntegrityError if its file cannot be read, or lacks or adds a column
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = store.path(name)
    try:
        with pq.ParquetFile(path) as file:
            arrow = {field.name: str(field.type) for field in file.schema_arrow}
            rows = int(file.metadata.num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        first = str(error).splitlines()[0]
        raise IntegrityError(f"{path} of table '{name}' cannot be read as Parquet: {first}") from error
    if set(arrow) != set(store.columns(name)):
        raise IntegrityError(
            f"{path} has the columns {', '.join(arrow)}, but {store.layout.descriptor.name} "
            f"promises {', '.join(store.columns(name))}"
        )
    return Shape(name, store.resource(name), arrow, rows, path)


def events(old: Shape, new: Shape) -> list[Event]:
    """Return the changes of shape between two versions of one table."""
    found, name = [], new.name
    if set(old.key) != set(new.key):  # another order of the same columns identifies the same rows
        found.append(Event(name, "key_changed", "major", old=", ".join(old.key), new=", ".join(new.key)))
    for column in sorted({*old.fields, *new.fields}):
        if column not in new.fields:
            found.append(Event(name, "column_removed", "major", column, old=_brief(old, column)))
        elif column not in old.fields:
            found.append(Event(name, "column_added", "minor", column, new=_brief(new, column)))
        else:
            found += [*_retyped(old, new, column), *_revalued(old, new, column)]
    return found


def _brief(one: Shape, column: str) -> str:
    """Return type and unit of a column."""
    return ", ".join(filter(None, (one.fields[column]["type"], one.fields[column].get("unit"))))


def _retyped(old: Shape, new: Shape, column: str) -> Iterator[Event]:
    before, after = old.aspects(column), new.aspects(column)
    if before["type"] != after["type"]:  # the Arrow type follows from it, and is no news of its own
        before.pop("arrow"), after.pop("arrow")
    for aspect in before:
        was, now = before[aspect], after[aspect]
        if was != now:
            level = "major"
            if aspect == "required" and now == "yes":  # a stricter promise breaks nobody who reads
                level = "patch"
            elif aspect == "reference" and was is None:
                level = "minor"
            yield Event(new.name, "column_retyped", level, column, was, now, aspect)


def _revalued(old: Shape, new: Shape, column: str) -> Iterator[Event]:
    """Yield the change of the allowed values: to lose some is major, to gain some minor, to begin a list a patch."""
    before, after = old.allowed(column), new.allowed(column)
    if before == after:
        return
    gone = (before or set()) - (after if after is not None else before or set())
    come = (after or set()) - (before or set())
    level = "patch" if before is None else "major" if gone else "minor"
    lost = _ANY if before is None else ", ".join(sorted(gone)) or None
    gained = _ANY if after is None else ", ".join(sorted(come)) or None
    yield Event(new.name, "column_retyped", level, column, lost, gained, "enum")


def metadata(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what two descriptors say differently about the package or a table without changing its shape."""
    heads = sorted({*old, *new} - _OWN - {"schema", "path", "rows", "hash", "content_hash", "bytes", "chunks"})
    found = [name for name in heads if old.get(name) != new.get(name)]
    if "schema" not in old or "schema" not in new:
        return found
    before, after = ({f["name"]: _words(f) for f in one["schema"]["fields"]} for one in (old, new))
    for column in sorted({*before, *after}):
        if column in before and column in after:
            names = sorted({*before[column], *after[column]})
            found += [f"{column}: {n}" for n in names if before[column].get(n) != after[column].get(n)]
    orders = [[c for c in one if c in before and c in after] for one in (before, after)]
    if orders[0] != orders[1]:
        found.append("order of the columns")
    return found


def _words(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a field, and its constraints, that are no aspect of its shape."""
    limits = field.get("constraints", {})
    flat = {**{k: v for k, v in field.items() if k != "constraints"}, **limits}
    return {k: v for k, v in flat.items() if k not in _SHAPE}
