"""Reading releases: from folders, over HTTP and from S3, with every byte proven, whatever the network and cache do."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import releases

from datapkg.model.errors import ConfigError, IntegrityError, NotFound, Unreachable, UsageError, WriteError
from datapkg.model.layout import packaged
from datapkg.registry.index import Index, Record
from datapkg.registry.installed import installed
from datapkg.registry.publish import publish
from datapkg.registry.reader import Registry

NOBODY = 65534
TABLE = "data/companies.parquet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry of two releases."""
    for version in ("0.1.0", "0.2.0"):
        publish(releases.make(tmp_path / "made" / version, version), str(tmp_path / "registry"))
    return tmp_path / "registry"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def as_nobody(call: Any) -> Any:
    """Return what a call returns without the rights of root."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    try:
        return call()
    finally:
        os.seteuid(os.getuid())


def damage(path: Path) -> None:
    """Flip one bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def copies(cache: Path, name: str) -> Path:
    (found,) = cache.rglob(name)
    return found


def test_a_folder_is_used_in_place(folder: Path) -> None:
    registry = Registry.open(folder)
    assert [record.version for record in registry.versions()] == ["0.1.0", "0.2.0"]
    assert registry.versions().latest == "0.2.0"
    assert not registry.versions().stale
    assert registry.release("0.1.0") == folder / "0.1.0"
    assert registry.file("0.1.0", TABLE) == (folder / "0.1.0" / TABLE).read_bytes()
    assert registry.file("0.1.0", "SHA256SUMS") == (folder / "0.1.0" / "SHA256SUMS").read_bytes()
    assert Registry.open(folder.as_uri()).release("0.2.0") == folder / "0.2.0"
    (folder / "empty").mkdir()
    (folder / "empty" / "index.json").write_bytes(Index("tests", ()).dump())
    assert Registry.open(folder / "empty").versions().latest is None


@pytest.mark.parametrize("name", [TABLE, "SHA256SUMS"])
def test_a_damaged_file_in_a_folder_is_never_returned(folder: Path, name: str) -> None:
    damage(folder / "0.1.0" / name)
    with pytest.raises(
        IntegrityError, match=r"is damaged: expected sha256 \w{64}, found \w{64}; publish the release aga"
    ):
        Registry.open(folder).file("0.1.0", TABLE)
    (folder / "0.1.0" / name).unlink()
    with pytest.raises(IntegrityError, match=r"cannot be read \(No such file or directory\), and SHA256SUMS or index"):
        Registry.open(folder).file("0.1.0", TABLE)


@pytest.mark.parametrize(
    ("version", "kind", "message"),
    [
        ("0.3.0", NotFound, r"no release '0\.3\.0' in .*; did you mean .*'0\.2\.0'.* It has 0\.1\.0, 0\.2\.0"),
        ("v0.1", UsageError, r"'v0\.1' is no version of the data; .*did you mean '0\.1\.0'"),
    ],
)
def test_an_unknown_version(folder: Path, version: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        Registry.open(folder).release(version)


def test_an_unknown_file(folder: Path) -> None:
    with pytest.raises(
        NotFound, match=r"no file 'data/company\.parquet' in release 0\.1\.0 of .*; did you mean 'data/comp"
    ):
        Registry.open(folder).file("0.1.0", "data/company.parquet")


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("{", "is no index of releases: JSONDecodeError: .*; is the URL that of a registry"),
        ("<html>Please log in</html>", "is no index of releases: JSONDecodeError"),
        ("[]", "is no index of releases: AttributeError"),
        ('{"name": "x"}', "is no index of releases: KeyError: 'versions'"),
        ('{"name": "x", "versions": [{}]}', "is no index of releases: KeyError: 'version'"),
        (
            '{"format": 2, "anything": 1}',
            "has format 2 and this datapkg reads up to 1; update it: pip install --upgrade",
        ),
        ({"version": "1"}, "is no index of releases: UsageError: '1' is no version"),
        ({"path": "../x/"}, "has no digest, or another path than 0.1.0/"),
        ({"sha256sums": "x"}, "has no digest, or another path than 0.1.0/"),
        ({"created": None}, "the entry of 0.1.0 has parts that are no texts"),
        ({"size": True}, "the entry of 0.1.0 has the size True, which is no number"),
        ({"size": -1}, "the entry of 0.1.0 has the size -1, which is no number"),
        ("[" * 100_000, "is no index of releases: ValueError: nested too deeply"),
    ],
)
def test_an_index_that_cannot_be_used(tmp_path: Path, index: Any, message: str) -> None:
    if isinstance(index, dict):
        entry = {"version": "0.1.0", "created": "2024-01-01", "sha256sums": "0" * 64, "path": "0.1.0/"} | index
        index = json.dumps({"name": "x", "versions": [entry]})
    (tmp_path / "index.json").write_text(index)
    with pytest.raises(ConfigError, match=message):
        Registry.open(tmp_path).versions()


