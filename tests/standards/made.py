"""A folder like a release, made from tables: what the gates judge until, and besides, there is a published one."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg import build
from datapkg.facts.engine import to_arrow
from datapkg.model.layout import Layout
from datapkg.model.specs import Spec, load_specs
from datapkg.package.about import read_about
from datapkg.package.csv import write_csv
from datapkg.package.documents import documents
from datapkg.package.parquet import parquet
from datapkg.package.record import Release, Signature, csv_path, measured, parquet_path

if TYPE_CHECKING:
    import pyarrow as pa

VERSION, CREATED = "0.1.0", "2026-11-24"
FULL = {
    "doi": "10.5281/zenodo.1234567",
    "homepage": "https://example.org/chips",
    "contributors": [
        {
            "title": "Ada Kim",
            "givenName": "Ada",
            "familyName": "Kim: née O'Neill",
            "path": "https://orcid.org/0000-0002-1825-0097",
            "organization": "Institute of Chips",
            "roles": ["creator"],
        },
        {"title": "The curators", "roles": ["creator"]},
        {"title": "Chip Press", "roles": ["publisher"]},
    ],
    "keywords": ["yes", "2024-01", '#3: of "all"', "반도체", "- x"],
    "notes": {
        "collection": "Read by people, claim by claim.",
        "limitations": "Few sources.",
        "biases": "Korean press.",
        "personal": "Names of executives from published articles.",
        "uses": "Research.",
    },
}
"""All that package.yaml may say, with texts that YAML could read as something else."""

VALUES = Spec(
    "values",
    {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "title": "Values",
        "description": "One row per value that a reader could get wrong.",
        "role": "fact",
        "fields": [
            {"name": n, "type": t, "title": n, "description": d, "constraints": {"required": r}}
            for n, t, d, r in [
                ("id", "string", "Key.", True),
                ("text", "string", "Any text.", False),
                ("whole", "integer", "Up to 64 bits.", True),
                ("count", "integer", "May be missing.", False),
                ("real", "number", "May be missing.", False),
                ("flag", "boolean", "May be missing.", False),
                ("day", "date", "May be missing.", False),
            ]
        ],
        "primaryKey": ["id"],
    },
)
_TEXTS = [
    *(
        "a,b",
        'say "x"',
        "two\nlines",
        "two\r\nlines",
        " edge ",
        "NA",
        "nan",
        "null",
        "NULL",
        "None",
        "true",
        "1e5",
        "007",
    ),
    *("2024-01", "=1+1", "#x", "-", "'", '"', "\\", "\\N", "\\n", ";", "\t", "엔비디아", "e\u0301", "🙂", "\u2028"),
    *("\ufeffx", "a;b;c;d", "x" * 5000),
]
_WHOLE = [0, 1, -1, 2**31, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]
_REAL = [0.0, 80.0, 0.1, -2.5, 1 / 3, 1e16, 1e-7, 123456789012345680.0, 5e-324, 1.7976931348623157e308, 2.0**53]
_DAYS = ["1969-12-31", "1900-02-28", "2024-02-29", "2024-12-31", "9999-12-31", "1582-10-15"]


def values(largest: int = 2**63) -> pa.Table:
    """Return a table of awkward values; whole numbers beyond `largest` are cut off there."""
    from datetime import date

    rows = [
        {
            "id": f"v{number:02}",
            "text": text,
            "whole": max(-largest, min(largest, _WHOLE[number % len(_WHOLE)])),
            "count": None if number % 3 == 0 else number,
            "real": None if number % 5 == 0 else _REAL[number % len(_REAL)],
            "flag": [True, False, None][number % 3],
            "day": None if number % 4 == 0 else date.fromisoformat(_DAYS[number % len(_DAYS)]),
        }
        for number, text in enumerate([None, *_TEXTS])
    ]
    return to_arrow(rows, VALUES)


def repository() -> Layout:
    return Layout(Path(__file__).parents[2])


def made(folder: Path) -> None:
    """Make the folder from the committed tables, or, where they are not there yet, from the claims."""
    layout = repository()
    current = build.stored(layout)
    if set(current.tables) != set(current.specs):
        current = build.assemble(layout)
    release(folder, current.tables, current.specs, read_about(layout))


def release(folder: Path, tables: Mapping[str, pa.Table], specs: Mapping[str, Spec], about: dict[str, Any]) -> Release:
    """Write the tables and all metadata of them into a folder, and return the record."""
    for name, table in tables.items():
        path = folder / parquet_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(parquet(table, specs[name], about))
        write_csv(path, specs[name], folder / csv_path(name))
    record = Release(about, VERSION, CREATED, {name: measured(folder, specs[name]) for name in tables})
    document(folder, record)
    return record


def leading_to(specs: Mapping[str, Spec], *names: str) -> list[str]:
    """Return some tables and all to which their rows point, directly or not."""
    found = dict.fromkeys(names)
    for name in names:
        found |= dict.fromkeys(leading_to(specs, *{key.table for key in specs[name].foreign_keys} - {*found}))
    return [*found]


def document(folder: Path, record: Release) -> None:
    """Write the files of metadata, then SHA256SUMS."""
    for path, data in documents(record).items():
        (folder / path).write_bytes(data)
    sums(folder)


def full(folder: Path, public_key: str) -> None:
    """Rewrite the metadata of a folder as if package.yaml said everything, and the release were signed by SSH."""
    specs = load_specs(repository().schemas)
    names = [entry["name"] for entry in json.loads((folder / "datapackage.json").read_bytes())["resources"]]
    about = {**read_about(repository()), **FULL}
    record = Release(about, VERSION, CREATED, {name: measured(folder, specs[name]) for name in names}, "0.0.9")
    document(folder, replace(record, signature=Signature("ssh", public_key), reference="Kim, A. (2026).",
                             bibtex="@misc{k,\n title = {T}\n}"))  # fmt: skip


def sums(folder: Path) -> None:
    """Write SHA256SUMS as sha256sum does it."""
    paths = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    lines = [f"{hashlib.sha256((folder / p).read_bytes()).hexdigest()}  {p}\n" for p in paths if "SHA256SUMS" not in p]
    (folder / "SHA256SUMS").write_text("".join(lines))


def blocks(folder: Path, language: str) -> list[str]:
    """Return the code that VERIFY.md tells people to run."""
    return re.findall(rf"```{language}\n(.*?)```", (folder / "VERIFY.md").read_text(encoding="utf-8"), re.DOTALL)


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run lines for a shell in a folder as a reader would, stopping at the first that fails."""
    return subprocess.run(["sh", "-ec", script], cwd=folder, capture_output=True, text=True)
