"""Diffs between packages: every kind of change, what it needs, how it reads, and that it is complete."""

from __future__ import annotations

import gc
import hashlib
import json
import math
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import field, package, table, tidy

from datapkg.compare import changes
from datapkg.compare.diff import needed, reasons
from datapkg.compare.packages import compare, withdrawn, write_changes
from datapkg.compare.text import markdown, record, summary
from datapkg.facts.conflicts import key_text
from datapkg.model.errors import ConfigError, IntegrityError, MissingExtra, NotFound, WriteError
from datapkg.package import PROFILE_PARQUET

SHARES = [
    field("company_id", required=True),
    field("period", required=True),
    field("share_pct", "number", unit="%"),
    field("note"),
    field("claim_count", "integer"),
    field("disputed", "boolean"),
    field("known_from", "date"),
    field("claim_id", required=True),
]
KEY = "company_id period"
ENTITY = field("entity_type", enum=["companies", "markets"])
ALIASES = [ENTITY, field("entity_id"), field("alias"), field("language")]
ONES = "sha256:" + "1" * 64


def share(company="nvidia", period="2024-01", pct=80.0, claim="altman-2024/share", **more):
    row = {"company_id": company, "period": period, "share_pct": pct, "claim_id": claim, "note": None}
    return {**row, "claim_count": 1, "disputed": False, "known_from": date(2024, 1, 31), **more}


def shares(*rows, fields=SHARES, key=KEY, **more):
    return {"market_shares": table(key, fields, rows, **more)}


def companies(*ids, key="company_id", **more):
    return {"companies": table(key, [field("company_id"), field("name_ko")], [{"company_id": i, "name_ko": "엔비디아"}
                                                                             for i in ids], **more)}  # fmt: skip


def aliases(*pairs, kind="companies"):
    rows = [{"entity_type": kind, "alias": a, "entity_id": e, "language": "en"} for a, e in pairs]
    return {"aliases": table("entity_type entity_id alias", ALIASES, rows)}


@pytest.fixture
def between(tmp_path):
    """A function from two sets of tables to (diff, tidy changes)."""

    def run(old, new, **more):
        one = package(tmp_path / "old", old)
        two = package(tmp_path / "new", new, version="0.2.0", **more)
        diff = compare(one, two, tmp_path)
        write_changes(diff, tmp_path / "changes.parquet")
        return diff, tidy(tmp_path / "changes.parquet")

    return run


def change(**given):
    empty = dict.fromkeys("key column old_value new_value old_claim_id new_claim_id reason".split())
    return {"table": "market_shares", **empty, **given}


def test_the_same_package_has_no_changes(between):
    made = {**shares(share()), **companies("nvidia"), **aliases(("NVDA", "nvidia"))}
    diff, rows = between(made, made)
    assert (diff.same, diff.changed, rows, needed(diff)) == (True, (), [], ("none", []))
    assert summary(diff) == "tiny: 0.1.0 -> 0.2.0\nno changes in 3 tables"
    assert markdown(diff) == "# Changes from 0.1.0 to 0.2.0\n\nNo changes.\n"
    assert record(diff)["unchanged"] == ["aliases", "companies", "market_shares"]


def test_empty_tables_are_tables(between):
    diff, rows = between(shares(), shares(title="other"))
    assert rows == []
    assert reasons(diff) == [("patch", "market_shares: metadata (title)")]
    diff, rows = between(shares(), shares(share()))
    assert [row["change"] for row in rows] == ["row_added"]
    diff, rows = between(shares(share()), shares())
    assert [row["change"] for row in rows] == ["row_removed"]


