"""What must hold on every system: files that git does not change on the way, and names that Windows can hold."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import repositories
import runs

from datapkg.claims import read
from datapkg.model import ConfigError, IntegrityError, Layout, load_specs, misfit
from datapkg.model.shape import TABLE
from datapkg.package import digest
from datapkg.pages.start import ATTRIBUTES
from datapkg.registry import sums

ROOT = Path(__file__).parents[1]
RELEASE = "data/releases/0.1.0"
DEVICES = ("con", "prn", "aux", "nul", "com1", "lpt9")


def converted(tmp_path: Path, *more: str) -> Path:
    """Return a release in a clone by a git that turns line ends into those of Windows."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    shutil.copytree(ROOT / RELEASE, origin / RELEASE)
    for name in more:
        shutil.copy(ROOT / name, origin / name)
    repositories.git(origin, "init", "--quiet")
    repositories.commit(origin)
    repositories.git(tmp_path, "clone", "--quiet", "--config", "core.autocrlf=true", str(origin), str(clone))
    return clone / RELEASE


def test_a_clone_that_converts_line_ends_holds_every_byte(tmp_path: Path) -> None:
    folder = converted(tmp_path, ".gitattributes")
    assert repositories.contents(folder) == repositories.contents(ROOT / RELEASE)
    expected = sums((folder / "SHA256SUMS").read_bytes(), "SHA256SUMS")
    assert {path: digest(folder / path) for path in expected} == expected


def test_without_its_attributes_such_a_clone_would_not(tmp_path: Path) -> None:
    assert b"\r\n" in (converted(tmp_path) / "SHA256SUMS").read_bytes()


def test_the_attributes_of_this_repository_are_those_of_a_new_one() -> None:
    assert (ROOT / ".gitattributes").read_text(encoding="utf-8") == ATTRIBUTES


def test_every_file_of_this_repository_has_a_name_that_any_system_holds() -> None:
    paths = repositories.git(ROOT, "ls-files", "-z").split("\0")
    parts = {part for path in paths for part in path.lower().split("/")}
    assert not {part for part in parts if re.search(r'[<>:"|?*\\]|[. ]$', part) or part.split(".")[0] in DEVICES}
    assert len({path.lower() for path in paths}) == len(paths)


@pytest.mark.parametrize("name", DEVICES)
def test_a_name_that_is_a_device_on_windows_is_refused_wherever_it_would_be_a_file(
    good: Path, run: runs.Run, name: str
) -> None:
    told = f"Windows holds no file called '{name}.yaml'; choose another id, such as {name}-2024"
    done = run("source", "new", name, "--root", good)
    assert (done.code, done.err) == (2, f"datapkg: {told}\n")
    layout = Layout(good)
    old = layout.claims / "hanbit-visit-2024.yaml"
    text = old.read_text(encoding="utf-8").replace("source_id: hanbit-visit-2024", f"source_id: {name}")
    (layout.claims / f"{name}.yaml").write_text(text, encoding="utf-8")
    found = read(layout, load_specs(layout.schema_files), layout.claims / f"{name}.yaml").findings
    assert told in [finding.message for finding in found if finding.rule == "source-file-name"]
    assert misfit(name, TABLE)
    assert misfit(f"observations.{name}", TABLE)
    with pytest.raises(ConfigError, match=f"schemas/{name}.json: Windows holds no file called '{name}'; name the"):
        load_specs({name: b"{}"})


@pytest.mark.parametrize("path", ["data/con.parquet", "AUX", "nul/a.csv", "csv/a.", "csv./a", "a/LPT1.txt"])
def test_a_release_has_no_path_that_windows_takes_for_another(path: str) -> None:
    with pytest.raises(IntegrityError, match="is not a digest and a path inside the release"):
        sums(f"{'0' * 64}  {path}\n".encode(), "SHA256SUMS")


def test_paths_that_differ_in_capitals_only_are_one_file() -> None:
    assert list(sums(f"{'0' * 64}  console/auxiliary.csv\n{'0' * 64}  com10.md\n".encode(), "SHA256SUMS"))
    with pytest.raises(IntegrityError, match=r"SHA256SUMS:2: A\.csv has a digest already; expected one for each file"):
        sums(f"{'0' * 64}  a.csv\n{'0' * 64}  A.csv\n".encode(), "SHA256SUMS")
