"""What a release is, in one strict object: everything that the files of metadata say is taken from here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from datapkg.model import PREFIX, ConfigError, Spec, chunks, stem
from datapkg.registry import SIGNATURES

_ORCID = re.compile(r"https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_CHUNK = 1 << 20


def parquet_path(name: str) -> str:
    """Return the path of a table's Parquet file in the folder of a release."""
    return f"data/{stem(name)}.parquet"


def csv_path(name: str) -> str:
    """Return the path of a table's CSV file in the folder of a release."""
    return f"csv/data/{stem(name)}.csv"


@dataclass(frozen=True)
class TableFile:
    """One table of a release: its schema, its rows, and the digests and sizes of its two files.

    `chunks` is what the descriptor says of those of the Parquet file, None of a small one.
    """

    spec: Spec
    rows: int
    sha256: str
    size: int
    csv_sha256: str
    csv_size: int
    chunks: Mapping[str, Any] | None = None

    @property
    def path(self) -> str:
        """Path of the Parquet file in the release."""
        return parquet_path(self.spec.name)

    @property
    def csv_path(self) -> str:
        """Path of the CSV file in the release."""
        return csv_path(self.spec.name)


@dataclass(frozen=True)
class Agent:
    """A person or a group that made or published the data."""

    name: str
    given: str | None = None
    family: str | None = None
    organization: str | None = None
    orcid: str | None = None

    @property
    def person(self) -> bool:
        """Whether it is a person, as its family name shows; a group has only a name."""
        return self.family is not None


@dataclass(frozen=True)
class Signature:
    """How the release is signed: the tool, one of SIGNATURES, and the public key as that tool prints it."""

    tool: str
    public_key: str

    def __post_init__(self) -> None:
        if self.tool not in SIGNATURES:
            raise ConfigError(f"signature with '{self.tool}'; expected one of {', '.join(SIGNATURES)}")
        if "\n" in self.public_key.strip() or not self.public_key.strip():
            raise ConfigError(f"the public key of {self.tool} has to be one line; take the last one of its file")
        if "'" in self.public_key:  # VERIFY.md prints it for a shell
            raise ConfigError(f"the public key of {self.tool} has a quote (') in it; change its comment")


@dataclass(frozen=True)
class Release:
    """A release as all its metadata describe it.

    `about` is data/raw/package.yaml; `reference` and `bibtex` are the citation as a sentence and as BibTeX.
    """

    about: Mapping[str, Any]
    version: str
    created: str
    tables: Mapping[str, TableFile]
    previous: str | None = None
    signature: Signature | None = None
    reference: str | None = None
    bibtex: str | None = None

    def __post_init__(self) -> None:
        try:
            known = date.fromisoformat(self.created).isoformat() == self.created
        except ValueError:
            known = False
        if not known:
            raise ConfigError(
                f"release {self.version}: created is '{self.created}'; expected a date such as 2026-11-24"
            )
        for part in ("licenses", "contributors", "keywords"):
            if not self.about.get(part):
                raise ConfigError(f"release {self.version}: package.yaml has no {part}; a release names at least one")
        if self.about.get("doi") and not _DOI.fullmatch(str(self.about["doi"])):
            found = f"package.yaml has the doi '{self.about['doi']}'"
            raise ConfigError(f"release {self.version}: {found}; expected it without https://doi.org/, as 10.1234/abc")

    @cached_property
    def files(self) -> tuple[TableFile, ...]:
        """All tables in the order of publication: facts, registries and records first, observations last."""
        return tuple(self.tables[name] for name in sorted(self.tables, key=lambda n: (n.startswith(PREFIX), n)))

    @property
    def license(self) -> dict[str, str]:
        """The licence of the data: its SPDX name, title and path."""
        return dict(self.about["licenses"][0])

    @property
    def doi(self) -> str | None:
        """The DOI, once there is one."""
        return self.about.get("doi") or None

    @property
    def creators(self) -> tuple[Agent, ...]:
        """Who made the data; if no contributor is a creator, all of them are."""
        made = [entry for entry in self.about["contributors"] if "creator" in entry.get("roles", [])]
        return tuple(_agent(entry) for entry in made or self.about["contributors"])

    @property
    def publisher(self) -> str:
        """Who publishes the data: the contributor with that role, else the first creator."""
        named = [_agent(entry) for entry in self.about["contributors"] if "publisher" in entry.get("roles", [])]
        return (named or self.creators)[0].name


def _agent(entry: Mapping[str, Any]) -> Agent:
    given, family = entry.get("givenName"), entry.get("familyName")
    path = str(entry.get("path") or "")
    title = entry.get("title") or " ".join(filter(None, (given, family)))
    return Agent(title, given, family, entry.get("organization"), path if _ORCID.fullmatch(path) else None)


def measured(folder: Path, spec: Spec) -> TableFile:
    """Return what the two files of a table in the folder of a release are: rows, digests and sizes.

    Raises  OSError if one cannot be read
    """
    import pyarrow.parquet as pq

    path, mirror = folder / parquet_path(spec.name), folder / csv_path(spec.name)
    with pq.ParquetFile(path) as file:
        rows = file.metadata.num_rows
    of = chunks.hashed_file(path)
    size = path.stat().st_size
    return TableFile(spec, rows, of.sha256, size, digest(mirror), mirror.stat().st_size, of.chunks)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    running = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            running.update(chunk)
    return running.hexdigest()