def test_rows_that_came_and_went_carry_all_their_cells(between):
    diff, rows = between(shares(share()), shares(share(company="삼성전자", note='a "b"\n한', pct=0.1)))
    cells = {"company_id": "삼성전자", "period": "2024-01", "share_pct": "0.1", "note": 'a "b"\n한', "claim_count": "1",
             "disputed": "false", "known_from": "2024-01-31", "claim_id": "altman-2024/share"}  # fmt: skip
    added, removed = rows
    assert json.loads(added["new_value"]) == cells
    assert added | {"new_value": None} == change(
        change="row_added", key="company_id=삼성전자;period=2024-01", new_claim_id="altman-2024/share"
    )
    assert json.loads(removed["old_value"])["share_pct"] == "80.0"
    assert removed | {"old_value": None} == change(
        change="row_removed", key="company_id=nvidia;period=2024-01", old_claim_id="altman-2024/share"
    )
    assert needed(diff) == ("minor", ["market_shares: 1 row added"])
    assert reasons(diff)[1:] == [("patch", "market_shares: 1 row withdrawn")]


def test_a_changed_cell_names_old_and_new_value_and_the_claims_behind_them(between):
    diff, rows = between(shares(share()), shares(share(pct=81.5, claim="report-2024/share")))
    key = "company_id=nvidia;period=2024-01"
    claims = {"key": key, "old_claim_id": "altman-2024/share", "new_claim_id": "report-2024/share"}
    assert rows == [
        change(change="cell_changed", column="claim_id", old_value="altman-2024/share", new_value="report-2024/share",
               **claims),
        change(change="cell_changed", column="share_pct", old_value="80.0", new_value="81.5", **claims),
    ]  # fmt: skip
    assert needed(diff) == ("patch", ["market_shares: 1 row with corrected values"])
    assert dict(diff.changed[0].counts.cells) == {"claim_id": 1, "share_pct": 1}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"note": None}, {"note": "x"}),
        ({"note": "x"}, {"note": None}),
        ({"pct": None}, {"pct": 0.0}),
        ({"pct": 0.1}, {"pct": 0.1 + 2**-56}),
        ({"pct": 0.0}, {"pct": -0.0}),
        ({"pct": math.nan}, {"pct": None}),
        ({"claim_count": 1}, {"claim_count": 2}),
        ({"disputed": False}, {"disputed": True}),
        ({"known_from": date(2024, 1, 31)}, {"known_from": date(1969, 12, 31)}),
        ({"note": "엔비디아"}, {"note": "엔비디아".encode().decode() + " "}),
    ],
)
def test_cells_are_compared_exactly_and_null_is_a_value(between, old, new):
    _, rows = between(shares(share(**old)), shares(share(**new)))
    assert [row["change"] for row in rows] == ["cell_changed"]
    assert rows[0]["old_value"] != rows[0]["new_value"]


def test_null_and_nan_equal_themselves(between):
    before, after = share(pct=math.nan, note=None), share(pct=math.nan, note=None, claim_count=2)
    _, rows = between(shares(before), shares(after))
    assert [row["column"] for row in rows] == ["claim_count"]


def test_keys_are_written_as_conflicts_writes_them(between):
    fields = [field("a", "boolean"), field("b", "date"), field("c", "integer"), field("d", "number"), field("e")]
    row = {"a": True, "b": date(2024, 1, 26), "c": -7, "d": 1.5, "e": None}
    made = {"t": table("e d c b a", fields, [row])}
    _, rows = between({"t": table("e d c b a", fields)}, made)
    assert rows[0]["key"] == key_text(row, "e d c b a".split()) == "e=None;d=1.5;c=-7;b=2024-01-26;a=true"


def test_another_order_of_key_columns_rows_and_columns_is_no_change_of_rows(between):
    rows = [share(), share("tsmc"), share("삼성전자")]
    diff, found = between(shares(*rows), shares(*rows[::-1], fields=SHARES[::-1], key="period company_id"))
    assert found == []
    assert needed(diff) == ("patch", ["market_shares: metadata (order of the columns)"])
    assert "# metadata: order of the columns" in summary(diff)


def test_tables_come_and_go(between):
    diff, rows = between(shares(share()), companies("nvidia", "tsmc"))
    assert rows == [
        change(table="companies", change="table_added", new_value="2"),
        change(change="table_removed", old_value="1"),
    ]
    assert needed(diff) == ("major", ["market_shares: table removed with 1 row"])
    assert reasons(diff)[1] == ("minor", "companies: table added with 2 rows")
    assert "\ncompanies: table added with 2 rows\n" in summary(diff)
    assert "| companies |  | 2 |  |  |  |" in markdown(diff)
    assert diff.rows(diff.changed[0], "row_added", 5) == []


