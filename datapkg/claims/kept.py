"""What was read from claim files, kept for the next time: a file that has not changed is not read again.

A reading is kept in the user's own cache, never in the repository, which others write to. It counts for the bytes that
it was made of, in the place that they lie: those of the file, of the schemas, and of the code that reads. A file in
which something is wrong is read anew each time, so that what is wrong is told with its line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.claims.claim import Claim, Source
from datapkg.model import MissingExtra, Place, Written, disk, user_cache

if TYPE_CHECKING:
    import hashlib

FEW = 100
"""So many files are read as fast as what is kept of them."""
BYTES = 1 << 28
"""A cache that is larger holds mostly what has changed since, and is begun anew."""


DAMAGED = (KeyError, ValueError, TypeError, IndexError, AttributeError)
"""What reading a damaged line of a cache raises."""


def code(schemas: Iterable[Path]) -> hashlib._Hash:
    """Return the digest of what decides how claims are read, to be added to: the schemas, and the code that reads."""
    own = (path for room in ("claims", "model") for path in (Path(__file__).parents[1] / room).rglob("*.py"))
    by = sha256(f"{sys.version} {version('pycountry')}".encode())
    for path in sorted([*own, *schemas]):
        by.update(sha256(path.read_bytes()).digest())
    return by


class Kept:
    """The claims of files, by what they were read from; empty where there is no cache."""

    def __init__(self, schemas: Iterable[Path], folder: Path | None = None) -> None:
        self.by = code(schemas)
        self.file = folder and folder / "claims.jsonl"
        self.there: dict[bytes, bytes] = {}
        self.new: dict[bytes, bytes] = {}
        with suppress(OSError):
            if self.file and self.file.stat().st_size < BYTES:
                self.there = dict(line.split(b" ", 1) for line in self.file.read_bytes().splitlines() if b" " in line)

    @classmethod
    def of_user(cls, schemas: Iterable[Path], files: Sequence[Path]) -> Kept | None:
        """Return what is kept for the user who runs this, None for few files or without a place for it."""
        with suppress(MissingExtra):
            return cls(schemas, user_cache()) if len(files) > FEW else None
        return None

    def key(self, name: str, parts: Iterable[Path]) -> bytes | None:
        """Return what a reading of some files counts for, None if they cannot be read."""
        asked = self.by.copy()
        asked.update(name.encode())
        try:
            for path in parts:
                asked.update(sha256(path.read_bytes()).digest())
        except OSError:
            return None
        return asked.hexdigest().encode()

    def claims(self, key: bytes | None, name: str) -> list[Claim]:
        """Return the claims of a file as they were read before, none if they were not."""
        try:
            return decoded(self.there[key or b""], name)
        except DAMAGED:
            return []

    def keep(self, key: bytes | None, claims: Sequence[Claim]) -> None:
        """Remember the claims of a file in which nothing is wrong, until `save`."""
        if key is None or not claims:
            return
        self.new[key] = encoded(claims)

    def save(self) -> None:
        """Put what was read anew into the cache, as far as it can be written to."""
        if not self.new or not self.file:
            return
        lines = b"".join(key + b" " + text + b"\n" for key, text in self.new.items())
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.there:
                with self.file.open("ab") as file:
                    file.write(lines)
            else:
                disk.put(self.file, lines)


def encoded(claims: Sequence[Claim]) -> bytes:
    """Return the claims of one file, one at least, as a line of JSON."""
    one = claims[0].source
    source = [one.source_id, plain(one.row), _spot(one.place), one.table]
    told = [
        [
            claim.claim_id.removeprefix(f"{one.source_id}/"),
            claim.kind,
            plain(claim.values),
            {field: _spot(place) for field, place in claim.places.items()},
            _spot(claim.place),
            plain(claim.common),
        ]
        for claim in claims
    ]
    file = claims[0].place.file  # that of the source, or the one beside a map
    return json.dumps([source, file, told], ensure_ascii=False, separators=(",", ":")).encode()


def decoded(line: bytes, name: str) -> list[Claim]:
    """Return the claims of a file from what `encoded` made of them.

    Raises  one of DAMAGED for any other line
    """
    source, file, claims = json.loads(line, object_hook=value)
    one = Source(source[0], source[1], Place(name, *source[2]), table=source[3])
    return [_claim(one, file, claim) for claim in claims]


def _claim(source: Source, file: str, told: Sequence[Any]) -> Claim:
    """Return a claim from what `keep` told of it."""
    slug, kind, values, places, place, common = told
    spots = {part: Place(file, *spot) for part, spot in places.items()}
    return Claim(f"{source.source_id}/{slug}", source, kind, values, spots, Place(file, *place), common)


def _spot(place: Place) -> list[int]:
    return [place.line, place.column]


def plain(given: Any) -> Any:
    """Return a value as JSON has it; days and numbers as written are objects of one key that no field has."""
    if isinstance(given, dict):
        return {name: plain(v) for name, v in given.items()}
    if isinstance(given, list):
        return [plain(v) for v in given]
    if isinstance(given, Written):
        return {"#": [float(given), given.decimals]}
    return {"@": given.isoformat()} if isinstance(given, date) else given


def value(found: dict[str, Any]) -> Any:
    """Return what an object of JSON stands for."""
    if "#" in found:
        number = Written(found["#"][0])
        number.decimals = found["#"][1]
        return number
    return date.fromisoformat(found["@"]) if "@" in found else found
