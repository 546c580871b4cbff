"""Whatever stands in data/raw, the build says what is wrong with it: findings or an error of the family, no traceback.

DATAPKG_FUZZ is the number of examples, 60 without it; a nightly run may ask for thousands.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from conftest import GOOD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datapkg import build
from datapkg.model import DatapkgError, Layout

FILES = sorted(path.relative_to(GOOD).as_posix() for path in (GOOD / "data/raw").rglob("*.*") if path.is_file())
ODD = ["null", "[]", "{}", "- a", "'", '"', "true", "-1", "1e400", ".nan", "2024-02-30", "9999-12-31/2024", "a" * 5000,
       "\u200b", "\x00", "'\\uD800'", "x: y", "&a", "*a", "!!int 3", "---", "[[[[[]]]]]", "?", "\t", "0x1F", "~", "# x",
       "한국", "P9999999999999Y", "9" * 20, "[1, 2]", "{a: {b: {c: d}}}", "companies/", "/"]  # fmt: skip
texts = st.sampled_from(ODD) | st.text(max_size=12)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file of data/raw in which something is gone, twice there, or something else."""
    name = draw(st.sampled_from(FILES))
    text = (GOOD / name).read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 3))):
        how = draw(st.sampled_from(["line", "value", "cut", "insert"]))
        lines = text.splitlines() or [""]
        at = draw(st.integers(0, len(lines) - 1))
        if how == "line":
            lines[at : at + 1] = draw(st.sampled_from([[], [lines[at]] * 2, ["  " + lines[at]], [lines[at].lstrip()]]))
        elif how == "value":
            begin, sign, _ = lines[at].rpartition(draw(st.sampled_from([": ", ",", "{", "["])))
            lines[at] = begin + sign + draw(texts)
        text = "\n".join(lines) + "\n"
        position = draw(st.integers(0, len(text)))
        if how == "cut":
            text = text[:position] + text[position + draw(st.integers(1, 40)) :]
        elif how == "insert":
            text = text[:position] + draw(texts) + text[position:]
    return name, text.encode("utf-8", "surrogatepass")


@pytest.mark.no_cover
@settings(
    max_examples=int(os.environ.get("DATAPKG_FUZZ", "60")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(spoilt())
def test_no_content_of_data_raw_brings_a_traceback(tmp_path: Path, change: tuple[str, bytes]) -> None:
    root = tmp_path / "spoilt"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(GOOD / "data", root / "data")
    (root / change[0]).write_bytes(change[1])
    layout = Layout(root)
    try:
        made = build.assemble(layout)
        if not build.checked(made, ("claims", "schema", "rules")):
            build.render(made, layout)
    except DatapkgError:
        pass
