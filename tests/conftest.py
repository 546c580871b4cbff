"""Shared fixtures: a small repository of invented claims, and the package that the build makes of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import registries
import releases
import repositories
import runs

from datapkg import build
from datapkg.check import expectations, frictionless
from datapkg.facts import tables
from datapkg.model import layout
from datapkg.model.layout import Layout
from datapkg.registry.publish import publish

HERE = Path(__file__).parent
GOOD = HERE / "good"


@pytest.fixture(scope="session", autouse=True)
def _facts_made_once() -> Iterator[None]:
    """The facts of a table, made once per process from equal observations, and what tools said of equal tables.

    The same small repository is built often.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "facts", repositories.remembered(tables.facts))
        patch.setattr(expectations, "_run", repositories.suites_once(expectations._run))
        patch.setattr(frictionless, "_report", repositories.reports_once(frictionless._report))
        yield


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> runs.Run:
    """What runs a command, arguments in; its exit code and texts out."""
    return runs.Run(capsys)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A fresh copy of the invented repository, not built; its articles are beside data/ in articles/."""
    return Path(shutil.copytree(GOOD, tmp_path / "good"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented repository with its tables; shared by all tests, so never written to: take `package` for that."""
    root = Path(shutil.copytree(GOOD, tmp_path_factory.mktemp("built") / "good"))
    layout = Layout(root)
    made = build.assemble(layout)
    assert not made.findings, [str(f) for f in made.findings]
    for path, data in build.render(made, layout).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


@pytest.fixture
def package(built: Path, tmp_path: Path) -> Path:
    """A fresh copy of the invented repository with its tables and datapackage.json."""
    return Path(shutil.copytree(built, tmp_path / "package"))


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> repositories.Released:
    """A repository with the release 0.1.0, which costs ten seconds; shared, so never written to: copy it for that."""
    return repositories.released(tmp_path_factory.mktemp("released") / "repository")


@pytest.fixture(scope="session")
def made(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the releases 0.1.0 and 0.2.0; in the second a share is 43 instead of 42, and shares have notes."""
    return registries.two(built, tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="session")
def published(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry, in a folder, of the two releases; shared by all tests, so never written to."""
    folder = tmp_path_factory.mktemp("published") / "registry"
    for version in ("0.1.0", "0.2.0"):
        publish(made / version, str(folder))
    return folder


@pytest.fixture(scope="session")
def served(published: Path) -> Iterator[str]:
    """The same registry over HTTP."""
    with releases.serving(published) as (url, _):
        yield url


@pytest.fixture
def inside(built: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of datapkg whose working build is that of tests/good, with 0.1.0 in data/releases; datapkg reads it.

    It is the current folder.
    """
    root = tmp_path / "clone"
    shutil.copytree(built / "data/processed", root / "data/processed")
    shutil.copy(built / "datapackage.json", root)
    (root / "schemas").symlink_to(HERE.parent / "schemas")
    publish(made / "0.1.0", str(root / "data/releases"))
    (root / "data/raw/claims").mkdir(parents=True)
    monkeypatch.setattr(layout, "PACKAGE", root / "datapkg")
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter, for tests that need a fresh process."""
    return sys.executable
