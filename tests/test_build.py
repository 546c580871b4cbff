"""The build writes all or nothing, the same bytes every time, and gets over whatever stopped the one before it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datapkg import build
from datapkg.model import disk
from datapkg.model.errors import CheckFailed, IntegrityError, WriteError
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import PREFIX, load_specs
from datapkg.read import opened

Files = dict[str, bytes]
NOBODY = 65534
BAD = Path(__file__).parent / "bad"
DIGESTS = """
import hashlib, json, sys
from pathlib import Path
from datapkg import build
from datapkg.model import disk
from datapkg.model.layout import Layout
layout = Layout(Path(sys.argv[1]))
files = build.render(build.assemble(layout), layout)
print(json.dumps({path: hashlib.sha256(data).hexdigest() for path, data in files.items()}))
"""
WRITE = """
import os, resource, signal, sys
from pathlib import Path
from datapkg import build
from datapkg.model import disk
from datapkg.model.errors import DatapkgError
from datapkg.model.layout import Layout
source, target, *warm = map(Path, sys.argv[1:])
files = {p.relative_to(source).as_posix(): p.read_bytes() for p in source.rglob("*") if p.is_file()}
for folder in [*warm, *warm]:  # loads every module, those for a second build too, while they can still be read
    build.write(files, Layout(folder), {}, ())
HOOK
try:
    build.write(files, Layout(target), {}, ())
except DatapkgError as error:
    print(f"{type(error).__name__}: {error}")
"""
BECOME_NOBODY = f"os.getuid() or os.setuid({NOBODY})"
KILL = "def kill(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
KILLED_WHEN = {
    "the new tables are about to move": "disk._change = kill",
    "the old tables are away": "rename, seen = Path.rename, []\n"
    "def fourth(self, to): return kill() if len(seen) == 3 else seen.append(1) or rename(self, to)\n"
    "Path.rename, disk._exchange = fourth, lambda *_: False",
    "the new tables are there": "Path.replace = kill",
    "the new tables are there, where folders cannot change places": "Path.replace = kill\n"
    "disk._exchange = lambda *_: False",
    "all is done but for cleaning up": "import shutil\nshutil.rmtree = kill",
}


def _bytes(root: Path) -> Files:
    """Return what a build made, by path."""
    found = {p.relative_to(root).as_posix(): p.read_bytes() for p in (root / "data/processed").rglob("*.parquet")}
    descriptor = root / "datapackage.json"
    return found | ({"datapackage.json": descriptor.read_bytes()} if descriptor.is_file() else {})


def _scratch(root: Path) -> list[Path]:
    return [p for p in root.iterdir() if p.name.startswith(".")]


def _store(files: Files, root: Path) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def _write(hook: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """Run build.write in a process of its own, after a hook."""
    code = WRITE.replace("HOOK", hook)
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # it would write, too
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, folders)], capture_output=True, text=True, check=False, cwd="/", env=env
    )


@pytest.fixture(scope="module")
def newer(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the next version of the package: each differs from the one before."""
    layout = Layout(built)
    root = tmp_path_factory.mktemp("newer")
    about = layout.about.read_text(encoding="utf-8").replace("1.2.3", "1.2.4")
    _store({"data/raw/package.yaml": about.encode()}, root)
    files = build.render(build.stored(layout), Layout(root))
    shutil.rmtree(root / "data")
    return _store(files, root)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, which the folders of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="datapkg-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_two_builds_give_the_same_bytes_wherever_and_whenever(good: Path, built: Path, tmp_path: Path) -> None:
    elsewhere = Path(shutil.copytree(good, tmp_path / "some where else"))
    env = {**os.environ, "PYTHONHASHSEED": "271828", "TZ": "Asia/Seoul", "LC_ALL": "C"}
    run = subprocess.run(
        [sys.executable, "-c", DIGESTS, str(elsewhere)], capture_output=True, text=True, check=True, env=env, cwd="/"
    )
    there = {path: hashlib.sha256(data).hexdigest() for path, data in _bytes(built).items()}
    assert json.loads(run.stdout) == there
    assert list(json.loads(run.stdout))[-1] == "datapackage.json"


def test_a_build_checks_and_writes_everything_and_leaves_nothing_behind(good: Path, built: Path) -> None:
    before = {p for p in good.rglob("*") if p.is_file()}
    made = build.build(Layout(good), ("claims", "schema", "rules", "package"))  # the others are slow: tests/check
    assert _bytes(good) == _bytes(built)
    assert {p for p in good.rglob("*") if p.is_file()} - before == {good / path for path in _bytes(good)}
    assert _scratch(good) == []
    assert set(made.tables) == set(load_specs(packaged().schemas))
    assert build.stale(Layout(good), made) == []


