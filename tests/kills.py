"""Kills a writer at every step and looks at what is left; run as a script, because a test process has too many threads.

A step is a line of Python: the process is killed before one of the lines of the modules that write, in a fork of its
own, on a copy of the target of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

LAST = 10**9
"""A step that no writer comes to."""


@dataclass(frozen=True)
class Writer:
    """A writer under attack: what it does to a target, and what must hold of the target once it was killed.

    `check` returns which of the states that may be seen was seen, and mends what is left by the writer itself.
    """

    write: Callable[[Path], Any]
    check: Callable[[Path], str]
    modules: tuple[str, ...]
    functions: frozenset[str] = frozenset()
    """The functions that count; all of the modules if it is empty."""


def _counting(writer: Writer, step: int) -> list[int]:
    """Kill this process before the step-th line from now on; returns the growing count."""
    count = [0]

    def look(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.endswith(writer.modules) or (writer.functions and code.co_name not in writer.functions):
            return None
        if event == "line":
            count[0] += 1
            if count[0] == step:
                os.kill(os.getpid(), signal.SIGKILL)
        return look

    sys.settrace(look)
    return count


def _steps(writer: Writer, target: Path, step: int) -> int:
    """Run a writer in a fork; return the number of its steps, 0 if it was killed."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        count = _counting(writer, step)
        writer.write(target)
        sys.settrace(None)
        os.write(write, str(count[0]).encode())
        os._exit(0)
    os.close(write)
    status, told = os.waitpid(pid, 0)[1], os.read(read, 20)
    os.close(read)
    assert os.WIFEXITED(status) or os.WTERMSIG(status) == signal.SIGKILL
    return int(told or 0)


def attack(writer: Writer, source: Path, scratch: Path, many: int) -> dict[str, int]:
    """Kill a writer at up to `many` steps, spread over all, and return how often each state was seen."""
    seen: dict[str, int] = {}
    total = _steps(writer, Path(shutil.copytree(source, scratch / "whole", symlinks=True)), LAST)
    assert total, "the writer came to no end"
    for number in range(min(many, total)):
        target = Path(shutil.copytree(source, scratch / "target", symlinks=True))
        assert not _steps(writer, target, 1 + number * total // min(many, total))
        state = writer.check(target)
        seen[state] = seen.get(state, 0) + 1
        shutil.rmtree(target)
    return seen


def _files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def build(newer: str, plain: str, only: str) -> Writer:
    """The build, from files of a newer package; `plain` says that folders cannot change places here."""
    from datapkg import build
    from datapkg.model import disk
    from datapkg.model.layout import Layout
    from datapkg.read import opened

    if plain:
        disk._exchange = lambda one, two: False
    after = _files(Path(newer))
    build.write(after, Layout(Path(newer)), {}, ())  # loads every module

    def check(target: Path) -> str:
        store = opened(Layout(target))
        held = {store.bytes(name) for name in store.names()}  # proven by the descriptor, or an error
        state = "new" if held <= set(after.values()) else "old"
        build.write(after, Layout(target), {}, ())
        assert {k: v for k, v in _files(target).items() if k in after} == after
        assert not list(target.glob(f"{disk.SCRATCH}*"))
        return state

    modules = ("model/disk.py", "datapkg/build.py", "tempfile.py", "shutil.py")
    return Writer(lambda target: build.write(after, Layout(target), {}, ()), check, modules, frozenset(only.split()))


def source_check(text: str) -> Writer:
    """`source check --write`, with a copy that has moved."""
    from datapkg.claims import check_anchors
    from datapkg.model.layout import Layout

    source, moved = "hanbit-visit-2024", Path(text)
    before: list[bytes] = []

    def write(target: Path) -> None:
        check_anchors(Layout(target), source, moved, write=True)

    def check(target: Path) -> str:
        file = target / f"data/raw/claims/{source}.yaml"
        left = file.read_bytes()
        write(target)
        before[:] = before or [left]
        assert left in (before[0], file.read_bytes())
        return "old" if left == before[0] else "new"

    return Writer(write, check, ("claims/sources.py", "model/disk.py"))


def source_new() -> Writer:
    """`source new`."""
    from datapkg.claims import new_source
    from datapkg.model.layout import Layout

    def write(target: Path) -> Path:
        return new_source(Layout(target), "a-new-source", date(2031, 6, 2))

    def check(target: Path) -> str:
        file = target / "data/raw/claims/a-new-source.yaml"
        if not file.exists():
            write(target)
            assert file.read_text("utf-8").endswith("\n")
            return "old"
        left = file.read_bytes()
        file.unlink()
        assert write(target).read_bytes() == left
        return "new"

    return Writer(write, check, ("claims/sources.py", "model/disk.py"))


def publish(release: str) -> Writer:
    """A publication to a folder."""
    from datapkg.registry import Registry, publish

    def check(target: Path) -> str:
        there = (target / "index.json").exists() and Registry.open(target).versions().find("0.1.0")
        publish(Path(release), str(target))
        assert _files(target / "0.1.0") == _files(Path(release))
        assert {p.name for p in target.iterdir()} <= {"0.1.0", "index.json", ".publish.lock"}
        return "new" if there else "old"

    return Writer(lambda target: publish(Path(release), str(target)), check,
                  ("registry/folder.py", "registry/publish.py", "registry/targets.py", "model/disk.py"))  # fmt: skip


def release(plan: str) -> Writer:
    """A release; where tables are called large, the slow tools are left out."""
    import repositories

    from datapkg import release as releasing
    from datapkg.model.layout import Layout
    from datapkg.release import make, verify

    make.LARGE, planned = -1, repositories.loaded(plan)

    def check(target: Path) -> str:
        folder = target / "data/releases" / planned.version
        index = folder.parent / "index.json"  # comes after the folder; with the first release there is none before
        there = folder.is_dir() and index.is_file() and planned.version in index.read_text()
        assert not there or verify(folder) == []
        if not there:
            assert releasing.run(Layout(target), planned) == folder
            assert verify(folder) == []
            assert not list(folder.parent.glob(".making*"))
        return "new" if there else "old"

    return Writer(lambda target: releasing.run(Layout(target), planned), check,
                  ("release/make.py", "registry/folder.py", "registry/publish.py", "model/disk.py"))  # fmt: skip


def run(name: str, source: Path, scratch: Path, many: int, *arguments: str) -> dict[str, int]:
    """Attack a writer in a process of its own; see `attack`."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    command = [sys.executable, str(Path(__file__).resolve()), name, str(source), str(scratch), str(many), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=plain)
    assert done.returncode == 0, done.stderr[-2000:]
    seen: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return seen


if __name__ == "__main__":
    WRITERS: dict[str, Callable[..., Writer]] = {
        f.__name__: f for f in (build, source_check, source_new, publish, release)
    }
    what, source, scratch, many, *rest = sys.argv[1:]
    print(json.dumps(attack(WRITERS[what](*rest), Path(source), Path(scratch), int(many))))
