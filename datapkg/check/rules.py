"""Runs the rules of `rulebook` on DuckDB: tables and observations are views, each row of an answer is a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from datapkg.check.rulebook import RULES
from datapkg.engine import connect
from datapkg.findings import Finding, Place
from datapkg.specs import Spec

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# The first and last day of an EDTF text; null for a text that names none, which is for schema-edtf to say.
MACROS = r"""
CREATE MACRO edtf_first(x) AS TRY(CASE
    WHEN x IS NULL THEN NULL
    WHEN x[6:6] = 'Q' THEN make_date(x[1:4]::INT, 3 * x[7:7]::INT - 2, 1)
    WHEN x[6:6] = 'H' THEN make_date(x[1:4]::INT, 6 * x[7:7]::INT - 5, 1)
    ELSE (x || '-01-01'[len(x) - 3:])::DATE END);
CREATE MACRO edtf_last(x) AS TRY(CASE
    WHEN x IS NULL THEN NULL
    WHEN x[6:6] = 'Q' THEN last_day(make_date(x[1:4]::INT, 3 * x[7:7]::INT, 1))
    WHEN x[6:6] = 'H' THEN last_day(make_date(x[1:4]::INT, 6 * x[7:7]::INT, 1))
    WHEN len(x) = 4 THEN make_date(x::INT, 12, 31)
    WHEN len(x) = 7 THEN last_day((x || '-01')::DATE)
    ELSE x::DATE END);
CREATE MACRO edtf_start(x) AS edtf_first(split_part(x, '/', 1));
CREATE MACRO edtf_end(x) AS edtf_last(split_part(x, '/', -1));
"""


def findings(tables: Mapping[str, pa.Table], specs: Mapping[str, Spec], places: Mapping[str, Place]) -> list[Finding]:
    """Return what breaks the rules; `places` says where a claim stands in its file."""
    unfit = [name for name, spec in specs.items() if name in tables and not _fits(tables[name], spec)]
    if unfit:
        message = "the rules were not run, since the columns of this table are not those of its schema"
        return [Finding(rule="schema-columns", message=message, table=name) for name in unfit]
    whole = {name: tables.get(name, spec.arrow().empty_table()) for name, spec in specs.items()}
    filled = {name: spec for name, spec in specs.items() if whole[name].num_rows}  # the others only cost planning
    return run(connect(whole), filled, places)


def run(
    connection: duckdb.DuckDBPyConnection, filled: Mapping[str, Spec], places: Mapping[str, Place]
) -> list[Finding]:
    """Return what breaks the rules in the views of a connection; `filled` are the tables that have rows."""
    connection.execute(MACROS)
    found = []
    for each in RULES.values():
        sql = each.sql(filled)
        for table, key, claim_id, column, message in connection.execute(sql).fetchall() if sql else ():
            place = places.get(claim_id, Place(""))
            found.append(Finding(rule=each.id, message=message, place=place, claim_id=claim_id, table=table, key=key,
                                 column=column))  # fmt: skip
    return found


def _fits(table: pa.Table, spec: Spec) -> bool:
    """Return whether a table has the columns and types that the queries count on."""
    return {f.name: f.type for f in table.schema}.items() >= {f.name: f.type for f in spec.arrow()}.items()
