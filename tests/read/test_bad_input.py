"""What people write by mistake: each ends in a sentence that says what was found, what is expected and what is near."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datapkg
from datapkg.api import Data
from datapkg.model.errors import NotFound, UsageError
from datapkg.model.layout import Layout

VERSION = "version: expected the text of a version, such as '0.1.0', 'latest' or 'working'"
VOICE = "voice: expected the name of one voice, such as 'TrendForce'"
TABLE = "table: expected the name of a table, such as market_shares"


@pytest.mark.parametrize(
    ("table", "asked", "message"),
    [
        (None, {}, f"{TABLE}; found None, of the type NoneType"),
        (["companies"], {}, f"{TABLE}; found ['companies'], of the type list"),
        ("companies", {"version": 0.3}, f"{VERSION}; found 0.3, of the type float"),
        ("companies", {"version": ("0.1.0",)}, f"{VERSION}; found ('0.1.0',), of the type tuple"),
        ("market_shares", {"voice": ["TrendForce"]}, f"{VOICE}; found ['TrendForce'], of the type list"),
        ("companies", {"registry": 3}, "registry: expected a folder or a URL; found 3, of the type int"),
        ("market_shares", {"policy": None},
         "policy: expected the name of a policy, such as preferred; found None, of the type NoneType"),
        ("market_shares", {"valid_on": ["2023"]},
         "valid_on: expected a day or a period, such as 2023-Q4; found ['2023'], of the type list"),
        ("market_shares", {"known_by": 2023.5},
         "known_by: expected a day or a period, such as 2023-Q4; found 2023.5, of the type float"),
        ("market_shares", {"columns": 5}, "columns: expected a list of names; found 5, of the type int"),
        ("market_shares", {"columns": [3]}, "columns: expected the name of a column; found 3, of the type int"),
    ],
)  # fmt: skip
def test_wrong_types(inside: Path, table: Any, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        datapkg.load(table, **asked)
    assert str(caught.value) == message


@pytest.mark.parametrize("call", [datapkg.trace, datapkg.why])
def test_wrong_types_of_a_row_and_its_table(inside: Path, call: Any) -> None:
    with pytest.raises(UsageError, match=f"^{TABLE}; found None, of the type NoneType$"):
        call(None, {})
    with pytest.raises(UsageError, match=r"^trace takes a row of 'visits' or a mapping of its key, found NoneType$"):
        call("visits", None)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("2.5.7", "no release '2.5.7' in {place}. It has 0.1.0"),
        ("0.1.1", "no release '0.1.1' in {place}; did you mean '0.1.0'? It has 0.1.0"),
        ("v0.1", "'v0.1' is no version of the data; expected MAJOR.MINOR.PATCH as in 1.0.0 or 1.0.0-rc.1; "
                 "did you mean '0.1.0'?"),
        ("0.9", "'0.9' is no version of the data; expected MAJOR.MINOR.PATCH as in 1.0.0 or 1.0.0-rc.1"),
        ("newest", "'newest' is no version of the data; expected MAJOR.MINOR.PATCH as in 1.0.0 or 1.0.0-rc.1"),
    ],
)  # fmt: skip
def test_a_version_that_is_none_suggests_only_those_that_exist(inside: Path, version: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        datapkg.load("companies", version=version)
    assert str(caught.value) == message.format(place=inside / "data/releases")


def test_the_latest_version_is_the_newest_that_there_is(inside: Path, published: Path, tmp_path: Path) -> None:
    assert datapkg.load("people", version="latest").attrs["version"] == "0.1.0"
    assert datapkg.load("people", version="latest", registry=str(published)).attrs["version"] == "0.2.0"
    assert datapkg.load("people", version="latest", registry=published).attrs["version"] == "0.2.0"  # type: ignore[arg-type]
    assert datapkg.load("people", registry=str(published)).attrs["version"] == "0.1.0"
    (tmp_path / "index.json").write_text((published / "index.json").read_text("utf-8").partition('"latest"')[0] + (
        '"latest": null, "versions": []}'), "utf-8")  # fmt: skip
    with pytest.raises(NotFound, match=f"^{tmp_path} has no release yet$"):
        datapkg.load("people", version="latest", registry=str(tmp_path))


def test_names_of_every_sort(built: Path) -> None:
    data = Data(Layout(built))
    with pytest.raises(
        NotFound, match=r"^no table 'market_share' in invented-chips 1.2.3; did you mean 'market_shares'"
    ):
        data.load("market_share")
    with pytest.raises(NotFound, match=r"^no column 'perod' in table 'market_shares'; did you mean 'period'"):
        data.load("market_shares", columns=["perod"])
    with pytest.raises(NotFound, match=r"^no policy 'prefered' in datapkg; did you mean 'preferred'"):
        data.load("market_shares", policy="prefered")
    with pytest.raises(
        NotFound, match=r"^no voice 'Nordlicht Semy' in table 'market_shares'; did you mean 'nordlicht-semi'"
    ):
        Data(Layout(built), voice="Nordlicht Semy").load("market_shares")
    with pytest.raises(NotFound, match=r"^no entry 'nordlich-semi' in the registries; did you mean 'nordlicht-semi'"):
        data.mentions(["nordlich-semi"])
