"""What the gates judge: a folder like a release, made here, whole; the newest published release, where that is quick;
and damaged copies of an invented one: what a tool refuses, it refuses whatever the rows are.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import made
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
_INDEX = ROOT / "data" / "releases" / "index.json"
PUBLISHED = [json.loads(_INDEX.read_text(encoding="utf-8"))["latest"]] if _INDEX.exists() else []
Run = Callable[..., subprocess.CompletedProcess[str]]
_READ = {"integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__, "string": str,
         "date": date.fromisoformat}  # fmt: skip


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is made here; never written to."""
    folder = tmp_path_factory.mktemp("made")
    made.made(folder)
    return folder


@pytest.fixture(scope="session", params=["made", *PUBLISHED])
def release(request: pytest.FixtureRequest, whole: Path) -> Path:
    """Each folder that has to pass: the one made here, and the newest published release."""
    return whole if request.param == "made" else ROOT / "data" / "releases" / request.param


@pytest.fixture(scope="session")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a release with one table of awkward values."""
    folder = tmp_path_factory.mktemp("values")
    about = made.read_about(made.repository())
    made.release(folder, {"values": made.values()}, {"values": made.VALUES}, about)
    return folder


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of some tables of the invented claims of tests/good, whose articles we may keep; never written to."""
    from datapkg import build
    from datapkg.model.layout import Layout

    folder = tmp_path_factory.mktemp("invented")
    layout = Layout(Path(shutil.copytree(HERE.parent / "good", tmp_path_factory.mktemp("good") / "good")))
    current = build.assemble(layout)
    names = made.leading_to(current.specs, "market_shares", "market_ranks", "company_roles", "claims")
    tables = {name: current.tables[name] for name in names}
    made.release(folder, tables, current.specs, made.read_about(layout))
    return folder


@pytest.fixture
def small(invented: Path, tmp_path: Path) -> Path:
    """A copy of that, for damage that a tool finds whatever the rows are."""
    return Path(shutil.copytree(invented, tmp_path / "small"))


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a tool of .venv-standards, or one by its path, away from the network as far as it can be told to."""
    home = tmp_path_factory.mktemp("home")
    env = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(home / "hf"),
        "TZ": "UTC",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }

    def tool(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(part) for part in command], cwd=folder, env=env, capture_output=True, text=True)

    return tool


@pytest.fixture
def node(run: Run) -> Run:
    """Run a script of node/; without Node the test is skipped."""
    if not shutil.which("node") or not (HERE / "node" / "node_modules" / "hyparquet").is_dir():
        pytest.skip("no Node, or no node_modules: npm ci in tests/standards/node")

    def script(name: str, descriptor: Path) -> subprocess.CompletedProcess[str]:
        return run("node", HERE / "node" / name, descriptor)

    return script


def resources(folder: Path, name: str = "datapackage.json") -> dict[str, dict[str, Any]]:
    """Return the resources of a descriptor by name."""
    return {entry["name"]: entry for entry in json.loads((folder / name).read_bytes())["resources"]}


def expected(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table as Python's own csv module reads the mirror, typed by the descriptor."""
    entry = resources(folder, "csv/datapackage.json")[name]
    types = {field["name"]: field["type"] for field in entry["schema"]["fields"]}
    with (folder / "csv" / entry["path"]).open(encoding="utf-8", newline="") as file:
        return [{k: _READ[types[k]](v) if v else None for k, v in row.items()} for row in csv.DictReader(file)]


def as_json(folder: Path) -> dict[str, list[list[Any]]]:
    """Return all tables in the form that the scripts of node/ print."""
    return {name: [[_json(v) for v in row.values()] for row in expected(folder, name)] for name in resources(folder)}


def _json(value: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole or isinstance(value, date) else value


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file; it has to be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_json(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the content of a JSON file in place."""
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def flip(path: Path, at: int | None = None) -> None:
    """Change one bit of a file, in the middle unless said otherwise."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)
