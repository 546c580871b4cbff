"""Entries by any name in any language, and what there is about each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packages import field, package, table
from runs import Run

import datapkg
from datapkg.api import Data
from datapkg.model.errors import NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.read.find import COLUMNS


@pytest.fixture(scope="module")
def data(built: Path) -> Data:
    return Data(Layout(built))


@pytest.fixture
def named(tmp_path: Path) -> Data:
    """Companies whose names hold each other."""
    fields = [field("company_id", required=True), field("name_en"), field("name_ko")]
    names = {"ai": "AI Works", "aix": "AIX Chips", "big-ai": "Big AI", "mail": "Mail Corp", "hanbit": "Hanbit Semi"}
    rows = [{"company_id": key, "name_en": name, "name_ko": None} for key, name in names.items()]
    return Data(Layout(package(tmp_path, {"companies": table("company_id", fields, rows)})))


def test_finds_by_id_name_and_alias_in_any_language(data: Data) -> None:
    for text in ("nordlicht-semi", "Nordlicht", "노르트리히트", "ｎｏｒｄｌｉｃｈｔ", "Nordlicht Semi GmbH"):
        found = data.find(text)
        assert list(found.columns) == list(COLUMNS)
        (entry,) = found.to_dict("records")
        assert (entry["kind"], entry["id"], entry["fit"]) == ("companies", "nordlicht-semi", "is")
        assert (entry["name_en"], entry["name_ko"]) == ("Nordlicht Semi", "노르트리히트")


def test_counts_the_rows_that_point_at_an_entry_and_those_that_it_tells(data: Data) -> None:
    (entry,) = data.find("nordlicht-semi").to_dict("records")
    tables = {name: int(rows) for name, rows in (part.split() for part in entry["tables"].split(", "))}
    assert entry["rows"] == sum(tables.values())
    for name, rows in tables.items():
        columns = [c for c in data.load(name).columns if c.endswith("_id") or c in ("about",)]
        held = data.load(name)[columns].isin(["nordlicht-semi", "companies/nordlicht-semi"])
        assert rows == held.to_numpy().sum(), name
    assert {"market_shares", "meeting_companies", "products"} <= set(tables)
    observed = [name for name in data.tables()["name"] if name.startswith("observations.")]
    assert entry["told"] == sum((data.load(name)["voice"] == "nordlicht-semi").sum() for name in observed) > 0


def test_the_best_fit_comes_first_and_short_latin_names_are_whole_words(named: Data) -> None:
    found = named.find("AI")
    assert list(zip(found["id"], found["fit"], strict=True)) == [("ai", "is"), ("big-ai", "holds")]
    assert list(named.find("big")["fit"]) == ["begins"]
    assert list(named.find("semi")["id"]) == ["hanbit"]


def test_what_only_resembles_a_name_is_found_where_nothing_fits(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    found = data.find("Nordlihct Semi")
    assert list(found["id"]) == ["nordlicht-semi"]
    assert set(found["fit"]) == {"near"}
    monkeypatch.setitem(__import__("sys").modules, "rapidfuzz", None)
    assert list(data.find("Nordlihct Semi")["id"]) == ["nordlicht-semi"]


def test_a_kind_limits_the_search(data: Data) -> None:
    assert set(data.find("foundry")["kind"]) == {"companies", "terms"}
    assert list(data.find("foundry", "terms")["id"]) == ["foundry"]
    with pytest.raises(NotFound) as caught:
        data.find("foundry", "company")
    assert str(caught.value).startswith("no kind 'company' in the registries; did you mean 'companies'")
    assert str(caught.value).endswith(
        "Kinds are alliances, companies, facilities, markets, people, products, segments, terms"
    )


def test_nothing_found_is_an_empty_answer_that_says_so(data: Data) -> None:
    found = data.find("qqqq")
    assert found.empty
    assert dict(found.dtypes) == dict(data.find("foundry").dtypes)
    where = "alliances, companies, facilities, markets, people, products, segments, terms"
    assert found.attrs["empty"] == f"nothing in {where} is called 'qqqq'"
    with pytest.raises(UsageError, match=r"^text: expected a name in any language, such as 삼성; found None, of"):
        data.find(None)  # type: ignore[arg-type]  # what people write


def test_the_functions_of_the_package_warn_of_empty_answers(inside: Path) -> None:
    assert list(datapkg.find("노르트리히트")["id"]) == ["nordlicht-semi"]
    with pytest.warns(UserWarning, match="^nothing in .* is called 'qqqq'$") as told:
        datapkg.find("qqqq")
    assert told[0].filename == __file__
    with pytest.warns(UserWarning, match="^no row of 'market_shares' has period == 2019; they have ") as told:
        datapkg.load("market_shares", filters=[("period", "==", 2019)])
    assert told[0].filename == __file__
    early = datapkg.load("market_shares", known_by="2019")
    assert early.attrs["empty"] == "there are 2 rows, and none of them with known_by 2019"


def test_the_command(run: Run, built: Path) -> None:
    run("find", "노르트리히트", "--root", built)
    assert run.code == 0
    assert "nordlicht-semi" in run.out
    run("find", "foundry", "--kind", "terms", "--json", "--root", built)
    assert [entry["id"] for entry in json.loads(run.out)] == ["foundry"]
    run("find", "Nordlihct Semi", "--root", built)
    assert (run.code, run.err) == (0, "datapkg: nothing is called 'Nordlihct Semi'; these names are like it\n")
    run("find", "qqqq", "--kind", "terms", "--root", built)
    assert (run.code, run.out, run.err) == (1, "", "datapkg: nothing in terms is called 'qqqq'\n")
