"""Claims in bulk that executors of a cluster read: the rows and findings of this process, in the same order."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import bulk
import pytest
from bulk import SOURCE, share

from datapkg.claims import Pieces, batches, read
from datapkg.facts import Engine, Packer, on_cluster
from datapkg.model import Layout, Spread, load_specs, one_by_one, packaged

SPECS = load_specs(packaged().schema_files)
GOOD = Path(__file__).parents[1] / "good"


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A repository with claims in bulk, lines and rows, in some of which something is wrong."""
    monkeypatch.setattr(batches, "ROWS", 5)
    folder = Path(shutil.copytree(GOOD, tmp_path / "good")) / "data/raw/bulk"
    bulk.lines(folder / "w.sources.jsonl", [SOURCE])
    bulk.lines(folder / "a.jsonl", [share(year) for year in range(1980, 2010)])
    bulk.lines(folder / "b.jsonl", ["{", share(1990), share(2011, company="Nobody"), share(2012, certainty="sure")])
    bulk.rows(folder / "c.parquet", [share(year) for year in range(2013, 2024)])
    return Layout(tmp_path / "good")


def outcome(layout: Layout, quarantine: bool, spread: Spread) -> Any:
    curation = read(layout, SPECS, most=8)
    made = Pieces(curation, Packer(SPECS), quarantine, spread)
    packed = [*made.packed()]
    names = [claim.claim_id for claim in (*curation.claims, *made.twice)]
    return packed, names, curation.findings, made.left, [*made.sources.values()]


@pytest.mark.parametrize("quarantine", [False, True])
def test_executors_make_the_rows_of_this_process(layout: Layout, spark: Engine, quarantine: bool) -> None:
    spread = on_cluster(spark)
    assert spread is not None
    found = outcome(layout, quarantine, spread)
    assert found == outcome(layout, quarantine, one_by_one)
    assert len(found[0]) > 8


def test_what_executors_make_comes_in_order(spark: Engine) -> None:
    spread = on_cluster(spark)
    assert spread is not None
    assert [*spread(math.factorial, iter(range(50, 0, -1)))] == [math.factorial(n) for n in range(50, 0, -1)]
    assert [*spread(math.factorial, [])] == []
