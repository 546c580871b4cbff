"""Claims in bulk read in several processes: the bytes, findings and lists of one, and nothing left of what fails."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import bulk
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bulk import SOURCE, share
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import Run

from datapkg import build as building
from datapkg.claims import batches, pieces, read
from datapkg.facts import Packer
from datapkg.model import CheckFailed, Layout, in_processes, load_specs, one_by_one, packaged

SPECS = load_specs(packaged().schema_files)
KINDS = ("claims", "schema", "rules", "package")
MAIN = "from datapkg.cli.main import entry; entry()"
FAULTS: tuple[Any, ...] = (
    "{",
    "",
    "3",
    {"claim": "x"},
    share(2040, company="Nobody"),
    share(2041, certainty="sure"),
    share(2042, source_id="nowhere"),
    share(2043, source_id="odd"),
    share(2010),
    share(2044, said_by="Kestrel Reserch"),
    share(2045, says="An\u200bend."),
    share(2046, share_pct=101),
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nine claims be too many, and four make a batch."""
    monkeypatch.setattr(building, "HELD", 8)
    monkeypatch.setattr(batches, "ROWS", 4)
    monkeypatch.setattr(pieces, "SOURCES", 4)


def elsewhere(work: Callable[[Any], Any], things: Iterable[Any]) -> Generator[Any]:
    """Yield what work makes of things as another process would: nothing is shared, and some are taken ahead."""
    there = pickle.loads(pickle.dumps(work))
    every = [pickle.dumps(thing) for thing in things]
    for thing in every:
        yield pickle.loads(pickle.dumps(there(pickle.loads(thing))))


def outcome(root: Path, spread: Any, quarantine: bool) -> dict[str, Any]:
    """Return everything that a build leaves and tells, in its order."""
    told: list[str] = []
    left: list[str] = []
    try:
        made = building.build(Layout(root), KINDS, bulk=building.Bulk(quarantine=quarantine, spread=spread))
        left = [repr(finding) for finding in made.left]
    except CheckFailed as failed:
        told = [repr(finding) for finding in failed.findings]
    paths = [*(root / "data/processed").rglob("*.parquet"), root / "datapackage.json", root / "data/quarantine.jsonl"]
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.exists()}
    return {"told": told, "left": left, "scratch": [p.name for p in root.glob(".datapkg*")], **files}


def alike(root: Path, spreads: Iterable[Any], quarantine: bool) -> dict[str, Any]:
    """Return what a build leaves and tells of one repository in each way, which is the same."""
    every = []
    for number, spread in enumerate(spreads):
        copy = root.parent / f"copy-{number}" / root.name
        shutil.copytree(root, copy)
        every.append(outcome(copy, spread, quarantine))
        shutil.rmtree(copy)
    assert [key for found in every for key in found if found[key] != every[0].get(key)] == []
    assert [[*found] for found in every] == [[*every[0]]] * len(every)
    return every[0]


def faulty(root: Path, parquet: bool) -> None:
    """Write claims with a mistake here and there, in several files of which one is empty."""
    folder = root / "data/raw/bulk"
    odd = {**SOURCE, "source_id": "odd", "title": "The\u200bOdd", "url": "https://odd.example"}
    idle = {**SOURCE, "source_id": "idle", "url": "https://idle.example"}
    bulk.lines(folder / "w.sources.jsonl", [SOURCE, odd, idle])
    bulk.lines(folder / "empty.jsonl", [])
    fine = [share(year) for year in range(1990, 2020)]
    told = [fault for fault in FAULTS if isinstance(fault, dict) and "market_share" in fault] if parquet else FAULTS
    every = [claim for pair in zip(fine, told, strict=False) for claim in pair] + fine[len(told) :]
    for number in range(0, len(every), 13):
        if parquet:
            bulk.rows(folder / f"p/{number:03}.parquet", every[number : number + 13], **PARQUET)
        else:
            bulk.lines(folder / f"{number:03}.jsonl", every[number : number + 13])


