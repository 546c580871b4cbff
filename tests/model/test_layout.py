"""Where things are, from a repository, from inside it, and from the installed package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from datapkg.model import layout
from datapkg.model.errors import NotFound
from datapkg.model.layout import Layout, packaged, repository

ROOT = Path(__file__).parents[2]


def test_the_folders_are_those_of_the_design(good: Path) -> None:
    found = Layout(good)
    assert found.claims == good / "data/raw/claims"
    assert found.entities == good / "data/raw/entities"
    assert found.processed == good / "data/processed"
    assert found.descriptor == good / "datapackage.json"
    assert found.releases == good / "data/releases"
    assert found.acknowledged == good / "data/raw/acknowledged.yaml"
    assert found.changelog == good / "CHANGELOG.md"
    assert all(p.exists() for p in (found.raw, found.claims, found.entities, found.corrections, found.about))


def test_schemas_are_the_own_ones_or_those_of_the_package(good: Path) -> None:
    assert Layout(good).schemas == ROOT / "schemas"
    (good / "schemas").mkdir()
    assert Layout(good).schemas == good / "schemas"


def test_the_packaged_data_is_that_of_the_clone_or_inside_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert packaged().root == ROOT
    (tmp_path / "_data").mkdir()
    monkeypatch.setattr(layout, "PACKAGE", tmp_path)
    assert packaged().root == tmp_path / "_data"


def test_the_repository_is_the_nearest_folder_above(good: Path, tmp_path: Path) -> None:
    for start in (good, good / "data", good / "data" / "raw" / "claims", good / "articles"):
        assert repository(start).root == good
    message = f"no folder data/raw/claims at or above {tmp_path}; go to a repository of claims, or name one with --root"
    with pytest.raises(NotFound, match="^" + re.escape(message) + " FOLDER$"):
        repository(tmp_path)


def test_paths_are_told_from_the_root(good: Path, tmp_path: Path) -> None:
    found = Layout(good)
    assert found.relative(found.claims / "a.yaml") == "data/raw/claims/a.yaml"
    assert found.relative(good / "data" / ".." / "datapackage.json") == "datapackage.json"
    assert found.relative(tmp_path / "else.txt") == (tmp_path / "else.txt").as_posix()
    (tmp_path / "link").symlink_to(good)
    assert Layout(tmp_path / "link").relative(good / "x") == "x"
