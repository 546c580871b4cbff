"""The releases that come with datapkg: all of them in a clone, the newest in a wheel."""

from __future__ import annotations

from datapkg.model import packaged
from datapkg.registry.index import INDEX
from datapkg.registry.reader import Registry


def installed() -> Registry:
    """Return the releases that come with datapkg."""
    return Registry.open(packaged().root / "data" / "releases")


def newest() -> str | None:
    """Return the newest release that comes with datapkg; a clone from before the first release has none."""
    own = installed()
    return own.versions().latest if own.folder and (own.folder / INDEX).is_file() else None
