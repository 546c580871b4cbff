"""The metadata of a release, one writer per file: pure functions from one record to bytes."""

from __future__ import annotations

from collections.abc import Callable

from datapkg.package.card import card
from datapkg.package.citation import cff, datacite
from datapkg.package.croissant import croissant
from datapkg.package.descriptor import descriptor, mirror
from datapkg.package.record import Release
from datapkg.package.verify_md import verify_md

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
