"""Registries of datapkg below those of a repository: `extends: datapkg` in its data/raw/package.yaml asks for them."""

from __future__ import annotations

from typing import Any

from datapkg.claims.yaml import Refused, read_yaml
from datapkg.model import Layout, Spec, packaged, stem

Rows = list[dict[str, Any]]


def extends(layout: Layout) -> bool:
    """Return whether a repository stands on the registries of datapkg; others say what is wrong with the file."""
    try:
        about = read_yaml(layout.about, layout.about.name).plain()
    except Refused:
        return False
    return isinstance(about, dict) and about.get("extends") == "datapkg"


def extended(spec: Spec, own: Rows) -> Rows:
    """Return the rows of a registry of a repository, and those of datapkg whose keys it does not have."""
    import pyarrow.parquet as pq

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[column] for column in spec.key)

    path = packaged().processed / f"{stem(spec.name)}.parquet"
    rows = pq.ParquetFile(path).read().to_pylist() if path.is_file() else []
    base = [{name: row.get(name) for name in spec.columns} for row in rows]
    taken = set(map(key, own))
    return [*(row for row in base if key(row) not in taken), *own]
