from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planted import ONLY_OURS, PLANTED, SHARES, SPECS, Planted, companies, good, shares

from datapkg.check import frictionless
from datapkg.facts import engine
from datapkg.model import specs as specs_module
from datapkg.model.tableschema import publishable

PROFILE = "https://datapackage.org/profiles/2.0/"


def write(root: Path, table: pa.Table, **more: Any) -> Path:
    """Write a package of two tables the way that the build does; `more` goes into the resource of the first."""
    folder = root / "data" / "processed"
    folder.mkdir(parents=True, exist_ok=True)
    resources = []
    for name, content in (("shares", table), ("companies", companies())):
        path = folder / f"{name}.parquet"
        pq.write_table(content, path, compression="zstd", write_page_checksum=True)
        schema = publishable(specs_module.standard(SPECS[name]) | {"$schema": PROFILE + "tableschema.json"})
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        resources.append(
            {"name": name, "type": "table", "path": f"data/processed/{name}.parquet", "format": "parquet",
             "mediatype": "application/vnd.apache.parquet", "hash": f"sha256:{digest}", "rows": content.num_rows,
             "schema": schema} | (more if name == "shares" else {})
        )  # fmt: skip
    descriptor = root / "datapackage.json"
    content = {"$schema": PROFILE + "datapackage.json", "name": "planted", "version": "0.1.0", "resources": resources}
    descriptor.write_text(json.dumps(content), encoding="utf-8")
    return descriptor


def test_a_good_package_passes_with_nulls_in_columns_of_every_type(tmp_path: Path) -> None:
    assert frictionless.findings(write(tmp_path, shares(good()))) == []
    assert frictionless.findings(write(tmp_path, shares().slice(0, 0))) == []


def test_without_the_missing_values_of_numeric_fields_a_null_is_refused(tmp_path: Path) -> None:
    plain = specs_module.standard(SHARES)
    found = frictionless.findings(write(tmp_path, shares(), schema=plain))
    assert {f.column for f in found} == {"rank", "share"}


def test_numeric_fields_and_no_others_get_missing_values() -> None:
    before = json.dumps(SHARES.schema)
    fields = publishable(SHARES.schema)["fields"]
    assert [f["name"] for f in fields if f.get("missingValues") == ["", "nan"]] == ["rank", "share"]
    assert [f["name"] for f in fields if "missingValues" in f] == ["rank", "share"]
    assert json.dumps(SHARES.schema) == before


@pytest.mark.parametrize("name", PLANTED)
def test_planted_rows_are_refused(name: str, tmp_path: Path) -> None:
    case: Planted = PLANTED[name]
    found = frictionless.findings(write(tmp_path, shares(good(**case.row))))
    assert found
    assert {(f.rule, f.table) for f in found} == {("frictionless", "shares")}
    if case.column and case.rule not in ("schema-foreign-key", "schema-key"):
        assert {f.column for f in found} - {None} == {case.column}


@pytest.mark.parametrize("column", ["seen", "disputed", "rank", "share"])
def test_a_null_in_a_required_column_is_refused_whatever_its_type(column: str, tmp_path: Path) -> None:
    schema = json.loads(json.dumps(publishable(specs_module.standard(SHARES))))
    next(f for f in schema["fields"] if f["name"] == column)["constraints"] = {"required": True}
    rows = [good(), good(company_id="bolt", code=None, **{column: None})]
    found = frictionless.findings(write(tmp_path, engine.to_arrow(rows, SHARES), schema=schema))
    assert [f.column for f in found] == [column]
    assert 'constraint "required" is "True"' in found[0].message


def test_the_message_says_what_and_where(tmp_path: Path) -> None:
    found = frictionless.findings(write(tmp_path, shares(good(rank=0))))
    assert [str(f) for f in found] == [
        'shares: Constraint Error: The cell "0.0" in row at position "3" and field "rank" at position "4" does not '
        'conform to a constraint: constraint "minimum" is "1" [frictionless]'
    ]


