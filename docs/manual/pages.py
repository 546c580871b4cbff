"""The pages of the manual: docs/, README, the changelog, and pages made of the parser, docstrings and notebooks.

python docs/manual/pages.py FOLDER      # lays them out in FOLDER, from which `make docs-site` builds
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from commands import commands
from notebooks import shown
from reference import reference

HERE = Path(__file__).parent
DOCS, ROOT = HERE.parent, HERE.parents[1]
HOME = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Homepage"]
RENAMED = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "SECURITY.md": "security.md"}
"""Files of the repository outside of docs/ that are pages, with their names in the manual."""
ABSOLUTE = re.compile(rf"{HOME}/blob/main/|{HOME.replace('github.com', 'raw.githubusercontent.com')}/main/")
"""What README begins its links with, since it is shown by package indexes too."""
KINDS = (".md", ".ipynb", ".py", ".png")
"""What the manual takes of docs/."""
LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))|(?<=\]: )\S+$", re.M)
FENCED = re.compile(r"(^```.*?^```$)", re.M | re.S)


def places() -> dict[str, str]:
    """Return what the manual takes from the repository: path there, path in the manual; notebooks become pages."""
    files = [path for path in DOCS.rglob("*") if path.suffix in KINDS and HERE not in path.parents]
    found = {path: path.with_suffix(".md") if path.suffix == ".ipynb" else path for path in files}
    return RENAMED | {p.relative_to(ROOT).as_posix(): to.relative_to(DOCS).as_posix() for p, to in found.items()}


def linked(text: str, path: str, known: dict[str, str]) -> str:
    """Return a page whose links lead to pages of the manual, and to the repository for what is not in it.

    Code is left as it is.
    """

    def moved(found: re.Match[str]) -> str:
        link, mark, part = found[0].partition("#")
        named = ABSOLUTE.match(link)
        if not link or (":" in link and not named):
            return found[0]
        aim = link[named.end() :] if named else posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
        here = posixpath.dirname(known[path])
        return (posixpath.relpath(known[aim], here) if aim in known else f"{HOME}/blob/main/{aim}") + mark + part

    parts = FENCED.split(text)
    return "".join(part if FENCED.match(part) else LINK.sub(moved, part) for part in parts)


MADE: dict[str, Callable[[], str]] = {"commands.md": commands, "api.md": reference}
"""Pages that no file holds."""


def pages() -> Iterator[tuple[str, bytes]]:
    """Yield every file of the manual: its path, and what is in it."""
    known = places()
    for path, place in known.items():
        file, folder = ROOT / path, posixpath.dirname(place)
        page, beside = shown(file) if file.suffix == ".ipynb" else (file.read_bytes(), {})
        near = {posixpath.join(posixpath.dirname(path), name): f"{folder}/{name}" for name in beside}
        yield place, linked(page.decode(), path, known | near).encode() if place.endswith(".md") else page
        yield from ((f"{folder}/{name}", held) for name, held in beside.items())
    for place, make in MADE.items():
        yield place, make().encode()


def main(folder: Path) -> None:
    """Lay out the manual in a folder, whatever was there."""
    shutil.rmtree(folder, ignore_errors=True)
    for place, held in pages():
        (folder / "docs" / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / place).write_bytes(held)
    shutil.copy(HERE / "zensical.toml", folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
