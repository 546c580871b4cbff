"""datapackage.json of a release and of its CSV mirror.

The two describe the same tables by the same schemas. `fieldsMatch` is left out: its default is what we mean, and the
official profile and frictionless contradict each other about its form. The size of a file is given for CSV only:
frictionless cannot count the bytes of Parquet and refuses any number.

Source  Data Package 2.0, https://datapackage.org/standard/data-package/
"""

from __future__ import annotations

from typing import Any

from datapkg.model import chunks, publishable, standard
from datapkg.package.parquet import MEDIATYPE, PROFILE
from datapkg.package.record import Release, TableFile
from datapkg.package.text import as_json

DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True}
"""All defaults, and yet written down: npm datapackage guesses the delimiter of a file that says nothing."""
_HEAD = ("title", "description", "version", "created", "homepage", "keywords", "licenses", "contributors")


def head(release: Release) -> dict[str, Any]:
    """Return what datapackage.json says of the release as a whole: everything but its tables."""
    own = {"version": release.version, "created": f"{release.created}T00:00:00Z"}
    about = {**release.about, **own}
    found = {"$schema": PROFILE, "name": about["name"]}
    if release.doi:
        found |= {"id": f"https://doi.org/{release.doi}", "doi": release.doi}
    return found | {name: about[name] for name in _HEAD if about.get(name) is not None}


def descriptor(release: Release) -> bytes:
    """Return datapackage.json of the Parquet files."""
    return as_json(head(release) | {"resources": [_parquet(table) for table in release.files]})


def mirror(release: Release) -> bytes:
    """Return csv/datapackage.json, the descriptor of the CSV mirror; its paths start at its own folder."""
    return as_json(head(release) | {"resources": [_csv(table) for table in release.files]})


def _parquet(table: TableFile) -> dict[str, Any]:
    return _named(table, table.path) | {
        "format": "parquet",
        "mediatype": MEDIATYPE,
        "rows": table.rows,
        **chunks.Hashed(table.sha256, table.chunks).entries(),
        "content_hash": f"sha256:{table.csv_sha256}",
        "schema": publishable(standard(table.spec)),
    }


def _csv(table: TableFile) -> dict[str, Any]:
    return _named(table, table.csv_path.removeprefix("csv/")) | {
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": DIALECT,
        "rows": table.rows,
        "bytes": table.csv_size,
        "hash": f"sha256:{table.csv_sha256}",
        "schema": standard(table.spec),
    }


def _named(table: TableFile, path: str) -> dict[str, Any]:
    spec = table.spec
    return {"name": spec.name, "type": "table", "path": path, "title": spec.title, "description": spec.description}
