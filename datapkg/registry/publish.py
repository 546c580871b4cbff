"""A release copied to where readers find it: content first, index.json last, so that no reader sees half of one."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from datapkg.model import DatapkgError, IntegrityError, UsageError, WriteError, together
from datapkg.registry.index import INDEX, SUMS, Index, Record, describe, parse, sums
from datapkg.registry.remote import failures, reason, shown
from datapkg.registry.signatures import SIGNATURES
from datapkg.registry.targets import target_at
from datapkg.registry.upload import Target, Upload, digest_of

ROUNDS = 50
"""How often index.json is tried while others change it."""


@dataclass(frozen=True)
class Report:
    """What a publication did: `files` are those that readers see now and did not before."""

    version: str
    url: str
    files: tuple[str, ...]
    state: str

    def __str__(self) -> str:
        what = {
            "published": f"published {self.version} to {self.url}: {len(self.files)} files",
            "healed": f"{self.version} was already published to {self.url}; {len(self.files)} damaged or missing files "
            "were copied again",
            "unchanged": f"{self.version} was already published to {self.url}; nothing to do",
        }
        return what[self.state]


def publish(release: Path, url: str, options: Mapping[str, Any] | None = None,
            say: Callable[[str], None] = lambda path: None) -> Report:  # fmt: skip
    """Copy a release folder to a folder or URL, where readers see all of it or nothing; safe to run again.

    `options` go to fsspec; `say` is told the path of every file before it is sent.

    Raises  NotFound if it is no release folder; IntegrityError if it is not what its SHA256SUMS says; UsageError if the
            version is published with another content, or the URL cannot be published to; MissingExtra; WriteError if
            the place refuses or fails
    """
    upload, where = packed(release), shown(url)
    record = upload.record
    with _failing(where), target_at(url, options) as target:
        listed = _listed(_read(target, upload.name, where)[0], record, where)
        needed = target.prepare(upload, listed)
        _check_signatures(target, upload, needed, where)
        together(partial(_send, target, upload, say), needed, target.lanes)
        target.finish(upload)
        _enter(target, upload, where)
    state = "published" if not listed else "healed" if needed else "unchanged"
    return Report(record.version, where, tuple(needed if listed else upload.files), state)


def _send(target: Target, upload: Upload, say: Callable[[str], None], path: str) -> None:
    say(path)
    target.send(upload, path)


def accompany(url: str, files: Mapping[str, bytes], options: Mapping[str, Any] | None = None) -> None:
    """Put files that are of no release beside index.json of the registry at a folder or URL, such as feeds.

    Raises  UsageError for a place that cannot be written to, MissingExtra; WriteError if it refuses or fails
    """
    with _failing(shown(url)), target_at(url, options) as target:
        together(lambda path: target.accompany(path, files[path]), files, target.lanes)


def _check_signatures(target: Target, upload: Upload, needed: list[str], url: str) -> None:
    """Refuse to put another signature in the place of one that is there: nothing tells which of them is good."""
    for path in set(needed) & set(SIGNATURES.values()):
        if target.holds(upload, path):
            raise UsageError(f"{url}/{upload.record.path}{path} is there already and is another one; a signature is "
                             "never overwritten. If it is damaged, delete it there first")  # fmt: skip


def packed(release: Path) -> Upload:
    """Return a release folder with the SHA-256 of every file, compared with its SHA256SUMS.

    Raises  NotFound if it is no release folder; IntegrityError that names every file that is missing, different, a
            link, or not in SHA256SUMS
    """
    name, record = describe(release)
    data = (release / SUMS).read_bytes()
    files = {SUMS: hashlib.sha256(data).hexdigest(), **sums(data, str(release / SUMS))}
    there = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_symlink() or path.is_file()}
    wrong = [f"{path} is missing" for path in sorted(set(files) - there)]
    for path in sorted(there):
        if (release / path).is_symlink():
            wrong.append(f"{path} is a link")
        elif path in SIGNATURES.values():  # made after SHA256SUMS, which cannot name its own signature
            files[path] = str(digest_of(release / path))
        elif path not in files:
            wrong.append(f"{path} is not in {SUMS}")
        elif digest_of(release / path) != files[path]:
            wrong.append(f"{path} is not the file that {SUMS} promises")
    if wrong:
        raise IntegrityError(f"{release} is damaged and was not published: {'; '.join(wrong)}")
    upload = Upload(release, name, record, files)
    return replace(upload, record=replace(record, size=sum(upload.sizes().values())))


@contextmanager
def _failing(url: str) -> Iterator[None]:
    """Turn what file systems raise into one sentence that says what is left and what to do."""
    try:
        yield
    except DatapkgError:
        raise
    except NotImplementedError as error:
        raise UsageError(f"{url} can only be read; publish to a folder or a store, such as s3://bucket/path") from error
    except failures() as error:
        raise WriteError(f"cannot publish to {url}: {reason(error)}; readers see either what was there before or the "
                         "whole release, and the same command again finishes it") from error  # fmt: skip


def _read(target: Target, name: str, url: str) -> tuple[Index, Any]:
    """Return the index as it is now, an empty one if there is none, and its state."""
    data, state = target.index()
    index = Index(name, ()) if data is None else parse(data, f"{url}/{INDEX}")
    if index.name != name:
        raise UsageError(f"{url} is the registry of '{index.name}', not of '{name}'; give '{name}' a place of its own")
    return index, state


def _listed(index: Index, record: Record, url: str) -> bool:
    """Return whether an index has a release; refuse if it has another of that version."""
    found = index.find(record.version)
    if found and found.sha256sums != record.sha256sums:
        raise UsageError(f"{record.version} is already published to {url} with another content, and a release never "
                         "changes; release the new content under the next version")  # fmt: skip
    return found is not None


def _enter(target: Target, upload: Upload, url: str) -> None:
    """Put a release into index.json and come back when a fresh look shows it there, beside all others.

    Where a store cannot compare and swap, somebody may overwrite what we wrote. Whoever writes last looks again, sees
    every whole release that came before, and puts the missing ones back.
    """
    for attempt in range(ROUNDS):
        index, state = _read(target, upload.name, url)
        missing = [] if _listed(index, upload.record, url) else [upload.record]
        missing += target.unlisted(index.having(upload.record))
        if not missing:
            return
        if not target.swap(index.having(*missing).dump(), state):
            time.sleep(random.uniform(0, 0.05 * (attempt + 1)))
    raise WriteError(f"{url}/{INDEX} was changed by others {ROUNDS} times in a row; run the same command again")
