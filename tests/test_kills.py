"""Every writer killed at its steps: whoever reads then sees all of the old or of the new, and the next run mends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import kills
import pytest
import releases
import repositories

from datapkg import build
from datapkg.model.disk import create
from datapkg.model.layout import Layout
from datapkg.release import plan

SHORT, LONG = 12, 200
SWAP = "swap _change _exchange _beside put create"
"""The functions in which the old and the new change places: a short attack goes over all of their lines."""
MANY = pytest.mark.parametrize("many", [SHORT, pytest.param(LONG, marks=pytest.mark.attack)])


@pytest.fixture
def newer(built: Path, tmp_path: Path) -> Path:
    """A folder with the files of the next version of the package."""
    layout, root = Layout(built), tmp_path / "newer"
    (root / "data/raw").mkdir(parents=True)
    about = layout.about.read_text(encoding="utf-8").replace("1.2.3", "1.2.4")
    (root / "data/raw/package.yaml").write_text(about, encoding="utf-8")
    files = build.render(build.stored(layout), Layout(root))
    shutil.rmtree(root / "data")
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


@pytest.mark.parametrize("plain", ["", "plain"], ids=["exchange", "renames"])
@pytest.mark.parametrize(
    ("many", "only"), [(2 * SHORT, SWAP), pytest.param(LONG, SWAP, marks=pytest.mark.attack),
                       pytest.param(LONG, "", marks=pytest.mark.attack)]
)  # fmt: skip
def test_build(package: Path, newer: Path, tmp_path: Path, many: int, only: str, plain: str) -> None:
    assert set(kills.run("build", package, tmp_path / "kills", many, str(newer), plain, only)) >= {"old"}


@MANY
def test_source_check(good: Path, tmp_path: Path, many: int) -> None:
    moved = tmp_path / "moved.txt"
    moved.write_text("Moved.\n" + (good / "articles/hanbit-visit-2024.txt").read_text("utf-8"), "utf-8")
    seen = kills.run("source_check", good, tmp_path / "kills", many, str(moved))
    assert "old" in seen


@MANY
def test_source_new(good: Path, tmp_path: Path, many: int) -> None:
    assert "old" in kills.run("source_new", good, tmp_path / "kills", many)


@MANY
def test_publish(tmp_path: Path, many: int) -> None:
    release = releases.make(tmp_path / "release")
    (tmp_path / "registry").mkdir()
    assert "old" in kills.run("publish", tmp_path / "registry", tmp_path / "kills", many, str(release))


@pytest.mark.attack
def test_release(tmp_path: Path) -> None:
    layout = repositories.make(tmp_path / "repository")
    planned = repositories.dumped(plan(layout, "0.1.0", repositories.TODAY))
    assert "old" in kills.run("release", layout.root, tmp_path / "kills", LONG, planned)


def test_of_two_that_create_a_file_one_does(tmp_path: Path) -> None:
    create(tmp_path / "file", b"first")
    with pytest.raises(FileExistsError):
        create(tmp_path / "file", b"second")
    code = f"""
import sys
from pathlib import Path
from datapkg.model.disk import create
sys.stdin.read()
try: create(Path({str(tmp_path / "race")!r}), sys.argv[1].encode() * 100_000); print("wrote")
except FileExistsError: print("refused")
"""
    command = [sys.executable, "-c", code]
    many = [subprocess.Popen([*command, str(n)], stdin=-1, stdout=-1, text=True) for n in range(4)]
    for process in many:
        assert process.stdin
        process.stdin.close()
    said = [process.stdout.read().strip() if process.stdout else "" for process in many]
    for process in many:
        process.wait()
        assert process.stdout
        process.stdout.close()
    assert sorted(said) == ["refused"] * 3 + ["wrote"]
    assert (tmp_path / "race").read_bytes() == str(said.index("wrote")).encode() * 100_000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "race"]
