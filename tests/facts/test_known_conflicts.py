"""The disagreements that the curators knew of before they began: each must be visible in the tables.

A disagreement is a contradiction (rows of `conflicts`), two facts (of two markets, periods, bases or titles), a
correction with a reason, or two figures that rounding or hedges reconcile (claims of one key, without a contradiction).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from datapkg.build import stored
from datapkg.facts.engine import connect
from datapkg.model.layout import Layout

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def asked() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of data/processed, to be asked in SQL."""
    connection = connect(stored(Layout(ROOT)).tables)
    yield connection
    connection.close()


def rows(asked: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return asked.execute(query).fetchall()


CONTRADICTIONS: dict[str, tuple[str, str, str, set[str]]] = {
    "4 GPUs of AMD and Intel": (
        "market_sizes", "data-centre-gpus-amd-and-intel", "amount", {"710000 units", "about 900000 units"}),
    "5 price of an H100": ("product_prices", "nvidia-h100", "amount", {"25000 to 30000 estimate", "about 40000"}),
    "10 rank of SMIC": ("market_ranks", "=smic;market_id=foundry-counterpoint;period=2023-Q4", "rank", {"4", "5"}),
    "11 Samsung restated": ("market_shares", "=samsung-electronics;market_id=foundry;period=2024-Q3", "%", {"9.1", "9.3"}),
    "11 TSMC restated": ("market_shares", "=tsmc;market_id=foundry;period=2024-Q3", "%", {"64.7", "64.9"}),
    "14 forecasts of HBM": (
        "market_shares", "=sk-hynix;market_id=hbm;period=2023;basis=unspecified;forecast=true", "%",
        {"46 to 49", "49.1", "53"}),
    "17 DRAM at the end of 2024": ("market_shares", "market_id=dram;period=2024-Q4", "%",
        {"35", "36", "36.6", "37", "38.1", "38.6", "39.3"}),
    "17 DRAM at its beginning": ("market_shares", "market_id=dram;period=2024-Q1", "%", {"30", "31.1", "41", "43.9"}),
    "18 growth": (
        "company_changes", "=samsung-electronics;metric=revenue;market_id=dram;period=2023-Q4", "change_pct", {"21", "50", "51.4"}),
    "19 NAND": (
        "market_shares", "market_id=nand-flash;period=2021-Q3", "%", {"10.4", "9.9", "13.5", "13.6", "19.3", "19.5"}),
    "20 chip sales restated": (
        "market_sizes", "semiconductors-gartner;period=2023;basis=revenue;forecast=false", "amount", {"530000000000 USD", "533000000000 USD", "533025000000 USD", "542054000000 USD"}),
    "21 revenue of NVIDIA": (
        "company_metrics", "=nvidia;metric=revenue;market_id=semiconductors-gartner;period=2023", "%",
        {"23983000000 USD", "24000000000 USD", "34846000000 USD"}),
    "21 rank of NVIDIA": ("market_ranks", "=nvidia;market_id=semiconductors-gartner;period=2023", "rank", {"3", "5"}),
    "23 MediaTek revised": ("market_shares", "=mediatek;market_id=smartphone%period=2023-Q2", "%", {"30", "31"}),
    "23 Samsung revised": ("market_shares", "=samsung-electronics;market_id=smartphone%period=2023-Q2", "%", {"6", "7"}),
    "30 arrival": ("visits", "altman-korea-2024-01", "arrival", {"afternoon", "evening", "night"}),
    "30 hours": ("visits", "altman-korea-2024-01", "hours", {"19", "20 about"}),
    "31 planned or held": ("meetings", "2024-01-26", "status", {"held", "planned"}),
    "32 minutes": ("meetings", "altman-chey-2025-02-04", "minutes", {"35 about", "40 about"}),
    "38 day": ("meetings", "chey-wei-2024-06-06", "date", {"2024-06-06", "2024-06-07"}),
    "40 before and after": ("plans", "sk-hynix-indiana", "status", {"announced", "considered", "planned"}),
    "42 volume": ("deals", "samsung-naver-mach-1", "quantity", {"150000 at_least chips", "200000 up_to chips"}),
    "43 founding": ("company_events", "rapidus-founded", "date", {"2022-08-10", "2022-08-15"}),
    "44 wafer at 3 nm": ("product_prices", "tsmc-3nm-wafer", "amount", {"25000 to 27000", "about 20000"}),
    "44 wafer at 5 nm": ("product_prices", "tsmc-5nm-wafer", "amount", {"13495 estimate", "more than 16000"}),
    "48 instrument": ("deals", "openai-samsung-sk-hynix-memory-2025-10", "kind", {"letter_of_intent", "supply"}),
    "50 buyer": ("plans", "nvidia-gpus-sk-2025", "counterpart_id", {"sk-group", "sk-hynix"}),
    "53 translation": (
        "market_sizes", "high-end-server-gpus;period=2024", "amount", {"100200000000 USD", "102200000000 USD"}),
}  # fmt: skip


@pytest.mark.parametrize("known", CONTRADICTIONS)
def test_a_contradiction_is_published(asked: duckdb.DuckDBPyConnection, known: str) -> None:
    table, key, column, values = CONTRADICTIONS[known]
    found = rows(asked, 'SELECT chosen_value, other_value, reason FROM conflicts '
                        f"WHERE \"table\" = '{table}' AND key LIKE '%{key}%' AND \"column\" LIKE '{column}'")  # fmt: skip
    assert {value for pair in found for value in pair[:2]} == values
    assert all(reason for *_, reason in found)


_SHARES = "SELECT DISTINCT market_id, period, basis, share_pct, qualifier FROM market_shares WHERE company_id = "
APART: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "1 NVIDIA by market": (
        "SELECT market_id, min(share_pct), max(share_pct) FROM observations.market_shares WHERE company_id = 'nvidia' "
        "AND (market_id LIKE 'ai-%' OR market_id LIKE '%-gpus') AND share_pct IS NOT NULL GROUP BY 1",
        [("ai-accelerators", 78.6, 78.6), ("ai-accelerators-china-idc", 55, 70), ("ai-chips", 60, 97), ("ai-chips-china-bernstein", 8, 66),
         ("ai-gpus", 90, 90), ("ai-processors-omdia", 80, 80.6), ("ai-server-accelerators", 53.6, 70), ("ai-server-gpus", 90, 90),
         ("data-centre-gpus", 90, 98), ("high-end-server-gpus", 92.5, 92.5), ("pc-discrete-gpus", 71, 88),
         ("pc-gpus", 14.7, 36.4)]),
    "2 one release": (
        _SHARES + "'nvidia' AND market_id LIKE 'ai-server-%' AND period = '2024'",
        [("ai-server-accelerators", "2024", "unspecified", 64, "about"),
         ("ai-server-gpus", "2024", "unspecified", 90, "about")]),
    "3 eighty percent of what": (
        "SELECT DISTINCT market_id FROM market_shares WHERE company_id = 'nvidia' AND share_pct = 80",
        [("ai-chips",), ("ai-processors-omdia",), ("data-centre-revenue-three-vendors",), ("pc-discrete-gpus",), ("pc-graphics-cards",)]),
    "6 waiting times": (
        "SELECT period, coalesce(duration, duration_low || ' to ' || duration_high) FROM product_lead_times "
        "WHERE product_id IN ('nvidia-h100', 'nvidia-ai-gpu')",
        [("2023", "P40W to P50W"), ("2023", "P8M to P11M"), ("2023-11", "P52W"), ("2024-01", "P1Y"),
         ("2024-02", "P3M to P4M"), ("2024-02", "P3M to P4M"), ("2024-04", "P3M to P5M"), ("2024-Q2", "P16W")]),
    "7 Samsung by counter": (
        _SHARES + "'samsung-electronics' AND market_id LIKE 'foundry%' AND period = '2023-Q4'",
        [("foundry", "2023-Q4", "revenue", 11.3, "exact"), ("foundry-counterpoint", "2023-Q4", "revenue", 14, "exact")]),
    "8 definitions of foundry": (
        "SELECT market_id FROM markets WHERE market_id IN "
        "('foundry', 'foundry-counterpoint', 'foundry-external-customers') AND definition LIKE '%Samsung%'",
        [("foundry",), ("foundry-counterpoint",), ("foundry-external-customers",)]),
    "9 TSMC by counter": (
        _SHARES + "'tsmc' AND market_id LIKE 'foundry%' AND period = '2022-Q3'",
        [("foundry", "2022-Q3", "revenue", 56.1, "exact"), ("foundry-counterpoint", "2022-Q3", "revenue", 59, "exact")]),
    "10 third place and a tie": (
        "SELECT market_id, company_id FROM market_ranks WHERE period = '2023-Q4' AND rank = 3 AND market_id LIKE 'foundry%'",
        [("foundry", "globalfoundries"), ("foundry-counterpoint", "globalfoundries"), ("foundry-counterpoint", "umc"),
         ("foundry-external-customers", "globalfoundries")]),
    "14 both together": (
        "SELECT market_id, share_pct FROM segment_shares WHERE segment_id = 'samsung-and-sk-hynix' AND period = '2023'",
        [("hbm", 90)]),
    "14 the later count": (
        _SHARES + "'sk-hynix' AND market_id = 'hbm' AND period = '2023' AND NOT forecast",
        [("hbm", "2023", "unspecified", 47.5, "exact")]),
    "15 HBM later": (
        _SHARES + "'sk-hynix' AND market_id = 'hbm' AND period > '2024' AND NOT forecast",
        [("hbm", "2024-03", "unspecified", 54, "exact"), ("hbm", "2024-07", "unspecified", 50, "about"),
         ("hbm", "2024-Q2", "revenue", 57, "exact"), ("hbm", "2024-Q2", "units", 55, "exact"),
         ("hbm", "2024-Q3", "revenue", 53, "exact"), ("hbm", "2024-Q4", "revenue", 51, "exact"),
         ("hbm", "2025-04", "unspecified", 70, "about"), ("hbm", "2025-Q1", "revenue", 69, "exact"),
         ("hbm", "2025-Q2", "revenue", 64, "exact"), ("hbm", "2025-Q2", "units", 62, "exact"),
         ("hbm", "2025-Q3", "revenue", 57, "exact"), ("hbm", "2025-Q4", "revenue", 57, "exact"),
         ("hbm", "2026-01", "unspecified", 61, "exact"), ("hbm", "2026-Q1", "revenue", 58, "exact"),
         ("hbm", "2026-Q2", "revenue", 50, "exact")]),
    "16 headline and body": (
        "SELECT DISTINCT market_id FROM observations.market_shares WHERE source_id = 'asiae-dram-2024-08'", [("dram",)]),
    "20 two counters": (
        "SELECT market_id, amount FROM market_sizes WHERE period = '2023' AND NOT forecast "
        "AND market_id IN ('semiconductors-gartner', 'semiconductors-wsts')",
        [("semiconductors-gartner", 542.054e9), ("semiconductors-wsts", 526.885e9)]),
    "41 preliminary or final": (
        "SELECT stage, amount FROM grants WHERE grant_id = 'samsung-texas-chips-grant'",
        [("final", 4.745e9), ("preliminary", 6.4e9)]),
    "21 a third counter": (
        "SELECT market_id, amount, forecast FROM company_metrics WHERE company_id = 'nvidia' AND period = '2023' "
        "AND market_id = 'semiconductors'",
        [("semiconductors", 52.9e9, True)]),
    "24 units and revenue": (
        "SELECT company_id, basis, share_pct FROM market_shares WHERE (market_id = 'smartphone-application-processors' "
        "AND period = '2022-Q3' AND company_id IN ('mediatek', 'qualcomm')) "
        "OR (company_id = 'amd' AND market_id = 'x86-server-cpus' AND period = '2024-Q4')",
        [("amd", "revenue", 35.5), ("amd", "units", 25.7), ("mediatek", "revenue", 21), ("mediatek", "units", 35),
         ("qualcomm", "revenue", 40), ("qualcomm", "units", 32)]),
    "25 image sensors": (
        "SELECT period, basis, share_pct FROM market_shares WHERE company_id = 'sony-group' AND period LIKE '2022%'",
        [("2022", "unspecified", 42), ("2022-H1", "revenue", 44), ("2022-Q3", "revenue", 51.6)]),
    "26 advanced logic in Taiwan": (
        "SELECT market_id, period, share_pct FROM segment_shares WHERE segment_id = 'taiwan' AND NOT forecast "
        "AND market_id IN ('logic-capacity-below-10nm', 'foundry-capacity-16nm-14nm-and-below')",
        [("foundry-capacity-16nm-14nm-and-below", "2023", 68), ("logic-capacity-below-10nm", "2019", 92),
         ("logic-capacity-below-10nm", "2022", 69)]),
    "27 two leaders": (
        "SELECT company_id, a.rule FROM market_ranks r LEFT JOIN acknowledgements a USING (claim_id) "
        "WHERE market_id = 'semiconductor-equipment' AND period = '2018' AND rank = 1",
        [("applied-materials", None), ("asml", None)]),
    "28 Japan in materials": (
        "SELECT market_id, share_pct, qualifier FROM segment_shares WHERE segment_id = 'japanese-companies'",
        [("photoresist", 90, "about"), ("semiconductor-materials", 50, "about")]),
    "28 one company in resists": (
        "SELECT period, share_pct FROM market_shares WHERE company_id = 'shin-etsu-chemical' AND market_id = 'photoresist'",
        [("2006", 12.3), ("2007", 13.4), ("2021", 13), ("2024-04", 20)]),
    "29 Korea without plants": (
        "SELECT market_id, period, share_pct FROM segment_shares WHERE segment_id IN ('korea', 'korean-companies') "
        "AND market_id IN ('fabless-ic-design', 'system-semiconductors')",
        [("fabless-ic-design", "2018", 1), ("fabless-ic-design", "2024-05", 1), ("system-semiconductors", "2025-07", 2)]),
    "33 offices of Kyung": (
        "SELECT title, unit, valid_to FROM positions WHERE person_id = 'kyung-kye-hyun' AND valid_to IS NOT NULL",
        [("chief executive officer", "whole", "2024-05-21"), ("head", "DS division", "2024-05-21")]),
    "34 offices of Brockman": (
        "SELECT title FROM positions WHERE person_id = 'greg-brockman'", [("chairman",), ("co-founder",), ("president",)]),
    "37 founders and a later member": (
        "SELECT company_id, membership FROM alliance_members WHERE alliance_id = 'global-telco-ai-alliance'",
        [("deutsche-telekom", "founder"), ("e-and", "founder"), ("singtel", "founder"), ("sk-telecom", "founder"),
         ("softbank-corp", "member")]),
    "46 term": (
        "SELECT DISTINCT term FROM observations.deals WHERE deal_id = 'samsung-tesla-ai6-2025-07' AND term IS NOT NULL",
        [("2025-07-24/2033-12-31",), ("2025/2033-12-31",)]),
    "47 failed, then passed": (
        "SELECT product_id, event, date FROM product_events WHERE company_id = 'samsung-electronics' "
        "AND product_id LIKE 'hbm3%'",
        [("hbm3", "failed_test", None), ("hbm3", "qualified", "2024-07"), ("hbm3e", "failed_test", None),
         ("hbm3e", "sampled", "2023-10")]),
    "49 ten gigawatts": (
        "SELECT about FROM statements WHERE text LIKE '%gigawatts%' AND claim_id LIKE 'etoday%'", [("companies/nvidia",)]),
    "51 members since": (
        "SELECT company_id, valid_from FROM alliance_members WHERE alliance_id = 'ualink-consortium' "
        "AND company_id IN ('amd', 'alibaba-cloud', 'arm')",
        [("alibaba-cloud", "2025-01"), ("amd", "2024-05-30"), ("arm", None)]),
    "51 members counted": (
        "SELECT count(*) FROM statements WHERE text LIKE 'The AI Alliance has%'", [(2,)]),
    "54 licence": ("SELECT count(*) FROM statements WHERE claim_id = 'cset-supply-chain-2025-01/licence'", [(1,)]),
}  # fmt: skip


