"""The files of a build in the place of the old ones, all or none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from datapkg.model import Layout, WriteError, disk, jsontext
from datapkg.package.record import digest


@contextmanager
def building(layout: Layout) -> Iterator[Path]:
    """Hold a repository for one build, which has a folder beside the tables; what a killed one left is removed.

    Raises  WriteError for another build that is running, and for what the disk refuses
    """
    folder, last = _paths(layout)
    try:
        with disk.alone(layout.root, "build"):
            disk.heal(layout.root, folder, last, partial(_promised, layout))
            with tempfile.TemporaryDirectory(prefix=disk.SCRATCH, dir=layout.root) as scratch:
                yield Path(scratch)
    except OSError as error:
        if isinstance(error, WriteError):
            raise
        raise WriteError(f"cannot write to {layout.root}: {error.strerror}; the tables are as they were") from error


def put_in_place(scratch: Path, layout: Layout) -> None:
    """Put what is staged in the folder of a build in the place of what was there before."""
    disk.swap(scratch, layout.root, *_paths(layout))


def _paths(layout: Layout) -> tuple[str, str]:
    """Return the paths of what a build writes: a folder, and the file that names what is in it."""
    return layout.processed.relative_to(layout.root).as_posix(), layout.descriptor.name


def _promised(layout: Layout, root: Path) -> bool:
    """Return whether the files below a folder are those that the descriptor of a package names."""
    try:
        resources = jsontext.loads(layout.descriptor.read_bytes())["resources"]
        return all(r["hash"] == f"sha256:{digest(root / r['path'])}" for r in resources)
    except (OSError, ValueError, KeyError, TypeError):
        return False
