"""A package's descriptor, judged before anything is done with it, and what frames say of themselves by it.

A release may come from anybody.

Source  Data Package 2.0, https://datapackage.org/standard/data-package/, as far as datapkg writes and reads it
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

from datapkg.model import NAME, TABLE, ConfigError, Layout, NotFound, chunks, jsontext, misfit, stem
from datapkg.read.schemas import Source
from datapkg.read.store import ARROW, Store

_FIELD = {"name": NAME, "type": re.compile("|".join(ARROW)), "title?": str, "description": str,
          "unit?": (str, type(None)), "constraints?": {"required?": bool, "enum?": [object]}}  # fmt: skip
_FOREIGN = {"fields": [NAME], "reference": {"resource": str, "fields": [NAME]}}
_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_RESOURCE = {
    "name": TABLE, "path": str, "title": str, "description": str, "rows": int, "hash": _DIGEST,
    "content_hash?": _DIGEST, "chunks?": chunks.SHAPE,
    "schema": {"fields": [_FIELD], "primaryKey": [NAME], "foreignKeys?": [_FOREIGN, ...]},
}  # fmt: skip
_PACKAGE = {
    "name": re.compile("[-a-z0-9._/]+"), "version": re.compile("[-+.0-9A-Za-z]{1,100}"), "title": str,
    "licenses": [{"name": str}], "contributors": [{"title": str, "roles?": [str, ...]}],
    "created?": re.compile(r"\d{4}-\d\d-\d\d.*", re.ASCII), "doi?": str, "homepage?": str, "resources": [_RESOURCE],
}  # fmt: skip


def opened(layout: Layout, source: Source | None = None, near: bool = False) -> Store:
    """Return the package of a layout, opened for reading; with a source its files come from there.

    `near` says that those of the source lie in the folder of the layout.

    Raises  NotFound if there is no datapackage.json, ConfigError if it is no descriptor of ours
    """
    path = layout.descriptor
    try:
        wrong, said = _judged(source(path.name) if source else path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"no {path}; run `datapkg build` in a clone, or install the package again") from error
    except (OSError, ValueError) as error:
        raise ConfigError(_refused(layout, f"{type(error).__name__}: {error}")) from error
    if wrong:
        raise ConfigError(_refused(layout, wrong))
    resources = {resource["name"]: resource for resource in said["resources"]}
    return Store(layout, {part: value for part, value in said.items() if part != "resources"}, resources, source, near)


@lru_cache(maxsize=4)
def _judged(data: bytes) -> tuple[str | None, Any]:
    """Return what is wrong with the bytes of a descriptor, and what they say; kept, since a session asks many times.

    Raises  ValueError for bytes that are no JSON
    """
    said = jsontext.loads(data)
    return misfit(said, _PACKAGE) or _contradiction(said["resources"]), said


def _refused(layout: Layout, why: str) -> str:
    return f"{layout.descriptor} is no data package that datapkg wrote: {why}; run `datapkg build`"


def _contradiction(resources: list[dict[str, Any]]) -> str | None:
    """Return what resources of the right shape say that cannot be: names twice, other paths, keys without columns."""
    many = Counter(resource["name"] for resource in resources)
    for resource in resources:
        name = resource["name"]
        columns = [field["name"] for field in resource["schema"]["fields"]]
        paths = [f"data/{stem(name)}.parquet", f"data/processed/{stem(name)}.parquet"]
        if many[name] > 1 or len(columns) > len(set(columns)):
            return f"table '{name}' or a column of it is there twice"
        if resource["path"] not in paths:
            return f"table '{name}' has the path {resource['path']!r}; expected {' or '.join(paths)}"
        if "chunks" in resource and (wrong := chunks.unfit(resource["chunks"])):
            return f"table '{name}' has {wrong}"
        lost = [column for column in resource["schema"]["primaryKey"] if column not in columns]
        if lost:
            return f"the primary key of table '{name}' has {', '.join(lost)}, which it has no column for"
    return None


def attrs_of(store: Store, name: str, columns: Sequence[str]) -> dict[Hashable, Any]:
    """Return what a frame says about itself, in plain JSON values."""
    resource, shown = store.resource(name), set(columns)
    fields = [field for field in resource["schema"]["fields"] if field["name"] in shown]
    return {
        "title": resource["title"],
        "description": resource["description"],
        "version": store.about["version"],
        "license": store.about["licenses"][0]["name"],
        "primary_key": store.key(name),
        "units": {field["name"]: field["unit"] for field in fields if "unit" in field},
        "descriptions": {field["name"]: field["description"] for field in fields},
    }
