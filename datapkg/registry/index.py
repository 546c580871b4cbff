"""What a registry says about its releases: index.json, and the SHA256SUMS in the folder of each."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from datapkg.model import DEVICE, ConfigError, IntegrityError, NotFound, UsageError, jsontext, limits, semver

FORMAT = 1
INDEX = "index.json"
SUMS = "SHA256SUMS"
DESCRIPTOR = "datapackage.json"
RECORD = "release.json"
KEYS = ("version", "created", "sha256sums", "path")
_PINNED = re.compile("([^@]+)@sha256:([0-9a-f]{64})")
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_PART = rf"(?!(?i:{DEVICE})(?![\w-]))[A-Za-z0-9](?:[\w.-]*[\w-])?"
_PLAIN = re.compile(f"{_PART}(/{_PART})*", re.ASCII)
"""The paths that a release has: they stay in its folder and mean the same on any system."""


@dataclass(frozen=True)
class Record:
    """One release as an index names it: version, day of creation, digest of its SHA256SUMS, folder, bytes of all files.

    Older indexes do not say how many bytes there are.
    """

    version: str
    created: str
    sha256sums: str
    path: str
    size: int | None = None

    def most(self, path: str) -> int:
        """Return how many bytes a file of the release may have."""
        if path == SUMS:
            return limits.INDEX
        return limits.FILE if self.size is None else min(limits.FILE, self.size)


@dataclass(frozen=True)
class Index:
    """The releases of a registry in the order of their versions; `stale` says why it may lack newer ones.

    `elsewhere` is the address of a registry that has more: that in a wheel holds the newest release alone.
    """

    name: str
    records: tuple[Record, ...]
    stale: str = ""
    elsewhere: str = ""

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def find(self, version: str) -> Record | None:
        """Return the record of a version."""
        return next((record for record in self.records if record.version == version), None)

    @property
    def latest(self) -> str | None:
        """The highest version; one that is not final only if there is no other."""
        return semver.latest(record.version for record in self.records) if self.records else None

    def having(self, *records: Record) -> Index:
        """Return the index with more releases."""
        every = {record.version: record for record in (*self.records, *records)}
        return replace(self, records=tuple(sorted(every.values(), key=lambda record: semver.parse(record.version))))

    def dump(self) -> bytes:
        """Return index.json."""
        entries = [{k: v for k, v in asdict(record).items() if v is not None} for record in self.records]
        whole = {"format": FORMAT, "name": self.name, "latest": self.latest, "versions": entries}
        return (json.dumps(whole, indent=1) + "\n").encode()


def listed(folder: Path) -> set[str]:
    """Return the versions that the index of a registry in a folder names, none if it has no index yet.

    Raises  IntegrityError if it is none
    """
    path = folder / INDEX
    return {record.version for record in parse(path.read_bytes(), str(path))} if path.is_file() else set()


def parse(data: bytes, where: str) -> Index:
    """Return the index that index.json holds.

    Raises  ConfigError if it is of a newer format, or no index at all
    """
    try:
        raw = jsontext.loads(data)
        form = raw.get("format", FORMAT)
        if form > FORMAT:
            raise ConfigError(f"{where} has format {form} and this datapkg reads up to {FORMAT}; "
                              "update it: pip install --upgrade semiconductor-datapkg")  # fmt: skip
        records = [Record(**{key: entry[key] for key in KEYS}, size=entry.get("size")) for entry in raw["versions"]]
        for record in records:
            semver.parse(record.version)
            if not all(isinstance(getattr(record, key), str) for key in KEYS):
                raise ValueError(f"the entry of {record.version} has parts that are no texts")
            if record.size is not None and (type(record.size) is not int or record.size < 0):
                raise ValueError(f"the entry of {record.version} has the size {record.size!r}, which is no number")
            if not re.fullmatch("[0-9a-f]{64}", record.sha256sums) or record.path != f"{record.version}/":
                raise ValueError(f"the entry of {record.version} has no digest, or another path than {record.version}/")
        elsewhere = raw.get("elsewhere", "")
        if not isinstance(raw["name"], str) or not isinstance(elsewhere, str):
            raise ValueError("its name or elsewhere is no text")
        return Index(raw["name"], (), elsewhere=elsewhere).having(*records)
    except (UsageError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{where} is no index of releases: {type(error).__name__}: {error}; is the URL that of a "
                          "registry?") from error  # fmt: skip


def check_grown(kept: Index | None, now: Index, where: str, copy: Path) -> None:
    """Refuse an index that does not name what an earlier one, of which there is a copy, named.

    Raises  IntegrityError that names both
    """
    for record in kept or ():
        found = now.find(record.version)
        if found and found.sha256sums == record.sha256sums:
            continue
        has = f"sha256:{found.sha256sums}" if found else f"nothing of it, only {', '.join(r.version for r in now)}"
        raise IntegrityError(
            f"{where} had {record.version} with SHA256SUMS of sha256:{record.sha256sums} when it was last read, and "
            f"now has {has}; a release never changes and is never taken back, so this is an older index or another "
            f"registry. What was seen before stays; if its publisher says that this is right, delete {copy}"
        )


def pinned(version: str, exists: Callable[[str], bool] = bool) -> tuple[str, str]:
    """Return a version and the digest that it carries, or an empty one.

    Raises  UsageError for what is no version, with the one that was meant if it `exists`, or a digest of another form
    """
    version = str(version)
    plain, at, _ = version.partition("@")
    semver.parse(plain, exists)
    if not at:
        return plain, ""
    match = _PINNED.fullmatch(version)
    if not match:
        form = f"{plain}@sha256: and the 64 hexadecimal digits of its `sha256sum SHA256SUMS`"
        raise UsageError(f"'{version}' is no version with a digest; expected {form}")
    return plain, match[2]


@lru_cache(maxsize=8)
def sums(data: bytes, where: str) -> Mapping[str, str]:
    """Return the digests that a SHA256SUMS names, by path; kept, since each file of a release is looked up in it.

    Raises  IntegrityError for a line that is none, or a path that leaves the folder
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if not match or not _PLAIN.fullmatch(match[2]):
            raise IntegrityError(f"{where}:{number}: '{line[:90]}' is not a digest and a path inside the release")
        if match[2].lower() in seen:
            raise IntegrityError(f"{where}:{number}: {match[2]} has a digest already; expected one for each file")
        seen.add(match[2].lower())  # Windows and macOS tell no files apart by capitals
        found[match[2]] = match[1]
    return MappingProxyType(found)


