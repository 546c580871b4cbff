"""Tables of others as sources: claims made of them by a map, and every cell of the claims proven against the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datapkg.claims.bulk import claim_nodes, dumped, node
from datapkg.claims.claim import Claim
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import KindSchema, kind_schemas
from datapkg.claims.mapfile import MapReader
from datapkg.claims.mapping import Map, claims_of
from datapkg.claims.observe import observed
from datapkg.claims.registries import read_registries
from datapkg.claims.tables import Row, Table, read_table
from datapkg.claims.yaml import Refused
from datapkg.model import (
    CheckFailed,
    ConfigError,
    Layout,
    NotFound,
    Place,
    UsageError,
    did_you_mean,
    digest,
    disk,
    load_specs,
    ordered,
)

SHOWN = 20
"""Rows that are listed of those that do not go with a map."""
Made = list[tuple[Row, dict[str, Any]]]
"""Claims with the rows that they are made of."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote: the file of the claims, how many, of how many rows, and how many rows were skipped."""

    path: Path
    claims: int
    rows: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Unproven:
    """A claim whose cells are not in a table, or which the map does not make of it any more."""

    claim_id: str
    place: Place
    why: str


@dataclass(frozen=True, slots=True)
class TableProof:
    """The claims of a source against a table by its name: how many, with how many cells, and which are unproven."""

    name: str
    claims: int
    cells: int
    same: bool
    """Whether the table is the very file that the claims were made of."""
    unproven: list[Unproven]


def import_table(layout: Layout, path: Path, map_path: Path) -> Imported:
    """Write the claims that a map makes of a table, and the map, to data/raw/datasets.

    Raises  CheckFailed with the findings that `check` has for the map and the claims; UsageError for a table that does
            not go with the map; NotFound for a missing file; nothing is written then
    """
    specs = load_specs(layout.schema_files)
    kinds = kind_schemas(specs)
    plan = _plan(layout, map_path)
    table = read_table(path)
    if table.sha256 != plan.sha256:
        step = "look at what is another in it, then write its digest into the map"
        raise UsageError(f"{table.name} has sha256 {table.sha256}, and {map_path.name} is for {plan.sha256}; {step}")
    made = _made(table, plan, kinds, map_path.name)
    home = layout.datasets / f"{plan.source_id}.yaml"
    if (layout.claims / home.name).exists():
        raise UsageError(f"{layout.relative(layout.claims / home.name)} exists already; a source id is never reused")
    reader = ClaimReader(layout, specs, kinds)
    _judged(reader, table, made, map_path, home)
    files = {home: map_path.read_bytes(), home.with_suffix(".jsonl"): b"".join(_line(claim) for _, claim in made)}
    home.parent.mkdir(parents=True, exist_ok=True)
    for target, data in files.items():
        with disk.writing(target):
            disk.put(target, data)
    return Imported(home.with_suffix(".jsonl"), len(made), len(table.rows), sum(map(plan.leaves, table.rows)))


def check_cells(layout: Layout, source_id: str, path: Path) -> TableProof:
    """Return which claims of a source a table does not prove: each cell by its digest, and the claim by the map.

    Raises  NotFound for an unknown source or a missing table, UsageError for one that lacks the map's columns or all
            rows of the claims, ConfigError for claims or a map that cannot be read
    """
    home = layout.datasets / f"{source_id}.yaml"
    if not home.is_file():
        known = sorted(p.stem for p in layout.datasets.glob("*.yaml"))
        raise NotFound.of("table", source_id, known, layout.relative(layout.datasets))
    plan, table = _plan(layout, home), read_table(path)
    claims = _committed(layout, home.with_suffix(".jsonl"))
    rows = table.keyed(plan.key)
    made = None
    if table.sha256 == plan.sha256:
        kinds = kind_schemas(load_specs(layout.schema_files))
        made = {claim["claim"]: claim for _, claim in _made(table, plan, kinds, home.name)}
    proof = TableProof(
        table.name, len(claims), sum(len(c["cells"]["columns"]) for _, c in claims), made is not None, []
    )
    for place, claim in claims:
        if why := _why(claim, rows, made):
            proof.unproven.append(Unproven(f"{source_id}/{claim['claim']}", place, why))
    if not any(claim["cells"]["row"] in rows for _, claim in claims):
        raise UsageError(
            f"no row of the {len(claims)} claims is in {table.name}, whose first is '{next(iter(rows))}'; "
            f"is it {plan.file}?"
        )
    return proof


