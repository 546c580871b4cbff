"""Files of many claims, wherever they lie: how messages name each, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

KINDS = (".jsonl", ".parquet")
"""What a file of claims ends with: JSON Lines, or Parquet."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of claims or of their sources; `name` is as messages show it."""

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]] = field(repr=False)
    size: int = 0
    """Its bytes, as far as they are known before it is opened."""

    @property
    def folder(self) -> str:
        """The folder that it lies in; what lies in one has one schema."""
        return self.name.rpartition("/")[0]

    @property
    def sources(self) -> bool:
        """Whether it holds sources, as NAME.sources.jsonl, rather than claims."""
        return PurePosixPath(self.name).stem.split(".")[-1] == "sources"

    @property
    def parquet(self) -> bool:
        """Whether it is Parquet rather than JSON Lines."""
        return self.name.endswith(KINDS[1])


def is_part(inside: Sequence[str]) -> bool:
    """Return whether a path, from the folder that is read, is one of claims: no scratch of whatever wrote them."""
    return inside[-1].endswith(KINDS) and not any(name.startswith((".", "_")) for name in inside)


def below(folder: Path) -> list[Path]:
    """Return the files of claims below a folder in order of their paths."""
    return sorted(p for p in folder.rglob("*") if is_part(p.relative_to(folder).parts) and p.is_file())


def at(path: Path, name: str) -> Part:
    """Return the part that a file of the local disk is."""
    return Part(name, lambda: path.open("rb", buffering=1 << 20), path.stat().st_size)
