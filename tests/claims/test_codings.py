"""How far coders agree: Krippendorff's alpha as published, and cells as a repository keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_quality import FILES

from datapkg.claims.codings import agreement, alpha, disagreement
from datapkg.claims.quality import quality
from datapkg.model.errors import ConfigError
from datapkg.model.layout import Layout
from datapkg.pages.quality import quality_page

OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
"""Four observers and twelve units. Source  Krippendorff 2011, section C: 40 values can be paired, alpha is 0.743."""
CELLS = """draw,source_id,claim,field,first,second,third
1,weekly,a,period,2031,2031,2031
1,weekly,a,market,dram,dram,nand
1,weekly,b,period,2031-Q1,2031,
1,weekly,b,market,nand,nand,
1,monthly,c,qualifier,-,about,about
"""


def test_alpha_is_the_published_one() -> None:
    units = [[value for value in unit if value != "."] for unit in zip(*OBSERVERS, strict=True)]
    assert disagreement(units)[2] == 40
    assert alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_nothing_but_one_value_is_not_defined() -> None:
    assert alpha([["a", "a"], ["a", "a", "a"]]) is None
    assert alpha([["a"], ["b"]]) is None, "nothing can be paired"
    assert alpha() is None


def test_chance_is_counted_within_a_field() -> None:
    fields = [["a", "a"], ["a", "b"]], [["x", "x"], ["x", "y"]]
    assert alpha(*fields) == alpha(fields[0]) == alpha(fields[1]) == 0.0
    assert alpha([*fields[0], *fields[1]]) == pytest.approx(1 - 4 / (64 - 9 - 9 - 1 - 1) * 7), (
        "values of others make it look better"
    )


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=3), min_size=2, max_size=12), st.randoms())
def test_alpha_knows_no_order(units: list[list[str]], chance: object) -> None:
    turned = [list(reversed(unit)) for unit in reversed(units)]
    assert alpha(turned) == pytest.approx(alpha(units))
    reached = alpha(units)
    assert reached is None or reached <= 1
    assert (reached == 1) == (
        len({value for unit in units for value in unit}) > 1 and all(len(set(u)) == 1 for u in units)
    )


@pytest.fixture
def coded(tmp_path: Path) -> Layout:
    """A repository with nothing but a second and a third coding."""
    layout = Layout(tmp_path)
    layout.quality.mkdir(parents=True)
    for name, text in {**FILES, "codings.csv": CELLS}.items():
        (layout.quality / name).write_text(text)
    return layout


def test_pairs_are_counted_for_all_for_two_and_by_field(coded: Layout) -> None:
    found = quality(coded)
    assert found is not None
    reached = found["agreement"]
    assert (reached["cells"], reached["pairs"], reached["agree"]) == (5, 11, round(6 / 11, 5))
    assert [(two["coders"], two["pairs"], two["agree"]) for two in reached["coders"]] == [
        (["first", "second"], 5, 0.6),
        (["first", "third"], 3, 0.33333),
        (["second", "third"], 3, 0.66667),
    ]
    assert [(f["field"], f["cells"], f["pairs"]) for f in reached["fields"]] == [
        ("market", 2, 4), ("period", 2, 4), ("qualifier", 1, 3)
    ]  # fmt: skip
    assert reached["fields"][1]["alpha"] == round(1 - 2 / ((25 - 16 - 1) / 4), 5)


def test_nothing_to_pair_is_said_as_nothing() -> None:
    row = {"field": "period", "first": "2031", "second": "", "third": ""}
    assert agreement([row])["agree"] is None
    assert agreement([row])["fields"] == [{"field": "period", "cells": 1, "pairs": 0, "agree": None, "alpha": None}]


def test_the_page_shows_agreement_where_the_cells_were_kept(coded: Layout) -> None:
    page = quality_page(coded)["docs/quality.md"]
    assert "has all 5 cells" in page
    assert "| first and third | 3 | 33.33 % |" in page
    assert "| `qualifier` | 1 | 3 | 33.33 % | 0.000 |" in page
    (coded.quality / "codings.csv").unlink()
    assert "How far coders agree" not in quality_page(coded)["docs/quality.md"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("draw,source_id,claim", "draw,source,claim",
         "data/raw/quality/codings.csv:1: expected the columns draw,source_id,claim,field,first,second,third; found d"),
        ("1,monthly,c", "1,gone,c",
         "data/raw/quality/codings.csv: qualifier of c of gone: no source that sources.csv says was compared"),
        ("nand,nand,\n", ",,\n", "data/raw/quality/codings.csv: market of b of weekly: nobody coded it"),
        ("1,monthly,c", "one,monthly,c", "data/raw/quality/codings.csv:6: draw: expected a whole number, found 'one'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_cells_is_said(coded: Layout, old: str, new: str, message: str) -> None:
    assert old in CELLS
    (coded.quality / "codings.csv").write_text(CELLS.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        quality(coded)
    assert str(caught.value).startswith(message)
