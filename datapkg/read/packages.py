"""Which package is meant: a version of a registry, the working build, or what a frame remembers of where it came from.

Without a version the newest release inside the package is read, never silently something newer; the working build,
the tables of the repository around the current folder, goes by the version "working". A frame remembers its version and
registry; the registry is followed only if the caller has named it in this process, since a frame may come out of a file
that somebody else wrote.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import NoneType
from typing import Any

from datapkg.model import Layout, NotFound, UsageError, expected, repository, together
from datapkg.read.data import Data
from datapkg.registry import SUMS, Registry, installed, newest, shown, sums

WORKING = "working"
LATEST = "latest"
_NAMED: dict[str, tuple[str, Path | None]] = {}
"""The registries that the caller has named, with their caches, by what frames remember of them."""


def package(version: str | None = None, registry: str | None = None, cache: Path | None = None,
            voice: str | None = None, key: str | None = None) -> Data:  # fmt: skip
    """Return one package, opened for reading: a `version`, from a `registry` (a folder or an fsspec URL).

    "latest" is the newest that there is: in the registry, without one inside the package; frames say which it was. A
    version may carry the digest of its SHA256SUMS, "0.1.0@sha256:...", and then is that release or none. With `key`,
    a public key of minisign or ssh-keygen, the release has to be signed by it. Copies of a remote release are kept in
    the folder `cache`. With a `voice` only what that voice said counts.
    Raises  NotFound for an unknown version, with the versions there are; Unreachable if the registry does not answer;
            IntegrityError if it is not the release of that digest or key, or the registry changed what it said before
    """
    expected("version", version, (str, NoneType), "the text of a version, such as '0.1.0', 'latest' or 'working'")
    expected("registry", registry, (str, Path, NoneType), "a folder or a URL")
    expected("voice", voice, (str, NoneType), "the name of one voice, such as 'TrendForce'")
    if registry:
        registry = str(registry)
        _NAMED[shown(registry)] = registry, cache
    version = _meant(version, registry, cache)
    if version is None or version == WORKING:
        if key:
            raise UsageError("key goes with a release; the working build is not signed")
        return Data(_working(), voice=voice)
    place = _place(registry, cache)
    if key:
        place.signed(version, key)
    source, near = partial(place.file, version), place.folder is not None
    return Data(Layout(place.where(version)), source, registry and shown(registry), voice, near)


def _meant(version: str | None, registry: str | None, cache: Path | None) -> str | None:
    """Return the version that is asked for; without one the newest inside this package, None if it has none.

    Raises  UsageError if it has none and a registry is named; NotFound for the latest of a registry without releases
    """
    if version == LATEST and registry:
        last = Registry.open(registry, cache).versions().latest
        if last is None:
            raise NotFound(f"{shown(registry)} has no release yet")
        return last
    if version not in (None, LATEST):
        return version
    last = newest()
    if last is None and registry:
        raise UsageError(f"no release is inside this package to go by; name a version of {shown(registry)}")
    return last


def _working() -> Layout:
    """Return the repository around the current folder.

    Raises  NotFound if there is none
    """
    return repository(Path.cwd())


def _place(registry: str | None, cache: Path | None) -> Registry:
    """Return the registry of a name, or the releases inside the package if there are any."""
    if registry:
        return Registry.open(registry, cache)
    if newest() is None:
        raise NotFound("no release is inside this package; name a registry, or the version working for its tables")
    return installed()


def origin(frame: Any, version: str | None, registry: str | None, cache: Path | None, voice: str | None) -> Data:
    """Return the package that a frame or row came from, as far as it still says so and nothing else is given.

    Raises  UsageError for a registry that only the frame names
    """
    attrs = getattr(frame, "attrs", {})
    said = {name: value for name, value in attrs.items() if isinstance(value, str)}
    if not registry and "registry" in said:
        if said["registry"] not in _NAMED:
            raise UsageError(f"the frame says that it comes from {shown(said['registry'])}, a registry that nobody has "
                             "named here; if you trust it, name it with registry=")  # fmt: skip
        registry, kept = _NAMED[said["registry"]]
        cache = cache or kept
    version = version or (WORKING if attrs.get("working") else said.get("version"))
    return package(version, registry, cache, voice or said.get("voice"))


def folder(name: str | Path, registry: str | None = None, cache: Path | None = None, *, mirror: bool = True,
           key: str | None = None) -> Path:  # fmt: skip
    """Return the folder of a release, with all its files, of a package, or of the working build.

    Without `mirror` the CSV files of a remote release are not fetched. With the public key `key` a signature by it is
    preferred to another that may be there; this proves none.
    Raises  NotFound for what is neither a version nor a folder
    """
    if name == WORKING:
        return _working().root
    if isinstance(name, Path) or Path(name).is_dir():
        if not any((Path(name) / file).is_file() for file in ("datapackage.json", SUMS)):
            raise NotFound(f"no datapackage.json in {name}; expected the folder of a release or of a repository")
        return Path(name)
    place = _place(registry, cache)
    found = place.release(name)
    if not place.folder:
        paths = [path for path in sums(place.file(name, SUMS), SUMS) if mirror or not path.startswith("csv/")]

        def fetch(path: str) -> None:
            place.file(name, path)

        together(fetch, paths)
        place.signatures(name, key)
    return found
