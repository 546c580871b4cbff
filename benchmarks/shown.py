"""What was measured, as a table, as a picture, and where docs/scale.md speaks of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.targets import RESULTS, ROOT

PAGE = ROOT / "docs" / "scale.md"
MARK = re.compile(r"(?:\?|[0-9][0-9.,]*)(<!-- ([a-z_]+)\|([^>]+) -->)")
"""A figure of the page, and behind it the part and the name of what was measured."""
MANY = 1e9
PEAK = "pandas, peak of memory"
Found = Callable[[str, str], float]
DERIVED: Mapping[str, Callable[[Found], float]] = {
    "bytes of a row in pandas": lambda of: (
        (of("loading", f"mean per company of 1,000,000 rows in {PEAK}") - of("loading", f"a small table in {PEAK}"))
        * 2**20
        / 1e6
    ),
    "million rows in pandas at 16 GB": lambda of: 16e9 / DERIVED["bytes of a row in pandas"](of) / 1e6,
    "GB of 10^9 claims in Parquet": lambda of: of("bulk", "bytes of a claim in parquet") * MANY / 1e9,
    "GB of 10^9 claims in JSON Lines": lambda of: of("bulk", "bytes of a claim in jsonl") * MANY / 1e9,
    "files of 10^9 claims": lambda of: of("bulk", "bytes of a claim in parquet") * MANY / 256e6,
    "core hours to read 10^9 claims": lambda of: (
        MANY / of("bulk", "100,000 claims from parquet to observations") / 3600
    ),
    "hours to read 10^9 claims on 64 processors": lambda of: DERIVED["core hours to read 10^9 claims"](of) / 64,
    "GB of 10^9 observations in Parquet": lambda of: _observation(of, "Parquet"),
    "GB of 10^9 observations in memory": lambda of: _observation(of, "memory"),
    "partitions of 10^9 observations": lambda of: _observation(of, "memory") * 1e9 / 128e6,
    "core hours to choose from 10^9 observations": lambda of: (
        of("consolidation", "facts of 100,000 observations, a process") / 100_000 * MANY / 3600
    ),
    "core hours to check 10^9 rows": lambda of: (
        of("peers", "schema check of 1,000,000 rows, a process") / 1e6 * MANY / 3600
    ),
    "core hours of 10^9 claims": lambda of: sum(
        DERIVED[name](of)
        for name in (
            "core hours to read 10^9 claims",
            "core hours to choose from 10^9 observations",
            "core hours to check 10^9 rows",
        )
    ),
}
"""What the page works out of what was measured."""
TABLE, PICTURE = RESULTS.with_name("RESULTS.md"), RESULTS.with_name("RESULTS.svg")
HEAD = """# What was measured

Made by `make bench` from [results.json](results.json). Ratios are of one run on one machine, and hold for others;
seconds do not. A process is measured as a whole, with its start and imports, and the median of five counts.

![What was found as a share of its target](RESULTS.svg)
"""


def table(figures: list[dict[str, Any]]) -> str:
    """Return the figures as Markdown, a table for each part."""
    lines = [HEAD]
    for part, found in groupby(figures, key=lambda figure: figure["part"]):
        rows = list(found)
        run = rows[0]["run"]
        on = run["machine"]
        lines += [f"## {part}", "",
                  f"{run['date']}, commit {run['commit']}, {on['processors']} processors, {on['memory_gib']} GiB, "
                  f"{on['system']}, Python {on['python']}, load {run['load']}.", "",
                  "| what | found | target | |", "|---|---:|---|---|"]  # fmt: skip
        lines += [
            f"| {row['what']} | {row['found']:,g}{row['unit'] and ' ' + row['unit']} | {row.get('target', '')} | "
            f"{'missed' if row.get('missed') else ''} |"
            for row in rows
        ]
        lines.append("")
    return "\n".join(lines)


def share(figure: dict[str, Any]) -> float:
    """Return what was found as a share of the target, so that less than 1 is better than that."""
    word, bound = figure["target"].rsplit(" ", 1)
    most, found = float(bound.replace(",", "")), max(figure["found"], 1e-9)
    return float(found / most if word == "at most" else most / found)


def picture(figures: list[dict[str, Any]], path: Path) -> None:
    """Draw what was found as a share of its target, a bar each; what is beyond the line has missed it."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "datapkg"
    from matplotlib import pyplot

    aimed = [f for f in figures if f.get("target") and not f["target"].endswith(" 0")][::-1]
    plot, axes = pyplot.subplots(figsize=(10, 0.3 * len(aimed) + 1))
    shares = [share(figure) for figure in aimed]
    axes.barh([f"{f['part']}: {f['what']}" for f in aimed], shares,
              color=["#b3452c" if f["missed"] else "#2f6f8f" for f in aimed])  # fmt: skip
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("share of the target that was needed; 1 is the target, less is better")
    axes.set_xscale("log")
    axes.tick_params(axis="y", labelsize=7)
    plot.savefig(path, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(plot)


def _observation(of: Found, where: str) -> float:
    """Return the GB of 10^9 observations."""
    return of("consolidation", f"bytes of one of 100,000 observations in {where}") * MANY / 1e9


def filled(page: str, figures: list[dict[str, Any]]) -> str:
    """Return the page with the figures as they were measured, three digits of each.

    Raises  KeyError for a figure that was not measured
    """
    known = {(figure["part"], figure["what"]): float(figure["found"]) for figure in figures}

    def found(part: str, what: str) -> float:
        return known[part, what]

    def shown(mark: re.Match[str]) -> str:
        _, part, what = mark.groups()
        value = DERIVED[what](found) if part == "derived" else found(part, what)
        return f"{rounded(value)}{mark[1]}"

    return MARK.sub(shown, page)


def rounded(value: float) -> str:
    """Return three digits of a figure."""
    text = float(f"{value:.3g}")
    return f"{text:,.0f}" if text >= 100 else f"{text:,g}"


def write() -> None:
    """Write the table and the picture of all that results.json has, and its figures into the page."""
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    TABLE.write_text(table(figures), encoding="utf-8")
    picture(figures, PICTURE)
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
