"""The same work on many things at once, where each waits most of its time for somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

LANES = 16
"""Files that are fetched or sent at once."""


def together(work: Callable[[T], R], things: Iterable[T], lanes: int = LANES) -> list[R]:
    """Return what work makes of each thing, `lanes` at a time, in their order; after a failure nothing more is begun.

    Raises  what the first thing that failed raised
    """
    with ThreadPoolExecutor(lanes) as pool:
        begun = [pool.submit(work, thing) for thing in things]
        try:
            return [future.result() for future in begun]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
