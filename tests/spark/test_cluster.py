"""On a cluster the facts, contradictions and findings of one machine, whatever dies; and by which plan."""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from conftest import Cluster
from observed import SPECS, few, whole
from planted import PLANTED, companies, good, shares
from planted import SPECS as PLANTED_SPECS

from datapkg.check import schema
from datapkg.facts import Engine, engine, tables
from datapkg.facts.conflicts import conflict_rows
from datapkg.facts.consolidate import consolidate
from datapkg.facts.rows import Rows
from datapkg.model import PREFIX

FACTS = [name for name, spec in SPECS.items() if spec.role == "fact"]
SOME = ["market_shares", "market_ranks", "company_roles", "plans", "price_changes", "meeting_people", "statements"]
"""Tables of every kind: with an interval, a number, a period, stages, several groups, none."""
TABLES = FACTS if os.environ.get("DATAPKG_SPARK") == "all" else SOME
DAY = date(2026, 1, 31)
UNORDERED = (
    "first|last|any_value|row_number|rank|dense_rank|ntile|lag|lead|nth_value|collect_list|collect_set|array_agg|"
    r"listagg|mode|monotonically_increasing_id|rand|randn|uuid|shuffle|spark_partition_id|approx_\w+"
)
"""Functions that depend on the order of rows, or on where they lie."""


def sample(table: str, many: int = 120) -> pa.Table:
    """Return observations that are the same each time: few values, so that keys meet and claims differ."""
    drawn, columns = random.Random(table), few(table)
    rows = ({name: drawn.choice(values) for name, values in columns.items()} for _ in range(many))
    named = [whole({**row, "claim_id": f"s/{n:05}"}) for n, row in enumerate(rows)]
    return engine.to_arrow(named, SPECS[PREFIX + table])


def plan(frame: Any) -> str:
    """Return the physical plan of a frame as Spark tells it, nothing of it left out."""
    frame.sparkSession.conf.set("spark.sql.debug.maxToStringFields", "10000")
    with contextlib.redirect_stdout(io.StringIO()) as told:
        frame.explain()
    return told.getvalue()


@pytest.mark.parametrize("table", TABLES)
def test_facts_and_contradictions_are_those_of_plain_rows_by_one_shuffle(table: str, spark: Engine) -> None:
    spec, observed = SPECS[table], sample(table)
    found = consolidate(spark(observed, spec.block), spec, as_of=DAY)
    for frame in (found.facts, found.claims):
        told = plan(frame.frame.to_native())
        moved = re.findall(r"Exchange (\w+)\(([^)]*)\)", told)
        assert [how for how, _ in moved] == ["hashpartitioning"], told
        assert re.findall(r"(\w+)#\d+", moved[0][1]) == [*spec.block]
        assert not re.findall(rf"\b({UNORDERED})\(", told)
    assert engine.cast(found.facts.table(), spec).equals(tables.facts(observed, spec, DAY)[0])
    wanted = consolidate(Rows.of(observed), spec, as_of=DAY)
    assert conflict_rows(spec, found, observed) == conflict_rows(spec, wanted, observed)


def test_the_schema_check_finds_the_same(spark: Engine) -> None:
    planted = [good(**case.row) for case in PLANTED.values()]
    held = {"shares": shares(*planted), "companies": companies()}
    frames = {name: spark(table, ()) for name, table in held.items()}
    assert schema.violations(frames, PLANTED_SPECS) == schema.violations(held, PLANTED_SPECS) != []


def test_a_worker_that_dies_at_work_changes_nothing(spark: Engine, cluster: Cluster, context: Any) -> None:
    """The last test of the cluster, of which half is gone after it."""
    spec, observed = SPECS["market_shares"], sample("market_shares", 30_000)
    tracker, workers = context.statusTracker(), cluster.workers
    with ThreadPoolExecutor(1) as beside:
        found = beside.submit(tables.facts, observed, spec, DAY, spark)
        while not any(tracker.getStageInfo(stage).numActiveTasks for stage in tracker.getActiveStageIds()):
            assert not found.done(), "it was done before anything could die"
            time.sleep(0.01)
        workers[0].kill()
        assert not found.done()
        facts, conflicts = found.result()
    wanted, differing = tables.facts(observed, spec, DAY)
    assert facts.equals(wanted)
    assert conflicts == differing != []
