"""Commands run in this process, as the command line runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from datapkg.cli.main import main


class Run:
    """The outcome of one command: call it with the arguments; `code`, `out` and `err` are those of the last call."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *argv: str | Path) -> Run:
        self.code = main([str(part) for part in argv])
        self.out, self.err = self.capsys.readouterr()
        return self
