"""Rows of a table as a file for other programs."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from runs import Run

from datapkg.cli import export
from datapkg.model.errors import UsageError
from datapkg.model.layout import Layout
from datapkg.read.data import Data

TRICKS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "plain", "a=b", ""]


def frame(**columns: list[Any]) -> pd.DataFrame:
    found = pd.DataFrame(columns)
    found.attrs = {"table": "shares", "title": "Shares", "description": "Of markets.", "version": "1.0.0",
                   "license": "CC0", "units": {"share": "%"}, "descriptions": {"share": "Part of the market."},
                   "policy": "preferred", "valid_on": None, "known_by": "2024"}  # fmt: skip
    return found


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(path)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "xlsx"])
def test_every_form_holds_the_rows(run: Run, built: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"shares.{form}"
    run("export", "market_shares", path, "--where", "period=2023", "--columns", "company_id,share_pct,known_from",
        "--policy", "all", "--where", "claim_id>n", "--root", built)  # fmt: skip
    assert (run.code, run.out, run.err) == (0, f"{path}: 1 rows of market_shares 1.2.3\n", "")
    read = {
        "csv": lambda: list(csv.reader(io.StringIO(path.read_text("utf-8"))))[1],
        "json": lambda: list(json.loads(path.read_text("utf-8"))[0].values()),
        "parquet": lambda: list(pq.read_table(path).to_pylist()[0].values()),
        "xlsx": lambda: sheets(path)["market_shares"][1],
    }[form]()
    days = {"parquet": date(2024, 2, 15), "xlsx": datetime(2024, 2, 15)}
    share = "42.0" if form == "csv" else 42.0
    assert read == ["nordlicht-semi", share, days.get(form, "2024-02-15")]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_parquet_file_can_be_cited_still(run: Run, built: Path, tmp_path: Path) -> None:
    run("export", "market_shares", tmp_path / "a.parquet", "--where", "period=2023-Q4", "--root", built)
    found = pd.read_parquet(tmp_path / "a.parquet")
    assert (found.attrs["table"], found.attrs["units"]["share_pct"]) == ("market_shares", "%")
    cited = json.loads(Data(Layout(built)).cite(found, "csl-json"))
    assert [entry["id"] for entry in cited] == ["invented-chips-1.2.3", "nordlicht-results-2024"]


def test_a_workbook_says_what_its_columns_are_and_whose(run: Run, built: Path, tmp_path: Path) -> None:
    run(
        "export",
        "market_shares",
        tmp_path / "a.xlsx",
        "--where",
        "period=2023-Q4",
        "--known-by",
        "2024-12",
        "--root",
        built,
    )
    about = sheets(tmp_path / "a.xlsx")["about"]
    assert about[0][1] == "Market shares"
    assert [row[:3] for row in about if row[1] in ("version", "known_by")] == [
        [None, "version", "1.2.3"], [None, "known_by", "2024-12"],
    ]  # fmt: skip
    assert ["share_pct", "%"] in [row[:2] for row in about]
    head = about.index(list(export.SOURCE))
    assert [row[0] for row in about[head + 1 :]] == ["nordlicht-results-2024"]


def test_no_text_is_a_formula(tmp_path: Path) -> None:
    shown = frame(text=TRICKS, share=[-1.5] * len(TRICKS), on=[True] * len(TRICKS))
    export.write(shown, list, tmp_path / "a.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8"), newline="")))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "plain", "a=b", ""]
    assert {(row[1], row[2]) for row in rows[1:]} == {("-1.5", "true")}
    openpyxl = pytest.importorskip("openpyxl")
    export.write(shown, list, tmp_path / "a.xlsx")
    (first, _, _), *_ = openpyxl.load_workbook(tmp_path / "a.xlsx")["shares"].iter_rows(min_row=2)
    assert (first.value, first.data_type) == ("=1+1", "s")


def test_what_excel_cannot_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openpyxl")
    export.write(frame(text=["a\x00b\x1b", "x" * 40_000]), list, tmp_path / "a.xlsx")
    values = [row[0] for row in sheets(tmp_path / "a.xlsx")["shares"][1:]]
    assert values == ["a\\x00b\\x1b", "x" * 32_767]
    monkeypatch.setattr(export, "MOST_ROWS", 1)
    with pytest.raises(UsageError, match=r"holds 1 rows, and these are 2; choose some with --where, or write \.csv"):
        export.write(frame(text=["a", "b"]), list, tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()


def test_mistakes(run: Run, built: Path, tmp_path: Path) -> None:
    run("export", "people", tmp_path / "people.xls", "--root", built)
    assert (run.code, run.err) == (
        2, "datapkg: 'people.xls' does not end in .xlsx, .csv, .parquet, .json; did you mean 'xlsx'?\n",
    )  # fmt: skip
    (tmp_path / "folder.csv").mkdir()
    run("export", "people", tmp_path / "folder.csv", "--root", built)
    assert (run.code, run.err) == (
        1, f"datapkg: cannot write {tmp_path}/folder.csv: Is a directory; it is as it was\n",
    )  # fmt: skip
    assert [file.name for file in tmp_path.iterdir()] == ["folder.csv"]
