"""Claims that lie elsewhere: the files that a path, a pattern or a URL of fsspec names."""

from __future__ import annotations

import glob
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from datapkg.model import NotFound, Part, Unreachable, UsageError, parts
from datapkg.registry.remote import Remote, connect, failures, local, reason, retried, shown

EXPECTED = "expected .jsonl or .parquet"


def parts_at(where: str) -> list[Part]:
    """Return the files of claims that a folder, a file, a pattern such as claims/*.jsonl, or a URL of them names.

    Raises  NotFound if there are none; UsageError for a file of another kind or an unknown scheme; MissingExtra if the
            library for it is not installed; Unreachable if the place does not answer
    """
    path = local(where)
    named = _elsewhere(where) if path is None else _here(path)
    if not named:
        raise NotFound(f"no files of claims at {shown(where)}; {EXPECTED}")
    return named


def _here(path: Path) -> list[Part]:
    if path.is_file() and not path.name.endswith(parts.KINDS):
        raise UsageError(f"{path} is no file of claims; {EXPECTED}")
    try:
        there = [path] if path.exists() else sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    except ValueError as error:  # such as a**
        raise UsageError(f"'{path}' is no pattern of files: {error}") from error
    files = [file for one in there for file in (parts.below(one) if one.is_dir() else [one])]
    return [parts.at(file, file.as_posix()) for file in files if parts.is_part((file.name,))]


def _elsewhere(where: str) -> list[Part]:
    place = connect(where)
    try:
        paths = retried(lambda: _listed(place))
    except failures() as error:
        raise Unreachable(f"{place.url} cannot be read: {reason(error)}") from None
    return [Part(_named(place, path), partial(_opened, place, path)) for path in paths]


def _listed(place: Remote) -> list[str]:
    """Return the paths of the files, as the file system wants them."""
    root = place.root
    if glob.has_magic(root):
        return sorted(path for path in place.fs.glob(root) if parts.is_part((path.rpartition("/")[2],)))
    if root.partition("?")[0].endswith(parts.KINDS):
        return [root]
    paths = place.fs.find(root) or place.fs.ls(root, detail=False)  # which says why, where `find` finds nothing
    below = {path: path.removeprefix(root).strip("/").split("/") for path in paths}
    return sorted(path for path, inside in below.items() if parts.is_part(inside))


def _named(place: Remote, path: str) -> str:
    return shown(place.fs.unstrip_protocol(path))


@contextmanager
def _opened(place: Remote, path: str) -> Iterator[IO[bytes]]:
    try:
        with place.fs.open(path, "rb") as file:
            yield io.BufferedReader(file, 1 << 20)
    except failures() as error:
        raise Unreachable(f"{_named(place, path)} cannot be read: {reason(error)}") from None
