"""What a release takes from git, the changelog and the acknowledgements, and how it says what is wrong with them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import repositories
from hypothesis import given
from hypothesis import strategies as st

from datapkg.model.errors import UsageError
from datapkg.model.layout import Layout
from datapkg.release import history

TODAY = date(2031, 6, 2)
ENTRY = "row_counts:\n- {table: companies, because: two were one, by: tests, until: %s}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Layout:
    """A git repository with one commit, which is no more than git needs."""
    layout = Layout(tmp_path / "repository")
    layout.claims.mkdir(parents=True)
    (layout.claims / "a.yaml").write_text("a\n")
    layout.changelog.write_text("# Changelog\n")
    repositories.git(tmp_path, "init", "--quiet", "repository")
    repositories.commit(layout.root)
    return layout


def test_the_commit_and_the_tree_of_the_claims(repository: Layout) -> None:
    state, changed = history.commit(repository)
    assert state.id == repositories.git(repository.root, "rev-parse", "HEAD")
    assert state.raw_tree == repositories.git(repository.root, "rev-parse", "HEAD:data/raw")
    assert changed == []


def test_paths_that_are_not_committed_are_named_whole(repository: Layout) -> None:
    repository.changelog.write_text("# Changed\n")  # the first line of git's answer begins with a space
    (repository.claims / "a.yaml").rename(repository.claims / "b.yaml")
    (repository.root / "an article, 한국어.txt").write_text("new")
    assert history.commit(repository)[1] == [
        "CHANGELOG.md",
        "data/raw/claims/a.yaml",
        "an article, 한국어.txt",
        "data/raw/claims/b.yaml",
    ]


def test_a_repository_in_a_folder_of_another(repository: Layout, tmp_path: Path) -> None:
    inner = Layout(repository.root / "inside")
    inner.claims.mkdir(parents=True)
    (inner.claims / "c.yaml").write_text("c\n")
    repositories.commit(repository.root)
    repository.changelog.write_text("# Changed\n")
    left = inner.releases / ".making-0.1.0" / "0.1.0"
    left.mkdir(parents=True)
    (left / "SHA256SUMS").write_text("")
    state, changed = history.commit(inner)
    assert state.raw_tree == repositories.git(repository.root, "rev-parse", "HEAD:inside/data/raw")
    assert changed == ["CHANGELOG.md"]


def test_what_a_killed_release_left_is_no_change(repository: Layout) -> None:
    for name in (".making-0.1.0/0.1.0/data/a.parquet", ".publishing-0.1.0/README.md", ".publish.lock"):
        path = repository.releases / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    assert history.commit(repository)[1] == []
    (repository.releases / "0.1.0").mkdir()
    (repository.releases / "0.1.0" / "README.md").write_text("whole")
    assert history.commit(repository)[1] == ["data/releases/0.1.0/README.md"]


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^git status .*: fatal: not a git repository"):
        history.commit(Layout(tmp_path))
    repositories.git(tmp_path, "init", "--quiet")
    with pytest.raises(UsageError, match=r"^git rev-parse HEAD: "):
        history.commit(Layout(tmp_path))


def test_no_git(repository: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = "git cannot be run (No such file or directory); a release records the commit it was made from"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        history.commit(repository)


def test_what_git_says_is_passed_on_whole(repository: Layout) -> None:
    with pytest.raises(UsageError) as caught:
        history.git(repository, "rev-parse", "nothing")
    told = str(caught.value).splitlines()
    assert told[0].startswith("git rev-parse nothing: fatal: ambiguous argument 'nothing'")
    assert told[-1].startswith("'git <command>")


def test_git_that_fails_without_a_word(repository: Layout) -> None:
    repository.changelog.write_text("# Changed\n")
    with pytest.raises(UsageError, match=r"^git diff --quiet HEAD: exit code 1$"):
        history.git(repository, "diff", "--quiet", "HEAD")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("# Changelog\n\n## data 0.1.0 - 2031-06-02\n\nFirst.\n", date(2031, 6, 2)),
        ("## data 0.2.0 - 2032-01-01\n## data 0.1.0 - 2031-06-02", date(2031, 6, 2)),
        ("## data 0.1.0 - 2031-06-02\r\n", date(2031, 6, 2)),
        ("## data 0.1.0 - 2031-13-02\n", None),
        ("## data 0.1.0 - 2031-6-2\n", None),
        ("## data 0.1.0\n", None),
        ("## data 0.1.0-rc.1 - 2031-06-02\n", None),
        ("## data 0x1.0 - 2031-06-02\n", None),
        ("## 0.1.0 - 2031-06-02\n", None),
        ("text ## data 0.1.0 - 2031-06-02\n", None),
    ],
)
def test_the_section_of_a_release(tmp_path: Path, text: str, day: date | None) -> None:
    (tmp_path / "CHANGELOG.md").write_bytes(text.encode())
    assert history.section(Layout(tmp_path), "0.1.0") == day


def test_no_changelog(tmp_path: Path) -> None:
    assert history.section(Layout(tmp_path), "0.1.0") is None


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        (ENTRY % "2031-06-02", {"companies"}),
        (ENTRY % "2099-12-31", {"companies"}),
        (ENTRY % "2031-06-01", set()),
        ("row_counts: []\n", set()),
        ("row_counts:\n", set()),
        ("other: []\n", set()),
    ],
)
def test_an_acknowledgement_holds_until_its_day(tmp_path: Path, text: str, tables: set[str]) -> None:
    path = tmp_path / "acknowledged.yaml"
    path.write_text(text)
    assert {entry["table"] for entry in history.acknowledged(path, "row_counts", TODAY)} == tables


def test_no_acknowledgements(tmp_path: Path) -> None:
    assert history.acknowledged(tmp_path / "acknowledged.yaml", "row_counts", TODAY) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row_counts:\n- {table: companies}\n", "an entry of row_counts has because, by, table, until"),
        ("row_counts:\n- {table: a, because: b, by: c, until: 2031-01-01, more: 1}\n", "an entry of row_counts has"),
        (ENTRY % "soon", "cannot be used: Invalid isoformat string: 'soon'; expected a list row_counts with until: 2"),
        ("- companies\n", "cannot be used: 'list' object has no attribute 'get'"),
        ("row_counts: [1]\n", "cannot be used: 'int' object is not iterable"),
        ("row_counts: 7\n", "cannot be used: 'int' object is not iterable"),
        ("a: [\n", "cannot be used: acknowledged.yaml:2: not YAML"),
        ("", "cannot be used: acknowledged.yaml: the file is empty"),
    ],
)
def test_acknowledgements_of_another_form(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "acknowledged.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        history.acknowledged(path, "row_counts", TODAY)
    assert str(caught.value).startswith("acknowledged.yaml")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (5, 5, None),
        (5, 4, "a loses rows: 5 to 4"),
        (5, None, "a loses rows: 5 to 0"),
        (0, None, None),
        (0, 1000, None),
        (0, 1001, "a grows beyond the band: 0 to 1001"),
        (500, 1500, None),
        (500, 1501, "a grows beyond the band: 500 to 1501"),
        (1000, 3000, None),
        (1000, 3001, "a grows beyond the band: 1000 to 3001"),
    ],
)
def test_bands_of_row_counts(before: int, after: int | None, message: str | None) -> None:
    found = history.out_of_band({"a": before, "b": 1}, {"b": 2} | ({} if after is None else {"a": after}))
    assert found == ({} if message is None else {"a": message})


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_table_is_in_its_band_or_named(before: int, after: int) -> None:
    inside = before <= after and (after <= 3 * before or after <= before + 1000)
    assert (history.out_of_band({"a": before}, {"a": after, "new": 10**9}) == {}) == inside
