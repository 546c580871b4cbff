"""What docs/reading.md shows is what happens."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import warnings
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot

import datapkg
from datapkg.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "reading.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")


def test_the_python() -> None:
    names = {"datapkg": datapkg}
    told = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    with pd.option_context("display.width", 100, "display.max_columns", 10), warnings.catch_warnings():
        for number, block in enumerate(blocks("pycon")):
            warnings.simplefilter("ignore" if "# warns" in block else "error")
            example = doctest.DocTestParser().get_doctest(block, names, f"block {number}", str(PAGE), 0)
            runner.run(example, out=told.write, clear_globs=False)
            names |= example.globs
    pyplot.close("all")
    assert runner.summarize(verbose=False) == doctest.TestResults(failed=0, attempted=runner.tries), told.getvalue()
    assert runner.tries >= 10


@pytest.mark.parametrize("command", [line[2:] for block in blocks("console") for line in block.splitlines()])
def test_the_commands(command: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as told:
        assert main(shlex.split(command)[1:]) == 0
    assert told.getvalue()