def test_without_references_foreign_keys_are_left_to_our_own_check(tmp_path: Path) -> None:
    descriptor = write(tmp_path, shares(good(company_id="nobody")))
    assert frictionless.findings(descriptor, references=False) == []
    assert len(frictionless.findings(descriptor)) == 1
    descriptor = write(tmp_path, shares(good(company_id="nobody", rank=0)))
    assert [f.column for f in frictionless.findings(descriptor, references=False)] == ["rank"]


def wrong_type(root: Path) -> None:
    table = shares().set_column(3, "rank", pa.array(["two", "three"]))
    pq.write_table(table, root / "data/processed/shares.parquet")


def no_column(root: Path) -> None:
    pq.write_table(shares().drop(["note"]), root / "data/processed/shares.parquet")


def unlisted_column(root: Path) -> None:
    pq.write_table(shares().append_column("more", pa.nulls(2, pa.string())), root / "data/processed/shares.parquet")


def other_order(root: Path) -> None:
    pq.write_table(shares().select(SHARES.columns[::-1]), root / "data/processed/shares.parquet")


def no_file(root: Path) -> None:
    (root / "data/processed/shares.parquet").unlink()


def no_parquet(root: Path) -> None:
    (root / "data/processed/shares.parquet").write_bytes(b"company_id,period\n")


@pytest.mark.parametrize(
    "damage", [wrong_type, no_column, unlisted_column, other_order, no_file, no_parquet], ids=lambda d: d.__name__
)
def test_damaged_copies_are_refused(damage: Callable[[Path], None], tmp_path: Path) -> None:
    descriptor = write(tmp_path, shares())
    damage(tmp_path)
    found = frictionless.findings(descriptor)
    assert found
    assert {f.table for f in found} == {"shares"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot retrieve metadata"),
        ('{"name": "x"}', "'resources' is a required property"),
        ('{"name": "x", "resources": [{"name": "t", "path": "../t.parquet"}]}', 'path "../t.parquet" is not safe'),
        ("[]", "cannot retrieve metadata"),
        ('{"name": "x", "resources": 5}', "5 is not of type 'array'"),
        (None, "there is no datapackage.json; run: datapkg build"),
    ],
)
@pytest.mark.parametrize("references", [True, False])
def test_an_unusable_descriptor_is_refused(text: str | None, message: str, references: bool, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "datapackage.json").write_text(text)
    found = frictionless.findings(tmp_path / "datapackage.json", references)
    assert len(found) == 1
    assert message in found[0].message
    assert found[0].table is None


def test_what_frictionless_does_not_see_on_parquet(tmp_path: Path) -> None:
    """If one of these fails, frictionless has learnt something: take it out of the docstring and of check.package."""
    assert frictionless.findings(write(tmp_path, shares(), hash="sha256:" + "0" * 64)) == []
    for name in ("nan", "edtf", "key-null", "line-feed", "other-digits"):
        assert frictionless.findings(write(tmp_path, shares(good(**ONLY_OURS[name].row)))) == [], name
    narrow = shares(good()).set_column(3, "rank", pa.array([1, 2, 3], pa.int8()))
    assert frictionless.findings(write(tmp_path, narrow)) == []
    schema = publishable(specs_module.standard(SHARES))
    for f in schema["fields"]:
        if f["name"] == "rank":
            f["constraints"] = {"enum": [2, 2**53]}
        if f["name"] == "share":
            del f["constraints"]
    odd = good(rank=2**53 + 1, share=float("inf"))
    assert frictionless.findings(write(tmp_path, shares(odd), schema=schema)) == []
    descriptor = write(tmp_path, shares())
    shutil.copy(tmp_path / "data/processed/shares.parquet", tmp_path / "data/processed/more.parquet")
    assert frictionless.findings(descriptor) == []
