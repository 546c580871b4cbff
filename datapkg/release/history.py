"""What a release takes from beside the data: the state of the repository, the changelog, and acknowledgements."""

from __future__ import annotations

import re
import subprocess
import tarfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from datapkg.claims import Refused, read_yaml
from datapkg.model import PREFIX, Layout, UsageError, semver
from datapkg.read import opened
from datapkg.registry import listed

GROWTH, SLACK = 3.0, 1000
"""A table may grow to three times its rows, or by a thousand if that is more, before somebody has to look at it."""
ROW_COUNTS, QUALITY = "row_counts", "quality"
_FIELDS = {ROW_COUNTS: {"table", "because", "by", "until"}, QUALITY: {"because", "by", "until"}}
"""The lists of acknowledged.yaml that are about releases, and what each of their entries has."""


@dataclass(frozen=True)
class Commit:
    """The commit that the data are from, and the git tree of data/raw in it."""

    id: str
    raw_tree: str


def git(layout: Layout, *arguments: str) -> str:
    """Return what git prints.

    Raises  UsageError if git is not there or refuses
    """
    command = ["git", "-C", str(layout.root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UsageError(
            f"git cannot be run ({error.strerror}); a release records the commit it was made from"
        ) from error
    if done.returncode:
        raise UsageError(f"git {' '.join(arguments)}: {done.stderr.strip() or f'exit code {done.returncode}'}")
    return done.stdout.strip("\n")


def commit(layout: Layout) -> tuple[Commit, list[str]]:
    """Return the commit of the repository, and the paths that are not committed.

    Raises  UsageError if the folder is no git repository with a commit
    """
    unfinished = f":(exclude){layout.relative(layout.releases)}/.*"  # what a killed release left
    status = git(
        layout, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ":(top)", unfinished
    )
    changed = [entry[3:] for entry in status.split("\0") if entry]
    return Commit(git(layout, "rev-parse", "HEAD"), git(layout, "rev-parse", "HEAD:./data/raw")), changed


def extract(layout: Layout, commit: str, target: Path, *paths: str) -> None:
    """Write the paths of a commit that it has into a folder, as they are in it.

    Raises  UsageError if git refuses; OSError
    """
    there = git(layout, "ls-tree", "--name-only", commit, *paths).splitlines()
    command = ["git", "-C", str(layout.root), "archive", commit, *there]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                archive.extractall(target, filter="data")
        except tarfile.ReadError as error:
            told = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
            raise UsageError(f"git archive: {told or error}") from error


def released(layout: Layout) -> list[str]:
    """Return the versions that are released."""
    return [path.parent.name for path in layout.releases.glob("[0-9]*/release.json")]


def unlisted(layout: Layout) -> list[str]:
    """Return the released versions that index.json does not name, in their order.

    A release that was killed when it was whole and before it was named there, or all if the index was lost.
    """
    return sorted(set(released(layout)) - listed(layout.releases), key=semver.parse)


def facts(layout: Layout, version: str) -> dict[str, int]:
    """Return the number of rows of every table of a release but its observations."""
    tables = opened(Layout(layout.releases / version)).resources
    return {name: table["rows"] for name, table in tables.items() if not name.startswith(PREFIX)}


def section(layout: Layout, version: str) -> date | None:
    """Return the date of the changelog's section about a data release, None if it has none.

    Source  the heading `## data 0.1.0 - 2026-11-24`, as in Keep a Changelog
    """
    text = layout.changelog.read_text(encoding="utf-8") if layout.changelog.exists() else ""
    match = re.search(rf"^## data {re.escape(version)} - (\d{{4}}-\d\d-\d\d)$", text, re.M)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def acknowledged(path: Path, name: str, today: date) -> list[dict[str, Any]]:
    """Return the entries of a list of what somebody has looked at, as far as they have not expired.

    Raises  UsageError for a file of another form
    """
    if not path.exists():
        return []
    fields = _FIELDS[name]
    try:
        entries = (read_yaml(path, path.name).plain() or {}).get(name) or []
        if not all(set(entry) == fields for entry in entries):
            raise UsageError(f"{path.name}: an entry of {name} has {', '.join(sorted(fields))}")
        return [entry for entry in entries if date.fromisoformat(str(entry["until"])) >= today]
    except (Refused, AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            f"{path.name} cannot be used: {error}; expected a list {name} with until: 2026-12-31"
        ) from error


def out_of_band(old: dict[str, int], new: dict[str, int]) -> dict[str, str]:
    """Return, by table, why its number of rows needs a look: it shrank, or grew beyond the band."""
    found = {}
    for table, before in old.items():
        after = new.get(table, 0)
        if after < before:
            found[table] = f"{table} loses rows: {before} to {after}"
        elif after > max(before * GROWTH, before + SLACK):
            found[table] = f"{table} grows beyond the band: {before} to {after}"
    return found