def test_the_first_release_adds_everything(tmp_path):
    diff = compare(None, package(tmp_path / "new", {**shares(share()), **companies("nvidia")}))
    assert [str(table.events[0]) for table in diff.tables] == [
        "companies: table added with 1 row",
        "market_shares: table added with 1 row",
    ]
    assert diff.old_version is None
    assert summary(diff).startswith("tiny: nothing -> 0.1.0\nneeds a minor version:\n  - companies: table added")
    assert markdown(diff).startswith("# Changes from nothing to 0.1.0\n\nThis is the first release.\n\n## Tables")


def changed(name, **more):
    """Return the fields with one of them changed."""
    return [{**f, **more} if f["name"] == name else f for f in SHARES]


def limited(name, **limits):
    return changed(name, constraints=limits)


SHAPES = [
    (SHARES, [f for f in SHARES if f["name"] != "note"], "major", "note: column removed (string)"),
    (SHARES, [*SHARES, field("hours", "number", unit="h")], "minor", "hours: column added (number, h)"),
    (SHARES, changed("note", type="number"), "major", "note: type string -> number"),
    (SHARES, changed("claim_count", arrow=pa.int32()), "major", "claim_count: Arrow type int64 -> int32"),
    (SHARES, changed("share_pct", unit="ratio"), "major", "share_pct: unit % -> ratio"),
    (changed("share_pct", unit=None), SHARES, "major", "share_pct: unit none -> %"),
    (limited("note"), limited("note", required=True), "patch", "note: required no -> yes"),
    (limited("note", required=True), limited("note"), "major", "note: required yes -> no"),
    (limited("note", enum=["a", "b"]), limited("note", enum=["b", "c"]), "major", "note: allowed values -a +c"),
    (limited("note", enum=["a"]), limited("note", enum=["a", "b"]), "minor", "note: allowed values +b"),
    (limited("note", enum=["a"]), limited("note"), "minor", "note: allowed values +any"),
    (limited("note"), limited("note", enum=["a"]), "patch", "note: allowed values -any +a"),
]


@pytest.mark.parametrize(("old", "new", "level", "text"), SHAPES, ids=[text for *_, text in SHAPES])
def test_each_change_of_shape_is_named_with_what_it_needs(between, old, new, level, text):
    diff, rows = between(shares(fields=old), shares(fields=new))
    column, _, what = text.partition(": ")
    assert reasons(diff) == [(level, f"market_shares.{column}: {what}")]
    assert f"  ! {text}" in summary(diff)
    assert [row["column"] for row in rows] == [column]
    assert rows[0]["change"] == diff.tables[0].events[0].change
    shape = record(diff)["tables"][0]["shape"]
    assert [(s["column"], s["level"]) for s in shape] == [(column, level)]


@pytest.mark.parametrize(
    ("old", "new", "level", "text"),
    [
        ("", "company_id=companies.company_id", "minor", "none -> companies.company_id"),
        ("company_id=companies.company_id", "", "major", "companies.company_id -> none"),
        ("company_id=companies.company_id", "company_id=people.id", "major", "companies.company_id -> people.id"),
    ],
)
def test_what_a_column_points_at_is_part_of_its_meaning(between, old, new, level, text):
    diff, _ = between(shares(references=old), shares(references=new))
    assert needed(diff) == (level, [f"market_shares.company_id: points at {text}"])


def test_the_tidy_form_of_a_change_of_shape_says_which_aspect(between):
    _, rows = between(shares(fields=limited("note", enum=["a"])), shares(fields=changed("note", unit="h")))
    assert rows == [
        change(change="column_retyped", column="note", old_value=None, new_value="enum=any"),
        change(change="column_retyped", column="note", old_value=None, new_value="unit=h"),
    ]


