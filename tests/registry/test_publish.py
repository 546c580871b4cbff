"""Publishing: whole or invisible, whatever happens; against real folders, a real S3 server, and real kills."""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import releases

from datapkg.model import disk
from datapkg.model.errors import ConfigError, IntegrityError, MissingExtra, NotFound, UsageError, WriteError
from datapkg.model.together import LANES
from datapkg.registry import accompany, publish, remote
from datapkg.registry import bucket as places
from datapkg.registry.index import Index, parse
from datapkg.registry.reader import Registry

NOBODY = 65534


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return releases.make(tmp_path / "release")


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, Any]]:
    """Options of an S3 server with a bucket named `bucket`."""
    pytest.importorskip("moto.server", reason="needs moto and flask-cors, of the dev group")
    pytest.importorskip("s3fs", reason="needs s3fs, of the extra s3")
    with releases.s3_server() as options:
        store(options).call_s3("create_bucket", Bucket="bucket")
        yield options


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder of root's that this process, for the time of the test, may read and not write."""
    folder = Path(tempfile.mkdtemp())
    (folder / "inside").mkdir()
    for path in (folder / "inside", folder):
        path.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    try:
        yield folder / "inside"
    finally:
        os.seteuid(os.getuid())
        folder.chmod(0o755)
        shutil.rmtree(folder)


def store(options: dict[str, Any]) -> Any:
    import fsspec

    return fsspec.filesystem("s3", **options)


def index_of(folder: Path) -> Index:
    return parse((folder / "index.json").read_bytes(), "index.json")


def assert_whole(registry: Registry, release: Path) -> None:
    """Assert that readers get exactly the files of a release."""
    version = json.loads((release / "release.json").read_bytes())["version"]
    for path, data in releases.contents(release).items():
        assert registry.file(version, path) == data


def visible(registry: Registry, version: str) -> bool:
    """Return whether readers see a release; a registry that is not there yet has none."""
    try:
        return registry.versions().find(version) is not None
    except NotFound:
        return False


def test_to_a_folder(tmp_path: Path, release: Path) -> None:
    told: list[str] = []
    report = publish(release, str(tmp_path / "new" / "registry"), say=told.append)
    registry = tmp_path / "new" / "registry"
    assert str(report) == f"published 0.1.0 to {registry}: 6 files"
    assert told[0] == "SHA256SUMS"
    assert sorted(told) == sorted(releases.contents(release))
    assert releases.contents(registry / "0.1.0") == releases.contents(release)
    assert sorted(p.name for p in registry.iterdir()) == ["0.1.0", "index.json"]
    found = json.loads((registry / "index.json").read_bytes())
    digest, size = releases.seal(release), sum(map(len, releases.contents(release).values()))
    assert found == {
        "format": 1,
        "name": "tests",
        "latest": "0.1.0",
        "versions": [
            {"version": "0.1.0", "created": "2024-02-01", "sha256sums": digest, "path": "0.1.0/", "size": size}
        ],
    }


def test_again_is_fine(tmp_path: Path, release: Path) -> None:
    url = (tmp_path / "registry").as_uri()
    publish(release, url)
    before = releases.contents(tmp_path / "registry")
    assert str(publish(release, url)) == f"0.1.0 was already published to {url}; nothing to do"
    assert releases.contents(tmp_path / "registry") == before


def test_again_heals(tmp_path: Path, release: Path) -> None:
    registry = tmp_path / "registry"
    publish(release, str(registry))
    (registry / "0.1.0" / "data" / "companies.parquet").write_bytes(b"damaged")
    (registry / "0.1.0" / "README.md").unlink()
    (registry / "0.1.0" / "SHA256SUMS").write_bytes(b"damaged")
    report = publish(release, str(registry))
    assert str(report) == (f"0.1.0 was already published to {registry}; 3 damaged or missing files were copied again")
    assert releases.contents(registry / "0.1.0") == releases.contents(release)


