"""The benchmarks say which targets they miss, in words and by the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from benchmarks import shown, targets
from benchmarks.targets import RESULTS

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("found", "code", "told", "missed"),
    [
        (
            1.25,
            1,
            "import: 1.25 s (at most 1) MISSED\n",
            "\n1 missed:\nimport: 1.25 s (at most 1)\n",
        ),
        (1.0, 0, "import: 1 s (at most 1)\n", ""),
    ],
)
def test_a_missed_target_is_an_exit_code(found: float, code: int, told: str, missed: str) -> None:
    run = f"from benchmarks import targets as t; t.judge('import', {found}, 's', most=1); t.conclude()"
    done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (code, told, missed)


def test_a_target_has_one_bound() -> None:
    run = "from benchmarks import targets as t; t.judge('claims a second', 9_999, least=10_000); t.judge('x', 1)"
    done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "claims a second: 9,999 (at least 10,000) MISSED\n"
    assert done.stderr.endswith("ValueError: x: a target is either `most` or `least`\n")


def test_the_page_has_the_figures_that_were_measured() -> None:
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    page = shown.PAGE.read_text(encoding="utf-8")
    assert shown.filled(page, figures) == page
    assert len(shown.MARK.findall(page)) > 30
    bare = shown.MARK.sub("", page)
    assert "<!--" not in bare
    assert all(name in page for name in shown.DERIVED)


def test_a_figure_that_was_not_measured_is_named() -> None:
    with pytest.raises(KeyError, match="never"):
        shown.filled("1<!-- peers|never -->", [])


def test_table_and_picture_are_those_of_the_results(tmp_path: Path) -> None:
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    assert shown.TABLE.read_text(encoding="utf-8") == shown.table(figures)
    shown.picture(figures, tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_bytes().startswith(b"<?xml")
    assert shown.PICTURE.exists()


@pytest.mark.parametrize(
    ("target", "found", "share"), [("at most 4", 2, 0.5), ("at least 10,000", 5_000, 2), ("at most 1.5", 3, 2)]
)
def test_a_share_of_the_target_is_better_below_one(target: str, found: float, share: float) -> None:
    assert shown.share({"target": target, "found": found}) == share


def test_what_runs_small_judges_nothing_and_writes_nothing() -> None:
    before = RESULTS.read_bytes()
    command = [sys.executable, "-m", "benchmarks", "small", "bulk"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, RESULTS.read_bytes()) == (0, before), done.stderr
    assert "MISSED" not in done.stdout
    assert "at least" not in done.stdout
    unknown = subprocess.run([*command[:3], "never"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert unknown.stderr.startswith("no benchmark never; there are curation, bulk, ")


def test_a_run_takes_the_place_of_its_parts_and_of_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "RESULTS", tmp_path / "results.json")
    for part, found in (("a", 1.0), ("b", 2.0), ("a", 3.0)):
        monkeypatch.setattr(targets, "FIGURES", [{"part": part, "what": "x", "found": found, "unit": "s"}])
        targets.save("usual", date(2031, 6, 2))
    figures = json.loads((tmp_path / "results.json").read_text())["figures"]
    assert [(f["part"], f["found"], f["run"]["date"]) for f in figures] == [
        ("b", 2, "2031-06-02"),
        ("a", 3, "2031-06-02"),
    ]
    assert set(figures[0]["run"]["machine"]) == {"system", "processors", "memory_gib", "python"}


def test_programs_run_in_turns_and_one_that_fails_is_told() -> None:
    took = targets.middle({"a": [sys.executable, "-c", "pass"], "b": [sys.executable, "-c", "pass"]}, 1)
    assert set(took) == {"a", "b"}
    with pytest.raises(SystemExit, match=r"ends with 1: (?s:.*)ZeroDivisionError"):
        targets.process([sys.executable, "-c", "1/0"])
    assert 1 < (targets.peak("pass") or 2) < 1_000
