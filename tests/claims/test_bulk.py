"""Claims in bulk: JSON Lines and Parquet are read as claim files are, in the same words, with line or row."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import bulk
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bulk import SOURCE, share
from hypothesis import given, settings
from hypothesis import strategies as st

from datapkg import build
from datapkg.claims import batches, shortcut
from datapkg.claims.blocks import BlockReader
from datapkg.claims.bulk import loaded, node
from datapkg.claims.claim import Source
from datapkg.claims.kindschema import kind_schemas
from datapkg.model import Place, limits, parts
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import load_specs
from datapkg.model.values import Written

HEAD = "data/raw/bulk/weekly.jsonl:"


def findings(root: Path) -> list[str]:
    return [str(finding) for finding in build.checked(build.assemble(Layout(root)), ("claims",))]


def told(good: Path, *claims: Any, **source: Any) -> list[str]:
    """Return what is found in claims of one source, without the name of their file."""
    bulk.write(good / "data/raw/bulk", *claims, **source)
    return [line.removeprefix(HEAD) for line in findings(good)]


def test_claim_files_in_bulk_make_the_same_tables(good: Path) -> None:
    before = build.assemble(Layout(good))
    bulk.instead_of_files(good)
    after = build.assemble(Layout(good))
    assert [str(finding) for finding in build.checked(after, ("claims", "schema", "rules"))] == []
    assert {*after.tables["claims"]["recorded_in"].to_pylist()} == {"data/raw/bulk/all.jsonl"}
    for name, table in before.tables.items():
        dropped = ["recorded_in"] if name == "claims" else []
        assert after.tables[name].drop_columns(dropped).equals(table.drop_columns(dropped)), name


def test_parquet_makes_the_same_tables_as_lines(good: Path) -> None:
    extra = {"quote": {"sha256": "ab" * 32, "chars": 40}, "vintage": "2024-04", "inferred": ["period", "vintage"]}
    claims = [share(2022, **extra), share(2023, certainty="asserted", said_by=None, period="2023-H1"), share(2021)]
    bulk.write(good / "data/raw/bulk", *claims)
    before = build.assemble(Layout(good))
    assert before.places["weekly/share-2023"].line == 2
    shutil.rmtree(good / "data/raw/bulk")
    bulk.rows(good / "data/raw/bulk/deep/weekly.sources.parquet", [{**SOURCE, "published": "2024-05"}])
    bulk.rows(good / "data/raw/bulk/deep/part-1.parquet", claims[:2], says=pa.large_string())
    bulk.rows(good / "data/raw/bulk/deep/part-2.parquet", claims[2:])
    after = build.assemble(Layout(good))
    assert [*map(str, before.findings), *map(str, after.findings)] == []
    assert str(after.places["weekly/share-2023"]) == "data/raw/bulk/deep/part-1.parquet:2"
    for name, table in before.tables.items():
        dropped = ["recorded_in"] if name == "claims" else []
        assert after.tables[name].drop_columns(dropped).equals(table.drop_columns(dropped)), name


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("{", "1: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1); one claim "
              "stands on one line [json-syntax]"),
        ("[" * 9000 + "]" * 9000, "1: not JSON: maximum recursion depth exceeded while decoding a JSON array from a "
                                  "unicode string; one claim stands on one line [json-syntax]"),
        ('{"a": 1, "a": 2}', "1: not JSON: the key 'a' is given twice; one claim stands on one line [json-syntax]"),
        ('{"a": 1} x', "1: not JSON: Extra data: line 1 column 9 (char 8); one claim stands on one line [json-syntax]"),
        ("3", "1: expected a claim with fields such as claim, says, certainty [wrong-type]"),
        ({"claim": "x"}, "1: a claim in bulk needs 'source_id', the source that it is of [missing-field]"),
        (share(source_id="weekly-1"), "1: weekly-1/share-2022: the source 'weekly-1' is in no NAME.sources.jsonl; did "
                                      "you mean 'weekly'? [unread-source]"),
        (share(claim="Share 1"), "1: a claim needs 'claim': a name of small letters, digits and hyphens; found 'Share "
                                 "1'; did you mean 'share-1'? [wrong-value]"),
        (share(claim=None), "1: a claim needs 'claim': a name of small letters, digits and hyphens; found nothing "
                            "[wrong-value]"),
        (share(says=" An end. "), "1: weekly/share-2022: says: the text ' An end. ' is empty or begins or ends with "
                                  "white space"),
        (share(says="An\u200bend."), "1: U+200B (ZERO WIDTH SPACE) at character 3 is not allowed; remove it"),
        (share(certainty="sure"), "1: weekly/share-2022: certainty: 'sure' is not in the vocabulary; expected one of"),
        (share(certainty=["asserted"]), "1: weekly/share-2022: certainty: expected a text, found a list [wrong-type]"),
        (share(said_by="Kestrel Reserch"), "1: weekly/share-2022: no 'Kestrel Reserch' among the companies and people; "
                                           "nearest are 'Kestrel Research' (kestrel-research); add it to"),
        (share(said_by=7), "1: weekly/share-2022: said_by: expected the name of a company or person [wrong-type]"),
        (share(vintage="2024-13"), "1: weekly/share-2022: vintage: '2024-13' has month 13; months run from 01 to 12"),
        (share(quote={"sha256": "ab" * 32}), "1: weekly/share-2022: quote: expected {sha256: ..., chars: ...} "),
        (share(quote={"sha256": "ab", "chars": 40}), "1: weekly/share-2022: quote_sha256: 'ab' does not have the form"),
        (share(quote={"sha256": "ab" * 32, "chars": 4}), "1: weekly/share-2022: quote_chars: 4 code points is below"),
        (share(inferred="period"), "1: weekly/share-2022: inferred: expected a list of field names [wrong-type]"),
        (share(inferred=["perio"]), "1: weekly/share-2022: inferred names 'perio', which is no field that is filled in "
                                    "here; did you mean 'period'? [unknown-field]"),
        (share(seen=True), "1: weekly/share-2022: 'seen' says what a comparison showed; give the source 'verified'"),
        (share(share_pct=True), "1: weekly/share-2022: share_pct: expected a number, found true [wrong-type]"),
        (share(share_pct="40"), "1: weekly/share-2022: share_pct: expected a number, found the text '40'; did you "
                                "mean 40? [wrong-type]"),
        (share(share_pct=0.4), "1: weekly/share-2022: share_pct: 0.4 reads like a fraction; write 40 for 40 percent, "),
        (share(share=4), "1: weekly/share-2022: market_share has no field 'share'; did you mean 'share_pct'? [unknown"),
        (share(share=None), "1: weekly/share-2022: market_share has no field 'share'; did you mean 'share_pct'? [unkn"),
        (share(period=None), "1: weekly/share-2022: market_share needs 'period': "),
        (share(company=["Nordlicht"]), "1: weekly/share-2022: company: expected a text, found a list [wrong-type]"),
        (share(company="Nordlich"), "1: weekly/share-2022: no 'Nordlich' among the companies; nearest are 'Nordlicht'"),
        (share() | {"market_share": 4}, "1: weekly/share-2022: market_share: expected fields such as company, market,"),
        (share() | {"visit": {}}, "1: weekly/share-2022: a claim has one kind, found market_share and visit; make it"),
        (share() | {"sais": "x"}, "1: weekly/share-2022: a claim has no field 'sais'; did you mean 'says'? [unknown-f"),
        ('{"source_id": "weekly", "claim": %s}' % ("9" * 9000), "1: a number or a list that is too long to be one [wr"),
        ('{"source_id": "weekly", "claim": "x", "says": "X.", "certainty": "asserted", "market_share": {"period": %s}}'
         % ("9" * 9000), "1: a number or a list that is too long to be one [wrong-value]"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_claim_is_told_with_its_line(good: Path, claim: Any, expected: str) -> None:
    found = told(good, claim, share(2019))
    assert len(found) == 1
    assert found[0].startswith(expected), found


def test_claims_of_a_source_that_is_nowhere(good: Path) -> None:
    found = told(good, share(), *(share(year, source_id="other") for year in (2020, 2021)))
    missing = "the source 'other' is in no NAME.sources.jsonl [unread-source]"
    assert found == [f"2: other/share-2020: {missing}", f"3: other/share-2021: {missing}"]


TOKENS = (
    *("0", "7", "12.50", "-3", "1e3", "0.4", "99999999999999999999", "100.5", "true", "null", "{}", "[]", "[1]"),
    *('""', '"7"', '"2022"', '"2022-Q1"', '"2022-13"', '"2030/2031"', '"asserted"', '" x"', '"x\u200by"', '"about"'),
    *('"Nordlicht"', '"USD"', '"exact"', '["period"]', '{"sha256": "%s", "chars": 40}' % ("ab" * 32)),
)
FIELDS = ("claim", "says", "certainty", "said_by", "vintage", "quote", "inferred", "at", "seen", "sais")
SPECS = load_specs(packaged().schema_files)
FORMS = kind_schemas(SPECS)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(("market_share", "company_metric", "product_shipment", "meeting")),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(TOKENS), max_size=2),
    st.data(),
)
def test_the_shortcut_says_nothing_else_than_the_long_way(
    kind: str, outer: dict[str, str], data: st.DataObject
) -> None:
    fields = st.sampled_from([*FORMS[kind].properties, "none"])
    inner = data.draw(st.dictionaries(fields, st.sampled_from(TOKENS), max_size=3))
    needed = {"company": '"Nordlicht"', "market": '"m"', "period": '"2022"', "metric": '"revenue"', "product": '"x"'}
    given = {"claim": '"c"', "says": '"It is so."', "certainty": '"asserted"', **outer}
    values = {name: text for name, text in needed.items() if name in FORMS[kind].properties} | inner
    text = ", ".join(f'"{name}": {value}' for name, value in given.items())
    text += f', "{kind}": {{{", ".join(f"{json.dumps(name)}: {value}" for name, value in values.items())}}}'
    reader, place = BlockReader(Layout(Path()), SPECS, FORMS), Place("x", 1)
    source = Source("s", {"verified_on": None, "text_chars": None}, place)
    quick = shortcut.Shortcut(reader).claim(loaded(f"{{{text}}}"), source, place)
    assert not reader.findings
    block = node(loaded(f"{{{text}}}"), place)
    reader.texts(block)
    long = reader.claim(block, source)
    if quick:
        assert long is not None
        assert not reader.findings
        assert exact(quick.values) == exact(long.values)
        assert exact(quick.common) == exact(long.common)
        assert (quick.claim_id, quick.kind, quick.place) == (long.claim_id, long.kind, long.place)


def exact(value: Any) -> Any:
    """Return values with their types, and numbers with their digits."""
    if isinstance(value, dict):
        return {name: exact(v) for name, v in value.items()}
    return type(value), value, value.decimals if isinstance(value, Written) else None


def test_every_line_is_told_and_blank_ones_count(good: Path) -> None:
    found = told(good, share(2022, certainty="sure"), "", share(2021), "{", share(2020, company="Nobody"), share(2021))
    assert [line.partition(":")[0] for line in found] == ["1", "4", "5", "6"]
    assert found[3] == f"6: weekly/share-2021: claim id is taken; first given at {HEAD}3 [duplicate-claim]"


def test_lines_of_any_length_and_in_any_encoding(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE", 700)
    folder = bulk.write(good / "data/raw/bulk", share(2022), share(2021, says="x" * 3000), share(2020, says="y" * 690))
    text = (folder / "weekly.jsonl").read_bytes()
    (folder / "weekly.jsonl").write_bytes(b"\xef\xbb\xbf" + text + '"세"'.encode("euc-kr") + b"\n" + b"z" * 9000)
    long = "a line of more than 700 bytes is not read; one claim stands on one line [file-too-large]"
    assert [line.removeprefix(HEAD) for line in findings(good)] == [
        f"2: {long}",
        f"3: {long}",
        "4: byte 0xbc is not UTF-8; save the file as UTF-8 [not-utf-8]",
        f"5: {long}",
    ]


def test_what_is_wrong_with_a_source(good: Path) -> None:
    bulk.write(good / "data/raw/bulk", share())
    daily = {**SOURCE, "source_id": "daily", "url": "https://daily.example/1"}
    others = [daily, SOURCE, 3, "[[", '{"a": %s}' % ("9" * 9000), {**SOURCE, "source_id": "nordlicht-results-2024"}]
    bulk.lines(good / "data/raw/bulk/x.sources.jsonl", others)
    first = "data/raw/bulk/weekly.sources.jsonl:1"
    assert [line.removeprefix("data/raw/bulk/") for line in findings(good)][:6] == [
        "x.sources.jsonl:1: no claim in bulk names the source 'daily'; leave it out [missing-field]",
        f"x.sources.jsonl:2: source id is taken; first given at {first} [duplicate-claim]",
        "x.sources.jsonl:3: expected a block 'source' with source_id, title, publisher ... [missing-field]",
        "x.sources.jsonl:4: not JSON: Expecting value: line 1 column 3 (char 2); one claim stands on one line "
        "[json-syntax]",
        "x.sources.jsonl:5: a number or a list that is too long to be one [wrong-value]",
        "x.sources.jsonl:6: source id is taken; first given at data/raw/claims/nordlicht-results-2024.yaml:3 "
        "[duplicate-claim]",
    ]


def test_a_file_that_cannot_be_opened(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk.write(good / "data/raw/bulk", share())

    def at(path: Path, name: str) -> parts.Part:
        return parts.Part(name, lambda: (path / "gone").open("rb"))

    monkeypatch.setattr(parts, "at", at)
    assert "data/raw/bulk/weekly.jsonl: cannot be read: Not a directory [unreadable-file]" in findings(good)


class TestParquet:
    def test_numbers_days_and_lists(self, good: Path) -> None:
        claim = share(share_pct=Decimal("40.50"), inferred=["period", "share_pct"])
        bulk.rows(good / "data/raw/bulk/a.sources.parquet", [{**SOURCE, "published": date(2024, 5, 1)}])
        bulk.rows(good / "data/raw/bulk/a.parquet", [claim], certainty=pa.dictionary(pa.int8(), pa.string()))
        made = build.assemble(Layout(good))
        assert not made.findings
        rows = made.tables["observations.market_shares"].to_pylist()
        row = next(row for row in rows if row["claim_id"] == "weekly/share-2022")
        assert (row["share_pct"], row["decimals"], row["inferred"]) == (40.5, 2, "period share_pct")
        assert row["known_from"] == date(2024, 5, 1)

    def test_what_is_wrong_in_a_row(self, good: Path) -> None:
        bulk.write(good / "data/raw/bulk", share(2019))
        claims = [share(2021), share(2022, share_pct=float("nan"), at=[1, 2]), share(2023, share_pct=101.0)]
        bulk.rows(good / "data/raw/bulk/weekly.parquet", claims)
        assert [line.removeprefix("data/raw/bulk/weekly.parquet:") for line in findings(good)] == [
            "2: weekly/share-2022: at: the source has no 'text' that a position could count in; add one, or leave 'at' "
            "out [anchor-outside]",
            "2: weekly/share-2022: an anchor needs 'quote_sha256'; add it with: datapkg source check weekly TEXT "
            "--write [anchor-without-digest]",
            "2: weekly/share-2022: share_pct: expected a finite number, found nan; leave the field out if unknown "
            "[not-finite]",
            "3: weekly/share-2023: share_pct: 101 % is above 100 % [out-of-range]",
        ]

    def test_a_file_that_is_cut_off_is_one_error(self, good: Path) -> None:
        bulk.write(good / "data/raw/bulk", share(2019))
        path = bulk.rows(good / "data/raw/bulk/a.parquet", [share(2021)])
        path.write_bytes(path.read_bytes()[:-20])
        (found,) = findings(good)
        assert found.startswith("data/raw/bulk/a.parquet: is no whole Parquet file (")
        assert found.endswith("); make or copy it again [unreadable-file]")

    def test_a_file_that_is_damaged_inside_says_how_far_it_went(
        self, good: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "ROWS", 2)
        bulk.write(good / "data/raw/bulk", share(2019))
        table = pa.Table.from_pylist([share(year) for year in range(2010, 2014)])
        pq.write_table(table, good / "data/raw/bulk/a.parquet", row_group_size=2, use_dictionary=False)
        data = (good / "data/raw/bulk/a.parquet").read_bytes()
        second = pq.ParquetFile(good / "data/raw/bulk/a.parquet").metadata.row_group(1).column(0).data_page_offset
        (good / "data/raw/bulk/a.parquet").write_bytes(data[:second] + b"\xff" * 40 + data[second + 40 :])
        (found,) = findings(good)
        assert found.startswith("data/raw/bulk/a.parquet: is no whole Parquet file (")
        assert found.endswith("; 2 rows could be read; make or copy it again [unreadable-file]")

    def test_a_file_that_would_take_too_much(self, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "DECODED", 10)
        monkeypatch.setattr(limits, "RATIO", 0)
        bulk.write(good / "data/raw/bulk", share(2019))
        bulk.rows(good / "data/raw/bulk/a.parquet", [share(2021)])
        (found,) = findings(good)
        assert found.startswith("data/raw/bulk/a.parquet: has ")
        assert found.endswith("nothing was decoded [file-too-large]")

    def test_parts_of_one_folder_have_one_schema(self, good: Path) -> None:
        bulk.write(good / "data/raw/bulk", share(2019))
        bulk.rows(good / "data/raw/bulk/a.parquet", [share(2021)])
        bulk.rows(good / "data/raw/bulk/b.parquet", [share(2022, share_pct=40, said_by=None)])
        bulk.rows(good / "data/raw/bulk/other/b.parquet", [share(2023, share_pct=40)])
        assert findings(good) == [
            "data/raw/bulk/b.parquet: the column 'market_share.share_pct' is int64, and double in "
            "data/raw/bulk/a.parquet; files of one folder have one schema [wrong-type]"
        ]

    def test_a_column_that_keeps_no_digits(self, good: Path) -> None:
        bulk.write(good / "data/raw/bulk", share(2019))
        bulk.rows(good / "data/raw/bulk/a.parquet", [{**share(2021), "cells": 1.5}], cells=pa.float32())
        assert findings(good) == [
            "data/raw/bulk/a.parquet: the column 'cells' is float; expected a text, a whole number, a boolean, a date, "
            "a decimal or a double, or lists and structs of these [wrong-type]"
        ]

    def test_columns_are_named_with_those_above_them(self) -> None:
        schema = pa.schema({
            "columns": pa.map_(pa.string(), pa.string()),
            "parties": pa.list_(pa.struct({"name": pa.large_string(), "n": pa.large_list(pa.int8())})),
        })  # fmt: skip
        assert [*batches._leaves(schema)] == [
            ("columns.key", "string"), ("columns.value", "string"), ("parties.[].name", "string"),
            ("parties.[].n.[]", "int8"),
        ]  # fmt: skip

    def test_a_column_that_is_there_twice(self) -> None:
        schema = pa.schema([("says", pa.string()), ("says", pa.string())])
        assert batches._unlike(schema, "a.parquet", {}) == "the column 'says' is there twice; leave one out"

    def test_what_is_null_is_not_there(self) -> None:
        rows = [{"a": None, "b": {"c": 1.50, "d": None}}, {"a": "x", "b": None}, {"a": None, "b": {"c": None}}]
        held = batches._held(pa.array([*rows, None, {"e": None}], pa.struct({
            "a": pa.string(), "b": pa.struct({"c": pa.float64(), "d": pa.int8()}), "e": pa.struct({"f": pa.int8()}),
        })))  # fmt: skip
        assert held == [{"b": {"c": "1.5"}}, {"a": "x"}, None, None, None]
        parties = pa.array([[{"n": 2.0, "m": None}]], pa.list_(pa.struct({"n": pa.float64(), "m": pa.int8()})))
        assert batches._held(parties) == [[{"n": "2"}]]
        empty = pa.array([{"f": None}, None], pa.struct({"f": pa.int8()}))
        assert batches._held(empty) == [None, None]


@pytest.mark.parametrize("amount", ["-12.50", "1e3", "12", "12.0", "1234567890123456789012", "0.00000001"])
def test_numbers_are_those_of_claim_files(good: Path, amount: str) -> None:
    claim = (
        '{"source_id": "weekly", "claim": "c", "says": "It is so.", "certainty": "asserted", "company_metric": {%s}}'
    )
    fields = '"company": "Nordlicht", "metric": "operating_profit", "period": "2022", "currency": "USD", "amount": %s'
    bulk.write(good / "data/raw/bulk", claim % (fields % amount))
    rows = build.assemble(Layout(good)).tables["observations.company_metrics"].to_pylist()
    found = next(row for row in rows if row["claim_id"] == "weekly/c")
    number = Written.of(float(amount), amount)
    assert (found["amount"], found["decimals"]) == (number, number.decimals)


def test_what_is_remembered_is_bounded(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcut, "MOST", 1)
    extra = [share(2021, forecast=None), share(2020) | {"seen": None}]
    assert told(good, *(share(year) for year in range(2010, 2015)), *extra) == []


def test_one_file_is_checked_with_what_it_touches(good: Path, run: Any) -> None:
    bulk.write(good / "data/raw/bulk", share(2022, share_pct=101), share(2021))
    done = run("check", good / "data/raw/bulk/weekly.jsonl", "--format", "json")
    assert done.code == 1
    assert [finding["line"] for finding in json.loads(done.out)] == [1]


def test_files_that_are_no_claims_are_strays(good: Path) -> None:
    bulk.write(good / "data/raw/bulk", share())
    (good / "data/raw/bulk/_SUCCESS").touch()
    (good / "data/raw/bulk/weekly.csv").touch()
    step = "nothing reads this file; move it out of data/raw [stray-file]"
    assert findings(good) == [f"data/raw/bulk/_SUCCESS: {step}", f"data/raw/bulk/weekly.csv: {step}"]
