"""Claims by voice: who a source names for them, else its publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapkg.model import PREFIX, NotFound, UsageError
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pyarrow.compute as pc

NAMES = {"companies": "company_id", "people": "person_id"}
"""Registries whose entries speak, with the columns of their ids."""


def voices_of(store: Store, table: str, name: str) -> list[str]:
    """Return the voices in a table of claims that a name stands for: an id, a name in any language, a publisher.

    Raises  UsageError for a table that is not made of claims, NotFound for a voice that is not in it
    """
    observed = PREFIX + table.removeprefix(PREFIX)
    if observed not in store.resources:
        raise UsageError(
            f"table '{table}' {store.nature(table)} and not told by voices; voice works with {', '.join(store.facts())}"
        )
    known = sorted(store.read(observed, ["voice"]).column("voice").unique().to_pylist())
    asked = _spoken(store, name)
    found = [voice for voice in known if _plain(voice) in asked]
    if not found:
        raise NotFound.of("voice", name, known, f"table '{observed.removeprefix(PREFIX)}'")
    return found


def voice_condition(store: Store, table: str, name: str | None) -> pc.Expression | None:
    """Return the condition that an observation is of a voice, None for None.

    Raises  what `voices_of` raises
    """
    if name is None:
        return None
    import pyarrow.compute as pc

    return pc.field("voice").isin(voices_of(store, table, name))


def _plain(name: str) -> str:
    """Return a name without what spellings differ in: case, white space, punctuation."""
    return "".join(c for c in name.casefold() if c.isalnum())


def _spoken(store: Store, name: str) -> set[str]:
    """Return a name and, if a company or person goes by it, their other names; all plain."""
    rows = [
        (registry, row[key], [row[key], row["name_en"], row["name_ko"]])
        for registry, key in NAMES.items()
        for row in store.read(registry, [key, "name_en", "name_ko"]).to_pylist()
    ]
    rows += [(row["entity_type"], row["entity_id"], [row["alias"]]) for row in store.read("aliases").to_pylist()]
    wanted = _plain(name)
    named = {
        (registry, entity)
        for registry, entity, names in rows
        if registry in NAMES and any(_plain(n) == wanted for n in names if n)
    }
    return {wanted, *(_plain(n) for registry, entity, names in rows if (registry, entity) in named for n in names if n)}
