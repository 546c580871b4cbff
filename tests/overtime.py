"""A package of invented shares over time: two firms, two voices, with gaps, hedges, forecasts and two currencies."""

from __future__ import annotations

import shutil
from pathlib import Path

from datapkg import build
from datapkg.model.layout import Layout

GOOD = Path(__file__).parent / "good"
SOURCE = """\
source:
  source_id: {name}
  title: Notes on the market
  publisher: {publisher}
  kind: report
  tier: secondary
  language: en
  published: {published}
  url: null
  retrieved: null
  text: {{sha256: "{sha}", chars: 1000}}
claims:
"""
CLAIM = """\
- claim: claim-{number}
  says: Invented claim {number}.
  at: [{number}0, {number}9]
  quote_sha256: "{sha}"
  certainty: asserted
  {kind}: {{{fields}}}
"""
KESTREL = [
    "market_share company: Nordlicht, period: 2024-Q1, share_pct: 30",
    "market_share company: Nordlicht, period: 2024-Q2, share_pct: 34, qualifier: up_to",
    "market_share company: Nordlicht, period: 2024-Q4, share_pct: 32",
    "market_share company: Nordlicht, period: 2025-Q1, share_pct: 35, forecast: true",
    "market_share company: Nordlicht, period: 2024, share_pct: 31",
    "market_share company: 한빛파운드리, period: 2024-Q1, share_pct: 20",
    "market_share company: 한빛파운드리, period: 2024-Q3, share_pct: 21",
    "company_metric company: Nordlicht, metric: revenue, period: 2024-Q1, amount: 100, currency: EUR",
    "company_metric company: Nordlicht, metric: revenue, period: 2024-Q2, amount: 110, currency: USD",
]
LUMEN = [
    "market_share company: Nordlicht, period: 2024-Q3, share_pct: 39",
    "market_share company: 한빛파운드리, period: 2024-H1, share_pct: 20",
    "market_share company: 한빛파운드리, period: 2024-H2, share_pct: 22",
]


def page(name: str, publisher: str, published: str, claims: list[str]) -> str:
    """Return a claim file; a claim is its kind and its fields, all in the market for AI accelerators."""
    text = SOURCE.format(name=name, publisher=publisher, published=published, sha="a" * 64)
    for number, claim in enumerate(claims, 1):
        kind, _, fields = claim.partition(" ")
        fields += ", market: AI accelerators" if kind == "market_share" else ""
        text += CLAIM.format(number=number, kind=kind, fields=fields, sha=f"{number:064x}")
    return text


def invented(root: Path) -> Layout:
    """Build the invented repository with these shares instead of its own in a folder."""
    shutil.copytree(GOOD, root)
    for file in (root / "data/raw/claims").glob("*.yaml"):
        blocks = file.read_text("utf-8").split("\n- claim: ")
        file.write_text("\n- claim: ".join(b for b in blocks if "  market_share:" not in b) + "\n", "utf-8")
    for name, publisher, day, claims in (("kestrel-notes-2025", "Kestrel Research", "2025-01-20", KESTREL),
                                         ("lumen-notes-2025", "Lumen Telecom", "2025-01-21", LUMEN)):  # fmt: skip
        (root / f"data/raw/claims/{name}.yaml").write_text(page(name, publisher, day, claims), "utf-8")
    layout = Layout(root)
    made = build.assemble(layout)
    for path, held in build.render(made, layout).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(held)
    return layout
