"""Checks: findings first, files later. Kinds and what they look at:

claims        the claim files, registries and corrections as they are read
schema        the Table Schema constraints of every table
rules         rules across tables and sources
expectations  Great Expectations suites, an independent second opinion
package       the written files: digests, types, nothing missing, nothing extra
frictionless  `frictionless validate datapackage.json`, as a user would run it
references    both tools look at foreign keys too, which takes them as long as all the rest: `schema` does anyway
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg.check.green import Green
from datapkg.model import Finding, Layout, Place, Spec, sql

if TYPE_CHECKING:
    import pyarrow as pa

    from datapkg.facts import Engine

USUAL = ("claims", "schema", "rules", "expectations", "package", "frictionless")
KINDS = (*USUAL, "references")


@dataclass(frozen=True)
class Held:
    """What tables are held to: schemas, and rules; of these the ones that ask one of some tables, if it names any."""

    schemas: Mapping[str, Spec]
    asked: Set[str] | None = None


def in_memory(tables: Mapping[str, pa.Table], specs: Mapping[str, Spec], kinds: Iterable[str] = USUAL,
              held: Held | None = None, green: Green | None = None,
              on: Engine | None = None) -> list[Finding]:  # fmt: skip
    """Return the findings of the kinds that look at tables in memory.

    `held` says what is asked of them, everything if it is not given, `on` an engine, as they are without one.
    What `green` remembers is not asked again.
    """
    from concurrent.futures import ThreadPoolExecutor

    from datapkg.check import expectations, rules, schema

    found: list[Finding] = []
    with ThreadPoolExecutor(1) as beside:  # DuckDB answers the rules while Python compiles the schema's expressions
        about = held.asked if held else None
        ruled = beside.submit(rules.findings, tables, specs, about) if "rules" in kinds else None
        if "schema" in kinds:
            schemas = held.schemas if held else specs
            if on:  # an empty table costs an engine what a full one does, and can only be pointed at
                schemas = {name: spec for name, spec in schemas.items() if name not in tables or tables[name].num_rows}
            frames = {name: on(table, ()) if on else table for name, table in tables.items()}
            found += schema.violations(frames, schemas)
        found += ruled.result() if ruled else []
    if "expectations" in kinds:
        plain = {name: spec for name, spec in specs.items() if spec.role != "observation"}
        suites = {name: expectations.suite(spec) for name, spec in plain.items()}
        held_to = {name: tables[name] for name in plain if name in tables}
        found += expectations.findings(held_to, plain, suites, "references" in kinds, green)
    return found


def on_files(paths: Mapping[str, Path], specs: Mapping[str, Spec], scratch: Path,
             kinds: Iterable[str] = ("schema", "rules"), memory: str = "1GB") -> list[Finding]:  # fmt: skip
    """Return what breaks the schemas and the rules in Parquet files of any size, in bounded memory."""
    import pyarrow.parquet as pq

    from datapkg.check import rules, schema
    from datapkg.facts import over

    filled = {name for name in specs if pq.read_metadata(paths[name]).num_rows}
    with over(paths, scratch, memory) as connection:
        frames = {name: connection.query(f"FROM {sql.table(name)}") for name in specs}
        found = schema.violations(
            frames, {name: specs[name] for name in specs if name in filled}
        )  # others are pointed at
        return found + (rules.run(connection, specs, filled) if "rules" in kinds else [])


def on_disk(
    layout: Layout, specs: Mapping[str, Spec], kinds: Iterable[str] = USUAL, green: Green | None = None
) -> list[Finding]:
    """Return the findings of the kinds that look at datapackage.json and the files beside it."""
    from datapkg.check import frictionless, package

    found: list[Finding] = []
    if "package" in kinds:
        found += package.findings(layout.descriptor, specs)
    if "frictionless" in kinds:
        found += frictionless.findings(layout.descriptor, "references" in kinds, green)
    return found


def placed(findings: Iterable[Finding], places: Mapping[str, Place]) -> list[Finding]:
    """Return the findings with the places of their rows, or of their claims."""
    known = ((finding, places.get(finding.row) or places.get(finding.claim_id or "")) for finding in findings)
    return [replace(finding, place=place) if place else finding for finding, place in known]
