"""Where copies of remote releases are kept, and how they get there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from datapkg.model import MissingExtra


def user_cache() -> Path:
    """Return the folder for copies that the platform has for it.

    Raises  MissingExtra
    """
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise MissingExtra.of("platformdirs", "remote", "the place for copies of a remote registry") from error
    return user_cache_path("datapkg")


def keep(place: Path, data: bytes) -> None:
    """Put a file into the cache under a name of its own, then in its place; without a writable cache do without."""
    part = place.with_name(f".{place.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(place)
    except OSError:
        with suppress(OSError):
            part.unlink()
