"""The commands about sources: prove anchors, list, start a claim file."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from datapkg.claims import check_anchors, counted, duplicates, listing, new_source
from datapkg.cli import render
from datapkg.cli.arguments import root
from datapkg.model import UsageError


def source_check(args: argparse.Namespace) -> int:
    """Print where the anchors of a source stand in a copy of its text."""
    found = check_anchors(root(args), args.id, Path(args.text), args.write)
    states: dict[str, int] = {}
    for anchor in found:
        states[anchor.state] = states.get(anchor.state, 0) + 1
        if anchor.state != "exact":
            moved = f" -> [{anchor.new_start}, {anchor.new_end}]" if anchor.state == "moved" else ""
            render.say(f"{anchor.state}: {anchor.claim_id} [{anchor.start}, {anchor.end}]{moved}")
    print(f"{len(found)} anchors: {', '.join(f'{many} {state}' for state, many in sorted(states.items())) or 'none'}")
    if args.write:
        render.say(f"wrote {args.id}.yaml")
    elif set(states) & {"moved", "unproven"}:
        print("with --write the claim file takes over these positions and digests")
    return 0 if args.write or set(states) <= {"exact", "moved"} else 1


def source_list(args: argparse.Namespace) -> int:
    """Print the sources, what they cover, or which of them say the same."""
    if args.by or args.duplicates:
        if args.by and args.duplicates:
            raise UsageError("--by and --duplicates are two lists; ask for one")
        found = counted(root(args), args.by) if args.by else duplicates(root(args))
        if args.format == "json":
            sys.stdout.write(render.as_json(found))
        elif found:
            render.rows(found, sys.stdout, tuple(found[0]))
        else:
            print("no source says largely what another says")
        return 0
    records = listing(root(args))
    if args.format == "json":
        sys.stdout.write(render.as_json(records))
    else:
        columns = ("source_id", "published", "publisher", "kind", "tier", "language", "claims", "anchors", "title")
        render.rows(records, sys.stdout, columns)
    return 0


def source_new(args: argparse.Namespace) -> int:
    """Write a claim file to start from, and print its path."""
    render.say(str(new_source(root(args), args.source, date.today())))
    return 0
