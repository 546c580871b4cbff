"""`datapkg build --claims PATH --on-error ...`: claims from elsewhere, and what becomes of those that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bulk
import fsspec
import pyarrow.parquet as pq
import pytest
from bulk import SOURCE, share
from runs import Run

from datapkg import build as building
from datapkg.check import USUAL

RESULTS = "data/raw/claims/nordlicht-results-2024.yaml"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the two outside tools, which have nothing to say about where claims come from."""
    usual = tuple(kind for kind in USUAL if kind in ("claims", "schema", "rules", "package"))
    monkeypatch.setattr(building.build, "__defaults__", (usual, *(building.build.__defaults__ or ())[1:]))


def claims(root: Path) -> dict[str, str]:
    """Return the claims of the weekly in the tables, with the file that each is recorded in."""
    rows = pq.read_table(root / "data/processed/claims.parquet").to_pylist()
    return {r["claim_id"]: r["recorded_in"] for r in rows if r["source_id"].startswith("weekly")}


def places(printed: str) -> list[str]:
    """Return the files and lines of findings as they are printed."""
    return [line.partition(":")[0] for line in printed.splitlines() if line and "finding" not in line]


def left(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "data/quarantine.jsonl").read_text("utf-8").splitlines()]


def test_claims_from_a_folder_and_from_a_url(good: Path, tmp_path: Path, run: Run) -> None:
    folder = bulk.write(tmp_path / "elsewhere", share(2021))
    other = {**SOURCE, "source_id": "weekly-2", "url": "https://weekly.example/2"}
    fs = fsspec.filesystem("memory")
    fs.pipe("/bulk/a.sources.jsonl", json.dumps(other).encode())
    fs.pipe("/bulk/a.jsonl", json.dumps(share(2020, source_id="weekly-2")).encode())
    more = ["--claims", folder, "--claims", "memory://bulk"]
    done = run("build", "--root", good, *more)
    assert (done.code, done.err) == (0, "")
    assert claims(good) == {
        "weekly/share-2021": (folder / "weekly.jsonl").as_posix(),
        "weekly-2/share-2020": "memory:///bulk/a.jsonl",
    }
    assert run("build", "--root", good, "--check", *more).out == "up to date\n"
    assert run("build", "--root", good, "--check").code == 1


def test_one_bad_line_stops_the_build_unless_it_may_be_left_out(good: Path, tmp_path: Path, run: Run) -> None:
    bad = [share(2020), "{", share(2021, certainty="sure"), share(2019, company="Nobody"), share(2018), share(2018)]
    folder = bulk.write(tmp_path / "elsewhere", *bad)
    done = run("build", "--root", good, "--claims", folder)
    assert done.code == 1
    assert places(done.out) == [f"{folder}/weekly.jsonl", "  2", "  3", "  4", "  6"]
    assert done.err == "datapkg: 4 findings; nothing was written\n"
    assert not (good / "data/processed").exists()
    assert not (good / "data/quarantine.jsonl").exists()
    done = run("build", "--root", good, "--claims", folder, "--on-error", "quarantine")
    listed = good / "data/quarantine.jsonl"
    assert (done.code, done.err) == (3, f"datapkg: 4 lines in bulk left out; listed in {listed}\n")
    assert [*claims(good)] == ["weekly/share-2018", "weekly/share-2020"]
    assert [(r["line"], r["claim_id"], r["rule"]) for r in left(good)] == [
        (2, None, "json-syntax"),
        (3, "weekly/share-2021", "unknown-value"),
        (4, "weekly/share-2019", "unknown-name"),
        (6, "weekly/share-2018", "duplicate-claim"),
    ]
    check = run("build", "--root", good, "--check", "--claims", folder, "--on-error", "quarantine")
    assert (check.code, check.out) == (3, "up to date\n")
    assert check.err == f"datapkg: 4 lines in bulk left out; a build lists them in {listed}\n"
    bulk.write(folder, share(2020), share(2018))
    assert run("build", "--root", good, "--claims", folder, "--on-error", "quarantine").code == 0
    assert not listed.exists()


def test_claims_of_a_source_that_is_left_out_are_listed_too(good: Path, run: Run) -> None:
    folder = good / "data/raw/bulk"
    bulk.write(folder, share(2020), source={**SOURCE, "title": "The\u200bWeekly"})
    bulk.lines(folder / "x.sources.jsonl", [{**SOURCE, "source_id": "weekly-2", "tier": "some"}])
    bulk.lines(folder / "x.jsonl", [share(2020, source_id="weekly-2")])
    corrections = good / "data/raw/corrections.yaml"
    text = corrections.read_text("utf-8")
    entry = "- {claim: weekly/share-2020, field: share_pct, expect: 40.5, value: 41, reason: It is., "
    entry += "evidence: [weekly-2/share-2020], by: us, date: 2026-06-02}\n"
    assert "corrections:\n" in text
    corrections.write_text(text.replace("corrections:\n", f"corrections:\n{entry}", 1), "utf-8")
    done = run("build", "--root", good, "--on-error", "quarantine")
    assert (done.code, claims(good)) == (3, {}), done.out
    assert [(r["file"].rpartition("/")[2], r["rule"]) for r in left(good)] == [
        ("weekly.jsonl", "unread-source"),
        ("weekly.sources.jsonl", "text-form"),
        ("x.jsonl", "unread-source"),
        ("x.sources.jsonl", "unknown-value"),
    ]
    assert done.err.startswith("datapkg: 4 lines in bulk left out; listed in ")


def test_what_a_claim_lacks_once_another_is_left_out(good: Path, run: Run) -> None:
    deal = {**share(2020), "claim": "deal"}
    del deal["market_share"]
    whole = {**deal, "claim": "signed", "says": "", "deal": {"id": "zephyr-loan", "status": "signed"}}
    bulk.write(good / "data/raw/bulk", share(2019), {**deal, "deal": {"id": "zephyr-loan", "kind": "loan"}}, whole)
    assert run("build", "--root", good, "--on-error", "quarantine").code == 3
    assert [*claims(good)] == ["weekly/share-2019"]
    assert [(r["line"], r["rule"]) for r in left(good)] == [(2, "missing-field"), (3, "wrong-type")]


def test_what_is_wrong_with_a_file_or_elsewhere_always_stops_the_build(good: Path, run: Run) -> None:
    bulk.write(good / "data/raw/bulk", share(2020), "{")
    (good / "data/raw/bulk/a.parquet").write_bytes(b"PAR1")
    path = good / RESULTS
    path.write_text(path.read_text("utf-8").replace("certainty: asserted", "certainty: sure", 1), "utf-8")
    done = run("build", "--root", good, "--on-error", "quarantine")
    assert done.code == 1
    assert places(done.out) == [
        "data/raw/bulk/a.parquet", "  is no whole Parquet file (Parquet file size is 4 bytes, smaller than the minimum "
        "file footer (8 bytes)); make or copy it again [unreadable-file]", RESULTS, "  18",
    ]  # fmt: skip
    assert not (good / "data/processed").exists()


def test_claims_that_are_not_there(good: Path, run: Run) -> None:
    done = run("build", "--root", good, "--claims", good / "nowhere")
    assert done.err == f"datapkg: no files of claims at {good}/nowhere; expected .jsonl or .parquet\n"
    assert done.code == 2
    assert run("build", "--root", good, "--on-error", "ignore").code == 2
