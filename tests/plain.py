"""The whole command line where nothing is installed but what a plain `pip install semiconductor-datapkg` brings.

python tests/plain.py VERSION [COMMANDS] runs commands, a JSON list of lists, and prints exit code, output and errors of
each as JSON. `site` makes the folder of libraries that stands for the plain environment, and `environment` leads there.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]


def needed(names: list[str]) -> set[str]:
    """Return distributions with all that they need themselves, extras apart."""
    found: set[str] = set()
    while names:
        name = re.split(r"[^\w.-]", names.pop())[0].lower()
        with contextlib.suppress(PackageNotFoundError):  # needed elsewhere only, such as tzdata on Windows
            wanted = distribution(name).requires or []
            if name not in found:
                found.add(name)
                names += [line for line in wanted if "extra ==" not in line]
    return found


def site(folder: Path) -> Path:
    """Make a folder of links to the libraries of this environment that a plain install brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder.mkdir()
    for name in needed(list(project["dependencies"])):
        library = distribution(name)
        tops = {file.parts[0] for file in library.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            (folder / top).symlink_to(Path(str(library.locate_file(top))))
    return folder


def run(libraries: Path, code: Path, commands: list[list[str]], cwd: Path) -> list[tuple[int, str, str]]:
    """Run commands of the datapkg in `code` in one process that sees these libraries and the standard library alone."""
    path = os.pathsep.join([str(code), str(libraries)])
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-S", __file__, json.dumps(commands)],
        env={**kept, "PYTHONPATH": path, "PYTHONWARNINGS": "error"},
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [tuple(told) for told in json.loads(done.stdout)]


def _told(command: list[str]) -> tuple[int, str, str]:
    """Run one command in this process."""
    from datapkg.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    return code, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    print(json.dumps([_told(command) for command in json.loads(sys.argv[1])]))
