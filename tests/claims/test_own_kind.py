"""A kind of claim that datapkg does not know, added to a repository by the schema file of docs/own.md alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import datapkg
from datapkg import build
from datapkg.api import Data
from datapkg.model import Layout

PAGE = (Path(__file__).parents[2] / "docs/own.md").read_text(encoding="utf-8")
SCHEMA, CLAIMS = (PAGE.split(f"```{language}\n")[1].split("```")[0] for language in ("json", "yaml"))


@pytest.fixture
def own(good: Path) -> Layout:
    """A repository of claims whose only schema is that of its own table."""
    (good / "schemas").mkdir()
    (good / "schemas/patent_counts.json").write_text(SCHEMA, encoding="utf-8")
    (good / "data/raw/claims/patent-gazette-2032.yaml").write_text(CLAIMS, encoding="utf-8")
    return Layout(good)


def test_one_schema_file_makes_a_table_that_is_built_checked_loaded_and_traced(own: Layout) -> None:
    build.build(own)
    data = Data(own)
    counts = data.load("patent_counts")
    assert counts[["company_id", "office", "period", "count"]].to_numpy().tolist() == [
        ["nordlicht-semi", "EPO", "2031", 41]
    ]
    assert counts.attrs["units"] == {"count": "patents"}
    traced = data.trace("patent_counts", counts.iloc[0])
    assert traced["says"].tolist() == ["The EPO granted Nordlicht 41 patents in 2031."]
    assert "market_shares" in set(data.tables()["name"])


def test_what_is_wrong_with_such_a_claim_is_told_like_any_other(own: Layout) -> None:
    path = own.claims / "patent-gazette-2032.yaml"
    path.write_text(CLAIMS.replace("office: EPO", "office: EPA"), encoding="utf-8")
    with pytest.raises(datapkg.CheckFailed) as caught:
        build.build(own)
    (finding,) = caught.value.findings
    assert finding.message == "office: 'EPA' is not in the vocabulary; did you mean 'EPO'?"
    assert (finding.place.file, finding.place.line) == ("data/raw/claims/patent-gazette-2032.yaml", 14)
