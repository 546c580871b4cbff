"""Places that releases are published to: a folder on the local disk, and whatever else fsspec writes to.

A folder is locked, and a release is copied beside its place and renamed into it. Elsewhere SHA256SUMS goes first and
is created only if it is not there: it decides whose content the version has. What a killed publication leaves is in no
index, so that nobody sees it until a second run has completed it.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from datapkg.model import ConfigError, IntegrityError, UsageError, WriteError, disk
from datapkg.registry.index import INDEX, RECORD, SUMS, Index, Record, is_version, record_of, sums
from datapkg.registry.remote import S3, Remote, conflict, connect, failures, local, retried

CHUNK = 1 << 20
UNFINISHED = ".publishing-"
CLAIMS = 10
"""How often SHA256SUMS is tried while a store says that somebody else is just writing it."""


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
    """Where releases go."""

    def index(self) -> tuple[bytes | None, Any]:
        """Return index.json, None if there is none, and what tells this state of it from others."""

    def prepare(self, upload: Upload, listed: bool) -> list[str]:
        """Make the version ours and return the paths that must be sent; `listed` says that readers see it already.

        Raises  UsageError if somebody has begun to publish another content
        """

    def send(self, upload: Upload, path: str) -> None:
        """Copy one file."""

    def finish(self, upload: Upload) -> None:
        """Make sure that all files are there, ready to be listed."""

    def unlisted(self, index: Index) -> list[Record]:
        """Return whole releases that an index lacks; none where nobody can overwrite an index unseen."""

    def swap(self, data: bytes, state: Any) -> bool:
        """Write index.json if it still is in that state; return whether it was written."""


@contextmanager
def target_at(url: str, options: Mapping[str, Any] | None) -> Iterator[Target]:
    """Return the place that a URL names, ours alone if it is a folder.

    Raises  UsageError for a URL that cannot be published to, MissingExtra without the library for it
    """
    folder = local(url)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        with disk.locked(folder):
            _clear(folder)  # what a killed publication left: it would hold the lock if it lived
            try:
                yield Folder(folder)
            finally:
                _clear(folder)
        return
    remote = connect(url, options)
    if remote.scheme in ("http", "https"):
        raise NotImplementedError(remote.scheme)
    yield Bucket(remote)


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, None if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _begun(upload: Upload, where: str) -> UsageError:
    version = upload.record.version
    return UsageError(f"a publication of {version} with another content was begun in {where} and not finished; publish "
                      "that content, or delete the folder if nobody is publishing")  # fmt: skip


@dataclass
class Folder:
    """A folder on the local disk, locked by us."""

    root: Path
    into: Path | None = None

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
                raise _begun(upload, str(target))
            return [path for path, digest in upload.files.items() if digest_of(target / path) != digest]
        self.into = self.root / (UNFINISHED + upload.record.version)
        self.into.mkdir()
        return list(upload.files)

    def send(self, upload: Upload, path: str) -> None:
        """Copy one file under another name, compare its digest, and rename it."""
        assert self.into is not None
        target = self.into / path
        part = target.with_name(f".{target.name}.part")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            digest = _copy(upload.folder / path, part)
            if digest != upload.files[path]:
                raise IntegrityError(f"{upload.folder / path} changed while it was published; nothing was published")
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


def _clear(root: Path) -> None:
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


@dataclass
class Bucket:
    """Whatever fsspec writes to; S3 and its like compare and swap the index, elsewhere the last writer looks after all.

    Source  https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """

    remote: Remote

    def index(self) -> tuple[bytes | None, Any]:
        """Return index.json and its entity tag, or the bytes again where there are no tags."""
        path = self.remote.path(INDEX)
        try:
            if self.remote.scheme not in S3:
                data = self._get(INDEX)
                return data, data
            # the tag first: bytes newer than their tag make the swap fail, older ones would overwrite somebody
            tag = retried(lambda: self.remote.fs.info(path, refresh=True))["ETag"]
            return self._get(INDEX), tag
        except FileNotFoundError:
            return None, None

    def prepare(self, upload: Upload, listed: bool) -> list[str]:
        """Claim the version by its SHA256SUMS; of a listed one, return what is missing or of another size."""
        if listed:
            return self._missing(upload)
        data = (upload.folder / SUMS).read_bytes()
        for attempt in range(CLAIMS):
            try:
                self.remote.fs.pipe_file(self.remote.path(upload.record.path + SUMS), data, mode="create")
            except failures() as error:
                if not conflict(error):
                    raise
            with suppress(FileNotFoundError):
                if self._get(upload.record.path + SUMS) != data:
                    raise _begun(upload, f"{self.remote.url}/{upload.record.path}")
                return [path for path in upload.files if path != SUMS]
            time.sleep(random.uniform(0, 0.05 * (attempt + 1)))
        raise WriteError(
            f"{self.remote.url} refused to create {upload.record.path}{SUMS} {CLAIMS} times; try again later"
        )

    def send(self, upload: Upload, path: str) -> None:
        """Copy one file; large ones go in parts."""
        source, target = str(upload.folder / path), self.remote.path(upload.record.path + path)
        retried(lambda: self.remote.fs.put_file(source, target))

    def finish(self, upload: Upload) -> None:
        """Look whether all files are there, in their size."""
        missing = self._missing(upload)
        if missing:
            where = f"{self.remote.url}/{upload.record.path}"
            raise WriteError(
                f"{where} lacks {', '.join(missing)} though they were sent; readers see what was there before; "
                "run the same command again"
            )

    def unlisted(self, index: Index) -> list[Record]:
        """Return whole releases that an index lacks, where others can overwrite it unseen."""
        if self.remote.scheme in S3:
            return []
        self.remote.fs.invalidate_cache()
        names = [str(name).rstrip("/").rpartition("/")[2] for name in self.remote.fs.ls(self.remote.root, detail=False)]
        whole = [self._whole(name) for name in names if is_version(name) and not index.find(name)]
        return [record for record in whole if record]

    def swap(self, data: bytes, state: Any) -> bool:
        """Write index.json on condition that its tag is the same, or after a look where there are no tags."""
        fs, path = self.remote.fs, self.remote.path(INDEX)
        if self.remote.scheme not in S3:
            same = self.index()[1] == state
            if same:
                retried(lambda: fs.pipe_file(path, data))
            return bool(same)
        bucket, key, _ = fs.split_path(path)
        condition = {"IfMatch": state} if state else {"IfNoneMatch": "*"}
        about = {"ContentType": "application/json", "CacheControl": "no-cache"}
        try:
            fs.call_s3("put_object", Bucket=bucket, Key=key, Body=data, **about, **condition)
        except failures() as error:
            if not conflict(error):
                raise
            return False
        finally:
            fs.invalidate_cache()
        return True

    def _get(self, name: str) -> bytes:
        return bytes(retried(lambda: self.remote.fs.cat_file(self.remote.path(name))))

    def _missing(self, upload: Upload) -> list[str]:
        """Return the files that are not there, or not in their size."""
        fs, root = self.remote.fs, self.remote.path(upload.record.path)
        fs.invalidate_cache()
        base = str(fs._strip_protocol(root)).rstrip("/") + "/"
        there = {str(name).removeprefix(base): entry["size"] for name, entry in fs.find(root, detail=True).items()}
        return [path for path, size in upload.sizes().items() if there.get(path) != size]

    def _whole(self, version: str) -> Record | None:
        """Return the record of a release of which every file is there as its SHA256SUMS says."""
        try:
            listing = self._get(f"{version}/{SUMS}")
            for path, digest in sums(listing, f"{self.remote.url}/{version}/{SUMS}").items():
                if hashlib.sha256(self._get(f"{version}/{path}")).hexdigest() != digest:
                    return None
            return record_of(self._get(f"{version}/{RECORD}"), listing)
        except (FileNotFoundError, IntegrityError, ConfigError):
            return None