@pytest.mark.parametrize("known", APART)
def test_what_is_not_the_same_stands_in_rows_of_its_own(asked: duckdb.DuckDBPyConnection, known: str) -> None:
    query, expected = APART[known]
    assert rows(asked, f"{query} ORDER BY ALL") == expected


CORRECTED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "12 period": ("fnnewsglobal-foundry-2024-12", [("period", "2024-Q3")] * 3),
    "13 unit": ("business-post-foundry-2024-03", [("amount", "17249000000"), ("amount", "19660000000")]),
    "13 total": ("global-net-nand-2021-11", [("amount", "18880000000"), ("change_pct", "15")]),
    "13 currency": ("patentpc-equipment-2024", [("currency", "EUR")]),
    "22 percent for billions": (
        "mactech-gartner-2024-01-17",
        [
            ("share_pct", "3"),
            ("share_pct", "3.2"),
            ("text", "The semiconductor revenue of Apple fell by 5.8 percent on the year in 2023."),
        ],
    ),
    "35 title": ("chosun-gtaa-2023-07-28", [("title", "board member")]),
    "35 title again": ("etoday-gtaa-2023-07-27", [("title", "board member")]),
    "36 nationality": ("altman-korea-2024", [("country", "DE")]),
    "37 fifth founder": ("womens-tabloid-skt-singtel-2024", [("membership", "member")]),
    "39 year": ("new-daily-chey-wei-2024-06", [("date", "2024-04")]),
    "40 place": ("dcd-sk-hynix-indiana-2024-04", [("place", "Yongin, Gyeonggi")]),
    "42 digit": ("tweaktown-mach-1-2024-03", [("quantity", "200000")]),
    "52 board": ("neowin-intel-tan-2025-03", [("valid_from", "2022-09")]),
}


