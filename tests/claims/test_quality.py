"""A second coding of drawn sources: counted with bounds, read strictly, and said in the documents as it was found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from datapkg.claims.quality import bootstrap, quality, wilson
from datapkg.claims.strays import strays
from datapkg.model.errors import ConfigError
from datapkg.model.layout import Layout
from datapkg.pages.quality import quality_page

ROOT = Path(__file__).parents[2]
FILES = {
    "protocol.yaml": "protocol: Coded twice.\n"
    "draws:\n- {draw: 1, on: 2031-05, population: All., seed: 7}\n"
    "- {draw: 2, on: 2031-06, population: All., seed: null}\n"
    "bootstrap: {seed: 1, samples: 400}\nnot_measured: [There was no third coder.]\n",
    "sources.csv": "draw,source_id,seen,claims\n1,weekly,whole,4\n1,monthly,whole,6\n1,gone,no,0\n2,daily,part,2\n",
    "fields.csv": "source_id,field,cells\nweekly,share_pct,4\nweekly,period,4\nmonthly,period,6\ndaily,rank,2\n",
    "differences.csv": "source_id,kind,field,many,what,settled\n"
    "weekly,wrong,share_pct,2,two hedges were lost,corrected\n"
    "weekly,unmarked,period,1,a year was worked out,marked as inferred\n"
    "monthly,missed,,3,three ranks,added\n"
    "daily,false,,1,no such sentence,withdrawn\n"
    "daily,slip,rank,1,the page says 2 for 3,corrections.yaml\n",
}


@pytest.fixture
def coded(tmp_path: Path) -> Layout:
    """A repository with nothing but a second coding."""
    layout = Layout(tmp_path)
    layout.quality.mkdir(parents=True)
    for name, text in FILES.items():
        (layout.quality / name).write_text(text)
    return layout


def test_a_repository_without_a_second_coding_says_nothing(tmp_path: Path) -> None:
    assert quality(Layout(tmp_path)) is None
    assert quality_page(Layout(tmp_path)) == {}


def test_cells_claims_and_draws_are_counted(coded: Layout) -> None:
    found = quality(coded)
    assert found is not None
    assert found["claims"] == 12
    assert {name: (found[name]["many"], found[name]["of"]) for name in ("cells", "values", "missed", "false")} == {
        "cells": (3, 16),
        "values": (2, 16),
        "missed": (3, 15),
        "false": (1, 12),
    }
    assert found["missed_per_source"] == 1.0
    assert found["fields"] == [
        {"field": "period", "cells": 10, "wrong": 0, "unmarked": 1},
        {"field": "share_pct", "cells": 4, "wrong": 2, "unmarked": 0},
        {"field": "rank", "cells": 2, "wrong": 0, "unmarked": 0},
    ]
    drawn = [(draw["draw"], draw["sources"], draw["whole"], draw["part"], draw["no"]) for draw in found["draws"]]
    assert drawn == [(1, 3, 2, 0, 1), (2, 1, 0, 1, 0)]
    assert found["not_measured"] == ["There was no third coder."]
    assert [row["what"] for row in found["differences"]][-1] == "the page says 2 for 3"


def test_the_bound_is_the_greater_of_two(coded: Layout) -> None:
    found = quality(coded)
    assert found is not None
    assert found["missed"]["bootstrap"] == [0.0, 0.33333], "all of it in one of three sources"
    assert found["missed"]["bound"] == found["missed"]["wilson"][1] == 0.45185
    many = FILES["sources.csv"] + "".join(f"1,page-{n},whole,90\n" for n in range(6))
    (coded.quality / "sources.csv").write_text(many)
    more = "".join(f"page-{n},period,1\n" for n in range(6))
    (coded.quality / "fields.csv").write_text(FILES["fields.csv"] + more)
    clustered = quality(coded)
    assert clustered is not None
    assert clustered["missed"]["bound"] == clustered["missed"]["bootstrap"][1] > clustered["missed"]["wilson"][1]
    (coded.quality / "differences.csv").write_text(re.sub("wrong|unmarked", "slip", FILES["differences.csv"]))
    right = quality(coded)
    assert right is not None
    assert right["cells"]["bootstrap"] == [0.0, 0.0]
    assert right["cells"]["bound"] == right["cells"]["wilson"][1] == 0.14865


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 29, 0.0, 0.1170),
        (1, 29, 0.0061, 0.1718),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (5, 5, 0.5655, 1),
    ],
)
def test_wilson_gives_the_published_intervals(part: int, whole: int, low: float, high: float) -> None:
    """Source  Newcombe 1998, Statistics in Medicine 17, pages 857 to 872, table I, method 3."""
    assert wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


def test_a_bootstrap_of_whole_sources_is_wider_where_errors_stand_together() -> None:
    apart, together = [(1, 10)] * 10 + [(0, 10)] * 10, [(10, 10)] + [(0, 10)] * 19
    assert bootstrap(apart, 3, 2000) == bootstrap(apart, 3, 2000)
    low, high = bootstrap(apart, 3, 2000)
    assert (low, high) == pytest.approx((0.03, 0.07), abs=0.005), (
        "within 1.96 standard errors of the mean of 20 sources"
    )
    assert bootstrap(together, 3, 2000)[1] > 0.12
    assert bootstrap([(2, 8)], 3, 50) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("protocol.yaml", "not_measured", "unmeasured",
         "data/raw/quality/protocol.yaml: expected protocol, draws, bootstrap, not_measured; found protocol, draws, "
         "bootstrap, unmeasured"),
        ("protocol.yaml", FILES["protocol.yaml"], "- draw\n",
         "data/raw/quality/protocol.yaml: expected protocol, draws, bootstrap, not_measured; found no fields"),
        ("protocol.yaml", "draws:", "draws: [", "data/raw/quality/protocol.yaml:3: not YAML"),
        ("sources.csv", "draw,", "round,",
         "data/raw/quality/sources.csv:1: expected the columns draw,source_id,seen,claims; found round,source_id"),
        ("sources.csv", ",whole,6", ",hole,6", "data/raw/quality/sources.csv:3: seen: 'hole'; did you mean 'whole'?"),
        ("sources.csv", ",whole,6", ",6", "data/raw/quality/sources.csv:3: expected 4 cells, found 3"),
        ("fields.csv", "share_pct,4", "share_pct,four",
         "data/raw/quality/fields.csv:2: cells: expected a whole number, found 'four'"),
        ("fields.csv", "weekly,period", "weakly,period",
         "data/raw/quality/fields.csv: 'weakly' is no source that sources.csv says was compared; did you mean 'week"),
        ("fields.csv", "daily,rank,2\n", "", "data/raw/quality/fields.csv: 'daily' was compared and has no cells"),
        ("sources.csv", "weekly,whole,4", "weekly,whole,0",
         "data/raw/quality/sources.csv: 'weekly' was compared and has no claims"),
        ("sources.csv", FILES["sources.csv"], "draw,source_id,seen,claims\n1,gone,no,0\n",
         "data/raw/quality/sources.csv: no source was compared"),
        ("differences.csv", "monthly,missed", "gone,missed",
         "data/raw/quality/differences.csv: 'gone' is no source that sources.csv says was compared"),
        ("differences.csv", "share_pct,2", "share_pct,5",
         "data/raw/quality/differences.csv: 5 cells of share_pct of weekly are wrong, and fields.csv has 4"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_files_is_said(coded: Layout, file: str, old: str, new: str, message: str) -> None:
    text = FILES[file]
    assert old in text
    (coded.quality / file).write_text(text.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        quality(coded)
    assert str(caught.value).startswith(message)


def test_a_file_that_is_missing(coded: Layout) -> None:
    (coded.quality / "fields.csv").unlink()
    with pytest.raises(ConfigError, match=r"data/raw/quality/fields.csv: cannot be read: No such file"):
        quality(coded)


def test_the_files_are_no_strays_and_others_are(coded: Layout) -> None:
    (coded.quality / "notes.csv").write_text("")
    assert [path.name for path, _ in strays(coded, {})] == ["notes.csv"]


def test_the_page_shows_shares_with_intervals_and_what_is_not_measured(coded: Layout) -> None:
    page = quality_page(coded)["docs/quality.md"]
    assert "Of 4 drawn pages 3 were coded a second time; 12 claims were compared." in page
    assert "| wrong cells | 3 | 16 | 18.75 % | 6.59 % to 43.01 % | 0.00 % to 37.50 % | 43.01 % |" in page
    assert "| of them wrong values | 2 | 16 | 12.50 % | 3.50 % to 36.02 % | 0.00 % to 25.00 % | 36.02 % |" in page
    assert "| `period` | 10 | 0 | 1 | 90.00 % |" in page
    assert (
        "| [weekly](../data/raw/claims/weekly.yaml) | period | 1 | a year was worked out | marked as inferred |" in page
    )
    assert "| 2 | 2031-06 | All. | not recorded | 1 | 0 | 1 | 0 |" in page
    assert "- There was no third coder." in page
    assert "| `share_pct` | 4 | 2 | 0 | 50.00 % |" in page
    assert "| [weekly](../data/raw/claims/weekly.yaml) | share_pct | 2 | two hedges were lost | corrected |" in page


# What the documents of this repository say


@pytest.mark.parametrize("document", ["README.md", "docs/curating.md", "docs/curating.ko.md"])
def test_the_documents_give_the_numbers_that_were_measured(document: str) -> None:
    found = quality(Layout(ROOT))
    assert found is not None
    text = (ROOT / document).read_text(encoding="utf-8")
    cells, compared = found["cells"], sum(draw["whole"] + draw["part"] for draw in found["draws"])
    values = found["values"]
    for number in (f"{compared}", f"{cells['of']:,}", f"{cells['many']}", f"{100 * cells['bound']:.2f} %",
                   f"{values['many']}", f"{100 * values['bound']:.2f} %",
                   f"{100 * found['missed']['share']:.1f} %"):  # fmt: skip
        assert number in text, f"{document} does not say {number}"
    assert "Hardly a figure" not in text


def test_what_was_compared_are_sources_with_claims() -> None:
    found = quality(Layout(ROOT))
    assert found is not None
    names = {row["source_id"] for row in found["differences"]}
    assert [name for name in sorted(names) if not (ROOT / f"data/raw/claims/{name}.yaml").is_file()] == []
