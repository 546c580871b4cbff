"""What benchmarks find: every figure is printed, beside its target if it has one, and written down in the end."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import benchmarks

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results.json"
FIGURES: list[dict[str, Any]] = []
"""What was found in this run."""
SIZES = ("small", "usual", "large")
"""How much is measured: `small` to see that everything runs, `large` with what has ten million rows."""


def judge(what: str, found: float, unit: str = "", *, most: float | None = None, least: float | None = None) -> None:
    """Print a figure with its target, and remember both."""
    if (most is None) == (least is None):
        raise ValueError(f"{what}: a target is either `most` or `least`")
    if benchmarks.size == "small":
        note(what, found, unit)
        return
    missed = found > most if most is not None else found < least  # type: ignore[operator]  # one of them is given
    bound = f"at most {most:,g}" if most is not None else f"at least {least:,g}"
    print(_line(what, found, unit) + f" ({bound})" + (" MISSED" if missed else ""), flush=True)
    _keep(what, found, unit, target=bound, missed=missed)


def note(what: str, found: float, unit: str = "") -> None:
    """Print a figure without a target, and remember it."""
    print(_line(what, found, unit), flush=True)
    _keep(what, found, unit)


def _line(what: str, found: float, unit: str) -> str:
    return f"{what}: {found:,.4g}{unit and ' ' + unit}"


def _keep(what: str, found: float, unit: str, **target: Any) -> None:
    FIGURES.append({"part": benchmarks.part, "what": what, "found": float(f"{found:.4g}"), "unit": unit, **target})


def conclude() -> None:
    """End the process with what missed its target, as an error; do nothing if nothing did."""
    missed = [f for f in FIGURES if f.get("missed")]
    if missed:
        told = [f"{_line(f['what'], f['found'], f['unit'])} ({f['target']})" for f in missed]
        raise SystemExit("\n".join(["", f"{len(missed)} missed:", *told]))


def save(size: str, day: date) -> None:
    """Write the figures of this run, in the place of those of an earlier one of the same parts."""
    before: dict[str, Any] = {"figures": []}
    with suppress(OSError, ValueError):
        before = json.loads(RESULTS.read_text(encoding="utf-8"))
    anew = {f["part"] for f in FIGURES}
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    run = {"date": day.isoformat(), "commit": _commit(), "machine": machine(), "size": size, "load": load}
    kept = [f for f in before["figures"] if f["part"] not in anew]
    figures = [*kept, *({**f, "run": run} for f in FIGURES)]
    text = json.dumps({"figures": figures}, ensure_ascii=False, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def _commit() -> str:
    command = ["git", "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {"system": f"{platform.system()} {platform.machine()}", "processors": os.cpu_count(),
            "memory_gib": round(memory / 2**30), "python": platform.python_version()}  # fmt: skip


def middle(commands: Mapping[str, Sequence[str | Path]], rounds: int = 5) -> dict[str, float]:
    """Return the median of the seconds that programs take; they run in turns, so that what disturbs disturbs all."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds if rounds == 1 else rounds + 1):
        for name, command in commands.items():
            began = perf_counter()
            process(command)
            if turn or rounds == 1:  # the first fills the caches of files and of bytecode
                times[name].append(perf_counter() - began)
    return {name: median(found) for name, found in times.items()}


def process(command: Sequence[str | Path]) -> str:
    """Run a program as it is run where it is installed, with bytecode that Python keeps; return what it prints."""
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cache = {"PYTHONPYCACHEPREFIX": str(Path(__file__).parent / "scratch" / "bytecode")}
    done = subprocess.run(command, cwd=ROOT, env={**told, **cache}, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))[:300]}\nends with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def peak(code: str) -> float | None:
    """Return the MiB of resident memory that a program of Python takes at most, None where no system tells."""
    if not Path("/proc/self/status").exists():
        return None
    told = "\nprint(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    return int(process([sys.executable, "-c", code + told]).split()[-1]) / 1024
