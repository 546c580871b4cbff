"""Targets of the benchmarks: every figure is printed beside its target, and what missed is told at the end."""

from __future__ import annotations

MISSED: list[str] = []
"""What the figures of this run say that are beyond their targets."""


def judge(what: str, found: float, unit: str = "", *, most: float | None = None, least: float | None = None) -> None:
    """Print a figure with its target, and remember it if it misses that."""
    if (most is None) == (least is None):
        raise ValueError(f"{what}: a target is either `most` or `least`")
    missed = found > most if most is not None else found < least  # type: ignore[operator]  # one of them is given
    bound = f"at most {most:,g}" if most is not None else f"at least {least:,g}"
    line = f"{what}: {found:,.4g}{unit and ' ' + unit} ({bound})"
    print(line + (" MISSED" if missed else ""), flush=True)
    if missed:
        MISSED.append(line)


def conclude() -> None:
    """End the process with what missed its target, as an error; do nothing if nothing did."""
    if MISSED:
        raise SystemExit("\n".join(["", f"{len(MISSED)} missed:", *MISSED]))
