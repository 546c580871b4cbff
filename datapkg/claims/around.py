"""What every claim file speaks of, kept so that some of them can be checked without reading all the others.

It is in the user's cache, one file for each repository, made when all claims were read and nothing was wrong.
It counts for the code, the schemas and every other file of data/raw by their digests; for a claim file, by what the
file system says of it. That is asked before anything is read, so that whoever writes meanwhile has changed it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from datapkg.claims import kept
from datapkg.claims.addresses import same_page
from datapkg.claims.attribution import Seats, seats
from datapkg.claims.claim import Claim
from datapkg.claims.events import of_events
from datapkg.claims.nearby import Rows, about, defaults, events, observations
from datapkg.claims.registries import Registries
from datapkg.model import Layout, MissingExtra, Spec, disk, packaged, period, user_cache

FEW = kept.FEW
"""So many claim files are read as fast as what is kept of them."""
MOST = 50
"""Files that have changed; with more, all are read."""
Stat = list[int]
"""Size, times of change and number of a file, as the file system has them."""


@dataclass(frozen=True)
class Told:
    """What is kept of one claim file: where its claims stand in the cache, and what is known without reading them."""

    stat: Stat
    at: int
    long: int
    page: str | None
    day: str
    rows: list[tuple[list[str], list[str]]]
    """What each observation speaks of: the entries and events, and the events among them that are its own."""
    claims: list[str]
    seats: list[list[str]]
    events: Rows


@dataclass(frozen=True)
class Far:
    """What is known of the claim files that were not read."""

    claims: set[str] = field(default_factory=set)
    seats: Seats = frozenset()
    events: Rows = field(default_factory=dict)
    until: date | None = None
    """The last day on which one of their sources was published or read."""

    def beside(self, rows: Rows) -> Rows:
        """Return observations with those of the other files, of which only what makes events is known."""
        return {table: [*rows.get(table, ()), *self.events.get(table, ())] for table in {**rows, **self.events}}


class Around:
    """The claim files of a repository as they were when all were read, and which of them have changed since."""

    def __init__(self, layout: Layout, specs: Mapping[str, Spec]) -> None:
        self.layout, self.specs = layout, specs
        self.stats, self.beside = _scanned(layout)
        self.told: dict[str, Told] = {}
        self.begins = 0
        self.named = b""
        if any(path.is_relative_to(layout.bulk) for path in self.beside):  # millions of claims, perhaps
            return
        with suppress(*kept.DAMAGED, OSError, MissingExtra), self.file.open("rb") as file:
            head = json.loads(file.readline())
            if head["ground"] == self.ground:
                self.named = file.readline()
                self.begins = file.tell()
                self.told = {name: Told(*one) for name, one in head["files"].items()}

    @cached_property
    def file(self) -> Path:
        """Where it is kept."""
        return user_cache() / f"around-{sha256(os.fsencode(self.layout.root.resolve())).hexdigest()[:20]}.jsonl"

    @cached_property
    def ground(self) -> str:
        """The digest of everything that decides how claims are read but the claim files."""
        by = kept.code(self.layout.schema_files.values())
        for path in [*self.beside, *sorted(packaged().processed.glob("*.parquet"))]:
            by.update(f"{path}".encode() + sha256(path.read_bytes()).digest())
        return by.hexdigest()

    @cached_property
    def changed(self) -> list[str]:
        """The claim files that are not as they were, those that are new included; in order."""
        return [name for name, stat in self.stats.items() if name not in self.told or self.told[name].stat != stat]

    @property
    def usable(self) -> bool:
        """Whether what is kept spares the reading of most files."""
        gone = self.told.keys() - self.stats.keys()
        return bool(self.told) and len(self.changed) + len(gone) <= MOST

    def registries(self) -> Registries:
        """Return the registries as they were read."""
        return Registries.of(json.loads(self.named, object_hook=kept.value))

    def same_page(self, urls: Iterable[str | None], beside: Iterable[str]) -> bool:
        """Return whether one of some addresses is that of another, or of an unchanged file, `beside` left out."""
        pages = [same_page(url) for url in urls if url]
        there = {told.page for told in self._but(beside).values()}
        return len(set(pages)) < len(pages) or not there.isdisjoint(pages)

    def near(self, rows: Rows, beside: Iterable[str]) -> list[str]:
        """Return the files that have not changed, `beside` left out, with claims near some observations (`nearby`)."""
        usual = defaults(self.specs)
        wanted = {entry for table, row in observations(rows) for entry in about(row, usual[table])}
        others = self._but(beside)
        wanted |= {
            event
            for told in others.values()
            for entries, events in told.rows
            if events and not wanted.isdisjoint(entries)
            for event in events
        }
        return [
            name for name, told in others.items() if any(not wanted.isdisjoint(entries) for entries, _ in told.rows)
        ]

    def claims(self, names: Iterable[str]) -> Iterator[list[Claim]]:
        """Yield the claims of files that have not changed.

        Raises  one of kept.DAMAGED, or OSError, for a cache that is damaged
        """
        with self.file.open("rb") as file:
            for name in names:
                told = self.told[name]
                file.seek(self.begins + told.at)
                yield kept.decoded(file.read(told.long), name)

    def far(self, read: Iterable[str]) -> Far:
        """Return what is known of the files that have not changed beside those that were read."""
        left = self._but(read)
        events: Rows = {}
        for told in left.values():
            for table, found in told.events.items():
                events.setdefault(table, []).extend(found)
        claims = {claim for told in left.values() for claim in told.claims}
        days = [date.fromisoformat(told.day) for told in left.values()]
        held = {(person, company) for told in left.values() for person, company in told.seats}
        return Far(claims, held, events, max(days, default=None))

    def _but(self, read: Iterable[str]) -> dict[str, Told]:
        """Return the files that have not changed, without those that are read."""
        left = self.told.keys() & self.stats.keys() - {*self.changed, *read}
        return {name: told for name, told in self.told.items() if name in left}

    def keep(self, claims: Sequence[Claim], rows: Rows, registries: Registries) -> None:
        """Put what all claim files say, in which nothing is wrong, into the cache, as far as it can be written to."""
        files: dict[str, list[Claim]] = {}
        for claim in claims:
            files.setdefault(claim.source.place.file, []).append(claim)
        if len(files) <= FEW or not files.keys() <= self.stats.keys():  # few, or claims from elsewhere
            return
        observed: dict[str, Rows] = {}
        home = {claim.claim_id: name for name, found in files.items() for claim in found}
        for table, row in observations(rows):
            observed.setdefault(home[row["claim_id"]], {}).setdefault(table, []).append(row)
        told, lines, at = {}, [], 0
        for name, found in files.items():
            line = kept.encoded(found) + b"\n"
            said = self._said(found, observed.get(name, {}), registries)
            told[name] = [self.stats[name], at, len(line), *said]
            lines.append(line)
            at += len(line)
        head = [{"ground": self.ground, "files": told}, registries.plain()]
        first = [json.dumps(kept.plain(part), separators=(",", ":")).encode() + b"\n" for part in head]
        with suppress(OSError, MissingExtra):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            disk.put(self.file, b"".join([*first, *lines]))

    def _said(self, claims: Sequence[Claim], rows: Rows, registries: Registries) -> list[Any]:
        """Return what is kept of the claims of one file, in the order of `Told`."""
        source, usual, named = claims[0].source.row, defaults(self.specs), events(self.specs)
        spoken: dict[tuple[tuple[str, ...], tuple[str, ...]], None] = {}
        for table, row in observations(rows):
            own = sorted({row[column] for column in named & row.keys() if row[column]})
            spoken[tuple(sorted(set(about(row, usual[table])))), tuple(own)] = None
        return [
            source["url"] and same_page(source["url"]),
            period(source["retrieved"] or source["published"]).end.isoformat(),
            [[list(entries), list(own)] for entries, own in spoken],
            [claim.claim_id for claim in claims],
            sorted(seats(claims, registries)),
            of_events(rows, self.specs),
        ]


def _scanned(layout: Layout) -> tuple[dict[str, Stat], list[Path]]:
    """Return what the file system says of each claim file by its name, and the other files of data/raw, in order."""
    stats: dict[str, Stat] = {}
    beside = []
    mapped: dict[str, Stat] = {}
    for folder, _, names in os.walk(layout.raw):
        inside, claims = Path(folder), [name for name in names if name.endswith(".yaml")]
        if inside == layout.claims:
            for name in sorted(claims):
                found = os.stat(f"{folder}/{name}")  # noqa: PTH116  # of thousands, a Path for each is the dearer part
                stats[f"data/raw/claims/{name}"] = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
            names = [name for name in names if not name.endswith(".yaml")]
        elif inside == layout.datasets:  # whose files count with the others by their bytes, a map's claims too
            mapped = {f"data/raw/datasets/{name}": [] for name in sorted(claims)}
        beside += [inside / name for name in names]
    return {**stats, **mapped}, sorted(beside)
