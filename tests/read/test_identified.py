"""Companies by what registers outside call them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from packages import field, package, table

from datapkg.api import Data
from datapkg.model.errors import NotFound
from datapkg.model.layout import Layout

LEI = "9884007ER46L6N7EI764"
NAMES = {"tern-fab": "Tern Fab", "hanbit": "Hanbit Semi"}
VALUES = [("tern-fab", "ticker", "XNAS:TERN"), ("tern-fab", "lei", LEI), ("tern-fab", "cik", "0000012345"),
          ("hanbit", "ticker", "XKRX:012345"), ("gone", "ticker", "XNYS:GONE")]  # fmt: skip
IDENTIFIERS = table(
    "company_id scheme value",
    [field(name, required=True) for name in ("company_id", "scheme", "value")],
    [dict(zip(("company_id", "scheme", "value"), row, strict=True)) for row in VALUES],
    references="company_id=companies.company_id",
)


def opened(folder: Path, **more: Any) -> Data:
    """Return a package of two companies with a share each."""
    companies = [{"company_id": key, "name_en": name} for key, name in NAMES.items()]
    shares = [{"company_id": key, "share_pct": 40.0 + place} for place, key in enumerate(NAMES)]
    tables = {
        "companies": table("company_id", [field("company_id", required=True), field("name_en")], companies),
        "market_shares": table("company_id", [field("company_id", required=True), field("share_pct", "number")], shares,
                               references="company_id=companies.company_id"),
    }  # fmt: skip
    return Data(Layout(package(folder, {**tables, **more})))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return opened(tmp_path_factory.mktemp("identified"), company_identifiers=IDENTIFIERS)


@pytest.mark.parametrize(
    ("asked", "value"),
    [("XNAS:TERN", "XNAS:TERN"), ("xnas:tern", "XNAS:TERN"), (LEI, LEI), ("0000012345", "0000012345")],
)
def test_a_company_is_found_by_an_identifier(data: Data, asked: str, value: str) -> None:
    (entry,) = data.find(asked).to_dict("records")
    assert (entry["kind"], entry["id"], entry["fit"], entry["matched"]) == ("companies", "tern-fab", "is", value)
    assert (entry["rows"], entry["tables"]) == (3, "company_identifiers 3")


def test_identifiers_are_found_whole_only_and_lead_to_companies_that_are_there(data: Data) -> None:
    for part in ("12345", "XNAS", LEI[:10], "XNYS:GONE"):
        assert data.find(part).empty, part


def test_filters_take_an_identifier_for_the_company(data: Data) -> None:
    for value in ("XNAS:TERN", LEI, "0000012345", "tern-fab", "Tern Fab"):
        found = data.load("market_shares", filters=[("company_id", "==", value)])
        assert list(found["share_pct"]) == [40.0], value
    assert len(data.load("market_shares", filters=[("company_id", "in", ["XNAS:TERN", "XKRX:012345"])])) == 2
    with pytest.raises(NotFound, match=re.escape("no 'XNAS:TERM' among the companies of tiny 0.1.0")):
        data.load("market_shares", filters=[("company_id", "==", "XNAS:TERM")])


def test_a_package_without_the_table_is_read_as_before(tmp_path: Path) -> None:
    older = opened(tmp_path)
    assert older.find("XNAS:TERN").empty
    assert list(older.find("tern")["id"]) == ["tern-fab"]
    with pytest.raises(NotFound, match="no 'XNAS:TERN' among the companies"):
        older.load("market_shares", filters=[("company_id", "==", "XNAS:TERN")])


def test_a_table_of_others_is_joined_by_an_identifier(data: Data) -> None:
    """The join of docs/analyst.md."""
    page = (Path(__file__).parents[2] / "docs/analyst.md").read_text("utf-8")
    (join,) = re.findall(r"```sql\n(.*?)```", page, re.S)
    prices = f"(SELECT '{LEI}' AS lei, 12.5 AS price, '2024' AS period)"
    asked = join.replace("JOIN prices", f"JOIN {prices} AS prices")
    assert data.query(asked).to_dict("records") == [{"period": "2024", "share_pct": 40.0, "price": 12.5}]
