"""A release: refused with every reason, made as planned or not at all, and the same bytes wherever it is made."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import repositories
from repositories import SHARES, TODAY, Released

from datapkg import release
from datapkg.claims import quality
from datapkg.cli import main as cli
from datapkg.model import disk
from datapkg.model.errors import CheckFailed, IntegrityError, ReleaseRefused, UsageError, WriteError
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs
from datapkg.release import signed, signing, verify
from datapkg.release.history import commit
from datapkg.release.make import LARGE, make, validated
from datapkg.release.plan import MEASURED

CODED = {
    "protocol.yaml": "protocol: Twice.\ndraws: []\nbootstrap: {seed: 1, samples: 40}\nnot_measured: []\n",
    "sources.csv": "draw,source_id,seen,claims\n1,results,whole,3\n",
    "fields.csv": "source_id,field,cells\nresults,share_pct,3\n",
    "differences.csv": "source_id,kind,field,many,what,settled\nresults,wrong,share_pct,1,a hedge was lost,corrected\n",
}
NOBODY = """
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, unlimited[1]))
try:
    release.run(layout, planned)
except DatapkgError:
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
os.getuid() or os.setuid(65534)
"""
"""Loads every module while it can still be read, then becomes somebody without rights."""
OTHER = {2023: 42, 2024: 44}
GONE = [{"id": "results/share-2022", "reason": "the report counts 2021"}]
ELSEWHERE = """
import os, signal, sys
from pathlib import Path
import repositories
from datapkg import release
layout = repositories.make(Path(sys.argv[1]))
planned = release.plan(layout, "0.1.0", repositories.TODAY)
print(planned, flush=True)
def hook(event, args):
    if event == "os.rename" and str(args[1]).endswith("/releases/0.1.0"):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
release.run(layout, planned)
"""
"""Makes the first release in another folder, and is killed when it is about to get its name."""
RUN = """
import os, resource, signal, sys
from pathlib import Path
import duckdb, pyarrow.parquet
import repositories
from datapkg import release
from datapkg.model.errors import DatapkgError
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs
layout, planned, word = Layout(Path(sys.argv[1])), repositories.loaded(sys.argv[2]), sys.argv[3]
def hook(event, args):
    if event == "open" and word in str(args[0]) and "/commit/" not in str(args[0]) and args[1] == "w":
        os.kill(os.getpid(), signal.SIGKILL)
PREPARE
try:
    release.run(layout, planned)
except DatapkgError as error:
    print(f"{type(error).__name__}: {error}")
"""
"""Makes a release as planned, after something was done that will stop it."""


@pytest.fixture(scope="module", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Layout, subprocess.Popen[str]]]:
    """The first release once more, made meanwhile in another folder, with other hashes, time zone and language."""
    root = tmp_path_factory.mktemp("else where") / "한국 repository"
    other = {"PYTHONHASHSEED": "7", "TZ": "Asia/Seoul", "LC_ALL": "C", "TMPDIR": str(root.parent)}
    with repositories.script(ELSEWHERE, str(root), **other) as process:
        yield Layout(root), process
        process.kill()


@pytest.fixture(scope="module")
def changed(released: Released, tmp_path_factory: pytest.TempPathFactory) -> Released:
    """The repository with one claim more and one withdrawn, and the plan of 0.2.0; nothing is released yet."""
    layout = repositories.copy(released.layout, tmp_path_factory.mktemp("changed") / "repository")
    (layout.raw / "withdrawn.yaml").write_text(json.dumps(GONE))
    repositories.change(layout, OTHER, "0.2.0")
    return Released(layout, release.plan(layout, "0.2.0", TODAY))


@pytest.fixture(scope="module")
def killed(changed: Released, tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A copy after two runs that were killed: one at the first metadata, one when all but the checks was there."""
    layout = repositories.copy(changed.layout, tmp_path_factory.mktemp("killed") / "repository")
    before = repositories.contents(layout.releases)
    for word in ("CITATION.cff", "checks.json"):
        process = _run("sys.addaudithook(hook)", changed, layout.root, word)
        out, err = process.communicate(timeout=300)
        assert (process.returncode, out, err) == (-9, "", "")
        there = repositories.contents(layout.releases)
        assert {path: data for path, data in there.items() if not path.startswith(".making-0.2.0-")} == before
        assert len(there) > len(before)
    return Released(layout, changed.plan)


