"""The same work on many things in processes of this machine, for what Python does and one process is too slow for.

Processes are spawned, on every system alike: a fork would take over locks of the threads that Arrow and DuckDB have
here, and there is none on Windows. So the work is pickled, once for all, and so are things and what becomes of them.
Each process has a pipe of its own, so that one which is killed holds up no other, and ends when nobody is at the other
end any more. (The pool of the standard library shares one; some versions wait for ever after such a death while much
is written to it: https://github.com/python/cpython/issues/94777.)
"""

from __future__ import annotations

import gc
import pickle
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, islice
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from datapkg.model.errors import WriteError
from datapkg.model.together import one_by_one

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Things that a process has at most, so that it need not wait for the next, and few are held."""


def in_processes(work: Callable[[T], R], things: Iterable[T], jobs: int) -> Generator[R]:
    """Yield what work makes of each thing, in their order, of several at a time in as many processes as there are jobs.

    However it ends, no process is left. One job is done in this process.
    Raises  WriteError if a process ends before its work is done; what the work raises
    """
    if jobs == 1:
        yield from one_by_one(work, things)
        return
    things = iter(things)
    first = list(islice(things, jobs))
    workers: list[_Worker] = []
    try:
        with _uninterrupted():
            for _ in first:
                workers.append(_Worker())
        for worker in workers:
            worker.send(pickle.dumps(work))
        yield from _made(workers, chain(first, things))
    finally:
        for worker in workers:
            worker.end()


def _made(workers: list[_Worker], things: Iterable[T]) -> Generator[Any]:
    """Yield what workers make of things, in their order."""
    made: dict[int, tuple[bool, Any]] = {}
    given = told = 0
    for given, thing in enumerate(things, 1):
        while given - told > AHEAD * len(workers) or min(worker.has for worker in workers) == AHEAD:
            _receive(workers, made)
            while told in made:
                yield _result(*made.pop(told))
                told += 1
        worker = min(workers, key=lambda worker: worker.has)
        worker.has += 1
        worker.send(pickle.dumps((given - 1, thing)))
    while told < given:
        while told not in made:
            _receive(workers, made)
        yield _result(*made.pop(told))
        told += 1


def _receive(workers: list[_Worker], made: dict[int, tuple[bool, Any]]) -> None:
    """Wait until some worker has made something, and take it."""
    from multiprocessing.connection import wait

    ready = wait([worker.here for worker in workers])
    for worker in workers:
        if worker.here in ready:
            number, fine, found = pickle.loads(worker.receive())
            made[number] = fine, found
            worker.has -= 1


def _result(fine: bool, found: Any) -> Any:
    if not fine:
        raise found
    return found


class _Worker:
    """A process at work, the end of its pipe that is here, and how many things it has."""

    def __init__(self) -> None:
        from multiprocessing import get_context

        context = get_context("spawn")
        self.here, there = context.Pipe()
        self.process: BaseProcess = context.Process(target=serve, args=(there, gc.get_threshold()), daemon=True)
        self.has = 0
        self.process.start()
        there.close()

    def send(self, held: bytes) -> None:
        """Give it something.

        Raises  WriteError if it has ended
        """
        try:
            self.here.send_bytes(held)
        except OSError as error:
            raise self._lost() from error

    def receive(self) -> bytes:
        """Take something from it.

        Raises  WriteError if it has ended
        """
        try:
            return self.here.recv_bytes()
        except (OSError, EOFError) as error:
            raise self._lost() from error

    def _lost(self) -> WriteError:
        self.process.join()
        return WriteError(lost(self.process.pid, self.process.exitcode or 0))

    def end(self) -> None:
        """End it, whatever it does."""
        self.here.close()
        self.process.terminate()
        self.process.join()


def lost(pid: int | None, code: int) -> str:
    """Return what to say of a process that has ended before its work, by the code that it left, and what to do."""
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    step = "where memory is short the system kills what takes most: try fewer with --jobs, or --jobs 1"
    return f"process {pid} {how} before its work was done; nothing was written; {step}"


def serve(there: Connection, collecting: tuple[int, int, int]) -> None:
    """Do the work of a worker, which comes first through its pipe, on what comes after it, until nobody is there.

    Ctrl-C is left to whoever began it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*collecting)
    waiting = SimpleQueue[bytes | None]()
    Thread(target=_listen, args=(there, waiting), daemon=True).start()
    given = waiting.get()
    if given is None:
        return
    work = pickle.loads(given)
    with suppress(OSError):  # of which nobody is there to hear
        for held in iter(waiting.get, None):
            there.send_bytes(_done(work, held))


def _listen(there: Connection, waiting: SimpleQueue[bytes | None]) -> None:
    """Take what comes while the worker is at work, so that whoever sends it need not wait."""
    with suppress(OSError, EOFError):
        while True:
            waiting.put(there.recv_bytes())
    waiting.put(None)


def _done(work: Callable[[Any], Any], held: bytes) -> bytes:
    """Return the number of a thing, whether the work could be done on it, and what came of it or the error."""
    number, thing = pickle.loads(held)
    try:
        return pickle.dumps((number, True, work(thing)))
    except Exception as error:  # which is raised where somebody reads it
        return pickle.dumps((number, False, error))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C back while processes are begun, which then never see it, not even before their first line."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # which lets Ctrl-C through once it has begun, and else would begin with the first process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
