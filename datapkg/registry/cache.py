"""Where copies of remote releases are kept, and how they get there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


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
