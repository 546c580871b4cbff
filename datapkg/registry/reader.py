"""Where releases are published, read: a folder or URL with an index.json and one folder per release.

index.json names the digest of a release's SHA256SUMS, and that the digest of every file; nothing is returned that was
not proven this way, from the registry or from the cache. A release never changes, so that a cached index tells the
truth about every release that it names: a warm cache needs no network.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from datapkg.model import ConfigError, IntegrityError, MissingExtra, NotFound, Unreachable, WriteError, packaged, semver
from datapkg.registry.index import DESCRIPTOR, INDEX, SUMS, Index, Record, parse, sums
from datapkg.registry.remote import Remote, connect, local, shown


@dataclass(frozen=True)
class Registry:
    """Published releases at one place: `folder` if it is on the local disk, else copies are in `cache`."""

    url: str = field(repr=False)
    folder: Path | None = None
    cache: Path = Path()
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, url: str | Path, cache: Path | None = None, options: Mapping[str, Any] | None = None) -> Registry:
        """Return the registry at a folder or URL; nothing is asked of it yet.

        `cache` is where copies of a remote one are kept, by default in the platform's place; `options` go to fsspec.

        Raises  UsageError for what is neither, MissingExtra if platformdirs is needed and missing
        """
        folder = local(str(url))
        if folder is not None:
            return cls(str(folder), folder)
        return cls(str(url).rstrip("/"), None, cache or _user_cache(), options or {})

    def versions(self) -> Index:
        """Return the releases that there are, by version; if the registry cannot be asked, as it was last seen.

        Raises  NotFound if there is no registry; ConfigError if its index cannot be read; Unreachable if it cannot be
                asked and never was
        """
        where = f"{self.shown}/{INDEX}"
        try:
            data = (self.folder / INDEX).read_bytes() if self.folder else self._remote.read(INDEX)
        except FileNotFoundError as error:
            raise NotFound(
                f"there is no {where}, so that this is no registry of releases; is the URL right?"
            ) from error
        except OSError as error:
            raise Unreachable(f"{where} cannot be read: {error.strerror}") from error
        except Unreachable as error:
            kept = self._kept()
            if kept is None:
                raise Unreachable(f"{error}; the cache {self.cache} holds nothing of this registry") from error
            return replace(kept, stale=f"{error}; these are the releases as last seen")
        index = parse(data, where)
        if not self.folder:
            # with its own digest in front, because nothing else would tell a damaged copy
            _keep(self._index_copy, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
        return index

    def find(self, version: str) -> Record:
        """Return the record of a release, without asking the registry if the cache knows it.

        Raises  UsageError for what is no version; NotFound with the list of versions and the near miss; what `versions`
                raises
        """
        semver.parse(version)
        kept = None if self.folder else self._kept()
        index = kept if kept and kept.find(version) else self.versions()
        found = index.find(version)
        if found is None:
            known = [record.version for record in index]
            hint = f"It has {', '.join(known) or 'none yet'}" + (f" ({index.stale})" if index.stale else "")
            raise NotFound.of("release", version, known, self.shown, hint)
        return found

    def release(self, version: str) -> Path:
        """Return the local folder of a release; of a remote one, it holds the descriptor and what `file` was asked for.

        Raises  what `file` raises; WriteError if the cache cannot be written
        """
        self.file(version, DESCRIPTOR)
        place = self.where(version)
        if not (place / DESCRIPTOR).is_file():
            raise WriteError(f"release {version} of {self.shown} needs a folder, and the cache {self.cache} cannot be "
                             "written; name another one")  # fmt: skip
        return place

    def where(self, version: str) -> Path:
        """Return the local folder that the files of a release are in once `file` was asked for them.

        Raises  what `find` raises
        """
        return self._place(self.find(version))

    def file(self, version: str, path: str) -> bytes:
        """Return the bytes of a file of a release, proven; from the cache if they are there, else they are put there.

        Raises  NotFound for an unknown version or file; IntegrityError if the bytes are not those promised and cannot
                be healed; Unreachable if they are not cached and the registry does not answer
        """
        record = self.find(version)
        digests = {SUMS: record.sha256sums}
        if path != SUMS:
            digests |= sums(self._proven(record, SUMS, record.sha256sums), f"{self.shown}/{record.path}{SUMS}")
        if path not in digests:
            raise NotFound.of("file", path, digests, f"release {version} of {self.shown}")
        return self._proven(record, path, digests[path])

    @property
    def shown(self) -> str:
        """The place as messages name it."""
        return shown(self.url)

    @cached_property
    def _remote(self) -> Remote:
        return connect(self.url, self.options)

    @property
    def _index_copy(self) -> Path:
        return self.cache / "indexes" / (hashlib.sha256(self.url.encode()).hexdigest()[:16] + ".json")

    def _place(self, record: Record) -> Path:
        """Return the folder of a release; in the cache it is named by content, so that registries share it."""
        if self.folder:
            return self.folder / record.path
        return self.cache / "releases" / f"{record.version}-{record.sha256sums[:16]}"

    def _kept(self) -> Index | None:
        """Return the index as last seen, None if there is no sound copy."""
        try:
            digest, _, data = self._index_copy.read_bytes().partition(b"\n")
            return parse(data, str(self._index_copy)) if digest.decode() == hashlib.sha256(data).hexdigest() else None
        except (OSError, ValueError, ConfigError):
            return None

    def _proven(self, record: Record, path: str, digest: str) -> bytes:
        """Return the bytes of a file whose digest is known."""
        place = self._place(record) / path
        try:
            data = place.read_bytes()
        except OSError as error:
            if self.folder:
                raise IntegrityError(f"{place} cannot be read ({error.strerror}), and {SUMS} or {INDEX} promises "
                                     "it; publish the release again to heal it") from error  # fmt: skip
            return self._fetched(record, path, digest, "")
        found = hashlib.sha256(data).hexdigest()
        if found == digest:
            return data
        wrong = f"{place} is damaged: expected sha256 {digest}, found {found}"
        if self.folder:
            raise IntegrityError(f"{wrong}; publish the release again to heal it")
        return self._fetched(record, path, digest, wrong)

    def _fetched(self, record: Record, path: str, digest: str, wrong: str) -> bytes:
        """Return a file as the registry has it, proven, and keep a copy; `wrong` says what ails the cached one."""
        where = f"{self.shown}/{record.path}{path}"
        try:
            data = self._remote.read(record.path + path)
        except FileNotFoundError as error:
            raise IntegrityError(f"{where} is missing; publish the release again to heal it") from error
        except Unreachable as error:
            if wrong:
                raise IntegrityError(f"{wrong}; it cannot be fetched again: {error}") from error
            held = sorted(p.name for p in self._place(record).rglob("*.*") if p.is_file() and p.suffix != ".part")
            raise Unreachable(f"{error}; of {record.version} the cache {self.cache} holds "
                              f"{', '.join(held) or 'nothing'}") from error  # fmt: skip
        found = hashlib.sha256(data).hexdigest()
        if found != digest:
            raise IntegrityError(f"{where} is damaged: expected sha256 {digest}, found {found}; nothing was kept of it")
        _keep(self._place(record) / path, data)
        return data


def installed() -> Registry:
    """Return the releases that come with datapkg."""
    return Registry.open(packaged().root / "data" / "releases")


def _user_cache() -> Path:
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise MissingExtra.of("platformdirs", "remote", "the place for copies of a remote registry") from error
    return user_cache_path("datapkg")


def _keep(place: Path, data: bytes) -> None:
    """Put a file into the cache under a name of its own, then in its place; without a writable cache do without."""
    part = place.with_name(f".{place.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(place)
    except OSError:
        with suppress(OSError):
            part.unlink()
