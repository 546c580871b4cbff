"""Runs the rules of `rulebook` on DuckDB: tables and observations are views, each row of an answer is a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from contextlib import suppress
from typing import TYPE_CHECKING

from datapkg.check.rule import MACROS
from datapkg.check.rulebook import RULES
from datapkg.facts import connect
from datapkg.model import PREFIX, Finding, Spec, did_you_mean, sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

FIGURES = "figures."
PAGES = ("{table}", "*, concat(who(voice), ' in ', source_id) AS speaker, vintage AS last_stated", "true")
"""What `figures` holds when rules are asked of what each page says: the table, its columns, which of its rows."""
FACTS = ("{fact}", "*, who(voice) AS speaker", "NOT superseded")
"""The same when they are asked of the facts."""
_TABLES = re.compile(r"\b(?:FROM|JOIN|TABLE)\s+([a-z0-9_.\"]+)")

_FIGURES = re.compile(r'\bfigures\."?(\w+)')


def findings(tables: Mapping[str, pa.Table], specs: Mapping[str, Spec], about: Set[str] | None = None) -> list[Finding]:
    """Return what breaks the rules; of those alone that ask one of some tables, if `about` names them."""
    unfit = [name for name, spec in specs.items() if name in tables and not _fits(tables[name], spec)]
    if unfit:
        message = "the rules were not run, since the columns of this table are not those of its schema"
        return [Finding(rule="schema-columns", message=message, table=name) for name in unfit]
    filled = {name for name in specs if name in tables and tables[name].num_rows}
    queries = _queries(specs, filled, about)
    needed = set.union(_worth(specs, filled), *(_tables(query, specs) for query in queries.values()))
    views = {name: tables[name] if name in tables else specs[name].arrow().empty_table() for name in needed}
    return run(connect(views), specs, filled, about)


def run(
    connection: duckdb.DuckDBPyConnection, specs: Mapping[str, Spec], filled: Set[str], about: Set[str] | None = None
) -> list[Finding]:
    """Return what breaks the rules in the views of a connection; `filled` names the tables that have rows.

    A rule about tables or columns that are not there, as in a release older than the rule, finds nothing.
    """
    connection.execute(MACROS)
    queries = _queries(specs, filled, about)
    asked = {PREFIX + name for query in queries.values() for name in _FIGURES.findall(query)}
    shown = {name: spec for name, spec in specs.items() if name in asked}
    figures(connection, shown, PAGES)
    found = _asked(connection, queries)
    known = {(finding.rule, finding.claim_id) for finding in found}
    figures(connection, shown, FACTS)
    current = {rule: sql for rule, sql in queries.items() if FIGURES in sql}
    found += [f for f in _asked(connection, current) if (f.rule, f.claim_id) not in known]
    return _unacknowledged(connection, found) if "acknowledgements" in filled else found


def figures(connection: duckdb.DuckDBPyConnection, specs: Mapping[str, Spec], of: tuple[str, str, str]) -> None:
    """Fill the schema `figures` with a view of every table that has observations, as far as its columns are there."""
    import duckdb

    source, columns, condition = of
    connection.execute("CREATE SCHEMA IF NOT EXISTS figures")
    for name in specs:
        if name.startswith(PREFIX):
            fact = name.removeprefix(PREFIX)
            view = FIGURES + sql.identifier(fact)
            # with its schema, since a view that names a table of its own name means itself
            table = source.format(table=sql.table(name), fact=f"main.{sql.table(fact)}")
            connection.execute(f"DROP VIEW IF EXISTS {view}")
            with suppress(duckdb.CatalogException, duckdb.BinderException):
                connection.execute(f"CREATE VIEW {view} AS SELECT {columns} FROM {table} WHERE {condition}")


def _asked(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> list[Finding]:
    """Return a finding for each row of the answers."""
    import duckdb

    found = []
    for rule, query in queries.items():
        try:
            rows = connection.execute(query).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            continue
        for table, key, claim_id, column, message in rows:
            found.append(Finding(rule=rule, message=message, claim_id=claim_id, table=table, key=key, column=column))
    return found


def _queries(specs: Mapping[str, Spec], filled: Set[str], only: Set[str] | None = None) -> dict[str, str]:
    """Return the queries by rule, but those about kinds of claims that there are none of: they only cost planning.

    With `only`, those that ask one of these tables.
    """
    given = {name: spec for name, spec in specs.items() if name in filled}
    fit = {name: spec for name, spec in given.items() if only is None or name in only}
    made = {each.id: each.sql(fit if each.by_table else given) for each in RULES.values()}
    about = {rule: _tables(query, specs) for rule, query in made.items() if query}
    worth = _worth(specs, filled)
    return {
        rule: made[rule]
        for rule, names in about.items()
        if not names or (names & worth and (only is None or names & only))
    }


def _worth(specs: Mapping[str, Spec], filled: Set[str]) -> set[str]:
    """Return the tables that have rows, and the registries, rows or not."""
    return {name for name, spec in specs.items() if name in filled or spec.role == "registry"}


def _tables(query: str, specs: Mapping[str, Spec]) -> set[str]:
    """Return the tables that a query asks; of figures, what pages say and the facts."""
    asked = {name.replace('"', "") for name in _TABLES.findall(query)}
    figures = {name.removeprefix(FIGURES) for name in asked if name.startswith(FIGURES)}
    return (asked | figures | {PREFIX + name for name in figures}) & specs.keys()


def _unacknowledged(connection: duckdb.DuckDBPyConnection, found: list[Finding]) -> list[Finding]:
    """Return the findings that no curator lets pass, and one for every acknowledgement of what is not found.

    Acknowledgements of one rule with one reason belong together: which of several claims about a fact a finding names
    depends on what else is read.
    """
    rows = connection.execute("SELECT rule, claim_id, reason FROM acknowledgements").fetchall()
    passed = {(rule, claim_id): (rule, reason) for rule, claim_id, reason in rows}
    left = [finding for finding in found if (finding.rule, finding.claim_id) not in passed]
    used = {passed.get((finding.rule, finding.claim_id or "")) for finding in found}
    for rule, claim_id in sorted(entry for entry, reason in passed.items() if reason not in used):
        near = "" if rule in RULES else did_you_mean(rule, RULES)
        message = f"acknowledged.yaml lets a finding of '{rule}' pass that is not there{near}; remove the entry"
        key = f"rule={rule};claim_id={claim_id}"
        left.append(Finding(rule="acknowledged-nothing", message=message, claim_id=claim_id,
                            table="acknowledgements", key=key))  # fmt: skip
    return left


def _fits(table: pa.Table, spec: Spec) -> bool:
    """Return whether a table has the columns and types that the queries count on."""
    return {f.name: f.type for f in table.schema}.items() >= {f.name: f.type for f in spec.arrow()}.items()
