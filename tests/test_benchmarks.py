"""The benchmarks say which targets they miss, in words and by the exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
