"""A kind of claim that datapkg does not know, added to a repository outside it by one schema file and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import datapkg
from datapkg import build
from datapkg.api import Data
from datapkg.model import Layout, packaged

PATENTS = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "title": "Patent counts",
    "description": "How many patents a company was granted by an office. One row per company, office and period.",
    "role": "fact",
    "claim": {"kind": "patent_count"},
    "fields": [
        {"name": "company_id", "type": "string", "title": "Company", "description": "Who was granted them.",
         "constraints": {"required": True}},
        {"name": "office", "type": "string", "title": "Office", "description": "The patent office.",
         "constraints": {"required": True, "enum": ["USPTO", "EPO", "KIPO", "JPO", "CNIPA"]}},
        {"name": "period", "type": "string", "title": "Period", "description": "When they were granted.", "edtf": True,
         "constraints": {"required": True, "pattern": "[0-9]{4}(-(Q[1-4]|H[12]|[0-9]{2}))?"}},
        {"name": "period_start", "type": "date", "title": "First day", "description": "First day of the period.",
         "derived": True, "constraints": {"required": True}},
        {"name": "period_end", "type": "date", "title": "Last day", "description": "Last day of the period.",
         "derived": True, "constraints": {"required": True}},
        {"name": "count", "type": "integer", "title": "Patents", "description": "Patents granted.", "unit": "patents",
         "constraints": {"required": True, "minimum": 0}},
    ],
    "primaryKey": ["company_id", "office", "period"],
    "foreignKeys": [
        {"fields": ["company_id"], "reference": {"resource": "companies", "fields": ["company_id"]}},
    ],
}  # fmt: skip
CLAIMS = """source:
  source_id: patent-gazette-2032
  title: Patents of the year
  publisher: Patent Gazette
  kind: reference
  tier: secondary
  language: en
  published: 2032-01-05
  url: https://gazette.example/2032
claims:
- claim: nordlicht-epo
  says: The EPO granted Nordlicht 41 patents in 2031.
  certainty: asserted
  patent_count: {company: Nordlicht Semi, office: EPO, period: 2031, count: 41}
"""


@pytest.fixture
def own(good: Path) -> Layout:
    """A repository of claims whose only schema is that of its own table."""
    schema = json.loads(json.dumps(PATENTS))
    shares = json.loads((packaged().schemas / "market_shares.json").read_text("utf-8"))
    schema["fields"] += [field for field in shares["fields"] if field.get("bookkeeping") or field["name"] == "claim_id"]
    (good / "schemas").mkdir()
    (good / "schemas" / "patent_counts.json").write_text(json.dumps(schema), encoding="utf-8")
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
