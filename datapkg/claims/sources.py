"""Work on sources: prove anchors against a copy of the text, list what is there, start a new file."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from datapkg.claims.addresses import named_after, pages, same_page
from datapkg.claims.files import SLUG, ClaimReader, source_rows
from datapkg.claims.kindschema import KindSchema, did_you_mean_slug, kind_schemas
from datapkg.claims.yaml import Node, Refused, read_yaml
from datapkg.model import (
    ConfigError,
    Layout,
    NotFound,
    Place,
    Spec,
    UsageError,
    digest,
    find,
    holds_enough,
    load_specs,
    normalise,
    quote_digest,
)

AT = re.compile(r"^(?P<indent>[ -]*)at:[ \t]*\[[^\]]*\]")
SHA = re.compile(r"^(?P<indent>[ -]*)quote_sha256:[^#]*?(?=[ \t]*(#|$))")
TEXT = re.compile(r"^(?P<indent> *)text:[ \t]*(\{[^{}]*\}|null|~|(?=#|$))")
BREAK = re.compile("(\r\n|[\n\r\x85\u2028\u2029])")
"""The line ends of YAML 1.1, in which `Place` counts."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor against one copy: exact, moved, missing, or unproven while it has no digest; old and new place."""

    claim_id: str
    state: str
    start: int
    end: int
    new_start: int
    new_end: int
    place: Place


def check_anchors(layout: Layout, source_id: str, path: Path, write: bool = False) -> list[Anchor]:
    """Return where each anchor of a source stands in a copy of its text.

    With `write` the claim file takes over this copy: its digest and length, new positions, missing digests.
    Raises  NotFound for an unknown source or a missing copy, UsageError for a copy that is no UTF-8 text, or if `write`
            would lose an anchor
    """
    file = _claim_file(layout, source_id)
    text = _copy(path)
    root = _root(file, layout)
    same = _held(root, layout.relative(file)) in (None, digest(text))
    anchors = [_anchor(f"{source_id}/{node.value['claim'].value}", node.value, text, same) for node in _anchored(root)]
    if write:
        lost = [a for a in anchors if a.state == "missing"]
        if lost:
            raise UsageError(
                f"{len(lost)} anchors of {source_id} are not in {path.name}, first {lost[0].claim_id}; "
                "nothing was written. Correct them by hand, or use the text that the positions count in"
            )
        _write(file, root, text, anchors)
    return anchors


def _claim_file(layout: Layout, source_id: str) -> Path:
    known = {p.stem: p for p in sorted(layout.claims.glob("*.y*ml"))}
    if source_id not in known:
        raise NotFound.of("source", source_id, known, "data/raw/claims", "Run `datapkg source list`")
    return known[source_id]


def _root(file: Path, layout: Layout) -> dict[str, Node]:
    try:
        root = read_yaml(file, layout.relative(file))
    except Refused as refused:
        raise ConfigError(str(refused.finding)) from refused
    if not isinstance(root.value, dict):
        raise ConfigError(f"{root.place}: expected a mapping at the top of the file")
    return root.value


def _held(root: dict[str, Node], name: str) -> str | None:
    """Return the digest of the text that the positions of a claim file count in."""
    source = root["source"].plain() if "source" in root else None
    text = source.get("text") if isinstance(source, dict) else None
    if not isinstance(source, dict) or not isinstance(text, dict | None):
        raise ConfigError(f"{name}: expected a block 'source' with text: {{sha256: ..., chars: ...}}")
    return (text or {}).get("sha256")


def _copy(path: Path) -> str:
    """Return the normalised text of a copy."""
    try:
        return normalise(path.read_bytes())
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}); save it as plain text in UTF-8") from error


def _anchored(root: dict[str, Node]) -> list[Node]:
    """Return the claims that have a name and a well-formed position; `datapkg check` reports the others."""
    claims = root["claims"].value if "claims" in root else None
    found = []
    for node in claims if isinstance(claims, list) else []:
        at = node.value.get("at") if isinstance(node.value, dict) and "claim" in node.value else None
        pair = at.plain() if at else None
        if isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair):
            found.append(node)
    return found


