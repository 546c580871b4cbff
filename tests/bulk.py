"""Claims in bulk for tests: an invented source and claims of it, as lines of JSON or rows of Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datapkg.claims import read_yaml
from datapkg.claims.bulk import Digits, dumped
from datapkg.claims.yaml import Node

SOURCE = {
    "source_id": "weekly", "title": "Weekly", "publisher": "Weekly", "kind": "press", "tier": "secondary",
    "language": "en", "published": "2024-05", "url": "https://weekly.example/1",
}  # fmt: skip


def share(year: int = 2022, **given: Any) -> dict[str, Any]:
    """Return a claim of a share in a year; a field of the kind or of the claim that is `given` is another."""
    claim = {
        "source_id": "weekly", "claim": f"share-{year}", "says": f"Nordlicht Semi had 40.0 percent in {year}.",
        "certainty": "reported", "said_by": "Kestrel Research",
    }  # fmt: skip
    kind = {"company": "Nordlicht", "market": "AI accelerators", "period": f"{year}", "share_pct": 40.5}
    outer = {"source_id", "claim", "says", "certainty", "said_by", "quote", "vintage", "inferred", "at", "seen"}
    kind |= {name: value for name, value in given.items() if name not in outer}
    return {**claim, **{name: v for name, v in given.items() if name in outer}, "market_share": kind}


def lines(path: Path, records: Iterable[Any]) -> Path:
    """Write records as JSON Lines; a text is a line as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)}\n" for r in records)
    path.write_text(text, encoding="utf-8")
    return path


def rows(path: Path, records: list[Any], **columns: pa.DataType) -> Path:
    """Write records as Parquet; `columns` have types of their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(name for record in records for name in record)
    table = pa.table({name: [record.get(name) for record in records] for name in names})
    for name, kind in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
    pq.write_table(table, path)
    return path


def write(folder: Path, *claims: Any, source: Any = SOURCE) -> Path:
    """Write claims of one source as JSON Lines into a folder, and return it."""
    lines(folder / "weekly.sources.jsonl", [source])
    lines(folder / "weekly.jsonl", claims)
    return folder


def plain(node: Node) -> Any:
    """Return what a node of a claim file is as JSON, its numbers as they are written."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    number = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    return Digits(node.text) if number else node.value


def instead_of_files(root: Path) -> Path:
    """Write all claims of a repository in bulk, and remove their files; return the folder."""
    folder = root / "data/raw/bulk"
    folder.mkdir()
    with (folder / "all.sources.jsonl").open("w") as sources, (folder / "all.jsonl").open("w") as claims:
        for path in sorted((root / "data/raw/claims").glob("*.yaml")):
            given = read_yaml(path, path.name).value
            sources.write(dumped(plain(given["source"])) + "\n")
            for found in given["claims"].value:
                claims.write(dumped({"source_id": path.stem, **plain(found)}) + "\n")
            path.unlink()
    return folder
