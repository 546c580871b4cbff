"""Pictures of series: one line per company, market or product, and all that a reader has to know to believe it.

A gap in the figures is a gap in the line; forecasts are dashed, hedged figures have bars or arrows, what other voices
say is drawn thinly, and below stands who says it, in which release.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datapkg.model import MissingExtra, NotFound, UsageError
from datapkg.read.said import spelled
from datapkg.read.series import Series

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HANGUL, NONE = "한", "\u0378"
"""A letter that a font has to have, and a character that is none: a font that has it draws boxes for all."""
FONTS = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Nanum Gothic", "Apple SD Gothic Neo", "AppleGothic",
         "Malgun Gothic")  # fmt: skip
"""Fonts with Hangul, the best first; others that have it are taken where none of them is."""
ARROW = 0.04
"""Length of the arrow of an open bound, as a part of the height of the picture."""
TICKS = 12
"""Periods that are named at most."""


@dataclass(frozen=True)
class Words:
    """What stands in a picture beside the figures: names by series and voice, title, axis and the line of sources."""

    title: str
    axis: str
    source: str
    series: Mapping[str, str]
    voices: Mapping[str, str]
    font: str | None = None


def drawn(found: Series, others: Sequence[Series], words: Words) -> Axes:
    """Return the axes with a line for each series, and thin ones for what other voices say of the same.

    Raises  MissingExtra without matplotlib; NotFound if there is nothing to draw; UsageError for words in Korean where
            no font has Hangul
    """
    if found.empty:
        raise NotFound(found.empty)
    try:
        from matplotlib import pyplot, rc_context
    except ImportError as error:
        raise MissingExtra.of("matplotlib", "plot", "drawing series") from error
    whole = [words.title, words.axis, words.source, *words.series.values(), *words.voices.values()]
    font = _font(words.font) if words.font or any("가" <= letter <= "힣" for letter in "".join(whole)) else None
    with rc_context({"font.family": [font, "sans-serif"]} if font else {}):
        figure, axes = pyplot.subplots(figsize=(9, 5), layout="constrained")
        asked = [name for name in found.named.get(found.parts[0], ()) if len(found.parts) == 1]
        names = sorted(dict.fromkeys(found.rows["series"]), key=lambda name: asked.index(name) if name in asked else 0)
        for number, name in enumerate(names):
            colour = f"C{number % 10}"
            _line(axes, found.rows[found.rows["series"] == name], found, colour, words.series[name])
            for other in others:
                _thin(axes, other.rows[other.rows["series"] == name], other, colour, words)
        axes.set(title=words.title, ylabel=words.axis)
        axes.grid(alpha=0.3)
        _name_periods(axes, [at for told in (found, *others) for at in told.rows["at"]], found.freq)
        axes.legend()
        figure.supxlabel(words.source, fontsize=8, x=0.01, ha="left")
    return axes


def _line(axes: Axes, rows: pd.DataFrame, found: Series, colour: str, name: str) -> None:
    """Draw one series: what has come in a line, forecasts dashed from its end, bars and arrows for hedges."""
    value = found.figure.value
    ahead = rows["forecast"] if "forecast" in rows.columns else rows["superseded"] & False
    axes.plot(*_points(rows[~ahead], value), color=colour, marker="o", markersize=4, label=name)
    if ahead.any():
        axes.plot(
            *_points(rows[ahead | (rows["at"] == rows.loc[~ahead, "at"].max())], value), color=colour, linestyle="--"
        )
        axes.plot(*_points(rows[ahead], value), color=colour, linestyle="none", marker="o", markersize=4,
                  markerfacecolor="white")  # fmt: skip
    _hedges(axes, rows, found, colour)


def _points(rows: pd.DataFrame, value: str) -> tuple[list[float], list[float]]:
    """Return the points of a line, with nothing at the periods between them that have no figure."""
    heights = dict(zip([at.ordinal for at in rows["at"]], rows[value].astype(float), strict=True))
    step = rows["at"].iloc[0].freq.n if len(rows) else 1
    places = range(min(heights), max(heights) + 1, step) if heights else range(0)
    return list(places), [heights.get(at, float("nan")) for at in places]


def _hedges(axes: Axes, rows: pd.DataFrame, found: Series, colour: str) -> None:
    """Draw between what each hedged figure lies."""
    figure = found.figure
    hedged = rows[(rows[figure.hedge] != "exact") | rows[figure.value].isna()] if figure.hedge else rows[:0]
    for row in hedged.to_dict("records"):
        low, high = (float(row[column]) if column else math.nan for column in (figure.low, figure.high))
        _bar(axes, row["at"].ordinal, low, high, colour)


def _bar(axes: Axes, at: int, low: float, high: float, colour: str) -> None:
    """Draw the bounds of a figure as a bar, and one bound alone, the other not a number, as an arrow into the open."""
    bottom, top = axes.get_ylim()
    arrow = ARROW * (top - bottom)
    if not math.isnan(low + high):
        axes.errorbar([at], [(low + high) / 2], yerr=[(high - low) / 2], color=colour, capsize=4, linestyle="none")
    elif not math.isnan(low):
        axes.errorbar([at], [low], yerr=[arrow], color=colour, linestyle="none", lolims=True)
    elif not math.isnan(high):
        axes.errorbar([at], [high], yerr=[arrow], color=colour, linestyle="none", uplims=True)


def _thin(axes: Axes, rows: pd.DataFrame, other: Series, colour: str, words: Words) -> None:
    """Draw what another voice says of a series thinly, with its name at the end."""
    figure = other.figure
    axes.plot(*_points(rows, figure.value), color=colour, linewidth=0.8, alpha=0.6, marker=".")
    _hedges(axes, rows, other, colour)
    for row in rows.tail(1).to_dict("records"):
        heights = [float(row[column]) for column in (figure.value, figure.high, figure.low) if column]
        place = row["at"].ordinal, next((height for height in heights if not math.isnan(height)), 0.0)
        axes.annotate(words.voices[row["voice"]], place, fontsize=7, color=colour, alpha=0.8, xytext=(3, 3),
                      textcoords="offset points")  # fmt: skip


def _name_periods(axes: Axes, periods: Sequence[pd.Period], freq: str) -> None:
    """Name the periods at the axis as the tables spell them."""
    places = range(min(periods).ordinal, max(periods).ordinal + 1, periods[0].freq.n)
    shown = places[:: -(-len(places) // TICKS)]
    first = min(periods)
    axes.set_xticks(list(shown), [spelled(first + (at - first.ordinal) // first.freq.n, freq) for at in shown])


def _font(asked: str | None) -> str:
    """Return the name of a font with Hangul: the one that is asked for, by name or file, else one that is here.

    Raises  UsageError if there is none
    """
    from matplotlib import font_manager

    held = {entry.name: entry.fname for entry in font_manager.fontManager.ttflist}
    if asked and asked not in held:
        try:
            font_manager.fontManager.addfont(asked)
            return str(font_manager.FontProperties(fname=asked).get_name())
        except (OSError, RuntimeError) as error:
            raise UsageError(
                f"no font '{asked}' here, and no file of that name; name one, such as {FONTS[0]}"
            ) from error
    order = [asked] if asked else [*(name for name in FONTS if name in held), *sorted(set(held) - {*FONTS})]
    for name in order:
        if _has(held[name], HANGUL) and not _has(held[name], NONE):
            return name
    raise UsageError("no font here has Hangul, so that Korean names would be empty boxes; install one, such as "
                     f"{FONTS[0]} (fonts-noto-cjk) or {FONTS[2]} (fonts-nanum), or name a file with font=")  # fmt: skip


def _has(file: Any, letter: str) -> bool:
    """Return whether a font file has a letter."""
    from matplotlib.ft2font import FT2Font

    try:
        return ord(letter) in FT2Font(str(file)).get_charmap()
    except (OSError, RuntimeError):
        return False
