"""Table Schemas: what one must be to be read, and as they are published, so that readers not ours accept the tables.

Source  Table Schema 2.0, https://datapackage.org/standard/table-schema/#missingvalues
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

from datapkg.model.errors import did_you_mean
from datapkg.model.shape import KIND, NAME, misfit

_NUMERIC = ("integer", "number")
MISSING = ["", "nan"]

_KNOWN = {"name", "type", "title", "description", "unit", "default", "edtf", "derived", "bookkeeping", "compare",
          "reference", "constraints"}  # fmt: skip
_ROLES = ("registry", "fact", "record", "observation")
_COMPARE = (re.compile("exact|edtf|none"), {"interval": [NAME], "same?": [NAME, ...], "within?": float,
            "within_pct?": float, "rounding?": bool}, {"within": float, "column?": NAME},
            {"relative": [NAME], "within_pct": float})  # fmt: skip
_LIMITS = {"required?": bool, "unique?": bool, "enum?": [object], "pattern?": str, "minLength?": int,
           "maxLength?": int, "minimum?": object, "maximum?": object}  # fmt: skip
_FOREIGN = {"fields": [NAME], "reference": {"resource": str, "fields": [NAME]}}
_SCHEMA = {
    "title": str, "description": str, "role": str, "$schema?": str,
    "fields": [{"name": NAME, "type": str, "title": str, "description": str, "unit?": (str, type(None)),
                "edtf?": bool, "derived?": bool, "bookkeeping?": bool, "reference?": bool, "compare?": _COMPARE,
                "constraints?": _LIMITS}],
    "primaryKey": [NAME], "foreignKeys?": [_FOREIGN, ...],
    "groups?": [{"columns": [NAME], "compare": _COMPARE}, ...], "block?": [NAME], "leads?": NAME,
    "stages?": {"column": NAME, "order": [[str]]},
    "claim?": {"kind": KIND, "list?": NAME, "item?": NAME, "partial?": bool},
}  # fmt: skip
"""What of a Table Schema is read, in the form of `shape.misfit`."""


def unusable(schema: Any, types: Container[str]) -> str | None:
    """Return what ails JSON as the schema of a table with columns of some types, behind the name of its file."""
    wrong = misfit(schema, _SCHEMA)
    if wrong:
        return f"is unusable: {wrong}"
    unknown = sorted({k for entry in schema["fields"] for k in entry} - _KNOWN)
    if unknown:
        return f"has unknown properties {unknown}"
    columns = [entry["name"] for entry in schema["fields"]]
    for what, found in (
        ("columns twice", sorted({column for column in columns if columns.count(column) > 1})),
        ("columns in keys or groups that are no fields", [c for c in _pointing(schema) if c not in columns]),
        ("unknown types", sorted({entry["type"] for entry in schema["fields"] if entry["type"] not in types})),
        ("no", [part for part in ("title", "description", "role") if not schema[part]]),
    ):
        if found:
            return f"has {what}: {', '.join(found)}"
    claim = schema.get("claim", {})
    if ("list" in claim) != ("item" in claim):
        return "has a claim with one of 'list' and 'item'; they go together"
    if schema["role"] not in _ROLES:
        return f"has the role '{schema['role']}'; roles are {', '.join(_ROLES)}"
    return None


def misfed(claims: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return which table is fed by claims that feed another already, or by a list in claims that feed none, and why."""
    fed: dict[str, str] = {}
    for table, claim in sorted(claims.items(), key=lambda entry: "list" in entry[1]):
        kind = claim["kind"]
        if "list" not in claim and fed.setdefault(kind, table) != table:
            return f"{table}.json: claims of kind '{kind}' feed '{fed[kind]}' already; name the kind otherwise"
        if kind not in fed:
            near = did_you_mean(kind, fed) or f"; kinds are {', '.join(fed)}"
            return f"{table}.json: no table is fed by claims of kind '{kind}', whose list it holds{near}"
    return None


def _pointing(schema: dict[str, Any]) -> list[str]:
    """Return the columns that the other parts of a schema name."""
    groups = schema.get("groups", [])
    rules = [part["compare"] for part in (*groups, *schema["fields"]) if isinstance(part.get("compare"), dict)]
    named = [*schema["primaryKey"], *schema.get("block", [])]
    named += [key["fields"][0] for key in schema.get("foreignKeys", [])]
    named += [column for group in groups for column in group["columns"]]
    named += [column for rule in rules for column in (*rule.get("interval", ()), *rule.get("same", ()))]
    return [*named, *(c for c in (schema.get("leads"), schema.get("stages", {}).get("column")) if c)]


def publishable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema for datapackage.json: numeric fields also take "nan" for a missing value.

    frictionless reads Parquet by way of pandas, which makes NaN of every null in a numeric column: without this a
    nullable integer has a wrong type, and a null in a required number passes. On texts "nan" stays a text, and on
    booleans and dates frictionless sees the null itself.
    """
    fields = [f | {"missingValues": MISSING} if f["type"] in _NUMERIC else f for f in schema["fields"]]
    return schema | {"fields": fields}
