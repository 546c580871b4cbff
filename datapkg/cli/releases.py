"""The commands about releases: what changed, make, verify, publish, list, look at."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from time import perf_counter

from datapkg import api
from datapkg import release as releasing
from datapkg.cli import render
from datapkg.cli.arguments import root
from datapkg.compare import markdown, record, summary, write_changes
from datapkg.model import Finding
from datapkg.registry import publish as publishing
from datapkg.site import make_site


def _folder(name: str, args: argparse.Namespace, key: str | None = None) -> Path:
    """Return the folder of a version, a path or the working build."""
    where = args.origin
    return api.folder(name, where["registry"], where["cache"], key=key)


def diff(args: argparse.Namespace) -> int:
    """Print what changed between two packages; exit code 1 if anything did and --exit-code asks."""
    found = api.diff(args.old, args.new, args.origin["registry"], args.origin["cache"])
    if args.format == "json":
        sys.stdout.write(render.as_json(record(found)))
    else:
        render.say((markdown if args.format == "markdown" else summary)(found).rstrip("\n"))
    if args.out:
        write_changes(found, Path(args.out))
    return 1 if args.exit_code and not found.same else 0


def release(args: argparse.Namespace) -> int:
    """Make a release, or print the plan of it."""
    layout, today = root(args), date.today()
    key = releasing.key(Path(args.sign)) if args.sign else None
    planned = releasing.plan(layout, args.release, today)
    render.say(str(planned))
    if args.dry_run:
        print("nothing was written: --dry-run")
        return 0
    render.say(f"wrote {releasing.run(layout, planned, key)}")
    return 0


def verify(args: argparse.Namespace) -> int:
    """Print what is wrong with a release."""
    folder = _folder(args.target, args, args.key)
    found: list[Finding] = releasing.verify(folder)
    told, wrong = releasing.signed(folder, args.key)
    found += wrong
    if args.rebuild and not found:
        found += releasing.rebuilt(root(args), folder)
    if args.format == "json":
        sys.stdout.write(render.findings(found, "json"))
        return 1 if found else 0
    sys.stdout.write(render.findings(found))
    if not found:
        again = ", rebuilt from the claims" if args.rebuild else ""
        render.say(f"{folder.name}: every file is as it was released{again}; {told}")
    return 1 if found else 0


def publish(args: argparse.Namespace) -> int:
    """Publish a release."""
    report = publishing(_folder(args.release, args), args.url)
    render.say(str(report))
    return 0


def site(args: argparse.Namespace) -> int:
    """Make the site of a release."""
    began, where = perf_counter(), args.origin
    data = api.data(args.release, where["registry"], where["cache"])
    files = make_site(data, Path(args.out), lambda step: render.say(step, sys.stderr))
    size = sum(files.values()) / 1e6
    render.say(f"{len(files)} files, {size:.1f} MB, in {args.out} ({perf_counter() - began:.1f} s); open index.html")
    return 0


def versions(args: argparse.Namespace) -> int:
    """Print the releases inside the package, and those of the registry."""
    frame = api.versions(args.origin["registry"], args.origin["cache"])
    render.show(frame, args.format, sys.stdout)
    if frame.attrs["stale"]:
        render.say(f"datapkg: {frame.attrs['stale']}", sys.stderr)
    return 0
