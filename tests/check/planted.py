"""A small table with every constraint of a Table Schema, good rows for it, and rows that each break one constraint."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa

from datapkg.facts import engine
from datapkg.model.specs import Spec

SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
PERIOD = r"^\d{4}(-(Q[1-4])|-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"


def made(name: str, fields: list[dict[str, Any]], key: list[str], **more: Any) -> Spec:
    """Return a spec from short fields."""
    full = [{"title": f["name"], "description": f["name"], **f} for f in fields]
    schema = {"title": name, "description": name, "role": "fact", "fields": full, "primaryKey": key, **more}
    return Spec(name, schema)


def points(column: str, table: str, target: str) -> dict[str, Any]:
    return {"fields": [column], "reference": {"resource": table, "fields": [target]}}


COMPANIES = made(
    "companies",
    [{"name": "company_id", "type": "string", "constraints": {"required": True}},
     {"name": "parent_id", "type": "string"}],
    ["company_id"],
    foreignKeys=[points("parent_id", "", "company_id")],
)  # fmt: skip
FIELDS: list[dict[str, Any]] = [
    {"name": "company_id", "type": "string", "constraints": {"required": True, "pattern": SLUG}},
    {"name": "period", "type": "string", "edtf": True, "constraints": {"pattern": PERIOD}},
    {"name": "basis", "type": "string", "constraints": {"enum": ["revenue", "units"]}},
    {"name": "rank", "type": "integer", "constraints": {"minimum": 1, "maximum": 100}},
    {"name": "share", "type": "number", "constraints": {"exclusiveMinimum": 0, "exclusiveMaximum": 100}},
    {"name": "note", "type": "string", "constraints": {"minLength": 2, "maxLength": 5}},
    {"name": "code", "type": "string", "constraints": {"unique": True}},
    {"name": "seen", "type": "date", "constraints": {"required": True, "minimum": "2000-01-01"}},
    {"name": "disputed", "type": "boolean"},
    {"name": "claim_id", "type": "string"},
]
SHARES = made("shares", FIELDS, ["company_id", "period"], foreignKeys=[points("company_id", "companies", "company_id")])
SPECS = {"shares": SHARES, "companies": COMPANIES}


class Planted(NamedTuple):
    """A row that breaks one constraint, and the finding that says so."""

    row: dict[str, Any]
    rule: str
    column: str | None
    message: str


PLANTED = {
    "required": Planted({"seen": None}, "schema-required", "seen", "column 'seen' is null; expected a value"),
    "pattern": Planted(
        {"company_id": "Acme Inc"}, "schema-pattern", "company_id",
        f"column 'company_id' holds 'Acme Inc'; expected the form {SLUG}",
    ),
    "pattern-start": Planted(
        {"company_id": "acme!"}, "schema-pattern", "company_id",
        f"column 'company_id' holds 'acme!'; expected the form {SLUG}",
    ),
    "enum": Planted(
        {"basis": "revenu"}, "schema-enum", "basis",
        "column 'basis' holds 'revenu'; expected one of revenue, units; did you mean 'revenue'?",
    ),
    "minimum": Planted({"rank": 0}, "schema-range", "rank", "column 'rank' holds 0; expected at least 1"),
    "maximum": Planted({"rank": 101}, "schema-range", "rank", "column 'rank' holds 101; expected at most 100"),
    "minimum-date": Planted(
        {"seen": date(1999, 12, 31)}, "schema-range", "seen",
        "column 'seen' holds 1999-12-31; expected at least 2000-01-01",
    ),
    "exclusive-minimum": Planted(
        {"share": 0.0}, "schema-range", "share", "column 'share' holds 0; expected more than 0"
    ),
    "exclusive-maximum": Planted(
        {"share": 100.0}, "schema-range", "share", "column 'share' holds 100; expected less than 100"
    ),
    "min-length": Planted(
        {"note": "x"}, "schema-length", "note", "column 'note' holds 'x'; expected at least 2 characters"
    ),
    "max-length": Planted(
        {"note": "한국어여섯자"}, "schema-length", "note",
        "column 'note' holds '한국어여섯자'; expected at most 5 characters",
    ),
    "unique": Planted(
        {"code": "c1"}, "schema-unique", "code", "2 rows have this value in column 'code'; expected one"
    ),
    "key-twice": Planted(
        {"company_id": "acme", "period": "2024"}, "schema-key", None, "2 rows have this key; expected one"
    ),
    "foreign-key": Planted(
        {"company_id": "acmee"}, "schema-foreign-key", "company_id",
        "column 'company_id' holds 'acmee', which is no company_id of companies; did you mean 'acme'?",
    ),
}  # fmt: skip
ONLY_OURS = {
    # frictionless wants a whole key of nulls; Great Expectations agrees with us
    "key-null": Planted({"period": None}, "schema-key", "period", "key column 'period' is null; expected a value"),
    "edtf": Planted(
        {"period": "2024-02-30"}, "schema-edtf", "period",
        "column 'period': '2024-02-30' has day 30; 2024-02 has 29 days",
    ),
    "nan": Planted(
        {"share": float("nan")}, "schema-finite", "share", "column 'share' holds nan; expected a finite number"
    ),
    "infinity": Planted(
        {"share": float("-inf")}, "schema-finite", "share", "column 'share' holds -inf; expected a finite number"
    ),
    "line-feed": Planted(
        {"period": "2024\n"}, "schema-pattern", "period",
        f"column 'period' holds '2024\\n'; expected the form {PERIOD}",
    ),
    "other-digits": Planted(
        {"period": "２０２４"}, "schema-pattern", "period",
        f"column 'period' holds '２０２４'; expected the form {PERIOD}",
    ),
}  # fmt: skip


def good(**changes: Any) -> dict[str, Any]:
    """Return a row without a mistake."""
    row = {
        "company_id": "acme", "period": "2025-Q1", "basis": "units", "rank": 2, "share": 12.5, "note": "fine",
        "code": "c9", "seen": date(2024, 5, 6), "disputed": False, "claim_id": "paper/one",
    }  # fmt: skip
    return row | changes


def shares(*rows: dict[str, Any]) -> pa.Table:
    """Return a table of two good rows, one of them mostly null, and the given ones."""
    bare = dict.fromkeys(SHARES.columns) | {"company_id": "bolt", "period": "2024", "seen": date(2024, 1, 1)}
    return engine.to_arrow([good(period="2024", code="c1"), bare, *rows], SHARES)


def companies() -> pa.Table:
    rows = [{"company_id": "acme", "parent_id": "bolt"}, {"company_id": "bolt", "parent_id": None}]
    return engine.to_arrow(rows, COMPANIES)
