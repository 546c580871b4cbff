"""The releases that are committed here verify, with our code and without it, and index.json says which there are."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from datapkg.model import semver
from datapkg.registry import index as catalog
from datapkg.release import verify

RELEASES = Path(__file__).parents[2] / "data" / "releases"
WORKED_OUT = ("conflicts", "forecast_outcomes", "forecast_scores")
"""Tables whose rows are worked out from facts: one claim may take the place of another that still stands."""
VERSIONS = [path.name for path in sorted(RELEASES.glob("*")) if path.is_dir() and not path.name.startswith(".")]


@pytest.mark.no_cover
@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_verifies(version: str) -> None:
    folder = RELEASES / version
    assert [str(finding) for finding in verify(folder)] == []
    assert json.loads((folder / "release.json").read_bytes())["version"] == version
    command = ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("version", [version for version in VERSIONS if version not in ("0.1.0", "0.2.0")])
def test_every_row_that_is_gone_says_why(version: str) -> None:
    """Apart from what is worked out; the first two releases were made without the list of reasons."""
    rows = pq.read_table(RELEASES / version / "changes.parquet").to_pylist()
    gone = [row for row in rows if row["change"] == "row_removed" and row["table"] not in WORKED_OUT]
    assert [(row["table"], row["key"]) for row in gone if row["reason"] is None] == []


def test_the_index_names_the_releases_that_are_there() -> None:
    path = RELEASES / "index.json"
    if not VERSIONS:
        assert not path.exists()
        return
    index = catalog.parse(path.read_bytes(), str(path))
    assert [record.version for record in index] == semver.ordered(VERSIONS)
    assert index.latest == semver.latest(VERSIONS)
    for record in index:
        folder = RELEASES / record.path
        assert hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest() == record.sha256sums
        assert json.loads((folder / "release.json").read_bytes())["created"] == record.created
        assert json.loads((folder / "datapackage.json").read_bytes())["name"] == index.name
