"""Pages about the data hold the data as they are, whatever is in them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow as pa

from datapkg import build
from datapkg.model import Layout
from datapkg.pages import derive
from datapkg.pages.pages import pages

EVIL = "<script>alert(1)</script> | [a](javascript:b) `c\u202e"


def test_texts_of_the_tables_are_no_markup(built: Path) -> None:
    stored = build.stored(Layout(built))
    corrections = stored.tables["corrections"]
    number = corrections.column_names.index("reason")
    evil = corrections.set_column(number, corrections.field(number), pa.array([EVIL] * corrections.num_rows))
    made = pages(dataclasses.replace(stored, tables={**stored.tables, "corrections": evil}))
    (row,) = (line for line in made["docs/conflicts.md"].splitlines() if "script" in line)
    assert row.endswith(r"| \<script\>alert(1)\</script\> \| \[a\](javascript:b) \`c\\u202e |")
    assert row.startswith("| [")


def test_descriptions_of_the_schemas_bring_no_html(built: Path) -> None:
    specs = build.stored(Layout(built)).specs
    spec = specs["companies"]
    fields = [{**field, "description": EVIL} for field in spec.schema["fields"]]
    hostile = type(spec)("companies", {**spec.schema, "description": EVIL, "fields": fields})
    page = derive.dictionary({**specs, "companies": hostile})
    assert r"\<script>" in page
    assert "<script>" not in page.replace(r"\<script>", "")
    assert "\u202e" not in page


def test_of_how_many_companies_an_identifier_is_known(built: Path) -> None:
    stored = build.stored(Layout(built))
    told = [("nordlicht-semi", "ticker", "XETR:NLS"), ("nordlicht-semi", "ticker", "XNAS:NLS"),
            ("wadi-compute", "ticker", "XADS:WADI"), ("wadi-compute", "ror", "03yrm5c26")]  # fmt: skip
    rows = [{"company_id": company, "scheme": scheme, "value": value, "source": "A list"}
            for company, scheme, value in told]  # fmt: skip
    known = pa.Table.from_pylist(rows, schema=stored.specs["company_identifiers"].arrow())
    made = pages(dataclasses.replace(stored, tables={**stored.tables, "company_identifiers": known}))
    section = made["docs/coverage.md"].partition("## Identifiers of companies\n\n")[2].partition("\n## ")[0]
    assert section.splitlines() == [
        "2 of 5 companies are listed on an exchange.",
        "",
        "| scheme | companies | of all | listed companies | of the listed |",
        "|---|---|---|---|---|",
        "| ticker | 2 | 40% | 1 | 50% |",
        "| ror | 1 | 20% | 0 | 0% |",
    ]
