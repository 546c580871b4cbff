"""Work on many things at once: as many as there are lanes, in order, and nothing more after a failure."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from datapkg.model.together import LANES, beside, together


def test_results_are_in_the_order_of_the_things() -> None:
    assert together(lambda n: time.sleep(0.02 / (n + 1)) or n * n, range(40)) == [n * n for n in range(40)]
    assert together(str, []) == []


@pytest.mark.parametrize("lanes", [1, 3, LANES])
def test_as_many_at_once_as_there_are_lanes_and_no_more(lanes: int) -> None:
    all_here, lock, running, most = threading.Barrier(lanes), threading.Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        all_here.wait(60)  # for ever, if fewer were begun
        with lock:
            running -= 1

    together(work, range(3 * lanes), lanes)
    assert most == lanes


def test_after_a_failure_nothing_more_is_begun() -> None:
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 2:
            raise ValueError("the third")
        time.sleep(0.01)

    with pytest.raises(ValueError, match=r"^the third$"):
        together(work, range(100), 2)
    assert len(begun) < 10


def test_things_that_are_still_to_be_made_are_taken_only_as_they_are_worked_on() -> None:
    taken, lanes = [], os.cpu_count() or 1

    def things() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    found = beside(lambda n: time.sleep(0.02 / (n + 1)) or n * n, things())
    assert [next(found), len(taken)] == [0, lanes + 1]
    assert [*found] == [n * n for n in range(1, 20)]
    assert [*beside(str, [])] == []


def test_a_failure_beside_others_comes_in_its_turn() -> None:
    found = beside(lambda n: 6 // n, [3, 2, 0, 1])
    assert [next(found), next(found)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(found)
