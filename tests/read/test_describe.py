"""What a table and the package hold, as text, HTML and frame; and where the file of a table is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import polars
import pytest
from packages import field, package, table

import datapkg
from datapkg.api import Data
from datapkg.model.errors import IntegrityError, NotFound, UsageError
from datapkg.model.layout import Layout


@pytest.fixture(scope="module")
def data(built: Path) -> Data:
    return Data(Layout(built))


def test_a_table_names_its_columns_with_units_meaning_and_examples(data: Data) -> None:
    told = data.describe("market_shares")
    frame = told.to_frame()
    assert type(frame) is pd.DataFrame
    assert sorted(frame["column"]) == sorted(data.load("market_shares").columns)
    share = frame.set_index("column").loc["share_pct"]
    assert (share["type"], share["unit"], share["examples"]) == ("number", "%", "e.g. 42.0, 45.0")
    assert share["meaning"] == data.load("market_shares").attrs["descriptions"]["share_pct"]
    about = list(frame["part"] == "about the claims")
    assert about == sorted(about)
    assert list(frame["part"])[:3] == ["key"] * 3
    text = str(told)
    assert repr(told) == text
    assert text.startswith("market_shares: Market shares\nShares of markets. One row per")
    assert "2 rows, by company_id, market_id, period, basis, forecast" in text
    assert "from 3 observations, in observations.market_shares" in text
    assert max(map(len, text.splitlines())) <= 100 + len("last_stated")


def test_the_package_names_its_facts_first_each_with_its_observations(data: Data) -> None:
    frame = data.describe().to_frame()
    names = list(frame["table"])
    facts = [name for name in data.tables()["name"] if f"observations.{name}" in set(data.tables()["name"])]
    assert names[: len(facts)] == facts
    assert not [name for name in names if name.startswith("observations.")]
    assert frame.set_index("table").loc["market_shares", ["rows", "from"]].tolist() == ["2", "3 observations"]
    assert str(data.describe()).splitlines()[1] == "invented-chips 1.2.3, CC-BY-4.0"


def test_a_notebook_shows_tables_as_html_facts_before_observations(data: Data) -> None:
    frame = data.tables()
    assert type(frame) is pd.DataFrame
    for shown in (frame._repr_html_(), data.describe()._repr_html_()):
        assert "<table" in shown
        assert "<td" in shown
    names = list(frame["name"])
    observed = [name for name in names if name.startswith("observations.")]
    assert all(names.index(name.removeprefix("observations.")) < names.index(name) for name in observed)


def test_html_shows_what_others_wrote_as_text(tmp_path: Path) -> None:
    fields = [field("id", required=True), field("note")]
    rows = [{"id": "a", "note": "<script>alert(1)</script>\x1b[2J"}, {"id": "b", "note": None}]
    told = Data(Layout(package(tmp_path, {"notes": table("id", fields, rows, title="<b>Notes</b>")}))).describe("notes")
    html = told._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[2J" in html
    assert "&lt;b&gt;Notes&lt;/b&gt;" in html
    assert "\x1b" not in str(told)


def test_the_file_of_a_table_is_proven_and_reads_elsewhere(package: Path) -> None:
    data = Data(Layout(package))
    file = data.path("companies")
    assert file == package / "data/processed/companies.parquet"
    many = len(data.load("companies"))
    assert len(polars.read_parquet(file)) == len(pd.read_parquet(file)) == many
    assert duckdb.connect().execute(f"SELECT count(*) FROM '{file}'").fetchone() == (many,)
    file.write_bytes(file.read_bytes() + b"!")
    with pytest.raises(IntegrityError, match=r"companies\.parquet is not the file that datapackage\.json promises"):
        data.path("companies")


def test_the_file_of_a_remote_table_is_in_the_cache(inside: Path, served: str, tmp_path: Path) -> None:
    file = datapkg.path("companies", version="0.2.0", registry=served, cache=tmp_path / "cache")
    assert tmp_path / "cache" in file.parents
    assert len(pd.read_parquet(file)) == len(datapkg.load("companies"))
    assert datapkg.path("companies").parts[-2:] == ("data", "companies.parquet")


def test_mistakes(data: Data) -> None:
    for call in (data.describe, data.path):
        with pytest.raises(NotFound, match=r"^no table 'market_share' in .*; did you mean 'market_shares'"):
            call("market_share")
        with pytest.raises(
            UsageError, match=r"^table: expected the name of a table, such as market_shares; found 3, of"
        ):
            call(3)  # type: ignore[arg-type]  # what people write
    with pytest.raises(
        UsageError, match=r"^table: expected the name of a table, such as market_shares; found None, of"
    ):
        data.path(None)  # type: ignore[arg-type]  # what people write
    with pytest.raises(UsageError, match=r"^voice works with load, trace and cite; leave out 'x' here$"):
        Data(data.layout, voice="x").path("companies")