def test_versions_are_in_order_and_the_latest_is_final(tmp_path: Path) -> None:
    for version in ("0.10.0", "0.9.0", "1.0.0-rc.1", "0.9.1"):
        publish(releases.make(tmp_path / version, version), str(tmp_path / "registry"))
    index = index_of(tmp_path / "registry")
    assert [record.version for record in index] == ["0.9.0", "0.9.1", "0.10.0", "1.0.0-rc.1"]
    assert index.latest == "0.10.0"


def test_a_release_in_its_place_only_enters_the_index(tmp_path: Path) -> None:
    release = releases.make(tmp_path / "registry" / "0.1.0")
    assert publish(release, str(tmp_path / "registry")).state == "published"
    assert visible(Registry.open(tmp_path / "registry"), "0.1.0")


def test_signatures_go_along(tmp_path: Path, release: Path) -> None:
    publish(release, str(tmp_path / "registry"))
    (release / "SHA256SUMS.minisig").write_text("signed later")
    assert publish(release, str(tmp_path / "registry")).files == ("SHA256SUMS.minisig",)
    assert (tmp_path / "registry" / "0.1.0" / "SHA256SUMS.minisig").read_text() == "signed later"


def test_never_over_an_existing_version(tmp_path: Path, release: Path) -> None:
    registry = tmp_path / "registry"
    publish(release, str(registry))
    before = releases.contents(registry)
    with pytest.raises(
        UsageError, match=r"0\.1\.0 is already published to .* with another content, and a release never"
    ):
        publish(releases.make(tmp_path / "other", note="other"), str(registry))
    assert releases.contents(registry) == before


def test_never_into_a_folder_that_is_not_ours(tmp_path: Path, release: Path) -> None:
    releases.make(tmp_path / "registry" / "0.1.0", note="other")
    with pytest.raises(
        UsageError, match=r"a publication of 0\.1\.0 with another content was begun in .*/0\.1\.0 and not"
    ):
        publish(release, str(tmp_path / "registry"))


def test_one_registry_holds_one_dataset(tmp_path: Path, release: Path) -> None:
    publish(release, str(tmp_path / "registry"))
    with pytest.raises(UsageError, match="is the registry of 'tests', not of 'cats'; give 'cats' a place of its own"):
        publish(releases.make(tmp_path / "cats", name="cats"), str(tmp_path / "registry"))


def test_a_damaged_release_is_refused_with_every_reason(tmp_path: Path, release: Path) -> None:
    (release / "data" / "companies.parquet").write_bytes(b"damaged")
    (release / "README.md").unlink()
    (release / "extra.txt").write_text("extra")
    (release / "link").symlink_to("/etc/passwd")
    with pytest.raises(IntegrityError) as refused:
        publish(release, str(tmp_path / "registry"))
    for part in ("README.md is missing", "companies.parquet is not the file that SHA256SUMS promises", "link is a link",
                 "extra.txt is not in SHA256SUMS"):  # fmt: skip
        assert part in str(refused.value)
    assert not (tmp_path / "registry").exists()


@pytest.mark.parametrize(
    "line", ["nonsense", "0" * 64 + "  ../outside", "0" * 64 + "  /etc/passwd", "0" * 64 + "  a\\b"]
)
def test_a_digest_file_that_leaves_the_folder_is_refused(tmp_path: Path, release: Path, line: str) -> None:
    (release / "SHA256SUMS").write_text(line + "\n")
    with pytest.raises(IntegrityError, match=r"SHA256SUMS:1: .* is not a digest and a path inside the release"):
        publish(release, str(tmp_path / "registry"))


