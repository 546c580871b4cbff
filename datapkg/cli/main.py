"""The command line: commands parse, call and print. Only here are the clock, the terminal and the current folder read.

Exit codes: 0 fine; 1 findings, stale files, missing anchors, a damaged or unwritable file; 2 a mistake of the caller;
3 tables that were written without bad claims in bulk (`build --on-error quarantine`).
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

from datapkg.cli import render
from datapkg.cli.arguments import origin, parser
from datapkg.model import CheckFailed, ConfigError, DatapkgError, UsageError, needing


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
        with needing(f"the command {args.run.replace('_', ' ')}"):
            return command(args.run)(args)
    except CheckFailed as failed:
        sys.stdout.write(render.findings(failed.findings))
        render.say(f"datapkg: {failed}", sys.stderr)
        return 1
    except DatapkgError as error:
        render.say(f"datapkg: {error}", sys.stderr)
        return 2 if isinstance(error, (UsageError, ConfigError)) else 1


def command(name: str) -> Callable[[argparse.Namespace], int]:
    """Return the function of a command; the modules of its group are loaded only now, so that others start sooner."""
    group: ModuleType
    if name in ("init", "build", "check"):
        from datapkg.cli import writing as group
    elif name in ("tables", "show", "export", "mentions", "trace", "why", "revisions", "sql", "cite", "mcp"):
        from datapkg.cli import tables as group
    elif name in ("find", "describe", "series", "plot"):
        from datapkg.cli import looking as group
    elif name == "completion":
        from datapkg.cli import completion as group
    elif name.startswith("source_"):
        from datapkg.cli import sources as group
    else:
        from datapkg.cli import releases as group
    found: Callable[[argparse.Namespace], int] = getattr(group, name)
    return found
