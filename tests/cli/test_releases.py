"""The commands about releases, run as a user runs them: arguments and environment in, text and an exit code out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import releases
import repositories
from runs import Run

from datapkg.model.layout import Layout
from datapkg.registry.publish import publish

TABLE = "data/people.parquet"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No registry, and a cache of its own."""
    monkeypatch.delenv("DATAPKG_REGISTRY", raising=False)
    monkeypatch.setenv("DATAPKG_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def release(made: Path, tmp_path: Path) -> Path:
    """A copy of release 0.1.0 to damage."""
    return Path(shutil.copytree(made / "0.1.0", tmp_path / "0.1.0"))


@pytest.fixture(scope="module")
def announced(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A small repository, built and committed, whose changelog announces 0.1.0; shared, so never written to."""
    return repositories.make(tmp_path_factory.mktemp("announced") / "repository")


class TestDiff:
    def test_in_every_form(self, run: Run, inside: Path, made: Path, tmp_path: Path) -> None:
        text = run("diff", "0.1.0", made / "0.2.0", "--out", tmp_path / "changes.parquet").out
        assert run.code == 0
        assert "0.1.0" in text.splitlines()[0]
        assert "0.2.0" in text.splitlines()[0]
        assert "note" in text
        assert "nordlicht-semi" in text
        rows = pq.ParquetFile(tmp_path / "changes.parquet").read().to_pylist()
        assert {"42.0", "43.0"} <= {value for row in rows for value in row.values() if isinstance(value, str)}
        markdown = run("diff", "0.1.0", made / "0.2.0", "--format", "markdown").out
        assert markdown.startswith("# ")
        record = json.loads(run("diff", "0.1.0", made / "0.2.0", "--format", "json").out)
        assert "market_shares" in json.dumps(record)

    def test_exit_code(self, run: Run, inside: Path, made: Path) -> None:
        assert run("diff", "0.1.0", made / "0.2.0", "--exit-code").code == 1
        assert run("diff", "working", inside, "--exit-code").code == 0
        assert run("diff", "0.1.0", made / "0.1.0").code == 0
        assert run.out

    def test_of_a_registry(self, run: Run, inside: Path, served: str) -> None:
        assert run("diff", "0.1.0", "0.2.0", "--registry", served, "--exit-code").code == 1

    def test_mistakes(self, run: Run, inside: Path, tmp_path: Path) -> None:
        run("diff", "0.1.0", "0.9.0")
        assert run.code == 2
        assert "no release '0.9.0' in" in run.err
        assert run.err.endswith("It has 0.1.0\n")
        run("diff", "0.1.0", "v9")
        assert (run.code, run.out) == (2, "")
        assert run.err.startswith("datapkg: 'v9' is no version of the data; expected MAJOR.MINOR.PATCH")
        assert run("diff", "0.1.0", tmp_path).code == 2
        run("diff", "0.1.0", inside, "--out", tmp_path / "no" / "changes.parquet")
        assert run.code == 1
        assert run.err.startswith("datapkg: ")


class TestRelease:
    """The plan and its refusals; what a release does is tested with `release`."""

    @pytest.fixture
    def repository(self, announced: Layout, tmp_path: Path) -> Layout:
        return repositories.copy(announced, tmp_path / "repository")

    def test_dry_run(self, run: Run, announced: Layout) -> None:
        run("release", "0.1.0", "--dry-run", "--root", announced.root)
        assert run.code == 0, run.err
        assert run.out.startswith("release 0.1.0, 2031-06-02: the first\n")
        assert "  data/market_shares.parquet\n" in run.out
        assert run.out.endswith("nothing was written: --dry-run\n")
        assert not announced.releases.exists()

    def test_all_reasons_against_it(self, run: Run, repository: Layout) -> None:
        with (repository.claims / "results.yaml").open("a") as file:
            file.write("# new\n")
        run("release", "0.2.0", "--dry-run", "--root", repository.root)
        assert (run.code, run.out) == (1, "")
        assert run.err.startswith(
            "datapkg: release 0.2.0 is refused:\n- data/raw/claims/results.yaml is not committed\n"
        )
        assert "CHANGELOG.md has no section '## data 0.2.0 - " in run.err

    def test_findings(self, run: Run, repository: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
        repositories.write(repository.root, {2023: 420})
        monkeypatch.chdir(repository.root)
        run("release", "0.1.0", "--dry-run")
        assert run.code == 1
        assert run.out.startswith("data/raw/claims/results.yaml\n")
        assert run.err == "datapkg: 1 finding; nothing was written\n"

    def test_mistakes(self, run: Run, announced: Layout, tmp_path: Path) -> None:
        run("release", "v2", "--dry-run", "--root", announced.root)
        assert run.code == 2
        assert "'v2' is no version of the data" in run.err
        run("release", "0.1.0", "--root", tmp_path / "nowhere")
        assert (run.code, run.err) == (2, f"datapkg: no folder {tmp_path}/nowhere\n")
        run("release", "0.1.0", "--sign", tmp_path / "no.key", "--root", announced.root)
        assert (run.code, run.out) == (2, "")

    def test_a_signer_is_known_to_the_repository(self, run: Run, announced: Layout, tmp_path: Path) -> None:
        keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(tmp_path / "mine")]
        subprocess.run(keygen, check=True)
        run("release", "0.1.0", "--dry-run", "--sign", tmp_path / "mine", "--root", announced.root)
        told = "commit it as keys/NAME.pub, so that `datapkg verify` can say by whom"
        assert run.err == f"datapkg: the public key of mine is not among those of the repository; {told}\n"
        assert run.code == 2


class TestVerify:
    @pytest.fixture
    def unread(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No table is compared with its CSV, for what hangs on files alone."""
        monkeypatch.setattr(sys.modules["datapkg.release.verify"], "_contents", lambda *_: ())

    def test_a_sound_release(self, run: Run, inside: Path, served: str) -> None:
        run("verify", "0.1.0")
        assert (run.code, run.out) == (0, "0.1.0: every file is as it was released; not signed\n")
        run("verify", "0.2.0", "--registry", served, "--json")
        assert (run.code, json.loads(run.out)) == (0, [])

    def test_every_damage_is_named(self, run: Run, release: Path) -> None:
        data = (release / TABLE).read_bytes()
        (release / TABLE).write_bytes(data[:-1] + b"!")
        (release / "README.md").unlink()
        (release / "more.txt").write_text("more")
        run("verify", release)
        assert run.code == 1
        assert "README.md\n  is missing; SHA256SUMS names it [release-missing]\n" in run.out
        assert f"{TABLE}\n  was altered: expected sha256 " in run.out
        assert run.out.endswith("\n3 findings in 3 places\n")
        run("verify", release, "--json")
        assert run.code == 1
        found = {entry["file"]: entry["rule"] for entry in json.loads(run.out)}
        assert found == {TABLE: "release-altered", "README.md": "release-missing", "more.txt": "release-extra"}

    def test_a_missing_descriptor_is_a_finding(self, run: Run, release: Path) -> None:
        (release / "datapackage.json").unlink()
        assert (run("verify", release).code, run.err) == (1, "")
        assert run.out.startswith("datapackage.json\n  is missing; SHA256SUMS names it")

    @pytest.mark.usefixtures("unread")
    def test_the_signature_comes_from_the_registry(self, run: Run, release: Path, tmp_path: Path) -> None:
        for name in ("mine", "other"):
            keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(tmp_path / name)]
            subprocess.run(keygen, check=True)
        mine, other = ((tmp_path / f"{name}.pub").read_text().strip() for name in ("mine", "other"))
        command = ["ssh-keygen", "-Y", "sign", "-f", str(tmp_path / "mine"), "-n", "file", str(release / "SHA256SUMS")]
        subprocess.run(command, check=True, capture_output=True)
        publish(release, str(tmp_path / "registry"))
        (tmp_path / "registry/0.1.0/SHA256SUMS.minisig").write_text("garbage")
        with releases.serving(tmp_path / "registry") as (url, _):
            run("verify", "0.1.0", "--registry", url, "--key", mine)
            assert (run.code, run.err) == (0, "")
            assert run.out.endswith(": every file is as it was released; signed with ssh, by the given key\n")
            run("verify", "0.1.0", "--registry", url, "--key", other)
            assert run.code == 1
            assert "SHA256SUMS.sig\n  is not of the given key: " in run.out
            run("verify", "0.1.0", "--registry", url)
            assert run.out.endswith("signed with minisign and ssh; give the public key with --key to check it\n")
            run("verify", "0.1.0", "--registry", url, "--key", tmp_path / "mine.pub")
            assert run.out.endswith("signed with ssh, by the given key\n")
            (tmp_path / "repository/keys").mkdir(parents=True)
            shutil.copy(tmp_path / "mine.pub", tmp_path / "repository/keys/ida.pub")
            run("verify", "0.1.0", "--registry", url, "--root", tmp_path / "repository")
            assert run.out.endswith(": every file is as it was released; signed with ssh by ida\n")

    def test_a_key_needs_a_signature(self, run: Run, release: Path) -> None:
        (release / "README.md").unlink()
        run("verify", release, "--key", "ssh-ed25519 AAAA")
        assert run.code == 1
        assert "README.md\n  is missing" in run.out
        assert "SHA256SUMS.sig\n  is missing, and a key to check it with is given [release-signature]" in run.out

    @pytest.mark.usefixtures("unread")
    def test_rebuild_needs_the_commit(self, run: Run, release: Path, package: Path) -> None:
        repositories.git(package, "init", "--quiet")
        repositories.commit(package)
        run("verify", release, "--rebuild", "--root", package)
        assert (run.code, run.out) == (2, "")
        assert f"neither commit {'0' * 40} nor another with the same data/raw" in run.err

    def test_mistakes(self, run: Run, tmp_path: Path) -> None:
        run("verify", tmp_path)
        assert (run.code, run.err) == (
            2, f"datapkg: no datapackage.json in {tmp_path}; expected the folder of a release or of a repository\n",
        )  # fmt: skip


class TestPublish:
    def test_to_a_folder_and_again(self, run: Run, inside: Path, release: Path, tmp_path: Path) -> None:
        shop = tmp_path / "shop"
        many = len(releases.contents(release))
        run("publish", release, shop)
        assert (run.code, run.out) == (0, f"published 0.1.0 to {shop}: {many} files\n")
        run("publish", "0.1.0", shop.as_uri())
        assert (run.code, run.out) == (0, f"0.1.0 was already published to {shop.as_uri()}; nothing to do\n")
        (shop / "0.1.0" / TABLE).unlink()
        assert "1 damaged or missing files were copied again" in run("publish", release, shop).out
        assert run("show", "people", "--version", "0.1.0", "--registry", shop).code == 0

    def test_another_content_under_the_same_version(self, run: Run, release: Path, tmp_path: Path) -> None:
        assert run("publish", release, tmp_path / "shop").code == 0
        (release / "README.md").write_text("another")
        assert run("publish", release, tmp_path / "shop").code == 1
        assert "README.md is not the file that SHA256SUMS promises" in run.err
        releases.seal(release)
        assert run("publish", release, tmp_path / "shop").code == 2
        assert "already published" in run.err
        assert "a release never changes" in run.err

    @pytest.mark.parametrize(
        ("url", "code", "message"),
        [
            ("s3:bucket/x", 2, "'s3:bucket/x' is neither a folder nor a URL; did you mean 's3://bucket/x'?"),
            ("htp://e.example/x", 2, "htp://e.example/x is no URL that fsspec can open: Protocol not known: htp"),
            ("http://127.0.0.1:9/x", 2, "http://127.0.0.1:9/x can only be read; publish to a folder or a store"),
            ("/proc/nowhere", 1, "cannot publish to /proc/nowhere: "),
        ],
    )
    def test_a_bad_url(self, run: Run, release: Path, url: str, code: int, message: str) -> None:
        run("publish", release, url)
        assert (run.code, run.out) == (code, "")
        assert message in run.err

    def test_what_is_no_release(self, run: Run, inside: Path, tmp_path: Path) -> None:
        assert run("publish", inside, tmp_path / "shop").code == 2
        assert "is no release: it has no release.json" in run.err
        assert run("publish", "0.7.0", tmp_path / "shop").code == 2


class TestVersions:
    def test_in_every_form(self, run: Run, inside: Path, published: Path) -> None:
        lines = run("versions").out.splitlines()
        assert lines[0].split() == ["version", "created", "installed", "newer"]
        assert lines[2].split() == ["0.1.0", "2024-05-01", "true", "false"]
        out = run("versions", "--csv", "--registry", published).out
        assert out == "version,created,installed,newer\n0.1.0,2024-05-01,true,false\n0.2.0,2024-05-01,false,true\n"
        assert [entry["newer"] for entry in json.loads(run("versions", "--json", "--registry", published).out)] == [
            False,
            True,
        ]
        assert (run.code, run.err) == (0, "")

    def test_as_last_seen(self, run: Run, inside: Path, published: Path) -> None:
        with releases.serving(published) as (url, _):
            assert run("versions", "--registry", url).err == ""
        run("versions", "--csv", "--registry", url)
        assert (run.code, len(run.out.splitlines())) == (0, 3)
        assert run.err.startswith(f"datapkg: {url}/index.json cannot be read: no connection")
        assert run.err.endswith("; these are the releases as last seen\n")

    def test_unreachable(self, run: Run, inside: Path) -> None:
        run("versions", "--registry", "http://127.0.0.1:9/x")
        assert (run.code, run.out) == (1, "")
        assert "holds nothing of this registry" in run.err


class TestCite:
    def test_the_release_and_rows(self, run: Run, inside: Path) -> None:
        assert run("cite").out.startswith("@misc{invented-chips-0.1.0,")
        assert run.out.count("@misc") == 1
        assert run("cite", "market_shares").out.count("@misc") == 3
        some = run("cite", "market_shares", "--where", "period=2023-Q4", "--style", "apa").out.splitlines()
        assert len(some) == 2
        assert some[1].startswith("Nordlicht Semi. (2024). [Nordlicht Semi reports a record year]")
        early = run("cite", "market_shares", "--known-by", "2024-03", "--style", "csl-json").out
        assert [entry["id"] for entry in json.loads(early)] == ["invented-chips-0.1.0", "nordlicht-results-2024"]
        assert run.code == 0

    def test_of_a_folder_and_a_registry(self, run: Run, inside: Path, built: Path, served: str) -> None:
        assert "invented-chips-1.2.3" in run("cite", "--root", built).out
        assert "invented-chips-0.2.0" in run("cite", "people", "--version", "0.2.0", "--registry", served).out

    def test_mistakes(self, run: Run, inside: Path) -> None:
        for option in ("--where", "--known-by"):
            run("cite", option, "2024=1")
            assert (run.code, run.out) == (2, "")
            assert run.err == f"datapkg: {option} needs a table: datapkg cite TABLE --where column=value\n"
        assert "did you mean 'ieee'" in run("cite", "--style", "iee").err
        assert run.code == 2
        assert "did you mean 'market_shares'" in run("cite", "market_share").err
        assert "compares nothing" in run("cite", "market_shares", "--where", "period").err


class TestEnvironment:
    def test_registry_and_cache(
        self, run: Run, inside: Path, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATAPKG_REGISTRY", served)
        shown = run("show", "market_shares", "--version", "0.2.0", "--columns", "share_pct", "--csv")
        assert shown.out == "share_pct\n43.0\n45.0\n"
        assert list((tmp_path / "cache").rglob("market_shares.parquet"))
        assert len(json.loads(run("versions", "--json").out)) == 2
        monkeypatch.setenv("DATAPKG_CACHE", str(tmp_path / "other"))
        run("tables", "--version", "0.2.0")
        assert run.code == 0
        assert (tmp_path / "other").is_dir()
        assert run("trace", "people", "x", "--version", "0.2.0").code == 2
        assert run("sql", "SELECT 1 AS one", "--version", "0.2.0", "--csv").out == "one\n1\n"

    def test_the_argument_wins(self, run: Run, inside: Path, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATAPKG_REGISTRY", "http://127.0.0.1:9/x")
        assert run("versions").code == 1
        assert len(json.loads(run("versions", "--registry", published, "--json").out)) == 2

    def test_pinned_whatever_the_registry_has(
        self, run: Run, inside: Path, published: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATAPKG_REGISTRY", str(published))
        assert "0.1.0" in run("cite").out

    def test_a_folder_and_a_release_do_not_go_together(self, run: Run, inside: Path, built: Path) -> None:
        run("tables", "--root", built, "--version", "0.1.0")
        assert (run.code, run.out) == (2, "")
        assert run.err.startswith("datapkg: --root names a folder instead of a release; leave out --version")
