"""Where releases are published, read: a folder or URL with an index.json and one folder per release.

index.json names the digest of a release's SHA256SUMS, and that the digest of every file; nothing is returned that was
not proven so. A release never changes, so that a cached index is true of all that it names: a warm cache is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from datapkg.model import (
    ConfigError,
    DatapkgError,
    IntegrityError,
    NotFound,
    Unreachable,
    WriteError,
    disk,
    limits,
    user_cache,
)
from datapkg.registry.cache import keep
from datapkg.registry.index import (
    DESCRIPTOR,
    INDEX,
    RECORD,
    SUMS,
    Index,
    Record,
    check_grown,
    parse,
    pinned,
    sums,
    version_in,
)
from datapkg.registry.remote import Remote, connect, local, shown
from datapkg.registry.signatures import SIGNATURES, refused, tool_of


@dataclass(frozen=True)
class Registry:
    """Published releases at one place: `folder` if it is on the local disk, else copies are in `cache`.

    A version may carry the digest of its SHA256SUMS, as 0.1.0@sha256:..., and then is that release or none.
    """

    url: str = field(repr=False)
    folder: Path | None = None
    cache: Path = Path()
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _matched: set[Record] = field(default_factory=set, init=False, compare=False, repr=False)
    """The releases whose own files were seen to say the version that the index gives them."""

    @classmethod
    def open(cls, url: str | Path, cache: Path | None = None, options: Mapping[str, Any] | None = None) -> Registry:
        """Return the registry at a folder or URL; nothing is asked of it yet.

        `cache` is where copies of a remote one are kept, by default in the platform's place; `options` go to fsspec.

        Raises  UsageError for what is neither, MissingExtra if platformdirs is needed and missing
        """
        folder = local(str(url))
        if folder is not None:
            return cls(str(folder), folder)
        return cls(str(url).rstrip("/"), None, cache or user_cache(), options or {})

    def versions(self) -> Index:
        """Return the releases that there are, by version; if the registry cannot be asked, as it was last seen.

        Raises  NotFound if there is no registry; ConfigError if its index cannot be read; IntegrityError if it takes
                back or changes what it said before; Unreachable if it cannot be asked and never was
        """
        where = f"{self.shown}/{INDEX}"
        try:
            most = limits.INDEX
            data = disk.read(self.folder / INDEX, most) if self.folder else self._remote.read(INDEX, most)
        except FileNotFoundError as error:
            base = where.removesuffix(f"/{INDEX}/{INDEX}")
            near = "is the URL right" if base == where else f"did you mean '{base}'"
            raise NotFound(f"there is no {where}, so that this is no registry of releases; {near}?") from error
        except OSError as error:
            raise Unreachable(f"{where} cannot be read: {error.strerror}") from error
        except Unreachable as error:
            kept = self._kept()
            if kept is None:
                raise Unreachable(f"{error}; the cache {self.cache} holds nothing of this registry") from error
            return replace(kept, stale=f"{error}; these are the releases as last seen")
        index = parse(data, where)
        if not self.folder:
            check_grown(self._kept(), index, where, self._index_copy)
            # with its own digest in front, because nothing else would tell a damaged copy
            keep(self._index_copy, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
        return index

    def find(self, version: str) -> Record:
        """Return the record of a release, without asking the registry if the cache knows it.

        Raises  UsageError for what is no version; NotFound with the list of versions and the near miss; IntegrityError
                if it is not the one of the digest that the version carries; what `versions` raises
        """
        plain, digest = pinned(version, self._has)
        kept = None if self.folder else self._kept()
        index = kept if kept and kept.find(plain) else self.versions()
        found = index.find(plain)
        if found is None:
            known = [record.version for record in index]
            hint = f"It has {', '.join(known) or 'none yet'}" + (f" ({index.stale})" if index.stale else "")
            if index.elsewhere:
                hint += (f"; others are in the registry {index.elsewhere} and in data/releases of a clone; name one "
                         "with registry=, and for the first: pip install 'semiconductor-datapkg[remote]'")  # fmt: skip
            raise NotFound.of("release", plain, known, self.shown, hint)
        if digest not in ("", found.sha256sums):
            raise IntegrityError(f"{plain} of {self.shown} is not the release that was asked for: expected SHA256SUMS "
                                 f"of sha256:{digest}, found sha256:{found.sha256sums}")  # fmt: skip
        return found

    def _has(self, version: str) -> bool:
        """Return whether there is a release, as far as can be told."""
        with suppress(DatapkgError):
            return self.versions().find(version) is not None
        return False

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
        digests = self._digests(record)
        if path not in digests:
            raise NotFound.of("file", path, digests, f"release {record.version} of {self.shown}")
        return self._proven(record, path, digests[path])

    def signatures(self, version: str, key: str | None = None) -> dict[str, bytes]:
        """Return the signatures of a release by the names of their files; nothing here proves them.

        A copy in the cache is fetched again, and replaced, only where it is not of the `key` and the new one is.
        Raises  what `find` raises; Unreachable; UsageError if the tool for the key cannot be run
        """
        record = self.find(version)
        found = {name: self._signature(record, name, key) for name in SIGNATURES.values()}
        return {name: signature for name, signature in found.items() if signature is not None}

    def signed(self, version: str, key: str) -> None:
        """Prove that a release is signed by a public key, as minisign or ssh-keygen print it.

        Raises  IntegrityError if it is not; what `signatures` raises
        """
        record, name = self.find(version), SIGNATURES[tool_of(key)]
        signature = self._signature(record, name, key)
        listing = self._proven(record, SUMS, record.sha256sums)
        wrong = "it has no such file" if signature is None else refused(listing, signature, key)
        if wrong:
            raise IntegrityError(f"{self.shown}/{record.path}{name} is no signature by the given key: {wrong}; nothing "
                                 "was read of the release")  # fmt: skip

    @property
    def shown(self) -> str:
        """The place as messages name it."""
        return shown(self.url)

    @cached_property
    def _remote(self) -> Remote:
        return connect(self.url, self.options)

    @property
    def _index_copy(self) -> Path:
        return self.cache / "indexes" / (hashlib.sha256(self.shown.encode()).hexdigest()[:16] + ".json")

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

    def _digests(self, record: Record) -> dict[str, str]:
        """Return the digests of all files of a release, which has been seen to be the one that the index names.

        Raises  IntegrityError if the files of the release are of another version
        """
        where = f"{self.shown}/{record.path}"
        digests = sums(self._proven(record, SUMS, record.sha256sums), where + SUMS)
        for path in (RECORD, DESCRIPTOR) if record not in self._matched else ():
            if path not in digests:
                raise IntegrityError(f"{where}{SUMS} names no {path}, which every release has")
            said = version_in(self._proven(record, path, digests[path]), where + path)
            if said != record.version:
                raise IntegrityError(f"{where}{path} is of version {said}, and {INDEX} has it as {record.version}; one "
                                     "release is passed off as another")  # fmt: skip
        self._matched.add(record)
        return {SUMS: record.sha256sums, **digests}

    def _signature(self, record: Record, name: str, key: str | None) -> bytes | None:
        """Return one signature of a release, None if there is none; see `signatures`."""
        listing, copy = self._proven(record, SUMS, record.sha256sums), self._beside(record, name)
        mine = key if key and SIGNATURES[tool_of(key)] == name else None
        if self.folder or (copy is not None and not (mine and refused(listing, copy, mine))):
            return copy
        try:
            fresh = self._remote.read(record.path + name, limits.INDEX)
        except FileNotFoundError:
            return copy
        if copy is not None and (mine is None or refused(listing, fresh, mine)):
            return copy
        keep(self._place(record) / name, fresh)
        return fresh

    def _beside(self, record: Record, name: str) -> bytes | None:
        """Return a file of the local folder of a release, None if there is none."""
        try:
            return disk.read(self._place(record) / name, limits.INDEX)
        except FileNotFoundError:
            return None

    def _proven(self, record: Record, path: str, digest: str) -> bytes:
        """Return the bytes of a file whose digest is known."""
        place = self._place(record) / path
        try:
            data = disk.read(place, record.most(path))
        except OSError as error:
            if self.folder:
                raise IntegrityError(f"{place} cannot be read ({error.strerror}), and {SUMS} or {INDEX} promises "
                                     "it; publish the release again to heal it") from error  # fmt: skip
            return self._fetched(record, path, digest, "")
        except IntegrityError as error:
            return self._again(record, path, digest, str(error))
        found = hashlib.sha256(data).hexdigest()
        if found == digest:
            return data
        return self._again(record, path, digest, f"{place} is damaged: expected sha256 {digest}, found {found}")

    def _again(self, record: Record, path: str, digest: str, wrong: str) -> bytes:
        """Return a file of which the copy here is wrong, if it can be fetched."""
        if self.folder:
            raise IntegrityError(f"{wrong}; publish the release again to heal it")
        return self._fetched(record, path, digest, wrong)

    def _fetched(self, record: Record, path: str, digest: str, wrong: str) -> bytes:
        """Return a file as the registry has it, proven, and keep a copy; `wrong` says what ails the cached one."""
        where = f"{self.shown}/{record.path}{path}"
        try:
            data = self._remote.read(record.path + path, record.most(path))
        except FileNotFoundError as error:
            raise IntegrityError(f"{where} is missing; publish the release again to heal it") from error
        except Unreachable as error:
            if wrong:
                raise IntegrityError(f"{wrong}; it cannot be fetched again: {error}") from error
            held = sorted(p.name for p in self._place(record).rglob("*.*") if p.is_file() and p.suffix != ".part")
            kept = f"of {record.version} the cache {self.cache} holds {', '.join(held) or 'nothing'}"
            raise Unreachable(f"{error}; {kept}") from error
        found = hashlib.sha256(data).hexdigest()
        if found != digest:
            raise IntegrityError(f"{where} is damaged: expected sha256 {digest}, found {found}; nothing was kept of it")
        keep(self._place(record) / path, data)
        return data
