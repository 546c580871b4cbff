"""The commands about releases: what changed, make, verify, publish, list, look at."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from datapkg import api
from datapkg import feeds as making
from datapkg import mcp as serving
from datapkg import release as releasing
from datapkg.cli import render
from datapkg.cli.arguments import root
from datapkg.compare import markdown, record, summary, write_changes
from datapkg.model import Finding, MissingExtra, NotFound, UsageError, in_wheel, packaged
from datapkg.package import LEFT_OUT
from datapkg.registry import Registry, accompany, installed, shown
from datapkg.registry import publish as publishing
from datapkg.site import earlier, make_site


def _folder(name: str, args: argparse.Namespace, key: str | None = None) -> Path:
    """Return the folder of a version, a path or the working build."""
    where = args.origin
    return api.folder(name, where["registry"], where["cache"], key=key)


def _registry(args: argparse.Namespace) -> Registry:
    """Return the registry that is named, else the releases inside the package."""
    url = args.origin["registry"]
    return Registry.open(url, args.origin["cache"]) if url else installed()


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


def recheck(args: argparse.Namespace) -> int:
    """Print which cells that a lock cites are no longer what they were; exit code 1 if any."""
    where = args.origin
    found = api.recheck(args.lock, version=where["version"], registry=where["registry"], cache=where["cache"])
    if args.format == "json":
        render.show(found, "json", sys.stdout)
        return 1 if len(found) else 0
    about, place = found.attrs, ""
    for change in render.records(found):
        here = f"{change['table']} {change['key']}"
        if here != place:
            render.say(here)
        place = here
        render.say(f"  {_became(change)}")
    kinds = ", ".join(f"{many} {kind}" for kind, many in sorted(Counter(found["kind"]).items())) or "all stand"
    cited = f"{about['rows']} rows with {about['cells']} cells of {about['cited']}"
    print(f"{cited}, looked up in {about['version']}: {kinds}")
    return 1 if len(found) else 0


def _became(change: Mapping[str, Any]) -> str:
    """Return what became of a cited cell, or row, as a sentence."""
    by = f" by {change['claim_now']}" if change["claim_now"] else ""
    behind = f"{change['kind']}{by}: {change['reason']}"
    if change["column"] is None and change["now"]:
        return f"now under {' '.join(set(change['now'].split(';')) - set(change['was'].split(';')))}; {behind}"
    if change["column"] is None:
        return f"gone; {behind}"
    was, now = (render.text(change[name]) or "nothing" for name in ("was", "now"))
    said = f"{was}, contradicted with {now}" if change["kind"] == "disputed" else f"{was} -> {now}"
    return f"{change['column']}: {said}; {behind}"


def release(args: argparse.Namespace) -> int:
    """Make a release, or print the plan of it."""
    layout, today = root(args), date.today()
    key = releasing.key(Path(args.sign)) if args.sign else None
    if key and key.signature.public_key not in releasing.signers(layout).values():
        step = f"commit it as {layout.relative(layout.keys)}/NAME.pub, so that `datapkg verify` can say by whom"
        raise UsageError(f"the public key of {key.path.name} is not among those of the repository; {step}")
    planned = releasing.plan(layout, args.release, today)
    render.say(str(planned))
    if args.dry_run:
        print("nothing was written: --dry-run")
        return 0
    render.say(f"wrote {releasing.run(layout, planned, key)}")
    return 0


def verify(args: argparse.Namespace) -> int:
    """Print what is wrong with a release."""
    key = releasing.public_key(Path(args.key)) if args.key and Path(args.key).is_file() else args.key
    folder = _folder(args.target, args, key)
    whole, slim = find_spec("duckdb") is not None, in_wheel(folder)
    found: list[Finding] = releasing.verify(folder, whole, LEFT_OUT if slim else ())
    told, wrong = releasing.signed(folder, key, _signers(args))
    found += wrong
    if args.rebuild and not found:
        found += releasing.rebuilt(root(args), folder)
    if args.format == "json":
        sys.stdout.write(render.findings(found, "json"))
        return 1 if found else 0
    sys.stdout.write(render.findings(found))
    if not found:
        again = ", rebuilt from the claims" if args.rebuild else ""
        left = f", but for what a wheel leaves out: {', '.join(LEFT_OUT)}" if slim else ""
        render.say(f"{folder.name}: every file is as it was released{left}{again}; {told}")
    if not whole:
        lacking = MissingExtra.of("duckdb", "sql", "comparing its tables with their CSV")
        render.say(f"datapkg: not all was looked at: {lacking}", sys.stderr)
    return 1 if found else 0


def _signers(args: argparse.Namespace) -> dict[str, str]:
    """Return the public keys of the repository, or of datapkg where there is none."""
    try:
        return releasing.signers(root(args))
    except NotFound:
        return releasing.signers(packaged())


def publish(args: argparse.Namespace) -> int:
    """Publish a release."""
    report = publishing(_folder(args.release, args), args.url)
    render.say(str(report))
    return 0


def feeds(args: argparse.Namespace) -> int:
    """Write the feeds of a registry beside its index, or into a folder."""
    url = args.origin["registry"]
    if not (url or args.out):
        raise UsageError("feeds go beside the index.json of --registry, or into --out FOLDER; name one of them")
    made = making.feeds(_registry(args), args.releases)
    accompany(args.out or url, made if args.out else {f"feeds/{path}": data for path, data in made.items()})
    render.say(f"wrote {len(made)} feeds to {args.out or f'{shown(url)}/feeds'}")
    return 0


def site(args: argparse.Namespace) -> int:
    """Make the site of a release."""
    began, where = perf_counter(), args.origin
    data = api.data(args.release, where["registry"], where["cache"])
    before: dict[str, bytes] = {}
    beside: dict[str, bytes] = {}
    if data.source:
        registry, version = _registry(args), data.opened().about["version"]
        before, beside = earlier(registry, version), {"llms.txt": serving.llms(data).encode()}
        if not args.no_feeds:
            told = making.feeds(registry, "../index.html", version)
            beside |= {f"feeds/{path}": feed for path, feed in told.items()}
    files = make_site(data, Path(args.out), lambda step: render.say(step, sys.stderr), before, beside)
    size = sum(files.values()) / 1e6
    render.say(f"{len(files)} files, {size:.1f} MB, in {args.out} ({perf_counter() - began:.1f} s); open index.html")
    return 0


def versions(args: argparse.Namespace) -> int:
    """Print the releases inside the package, and those of the registry."""
    frame = api.versions(args.origin["registry"], args.origin["cache"])
    render.show(frame, args.format, sys.stdout, wide=args.wide)
    if frame.attrs["stale"]:
        render.say(f"datapkg: {frame.attrs['stale']}", sys.stderr)
    return 0
