"""The page about how often the claims are wrong, from what a second coding of drawn sources found."""

from __future__ import annotations

from typing import Any

from datapkg.claims import quality
from datapkg.model import Layout
from datapkg.pages.markdown import Markdown, claim_file, grid

NOTE = "<!-- Made by `make docs` from data/raw/quality; do not edit. -->\n"
_KINDS = {
    "wrong": "## Cells with a wrong value",
    "unmarked": "## Cells that were worked out and not marked so",
    "slip": "## Slips of pages, which both coders wrote down",
    "false": "## Claims that the page does not make",
    "missed": "## What pages say and no claim does",
}


def quality_page(layout: Layout) -> dict[str, str]:
    """Return the page by its path from the root; none without a second coding."""
    found = quality(layout)
    return {"docs/quality.md": _page(found)} if found else {}


def _page(found: dict[str, Any]) -> str:
    compared = sum(draw["whole"] + draw["part"] for draw in found["draws"])
    drawn = sum(draw["sources"] for draw in found["draws"])
    parts = [
        NOTE,
        f"# How often is it wrong?\n\nOf {drawn} drawn pages {compared} were coded a second time; "
        f"{found['claims']} claims were compared.\n\n",
        grid(("", "many", "of", "share", "Wilson, 95 %", "bootstrap over sources, 95 %", "at most"), _shares(found)),
        f"\nOf a page {found['missed_per_source']} claims are missed on average. \"At most\" is the greater upper end "
        "of the two intervals; a release whose wrong cells have a greater one than before is refused, unless "
        "somebody acknowledges it ([releasing](releasing.md)). Each release has these numbers in "
        "`validation/quality.json`.\n",
        f"\n## How it was done\n\n{found['protocol']}\n\n",
        grid(("draw", "on", "from", "seed", "drawn", "compared whole", "in part", "not found"), _draws(found)),
        "\n## What is not measured\n\n",
        *(f"- {text}\n" for text in found["not_measured"]),
        *_agreement(found["agreement"]),
        "\n## By field\n\n",
        grid(("field", "cells", "wrong values", "not marked", "right"), _fields(found)),
        *(_differences(found, kind, title) for kind, title in _KINDS.items()),
    ]  # fmt: skip
    return "".join(parts)


def _shares(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = {
        "cells": "wrong cells",
        "values": "of them wrong values",
        "missed": "missed claims",
        "false": "false claims",
    }
    return [
        (
            title,
            found[name]["many"],
            found[name]["of"],
            percent(found[name]["share"]),
            *(" to ".join(map(percent, found[name][interval])) for interval in ("wilson", "bootstrap")),
            percent(found[name]["bound"]),
        )
        for name, title in names.items()
    ]


def _draws(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    columns = ("draw", "on", "population", "seed", "sources", "whole", "part", "no")
    return [tuple("not recorded" if draw[c] is None else draw[c] for c in columns) for draw in found["draws"]]


def _fields(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            Markdown(f"`{f['field']}`"),
            f["cells"],
            f["wrong"],
            f["unmarked"],
            percent(1 - (f["wrong"] + f["unmarked"]) / f["cells"]),
        )
        for f in found["fields"]
    ]


def _agreement(found: dict[str, Any] | None) -> list[str]:
    """Return what the page says of coders who did not see each other, nothing if their cells were not kept."""
    if found is None:
        return []
    sums = [("all", found), *((" and ".join(two["coders"]), two) for two in found["coders"])]
    return [
        "\n## How far coders agree\n\nCells that at least two coders wrote, by Krippendorff's alpha: 1 is agreement in "
        "all of them, 0 what chance would bring. Two values are the same or they are not, and chance is counted within "
        "each field. What one coder left out in a claim that both have counts as a value. "
        "`data/raw/quality/codings.csv` has "
        f"all {found['cells']} cells.\n\n",
        grid(("coders", "pairs", "agreement", "alpha"), [(name, *_reached(of)) for name, of in sums]),
        "\n",
        grid(
            ("field", "cells", "pairs", "agreement", "alpha"),
            [(Markdown(f"`{f['field']}`"), f["cells"], *_reached(f)) for f in found["fields"]],
        ),
    ]


def _reached(found: dict[str, Any]) -> tuple[Any, ...]:
    """Return pairs, agreement and alpha as a page shows them; alpha is not defined where only one value was given."""
    agree, alpha = found["agree"], found["alpha"]
    return found["pairs"], "" if agree is None else percent(agree), "" if alpha is None else f"{alpha:.3f}"


def _differences(found: dict[str, Any], kind: str, title: str) -> str:
    rows = [d for d in found["differences"] if d["kind"] == kind]
    head = ("source", "field", "many", "what", "settled")
    lines = [(claim_file(d["source_id"]), d["field"], d["many"], d["what"], d["settled"]) for d in rows]
    return f"\n{title}\n\n{grid(head, lines)}"


def percent(share: float) -> str:
    """Return a share of 1 as percent, with two digits after the point."""
    return f"{100 * share:.2f} %"