def test_metadata_is_a_patch(between):
    old = shares(fields=changed("note", description="x", constraints={"minimum": 1}), title="a")
    new = shares(fields=changed("note", description="y", constraints={"minimum": 2}), title="b")
    diff, rows = between(old, new, licenses=[{"name": "CC-BY-4.0"}])
    assert rows == []
    assert reasons(diff) == [
        ("patch", "market_shares: metadata (title, note: description, note: minimum)"),
        ("patch", "package: metadata (licenses)"),
    ]
    assert "\npackage: metadata: licenses\n" in summary(diff)
    assert "- patch: package: metadata (licenses)" in markdown(diff)


def test_a_changed_key_matches_no_rows(between):
    diff, rows = between(shares(share()), shares(share(pct=1.0), key="company_id"))
    assert [(row["change"], row["key"]) for row in rows] == [
        ("key_changed", None),
        ("row_added", "company_id=nvidia"),
        ("row_removed", "company_id=nvidia;period=2024-01"),
    ]
    assert needed(diff) == ("major", ["market_shares: primary key company_id, period -> company_id"])
    assert "  ! primary key company_id, period -> company_id" in summary(diff)


def test_values_of_a_retyped_column_are_compared_in_the_new_type(between):
    rows = [share(note="1"), share("tsmc", note="1.50"), share("amd", note="x"), share("arm", note=None)]
    values = {"nvidia": 1.0, "tsmc": 1.25, "amd": None, "arm": None}
    after = [row | {"note": values[row["company_id"]]} for row in rows]
    _, found = between(shares(*rows), shares(*after, fields=changed("note", type="number")))
    assert [(row["key"][11:14], row["old_value"], row["new_value"]) for row in found if row["key"]] == [
        ("amd", "x", None),
        ("tsm", "1.50", "1.25"),
    ]


def test_a_retyped_key_still_matches(between):
    old = {"t": table("id", [field("id", "integer"), field("x")], [{"id": 1, "x": "a"}, {"id": 2, "x": "b"}])}
    new = {"t": table("id", [field("id"), field("x")], [{"id": "1", "x": "c"}, {"id": "2", "x": "b"}])}
    _, rows = between(old, new)
    assert [row["change"] for row in rows] == ["cell_changed", "column_retyped"]


def test_retired_ids_need_a_redirect(between):
    old = {**companies("nvidia", "nvidia-corp", "gone"), **aliases()}
    new = {**companies("nvidia"), **aliases(("nvidia-corp", "nvidia"), ("gone", "not-there"))}
    diff, rows = between(old, new)
    base = {"table": "companies", "change": "id_retired", "column": "company_id"}
    assert [row for row in rows if row["change"] == "id_retired"] == [
        change(**base, key="company_id=gone", old_value="gone"),
        change(**base, key="company_id=nvidia-corp", old_value="nvidia-corp", new_value="nvidia"),
    ]
    assert needed(diff) == ("major", ["companies: 1 id gone without a redirect"])
    text = summary(diff)
    assert "companies: 2 rows withdrawn, 2 ids retired, 1 without redirect" in text
    assert "  x gone -> nothing\n  x nvidia-corp -> nvidia\n" in text
    assert "- `companies`: `gone` → no redirect\n- `companies`: `nvidia-corp` → `nvidia`" in markdown(diff)


def test_an_alias_of_another_registry_is_no_redirect(between):
    new = {**companies("nvidia"), **aliases(("gone", "nvidia"), kind="markets")}
    diff, _ = between({**companies("nvidia", "gone"), **aliases()}, new)
    assert diff.changed[1].counts.lost == 1


def test_ids_count_as_retired_when_the_aliases_are_gone_too(between):
    diff, _ = between({**companies("nvidia", "gone"), **aliases()}, companies("nvidia"))
    assert needed(diff) == (
        "major",
        ["aliases: table removed with 0 rows", "companies: 1 id gone without a redirect"],
    )


def test_rows_of_other_tables_do_not_retire(between):
    odd = {"aliases": table("entity_id", [field("entity_id")])}
    for extra in (aliases(), odd, {}):
        old = {**extra, "t": table("id", [field("id")], [{"id": "a"}])}
        diff, rows = between(old, {**extra, "t": table("id", [field("id")])})
        assert [row["change"] for row in rows] == ["row_removed"]
        assert diff.changed[0].counts.retired == 0


