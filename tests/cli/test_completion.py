"""Completion for shells."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from runs import Run


@pytest.fixture(scope="module")
def bash() -> str:
    found = shutil.which("bash")
    if not found:
        pytest.skip("bash is not installed")
    return found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["datapkg", "sh"], {"show"}),
        (["datapkg", "show", "market_sh"], {"market_shares"}),
        (["datapkg", "show", "market_shares", "--val"], {"--valid-on"}),
        (["datapkg", "source", "s"], {"show"}),
        (["datapkg", "source", "list", "--d"], {"--duplicates"}),
        (["datapkg", "check", "--format", "git"], {"github"}),
        (["datapkg", "build", "--engine", "du"], {"duckdb"}),
        (["datapkg", "completion", ""], {"-h", "--help", "bash", "zsh", "fish"}),
        (["datapkg", "publish", "observations"], set()),
    ],
)
def test_bash_completes(run: Run, bash: str, line: list[str], words: set[str]) -> None:
    script = run("completion", "bash").out
    ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _datapkg; echo "${COMPREPLY[@]}"'
    done = subprocess.run([bash, "-c", f"{script}\n{ask}", "bash", *line], capture_output=True, text=True)
    assert (set(done.stdout.split()), done.stderr) == (words, "")


def test_zsh_and_fish_have_the_same_words(run: Run) -> None:
    assert run("completion", "zsh").out.endswith(run("completion", "bash").out)
    lines = run("completion", "fish").out.splitlines()
    assert "complete -c datapkg -n '__fish_use_subcommand' -a 'show'" in lines
    two = "__fish_seen_subcommand_from source ; and __fish_seen_subcommand_from list"
    assert f"complete -c datapkg -n '{two}' -a '--by'" in lines


def test_another_shell(run: Run) -> None:
    assert run("completion", "tcsh").code == 2
    assert "invalid choice: 'tcsh'" in run.err
