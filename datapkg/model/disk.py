"""Files put in place safely: one writer at a time, every file beside its place first, and one rename that shows it.

Storage contract. Nobody ever sees half a file: it is written under another name in the same folder, brought to the disk
and renamed. A set of files that belong together (`swap`) is staged in a scratch folder beside them; if the process dies
between the renames, `heal` puts back what was there before, at the next run of the same writer. A lock belongs to the
process that holds it: the system frees the lock of one that dies, so that none is ever stale.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from datapkg.model.errors import IntegrityError, WriteError

LOCK = ".publish.lock"
WAIT = 600.0
PAUSE = 0.1
"""Seconds between two looks at a lock that somebody holds."""


@contextmanager
def locked(folder: Path, wait: float = WAIT) -> Iterator[None]:
    """Keep other publications out of a folder, waiting for one that is running.

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


@contextmanager
def alone(folder: Path, who: str) -> Iterator[None]:
    """Hold a folder for one writer, named by `who` in the message to the others; leaves nothing in the folder.

    Raises  WriteError at once if somebody else holds it
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock, and refuses to rename what another process has open
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise WriteError(f"another {who} is writing to {folder}; wait until it has ended") from error
    finally:
        os.close(held)


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


def read(path: Path, most: int) -> bytes:
    """Return the bytes of an ordinary file.

    Raises  OSError; IntegrityError if it has more than `most` bytes, or is no ordinary file
    """
    about = path.stat()
    if stat.S_ISDIR(about.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(about.st_mode):
        raise IntegrityError(f"{path} is no ordinary file, and was not opened")
    if about.st_size > most:
        raise IntegrityError(f"{path} has {about.st_size:,} bytes; it may have {most:,}, and was not read")
    return path.read_bytes()


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


def put(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old one or the new one: beside its place, to the disk, then renamed.

    Raises  OSError; the file that was there is as it was, and nothing is left beside it
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            sync(file)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    flush(path.parent)


def write_all(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder that nobody reads yet, and read each back.

    Raises  IntegrityError if one was not read back as written
    """
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if target.read_bytes() != data:
            raise IntegrityError(f"{path} was not read back as written; is the disk damaged?")


def swap(stage: Path, root: Path, old: Path, names: Sequence[str]) -> None:
    """Put staged folders and files in the place of the old ones; if that fails midway, put the old ones back.

    `names` are paths below both folders, folders first; a single file comes last, as it replaces in one step. `old` is
    where the first one, a folder, is kept meanwhile.
    """
    folder, *files = names
    place = root / folder
    place.parent.mkdir(parents=True, exist_ok=True)
    had = place.exists()
    try:
        if had:
            place.rename(old)
        (stage / folder).rename(place)
        for name in files:
            (stage / name).replace(root / name)
    except BaseException:  # an interrupt too: the old tables are in the scratch folder, which goes away
        if old.exists() or not had:
            shutil.rmtree(place, ignore_errors=True)
        if old.exists():
            old.rename(place)
        raise


def heal(root: Path, scratch: str, folder: str, last: str) -> None:
    """Remove the scratch folders of a killed writer; if it had moved the old folder away and not ended, put it back.

    `scratch` is how their names begin, `folder` what they swap first, and `last` what they swap last: as long as that
    is in the stage, the swap has not come to its end.
    """
    for left in root.glob(scratch + "*"):
        old, unfinished = left / "old", (left / "new" / last).exists()
        if old.exists() and unfinished:
            shutil.rmtree(root / folder, ignore_errors=True)
            old.rename(root / folder)
        shutil.rmtree(left)
