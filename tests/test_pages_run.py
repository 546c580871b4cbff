"""What the pages for readers show is what happens: Python, commands and shell, in a folder of their own."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import warnings
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot

import datapkg
from datapkg.cli.main import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RUN = ("tutorial", "analyst", "reading", "librarian")
"""Pages of which everything is run here: pycon, console, and sh in the folder of the newest release."""
ELSEWHERE = {
    "README": "tests/test_docs.py",
    "anchors": "tests/model/test_anchors.py",
    "curating": "tests/test_curating.py",
    "curating.ko": "tests/test_curating.py",
    "own": "tests/claims/test_own_kind.py",
}
"""Pages whose examples another test runs."""
NOT_RUN = {
    "ci": "names a release and a digest of a day to come",
    "publishing": "needs a bucket; tests/registry publishes to one that it starts",
    "releasing": "cites as tests/read/test_cite.py does, and makes releases",
    "site": "makes a site of a whole release, as tests/site does",
    "upstream": "aborts one process in fifty; tests/read/test_hostile.py",
}
"""Pages whose examples nothing runs as they stand, with the reason."""
SHELLS = "pycon|python|console|sh"


def blocks(page: str, languages: str) -> list[str]:
    """Return the examples of a page in some languages."""
    return re.findall(rf"^```(?:{languages})\n(.*?)^```", (DOCS / f"{page}.md").read_text("utf-8"), re.M | re.S)


def commands(page: str) -> list[str]:
    """Return the commands of ours on a page."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line[2:] for line in lines if line.startswith("$ datapkg ")]


@pytest.fixture(scope="module", params=RUN)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a page; the current folder is its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp(request.param))
        mpl.use("agg")
        yield request.param


def test_the_python(page: str) -> None:
    names = {"datapkg": datapkg}
    told = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    with pd.option_context("display.width", 100, "display.max_columns", 10), warnings.catch_warnings():
        for number, block in enumerate(blocks(page, "pycon")):
            warnings.simplefilter("ignore" if "# warns" in block else "error")
            example = doctest.DocTestParser().get_doctest(block, names, f"block {number}", page, 0)
            runner.run(example, out=told.write, clear_globs=False)
            names |= example.globs
    pyplot.close("all")
    assert runner.summarize(verbose=False) == doctest.TestResults(failed=0, attempted=runner.tries), told.getvalue()
    assert runner.tries >= 3


def test_the_commands(page: str) -> None:
    for command in commands(page):
        with contextlib.redirect_stdout(io.StringIO()) as told:
            assert main(shlex.split(command)[1:]) == 0, command
        assert told.getvalue(), command


def test_the_shell(page: str, tmp_path: Path) -> None:
    release = ROOT / "data/releases" / datapkg.versions()["version"].iloc[-1]
    for block in blocks(page, "sh"):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=release, capture_output=True, text=True,
                              env=os.environ | {"TMPDIR": str(tmp_path)})  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), block


def test_every_page_with_examples_is_run_or_says_why_not() -> None:
    shown = {path.stem for path in DOCS.glob("*.md") if blocks(path.stem, SHELLS)}
    assert shown == {*RUN, *ELSEWHERE, *NOT_RUN} - {"README"}
    assert [name for name, test in ELSEWHERE.items() if not (ROOT / test).is_file()] == []