def test_no_registry_there(tmp_path: Path) -> None:
    with pytest.raises(
        NotFound, match=r"there is no .*/index\.json, so that this is no registry of releases; is the URL"
    ):
        Registry.open(tmp_path).versions()
    (tmp_path / "index.json").mkdir()
    with pytest.raises(Unreachable, match=r"index\.json cannot be read: Is a directory"):
        Registry.open(tmp_path).versions()


def test_what_comes_with_datapkg() -> None:
    assert installed().folder == packaged().root / "data" / "releases"


def test_the_default_cache_is_the_platforms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("platformdirs", reason="needs platformdirs, of the extra remote")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert Registry.open("https://example.org/x").cache == tmp_path / "datapkg"


def test_only_what_is_needed_is_fetched_and_only_once(folder: Path, cache: Path) -> None:
    with releases.serving(folder) as (url, asked):
        place = Registry.open(url, cache).release("0.1.0")
        needed = ["SHA256SUMS", "release.json", "datapackage.json"]
        assert asked == ["/index.json", *(f"/0.1.0/{name}" for name in needed)]
        assert sorted(p.name for p in place.iterdir()) == sorted(needed)
        for _ in range(2):
            assert Registry.open(url, cache).file("0.1.0", TABLE) == (folder / "0.1.0" / TABLE).read_bytes()
        assert asked[4:] == [f"/0.1.0/{TABLE}"]
        assert (place / TABLE).read_bytes() == (folder / "0.1.0" / TABLE).read_bytes()
    assert not list(cache.rglob("*.part"))


def test_a_newer_release_is_seen_by_whoever_asks_for_it(folder: Path, cache: Path) -> None:
    with releases.serving(folder) as (url, asked):
        registry = Registry.open(url + "/", cache)
        registry.release("0.2.0")
        publish(releases.make(folder.parent / "new", "0.3.0"), str(folder))
        asked.clear()
        registry.release("0.2.0")
        assert not asked
        assert registry.versions().latest == "0.3.0"
        assert registry.file("0.3.0", "README.md").startswith(b"# tests 0.3.0")


@pytest.mark.parametrize("name", ["companies.parquet", "SHA256SUMS", "datapackage.json"])
def test_a_damaged_cache_is_healed(folder: Path, cache: Path, name: str) -> None:
    with releases.serving(folder) as (url, asked):
        registry = Registry.open(url, cache)
        place = registry.release("0.1.0")
        registry.file("0.1.0", TABLE)
        damage(copies(cache, name))
        asked.clear()
        assert registry.release("0.1.0") == place
        assert registry.file("0.1.0", TABLE) == (folder / "0.1.0" / TABLE).read_bytes()
        assert len(asked) == 1
        assert registry.file("0.1.0", TABLE) == copies(cache, "companies.parquet").read_bytes()
        assert len(asked) == 1


def test_a_damaged_index_copy_is_fetched_again(folder: Path, cache: Path) -> None:
    with releases.serving(folder) as (url, asked):
        Registry.open(url, cache).release("0.1.0")
        for wrong in (b"", b"\xff\xfe\n{}", b"0" * 64 + b"\n{}", hashlib.sha256(b"{").hexdigest().encode() + b"\n{"):
            next((cache / "indexes").iterdir()).write_bytes(wrong)
            asked.clear()
            Registry.open(url, cache).release("0.1.0")
            assert asked == ["/index.json"]


