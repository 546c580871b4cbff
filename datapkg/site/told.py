"""What the pages are told, as site.js: the release, its tables with their columns, and the digest of every file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files as inside
from typing import Any

from datapkg.facts import POLICIES, as_of
from datapkg.model import PREFIX, Spec, jsontext
from datapkg.read import Store, citation
from datapkg.site.changes import steps
from datapkg.site.parts import fingerprint

FEED, QUALITY = "feeds/releases.atom", "validation/quality.json"


def told(store: Store, files: Mapping[str, bytes], release: Mapping[str, Any]) -> dict[str, Any]:
    """Return what site.js holds; `files` are those of the site so far, `release` what release.json says."""
    specs = store.specs()
    about = store.about
    parts = ("name", "title", "description", "version", "licenses", "homepage", "created", "keywords")
    tables = [_table(store, specs, name, files) for name in store.names() if not name.startswith(PREFIX)]
    return {
        **{part: about[part] for part in parts if part in about},
        "created": release.get("created") or about.get("created"),
        "citation": {style: citation(about, style).strip() for style in ("apa", "bibtex")},
        "policies": list(POLICIES),
        "last_day": last_day(store),
        "days": days(store),
        "tables": tables,
        "descriptions_ko": _descriptions(tables),
        "changes": list(steps(files, about["version"])),
        "metadata": sorted(path for path in files if not path.endswith(".parquet") and not path.startswith("feeds/")),
        "feeds": FEED in files,
        "quality": _quality(jsontext.loads(files[QUALITY])) if QUALITY in files else None,
    }


def last_day(store: Store) -> str | None:
    """Return the day as of which facts are made: the last on which a source was read, or published if nobody says."""
    day = as_of(store.read("sources", ["published", "retrieved"]).to_pylist())
    return day.isoformat() if day else None


def _quality(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often cells and values were wrong and claims missed when pages were coded again, with the bounds.

    Releases up to 0.5.0 do not tell wrong values from all wrong cells.
    """
    parts = [*(["values"] if "values" in told else []), "cells", "missed"]
    return {part: {name: told[part][name] for name in ("many", "of", "bound")} for part in parts}


def days(store: Store) -> list[str]:
    """Return the days on which a source became known, in their order: what the slider of the pages stops at."""
    found = set(store.read("sources", ["known_from"]).column("known_from").to_pylist())
    return sorted(day.isoformat() for day in found if day)


def _table(store: Store, specs: Mapping[str, Spec], name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    spec, resource = specs[name], store.resource(name)
    return {
        "name": name,
        "title": spec.title,
        "title_ko": korean()["tables"].get(name),
        "description": spec.description,
        "role": spec.role,
        "rows": resource["rows"],
        "key": list(spec.key),
        "block": list(spec.block),
        "leading": list(spec.leading.columns) if spec.leading else [],
        "status": spec.status,
        "stages": bool(spec.stages),
        "kind": spec.claim.get("kind"),
        "fields": [_field(spec, column) for column in spec.columns],
        "file": fingerprint(files, data_path(name)),
        "observations": fingerprint(files, data_path(PREFIX + name)),
        "history": fingerprint(files, f"history/{name}.parquet"),
        "claims": fingerprint(files, f"history/claims/{name}.parquet"),
    }


def _field(spec: Spec, name: str) -> dict[str, Any]:
    field = spec.field(name)
    target = next((key.table for key in spec.foreign_keys if key.column == name), None)
    korean_title = korean()["columns"].get(f"{spec.name}.{name}") or korean()["columns"].get(name)
    parts = {"name": name, "type": field.type, "title": field.title, "title_ko": korean_title,
             "description": field.description,
             "unit": field.unit, "enum": field.constraints.get("enum"), "target": target,
             "bookkeeping": field.bookkeeping or None}  # fmt: skip
    return {part: value for part, value in parts.items() if value is not None}


def _descriptions(tables: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the Korean descriptions of tables and their columns, by the English ones, each once."""
    said = {told["description"] for table in tables for told in (table, *table["fields"])}
    return {english: text for english, text in korean()["descriptions"].items() if english in said}


@cache
def korean() -> Mapping[str, Mapping[str, str]]:
    """Return the Korean titles of tables and columns, and descriptions of both by what they translate.

    A column whose name means another thing in a table has a title of its own there. What a repository of claims adds to
    the tables of datapkg, and what an older release described otherwise, keeps its English words.
    """
    found: Mapping[str, Mapping[str, str]] = json.loads((inside("datapkg.site") / "titles.ko.json").read_text("utf-8"))
    return found


def data_path(name: str) -> str:
    """Return where a table's Parquet file is in a site, as in a release."""
    return f"data/{name.replace('.', '/')}.parquet"


def script(value: Mapping[str, Any]) -> bytes:
    """Return site.js."""
    return f"globalThis.datapkgSite = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n".encode()
