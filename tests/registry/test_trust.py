"""Registries that change their minds, pass one release off as another, or put other signatures beside it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import releases

from datapkg import api
from datapkg.model.errors import IntegrityError, UsageError
from datapkg.registry.publish import publish
from datapkg.registry.reader import Registry

TABLE = "data/companies.parquet"
GARBAGE = b"untrusted comment: none\nAAAA\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry of two releases."""
    for version in ("0.1.0", "0.2.0"):
        publish(releases.make(tmp_path / "made" / version, version), str(tmp_path / "registry"))
    return tmp_path / "registry"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A secret key of ssh-keygen."""
    path = tmp_path / "id_release"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path


def public(key: Path) -> str:
    return Path(f"{key}.pub").read_text().strip()


def sign(release: Path, key: Path) -> bytes:
    """Sign a release folder and return the signature."""
    command = ["ssh-keygen", "-Y", "sign", "-f", str(key), "-n", "file", str(release / "SHA256SUMS")]
    subprocess.run(command, check=True, capture_output=True)
    return (release / "SHA256SUMS.sig").read_bytes()


def rewrite(folder: Path, change: Any) -> None:
    """Change the entries of a registry's index."""
    index = json.loads((folder / "index.json").read_text())
    change(index["versions"])
    (folder / "index.json").write_text(json.dumps(index))


def relist(folder: Path, version: str) -> str:
    """Give an index the digest of a release as it is now, as a registry that lies would."""
    digest = releases.seal(folder / version)
    rewrite(folder, lambda entries: [e.update(sha256sums=digest) for e in entries if e["version"] == version])
    return digest


class TestMemory:
    def test_a_version_that_changes_is_refused_and_the_old_index_stays(self, folder: Path, cache: Path) -> None:
        with releases.serving(folder) as (url, _):
            old = Registry.open(url, cache).find("0.1.0").sha256sums
            expected = Registry.open(url, cache).file("0.1.0", TABLE)
            (folder / "0.1.0" / TABLE).write_bytes(b"other rows")
            new = relist(folder, "0.1.0")
            before = releases.contents(cache)
            copy = next((cache / "indexes").iterdir())
            message = (
                f"{url}/index.json had 0.1.0 with SHA256SUMS of sha256:{old} when it was last read, and now has "
                f"sha256:{new}; a release never changes and is never taken back, so this is an older index or another "
                f"registry. What was seen before stays; if its publisher says that this is right, delete {copy}"
            )
            with pytest.raises(IntegrityError, match=f"^{re.escape(message)}$"):
                Registry.open(url, cache).versions()
            assert releases.contents(cache) == before
            assert Registry.open(url, cache).file("0.1.0", TABLE) == expected

    def test_a_version_that_is_taken_back_is_refused(self, folder: Path, cache: Path) -> None:
        with releases.serving(folder) as (url, _):
            old = (folder / "index.json").read_bytes()
            publish(releases.make(folder.parent / "new", "0.3.0"), str(folder))
            digest = Registry.open(url, cache).find("0.3.0").sha256sums
            (folder / "index.json").write_bytes(old)  # replayed
            found = f"had 0.3.0 with SHA256SUMS of sha256:{digest} .* now has nothing of it, only 0.1.0, 0.2.0;"
            with pytest.raises(IntegrityError, match=found):
                Registry.open(url, cache).versions()
            assert Registry.open(url, cache).find("0.3.0").sha256sums == digest
            next((cache / "indexes").iterdir()).unlink()  # the step that the message names
            assert Registry.open(url, cache).versions().latest == "0.2.0"

    def test_a_registry_that_grows_is_fine(self, folder: Path, cache: Path) -> None:
        with releases.serving(folder) as (url, _):
            Registry.open(url, cache).versions()
            publish(releases.make(folder.parent / "new", "0.3.0"), str(folder))
            assert Registry.open(url, cache).versions().latest == "0.3.0"


class TestIdentity:
    @pytest.mark.parametrize("served", [True, False], ids=["http", "folder"])
    def test_a_release_passed_off_as_another(self, folder: Path, cache: Path, served: bool) -> None:
        """The old release whole, with its own digests and its signature, under the new number."""
        shutil.rmtree(folder / "0.2.0")
        shutil.copytree(folder / "0.1.0", folder / "0.2.0")
        relist(folder, "0.2.0")
        found = r"0\.2\.0/release\.json is of version 0\.1\.0, and index\.json has it as 0\.2\.0; one release is passed"
        with releases.serving(folder) as (url, _), pytest.raises(IntegrityError, match=found):
            Registry.open(url if served else folder, cache).file("0.2.0", TABLE)

    def test_a_descriptor_of_another_version(self, folder: Path) -> None:
        path = folder / "0.2.0" / "datapackage.json"
        path.write_text(path.read_text().replace('"0.2.0"', '"0.1.0"'))
        relist(folder, "0.2.0")
        with pytest.raises(IntegrityError, match=r"datapackage\.json is of version 0\.1\.0, and index\.json has it as"):
            Registry.open(folder).file("0.2.0", TABLE)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (None, r"SHA256SUMS names no release\.json, which every release has"),
            ("{}", r"release\.json says of no version that it is of: KeyError: 'version'"),
            ("[" * 3_000, r"release\.json says of no version that it is of: ValueError: nested too deeply"),
        ],
    )
    def test_a_release_that_says_no_version(self, folder: Path, text: str | None, message: str) -> None:
        path = folder / "0.2.0" / "release.json"
        path.unlink() if text is None else path.write_text(text)
        relist(folder, "0.2.0")
        with pytest.raises(IntegrityError, match=message):
            Registry.open(folder).file("0.2.0", TABLE)


