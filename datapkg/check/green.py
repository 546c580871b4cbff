"""What an outside tool found nothing in, remembered by digest: it is asked again about what changed since, and no more.

A question is the tool and its release, what it is asked, and the bytes that it is asked about. Full runs, those that
look at references too, remember nothing and believe nothing: they are in CI and in every release.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from datapkg.model import disk, jsontext

NAME = ".datapkg-green.json"
"""The file beside datapackage.json; it may be deleted at any time."""
KEPT = 2000


def question(tool: str, *parts: bytes) -> str:
    """Return the digest of what a tool, in the release that is installed, is asked."""
    asked = sha256(f"{tool} {version(tool)}".encode())
    for part in parts:
        asked.update(sha256(part).digest())
    return asked.hexdigest()


class Green:
    """The questions that tools answered with nothing: those of a repository, or none at all without its folder."""

    def __init__(self, root: Path | None = None) -> None:
        self.file = root and root / NAME
        self.known: dict[str, None] = {}
        with suppress(OSError, ValueError, TypeError):
            self.known = dict.fromkeys(jsontext.loads(self.file.read_bytes()) if self.file else ())

    def __contains__(self, asked: str) -> bool:
        return asked in self.known

    def keep(self, asked: Iterable[str]) -> None:
        """Remember questions that were answered with nothing, in the file too where it can be written."""
        new = [digest for digest in asked if digest not in self.known]
        self.known |= dict.fromkeys(new)
        if new and self.file:
            with suppress(OSError):
                disk.put(self.file, json.dumps([*self.known][-KEPT:], indent=0).encode())
