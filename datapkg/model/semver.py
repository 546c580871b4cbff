"""Version numbers of the data: strict SemVer, read, ordered and raised.

They are apart from the version of the code, and apart from PEP 440: `1.0.0rc1` is no version here, `1.0.0-rc.1` is.
Before 1.0.0 a major change raises the second number: 0.2.0 stands to 0.1.0 as 2.0.0 to 1.0.0.

Source  Semantic Versioning 2.0.0, https://semver.org; the regular expression is the one of its FAQ
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import total_ordering

from datapkg.model import limits
from datapkg.model.errors import NotFound, UsageError

LEVELS = ("none", "patch", "minor", "major")
"""How far a version moves, from least to most."""

_SEMVER = re.compile(
    r"(?P<major>0|[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.(?P<patch>0|[1-9]\d*)"
    r"(?:-(?P<pre>(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+(?P<build>[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?",
    re.ASCII,
)
_LOOSE = re.compile(
    r"(?:version|v|=)*\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-._]?(a|b|c|alpha|beta|pre|rc|dev)[-._]?(\d*))?(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_LONG = {"a": "alpha", "b": "beta", "c": "rc", "pre": "rc"}


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version of the data; `pre` holds the parts of a pre-release, such as ("rc", "1")."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + ("-" + ".".join(self.pre) if self.pre else "")

    def __lt__(self, other: Version) -> bool:
        return self._rank() < other._rank()

    def _rank(self) -> tuple[object, ...]:
        """Return what orders versions: a pre-release before its release, numbers before words."""
        pre = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre)
        return (*self.core, not self.pre, pre)

    @property
    def core(self) -> tuple[int, int, int]:
        """The three numbers, without what marks a pre-release."""
        return self.major, self.minor, self.patch

    @property
    def stable(self) -> bool:
        """Whether this is a release and not on the way to one."""
        return not self.pre


def parse(text: str, exists: Callable[[str], bool] = bool) -> Version:
    """Return the version that a text spells.

    Raises  UsageError, with the version that was probably meant, if that `exists`
    """
    text = str(text)
    if len(text) > limits.VERSION:
        raise UsageError(f"'{text[:20]}…' is no version of the data; one has at most {limits.VERSION} characters")
    found = _SEMVER.fullmatch(text)
    if found and not found["build"]:
        pre = tuple(found["pre"].split(".")) if found["pre"] else ()
        return Version(int(found["major"]), int(found["minor"]), int(found["patch"]), pre)
    near = str(_near(text) or "")
    raise UsageError(
        f"'{text}' is no version of the data; expected MAJOR.MINOR.PATCH as in 1.0.0 or 1.0.0-rc.1"
        + (", without build metadata" if found else "")
        + (f"; did you mean '{near}'?" if exists(near) else "")
    )


def _near(text: str) -> Version | None:
    """Return the version that somebody who wrote 'v1.0' or '1.0rc1' has in mind."""
    found = _LOOSE.match(text.strip())
    if not found:
        return None
    major, minor, patch, word, number = found.groups()
    pre = (_LONG.get(word.lower(), word.lower()), *([str(int(number))] if number else [])) if word else ()
    return Version(int(major), int(minor or 0), int(patch or 0), pre)


def bump(old: Version, level: str) -> Version:
    """Return the smallest release after `old` that is at least `level` ahead; after a pre-release, often its release.

    Raises  UsageError for a level that is none
    """
    _known(level)
    if level == "none":
        return old
    if old.pre and reach(old.core) >= LEVELS.index(level):
        return Version(*old.core)
    if level == "major" and old.major:
        return Version(old.major + 1, 0, 0)
    if level in ("major", "minor"):
        return Version(old.major, old.minor + 1, 0)
    return Version(old.major, old.minor, old.patch + 1)


def level(old: Version, new: Version) -> str:
    """Return how far `new` is ahead of `old`: major, minor, patch, or none if they are equal.

    From a pre-release to its release, or to the next pre-release, counts what the release itself stands for: 2.0.0
    after 2.0.0-rc.1 is major, because users come to it from 1.x.

    Raises  UsageError if `new` comes before `old`
    """
    if new == old:
        return "none"
    if new < old:
        raise UsageError(f"version {new} comes before {old}; versions only rise, the next one is {bump(old, 'patch')}")
    for name, before, after in zip(("major", "minor", "patch"), old.core, new.core, strict=True):
        if before != after:
            return name
    return LEVELS[reach(new.core)]


def reach(core: tuple[int, int, int]) -> int:
    """Return the place in LEVELS of what three numbers stand for: 2.0.0 is major, 2.1.0 minor, 2.1.1 patch."""
    return 1 if core[2] else 2 if core[1] else 3


def _known(name: str) -> int:
    if name not in LEVELS:
        raise UsageError(f"'{name}' is no level of a version; expected {', '.join(LEVELS)}")
    return LEVELS.index(name)


def ordered(versions: Iterable[str]) -> list[str]:
    """Return versions in their order, the oldest first.

    Raises  UsageError for a text that is no version
    """
    return [str(version) for version in sorted(map(parse, versions))]


def latest(versions: Iterable[str]) -> str:
    """Return the highest release; the highest pre-release only where there is no release.

    Raises  NotFound if there is nothing to choose from, UsageError for a text that is no version
    """
    found = [parse(version) for version in versions]
    if not found:
        raise NotFound("no version to choose from; publish one with `datapkg release VERSION`")
    return str(max(found, key=lambda version: (version.stable, version)))
