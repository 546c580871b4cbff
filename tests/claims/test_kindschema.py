"""Forms: what a curator fills in is what the column gets, or a problem that says what was expected."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapkg.claims.kindschema import KindSchema, Property, kind_schemas, read_claim_values, read_property, read_value
from datapkg.claims.yaml import Node
from datapkg.model.findings import Place
from datapkg.model.layout import packaged
from datapkg.model.specs import Field, load_specs
from datapkg.model.values import period

SPECS = load_specs(packaged().schemas)
FORMS = kind_schemas(SPECS)
HERE = Place("here.yaml", 7, 3)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).filter(lambda t: t == t.strip())


def node(value: Any) -> Node:
    """Return a value as it is read from a file."""
    if isinstance(value, dict):
        return Node({name: node(item) for name, item in value.items()}, HERE)
    return Node([node(item) for item in value] if isinstance(value, list) else value, HERE)


def field(kind: str = "string", name: str = "x", **more: Any) -> Field:
    return Field(name, kind, "", "", **more)


CODES = {"country": ["KR", "TW"], "currency": ["KRW", "USD"], "language": ["ko", "zh-Hant"], "wikidata_id": ["Q95"]}


def values(entry: Property) -> st.SearchStrategy[Any]:
    """Return what may be written for an entry."""
    f, limits = entry.column, entry.column.constraints
    if entry.items:
        return st.lists(filled(entry.items), min_size=1, max_size=3)
    if entry.registry or f.reference:
        return NAMES
    if "enum" in limits:
        return st.sampled_from(limits["enum"])
    if f.name in CODES:
        return st.sampled_from(CODES[f.name])
    if f.edtf:
        return st.dates(date(1, 1, 1)).map(str) | st.sampled_from(["2024", "2024-02"])
    if f.name.startswith("duration"):
        return st.integers(0, 999).map(lambda n: f"P{n}W")
    if f.type == "boolean":
        return st.booleans()
    if f.type == "integer":
        return st.integers(limits.get("minimum", -(2**63) + 1), limits.get("maximum", 2**63 - 1))
    if f.type == "number":
        return st.floats(limits.get("minimum", -1e300), limits.get("maximum", 1e300)).filter(
            lambda x: f.unit != "%" or not 0 < abs(x) < 1
        )
    if "pattern" in limits:
        return st.from_regex(limits["pattern"], fullmatch=True).filter(str.isascii)
    return NAMES


def filled(form: KindSchema) -> st.SearchStrategy[dict[str, Any]]:
    """Return a form with every needed field and some of the others."""
    needed = {e.name: values(e) for e in form.properties.values() if e.required}
    return st.fixed_dictionaries(
        needed, optional={e.name: values(e) for e in form.properties.values() if not e.required}
    )


def with_defaults(form: KindSchema, given: dict[str, Any]) -> dict[str, Any]:
    """Return what reading a filled-in form gives."""
    defaults = {e.name: e.column.default for e in form.properties.values() if e.column.default is not None}
    lists = {name: [with_defaults(items, item) for item in given[name]]
             for name, e in form.properties.items() if (items := e.items) and name in given}  # fmt: skip
    return {**defaults, **given, **lists}


@pytest.mark.parametrize("kind", sorted(FORMS))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_filled_in_form_is_read_as_it_is_written(kind: str, data: st.DataObject) -> None:
    form = FORMS[kind]
    written = data.draw(filled(form))
    read, problems = read_claim_values(node(written), form)
    assert problems == []
    assert read == with_defaults(form, written)


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda x: st.lists(x) | st.dictionaries(st.text(), x)), st.sampled_from(sorted(FORMS)))  # fmt: skip
def test_whatever_is_written_is_read_or_a_problem(written: Any, kind: str) -> None:
    form = FORMS[kind]
    for entry in form.properties.values():
        value, problems = read_property(node(written), entry)
        assert problems or value == value or math.isnan(written)
    read_claim_values(node(written), form)


def test_every_column_that_a_curator_fills_is_in_one_form() -> None:
    for spec in SPECS.values():
        if spec.role != "fact":
            continue
        form = FORMS[spec.claim["kind"]]
        if "list" in spec.claim:
            form = form.properties[spec.claim["list"]].items or form
        columns = {e.column.name for e in form.properties.values()}
        expected = {f.name for f in spec.fields if not (f.derived or f.bookkeeping or f.name == "claim_id")}
        parent = {spec.key[0]} if "list" in spec.claim else set()
        assert expected - parent <= columns


def test_names_of_fields() -> None:
    meeting, deal = FORMS["meeting"], FORMS["deal"]
    assert meeting.properties["id"].column.name == "meeting_id"
    assert meeting.properties["visit"].registry is None  # an event, no registry
    assert FORMS["plan"].properties["counterpart"].registry == "companies"
    assert FORMS["market_share"].properties["period"].required
    assert not FORMS["market_share"].properties["basis"].required  # it has a default
    assert deal.properties["parties"].items is not None
    assert deal.properties["parties"].items.first == "company"
    assert FORMS["statement"].properties["about"].column.reference
    assert not any(e.required for e in FORMS["statement"].properties.values())


def test_a_text_in_a_list_stands_for_its_first_field() -> None:
    read, problems = read_claim_values(
        node({"id": "a-b", "people": ["Ida Falk", {"person": "Han Seo-yun", "company": "Hanbit"}]}), FORMS["meeting"]
    )
    assert problems == []
    assert read["people"] == [{"person": "Ida Falk"}, {"person": "Han Seo-yun", "company": "Hanbit"}]


def test_null_is_absent_and_keeps_the_default() -> None:
    written = {"company": "A", "market": "B", "period": 2024, "share_pct": 5, "qualifier": None, "basis": "units"}
    read, problems = read_claim_values(node(written), FORMS["market_share"])
    assert problems == []
    assert read["qualifier"] == "exact"
    assert read["basis"] == "units"
    assert read["period"] == "2024"
    _, problems = read_claim_values(node({**written, "market": None}), FORMS["market_share"])
    rule, message, place = problems[0]
    assert (rule, place) == ("missing-field", HERE)
    assert message.startswith("market_share needs 'market': ")


def test_all_problems_of_a_form_are_told() -> None:
    written = {"id": "Lone Dinner", "kind": "diner", "people": [{"persn": "x"}, 5], "sequence": "first"}
    _, problems = read_claim_values(node(written), FORMS["meeting"])
    assert [rule for rule, _, _ in problems] == [
        "wrong-value", "unknown-value", "unknown-field", "missing-field", "wrong-type", "wrong-type",
    ]  # fmt: skip


def problem(value: Any, f: Field) -> tuple[str, str]:
    """Return rule and message of what is wrong with a value."""
    _, problems = read_property(node(value), Property("x", f, None, False))
    assert len(problems) == 1
    assert problems[0][2] == HERE
    return problems[0][0], problems[0][1].removeprefix("x: ")


SHARE = field("number", unit="%", constraints={"minimum": 0, "maximum": 100})
DAY = field("date")


@pytest.mark.parametrize(
    ("value", "column", "rule", "message"),
    [
        (None, field(), "wrong-type", "expected a text, found nothing"),
        (True, field(), "wrong-type", "expected a text, found true; if that is the text, put it in quotation marks"),
        ({}, field(), "wrong-type", "expected a text, found fields"),
        ([], field("number"), "wrong-type", "expected a number, found a list"),
        (True, field("number"), "wrong-type", "expected a number, found true"),
        ("12 %", field("number"), "wrong-type", "expected a number, found the text '12 %'"),
        ("1.2.3%", SHARE, "wrong-type", "expected a number, found the text '1.2.3%'"),
        ("-3%", SHARE, "out-of-range", "-3 % is below 0 %"),
        ("300%", SHARE, "out-of-range", "300 % is above 100 %"),
        ("-0.3%", SHARE, "out-of-range", "-0.3 % is below 0 %"),
        (math.nan, SHARE, "not-finite", "expected a finite number, found nan; leave the field out if unknown"),
        (2.5, field("integer"), "wrong-type", "expected a whole number, found 2.5"),
        (2**63, field("integer"), "out-of-range",
         "9.22337e+18 is too large for a whole number; at most 9.2e18 can be kept"),
        (1e300, field("integer"), "out-of-range", "1e+300 is too large for a whole number; at most 9.2e18 can be kept"),
        ("yes", field("boolean"), "wrong-type", "expected true or false, found the text 'yes'"),
        (1, field("boolean"), "wrong-type", "expected true or false, found 1"),
        ("2024-1-5", DAY, "wrong-type", "expected a day such as 2024-01-26, found the text '2024-1-5'"),
        (20240105, DAY, "wrong-type", "expected a day such as 2024-01-26, found 20240105"),
        ("20240105", DAY, "wrong-type", "expected a day such as 2024-01-26, found the text '20240105'"),
        ("2024-W01-1", DAY, "wrong-type", "expected a day such as 2024-01-26, found the text '2024-W01-1'"),
        ("2024-02-30", DAY, "wrong-value", "'2024-02-30' has day 30; 2024-02 has 29 days"),
        ("", field(), "wrong-type", "the text '' is empty or begins or ends with white space"),
        ("x", field(constraints={"pattern": "^[A-Z]$"}), "wrong-value", "'x' does not have the form ^[A-Z]$"),
        ("A B", field(name="x_id", constraints={"pattern": "^[a-z-]+$"}), "wrong-value",
         "'A B' does not have the form ^[a-z-]+$; did you mean 'a-b'?"),
        ("-", field(name="x_id", constraints={"pattern": "^[a-z]+$"}), "wrong-value",
         "'-' does not have the form ^[a-z]+$"),
    ],
)  # fmt: skip
def test_what_is_said_about_a_wrong_value(value: Any, column: Field, rule: str, message: str) -> None:
    assert problem(value, column) == (rule, message)


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        ("0.4%", SHARE, 0.4), ("0.4 %", SHARE, 0.4), ("80%", SHARE, 80.0), (1, SHARE, 1.0), (0, SHARE, 0.0),
        (100, SHARE, 100.0), (3.0, field("integer"), 3), (2**63 - 1, field("integer"), 2**63 - 1),
        ("2024-02-29", DAY, date(2024, 2, 29)), (2024, field(edtf=True), "2024"), (False, field("boolean"), False),
    ],
)  # fmt: skip
def test_values_that_are_read(value: Any, column: Field, expected: Any) -> None:
    read = read_value(node(value), column)
    assert read == expected
    assert isinstance(read, type(expected))


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_percentage_below_one_needs_its_sign(share: float) -> None:
    rule, message = problem(share, SHARE)
    assert rule == "percent-as-fraction"
    assert f"write {share * 100:g} for" in message
    assert read_value(node(f"{share:f}%"), SHARE) == float(f"{share:f}")


@given(st.dates().map(str))
def test_days_and_periods_agree(day: str) -> None:
    assert read_value(node(day), DAY) == period(read_value(node(day), field(edtf=True))).start
