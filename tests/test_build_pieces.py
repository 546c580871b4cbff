"""Claims that are too many to be held: the same bytes, the same findings, and nothing half done."""

from __future__ import annotations

import errno
import io
import shutil
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import bulk
import duckdb
import pytest
from bulk import SOURCE, share
from runs import Run

from datapkg import build as building
from datapkg.claims import batches, pieces
from datapkg.cli import progress
from datapkg.facts import pieces as files
from datapkg.facts import using
from datapkg.model import CheckFailed, Layout, WriteError

KINDS = ("claims", "schema", "rules", "package")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nine claims be too many, and facts be made of a dozen observations at a time."""
    monkeypatch.setattr(building, "HELD", 8)
    monkeypatch.setattr(batches, "ROWS", 4)
    monkeypatch.setattr(pieces, "SOURCES", 4)
    made = files.consolidated_pieces
    monkeypatch.setattr(building, "consolidated_pieces", lambda *given, **more: made(*given, **{**more, "size": 12}))


def written(root: Path) -> dict[str, bytes]:
    """Return the bytes of what a build writes, by path."""
    paths = [*(root / "data/processed").rglob("*.parquet"), root / "datapackage.json"]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def build(root: Path, **bulked: Any) -> building.Tables:
    return building.build(Layout(root), KINDS, bulk=building.Bulk(**bulked))


def refused(root: Path, **bulked: Any) -> list[str]:
    with pytest.raises(CheckFailed) as failed:
        build(root, **bulked)
    return [str(finding) for finding in failed.value.findings]


@pytest.fixture
def twins(good: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[Callable[[Path], Any]], list[Any]]:
    """Return what does the same to two repositories with all claims in bulk: held, and from file to file."""
    bulk.instead_of_files(good)
    other = Path(shutil.copytree(good, tmp_path / "other" / "good"))

    def both(act: Callable[[Path], Any]) -> list[Any]:
        held = act(good)
        request.getfixturevalue("few")
        return [held, act(other)]

    return both


Twins = Callable[[Callable[[Path], Any]], list[Any]]


def test_files_are_the_same_byte_for_byte(twins: Twins) -> None:
    def act(root: Path) -> tuple[dict[str, int], bool, dict[str, bytes]]:
        made = build(root)
        return made.counts, bool(made.tables), written(root)

    (counts, held, before), (rows, still, after) = twins(act)
    assert (held, still) == (True, False)  # what is too much to be held is in files alone
    assert counts == rows
    assert before.keys() == after.keys()
    assert [path for path in before if before[path] != after[path]] == []


def test_an_engine_makes_the_same_bytes(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ASKED", 20)  # more than are made facts at once without one

    def act(root: Path) -> dict[str, bytes]:
        with using("polars" if root.parent.name == "other" else None) as on:
            building.build(Layout(root), KINDS, on=on)
        return written(root)

    before, after = twins(act)
    assert [path for path in before if before[path] != after[path]] == []


def test_row_groups_are_those_of_a_table_that_is_held(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("datapkg.build", "datapkg.package.parquet"):
        monkeypatch.setattr(import_module(module), "ROW_GROUP", 7)

    def act(root: Path) -> dict[str, bytes]:
        build(root)
        return written(root)

    before, after = twins(act)
    assert [path for path in before if before[path] != after[path]] == []


def test_findings_are_the_same_with_their_lines(twins: Twins) -> None:
    """An id that is taken, an unknown name, a broken rule, a claim that a correction names, and none of its kind."""

    def act(root: Path) -> list[str]:
        bulk.write(root / "data/raw/bulk", *(share(year) for year in range(2001, 2020)), share(2003), share(2018))
        bulk.lines(root / "data/raw/bulk/x.jsonl", [share(2020, company="Nobody"), share(2021, certainty="sure")])
        return refused(root)

    held, after = twins(act)
    assert held == after
    assert sum("claim id is taken; first given at data/raw/bulk/weekly.jsonl:" in line for line in after) == 2
    assert len(after) == 4


def test_what_rules_find_has_its_line(twins: Twins) -> None:
    def act(root: Path) -> list[str]:
        claims = [share(year) for year in range(2001, 2020)]
        bulk.write(root / "data/raw/bulk", *claims, share(2022, share_pct=140, claim="more"))
        return refused(root)

    held, after = twins(act)
    assert held == after
    assert after[0].startswith("data/raw/bulk/weekly.jsonl:20: weekly/more: ")


@pytest.mark.usefixtures("few")
def test_an_id_that_only_seems_to_be_taken(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk.instead_of_files(good)
    build(good)
    before = written(good)
    monkeypatch.setattr(pieces, "hash", lambda text: len(text) % 3, raising=False)
    build(good)
    assert written(good) == before


def test_claims_are_left_out_alike(twins: Twins) -> None:
    def act(root: Path) -> tuple[list[str], dict[str, bytes], bytes]:
        bad = ["{", share(2020, certainty="sure"), share(2019, company="Nobody"), share(2010), share(2011)]
        bulk.write(root / "data/raw/bulk", *(share(year) for year in range(2005, 2014)), *bad, share(2018))
        source = {**SOURCE, "source_id": "odd", "title": "The\u200bOdd", "url": "https://odd.example"}
        bulk.lines(root / "data/raw/bulk/y.sources.jsonl", [source])
        odd = [share(year, source_id="odd", claim=f"odd-{year}") for year in range(2005, 2018)]
        bulk.lines(root / "data/raw/bulk/y.jsonl", odd)
        made = build(root, quarantine=True)
        return [str(f) for f in made.left], written(root), (root / "data/quarantine.jsonl").read_bytes()

    held, after = twins(act)
    assert held[0] == after[0]
    assert len(held[0]) == 19
    assert [path for path in held[1] if held[1][path] != after[1][path]] == []
    assert held[2] == after[2]


@pytest.mark.usefixtures("few")
def test_so_many_findings_that_no_more_are_read(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MANY", 5)
    bulk.write(good / "data/raw/bulk", *(share(year, company="Nobody") for year in range(1990, 2020)))
    found = refused(good)
    assert len([line for line in found if "Nobody" in line]) < 30
    assert any(line.endswith(": more than 5 findings; no more claims were read [too-many-findings]") for line in found)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("error", [duckdb.IOException("No space left on device\nmore"), OSError(errno.ENOSPC, "full")])
def test_a_full_disk_leaves_what_was_there(good: Path, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk.instead_of_files(good)
    build(good)
    before = written(good)

    def fail(*given: Any) -> Any:
        raise error

    monkeypatch.setattr(files.Sink, "ordered", fail)
    with pytest.raises(WriteError, match=r"cannot write to .*(No space left on device|full); the tables are as they"):
        build(good)
    assert written(good) == before
    assert [path for path in good.iterdir() if path.name.startswith(".datapkg")] == []


@pytest.mark.usefixtures("few")
def test_the_command_says_how_far_it_is(good: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk.instead_of_files(good)
    monkeypatch.setattr(building.build, "__defaults__", (KINDS, *(building.build.__defaults__ or ())[1:]))
    monkeypatch.setattr(progress, "SELDOM", 0.0)
    done = run("build", "--root", good)
    size = (good / "data/raw/bulk/all.jsonl").stat().st_size + (good / "data/raw/bulk/all.sources.jsonl").stat().st_size
    assert done.code == 0
    assert " tables, " in done.out
    assert f"{size:,} of {size:,} bytes of claims, " in done.err
    assert " observations, " in done.err
    assert "a second, 0 s left\n" in done.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, clock = Terminal(), iter([0.0, 0.1, 1.0, 61.0, 61.2])
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(progress, "perf_counter", lambda: next(clock))
    tell = progress.Progress()
    tell.end()
    for done, every in ((0, 100), (10, 100), (10, 1000), (100, 0), (100, 0)):
        tell("claims", done, every)
    tell.end()
    assert shown.getvalue().split("\r\x1b[K") == [
        "",
        "10 of 1,000 claims, 10 a second, 2 min left",
        "100 claims, 2 a second",
        "",
    ]
