"""Wafer capacity by economy: what plants add up to, counted by hand here, and the gap to shares that others publish."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from datapkg.pages.capacity import ECONOMIES, MARKETS, capacity_page

ROOT = Path(__file__).parents[2]


def connected(capacities: str, shares: str = "") -> duckdb.DuckDBPyConnection:
    """Return invented plants in two economies, with the capacities and shares that are given as rows of SQL."""
    connection = duckdb.connect()
    for statement in (
        "CREATE TABLE facilities (facility_id TEXT, site_id TEXT, kind TEXT, country TEXT)",
        "INSERT INTO facilities VALUES ('tern', NULL, 'site', 'KR'), ('tern-1', 'tern', 'fab', 'KR'), "
        "('tern-2', 'tern', 'fab', 'KR'), ('rook', NULL, 'fab', 'TW'), "
        "('crane', NULL, 'fab', 'TW'), ('packer', NULL, 'packaging', 'TW')",
        "CREATE TABLE facility_profiles (facility_id TEXT, wafer_mm INTEGER)",
        "INSERT INTO facility_profiles VALUES ('tern', 300), ('rook', 150), ('packer', 300)",
        "CREATE TABLE facility_capacities (facility_id TEXT, period_start DATE, basis TEXT, forecast BOOLEAN, "
        "wafers DOUBLE, wafers_low DOUBLE, wafers_high DOUBLE, wafer_mm INTEGER)",
        "CREATE TABLE segment_shares (market_id TEXT, segment_id TEXT, period TEXT, period_start DATE, voice TEXT, "
        "forecast BOOLEAN, share_pct DOUBLE, claim_id TEXT)",
    ):
        connection.execute(statement)
    for table, rows in (("facility_capacities", capacities), ("segment_shares", shares)):
        if rows:
            connection.execute(f"INSERT INTO {table} VALUES {rows}")
    return connection


def table(page: str, number: int) -> list[list[str]]:
    """Return the cells of a table of a page, without its head."""
    found = re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)[number].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found]


def test_a_site_counts_once_and_small_wafers_by_area() -> None:
    page = capacity_page(connected(
        "('tern', DATE '2030-01-01', 'announced', false, 50000, 50000, 50000, NULL), "  # less than its two plants
        "('tern-1', DATE '2029-01-01', 'running', false, 30000, NULL, NULL, NULL), "  # the wafer is that of the site
        "('tern-1', DATE '2030-01-01', 'tools_in', false, NULL, 20000, NULL, 300), "  # newer, and only a lower bound
        "('tern-2', DATE '2032-01-01', 'running', true, 40000, NULL, NULL, 300), "  # a forecast
        "('rook', DATE '2031-01-01', 'unspecified', false, 40000, NULL, NULL, NULL), "  # 150 mm: a quarter
        "('crane', DATE '2031-01-01', 'running', false, 9000, NULL, NULL, NULL), "  # nobody says which wafer
        "('packer', DATE '2031-01-01', 'running', false, 70000, NULL, NULL, 300)"  # no chip plant
    ))["docs/capacity.md"]  # fmt: skip
    assert table(page, 0) == [
        ["KR", "1", "20,000", "67 %", "1", "70,000", "88 %"],
        ["TW", "1", "10,000", "33 %", "1", "10,000", "12 %"],
    ]
    assert "2 of 3 chip plants or sites have a figure" in page
    assert "for 1 a figure stands without the size" in page
    assert "None.\n\n## Why they differ" in page


def test_the_figure_of_a_site_counts_where_it_is_the_greater() -> None:
    page = capacity_page(connected(
        "('tern', DATE '2030-01-01', 'running', false, 50000, NULL, NULL, NULL), "
        "('tern-1', DATE '2029-01-01', 'running', false, 30000, NULL, NULL, NULL)"
    ))["docs/capacity.md"]  # fmt: skip
    assert table(page, 0) == [["KR", "1", "50,000", "100 %", "1", "50,000", "100 %"]]


def test_the_newest_share_of_each_voice_stands_beside_ours() -> None:
    page = capacity_page(connected(
        "('tern-1', DATE '2029-01-01', 'running', false, 30000, NULL, NULL, 300), "
        "('crane', DATE '2031-01-01', 'announced', false, 10000, NULL, NULL, 300)",
        f"('{MARKETS[0]}', 'korea', '2029', DATE '2029-01-01', 'kestrel', false, 20, 'weekly/old'), "
        f"('{MARKETS[0]}', 'korea', '2030', DATE '2030-01-01', 'kestrel', false, 22, 'weekly/korea'), "
        f"('{MARKETS[0]}', 'japan', '2030', DATE '2030-01-01', 'kestrel', false, 15, 'weekly/japan'), "
        f"('{MARKETS[0]}', 'europe', '2030', DATE '2030-01-01', 'kestrel', false, 5, 'weekly/europe'), "
        f"('{MARKETS[0]}', 'korea', '2035', DATE '2035-01-01', 'kestrel', true, 30, 'weekly/forecast'), "
        "('dram', 'korea', '2030', DATE '2030-01-01', 'kestrel', false, 70, 'weekly/dram')",
    ))["docs/capacity.md"]  # fmt: skip
    assert [row[:9] for row in table(page, 1)] == [
        ["JP", MARKETS[0], "2030", "kestrel", "15 %", "0 %", "-15", "0 %", "-15"],
        ["KR", MARKETS[0], "2030", "kestrel", "22 %", "100 %", "+78", "75 %", "+53"],
    ]
    assert "weekly/korea](../data/raw/claims/weekly.yaml)" in page


def test_without_a_capacity_there_is_no_page() -> None:
    assert capacity_page(connected("")) == {}


def test_no_published_share_of_an_economy_is_passed_over() -> None:
    """What has no code would be missing from the page without a word."""
    said = pq.read_table(
        ROOT / "data/processed/segment_shares.parquet", columns=["market_id", "segment_id", "forecast"]
    )
    with (ROOT / "data/raw/entities/segments.csv").open(encoding="utf-8", newline="") as file:
        countries = {row["segment_id"] for row in csv.DictReader(file) if row["dimension"] == "country"}
    shown = {row["segment_id"] for row in said.to_pylist() if row["market_id"] in MARKETS and not row["forecast"]}
    assert shown & countries, "there are some"
    assert shown & countries <= set(ECONOMIES.values())
