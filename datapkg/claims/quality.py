"""How often claims are wrong: what a second coding of drawn sources found, counted, with bounds.

The files are kept by hand in `data/raw/quality/`: how it was done, the draw, the cells compared, and every difference.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from math import sqrt
from random import Random
from typing import Any

from datapkg.claims.codings import CODERS, CODINGS, agreement
from datapkg.claims.yaml import Refused, read_text, read_yaml
from datapkg.model import ConfigError, Layout, did_you_mean

PROTOCOL = "protocol.yaml"
TABLES = {
    "sources.csv": ("draw", "source_id", "seen", "claims"),
    "fields.csv": ("source_id", "field", "cells"),
    "differences.csv": ("source_id", "kind", "field", "many", "what", "settled"),
}
"""The columns of each file beside the protocol."""
CELLS = "codings.csv"
"""The cells as each coder wrote them, in their own file beside these; a repository may be without it."""
NUMBERS = {"draw", "claims", "cells", "many"}
WORDS = {"seen": ("whole", "part", "no"), "kind": ("wrong", "unmarked", "missed", "false", "slip")}
BAD = ("wrong", "unmarked")
"""A cell is wrong by its value, or because it was worked out and is not marked as inferred; it is counted once."""
_KEYS = ("protocol", "draws", "bootstrap", "not_measured")
_NORMAL = 1.959963984540054
"""The 97.5th percentile of the normal distribution: what lies beyond a bound is 2.5 % likely on that side."""
Row = dict[str, Any]


def quality(layout: Layout) -> dict[str, Any] | None:
    """Return what the second coding of a repository says about its claims, None if there is none.

    Units   shares of 1; intervals of 95 %, by Wilson's score and by a bootstrap that draws whole sources
    Raises  ConfigError for files of another form, or that do not go together
    Source  Wilson 1927, doi 10.1080/01621459.1927.10502953; Efron and Tibshirani 1993, chapter 13 (percentiles)
    """
    if not layout.quality.is_dir():
        return None
    protocol = _protocol(layout)
    drawn, fields, differences = (_table(layout, *table) for table in TABLES.items())
    claims, cells = _sums([row for row in drawn if row["seen"] != "no"], "claims"), _sums(fields, "cells")
    _together(layout, claims, fields, differences)
    values, missed, false = (_sums(_of(differences, kind), "many") for kind in ("wrong", "missed", "false"))

    def share(part: Counter[str], whole: Counter[str]) -> dict[str, Any]:
        return _share([(part[name], whole[name]) for name in claims], **protocol["bootstrap"])

    return {
        "protocol": protocol["protocol"],
        "draws": [_draw(entry, drawn) for entry in protocol["draws"]],
        "claims": claims.total(),
        "cells": share(_sums(_of(differences, *BAD), "many"), cells),
        "values": share(values, cells),
        "fields": _fields(fields, differences),
        "missed": share(missed, claims + missed),
        "missed_per_source": round(missed.total() / len(claims), 2),
        "false": share(false, claims),
        "agreement": _agreement(layout, claims),
        "differences": differences,
        "bootstrap": protocol["bootstrap"],
        "not_measured": protocol["not_measured"],
    }


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the bounds of Wilson's 95 % interval of a share."""
    share, squared = part / whole, _NORMAL**2
    middle = share + squared / (2 * whole)
    reach = _NORMAL * sqrt(share * (1 - share) / whole + squared / (4 * whole**2))
    low, high = ((middle + sign * reach) / (1 + squared / whole) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def bootstrap(pairs: Sequence[tuple[int, int]], seed: int, samples: int) -> tuple[float, float]:
    """Return the 2.5th and the 97.5th percentile of a share, of (part, whole) of sources drawn with replacement."""
    draw, shares = Random(seed), []
    for _ in range(samples):
        chosen = draw.choices(pairs, k=len(pairs))
        shares.append(sum(part for part, _ in chosen) / sum(whole for _, whole in chosen))
    shares.sort()
    return shares[int(0.025 * samples)], shares[int(0.975 * samples)]


def _share(pairs: Sequence[tuple[int, int]], seed: int, samples: int) -> dict[str, Any]:
    """Return a share with its intervals; `bound` is the greater upper end: a bootstrap of nothing wrong gives 0."""
    part, whole = (sum(column) for column in zip(*pairs, strict=True))
    intervals = {"wilson": wilson(part, whole), "bootstrap": bootstrap(pairs, seed, samples)}
    rounded = {name: [round(end, 5) for end in ends] for name, ends in intervals.items()}
    bound = max(ends[1] for ends in rounded.values())
    return {"many": part, "of": whole, "share": round(part / whole, 5), **rounded, "bound": bound}


def _agreement(layout: Layout, claims: Counter[str]) -> Row | None:
    """Return how far coders agree on the cells of compared sources, None if their cells were not kept."""
    if not (layout.quality / CELLS).exists():
        return None
    rows = _table(layout, CELLS, CODINGS)
    name = layout.relative(layout.quality / CELLS)
    for row in rows:
        cell = f"{name}: {row['field']} of {row['claim']} of {row['source_id']}"
        if row["source_id"] not in claims:
            raise ConfigError(f"{cell}: no source that sources.csv says was compared")
        if not any(row[coder] for coder in CODERS):
            raise ConfigError(f"{cell}: nobody coded it")
    return agreement(rows)


def _of(differences: list[Row], *kinds: str) -> list[Row]:
    return [row for row in differences if row["kind"] in kinds]


def _sums(rows: list[Row], column: str, by: str = "source_id") -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row[by]] += row[column]
    return sums


