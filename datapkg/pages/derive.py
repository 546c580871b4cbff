"""Files that follow from the Table Schemas and the rules: schemas of claim kinds, suites, the data dictionary.

`python -m datapkg.pages` writes them; a test and CI prove that they are fresh.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datapkg import build
from datapkg.check import FILES, READING, RELEASE, RULES, SCHEMA, suite
from datapkg.claims import BLOCKS, COMMON, QUOTE, KindSchema, Property, kind_schemas, written
from datapkg.model import Field, Layout, Spec, load_specs, semver, text
from datapkg.pages.front import front
from datapkg.pages.pages import pages
from datapkg.pages.quality import quality_page
from datapkg.pages.start import about_schema

DRAFT = "http://json-schema.org/draft-07/schema#"
NOTE = "<!-- Made by `make docs` from schemas/ and datapkg/check; do not edit. -->\n"
_JSON = {"string": "string", "number": "number", "integer": "integer", "boolean": "boolean", "date": "string"}


def derived(layout: Layout) -> dict[str, str]:
    """Return every derived file by its path from the root."""
    specs = load_specs(layout.schema_files)
    known = kind_schemas(specs)
    files = {
        f"schemas/claims/{kind}.json": _dump({"$schema": DRAFT, **kind_schema_json(form)})
        for kind, form in known.items()
    }
    files["schemas/raw/package.json"] = about_schema()
    files["schemas/claims/file.json"] = _dump(file_schema(specs, sorted(known)))
    for name, spec in specs.items():
        if spec.role != "observation":
            files[f"schemas/expectations/{name}.json"] = _dump(suite(spec))
    files["docs/tables.md"] = dictionary(specs)
    files["docs/checks.md"] = checks()
    files |= pages(build.stored(layout)) | quality_page(layout)
    released = [path.parent.name for path in layout.releases.glob("[0-9]*/CITATION.cff")]
    if released:  # what the repository is cited by is its newest release
        newest, page = layout.releases / semver.latest(released), layout.root / "README.md"
        files["CITATION.cff"] = (newest / "CITATION.cff").read_text("utf-8")
        if page.is_file():
            files["README.md"] = front(page.read_text("utf-8"), newest)
    return files


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def kind_schema_json(form: KindSchema) -> dict[str, Any]:
    """Return the JSON Schema of a claim kind.

    Source  JSON Schema draft 7, which the YAML language servers of editors read
    """
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _entry_schema(entry) for name, entry in form.properties.items()},
        "required": [name for name, entry in form.properties.items() if entry.required],
        "additionalProperties": False,
    }
    if form.first:
        first = form.properties[form.first]
        return {"anyOf": [_entry_schema(first), schema]}
    return schema


def _entry_schema(entry: Property) -> dict[str, Any]:
    if entry.items:
        return {"type": "array", "description": entry.column.description, "items": kind_schema_json(entry.items)}
    if entry.registry:
        text = f"{entry.column.description} A name as the source writes it, or an id of {entry.registry}."
        return {"type": "string", "minLength": 1, "description": text}
    return column_schema(entry.column, nullable=not entry.required)


def column_schema(f: Field, nullable: bool) -> dict[str, Any]:
    """Return the JSON Schema of one value as a claim file writes it."""
    types = [_JSON[f.type]]
    if f.edtf:
        types.append("integer")
    if f.unit == "%":
        types.append("string")
    if nullable:
        types.append("null")
    limits = {k: v for k, v in f.constraints.items() if k in ("pattern", "minimum", "maximum", "minLength")}
    if f.reference:
        limits["pattern"] = "^(companies|people|products|markets|alliances|terms|segments|facilities)/.+$"
    if "enum" in f.constraints:
        limits["enum"] = [*f.constraints["enum"], *([None] if nullable else [])]
    default = {"default": f.default} if f.default is not None else {}
    return {"type": types if len(types) > 1 else types[0], "description": f.description, **limits, **default}


def file_schema(specs: dict[str, Spec], kinds: list[str]) -> dict[str, Any]:
    """Return the JSON Schema of a whole claim file."""
    sources, claims = specs["sources"], specs["claims"]
    names = {"type": "array", "items": {"type": "string"}}
    fields = written(sources)
    source = {f.name: column_schema(f, nullable=not f.required) for f in fields}
    source |= {"inferred": names} | {name: _block(sources, columns) for name, columns in BLOCKS.items()}
    common = {
        "claim": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "description": "Unique within the file."},
        "says": column_schema(claims.field("says"), nullable=False),
        "at": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2,
               "description": "Code points [start, end) of the passage in the normalised text."},
        "quote_sha256": column_schema(claims.field("quote_sha256"), nullable=False),
        "certainty": column_schema(claims.field("certainty"), nullable=False),
        "quote": _block(claims, QUOTE),
        "cells": _cells(),
        "seen": column_schema(claims.field("seen"), nullable=True),
        "said_by": {"type": ["string", "null"], "description": claims.field("said_by").description},
        "vintage": column_schema(claims.field("vintage"), nullable=True),
        "inferred": {**names, "description": claims.field("inferred").description},
    }  # fmt: skip
    claim = {
        "type": "object",
        "properties": {**{n: common[n] for n in COMMON}, **{k: {"$ref": f"{k}.json"} for k in kinds}},
        "required": ["claim", "says", "certainty"],
        "oneOf": [{"required": [kind]} for kind in kinds],
        "additionalProperties": False,
    }
    return {
        "$schema": DRAFT,
        "title": "Claim file",
        "type": "object",
        "properties": {
            "source": {"type": "object", "properties": source, "additionalProperties": False,
                       "required": [f.name for f in fields if f.required]},
            "claims": {"type": "array", "minItems": 1, "items": claim},
        },
        "required": ["source", "claims"],
        "additionalProperties": False,
    }  # fmt: skip


def _cells() -> dict[str, Any]:
    """Return the JSON Schema of an anchor in a table."""
    digests = {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    return {"type": "object", "description": "The key of a row of the source's table, and digests of cells by column.",
            "properties": {"row": {"type": "string"}, "columns": digests}, "required": ["row", "columns"],
            "additionalProperties": False}  # fmt: skip


def _block(spec: Spec, columns: dict[str, str]) -> dict[str, Any]:
    """Return the JSON Schema of a mapping whose keys fill columns."""
    values = {key: column_schema(spec.field(name), nullable=False) for key, name in columns.items()}
    return {"type": ["object", "null"], "properties": values, "required": [*values], "additionalProperties": False}


def dictionary(specs: dict[str, Spec]) -> str:
    """Return the data dictionary as Markdown."""
    parts = [NOTE, "# Tables\n"]
    for role, title in (("fact", "Facts"), ("registry", "Registries"), ("record", "Records")):
        parts.append(f"\n## {title}\n")
        parts += [_table_page(spec, specs) for spec in specs.values() if spec.role == role]
    shared = next(s for s in specs.values() if s.role == "observation")
    own = shared.columns.index("claim_id")
    parts.append("\n## Observations\n\nBehind every fact table stands `observations.<table>`, with one row per key and "
                 "claim: the columns of the fact table up to its bookkeeping, and these.\n\n")  # fmt: skip
    parts.append(_columns(shared.fields[own:], shared))
    return "".join(parts)


def _table_page(spec: Spec, specs: dict[str, Spec]) -> str:
    kind = spec.claim.get("kind")
    fed = f" Fed by claims of kind `{kind}`." if kind else ""
    key = ", ".join(f"`{k}`" for k in spec.key)
    return f"\n### {spec.name}\n\n{text.prose(spec.description)}{fed} Key: {key}.\n\n{_columns(spec.fields, spec)}"


def _columns(fields: tuple[Field, ...], spec: Spec) -> str:
    targets = {fk.column: f" -> `{fk.table}.{fk.target}`" for fk in spec.foreign_keys}
    rows = ["| column | type | unit | null | what it is |\n|---|---|---|---|---|\n"]
    for f in fields:
        values = f" One of {', '.join(f'`{v}`' for v in f.constraints['enum'])}." if "enum" in f.constraints else ""
        says = text.cell(f.description + values) + targets.get(f.name, "")
        rows.append(f"| `{f.name}` | {f.type} | {f.unit or ''} | {'' if f.required else 'yes'} | {says} |\n")
    return "".join(rows)


def checks() -> str:
    """Return the page about all checks as Markdown."""
    lines = [
        NOTE,
        "# Checks\n\nWhat `datapkg check` and `datapkg build` look for; every finding names its rule.\n",
    ]
    lines.append("\n## Rules across tables and sources\n\n| rule | why |\n|---|---|\n")
    lines += [f"| `{rule.id}` | {rule.why} |\n" for rule in RULES.values()]
    for title, known in (
        ("Reading", READING),
        ("Schema", SCHEMA),
        ("Files", FILES),
        ("Releases", RELEASE),
    ):
        lines.append(f"\n## {title}\n\n| rule | what |\n|---|---|\n")
        lines += [f"| `{name}` | {what} |\n" for name, what in known.items()]
    return "".join(lines)


def main(argv: list[str]) -> int:
    """Write the derived files of the current repository, or with --check name those that are not fresh."""
    layout = Layout(Path.cwd())
    made = derived(layout)
    folders = ("schemas/claims", "schemas/expectations", "schemas/raw")
    there = {p.relative_to(layout.root).as_posix() for folder in folders for p in (layout.root / folder).glob("*.json")}
    fresh = {
        p for p, text in made.items() if (layout.root / p).is_file() and (layout.root / p).read_text("utf-8") == text
    }
    wrong = sorted((set(made) - fresh) | (there - set(made)))
    if "--check" in argv:
        print("\n".join(f"not fresh: {path}; run: make docs" for path in wrong) or "derived files are fresh")
        return 1 if wrong else 0
    for path in wrong:
        if path in made:
            (layout.root / path).parent.mkdir(parents=True, exist_ok=True)
            (layout.root / path).write_text(made[path], encoding="utf-8")
        else:
            (layout.root / path).unlink()
    return 0
