"""Twenty-four questions of an analyst, each in at most six lines with its right answer.

They are asked of the tables of this repository.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import datapkg
from datapkg.api import WORKING

ROOT = Path(__file__).parents[2]
HELD = {"version": WORKING}
LINES = 6
QUESTIONS = 24


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the repository, and with an error for every answer that is empty."""
    monkeypatch.chdir(ROOT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_who_leads_foundry_and_by_how_much() -> None:
    """What shares of foundry revenue have TSMC and Samsung, and how has the gap between them grown?"""
    shares = datapkg.series("market_shares", market="foundry", company=["TSMC", "삼성전자"], freq="Q", **HELD)
    gap = shares["tsmc"] - shares["samsung-electronics"]
    assert shares.loc["2025Q4"].tolist() == [70.4, 7.1]
    assert gap["2025Q4"] - gap["2023Q4"] == pytest.approx(13.4)
    assert set(shares.attrs["voices"].values()) == {"trendforce"}


def test_the_largest_chip_vendors() -> None:
    """Who were the three largest semiconductor vendors of 2024?"""
    top = [("market_id", "==", "semiconductors-gartner"), ("period", "==", 2024), ("rank", "<=", 3)]
    ranks = datapkg.load("market_ranks", filters=top, **HELD)
    assert dict(zip(ranks["rank"], ranks["company_id"], strict=True)) == {
        1: "nvidia", 2: "samsung-electronics", 3: "intel"}  # fmt: skip


def test_growth_of_the_market() -> None:
    """How large was the semiconductor market in 2024, and how much larger than in 2023?"""
    size = datapkg.series("market_sizes", market="semiconductors-gartner", freq="Y", **HELD).iloc[:, 0]
    assert (size["2024"], size.attrs["currency"]) == (655_882e6, "USD")
    assert 100 * size.pct_change()["2024"] == pytest.approx(21.0, abs=0.05)


def test_the_dram_market_by_quarter() -> None:
    """How did DRAM revenue go in 2025?"""
    dram = datapkg.series("market_sizes", market="DRAM", freq="Q", **HELD).loc["2025", "dram"]
    assert (dram / 1e9).tolist() == [27.01, 31.63, 41.4, 53.58]


def test_the_race_in_hbm() -> None:
    """What shares of HBM revenue have SK hynix, Samsung and Micron, and are they points or hedged?"""
    firms = ["SK hynix", "삼성전자", "Micron"]
    hbm = datapkg.series("market_shares", market="HBM", company=firms, basis="revenue", freq="Q", **HELD)
    assert hbm.loc["2025Q3"].tolist() == [57, 22, 21]
    assert hbm.attrs["hedged"] == {"sk-hynix": {}, "samsung-electronics": {}, "micron": {}}


def test_the_price_of_an_h100() -> None:
    """What does an H100 cost in dollars, and how exactly is that known?"""
    asked = [("product_id", "==", "H100"), ("currency", "==", "USD")]
    price = datapkg.load("product_prices", filters=asked, **HELD).set_index("period")
    assert price.loc["2023-08", ["low", "high"]].tolist() == [25_000, 30_000]
    assert price.loc["2024-02", ["amount", "qualifier"]].tolist() == [40_000, "more_than"]


def test_the_wait_for_an_h100() -> None:
    """How long did one wait for an H100, and when did it become shorter?"""
    wait = datapkg.load("product_lead_times", filters=[("product_id", "==", "H100")], **HELD).set_index("period")
    assert (wait.loc["2024-01", "days"], wait.loc["2024-02", "days_high"]) == (365, 120)


def test_who_supplies_nvidia_with_hbm3e() -> None:
    """From whom does NVIDIA buy HBM3E?"""
    asked = [("customer_id", "==", "엔비디아"), ("product_id", "==", "HBM3E")]
    suppliers = datapkg.load("supply_relations", filters=asked, **HELD)["supplier_id"]
    assert set(suppliers) == {"micron", "samsung-electronics", "sk-hynix"}


def test_what_is_in_an_h100() -> None:
    """Of what is an H100 made?"""
    parts = datapkg.load("product_components", filters=[("product_id", "==", "H100")], **HELD)["component_id"]
    assert set(parts) == {"gpu", "hbm3", "tsmc-4nm"}


def test_whom_altman_met() -> None:
    """Which companies did Sam Altman meet in Korea on 26 January 2024?"""
    met = datapkg.load("meetings", filters=[("date", "==", "26 Jan 2024")], **HELD)["meeting_id"]
    there = datapkg.load("meeting_companies", filters=[("meeting_id", "in", met)], **HELD)
    assert {"samsung-electronics", "sk-hynix"} <= set(there["company_id"])


def test_who_runs_intel() -> None:
    """Who was chief executive of Intel in June 2025?"""
    chief = [("company_id", "==", "인텔"), ("title", "==", "chief executive officer")]
    now = datapkg.load("positions", filters=chief, valid_on="2025-06", assume_open=True, **HELD)
    assert "lip-bu-tan" in set(now["person_id"])
    assert "pat-gelsinger" not in set(now["person_id"])


def test_who_stands_behind_ualink() -> None:
    """Which companies belong to the UALink consortium, and is NVIDIA one of them?"""
    members = set(datapkg.load("alliance_members", filters=[("alliance_id", "==", "UALink")], **HELD)["company_id"])
    assert {"amd", "intel", "broadcom", "google", "microsoft"} <= members
    assert "nvidia" not in members


def test_which_companies_of_korea_are_fabless() -> None:
    """Which fabless companies of Korea are there?"""
    korean = datapkg.load("companies", filters=[("country", "==", "KR")], **HELD)["company_id"]
    asked = [("role", "==", "팹리스"), ("company_id", "in", korean)]
    assert {"rebellions", "furiosa-ai"} <= set(datapkg.load("company_roles", filters=asked, **HELD)["company_id"])


def test_a_chip_of_openai() -> None:
    """Does OpenAI make a chip of its own?"""
    plans = datapkg.load("plans", filters=[("company_id", "==", "OpenAI"), ("kind", "==", "own_chip")], **HELD)
    assert plans.set_index("plan_id").loc["openai-own-chip", "status"] == "in_development"


def test_the_purchase_of_arm() -> None:
    """What became of NVIDIA's purchase of Arm, and what was it to cost?"""
    deal = datapkg.load("deals", filters=[("deal_id", "==", "nvidia-arm-2020")], **HELD).iloc[0]
    assert (deal["status"], deal["amount"], deal["currency"]) == ("cancelled", 40e9, "USD")


def test_what_was_known_of_nvidia_at_the_end_of_2023() -> None:
    """What could be known of NVIDIA's share of AI chips at the end of 2023?"""
    asked = [("company_id", "==", "NVIDIA"), ("market_id", "==", "ai-chips")]
    early = datapkg.load("market_shares", filters=asked, known_by="2023-12-31", **HELD)
    assert early.attrs["empty"] == "6 rows fit the filters, and none of them with known_by 2023-12-31"


def test_where_the_counters_of_dram_disagree() -> None:
    """Where do TrendForce and Counterpoint disagree on DRAM, and whose figure is taken?"""
    asked = [("table", "==", "market_shares"), ("other_voice", "==", "counterpoint-research")]
    apart = datapkg.load("conflicts", filters=asked, **HELD)
    late = apart[apart["key"].str.contains("market_id=dram;period=2024-Q4")]
    assert dict(zip(late["chosen_value"], late["other_value"], strict=True)) == {"39.3": "37", "36.6": "35"}
    assert set(late["reason"]) == {"trendforce leads this market"}


def test_who_says_so() -> None:
    """Who says that TSMC has 70.4 % of foundry, on which pages, and how do I cite them?"""
    asked = [("company_id", "==", "TSMC"), ("market_id", "==", "foundry"), ("period", "==", "4Q25")]
    row = datapkg.load("market_shares", filters=asked, **HELD)
    claims, entries = datapkg.trace("market_shares", row), datapkg.cite(row)
    assert set(claims["voice"]) == {"trendforce"}
    assert all(source in entries for source in claims["source_id"])


def test_what_korean_pages_say_of_hbm() -> None:
    """How much do Korean pages say about HBM?"""
    said = datapkg.mentions("hbm*", **HELD)
    korean = said[said["language"] == "ko"]
    assert len(korean) >= 60
    assert korean["says"].str.contains("HBM|memory", regex=True).any()


def test_how_many_h100_microsoft_got() -> None:
    """How many H100, with H200, did Microsoft get in 2023?"""
    hopper = [("buyer", "==", "companies/Microsoft"), ("product_id", "==", "nvidia-h100-h200")]
    got = datapkg.load("product_shipments", filters=hopper, **HELD)
    quarters = got[got["period"].str.startswith("2023")]
    assert quarters["units"].sum() == 224_450
    assert (quarters["units_low"] < quarters["units"]).all()
    assert set(quarters["voice"]) == {"epoch-ai"}


def test_which_plants_make_3_nm() -> None:
    """Which plants make chips of 3 nm, and whose are they?"""
    made = datapkg.load("facility_profiles", filters=[("node_nm", "<=", 3), ("node_to_nm", ">=", 3)], **HELD)
    plants = datapkg.load("facilities", **HELD).set_index("facility_id").loc[made["facility_id"]]
    assert {"tsmc-tainan-fab-18-p5", "intel-leixlip-fab-34"} <= set(plants.index)
    assert set(plants["operator_id"]) == {"tsmc", "intel", "samsung-electronics"}


def test_what_intel_got_of_the_chips_act() -> None:
    """How much did Intel get of the CHIPS Act?"""
    grants = datapkg.load("grants", filters=[("grant_id", "==", "intel-chips-grant")], **HELD)
    amounts = grants.set_index("stage")["amount"]
    assert amounts["final"] == 7_860_000_000  # and 7.865 by others
    assert amounts["disbursed"] == 2_200_000_000


def test_what_intel_invests() -> None:
    """How much did Intel invest each year?"""
    spent = datapkg.series("company_metrics", company="Intel", metric="capex", freq="Y", **HELD)["intel"] / 1e9
    assert spent["2019":"2024"].round(1).tolist() == [16.2, 14.3, 18.7, 24.8, 25.8, 23.9]


def test_the_orders_of_asml() -> None:
    """How large is ASML's order backlog?"""
    end = [("company_id", "==", "ASML"), ("metric", "==", "backlog"), ("period", "==", "2023-12-31")]
    backlog = datapkg.load("company_metrics", filters=end, **HELD)
    assert (backlog["amount"].item(), backlog["currency"].item()) == (39e9, "EUR")


def test_each_question_is_asked_in_few_lines() -> None:
    body = ast.parse(Path(__file__).read_text("utf-8")).body
    asked = [
        node for node in body if isinstance(node, ast.FunctionDef) and (ast.get_docstring(node) or "").endswith("?")
    ]
    assert len(asked) == QUESTIONS
    for question in asked:
        code = [line for line in question.body[1:] if not isinstance(line, ast.Assert)]
        lines = code[-1].end_lineno - code[0].lineno + 1  # type: ignore[operator]  # set on all parsed code
        assert lines <= LINES, question.name
