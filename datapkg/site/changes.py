"""What each release changed since the one before, as far back as they can be had: what the page of changes chains."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from datapkg.compare import CHANGES
from datapkg.model import PREFIX, NotFound
from datapkg.read import decoding
from datapkg.registry import Registry
from datapkg.site.parts import fingerprint


def earlier(registry: Registry, version: str) -> dict[str, bytes]:
    """Return the changes of the releases before one, by version, as far back as the registry has them.

    Raises  what reading the registry raises
    """
    found: dict[str, bytes] = {}
    try:
        before = since(registry.file(version, CHANGES))
        while before and before not in found:
            found[before] = registry.file(before, CHANGES)
            before = since(found[before])
    except NotFound:  # the first release of a registry may have come after others
        pass
    return found


def since(changes: bytes) -> str:
    """Return the version with which a release was compared, from its changes; empty for the first.

    Raises  IntegrityError for bytes that are no Parquet
    """
    import pyarrow.parquet as pq

    with decoding(CHANGES):
        told: Mapping[bytes, bytes] = pq.read_metadata(io.BytesIO(changes)).metadata or {}
    return told.get(b"old_version", b"").decode()


def _counted(changes: bytes) -> dict[str, int]:
    """Return how many changes of each kind a release made, those of observations left out."""
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(changes), columns=["table", "change"])
    kinds = zip(table.column("table").to_pylist(), table.column("change").to_pylist(), strict=True)
    return dict(Counter(change for name, change in kinds if not name.startswith(PREFIX)))


def changes_path(version: str) -> str:
    """Return where the changes of an earlier release are in a site."""
    return f"changes/{version}.parquet"


def steps(files: Mapping[str, bytes], version: str) -> Iterator[dict[str, Any]]:
    """Yield what the pages are told of the changes in the files of a site, the newest first."""
    path, seen = CHANGES, {version}
    while path in files:
        before = since(files[path])
        yield {"version": version, "before": before, "file": fingerprint(files, path), "rows": _counted(files[path])}
        if before in seen:
            return
        seen.add(before)
        version, path = before, changes_path(before)