def test_a_registry_with_another_key_retires_nothing_more(between):
    old, new = companies("nvidia", "gone"), companies("nvidia", key="name_ko")
    diff, rows = between({**old, **aliases()}, {**new, **aliases()})
    assert "id_retired" not in {row["change"] for row in rows}
    assert needed(diff)[0] == "major"


GONE = [{"id": "altman-2024/share", "reason": "counted twice"}, {"id": "report-2024", "reason": "기사 철회"}]


def withdrawing(tmp_path, new):
    rows = [
        share(),
        share("tsmc", claim="report-2024/a"),
        share("amd", claim="other/x"),
        share("arm", claim="report-2024/b"),
    ]
    sources = {"sources": table("source_id", [field("source_id")], [{"source_id": "report-2024"}])}
    empty = {"sources": table("source_id", [field("source_id")])}
    old = package(tmp_path / "old", {**shares(*rows), **sources})
    return compare(old, package(new, {**shares(share("arm", claim="other/y")), **empty}, version="0.1.1"))


@pytest.mark.parametrize("home", ["release.json", "data/raw/withdrawn.yaml"])
def test_rows_withdrawn_carry_the_reason(tmp_path, home):
    path = tmp_path / "new" / home
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"withdrawn": GONE} if home == "release.json" else GONE, ensure_ascii=False))
    diff = withdrawing(tmp_path, tmp_path / "new")
    removed = diff.rows(diff.tables[0], "row_removed", 9)
    assert [(row["old_claim_id"], row["reason"]) for row in removed] == [
        ("other/x", None),
        ("altman-2024/share", "counted twice"),
        ("report-2024/a", "기사 철회"),
    ]
    assert diff.tables[0].counts.unexplained == 1
    assert diff.rows(diff.tables[0], "cell_changed", 1)[0]["reason"] == "기사 철회"
    assert diff.rows(diff.tables[1], "row_removed", 1)[0]["reason"] == "기사 철회"
    assert needed(diff)[0] == "patch"
    assert "  - company_id=nvidia;period=2024-01 (altman-2024/share; counted twice)" in summary(diff)
    assert "- `company_id=nvidia;period=2024-01`: withdrawn (`altman-2024/share`; counted twice)" in markdown(diff)
    assert "- `source_id=report-2024`: withdrawn (기사 철회)" in markdown(diff)


@pytest.mark.parametrize(
    ("home", "text", "message"),
    [
        (
            "release.json",
            '{"withdrawn": [{"id": "a"}]}',
            "release.json: withdrawn: KeyError: 'reason'; expected a list of",
        ),
        ("release.json", '{"withdrawn": 3}', "TypeError: 'int' object is not iterable; expected"),
        ("release.json", "[]", "AttributeError: 'list' object has no attribute 'get'; expected"),
        ("data/raw/withdrawn.yaml", "- {id: a, reason: 3}", "ValueError: an id and a reason are texts; expected"),
        ("data/raw/withdrawn.yaml", "- {id: a, reason: b}\n- {id: a, reason: c}", "an id is there twice; expected"),
        ("data/raw/withdrawn.yaml", "- {id: a", "withdrawn.yaml:"),
    ],
)
def test_a_wrong_list_of_withdrawals_is_named(tmp_path, home, text, message):
    path = tmp_path / home
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        withdrawn(tmp_path)
    assert message in str(caught.value)


def test_an_empty_list_of_withdrawals_is_fine(tmp_path):
    (tmp_path / "release.json").write_text('{"withdrawn": null}')
    assert withdrawn(tmp_path) == {}
    (tmp_path / "release.json").write_text("{}")
    assert withdrawn(tmp_path) == {}


def test_tables_with_equal_content_are_not_compared(between):
    diff, rows = between(shares(share(), content=ONES), shares(share(pct=1.0), content=ONES))
    assert (rows, diff.same) == ([], True)
    diff, rows = between(shares(share(), content=ONES), shares(share(), fields=changed("note", unit="h"),
                                                                   content=ONES))  # fmt: skip
    assert [row["change"] for row in rows] == ["column_retyped"]


