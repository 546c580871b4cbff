"""The same work on many things at once: on all of them, or on a few while further ones are still made."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LANES = 16
"""Files that are fetched or sent at once."""


class Spread(Protocol):
    """Has the same work done on many things, somewhere; yields what it makes of each, in their order."""

    def __call__(self, work: Callable[[T], R], things: Iterable[T]) -> Generator[R]:
        """Yield what work makes of each thing."""


def one_by_one(work: Callable[[T], R], things: Iterable[T]) -> Generator[R]:
    """Yield what work makes of each thing, here and at once."""
    yield from map(work, things)


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


def beside(work: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Yield what work makes of each thing, in their order, of as many at a time as there are processors.

    No more things are taken than are worked on and one, so that those that are still to be made need no memory.
    """
    lanes = os.cpu_count() or 1
    begun = deque[Future[R]]()
    with ThreadPoolExecutor(lanes) as pool:
        for thing in things:
            begun.append(pool.submit(work, thing))
            if len(begun) > lanes:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
