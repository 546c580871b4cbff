"""The numbers of the front page, counted from the newest release: what it holds, and how far it can be relied on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datapkg.model import Layout
from datapkg.read import Store, opened

BEGIN = "<!-- Numbers of the newest release, made by `make docs`; do not edit. -->\n"
END = "<!-- End of the numbers. -->\n"


def front(text: str, release: Path) -> str:
    """Return the front page with the numbers of a release between its marks; as it is if it has none."""
    lines = "".join(f"| {what} | {number} |\n" for what, number in numbers(release))
    told = f"{BEGIN}\n{lines}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: told, text, flags=re.S)


def numbers(release: Path) -> list[tuple[str, str]]:
    """Return what is counted, in words, with the number; first the head of their table."""
    store = opened(Layout(release))
    sources = {row["source_id"]: row for row in store.read("sources").to_pylist()}
    claims = store.read("claims").to_pylist()
    tiers = [sources[row["source_id"]]["tier"] for row in claims]
    years = sorted(row["published"][:4] for row in sources.values())
    facts = store.facts()
    languages = len({row["language"] for row in sources.values()})
    return [
        (f"Release {store.about['version']} of {store.about['created'][:10]}", ""),
        ("---", "---:"),
        (f"sources in {languages} languages, published {years[0]} to {years[-1]}", f"{len(sources):,}"),
        ("claims that they make, each in our own words", f"{len(claims):,}"),
        (f"facts chosen from these, in {len(facts)} tables", f"{sum(_rows(store, name) for name in facts):,}"),
        ("years that the figures are of, forecasts included", " to ".join(_span(store))),
        (
            "claims anchored by digest to the words of their page or the cells of their table",
            _part(_anchored(claims), len(claims)),
        ),
        ("claims of primary sources", _part(tiers.count("primary"), len(tiers))),
        ("claims of weak sources (blogs, copies, forums), marked so", _part(tiers.count("weak"), len(tiers))),
        *_mended(store),
    ]


def _rows(store: Store, name: str) -> int:
    return int(store.resource(name)["rows"])


def _part(some: int, whole: int) -> str:
    return f"{100 * some / whole:.1f} %"


def _anchored(claims: list[dict[str, Any]]) -> int:
    # releases before 0.4.0 have no anchors in tables
    return sum(row["quote_sha256"] is not None or row.get("cell_sha256") is not None for row in claims)


def _span(store: Store) -> tuple[str, str]:
    """Return the first and the last year of the periods that figures are of."""
    days = [
        day
        for name in store.facts()
        if "period_start" in store.columns(name)
        for row in store.read(name, ["period_start", "period_end"]).to_pylist()
        for day in row.values()
    ]
    return str(min(days).year), str(max(days).year)


def _mended(store: Store) -> Iterator[tuple[str, str]]:
    """Yield how many facts of the release before say something else in this one, or are gone: the errors found."""
    import pyarrow.parquet as pq

    changes = pq.read_table(store.layout.root / "changes.parquet")
    before = (changes.schema.metadata or {}).get(b"old_version", b"").decode()
    rows = changes.select(["table", "change", "key", "column"]).to_pylist()
    anew = {row["table"] for row in rows if row["change"] in ("table_added", "key_changed")}
    kept = {name: set(store.values(name)) for name in store.facts() if name not in anew}
    come, gone = ([row for row in rows if row["change"] == kind and row["table"] in kept]
                  for kind in ("row_added", "row_removed"))  # fmt: skip
    other = {
        (row["table"], row["key"])
        for row in rows
        if row["change"] == "cell_changed" and row["column"] in kept.get(row["table"], ())
    }
    many = sum(_rows(store, name) for name in kept) - len(come) + len(gone)
    if before and many:
        wrong = _part(len(other) + len(gone), many)
        yield f"facts of {before} that {store.about['version']} corrected, revised or withdrew", wrong
