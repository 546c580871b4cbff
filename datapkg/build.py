"""The writing half in one page: claims to checked tables, and the tables to files.

The way, one call each: read the claim files and registries, correct the claims, observe what they say as rows,
consolidate rows into facts, check everything, write. Nothing is written before everything is checked. What is written
is `data/processed/` as a whole and `datapackage.json`: both are made in a folder beside them, read back and checked
there, then put in place; whatever fails, or is killed, leaves to readers the old files or the new ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg import check
from datapkg.claims import Claim, Curation, Pieces, Rows, correct, observe, read, set_aside
from datapkg.facts import PLACES, Engine, Packer, Sink, as_of, consolidated, consolidated_pieces, in_order
from datapkg.model import (
    CheckFailed,
    Finding,
    Layout,
    Part,
    Place,
    Spec,
    Spread,
    WriteError,
    chunks,
    disk,
    load_specs,
    one_by_one,
    ordered,
)
from datapkg.package import (
    ROW_GROUP,
    about_findings,
    building,
    descriptor,
    parquet,
    put_in_place,
    read_about,
    streamed,
    table_path,
)
from datapkg.registry import parts_at

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[str, int, int], None]
"""Is told of what how much is done, and how much there is; nobody knows that if it is 0."""
Asked = tuple[Iterable[str], date | None, Engine | None]
"""The kinds of check, today, and the engine that are asked for."""
MEMORY = "400MB"
"""What DuckDB takes to look at tables in files; the rules of the data released need more than 300."""
HELD = 20_000
"""About how many claims in bulk are held at once; of more, tables go from file to file."""


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
    rows: Mapping[str, int] = field(default_factory=dict)
    """Of tables too long to be held, which are in files alone, the rows of each."""
    near: frozenset[str] | None = None
    """The tables that some claim files feed, where these hold what the files touch and no more."""

    @property
    def counts(self) -> dict[str, int]:
        """The rows of every table."""
        return {**self.rows, **{name: table.num_rows for name, table in self.tables.items()}}


@dataclass(frozen=True)
class Bulk:
    """Claims that lie elsewhere, and what becomes of those in bulk in which something is wrong."""

    where: Sequence[str] = ()
    """Folders, files, patterns or URLs of JSON Lines or Parquet, read beside those of the repository."""
    quarantine: bool = False
    """Whether bad claims in bulk are left out and listed; else they stop the build as any other does."""
    progress: Progress = lambda what, done, every: None
    """Called as claims that are too many to be held at once, and what is made of them, go by."""
    spread: Spread = one_by_one
    """What has those read that are too many to be held: here, or in other processes."""


def build(layout: Layout, kinds: Iterable[str] = check.USUAL, today: date | None = None, bulk: Bulk = Bulk(),
          on: Engine | None = None) -> Tables:  # fmt: skip
    """Check everything, then write data/processed and datapackage.json, and the list of claims that are left out.

    Of more claims in bulk than are held at once, tables go from file to file, and Great Expectations and frictionless,
    which hold whole tables, are not asked.
    With `on` an engine makes the facts and looks at the schemas.

    Raises  CheckFailed with all findings, or WriteError; in both cases what was there before is untouched.
    """
    kinds = tuple(kinds)
    specs = load_specs(layout.schema_files)
    curation = read(layout, specs, more=_parts(bulk), most=HELD)
    if curation.rest is None:
        made = _assembled(layout, specs, curation, bulk, on=on)
        found = checked(made, kinds, today, check.Green(layout.root), on)
        if found:
            raise CheckFailed(found)
        write(render(made, layout), layout, made.specs, kinds)
    else:
        made = _in_files(layout, curation, (kinds, today, on), bulk)
    _list_left(layout, made.left)
    return made


def _in_files(layout: Layout, curation: Curation, asked: Asked, bulk: Bulk) -> Tables:
    import duckdb

    try:
        with building(layout) as scratch:
            return _in_pieces(layout, curation, scratch, asked, bulk)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        reason = str(error).splitlines()[0]
        raise WriteError(f"cannot write to {layout.root}: {reason}; the tables are as they were") from error
    finally:
        curation.reader.end()


def _in_pieces(layout: Layout, curation: Curation, scratch: Path, asked: Asked,
               bulk: Bulk) -> Tables:  # fmt: skip
    """Do as `build` does with claims that are too many to be held: what they say lies in files of a scratch folder."""
    specs, stage, (kinds, today, on) = curation.reader.specs, Layout(scratch / disk.NEW), asked
    sink, pieces = Sink(specs, scratch / "rows"), Pieces(curation, Packer(specs), bulk.quarantine, bulk.spread)
    with closing(pieces.packed()) as every:
        for packed in every:
            sink.take({n: rows for n, rows in packed.items() if n == PLACES.name or not curation.findings})
            bulk.progress("bytes of claims", *curation.reader.progress)
    pieces.settle(sink.places(claim.claim_id for claim in pieces.twice))
    claims, rows, left = _observed(curation, bulk.quarantine)
    found = curation.findings + about_findings(layout)
    if not found:
        for more in pieces.source_rows(claims):
            sink.add({"sources": more})
        sink.add({name: table for name, table in rows.items() if name != "sources"})
        day, places = as_of(source.row for source in pieces.sources), curation.places
        for held in (rows, claims, curation.claims, curation.reader.rows, pieces.sources):
            held.clear()  # in files by now
        consolidated_pieces(sink, day, on=on, progress=partial(bulk.progress, "observations"))
        paths = {name: sink.path(name) for name in specs}
        found = check.on_files(paths, specs, scratch, kinds, MEMORY)
        found += check.ahead_on_files(paths, specs, today) if today else []
        named = (finding.claim_id for finding in found if finding.claim_id)
        found = check.placed(found, {**sink.places(named), **places} if found else {})
    if not found:
        about = read_about(layout)
        for name in specs:
            streamed(sink.ordered(name, ROW_GROUP), stage.root / table_path(name), specs[name], about)
        digests = {table_path(name): chunks.hashed_file(stage.root / table_path(name)) for name in specs}
        rows_of = {name: sink.rows[name] for name in in_order(specs)}
        disk.write_all(stage.root, {"datapackage.json": descriptor(rows_of, digests, specs, about)})
        found = check.on_disk(stage, specs, ("package",))
    if found:
        raise CheckFailed(ordered(found))
    put_in_place(scratch, layout)
    return Tables(specs, {}, left=ordered([*pieces.left, *left]), rows=rows_of)


def _list_left(layout: Layout, left: Iterable[Finding]) -> None:
    """Write which claims are left out, a line each, or remove the list of an earlier build if none is."""
    lines = [f"{json.dumps(finding.record(), ensure_ascii=False)}\n" for finding in left]
    with disk.writing(layout.quarantine):
        if lines:
            disk.put(layout.quarantine, "".join(lines).encode())
        else:
            layout.quarantine.unlink(missing_ok=True)


def assemble(layout: Layout, only: Path | None = None, bulk: Bulk = Bulk(), on: Engine | None = None) -> Tables:
    """Return the tables that the claims make, without checking them beyond reading.

    Shape   every table and observation table of the schemas; of one claim file if `only` names it; none if there are
            findings, since tables of half-read claims would be no tables of anything
    Raises  ConfigError for unusable schemas
    """
    specs = load_specs(layout.schema_files)
    return _assembled(layout, specs, read(layout, specs, only, _parts(bulk)), bulk, on)


def _parts(bulk: Bulk) -> list[Part]:
    return [part for where in bulk.where for part in parts_at(where)]


def _assembled(layout: Layout, specs: dict[str, Spec], curation: Curation, bulk: Bulk,
               on: Engine | None = None) -> Tables:  # fmt: skip
    _, rows, left = _observed(curation, bulk.quarantine)
    found = curation.findings + (about_findings(layout) if curation.whole else [])
    tables = {} if found else consolidated(rows, specs, on)
    return Tables(specs, tables, curation.places, found, curation.whole, ordered(left))


def _observed(curation: Curation, quarantine: bool) -> tuple[list[Claim], Rows, list[Finding]]:
    """Return the claims that are held, corrected, the rows that they make, and what is wrong with those left out."""
    left = set_aside(curation) if quarantine else []
    claims = correct(curation)
    rows = observe(curation, claims)
    while quarantine and (more := set_aside(curation)):  # as if they had never been there
        left += more
        claims = correct(curation)
        rows = observe(curation, claims)
    return claims, rows, left


def checked(made: Tables, kinds: Iterable[str] = check.USUAL, today: date | None = None,
            green: check.Green | None = None, on: Engine | None = None) -> list[Finding]:  # fmt: skip
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
        seen = check.in_memory(made.tables, made.specs, kinds, held, green, on)
        seen += check.ahead(made.tables, made.specs, today) if today else []
        found += check.placed(seen, made.places)
    if not made.whole:
        found = [finding for finding in found if finding.rule != "acknowledged-nothing"]
    return ordered(found)


def render(made: Tables, layout: Layout) -> dict[str, bytes]:
    """Return every file of the package by its path from the root; datapackage.json comes last."""
    about = read_about(layout)
    files = {table_path(name): parquet(table, made.specs[name], about) for name, table in made.tables.items()}
    digests = {path: chunks.hashed(data) for path, data in files.items()}
    return {**files, "datapackage.json": descriptor(made.counts, digests, made.specs, about)}


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
    with building(layout) as scratch:
        stage = Layout(scratch / disk.NEW)
        disk.write_all(stage.root, files)
        found = check.on_disk(stage, specs, kinds, check.Green(layout.root))
        if found:
            raise CheckFailed(ordered(found))
        put_in_place(scratch, layout)


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
