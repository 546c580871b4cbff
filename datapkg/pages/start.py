"""What a repository of claims begins with: empty registries, a package.yaml that explains itself, and its CI."""

from __future__ import annotations

import json
import re
from pathlib import Path

from datapkg.model import Layout, UsageError, disk, distribution, load_specs
from datapkg.package import ABOUT_SCHEMA, new_about

WORKFLOW = """\
# Every change is checked: findings stand beside their lines, what the tables change is in the summary of the job.
name: claims
on: [push, pull_request]
permissions: {contents: read}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2
      with: {fetch-depth: 0}
    - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065  # v5.6.0
      with: {python-version: "3.12"}
    - run: pip install 'semiconductor-datapkg[build]==%s'
    - run: >-
        datapkg check --only claims,schema,rules --format github
        ${GITHUB_BASE_REF:+--against "origin/$GITHUB_BASE_REF"}
"""
ATTRIBUTES = """\
# Digests are of bytes: no tool turns line ends into others, on any system.
* text=auto eol=lf
*.parquet binary
data/releases/** -text
"""


def start(folder: Path) -> list[str]:
    """Write what a repository of claims begins with, and return the paths; files that are there are left alone.

    Raises  UsageError if the folder holds a repository of claims, or its name is none that a package can have
    """
    layout = Layout(folder)
    if layout.raw.exists():
        raise UsageError(f"{folder} holds {layout.relative(layout.raw)} already; start another repository elsewhere")
    name = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-")
    if not name:
        raise UsageError(f"'{folder.name}' gives no name for a package; start in a folder of letters or digits")
    files = {path: text for path, text in _files(layout, name).items() if not (folder / path).exists()}
    layout.claims.mkdir(parents=True)
    disk.write_all(folder, {path: text.encode() for path, text in files.items()})
    return list(files)


def _files(layout: Layout, name: str) -> dict[str, str]:
    registries = [spec for spec in load_specs(layout.schema_files).values() if spec.role == "registry"]
    return {
        **{f"data/raw/entities/{spec.name}.csv": ",".join(spec.columns) + "\n" for spec in registries},
        "data/raw/corrections.yaml": "corrections: []\npreferences: []\n",
        "data/raw/package.yaml": new_about(name),
        "schemas/raw/package.json": about_schema(),
        ".github/workflows/claims.yml": WORKFLOW % distribution(),
        ".gitattributes": ATTRIBUTES,
        ".gitignore": ".datapkg-*\n.publish.lock\n",
    }


def about_schema() -> str:
    """Return the JSON Schema of data/raw/package.yaml as a file."""
    return json.dumps(ABOUT_SCHEMA, ensure_ascii=False, indent=2) + "\n"
