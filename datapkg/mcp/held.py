"""One package kept open for a process that answers many questions: judged once, each file proven once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from datapkg.compare import CHANGES, changed
from datapkg.facts import key_text
from datapkg.model import NotFound, Spec
from datapkg.read import FITS, Data, Hit, Names, Store, hits, registries, rows_about

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
Rows = list[dict[str, Any]]
KEPT = 100
"""Answers of the package that are kept, such as the facts of a table as of a day."""


@dataclass(frozen=True)
class _Proven(Store):
    """A store that keeps the bytes of each file that it has proven, and the schemas."""

    held: dict[str, bytes] = field(default_factory=dict, repr=False)

    @cached_property
    def _specs(self) -> dict[str, Spec]:
        return super().specs()

    def specs(self) -> dict[str, Spec]:
        """Return the schemas of the package."""
        return self._specs

    def bytes(self, name: str) -> bytes:
        """Return the bytes of a table's file."""
        if name not in self.held:
            self.held[name] = super().bytes(name)
        return self.held[name]


@dataclass(frozen=True)
class Held(Data):
    """The tables of one package, as `Data`, kept open."""

    @classmethod
    def of(cls, data: Data) -> Held:
        """Return a package that stays open."""
        return cls(data.layout, data.source, data.registry, data.voice)

    def heard(self, voice: str | None) -> Held:
        """Return the same package with only what one voice said."""
        return self if voice is None else self._once(("heard", voice), lambda: self._speaking(voice))

    def _speaking(self, voice: str) -> Held:
        other = Held(self.layout, self.source, self.registry, voice)
        vars(other).update(store=self.store, names=self.names, articles=self.articles)
        return other

    @cached_property
    def store(self) -> Store:
        """The package, opened."""
        opened = super().opened()
        return _Proven(opened.layout, opened.about, opened.resources, opened.source)

    def opened(self) -> Store:
        """Return the package, opened for reading."""
        return self.store

    @cached_property
    def names(self) -> Mapping[str, Names]:
        """The entries of each registry by their names."""
        return registries(self.store)

    def hits(self, text: str, registry: str | None = None) -> list[Hit]:
        """Return the entries that a text fits, of one registry or of all, the best and most told of first.

        Raises  NotFound for an unknown registry
        """
        if registry not in (None, *self.names):
            raise NotFound.of(
                "registry", str(registry), self.names, "the package", f"There are {', '.join(self.names)}"
            )
        asked = [*self.names.values()] if registry is None else [self.names[registry]]
        return sorted(hits(asked, text), key=lambda hit: (FITS.index(hit.fit), -self.about(entry_of(hit)).total()))

    def about(self, entry: str) -> Counter[str]:
        """Return how many rows of each table point at an entry, registry/id."""
        return self.rows_about.get(entry, Counter())

    def name(self, registry: str, entry: str) -> str | None:
        """Return what an entry is called, None if it is of no registry."""
        return self.names[registry].names(entry)["name_en"] or entry if registry in self.names else None

    @cached_property
    def articles(self) -> dict[str, dict[str, Any]]:
        """The sources by id."""
        rows: Rows = self.store.read("sources").to_pylist()
        return {row["source_id"]: row for row in rows}

    @cached_property
    def published(self) -> Mapping[tuple[str, str], Rows]:
        """The published conflicts by table and key."""
        found: dict[tuple[str, str], Rows] = {}
        for row in self.store.read("conflicts").to_pylist():
            found.setdefault((row["table"], row["key"]), []).append(row)
        return found

    @cached_property
    def changes(self) -> Rows | None:
        """What this release changed against the one before; None for the working build, which is none."""
        return None if self.source is None else changed(self.source(CHANGES)).to_pylist()

    def claims(self, table: str, policy: str, known_by: str | None) -> Mapping[str, Rows]:
        """Return every claim of a table with what becomes of it under a policy, by the key of its row."""
        return self._once(("claims", table, policy, known_by), lambda: self._by_key(table, policy, known_by))

    def _by_key(self, table: str, policy: str, known_by: str | None) -> Mapping[str, Rows]:
        found: dict[str, Rows] = {}
        for claim in self.placed(table, policy, known_by):
            found.setdefault(key_text(claim, self.key(table)), []).append(claim)
        return found

    def rows(self, table: str) -> Rows:
        """Return all rows of a table as plain values."""
        return self._once(("rows", table), lambda: records(self.load(table)))

    @cached_property
    def _kept(self) -> dict[Hashable, Any]:
        return {}

    def _once(self, asked: Hashable, make: Callable[[], T]) -> T:
        """Return what was made when the same was asked before, as long as it is kept; see KEPT."""
        found: T = self._kept[asked] if asked in self._kept else make()
        if len(self._kept) >= KEPT:  # agents may ask without end
            self._kept.clear()
        self._kept[asked] = found
        return found

    @cached_property
    def rows_about(self) -> Mapping[str, Counter[str]]:
        """How many rows of each table point at an entry, by registry/id."""
        return rows_about(self.store)


def entry_of(hit: Hit) -> str:
    """Return registry/id of an entry that was found."""
    return f"{hit.names.table}/{hit.id}"


def records(frame: pd.DataFrame) -> Rows:
    """Return the rows of a frame as plain values: days as ISO texts, whatever is missing as None."""
    bare = frame.copy(deep=False)
    bare.attrs = {}  # pandas copies them, descriptions and all, at every step
    gone = bare.isna()
    columns = {
        str(name): [None if lost else plain(value) for value, lost in zip(bare[name], gone[name], strict=True)]
        for name in bare.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    return value.item() if hasattr(value, "item") else value


def pointing(spec: Spec) -> dict[str, str]:
    """Return the columns of a table that point at registries of entries, with the registries."""
    return {fk.column: fk.table for fk in spec.foreign_keys if fk.table not in ("claims", "sources")}