def describe(release: Path) -> tuple[str, Record]:
    """Return the name of the data package and the record of a release folder, as an index has it.

    Raises  NotFound if it is no release folder, ConfigError if release.json or datapackage.json cannot be read
    """
    try:
        record = record_of((release / RECORD).read_bytes(), (release / SUMS).read_bytes())
        return str(jsontext.loads((release / DESCRIPTOR).read_bytes())["name"]), record
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"{release} is no release: it has no {Path(error.filename).name}; "
                       "make one with `datapkg release VERSION`") from error  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{release} is no release that datapkg made: {type(error).__name__}: {error}") from error


def record_of(release: bytes, listing: bytes) -> Record:
    """Return the record of a release from its release.json and SHA256SUMS.

    Raises  ConfigError if release.json is not one
    """
    try:
        about = jsontext.loads(release)
        version, created = about["version"], about["created"]
        semver.parse(version)
        return Record(version, str(created), hashlib.sha256(listing).hexdigest(), f"{version}/")
    except (UsageError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{RECORD} is not one that datapkg made: {type(error).__name__}: {error}") from error


def version_in(data: bytes, where: str) -> str:
    """Return the version that a release.json or datapackage.json says that it is of.

    Raises  IntegrityError if it says none
    """
    try:
        return str(jsontext.loads(data)["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"{where} says of no version that it is of: {type(error).__name__}: {error}") from error


def is_version(text: str) -> bool:
    """Return whether a text is a version."""
    try:
        return bool(semver.parse(text))
    except UsageError:
        return False
