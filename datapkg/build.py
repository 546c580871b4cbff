"""The build: claims to checked tables, and the tables to files. Nothing is written before everything is checked.

What it writes: `data/processed/` as a whole and `datapackage.json`. Both are made in a folder beside them, read
back and checked there, then renamed into place; whatever fails before that leaves the old files as they were, and a
failure in the middle puts them back.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg import check, curate, engine
from datapkg.claims import Reader, claim_row, source_rows
from datapkg.conflicts import conflict_rows
from datapkg.consolidate import consolidate
from datapkg.corrections import corrected, read_acknowledged, read_corrections
from datapkg.entities import Registries, read_registries
from datapkg.errors import CheckFailed, IntegrityError, WriteError
from datapkg.findings import Finding, Place, ordered
from datapkg.forms import forms
from datapkg.layout import Layout
from datapkg.package import descriptor, parquet, read_about, table_path
from datapkg.specs import PREFIX, Spec, load

if TYPE_CHECKING:
    import pyarrow as pa

SCRATCH = ".datapkg-build-"
SMALL = 10_000
"""Rows that pyarrow consolidates; beyond a batch of 32,768 its joins, by which Narwhals makes windows, mix up rows."""


@dataclass(frozen=True)
class Tables:
    """Every table in memory, where each claim stands, and what was wrong on the way."""

    specs: dict[str, Spec]
    tables: dict[str, pa.Table]
    places: dict[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True
    """Whether all claim files were read; of one alone some findings, acknowledged or not, do not show."""


def assemble(layout: Layout, only: Path | None = None) -> Tables:
    """Return the tables that the claims make, without checking them beyond reading.

    Shape   every table and observation table of the schemas; of one claim file if `only` names it; none if there are
            findings, since tables of half-read claims would be no tables of anything
    Raises  ConfigError for unusable schemas
    """
    specs = load(layout.schemas)
    reader = Reader(layout, specs, forms(specs))
    registries = read_registries(reader)
    claims = reader.files(only)
    corrections, preferences = read_corrections(reader)
    if only:
        named = {claim.claim_id for claim in claims}
        corrections = [c for c in corrections if c.row["claim_id"] in named]
        preferences = [p for p in preferences if p[1] in named]
        reader.unread |= {claim for c in corrections for claim in c.row["evidence"].split()}  # of the other files
    claims = corrected(reader, claims, corrections, preferences)
    rows = curate.observe(reader, claims, registries)
    rows["claims"] = [claim_row(claim) for claim in claims]
    rows["sources"] = source_rows(claims)
    rows["corrections"] = [c.row for c in corrections]
    rows["acknowledgements"] = read_acknowledged(reader, claims, whole=only is None)
    places = {c.claim_id: c.place for c in claims}
    reader.findings += _twins(rows, specs, places)
    tables = {} if reader.findings else _tables(rows, registries, specs)
    return Tables(specs, tables, places, reader.findings, whole=only is None)


def _twins(
    rows: Mapping[str, list[dict[str, Any]]], specs: Mapping[str, Spec], places: Mapping[str, Place]
) -> list[Finding]:
    """Return a finding for every claim that says the same thing twice, such as a person listed twice."""
    found = []
    for name, table in rows.items():
        seen = set()
        for row in table if name.startswith(PREFIX) else []:
            key = tuple(row.get(k) for k in specs[name].key)
            if key in seen:
                claim_id, about = row["claim_id"], ", ".join(map(str, key[:-1]))
                message = f"the claim gives {about} of {name.removeprefix(PREFIX)} twice; leave one out"
                place = places[claim_id]
                found.append(Finding(rule="duplicate-row", message=message, place=place, claim_id=claim_id, table=name))
            seen.add(key)
    return found


def _tables(
    rows: dict[str, list[dict[str, Any]]], registries: Registries, specs: dict[str, Spec]
) -> dict[str, pa.Table]:
    """Return all tables as Arrow: registries and records as they are, facts from their observations."""
    rows = {**rows, **registries.rows, "conflicts": []}
    tables = {
        name: engine.to_arrow(rows[name], spec) for name, spec in specs.items() if spec.role not in ("fact", "record")
    }
    for name, spec in specs.items():
        if spec.role == "fact":
            tables[name], found = facts(tables[PREFIX + name], spec)
            rows["conflicts"] += found
    tables |= {name: engine.to_arrow(rows[name], spec) for name, spec in specs.items() if spec.role == "record"}
    return {name: tables[name] for name in sorted(tables, key=lambda n: (n.startswith(PREFIX), n))}


def facts(observed: pa.Table, spec: Spec) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Return the facts of one table and the rows of its conflicts.

    Only keys with several claims are consolidated: by pyarrow, which starts at once, or by DuckDB if they are many.
    """
    alone, shared = _parted(observed, spec)
    made, conflicts = [alone], []
    if shared.num_rows:
        small = shared.num_rows <= SMALL
        silent = frozenset(name for name in shared.column_names if shared.column(name).null_count == shared.num_rows)
        frame = shared if small else engine.connect({spec.name: shared}).table(spec.name)
        result = consolidate(frame, spec, silent=silent)
        made.append(engine.cast(result.facts.collect(backend="pyarrow").to_arrow(), spec))
        disputed = any(made[1].column("disputed").to_pylist())
        conflicts = conflict_rows(spec, result, shared.to_pylist()) if disputed else []
    import pyarrow as pa

    return engine.cast(pa.concat_tables(made), spec), conflicts


