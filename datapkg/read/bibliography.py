"""Records of CSL-JSON as BibTeX and RIS, which other programs read back as they were.

Source  BibTeX: fields as BibTeX, biber and pandoc read them; addresses are verbatim in all of them. RIS: the tags of
        Reference Manager (TY to ER), one value a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import quote

from datapkg.model import text

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
    "\u2018": r"\textquoteleft{}",  # pandoc would look for its partner, and make both double quotation marks
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
_ROUND = str.maketrans("{}", "()")
_PAIRS = re.compile(r"([-',<>])(?=\1)")
"""What TeX sets as one sign if it stands twice: dashes and quotation marks."""


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
        "note": ", ".join(filter(None, ("Dataset" if record["type"] == "dataset" else "", record.get("note")))),
        "institution": "{" + _tex(record["author"][0]["literal"]) + "}" if record["type"] == "report" else None,
        "publisher": _tex(record.get("publisher", "")),
        "version": _tex(record.get("version", "")),
        "doi": _verbatim(record.get("DOI", "")),
        "url": _verbatim(record.get("URL", "")),
        "urldate": "-".join(f"{part:02}" for part in seen),
        "language": _tex(record.get("language", "")),
    }
    lines = [f"    {name} = {{{value}}}" for name, value in fields.items() if value]
    name = re.sub(r"[^\w.:/+-]", "-", record["id"])
    return f"@{BIBTEX[record['type']]}{{{name},\n" + ",\n".join(lines) + "\n}\n"


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
        ("N1", record.get("note")),
        ("LA", record.get("language")),
        ("DO", record.get("DOI")),
        ("UR", record.get("URL", "").replace(";", "%3B")),  # which would part two addresses
    ]
    return "".join(f"{tag}  - {_line(value)}\n" for tag, value in tags if value) + "ER  - \n"


def _dates(record: Mapping[str, Any], name: str) -> list[int]:
    """Return year, month and day of a date, as far as they are known."""
    parts: list[int] = record.get(name, {}).get("date-parts", [[]])[0]
    return parts


def _line(value: str) -> str:
    """Return a text as one line that hides nothing, so that it begins no further field or record."""
    return text.visible(" ".join(value.split()))


def _tex(value: str) -> str:
    """Return a text on one line, in which no character means anything to TeX, but for the apostrophe that it sets."""
    line = _line(value)
    plain = line if _nested(line) else line.translate(_ROUND)  # BibTeX counts braces, even escaped ones
    return _PAIRS.sub(r"\1{}", "".join(_TEX.get(sign, sign) for sign in plain))


def _nested(line: str) -> bool:
    """Return whether each brace of a text has its partner."""
    depths = list(accumulate({"{": 1, "}": -1}.get(sign, 0) for sign in line))
    return not line or (min(depths) >= 0 and depths[-1] == 0)


def _verbatim(address: str) -> str:
    """Return an address as it is, but for what would end the field or is of no address, which stands as %XX."""
    return re.sub(r'[\s{}\\^"<>`]', lambda found: quote(found[0]), _line(address))
