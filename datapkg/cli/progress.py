"""How far long work is: a line that changes on a terminal, plain lines now and then elsewhere."""

from __future__ import annotations

import sys
from time import perf_counter

SOON, SELDOM = 0.5, 30.0
"""Seconds between two words on a terminal, and elsewhere."""


class Progress:
    """Says on stderr how much of something is done, how fast that goes, and how long it will take."""

    def __init__(self) -> None:
        self.what, self.began, self.told = "", 0.0, 0.0

    def __call__(self, what: str, done: int, every: int) -> None:
        """Say it, if enough time has gone by since the last word."""
        now = perf_counter()
        if what != self.what:
            self.what, self.began, self.told = what, now, now
        terminal = sys.stderr.isatty()
        if now - self.told < (SOON if terminal else SELDOM):
            return
        self.told = now
        rate = done / max(now - self.began, 1e-9)
        known = f" of {every:,}" if every else ""
        left = f", {_time((every - done) / rate)} left" if every and rate else ""
        line = f"{done:,}{known} {what}, {rate:,.0f} a second{left}"
        print(f"\r\x1b[K{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line on a terminal for what comes after it."""
        if self.what and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{round(seconds)} s" if seconds < 90 else f"{minutes} min"
