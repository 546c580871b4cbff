"""Claim files are checked with those near them alone, and nobody can tell the difference."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datapkg import build, near
from datapkg.claims import Around, around
from datapkg.claims.claim import Claim
from datapkg.claims.files import ClaimReader
from datapkg.model import Finding
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import load_specs

BAD = Path(__file__).parents[1] / "bad"
VISIT, RESULTS = "hanbit-visit-2024", "nordlicht-results-2024"
RULES = ("plan-left-open", "share-sum", "position-covers-meeting", "rank-against-shares", "two-numbers", "share-jump")
OTHER = """\
source: {source_id: other, title: Other, publisher: Other, kind: press, tier: primary, language: en, published: 2024-06,
  url: "https://other.example/1"}
claims:
- claim: country
  says: Kestrel is Danish.
  certainty: asserted
  company_country: {company: Kestrel, country: DK}
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(around, "FEW", 0)
    monkeypatch.setattr(around, "user_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The claim files that are read, and not remembered."""
    names: list[str] = []
    read = ClaimReader.file

    def noted(self: ClaimReader, path: Path) -> list[Claim]:
        names.append(path.stem)
        return read(self, path)

    monkeypatch.setattr(ClaimReader, "file", noted)
    return names


def claim_file(root: Path, name: str) -> Path:
    return root / f"data/raw/claims/{name}.yaml"


def told(root: Path, *names: str) -> list[Finding]:
    """Return the findings of some claim files, as `datapkg check` has them."""
    files = {f"data/raw/claims/{name}.yaml" for name in names}
    made = near.assemble(Layout(root), [root / file for file in files])
    return [f for f in build.checked(made, ("claims", "schema", "rules")) if f.place.file in files]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def anew(root: Path, cache: Path, *names: str) -> list[Finding]:
    """Return the same without anything that is remembered."""
    shutil.rmtree(cache, ignore_errors=True)
    return told(root, *names)


def test_only_the_file_is_read_and_what_has_changed(good: Path, opened: list[str]) -> None:
    claim_file(good, "other").write_text(OTHER.replace("Kestrel", "Hanbit Foundry").replace("DK", "KR"))
    assert told(good, VISIT) == []
    assert sorted(set(opened)) == [VISIT, RESULTS, "other"]
    opened.clear()
    assert told(good, VISIT) == []
    assert opened == [VISIT]
    opened.clear()
    edit(claim_file(good, RESULTS), "says: ", "says:  ")
    assert told(good, VISIT, "other") == []
    assert sorted(opened) == sorted([VISIT, RESULTS, "other"])


@pytest.mark.parametrize("rule", RULES)
def test_what_is_told_is_what_is_told_when_all_is_read(good: Path, cache: Path, rule: str) -> None:
    shutil.copytree(BAD / rule / "data", good / "data", dirs_exist_ok=True)
    names = [path.stem for path in sorted((BAD / rule / "data/raw/claims").iterdir())]
    first = {name: told(good, name) for name in names}
    assert list(cache.iterdir())
    assert {name: told(good, name) for name in names} == first
    assert any(first.values())
    assert told(good, *names) == anew(good, cache, *names)


Change = Callable[[Path], object]
CHANGES: dict[str, Change] = {
    "nothing": lambda root: None,
    "a value": lambda root: edit(claim_file(root, VISIT), "industry_hours: 20", "industry_hours: 40"),
    "no value": lambda root: edit(claim_file(root, VISIT), "industry_hours: 20", "industry_hours: many"),
    "a name that nobody knows": lambda root: edit(claim_file(root, VISIT), "[노르트리히트, 한빛", "[Nobody, 한빛"),
    "an event that is none": lambda root: edit(
        claim_file(root, VISIT), "visit: falk-korea-2024-03\n    date", "visit: falk-korea\n    date"
    ),
    "a claim that is corrected": lambda root: edit(claim_file(root, VISIT), "country: DK", "country: SE"),
    "a claim twice": lambda root: edit(claim_file(root, VISIT), "claim: falk-visit-hours", "claim: falk-visit"),
    "a registry": lambda root: edit(root / "data/raw/entities/companies.csv", "Hanbit Foundry", "Hanbit"),
    "a correction": lambda root: edit(root / "data/raw/corrections.yaml", "expect: DK", "expect: SE"),
    "what says evidence is gone": lambda root: edit(
        claim_file(root, RESULTS), "claim: nordlicht-country", "claim: land"
    ),
    "another file that is wrong": lambda root: edit(
        claim_file(root, RESULTS), "certainty: asserted", "certainty: sure"
    ),
    "a file more": lambda root: claim_file(root, "other").write_text(OTHER),
    "a file less": lambda root: claim_file(root, "third").unlink(),
    "a stray file": lambda root: (root / "data/raw/claims/notes.txt").write_text("?"),
    "no YAML": lambda root: claim_file(root, VISIT).write_text("a: [", encoding="utf-8"),
    "the page of another": lambda root: edit(claim_file(root, "third"), "third.example/1", "third.example/2/"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_is_noticed(good: Path, cache: Path, change: Change) -> None:
    text = OTHER.replace("Kestrel", "Hanbit Foundry").replace("DK", "KR")
    for name in ("third", "fourth"):
        own = text.replace("other.example/1", f"{name}.example/1").replace("source_id: other", f"source_id: {name}")
        claim_file(good, name).write_text(
            own if name == "third" else own.replace("fourth.e", "third.e").replace("/1", "/2")
        )
    assert told(good, VISIT) == []
    change(good)
    for names in ((VISIT,), (VISIT, "fourth")):
        made = [near.assemble(Layout(good), [claim_file(good, name) for name in names]) for _ in range(2)]
        shutil.rmtree(cache, ignore_errors=True)
        made.append(near.assemble(Layout(good), [claim_file(good, name) for name in names]))
        assert [m.findings for m in made[:2]] == [made[2].findings] * 2
        assert [m.tables.keys() for m in made[:2]] == [made[2].tables.keys()] * 2


def test_a_person_speaks_for_the_firm_of_an_office_that_another_file_tells_of(good: Path, cache: Path) -> None:
    names = {"said_by: Ida Falk", "said_by: 이다 팔크"}
    said = OTHER.replace("Kestrel is", "Hanbit is").replace("Kestrel", "Hanbit Foundry").replace("DK", "KR")
    claim_file(good, "other").write_text(said.replace("  certainty", f"  {sorted(names)[0]}\n  certainty"))
    voices = []
    for _ in range(2):
        made = near.assemble(Layout(good), [claim_file(good, "other")])
        rows = made.tables["observations.company_countries"].to_pylist()
        voices.append([row["voice"] for row in rows if row["source_id"] == "other"])
    assert voices == [["nordlicht-semi"]] * 2


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"[\n", b"\xff"])
def test_a_cache_that_is_damaged_is_none(good: Path, cache: Path, opened: list[str], damage: bytes) -> None:
    told(good, VISIT)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)
    assert told(good, VISIT) == []
    opened.clear()
    assert told(good, VISIT) == []
    assert opened == [VISIT]


