"""Digests of the consecutive chunks of a large file, so that a part of it can be proven without the rest.

A descriptor says of such a file `chunks: {bytes, size, sha256}`: how many bytes the file has, how many each chunk but
the last, and the SHA-256 of each in hexadecimal, in order.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from datapkg.model import limits

SHAPE = {"bytes": int, "size": int, "sha256": [re.compile("[0-9a-f]{64}")]}
"""What `misfit` finds nothing wrong with."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """The digest of a file in hexadecimal; its chunks as a descriptor has them, none of a small file."""

    sha256: str
    chunks: Mapping[str, Any] | None = None

    def entries(self) -> dict[str, Any]:
        """Return what a resource of a descriptor says of the file's bytes."""
        return {"hash": f"sha256:{self.sha256}", **({"chunks": dict(self.chunks)} if self.chunks else {})}


def hashed(data: bytes) -> Hashed:
    """Return the digests of bytes."""
    return _hashed(io.BytesIO(data), limits.CHUNK, limits.CHUNKED)


def hashed_file(path: Path, size: int | None = None) -> Hashed:
    """Return the digests of a file, read once; in chunks of `size` bytes, or those of limits if it is large.

    Raises  OSError
    """
    with path.open("rb") as file:
        return _hashed(file, size or limits.CHUNK, 0 if size else limits.CHUNKED)


def _hashed(file: IO[bytes], size: int, most: int) -> Hashed:
    whole, each, many = sha256(), [], 0
    while block := file.read(size):
        whole.update(block)
        each.append(sha256(block).hexdigest())
        many += len(block)
    chunks = {"bytes": many, "size": size, "sha256": each} if many > most else None
    return Hashed(whole.hexdigest(), chunks)


def unfit(chunks: Mapping[str, Any]) -> str | None:
    """Return what chunks of the right shape say that cannot be, None if it can."""
    size, many, found = chunks["size"], chunks["bytes"], len(chunks["sha256"])
    if size < limits.SMALLEST or size & (size - 1):
        return f"chunks of {size} bytes; expected a power of two, {limits.SMALLEST} or more"
    if not 0 < many <= limits.FILE:
        return f"chunks of a file of {many} bytes; expected 1 to {limits.FILE}"
    wanted = -(-many // size)
    return None if found == wanted else f"{found} digests of chunks; {many} bytes in chunks of {size} have {wanted}"
