"""What is fetched of a distant release: many files at once, and the same as one by one."""

from __future__ import annotations

import threading
from itertools import count
from pathlib import Path

from datapkg.api import Data, data, folder
from datapkg.model.together import LANES
from datapkg.registry import Registry


def test_a_trace_fetches_the_schemas_many_at_once(published: Path) -> None:
    near = data("0.2.0", str(published))
    assert near.source
    all_here, asked = threading.Barrier(LANES), count()

    def distant(path: str) -> bytes:
        if path.startswith("schemas/") and next(asked) < LANES:
            all_here.wait(60)  # for ever, if they were fetched one by one
        return near.source(path) if near.source else b""

    row = near.load("market_shares").iloc[0]
    found = Data(near.layout, distant, near.registry).trace("market_shares", row)
    assert list(found["claim_id"]) == list(near.trace("market_shares", row)["claim_id"])


def test_a_diff_fetches_the_files_many_at_once(served: str, tmp_path: Path) -> None:
    fetched = folder("0.2.0", served, tmp_path, mirror=False)
    listed = Registry.open(served, tmp_path)._digests(Registry.open(served, tmp_path).find("0.2.0"))
    there = {p.relative_to(fetched).as_posix() for p in fetched.rglob("*") if p.is_file()}
    assert there == {path for path in listed if not path.startswith("csv/")}
    assert not list(tmp_path.rglob("*.part"))
