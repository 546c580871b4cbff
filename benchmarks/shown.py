"""What was measured, as a table and as a picture."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.targets import RESULTS

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
                  f"{on['system']}, Python {on['python']}.", "",
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


def write() -> None:
    """Write the table and the picture of all that results.json has."""
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    TABLE.write_text(table(figures), encoding="utf-8")
    picture(figures, PICTURE)
