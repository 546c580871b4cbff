"""The commands about sources: prove anchors, show a page with its claims, list, start a claim file."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from datapkg.claims import (
    Anchor,
    Proof,
    check_anchors,
    check_cells,
    counted,
    doubts,
    duplicates,
    import_table,
    listing,
    missing_rows,
    new_source,
    sentences,
    write_quotes,
)
from datapkg.cli import render
from datapkg.cli.arguments import root
from datapkg.model import CheckFailed, Layout, UsageError


def source_check(args: argparse.Namespace) -> int:
    """Print where the anchors of a source stand in a copy of its page; or write the digests of a list of quotes."""
    layout, page, written = root(args), Path(args.page) if args.page else None, args.write
    if (layout.datasets / f"{args.id}.yaml").is_file():
        return _table_check(layout, args.id, page)
    if page is None and written in (None, True):
        raise UsageError("give the page as text, HTML or PDF; or a list of quotes without it: --write QUOTES.csv")
    if page is None or isinstance(written, str):
        proof = write_quotes(layout, args.id, Path(written), page)
    else:
        proof = check_anchors(layout, args.id, page, bool(written))
    _print_copy(proof)
    states: Counter[str] = Counter(anchor.state for anchor in proof.anchors)
    for anchor in proof.anchors if page else ():
        if anchor.state not in ("exact", "found"):
            render.say(f"{anchor.state}: {anchor.claim_id}{_where(anchor)}")
    for doubt in filter(None, (proof.another, *doubts(layout, proof))):
        render.say(doubt, sys.stderr)
    counts = ", ".join(f"{many} {state}" for state, many in sorted(states.items())) or "none"
    print(f"{len(proof.anchors)} anchors: {counts}")
    if written:
        render.say(f"wrote {args.id}.yaml{'' if page else '; nothing was proven, for want of the page'}")
    elif set(states) & {"moved", "unproven"}:
        print("with --write the claim file takes over these positions and digests")
    return 0 if written or proof.holds else 1


def _table_check(layout: Layout, source_id: str, page: Path | None) -> int:
    """Print which claims of a table its file does not prove."""
    if page is None:
        raise UsageError("give the table as CSV, as its source publishes it")
    proof = check_cells(layout, source_id, page)
    for claim in proof.unproven:
        render.say(f"unproven: {claim.claim_id}: {claim.why}")
    if not proof.same:
        render.say(f"{proof.name} is not the file that the claims were made of; only their cells were compared")
    left = f", {len(proof.unproven)} unproven" if proof.unproven else ", all proven"
    print(f"{proof.claims} claims with {proof.cells} cells{left}")
    return 1 if proof.unproven else 0


def source_import(args: argparse.Namespace) -> int:
    """Write the claims that a map makes of a table; print rows for registries that lack a name."""
    layout = root(args)
    try:
        done = import_table(layout, Path(args.table), Path(args.map))
    except CheckFailed as failed:
        for registry, lines in missing_rows(layout, failed.findings).items():
            render.say(f"rows to complete and to paste into {registry}:")
            for line in lines:
                render.say(f"  {line}")
        raise
    skipped = f", {done.skipped} of them skipped" if done.skipped else ""
    render.say(f"{done.claims} claims of {done.rows} rows{skipped}: wrote {layout.relative(done.path)}")
    return 0


def source_show(args: argparse.Namespace) -> int:
    """Print the sentences of a page with the claims that rest on them; those on which none does are marked."""
    proof = check_anchors(root(args), args.id, Path(args.page))
    bare = 0
    spans = sentences(proof.copy.text) if proof.copy else []
    for start, end in spans:
        here = [a for a in proof.anchors for found in a.found if found[0] < end and start < found[1]]
        bare += not here
        render.say(f"{' ' if here else '-'} {proof.copy.passage(start, end) if proof.copy else ''}")
        for anchor in here:
            render.say(f"    {proof.says(anchor)}")
    for anchor in proof.anchors:
        if not anchor.found:
            render.say(f"missing: {proof.says(anchor)}")
    print(f"{len(spans)} sentences, {bare} without a claim")
    return 0 if proof.holds else 1


def _print_copy(proof: Proof) -> None:
    """Print what was read of a copy that is no plain text."""
    copy = proof.copy
    if copy and copy.kind != "text":
        cut = f", {copy.cut} of scripts and styles cut away" if copy.cut else ""
        render.say(f"{copy.name}: {copy.kind}, {len(copy.text)} characters of text{cut}; sha256 {copy.sha256}")


def _where(anchor: Anchor) -> str:
    """Return the position that a claim file gives, and those in the copy."""
    at = f" [{anchor.at[0]}, {anchor.at[1]}]" if anchor.at else ""
    new = ", ".join(f"[{start}, {end}]" for start, end in anchor.found if (start, end) != anchor.at)
    return f"{at} -> {new}" if new else at


def source_list(args: argparse.Namespace) -> int:
    """Print the sources, what they cover, or which of them say the same."""
    if args.by or args.duplicates:
        if args.by and args.duplicates:
            raise UsageError("--by and --duplicates are two lists; ask for one")
        found = counted(root(args), args.by) if args.by else duplicates(root(args))
        if args.format == "json":
            sys.stdout.write(render.as_json(found))
        elif found:
            render.rows(found, sys.stdout, tuple(found[0]), args.wide)
        else:
            print("no source says largely what another says")
        return 0
    records = listing(root(args))
    if args.format == "json":
        sys.stdout.write(render.as_json(records))
    else:
        columns = ("source_id", "published", "publisher", "kind", "tier", "language", "claims", "anchors", "title")
        render.rows(records, sys.stdout, columns, args.wide)
    return 0


def source_new(args: argparse.Namespace) -> int:
    """Write a claim file to start from, and print its path."""
    render.say(str(new_source(root(args), args.source, date.today(), args.id)))
    return 0
