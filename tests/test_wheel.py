"""The wheel: built, installed into an empty folder, and used outside the repository without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from datapkg.registry.publish import publish

ROOT = Path(__file__).parent.parent
OFFLINE = "import socket\ndef refuse(*a, **k): raise OSError('no network here')\nsocket.socket.connect = refuse\n"


def run(*command: str, cwd: Path, **env: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(built: Path, made: Path, python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel is installed; its data are those of tests/good, with one release."""
    project = tmp_path_factory.mktemp("project")
    for name in ("datapkg", "schemas"):
        shutil.copytree(
            ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "_data", "node_modules")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA"):
        shutil.copy(ROOT / name, project / name)
    shutil.copytree(built / "data/processed", project / "data/processed")
    publish(made / "0.1.0", str(project / "data/releases"))
    shutil.copy(built / "datapackage.json", project / "datapackage.json")
    run(python, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist", cwd=project)
    (wheel,) = (project / "dist").glob("*.whl")
    target = tmp_path_factory.mktemp("installed")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index",
        "--target", str(target), str(wheel), cwd=project)  # fmt: skip
    shutil.rmtree(project)
    return target


@pytest.fixture
def call(installed: Path, python: str, tmp_path: Path) -> Callable[..., str]:
    """Runs code in a fresh process, far from the repository, in which every connection fails."""

    def of(code: str, *argv: str) -> str:
        return run(python, "-c", OFFLINE + code, *argv, cwd=tmp_path, PYTHONPATH=str(installed))

    return of


def test_the_data_are_inside(call: Callable[..., str], installed: Path) -> None:
    root = call("from datapkg.model import packaged; print(packaged().root)").strip()
    assert root == str(installed / "datapkg/_data")
    assert not (installed / "data").exists()
    assert not list(installed.rglob("*.yaml"))


def test_the_pages_of_a_site_are_inside_and_their_sources_are_not(installed: Path) -> None:
    assert sorted(path.name for path in (installed / "datapkg/site/bundle").iterdir()) == ["app.css", "app.js"]
    assert not (installed / "datapkg/site/web").exists()
    assert (installed / "datapkg/py.typed").exists()


def test_tables_load_trace_and_connect(call: Callable[..., str]) -> None:
    code = """
import datapkg, json
shares = datapkg.load("market_shares", filters=[("period", "==", "2023")])
late = datapkg.load("market_shares", policy="latest", known_by="2024-04", valid_on="2023-05-01")
trace = datapkg.trace("market_shares", shares.iloc[0])
many = datapkg.connect().execute("SELECT count(*) FROM observations.market_shares").fetchone()[0]
version = shares.attrs["version"]
print(json.dumps([len(datapkg.tables()), version, list(late["share_pct"]), list(trace["language"]), many]))
"""
    assert json.loads(call(code)) == [78, "0.1.0", [48.0], ["en", "ko"], 3]


def test_a_named_release_loads_without_a_network(call: Callable[..., str], tmp_path: Path) -> None:
    code = """
import datapkg, json
shares = datapkg.load("market_shares", version="0.1.0", policy="latest")
cited = json.loads(datapkg.cite(shares, "csl-json"))
try:
    datapkg.load("market_shares", version="working")
except datapkg.NotFound as error:
    working = str(error)
try:
    datapkg.load("market_shares", version="0.2.0")
except datapkg.NotFound as error:
    wrong = str(error)
known = datapkg.versions().to_dict("records")
print(json.dumps([shares.attrs["version"], len(shares), cited[0]["version"], working, wrong, known]))
"""
    version, rows, cited, working, wrong, known = json.loads(call(code))
    assert (version, rows, cited) == ("0.1.0", 2, "0.1.0")
    assert working.startswith("no folder data/raw/claims at or above ")
    assert wrong.endswith("did you mean '0.1.0'? It has 0.1.0")
    assert known == [{"version": "0.1.0", "created": "2024-05-01", "installed": True, "newer": False}]
    assert not list(tmp_path.iterdir())


def test_a_release_in_the_wheel_can_be_verified(call: Callable[..., str], installed: Path) -> None:
    entry = "from datapkg.cli.main import entry; entry()"
    assert call(entry, "verify", "0.1.0") == "0.1.0: every file is as it was released; not signed\n"
    assert call(entry, "versions", "--csv").splitlines()[1] == "0.1.0,2024-05-01,true,false"
    file = installed / "datapkg/_data/data/releases/0.1.0/data/terms.parquet"
    good = file.read_bytes()
    file.write_bytes(good[:-1] + b"!")
    try:
        out = call("import datapkg\ntry: datapkg.load('terms')\nexcept datapkg.IntegrityError as e: print(e)")
    finally:
        file.write_bytes(good)
    assert "data/terms.parquet is damaged: expected sha256" in out


def test_the_command_line_reads_the_same(call: Callable[..., str]) -> None:
    entry = "from datapkg.cli.main import entry; entry()"
    assert ["people", "People", "2"] in [line.split() for line in call(entry, "tables").splitlines()]
    assert "한빛파운드리" in call(entry, "show", "companies", "--csv")
    assert call(entry, "sql", "SELECT max(share_pct) AS most FROM market_shares", "--csv") == "most\n45.0\n"
    assert call(entry, "--version").startswith("datapkg 0.")


def test_the_working_build_is_that_of_a_repository_and_not_of_the_wheel(call: Callable[..., str]) -> None:
    code = "import datapkg\ntry: datapkg.load('terms', version='working')"
    out = call(f"{code}\nexcept datapkg.NotFound as e: print(e)")
    assert out.startswith("no folder data/raw/claims at or above ")