def _anchor(claim_id: str, given: dict[str, Node], text: str, same: bool) -> Anchor:
    start, end = given["at"].plain()
    place, sha = given["at"].place, given.get("quote_sha256")
    if sha is None or not isinstance(sha.value, str):
        inside = same and 0 <= start < end <= len(text) and holds_enough(text[start:end])
        return Anchor(claim_id, "unproven" if inside else "missing", start, end, start, end, place)
    found = find(text, start, end, sha.value)
    return Anchor(claim_id, found.state, start, end, found.start, found.end, place)


def _write(file: Path, root: dict[str, Node], text: str, anchors: list[Anchor]) -> None:
    """Rewrite positions and digests line by line, so that comments, layout and line ends stay."""
    parts = BREAK.split(file.read_bytes().decode("utf-8"))
    lines, ends = parts[::2], [*parts[1::2], ""]
    for anchor, node in zip(anchors, _anchored(root), strict=True):
        indent = _put(lines, AT, anchor.place, f"at: [{anchor.new_start}, {anchor.new_end}]")
        if anchor.state == "unproven":
            stated = f"quote_sha256: {quote_digest(text[anchor.start : anchor.end])}"
            if "quote_sha256" in node.value:
                _put(lines, SHA, node.value["quote_sha256"].place, stated)
            else:
                lines[anchor.place.line - 1] += f"{ends[0]}{indent.replace('-', ' ')}{stated}"
    source, stated = root["source"], f"text: {{sha256: {digest(text)}, chars: {len(text)}}}"
    row, column = source.place.line - 1, source.place.column - 1
    if "text" in source.value:
        _put(lines, TEXT, source.value["text"].place, stated)
    elif lines[row][:column].strip() or lines[row][column] == "{":
        raise UsageError(
            f"{source.place}: write the fields of 'source' on lines of their own first; nothing was written"
        )
    else:
        lines[row] = f"{lines[row][:column]}{stated}{ends[0]}{lines[row]}"
    file.write_bytes("".join(line + end for line, end in zip(lines, ends, strict=True)).encode())


def _put(lines: list[str], pattern: re.Pattern[str], place: Place, stated: str) -> str:
    """Replace what the pattern finds on the line of a place, and return its indent."""
    line = lines[place.line - 1]
    match = pattern.match(line)
    if not match:
        raise UsageError(f"{place}: write '{stated}' on a line of its own first; nothing was written")
    rest = line[match.end() :]
    lines[place.line - 1] = f"{match['indent']}{stated}{' ' if rest.startswith('#') else ''}{rest}"
    return match["indent"]


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
        anchored = sum(c.common["char_start"] is not None for c in own)
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
    path = layout.claims / f"{source_id}.yaml"
    if path.exists() or path.with_suffix(".yml").exists():
        step = "; give another with --id" if url else ""
        raise UsageError(f"{layout.relative(path)} exists already; a source id is never reused{step}")
    page = same_page(url) if url else None
    for known, file in pages(layout) if page else ():
        if known == page:
            raise UsageError(f"{url} is the page of {layout.relative(file)}; add its claims there")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_template(source_id, url, today, load_specs(layout.schema_files)), encoding="utf-8")
    return path


def _template(source_id: str, url: str | None, today: date, specs: dict[str, Spec]) -> str:
    """Return the text of a new claim file: the source block, one example, and every kind as a comment."""
    kinds = []
    for kind, schema in sorted(kind_schemas(specs).items()):
        fields = ", ".join(f"{e.name}: {_hint(e.name, schema)}" for e in schema.properties.values())
        kinds.append(f"#   {kind}: {{{fields}}}")
    address = f"url: {json.dumps(url, ensure_ascii=False)}\n  retrieved: {today}" if url else "url: null"
    words = {f.name: " | ".join(f.constraints.get("enum", ())) for f in specs["sources"].fields}
    certainty = " | ".join(specs["claims"].field("certainty").constraints["enum"])
    return f"""# yaml-language-server: $schema=../../../schemas/claims/file.json
# Fields and kinds: docs/claims.md. What is not known is left out; what you worked out goes under `inferred`.
source:
  source_id: {source_id}
  title:                # our own label, not the headline
  publisher:
  kind: press           # {words["kind"]}
  tier: secondary       # {words["tier"]}
  language: en          # BCP 47
  published:            # 2024, 2024-01 or 2024-01-26
  {address}
  # With a copy of the text: `datapkg source check {source_id} TEXT --write` adds its digest and those of the quotes.
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
