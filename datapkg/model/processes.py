"""The same work on many things in processes of this machine, for what Python does and one process is too slow for.

Processes are spawned, on every system alike: a fork would take over locks of the threads that Arrow and DuckDB have
here, and nothing else is there on Windows. So the work is pickled once for each process, and things and what becomes of
them on their way.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from datapkg.model.errors import WriteError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Things that are taken for each process at most, so that none waits and few are held."""
_held: list[Callable[[Any], Any]] = []
"""In a worker, the work that it does."""


def in_processes(work: Callable[[T], R], things: Iterable[T], jobs: int) -> Generator[R]:
    """Yield what work makes of each thing, in their order, of several at a time in as many processes as there are jobs.

    However it ends, no process is left. One job is done in this process.
    Raises  WriteError if a process ends before its work is done; what the work raises
    """
    if jobs == 1:
        yield from map(work, things)
        return
    import multiprocessing as several
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    begun, workers, others = deque["Future[R]"](), list["BaseProcess"](), {*several.active_children()}
    given = pickle.dumps(work), gc.get_threshold()
    pool = ProcessPoolExecutor(jobs, several.get_context("spawn"), begin, given)
    try:
        for thing in things:
            with _uninterrupted():
                begun.append(pool.submit(do, thing))
            workers += {*several.active_children()} - others - {*workers}
            if len(begun) >= AHEAD * jobs:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    except BrokenProcessPool as error:
        pool.shutdown()  # after which each has told how it ended
        raise WriteError(lost([(child.pid, child.exitcode) for child in workers])) from error
    finally:
        pool.shutdown(cancel_futures=True)


def lost(ended: Iterable[tuple[int | None, int | None]]) -> str:
    """Return what to say of processes of which one ended before its work, given their numbers and how each ended."""
    told = [
        f"process {pid} " + (f"was killed by signal {-code}" if code and code < 0 else f"ended with code {code}")
        for pid, code in ended
        if code not in (0, None, -signal.SIGTERM)  # by which the others are told to end
    ]
    who = " and ".join(told) or "a process was told to end"
    step = "where memory is short the system kills what takes most: try fewer with --jobs, or --jobs 1"
    return f"{who} before its work was done; nothing was written; {step}"


def begin(work: bytes, collecting: tuple[int, int, int]) -> None:
    """Begin a worker: it has the work, leaves Ctrl-C to whoever began it, and ends when that one is gone."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*collecting)
    _held[:] = [pickle.loads(work)]
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def do(thing: Any) -> Any:
    """Return what the work of this worker makes of a thing."""
    return _held[0](thing)


def _follow(sentinel: int) -> None:
    """End this process once another is gone: one that was killed could not say so."""
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(1)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C back for as long as a process is begun, which then never sees it, not even before its first line."""
    mask = getattr(signal, "pthread_sigmask", None)  # which Windows lacks
    before = mask(signal.SIG_BLOCK, {signal.SIGINT}) if mask else ()
    try:
        yield
    finally:
        if mask:
            mask(signal.SIG_SETMASK, before)