def test_what_is_no_release(tmp_path: Path, release: Path) -> None:
    with pytest.raises(NotFound, match=r"is no release: it has no release\.json; make one with `datapkg release"):
        publish(tmp_path, str(tmp_path / "registry"))
    (release / "datapackage.json").write_text("[]")
    with pytest.raises(ConfigError, match="is no release that datapkg made: TypeError"):
        publish(release, str(tmp_path / "registry"))
    (release / "release.json").write_text('{"version": "v1", "created": "2024-01-01"}')
    with pytest.raises(
        ConfigError, match=r"release\.json is not one that datapkg made: UsageError: 'v1' is no version"
    ):
        publish(release, str(tmp_path / "registry"))


def test_a_source_that_changes_meanwhile(tmp_path: Path, release: Path) -> None:
    def change(path: str) -> None:
        if path == "README.md":
            (release / path).write_text("changed")

    with pytest.raises(IntegrityError, match=r"README\.md changed while it was published; nothing was published"):
        publish(release, str(tmp_path / "registry"), say=change)
    assert not visible(Registry.open(tmp_path / "registry"), "0.1.0")
    assert not list((tmp_path / "registry").rglob("*.part"))


@pytest.mark.parametrize(
    ("url", "kind", "message"),
    [
        (
            "s3:bucket/path",
            UsageError,
            "'s3:bucket/path' is neither a folder nor a URL; did you mean 's3://bucket/path'",
        ),
        (
            "s4://bucket",
            UsageError,
            "s4://bucket is no URL that fsspec can open: Protocol not known: s4; name a folder, or some",
        ),
        ("webdva://bucket", UsageError, r"is no URL that fsspec can open: .*; did you mean 'webdav'"),
        (
            "https://me:secret@example.org/x",
            UsageError,
            r"^https://example\.org/x can only be read; publish to a folder",
        ),
        ("gs://bucket/path", MissingExtra, r"needs gcsfs: pip install 'semiconductor-datapkg\[gcs\]'"),
    ],
)
def test_urls_that_cannot_be_published_to(release: Path, url: str, kind: type[Exception], message: str) -> None:
    if url.startswith("gs:"):
        try:
            import gcsfs  # noqa: F401
        except ImportError:
            pass
        else:
            pytest.skip("gcsfs is installed")
    with pytest.raises(kind, match=message):
        publish(release, url)


def test_a_broken_index_is_not_overwritten(tmp_path: Path, release: Path) -> None:
    (tmp_path / "index.json").write_text('{"format": 2}')
    with pytest.raises(ConfigError, match="has format 2 and this datapkg reads up to 1; update it: pip install --upgr"):
        publish(release, str(tmp_path))
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(ConfigError, match="is no index of releases: JSONDecodeError"):
        publish(release, str(tmp_path))
    assert (tmp_path / "index.json").read_text() == "{"


def test_no_rights(nobody: Path) -> None:
    release = releases.make(Path(tempfile.mkdtemp()) / "release")
    with pytest.raises(
        WriteError, match=r"cannot publish to .*: no rights there \(PermissionError.*either what was there"
    ):
        publish(release, str(nobody))
    with pytest.raises(WriteError, match="no rights there"):
        publish(release, str(nobody / "new"))


def test_a_full_disk(tmp_path: Path) -> None:
    disk_of_64k = tmp_path / "disk"
    disk_of_64k.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk_of_64k], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount")
    try:
        small, large = releases.make(tmp_path / "a", "0.1.0"), releases.make(tmp_path / "b", "0.2.0", size=90_000)
        publish(small, str(disk_of_64k))
        before = releases.contents(disk_of_64k)
        with pytest.raises(WriteError, match=r"the disk is full .*readers see either what was there before"):
            publish(large, str(disk_of_64k))
        assert releases.contents(disk_of_64k) == before
        assert publish(releases.make(tmp_path / "c", "0.2.0"), str(disk_of_64k)).state == "published"
    finally:
        subprocess.run(["umount", disk_of_64k], check=True)


