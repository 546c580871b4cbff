"""Corrections and preferences: applied where they hold, findings where they do not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from datapkg import build
from datapkg.claims.claim import Claim
from datapkg.claims.corrections import corrected, read_corrections
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.model.findings import ordered
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import load_specs

SPECS = load_specs(packaged().schemas)
FORMS = kind_schemas(SPECS)
FILE = "data/raw/corrections.yaml"
SHARE = "nordlicht-results-2024/nordlicht-share-2023"
DEAL = "hanbit-visit-2024/hanbit-nordlicht-mou"


def correction(**given: str) -> str:
    """Return a correction; each field takes one line, the first of them line 2."""
    whole = {"claim": SHARE, "field": "share_pct", "expect": "42", "value": "44", "reason": "A slip.",
             "evidence": "[https://weekly.example/1]", "by": "datapkg tests", "date": "2024-05-02"}  # fmt: skip
    return "- " + "  ".join(f"{name}: {value}\n" for name, value in {**whole, **given}.items())


def preference(**given: str) -> str:
    whole = {"table": "market_shares", "claim": SHARE, "reason": "It is newer.", "by": "tests", "date": "2024-05-02"}
    return "- " + "  ".join(f"{name}: {value}\n" for name, value in {**whole, **given}.items())


def apply(good: Path, text: str) -> tuple[dict[str, Claim], list[str], list[Any]]:
    """Return the claims by id, the findings about the corrections, and the rows of the corrections table."""
    (good / FILE).write_text(text, encoding="utf-8")
    reader = ClaimReader(Layout(good), SPECS, FORMS)
    claims = reader.files()
    corrections, preferences = read_corrections(reader)
    claims = corrected(reader, claims, corrections, preferences)
    found = [str(f).removeprefix(FILE + ":") for f in reader.findings]
    return {c.claim_id: c for c in claims}, found, [c.row for c in corrections]


def test_a_correction_changes_the_value_and_is_kept(good: Path) -> None:
    claims, findings, rows = apply(good, "corrections:\n" + correction())
    assert findings == []
    assert claims[SHARE].values["share_pct"] == 44.0
    assert claims[SHARE].corrected == ("share_pct",)
    assert claims[SHARE].places["share_pct"].line == 5
    assert rows == [
        {"claim_id": SHARE, "field": "share_pct", "said": "42", "value": "44", "reason": "A slip.",
         "evidence": "https://weekly.example/1", "recorded_by": "datapkg tests", "recorded_on": date(2024, 5, 2)}
    ]  # fmt: skip


def test_two_fields_of_one_claim_and_a_preference(good: Path) -> None:
    text = "corrections:\n" + correction() + correction(field="period", expect="2023", value="2023-H2")
    claims, findings, _ = apply(good, text + "preferences:\n" + preference())
    assert findings == []
    assert claims[SHARE].corrected == ("share_pct", "period")
    assert claims[SHARE].preferred_in == {"market_shares"}


def test_a_preference_for_either_table_of_a_claim(good: Path) -> None:
    text = "preferences:\n" + preference(table="deals", claim=DEAL) + preference(table="deal_parties", claim=DEAL)
    claims, findings, _ = apply(good, text)
    assert findings == []
    assert claims[DEAL].preferred_in == {"deals", "deal_parties"}


def test_a_list_is_corrected_as_a_whole(good: Path) -> None:
    given = {
        "claim": DEAL,
        "field": "parties",
        "expect": "[한빛파운드리, 노르트리히트]",
        "value": "[{company: 한빛파운드리}]",
    }
    claims, findings, _ = apply(good, "corrections:\n" + correction(**given))
    assert findings == []
    assert claims[DEAL].values["parties"] == [{"company": "한빛파운드리"}]


def test_the_second_of_two_corrections_of_one_field_sees_the_first(good: Path) -> None:
    _, findings, _ = apply(good, "corrections:\n" + correction() + correction())
    assert findings == [
        f"10: {SHARE}: the correction expects share_pct to be 42.0, and the claim says 44.0; update the correction or "
        "remove it [correction-guard]"
    ]


@pytest.mark.parametrize("text", ["corrections: []\npreferences: null\n", "corrections:\n"])
def test_no_corrections(text: str, good: Path) -> None:
    assert apply(good, text)[1:] == ([], [])


def test_no_file_is_no_mistake(good: Path) -> None:
    (good / FILE).unlink()
    assert read_corrections(ClaimReader(Layout(good), SPECS, FORMS)) == ([], [])


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("corrections: none\n", "1: expected a list of entries with claim, field, expect, value, reason, evidence, by, "
         "date [wrong-type]"),
        ("preferences: [none]\n", "1: expected a list of entries with table, claim, reason, by, date [wrong-type]"),
        ("correction: []\n", "1: corrections.yaml has no field 'correction'; did you mean 'corrections'? "
         "[unknown-field]"),
        ("corrections:\n" + correction(who="me"), "10: an entry has no field 'who'; expected claim, field, expect, "
         "value, reason, evidence, by, date [unknown-field]"),
        ("corrections:\n" + correction(field="share"),
         f"2: {SHARE}: market_share has no field 'share'; did you mean 'share_pct'? [unknown-field]"),
        ("corrections:\n" + correction(expect="0.42"),
         f"4: {SHARE}: share_pct: 0.42 reads like a fraction; write 42 for 42 percent, or '0.42%' if the share really "
         "is below one percent [percent-as-fraction]"),
        ("corrections:\n" + correction(value="144"),
         f"5: {SHARE}: share_pct: 144 % is above 100 % [out-of-range]"),
        ("corrections:\n" + correction(value="null"),
         f"5: {SHARE}: share_pct: expected a number, found nothing [wrong-type]"),
        ("corrections:\n" + correction(date="May"),
         "9: recorded_on: expected a day such as 2024-01-26, found the text 'May' [wrong-type]"),
        ("corrections:\n" + correction(evidence="[]"),
         "7: evidence: expected a list of claim ids or addresses [wrong-type]"),
        ("corrections:\n" + correction(evidence="[5]"),
         "7: evidence: expected a list of claim ids or addresses [wrong-type]"),
        ("preferences:\n" + preference(claim="5"),
         "3: claim_id: expected a text, found 5; if that is the text, put it in quotation marks [wrong-type]"),
        ("preferences:\n" + preference(claim="none/such"), "3: no claim 'none/such' [correction-without-claim]"),
    ],
)  # fmt: skip
def test_mistakes(text: str, finding: str, good: Path) -> None:
    assert apply(good, text)[1] == [finding]


def test_several_mistakes_of_one_entry(good: Path) -> None:
    _, findings, _ = apply(good, "corrections:\n" + correction(evidence="none", date="May", reason="5"))
    assert [f.partition(":")[0] for f in findings] == ["7", "6", "9"]


def test_a_claim_that_could_not_be_read_is_not_called_missing(good: Path) -> None:
    path = good / "data/raw/claims/nordlicht-results-2024.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("share_pct: 42}", "share_pct: 420}"), encoding="utf-8")
    _, findings, _ = apply(good, "corrections:\n" + correction() + "preferences:\n" + preference())
    assert [f.rpartition(" ")[2] for f in findings] == ["[out-of-range]"]
    path.write_text("nonsense", encoding="utf-8")
    _, findings, _ = apply(good, "corrections:\n" + correction() + "preferences:\n" + preference())
    assert [f.rpartition(" ")[2] for f in findings] == ["[wrong-type]"]


def test_evidence_that_names_a_claim_names_one_that_is_there(good: Path) -> None:
    evidence = "[hanbit-visit-2024/nordlicht-share-2023, hanbit-visit-2024/nordlicht-shares]"
    _, findings, _ = apply(good, "corrections:\n" + correction(evidence=evidence))
    assert len(findings) == 1
    near = "did you mean 'hanbit-visit-2024/nordlicht-share-2023'"
    assert findings[0].startswith(f"2: evidence: no claim 'hanbit-visit-2024/nordlicht-shares'; {near}")


def test_the_fact_takes_the_corrected_value_and_the_claim_tells(built: Path) -> None:
    tables = build.stored(Layout(built)).tables
    claims = {row["claim_id"]: row for row in tables["claims"].to_pylist()}
    corrected_claim = "hanbit-visit-2024/nordlicht-country"
    assert [name for name, row in claims.items() if row["corrected"]] == [corrected_claim]
    (country,) = tables["company_countries"].to_pylist()
    assert (country["country"], country["disputed"]) == ("DE", False)
    (price,) = tables["product_prices"].to_pylist()
    assert (price["claim_id"], price["amount"]) == ("hanbit-visit-2024/aurora-price-2024", 25000.0)


def test_an_acknowledgement_names_a_claim_and_gives_a_reason(good: Path) -> None:
    entry = "- {rule: share-jump, claim: hanbit-visit-2024/%s, because: %s, by: tests, date: 2031-06-01}\n"
    layout = Layout(good)
    layout.acknowledged.write_text(
        "row_counts: []\nfindings:\n"
        + entry % ("nordlicht-shar-2023", "the letter says so")
        + entry % ("nordlicht-share-2023", "null")
        + "- {rule: Share jump, claim: hanbit-visit-2024/nordlicht-share-2023, by: tests, date: 2031-06-01}\n"
        + "findngs: []\n"
    )
    found = [str(f).removeprefix("data/raw/acknowledged.yaml:") for f in ordered(build.assemble(layout).findings)]
    assert found == [
        "3: no claim 'hanbit-visit-2024/nordlicht-shar-2023' to acknowledge; did you mean "
        "'hanbit-visit-2024/nordlicht-share-2023' or 'hanbit-visit-2024/nordlicht-country' or "
        "'nordlicht-results-2024/nordlicht-share-2023'? [correction-without-claim]",
        "5: an entry needs because [missing-field]",
        "6: acknowledged.yaml has no field 'findngs'; did you mean 'findings'? [unknown-field]",
    ]


def test_what_is_acknowledged_is_published_with_its_reason(good: Path) -> None:
    layout = Layout(good)
    layout.acknowledged.write_text(
        "findings:\n- {rule: share-jump, claim: hanbit-visit-2024/nordlicht-share-2023, because: the letter says so, "
        "by: tests, date: 2031-06-01}\n"
    )
    made = build.assemble(layout)
    assert made.findings == []
    assert made.tables["acknowledgements"].to_pylist() == [
        {
            "rule": "share-jump",
            "claim_id": "hanbit-visit-2024/nordlicht-share-2023",
            "reason": "the letter says so",
            "recorded_by": "tests",
            "recorded_on": date(2031, 6, 1),
        }
    ]
