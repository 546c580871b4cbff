"""The commands that write tables, and those that check them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter

from datapkg import build as building
from datapkg import check as checking
from datapkg import near
from datapkg.cli import render
from datapkg.cli.arguments import root
from datapkg.cli.lean import without_pandas
from datapkg.cli.progress import Progress
from datapkg.facts import Engine, using
from datapkg.model import (
    PREFIX,
    CheckFailed,
    Finding,
    Layout,
    NotFound,
    Place,
    in_processes,
    limits,
    ordered,
    repository,
    row_name,
    told_once,
)

IN_MEMORY = ("schema", "rules", "expectations", "references")
ON_DISK = ("package", "frictionless", "references")
QUARANTINED = 3
"""Exit code of a build that wrote the tables without claims in which something is wrong."""


def _step(text: str) -> None:
    """Say what begins now, to whoever watches."""
    if sys.stderr.isatty():
        print(f"… {text}", file=sys.stderr, flush=True)


def init(args: argparse.Namespace) -> int:
    """Write what a repository of claims begins with, and say what comes next."""
    from datapkg.pages import start

    folder = Path(args.folder).resolve()
    for path in start(folder):
        render.say(path)
    where = "" if folder == Path.cwd() else f"cd {args.folder}; "
    render.say(f"next: fill in data/raw/package.yaml, then: {where}datapkg source new URL")
    return 0


def build(args: argparse.Namespace) -> int:
    """Make the tables and write them, or only look whether they are fresh."""
    layout, began = root(args), perf_counter()
    from datapkg import release as releasing
    from datapkg.compare import summary

    progress = Progress()
    spread = partial(in_processes, jobs=args.jobs or os.cpu_count() or 1)
    with using(args.engine, args.spark_master) as engine:
        bulk = building.Bulk(args.claims, args.on_error == "quarantine", progress, spread)
        if args.check:
            return _fresh(layout, bulk, engine)
        _step("making, checking and writing the tables")
        try:
            made = building.build(layout, today=date.today(), bulk=bulk, on=engine)
        finally:
            progress.end()
    facts = {name: rows for name, rows in made.counts.items() if not name.startswith(PREFIX)}
    release, change = releasing.grown(layout, facts)
    columns = ("table", "rows", *([f"since {release}"] if release else []))
    lines = ({"table": name, "rows": rows, f"since {release}": change.get(name)} for name, rows in facts.items())
    render.rows(lines, sys.stdout, columns)
    every = sum(made.counts.values())
    render.say(f"{len(made.counts)} tables, {every} rows, in {layout.processed} ({perf_counter() - began:.1f} s)")
    if args.against is not None:
        _step("comparing with what was there before")
        render.say(summary(releasing.since(layout, layout.root, args.against)))
    return _left(layout, made)


def _fresh(layout: Layout, bulk: building.Bulk, engine: Engine | None) -> int:
    """Print which files are not what the build makes, and return the exit code for it."""
    _step("making the tables from data/raw")
    made = building.assemble(layout, bulk=bulk, on=engine)
    found = building.checked(made, ("claims", "schema", "rules"), on=engine)
    if found:
        raise CheckFailed(found)
    stale = building.stale(layout, made)
    for path in stale:
        render.say(path)
    print(f"{len(stale)} files are not what the build makes; run: datapkg build" if stale else "up to date")
    return 1 if stale else _left(layout, made, checked=True)


def _left(layout: Layout, made: building.Tables, checked: bool = False) -> int:
    """Say how many claims are left out, and where they are listed; return the exit code for it."""
    lines = {(finding.place.file, finding.place.line) for finding in made.left}
    if lines:
        many = f"{len(lines):,} line{'' if len(lines) == 1 else 's'} in bulk left out"
        told = "a build lists them" if checked else "listed"
        render.say(f"datapkg: {many}; {told} in {layout.quarantine}", sys.stderr)
    return QUARANTINED if lines else 0


def check(args: argparse.Namespace) -> int:
    """Print what the checks find; what is named with --only decides whether claims or stored tables are looked at."""
    began, kinds = perf_counter(), _kinds(args.only)
    told, several = [], len(parts := _parts(args)) > 1
    for layout, files in parts:
        kinds = tuple(kind for kind in kinds if kind in ("claims", "schema", "rules")) if files else kinds
        made = _made(layout, kinds, files, whole=args.against is not None)
        if files:
            found = _check_files(made, files, layout, kinds)
        else:
            found = _check_claims(made, layout, kinds) if "claims" in kinds else _check_stored(made, layout, kinds)
        if args.format == "github":  # which knows files by their paths in the workspace
            workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
            found = [replace(f, place=_from(workspace, layout, f.place)) for f in found]
        elif several:
            found = [replace(f, place=_from(Path.cwd(), layout, f.place, elsewhere=layout.root)) for f in found]
        told.append((layout, made, told_once(found)))
    every = [finding for _, _, found in told for finding in found]
    sys.stdout.write(render.findings(every, args.format))
    if args.format == "text" and not every:
        print(f"no findings: {', '.join(kinds)} ({perf_counter() - began:.1f} s)")
    for layout, made, found in told:
        _tell(layout, made, found, args)
    return 1 if every else 0


def _parts(args: argparse.Namespace) -> list[tuple[Layout, list[Path]]]:
    """Return what is checked in one run each: repositories, or files of one; in the order in which they are named."""
    parts: dict[tuple[Layout, bool], list[Path]] = {}
    for name in args.targets:
        path = Path(name).resolve()
        if not path.exists():
            raise NotFound(f"no file or folder {name}")
        file = path.is_file()
        layout = root(args) if file and args.root else repository(path.parent if file else path)
        parts.setdefault((layout, file), []).extend([path] if file else [])
    return [(layout, list(dict.fromkeys(files))) for (layout, _), files in parts.items()] or [(root(args), [])]


def _tell(layout: Layout, made: building.Tables, found: list[Finding], args: argparse.Namespace) -> None:
    """Say what tables change, if that is asked for; and all of it to the summary that a job of GitHub shows."""
    parts = [render.findings(found, "markdown")]
    if args.against is not None:
        text, markdown = _changes(layout, made, args.against)
        parts.append(markdown)
        render.say(f"\n{text}", sys.stdout if args.format in ("text", "github") else sys.stderr)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and args.format == "github":
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write("\n".join(["## Findings", "", *parts])[: limits.SUMMARY])


def _changes(layout: Layout, made: building.Tables, against: str) -> tuple[str, str]:
    """Return what tables change against something else, for a terminal and as Markdown."""
    if not made.tables:
        told = "What changes can be told once every claim can be read."
        return told, told
    from datapkg import release as releasing
    from datapkg.compare import report, summary

    _step("comparing with what was there before")
    with tempfile.TemporaryDirectory() as scratch:
        building.draft(made, layout, Path(scratch))
        diff = releasing.since(layout, Path(scratch), against)
    return summary(diff), report(diff, against or diff.old_version or "nothing")


def _from(folder: Path, layout: Layout, place: Place, elsewhere: Path = Path()) -> Place:
    """Return a place as seen from a folder above the repository; below `elsewhere` if there is none above it."""
    root = layout.root.resolve()
    if not place.file:
        return place
    above = root.relative_to(folder) if root.is_relative_to(folder) else elsewhere
    return replace(place, file=(above / place.file).as_posix())


def _kinds(only: str | None) -> tuple[str, ...]:
    """Return the kinds of check that --only names, the usual ones without it; references go with both outside tools."""
    named = [name.strip() for name in only.split(",")] if only else list(checking.USUAL)
    for name in named:
        if name not in checking.KINDS:
            raise NotFound.of(
                "kind of check", name, checking.KINDS, "datapkg", f"Kinds are {', '.join(checking.KINDS)}"
            )
    tools = {"expectations", "frictionless"}
    wanted = {*named, *tools} if "references" in named and not tools & set(named) else set(named)
    return tuple(kind for kind in checking.KINDS if kind in wanted)


def _made(layout: Layout, kinds: Sequence[str], files: Sequence[Path], whole: bool) -> building.Tables:
    """Return the tables that the claims make, or, unless claims are to be checked, those of data/processed.

    For claim files those of what is near them are enough, unless the `whole` is asked for.
    """
    if files or "claims" in kinds:
        _step("making the tables from data/raw")
        if whole or not files or not all(_of_claims(layout, file) for file in files):
            return building.assemble(layout)
        without_pandas()
        return near.assemble(layout, files)
    stored = building.stored(layout)
    if not stored.tables:
        raise NotFound(f"no tables in {layout.processed}; run: datapkg build")
    return stored


def _of_claims(layout: Layout, file: Path) -> bool:
    return file.parent in (layout.claims, layout.datasets) or file.is_relative_to(layout.bulk)


def _check_files(made: building.Tables, files: Sequence[Path], layout: Layout, kinds: Sequence[str]) -> list[Finding]:
    """Return the findings of some files of the curators, and of every fact that their claims touch."""
    names = [layout.relative(path) for path in files]
    found = building.checked(made, kinds, date.today())
    touched = _touched(made, names)
    own = [f for f in found if f.place.file in names or f.row in touched]
    if made.tables or own:
        return own
    many = f"{len(found)} finding{'' if len(found) == 1 else 's'}"
    touch = f"{names[0]} touches" if len(names) == 1 else f"{len(names)} files touch"
    print(f"{many} in other files: the facts that {touch} could not be made", file=sys.stderr)
    alone = [path for path in files if path.parent in (layout.claims, layout.datasets)]
    return [f for path in alone for f in building.checked(building.assemble(layout, only=path), kinds)]


def _touched(made: building.Tables, files: Sequence[str]) -> set[str]:
    """Return the rows of fact tables, as findings name them, that claims of some files speak of."""
    claims = {claim for claim, place in made.places.items() if place.file in files}
    return {
        row_name(fact, row, made.specs[fact].key)
        for fact in (name.removeprefix(PREFIX) for name in made.tables if name.startswith(PREFIX))
        for row in made.tables[PREFIX + fact].select([*{*made.specs[fact].key, "claim_id"}]).to_pylist()
        if row["claim_id"] in claims
    }


def _check_claims(made: building.Tables, layout: Layout, kinds: Sequence[str]) -> list[Finding]:
    """Return the findings of the tables that the claims make, and of the files beside them."""
    memory, disk = [k for k in kinds if k in IN_MEMORY], [k for k in kinds if k in ON_DISK]
    _step(f"checking {', '.join(['claims', *memory])}")
    found = building.checked(made, memory, date.today(), checking.Green(layout.root))
    if disk:
        _step(f"checking {', '.join(disk)}")
        found += checking.on_disk(layout, made.specs, disk, checking.Green(layout.root))
    return ordered(found)


def _check_stored(stored: building.Tables, layout: Layout, kinds: Sequence[str]) -> list[Finding]:
    """Return the findings of the tables as they are in data/processed."""
    found = [] if set(kinds) <= set(ON_DISK) else checking.in_memory(stored.tables, stored.specs, kinds)
    found += checking.on_disk(layout, stored.specs, kinds) if set(kinds) & set(ON_DISK) else []
    return ordered(found)
