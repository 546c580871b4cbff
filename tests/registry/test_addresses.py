"""Addresses of registries: files as the standard says, secrets nowhere, and indexes of any shape in our errors."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fuzzing import bounded, nearly
from hypothesis import given
from hypothesis import strategies as st

from datapkg.model.errors import ConfigError, DatapkgError, IntegrityError, NotFound, Unreachable, UsageError
from datapkg.registry.index import parse, sums
from datapkg.registry.reader import Registry
from datapkg.registry.remote import connect, local, reason, shown

RECORD = {"version": "0.1.0", "created": "2024-05-01", "sha256sums": "0" * 64, "path": "0.1.0/"}
INDEX = {"format": 1, "name": "tiny", "latest": "0.1.0", "versions": [RECORD]}


@pytest.mark.parametrize(
    "url", ["file:/srv/a%20b", "file:///srv/a%20b", "file://localhost/srv/a%20b", "FILE:///srv/a%20b"]
)
def test_a_file_is_read_as_the_standard_says(url: str) -> None:
    assert local(url) == Path("/srv/a b")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "file://server/share/x",
            r"is a file of the host 'server', which is not read .*; did you mean 'file:///server/s",
        ),
        ("file://some/folder", r"did you mean 'file:///some/folder'\?$"),
        ("file://me:secret@server/x", r"^'file://server/x' is a file of the host 'server'"),
        ("file:folder", r"^'file:folder' names no folder; expected file:///folder, in it %3F for \? and %23 for #$"),
        ("file:///x?y", "names no folder; expected"),
        ("file:///x%00y", "names no folder; expected"),
        ("~nobody-of-that-name/x", r"home folder of nobody; did you mean '\./~nobody-of-that-name/x'\?$"),
        ("x\0y", "holds a character NUL"),
    ],
)
def test_other_addresses_of_files_are_refused(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        local(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret@host.example/path",
        "https://secret@host.example/path",
        "https://host.example/path?token=secret&X-Amz-Signature=secret",
        "https://host.example/path#secret",
    ],
)
def test_secrets_are_not_shown(url: str) -> None:
    assert shown(url) == "https://host.example/path"
    assert "secret" not in reason(OSError(f"404, message='Not Found', url='{url}/index.json'"))
    assert "secret" not in repr(Registry.open(url, Path("cache")))


def test_a_token_goes_behind_every_file() -> None:
    remote = connect("https://host.example/path?token=secret")
    assert remote.path("0.1.0/SHA256SUMS") == "https://host.example/path/0.1.0/SHA256SUMS?token=secret"
    assert "secret" not in repr(remote)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://", r"^'s3://' names no bucket; expected something like s3://bucket/path$"),
        ("gs:///", "names no bucket"),
        ("s3://bucket?token=secret", r"^'s3://bucket' has a query or a fragment, which a bucket knows none of; leave"),
        ("S3://bucket/h#1", "has a query or a fragment"),
        ("s3://bucket//b///c", r"has an empty name between two slashes; did you mean 's3://bucket/b/c'\?$"),
        ("s3:///bucket/b", r"did you mean 's3://bucket/b'\?$"),
    ],
)
def test_addresses_that_a_store_would_take_for_others_are_refused(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        connect(url)


def test_a_scheme_may_have_capitals() -> None:
    assert connect("HTTPS://host.example/A%20b?t=1").path("x") == "https://host.example/A%20b/x?t=1"


def test_a_library_of_no_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['paramiko'] = None; from datapkg.registry.remote import connect; "
        "connect('sftp://me:secret@h/x')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    told = "datapkg.model.errors.MissingExtra: the registry sftp://h/x needs paramiko: pip install paramiko"
    assert done.stderr.splitlines()[-1] == told


def test_an_address_that_only_its_library_finds_wrong_ends_in_our_error(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"index\.json cannot be read: ValueError: Port out of range 0-65535"):
        Registry.open("http://127.0.0.1:99999/x?token=secret", tmp_path).versions()


def test_the_address_of_an_index_is_told_from_that_of_its_registry(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=rf"no registry of releases; did you mean '{tmp_path}/registry'\?$"):
        Registry.open(tmp_path / "registry/index.json").versions()


@pytest.mark.parametrize("path", ["", "0.1.0", "../0.1.0/", "/etc/", "0.2.0/", "https://evil.example/"])
def test_a_release_is_where_the_plan_puts_it(path: str) -> None:
    data = json.dumps({**INDEX, "versions": [RECORD | {"path": path}]}).encode()
    with pytest.raises(ConfigError, match=r"the entry of 0\.1\.0 has no digest, or another path than 0\.1\.0/"):
        parse(data, "index.json")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../b", "a//b", "./a", "a\\b", "c:x", "a b", ".hidden", "ä"])
def test_a_file_has_a_plain_path(path: str) -> None:
    with pytest.raises(IntegrityError, match=r"is not a digest and a path inside the release$"):
        sums(f"{'0' * 64}  {path}\n".encode(), "SHA256SUMS")


def test_a_file_has_one_digest() -> None:
    with pytest.raises(IntegrityError, match=r"^SUMS:2: a/b has a digest already; expected one for each file$"):
        sums(f"{'0' * 64}  a/b\n{'1' * 64}  a/b\n".encode(), "SUMS")


@bounded
@given(nearly(INDEX))
def test_an_index_of_any_shape_ends_in_our_errors(value: Any) -> None:
    with suppress(DatapkgError):
        index = parse(json.dumps(value).encode(), "index.json")
        assert [record.path for record in index] == [f"{record.version}/" for record in index]


@bounded
@given(
    st.binary(max_size=200) | st.text(max_size=99).map(lambda path: f"{'0' * 64}  {path}".encode("utf-8", "replace"))
)
def test_sums_of_any_bytes_end_in_our_errors(data: bytes) -> None:
    for parsed in (lambda: sums(data, "SHA256SUMS"), lambda: parse(data, "index.json")):
        with suppress(DatapkgError):
            parsed()


@bounded
@given(st.text(max_size=20) | st.from_regex(r"[a-z]{1,5}:/{0,3}[^\n]{0,20}", fullmatch=True))
def test_addresses_of_any_form_end_in_our_errors(url: str) -> None:
    with suppress(DatapkgError):
        assert isinstance(local(url), (Path, type(None)))
    assert "secret@" not in shown(f"https://secret@host/{url}")


def test_deep_nesting_is_told() -> None:
    with pytest.raises(ConfigError, match="is no index of releases: ValueError: nested too deeply"):
        parse(b"[" * 100_000, "index.json")
