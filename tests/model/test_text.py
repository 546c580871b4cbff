"""Text of others as it is printed: nothing hidden, nothing that a terminal, a log or a page would act on."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from fuzzing import JSON, bounded
from hypothesis import given
from hypothesis import strategies as st

from datapkg.claims.text import unfit
from datapkg.model import text


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("삼성 – 42 %", "삼성 – 42 %"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("nvi\u200bdia\ufeff", r"nvi\u200bdia\ufeff"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x9b2J\u2028\u3164\U000e0041", r"\x9b2J\u2028\u3164\U000e0041"),
    ],
)
def test_what_nobody_sees_is_shown(given_: str, shown: str) -> None:
    assert text.visible(given_) == shown
    assert text.visible(shown) == shown
    assert bool(text.hidden(given_)) == (given_ != shown)


def test_a_hidden_character_has_a_name() -> None:
    assert [text.named(c) for c in text.hidden("a\u202eb\u202e\x1b")] == [
        "U+202E (RIGHT-TO-LEFT OVERRIDE)",
        "U+001B",
    ]


def test_no_line_is_a_workflow_command() -> None:
    assert text.printable("a\n::error::b\n  ::add-mask::c\nd ::e") == "a\n\\::error::b\n  \\::add-mask::c\nd ::e"
    assert text.printable("x ##[group]y") == r"x #\#[group]y"


def test_what_is_hidden_in_print_is_refused_in_data() -> None:
    hidden = text.hidden("".join(map(chr, range(sys.maxunicode + 1))))
    assert len(hidden) > 6000
    assert [character for character in hidden if not unfit(f"a{character}b")] == []


def test_markdown_that_somebody_wrote_keeps_its_markup_and_no_html() -> None:
    assert text.prose(" *a* <script>\n\n`b`\u202e \n") == "*a* \\<script>\n\n`b`\\u202e"
    assert text.cell("a | b\n<c>") == r"a \| b \<c>"


def test_code_ends_where_it_ends() -> None:
    assert text.code("a") == "`a`"
    assert text.code("a`b``c") == "``` a`b``c ```"
    assert text.fenced("a\n```\nb", "bibtex") == "````bibtex\na\n```\nb\n````"


def test_markdown_finds_no_markup() -> None:
    assert text.markdown("snake_case _a_ ~~b~~") == r"snake_case \_a\_ \~\~b\~\~"
    assert text.markdown("<b>a|b</b>\n[x](y) `c` *d*") == r"\<b\>a\|b\</b\> \[x\](y) \`c\` \*d\*"


@bounded
@given(JSON)
def test_json_holds_the_same_values(value: Any) -> None:
    whole = json.dumps(value, ensure_ascii=False, indent=1)
    shown = text.in_json(whole)
    assert json.dumps(json.loads(shown)) == json.dumps(json.loads(whole))
    assert "##[" not in shown
    assert not [c for c in text.hidden(shown) if c != "\n"]


@bounded
@given(st.text())
def test_any_text_is_made_safe(value: str) -> None:
    for line in text.printable(value).split("\n"):
        assert not text.hidden(line)
        assert not line.strip().startswith("::")
        assert "##[" not in line
