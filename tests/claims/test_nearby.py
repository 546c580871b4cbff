"""What is near the claims of one file: everything that a check of that file may have to compare them with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from datapkg import build, near
from datapkg.claims import nearby
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import PREFIX, load_specs

BAD = Path(__file__).parents[1] / "bad"
ACROSS = ("plan-left-open", "share-sum", "position-covers-meeting", "rank-against-shares")
"""Rules that compare facts of several tables or claims; each costs seconds, and all others were tried by hand."""


def test_what_shares_an_entry_or_an_event_is_near_and_registries_are_whole() -> None:
    def row(claim: str, **more: str | None) -> dict[str, str | None]:
        return {"claim_id": claim, "source_id": claim.split("/")[0], **more}

    rows = {
        PREFIX + "market_shares": [
            row("a/1", company_id="tern", market_id="foundry"),
            row("b/1", company_id="hanbit", market_id="foundry"),
            row("b/2", company_id="hanbit", market_id="memory"),
        ],
        PREFIX + "plans": [row("a/2", plan_id="merger", company_id=None, fulfilled_by="deals/tern-kestrel")],
        PREFIX + "deals": [row("c/1", deal_id="tern-kestrel"), row("c/2", deal_id="other")],
        PREFIX + "statements": [row("a/3"), row("c/3")],
        "companies": [{"company_id": "hanbit"}],
    }
    near = nearby(rows, load_specs(packaged().schemas), {"a/1", "a/2", "a/3"})
    assert {table: [r.get("claim_id") for r in found] for table, found in near.items()} == {
        PREFIX + "market_shares": ["a/1", "b/1"],
        PREFIX + "plans": ["a/2"],
        PREFIX + "deals": ["c/1"],
        PREFIX + "statements": ["a/3"],
        "companies": [None],
    }


@pytest.mark.parametrize("rule", ACROSS)
def test_a_file_alone_is_told_what_it_is_told_among_all(good: Path, rule: str) -> None:
    shutil.copytree(BAD / rule / "data", good / "data", dirs_exist_ok=True)
    layout = Layout(good)
    whole = build.checked(build.assemble(layout), ("schema", "rules"))
    for file in sorted((BAD / rule / "data/raw/claims").iterdir()):
        name = f"data/raw/claims/{file.name}"
        alone = build.checked(near.assemble(layout, [good / name]), ("schema", "rules"))
        assert [f for f in alone if f.place.file == name] == [f for f in whole if f.place.file == name]