def test_changes_are_sorted_and_their_bytes_depend_on_the_packages_only(tmp_path):
    def rows(shift):
        return [share(f"c{n}", pct=float(n + shift * (n % 3 == 0))) for n in range(500 * shift, 3000)]

    for number in (1, 2):
        old = package(tmp_path / f"{number}" / "old", {**shares(*rows(0)), **companies("b", "a")})
        new = package(tmp_path / f"{number}" / "new", {**shares(*rows(1)[::-1]), **companies("c")})
        write_changes(compare(old, new, memory="500MB" if number == 1 else "2GB"), tmp_path / f"{number}.parquet")
    one, two = ((tmp_path / f"{number}.parquet").read_bytes() for number in (1, 2))
    assert one == two
    found = [tuple(row[c] or "" for c in ("table", "change", "key", "column")) for row in tidy(tmp_path / "1.parquet")]
    assert found == sorted(found)
    assert len(found) == 3 + 500 + 833
    pq.write_table(pq.read_table(tmp_path / "1.parquet"), tmp_path / "usual.parquet", **PROFILE_PARQUET)
    assert len(one) < (tmp_path / "usual.parquet").stat().st_size  # a wheel holds it


def test_changes_have_the_profile_of_our_tables(between, tmp_path):
    between(shares(share()), shares(share(pct=1.0)))
    with pq.ParquetFile(tmp_path / "changes.parquet") as file:
        column = file.metadata.row_group(0).column(0)
        assert (column.compression, file.metadata.format_version) == ("ZSTD", "2.6")
        assert column.has_column_index
        notes = file.schema_arrow.metadata
        assert (notes[b"dataset"], notes[b"old_version"], notes[b"new_version"]) == (b"tiny", b"0.1.0", b"0.2.0")
        assert file.schema_arrow.field("key").metadata[b"description"].startswith(b"Primary key")
        assert [f.nullable for f in file.schema_arrow][:3] == [False, False, True]
        pq.ParquetFile(tmp_path / "changes.parquet", page_checksum_verification=True).read()


def test_many_changes_go_into_groups_of_one_size(between, tmp_path, monkeypatch):
    monkeypatch.setattr("datapkg.compare.changes.ROW_GROUP", 8)
    _, rows = between(shares(), {**shares(*[share(f"c{n:02}") for n in range(20)]), **companies("a")})
    assert len(rows) == 21
    with pq.ParquetFile(tmp_path / "changes.parquet") as file:
        assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [8, 8, 5]


def test_examples_are_limited_and_say_how_many_more(between):
    diff, _ = between(shares(share(note="x" * 500)), shares(*[share(f"c{n}") for n in range(1200)]))
    text = summary(diff, examples=2)
    assert "market_shares: 1,200 rows added, 1 row withdrawn" in text
    assert "    and 1,198 more" in text
    assert "- and 1,196 more" in markdown(diff, limit=5)
    made = record(diff, limit=3)
    assert (made["needs"], made["because"]) == ("minor", ["market_shares: 1,200 rows added"])
    entry = made["tables"][0]
    assert (len(entry["changes"]), entry["complete"]) == (4, False)
    assert entry["changes"][-1]["old_value"]["note"] == "x" * 500
    assert entry["rows"] == {
        "old": 1,
        "new": 1200,
        "added": 1200,
        "removed": 1,
        "removed_without_reason": 1,
        "changed": 0,
    }
    assert json.loads(json.dumps(made)) == made


def test_reasons_are_limited_in_the_summary(between):
    diff, _ = between(shares(), shares(fields=[field("company_id"), field("period")]))
    assert "  and 5 more reasons" in summary(diff)


def test_values_cannot_break_the_layout(between):
    old, new = share(note="a\n| `b` | ``c``"), share(note="x" * 300)
    diff, _ = between(shares(old), shares(new, fields=changed("note", description="new")))
    line = next(line for line in markdown(diff).splitlines() if "note" in line and line.startswith("- `company"))
    assert "``` a | `b` | ``c`` ``` → `" in line
    assert "x" * 119 + "…`" in line
    assert "note a | `b` | ``c`` -> xxx" in summary(diff)
    assert "metadata (note: description)" in markdown(diff)