def _fields(fields: list[Row], differences: list[Row]) -> list[Row]:
    """Return, per field, how many cells were compared, wrong in value, and not marked, the most compared first."""
    wrong, unmarked = (_sums(_of(differences, kind), "many", "field") for kind in BAD)
    return [{"field": name, "cells": many, "wrong": wrong[name], "unmarked": unmarked[name]}
            for name, many in sorted(_sums(fields, "cells", "field").items(), key=lambda f: (-f[1], f[0]))]  # fmt: skip


def _draw(entry: Row, drawn: list[Row]) -> Row:
    """Return a draw with how many of its pages were compared whole, in part, or not at all."""
    seen = Counter(row["seen"] for row in drawn if row["draw"] == entry["draw"])
    return {**entry, "sources": seen.total(), **{word: seen[word] for word in WORDS["seen"]}}


def _protocol(layout: Layout) -> Row:
    path = layout.quality / PROTOCOL
    name = layout.relative(path)
    try:
        found = read_yaml(path, name).plain()
    except Refused as refused:
        raise ConfigError(str(refused.finding)) from refused
    if not isinstance(found, dict) or sorted(found) != sorted(_KEYS):
        has = ", ".join(found) if isinstance(found, dict) else "no fields"
        raise ConfigError(f"{name}: expected {', '.join(_KEYS)}; found {has}")
    return found


def _table(layout: Layout, file: str, columns: Sequence[str]) -> list[Row]:
    """Return the rows of one file, numbers as numbers."""
    path = layout.quality / file
    name = layout.relative(path)
    try:
        table = csv.reader(io.StringIO(read_text(path, name), newline=""))
    except Refused as refused:
        raise ConfigError(str(refused.finding)) from refused
    header = tuple(next(table, ()))
    if header != tuple(columns):
        raise ConfigError(f"{name}:1: expected the columns {','.join(columns)}; found {','.join(header) or 'nothing'}")
    rows = []
    for cells in table:
        place = f"{name}:{table.line_num}"
        if len(cells) != len(columns):
            raise ConfigError(f"{place}: expected {len(columns)} cells, found {len(cells)}")
        rows.append({column: _cell(column, cell, place) for column, cell in zip(columns, cells, strict=True)})
    return rows


def _cell(column: str, cell: str, place: str) -> str | int:
    """Return a cell, as a number if its column holds numbers.

    Raises  ConfigError if it is none, or not one of the column's words
    """
    if column in NUMBERS:
        if not (cell.isascii() and cell.isdigit()):
            raise ConfigError(f"{place}: {column}: expected a whole number, found '{cell}'")
        return int(cell)
    if column in WORDS and cell not in WORDS[column]:
        near = did_you_mean(cell, WORDS[column]) or f"; expected {', '.join(WORDS[column])}"
        raise ConfigError(f"{place}: {column}: '{cell}'{near}")
    return cell


def _together(layout: Layout, claims: Counter[str], fields: list[Row], differences: list[Row]) -> None:
    """Refuse what cannot be counted: a source without claims or cells, one not compared, more wrong than all cells."""
    cells = {(row["source_id"], row["field"]): row["cells"] for row in fields}
    if not claims:
        raise ConfigError(f"{layout.relative(layout.quality / 'sources.csv')}: no source was compared")
    for file, sums in (("sources.csv", claims), ("fields.csv", _sums(fields, "cells"))):
        for name in claims:
            if not sums[name]:
                what = TABLES[file][-1]
                raise ConfigError(f"{layout.relative(layout.quality / file)}: '{name}' was compared and has no {what}")
    for file, rows in (("fields.csv", fields), ("differences.csv", differences)):
        for row in rows:
            if row["source_id"] not in claims:
                near = did_you_mean(row["source_id"], claims)
                told = f"'{row['source_id']}' is no source that sources.csv says was compared{near}"
                raise ConfigError(f"{layout.relative(layout.quality / file)}: {told}")
    bad: Counter[tuple[str, str]] = Counter()
    for row in _of(differences, *BAD):
        bad[row["source_id"], row["field"]] += row["many"]
    for (source, field), wrong in bad.items():
        many = cells.get((source, field), 0)
        if wrong > many:
            told = f"{wrong} cells of {field} of {source} are wrong, and fields.csv has {many}"
            raise ConfigError(f"{layout.relative(layout.quality / 'differences.csv')}: {told}")
