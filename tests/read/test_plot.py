"""Pictures of series: what is drawn for a gap, a forecast, a hedge, another voice, and words in Korean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager, pyplot
from matplotlib.axes import Axes
from overtime import invented
from runs import Run

import datapkg
from datapkg.api import Data
from datapkg.model.errors import MissingExtra, NotFound, UsageError
from datapkg.read.overtime import picture
from datapkg.read.series import Wanted

BOTH = {"market": "AI 가속기", "company": ["한빛파운드리", "Nordlicht"]}
WORDS = "AI 가속기한빛파운드리노르트리히트케스트렐루멘텔레콤 "


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(invented(tmp_path_factory.mktemp("plot") / "good"))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Pictures go nowhere, and are closed again."""
    mpl.use("agg")
    yield
    pyplot.close("all")


@pytest.fixture
def font(tmp_path: Path) -> Path:
    """A font file with a box for each letter of WORDS."""
    letters = sorted({ord(letter) for letter in WORDS})
    names = [f"u{letter:04X}" for letter in letters]
    pen = TTGlyphPen(None)
    for number, point in enumerate([(0, 0), (0, 700), (600, 700), (600, 0)]):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap(dict(zip(letters, names, strict=True)))
    builder.setupGlyf(dict.fromkeys([".notdef", *names], pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (700, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Invented Hangul", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "hangul.ttf")
    return tmp_path / "hangul.ttf"


def drawn(data: Data, freq: str = "Q", **more: Any) -> Axes:
    return picture(data, "market_shares", Wanted(BOTH, freq=freq), **more)


@pytest.fixture(scope="module")
def axes(data: Data) -> Axes:
    """The picture of both firms; shared by all tests, so never drawn on."""
    mpl.use("agg")
    return drawn(data)


def heights(axes: Axes, number: int) -> list[float | None]:
    """What a line of the picture has at its places, None for a gap."""
    return [None if math.isnan(y) else float(y) for y in axes.get_lines()[number].get_ydata()]


def labelled(axes: Axes) -> dict[str, list[float | None]]:
    lines = axes.get_lines()
    return {str(line.get_label()): heights(axes, n) for n, line in enumerate(lines) if str(line.get_label())[0] != "_"}


def test_a_line_for_each_company_in_the_order_asked_for_and_a_gap_for_a_gap(axes: Axes) -> None:
    assert labelled(axes) == {"Hanbit Foundry": [20, None, 21], "Nordlicht Semi": [30, 34, None, 32]}
    assert list(labelled(axes)) == ["Hanbit Foundry", "Nordlicht Semi"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Hanbit Foundry", "Nordlicht Semi"]


def test_it_says_what_it_shows_who_says_so_and_where_it_is_from(axes: Axes) -> None:
    assert axes.get_title() == "Market shares: AI accelerators, unspecified"
    assert axes.get_ylabel() == "Share, %"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == [
        "2024-Q1",
        "2024-Q2",
        "2024-Q3",
        "2024-Q4",
        "2025-Q1",
    ]
    assert axes.figure.get_supxlabel() == "Kestrel Research; invented-chips 1.2.3, CC-BY-4.0"


def test_forecasts_are_dashed_from_the_last_figure_that_has_come(axes: Axes) -> None:
    (dashed,) = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert list(map(float, dashed.get_ydata())) == [32, 35]


def test_a_hedge_is_a_bar_or_an_arrow(axes: Axes) -> None:
    (arrow,) = axes.containers
    assert float(arrow.lines[0].get_ydata()[0]) == 34
    assert arrow.lines[2][0].get_segments()[0][:, 1].max() == 34
    assert arrow.lines[2][0].get_segments()[0][:, 1].min() < 34


def test_other_voices_are_thin_and_named(axes: Axes) -> None:
    thin = [list(map(float, line.get_ydata())) for line in axes.get_lines() if line.get_linewidth() < 1]
    assert [39.0] in thin
    assert [text.get_text() for text in axes.texts] == ["Lumen Telecom"]


def test_they_leave_when_one_voice_is_asked_for(data: Data) -> None:
    assert not drawn(Data(data.layout, voice="Kestrel Research")).texts


def test_nothing_to_draw_is_told(data: Data) -> None:
    with pytest.raises(NotFound, match=r"^10 rows fit, and none is a point by M: 7 by Q, 2 by H, 1 by Y$"):
        drawn(data, freq="M")
    with pytest.raises(NotFound, match=r"^no language 'kr' in datapkg\. Languages are en, ko$"):
        drawn(data, language="kr")


def test_korean_names_are_drawn_with_a_font_that_has_them(data: Data, font: Path) -> None:
    axes = drawn(data, language="ko", font=str(font))
    assert list(labelled(axes)) == ["한빛파운드리", "노르트리히트"]
    assert axes.get_title() == "Market shares: AI 가속기, unspecified"
    axes.figure.savefig(font.with_suffix(".png"))  # a letter that no font has is a warning, and so an error here
    assert "Invented Hangul" in axes.title.get_fontfamily()


def test_where_no_font_has_hangul_that_is_said(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    latin = [entry for entry in font_manager.fontManager.ttflist if entry.name.startswith(("DejaVu", "Last Resort"))]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    told = Data(data.layout, voice="Kestrel Research")
    with pytest.raises(UsageError) as caught:
        drawn(told, language="ko")
    assert str(caught.value) == (
        "no font here has Hangul, so that Korean names would be empty boxes; install one, such as Noto Sans CJK KR "
        "(fonts-noto-cjk) or NanumGothic (fonts-nanum), or name a file with font="
    )
    with pytest.raises(UsageError, match=r"^no font 'Gothick' here, and no file of that name; name one, such as Noto"):
        drawn(told, font="Gothick")


def test_without_matplotlib_the_extra_is_named(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(
        MissingExtra, match=r"^drawing series needs matplotlib: pip install 'semiconductor-datapkg\[plot\]'$"
    ):
        drawn(data)


def test_the_function_and_the_command(data: Data, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data.layout.root)
    axes = datapkg.plot("market_shares", market="AI accelerators", company="Nordlicht", freq="Q", voice="Lumen Telecom",
                        version="working")  # fmt: skip
    assert list(labelled(axes)) == ["Nordlicht Semi"]
    first, again = tmp_path / "shares.svg", tmp_path / "again.svg"
    for file in (first, again):
        run(
            "plot",
            "market_shares",
            "--freq",
            "Q",
            "--voice",
            "Kestrel Research",
            "-o",
            file,
            "--root",
            data.layout.root,
        )
        assert (run.code, run.out) == (0, f"{file}: 2 series of market_shares\n")
    assert first.read_text("utf-8").startswith("<?xml")
    assert first.read_bytes() == again.read_bytes()
    run("plot", "market_shares", "-o", tmp_path / "shares.doc", "--root", data.layout.root)
    assert (run.code, run.err) == (
        2, f"datapkg: -o {tmp_path}/shares.doc: expected a file that ends in .svg, .png, .pdf\n")  # fmt: skip
