"""Small packages with real Parquet files, written without the code under test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
Row = Mapping[str, Any]


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    """Return a field of a Table Schema; `required` and `enum` go to its constraints, `arrow` to the file only."""
    limits = {k: more.pop(k) for k in ("required", "enum", "minimum") if k in more}
    return {"name": name, "type": kind, "description": "", **more, **({"constraints": limits} if limits else {})}


def table(key: str, fields: Sequence[dict[str, Any]], rows: Sequence[Row] = (), **more: Any) -> dict[str, Any]:
    """Return a table for `package`: fields, key (separated by spaces), rows; `references` as column=table.column."""
    keys = []
    for pair in more.pop("references", "").split():
        column, target = pair.split("=")
        resource, other = target.split(".")
        keys.append({"fields": [column], "reference": {"resource": resource, "fields": [other]}})
    return {"fields": list(fields), "key": key.split(), "rows": list(rows), "foreign": keys, **more}


def package(folder: Path, tables: Mapping[str, dict[str, Any]], version: str = "0.1.0", **about: Any) -> Path:
    """Write a package and return its folder; tables may set `title`, and `content` for a content_hash."""
    resources = []
    for name, made in tables.items():
        path = folder / "data" / f"{name.replace('.', '/')}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        types = [(f["name"], f.get("arrow", TYPES[f["type"]])) for f in made["fields"]]
        columns = [pa.array([row.get(n) for row in made["rows"]], type=t) for n, t in types]
        pq.write_table(pa.table(columns, names=[n for n, _ in types]), path)
        fields = [{k: v for k, v in f.items() if k != "arrow"} for f in made["fields"]]
        schema = {"fields": fields, "primaryKey": made["key"], "foreignKeys": made["foreign"]}
        extra = {"content_hash": made["content"]} if "content" in made else {}
        resources.append(
            {
                "name": name,
                "path": path.relative_to(folder).as_posix(),
                "title": made.get("title", name),
                "description": "",
                "rows": len(made["rows"]),
                "hash": "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest(),
                "schema": schema,
                **extra,
            }
        )
    head = {"name": "tiny", "version": version, "title": "Tiny", "licenses": [{"name": "CC0-1.0"}]}
    head |= {"contributors": [{"title": "Nobody"}], **about}
    (folder / "datapackage.json").write_text(json.dumps({**head, "resources": resources}, ensure_ascii=False))
    return folder


def tidy(path: Path) -> list[dict[str, str | None]]:
    """Return the rows of a file of changes."""
    return list(pq.ParquetFile(path).read().to_pylist())
