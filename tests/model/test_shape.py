"""The shape of foreign JSON: the first misfit is named with its place, and no value is too odd to be judged."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fuzzing import JSON, bounded
from hypothesis import given

from datapkg.model import misfit

SHAPE = {"name": re.compile("[a-z]+"), "rows": int, "share?": float, "notes?": [str, ...], "keys": [{"id": (str, int)}]}
GOOD = {"name": "a", "rows": 1, "keys": [{"id": 1}, {"id": "b"}], "more": None}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, None),
        ({"share": 1, "notes": []}, None),
        ({"name": "A"}, 'name is "A"; expected a text of the form [a-z]+'),
        ({"name": "a\n"}, 'name is "a\\n"; expected a text of the form [a-z]+'),
        ({"rows": True}, "rows is true; expected a whole number"),
        ({"rows": "x" * 100}, f'rows is "{"x" * 59}…; expected a whole number'),
        ({"share": None}, "share is null; expected a number"),
        ({"notes": {}}, "notes is an object; expected a list"),
        ({"notes": ["a", 1]}, "notes[1] is 1; expected a text"),
        ({"keys": []}, "keys is an empty list; expected a list with something in it"),
        ({"keys": [{"id": "a"}, {}]}, "keys[1] has no 'id'"),
        ({"keys": [{"id": []}]}, "keys[0].id is an empty list; expected a text or a whole number"),
    ],
)
def test_the_first_misfit_is_named(change: dict[str, Any], told: str | None) -> None:
    assert misfit(GOOD | change, SHAPE) == told


def test_the_whole_may_be_none() -> None:
    assert misfit([1], SHAPE) == "it is a list; expected an object"


@bounded
@given(JSON)
def test_any_value_is_judged(value: Any) -> None:
    assert misfit(value, SHAPE)
    assert misfit(value, object) is None