def test_findings_while_reading_leave_the_old_tables_as_they_were(package: Path) -> None:
    before = _bytes(package)
    (package / "data/raw/claims/weekly.yaml").write_text("source:\nclaims:\n", encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"^2 findings; nothing was written$") as failed:
        build.build(Layout(package))
    assert [str(f.place) for f in failed.value.findings] == [
        "data/raw/claims/weekly.yaml",
        "data/raw/claims/weekly.yaml:2",
    ]
    assert _bytes(package) == before
    assert _scratch(package) == []


def test_findings_in_the_written_files_leave_the_old_tables_as_they_were(package: Path, newer: Path) -> None:
    before, specs = _bytes(package), load_specs(packaged().schemas)
    files = {**_bytes(newer), "data/processed/people.parquet": b"PAR1 and nothing else"}
    with pytest.raises(CheckFailed) as failed:
        build.write(files, Layout(package), specs, ("package",))
    assert {f.rule for f in failed.value.findings} == {"package-digest", "package-schema"}
    assert {f.table for f in failed.value.findings} == {"people"}
    assert _bytes(package) == before
    assert _scratch(package) == []


def test_what_is_not_read_back_as_written_is_not_used(
    package: Path, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = _bytes(package), disk.sync
    monkeypatch.setattr(disk, "sync", lambda file: (real(file), os.truncate(file.fileno(), 1)))
    with pytest.raises(IntegrityError, match="was not read back as written; is the disk damaged"):
        build.write(_bytes(newer), Layout(package), {}, ())
    assert _bytes(package) == before


def test_a_folder_that_may_not_be_written_to(open_folder: Path, built: Path, newer: Path) -> None:
    target, warm, source = open_folder / "target", open_folder / "warm", open_folder / "source"
    before = _bytes(_store(_bytes(built), target))
    warm.mkdir()
    shutil.copytree(newer, source)
    target.chmod(0o555)
    run = _write(BECOME_NOBODY, source, target, warm)
    target.chmod(0o755)
    message = f"WriteError: cannot write to {target}: Permission denied; the tables are as they were\n"
    assert (run.stdout, run.stderr) == (message, "")
    assert _bytes(target) == before
    assert _scratch(target) == []


def test_tables_that_may_not_be_moved(open_folder: Path, built: Path, newer: Path) -> None:
    target, warm = open_folder / "target", open_folder / "warm"
    before = _bytes(_store(_bytes(built), target))
    warm.mkdir()
    target.chmod(0o777)
    (target / "data").chmod(0o555)
    run = _write(BECOME_NOBODY, newer, target, warm)
    message = f"WriteError: cannot write to {target}: Permission denied; the tables are as they were\n"
    assert (run.stdout, run.stderr) == (message, "")
    assert _bytes(target) == before
    assert _scratch(target) == []


def test_a_failure_of_the_first_rename_does_not_take_the_tables_away(
    package: Path, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _bytes(package)

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(WriteError, match="Permission denied; the tables are as they were"):
        build.write(_bytes(newer), Layout(package), {}, ())
    assert _bytes(package) == before


def test_a_disk_that_fills_up_while_writing(package: Path, newer: Path) -> None:
    before = _bytes(package)
    run = _write("resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))", newer, package)
    message = f"WriteError: cannot write to {package}: File too large; the tables are as they were\n"
    assert (run.stdout, run.stderr) == (message, "")
    assert _bytes(package) == before
    assert _scratch(package) == []


def test_a_root_that_is_not_there(tmp_path: Path, newer: Path) -> None:
    with pytest.raises(WriteError, match="No such file or directory; the tables are as they were"):
        build.write(_bytes(newer), Layout(tmp_path / "nowhere"), {}, ())


def test_a_descriptor_that_cannot_be_replaced_brings_the_old_tables_back(package: Path, newer: Path) -> None:
    before = _bytes(package)
    (package / "datapackage.json").unlink()
    (package / "datapackage.json/in the way").mkdir(parents=True)
    with pytest.raises(WriteError, match="Is a directory; the tables are as they were"):
        build.write(_bytes(newer), Layout(package), {}, ())
    assert {**_bytes(package), "datapackage.json": before["datapackage.json"]} == before
    assert _scratch(package) == []


def test_a_first_build_that_fails_leaves_no_tables(good: Path, newer: Path) -> None:
    (good / "datapackage.json/in the way").mkdir(parents=True)
    with pytest.raises(WriteError):
        build.write(_bytes(newer), Layout(good), {}, ())
    assert not (good / "data/processed").exists()


def test_an_interrupt_between_the_renames_brings_the_old_tables_back(
    package: Path, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _bytes(package)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build.write(_bytes(newer), Layout(package), {}, ())
    assert _bytes(package) == before
    assert _scratch(package) == []


@pytest.mark.parametrize("when", KILLED_WHEN)
def test_a_killed_build_leaves_whole_files_and_the_next_one_heals_it(when: str, package: Path, newer: Path) -> None:
    before, after = _bytes(package), _bytes(newer)
    run = _write(KILL + KILLED_WHEN[when], newer, package)
    assert run.returncode == -9, run.stderr
    left = _bytes(package)
    assert all(data in (before[path], after[path]) for path, data in left.items())
    assert len(_scratch(package)) == 1
    store = opened(Layout(package))  # whoever reads now sees all of the old package, or all of the new one
    assert {store.bytes(name) for name in store.names()} <= set((after if when.startswith("all") else before).values())

    spoilt = Path(shutil.copytree(package, package.parent / "spoilt"))
    files, specs = {**after, "datapackage.json": b"{}"}, load_specs(packaged().schemas)
    with pytest.raises(CheckFailed):  # a build that fails finds the tables of the last whole one
        build.write(files, Layout(spoilt), specs, ("package",))
    assert _bytes(spoilt) == (after if when.startswith("all is done") else before)
    assert _scratch(spoilt) == []

    build.write(after, Layout(package), {}, ())
    assert _bytes(package) == after
    assert _scratch(package) == []


def test_two_builds_at_once_do_not_meet(package: Path, newer: Path) -> None:
    before = _bytes(package)
    with disk.alone(package, "build"), pytest.raises(WriteError, match=r"another build is writing to .*; wait until"):
        build.write(_bytes(newer), Layout(package), {}, ())
    assert _bytes(package) == before
    build.write(_bytes(newer), Layout(package), {}, ())
    assert _bytes(package) == _bytes(newer)


def test_a_system_without_file_locks_builds_all_the_same(
    package: Path, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    build.write(_bytes(newer), Layout(package), {}, ())
    assert _bytes(package) == _bytes(newer)


def test_stale_names_what_is_missing_different_or_not_made_by_the_build(package: Path) -> None:
    layout = Layout(package)
    made = build.stored(layout)
    assert build.stale(layout, made) == []
    (package / "data/processed/people.parquet").unlink()
    (package / "data/processed/terms.parquet").write_bytes(b"PAR1")
    (package / "data/processed/observations/notes.txt").write_text("mine", encoding="utf-8")
    assert build.stale(layout, made) == [
        "data/processed/observations/notes.txt",
        "data/processed/people.parquet",
        "data/processed/terms.parquet",
    ]


def test_stored_tables_are_those_that_are_there(package: Path) -> None:
    (package / "data/processed/people.parquet").unlink()
    made = build.stored(Layout(package))
    assert set(made.specs) - set(made.tables) == {"people"}


def test_one_claim_file_by_itself_misses_nothing_of_the_others(good: Path) -> None:
    made = build.assemble(Layout(good), only=good / "data/raw/claims/hanbit-visit-2024.yaml")
    assert [str(f) for f in made.findings] == []
    assert made.tables["sources"].column("source_id").to_pylist() == ["hanbit-visit-2024"]
    assert made.tables["corrections"].num_rows == 1  # its evidence is a claim of the other file
    claims = {place for place in made.places if "/" in place}
    assert claims == set(made.tables["claims"].column("claim_id").to_pylist())
    weekly = good / "data/raw/claims/weekly.yaml"
    shutil.copy(BAD / "visit-order" / weekly.relative_to(good), weekly)
    assert build.assemble(Layout(good), only=weekly).findings == []  # corrections of other files are not missed


def test_every_fact_rests_on_an_observation(built: Path) -> None:
    made = build.stored(Layout(built))
    for name in made.specs:
        if PREFIX + name in made.tables:
            facts, observed = made.tables[name], made.tables[PREFIX + name]
            assert set(facts.column("claim_id").to_pylist()) <= set(observed.column("claim_id").to_pylist())
            assert sum(facts.column("claim_count").to_pylist()) == observed.num_rows
