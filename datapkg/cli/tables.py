"""The commands that read tables: list, show, export, trace, ask in SQL, cite, serve agents."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg import api
from datapkg.cli import render
from datapkg.cli.arguments import ROWS
from datapkg.cli.export import write
from datapkg.cli.lean import without_pandas
from datapkg.model import PREFIX, Layout, UsageError, did_you_mean, text
from datapkg.read import Asked

if TYPE_CHECKING:
    from datapkg.read import Data

JSON = ("csl-json", "datacite")
"""The styles of citations that are JSON."""
MENTIONED = ["published", "publisher", "says", "certainty", "claim_id", "tables"]
"""What `mentions` prints first."""
OPERATORS = (">=", "<=", "!=", "=", ">", "<")


def opened(args: argparse.Namespace) -> Data:
    """Return the tables in the folder that --root names, or of a release, by default the newest inside datapkg."""
    if args.root and (args.version or args.registry):
        raise UsageError("--root names a folder instead of a release; leave out --version and --registry, or --root")
    if args.root:
        return api.Data(Layout(Path(args.root).resolve()), voice=args.origin["voice"])
    return api.data(**args.origin)


def tables(args: argparse.Namespace) -> int:
    """Print what there is to load."""
    frame = opened(args).tables()
    columns = ["name", "title", "rows"] if args.format == "table" else list(frame.columns)
    render.show(frame[columns], args.format, sys.stdout, wide=args.wide)
    return 0


def show(args: argparse.Namespace) -> int:
    """Print rows of a table."""
    without_pandas()
    data = opened(args)
    render.show(data.answer(_asked(args, _columns(args, data))).rows, args.format, sys.stdout, _limit(args), args.wide)
    return 0


def export(args: argparse.Namespace) -> int:
    """Write rows of a table to a file, and say how many."""
    data, path = opened(args), Path(args.file)
    frame = data.answer(_asked(args, _columns(args, data))).frame()
    write(frame, lambda: data.sources(data.answer(_asked(args)).frame()), path)  # whole rows lead to their articles
    render.say(f"{path}: {len(frame)} rows of {args.table} {frame.attrs['version']}")
    return 0


def _table(args: argparse.Namespace) -> str:
    """Return the table that the rows are of: with the policy all that of the observations."""
    return PREFIX + args.table if args.policy == "all" else str(args.table)


def _columns(args: argparse.Namespace, data: Data) -> list[str]:
    """Return the columns that --columns names, else all in the order in which people read them."""
    return [name.strip() for name in args.columns.split(",")] if args.columns else data.opened().order(_table(args))


def _asked(args: argparse.Namespace, columns: Sequence[str] | None = None) -> Asked:
    """Return what the arguments of show and export ask for."""
    return Asked(
        args.table,
        columns=columns,
        filters=[comparison(text) for text in args.where] or None,
        policy=args.policy,
        valid_on=args.valid_on,
        known_by=args.known_by,
        assume_open=args.assume_open,
    )


def _limit(args: argparse.Namespace) -> int | None:
    """Return how many rows to print: what --limit says, else a screenful of a table and all for a program."""
    if args.limit is None:
        return ROWS if args.format == "table" else None
    return int(args.limit)


def comparison(text: str) -> tuple[str, str, str]:
    """Return (column, operator, value) of a text such as share_pct>=50."""
    for at in range(1, len(text)):
        for operator in OPERATORS:
            if text.startswith(operator, at):
                return text[:at].strip(), operator, text[at + len(operator) :].strip()
    raise UsageError(f"--where '{text}' compares nothing; expected for example \"share_pct>=50\"")


def mentions(args: argparse.Namespace) -> int:
    """Print every claim about entries of the registries."""
    frame = opened(args).mentions(args.entry)
    columns = [*MENTIONED, *(name for name in frame.columns if name not in MENTIONED)]
    render.show(frame[columns], args.format, sys.stdout, _limit(args), args.wide)
    return 0


def trace(args: argparse.Namespace) -> int:
    """Print the claims behind a row."""
    without_pandas()
    data = opened(args)
    claims = data.traced(args.table, _key(args.table, data.key(args.table), args.key)).rows
    if args.format != "table":
        render.show(claims, args.format, sys.stdout)
        return 0
    wide = max(map(len, claims.column_names))
    for claim in render.records(claims):
        render.say(render.text(claim["claim_id"]))
        for name, value in claim.items():
            if value not in (None, "") and name != "claim_id":
                render.say(f"  {render.text(name):{wide}} {render.text(value)}")
    return 0


def why(args: argparse.Namespace) -> int:
    """Print why a row says what it says."""
    without_pandas()
    data = opened(args)
    sys.stdout.write(data.why(args.table, _key(args.table, data.key(args.table), args.key)))
    return 0


def revisions(args: argparse.Namespace) -> int:
    """Print what every voice foretold and counted; a table leaves out the numbers that stand in its texts."""
    data = opened(args)
    frame = data.revisions(args.table, _key(args.table, data.key(args.table), args.key))
    if args.format == "table":
        frame = frame.drop(columns=[name for name in data.opened().values(args.table) if name in frame.columns])
    render.show(frame, args.format, sys.stdout, wide=args.wide)
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


def sql(args: argparse.Namespace) -> int:
    """Print the answer to a question in SQL, which - reads from the input."""
    query = sys.stdin.read() if args.query == "-" else args.query
    render.show(opened(args).query(query), args.format, sys.stdout, _limit(args), args.wide)
    return 0


def cite(args: argparse.Namespace) -> int:
    """Print the citation of a release and of the articles behind rows."""
    data = opened(args)
    if (args.where or args.known_by) and not args.table:
        option = "--where" if args.where else "--known-by"
        raise UsageError(f"{option} needs a table: datapkg cite TABLE --where column=value")
    where = [comparison(text) for text in args.where]
    frame = data.load(args.table, filters=where or None, known_by=args.known_by) if args.table else None
    told = data.cite(frame, args.style).rstrip("\n")
    if args.lock:
        data.lock(Path(args.lock), frame)
    render.say(text.in_json(told) if args.style.lower() in JSON else told)
    return 0


def mcp(args: argparse.Namespace) -> int:
    """Serve agents until the input ends, or print llms.txt."""
    from datapkg import mcp as serving

    data = opened(args)
    if args.llms:
        render.say(serving.llms(data).rstrip("\n"))
    else:
        serving.serve(data)
    return 0
