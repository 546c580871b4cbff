"""The metadata of a release, one writer per file: pure functions from one record to bytes."""

from __future__ import annotations

from collections.abc import Callable

from datapkg.metadata.card import card
from datapkg.metadata.citation import cff, datacite
from datapkg.metadata.croissant import croissant
from datapkg.metadata.descriptor import descriptor, mirror
from datapkg.metadata.record import Release
from datapkg.metadata.verify_md import verify_md

WRITERS: dict[str, Callable[[Release], bytes]] = {
    "CITATION.cff": cff,
    "README.md": card,
    "VERIFY.md": verify_md,
    "croissant.json": croissant,
    "csv/datapackage.json": mirror,
    "datacite.json": datacite,
    "datapackage.json": descriptor,
}
"""The writer of each file, by its path in the release."""


def documents(release: Release) -> dict[str, bytes]:
    """Return all files of metadata by their paths; the same record gives the same bytes everywhere."""
    return {path: write(release) for path, write in WRITERS.items()}
