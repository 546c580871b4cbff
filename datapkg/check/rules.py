"""Runs the rules of `rulebook` on DuckDB: tables and observations are views, each row of an answer is a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from datapkg.check.rule import MACROS
from datapkg.check.rulebook import RULES
from datapkg.engine import connect
from datapkg.errors import did_you_mean
from datapkg.findings import Finding, Place
from datapkg.specs import Spec

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


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
    """Return what breaks the rules in the views of a connection; `filled` are the tables that have rows.

    A rule about tables or columns that are not there, as in a release older than the rule, finds nothing.
    """
    import duckdb

    connection.execute(MACROS)
    found = []
    for each in RULES.values():
        sql = each.sql(filled)
        try:
            rows = connection.execute(sql).fetchall() if sql else []
        except (duckdb.CatalogException, duckdb.BinderException):
            continue
        for table, key, claim_id, column, message in rows:
            place = places.get(claim_id, Place(""))
            found.append(Finding(rule=each.id, message=message, place=place, claim_id=claim_id, table=table, key=key,
                                 column=column))  # fmt: skip
    return _unacknowledged(connection, found, places) if "acknowledgements" in filled else found


def _unacknowledged(
    connection: duckdb.DuckDBPyConnection, found: list[Finding], places: Mapping[str, Place]
) -> list[Finding]:
    """Return the findings that no curator lets pass, and one for every acknowledgement of what is not found."""
    passed = set(connection.execute("SELECT rule, claim_id FROM acknowledgements").fetchall())
    left = [finding for finding in found if (finding.rule, finding.claim_id) not in passed]
    for rule, claim_id in sorted(passed - {(finding.rule, finding.claim_id) for finding in found}):
        near = "" if rule in RULES else did_you_mean(rule, RULES)
        message = f"acknowledged.yaml lets a finding of '{rule}' pass that is not there{near}; remove the entry"
        place = places.get(claim_id, Place(""))
        left.append(Finding(rule="acknowledged-nothing", message=message, place=place, claim_id=claim_id))
    return left


def _fits(table: pa.Table, spec: Spec) -> bool:
    """Return whether a table has the columns and types that the queries count on."""
    return {f.name: f.type for f in table.schema}.items() >= {f.name: f.type for f in spec.arrow()}.items()