SHARE = {"company": pa.string(), "market": pa.string(), "period": pa.string(), "share_pct": pa.float64()}
PARQUET = {"said_by": pa.string(), "market_share": pa.struct(SHARE)}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("quarantine", [False, True], ids=["fatal", "quarantine"])
@pytest.mark.parametrize("parquet", [False, True], ids=["jsonl", "parquet"])
def test_processes_make_the_bytes_and_tell_the_findings_of_one(good: Path, parquet: bool, quarantine: bool) -> None:
    bulk.instead_of_files(good)
    faulty(good, parquet)
    spreads = [one_by_one, elsewhere, partial(in_processes, jobs=3)]  # one job is one_by_one
    found = alike(good, spreads, quarantine)
    assert found["scratch"] == []
    assert len(found["left" if quarantine else "told"]) >= (7 if parquet else 11)
    assert ("datapackage.json" in found) == quarantine
    assert any("claim id is taken; first given at" in line for line in [*found["told"], *found["left"]])


@pytest.mark.usefixtures("few")
def test_without_mistakes_and_with_more_processes_than_files(good: Path) -> None:
    bulk.instead_of_files(good)
    bulk.lines(good / "data/raw/bulk/empty.jsonl", [])
    found = alike(good, [one_by_one, partial(in_processes, jobs=7)], False)
    assert (found["told"], found["left"]) == ([], [])
    assert "datapackage.json" in found


@pytest.mark.usefixtures("few")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.sampled_from(FAULTS), st.integers(1990, 2020).map(share)), min_size=12, max_size=40),
    st.sampled_from([3, 7, 40]),
    st.booleans(),
)
def test_any_claims_are_told_and_left_alike(good: Path, claims: list[Any], each: int, quarantine: bool) -> None:
    folder, layout = good / "data/raw/bulk", Layout(good)
    shutil.rmtree(folder, ignore_errors=True)
    bulk.lines(folder / "w.sources.jsonl", [SOURCE])
    for number in range(0, len(claims), each):
        bulk.lines(folder / f"{number:03}.jsonl", claims[number : number + each])
    found = []
    for spread in (one_by_one, elsewhere):
        curation = read(layout, SPECS, most=8)
        made = pieces.Pieces(curation, Packer(SPECS), quarantine, spread)
        packed, reader = [*made.packed()], curation.reader
        names = [[claim.claim_id for claim in held] for held in (curation.claims, made.twice)]
        told = [reader.findings, made.left, names, [*made.sources.values()]]
        found.append([packed, told, reader.unread, reader.aside, reader.named])
        assert {*made.sources} <= {*reader.known.values()}
    assert found[0] == found[1]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("quarantine", [False, True])
def test_rows_that_cannot_be_read_end_their_file(good: Path, quarantine: bool) -> None:
    """A digest that is given twice in one row: no row of its batch, and none after it, is read."""
    bulk.instead_of_files(good)
    folder = good / "data/raw/bulk"
    kind = pa.struct({"row": pa.string(), "columns": pa.map_(pa.string(), pa.string())})
    claims = [{**share(year), "cells": None} for year in range(2000, 2020)]
    claims[6]["cells"] = {"row": "1", "columns": [("a", "x"), ("a", "y")]}
    claims[12]["cells"] = claims[6]["cells"]
    bulk.lines(folder / "w.sources.jsonl", [SOURCE])
    texts = dict.fromkeys(("source_id", "claim", "says", "certainty"), pa.string())
    table = pa.Table.from_pylist(claims, pa.schema({**texts, **PARQUET, "cells": kind}))
    pq.write_table(table, folder / "z.parquet")
    bulk.lines(folder / "zz.jsonl", [share(2025), share(2026), share(2027, certainty="sure")])
    found = alike(good, [one_by_one, elsewhere], quarantine)
    (whole,) = (line for line in found["told"] if "is no whole Parquet file" in line)
    assert "; 4 rows could be read; make or copy it again" in whole
    assert any("zz.jsonl', line=3" in line for line in found["told"]) != quarantine  # where it would be left out


