"""Read, ask, cite and verify the newest release with the oldest libraries that pyproject.toml allows (`make floors`).

Then the commands once more where of these libraries only those are seen that a plain install brings.

python tests/floors.py --pins prints them, --newest the same without pins (`make newest`); without either it is done.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("sql", "remote", "cite", "xlsx", "plot", "pages")
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
    assert len(datapkg.cite(frame.head(3), style="apa").splitlines()) > 1
    assert datapkg.plot("market_shares", market="foundry").lines
    with tempfile.TemporaryDirectory() as scratch:
        assert main(["export", "people", f"{scratch}/people.xlsx"]) == 0
    return main(["verify", str(ROOT / "data/releases" / str(frame.attrs["version"]))])


COMMANDS = (
    "tables", "versions", "show market_shares --limit 3", "show positions --valid-on 2024-01 --known-by 2024-06",
    "trace market_shares nvidia ai-chips 2024-01", "why market_shares nvidia ai-chips 2024-01", "mentions hbm3e",
    "cite market_shares --where company_id=nvidia", "export people people.csv", "export people people.parquet",
    "export people people.json", "completion bash", "verify 0.1.0",
)  # fmt: skip
"""What works without extras; tests/test_wheel.py has all commands, on the newest libraries."""


def plainly() -> int:
    """Run the commands without extras, and return how many fail."""
    import plain

    with tempfile.TemporaryDirectory() as scratch:
        libraries = plain.site(Path(scratch) / "site")
        told = plain.run(libraries, ROOT, [command.split() for command in COMMANDS], Path(scratch))
    failed = [(command, err) for command, (code, _, err) in zip(COMMANDS, told, strict=True) if code]
    for command, err in failed:
        print(f"without extras: datapkg {command}: {err}")
    return len(failed)


if __name__ == "__main__":
    if sys.argv[1:] in (["--pins"], ["--newest"]):
        print("\n".join(pins() if sys.argv[1] == "--pins" else wanted()))
    else:
        sys.exit(work() or plainly())
