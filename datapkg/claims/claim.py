"""Claims and their sources, as they were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datapkg.model import Period, Place, period


class Columns(Mapping[str, Any]):
    """A row that shares the names of its columns with others, so that it takes a fifth of the memory of a dict."""

    __slots__ = ("_places", "_values")

    def __init__(self, places: Mapping[str, int], row: Mapping[str, Any]) -> None:
        self._places, self._values = places, tuple(row[name] for name in places)

    def __getitem__(self, name: str) -> Any:
        return self._values[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, eq=False)
class Source:
    """One source as its claim file describes it; `row` holds the columns of the sources table."""

    source_id: str
    row: Mapping[str, Any]
    place: Place
    whole: bool = True
    """Whether the block holds all that a claim needs."""
    table: str | None = None
    """Digest of the table that the claims are made from, where they are."""

    @property
    def published(self) -> Period:
        """Publication date at the precision known."""
        return period(self.row["published"])

    @property
    def chars(self) -> int | None:
        """Code points of the normalised text, where the curator held one."""
        chars: int | None = self.row.get("text_chars")
        return chars


@dataclass(slots=True, eq=False)
class Claim:
    """One claim: typed values under the names of its form, with names of entities still as written.

    Not frozen, since there are many and freezing takes half of the time that making one takes; nobody changes one.
    """

    claim_id: str
    source: Source
    kind: str
    values: dict[str, Any]
    places: dict[str, Place]
    place: Place
    common: dict[str, Any]
    corrected: tuple[str, ...] = ()
    preferred_in: frozenset[str] = frozenset()