def test_null_reads_as_null(between):
    diff, _ = between(shares(share(pct=None)), shares(share()))
    assert "  ~ company_id=nvidia;period=2024-01: share_pct null -> 80.0 (altman-2024/share)" in summary(diff)
    assert "market_shares: 1 row changed (share_pct 1)" in summary(diff)


def test_a_change_without_claims_has_no_brackets(between):
    made = [{"t": table("id", [field("id"), field("x")], [{"id": "a", "x": x}])} for x in "bc"]
    diff, _ = between(*made)
    assert "  ~ id=a: x b -> c\n" in summary(diff)
    assert "- `id=a`: `x` `b` → `c`\n" in markdown(diff)


def test_files_of_a_diff_go_away_with_it(tmp_path):
    old, new = package(tmp_path / "old", shares(share())), package(tmp_path / "new", shares())
    diff = compare(old, new, tmp_path)
    scratch = diff.scratch
    assert scratch.parent == tmp_path
    assert not list(scratch.glob("*.wide.parquet"))
    del diff
    gc.collect()
    assert not scratch.exists()


def test_the_connection_draws_no_bar_and_keeps_to_its_memory(tmp_path):
    with changes.connect(tmp_path, "1GB", []) as connection:
        ask = "SELECT current_setting('enable_progress_bar'), current_setting('memory_limit')"
        assert connection.execute(ask).fetchall() == [(False, "953.6 MiB")]


def test_odd_folders_are_just_names(tmp_path):
    folder = tmp_path / "year=2024" / "a[b]*c?'d 한"
    old, new = package(folder / "old", shares(share())), package(folder / "new", shares(share(pct=1.0)))
    diff = compare(old, new, folder)
    write_changes(diff, folder / "changes.parquet")
    assert [row["column"] for row in tidy(folder / "changes.parquet")] == ["share_pct"]


def test_a_folder_without_a_descriptor_is_named(tmp_path):
    with pytest.raises(NotFound) as caught:
        compare(None, tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds no datapackage.json; name the folder of a release, or of a repository after `datapkg build`"
    )


def test_a_key_that_names_several_rows_is_refused(tmp_path):
    old = package(tmp_path / "old", shares(share()))
    new = package(tmp_path / "new", shares(share(pct=1.0), share(pct=2.0)))
    with pytest.raises(IntegrityError) as caught:
        compare(old, new, tmp_path)
    assert str(caught.value) == (
        "table 'market_shares': a primary key (company_id, period) names several rows, so rows cannot be matched; run "
        "`datapkg check`"
    )
    assert not list(tmp_path.glob("datapkg-diff-*"))


def test_a_file_that_is_not_the_promised_one_is_refused(tmp_path):
    old = package(tmp_path / "old", shares(share()))
    new = package(tmp_path / "new", shares(share(pct=2.0)))
    path = new / "data/market_shares.parquet"
    pq.write_table(pq.ParquetFile(path).read().slice(0, 0), path)
    with pytest.raises(IntegrityError) as caught:
        compare(old, new)
    assert f"{path} is not the file that {new / 'datapackage.json'} promises: expected sha256:" in str(caught.value)
    assert str(caught.value).endswith("; run `datapkg build`, or fetch the release again")


def test_a_file_that_is_no_parquet_or_lacks_a_column_is_refused(tmp_path):
    old, new = (package(tmp_path / name, shares(share())) for name in ("old", "new"))
    path = new / "data/market_shares.parquet"
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["note"]), path)
    with pytest.raises(IntegrityError, match=r"has the columns .*, but datapackage.json promises company_id, period"):
        compare(old, new)
    path.write_bytes(b"PAR1")
    with pytest.raises(IntegrityError, match="of table 'market_shares' cannot be read as Parquet: "):
        compare(old, new)
    path.unlink()
    with pytest.raises(IntegrityError, match="of table 'market_shares' cannot be read as Parquet: "):
        compare(old, new)


