"""Work on sources: list what is there, start a new file."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from datapkg.claims.addresses import named_after, pages, same_page
from datapkg.claims.blocks import SLUG, not_on_windows
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import KindSchema, did_you_mean_slug, kind_schemas
from datapkg.claims.records import source_rows
from datapkg.model import DEVICE, ConfigError, Layout, UsageError, disk, load_specs


def listing(layout: Layout) -> list[dict[str, Any]]:
    """Return what each source holds, in order of publication.

    Shape   one record per source: the columns of the sources table, number of anchors, kinds with their counts
    Raises  ConfigError for claim files that cannot be read; `datapkg check` says what is wrong
    """
    specs = load_specs(layout.schema_files)
    reader = ClaimReader(layout, specs, kind_schemas(specs))
    claims = reader.files()
    if reader.findings:
        raise ConfigError(f"{reader.findings[0]}; run `datapkg check` for all findings")
    records = []
    for row in source_rows(claims):
        own = [c for c in claims if c.source.source_id == row["source_id"]]
        anchored = sum(bool(c.common["quote_sha256"] or c.common["cell_sha256"]) for c in own)
        records.append({**row, "anchors": anchored, "kinds": dict(Counter(c.kind for c in own).most_common())})
    return sorted(records, key=lambda r: (r["known_from"], r["source_id"]))


def new_source(layout: Layout, url_or_id: str, today: date, source_id: str | None = None) -> Path:
    """Write a commented claim file to start from and return its path; `source_id` names it, else its address does.

    Raises  UsageError if the id is no slug, or a source of that id or page exists
    """
    named = named_after(url_or_id)
    url = None if named is None else url_or_id
    if url and not source_id and (layout.claims / f"{named}.yaml").exists():
        named = named_after(url, query=True)
    source_id = source_id or (url_or_id if named is None else named)
    if url and not source_id:
        step = f"give one: datapkg source new '{url}' --id some-name-2024"
        raise UsageError(f"no word of {url} can stand in an id; {step}")
    if not SLUG.fullmatch(source_id):
        raise UsageError(
            f"'{source_id}' is no source id: small letters, digits and hyphens{did_you_mean_slug(source_id)}"
        )
    if re.fullmatch(DEVICE, source_id):
        raise UsageError(not_on_windows(source_id))
    path = layout.claims / f"{source_id}.yaml"
    table = layout.datasets / path.name
    taken = table if table.exists() else path
    if taken.exists() or path.with_suffix(".yml").exists():
        step = "; give another with --id" if url else ""
        raise UsageError(f"{layout.relative(taken)} exists already; a source id is never reused{step}")
    page = same_page(url) if url else None
    for known, file in pages(layout) if page else ():
        if known == page:
            raise UsageError(f"{url} is the page of {layout.relative(file)}; add its claims there")
    path.parent.mkdir(parents=True, exist_ok=True)
    with disk.writing(path):
        disk.create(path, _template(source_id, url, today, layout).encode())
    return path


def _template(source_id: str, url: str | None, today: date, layout: Layout) -> str:
    """Return the text of a new claim file: the source block, one example, and every kind as a comment."""
    specs = load_specs(layout.schema_files)
    forms = (layout.root / "schemas/claims/file.json").is_file()  # which `python -m datapkg.pages` writes, for editors
    form = "# yaml-language-server: $schema=../../../schemas/claims/file.json\n" if forms else ""
    kinds = []
    for kind, schema in sorted(kind_schemas(specs).items()):
        fields = ", ".join(f"{e.name}: {_hint(e.name, schema)}" for e in schema.properties.values())
        kinds.append(f"#   {kind}: {{{fields}}}")
    address = f"url: {json.dumps(url, ensure_ascii=False)}\n  retrieved: {today}" if url else "url: null"
    words = {f.name: " | ".join(f.constraints.get("enum", ())) for f in specs["sources"].fields}
    certainty = " | ".join(specs["claims"].field("certainty").constraints["enum"])
    return f"""{form}# Fields and kinds: docs/claims.md.
# What is not known is left out; what you worked out goes under `inferred`.
source:
  source_id: {source_id}
  title:                # our own label, not the headline
  publisher:
  kind: press           # {words["kind"]}
  tier: secondary       # {words["tier"]}
  language: en          # BCP 47
  published:            # 2024, 2024-01 or 2024-01-26
  {address}
  # With a copy of the whole text: `datapkg source check {source_id} TEXT --write` adds its digest and the passages'.
  # With a list of quotes: `datapkg source check {source_id} PAGE --write QUOTES.csv` adds theirs.
claims:
- claim: first-claim    # unique in this file
  says:                 # what the source says, in your own words
  # at: [0, 0]          # code points of the passage in the text, if you hold one
  certainty: asserted   # {certainty}
  said_by: null         # whom the source names for it
  statement: {{}}         # or one of the kinds below
#
# Kinds; fields marked * are needed. Names stay as the source writes them.
{chr(10).join(kinds)}
"""


def _hint(name: str, schema: KindSchema) -> str:
    """Return what a field of a kind takes: its words, if it has a vocabulary."""
    entry = schema.properties[name]
    values = entry.column.constraints.get("enum")
    hint = "[...]" if entry.items else "|".join(values) if values else "..."
    return hint + ("*" if entry.required else "")
