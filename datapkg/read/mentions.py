"""Everything that was said about a company, a product, a market: the claims of all tables that point at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from datapkg.model import PREFIX, NotFound
from datapkg.read.names import Names, prefixes, registries
from datapkg.read.store import Store, frame

if TYPE_CHECKING:
    import pandas as pd

CLAIM = ("claim_id", "kind", "says", "certainty", "said_by", "corrected")
SOURCE = ("source_id", "title", "publisher", "published", "known_from", "language", "url")


def mentioned(store: Store, patterns: Sequence[str]) -> pd.DataFrame:
    """Return the claims that point at any entry that a pattern fits, in the order in which they could be known.

    Shape   one row per claim: CLAIM, the tables that it feeds and the entries that it names, SOURCE
    Raises  NotFound with the near miss for a pattern that fits no entry
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    chosen = _entries(store, patterns)
    found: dict[str, tuple[set[str], set[str]]] = {}
    for table, claim, entry in _pointing(store):
        if entry in chosen:
            tables, entries = found.setdefault(claim, (set(), set()))
            tables.add(table)
            entries.add(entry)
    sources = {row["source_id"]: row for row in store.read("sources", SOURCE).to_pylist()}
    rows = [
        {
            **claim,
            **sources[claim["source_id"]],
            "tables": " ".join(sorted(found[claim["claim_id"]][0])),
            "entries": " ".join(sorted(found[claim["claim_id"]][1])),
        }
        for claim in store.read("claims", [*CLAIM, "source_id"], pc.field("claim_id").isin(sorted(found))).to_pylist()
    ]
    rows.sort(key=lambda row: (row["known_from"], row["claim_id"]))
    types = {"known_from": pa.date32(), "corrected": pa.bool_()}
    columns = [
        pa.field(name, types.get(name, pa.string()), nullable=name != "corrected")
        for name in (*CLAIM, "tables", "entries", *SOURCE)
    ]
    return frame(pa.Table.from_pylist(rows, schema=pa.schema(columns)))


def _entries(store: Store, patterns: Sequence[str]) -> set[str]:
    """Return the entries of all registries that patterns fit or that go by a name, as registry/id."""
    names = registries(store)
    known = [f"{registry}/{entry}" for registry, entries in names.items() for entry in sorted(entries.ids)]
    chosen: set[str] = set()
    for pattern in patterns:
        whole = pattern if "/" in pattern else f"*/{pattern}"
        found = {entry for entry in known if fnmatchcase(entry, whole)} or _called(names, pattern)
        if not found:
            ids = known if "/" in pattern else sorted({entry.partition("/")[2] for entry in known})
            raise NotFound.of("entry", pattern, ids, "the registries", f"Registries are {', '.join(names)}")
        chosen |= found
    return chosen


def _called(names: Mapping[str, Names], name: str) -> set[str]:
    """Return the entry of each registry, or of the one in front of it, that alone goes by a name.

    Raises  UsageError for a name of several entries of one registry
    """
    only, slash, plain = name.rpartition("/")
    asked = [only] if only in names else [] if slash else [*names]
    return {f"{registry}/{names[registry].one(plain)}" for registry in asked if names[registry].called(plain)}


def _pointing(store: Store) -> Iterator[tuple[str, str, str]]:
    """Yield table, claim and entry for every cell of an observation that points at a registry."""
    for name in store.facts():
        for column, prefix in prefixes(store, PREFIX + name).items():
            rows = store.read(PREFIX + name, [column, "claim_id"]).to_pydict()
            for claim, value in zip(rows["claim_id"], rows[column], strict=True):
                if value is not None:
                    yield name, claim, prefix + value
