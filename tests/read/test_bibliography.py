"""BibTeX and RIS as other programs read them: pandoc and rispy give the records back."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import rispy

from datapkg.read import cite as citing
from datapkg.read.bibliography import bibtex, ris

ROOT = Path(__file__).parents[2]
SOURCE = {
    "source_id": "odd-2024",
    "title": "All chips",
    "publisher": "Chip Weekly",
    "kind": "press",
    "language": "en",
    "published": "2024-03-05",
    "retrieved": "2024-03-06",
    "url": "https://weekly.example/all",
}
ODD: list[dict[str, Any]] = [
    {"title": r"50 % & $5 for #1 of a_b at ~x^2 with `ticks` -- or \\n --- and \"quotes\""},
    {"title": "Two\nlines\r\nER  - \nTY  - GEN\u2028end"},
    {"publisher": "Falk, Han and Sons, Inc."},
    {"publisher": "Johnson & Han", "kind": "report"},
    {"url": "https://weekly.example/a_b%20c~d/(e)?x=1&y=%ED%95%9C&z=$5#part_1"},
    {"url": "https://weekly.example/한국/뉴스_1?번호=3"},
    {"published": "2024", "retrieved": None},
    {"published": "2024-03", "kind": "dataset"},
    {"publisher": "unknown", "url": None, "kind": "forum"},
    {"title": "A {set} of {nested {sets}}", "publisher": "{Falk}, Ministry of Trade, Industry and Energy"},
    {"title": "‘so’ it's ''that'' -- 'this' << ,, >> ?` !`"},
    {"url": "https://weekly.example/a;jsessionid=1?x=2;y=3"},
    {"published": "2023-Q4", "retrieved": "2024-03-06~"},
    {"published": "2024-03/2024-05"},
]


def records() -> list[dict[str, Any]]:
    """The records of every source of the repository, and of some that nobody would invent."""
    rows = pq.read_table(ROOT / "data/processed/sources.parquet").to_pylist()
    rows += [{**SOURCE, **odd, "source_id": f"odd-{number}"} for number, odd in enumerate(ODD)]
    return [citing.article(row) for row in rows]


def straight(text: str) -> str:
    """TeX sets an apostrophe as one; a record that was read back has it curled."""
    return text.replace("\u2019", "'")


def by_pandoc(text: str, form: str) -> dict[str, dict[str, Any]]:
    pandoc = shutil.which("pandoc")
    if pandoc is None:
        pytest.skip("pandoc is not installed")
    done = subprocess.run([pandoc, "-f", form, "-t", "csljson"], input=text, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {record["id"]: record for record in json.loads(straight(done.stdout))}


@pytest.mark.parametrize("form", ["bibtex", "biblatex"])
def test_pandoc_reads_the_same_fields_for_every_source(form: str) -> None:
    given = records()
    found = by_pandoc(bibtex(given), form)
    assert list(found) == [record["id"] for record in given]
    for record in given:
        read = found[record["id"]]
        expected = {name: record.get(name) for name in ("author", "issued", "accessed", "URL")}
        expected["title"] = " ".join(record["title"].split())
        if record["type"] == "article-newspaper":
            expected["container-title"] = record.get("container-title")
        expected = json.loads(straight(json.dumps(expected, ensure_ascii=False)))
        assert {name: read.get(name) for name in expected} == expected, record["id"]


def test_what_would_end_a_field_of_bibtex_is_put_otherwise() -> None:
    text = bibtex([citing.article({**SOURCE, "title": "A {set} {", "url": "https://weekly.example/{a}\\b c"})])
    assert "title = {{[A (set) (]}}" in text
    assert "url = {https://weekly.example/%7Ba%7D%5Cb%20c}" in text


def test_ris_has_one_record_for_each_whatever_is_in_a_title() -> None:
    given = records()
    found = rispy.loads(ris(given))
    assert [entry["id"] for entry in found] == [record["id"] for record in given]
    for record, entry in zip(given, found, strict=True):
        assert entry["title"] == " ".join(record["title"].split())
        assert entry["authors"] == [record["author"][0]["literal"].replace(",", "")]
        assert entry.get("urls") == ([record["URL"].replace(";", "%3B")] if "URL" in record else None)
        issued = record["issued"]["date-parts"][0]
        assert entry["date"] == "/".join(f"{part:02}" for part in issued)


@pytest.mark.parametrize(
    ("written", "parts"),
    [("2024", [2024]), ("2024-03~", [2024, 3]), ("2023-Q4", [2023]), ("2024-XX", [2024]), ("202X", None), ("", None)],
)
def test_a_date_is_given_as_far_as_it_is_in_figures(written: str, parts: list[int] | None) -> None:
    found = citing.article({**SOURCE, "published": written}).get("issued")
    assert found == (parts and {"date-parts": [parts]})
