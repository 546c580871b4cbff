"""Makes the same release with this Python and with another one, with the same pins, and compares SHA256SUMS.

Run as a script, with a folder for the other virtual environment if it should be kept; it needs a minute, for pip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MINORS = (13, 12, 11)
MAKE = """
import sys
from pathlib import Path
import repositories
made = repositories.released(Path(sys.argv[1]))
print((made.folder / "SHA256SUMS").read_text(), end="")
"""


def candidates() -> Iterator[str]:
    """Yield Pythons that are installed, on the path or by pyenv."""
    for minor in MINORS:
        found = shutil.which(f"python3.{minor}")
        if found:
            yield found
        yield from map(str, sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")))


def version(python: str) -> tuple[int, int] | None:
    """Return the version of a Python, None if it does not run: those of pyenv may be switched off."""
    code = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return None if done.returncode else tuple(map(int, done.stdout.split()))  # type: ignore[return-value]  # two


def environment(python: str, folder: Path) -> Path:
    """Return the Python of a virtual environment with the pins of requirements.lock."""
    inside = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(inside), "-m", "pip", "install", "-qq", "--no-compile", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True)
        (folder / "ready").touch()
    return inside


def start(python: str, folder: Path) -> subprocess.Popen[str]:
    """Start a Python that makes a repository and its first release, and prints SHA256SUMS."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [python, "-W", "ignore", "-c", MAKE, str(folder)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True)


def main(keep: str | None = None) -> int:
    """Compare the two releases and return 1 if they differ."""
    here = sys.version_info[:2]
    other = next((python for python in candidates() if version(python) not in (None, here)), None)
    if other is None:
        print("skipped: no second Python")
        return 0
    with tempfile.TemporaryDirectory(prefix="datapkg-reproduce-") as scratch:
        with start(sys.executable, Path(scratch) / "one") as one:
            inside = environment(other, Path(keep) if keep else Path(scratch) / "venv")
            mine = one.communicate()[0]
        with start(str(inside), Path(scratch) / "two") as two:
            theirs = two.communicate()[0]
    if one.returncode or two.returncode:
        return 1
    there = "{}.{}".format(*version(other) or ())
    different = sorted({line[66:] for line in {*mine.splitlines()} ^ {*theirs.splitlines()}})
    for path in different:
        print(f"{path} differs between Python {here[0]}.{here[1]} and {there}")
    if not different:
        print(f"{len(mine.splitlines())} files are the same in Python {here[0]}.{here[1]} and {there}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
