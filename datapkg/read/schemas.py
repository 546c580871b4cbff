"""The schemas of a release, read from its proven bytes and kept, since a session asks for them many times."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from datapkg.model import PREFIX, NotFound, Spec, load_specs, together

Source = Callable[[str], bytes]
"""Gives the bytes of a file by its path in a release, proven against SHA256SUMS."""
RELEASES = 4
"""Releases whose schemas are kept."""
_KEPT: dict[tuple[str, ...], dict[str, Spec]] = {}


def _schemas(names: Iterable[str], source: Source) -> dict[str, bytes]:
    """Return the schemas of a release by table, with those that tables share, as far as it has them.

    They are fetched many at once: each may be a journey to a distant registry.
    """

    def fetched(name: str) -> bytes | None:
        try:
            return source(f"schemas/{name}.json")
        except NotFound:  # `load_specs` says which are needed; older releases have no "facts"
            return None

    wanted = ["observations", "facts", *(name for name in names if not name.startswith(PREFIX))]
    found = zip(wanted, together(fetched, wanted), strict=True)
    return {name: data for name, data in found if data is not None}


def released(sums: str | None, names: Iterable[str], source: Source) -> dict[str, Spec]:
    """Return the specs of a release by table; kept by the digest of its SHA256SUMS, which has that of each schema.

    Raises  ConfigError for a schema that cannot be used
    """
    asked = (sums or "", *names)
    if sums is None or asked not in _KEPT:
        found = _loaded(*_schemas(names, source).items())
        if len(_KEPT) >= RELEASES:
            _KEPT.clear()
        if sums is not None:
            _KEPT[asked] = found
        return found
    return _KEPT[asked]


@lru_cache(maxsize=4)
def _loaded(*schemas: tuple[str, bytes]) -> dict[str, Spec]:
    """Return the specs of schemas by table; kept, since a session asks for those of a release many times.

    Raises  ConfigError for a schema that cannot be used
    """
    return load_specs(dict(schemas))
