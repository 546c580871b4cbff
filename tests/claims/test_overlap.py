"""What the sources cover, which of them say the same, and the pages made of the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from datapkg import build
from datapkg.claims import overlap, sources
from datapkg.cli import main as cli
from datapkg.model.errors import CheckFailed, NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.pages import pages
from tests.repositories import TODAY

PRESS, LETTER = "nordlicht-results-2024", "hanbit-visit-2024"


def copied(good: Path, *, url: str = "https://elsewhere.example/2") -> Layout:
    """Return the invented repository with a copy of one of its sources."""
    text = (good / f"data/raw/claims/{PRESS}.yaml").read_text(encoding="utf-8")
    text = text.replace(f"source_id: {PRESS}", "source_id: copy").replace("https://nordlicht.example/results-2023", url)
    (good / "data/raw/claims/copy.yaml").write_text(text, encoding="utf-8")
    return Layout(good)


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("year", {"year": "2024", "sources": 2, "claims": 38}),
        ("market", {"market": "ai-accelerators", "sources": 2, "claims": 6}),
        ("language", {"language": "en", "sources": 1, "claims": 19}),
        ("tier", {"tier": "primary", "sources": 1, "claims": 19}),
    ],
)
def test_sources_and_claims_are_counted(good: Path, by: str, first: dict[str, object]) -> None:
    found = overlap.counted(Layout(good), by)
    assert set(found[0]) == {by, "sources", "claims"}
    assert found[0].keys() == first.keys()
    assert sum(row["claims"] for row in found) <= 60
    assert found[0][by] == first[by]
    assert sum(row["sources"] for row in found) == 2 if by != "market" else found


def test_another_way_to_count_is_refused(good: Path) -> None:
    with pytest.raises(NotFound, match=r"^no way to count sources 'years' in datapkg; did you mean 'year'\?"):
        overlap.counted(Layout(good), "years")


def test_a_copy_is_pointed_out_and_two_articles_are_not(good: Path) -> None:
    assert overlap.duplicates(Layout(good)) == []
    (pair,) = overlap.duplicates(copied(good))
    assert (pair["source"], pair["other"]) == ("copy", PRESS)
    assert pair["shared"] == pair["of"] > overlap.LEAST


def test_one_page_is_one_source_whatever_it_says(good: Path) -> None:
    layout = copied(good, url="http://www.nordlicht.example/results-2023/?utm_source=mail")
    path = good / "data/raw/claims/copy.yaml"
    head = path.read_text(encoding="utf-8").partition("- claim: nordlicht-country")[0]
    path.write_text(head, encoding="utf-8")
    (pair,) = overlap.duplicates(layout)
    assert (pair["source"], pair["other"], pair["shared"]) == ("copy", PRESS, 1)


def test_files_that_cannot_be_read_are_reported(good: Path) -> None:
    (good / "data/raw/claims/broken.yaml").write_text("source: [\n")
    with pytest.raises(CheckFailed):
        overlap.duplicates(Layout(good))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.example.org/a/", "http://example.org/a"),
        ("https://m.example.org/a?id=7&utm_source=x", "https://example.org/a?id=7"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
    ],
)
def test_two_addresses_of_one_page(one: str, other: str) -> None:
    assert overlap.same_page(one) == overlap.same_page(other)


def test_pages_that_differ() -> None:
    assert overlap.same_page("https://example.org/a?id=7") != overlap.same_page("https://example.org/a?id=8")


def test_a_page_that_is_curated_is_not_begun_again(good: Path) -> None:
    message = r"results-2023/ is the page of data/raw/claims/nordlicht-results-2024\.yaml; add its claims there$"
    with pytest.raises(UsageError, match=message):
        sources.new_source(Layout(good), "http://www.nordlicht.example/results-2023/", TODAY)


def test_the_command_lists_coverage_and_duplicates(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["source", "list", "--by", "language", "--root", str(good)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["language", "sources", "claims"]
    assert cli.main(["source", "list", "--duplicates", "--root", str(good)]) == 0
    assert capsys.readouterr().out == "no source says largely what another says\n"
    copied(good)
    assert cli.main(["source", "list", "--duplicates", "--json", "--root", str(good)]) == 0
    assert '"source": "copy"' in capsys.readouterr().out
    assert cli.main(["source", "list", "--duplicates", "--by", "year", "--root", str(good)]) == 2
    assert "ask for one" in capsys.readouterr().err


def test_one_file_alone_is_checked_with_what_is_acknowledged(good: Path) -> None:
    shutil.copy(Path(__file__).parents[1] / "bad/share-jump/data/raw/claims/weekly.yaml", good / "data/raw/claims")
    layout, file = Layout(good), good / "data/raw/claims/weekly.yaml"
    assert [f.rule for f in build.checked(build.assemble(layout, file), ("rules",))] == ["share-jump"]
    entry = "- {rule: %s, claim: %s, because: so it is, by: tests, date: 2031-06-01}\n"
    layout.acknowledged.write_text(
        "findings:\n"
        + entry % ("share-jump", "weekly/second")
        + entry % ("share-sum", "weekly/first")
        + entry % ("share-sum", f"{PRESS}/nordlicht-country")
    )
    assert build.checked(build.assemble(layout, file), ("rules",)) == []
    found = build.checked(build.assemble(layout), ("rules",))
    assert [f.rule for f in found] == ["acknowledged-nothing", "acknowledged-nothing"]


def test_one_reason_may_stand_for_several_claims_about_a_fact(good: Path) -> None:
    shutil.copy(Path(__file__).parents[1] / "bad/share-jump/data/raw/claims/weekly.yaml", good / "data/raw/claims")
    layout = Layout(good)
    entry = "- {rule: share-jump, claim: weekly/%s, because: %s, by: tests, date: 2031-06-01}\n"
    layout.acknowledged.write_text("findings:\n" + entry % ("second", "a new plant") + entry % ("first", "a new plant"))
    assert build.checked(build.assemble(layout), ("rules",)) == []
    layout.acknowledged.write_text("findings:\n" + entry % ("second", "a new plant") + entry % ("first", "a guess"))
    assert [f.rule for f in build.checked(build.assemble(layout), ("rules",))] == ["acknowledged-nothing"]


# Pages


def test_the_pages_say_what_disagrees_and_what_is_missing(built: Path) -> None:
    made = pages.pages(build.stored(Layout(built)))
    assert set(made) == {"docs/conflicts.md", "docs/coverage.md"}
    conflicts, coverage = made["docs/conflicts.md"], made["docs/coverage.md"]
    assert "## market_shares" in conflicts
    assert "| nordlicht-semi, ai-accelerators, 2023 | share_pct | 42, [" in conflicts
    assert "(../data/raw/claims/hanbit-visit-2024.yaml)" in conflicts
    assert "## Corrections" in conflicts
    assert "Oddities that a [rule](checks.md) finds and a curator has looked at.\n\nNone.\n" in conflicts
    assert "claims of 2 sources, published from 2024-02-15 to 2024" in coverage
    assert "| primary | 1 |" in coverage
    assert "Another 1 markets have fewer than 5 figures each." in coverage or "| ai-accelerators |" in coverage
    assert "market shares rest on one voice" in coverage


def test_a_repository_that_is_not_built_has_no_pages(good: Path) -> None:
    assert pages.pages(build.stored(Layout(good))) == {}


def test_a_table_that_only_its_schema_knows_yet_holds_the_pages_back(built: Path) -> None:
    made = build.stored(Layout(built))
    del made.tables["observations.product_costs"]
    assert pages.pages(made) == {}
