"""README.md of a release: a Hugging Face dataset card, so that `load_dataset(FOLDER, TABLE)` works on any copy.

Source  https://huggingface.co/docs/hub/datasets-manual-configuration
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from datapkg.model import PREFIX, text
from datapkg.package.record import Release, TableFile
from datapkg.package.text import as_yaml

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_NOTES = {
    "collection": "How they were collected",
    "preprocessing": "How they were worked up",
    "uses": "What they are for",
    "limitations": "Limits",
    "biases": "Biases",
    "personal": "People in the data",
    "maintenance": "Upkeep",
}
"""The notes of package.yaml and their headings."""

_LOAD = """\
## Load

From this folder, with any of:

```python
import pandas as pd;                     pd.read_parquet("{path}", dtype_backend="pyarrow")
import polars as pl;                     pl.read_parquet("{path}")
import duckdb;                           duckdb.sql("FROM '{path}'")
import pyarrow.parquet as pq;            pq.read_table("{path}")
import datasets, os;                     datasets.load_dataset(os.getcwd(), "{name}", split="train")
import datapkg;                          datapkg.load("{name}", version="{version}")
```

`csv/` holds the same tables as text (UTF-8, an empty cell is a missing value):

```python
pd.read_csv("{csv}", keep_default_na=False, na_values=[""])
```

`datapackage.json` (Data Package 2.0) and `croissant.json` describe every column, key and unit; `frictionless validate
csv/datapackage.json` checks all rows against it.
"""

_VERIFY = """\
## Verify

`sha256sum -c --strict SHA256SUMS` compares every file{signed}. VERIFY.md has the other checks; none of them needs our
code.
"""


def card(release: Release) -> bytes:
    """Return README.md: front matter with one configuration per table, then what a person wants to know."""
    about = release.about
    parts = [
        f"---\n{as_yaml(_front(release))}---\n",
        f"# {text.markdown(about['title'])}\n",
        f"{text.prose(about['description'])}\n",
        f"Version {release.version}, {release.created}.{_history(release)}\n",
        _tables(release),
        _notes(release),
        _loading(release),
        _citing(release),
        f"## Licence\n\n{_licence(release.license)}\n",
        _VERIFY.format(signed=", and the list is signed" if release.signature else ""),
    ]
    return "\n".join(part for part in parts if part).encode()


def _front(release: Release) -> dict[str, Any]:
    """Return the front matter; a table without rows has no configuration, since `datasets` cannot load one."""
    rows = sum(table.rows for table in release.files)
    first = _example(release)
    configs = [
        {"config_name": table.spec.name} | ({"default": True} if table is first else {}) | {"data_files": table.path}
        for table in release.files
        if table.rows
    ]
    return {
        "license": release.license["name"].lower(),
        "pretty_name": release.about["title"],
        "tags": list(release.about["keywords"]),
        "size_categories": [next((name for limit, name in _SIZES if rows < limit), "n>1M")],
        "configs": configs,
    }


def _example(release: Release) -> TableFile:
    """Return the table that the card shows: the longest fact table that has figures, else the longest table."""
    figures = [table for table in release.files if table.spec.role == "fact" and table.rows
               and any(field.unit for field in table.spec.values)]  # fmt: skip
    return max(figures or release.files, key=lambda table: table.rows)


def _history(release: Release) -> str:
    return f" Changes since {release.previous} are in CHANGES.md." if release.previous else " The first release."


def _tables(release: Release) -> str:
    """Return the list of tables; observations stand in the line of their table."""
    behind = {table.spec.name.removeprefix(PREFIX): table.rows for table in release.files
              if table.spec.name.startswith(PREFIX)}  # fmt: skip
    lines = ["## Tables", "", "| table | one row is | rows | observations |", "|---|---|---:|---:|"]
    for table in release.files:
        spec = table.spec
        if not spec.name.startswith(PREFIX):
            claims = behind.get(spec.name, "")
            lines.append(f"| [{spec.name}]({table.path}) | {text.cell(spec.description)} | {table.rows} | {claims} |")
    lines += [
        "",
        "A row of a table follows from all claims about its key; `data/observations/` has what each single claim says.",
        "`claims` and `sources` lead from a `claim_id` to the place in the article.",
        "",
    ]
    return "\n".join(lines)


def _licence(said: Mapping[str, str]) -> str:
    """Return a licence as a link; what is no address of the web is no link."""
    name, path = text.markdown(said.get("title", said["name"])), said["path"]
    return f"[{name}]({path})" if re.fullmatch(r"https?://[^\s()<>]+", path) else f"{name}, {text.code(path)}"


def _notes(release: Release) -> str:
    notes = release.about.get("notes") or {}
    return "\n".join(f"## {title}\n\n{text.prose(notes[name])}\n" for name, title in _NOTES.items() if notes.get(name))


def _loading(release: Release) -> str:
    table = _example(release)
    return _LOAD.format(path=table.path, csv=table.csv_path, name=table.spec.name, version=release.version)


def _citing(release: Release) -> str:
    parts = ["## Cite\n", f"{text.markdown(release.reference)}\n" if release.reference else ""]
    if release.bibtex:
        parts.append(f"{text.fenced(release.bibtex.strip(), 'bibtex')}\n")
    parts.append("CITATION.cff and datacite.json hold the same for programs. Cite the articles behind your rows too.\n")
    return "\n".join(part for part in parts if part)
