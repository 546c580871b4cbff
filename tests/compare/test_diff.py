"""A diff as people look at it: a short text, a table in a notebook, a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packages import field, package, table

from datapkg.compare.diff import Diff
from datapkg.compare.packages import compare
from datapkg.model.errors import NotFound

FIELDS = [
    field("company_id", required=True),
    field("share_pct", "number"),
    field("note"),
    {**field("claim_count", "integer"), "bookkeeping": True},
    {**field("claim_id", required=True), "bookkeeping": True},
]


def made(folder: Path, version: str, shares: dict[str, Any], names: tuple[str, ...] = ("a",)) -> Path:
    """A package with shares by company, each with a note and a count of claims, and companies by their ids."""
    rows = [
        {"company_id": company, "share_pct": pct, "note": note, "claim_count": many, "claim_id": "s/c"}
        for company, (pct, note, many) in shares.items()
    ]
    companies = table("company_id", [field("company_id"), field("name")], [{"company_id": n, "name": n} for n in names])
    return package(folder, {"shares": table("company_id", FIELDS, rows), "companies": companies}, version=version)


@pytest.fixture
def diff(tmp_path: Path) -> Diff:
    old = {"a": (10.0, "x", 1), "b": (50.0, "x", 1), "c": (80.0, "x", 1), "d": (1.0, "x", 1)}
    new = {"a": (11.0, "x", 2), "b": (25.0, "y", 2), "c": (80.5, "x", 2), "e": (1.0, "x", 1)}
    before = made(tmp_path / "old", "0.1.0", old)
    return compare(before, made(tmp_path / "new", "0.2.0", new, ("a", "<b>")), tmp_path)


def test_its_text_is_short_and_names_what_changed_most_first(diff: Diff) -> None:
    assert str(diff).splitlines() == [
        "tiny: 0.1.0 -> 0.2.0, needs a minor version",
        "  shares: 1 row added, 1 row withdrawn, 3 rows changed (share_pct 3, note 1, claim_count 3)",
        "  companies: 1 row added",
    ]


def test_values_come_before_what_is_about_claims_and_large_changes_first(diff: Diff) -> None:
    frame = diff.to_frame("shares")
    assert list(frame.columns[:6]) == ["table", "change", "key", "column", "old_value", "new_value"]
    cells = frame[frame["change"] == "cell_changed"]
    assert list(zip(cells["key"].str[-1], cells["column"], strict=True)) == [
        *(("b", "share_pct"), ("a", "share_pct"), ("c", "share_pct"), ("b", "note")),
        *(("a", "claim_count"), ("b", "claim_count"), ("c", "claim_count")),
    ]
    assert list(frame["change"][4:6]) == ["row_added", "row_removed"]
    assert [row["key"] for row in diff.rows(diff.changed[1], "cell_changed", 2)] == ["company_id=b", "company_id=a"]


def test_all_tables_make_one_frame_and_an_unknown_one_is_named(diff: Diff) -> None:
    assert list(diff.to_frame()["table"].drop_duplicates()) == ["shares", "companies"]
    assert len(diff.to_frame()) == len(diff.to_frame("shares")) + 1
    with pytest.raises(NotFound, match=r"no table 'share' in the two packages; did you mean 'shares'\?"):
        diff.to_frame("share")


def test_a_notebook_shows_the_numbers(diff: Diff) -> None:
    shown = diff._repr_html_()
    assert shown.startswith("<table><caption>tiny: 0.1.0 -&gt; 0.2.0, needs a minor version</caption>")
    assert "<td>shares</td><td>4</td><td>4</td><td>1</td><td>1</td><td>3</td><td>4</td>" in shown
    assert shown.index("<td>shares</td>") < shown.index("<td>companies</td>")


def test_the_same_packages_and_many_tables(tmp_path: Path) -> None:
    one = made(tmp_path / "one", "0.1.0", {"a": (1.0, "x", 1)})
    same = compare(one, made(tmp_path / "two", "0.1.1", {"a": (1.0, "x", 1)}), tmp_path)
    assert str(same) == "tiny: 0.1.0 -> 0.1.1, no changes"
    assert same.to_frame().empty
    many = {f"t{number:02}": table("id", [field("id")], [{"id": "x"}]) for number in range(14)}
    grown = compare(one, package(tmp_path / "many", many, version="0.2.0"), tmp_path)
    assert str(grown).splitlines()[-1] == "  and 4 more tables; to_frame(table) has every change"
    assert "  t00: table added with 1 row" in str(grown).splitlines()
