"""The manual: where its links lead, what its made pages say, and that notebooks say the same in every language."""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import datapkg
from datapkg.cli.arguments import parser
from datapkg.cli.completion import words
from datapkg.cli.main import main

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs/manual"))

import commands  # noqa: E402 - they are scripts, which find each other in their folder
import notebooks  # noqa: E402
import pages  # noqa: E402
import reference  # noqa: E402

HOME = pages.HOME
RAW = HOME.replace("github.com", "raw.githubusercontent.com")
ABROAD = "[a](https://example.org/docs/tables.md) [b](#here)"
NOTEBOOKS = sorted(notebooks.FOLDER.glob("*.ipynb"))
KNOWN = {"README.md": "index.md", "docs/tables.md": "tables.md", "docs/a/b.png": "a/b.png", "docs/n/x.ipynb": "n/x.md"}


@pytest.mark.parametrize(
    ("path", "text", "moved"),
    [
        ("docs/tables.md", "[a](../README.md#get-it)", "[a](index.md#get-it)"),
        ("docs/tables.md", "[a](n/x.ipynb)", "[a](n/x.md)"),
        ("docs/tables.md", "[a](../keys/README.md)", f"[a]({HOME}/blob/main/keys/README.md)"),
        ("docs/n/x.ipynb", "[a](../tables.md#x)", "[a](../tables.md#x)"),
        ("README.md", f"[a]({HOME}/blob/main/docs/tables.md)", "[a](tables.md)"),
        ("README.md", f"![a]({RAW}/main/docs/a/b.png)", "![a](a/b.png)"),
        ("README.md", f"[a]: {HOME}/blob/main/docs/tables.md#x", "[a]: tables.md#x"),
        ("README.md", ABROAD, ABROAD),
        ("README.md", "```python\nnames[1](docs/tables.md)\n```", "```python\nnames[1](docs/tables.md)\n```"),
    ],
)  # fmt: skip
def test_links_lead_to_pages_and_else_to_the_repository(path: str, text: str, moved: str) -> None:
    assert pages.linked(text, path, KNOWN) == moved


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the manual is built from."""
    folder = tmp_path_factory.mktemp("manual") / "laid"
    pages.main(folder)
    return folder


def test_every_page_is_in_the_navigation_once(manual: Path) -> None:
    def named(entries: list[Any]) -> list[str]:
        return [name for entry in entries for value in entry.values()
                for name in (named(value) if isinstance(value, list) else [value])]  # fmt: skip

    nav = named(tomllib.loads((manual / "zensical.toml").read_text("utf-8"))["project"]["nav"])
    there = {path.relative_to(manual / "docs").as_posix() for path in (manual / "docs").rglob("*.md")}
    assert sorted(nav) == sorted(there)


def test_no_picture_of_a_page_comes_from_elsewhere(manual: Path) -> None:
    for page in (manual / "docs").rglob("*.md"):
        shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text("utf-8"))
        assert [name for name in shown if not (page.parent / name).is_file()] == [], page.name


def test_the_page_of_commands_has_what_help_prints(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    page = commands.commands()
    assert re.findall(r"^## (.*)$", page, re.M) == ["datapkg", *(f"datapkg {name}" for name in words(parser()) if name)]
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["source", "check", "--help"]) == 0
    assert f"## datapkg source check\n\n```text\n{capsys.readouterr().out}```\n" in page


def test_the_page_of_python_has_every_public_name(capsys: Any) -> None:
    page = reference.reference()
    found = re.findall(r"^##+ (\w+)$", page, re.M)
    assert {*found, "__version__"} == {*datapkg.__all__, "Errors"}
    assert "\npoints(frame: pd.DataFrame) -> pd.DataFrame\n" in page
    assert "\nmentions(\n    *entries: str,\n    version: str | None = None,\n" in page
    assert "\ndescribe(\n    table: str | None = None,\n    *,\n    version: str | None = None,\n" in page
    assert "\n**Raises** NotFound for an unknown kind\n" in page


class TestNotebooks:
    """They are run by `make test-notebooks`."""

    def test_nothing_is_stored_but_texts_and_pictures(self) -> None:
        assert len(NOTEBOOKS) == 3
        for notebook in NOTEBOOKS:
            cells = [cell for cell in notebooks.read(notebook)["cells"] if cell["cell_type"] == "code"]
            assert [cell["metadata"] for cell in cells] == [{}] * len(cells)
            kinds = {kind for cell in cells for output in cell["outputs"] for kind in output.get("data", ())}
            assert kinds <= {notebooks.TEXT, notebooks.PICTURE}
            assert all(cell["outputs"] for cell in cells), notebook.name

    @pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
    def test_every_language_gives_the_same_answer(self, notebook: Path) -> None:
        cells = notebooks.read(notebook)["cells"]
        texts = {name: "".join(cell["outputs"][0]["data"][notebooks.TEXT]) for cell in cells
                 for name in ("polars", "duckdb") if f"import {name}" in cell["source"]}  # fmt: skip
        answers = [[list(row) for row in ast.literal_eval(text)] for text in texts.values()]
        ((_, printed),) = notebooks.scripts(notebook)
        assert len(answers) == 2
        assert answers[0] == answers[1] == json.loads(printed) != []
        assert any("```r\n" in cell["source"] and "not run by our CI" in cell["source"] for cell in cells)

    def test_another_output_is_told(self) -> None:
        now = json.loads(NOTEBOOKS[0].read_text("utf-8"))
        assert list(notebooks.differences(NOTEBOOKS[0], now)) == []
        cell = next(number for number, cell in enumerate(now["cells"]) if cell["cell_type"] == "code")
        now["cells"][cell]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "else\n"}]
        (told,) = notebooks.differences(NOTEBOOKS[0], now)
        assert f"{NOTEBOOKS[0].name}, cell {cell}: stored is" in told
        assert told.endswith("now it shows\n['else\\n']\nrun: make notebooks")

    def test_javascript_that_prints_something_else_is_told(self, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
        notebook = tmp_path / "made.ipynb"
        text = "```js\nconsole.log(1)\n```\n\n```text\n2\n```\n"
        notebook.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": [text]}]}), "utf-8")
        if shutil.which("node"):
            assert list(notebooks.misprints(notebook)) == ["made.ipynb, JavaScript: says\n2\n\nbut prints\n1\n"]
        monkeypatch.setattr(notebooks.shutil, "which", lambda _: None)
        assert list(notebooks.misprints(notebook)) == []
        assert "made.ipynb: its JavaScript is not run, for want of Node" in capsys.readouterr().out

    def test_a_page_has_code_outputs_and_pictures(self) -> None:
        held, pictures = notebooks.shown(notebooks.FOLDER / "shares.ipynb")
        page, (picture,) = held.decode(), pictures
        assert pictures[picture].startswith(b"\x89PNG")
        assert f"]({picture})" in page
        assert page.startswith("# Shares over time\n")
        assert "```python\nimport datapkg\n" in page
        assert "2025Q4      70.4" in page
