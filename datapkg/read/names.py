"""Names turned into ids: what callers call a company, a market, a product, in any language and spelling."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from datapkg.model import NotFound, UsageError, folded
from datapkg.read.store import Store

LABELS = ("name_en", "name_ko")
"""Columns of registries that hold names."""
LIKE = 70
"""The least likeness, of 100, of a name that is offered for another."""
NEAREST = 3
"""Entries that are offered at most."""
IDENTIFIERS = "company_identifiers"
"""The table of what registers outside call the companies."""


@dataclass(frozen=True)
class Names:
    """The entries of one table by their ids, names and aliases; a table without names has its ids alone."""

    store: Store
    table: str

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all entries."""
        (key,) = self.store.key(self.table)
        return frozenset(self.store.read(self.table, [key]).column(key).to_pylist())

    @cached_property
    def _names(self) -> dict[str, dict[str, str | None]]:
        """The names of each entry, by their columns."""
        (key,) = self.store.key(self.table)
        columns = [name for name in LABELS if name in self.store.columns(self.table)]
        rows = self.store.read(self.table, [key, *columns]).to_pylist()
        return {row[key]: {column: row[column] for column in columns} for row in rows}

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """What each entry is called: its id, its names, its aliases."""
        found = {entry: [entry, *filter(None, names.values())] for entry, names in self._names.items()}
        if registry(self.store, self.table) and "aliases" in self.store.resources:
            for row in self.store.read("aliases").to_pylist():
                if row["entity_type"] == self.table and row["entity_id"] in found:
                    found[row["entity_id"]].append(row["alias"])
        return found

    @cached_property
    def identifiers(self) -> dict[str, list[str]]:
        """What registers outside call each company; none of other entries, and in a package without that table."""
        found: dict[str, list[str]] = {}
        if self.table == "companies" and IDENTIFIERS in self.store.resources:
            for row in self.store.read(IDENTIFIERS, ["company_id", "value"]).to_pylist():
                if row["company_id"] in self.ids:
                    found.setdefault(row["company_id"], []).append(row["value"])
        return found

    def names(self, entry: str) -> dict[str, str | None]:
        """Return the names of an entry by their columns."""
        return self._names[entry]

    def called(self, name: str) -> list[str]:
        """Return the ids of the entries that go by a name or identifier, whatever its case, width and legal form."""
        return sorted(self._called.get(self._folded(name), ()))

    @cached_property
    def _called(self) -> dict[str, set[str]]:
        """The entries that go by each name or identifier, folded."""
        found: dict[str, set[str]] = {}
        for entry, names in (*self.labels.items(), *self.identifiers.items()):
            for name in names:
                found.setdefault(self._folded(name), set()).add(entry)
        return found

    def one(self, name: str) -> str:
        """Return the id that a name, an identifier or an id stands for.

        Raises  NotFound with the near misses; UsageError for a name of several entries
        """
        if name in self.ids:
            return name
        found = self.called(name)
        if not found:
            raise self._unknown(name)
        if len(found) > 1:
            options = " or ".join(f"'{entry}'" for entry in found)
            raise UsageError(f"'{name}' stands for {options} among the {self.table}; write the id that is meant")
        return found[0]

    def near(self, name: str) -> list[tuple[float, str, str]]:
        """Return the entries with a name like one: how alike it is (of 100), the id, the name; the nearest first."""
        wanted, alike = folded(self.table, name), likeness()
        found = sorted(
            (-score, entry, label)
            for entry, names in self.labels.items()
            for label in names
            if (score := alike(self._folded(label), wanted)) >= LIKE
        )
        nearest: dict[str, tuple[float, str, str]] = {}
        for score, entry, label in found:
            nearest.setdefault(entry, (-score, entry, label))
        return list(nearest.values())

    def _folded(self, label: str) -> str:
        return folded(self.table, label)

    def _unknown(self, name: str) -> NotFound:
        """Return the error for a name that nothing goes by."""
        near = [f"'{e}'" if e == label else f"'{e}' ({label})" for _, e, label in self.near(name)][:NEAREST]
        hint = f"; did you mean {' or '.join(near)}?" if near else "."
        about, other = self.store.about, elsewhere(self.store, self.table, name)
        step = f"find {shlex.quote(name)}" if registry(self.store, self.table) else f"show {self.table}"
        return NotFound(f"no '{name}' among the {self.table} of {about['name']} {about['version']}{other}{hint} "
                        f"Run `datapkg {step}` to see what there is")  # fmt: skip


def registry(store: Store, table: str) -> bool:
    """Return whether a table is a registry: one whose rows have an id and names."""
    return len(store.key(table)) == 1 and any(name in store.columns(table) for name in LABELS)


def registries(store: Store) -> dict[str, Names]:
    """Return all registries of a package."""
    return {name: Names(store, name) for name in store.names() if registry(store, name)}


def elsewhere(store: Store, table: str, name: str) -> str:
    """Return what a name is in other registries than the one that it was looked for in, for messages."""
    found = [f"{other}/{entry}" for other, names in registries(store).items() if other != table
             for entry in names.called(name)]  # fmt: skip
    return f"; '{name}' is {' and '.join(found)}" if found else ""


def pointers(store: Store, table: str) -> dict[str, str]:
    """Return the columns of a table that hold ids, each with the table whose ids they are."""
    schema = store.resource(table)["schema"]
    found = {}
    for foreign in schema.get("foreignKeys", ()):
        target = foreign["reference"]["resource"] or table
        if target in store.resources and foreign["reference"]["fields"] == store.key(target):
            found[foreign["fields"][0]] = target
    if len(schema["primaryKey"]) == 1:
        found.setdefault(schema["primaryKey"][0], table)
    return found


def prefixes(store: Store, table: str) -> dict[str, str]:
    """Return the columns of a table that point at registries, with what goes before a value to make it registry/id."""
    found = {column: f"{target}/" for column, target in pointers(store, table).items() if registry(store, target)}
    fields = store.resource(table)["schema"]["fields"]
    return found | {field["name"]: "" for field in fields if field.get("reference")}


def likeness() -> Callable[[str, str], float]:
    """Return what says how alike two texts are, from 0 to 100: rapidfuzz where it is installed."""
    try:
        from rapidfuzz import fuzz
    except ImportError:
        from difflib import SequenceMatcher

        return lambda one, other: 100 * SequenceMatcher(None, one, other, autojunk=False).ratio()
    return fuzz.ratio
