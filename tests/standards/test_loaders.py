"""The dataset card by `datasets`, SHA256SUMS by sha256sum, and all that VERIFY.md tells people to run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import made
import pytest
import yaml
from conftest import Run, edit, expected, flip, resources

LOAD = """
import json, os, sys
from datasets import get_dataset_config_names, load_dataset
names = sys.argv[1:] or get_dataset_config_names(os.getcwd())
print(json.dumps({name: load_dataset(os.getcwd(), name, split="train").to_list() for name in names}, default=str))
"""
ARTICLE = made.repository().root / "tests" / "good"


def datasets(run: Run, folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-c", LOAD, *names, folder=folder)


def test_datasets_loads_every_configuration(whole: Path, run: Run) -> None:
    done = datasets(run, whole)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    full = [name for name in resources(whole) if expected(whole, name)]
    assert sorted(found) == sorted(full)
    for name, rows in found.items():
        assert rows == json.loads(json.dumps(expected(whole, name), default=str)), name


@pytest.mark.parametrize("damage", ["path", "name", "short"])
def test_datasets_refuses(small: Path, run: Run, damage: str) -> None:
    if damage == "path":
        edit(small / "README.md", "data_files: data/market_shares.parquet", "data_files: data/shares.parquet")
    elif damage == "name":
        edit(small / "README.md", "config_name: market_shares", "config_name: shares")
    else:
        path = small / "data" / "market_shares.parquet"
        path.write_bytes(path.read_bytes()[:-20])
    done = datasets(run, small, "market_shares")
    assert done.returncode == 1
    assert "shares" in done.stderr


def test_the_front_matter_names_every_table_with_rows(release: Path) -> None:
    front = yaml.safe_load((release / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    paths = {entry["config_name"]: entry["data_files"] for entry in front["configs"]}
    assert paths == {n: entry["path"] for n, entry in resources(release).items() if entry["rows"]}
    assert sum(bool(entry.get("default")) for entry in front["configs"]) == 1


def files(folder: Path) -> subprocess.CompletedProcess[str]:
    return made.shell(made.blocks(folder, "sh")[0], folder)


def test_sha256sum_accepts(release: Path) -> None:
    done = files(release)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("damage", ["flipped", "missing", "added", "renamed", "swapped", "malformed"])
def test_sha256sum_refuses(small: Path, damage: str) -> None:
    path, other = small / "data" / "markets.parquet", small / "data" / "market_ranks.parquet"
    if damage == "flipped":
        flip(path)
    elif damage == "missing":
        path.unlink()
    elif damage == "added":
        (small / "data" / "more.parquet").write_bytes(b"")
    elif damage == "renamed":
        path.rename(small / "data" / "market.parquet")
    elif damage == "swapped":
        kept = path.read_bytes()
        path.write_bytes(other.read_bytes())
        other.write_bytes(kept)
    else:
        edit(small / "SHA256SUMS", "  data/markets", " data/markets")
    done = files(small)
    assert done.returncode == 1
    assert damage == "malformed" or "data/mar" in done.stdout + done.stderr or "data/more" in done.stdout


def test_content_hash_is_what_duckdb_writes(release: Path, tmp_path: Path) -> None:
    command = next(block for block in made.blocks(release, "sh") if block.startswith("duckdb -c"))
    query, target = command.split('"')[1], tmp_path / "content.csv"
    path = query.split("'")[1]
    duckdb.sql(query.replace("/tmp/content.csv", str(target)).replace(path, str(release / path)))
    mirror = command.split("/tmp/content.csv ")[1].strip()
    assert target.read_bytes() == (release / mirror).read_bytes()


def claims(folder: Path, source: str, article: Path) -> subprocess.CompletedProcess[str]:
    """Run the check of an article that VERIFY.md prints."""
    code = made.blocks(folder, "python")[0]
    return subprocess.run(
        [sys.executable, "-I", "-c", code, source, str(article)], cwd=folder, capture_output=True, text=True
    )


@pytest.mark.parametrize("article", sorted((ARTICLE / "articles").glob("*.txt")), ids=lambda path: path.stem)
def test_claims_are_proven_without_our_code(invented: Path, article: Path, tmp_path: Path) -> None:
    done = claims(invented, article.stem, article)
    assert (done.returncode, done.stderr) == (0, "")
    assert "all as published" in done.stdout
    changed = tmp_path / article.name
    changed.write_bytes(b"\xef\xbb\xbf" + article.read_bytes().replace(b"\n", b"\r\n"))
    assert claims(invented, article.stem, changed).returncode == 0
    changed.write_text("One more line.\n" + article.read_text(encoding="utf-8"), encoding="utf-8")
    done = claims(invented, article.stem, changed)
    assert done.returncode == 1
    assert "not as published" in done.stdout
    assert claims(invented, "nothing", article).returncode == 1


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen")
def test_an_ssh_signature_is_verified_as_printed(small: Path, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    made.full(small, (tmp_path / "key.pub").read_text().strip())
    sign = ["ssh-keygen", "-Y", "sign", "-f", str(tmp_path / "key"), "-n", "file", str(small / "SHA256SUMS")]
    subprocess.run(sign, check=True, capture_output=True)
    lines = next(block for block in made.blocks(small, "sh") if "ssh-keygen" in block)
    lines = lines.replace("/tmp/allowed_signers", str(tmp_path / "allowed_signers"))
    assert made.shell(lines, small).returncode == 0
    assert files(small).returncode == 0
    flip(small / "SHA256SUMS", 0)
    assert made.shell(lines, small).returncode != 0
