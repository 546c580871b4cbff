"""Shared fixtures: a small repository of invented claims, and the package that the build makes of it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from datapkg import build
from datapkg.layout import Layout

HERE = Path(__file__).parent
GOOD = HERE / "good"


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
def python() -> str:
    """The interpreter, for tests that need a fresh process."""
    return sys.executable
