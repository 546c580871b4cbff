"""What the arguments of several commands have in common, and how a number among them is read."""

from __future__ import annotations

import argparse
from typing import Any


def add(commands: Any, name: str, run: str, help: str) -> argparse.ArgumentParser:
    """Add a command; its help is its description too."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    parser.set_defaults(run=run)
    return parser


def add_root(parser: argparse.ArgumentParser) -> None:
    """Add the folder that a command works in."""
    parser.add_argument("--root", metavar="FOLDER", help="repository of claims (default: around the current folder)")


def add_formats(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Add the formats in which a command prints what it finds, besides a table."""
    parser.set_defaults(format="table")
    for name in formats:
        parser.add_argument(f"--{name}", dest="format", action="store_const", const=name, help=f"print {name.upper()}")
    parser.add_argument("--wide", action="store_true", help="print all columns, however narrow the terminal is")


def processes(text: str) -> int:
    """Return how many processes a text asks for.

    Raises  ArgumentTypeError
    """
    if not text.isdecimal() or not 0 < int(text) < 1000:
        raise argparse.ArgumentTypeError(f"expected a number of processes, from 1 to 999; found '{text}'")
    return int(text)
