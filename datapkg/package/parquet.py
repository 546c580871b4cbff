"""The written form of the tables: Parquet bytes that depend on nothing but the data, and the Data Package descriptor.

The same tables and the same pyarrow give the same bytes: rows sorted by key, no clock, no pandas metadata.

Source  Data Package 2.0, https://datapackage.org/standard/data-package/; write profile: docs/design.md
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.facts import cast
from datapkg.model import Spec, chunks, disk, publishable, standard, stem
from datapkg.package.about import FIELDS

if TYPE_CHECKING:
    import pyarrow as pa

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
PROFILE_PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "version": "2.6",
    "data_page_version": "1.0",
    "write_page_index": True,
    "write_page_checksum": True,
    "store_schema": True,
    "dictionary_pagesize_limit": 16 << 20,
}
"""The dictionary of a column is not given up halfway (beyond 1 MiB, by default): fastparquet misreads what follows."""
ROW_GROUP = 131_072
"""The most rows that a group of a file has; those of a long table can be read without the rest of it."""
MEDIATYPE = "application/vnd.apache.parquet"


def table_path(name: str) -> str:
    """Return the path of a table's file from the root of the package."""
    return f"data/processed/{stem(name)}.parquet"


def notes(spec: Spec, about: Mapping[str, Any]) -> dict[str, str]:
    """Return what the footer of a table's Parquet file says: dataset, version, licence, title, Table Schema."""
    schema = {"fields": [dict(f) for f in standard(spec)["fields"]], "primaryKey": list(spec.key)}
    return {
        "dataset": about["name"],
        "version": about["version"],
        "license": about["licenses"][0]["path"],
        "title": spec.title,
        "description": spec.description,
        "table_schema": json.dumps(schema, ensure_ascii=False, sort_keys=True),
    }


def parquet(table: pa.Table, spec: Spec, about: Mapping[str, Any]) -> bytes:
    """Return a table as Parquet: zstd, format 2.6, page index and checksums, our metadata in the footer."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    noted = cast(table, spec).replace_schema_metadata(notes(spec, about))
    pq.write_table(noted, sink, row_group_size=ROW_GROUP, **PROFILE_PARQUET)
    return sink.getvalue()


def stamped(source: Path, target: Path, spec: Spec, about: Mapping[str, Any]) -> None:
    """Write a table's Parquet file once more with what `about` says in its footer, a row group at a time."""
    import pyarrow.parquet as pq

    target.parent.mkdir(parents=True, exist_ok=True)
    schema = spec.arrow().with_metadata(notes(spec, about))
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, schema, **PROFILE_PARQUET) as writer:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number)
            if group.num_rows:
                writer.write_table(group.cast(schema))


def streamed(parts: Iterable[pa.Table], target: Path, spec: Spec, about: Mapping[str, Any]) -> None:
    """Write as `parquet` does a table that comes in order of its key, ROW_GROUP rows at a time."""
    import pyarrow.parquet as pq

    target.parent.mkdir(parents=True, exist_ok=True)
    schema = spec.arrow()
    noted = schema.with_metadata(notes(spec, about))
    with target.open("wb") as file:
        with pq.ParquetWriter(file, noted, **PROFILE_PARQUET) as writer:
            empty = True
            for part in parts:
                writer.write_table(part.cast(schema).cast(noted).combine_chunks(), row_group_size=ROW_GROUP)
                empty = False
            if empty:
                writer.write_table(noted.empty_table())
        disk.sync(file)


def descriptor(rows: Mapping[str, int], digests: Mapping[str, chunks.Hashed], specs: Mapping[str, Spec],
               about: Mapping[str, Any]) -> bytes:  # fmt: skip
    """Return datapackage.json for tables, given the rows of each and the digests of each file, by path."""
    resources = []
    for name, many in rows.items():
        path, spec = table_path(name), specs[name]
        resources.append(
            {
                "name": name,
                "type": "table",
                "path": path,
                "title": spec.title,
                "description": spec.description,
                "format": "parquet",
                "mediatype": MEDIATYPE,
                "rows": many,
                **digests[path].entries(),
                "schema": publishable(standard(spec)),
            }
        )
    head = {"$schema": PROFILE, **{k: about[k] for k in FIELDS if about[k] is not None}}
    return (json.dumps({**head, "resources": resources}, ensure_ascii=False, indent=1) + "\n").encode()