def test_killed_at_every_step_in_a_folder(tmp_path: Path, release: Path) -> None:
    old = releases.make(tmp_path / "old", "0.0.1")
    publish(old, str(tmp_path / "before"))
    for step in range(1, 60):
        shutil.copytree(tmp_path / "before", tmp_path / "killed" / str(step))
    (steps,) = releases.drive("killed", str(release), str(tmp_path / "killed"))
    assert 20 < int(steps) < 60
    seen = set()
    for step in range(1, int(steps)):
        registry = Registry.open(tmp_path / "killed" / str(step))
        seen.add(visible(registry, "0.1.0"))
        if visible(registry, "0.1.0"):
            assert_whole(registry, release)
        assert publish(release, registry.url).state in ("published", "unchanged")
        assert_whole(registry, release)
        assert_whole(registry, old)
        left = {p.name for p in Path(registry.url).iterdir()} - {disk.LOCK}
        assert left <= {"0.0.1", "0.1.0", "index.json"}, left
    assert seen == {True, False}


def test_many_at_once_in_a_folder(tmp_path: Path) -> None:
    made = [releases.make(tmp_path / f"r{n}", f"0.{n}.0") for n in range(8)]
    for turn in range(3):
        url = tmp_path / f"registry{turn}"
        said = releases.drive("race", str(url), *map(str, [*made, made[0], made[1]]))
        assert sorted(line.rpartition(": ")[2] for line in said) == ["published"] * 8 + ["unchanged"] * 2
        assert [record.version for record in index_of(url)] == [f"0.{n}.0" for n in range(8)]
        for release in made:
            assert_whole(Registry.open(url), release)


def test_one_of_two_contents_wins_in_a_folder(tmp_path: Path) -> None:
    made = [releases.make(tmp_path / f"r{n}", note=str(n)) for n in range(4)]
    said = releases.drive("race", str(tmp_path / "registry"), *map(str, made))
    assert sum(line.endswith(": published") for line in said) == 1
    assert sum("with another content" in line for line in said) == 3
    (winner,) = [Path(line.partition(":")[0]) for line in said if line.endswith(": published")]
    assert_whole(Registry.open(tmp_path / "registry"), winner)


def test_a_lock_is_waited_for_but_not_for_ever(tmp_path: Path) -> None:
    with disk.locked(tmp_path), pytest.raises(WriteError, match=r"another publication to .* has been running for 0 s"):  # noqa: SIM117
        with disk.locked(tmp_path, wait=0.2):
            pass
    with disk.locked(tmp_path, wait=0):
        pass
    assert not list(tmp_path.iterdir())