def test_a_damaged_registry_is_never_believed(folder: Path, cache: Path) -> None:
    damage(folder / "0.1.0" / TABLE)
    (folder / "0.1.0" / "README.md").unlink()
    with releases.serving(folder) as (url, _):
        registry = Registry.open(url, cache)
        with pytest.raises(
            IntegrityError, match=rf"{url}/0\.1\.0/{TABLE} is damaged: expected .*; nothing was kept of it"
        ):
            registry.file("0.1.0", TABLE)
        with pytest.raises(IntegrityError, match=r"README\.md is missing; publish the release again to heal it"):
            registry.file("0.1.0", "README.md")
    assert not list(cache.rglob("companies*"))


def test_offline_with_a_filled_cache(folder: Path, cache: Path) -> None:
    with releases.serving(folder) as (url, _):
        Registry.open(url, cache).release("0.1.0")
        expected = Registry.open(url, cache).file("0.1.0", TABLE)
    registry = Registry.open(url, cache)
    assert registry.release("0.1.0").is_dir()
    assert registry.file("0.1.0", TABLE) == expected
    index = registry.versions()
    assert [record.version for record in index] == ["0.1.0", "0.2.0"]
    assert index.stale.startswith(f"{url}/index.json cannot be read: no connection (ClientConnectorError: ")
    assert index.stale.endswith("; these are the releases as last seen")
    with pytest.raises(NotFound, match=r"no release '0\.3\.0' .*these are the releases as last seen"):
        registry.release("0.3.0")
    with pytest.raises(Unreachable, match=r"README\.md cannot be read: no connection .*; of 0\.1\.0 the cache .* holds "
                                          r"companies\.parquet, datapackage\.json"):  # fmt: skip
        registry.file("0.1.0", "README.md")
    with pytest.raises(Unreachable, match=r"SHA256SUMS cannot be read: no connection .*; of 0\.2\.0 .* holds nothing"):
        registry.file("0.2.0", "README.md")
    damage(copies(cache, "companies.parquet"))
    with pytest.raises(
        IntegrityError, match=r"companies\.parquet is damaged: .*; it cannot be fetched again: .*no connec"
    ):
        registry.file("0.1.0", TABLE)


def test_offline_with_an_empty_cache(cache: Path) -> None:
    with pytest.raises(
        Unreachable, match=r"127\.0\.0\.1:9/index\.json cannot be read: no connection .*; the cache .*/cache"
    ):
        Registry.open("http://me:secret@127.0.0.1:9", cache).release("0.1.0")


def test_a_token_in_the_address_goes_with_every_request_and_into_no_message(folder: Path, cache: Path) -> None:
    with releases.serving(folder) as (url, asked):
        registry = Registry.open(f"{url}?token=secret", cache)
        assert registry.file("0.1.0", TABLE) == (folder / "0.1.0" / TABLE).read_bytes()
        assert len(asked) > 1
        assert all(path.endswith("?token=secret") for path in asked)
        with pytest.raises(NotFound) as caught:
            registry.release("0.9.0")
        assert f"in {url};" in str(caught.value)
    with pytest.raises(Unreachable) as lost:
        Registry.open(f"{url}?token=secret", cache / "other").release("0.1.0")
    assert "secret" not in f"{caught.value} {lost.value}"


