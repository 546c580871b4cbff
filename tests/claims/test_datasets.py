"""Tables of others: claims made by a map, refused with every reason or written, and proven cell by cell."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from datapkg import build
from datapkg.claims import check_cells, import_table, kept
from datapkg.claims.bulk import Digits, claim_nodes, dumped
from datapkg.claims.files import ClaimReader
from datapkg.claims.mapping import said, span
from datapkg.cli import main as cli
from datapkg.model.errors import CheckFailed, NotFound, UsageError
from datapkg.model.layout import Layout

TABLE = """\
Name,Chip,Buyer,Start,End,Units,Low,High,Notes,Watts,
Aurora X1 2030-Q3,X1,Hanbit,7/1/2030,9/30/2030,"1,200",1000,1500.0,as of 08.01.2031,90,
Aurora X1 2030,X1,Hanbit,1/1/2030,12/31/2030,5000,,,as of 08.01.2031 (so far),90
Total,X1,Total,1/1/2030,12/31/2030,9000,,,,90
"""
MAP: dict[str, Any] = {
    "source": {"source_id": "fab-watch", "title": "Shipments of accelerators", "publisher": "Fab Watch",
               "kind": "dataset", "tier": "secondary", "language": "en", "published": "2031-01-09",
               "url": "https://fabwatch.example/shipments.csv"},
    "table": {"file": "shipments.csv", "sha256": hashlib.sha256(TABLE.encode()).hexdigest(), "key": ["Name"]},
    "claims": [{
        "name": "units", "kind": "product_shipment", "certainty": "asserted",
        "says": "Fab Watch estimates that {buyer} got {units} {product} in {period}.",
        "vintage": {"column": "Notes", "match": r"as of (\S+)", "date": "%d.%m.%Y"},
        "fields": {
            "product": {"column": "Chip", "map": {"X1": "Aurora X1"}},
            "buyer": {"column": "Buyer", "map": {"Hanbit": "companies/Hanbit Foundry"}},
            "period": {"from": "Start", "to": "End", "date": "%m/%d/%Y"},
            "units": "Units",
            "units_low": {"column": "Low", "optional": True},
            "units_high": {"column": "High", "optional": True},
            "qualifier": {"value": "about"},
            "incomplete": {"column": "Notes", "has": "so far"},
        },
    }],
    "skip": [{"columns": ["Watts"], "because": "Units times power."}, {"columns": ["column 11"], "because": "Empty."},
             {"rows": {"Buyer": ["Total"]}, "because": "The sum of the rows above."}],
}  # fmt: skip


class Ground:
    """The invented repository, a table and its map beside it, and what becomes of them."""

    def __init__(self, root: Path) -> None:
        self.layout, self.table, self.map = Layout(root), root.parent / "shipments.csv", root.parent / "map.yaml"
        self.write(TABLE, MAP)

    def write(self, table: str, plan: dict[str, Any]) -> None:
        """Write a table and a map; the map has the digest of the table that it was made for."""
        self.table.write_text(table, encoding="utf-8")
        self.map.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def changed(self, *path: Any, to: Any) -> dict[str, Any]:
        """Return the map with one of its parts changed, or taken out if `to` is None."""
        plan: dict[str, Any] = json.loads(json.dumps(MAP))
        part: Any = plan
        for step in path[:-1]:
            part = part[step]
        if to is None:
            del part[path[-1]]
        else:
            part[path[-1]] = to
        return plan

    def refused(self) -> str:
        """Return why the import is refused, and see that nothing is written."""
        with pytest.raises((UsageError, CheckFailed)) as caught:
            import_table(self.layout, self.table, self.map)
        assert not self.layout.datasets.exists()
        error = caught.value
        return "\n".join(map(str, error.findings)) if isinstance(error, CheckFailed) else str(error)

    @property
    def claims(self) -> list[dict[str, Any]]:
        """The claims that were written."""
        lines = (self.layout.datasets / "fab-watch.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def ground(good: Path) -> Ground:
    return Ground(good)


def imported(ground: Ground) -> Ground:
    import_table(ground.layout, ground.table, ground.map)
    return ground


# What is written


def test_rows_become_claims_with_the_digests_of_their_cells(ground: Ground) -> None:
    done = import_table(ground.layout, ground.table, ground.map)
    assert (done.claims, done.rows, done.skipped) == (2, 3, 1)
    assert (ground.layout.datasets / "fab-watch.yaml").read_bytes() == ground.map.read_bytes()
    first, second = ground.claims
    assert first["claim"] == "aurora-x1-2030-q3-units"
    assert first["says"] == "Fab Watch estimates that Hanbit Foundry got 1200 Aurora X1 in 2030-Q3."
    assert first["vintage"] == "2031-01-08"
    assert first["cells"]["row"] == "Aurora X1 2030-Q3"
    assert first["cells"]["columns"]["Units"] == hashlib.sha256(b"1,200").hexdigest()
    assert set(first["cells"]["columns"]) == {"Chip", "Buyer", "Start", "End", "Units", "Low", "High", "Notes"}
    assert first["product_shipment"] == {
        "product": "Aurora X1", "buyer": "companies/Hanbit Foundry", "period": "2030-Q3", "units": 1200,
        "units_low": 1000, "units_high": 1500.0, "qualifier": "about", "incomplete": False,
    }  # fmt: skip
    assert '"units_high": 1500.0,' in (ground.layout.datasets / "fab-watch.jsonl").read_text(), "digits stay"
    assert second["product_shipment"]["period"] == "2030"
    assert "units_low" not in second["product_shipment"]
    assert second["product_shipment"]["incomplete"] is True


def test_the_build_makes_facts_of_them(ground: Ground) -> None:
    made = build.assemble(imported(ground).layout)
    assert [str(finding) for finding in build.checked(made, ("schema", "rules"), date(2031, 6, 2))] == []
    fact = made.tables["product_shipments"].to_pylist()[1]
    assert (fact["product_id"], fact["period"], fact["units"]) == ("aurora-x1", "2030-Q3", 1200)
    assert (fact["buyer"], fact["units_low"], fact["units_high"]) == ("companies/hanbit-foundry", 1000, 1500)
    claim = next(c for c in made.tables["claims"].to_pylist() if c["claim_id"] == fact["claim_id"])
    assert claim["file_sha256"] == MAP["table"]["sha256"]
    assert claim["row_key"] == "Aurora X1 2030-Q3"
    digests = dict(zip(claim["cell_columns"].split(" | "), claim["cell_sha256"].split(" "), strict=True))
    assert digests["Low"] == hashlib.sha256(b"1000").hexdigest()
    assert claim["recorded_in"] == "data/raw/datasets/fab-watch.jsonl"


def test_a_reading_that_is_kept_has_them_where_they_stand(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FEW", 0)
    monkeypatch.setattr(kept, "user_cache", lambda: tmp_path)
    read = build.assemble(imported(ground).layout)
    monkeypatch.setattr(ClaimReader, "file", None)
    again = build.assemble(ground.layout)
    assert again.places == read.places
    assert again.tables == read.tables


def test_an_import_again_writes_the_same(ground: Ground) -> None:
    first = {path.name: path.read_bytes() for path in imported(ground).layout.datasets.iterdir()}
    assert {path.name: path.read_bytes() for path in imported(ground).layout.datasets.iterdir()} == first


def test_rows_without_a_key_go_by_their_number(ground: Ground) -> None:
    ground.write(TABLE, ground.changed("table", "key", to="row"))
    ground.map.write_text(ground.map.read_text().replace("- columns:\n  - Watts", "- columns:\n  - Watts\n  - Name"))
    assert [claim["cells"]["row"] for claim in imported(ground).claims] == ["row 1", "row 2"]


def test_rows_are_skipped_by_number_too(ground: Ground) -> None:
    ground.write(TABLE, ground.changed("skip", 2, "rows", to={"row": ["2", "3"]}))
    assert [claim["claim"] for claim in imported(ground).claims] == ["aurora-x1-2030-q3-units"]


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        ("2030-01-01", "2030-12-31", "2030"),
        ("2030-07-01", "2030-12-31", "2030-H2"),
        ("2030-10-01", "2030-12-31", "2030-Q4"),
        ("2030-02-01", "2030-02-28", "2030-02"),
        ("2030-02-01", "2030-04-30", "2030-02-01/2030-04-30"),
        ("2029-07-01", "2030-06-30", "2029-07-01/2030-06-30"),
        ("2030-01-31", "2030-05-01", "2030-01-31/2030-05-01"),
        ("2030-05-04", "2030-05-04", "2030-05-04"),
    ],
)
def test_two_days_are_a_period(first: str, last: str, period: str) -> None:
    assert span(date.fromisoformat(first), date.fromisoformat(last)) == period


def test_what_a_claim_says_has_its_fields_in_it() -> None:
    assert said("{a} of {b}", {"a": Digits("1234567.50"), "b": "x/y"}) == "1,234,567.50 of x/y"
    with pytest.raises(ValueError, match=r"says has \{c\}, and the claim no such field; it has a, b"):
        said("{c}", {"a": 1, "b": 2})


def test_a_line_keeps_what_it_is_made_of(tmp_path: Path) -> None:
    value = {"a": Digits("13.0"), "b": ["ä", None, True], "c": {"d": Digits("-5")}}
    (tmp_path / "x.jsonl").write_text(f"{dumped(value)}\n\n", encoding="utf-8")
    (node,) = claim_nodes(tmp_path / "x.jsonl", "x.jsonl")
    assert node.plain() == {"a": 13.0, "b": ["ä", None, True], "c": {"d": -5}}
    assert node.value["a"].text == "13.0"


# What is refused, with nothing written


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        (("claims", 0, "fields", "units"), "Unit", "shipments.csv does not go with map.yaml\n  no column 'Unit'; did "
         "you mean 'Units'?\n  no claim uses the column 'Units'; use it, or skip it with its reason"),
        (("skip", 0), {"columns": ["Megahertz"], "because": "No."}, "no column 'Megahertz'; the table has Name, Chip"),
        (("claims", 0, "fields", "product", "map"), {"X2": "Aurora X1"},
         "line 2: Chip: 'X1' is not in the map; it has X2\n  line 3: Chip: 'X1' is not in the map; it has X2"),
        (("skip", 2), {"columns": ["Watts"], "because": "No."}, "line 4: makes no claim, since each lacks a cell;"),
        (("table", "key"), ["Name", "Chip", "Wats"], "no column 'Wats'; did you mean 'Watts'?"),
        (("table", "key"), ["Nam"], "no column 'Nam'; did you mean 'Name'?"),
        (("claims", 0, "vintage", "match"), r"on (\S+)", "line 2: Notes: 'as of 08.01.2031' does not match on (\\S+)"),
        (("claims", 0, "vintage", "date"), "%Y", "line 2: Notes: '08.01.2031' is no day of the form %Y"),
        (("claims", 0, "fields", "interval_level"), "Chip", "line 2: Chip: 'X1' is no number"),
        (("claims", 0, "says"), "{buyers}", "line 2: says has {buyers}, and the claim no such field; it has product"),
        (("claims", 0, "fields", "units_low"), "Low", "line 3: makes no claim, since each lacks a cell; skip it with "
         "its reason"),
        (("claims", 0, "kind"), "product_shipments", "no kind 'product_shipments'; did you mean 'product_shipment'"),
        (("claims", 0, "fields", "unit"), "Units", "product_shipment has no field 'unit'; did you mean 'units'"),
        (("claims", 0, "fields", "product"), None, "product_shipment needs 'product'"),
        (("claims", 0, "certainty"), None, "a claim needs 'certainty'"),
        (("claims", 0, "fields", "period"), {"from": "Start", "to": "End"},
         "period needs 'date', the form of the days, such as %m/%d/%Y"),
        (("claims", 0, "fields", "units"), {"value": 5, "column": "Units"},
         "units: expected a column, from and to, or a value"),
        (("claims", 0, "fields", "units"), {"column": "Units", "scale": "much"}, "scale: expected a number"),
        (("claims", 0, "vintage", "match"), r"as of \S+",
         "match: expected a pattern with one group, the part that is taken"),
        (("claims", 0, "vintage", "match"), "as of (", "match: no pattern: missing )"),
        (("claims", 0, "certainty"), "sure", "shipments.csv:2: fab-watch/aurora-x1-2030-q3-units: certainty: 'sure' is "
         "not in the vocabulary"),
        (("claims", 0, "fields", "qualifier"), {"value": "nearly"},
         "shipments.csv:2: fab-watch/aurora-x1-2030-q3-units: qualifier: 'nearly' is not in the vocabulary"),
        (("table", "sha256"), None, "table needs 'sha256'"),
        (("table", "key"), "Name", "key: expected a list of columns that no two rows share, or row"),
        (("claims",), {}, "expected a list"),
        (("skip",), [{"because": "So."}], "skip: expected columns: [...], or rows: {COLUMN: [cells]}, and because"),
        (("source", "published"), "soon", "published: 'soon' is no period"),
        (("notes",), 1, "a map has no field 'notes'; expected source, table, claims, skip"),
    ],
)  # fmt: skip
def test_a_map_that_does_not_go_with_its_table(ground: Ground, path: tuple[Any, ...], to: Any, message: str) -> None:
    ground.write(TABLE, ground.changed(*path, to=to))
    assert message in ground.refused()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE.replace("5000", "5100"), "shipments.csv has sha256 {sha}, and map.yaml is for {old}; look at what is "
         "another in it, then write its digest into the map"),
        (TABLE.replace("Aurora X1 2030-Q3", "Aurora X1 2030"), "lines 2 and 3 of shipments.csv have the key 'Aurora X1 "
         "2030'; add a column that tells them apart, or use key: row"),
        ("Name,Chip\n", "shipments.csv has no rows; expected a header and at least one"),
        ("Name\na,b\n", "shipments.csv:2: 2 cells, and the header has 1"),
        ('Name\n"a\n', "shipments.csv is no CSV in UTF-8: unexpected end of data"),
    ],
)  # fmt: skip
def test_another_table_or_none(ground: Ground, table: str, message: str) -> None:
    sha, old = hashlib.sha256(table.encode()).hexdigest(), MAP["table"]["sha256"]
    ground.write(table, MAP if "{old}" in message else ground.changed("table", "sha256", to=sha))
    assert message.format(sha=sha, old=old) in ground.refused()


def test_a_source_id_that_a_claim_file_has(ground: Ground) -> None:
    ground.write(TABLE, ground.changed("source", "source_id", to="nordlicht-results-2024"))
    told = "data/raw/claims/nordlicht-results-2024.yaml exists already; a source id is never reused"
    assert ground.refused() == told


def test_a_table_that_is_not_there(ground: Ground) -> None:
    with pytest.raises(NotFound, match=r"cannot read .*gone\.csv: No such file"):
        import_table(ground.layout, ground.table.with_name("gone.csv"), ground.map)


def test_unknown_names_come_with_rows_to_paste(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    ground.write(TABLE, ground.changed("claims", 0, "fields", "product", "map", to={"X1": "Borealis Z9"}))
    root = ["--root", str(ground.layout.root)]
    assert cli.main(["source", "import", str(ground.table), "--map", str(ground.map), *root]) == 1
    out = capsys.readouterr().out
    assert "rows to complete and to paste into data/raw/entities/products.csv:\n  borealis-z9,Borealis Z9,,,,\n" in out
    assert "no 'Borealis Z9' among the products" in out
    assert not ground.layout.datasets.exists()


# What proves it


def test_every_cell_is_proven(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(ground.layout.root)]
    assert cli.main(["source", "import", str(ground.table), "--map", str(ground.map), *root]) == 0
    told = "2 claims of 3 rows, 1 of them skipped: wrote data/raw/datasets/fab-watch.jsonl\n"
    assert capsys.readouterr().out == told
    assert cli.main(["source", "check", "fab-watch", str(ground.table), *root]) == 0
    assert capsys.readouterr().out == "2 claims with 16 cells, all proven\n"


def test_a_table_that_was_changed(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    imported(ground).table.write_text(TABLE.replace('"1,200"', "1200").replace("Aurora X1 2030,", "Aurora,"))
    assert cli.main(["source", "check", "fab-watch", str(ground.table), "--root", str(ground.layout.root)]) == 1
    assert capsys.readouterr().out == (
        "unproven: fab-watch/aurora-x1-2030-q3-units: another cell in Units\n"
        "unproven: fab-watch/aurora-x1-2030-units: no row has the key 'Aurora X1 2030'\n"
        "shipments.csv is not the file that the claims were made of; only their cells were compared\n"
        "2 claims with 16 cells, 2 unproven\n"
    )


def test_a_claim_that_the_map_does_not_make(ground: Ground) -> None:
    file = imported(ground).layout.datasets / "fab-watch.jsonl"
    file.write_text(file.read_text().replace('"units": 5000', '"units": 6000'))
    (found,) = check_cells(ground.layout, "fab-watch", ground.table).unproven
    assert found.claim_id == "fab-watch/aurora-x1-2030-units"
    assert str(found.place) == "data/raw/datasets/fab-watch.jsonl:2"
    assert found.why == "the map makes another claim of the same cells"


def test_another_table_altogether(ground: Ground) -> None:
    imported(ground).table.write_text(TABLE.replace("Aurora", "Borealis"))
    told = "no row of the 2 claims is in shipments.csv, whose first is 'Borealis X1 2030-Q3'; is it shipments.csv"
    with pytest.raises(UsageError, match=told):
        check_cells(ground.layout, "fab-watch", ground.table)


def test_a_check_without_the_table(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["source", "check", "fab-watch", "--root", str(imported(ground).layout.root)]) == 2
    assert "give the table as CSV, as its source publishes it" in capsys.readouterr().err


# What the committed claims are held to


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"cells": {"row"', '"cells": {"rows"', "cells: expected {row: the key of the row, columns: {column: digest"),
        ('"cells": {"row": "Aurora X1 2030", "columns"', '"sells": {"columns"', "a claim has no field 'sells'"),
        ('"certainty": "asserted"', '"certainty": "reported", "at": [1, 2]', "at: the source has no 'text'"),
        (hashlib.sha256(b"5000").hexdigest(), "5000", "quote_sha256: '5000' does not have the form"),
    ],
)  # fmt: skip
def test_claims_of_a_table_are_read_strictly(ground: Ground, old: str, new: str, message: str) -> None:
    file = imported(ground).layout.datasets / "fab-watch.jsonl"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    found = build.assemble(ground.layout).findings
    assert message in "\n".join(map(str, found))
    assert {finding.place.file for finding in found} == {"data/raw/datasets/fab-watch.jsonl"}


def test_a_map_without_claims_and_claims_without_a_map(ground: Ground) -> None:
    folder = imported(ground).layout.datasets
    (folder / "fab-watch.jsonl").write_text("")
    (found,) = build.assemble(ground.layout).findings
    told = "expected a claim on each line; make them with: datapkg source import"
    assert (found.message, found.place.file) == (told, "data/raw/datasets/fab-watch.jsonl")
    (folder / "fab-watch.yaml").unlink()
    (stray,) = build.assemble(ground.layout).findings
    assert (stray.rule, stray.place.file) == ("stray-file", "data/raw/datasets/fab-watch.jsonl")
