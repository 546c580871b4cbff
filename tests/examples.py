"""The examples in docs/examples, run as their readers run them; `make examples` renews their pictures with this."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from datapkg.model import layout

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs/examples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


@dataclass(frozen=True)
class Ran:
    """What an example left behind: its variables, what it printed, its figures, and the folder with their pictures."""

    names: dict[str, Any]
    printed: str
    figures: list[Figure]
    folder: Path


def run(name: str, folder: Path) -> Ran:
    """Run an example in a folder, with matplotlib as it comes."""
    out = io.StringIO()
    matplotlib.use("Agg")
    with plt.rc_context(), contextlib.chdir(folder), contextlib.redirect_stdout(out):
        plt.rcdefaults()
        names = runpy.run_path(str(FOLDER / f"{name}.py"))
        figures = [plt.figure(number) for number in plt.get_fignums()]
        plt.close("all")
    return Ran(names, out.getvalue(), figures, folder)


def working(folder: Path) -> Path:
    """Make a clone from before the first release, in which the working build is read by default, from any folder of it.

    Returns the place of its code, for `layout.PACKAGE`; the tables are those of this repository.
    """
    (folder / "data").mkdir(parents=True)
    for path in ("data/raw", "data/processed", "datapackage.json", "schemas"):
        (folder / path).symlink_to(ROOT / path)
    return folder / "datapkg"


def main(arguments: list[str]) -> None:
    """Run all examples in docs/examples, on the newest release, or on data/processed with the argument working."""
    with tempfile.TemporaryDirectory() as scratch:
        if arguments == ["working"]:
            layout.PACKAGE = working(Path(scratch) / "clone")
        for name in NAMES:
            print(f"== {name}", run(name, FOLDER).printed, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