class TestPin:
    def test_the_release_of_a_digest_or_none(self, folder: Path, cache: Path) -> None:
        digest = Registry.open(folder).find("0.1.0").sha256sums
        for place in (Registry.open(folder), Registry.open(folder, cache)):
            assert place.file(f"0.1.0@sha256:{digest}", TABLE) == (folder / "0.1.0" / TABLE).read_bytes()
            other = f"0.1.0@sha256:{'0' * 64}"
            found = f"0.1.0 of {folder} is not the release that was asked for: expected SHA256SUMS of sha256:{'0' * 64}"
            with pytest.raises(IntegrityError, match=f"^{re.escape(f'{found}, found sha256:{digest}')}$"):
                place.file(other, TABLE)

    @pytest.mark.parametrize(
        "text", ["0.1.0@", "0.1.0@sha256:abc", f"0.1.0@md5:{'0' * 64}", f"0.1.0@sha256:{'G' * 64}"]
    )
    def test_a_digest_of_another_form(self, folder: Path, text: str) -> None:
        message = f"'{text}' is no version with a digest; expected 0.1.0@sha256: and the 64 hexadecimal digits"
        with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
            Registry.open(folder).find(text)

    def test_load(self, published: Path, served: str, cache: Path) -> None:
        digest = Registry.open(published).find("0.1.0").sha256sums
        frame = api.load("people", version=f"0.1.0@sha256:{digest}", registry=served, cache=cache)
        assert frame.attrs["version"] == "0.1.0"
        with pytest.raises(IntegrityError, match=r"0\.1\.0 of .* is not the release that was asked for"):
            api.load("people", version=f"0.1.0@sha256:{'0' * 64}", registry=served, cache=cache)


class TestSigned:
    @pytest.fixture
    def signed(self, folder: Path, key: Path) -> Path:
        """The registry, its release 0.1.0 signed."""
        sign(folder / "0.1.0", key)
        return folder

    @pytest.mark.parametrize("served", [True, False], ids=["http", "folder"])
    def test_by_the_key_and_no_other(self, signed: Path, key: Path, cache: Path, tmp_path: Path, served: bool) -> None:
        (tmp_path / "other").mkdir()
        other = tmp_path / "other" / "id"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
        with releases.serving(signed) as (url, _):
            place = Registry.open(url if served else signed, cache)
            place.signed("0.1.0", public(key))
            with pytest.raises(IntegrityError, match=r"0\.1\.0/SHA256SUMS\.sig is no signature by the given key: .{9}"):
                place.signed("0.1.0", public(other))
            with pytest.raises(IntegrityError, match=r"0\.2\.0/SHA256SUMS\.sig is no .*: it has no such file; "):
                place.signed("0.2.0", public(key))

    def test_garbage_beside_a_good_one_does_not_matter(self, signed: Path, key: Path, cache: Path) -> None:
        (signed / "0.1.0" / "SHA256SUMS.minisig").write_bytes(GARBAGE)
        with releases.serving(signed) as (url, _):
            Registry.open(url, cache).signed("0.1.0", public(key))

    def test_garbage_neither_passes_nor_overwrites(self, signed: Path, key: Path, cache: Path) -> None:
        name = signed / "0.1.0" / "SHA256SUMS.sig"
        good = name.read_bytes()
        with releases.serving(signed) as (url, asked):
            Registry.open(url, cache).signed("0.1.0", public(key))
            name.write_bytes(GARBAGE)
            Registry.open(url, cache).signed("0.1.0", public(key))  # by the copy
            assert Registry.open(url, cache).signatures("0.1.0") == {"SHA256SUMS.sig": good}
            copy = next(cache.rglob("SHA256SUMS.sig"))
            copy.write_bytes(GARBAGE)
            with pytest.raises(IntegrityError, match="is no signature by the given key"):
                Registry.open(url, cache).signed("0.1.0", public(key))
            name.write_bytes(good)
            Registry.open(url, cache).signed("0.1.0", public(key))  # fetched again, and kept
            asked.clear()
            Registry.open(url, cache).signed("0.1.0", public(key))
            assert asked == []

    def test_publishing_never_overwrites_one(self, folder: Path, key: Path) -> None:
        made = folder.parent / "made" / "0.1.0"
        good = sign(made, key)
        assert publish(made, str(folder)).files == ("SHA256SUMS.sig",)
        (made / "SHA256SUMS.sig").write_bytes(GARBAGE)
        with pytest.raises(UsageError, match=r"0\.1\.0/SHA256SUMS\.sig is there already and is another one; a sig"):
            publish(made, str(folder))
        assert (folder / "0.1.0" / "SHA256SUMS.sig").read_bytes() == good

    def test_load(self, made: Path, key: Path, tmp_path: Path, cache: Path) -> None:
        release = Path(shutil.copytree(made / "0.1.0", tmp_path / "0.1.0"))
        sign(release, key)
        publish(release, str(tmp_path / "signed"))
        with releases.serving(tmp_path / "signed") as (url, _):
            frame = api.load("people", version="0.1.0", registry=url, cache=cache, key=public(key))
            assert len(frame)
            with pytest.raises(IntegrityError, match="is no signature by the given key"):
                api.load("people", version="0.1.0", registry=url, cache=cache, key="ssh-ed25519 AAAA")
        with pytest.raises(UsageError, match="key goes with a release; the working build is not signed"):
            api.load("people", version="working", key=public(key))
