"""What is published, and what the places do that it goes to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from datapkg.model import IntegrityError, UsageError
from datapkg.registry.index import Index, Record


@dataclass(frozen=True)
class Upload:
    """A release to publish: its folder, the name of the data package, its record, the SHA-256 of every file by path."""

    folder: Path
    name: str
    record: Record
    files: Mapping[str, str]

    def sizes(self) -> dict[str, int]:
        """Return the bytes of every file, by path."""
        return {path: (self.folder / path).stat().st_size for path in self.files}


class Target(Protocol):
    """Where releases go; `lanes` files at a time."""

    lanes: int

    def index(self) -> tuple[bytes | None, Any]:
        """Return index.json, None if there is none, and what tells this state of it from others."""

    def prepare(self, upload: Upload, listed: bool) -> list[str]:
        """Make the version ours and return the paths that must be sent; `listed` says that readers see it already.

        Raises  UsageError if somebody has begun to publish another content
        """

    def holds(self, upload: Upload, path: str) -> bool:
        """Return whether a file of the release is there, whatever is in it."""

    def send(self, upload: Upload, path: str) -> None:
        """Copy one file.

        Raises  IntegrityError if it is not the file of which the upload has the digest
        """

    def finish(self, upload: Upload) -> None:
        """Make sure that all files are there, ready to be listed."""

    def unlisted(self, index: Index) -> list[Record]:
        """Return whole releases that an index lacks; none where nobody can overwrite an index unseen."""

    def swap(self, data: bytes, state: Any) -> bool:
        """Write index.json if it still is in that state; return whether it was written."""

    def accompany(self, path: str, data: bytes) -> None:
        """Write a file of no release beside index.json, such as a feed, unless it is there."""


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, None if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def begun(upload: Upload, where: str) -> UsageError:
    """Return the error of a version that somebody else has begun to publish."""
    version = upload.record.version
    return UsageError(f"a publication of {version} with another content was begun in {where} and not finished; publish "
                      "that content, or delete the folder if nobody is publishing")  # fmt: skip


def changed(upload: Upload, path: str) -> IntegrityError:
    """Return the error of a file that is not what it was when the publication began."""
    return IntegrityError(f"{upload.folder / path} changed while it was published; nothing was published")
