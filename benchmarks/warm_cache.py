"""A pinned table of a million rows from a warm cache, every byte proven, against plain pandas, pins and datasets.

Run  python -m benchmarks.warm_cache
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

from benchmarks.targets import judge, note
from datapkg.model import chunks
from datapkg.model.specs import Spec
from datapkg.package.parquet import parquet
from datapkg.registry.publish import publish
from datapkg.registry.reader import Registry

ROWS = {"small": 10_000, "usual": 1_000_000, "large": 1_000_000}
ROUNDS = 7
VERSION = "0.1.0"
TABLE = "data/shares.parquet"
FIELDS = {"company_id": "string", "market_id": "string", "period": "string", "basis": "string", "period_start": "date",
          "share_pct": "number", "certainty": "string", "claim_id": "string", "claim_count": "integer"}  # fmt: skip


def spec() -> Spec:
    """Return a table like market_shares."""
    fields = [{"name": n, "type": t, "title": n, "description": n} for n, t in FIELDS.items()]
    return Spec("shares", {"title": "Shares", "description": "Shares.", "role": "fact", "fields": fields,
                           "primaryKey": ["company_id", "market_id", "period", "basis"]})  # fmt: skip


def release(folder: Path, many: int) -> Path:
    """Write a release with one table, in the write profile of releases."""
    about = {
        "name": "bench", "title": "Bench", "description": "Rows to load.", "version": VERSION, "keywords": ["bench"],
        "homepage": "https://bench.example", "created": "2024-01-01", "contributors": [{"title": "Nobody"}],
        "licenses": [{"name": "CC-BY-4.0", "title": "CC", "path": "https://bench.example/licence"}],
    }  # fmt: skip
    rows = duckdb.sql(f"""
        SELECT 'company-' || lpad((i % 5000)::VARCHAR, 4, '0') AS company_id, 'market-' || (i // 5000) AS market_id,
               (2000 + i % 25) || '-0' || (1 + i % 9) AS period,
               ['revenue', 'units', 'capacity', 'unspecified'][1 + i % 4] AS basis,
               make_date(2000 + (i % 25)::INT, 1 + (i % 9)::INT, 1) AS period_start,
               (hash(i) % 10001) / 100 AS share_pct, ['asserted', 'reported', 'speculated'][1 + i % 3] AS certainty,
               'source-' || (i // 100) || '/claim-' || (i % 100) AS claim_id, 1 + i % 3 AS claim_count
        FROM range({many}) t(i) ORDER BY 1, 2, 3, 4""").to_arrow_table()
    data = parquet(rows, spec(), about)
    schema = {"fields": spec().schema["fields"], "primaryKey": list(spec().key)}
    resource = {"name": "shares", "title": "Shares", "description": "Shares.", "path": TABLE, "rows": many,
                **chunks.hashed(data).entries(), "schema": schema}  # fmt: skip
    files = {TABLE: data, "datapackage.json": json.dumps({**about, "resources": [resource]}).encode(),
             "release.json": json.dumps({"version": VERSION, "created": "2024-01-01"}).encode()}  # fmt: skip
    files["SHA256SUMS"] = "".join(f"{hashlib.sha256(files[p]).hexdigest()}  {p}\n" for p in sorted(files)).encode()
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


LOADS = {
    "pandas": "import pandas; found = pandas.read_parquet({path!r})",
    "datapkg": """
import datapkg
found = datapkg.load("shares", version={version!r}, registry={url!r}, cache=__import__("pathlib").Path({cache!r}))
""",
    "pins": "from pins import board_folder; found = board_folder({board!r}).pin_read('shares', version={pin!r})",
    "Hugging Face datasets": """
import datasets
datasets.disable_progress_bars()
found = datasets.load_dataset("parquet", data_files={path!r}, split="train", cache_dir={hf!r}).to_pandas()
""",
}
"""Code that loads the table once more, to be run here and in a new process."""


def prepared(folder: Path, url: str) -> dict[str, str]:
    """Return the code of each tool that is installed, with its cache filled."""
    cache, path = folder / "cache", folder / "cache.parquet"
    names = {"url": url, "cache": str(cache), "version": VERSION, "board": str(folder / "board"), "pin": "",
             "hf": str(folder / "hf"), "path": str(path)}  # fmt: skip
    path.write_bytes(Registry.open(url, cache).file(VERSION, TABLE))
    Registry.open(url, cache).release(VERSION)
    with contextlib.suppress(ImportError), contextlib.redirect_stderr(io.StringIO()):
        from pins import board_folder

        table = pd.read_parquet(path)
        names["pin"] = board_folder(names["board"]).pin_write(table, "shares", type="parquet").version.version
    codes = {name: code.format(**names) for name, code in LOADS.items()}
    with contextlib.suppress(ImportError):
        run(codes["Hugging Face datasets"])
    return {name: code for name, code in codes.items() if find_spec(name.split()[-1])}


def run(code: str) -> None:
    """Run the code of a tool in this process."""
    names: dict[str, Any] = {}
    exec(code, names)
    assert len(names["found"]) in ROWS.values()


def anew(code: str) -> None:
    """Run the code of a tool in a new process, with its imports."""
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)


def best(codes: dict[str, str], act: Callable[[str], None], rounds: int) -> dict[str, float]:
    """Return the best time of each tool, measured in turns."""
    found = dict.fromkeys(codes, float("inf"))
    for _ in range(rounds):
        for name, code in codes.items():
            start = time.perf_counter()
            act(code)
            found[name] = min(found[name], time.perf_counter() - start)
    return found


def main(size: str = "usual") -> None:
    """Print the best time of each and the ratios."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        publish(release(folder / "release", ROWS[size]), str(folder / "registry"))
        with serving(folder / "registry") as url:
            codes = prepared(folder, url)
        rounds = (1, 1) if size == "small" else (ROUNDS, 3)
        here, new = best(codes, run, rounds[0]), best(codes, anew, rounds[1])  # the server is gone: the caches are warm
        held = (folder / "cache.parquet").stat().st_size
    print(f"{ROWS[size]:,} rows, {held / 1e6:.1f} MB of Parquet; in a new process, with imports")
    for name in LOADS:
        if name in codes:
            print(f"{name:22} {here[name]:.3f} s, in a new process {new[name]:.2f} s")
        else:
            print(f"{name:22} not installed")
    judge("datapkg / pandas.read_parquet", here["datapkg"] / here["pandas"], most=1.2)
    for name in set(codes) - {"datapkg", "pandas"}:
        note(f"{name} / datapkg", here[name] / here["datapkg"])
        note(f"{name} / datapkg, in a new process", new[name] / new["datapkg"])


if __name__ == "__main__":
    main()