def test_a_lock_whose_file_was_removed_leaves_the_next_one_alone(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        with disk.locked(tmp_path):
            (tmp_path / disk.LOCK).unlink()
            stack.enter_context(disk.locked(tmp_path, wait=0))
        with pytest.raises(WriteError, match="another publication"), disk.locked(tmp_path, wait=0):
            pass
    with disk.locked(tmp_path):
        (tmp_path / disk.LOCK).unlink()


def test_to_s3(s3: dict[str, Any], tmp_path: Path, release: Path) -> None:
    url = "s3://bucket/plain"
    assert str(publish(release, url, s3)) == f"published 0.1.0 to {url}: 6 files"
    assert str(publish(release, url, s3)) == f"0.1.0 was already published to {url}; nothing to do"
    assert_whole(Registry.open(url, tmp_path / "cache", s3), release)
    with pytest.raises(UsageError, match=r"already published to .* with another content"):
        publish(releases.make(tmp_path / "other", note="other"), url, s3)
    store(s3).rm("bucket/plain/0.1.0/README.md")
    assert publish(release, url, s3).files == ("README.md",)
    assert_whole(Registry.open(url, tmp_path / "fresh", s3), release)
    with pytest.raises(NotFound, match=r"there is no s3://bucket/elsewhere/index\.json"):
        Registry.open("s3://bucket/elsewhere", tmp_path / "cache", s3).versions()


def test_every_file_goes_to_s3_with_its_digest(s3: dict[str, Any], release: Path) -> None:
    publish(release, "s3://bucket/digests", s3)
    for path, data in releases.contents(release).items():
        key = f"digests/0.1.0/{path}"
        kept = store(s3).call_s3("head_object", Bucket="bucket", Key=key, ChecksumMode="ENABLED")["ChecksumSHA256"]
        assert base64.b64decode(kept) == hashlib.sha256(data).digest()


@pytest.mark.parametrize("checksum", [True, False])
def test_s3_is_healed_by_content_and_not_by_size(s3: dict[str, Any], release: Path, checksum: bool) -> None:
    """Also where somebody wrote without a digest, and the bytes have to be read."""
    url = f"s3://bucket/heal{checksum}"
    publish(release, url, s3)
    wrong = b"!" * len((release / "README.md").read_bytes())
    digest = base64.b64encode(hashlib.sha256(wrong).digest()).decode()
    more = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": digest} if checksum else {}
    store(s3).call_s3("put_object", Bucket="bucket", Key=f"heal{checksum}/0.1.0/README.md", Body=wrong, **more)
    assert publish(release, url, s3).files == ("README.md",)
    assert store(s3).cat_file(f"bucket/heal{checksum}/0.1.0/README.md") == (release / "README.md").read_bytes()


@pytest.mark.parametrize("url", ["s3://bucket/changes", "memory://changes"])
def test_a_source_that_changes_on_its_way_is_refused(s3: dict[str, Any], release: Path, url: str) -> None:
    def change(path: str) -> None:
        if path == "README.md":
            (release / path).write_text((release / path).read_text().swapcase())

    with pytest.raises(IntegrityError, match=r"README\.md changed while it was published; nothing was published"):
        publish(release, url, s3 if url.startswith("s3") else None, say=change)
    assert not visible(Registry.open(url, release.parent / "cache", s3 if url.startswith("s3") else None), "0.1.0")


def test_killed_at_every_step_in_s3(s3: dict[str, Any], tmp_path: Path, release: Path) -> None:
    (steps,) = releases.drive("killed", str(release), "s3://bucket/killed", options=s3)
    assert 8 < int(steps) < 40
    seen = set()
    for step in range(1, int(steps)):
        url = f"s3://bucket/killed/{step}"
        seen.add(visible(Registry.open(url, tmp_path / "early", s3), "0.1.0"))
        if visible(Registry.open(url, tmp_path / "early", s3), "0.1.0"):
            assert_whole(Registry.open(url, tmp_path / f"early{step}", s3), release)
        assert publish(release, url, s3).state in ("published", "unchanged")
        assert_whole(Registry.open(url, tmp_path / f"late{step}", s3), release)
    assert seen == {True, False}


def test_a_killed_publication_keeps_its_version(s3: dict[str, Any], tmp_path: Path, release: Path) -> None:
    store(s3).pipe_file("bucket/begun/0.1.0/SHA256SUMS", (release / "SHA256SUMS").read_bytes())
    with pytest.raises(UsageError, match=r"another content was begun in s3://bucket/begun/0\.1\.0/ and not finished"):
        publish(releases.make(tmp_path / "other", note="other"), "s3://bucket/begun", s3)
    assert publish(release, "s3://bucket/begun", s3).state == "published"


def test_many_at_once_in_s3(s3: dict[str, Any], tmp_path: Path) -> None:
    made = [releases.make(tmp_path / f"r{n}", f"0.{n}.0") for n in range(5)]
    other = releases.make(tmp_path / "other", "0.0.0", note="other")
    said = releases.drive("race", "s3://bucket/race", *map(str, [*made, made[1], other]), options=s3)
    assert sum("with another content" in line for line in said) == 1
    registry = Registry.open("s3://bucket/race", tmp_path / "cache", s3)
    assert [record.version for record in registry.versions()] == [f"0.{n}.0" for n in range(5)]
    won = [Path(line.partition(":")[0]) for line in said if "another content" not in line]
    for release in won:
        assert_whole(registry, release)


def test_s3_compares_before_it_swaps(s3: dict[str, Any], tmp_path: Path, release: Path) -> None:
    """What somebody else wrote since we looked is not overwritten, be it the first index or a later one."""
    place = places.Bucket(remote.connect("s3://bucket/swap", s3))
    assert place.index() == (None, None)
    publish(release, "s3://bucket/swap", s3)
    assert not place.swap(b"ours", None)
    data, state = place.index()
    publish(releases.make(tmp_path / "new", "0.2.0"), "s3://bucket/swap", s3)
    assert not place.swap(b"ours", state)
    assert parse(place.index()[0] or b"", "").latest == "0.2.0"
    assert data
    assert parse(data, "").latest == "0.1.0"


def test_a_bucket_that_is_not_there_is_not_made(s3: dict[str, Any], release: Path) -> None:
    with pytest.raises(
        WriteError, match=r"cannot publish to s3://nowhere/x: it does not exist .*bucket does not exist"
    ):
        publish(release, "s3://nowhere/x", s3)


def test_no_rights_in_s3(s3: dict[str, Any], release: Path) -> None:
    def refuse(head: bytes, number: int) -> bytes:
        body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        return b"HTTP/1.0 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(body) + body * (
            not head.startswith(b"HEAD")
        )

    with releases.answering(refuse) as url, pytest.raises(WriteError, match=r"no rights there \(PermissionError"):
        publish(release, "s3://bucket/x", releases.s3_options(url))