def test_damage_inside_a_file_names_the_table(tmp_path):
    old, new = (package(tmp_path / n, shares(*[share(f"c{i}", pct=p) for i in range(999)])) for n, p in
                [("old", 1.0), ("new", 2.0)])  # fmt: skip
    path = new / "data/market_shares.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * 400 + data[404:])
    text = (new / "datapackage.json").read_text()
    digests = [hashlib.sha256(d).hexdigest() for d in (data, path.read_bytes())]
    (new / "datapackage.json").write_text(text.replace(*digests))
    with pytest.raises(WriteError) as caught:
        compare(old, new, tmp_path)
    assert str(caught.value).startswith("comparing table 'market_shares' failed: ")
    assert str(caught.value).endswith(f"; give it more memory, or a scratch folder with more room than {tmp_path}")


def test_changes_that_cannot_be_written_leave_what_was_there(between, tmp_path):
    diff, _ = between(shares(share()), shares())
    with pytest.raises(WriteError, match=r"cannot write .*/none/changes.parquet: "):
        write_changes(diff, tmp_path / "none" / "changes.parquet")
    (tmp_path / "folder").mkdir()
    with pytest.raises(WriteError, match=r"cannot write .*folder: Is a directory"):
        write_changes(diff, tmp_path / "folder")
    assert not list(tmp_path.glob(".datapkg-*"))


def test_without_duckdb_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtra) as caught:
        compare(None, package(tmp_path / "new", shares()))
    assert str(caught.value) == "comparing packages needs duckdb: pip install 'semiconductor-datapkg[sql]'"


WORDS = st.text(st.sampled_from("ab한;='\"\\\n\x00é"), max_size=4)
KEYS = st.tuples(st.sampled_from(["a", "b", "삼성"]), st.integers(-2, 2))
CELLS = st.tuples(st.none() | WORDS, st.none() | st.floats() | st.sampled_from([0.0, -0.0]), st.none() | st.booleans())
TABLES = st.dictionaries(KEYS, CELLS, max_size=8)
NAMES = ["company", "number", "text", "value", "flag"]
FIELDS = [
    field("company"),
    field("number", "integer"),
    field("text"),
    field("value", "number"),
    field("flag", "boolean"),
]


def rows_of(cells):
    return [dict(zip(NAMES, (*key, *values), strict=True)) for key, values in cells.items()]


def as_text(row):
    """Return a row as texts, in the way of DuckDB."""
    columns = ", ".join(
        f"CAST(? AS {kind}) :: VARCHAR" for kind in ("VARCHAR", "BIGINT", "VARCHAR", "DOUBLE", "BOOLEAN")
    )
    return dict(zip(NAMES, duckdb.execute(f"SELECT {columns}", list(row.values())).fetchall()[0], strict=True))


def applied(old, steps):
    """Return the old rows after the changes, all as texts, by key."""
    rows = {key_text(row, NAMES[:2]): as_text(row) for row in old}
    for entry in steps:
        if entry["change"] == "row_added":
            assert entry["key"] not in rows
            rows[entry["key"]] = json.loads(entry["new_value"])
        elif entry["change"] == "row_removed":
            assert rows.pop(entry["key"]) == json.loads(entry["old_value"])
        else:
            assert rows[entry["key"]][entry["column"]] == entry["old_value"] != entry["new_value"]
            rows[entry["key"]][entry["column"]] = entry["new_value"]
    return rows


@settings(max_examples=40, deadline=None)
@given(TABLES, TABLES)
def test_the_changes_applied_to_the_old_rows_give_the_new_rows(before, after):
    old, new = rows_of(before), rows_of(after)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        sides = [package(home / name, {"t": table("company number", FIELDS, rows)}) for name, rows in
                 [("old", old), ("new", new)]]  # fmt: skip
        write_changes(compare(*sides, scratch=home), home / "changes.parquet")
        steps = tidy(home / "changes.parquet")
    assert applied(old, steps) == {key_text(row, NAMES[:2]): as_text(row) for row in new}
