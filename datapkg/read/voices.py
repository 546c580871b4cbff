"""Claims by voice: who a source names for them, else its publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapkg.model import PREFIX, NotFound, UsageError, fold
from datapkg.read.names import Names
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pyarrow.compute as pc

SPEAKERS = ("companies", "people")
"""Registries whose entries speak."""


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
    found = [voice for voice in known if fold(voice) in asked]
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


def _spoken(store: Store, name: str) -> set[str]:
    """Return a name and, if a company or person goes by it, their other names; all folded."""
    found = {fold(name)}
    for names in (Names(store, registry) for registry in SPEAKERS):
        found |= {fold(label) for entry in names.called(name) for label in names.labels[entry]}
    return found
