"""Signatures are made and checked by minisign and ssh-keygen; a changed SHA256SUMS or another key is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from datapkg.model import Layout
from datapkg.model.errors import NotFound, UsageError
from datapkg.package.record import SIGNATURES
from datapkg.release import signed, signing

Make = Callable[[Path], Path]


def ssh(folder: Path) -> Path:
    """Return a new SSH key without a passphrase."""
    path = folder / "id_release"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", str(path)], check=True)
    return path


def minisign(folder: Path) -> Path:
    """Return a new key of minisign without a password; skips where it is not installed."""
    if shutil.which("minisign") is None:
        pytest.skip("minisign is not installed (apt-get install minisign)")
    path, public = folder / "minisign.key", folder / "minisign.pub"
    subprocess.run(["minisign", "-G", "-W", "-p", str(public), "-s", str(path)], check=True, capture_output=True)
    return path


TOOLS = pytest.mark.parametrize("make", [ssh, minisign], ids=["ssh", "minisign"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a SHA256SUMS."""
    path = tmp_path / "release"
    path.mkdir()
    (path / "SHA256SUMS").write_text(f"{'0' * 64}  README.md\n")
    return path


@TOOLS
def test_a_signature_is_of_its_key_and_of_no_other(make: Make, folder: Path, tmp_path: Path) -> None:
    key = signing.key(make(tmp_path))
    tool, public = key.signature.tool, key.signature.public_key
    assert tool == make.__name__
    assert "comment" not in public
    signing.sign(folder, key, "tests 0.1.0")
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", SIGNATURES[tool]]
    assert signed(folder, public) == (f"signed with {tool}, by the given key", [])
    assert signed(folder, f"{public} somebody\n" if tool == "ssh" else public)[1] == []

    (tmp_path / "other").mkdir()
    other = signing.key(make(tmp_path / "other")).signature.public_key
    told, found = signed(folder, other)
    assert told == f"signed with {tool}"
    assert [(f.rule, f.place.file) for f in found] == [("release-signature", SIGNATURES[tool])]
    assert found[0].message.startswith("is not of the given key: ")
    assert len(found[0].message) > len("is not of the given key: ")


@TOOLS
def test_a_signature_does_not_outlive_a_change(make: Make, folder: Path, tmp_path: Path) -> None:
    key = signing.key(make(tmp_path))
    signing.sign(folder, key, "tests 0.1.0")
    with (folder / "SHA256SUMS").open("ab") as file:
        file.write(f"{'1' * 64}  more\n".encode())
    assert [f.rule for f in signed(folder, key.signature.public_key)[1]] == ["release-signature"]


@TOOLS
@pytest.mark.parametrize("public", ["", "nonsense", "ssh-ed25519 AAAA", "-h"])
def test_a_public_key_that_is_none(make: Make, folder: Path, tmp_path: Path, public: str) -> None:
    signing.sign(folder, signing.key(make(tmp_path)), "tests 0.1.0")
    assert [f.rule for f in signed(folder, public)[1]] == ["release-signature"]


@TOOLS
def test_the_comment_of_minisign_names_the_release(make: Make, folder: Path, tmp_path: Path) -> None:
    signing.sign(folder, signing.key(make(tmp_path)), "tests 0.1.0")
    signature = next(folder.glob("SHA256SUMS.*")).read_text()
    assert ("trusted comment: tests 0.1.0" in signature) == (make is minisign)


@TOOLS
def test_the_keys_of_the_repository_say_by_whom(make: Make, folder: Path, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "repository")
    layout.keys.mkdir(parents=True)
    (tmp_path / "other").mkdir()
    key, other = signing.key(make(tmp_path)), signing.key(make(tmp_path / "other"))
    signing.sign(folder, key, "tests 0.1.0")
    tool = key.signature.tool
    shutil.copy(other.path.with_suffix(".pub"), layout.keys / "ida.pub")
    known = signing.signers(layout)
    assert signed(folder, None, known) == (
        f"signed with {tool}, by none of ida; give the public key with --key to check it", [])  # fmt: skip
    shutil.copy(key.path.with_suffix(".pub"), layout.keys / "han.pub")
    assert signing.signers(layout) == {"han": key.signature.public_key, **known}
    assert signed(folder, None, signing.signers(layout)) == (f"signed with {tool} by han", [])


def test_no_signature_and_no_key(folder: Path, tmp_path: Path) -> None:
    assert signed(folder, None) == ("not signed", [])
    signing.sign(folder, signing.key(ssh(tmp_path)), "tests 0.1.0")
    assert signed(folder, None) == ("signed with ssh; give the public key with --key to check it", [])


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "id_release"
    for missing in (path, Path(f"{path}.pub")):
        message = f"no {missing}; --sign takes a secret key of minisign or ssh-keygen, its public key beside it"
        with pytest.raises(NotFound, match=f"^{re.escape(message)}$"):
            signing.key(path)
        path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")


@pytest.mark.parametrize("secret", [b"", b"ssh-ed25519 AAAA me\n", b"\xff\x00\x01", b"-----BEGIN PGP MESSAGE-----\n"])
def test_a_key_of_another_kind(tmp_path: Path, secret: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(secret)
    Path(f"{path}.pub").write_text("ssh-ed25519 AAAA me\n")
    with pytest.raises(UsageError, match=f"^{re.escape(str(path))} is no secret key of minisign or ssh-keygen$"):
        signing.key(path)


def test_a_public_key_that_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    Path(f"{path}.pub").write_text("\n")
    with pytest.raises(UsageError, match=r"key\.pub is empty; expected a public key of minisign or ssh-keygen$"):
        signing.key(path)


@pytest.mark.parametrize(
    ("tool", "secret"),
    [("ssh", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"), ("minisign", "untrusted comment: minisign key\nAAAA\n")],
)
def test_a_key_that_the_tool_refuses(folder: Path, tmp_path: Path, tool: str, secret: str) -> None:
    if tool == "minisign" and shutil.which("minisign") is None:
        pytest.skip("minisign is not installed (apt-get install minisign)")
    path = tmp_path / "key"
    path.write_text(secret)
    path.chmod(0o600)
    Path(f"{path}.pub").write_text("untrusted comment: x\nssh-ed25519 AAAA\n")
    with pytest.raises(UsageError, match=r"^(ssh-keygen|minisign): .{5}"):
        signing.sign(folder, signing.key(path), "tests 0.1.0")
    assert [path.name for path in folder.iterdir()] == ["SHA256SUMS"]


def test_the_tools_are_not_installed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = signing.key(ssh(tmp_path))
    signing.sign(folder, key, "tests 0.1.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    message = "ssh-keygen cannot be run (No such file or directory); install it, or release unsigned"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        signing.sign(folder, key, "tests 0.1.0")
    message = "ssh cannot be run (No such file or directory); install it, or see VERIFY.md"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        signed(folder, key.signature.public_key)


def test_a_tool_that_fails_without_a_word(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = signing.key(ssh(tmp_path))
    silent = tmp_path / "bin" / "ssh-keygen"
    silent.parent.mkdir()
    silent.write_text("#!/bin/sh\nexit 3\n")
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", str(silent.parent))
    with pytest.raises(UsageError, match=r"^ssh-keygen: exit code 3$"):
        signing.sign(folder, key, "tests 0.1.0")
    (folder / "SHA256SUMS.sig").write_text("")
    told = [f.message for f in signed(folder, "ssh-ed25519 AAAA")[1]]
    assert told == ["is not of the given key: no reason given"]
