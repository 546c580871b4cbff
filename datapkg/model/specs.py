"""Tables as their Table Schemas describe them; everything else about a table is derived from here.

Beside the standard properties a schema may hold: `role` (registry, fact, record), `claim` (the claim kind that feeds
it), `groups` (columns that come from one claim together), `block` (the columns of the key that the figures of one
ranking or table share), `stages` (a status column and its values in the order of time), `leads` (the column whose value
the fact stands for), `timely` (whose last word counts of what is foretold), and on a field `unit`, `default`, `edtf`,
`derived` (worked out by the machine), `bookkeeping` (about the claims behind the row), `compare` (how two claims are
compared) and `reference` (a name with its registry in front).

Source  Table Schema 2.0, https://datapackage.org/standard/table-schema/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import jsontext
from datapkg.model.errors import ConfigError, NotFound
from datapkg.model.shape import DEVICE, NAME
from datapkg.model.tableschema import misfed, unusable

if TYPE_CHECKING:
    import pyarrow as pa

PREFIX = "observations."
_TYPES = {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool_", "date": "date32"}


@dataclass(frozen=True)
class Field:
    """One column."""

    name: str
    type: str
    title: str
    description: str
    unit: str | None = None
    default: Any = None
    edtf: bool = False
    derived: bool = False
    bookkeeping: bool = False
    compare: Any = "exact"
    reference: bool = False
    constraints: dict[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Whether the column may not be null."""
        return bool(self.constraints.get("required"))


@dataclass(frozen=True)
class ForeignKey:
    """A column that points at a column of a table."""

    column: str
    table: str
    target: str


@dataclass(frozen=True)
class Group:
    """Columns that one claim fills together, and how two claims about them are compared."""

    columns: tuple[str, ...]
    compare: Any


@dataclass(frozen=True)
class Spec:
    """One table: its schema, and what follows from it."""

    name: str
    schema: dict[str, Any]

    @property
    def title(self) -> str:
        """Short name for people."""
        return str(self.schema["title"])

    @property
    def description(self) -> str:
        """What one row is."""
        return str(self.schema["description"])

    @property
    def role(self) -> str:
        """Return registry, fact, observation or record."""
        return str(self.schema["role"])

    @property
    def claim(self) -> dict[str, Any]:
        """The claim kind that feeds the table, and how; empty for registries and records."""
        return dict(self.schema.get("claim", {}))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """All columns in order."""
        return tuple(Field(**entry) for entry in self.schema["fields"])

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns in order."""
        return tuple(f.name for f in self.fields)

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the primary key."""
        return tuple(self.schema["primaryKey"])

    @cached_property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Columns that point at other rows; a table that points at itself is named."""
        return tuple(
            ForeignKey(fk["fields"][0], fk["reference"]["resource"] or self.name, fk["reference"]["fields"][0])
            for fk in self.schema.get("foreignKeys", [])
        )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The value columns in groups, in order of the schema; a column of no declared group stands alone."""
        declared = {c: Group(tuple(g["columns"]), g["compare"]) for g in self.schema.get("groups", [])
                    for c in g["columns"]}  # fmt: skip
        found: list[Group] = []
        for f in self.values:
            group = declared.get(f.name, Group((f.name,), f.compare))
            if group not in found:
                found.append(group)
        return tuple(found)

    @property
    def block(self) -> tuple[str, ...]:
        """Columns of the key that figures of one block share: a ranking, a table of shares; the key where none are."""
        return tuple(self.schema.get("block", self.key))

    @property
    def figures(self) -> bool:
        """Whether rows are figures, which pages repeat, and not events and relations, which they report."""
        return "block" in self.schema

    @property
    def stages(self) -> dict[str, int]:
        """Values of the status column with their places in the order of time; those of one place exclude each other."""
        order = self.schema.get("stages", {}).get("order", [])
        return {value: place for place, values in enumerate(order) for value in values}

    @property
    def timely(self) -> str | None:
        """Whose last word counts of what is foretold: voice, that of each, or all; null where days do not matter."""
        whose: str | None = self.schema.get("timely")
        return whose

    @property
    def status(self) -> str | None:
        """The column that goes by time, if there is one."""
        column: str | None = self.schema.get("stages", {}).get("column")
        return column

    @cached_property
    def leading(self) -> Group | None:
        """The group whose value the fact stands for: what `leads` names, else the first value with bounds."""
        named = self.schema.get("leads")
        for group in self.groups:
            if named in group.columns or (
                not named and isinstance(group.compare, dict) and "interval" in group.compare
            ):
                return group
        return None

    @cached_property
    def values(self) -> tuple[Field, ...]:
        """Columns that say something: neither key nor bookkeeping, nor worked out from the key alone."""
        skip = {*self.key, "period_start", "period_end"}
        return tuple(f for f in self.fields if f.name not in skip and not f.bookkeeping)

    def field(self, name: str) -> Field:
        """Return one column.

        Raises  NotFound with the near miss.
        """
        for f in self.fields:
            if f.name == name:
                return f
        raise NotFound.of("column", name, self.columns, f"table '{self.name}'")

    def arrow(self) -> pa.Schema:
        """Return the Arrow schema: plain types, NOT NULL where required, title and unit in the field metadata."""
        return self._arrow

    @cached_property
    def _arrow(self) -> pa.Schema:
        import pyarrow as pa

        return pa.schema(
            [
                pa.field(f.name, getattr(pa, _TYPES[f.type])(), nullable=not f.required, metadata=_notes(f))
                for f in self.fields
            ]
        )