def test_claims_that_are_damaged_are_read_anew(good: Path, cache: Path, opened: list[str]) -> None:
    told(good, VISIT)
    (kept,) = cache.iterdir()
    head = kept.read_bytes().splitlines(keepends=True)[:2]
    kept.write_bytes(b"".join(head))
    opened.clear()
    assert told(good, VISIT) == []
    assert set(opened) == {VISIT, RESULTS}


def test_where_nothing_can_be_kept_all_is_read(good: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write_bytes(b"")  # a file where the folder would be
    assert told(good, VISIT) == told(good, VISIT) == []
    cache.unlink()
    monkeypatch.setattr(around, "FEW", 100)
    assert told(good, VISIT) == []
    assert not cache.exists()


def test_many_changed_files_are_no_reason_to_look_at_each(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(good, VISIT)
    layout = Layout(good)
    assert Around(layout, load_specs(layout.schema_files)).usable
    monkeypatch.setattr(around, "MOST", 0)
    edit(claim_file(good, RESULTS), "says: ", "says:  ")
    assert not Around(layout, load_specs(layout.schema_files)).usable
    assert told(good, VISIT) == []


def test_claims_in_bulk_are_always_read(good: Path, cache: Path, opened: list[str]) -> None:
    told(good, VISIT)
    bulk = good / "data/raw/bulk"
    bulk.mkdir()
    source = {"source_id": "many", "title": "Many", "publisher": "Many", "kind": "press", "tier": "primary",
              "language": "en", "published": "2024-06", "url": "https://many.example/1"}  # fmt: skip
    (bulk / "m.sources.jsonl").write_text(json.dumps(source) + "\n")
    claim = {"source_id": "many", "claim": "one", "says": "It is Korean.", "certainty": "asserted",
             "company_country": {"company": "Hanbit Foundry", "country": "KR"}}  # fmt: skip
    (bulk / "m.jsonl").write_text(json.dumps(claim) + "\n")
    for _ in range(2):
        opened.clear()
        assert told(good, VISIT) == []
        assert set(opened) == {VISIT, RESULTS}


def test_the_languages_of_most_pages_are_those_of_the_list() -> None:
    import pycountry

    from datapkg.claims import codes

    assert all(pycountry.languages.get(alpha_2=language) for language in codes.USUAL)
    assert packaged()


def test_a_map_and_its_claims_count_with_the_registries(good: Path, cache: Path) -> None:
    told(good, VISIT)
    layout, specs = Layout(good), load_specs(packaged().schema_files)
    before = Around(layout, specs).ground
    datasets = good / "data/raw/datasets"
    datasets.mkdir()
    (datasets / "table.yaml").write_text("source: {}\n")
    found = Around(layout, specs)
    assert found.stats["data/raw/datasets/table.yaml"] == []
    assert found.ground != before
    assert not found.usable
