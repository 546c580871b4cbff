"""The writing half in one page: claims to checked tables, and the tables to files.

The way, one call each: read the claim files and registries, correct the claims, observe what they say as rows,
consolidate rows into facts, check everything, write. Nothing is written before everything is checked. What is written
is `data/processed/` as a whole and `datapackage.json`: both are made in a folder beside them, read back and checked
there, then put in place; whatever fails, or is killed, leaves to readers the old files or the new ones.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg import check
from datapkg.claims import Around, Claim, Curation, Rows, correct, nearby, observe, read, read_near, set_aside
from datapkg.facts import consolidated
from datapkg.model import (
    PREFIX,
    CheckFailed,
    Finding,
    Layout,
    Place,
    Spec,
    WriteError,
    disk,
    jsontext,
    load_specs,
    ordered,
)
from datapkg.package import about_findings, descriptor, digest, parquet, read_about, table_path
from datapkg.registry import parts_at

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Tables:
    """Every table in memory, where each claim stands, and what was wrong on the way."""

    specs: dict[str, Spec]
    tables: dict[str, pa.Table]
    places: dict[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True
    """Whether all claim files were read; of one alone some findings, acknowledged or not, do not show."""
    left: list[Finding] = field(default_factory=list)
    """What is wrong with claims that were left out, one or more findings for each."""
    near: frozenset[str] | None = None
    """The tables that some claim files feed, where these hold what the files touch and no more."""


@dataclass(frozen=True)
class Bulk:
    """Claims that lie elsewhere, and what becomes of those in bulk in which something is wrong."""

    where: Sequence[str] = ()
    """Folders, files, patterns or URLs of JSON Lines or Parquet, read beside those of the repository."""
    quarantine: bool = False
    """Whether bad claims in bulk are left out and listed; else they stop the build as any other does."""


def build(layout: Layout, kinds: Iterable[str] = check.USUAL, today: date | None = None, bulk: Bulk = Bulk()) -> Tables:
    """Check everything, then write data/processed and datapackage.json, and the list of claims that are left out.

    Raises  CheckFailed with all findings, or WriteError; in both cases what was there before is untouched.
    """
    kinds = tuple(kinds)
    made = assemble(layout, bulk=bulk)
    found = checked(made, kinds, today, check.Green(layout.root))
    if found:
        raise CheckFailed(found)
    write(render(made, layout), layout, made.specs, kinds)
    _list_left(layout, made.left)
    return made


def _list_left(layout: Layout, left: Iterable[Finding]) -> None:
    """Write which claims are left out, a line each, or remove the list of an earlier build if none is."""
    lines = [f"{json.dumps(finding.record(), ensure_ascii=False)}\n" for finding in left]
    with disk.writing(layout.quarantine):
        if lines:
            disk.put(layout.quarantine, "".join(lines).encode())
        else:
            layout.quarantine.unlink(missing_ok=True)


def assemble(layout: Layout, only: Path | None = None, bulk: Bulk = Bulk()) -> Tables:
    """Return the tables that the claims make, without checking them beyond reading.

    Shape   every table and observation table of the schemas; of one claim file if `only` names it; none if there are
            findings, since tables of half-read claims would be no tables of anything
    Raises  ConfigError for unusable schemas
    """
    specs = load_specs(layout.schema_files)
    curation = read(layout, specs, only, [part for where in bulk.where for part in parts_at(where)])
    left = set_aside(curation) if bulk.quarantine else []
    claims = correct(curation)
    rows = observe(curation, claims)
    while bulk.quarantine and (more := set_aside(curation)):  # as if they had never been there
        left += more
        claims = correct(curation)
        rows = observe(curation, claims)
    found = curation.findings + (about_findings(layout) if curation.whole else [])
    tables = {} if found else consolidated(rows, specs)
    return Tables(specs, tables, curation.places, found, curation.whole, ordered(left))


def assemble_near(layout: Layout, files: Collection[Path]) -> Tables:
    """Return the tables that some claim files make, with what others say of the same: enough to check these files.

    Only what is near them is read where all claims were read before without a finding; it makes no difference.
    Shape   as `assemble`, with the facts that the files touch, and what rules compare these with
    Raises  ConfigError for unusable schemas
    """
    specs = load_specs(layout.schema_files)
    around, names = Around(layout, specs), {layout.relative(file) for file in files}
    near = read_near(layout, specs, files, around)
    made = near and _of_files(near, specs, names, observe(near, claims := correct(near)), claims)
    if made and (not made.findings or any(finding.place.file in names for finding in made.findings)):
        return made
    curation = read(layout, specs)
    rows = observe(curation, claims := correct(curation))
    if not curation.findings:
        around.keep(curation.claims, rows, curation.registries)
    return _of_files(curation, specs, names, rows, claims)


def _of_files(
    curation: Curation, specs: dict[str, Spec], names: Collection[str], rows: Rows, claims: Iterable[Claim]
) -> Tables:
    """Return the tables that the claims of some files make with those near them."""
    found = curation.findings + about_findings(curation.reader.layout)
    touched = {claim.claim_id for claim in claims if claim.place.file in names}
    until = curation.far.until if curation.far else None
    fed = {
        name for name, said in rows.items() if name.startswith(PREFIX) and any(r["claim_id"] in touched for r in said)
    }
    tables = {} if found else consolidated(nearby(rows, specs, touched), specs, until)
    both = frozenset(fed | {name.removeprefix(PREFIX) for name in fed})
    return Tables(specs, tables, curation.places, found, near=both)


def checked(made: Tables, kinds: Iterable[str] = check.USUAL, today: date | None = None,
            green: check.Green | None = None) -> list[Finding]:  # fmt: skip
    """Return the findings of the kinds of check that need no files, sorted by file and line.

    With `today`, which only the caller knows, also what lies after it.
    """
    found = list(made.findings)
    if not found:  # tables made from half-read claims would only repeat the first mistake in other words
        # What one file says is in its observations; its facts could only repeat them.
        held = None if made.whole else check.Held({n: spec for n, spec in made.specs.items() if spec.role != "fact"})
        if made.near is not None:  # what others say is there to be compared with, and checked with their files
            others = {n for n, spec in made.specs.items() if spec.role in ("fact", "observation", "registry")}
            own = {n: spec for n, spec in made.specs.items() if n in made.near or n not in others}
            held = check.Held(own, own.keys())
        found += check.in_memory(made.tables, made.specs, made.places, kinds, held, green)
        found += check.placed(check.ahead(made.tables, made.specs, today), made.places) if today else []
    if not made.whole:
        found = [finding for finding in found if finding.rule != "acknowledged-nothing"]
    return ordered(found)


def render(made: Tables, layout: Layout) -> dict[str, bytes]:
    """Return every file of the package by its path from the root; datapackage.json comes last."""
    about = read_about(layout)
    files = {table_path(name): parquet(table, made.specs[name], about) for name, table in made.tables.items()}
    return {**files, "datapackage.json": descriptor(made.tables, files, made.specs, about)}


def draft(made: Tables, layout: Layout, folder: Path) -> None:
    """Write the package that a repository's tables make into an empty folder, to be compared with another."""
    files = render(made, layout)
    withdrawn = layout.raw / "withdrawn.yaml"  # which says why rows are gone
    if withdrawn.is_file():
        files[layout.relative(withdrawn)] = withdrawn.read_bytes()
    disk.write_all(folder, files)


