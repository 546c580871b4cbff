"""Entries of the registries by any name in any language or identifier, and what there is about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from datapkg.model import PREFIX, NotFound, fold, folded
from datapkg.read.names import LABELS, Names, prefixes, registries
from datapkg.read.store import Store, frame

if TYPE_CHECKING:
    import pandas as pd

NEAR = "near"
FITS = ("is", "begins", "holds", NEAR)
"""How a name fits what was asked for, the best first: it is that, begins with it, holds it, or is only like it."""
SHORT = 3
"""Characters below which a Latin text is looked for among whole words only."""
NUMBERS = ("rows", "told")
COLUMNS = ("kind", "id", *LABELS, "fit", "matched", "rows", "tables", "told")


class Hit(NamedTuple):
    """An entry that fits a text: how, and by which of its names."""

    names: Names
    id: str
    fit: str
    label: str


def found(store: Store, text: str, kind: str | None = None) -> pd.DataFrame:
    """Return the entries whose id, names or aliases fit a text, the best and those with the most rows first.

    A company is found by its identifiers in registers outside too, such as XNAS:NVDA, each as a whole.
    Only where nothing fits, what is like it is returned.
    Shape   one row per entry: COLUMNS
    Raises  NotFound for a kind that no registry is
    """
    import pyarrow as pa

    named = registries(store)
    if kind is not None and kind not in named:
        raise NotFound.of("kind", kind, named, "the registries", f"Kinds are {', '.join(named)}")
    asked = list(named.values()) if kind is None else [named[kind]]
    about, told = rows_about(store), _rows_told(store)
    lines: list[dict[str, Any]] = []
    for hit in hits(asked, text):
        entry = f"{hit.names.table}/{hit.id}"
        tables = about.get(entry, Counter())
        shown = ", ".join(f"{table} {rows}" for table, rows in tables.most_common())
        lines.append({"kind": hit.names.table, "id": hit.id, **hit.names.names(hit.id), "fit": hit.fit,
                      "matched": hit.label, "rows": tables.total(), "tables": shown, "told": told[hit.id]})  # fmt: skip
    lines.sort(key=lambda line: (FITS.index(line["fit"]), -line["rows"] if line["fit"] != NEAR else 0))
    fields = [pa.field(name, pa.int64() if name in NUMBERS else pa.string(), name not in NUMBERS) for name in COLUMNS]
    return frame(pa.Table.from_pylist(lines, schema=pa.schema(fields)))


def hits(asked: Sequence[Names], text: str) -> list[Hit]:
    """Return the entries that a text fits, in no order; where it fits none, those like it, the nearest first."""
    return [hit for names in asked for hit in _fitting(names, text)] or _like(asked, text)


def _fitting(names: Names, text: str) -> Iterator[Hit]:
    """Yield the entries with a name that fits a text, each with the name that fits best."""
    for entry, labels in names.labels.items():
        fits = [Hit(names, entry, fit, label) for label in labels if (fit := _fit(names.table, label, text))]
        known = names.identifiers.get(entry, ())
        fits += [Hit(names, entry, FITS[0], value) for value in known if _fit(names.table, value, text) == FITS[0]]
        if fits:
            yield min(fits, key=lambda hit: FITS.index(hit.fit))


def _like(asked: Sequence[Names], text: str) -> list[Hit]:
    """Return the entries with a name like a text, the nearest first."""
    near = [(-score, Hit(names, entry, NEAR, label)) for names in asked for score, entry, label in names.near(text)]
    return [hit for _, hit in sorted(near, key=itemgetter(0))]


def _fit(table: str, label: str, text: str) -> str | None:
    """Return how a name fits a text, None if it does not."""
    name, wanted = folded(table, label), folded(table, text)
    if not wanted or wanted not in name:
        return None
    if name == wanted:
        return "is"
    if wanted.isascii() and len(wanted) < SHORT and wanted not in map(fold, label.replace("-", " ").split()):
        return None
    return "begins" if name.startswith(wanted) else "holds"


def rows_about(store: Store) -> dict[str, Counter[str]]:
    """Return how many rows of which tables point at each entry, by registry/id; observations are not counted."""
    about: dict[str, Counter[str]] = {}
    for table in store.names():
        columns = {} if table.startswith(PREFIX) else prefixes(store, table)
        own = store.key(table)
        for column, prefix in columns.items():
            if own != [column]:
                for entry in store.read(table, [column]).column(column).to_pylist():
                    if entry is not None:
                        about.setdefault(prefix + entry, Counter())[table] += 1
    return about


def _rows_told(store: Store) -> Counter[str]:
    """Return how many observations each voice has told."""
    told: Counter[str] = Counter()
    for table in store.facts():
        told.update(store.read(PREFIX + table, ["voice"]).column("voice").to_pylist())
    return told