def _committed(layout: Layout, file: Path) -> list[tuple[Place, dict[str, Any]]]:
    """Return the claims in a file, each with its place.

    Raises  ConfigError if it cannot be read, or a claim has no cells
    """
    try:
        claims = [(n.place, n.plain()) for n in claim_nodes(file, layout.relative(file))]
    except Refused as refused:
        raise ConfigError(str(refused.finding)) from refused
    for place, claim in claims:
        anchor = claim.get("cells") if isinstance(claim, dict) and "claim" in claim else None
        if not (isinstance(anchor, dict) and "row" in anchor and isinstance(anchor.get("columns"), dict)):
            raise ConfigError(f"{place}: no claim with 'cells'; run: datapkg check")
    return claims


def _plan(layout: Layout, path: Path) -> Map:
    """Return a map.

    Raises  CheckFailed with what is wrong with it
    """
    specs = load_specs(layout.schema_files)
    reader = MapReader(layout, specs, kind_schemas(specs))
    plan = reader.map(path)
    if plan is None:
        raise CheckFailed(ordered(reader.findings))
    return plan


def _made(table: Table, plan: Map, kinds: Mapping[str, KindSchema], name: str) -> Made:
    """Return the claims that a map makes of a table.

    Raises  UsageError with everything that does not go together: columns, and rows by their lines
    """
    wrong = list(_columns(table, plan))
    made: Made = []
    for key, row in ({} if wrong else table.keyed(plan.key)).items():
        if plan.leaves(row):
            continue
        try:
            claims = list(claims_of(row, key, plan, kinds))
            made += [(row, claim) for claim in claims]
            wrong += (
                [] if claims else [f"line {row.line}: makes no claim, since each lacks a cell; skip it with its reason"]
            )
        except ValueError as error:
            wrong.append(f"line {row.line}: {error}")
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        listed = "\n  ".join(wrong[:SHOWN] + more)
        raise UsageError(f"{table.name} does not go with {name}\n  {listed}")
    return made


def _columns(table: Table, plan: Map) -> Iterator[str]:
    """Yield the columns that a map names and the table lacks, and those that the map leaves out in silence."""
    for column in plan.columns:
        if column not in table.columns:
            yield f"no column '{column}'{did_you_mean(column, table.columns) or _have(table)}"
    for column in table.columns:
        if column not in plan.columns:
            yield f"no claim uses the column '{column}'; use it, or skip it with its reason"


def _have(table: Table) -> str:
    return f"; the table has {', '.join(table.columns)}"


def _judged(reader: ClaimReader, table: Table, made: Made, map_path: Path, home: Path) -> None:
    """Refuse claims that `check` would refuse; findings stand at the lines of the table.

    Raises  CheckFailed
    """
    root = reader.document(map_path)
    source = replace(reader.source(root.get("source"), Place(map_path.name), home.stem), table=table.sha256)
    registries = read_registries(reader)
    claims: dict[str, Claim] = {}
    for row, claim in made if source.whole else []:
        read = reader.claim(node(claim, Place(table.name, row.line)), source)
        if read and claims.setdefault(read.claim_id, read) is not read:
            message = f"claim id is taken; first given at {claims[read.claim_id].place}"
            reader.note("duplicate-claim", message, read.place, read.claim_id)
    observed(reader, list(claims.values()), registries)
    if reader.findings:
        raise CheckFailed(ordered(reader.findings))


def _line(claim: dict[str, Any]) -> bytes:
    return f"{dumped(claim)}\n".encode()


def _why(claim: dict[str, Any], rows: Mapping[str, Row], made: Mapping[str, dict[str, Any]] | None) -> str:
    """Return why a table does not prove a claim, empty if it does."""
    anchor = claim["cells"]
    row = rows.get(anchor["row"])
    if row is None:
        return f"no row has the key '{anchor['row']}'"
    other = [column for column, sha in anchor["columns"].items() if digest(row.cells.get(column, "")) != sha]
    if other:
        return f"another cell in {', '.join(other)}"
    if made is None:
        return ""
    again = made.get(claim["claim"])
    return "" if again and node(again, Place("")).plain() == claim else "the map makes another claim of the same cells"
