"""The commands about releases and sources; like those of `cli` they parse, call and print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from datapkg import api, difftext, overlap, publish, release, render, signing, sources, verify
from datapkg.arguments import root
from datapkg.comparing import write_changes
from datapkg.data import Data
from datapkg.errors import UsageError
from datapkg.findings import Finding, Place
from datapkg.metadata.record import SIGNATURES


def _folder(name: str, args: argparse.Namespace) -> Path:
    """Return the folder of a version, a path or the working build."""
    where = args.origin
    return api.folder(name, where["registry"], where["cache"])


def diff(args: argparse.Namespace) -> int:
    """Print what changed between two packages; exit code 1 if anything did and --exit-code asks."""
    found = api.diff(args.old, args.new, args.origin["registry"], args.origin["cache"])
    writers: dict[str, Callable[[], str]] = {
        "text": lambda: difftext.summary(found),
        "markdown": lambda: difftext.markdown(found),
        "json": lambda: render.as_json(difftext.record(found)),
    }
    sys.stdout.write(writers[args.format]().rstrip("\n") + "\n")
    if args.out:
        write_changes(found, Path(args.out))
    return 1 if args.exit_code and not found.same else 0


def make(args: argparse.Namespace) -> int:
    """Make a release, or print the plan of it."""
    layout, today = root(args), date.today()
    key = signing.key(Path(args.sign)) if args.sign else None
    planned = release.plan(layout, args.release, today)
    print(planned)
    if args.dry_run:
        print("nothing was written: --dry-run")
        return 0
    print(f"wrote {release.run(layout, planned, key)}")
    return 0


def check(args: argparse.Namespace) -> int:
    """Print what is wrong with a release."""
    folder = _folder(args.target, args)
    found: list[Finding] = verify.verify(folder)
    told, wrong = verify.signed(folder, args.key)
    found += wrong
    if args.key and told == "not signed":
        place, why = Place(SIGNATURES["ssh"]), "is missing, and a key to check it with is given"
        found.append(Finding(rule="release-signature", message=why, place=place))
    if args.rebuild and not found:
        found += verify.rebuilt(root(args), folder)
    if args.format == "json":
        sys.stdout.write(render.findings(found, "json"))
        return 1 if found else 0
    sys.stdout.write(render.findings(found))
    if not found:
        again = ", rebuilt from the claims" if args.rebuild else ""
        print(f"{folder.name}: every file is as it was released{again}; {told}")
    return 1 if found else 0


def send(args: argparse.Namespace) -> int:
    """Publish a release."""
    report = publish.publish(_folder(args.release, args), args.url)
    print(report)
    return 0


def cite(args: argparse.Namespace, data: Data, filters: list[tuple[str, str, object]]) -> int:
    """Print the citation of a release and of the articles behind rows."""
    if (args.where or args.known_by) and not args.table:
        option = "--where" if args.where else "--known-by"
        raise UsageError(f"{option} needs a table: datapkg cite TABLE --where column=value")
    frame = data.load(args.table, filters=filters or None, known_by=args.known_by) if args.table else None
    sys.stdout.write(data.cite(frame, args.style).rstrip("\n") + "\n")
    return 0


def versions(args: argparse.Namespace) -> int:
    """Print the releases inside the package, and those of the registry."""
    frame = api.versions(args.origin["registry"], args.origin["cache"])
    render.show(frame, args.format, sys.stdout)
    if frame.attrs["stale"]:
        print(f"datapkg: {frame.attrs['stale']}", file=sys.stderr)
    return 0


def source_check(args: argparse.Namespace) -> int:
    """Print where the anchors of a source stand in a copy of its text."""
    found = sources.check(root(args), args.id, Path(args.text), args.write)
    states: dict[str, int] = {}
    for anchor in found:
        states[anchor.state] = states.get(anchor.state, 0) + 1
        if anchor.state != "exact":
            moved = f" -> [{anchor.new_start}, {anchor.new_end}]" if anchor.state == "moved" else ""
            print(f"{anchor.state}: {anchor.claim_id} [{anchor.start}, {anchor.end}]{moved}")
    print(f"{len(found)} anchors: {', '.join(f'{many} {state}' for state, many in sorted(states.items())) or 'none'}")
    if args.write:
        print(f"wrote {args.id}.yaml")
    elif set(states) & {"moved", "unproven"}:
        print("with --write the claim file takes over these positions and digests")
    return 0 if args.write or set(states) <= {"exact", "moved"} else 1


def source_list(args: argparse.Namespace) -> int:
    """Print the sources, what they cover, or which of them say the same."""
    if args.by or args.duplicates:
        if args.by and args.duplicates:
            raise UsageError("--by and --duplicates are two lists; ask for one")
        found = overlap.counted(root(args), args.by) if args.by else overlap.duplicates(root(args))
        if args.format == "json":
            sys.stdout.write(render.as_json(found))
        elif found:
            render.rows(found, sys.stdout, tuple(found[0]))
        else:
            print("no source says largely what another says")
        return 0
    records = sources.listing(root(args))
    if args.format == "json":
        sys.stdout.write(render.as_json(records))
    else:
        columns = ("source_id", "published", "publisher", "kind", "tier", "language", "claims", "anchors", "title")
        render.rows(records, sys.stdout, columns)
    return 0


def source_new(args: argparse.Namespace) -> int:
    """Write a claim file to start from, and print its path."""
    print(sources.new(root(args), args.source, date.today()))
    return 0


__all__ = ["check", "cite", "diff", "make", "send", "source_check", "source_list", "source_new", "versions"]
