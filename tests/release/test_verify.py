"""Verification names what is wrong with which file, whatever was done to a release, and makes its tables once more."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import repositories
from repositories import SHARES, Released

from datapkg import build
from datapkg.facts import POLICY
from datapkg.model.errors import ConfigError, IntegrityError, NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.package import write_csv
from datapkg.registry import sums as listed
from datapkg.release import rebuilt, verify

SUMS = "SHA256SUMS"
KINDS = (
    "data/market_shares.parquet data/observations/market_shares.parquet csv/data/market_shares.csv "
    "csv/datapackage.json datapackage.json release.json croissant.json datacite.json CITATION.cff README.md VERIFY.md "
    "CHANGES.md changes.parquet validation/checks.json schemas/market_shares.json"
).split()
"""A file of every kind that a release has."""


@pytest.fixture
def folder(released: Released, tmp_path: Path) -> Path:
    """A fresh copy of a release."""
    return Path(shutil.copytree(released.folder, tmp_path / "0.1.0"))


def _found(folder: Path) -> list[tuple[str, str]]:
    """Return the rule and the file of every finding."""
    return [(finding.rule, finding.place.file) for finding in verify(folder)]


def _seal(folder: Path, *paths: str) -> None:
    """Write the digests of files into SHA256SUMS, as an attacker would."""
    sums = dict(listed((folder / SUMS).read_bytes(), SUMS))
    for path in paths:
        sums.pop(path, None)
        if (folder / path).is_file():
            sums[path] = _sha(folder / path)
    (folder / SUMS).write_text("".join(f"{sha}  {path}\n" for path, sha in sorted(sums.items())))


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a JSON file."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


# Files


def test_a_release_as_it_was_made(folder: Path) -> None:
    assert verify(folder) == []


@pytest.mark.parametrize("path", KINDS)
def test_a_flipped_byte(folder: Path, path: str) -> None:
    expected, data = _sha(folder / path), bytearray((folder / path).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / path).write_bytes(data)
    found = verify(folder)
    assert [(f.rule, f.place.file) for f in found] == [("release-altered", path)]
    assert found[0].message == f"was altered: expected sha256 {expected}, found {_sha(folder / path)}"


def test_every_kind_of_file_is_flipped(folder: Path) -> None:
    def kind(path: str) -> str:
        return re.sub(r"\w+\.(parquet|csv|json)$", r"*.\1", path) if path.count("/") else path

    assert {kind(path) for path in repositories.contents(folder)} - {SUMS} - {kind(path) for path in KINDS} == {
        "csv/data/observations/*.csv"
    }


def test_missing_extra_and_renamed_files(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "data" / "new.parquet").write_bytes(b"new")
    (folder / "csv" / "data" / "claims.csv").rename(folder / "a.csv")
    (folder / "CHANGES.md").rename(folder / "b.md")
    assert [str(finding) for finding in verify(folder)] == [
        "CHANGES.md: is there under another name: b.md [release-renamed]",
        "README.md: is missing; SHA256SUMS names it [release-missing]",
        "csv/data/claims.csv: is there under another name: a.csv [release-renamed]",
        "data/new.parquet: does not belong to the release; SHA256SUMS does not name it [release-extra]",
    ]


def test_a_copy_beside_the_original_is_extra(folder: Path) -> None:
    shutil.copy(folder / "README.md", folder / "README.txt")
    assert _found(folder) == [("release-extra", "README.txt")]


def test_a_swapped_pair_and_a_file_that_holds_another(folder: Path) -> None:
    one, other, third = "data/claims.parquet", "data/markets.parquet", "csv/data/claims.csv"
    (folder / one).rename(folder / "x")
    (folder / other).rename(folder / one)
    (folder / "x").rename(folder / other)
    shutil.copy(folder / "README.md", folder / third)
    assert [str(finding) for finding in verify(folder)] == [
        f"{third}: holds the bytes of README.md [release-swapped]",
        f"{one}: holds the bytes of {other} [release-swapped]",
        f"{other}: holds the bytes of {one} [release-swapped]",
    ]


def test_links_and_other_things_that_are_no_files(folder: Path, tmp_path: Path) -> None:
    (folder / "README.md").rename(tmp_path / "README.md")
    (folder / "README.md").symlink_to(tmp_path / "README.md")  # the right bytes, but not of the release
    (folder / "nowhere").symlink_to(tmp_path / "nowhere")
    (folder / "schemas").rename(tmp_path / "schemas")
    (folder / "schemas").symlink_to(tmp_path / "schemas")
    (folder / f"{SUMS}.sig").symlink_to(tmp_path / "README.md")
    os.mkfifo(folder / "pipe")
    found = verify(folder)
    links = ["README.md", f"{SUMS}.sig", "nowhere", "pipe", "schemas"]
    assert [f.place.file for f in found if f.rule == "release-link"] == links
    assert {f.message for f in found if f.rule == "release-link"} == {
        "is a link or no ordinary file; a release holds files only"
    }
    missing = {f.place.file for f in found if f.rule != "release-link"}
    assert missing == {f"schemas/{path.name}" for path in (tmp_path / "schemas").iterdir()}


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "data/../../secret", "C:/secret", "..\\secret"])
def test_a_path_that_leaves_the_folder(folder: Path, path: str) -> None:
    with (folder / SUMS).open("a") as file:
        file.write(f"{'0' * 64}  {path}\n")
    number = len((folder / SUMS).read_text().splitlines())
    message = f"{folder / SUMS}:{number}: '{'0' * 64}  {path}' is not a digest and a path inside the release"
    with pytest.raises(IntegrityError, match=f"^{re.escape(message)}$"):
        verify(folder)


@pytest.mark.parametrize("text", ["nonsense\n", "\n", f"{'0' * 63}  a\n", f"{'G' * 64}  a\n", f"{'0' * 64}\n"])
def test_a_list_of_digests_that_is_none(folder: Path, text: str) -> None:
    (folder / SUMS).write_text(text)
    with pytest.raises(IntegrityError, match=f":1: '{text.strip()}' is not a digest and a path inside the release$"):
        verify(folder)


def test_an_empty_list_of_digests(folder: Path) -> None:
    (folder / SUMS).write_text("")
    paths = sorted(set(repositories.contents(folder)) - {SUMS})
    assert _found(folder) == [("release-extra", path) for path in paths]


def test_no_list_of_digests(folder: Path) -> None:
    (folder / SUMS).unlink()
    message = f"no {SUMS} in {folder}; expected the folder of a release, such as data/releases/0.1.0"
    with pytest.raises(NotFound, match=f"^{re.escape(message)}$"):
        verify(folder)


# Tables, where SHA256SUMS was written anew to fit


def test_a_changed_cell_in_the_csv(folder: Path) -> None:
    path = folder / "csv" / "data" / "market_shares.csv"
    path.write_text(path.read_text().replace("42", "43"))
    _seal(folder, "csv/data/market_shares.csv")
    assert [str(finding) for finding in verify(folder)] == [
        "csv/data/market_shares.csv: is not the content of market_shares that datapackage.json has [release-record]"
    ]

    for name in ("datapackage.json", "release.json"):  # and all that says otherwise

        def lie(content: dict[str, Any]) -> None:
            tables, sha = content.get("tables"), _sha(path)
            if tables:
                tables["market_shares"]["content_sha256"] = sha
            for resource in content.get("resources", ()):
                if resource["name"] == "market_shares":
                    resource["content_hash"] = f"sha256:{sha}"

        _edit(folder / name, lie)
        _seal(folder, name)
    assert [str(finding) for finding in verify(folder)] == [
        "data/market_shares.parquet: does not hold the rows of csv/data/market_shares.csv [release-content]"
    ]


def test_a_changed_table(folder: Path) -> None:
    shutil.copy(folder / "data" / "markets.parquet", folder / "data" / "market_shares.parquet")
    _seal(folder, "data/market_shares.parquet")
    found = _found(folder)
    assert {file for _, file in found} == {"data/market_shares.parquet"}
    assert "package-digest" in {rule for rule, _ in found}


def test_a_table_that_was_taken_out(folder: Path) -> None:
    for path in ("data/terms.parquet", "csv/data/terms.csv"):
        (folder / path).unlink()
    _seal(folder, "data/terms.parquet", "csv/data/terms.csv")
    found = verify(folder)
    assert [(f.rule, f.place.file) for f in found] == [
        ("release-record", "csv/data/terms.csv"),
        ("package-missing", "data/terms.parquet"),
    ]

    _edit(folder / "release.json", lambda record: record["tables"].pop("terms"))
    _edit(
        folder / "datapackage.json", lambda d: d.update(resources=[r for r in d["resources"] if r["name"] != "terms"])
    )
    _seal(folder, "release.json", "datapackage.json")
    assert "package-missing" in {rule for rule, _ in _found(folder)}


def test_a_changed_record(folder: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        record["version"] = "0.2.0"
        record["tables"]["claims"]["sha256"] = "0" * 64
        del record["tables"]["sources"]

    _edit(folder / "release.json", change)
    _seal(folder, "release.json")
    assert [str(finding) for finding in verify(folder)] == [
        "release.json: has another content_sha256 of sources than datapackage.json [release-record]",
        "release.json: has another sha256 of claims than datapackage.json [release-record]",
        "release.json: has another sha256 of sources than datapackage.json [release-record]",
        "release.json: is of version 0.2.0, and datapackage.json of 0.1.0 [release-record]",
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 1, "tables": []}', "\ud800"])
@pytest.mark.parametrize("name", ["release.json", "datapackage.json"])
def test_a_record_or_descriptor_that_is_none(folder: Path, name: str, text: str) -> None:
    (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    _seal(folder, name)
    with pytest.raises(
        ConfigError, match=r"(release|datapackage)\.json.* (cannot be read|is none that datapkg made): "
    ):
        verify(folder)


def test_no_record(folder: Path) -> None:
    (folder / "release.json").unlink()
    _seal(folder, "release.json")
    with pytest.raises(ConfigError, match=r"release\.json cannot be read: .*No such file"):
        verify(folder)


# Once more from the claims


@pytest.fixture
def repository(released: Released, tmp_path: Path) -> Layout:
    """A copy of the repository that the release is in."""
    return repositories.copy(released.layout, tmp_path / "repository")


def _rebased(layout: Layout, *, keep: bool) -> str:
    """Put a root without the old commits under the repository; return the id of its one commit with claims."""
    git, root = repositories.git, layout.root
    if not keep:
        repositories.write(root, {**SHARES, 2024: 44})
    shutil.rmtree(root / ".git")
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "note.txt").write_text("another history")
    return repositories.commit(root)


def test_the_claims_make_the_same_tables(repository: Layout) -> None:
    folder = repository.releases / "0.1.0"
    assert rebuilt(repository, folder) == []
    repositories.write(repository.root, {2023: 1})
    (repository.schemas / "statements.json").unlink()
    repositories.commit(repository.root)
    assert rebuilt(repository, folder) == []  # it looks at the commit of the release


def test_other_claims_make_other_tables(repository: Layout) -> None:
    folder = repository.releases / "0.1.0"
    repositories.write(repository.root, {2022: 40, 2023: 43})
    head = repositories.commit(repository.root)
    _edit(folder / "release.json", lambda record: record.update(commit=head))
    found = rebuilt(repository, folder)
    tables = ["claims", "market_shares", "observations/market_shares"]
    assert sorted(str(finding) for finding in found) == [
        f"data/{name}.parquet: is not what the claims of commit {head[:12]} make [release-rebuilt]" for name in tables
    ]


def test_claims_that_cannot_be_read_make_nothing(repository: Layout) -> None:
    folder = repository.releases / "0.1.0"
    (repository.claims / "results.yaml").write_text("claims: [")
    head = repositories.commit(repository.root)
    _edit(folder / "release.json", lambda record: record.update(commit=head))
    assert len(rebuilt(repository, folder)) == 34


def test_a_commit_that_was_rebased(repository: Layout) -> None:
    _rebased(repository, keep=True)
    assert rebuilt(repository, repository.releases / "0.1.0") == []


def test_a_commit_that_was_rebased_onto_another_branch(repository: Layout) -> None:
    git, root = repositories.git, repository.root
    _rebased(repository, keep=True)
    git(root, "rm", "--quiet", "-r", "--cached", "data/raw")
    git(root, "commit", "--quiet", "--message", "no claims any more")
    git(root, "checkout", "--quiet", "--force", "--orphan", "other")
    repositories.write(root, {2023: 1})
    repositories.commit(root)
    folder = repository.releases / "0.1.0"
    assert rebuilt(repository, folder) == []


def test_a_commit_that_is_nowhere(repository: Layout, released: Released) -> None:
    _rebased(repository, keep=False)
    plan = released.plan
    message = (
        f"the repository has neither commit {plan.commit} nor another with the same data/raw "
        f"(git tree {plan.raw_tree}); fetch its whole history"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        rebuilt(repository, repository.releases / "0.1.0")


def test_claims_without_schemas_of_their_own_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    root = tmp_path / "repository" / "claims"
    layout = repositories.write(root)
    shutil.rmtree(root / "schemas")
    (layout.entities / "alliances.csv").write_text("alliance_id,name_en,name_ko,definition,wikidata_id\n")
    (layout.entities / "segments.csv").write_text("segment_id,dimension,name_en,name_ko,definition\n")
    (layout.entities / "facilities.csv").write_text(
        "facility_id,name_en,name_ko,operator_id,site_id,kind,country,place,latitude,longitude\n"
    )
    (layout.entities / "company_identifiers.csv").write_text("company_id,scheme,value,valid_from,source\n")
    made = build.assemble(layout)
    assert made.findings == []
    repositories.git(tmp_path, "init", "--quiet", "repository")
    head = repositories.commit(root.parent)
    folder = tmp_path / "0.1.0"
    tables = {}
    for name in ("claims", "market_shares"):
        write_csv(made.tables[name], made.specs[name], folder / f"{name}.csv")
        tables[name] = {"content_sha256": _sha(folder / f"{name}.csv")}
    tree = repositories.git(root, "rev-parse", "HEAD:claims/data/raw")
    for commit in (head, "0" * 40):
        (folder / "release.json").write_text(
            json.dumps({"version": "0.1.0", "policy": POLICY, "commit": commit, "raw_tree": tree, "tables": tables})
        )
        assert rebuilt(layout, folder) == []
    tables["gone"] = tables["claims"]
    (folder / "release.json").write_text(
        json.dumps({"version": "0.1.0", "policy": POLICY, "commit": head, "raw_tree": tree, "tables": tables})
    )
    assert [f.place.file for f in rebuilt(layout, folder)] == ["data/gone.parquet"]


def test_a_commit_that_cannot_be_taken_out(repository: Layout) -> None:
    folder = repository.releases / "0.1.0"
    blob = repositories.git(repository.root, "rev-parse", "HEAD:data/raw/package.yaml")
    path = repository.root / ".git" / "objects" / blob[:2] / blob[2:]
    path.unlink()
    with pytest.raises(UsageError, match=r"^git archive: .*"):
        rebuilt(repository, folder)
