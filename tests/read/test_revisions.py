"""Chains of vintages as readers ask for them: by a row or part of a key, in any spelling, of any release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runs import Run

import datapkg
from datapkg.api import Data
from datapkg.model.errors import NotFound, UsageError
from datapkg.model.layout import Layout

HANBIT = {"company_id": "한빛파운드리", "period": 2025}


@pytest.fixture(scope="module")
def data(built: Path) -> Data:
    return Data(Layout(built))


def test_a_part_of_a_key_is_enough_and_names_are_resolved(data: Data) -> None:
    frame = data.revisions("company_metrics", HANBIT)
    assert list(frame.columns) == [
        *("company_id", "metric", "market_id", "period", "vintage", "voice", "forecast", "value"),
        *("change", "change_unit", "outcome", "outcome_voice", "error"),
        *("amount", "amount_low", "amount_high", "qualifier", "currency", "unit", "claims", "claim_id"),
    ]
    (row,) = frame.to_dict("records")
    assert (row["value"], row["forecast"], row["claims"]) == ("2000000000 EUR", True, 1)
    assert frame.attrs["table"] == "company_metrics"
    row = data.load("company_metrics", filters=[("period", "==", "2025")])
    assert data.revisions("observations.company_metrics", row).equals(frame)


def test_releases_without_vintages_have_chains_too() -> None:
    asked = {"company_id": "Micron", "market_id": "HBM", "period": "2023"}
    frame = datapkg.revisions("market_shares", asked, version="0.3.0")
    april, august, autumn, count = frame.to_dict("records")
    assert (april["value"], april["voice"], april["outcome"], april["error"]) == ("9", "trendforce", "about 5.1", 3.9)
    assert (august["value"], august["change"], august["change_unit"]) == ("4 to 6", -4, "points")
    assert (autumn["forecast"], count["forecast"]) == (True, False)
    assert frame.attrs["version"] == "0.3.0"


def test_what_is_not_there_is_said_with_the_near_miss(data: Data) -> None:
    with pytest.raises(NotFound, match=r"no column 'company' in the key of table 'company_metrics'; did you mean 'co"):
        data.revisions("company_metrics", {"company": "x"})
    near = r"no figure 'hanbit-foundry, 2052' in table 'company_metrics'; did you mean 'hanbit-foundry, 2025'"
    with pytest.raises(NotFound, match=rf"{near}.* Run `datapkg show company_metrics` to see its rows"):
        data.revisions("company_metrics", {**HANBIT, "period": 2052})
    with pytest.raises(UsageError, match=r"table 'deals' has no figures that are foretold and counted; revisions works "
                                         r"with company_changes, company_metrics, "):  # fmt: skip
        data.revisions("deals", {})
    with pytest.raises(NotFound, match=r"no voice 'nobody'"):
        Data(data.layout, voice="nobody").revisions("company_metrics", HANBIT)


def test_the_command_prints_a_table_or_json(run: Run, built: Path) -> None:
    asked = ("revisions", "company_metrics", "hanbit-foundry", "capex", "period=2025", "--root", built)
    head, _, line = run(*asked).out.splitlines()
    assert run.code == 0
    assert "amount" not in head
    assert "2000000000 EUR" in line
    (row,) = json.loads(run(*asked, "--json").out)
    assert (row["amount"], row["currency"], row["outcome"]) == (2e9, "EUR", None)
    assert run("revisions", "company_metrics", "hanbit-foundry", "capx", "--root", built).code == 2
