"""Versions: what is one, in which order they come, and how far one is from the next."""

from __future__ import annotations

from contextlib import suppress

import pytest
from fuzzing import bounded
from hypothesis import given
from hypothesis import strategies as st

from datapkg.model import semver
from datapkg.model.errors import NotFound, UsageError
from datapkg.model.semver import LEVELS, Version, bump, latest, level, ordered, parse

RISING = "0.0.0 0.0.1-alpha 0.0.1 0.1.0-dev 0.1.0 0.9.0 0.10.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta " \
         "1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 2.0.0 2026.11.0".split()  # fmt: skip
EXPECTED = "is no version of the data; expected MAJOR.MINOR.PATCH as in 1.0.0 or 1.0.0-rc.1"


@pytest.mark.parametrize("text", RISING)
def test_a_version_reads_as_it_is_written(text):
    assert str(parse(text)) == text


def test_versions_are_ordered_as_semver_says():
    assert ordered(reversed(RISING)) == RISING
    assert parse("1.0.0-rc.1") <= parse("1.0.0-rc.1") < parse("1.0.0")
    assert parse("1.0.0").stable
    assert not parse("1.0.0-dev").stable


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("v1.0", "1.0.0"),
        ("v1.2.3", "1.2.3"),
        ("version 2", "2.0.0"),
        ("=1.2.3", "1.2.3"),
        ("1.0", "1.0.0"),
        (" 1.2.3\n", "1.2.3"),
        ("01.2.3", "1.2.3"),
        ("1.0rc1", "1.0.0-rc.1"),
        ("1.0.0rc01", "1.0.0-rc.1"),
        ("1.0.0b2", "1.0.0-beta.2"),
        ("1.0.0.dev3", "1.0.0-dev.3"),
        ("1.0.0-rc.01", "1.0.0-rc.1"),
        ("1.2.3.4", "1.2.3"),
        ("2026.11", "2026.11.0"),
        ("1.0.0DEV", "1.0.0-dev"),
    ],
)
def test_a_wrong_version_names_the_one_that_was_meant(text, near):
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert str(caught.value) == f"'{text}' {EXPECTED}; did you mean '{near}'?"


@pytest.mark.parametrize("text", ["", "latest", "x1", "１.0.0", "../1.0.0"])
def test_a_text_that_is_nowhere_near_a_version_has_no_near_miss(text):
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert str(caught.value) == f"'{text}' {EXPECTED}"


def test_build_metadata_is_refused():
    with pytest.raises(UsageError) as caught:
        parse("1.0.0+20261124")
    assert str(caught.value) == f"'1.0.0+20261124' {EXPECTED}, without build metadata; did you mean '1.0.0'?"


@pytest.mark.parametrize(
    ("old", "step", "new"),
    [
        ("0.1.0", "none", "0.1.0"),
        ("0.1.0", "patch", "0.1.1"),
        ("0.1.9", "minor", "0.2.0"),
        ("0.1.9", "major", "0.2.0"),
        ("1.4.2", "major", "2.0.0"),
        ("2.0.0-rc.1", "patch", "2.0.0"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.1.0-rc.1", "minor", "2.1.0"),
        ("2.1.0-rc.1", "major", "3.0.0"),
        ("2.1.1-dev", "minor", "2.2.0"),
    ],
)
def test_bump_gives_the_smallest_release_that_is_far_enough(old, step, new):
    assert str(bump(parse(old), step)) == new


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("0.1.0", "0.1.0", "none"),
        ("0.1.0", "0.1.7", "patch"),
        ("0.1.0", "0.2.0", "minor"),
        ("0.1.0", "1.0.0", "major"),
        ("0.1.0", "1.0.0-rc.1", "major"),
        ("1.0.0-rc.1", "1.0.0", "major"),
        ("1.1.0-rc.1", "1.1.0-rc.2", "minor"),
        ("1.1.1-dev", "1.1.1", "patch"),
    ],
)
def test_level_says_how_far_a_version_is_ahead(old, new, step):
    assert level(parse(old), parse(new)) == step


def test_a_version_never_falls():
    with pytest.raises(UsageError) as caught:
        level(parse("0.2.0"), parse("0.1.9"))
    assert str(caught.value) == "version 0.1.9 comes before 0.2.0; versions only rise, the next one is 0.2.1"


def test_latest_prefers_releases():
    assert latest(["0.9.0", "1.0.0-rc.1", "0.10.0"]) == "0.10.0"
    assert latest(["1.0.0-rc.1", "1.0.0-rc.2"]) == "1.0.0-rc.2"
    with pytest.raises(NotFound) as caught:
        latest([])
    assert str(caught.value) == "no version to choose from; publish one with `datapkg release VERSION`"


NUMBERS = st.integers(0, 30)
PRE = st.sampled_from([(), (), ("dev",), ("rc", "1"), ("rc", "10")])
VERSIONS = st.builds(Version, NUMBERS, NUMBERS, NUMBERS, PRE)


@given(VERSIONS, VERSIONS, st.sampled_from(LEVELS))
def test_reading_order_and_bumps_agree(one, other, step):
    assert parse(str(one)) == one
    assert (one < other) + (one == other) + (one > other) == 1
    raised = bump(one, step)
    assert LEVELS.index(level(one, raised)) >= LEVELS.index("minor" if step == "major" and not one.major else step)
    assert raised >= one
    assert semver.ordered([str(other), str(one)]) == [str(v) for v in sorted([one, other])]


@bounded
@given(st.text(max_size=20) | st.from_regex(r"v?[0-9]{1,30}\.[0-9]{0,3}[.-]?[0-9a-z.+-]{0,9}", fullmatch=True))
def test_any_text_is_a_version_or_our_error(text):
    with suppress(UsageError):
        assert str(parse(text)) == text.partition("+")[0]
