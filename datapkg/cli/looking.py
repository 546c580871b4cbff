"""The commands that find one's way: entries by name, what a table holds, series and their pictures."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg.cli import render
from datapkg.cli.arguments import PARTS
from datapkg.cli.tables import comparison, opened
from datapkg.model import UsageError, disk
from datapkg.read import Wanted, over_time, picture

if TYPE_CHECKING:
    import pandas as pd

FOUND = ["kind", "id", "name_en", "name_ko", "matched", "rows", "told", "tables"]
"""What `find` prints in a table."""

PICTURES = {".svg": {"Date": None}, ".png": {"Software": None}, ".pdf": {"CreationDate": None}}
"""The files that `plot` writes, without what would make two of the same differ."""


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


def describe(args: argparse.Namespace) -> int:
    """Print what a table holds, or all tables."""
    told = opened(args).describe(args.table)
    if args.format == "table":
        render.say(str(told))
    else:
        render.show(told.to_frame(), args.format, sys.stdout)
    return 0


def series(args: argparse.Namespace) -> int:
    """Print figures over time; what was left out is told."""
    frame = over_time(opened(args), args.table, _wanted(args), args.known_by)
    render.show(_flat(frame), args.format, sys.stdout)
    if frame.empty:
        render.say(f"datapkg: {frame.attrs['empty']}", sys.stderr)
        return 1
    if frame.attrs["left_out"]:
        render.say(f"datapkg: {len(frame.attrs['left_out'])} rows are in no column: {_reasons(frame)}", sys.stderr)
    return 0


def plot(args: argparse.Namespace) -> int:
    """Draw figures over time into a file."""
    file = Path(args.out)
    if file.suffix not in PICTURES:
        raise UsageError(f"-o {args.out}: expected a file that ends in {', '.join(PICTURES)}")
    axes = picture(opened(args), args.table, _wanted(args), args.known_by, args.language, args.font)
    from matplotlib import pyplot, rc_context  # which `picture` has found to be there

    with rc_context({"svg.hashsalt": args.table}):
        drawn = io.BytesIO()
        pyplot.savefig(drawn, format=file.suffix[1:], dpi=150, metadata=PICTURES[file.suffix])
    with disk.writing(file):
        disk.put(file, drawn.getvalue())
    render.say(f"{file}: {len(axes.get_legend_handles_labels()[1])} series of {args.table}")
    return 0


def _wanted(args: argparse.Namespace) -> Wanted:
    """Return which figures the arguments ask for; one name alone is no list of columns."""
    by = {part: given[0] if given and len(given) == 1 else given for part, given in vars(args).items() if part in PARTS}
    return Wanted(by, [comparison(text) for text in args.where] or None, args.freq)


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return series as a frame that prints: the period in a column, names with several parts in one."""
    shown = frame.set_axis([" / ".join(name) if isinstance(name, tuple) else name for name in frame.columns], axis=1)
    return shown.set_axis(shown.index.astype(str)).rename_axis("period").reset_index()


def _reasons(frame: pd.DataFrame) -> str:
    why = [entry["why"] for entry in frame.attrs["left_out"]]
    return ", ".join(f"{why.count(reason)} {reason}" for reason in dict.fromkeys(why))