def test_a_store_that_says_yes_and_forgets(release: Path) -> None:
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Forgetful(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
        protocol = "forgetful"

        def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
            if mode == "create":  # SHA256SUMS, which decides whose content the version has
                super().pipe_file(path, value, mode)

    fsspec.register_implementation("forgetful", Forgetful, clobber=True)
    with pytest.raises(
        WriteError, match=r"lacks .*companies.parquet.* though they were sent; readers see what was there"
    ):
        publish(release, "forgetful://x")


@pytest.mark.parametrize("lost", [(1,), (3,), (6,)])
def test_a_connection_cut_once(s3: dict[str, Any], tmp_path: Path, release: Path, lost: tuple[int, ...]) -> None:
    url = f"s3://bucket/cut{lost[0]}"
    with releases.relaying(s3["endpoint_url"], lambda number: number in lost) as endpoint:
        assert publish(release, url, releases.s3_options(endpoint)).state == "published"
    assert_whole(Registry.open(url, tmp_path / "cache", s3), release)


@pytest.mark.parametrize("after", [2, 8])
def test_a_network_lost_in_the_middle(s3: dict[str, Any], tmp_path: Path, release: Path, after: int) -> None:
    url = f"s3://bucket/lost{after}"
    with releases.relaying(s3["endpoint_url"], lambda number: number > after) as endpoint:
        options = releases.s3_options(endpoint, retries={"max_attempts": 0})
        with pytest.raises(WriteError, match=r"no connection \(.*the same command again finishes it"):
            publish(release, url, options)
    assert not visible(Registry.open(url, tmp_path / "early", s3), "0.1.0")
    assert publish(release, url, s3).state == "published"
    assert_whole(Registry.open(url, tmp_path / "cache", s3), release)


@pytest.fixture
def memory() -> Iterator[str]:
    """A store that cannot compare and swap."""
    import fsspec

    fs = fsspec.filesystem("memory")
    fs.store.clear()
    yield "memory://registry"
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


def test_many_at_once_where_nothing_can_be_compared(memory: str, tmp_path: Path) -> None:
    made = [releases.make(tmp_path / f"r{n}", f"0.{n}.0") for n in range(6)]
    threads = [threading.Thread(target=publish, args=(release, memory)) for release in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    registry = Registry.open(memory, tmp_path / "cache")
    assert [record.version for record in registry.versions()] == [f"0.{n}.0" for n in range(6)]
    for release in made:
        assert_whole(registry, release)


def test_the_last_writer_puts_back_what_was_overwritten(memory: str, tmp_path: Path, release: Path) -> None:
    import fsspec

    fs = fsspec.filesystem("memory")
    publish(release, memory)
    fs.rm("/registry/index.json")
    half = releases.make(tmp_path / "half", "0.2.0")
    fs.pipe_file("/registry/0.2.0/SHA256SUMS", (half / "SHA256SUMS").read_bytes())
    fs.pipe_file("/registry/notes/readme", b"")
    damaged = releases.make(tmp_path / "damaged", "0.3.0")
    publish(damaged, memory)
    registry = Registry.open(memory, tmp_path / "cache")
    assert [record.version for record in registry.versions()] == ["0.1.0", "0.3.0"]
    fs.rm("/registry/index.json")
    fs.pipe_file("/registry/0.3.0/README.md", b"damaged")
    assert publish(half, memory).state == "published"
    fresh = Registry.open(memory, tmp_path / "fresh")
    assert [record.version for record in fresh.versions()] == ["0.1.0", "0.2.0"]


def test_an_index_that_changed_since_we_looked_is_not_overwritten(memory: str, tmp_path: Path, release: Path) -> None:
    place = places.Bucket(remote.connect(memory))
    assert not place.swap(b"ours", b"theirs")
    assert place.index() == (None, None)


def test_an_index_that_never_holds_still(memory: str, release: Path) -> None:
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Deaf(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
        protocol = "deaf"

        def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
            if not path.endswith("index.json"):
                super().pipe_file(path, value, mode)

    fsspec.register_implementation("deaf", Deaf, clobber=True)
    with pytest.raises(WriteError, match=r"index\.json was changed by others 50 times in a row; run the same command"):
        publish(release, "deaf://registry")


def test_a_claim_that_never_comes_through(release: Path) -> None:
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Busy(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
        protocol = "busy"

        def pipe_file(self, *_: Any, **__: Any) -> None:
            raise FileExistsError

    fsspec.register_implementation("busy", Busy, clobber=True)
    with pytest.raises(WriteError, match=r"busy://x refused to create 0\.1\.0/SHA256SUMS 10 times; try again later"):
        publish(release, "busy://x")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left"), "the disk is full (OSError: [Errno 28] No space left)"),
        (OSError(errno.EROFS, "Read-only"), "it is read-only (OSError: [Errno 30] Read-only)"),
        (
            FileNotFoundError(errno.ENOENT, "No such file"),
            "it does not exist (FileNotFoundError: [Errno 2] No such file)",
        ),
        (TimeoutError(), "no connection (TimeoutError)"),
        (OSError(errno.EIO, "Input/output error"), "OSError: [Errno 5] Input/output error"),
    ],
)
def test_failures_in_words(error: OSError, words: str) -> None:
    assert remote.reason(error) == words


def test_a_store_without_conditional_writes_says_so(release: Path) -> None:
    """As s3fs tells of the answer 501 of a store, to the first file that is to be created only if it is not there."""
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Answer(Exception):
        response = {"Error": {"Code": "NotImplemented", "Message": "A header you provided is not implemented"}}  # noqa: RUF012

    class Plain(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
        protocol = "plain"

        def pipe_file(self, *_: Any, **__: Any) -> None:
            raise OSError(errno.EIO, "A header you provided is not implemented") from Answer()

    fsspec.register_implementation("plain", Plain, clobber=True)
    with pytest.raises(WriteError) as caught:
        publish(release, "plain://registry")
    assert str(caught.value).startswith(
        "cannot publish to plain://registry: the store cannot write on condition, without which two publishers "
        "collide; publish to a folder (OSError: [Errno 5] A header you provided is not implemented); readers see either"
    )


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://me:secret@host/a", "https://host/a"),
        ("https://me:p@ss@host/a", "https://host/a"),
        ("https://host/a?token=s3/cr?et&b", "https://host/a"),
        ("404, url='https://host/a/index.json?sig=secret'", "404, url='https://host/a/index.json'"),
        ("s3://bucket/folder", "s3://bucket/folder"),
        ("what is it? nothing", "what is it? nothing"),
    ],
)
def test_secrets_in_addresses_are_not_shown(text: str, safe: str) -> None:
    assert remote.reason(ValueError(text)) == f"ValueError: {safe}"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://host/a/", "https://host/a/index.json"),
        ("https://host/a?token=b/c", "https://host/a/index.json?token=b/c"),
        ("memory://a?b", "/a?b/index.json"),
    ],
)
def test_a_token_stays_at_the_end_of_an_address(url: str, path: str) -> None:
    assert remote.connect(url).path("index.json") == path


