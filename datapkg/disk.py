"""A folder of the local disk that processes share: a lock, and what it takes until bytes and names are on the disk."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from datapkg.errors import WriteError

LOCK = ".publish.lock"
WAIT = 600.0
PAUSE = 0.1
"""Seconds between two looks at a lock that somebody holds."""


@contextmanager
def locked(folder: Path, wait: float = WAIT) -> Iterator[None]:
    """Keep others out of a folder; the system frees the lock of a process that dies, so that none is ever stale.

    Units   wait in seconds
    Raises  WriteError if somebody else holds the lock for longer
    """
    path = folder / LOCK
    for _ in range(max(1, round(wait / PAUSE))):
        with path.open("ab") as file:
            # who had the lock before us has removed its file: only a lock on the file that is there keeps others out
            if _hold(file) and _is(file, path):
                try:
                    yield
                finally:
                    _remove(file, path)
                return
        time.sleep(PAUSE)
    raise WriteError(f"another publication to {folder} has been running for {wait:.0f} s; try again when it is done")


def _hold(file: IO[bytes]) -> bool:
    """Return whether the lock is ours now."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is(file: IO[bytes], path: Path) -> bool:
    """Return whether an open file is the one that has the name now."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _remove(file: IO[bytes], path: Path) -> None:
    """Remove our lock while it is held; Windows keeps open files, and there it may stay."""
    if os.name == "posix" and _is(file, path):
        path.unlink()


def sync(file: IO[bytes]) -> None:
    """Bring what was written to a file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def flush(folder: Path) -> None:
    """Bring the names in a folder to the disk; Windows has no such call and does it by itself."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
