"""release.json of a stranger: whatever it holds, its readers say what is wrong with it, and nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fuzzing import JSON, bounded, nearly
from hypothesis import given
from hypothesis import strategies as st
from repositories import Released

from datapkg.compare.packages import withdrawn
from datapkg.model.errors import ConfigError, DatapkgError, IntegrityError
from datapkg.registry.index import describe, version_in
from datapkg.release import verify

RECORD = {"version": "0.1.0", "created": "2031-05-09", "commit": "0" * 40, "policy": 1,
          "tables": {"things": {"sha256": "1" * 64, "content_sha256": "2" * 64, "rows": 2}},
          "withdrawn": [{"id": "page/claim", "reason": "said twice"}]}  # fmt: skip


@pytest.fixture(scope="module")
def folder(released: Released, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of few files, which are read again each time."""
    folder = tmp_path_factory.mktemp("records") / "0.1.0"
    for path in ("datapackage.json", "data/terms.parquet", "schemas/terms.json", "schemas/facts.json"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(released.folder / path, folder / path)
    return folder


def _told(folder: Path, text: str) -> None:
    """Read a release.json in each way in which one is read."""
    path = folder / "release.json"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    sums = sorted(file for file in folder.rglob("*.*") if file.is_file() and file.name != "SHA256SUMS")
    listing = "".join(f"{_sha(file)}  {file.relative_to(folder).as_posix()}\n" for file in sums)
    (folder / "SHA256SUMS").write_text(listing, encoding="utf-8")
    for call in (
        lambda: describe(folder)[0],
        lambda: version_in(path.read_bytes(), "release.json"),
        lambda: withdrawn(folder),
        lambda: verify(folder, contents=False),
    ):
        with suppress(DatapkgError):
            assert isinstance(call(), (str, dict, list))


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@bounded
@given(nearly(RECORD) | JSON)
def test_a_record_of_any_shape_ends_in_our_errors(folder: Path, value: Any) -> None:
    _told(folder, json.dumps(value))


@bounded
@given(st.text(max_size=200))
def test_a_record_of_any_text_ends_in_our_errors(folder: Path, text: str) -> None:
    _told(folder, text)


def test_what_nests_without_end_is_told(folder: Path) -> None:
    (folder / "release.json").write_text("[" * 100_000)
    with pytest.raises(ConfigError, match="nested too deeply"):
        describe(folder)
    with pytest.raises(ConfigError, match="nested too deeply"):
        withdrawn(folder)
    with pytest.raises(IntegrityError, match="nested too deeply"):
        version_in((folder / "release.json").read_bytes(), "release.json")