@pytest.mark.usefixtures("few")
def test_reading_ends_at_the_same_place_after_many_findings(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MANY", 9)
    bulk.write(good / "data/raw/bulk", *(share(year, company="Nobody") for year in range(1990, 2030)))
    bulk.lines(good / "data/raw/bulk/x.jsonl", ["{"] * 40)
    found = alike(good, [one_by_one, elsewhere, partial(in_processes, jobs=2)], False)
    assert sum("more than 9 findings; no more claims were read" in line for line in found["told"]) == 1
    assert "x.jsonl" not in str(found["told"])


class TestCommand:
    @pytest.mark.parametrize("jobs", ["0", "-1", "two", "1000", "²"])
    def test_a_number_that_is_none(self, good: Path, run: Run, jobs: str) -> None:
        done = run("build", "--root", good, f"--jobs={jobs}")
        assert done.code == 2
        assert f"argument --jobs: expected a number of processes, from 1 to 999; found '{jobs}'" in done.err

    @pytest.mark.parametrize(("argument", "jobs"), [([], 6), (["--jobs", "1"], 1), (["--jobs", "3"], 3)])
    def test_how_many_there_are(
        self, good: Path, run: Run, monkeypatch: pytest.MonkeyPatch, argument: list[str], jobs: int
    ) -> None:
        seen: list[Any] = []

        def build(layout: Layout, bulk: building.Bulk, **given: Any) -> building.Tables:
            seen.append(bulk.spread)
            return building.Tables({}, {})

        monkeypatch.setattr(os, "cpu_count", lambda: 6)
        monkeypatch.setattr(building, "build", build)
        assert run("build", "--root", good, *argument).code == 0
        assert (seen[0].func, seen[0].keywords) == (in_processes, {"jobs": jobs})


MANY = 60_000
"""Claims that take two processes some seconds."""


@pytest.fixture
def long(good: Path) -> Path:
    """A repository with tables, and claims in bulk that came since."""
    building.build(Layout(good), KINDS)
    claim, folder = json.dumps(share(2022)), good / "data/raw/bulk"
    bulk.lines(folder / "w.sources.jsonl", [SOURCE])
    bulk.lines(folder / "w.jsonl", (claim.replace('"share-2022"', f'"share-{n}"') for n in range(MANY)))
    return good


def children(pid: int) -> dict[int, str]:
    """Return the processes that one has begun, and those that these have begun, with their commands."""
    found: dict[int, str] = {}
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for name in file.read_text().split():
            found[int(name)] = Path(f"/proc/{name}/cmdline").read_text().replace("\0", " ")
            found |= children(int(name))
    return found


def until(true: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def written(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file() and "raw" not in path.parts]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def begun(long: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A build in two processes that are at work, and their numbers."""
    command = [sys.executable, "-c", MAIN, "build", "--root", str(long), "--jobs", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as build:
        try:
            until(lambda: len(workers(build.pid)) == 2 or build.poll() is not None)
            assert build.poll() is None, build.communicate()
            time.sleep(0.3)
            yield build, [*workers(build.pid)]
        finally:
            build.kill()


def workers(pid: int) -> list[int]:
    try:
        return [child for child, command in children(pid).items() if "multiprocessing.spawn" in command]
    except OSError:  # one of them ended meanwhile
        return []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find processes")
class TestEnds:
    def test_interrupted_by_the_terminal(self, begun: tuple[subprocess.Popen[str], list[int]], long: Path) -> None:
        before, (build, there) = written(long), begun
        os.killpg(build.pid, signal.SIGINT)
        out, err = build.communicate(timeout=60)
        assert (build.returncode, out, err) == (130, "", "")
        self.nothing_is_left(there, long, before)

    def test_a_worker_that_is_killed(self, begun: tuple[subprocess.Popen[str], list[int]], long: Path) -> None:
        before, (build, there) = written(long), begun
        os.kill(there[0], signal.SIGKILL)
        out, err = build.communicate(timeout=60)
        assert (build.returncode, out) == (1, "")
        assert err.startswith(f"datapkg: process {there[0]} was killed by signal 9 before its work was done; nothing ")
        assert err.count("\n") == 1
        self.nothing_is_left(there, long, before)

    def test_killed_itself(self, begun: tuple[subprocess.Popen[str], list[int]], long: Path) -> None:
        build, there = begun
        build.kill()
        until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in there))

    def nothing_is_left(self, there: list[int], root: Path, before: dict[str, bytes]) -> None:
        assert not [worker for worker in there if Path(f"/proc/{worker}").exists()]
        after = written(root)
        assert {name: data for name, data in after.items() if not name.startswith(".datapkg")} == {
            name: data for name, data in before.items() if not name.startswith(".datapkg")
        }
        assert [name for name in after if name.startswith(".datapkg")] == []