@pytest.fixture(scope="module")
def second(killed: Released, tmp_path_factory: pytest.TempPathFactory) -> tuple[Released, signing.Key]:
    """The repository with a second release, signed with an SSH key, after two that were killed."""
    path = tmp_path_factory.mktemp("key") / "id_release"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    key = signing.key(path)
    assert commit(killed.layout)[1] == []  # what they left is in nobody's way
    assert release.run(killed.layout, killed.plan, key) == killed.folder
    return killed, key


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that other users can reach, which the folders of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="datapkg-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _run(prepare: str, planned: Released, root: Path, word: str = "") -> subprocess.Popen[str]:
    code, temporary = RUN.replace("PREPARE", prepare), str(root.parent)  # where a killed one may leave something
    return repositories.script(code, str(root), repositories.dumped(planned.plan), word, TMPDIR=temporary)


def _refused(layout: Layout, version: str) -> list[str]:
    """Return why a version is refused; the message holds every reason."""
    with pytest.raises(ReleaseRefused) as caught:
        release.plan(layout, version, TODAY)
    reasons = caught.value.reasons
    assert str(caught.value) == f"release {version} is refused:\n" + "\n".join(f"- {reason}" for reason in reasons)
    return reasons


# What a release is


def test_the_first_release_is_what_its_plan_says(released: Released) -> None:
    plan, folder = released.plan, released.folder
    assert (plan.version, plan.created, plan.previous, plan.bump, plan.needed) == (
        "0.1.0", "2031-06-02", None, "first", "minor")  # fmt: skip
    assert sorted(repositories.contents(folder)) == plan.paths()
    lines = str(plan).splitlines()
    assert lines[0] == "release 0.1.0, 2031-06-02: the first"
    assert lines[1] == f"34 tables, 10 rows, commit {plan.commit}"
    assert lines[2] == "  minor: the first release"
    assert lines[3:] == [f"  {path}" for path in plan.paths()]
    record = json.loads((folder / "release.json").read_text())
    assert {name: table["rows"] for name, table in record.pop("tables").items()} == dict(plan.tables)
    assert record["commit"] == plan.commit == repositories.git(released.layout.root, "rev-parse", "HEAD~1")
    assert record["raw_tree"] == repositories.git(released.layout.root, "rev-parse", "HEAD~1:data/raw")
    assert record["name"] == "invented-shares"
    assert record["withdrawn"] == []
    checks = json.loads((folder / "validation" / "checks.json").read_text())
    assert {"expectations", "frictionless, CSV", "frictionless, Parquet", "package", "rules", "schema"} <= {
        part for kind in checks["findings"] for part in (kind, *kind.split(", "))
    }
    assert set(checks["tools"]) == {"frictionless", "great_expectations"}
    assert not any(checks["findings"].values())
    assert list(released.layout.releases.glob(".*")) == []