@pytest.mark.parametrize("known", CORRECTED)
def test_an_error_of_a_source_is_corrected_with_a_reason(asked: duckdb.DuckDBPyConnection, known: str) -> None:
    source, expected = CORRECTED[known]
    found = rows(asked, f"SELECT field, value, reason FROM corrections WHERE claim_id LIKE '{source}/%' ORDER BY ALL")
    assert [row[:2] for row in found] == expected
    assert all(len(row[2]) > 20 for row in found)


def test_the_wrong_president_is_corrected(asked: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT value FROM corrections WHERE claim_id = 'tekedia-openai-korea-2025-10/altman-president'"  # 48
    ((value,),) = rows(asked, query)
    assert "Lee Jae-myung" in value


RECONCILED: dict[str, tuple[str, str, set[tuple[float, str, str | None]]]] = {
    "4 count of NVIDIA": (
        "company_metrics",
        "company_id = 'nvidia' AND metric = 'units_shipped' AND market_id = 'data-centre-gpus' AND period = '2023'",
        {(3.76e6, "exact", None), (4e6, "about", None)}),
    "40 trillions": (
        "plans", "plan_id = 'sk-hynix-yongin-cluster'",
        {(91e9, "exact", "USD"), (120e12, "exact", "KRW"), (122e12, "exact", "KRW")}),
    "41 hundredths": (
        "grants", "grant_id = 'micron-id-ny-chips-grant' AND stage = 'preliminary'", {(6.1e9, "exact", "USD"), (6.14e9, "up_to", "USD")}),
    "45 estimate": (
        "company_metrics", "company_id = 'tsmc' AND metric = 'capex' AND period = '2023'",
        {(30e9, "about", "USD"), (32e9, "exact", "USD")}),
    "46 contract in won": (
        "deals", "deal_id = 'samsung-tesla-ai6-2025-07'",
        {(16.5e9, "exact", "USD"), (22e12, "about", "KRW"), (22.7648e12, "about", "KRW"), (23e12, "exact", "KRW")}),
    "49 won": (
        "deals", "deal_id = 'nvidia-openai-investment-2025-09'",
        {(100e9, "up_to", "USD"), (100e9, "exact", "USD"), (140e12, "about", "KRW"), (144e12, "about", "KRW")}),
}  # fmt: skip


@pytest.mark.parametrize("known", RECONCILED)
def test_figures_that_hedges_reconcile_are_all_kept(asked: duckdb.DuckDBPyConnection, known: str) -> None:
    table, where, expected = RECONCILED[known]
    value, currency = ("change_pct", "NULL") if table == "company_changes" else ("amount", "currency")
    found = rows(asked, f"SELECT DISTINCT {value}, qualifier, {currency} FROM observations.{table} "
                        f"WHERE {where} AND {value} IS NOT NULL")  # fmt: skip
    assert set(found) == expected
    columns = {value, currency}
    against = rows(asked, f"SELECT \"column\" FROM conflicts WHERE \"table\" = '{table}' AND chosen_claim_id IN "
                          f"(SELECT claim_id FROM observations.{table} WHERE {where})")  # fmt: skip
    assert not columns & {column for (column,) in against}


def test_every_number_of_the_list_is_here() -> None:
    named = [*CONTRADICTIONS, *APART, *CORRECTED, *RECONCILED, "48 president"]
    assert {int(name.split()[0]) for name in named} == set(range(1, 55))
