"""What tables change against what was there before: a release, another package, or a branch or commit of git."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from datapkg.compare import Diff, compare
from datapkg.model import Layout, NotFound, UsageError, did_you_mean, semver
from datapkg.release.history import extract, facts, git, released


def since(layout: Layout, new: Path, name: str | None = None) -> Diff:
    """Return what the package in a folder changes against a release, another folder, or a branch or commit.

    Without a name it is against the newest release of the repository; against a commit without tables all is new.
    Raises  NotFound if nothing has the name, UsageError outside a git repository
    """
    known = released(layout)
    if not name and not known:
        raise NotFound("nothing is released yet; name a branch or commit to compare with")
    name = name or semver.latest(known)
    if name in known:
        return compare(layout.releases / name, new)
    if Path(name).is_dir():
        return compare(Path(name), new)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        extract(layout, _commit(layout, name, known), folder, "datapackage.json", "data/processed", "schemas")
        return compare(folder if Layout(folder).descriptor.is_file() else None, new)


def grown(layout: Layout, rows: Mapping[str, int]) -> tuple[str, dict[str, str]]:
    """Return the newest release, if any, and by how many rows each table has changed since, such as +12 or new."""
    known = released(layout)
    if not known:
        return "", {}
    newest = semver.latest(known)
    before = facts(layout, newest)
    return newest, {
        name: f"{many - before[name]:+}" if name in before else "new"
        for name, many in rows.items()
        if many != before.get(name)
    }


def _commit(layout: Layout, name: str, releases: list[str]) -> str:
    """Return the id of the commit that a branch, a tag or an id names."""
    try:
        return git(layout, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except UsageError as error:
        branches = git(layout, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes").splitlines()
        near = did_you_mean(name, [*releases, *branches]) or f"; releases are {', '.join(releases) or 'none'}"
        raise NotFound(f"'{name}' is no release, folder, branch or commit{near}") from error