def test_sha256sum_agrees(released: Released) -> None:
    command = ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"]
    done = subprocess.run(command, cwd=released.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_dry_run_prints_the_plan_that_is_run(changed: Released, capsys: pytest.CaptureFixture[str]) -> None:
    before = repositories.contents(changed.layout.releases)
    assert cli.main(["release", "0.2.0", "--dry-run", "--root", str(changed.layout.root)]) == 0
    assert capsys.readouterr().out == f"{changed.plan}\nnothing was written: --dry-run\n"
    assert repositories.contents(changed.layout.releases) == before


def test_the_plan_of_a_second_release_names_what_changed(changed: Released) -> None:
    plan = changed.plan
    assert (plan.previous, plan.bump, plan.needed) == ("0.1.0", "minor", "minor")
    assert plan.reasons == (
        "claims: 1 row added",
        "market_shares: 1 row added",
        "observations.market_shares: 1 row added",
    )
    assert str(plan).splitlines()[:3] == [
        "release 0.2.0, 2031-06-02: since 0.1.0, a minor release (minor is needed)",
        f"34 tables, 10 rows, commit {plan.commit}",
        "  minor: claims: 1 row added",
    ]
    assert repositories.loaded(repositories.dumped(plan)) == plan


def test_a_second_release_after_two_that_were_killed(second: tuple[Released, signing.Key]) -> None:
    made, key = second
    written = repositories.contents(made.folder)
    assert sorted(written) == sorted([*made.plan.paths(), "SHA256SUMS.sig"])
    assert verify(made.folder) == []
    assert verify(made.layout.releases / "0.1.0") == []
    assert list(made.layout.releases.glob(".*")) == []
    index = json.loads((made.layout.releases / "index.json").read_text())
    assert [entry["version"] for entry in index["versions"]] == ["0.1.0", "0.2.0"]
    assert "market_shares" in written["CHANGES.md"].decode()
    assert key.signature.public_key in written["VERIFY.md"].decode()
    assert "SHA256SUMS.sig" not in written["SHA256SUMS"].decode()


def test_what_was_withdrawn_has_its_reason_in_the_release(second: tuple[Released, signing.Key]) -> None:
    folder = second[0].folder
    assert json.loads((folder / "release.json").read_text())["withdrawn"] == GONE
    rows = [row for row in pq.read_table(folder / "changes.parquet").to_pylist() if row["change"] == "row_removed"]
    assert [(row["table"], row["reason"]) for row in rows] == [
        (table, GONE[0]["reason"]) for table in ("claims", "market_shares", "observations.market_shares")
    ]
    assert (folder / "CHANGES.md").read_text().count(GONE[0]["reason"]) == len(rows)


def test_a_signed_release_is_of_its_key(second: tuple[Released, signing.Key], tmp_path: Path) -> None:
    made, key = second
    public = key.signature.public_key
    assert signed(made.folder, public) == ("signed with ssh, by the given key", [])
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    other = signing.key(tmp_path / "other").signature.public_key
    assert [f.rule for f in signed(made.folder, other)[1]] == ["release-signature"]
    folder = Path(shutil.copytree(made.folder, tmp_path / "0.2.0"))
    path = folder / "SHA256SUMS"
    path.write_bytes(path.read_bytes()[:-1] + b"x\n")
    assert [f.rule for f in signed(folder, public)[1]] == ["release-signature"]


def test_the_command_of_verify_checks_the_signature_and_the_claims(
    second: tuple[Released, signing.Key], capsys: pytest.CaptureFixture[str]
) -> None:
    made, key = second
    command = ["verify", str(made.folder), "--rebuild", "--root", str(made.layout.root), "--key"]
    assert cli.main([*command, key.signature.public_key]) == 0
    out = "0.2.0: every file is as it was released, rebuilt from the claims; signed with ssh, by the given key\n"
    assert capsys.readouterr().out.endswith(out)
    assert cli.main(["verify", str(made.folder), "--key", "ssh-ed25519 AAAA"]) == 1
    assert "release-signature" in capsys.readouterr().out


# The same bytes


def test_the_same_release_elsewhere_has_the_same_bytes(
    released: Released, elsewhere: tuple[Layout, subprocess.Popen[str]]
) -> None:
    layout, process = elsewhere
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (-9, "")
    assert out == f"{released.plan}\n"
    assert not (layout.releases / "0.1.0").exists()  # killed before it got its name: nothing is visible
    assert not (layout.releases / "index.json").exists()
    assert commit(layout)[1] == []
    (left,) = layout.releases.glob(".making-0.1.0-*/0.1.0")
    assert repositories.contents(left) == repositories.contents(released.folder)


# What is refused


@pytest.mark.parametrize(
    ("text", "near"),
    [("v0.2.0", "0.2.0"), ("0.2", "0.2.0"), ("0.2.0rc1", "0.2.0-rc.1"), ("0.2.0+a", "0.2.0"), ("next", None)],
)
def test_a_text_that_is_no_version(released: Released, text: str, near: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        release.plan(released.layout, text, TODAY)
    assert str(caught.value).startswith(f"'{text}' is no version of the data; expected MAJOR.MINOR.PATCH as in 1.0.0")
    assert (f"; did you mean '{near}'?" in str(caught.value)) == (near is not None)


def test_findings_come_before_reasons(released: Released, tmp_path: Path) -> None:
    layout = repositories.copy(released.layout, tmp_path / "repository")
    repositories.write(layout.root, {2023: 142})  # and it is neither committed nor built
    with pytest.raises(CheckFailed) as caught:
        release.plan(layout, "0.1.0", TODAY)
    assert [f.rule for f in caught.value.findings] == ["out-of-range"]


def test_outside_a_repository_of_git(tmp_path: Path) -> None:
    layout = repositories.write(tmp_path / "claims")
    with pytest.raises(UsageError, match="not a git repository"):
        release.plan(layout, "0.1.0", TODAY)


def test_what_is_not_committed_not_built_and_not_announced(changed: Released, tmp_path: Path) -> None:
    layout = repositories.copy(changed.layout, tmp_path / "repository")
    repositories.write(layout.root, SHARES)  # not as it was built
    (layout.processed / "market_shares.parquet").unlink()
    (layout.processed / "extra.parquet").write_text("")
    for number in range(9):
        (layout.root / f"note-{number}.txt").write_text("")
    reasons = _refused(layout, "0.3.0")
    assert reasons[:10] == [
        "data/processed/market_shares.parquet is not committed",
        "data/raw/claims/results.yaml is not committed",
        "data/processed/extra.parquet is not committed",
        *(f"note-{number}.txt is not committed" for number in range(7)),
    ]
    assert reasons[10] == "and 2 more paths are not committed"
    assert reasons[11] == "CHANGELOG.md has no section '## data 0.3.0 - 2031-06-02'"
    stale = "data/processed/{}.parquet is not what the build makes; run: datapkg build"
    assert {stale.format(name) for name in ("claims", "extra", "market_shares")} <= set(reasons[12:])
    assert all(reason.endswith("run: datapkg build") for reason in reasons[12:])


def test_a_version_that_exists_and_one_that_comes_too_late(released: Released, changed: Released) -> None:
    reasons = _refused(released.layout, "0.1.0")
    assert reasons == ["0.1.0 is already released, and a release never changes"]
    assert _refused(changed.layout, "0.0.9") == [
        "CHANGELOG.md has no section '## data 0.0.9 - 2031-06-02'",
        "0.0.9 does not come after 0.1.0, the latest release",
    ]


def test_a_version_that_is_too_small_and_tables_outside_their_bands(released: Released, tmp_path: Path) -> None:
    layout = repositories.copy(released.layout, tmp_path / "repository")
    text = layout.changelog.read_text()
    repositories.change(layout, {2024: 44}, "0.1.1")
    entry = "- {table: %s, because: a source was wrong, by: tests, until: %s}\n"
    expired, valid = entry % ("claims", "2031-06-01"), entry % ("market_shares", "2031-06-02")
    layout.acknowledged.write_text(f"row_counts:\n{expired}{valid}")
    layout.changelog.write_text(f"{text}\n## data 0.1.1 - 2. Juni\n\n## data 0.2.0 - {TODAY}\n")
    repositories.commit(layout.root)
    assert _refused(layout, "0.1.1") == [
        "CHANGELOG.md has no section '## data 0.1.1 - 2031-06-02'",
        "0.1.1 is a patch release, and the changes since 0.1.0 need minor: at least 0.2.0",
        "claims: 1 row added",
        "market_shares: 1 row added",
        "observations.market_shares: 1 row added",
        "claims loses rows: 2 to 1; look at it, then add it to data/raw/acknowledged.yaml",
    ]
    layout.acknowledged.write_text(f"row_counts:\n{expired.replace('06-01', '12-31')}{valid}")
    repositories.commit(layout.root)
    assert release.plan(layout, "0.2.0", TODAY).version == "0.2.0"


def test_claims_that_are_wrong_more_often_than_before(changed: Released, tmp_path: Path) -> None:
    layout = repositories.copy(changed.layout, tmp_path / "repository")
    before = layout.releases / "0.1.0" / MEASURED
    assert before.read_text() == "null\n", "nobody had measured it, so nothing is compared"
    before.write_text('{"cells": {"bound": 0.01}}')
    repositories.commit(layout.root)
    step = "look at it, then add it to data/raw/acknowledged.yaml under quality"
    unmeasured = f"the share of wrong cells was at most 1.00% in 0.1.0 and now was not measured; {step}"
    assert _refused(layout, "0.2.0") == [unmeasured]
    layout.quality.mkdir()
    for name, text in CODED.items():
        (layout.quality / name).write_text(text)
    repositories.commit(layout.root)
    worse = f"the share of wrong cells was at most 1.00% in 0.1.0 and now is 79.23%; {step}"
    assert _refused(layout, "0.2.0") == [worse]
    layout.acknowledged.write_text("quality:\n- {because: older pages, by: tests, until: 2031-06-02}\n")
    repositories.commit(layout.root)
    planned = release.plan(layout, "0.2.0", TODAY)
    made = json.loads((release.run(layout, planned) / MEASURED).read_text())
    assert made["cells"] == quality(layout)["cells"]
    layout.acknowledged.unlink()
    before.write_text('{"cells": {"bound": 0.8}}')
    shutil.rmtree(layout.releases / "0.2.0")
    repositories.commit(layout.root)
    assert release.plan(layout, "0.2.0", TODAY).version == "0.2.0", "it is no worse"


# What goes wrong while it is made


@pytest.mark.parametrize("limit", [500, 12_000])
def test_a_disk_that_fills_up(changed: Released, tmp_path: Path, limit: int) -> None:
    layout = repositories.copy(changed.layout, tmp_path / "repository")
    before = repositories.contents(layout.root)
    process = _run(f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))", changed, layout.root)
    out, err = process.communicate(timeout=300)
    assert err == ""
    place = f"(cannot write release 0.2.0 to {layout.releases}|{layout.releases}.* was not written): "
    assert re.match(f"WriteError: {place}.*File too large", out), out
    assert repositories.contents(layout.root) == before


def test_a_folder_that_cannot_be_written(changed: Released, ground: Path) -> None:
    layout = repositories.copy(changed.layout, ground / "repository")
    before = repositories.contents(layout.root)
    layout.releases.chmod(0o555)  # as it is for nobody, whoever runs the tests
    out, err = _run(NOBODY, changed, layout.root).communicate(timeout=300)
    layout.releases.chmod(0o755)
    left = "nothing of it is visible, and the same command again makes it"
    assert out == f"WriteError: cannot write release 0.2.0 to {layout.releases}: Permission denied; {left}\n"
    assert err == ""
    assert repositories.contents(layout.root) == before


def test_a_file_where_the_folder_should_be(changed: Released, tmp_path: Path) -> None:
    layout = repositories.copy(changed.layout, tmp_path / "repository")
    shutil.rmtree(layout.releases)
    layout.releases.write_text("")
    left = "nothing of it is visible, and the same command again makes it"
    with pytest.raises(WriteError) as caught:
        release.run(layout, changed.plan)
    assert str(caught.value) == f"cannot write release 0.2.0 to {layout.releases}: Not a directory; {left}"
    assert layout.releases.read_text() == ""


def test_an_empty_text_has_no_place_in_a_release(changed: Released, tmp_path: Path) -> None:
    layout = repositories.copy(changed.layout, tmp_path / "repository")
    path = layout.processed / "markets.parquet"
    rows = [{**row, "definition": ""} for row in pq.read_table(path).to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    before = repositories.contents(layout.releases)
    planned = replace(changed.plan, commit=repositories.commit(layout.root))
    with pytest.raises(WriteError, match=r"^table 'markets' has empty texts in definition"):
        release.run(layout, planned)
    assert repositories.contents(layout.releases) == before


def test_what_was_written_is_checked_once_more(released: Released, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(released.folder, tmp_path / "0.1.0"))
    specs = load_specs(folder / "schemas")
    large = {**dict(released.plan.tables), "claims": LARGE + 1}  # where others' tools are not asked
    record = validated(folder, specs, large)
    assert record["findings"] == {"schema": [], "rules": [], "package": []}
    assert record["left_out"]["since_large"] == ["claims"]
    assert "expectations" in record["left_out"]["checks"]
    path = folder / "data" / "market_shares.parquet"
    rows = [{**row, "share_pct": 142.0} for row in pq.read_table(path).to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    with pytest.raises(CheckFailed) as caught:
        validated(folder, specs, large)
    assert {"schema-range", "package-digest"} <= {finding.rule for finding in caught.value.findings}


def test_what_is_released_is_what_the_commit_holds(
    second: tuple[Released, signing.Key], changed: Released, tmp_path: Path
) -> None:
    """Files that change between plan and release are not those of the release; its order is looked at once more."""
    layout = repositories.copy(changed.layout, tmp_path / "repository")
    for path in [*layout.processed.rglob("*.parquet"), *layout.schemas.glob("*.json"), layout.about]:
        path.write_bytes(b"changed since")
    assert _run("", changed, layout.root).communicate(timeout=300) == ("", "")
    files, signed_files = repositories.contents(layout.releases / "0.2.0"), repositories.contents(second[0].folder)
    about_the_key = {"VERIFY.md", "README.md", "SHA256SUMS", "SHA256SUMS.sig"}
    assert {k: v for k, v in files.items() if k not in about_the_key} == {
        k: v for k, v in signed_files.items() if k not in about_the_key
    }
    with pytest.raises(ReleaseRefused, match=r"- 0\.2\.0 is already released, and a release never changes$"):
        release.run(layout, changed.plan)
    since = "it was planned to follow 0.1.0, and now follows 0.2.0; run the same command again for a new plan"
    with pytest.raises(ReleaseRefused, match=f"- {re.escape(since)}$"):
        release.run(layout, replace(changed.plan, version="0.2.1"))


def test_a_release_that_was_killed_before_its_index_is_finished(released: Released, tmp_path: Path) -> None:
    """It is whole by then, and nobody sees it; the same command ends it, and one for another commit says what it is."""
    layout = repositories.copy(released.layout, tmp_path / "repository")
    before = repositories.contents(layout.releases)
    (layout.releases / "index.json").unlink()
    assert release.plan(layout, "0.1.0", repositories.TODAY).previous is None
    with pytest.raises(
        ReleaseRefused, match=r"0\.1\.0 was released from commit \w+ and lacked its place in index\.json"
    ):
        release.run(layout, replace(released.plan, commit="0" * 40))
    assert repositories.contents(layout.releases) == before
    (layout.releases / "index.json").unlink()
    assert release.run(layout, released.plan) == layout.releases / "0.1.0"
    assert repositories.contents(layout.releases) == before


def test_two_releases_at_once_do_not_meet(changed: Released, tmp_path: Path) -> None:
    layout = repositories.copy(changed.layout, tmp_path / "repository")
    before = repositories.contents(layout.releases)
    (layout.releases / ".making-0.9.0-of-the-living").mkdir()
    with disk.alone(layout.releases, "release"), pytest.raises(WriteError, match=r"^another release is writing to .*"):
        release.run(layout, changed.plan)
    assert (layout.releases / ".making-0.9.0-of-the-living").is_dir()
    assert repositories.contents(layout.releases) == before


def test_files_that_are_not_in_the_plan(changed: Released, tmp_path: Path) -> None:
    (tmp_path / "0.2.0").mkdir()
    (tmp_path / "0.2.0" / "stray.txt").write_text("")
    large = tuple((name, LARGE + 1) for name, _ in changed.plan.tables)  # the slow checks are left out
    planned = replace(changed.plan, tables=large)
    with pytest.raises(IntegrityError, match=r"^the release has other files than planned: \['stray\.txt'\]$"):
        make(changed.layout, planned, tmp_path / "0.2.0")
