"""The commands that find one's way: entries by name, what a table holds, series and their pictures."""

from __future__ import annotations

import argparse
import sys

from datapkg.cli import render
from datapkg.cli.tables import opened

FOUND = ["kind", "id", "name_en", "name_ko", "matched", "rows", "told", "tables"]
"""What `find` prints in a table."""


def find(args: argparse.Namespace) -> int:
    """Print what goes by a name; nothing found is told and ends with 1."""
    frame = opened(args).find(args.name, args.kind)
    if frame.empty:
        render.say(f"datapkg: {frame.attrs['empty']}", sys.stderr)
        return 1
    if args.format == "table" and frame["fit"].eq("near").all():
        render.say(f"datapkg: nothing is called '{args.name}'; these names are like it", sys.stderr)
    render.show(frame[FOUND] if args.format == "table" else frame, args.format, sys.stdout)
    return 0