def _notes(f: Field) -> dict[str, str]:
    notes = {"title": f.title, "description": f.description}
    return notes | {"unit": f.unit} if f.unit else notes


def load_specs(where: Path | Mapping[str, Path | bytes]) -> dict[str, Spec]:
    """Return the specs of all tables, and of the observations behind every fact table, by name.

    `where` is a folder of schemas, or their files by table, or the bytes of these.
    Raises  ConfigError for a schema that is not JSON, lacks a part, or has a property that nobody reads.
    """
    files = {path.stem: path for path in sorted(where.glob("*.json"))} if isinstance(where, Path) else where
    found = {name: _read(name, file) for name, file in files.items()}
    if "facts" in found:
        common = found.pop("facts").schema
        found = {name: _fact(spec, common) if spec.role == "fact" else spec for name, spec in found.items()}
    if "observations" not in found:
        place = where if isinstance(where, Path) else "the schemas of the tables"
        raise ConfigError(f"no schemas in {place}; expected observations.json and one file per table")
    shared = found.pop("observations").schema
    facts = [s for s in found.values() if s.role == "fact"]
    for spec in facts:
        found[PREFIX + spec.name] = _observations(spec, shared)
    for spec in found.values():
        for fk in spec.foreign_keys:
            if fk.table not in found:
                raise ConfigError(f"schemas/{spec.name}.json: foreign key to '{fk.table}', which has no schema")
            if fk.target not in found[fk.table].columns:
                raise ConfigError(
                    f"schemas/{spec.name}.json: foreign key to '{fk.table}.{fk.target}', which is no column"
                )
    wrong = misfed({spec.name: spec.claim for spec in facts if spec.claim})
    if wrong:
        raise ConfigError(f"schemas/{wrong}")
    return found


def _read(table: str, file: Path | bytes) -> Spec:
    """Return the spec of one schema, checked before anything of it is used."""
    name = f"schemas/{table}.json"
    if not NAME.fullmatch(table):
        raise ConfigError(f"{name}: '{table}' is no name of a table; expected {NAME.pattern}")
    if re.fullmatch(DEVICE, table):
        raise ConfigError(f"{name}: Windows holds no file called '{table}'; name the table otherwise")
    try:
        schema = jsontext.loads(file if isinstance(file, bytes) else file.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{name} is unusable: {type(error).__name__}: {error}") from error
    wrong = unusable(schema, _TYPES)
    if wrong:
        raise ConfigError(f"{name} {wrong}")
    return Spec(table, schema)


def _fact(spec: Spec, shared: dict[str, Any]) -> Spec:
    """Return the spec of a fact table with the columns that each fact has behind its own."""
    own = set(spec.columns)
    schema = {
        **spec.schema,
        "fields": spec.schema["fields"] + [f for f in shared["fields"] if f["name"] not in own],
        "foreignKeys": spec.schema.get("foreignKeys", []) + shared.get("foreignKeys", []),
    }
    return Spec(spec.name, schema)


def _observations(spec: Spec, shared: dict[str, Any]) -> Spec:
    """Return the spec of the observations behind a fact table: its own columns, then the shared ones."""
    own = [dict(f) for f in spec.schema["fields"] if not f.get("bookkeeping") and f["name"] != "claim_id"]
    if spec.claim.get("partial"):
        for f in own:
            if f["name"] not in spec.key and "constraints" in f:
                f["constraints"] = {k: v for k, v in f["constraints"].items() if k != "required"}
    fields = own + shared["fields"]
    names = {f["name"] for f in fields}
    keys = [fk for fk in spec.schema.get("foreignKeys", []) if fk["fields"] != ["claim_id"]]
    schema = {
        **({"$schema": shared["$schema"]} if "$schema" in shared else {}),
        "title": f"{spec.title}: observations",
        "description": f"What each claim says about one row of {spec.name}. One row per key and claim.",
        "role": "observation",
        "fields": fields,
        "primaryKey": list(dict.fromkeys([*spec.key, "claim_id"])),
        "foreignKeys": [fk for fk in keys + shared.get("foreignKeys", []) if fk["fields"][0] in names],
    }
    return Spec(PREFIX + spec.name, schema)


def standard(spec: Spec) -> dict[str, Any]:
    """Return the schema as published: a Table Schema whose additions a standard reader may ignore."""
    additions = ("title", "description", "role", "claim", "groups", "block", "stages", "leads", "timely")
    return {k: v for k, v in spec.schema.items() if k not in additions}
