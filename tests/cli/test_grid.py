"""Tables as lines of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapkg.cli import grid
from datapkg.cli.grid import Column


@pytest.mark.parametrize(
    ("text", "cells"), [("", 0), ("abc", 3), ("한빛", 4), ("e\u0301", 1), ("ＨＢＭ", 6), ("a\u200bb", 2), ("–", 1)]
)
def test_width_counts_the_cells_of_a_terminal(text: str, cells: int) -> None:
    assert grid.width(text) == cells


@pytest.mark.parametrize(
    ("text", "most", "lines"),
    [
        ("", 4, [""]),
        ("one two three", 20, ["one two three"]),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two", "three"]),
        ("abcdefgh ij", 3, ["abc", "def", "gh", "ij"]),
        ("한빛파운드리", 4, ["한빛", "파운", "드리"]),
        ("한빛파운드리", 5, ["한빛", "파운", "드리"]),
        ("한", 1, ["한"]),
    ],
)
def test_wrapped_breaks_between_words_where_there_are_any(text: str, most: int, lines: list[str]) -> None:
    assert grid.wrapped(text, most) == lines


@given(st.text(st.sampled_from("ab 한é"), max_size=30), st.integers(2, 12))
def test_any_text_keeps_its_letters_and_fits(text: str, most: int) -> None:
    lines = grid.wrapped(text, most)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(grid.width(line) <= most for line in lines)


def test_lines_are_in_line_and_numbers_to_the_right() -> None:
    columns = [Column("name", ["한빛", "x"]), Column("share", ["4.5", "12"], right=True), Column("by", ["a", "b"])]
    assert list(grid.lines(columns)) == [
        "name  share  by",
        "───────────────",
        "한빛    4.5  a",
        "x        12  b",
    ]


def test_what_is_too_wide_wraps_and_takes_the_room_that_is_left() -> None:
    columns = [Column("id", ["x"]), Column("says", ["word " * 12 + "end"])]
    assert list(grid.lines(columns, 60))[2:] == ["x   " + "word " * 10 + "word", "    word end"]
    assert list(grid.lines(columns, 67))[2:] == ["x   " + "word " * 12 + "end"]
    assert list(grid.lines([Column("n", ["abcdef"])], 3))[2:] == ["abc", "def"]


def test_fitting_counts_from_the_left_and_leaves_one() -> None:
    columns = [Column("a" * 10, []), Column("b" * 100, []), Column("c", [])]
    assert [grid.fitting(columns, room) for room in (3, 10, 59, 60, 62, 63)] == [1, 1, 1, 2, 2, 3]
    assert grid.fitting([], 10) == 0
