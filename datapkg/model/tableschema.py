"""The Table Schema as it is published, so that readers that we did not write accept the tables.

Source  Table Schema 2.0, https://datapackage.org/standard/table-schema/#missingvalues
"""

from __future__ import annotations

from typing import Any

_NUMERIC = ("integer", "number")
MISSING = ["", "nan"]


def publishable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema for datapackage.json: numeric fields also take "nan" for a missing value.

    frictionless reads Parquet by way of pandas, which makes NaN of every null in a numeric column: without this a
    nullable integer has a wrong type, and a null in a required number passes. On texts "nan" stays a text, and on
    booleans and dates frictionless sees the null itself.
    """
    fields = [f | {"missingValues": MISSING} if f["type"] in _NUMERIC else f for f in schema["fields"]]
    return schema | {"fields": fields}
