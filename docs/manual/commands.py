"""The page of the command line: what each command says to --help."""

from __future__ import annotations

import contextlib
import io
import os
from unittest.mock import patch

from datapkg.cli.arguments import parser
from datapkg.cli.completion import words

HEAD = """# Command line

What each command prints with `--help`. Exit codes are on [another page](ci.md#exit-codes); `eval "$(datapkg completion
bash)"` completes commands, options and tables.
"""


def commands() -> str:
    """Return the page."""
    return HEAD + "".join(f"\n## {name}\n\n```text\n{told(name)}```\n" for name in ("datapkg", *names()))


def names() -> list[str]:
    """Return the commands in the order of the parser, those below others after them."""
    return [f"datapkg {command}" for command in words(parser()) if command]


def told(name: str) -> str:
    """Return what a command prints with --help in a terminal of 100 columns."""
    out = io.StringIO()
    with patch.dict(os.environ, COLUMNS="100"), contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        parser().parse_args([*name.split()[1:], "--help"])
    return out.getvalue()
