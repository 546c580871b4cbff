"""A folder on the local disk that releases are published to.

It is locked, and a release is copied beside its place and renamed into it.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datapkg.model import disk
from datapkg.registry.index import INDEX, SUMS, Index, Record
from datapkg.registry.upload import Upload, begun, changed, digest_of

CHUNK = 1 << 20
UNFINISHED = ".publishing-"


@dataclass
class Folder:
    """A folder on the local disk, locked by us."""

    root: Path
    into: Path | None = None
    lanes: int = 1

    def index(self) -> tuple[bytes | None, Any]:
        """Return index.json; its state does not matter, because nobody else writes."""
        try:
            return (self.root / INDEX).read_bytes(), None
        except FileNotFoundError:
            return None, None

    def prepare(self, upload: Upload, listed: bool) -> list[str]:
        """Return the files that are missing or damaged; a new release gets a folder beside its place."""
        self.into = target = self.root / upload.record.path
        if target.exists():
            if not listed and digest_of(target / SUMS) != upload.files[SUMS]:
                raise begun(upload, str(target))
            return [path for path, digest in upload.files.items() if digest_of(target / path) != digest]
        self.into = self.root / (UNFINISHED + upload.record.version)
        self.into.mkdir()
        return list(upload.files)

    def holds(self, upload: Upload, path: str) -> bool:
        """Return whether a file is there."""
        return (self.root / upload.record.path / path).exists()

    def send(self, upload: Upload, path: str) -> None:
        """Copy one file under another name, compare its digest, and rename it."""
        assert self.into is not None
        target = self.into / path
        part = target.with_name(f".{target.name}.part")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            digest = _copy(upload.folder / path, part)
            if digest != upload.files[path]:
                raise changed(upload, path)
            part.replace(target)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise

    def finish(self, upload: Upload) -> None:
        """Rename a new release into its place."""
        target = self.root / upload.record.path
        if self.into is not None and self.into != target:
            self.into.rename(target)
            disk.flush(self.root)

    def unlisted(self, index: Index) -> list[Record]:
        """Return nothing: the lock keeps others from writing."""
        return []

    def swap(self, data: bytes, state: Any) -> bool:
        """Write index.json under another name and rename it."""
        part = self.root / f".{INDEX}.part"
        with part.open("wb") as file:
            file.write(data)
            disk.sync(file)
        part.replace(self.root / INDEX)
        disk.flush(self.root)
        return True

    def accompany(self, path: str, data: bytes) -> None:
        """Write a file beside index.json, unless it is there."""
        target = self.root / path
        if not target.is_file() or target.read_bytes() != data:
            disk.put(target, data)


def clear(root: Path) -> None:
    """Remove what is not finished; if that fails, the next publication tries again."""
    for path in root.glob(UNFINISHED + "*"):
        shutil.rmtree(path, ignore_errors=True)


def _copy(source: Path, target: Path) -> str:
    """Copy a file to the disk, not only to its cache, and return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as write:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            write.write(chunk)
        disk.sync(write)
    return digest.hexdigest()
