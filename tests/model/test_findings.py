"""Findings: records first, sentences when shown, and an order that does not depend on how they were found."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapkg.model.findings import Finding, Place, ordered

FILE = "data/raw/claims/x.yaml"


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding(rule="r", message="Wrong."), "Wrong. [r]"),
        (Finding(rule="r", message="Wrong.", place=Place(FILE)), f"{FILE}: Wrong. [r]"),
        (Finding(rule="r", message="Wrong.", place=Place(FILE, 7, 3)), f"{FILE}:7: Wrong. [r]"),
        (Finding(rule="r", message="Wrong.", place=Place(FILE, 7), claim_id="x/a", table="plans", key="k"),
         f"{FILE}:7: x/a: Wrong. [r]"),
        (Finding(rule="r", message="Wrong.", claim_id="x/a"), "x/a: Wrong. [r]"),
        (Finding(rule="r", message="Wrong.", table="plans"), "plans: Wrong. [r]"),
        (Finding(rule="r", message="Wrong.", table="plans", key="plan_id=p"), "plans[plan_id=p]: Wrong. [r]"),
    ],
)  # fmt: skip
def test_a_finding_is_a_sentence_with_its_place_claim_or_key_and_rule(finding: Finding, text: str) -> None:
    assert str(finding) == text


def test_a_record_is_flat_and_fit_for_json() -> None:
    found = Finding(rule="r", message="Wrong.", place=Place(FILE, 7, 3), claim_id="x/a", column="status")
    record = found.record()
    assert json.loads(json.dumps(record)) == record
    expected = {"file": FILE, "line": 7, "column": "status", "rule": "r", "message": "Wrong.", "claim_id": "x/a",
                "table": None, "key": None, "severity": "error"}  # fmt: skip
    assert {name: record[name] for name in expected} == expected


def test_order_is_by_file_and_line_without_repetitions() -> None:
    made = [
        Finding(rule="b", message="2", place=Place("b", 2)),
        Finding(rule="a", message="2", place=Place("b", 10)),
        Finding(rule="a", message="1", place=Place("b", 2)),
        Finding(rule="z", message="0", place=Place("a", 99)),
        Finding(rule="a", message="1", place=Place("b", 2)),
        Finding(rule="y", message="0", table="plans", key="b"),
        Finding(rule="x", message="0", table="plans", key=None),
        Finding(rule="x", message="0"),
    ]
    found = ordered(made)
    assert [(f.place.file, f.place.line, f.table, f.key, f.rule) for f in found] == [
        ("", 0, None, None, "x"),
        ("", 0, "plans", None, "x"),
        ("", 0, "plans", "b", "y"),
        ("a", 99, None, None, "z"),
        ("b", 2, None, None, "a"),
        ("b", 2, None, None, "b"),
        ("b", 10, None, None, "a"),
    ]


@given(st.lists(st.builds(Finding, rule=st.sampled_from("ab"), message=st.sampled_from("xy"),
                          place=st.builds(Place, st.sampled_from(["", "f"]), st.integers(0, 3)),
                          table=st.none() | st.just("t")), max_size=8), st.randoms())  # fmt: skip
def test_order_does_not_depend_on_the_order_of_finding(made: list[Finding], random: object) -> None:
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert ordered(shuffled) == ordered(made)
    assert set(ordered(made)) == set(made)