def write(
    files: Mapping[str, bytes], layout: Layout, specs: Mapping[str, Spec], kinds: Iterable[str] = check.USUAL
) -> None:
    """Put the files of a package in the place of the old ones, all or none; `kinds` of check see them first.

    Raises  CheckFailed, IntegrityError or WriteError; in each case what was there before is untouched.
    """
    folder, last = layout.processed.relative_to(layout.root).as_posix(), layout.descriptor.name
    try:
        with disk.alone(layout.root, "build"):
            disk.heal(layout.root, folder, last, partial(_promised, layout))
            with tempfile.TemporaryDirectory(prefix=disk.SCRATCH, dir=layout.root) as scratch:
                stage = Layout(Path(scratch) / disk.NEW)
                disk.write_all(stage.root, files)
                found = check.on_disk(stage, specs, kinds, check.Green(layout.root))
                if found:
                    raise CheckFailed(ordered(found))
                disk.swap(Path(scratch), layout.root, folder, last)
    except OSError as error:
        if isinstance(error, WriteError):
            raise
        raise WriteError(f"cannot write to {layout.root}: {error.strerror}; the tables are as they were") from error


def _promised(layout: Layout, root: Path) -> bool:
    """Return whether the files below a folder are those that the descriptor of a package names."""
    try:
        resources = jsontext.loads(layout.descriptor.read_bytes())["resources"]
        return all(r["hash"] == f"sha256:{digest(root / r['path'])}" for r in resources)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def stored(layout: Layout) -> Tables:
    """Return the tables of data/processed as they are on disk; a missing file is a missing table."""
    import pyarrow.parquet as pq

    specs = load_specs(layout.schema_files)
    paths = {name: layout.root / table_path(name) for name in specs}
    return Tables(specs, {name: pq.ParquetFile(path).read() for name, path in paths.items() if path.exists()})


def stale(layout: Layout, made: Tables) -> list[str]:
    """Return the paths that are not what the build makes: missing, different, or not made by it."""
    files = render(made, layout)
    there = {layout.relative(p) for p in layout.processed.rglob("*") if p.is_file()}
    wrong = {
        p for p, data in files.items() if not (layout.root / p).is_file() or (layout.root / p).read_bytes() != data
    }
    return sorted(wrong | (there - set(files)))