def test_a_warm_cache_needs_no_network_library(folder: Path, cache: Path) -> None:
    with releases.serving(folder) as (url, _):
        Registry.open(url, cache).file("0.1.0", TABLE)
    code = f"""
import sys
for name in ("fsspec", "aiohttp", "platformdirs", "pandas", "pyarrow"): sys.modules[name] = None
from pathlib import Path
from datapkg.registry.reader import Registry
print(len(Registry.open({url!r}, Path({str(cache)!r})).file("0.1.0", {TABLE!r})))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == (folder / "0.1.0" / TABLE).stat().st_size


def test_a_cache_that_cannot_be_written(folder: Path) -> None:
    root = Path(tempfile.mkdtemp())
    cache = root / "cache"
    cache.mkdir()
    folder = Path(shutil.copytree(folder, root / "registry"))  # where the server can read it too, without rights
    with releases.serving(folder) as (url, asked):
        Registry.open(url, cache).release("0.1.0")
        for path in [*cache.rglob("*"), cache, root]:
            path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH | (0o111 if path.is_dir() else 0))
        try:
            registry = Registry.open(url, cache)
            expected = (folder / "0.1.0" / TABLE).read_bytes()
            asked.clear()
            assert as_nobody(lambda: registry.file("0.1.0", TABLE)) == expected
            assert as_nobody(lambda: registry.file("0.1.0", TABLE)) == expected
            assert asked == [f"/0.1.0/{TABLE}"] * 2
            assert as_nobody(lambda: registry.release("0.1.0")) == as_nobody(lambda: registry.where("0.1.0"))
            assert not as_nobody(lambda: registry.where("0.2.0")).exists()
            with pytest.raises(
                WriteError, match=r"release 0\.2\.0 of .* needs a folder, and the cache .*/cache cannot be"
            ):
                as_nobody(lambda: registry.release("0.2.0"))
            assert not list(cache.rglob("*.part"))
        finally:
            for path in (root, cache, *cache.rglob("*")):
                path.chmod(0o755)
            shutil.rmtree(root)


def test_many_fill_one_cache_at_once(folder: Path, cache: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from datapkg.registry.reader import Registry
sys.stdin.read()
for version in ("0.1.0", "0.2.0"):
    registry = Registry.open(sys.argv[1], Path({str(cache)!r}))
    registry.release(version), registry.file(version, {TABLE!r})
"""
    with releases.serving(folder) as (url, _):
        command = [sys.executable, "-c", code, url]
        many = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
        for process in many:
            assert process.stdin is not None
            process.stdin.close()
        assert [(process.wait(), process.stderr and process.stderr.read()) for process in many] == [(0, b"")] * 4
        for process in many:
            assert process.stderr is not None
            process.stderr.close()
    for version in ("0.1.0", "0.2.0"):
        assert Registry.open(url, cache).file(version, TABLE) == (folder / version / TABLE).read_bytes()
    assert not list(cache.rglob("*.part"))


def _served(folder: Path, head: bytes) -> bytes:
    body = (folder / head.split()[1].decode().lstrip("/")).read_bytes()
    return b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def test_a_connection_cut_in_the_middle_is_tried_again(folder: Path, cache: Path) -> None:
    def flaky(head: bytes, number: int) -> bytes:
        answer = _served(folder, head)
        return answer if number % 2 == 0 else answer[:-20]

    with releases.answering(flaky) as url:
        assert Registry.open(url, cache).file("0.1.0", TABLE) == (folder / "0.1.0" / TABLE).read_bytes()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n{", r"no connection \(ClientPayloadError"),
        (b"", r"no connection \(ServerDisconnectedError"),
        (b"HTTP/1.0 503 Busy\r\nContent-Length: 0\r\n\r\n", r"the server fails or is too busy \(Clien.*: 503"),
        (b"HTTP/1.0 403 Forbidden\r\nContent-Length: 0\r\n\r\n", r"no rights there \(ClientResponseError: 403"),
        (b"HTTP/1.0 410 Gone\r\nContent-Length: 0\r\n\r\n", r"index\.json cannot be read: ClientResponseError: 410"),
    ],
)
def test_servers_that_do_not_serve(cache: Path, answer: bytes, message: str) -> None:
    asked: list[int] = []

    def refuse(head: bytes, number: int) -> bytes:
        asked.append(number)
        return answer

    with releases.answering(refuse) as url, pytest.raises(Unreachable, match=message):
        Registry.open(url, cache).versions()
    assert len(asked) >= (4 if message.startswith(("no connection", "the server fails")) else 1)


def test_an_index_says_what_it_holds() -> None:
    record = Record("0.1.0", "2024-01-01", "0" * 64, "0.1.0/")
    index = Index("tests", ()).having(record)
    assert index.find("0.1.0") == record
    assert index.find("0.2.0") is None
    assert json.loads(index.dump())["latest"] == "0.1.0"
