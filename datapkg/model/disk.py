"""Files put in place safely: one writer at a time, every file beside its place first, and one rename that shows it.

Storage contract. Nobody ever sees half a file: it is written under another name in the same folder, brought to the disk
and renamed. A set of files that belong together (`swap`) is staged in a scratch folder beside them; if the process dies
between the renames, readers find with `before` what was there before, and `heal` puts it back at the next run of the
same writer. A lock belongs to the process that holds it: the system frees the lock of one that dies, so that none is
ever stale.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from datapkg.model.errors import IntegrityError, WriteError

LOCK = ".publish.lock"
WAIT = 600.0
PAUSE = 0.1
"""Seconds between two looks at a lock that somebody holds."""
SCRATCH, NEW, OLD = ".datapkg-build-", "new", "old"
"""How the names of the scratch folders of `swap` begin, and the two folders in each."""


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
    with _beside(path, data) as part:
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)


def create(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole or not at all; of two at once, one writes it.

    Raises  FileExistsError; OSError
    """
    with _beside(path, data) as part:
        os.link(part, path)
        part.unlink()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into a sentence.

    Raises  WriteError
    """
    try:
        yield
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror}; it is as it was") from error


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """Write data beside a path, to the disk, for the time of a `with` that puts it in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            sync(file)
        yield part
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    flush(path.parent)


def write_all(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder that nobody reads yet, bring them to the disk, and read each back.

    Raises  IntegrityError if one was not read back as written
    """
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.write(data)
            sync(file)
        if target.read_bytes() != data:
            raise IntegrityError(f"{path} was not read back as written; is the disk damaged?")
    for folder in {(root / path).parent for path in files}:
        flush(folder)


def swap(scratch: Path, root: Path, folder: str, last: str) -> None:
    """Put the staged folder and file of a scratch folder in the place of the old ones; if that fails, put them back.

    The folder changes places in one step, where the system can, with the old one, which then lies in OLD of the scratch
    folder until the file, which replaces in one step, has its name: whoever goes by the old file finds what it names
    with `before`. `folder` and `last` are paths below all of them.
    """
    place, kept = root / folder, scratch / OLD / folder
    for parent in (place.parent, kept.parent):
        parent.mkdir(parents=True, exist_ok=True)
    (scratch / NEW / folder).rename(kept)
    flush(kept.parent)
    new, had = kept.stat(), place.exists()
    try:
        _change(kept, place)
        flush(place.parent)
        (scratch / NEW / last).replace(root / last)
        flush(root)
    except BaseException:  # an interrupt too: the old tables are in the scratch folder, which goes away
        changed = place.exists() and os.path.samestat(place.stat(), new)
        if changed and not had:
            shutil.rmtree(place)
        elif changed or (had and not place.exists()):
            _change(kept, place)
        raise


def _change(kept: Path, place: Path) -> None:
    """Let two folders change places; if the second is not there, the first moves."""
    if not place.exists():
        kept.rename(place)
    elif not _exchange(kept, place):
        new = kept.rename(kept.with_name(kept.name + ".new"))
        place.rename(kept)
        new.rename(place)


def _exchange(one: Path, two: Path) -> bool:
    """Let two folders change places in one step; return whether the system can.

    Source  renameat2(2), RENAME_EXCHANGE, of Linux
    """
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    if rename is None or rename(here, os.fsencode(one), here, os.fsencode(two), exchange) == 0:
        return rename is not None
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL):  # an old kernel, or a file system that cannot
        return False
    raise OSError(number, os.strerror(number), str(two))


def before(root: Path, path: str) -> list[Path]:
    """Return where a file may lie as it was before a build that is just ending, or was killed there."""
    return [left / OLD / path for left in sorted(root.glob(SCRATCH + "*"))]


def heal(root: Path, folder: str, last: str, whole: Callable[[Path], bool]) -> None:
    """Remove the scratch folders of a killed writer; if it had put the new folder in place and not ended, put it back.

    `folder` and `last` are those of `swap`: as long as the second is in the stage, the swap has not come to its end.
    `whole` tells whether what is below a folder is what the old file names.
    """
    place = root / folder
    for left in root.glob(SCRATCH + "*"):
        kept = left / OLD / folder
        if kept.is_dir() and (left / NEW / last).exists() and (not place.exists() or whole(left / OLD)):
            _change(kept, place)
        shutil.rmtree(left)
