"""Records of CSL-JSON as BibTeX and RIS, which other programs read back as they were.

Source  BibTeX: fields as BibTeX, biber and pandoc read them; addresses are verbatim in all of them. RIS: the tags of
        Reference Manager (TY to ER), one value a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

BIBTEX = {
    "article-newspaper": "article",
    "article": "misc",
    "report": "techreport",
    "webpage": "misc",
    "dataset": "misc",
}
RIS = {"article-newspaper": "NEWS", "article": "GEN", "report": "RPRT", "webpage": "ELEC", "dataset": "DATA"}
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\`{}",
    "{": "(",  # BibTeX counts braces, even escaped ones
    "}": ")",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}
_VERBATIM = {"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"}


def bibtex(records: Sequence[Mapping[str, Any]]) -> str:
    """Return BibTeX entries; days and addresses as far as they are known."""
    return "\n".join(_entry(record) for record in records)


def _entry(record: Mapping[str, Any]) -> str:
    issued, seen = _dates(record, "issued"), _dates(record, "accessed")
    author = " and ".join("{" + _tex(a["literal"]) + "}" for a in record["author"])
    fields = {
        "author": author,
        "title": "{" + _tex(record["title"]) + "}",  # braces keep capitals
        **dict(zip(("year", "month", "day"), issued, strict=False)),
        "journal": _tex(record.get("container-title", "")) if record["type"] == "article-newspaper" else None,
        "note": "Dataset" if record["type"] == "dataset" else None,
        "institution": "{" + _tex(record["author"][0]["literal"]) + "}" if record["type"] == "report" else None,
        "publisher": _tex(record.get("publisher", "")),
        "version": _tex(record.get("version", "")),
        "doi": _verbatim(record.get("DOI", "")),
        "url": _verbatim(record.get("URL", "")),
        "urldate": "-".join(f"{part:02}" for part in seen),
        "language": record.get("language"),
    }
    lines = [f"    {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{BIBTEX[record['type']]}{{{record['id']},\n" + ",\n".join(lines) + "\n}\n"


def ris(records: Sequence[Mapping[str, Any]]) -> str:
    """Return RIS, a record for each; a comma would part a person's names there, so that organisations lose theirs."""
    return "\n".join(_record(record) for record in records)


def _record(record: Mapping[str, Any]) -> str:
    issued, seen = _dates(record, "issued"), _dates(record, "accessed")
    tags = [
        ("TY", RIS[record["type"]]),
        ("ID", record["id"]),
        *(("AU", author["literal"].replace(",", "")) for author in record["author"]),
        ("TI", record["title"]),
        ("T2", record.get("container-title")),
        ("PY", "".join(str(part) for part in issued[:1])),
        ("DA", "/".join(f"{part:02}" for part in issued)),
        ("Y2", "/".join(f"{part:02}" for part in seen)),
        ("ET", record.get("version")),
        ("PB", record.get("publisher")),
        ("LA", record.get("language")),
        ("DO", record.get("DOI")),
        ("UR", record.get("URL")),
    ]
    return "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in tags if value) + "ER  - \n"


def _dates(record: Mapping[str, Any], name: str) -> list[int]:
    """Return year, month and day of a date, as far as they are known."""
    parts: list[int] = record.get(name, {}).get("date-parts", [[]])[0]
    return parts


def _tex(text: str) -> str:
    """Return a text on one line, in which no character means anything to TeX, but for the apostrophe that it sets."""
    plain = "".join(_TEX.get(sign, sign) for sign in " ".join(text.split()))
    return re.sub(r"-(?=-)", "-{}", plain)  # two hyphens in a row are a dash


def _verbatim(address: str) -> str:
    """Return an address as it is, but for what would end the field."""
    return re.sub(r"[{}\\ ]", lambda m: _VERBATIM[m[0]], address)
