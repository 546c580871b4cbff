"""Work in other processes: in order, a few things ahead, and no process is left, however it ends."""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from datapkg.model import WriteError, processes
from datapkg.model.processes import AHEAD, begin, do, in_processes, lost


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    before = {*multiprocessing.active_children()}
    yield
    assert {*multiprocessing.active_children()} == before


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_what_is_made_comes_in_order(jobs: int) -> None:
    things = [*range(3)] if jobs == 5 else [*range(500, 0, -50)]
    assert [*in_processes(math.factorial, things, jobs)] == [math.factorial(thing) for thing in things]


def test_nothing_makes_nothing() -> None:
    assert [*in_processes(math.factorial, [], 2)] == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_is_raised(jobs: int) -> None:
    made = in_processes(math.sqrt, [4.0, -1.0, 9.0], jobs)
    assert next(made) == 2
    with pytest.raises(ValueError, match="math domain error"):
        next(made)


def test_few_things_are_taken_ahead() -> None:
    taken: list[int] = []

    def things() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    made = in_processes(math.factorial, things(), 2)
    assert next(made) == 1
    assert len(taken) == AHEAD * 2
    made.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that kill")
def test_a_process_that_is_killed_is_named() -> None:
    step = "before its work was done; nothing was written; where memory is short the system kills what takes most: try"
    with pytest.raises(
        WriteError, match=rf"^process \d+ was killed by signal 9 {step} fewer with --jobs, or --jobs 1$"
    ):
        [*in_processes(signal.raise_signal, [0, signal.SIGKILL, 0], 2)]


def test_a_process_that_ends_by_itself_is_named() -> None:
    with pytest.raises(WriteError, match=r"^process \d+ ended with code 3 before its work was done"):
        [*in_processes(os._exit, [3], 2)]


def test_processes_that_were_told_to_end() -> None:
    ended = [(7, 0), (8, None), (9, -signal.SIGTERM)]
    assert lost(ended).startswith("a process was told to end before its work was done; ")
    assert lost([*ended, (10, -9), (11, 1)]).startswith("process 10 was killed by signal 9 and process 11 ended with ")


@pytest.fixture
def interrupts() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_a_worker_has_the_work_and_leaves_interrupts_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_held", [])
    begin(pickle.dumps(math.factorial), gc.get_threshold())
    assert do(5) == 120
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.usefixtures("interrupts")
def test_a_worker_ends_with_the_one_that_began_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = multiprocessing.Pipe(duplex=False)
    ended, codes = threading.Event(), list[int]()

    class Parent:
        sentinel = reader

    def leave(code: int) -> None:
        codes.append(code)
        ended.set()

    monkeypatch.setattr(processes, "_held", [])
    monkeypatch.setattr(multiprocessing, "parent_process", Parent)
    monkeypatch.setattr(os, "_exit", leave)
    begin(pickle.dumps(math.factorial), gc.get_threshold())
    assert not codes
    writer.close()
    assert ended.wait(10)
    assert codes == [1]


def test_where_signals_cannot_be_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
    assert [*in_processes(partial(math.pow, 2), [3.0], 2)] == [8.0]


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be kept back here")
def test_interrupts_come_once_a_process_was_begun() -> None:
    seen: list[Any] = []
    with processes._uninterrupted():
        seen.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    seen.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    assert seen == [True, False]