def test_a_missing_library_is_named(tmp_path: Path, release: Path) -> None:
    """In a Python that has no fsspec at all, a folder still works."""
    code = """
import sys
for name in ("fsspec", "aiohttp", "platformdirs"): sys.modules[name] = None
from pathlib import Path
from datapkg.registry.publish import publish
from datapkg.registry.reader import Registry
from datapkg.model.errors import MissingExtra
print(publish(Path(sys.argv[1]), sys.argv[2]).state)
for act in (lambda: publish(Path(sys.argv[1]), "s3://b/x"), lambda: Registry.open("s3://b/x")):
    try: act()
    except MissingExtra as error: print(error)
sys.modules.pop("fsspec")
try: Registry.open("http://x", Path("cache")).versions()
except MissingExtra as error: print(error)
"""
    command = [sys.executable, "-c", code, str(release), str(tmp_path / "registry")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "published",
        "the registry s3://b/x needs fsspec: pip install 'semiconductor-datapkg[s3]'",
        "the place for copies of a remote registry needs platformdirs: pip install 'semiconductor-datapkg[remote]'",
        "a registry on http needs aiohttp: pip install 'semiconductor-datapkg[remote]'",
    ]


def test_files_are_sent_many_at_a_time_and_the_index_last(tmp_path: Path) -> None:
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    all_here, sent, order = threading.Barrier(LANES), count(), []

    class Distant(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
        protocol = "distant"
        store: dict[str, Any] = {}  # noqa: RUF012 - as in the class that it is derived from
        pseudo_dirs: list[str] = [""]  # noqa: RUF012

        def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
            if mode == "overwrite" and next(sent) < LANES:
                all_here.wait(60)  # for ever, if they were sent one by one
            super().pipe_file(path, value, mode)
            order.append(path.rpartition("/")[2])

    fsspec.register_implementation("distant", Distant, clobber=True)
    release = releases.make(tmp_path / "release")
    for number in range(40):
        (release / f"{number}.txt").write_text(str(number))
    releases.seal(release)
    assert len(publish(release, "distant://x").files) == 46
    assert (order[0], order[-1]) == ("SHA256SUMS", "index.json")


@pytest.mark.parametrize("url", ["", "s3://bucket/beside"])
def test_files_beside_the_index(s3: dict[str, Any], tmp_path: Path, release: Path, url: str) -> None:
    place, options = (url, s3) if url else (str(tmp_path / "registry"), None)
    publish(release, place, options)
    accompany(place, {"feeds/a.atom": b"a", "feeds/b/c.atom": b"c"}, options)
    accompany(place, {"feeds/a.atom": b"new"}, options)
    read = (lambda path: store(s3).cat(f"bucket/beside/{path}")) if url else lambda p: (Path(place) / p).read_bytes()
    assert (read("feeds/a.atom"), read("feeds/b/c.atom")) == (b"new", b"c")
    assert_whole(Registry.open(place, tmp_path / "cache", options), release)
