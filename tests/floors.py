"""Read, ask, cite and verify the newest release with the oldest libraries that pyproject.toml allows (`make floors`).

python tests/floors.py --pins prints them, --newest the same without pins (`make newest`); without either it is done.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("cli", "sql", "remote")
"""What reading needs; building has its own pins in requirements.lock."""


def wanted() -> list[str]:
    """Return every library that reading needs as pyproject.toml says it: pandas>=2.2."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(line for name in EXTRAS for line in project["optional-dependencies"][name])]


def pins() -> list[str]:
    """Return the floor of every library as a requirement: pandas==2.2."""
    return [re.sub(r">=([\d.]+).*", r"==\1", line) for line in wanted()]


def work() -> int:
    """Do what readers do, and return the exit code of `datapkg verify`."""
    import datapkg
    from datapkg.cli.main import main

    frame = datapkg.load("market_shares")
    known = datapkg.load("market_shares", policy="latest", known_by="2024-06", voice="TrendForce")
    assert 0 < len(known) < len(frame)
    with datapkg.connect() as connection:
        assert connection.execute("SELECT count(*) FROM market_shares").fetchall() == [(len(frame),)]
    assert len(datapkg.trace("market_shares", frame.iloc[0]))
    assert datapkg.cite(frame).count("\n@") > 1
    return main(["verify", str(ROOT / "data/releases" / str(frame.attrs["version"]))])


if __name__ == "__main__":
    if sys.argv[1:] in (["--pins"], ["--newest"]):
        print("\n".join(pins() if sys.argv[1] == "--pins" else wanted()))
    else:
        sys.exit(work())
