"""What fuzz tests share: how many inputs they try, and JSON that is nearly right."""

from __future__ import annotations

import os
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("DATAPKG_FUZZ", "25"))
"""Inputs of each test; `make fuzz` tries many more."""
bounded = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES < 1000
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=12),
    st.sampled_from(["", "id", "../x", 'a"; SELECT 1; --', "\x1b[31m", "::error::x", "0" * 5000, "\ud800"]),
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


@st.composite
def nearly(draw: st.DrawFn, right: Any) -> Any:
    """Return a value like a right one, in which up to three parts are others, gone, or there twice."""
    whole = {"": deepcopy(right)}
    for _ in range(draw(st.integers(1, 3))):
        place, key = whole, ""
        while isinstance(place[key], (dict, list)) and place[key] and draw(st.integers(0, 9)):
            place = place[key]
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        change = draw(st.sampled_from(("other", "gone", "twice")))
        if change == "gone" and place is not whole:
            del place[key]
        elif change == "twice" and isinstance(place, list):
            place.append(deepcopy(place[key]))
        else:
            place[key] = draw(JSON)
    return whole[""]
