"""Places that releases are published to: a folder on the local disk, and whatever else fsspec writes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from datapkg.model import disk
from datapkg.registry.bucket import Bucket
from datapkg.registry.folder import Folder, clear
from datapkg.registry.remote import connect, local
from datapkg.registry.upload import Target


@contextmanager
def target_at(url: str, options: Mapping[str, Any] | None) -> Iterator[Target]:
    """Return the place that a URL names, ours alone if it is a folder.

    Raises  UsageError for a URL that cannot be published to, MissingExtra without the library for it
    """
    folder = local(url)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        with disk.locked(folder):
            clear(folder)  # what a killed publication left: it would hold the lock if it lived
            try:
                yield Folder(folder)
            finally:
                clear(folder)
        return
    remote = connect(url, options)
    if remote.scheme in ("http", "https"):
        raise NotImplementedError(remote.scheme)
    yield Bucket(remote)
