"""Figures over time, on invented shares of two firms: gaps, hedges, forecasts, voices, units."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from overtime import invented
from runs import Run

import datapkg
from datapkg.api import Data
from datapkg.compare.recheck import rechecked
from datapkg.model.errors import NotFound, UsageError
from datapkg.read.lock import read_lock
from datapkg.read.overtime import over_time
from datapkg.read.series import Wanted
from datapkg.read.time import frequency


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(invented(tmp_path_factory.mktemp("series") / "good"))


def shares(data: Data, company: Any = ("Nordlicht", "한빛파운드리"), **wanted: Any) -> pd.DataFrame:
    names = list(company) if isinstance(company, tuple) else company
    return over_time(data, "market_shares", Wanted({"market": "AI 가속기", "company": names}, **wanted))


def points(frame: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {str(name): {str(at): value for at, value in column.dropna().items()} for name, column in frame.items()}


def test_a_column_per_company_and_a_row_per_quarter(data: Data) -> None:
    found = shares(data, freq="Q")
    assert isinstance(found.index, pd.PeriodIndex)
    assert (list(found.columns), found.columns.name) == (["nordlicht-semi", "hanbit-foundry"], "company_id")
    assert list(map(str, found.index)) == ["2024Q1", "2024Q2", "2024Q3", "2024Q4"]
    assert points(found) == {
        "nordlicht-semi": {"2024Q1": 30, "2024Q4": 32},
        "hanbit-foundry": {"2024Q1": 20, "2024Q3": 21},
    }


def test_attrs_say_whose_of_when_and_what_is_missing(data: Data) -> None:
    attrs = shares(data, freq="Q").attrs
    assert json.loads(json.dumps(attrs)) == attrs
    assert (attrs["table"], attrs["value"], attrs["freq"]) == ("market_shares", "share_pct", "Q")
    assert attrs["units"] == {"share_pct": "%"}
    assert attrs["voices"] == {"nordlicht-semi": "kestrel-research", "hanbit-foundry": "kestrel-research"}
    assert attrs["vintages"]["nordlicht-semi"] == ["2025-01-20", "2025-01-20"]
    assert attrs["gaps"] == {"nordlicht-semi": ["2024-Q2", "2024-Q3"], "hanbit-foundry": ["2024-Q2"]}
    left = {(entry["series"], entry["period"]): entry["why"] for entry in attrs["left_out"]}
    assert left == {
        ("nordlicht-semi", "2024"): "by Y",
        ("nordlicht-semi", "2024-Q2"): "hedged",
        ("nordlicht-semi", "2024-Q3"): "told by lumen-telecom",
        ("nordlicht-semi", "2025-Q1"): "forecast",
        ("hanbit-foundry", "2024-H1"): "by H",
        ("hanbit-foundry", "2024-H2"): "by H",
    }


def test_hedged_figures_and_forecasts_are_there_when_asked_for_and_marked(data: Data) -> None:
    found = shares(data, freq="Q", hedged=True, forecast=True)
    assert points(found)["nordlicht-semi"] == {"2024Q1": 30, "2024Q2": 34, "2024Q4": 32, "2025Q1": 35}
    assert found.attrs["hedged"] == {"nordlicht-semi": {"2024-Q2": "up_to"}, "hanbit-foundry": {}}
    assert found.attrs["forecasts"] == {"nordlicht-semi": ["2025-Q1"], "hanbit-foundry": []}


def test_a_voice_tells_its_own_series(data: Data) -> None:
    found = shares(Data(data.layout, voice="Lumen Telecom"), "Nordlicht")
    assert points(found) == {"nordlicht-semi": {"2024Q3": 39}}
    assert found.attrs["voices"] == {"nordlicht-semi": "lumen-telecom"}


def test_without_a_frequency_the_most_common_one_is_taken(data: Data) -> None:
    assert shares(data).attrs["freq"] == "Q"
    halves = shares(data, "한빛파운드리", freq="H")
    assert points(halves) == {"hanbit-foundry": {"2024Q1": 20, "2024Q3": 22}}
    assert [str(at.end_time.date()) for at in halves.index] == ["2024-06-30", "2024-12-31"]
    assert points(shares(data, "Nordlicht", freq="Y")) == {"nordlicht-semi": {"2024": 31}}
    with pytest.raises(NotFound, match=r"^no freq 'weekly' in datapkg\. Frequencies are Y, H, Q, M, D$"):
        shares(data, freq="weekly")


def test_a_company_without_a_figure_is_an_empty_column(data: Data) -> None:
    found = shares(data, ("Lumen Telecom", "Nordlicht"), freq="Q")
    assert list(found.columns) == ["lumen-telecom", "nordlicht-semi"]
    assert found["lumen-telecom"].isna().all()


def test_an_empty_answer_says_why(data: Data) -> None:
    none = shares(data, "Nordlicht", freq="M")
    assert none.empty
    assert none.attrs["empty"] == "6 rows fit, and none is a point by M: 5 by Q, 1 by Y"
    none = shares(data, "Lumen Telecom")
    assert none.attrs["empty"].startswith(
        "none of the 10 rows with market_id == ai-accelerators has company_id == lumen-t"
    )


def test_figures_in_two_currencies_do_not_go_into_one_frame(data: Data) -> None:
    wanted = {"company": "Nordlicht", "metric": "revenue"}
    with pytest.raises(UsageError) as caught:
        over_time(data, "company_metrics", Wanted(wanted, freq="Q"))
    assert str(caught.value) == (
        "the figures are in more than one currency (1 in EUR, 1 in USD); choose one with "
        "filters=[('currency', '==', 'EUR')]"
    )
    euros = over_time(data, "company_metrics", Wanted(wanted, [("currency", "==", "EUR")], "Q"))
    assert points(euros) == {"nordlicht-semi": {"2024Q1": 100}}
    assert euros.attrs["currency"] == "EUR"


def test_what_makes_no_series_is_refused(data: Data) -> None:
    with pytest.raises(
        UsageError, match=r"^table 'companies' has no figures over time; series and plot work with company_c"
    ):
        over_time(data, "companies", Wanted({}))
    with pytest.raises(UsageError) as caught:
        over_time(data, "market_shares", Wanted({"metric": "revenue"}))
    assert str(caught.value) == (
        "metric: the figures of 'market_shares' go by company, market, basis; for other columns there is filters="
    )
    with pytest.raises(NotFound, match=r"^no 'Nordlihct' among the companies of .*; did you mean 'nordlicht-semi'"):
        shares(data, "Nordlihct")


@pytest.mark.parametrize(
    ("text", "freq"),
    [("2024", "Y"), ("2024-H1", "H"), ("2024-Q3", "Q"), ("2024-01", "M"), ("2024-01-26", "D"),
     ("2023-11/2024-01", "interval"), ("2023/2024", "interval")],
)  # fmt: skip
def test_a_period_says_its_frequency(text: str, freq: str) -> None:
    assert frequency(text) == freq


@pytest.fixture
def here(data: Data, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(data.layout.root)
    return data.layout.root


def sources(data: Data, rows: Any) -> set[str]:
    return {entry["id"] for entry in json.loads(data.cite(rows, "csl-json"))[1:]}


KESTREL, LUMEN = "kestrel-notes-2025", "lumen-notes-2025"


class TestCiting:
    """A frame of series stands for the rows behind its figures, each of the voice that tells it."""

    def test_the_articles_behind_the_figures(self, data: Data) -> None:
        whole = shares(data, freq="Q")
        assert sources(data, whole) == {KESTREL}
        assert sources(data, shares(data, company="한빛파운드리", freq="H")) == {LUMEN}

    def test_rows_columns_and_cells_are_enough(self, data: Data) -> None:
        whole = shares(data, freq="Q")
        for part in (whole.tail(1), whole["hanbit-foundry"], whole[["nordlicht-semi"]].round(), whole.iloc[0]):
            assert sources(data, part) == {KESTREL}

    def test_the_name_of_a_series_may_have_several_parts(self, data: Data) -> None:
        named = {"company": ["Nordlicht"], "metric": ["revenue"]}
        revenue = over_time(data, "company_metrics", Wanted(named, [("currency", "==", "EUR")], "Q"))
        assert list(revenue.attrs["keys"]) == ["nordlicht-semi / revenue"]
        assert sources(data, revenue) == {KESTREL}

    def test_what_is_no_series_any_more(self, data: Data) -> None:
        whole = shares(data, freq="Q")
        gap = whole.assign(gap=whole["nordlicht-semi"] - whole["hanbit-foundry"])
        with pytest.raises(UsageError, match=r"'gap' is no series of 'market_shares' here; cite columns among 'hanbit"):
            data.cite(gap)
        with pytest.raises(UsageError, match=r"rows of the frame are no periods any more.*cite the frame of datapkg\."):
            data.cite(whole.reset_index())
        with pytest.raises(UsageError, match="has no figure of 'market_shares', and so no article; gaps cite nobody"):
            data.cite(whole["hanbit-foundry"].iloc[1:2])

    def test_a_lock_keeps_each_series_as_its_voice_tells_it(self, data: Data, tmp_path: Path) -> None:
        data.lock(tmp_path / "paper.lock.json", shares(data, freq="Q"))
        lock = read_lock(tmp_path / "paper.lock.json")
        assert [(part["table"], part["voice"]) for part in lock["tables"]] == [("market_shares", "kestrel-research")]
        cells = {(row["key"]["company_id"], row["key"]["period"]): row["cells"] for row in lock["tables"][0]["rows"]}
        assert cells == {
            ("nordlicht-semi", "2024-Q1"): {"share_pct": 30}, ("nordlicht-semi", "2024-Q4"): {"share_pct": 32},
            ("hanbit-foundry", "2024-Q1"): {"share_pct": 20}, ("hanbit-foundry", "2024-Q3"): {"share_pct": 21},
        }  # fmt: skip
        assert rechecked(tmp_path / "paper.lock.json", data).empty


def test_the_function_of_the_package(here: Path) -> None:
    found = datapkg.series(
        "market_shares", market="AI accelerators", company=["Nordlicht"], freq="Q", version="working"
    )
    assert points(found) == {"nordlicht-semi": {"2024Q1": 30, "2024Q4": 32}}
    with pytest.warns(UserWarning, match="^6 rows fit, and none is a point by M: 5 by Q, 1 by Y$") as told:
        datapkg.series("market_shares", company="Nordlicht", freq="M", version="working")
    assert told[0].filename == __file__


def test_the_commands(data: Data, run: Run) -> None:
    root = data.layout.root
    named = ["--market", "AI 가속기", "--company", "Nordlicht", "--company", "한빛파운드리"]
    run("series", "market_shares", *named, "--freq", "Q", "--csv", "--root", root)
    assert run.code == 0
    assert run.out.splitlines()[:3] == ["period,nordlicht-semi,hanbit-foundry", "2024Q1,30.0,20.0", "2024Q2,,"]
    assert (
        run.err == "datapkg: 6 rows are in no column: 2 by H, 1 by Y, 1 hedged, 1 forecast, 1 told by lumen-telecom\n"
    )
    run("series", "company_metrics", "--company", "Nordlicht", "--where", "currency=EUR", "--freq", "M", "--root", root)
    assert (run.code, run.err) == (1, "datapkg: 2 rows fit, and none is a point by M: 1 by Y, 1 by Q\n")
    assert run("describe", "market_shares", "--root", root).out.startswith("market_shares: Market shares\n")
    run("describe", "--json", "--root", root)
    assert "market_shares" in [row["table"] for row in json.loads(run.out)]
