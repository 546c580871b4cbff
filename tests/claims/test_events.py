"""Events that no claim completes, and ids that name none: told once, with the words expected and the near id."""

from __future__ import annotations

from pathlib import Path

import pytest

from datapkg import build
from datapkg.model.layout import Layout

SOURCE = """\
source: {source_id: weekly, title: Weekly, publisher: Weekly, kind: press, tier: secondary, language: en,
  published: 2024-05, url: "https://weekly.example/1"}
claims:
"""
CLAIM = "- {claim: c%s, says: An invented claim., certainty: asserted, %s}\n"


def findings(good: Path, *claims: str) -> list[str]:
    text = SOURCE + "".join(CLAIM % (number, claim) for number, claim in enumerate(claims))
    (good / "data/raw/claims/weekly.yaml").write_text(text, encoding="utf-8")
    found = build.checked(build.assemble(Layout(good)), ("claims", "schema", "rules"))
    return [str(finding).removeprefix("data/raw/claims/weekly.yaml:") for finding in found]


STATUS = "rumoured, in_talks, proposed, preliminary, announced, signed, approved, final, closed, cancelled"


def test_a_deal_without_status_is_told_once_with_the_words(good: Path) -> None:
    assert findings(good, "deal: {id: zephyr-loan, kind: loan, parties: [Hanbit Foundry]}") == [
        f"4: weekly/c0: deal 'zephyr-loan': no claim gives its status; expected one of {STATUS} [missing-field]"
    ]


def test_an_event_may_be_made_of_several_claims(good: Path) -> None:
    assert findings(good, "deal: {id: zephyr-loan, kind: loan}", "deal: {id: zephyr-loan, status: signed}") == []


def test_an_id_with_a_slip_names_the_event_that_is_near(good: Path) -> None:
    found = findings(good, "deal: {id: hanbit-nordlicht-2024-30, amount: 3, currency: EUR}")
    assert [line.split(";")[-1] for line in found] == [" did you mean 'hanbit-nordlicht-2024-03'? [missing-field]"] * 2


def test_a_plan_needs_its_company(good: Path) -> None:
    (found,) = findings(good, "plan: {id: some-fab-2024, kind: fab, status: planned}")
    assert found.startswith("4: weekly/c0: plan 'some-fab-2024': no claim gives its company_id: ")


def test_a_visit_that_is_none(good: Path) -> None:
    people = "people: [{person: Ida Falk, company: Nordlicht Semi}], companies: [Hanbit Foundry]"
    meeting = f"meeting: {{id: m-2024, visit: falk-korea-2024, kind: call, status: held, {people}}}"
    assert findings(good, meeting) == [
        "4: weekly/c0: no 'falk-korea-2024' among the visits; did you mean 'falk-korea-2024-03'?; a claim of the kind "
        "visit makes one [unknown-name]"
    ]


@pytest.mark.parametrize("name", ["Unheard Of", "unheard of"])
def test_an_unknown_firm_of_several_claims_is_told_once(good: Path, name: str) -> None:
    from datapkg.model import CheckFailed

    claims = [f"company_role: {{company: {name}, role: foundry}}"] * 5
    findings(good, *claims)
    found = CheckFailed(build.assemble(Layout(good)).findings).findings
    (told,) = [str(f) for f in found]
    places = ", ".join(f"data/raw/claims/weekly.yaml:{line}" for line in (5, 6, 7))
    assert told == (
        f"data/raw/claims/weekly.yaml:4: weekly/c0: no '{name}' among the companies; add it to "
        f"data/raw/entities/companies.csv or aliases.csv; so in 4 more places: {places} ... [unknown-name]"
    )


def test_what_could_not_be_read_may_complete_an_event(good: Path) -> None:
    found = findings(good, "deal: {id: d-2024, kind: loan}", "deal: {id: d-2024, status: sined}")
    assert len(found) == 1
    assert "'sined' is not in the vocabulary; did you mean 'signed'?" in found[0]
