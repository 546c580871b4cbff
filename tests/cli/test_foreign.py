"""What is printed of data that somebody hostile wrote: seen as it is, and acted on by nobody."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
import runs

from datapkg.cli import render
from datapkg.model import Finding, Place
from datapkg.read import cite

EVIL = "\x1b[31m::error::x\u202e\u200b\n::add-mask::y"
SEEN = r"\x1b[31m::error::x\u202e\u200b\n::add-mask::y"


@pytest.mark.parametrize("format", ["table", "json", "csv"])
def test_a_frame(format: str) -> None:
    out = io.StringIO()
    frame = pd.DataFrame({"::warning::c\x07": ["::error::x", EVIL], "n": [1, 2]})
    render.show(frame, format, out)
    assert not re.search(r"^\s*::", out.getvalue(), re.M)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u200b]", out.getvalue())
    if format == "json":
        assert [row["::warning::c\x07"] for row in json.loads(out.getvalue())] == ["::error::x", EVIL]
    elif format == "csv":
        assert list(csv.reader(io.StringIO(out.getvalue())))[1:] == [["\\::error::x", "1"], [SEEN, "2"]]
    else:
        assert SEEN in out.getvalue()


@pytest.mark.parametrize("format", sorted(render.WRITERS))
def test_findings(format: str) -> None:
    finding = Finding(rule="r", message=EVIL, place=Place(f"{EVIL}.yaml", 1), claim_id="::error::c")
    told = render.findings([finding], format)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u200b]", told)
    if format == "junit":
        assert SEEN in ElementTree.fromstring(told).findall(".//failure")[0].attrib["message"]
    elif format == "github":
        assert len(told.splitlines()) == 1
    else:
        assert not re.search(r"^\s*::", told, re.M)


def test_an_error(run: runs.Run, tmp_path: Path, built: Path) -> None:
    assert run("show", "x\n::error::y\x1b[2J", "--root", built).code == 2
    assert run.err.startswith("datapkg: no table 'x\n\\::error::y\\x1b[2J' in ")


ARTICLE = {
    "source_id": "evil}, x={y",
    "title": "\\input{/etc/passwd} $\\write18{x}$ a^b\nER  - \nTY  - JOUR",
    "publisher": "A {\\b}",
    "kind": "report", "language": "en", "published": "2024-01", "retrieved": None,
    "url": "https://x.example/\\end{a} b",
}  # fmt: skip


def test_a_title_runs_no_command() -> None:
    records = [cite.article(ARTICLE)]
    told = cite.WRITERS["bibtex"](records)
    assert not set(re.findall(r"\\[a-z]+", told)) - {"\\textbackslash", "\\textasciicircum"}
    assert "@techreport{evil---x--y," in told
    assert "https://x.example/%5Cend%7Ba%7D%20b" in told
    assert len(re.findall("^TY  - ", cite.WRITERS["ris"](records), re.M)) == 1


class TestWorking:
    def test_is_the_repository_around_the_current_folder(
        self, run: runs.Run, package: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(package / "data")
        shutil.rmtree(package / "schemas", ignore_errors=True)
        query = "SELECT count(*) AS many FROM claims"
        assert run("sql", query, "--version", "working", "--json").code == 0
        assert json.loads(run.out) == [{"many": 32}]
        assert run("show", "claims", "--version", "working", "--csv").out.count("\n") == 33
        assert run("diff", "working", package).out.endswith("tables\n")
        assert "1.2.3" in run("cite", "--version", "working", "--style", "csl-json").out

    @pytest.mark.parametrize(
        "words",
        ["show claims --version working", "sql FROM/**/claims --version working", "trace deals x --version working",
         "cite --version working", "diff working working"],
    )  # fmt: skip
    def test_is_refused_without_one(
        self, run: runs.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert run(*words.split()).code == 2
        assert run.err.startswith("datapkg: no folder data/raw/claims at or above ")


def test_help_says_what_sql_reads(run: runs.Run) -> None:
    assert "and nothing else: no file, address, extension or setting is in its reach" in " ".join(
        run("sql", "--help").out.split()
    )
