"""What a table holds: its columns with units, meanings and examples, or all tables; as text, as HTML, as a frame."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datapkg.model import PREFIX, text
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100
"""Characters of a line of a description."""
EXAMPLES = 3
"""Values of a column that are shown."""
LONGEST = 40
"""Characters of an example; longer ones are cut."""


@dataclass(frozen=True)
class Description:
    """A heading, sentences about it, and rows with a name first and a text last; it prints as text, shows as HTML."""

    title: str
    about: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]]

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a plain pandas frame."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows], columns=list(self.columns))

    def __str__(self) -> str:
        lines = [text.visible(self.title), *(text.visible(line) for line in self.about), ""]
        wide = max((len(row[self.columns[0]]) for row in self.rows), default=0) + 2
        for row in self.rows:
            name, *parts = (text.visible(row[column]) for column in self.columns)
            told = textwrap.wrap("  ".join(filter(None, parts)), WIDTH - wide) or [""]
            lines += [f"{name:{wide}}{told[0]}", *(" " * wide + line for line in told[1:])]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the description as HTML, for notebooks."""
        shown = [html.escape(text.visible(line)) for line in (self.title, *self.about)]
        head = "".join(f"<th>{html.escape(column)}</th>" for column in self.columns)
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return (f"<p><b>{shown[0]}</b><br>{'<br>'.join(shown[1:])}</p>"
                f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")  # fmt: skip

    def _cells(self, row: Mapping[str, str]) -> str:
        return "".join(f"<td style='text-align:left'>{html.escape(text.visible(row[c]))}</td>" for c in self.columns)


def described(store: Store, table: str | None) -> Description:
    """Return what a table holds, the columns of its own before those about the claims behind it; for None, all tables.

    Raises  NotFound for an unknown table
    """
    return _package(store) if table is None else _table(store, table)


def _package(store: Store) -> Description:
    """Return the tables: facts with the number of their observations, then registries and records."""
    facts = set(store.facts())
    rows = []
    for name in sorted((n for n in store.names() if not n.startswith(PREFIX)), key=lambda n: (n not in facts, n)):
        resource = store.resource(name)
        behind = f"{store.resource(PREFIX + name)['rows']} observations" if name in facts else ""
        rows.append({"table": name, "rows": str(resource["rows"]), "from": behind, "meaning": resource["description"]})
    about = f"{store.about['name']} {store.about['version']}, {store.about['licenses'][0]['name']}"
    return Description(store.about["title"], [about], ("table", "rows", "from", "meaning"), rows)


def _table(store: Store, table: str) -> Description:
    resource = store.resource(table)
    key, held = store.key(table), store.read(table)
    fields = sorted(resource["schema"]["fields"], key=lambda field: bool(field.get("bookkeeping")))
    rows = []
    for field in fields:
        values = held.column(field["name"]).drop_null().unique().to_pylist()
        unit = field.get("unit") or ""
        role = "key" if field["name"] in key else "about the claims" if field.get("bookkeeping") else ""
        rows.append({"column": field["name"], "type": field["type"], "unit": unit, "part": role,
                     "meaning": field["description"], "examples": _examples(values)})  # fmt: skip
    about = [resource["description"], f"{resource['rows']} rows, by {', '.join(key)}"]
    if PREFIX + table in store.resources:
        about.append(f"from {store.resource(PREFIX + table)['rows']} observations, in {PREFIX}{table}")
    columns = ("column", "type", "unit", "part", "meaning", "examples")
    return Description(f"{table}: {resource['title']}", about, columns, rows)


def _examples(values: Sequence[Any]) -> str:
    """Return some of the values of a column, spread over those that there are."""
    step = max(1, len(values) // EXAMPLES)
    shown = [str(value).lower() if isinstance(value, bool) else str(value) for value in values[::step][:EXAMPLES]]
    return "e.g. " + ", ".join(textwrap.shorten(s, LONGEST, placeholder="...") for s in shown) if shown else "empty"
