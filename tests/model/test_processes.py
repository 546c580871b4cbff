"""Work in other processes: in order, a few things ahead, and no process is left, however it ends."""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from datapkg.model import WriteError, processes
from datapkg.model.processes import AHEAD, in_processes, serve


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
    assert len(taken) == AHEAD * 2 + 1
    made.close()


STEP = "before its work was done; nothing was written; where memory is short the system kills what takes most: try "
STEP += "fewer with --jobs, or --jobs 1"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that kill")
def test_a_process_that_is_killed_is_named() -> None:
    with pytest.raises(WriteError, match=rf"^process \d+ was killed by signal 9 {STEP}$"):
        [*in_processes(signal.raise_signal, [0, signal.SIGKILL, 0], 2)]


@pytest.mark.parametrize("things", [[3], [3] * 9])
def test_a_process_that_ends_by_itself_is_named(things: list[int]) -> None:
    with pytest.raises(WriteError, match=rf"^process \d+ ended with code 3 {STEP}$"):
        [*in_processes(os._exit, things, 2)]


def test_much_is_sent_to_a_process_that_has_ended() -> None:
    worker = processes._Worker()
    worker.process.terminate()
    worker.process.join()
    with pytest.raises(WriteError, match=rf"^process {worker.process.pid} "):
        worker.send(b"x" * 10_000_000)
    worker.end()


@pytest.fixture
def interrupts() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def served(*sent: Any, heard: bool = True) -> list[Any]:
    """Return what comes back of what is sent to a worker, which works in this process until nobody is there."""
    here, there = multiprocessing.Pipe()
    for held in sent:
        here.send_bytes(pickle.dumps(held))
    if not heard:
        here.close()
    answers: list[Any] = []

    def hear() -> None:
        for _ in sent[1:]:
            answers.append(pickle.loads(here.recv_bytes()))
        here.close()

    with ThreadPoolExecutor(1) as beside:
        told = beside.submit(hear) if heard else None
        serve(there, gc.get_threshold())
        if told:
            told.result()
    return answers


@pytest.mark.usefixtures("interrupts")
def test_a_worker_leaves_interrupts_to_others_and_ends_when_nobody_is_there() -> None:
    answers = served(math.sqrt, (0, 4.0), (1, -1.0), (2, 9.0))
    assert [(number, fine) for number, fine, _ in answers] == [(0, True), (1, False), (2, True)]
    assert [answers[0][2], str(answers[1][2]), answers[2][2]] == [2.0, "math domain error", 3.0]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("sent", [[], [math.sqrt], [math.sqrt, (0, 4.0), (1, 9.0)]])
def test_a_worker_ends_if_nobody_hears_it(sent: list[Any]) -> None:
    assert served(*sent, heard=False) == []


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