def _parted(observed: pa.Table, spec: Spec) -> tuple[pa.Table, pa.Table]:
    """Return the facts of the keys about which there is one claim, and the observations of the other keys.

    What one claim says stands as it is, so that the policy has nothing to choose from.
    """
    import pyarrow as pa

    keys = list(zip(*(observed.column(name).to_pylist() for name in spec.key), strict=True))
    many = Counter(keys)
    once = pa.array([many[key] == 1 for key in keys], pa.bool_())
    twice = pa.array([many[key] > 1 for key in keys], pa.bool_())
    alone, counts = observed.filter(once), {"claim_count": 1, "source_count": 1, "disputed": False}
    for name, value in counts.items():
        alone = alone.append_column(name, pa.repeat(value, alone.num_rows))
    return engine.cast(alone, spec), observed.filter(twice)


def stored(layout: Layout) -> Tables:
    """Return the tables of data/processed as they are on disk; a missing file is a missing table."""
    import pyarrow.parquet as pq

    specs = load(layout.schemas)
    paths = {name: layout.root / table_path(name) for name in specs}
    return Tables(specs, {name: pq.ParquetFile(path).read() for name, path in paths.items() if path.exists()})


def checked(made: Tables, kinds: Iterable[str] = check.KINDS) -> list[Finding]:
    """Return the findings of the kinds of check that need no files, sorted by file and line."""
    found = list(made.findings)
    if not found:  # tables made from half-read claims would only repeat the first mistake in other words
        # What one file says is in its observations; its facts could only repeat them.
        held = None if made.whole else {name: spec for name, spec in made.specs.items() if spec.role != "fact"}
        found += check.in_memory(made.tables, made.specs, made.places, kinds, held)
    if not made.whole:
        found = [finding for finding in found if finding.rule != "acknowledged-nothing"]
    return ordered(found)


def render(made: Tables, layout: Layout) -> dict[str, bytes]:
    """Return every file of the package by its path from the root; datapackage.json comes last."""
    about = read_about(layout)
    files = {table_path(name): parquet(table, made.specs[name], about) for name, table in made.tables.items()}
    return {**files, "datapackage.json": descriptor(made.tables, files, made.specs, about)}


def build(layout: Layout, kinds: Iterable[str] = check.KINDS) -> Tables:
    """Check everything, then write data/processed and datapackage.json.

    Raises  CheckFailed with all findings, or WriteError; in both cases what was there before is untouched.
    """
    made = assemble(layout)
    kinds = tuple(kinds)
    found = checked(made, kinds)
    if found:
        raise CheckFailed(found)
    write(render(made, layout), layout, made.specs, kinds)
    return made


def write(
    files: Mapping[str, bytes], layout: Layout, specs: Mapping[str, Spec], kinds: Iterable[str] = check.KINDS
) -> None:
    """Put the files of a package in the place of the old ones, all or none; `kinds` of check see them first.

    Raises  CheckFailed, IntegrityError or WriteError; in each case what was there before is untouched.
    """
    try:
        with _alone(layout.root):
            _heal(layout)
            with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=layout.root) as scratch:
                stage = Layout(Path(scratch) / "new")
                _write(stage, files)
                found = check.on_disk(stage, specs, kinds)
                if found:
                    raise CheckFailed(ordered(found))
                _swap(stage, layout, Path(scratch) / "old")
    except OSError as error:
        if isinstance(error, WriteError):
            raise
        raise WriteError(f"cannot write to {layout.root}: {error.strerror}; the tables are as they were") from error


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold a folder for one writer at a time; the system lets go of it however the process ends."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock, and refuses to rename what another process has open
        yield
        return
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise WriteError(f"another build is writing to {root}; wait until it has ended") from error
    finally:
        os.close(folder)


def _heal(layout: Layout) -> None:
    """Remove what a killed build left; if it had moved the old tables away and not come to its end, put them back."""
    for scratch in layout.root.glob(SCRATCH + "*"):
        old, unfinished = scratch / "old", (scratch / "new" / "datapackage.json").exists()
        if old.exists() and unfinished:
            shutil.rmtree(layout.processed, ignore_errors=True)
            old.rename(layout.processed)
        shutil.rmtree(scratch)


def stale(layout: Layout, made: Tables) -> list[str]:
    """Return the paths that are not what the build makes: missing, different, or not made by it."""
    files = render(made, layout)
    there = {layout.relative(p) for p in layout.processed.rglob("*") if p.is_file()}
    wrong = {
        p for p, data in files.items() if not (layout.root / p).is_file() or (layout.root / p).read_bytes() != data
    }
    return sorted(wrong | (there - set(files)))


def _write(stage: Layout, files: Mapping[str, bytes]) -> None:
    """Write files into the stage and read each back."""
    for path, data in files.items():
        target = stage.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if target.read_bytes() != data:
            raise IntegrityError(f"{path} was not read back as written; is the disk damaged?")


def _swap(stage: Layout, layout: Layout, old: Path) -> None:
    """Put the staged files in the place of the old ones; if that fails midway, put the old ones back."""
    layout.processed.parent.mkdir(parents=True, exist_ok=True)
    had = layout.processed.exists()
    try:
        if had:
            layout.processed.rename(old)
        stage.processed.rename(layout.processed)
        stage.descriptor.replace(layout.descriptor)
    except BaseException:  # an interrupt too: the old tables are in the scratch folder, which goes away
        if old.exists() or not had:
            shutil.rmtree(layout.processed, ignore_errors=True)
        if old.exists():
            old.rename(layout.processed)
        raise
