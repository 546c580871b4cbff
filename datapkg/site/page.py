"""index.html: what search engines and citation managers read, what is seen without scripts, and the program's place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from datapkg.model import PREFIX, jsontext
from datapkg.read import Store
from datapkg.site.told import FEED, data_path

POLICY = ("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self'; "
          "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'")  # fmt: skip
"""The Content-Security-Policy: nothing from elsewhere, no script or style in the page; SQLite is compiled, in a worker
that the page makes of its own code."""
ROWS, COLUMNS = 3, 6
"""What is shown of a table without scripts."""


def page(store: Store, told: Mapping[str, Any], croissant: bytes | None) -> bytes:
    """Return index.html."""
    title = f"{told['title']} {told['version']}"
    known = jsontext.loads(croissant) if croissant else _dataset(told)
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        *(f'<meta name="{name}" content="{escape(text)}">' for name, text in _citation(told)),
        '<link rel="icon" href="data:,">',
        *([f'<link rel="alternate" type="application/atom+xml" href="{FEED}">'] if told["feeds"] else []),
        '<link rel="stylesheet" href="app.css">',
        '<script defer src="site.js"></script>',
        '<script defer src="app.js"></script>',
        f'<script type="application/ld+json">{_inside_script(known)}</script>',
        "</head>",
        "<body>",
        '<div id="app"></div>',
        f"<noscript><main><h1>{escape(title)}</h1>",
        "<p>The pages need JavaScript. The tables, with their first rows:</p>",
        *_tables(store),
        "</main></noscript>",
        "</body>",
        "</html>",
    ]
    return "\n".join([*lines, ""]).encode()


def _citation(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the tags that citation managers read."""
    yield "description", told["description"]
    yield "citation_title", f"{told['title']}, version {told['version']}"
    yield "citation_publication_date", str(told["created"] or told["last_day"] or "")
    yield "DC.type", "Dataset"
    for license in told.get("licenses", []):
        yield "DC.rights", license["name"]


def _dataset(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the working build as a data set of schema.org; a release brings its own description, in Croissant."""
    parts = {"name": told["name"], "description": told["description"], "version": told["version"]}
    license = next((license.get("path") for license in told.get("licenses", [])), None)
    return {"@context": "https://schema.org/", "@type": "Dataset", **parts, "license": license}


def _inside_script(value: Any) -> str:
    """Return JSON that cannot end the script element around it."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _tables(store: Store) -> Iterator[str]:
    """Yield the tables for those who see the page without scripts."""
    for name in store.names():
        if name.startswith(PREFIX):
            continue
        resource = store.resource(name)
        columns = store.columns(name)[:COLUMNS]
        yield f"<h2>{escape(resource['title'])}</h2><p>{escape(resource['description'])} {resource['rows']} rows: "
        yield f'<a href="{escape(data_path(name))}" download>{escape(data_path(name))}</a></p>'
        yield f"<table><tr>{''.join(f'<th>{escape(column)}' for column in columns)}"
        for row in store.read(name, columns).slice(0, ROWS).to_pylist():
            cells = ("" if value is None else str(value) for value in row.values())
            yield f"<tr>{''.join(f'<td>{escape(cell)}' for cell in cells)}"
        yield "</table>"
