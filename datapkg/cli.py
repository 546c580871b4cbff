"""The command line: commands parse, call and print. Only here are the clock, the terminal and the current folder read.

Exit codes: 0 fine; 1 findings, stale files, missing anchors, a damaged or unwritable file; 2 a mistake of the caller.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from datapkg import build, check, render
from datapkg.arguments import ROWS, origin, parser, root
from datapkg.errors import CheckFailed, ConfigError, DatapkgError, NotFound, UsageError, did_you_mean
from datapkg.findings import Finding, Place, ordered
from datapkg.layout import Layout, repository
from datapkg.specs import PREFIX

if TYPE_CHECKING:
    from datapkg.data import Data

OPERATORS = (">=", "<=", "!=", "=", ">", "<")
IN_MEMORY = ("schema", "rules", "expectations")
ON_DISK = ("package", "frictionless")


def entry() -> None:
    """Run the command line with the arguments of the process."""
    gc.set_threshold(100_000, 20, 20)  # a short process: looking for garbage as often as usual costs a tenth of it
    for stream in (sys.stdout, sys.stderr):  # Korean names fit into every terminal's pipe, whatever its locale says
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has gone, as in `datapkg show companies | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:  # argparse has printed help or what was wrong
        return int(stop.code or 0)
    args.origin = origin(args, os.environ)
    try:
        return COMMANDS[args.run](args)
    except CheckFailed as failed:
        sys.stdout.write(render.findings(failed.findings))
        print(f"datapkg: {failed}", file=sys.stderr)
        return 1
    except DatapkgError as error:
        print(f"datapkg: {error}", file=sys.stderr)
        return 2 if isinstance(error, (UsageError, ConfigError)) else 1


def _step(text: str) -> None:
    """Say what begins now, to whoever watches."""
    if sys.stderr.isatty():
        print(f"… {text}", file=sys.stderr, flush=True)


def _build(args: argparse.Namespace) -> int:
    layout, began = root(args), perf_counter()
    if args.check:
        _step("making the tables from data/raw")
        made = build.assemble(layout)
        found = build.checked(made, ("claims",))
        if found:
            raise CheckFailed(found)
        stale = build.stale(layout, made)
        for path in stale:
            print(path)
        print(f"{len(stale)} files are not what the build makes; run: datapkg build" if stale else "up to date")
        return 1 if stale else 0
    _step("making, checking and writing the tables")
    made = build.build(layout)
    facts = {name: table.num_rows for name, table in made.tables.items() if not name.startswith(PREFIX)}
    render.rows(({"table": name, "rows": rows} for name, rows in facts.items()), sys.stdout, ("table", "rows"))
    every = sum(table.num_rows for table in made.tables.values())
    print(f"{len(made.tables)} tables, {every} rows, in {layout.processed} ({perf_counter() - began:.1f} s)")
    return 0


def _check(args: argparse.Namespace) -> int:
    """Print what the checks find; what is named with --only decides whether claims or stored tables are looked at."""
    target = Path(args.target).resolve() if args.target else None
    if target and not target.exists():
        raise NotFound(f"no file or folder {args.target}")
    began, kinds = perf_counter(), _kinds(args.only)
    if target and target.is_file():
        kinds = tuple(kind for kind in kinds if kind in ("claims", "schema", "rules"))
        layout = root(args) if args.root else repository(target.parent)
        found = _check_file(target, layout, kinds)
    else:
        layout = repository(target) if target else root(args)
        found = _check_claims(layout, kinds) if "claims" in kinds else _check_stored(layout, kinds)
    if args.format == "github":  # which knows files by their paths in the workspace
        workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
        found = [replace(f, place=_from(workspace, layout, f.place)) for f in found]
    sys.stdout.write(render.findings(found, args.format))
    if args.format == "text" and not found:
        print(f"no findings: {', '.join(kinds)} ({perf_counter() - began:.1f} s)")
    return 1 if found else 0


def _from(folder: Path, layout: Layout, place: Place) -> Place:
    """Return a place as seen from a folder above the repository; as it is if there is no file, or it is elsewhere."""
    root = layout.root.resolve()
    if not place.file or not root.is_relative_to(folder):
        return place
    return replace(place, file=(root.relative_to(folder) / place.file).as_posix())


def _kinds(only: str | None) -> tuple[str, ...]:
    """Return the kinds of check that --only names, all without it."""
    named = [name.strip() for name in only.split(",")] if only else list(check.KINDS)
    for name in named:
        if name not in check.KINDS:
            raise NotFound.of("kind of check", name, check.KINDS, "datapkg", f"Kinds are {', '.join(check.KINDS)}")
    return tuple(kind for kind in check.KINDS if kind in named)


def _check_file(path: Path, layout: Layout, kinds: Sequence[str]) -> list[Finding]:
    """Return the findings of one claim file; what it takes from other files is not missed."""
    made = build.assemble(layout, only=path)
    found = build.checked(made, kinds)
    facts = {name for name in made.specs if PREFIX + name in made.specs}
    columns = {(name, fk.column) for name, spec in made.specs.items() for fk in spec.foreign_keys if fk.table in facts}
    return [f for f in found if not (f.rule == "schema-foreign-key" and (f.table, f.column) in columns)]


def _check_claims(layout: Layout, kinds: Sequence[str]) -> list[Finding]:
    """Return the findings of the tables that the claims make, and of the files beside them."""
    _step("making the tables from data/raw")
    made = build.assemble(layout)
    memory, disk = [k for k in kinds if k in IN_MEMORY], [k for k in kinds if k in ON_DISK]
    _step(f"checking {', '.join(['claims', *memory])}")
    found = build.checked(made, memory)
    if disk:
        _step(f"checking {', '.join(disk)}")
        found += check.on_disk(layout, made.specs, disk)
    return ordered(found)


def _check_stored(layout: Layout, kinds: Sequence[str]) -> list[Finding]:
    """Return the findings of the tables as they are in data/processed."""
    stored = build.stored(layout)
    if not stored.tables:
        raise NotFound(f"no tables in {layout.processed}; run: datapkg build")
    found = [] if set(kinds) <= set(ON_DISK) else check.in_memory(stored.tables, stored.specs, {}, kinds)
    found += check.on_disk(layout, stored.specs, kinds) if set(kinds) & set(ON_DISK) else []
    return ordered(found)


def _data(args: argparse.Namespace) -> Data:
    """Return the tables in the folder that --root names, or of a release, by default the newest inside datapkg."""
    if args.root and (args.version or args.registry):
        raise UsageError("--root names a folder instead of a release; leave out --version and --registry, or --root")
    from datapkg import api

    if args.root:
        return api.Data(Layout(Path(args.root).resolve()), voice=args.origin["voice"])
    return api.data(**args.origin)


def _tables(args: argparse.Namespace) -> int:
    frame = _data(args).tables()
    columns = ["name", "title", "rows"] if args.format == "table" else list(frame.columns)
    render.show(frame[columns], args.format, sys.stdout)
    return 0


def _show(args: argparse.Namespace) -> int:
    data = _data(args)
    name = PREFIX + args.table if args.policy == "all" else args.table
    frame = data.load(
        args.table,
        columns=[name.strip() for name in args.columns.split(",")] if args.columns else None,
        filters=data.filters(name, [_comparison(text) for text in args.where]) or None,
        policy=args.policy,
        valid_on=args.valid_on,
        known_by=args.known_by,
    )
    render.show(frame, args.format, sys.stdout, _limit(args))
    return 0


def _limit(args: argparse.Namespace) -> int | None:
    """Return how many rows to print: what --limit says, else a screenful of a table and all for a program."""
    if args.limit is None:
        return ROWS if args.format == "table" else None
    return int(args.limit)


def _comparison(text: str) -> tuple[str, str, str]:
    """Return (column, operator, value) of a text such as share_pct>=50."""
    for at in range(1, len(text)):
        for operator in OPERATORS:
            if text.startswith(operator, at):
                return text[:at].strip(), operator, text[at + len(operator) :].strip()
    raise UsageError(f"--where '{text}' compares nothing; expected for example \"share_pct>=50\"")


def _trace(args: argparse.Namespace) -> int:
    data = _data(args)
    frame = data.trace(args.table, _key(args.table, data.key(args.table), args.key))
    if args.format != "table":
        render.show(frame, args.format, sys.stdout)
        return 0
    wide = max(len(name) for name in frame.columns)
    for claim in render.records(frame):
        print(claim["claim_id"])
        for name, value in claim.items():
            if value not in (None, "") and name != "claim_id":
                print(f"  {name:{wide}} {render.text(value)}")
    return 0


def _key(table: str, key: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """Return the key that arguments name, as column=value or by their order."""
    named = dict(text.split("=", 1) for text in given if "=" in text)
    for column in named:
        if column not in key:
            near = did_you_mean(column, key)
            raise UsageError(f"'{column}' is not in the key of '{table}', which is {', '.join(key)}{near}")
    plain = [text for text in given if "=" not in text]
    free = [column for column in key if column not in named]
    if len(plain) > len(free):
        raise UsageError(f"the key of '{table}' is {', '.join(key)}; found {len(given)} values: {', '.join(given)}")
    return named | dict(zip(free, plain, strict=False))


def _sql(args: argparse.Namespace) -> int:
    render.show(_data(args).query(args.query), args.format, sys.stdout, _limit(args))
    return 0


def _cite(args: argparse.Namespace) -> int:
    data = _data(args)
    filters = data.filters(args.table, [_comparison(text) for text in args.where]) if args.table else []
    from datapkg import commands

    return commands.cite(args, data, filters)


def _late(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a command about releases or sources; its modules are loaded when it runs, so that others start sooner."""

    def run(args: argparse.Namespace) -> int:
        from datapkg import commands

        command: Callable[[argparse.Namespace], int] = getattr(commands, name)
        return command(args)

    return run


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "build": _build,
    "check": _check,
    "tables": _tables,
    "show": _show,
    "trace": _trace,
    "sql": _sql,
    "cite": _cite,
    "diff": _late("diff"),
    "release": _late("make"),
    "verify": _late("check"),
    "publish": _late("send"),
    "versions": _late("versions"),
    "source_check": _late("source_check"),
    "source_list": _late("source_list"),
    "source_new": _late("source_new"),
}
"""What runs, by the name that the parser gives it."""
