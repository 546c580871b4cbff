"""How many claims in bulk a second become observations: read, validated, resolved; from JSON Lines and from Parquet.

The claims are invented, about the companies and markets of this repository, 22 to a source, and have figures of their
own. It is the way of `datapkg build` from files to the rows of all observation tables, in one process.

Run  python -m benchmarks.bulk
"""

from __future__ import annotations

import csv
import gc
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.targets import judge, note
from datapkg.claims import correct, observe, read
from datapkg.model import Layout, load_specs

ROOT = Path(__file__).parents[1]
CLAIMS = {"small": 2_000, "usual": 100_000, "large": 100_000}
EACH = 22
"""Claims of a source."""
ROUNDS = 3


def names(table: str) -> list[str]:
    """Return the names of the entries of a registry, as sources write them."""
    with (ROOT / f"data/raw/entities/{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row["name_en"] for row in csv.DictReader(file)]


def sources(many: int) -> Iterator[dict[str, Any]]:
    """Yield the sources."""
    for number in range(-(-many // EACH)):
        day = f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}"
        yield {
            "source_id": f"made-{number}", "title": f"Invented figures {number}", "publisher": "Made up",
            "kind": "press", "tier": "secondary", "language": "en", "published": day,
            "url": f"https://made.example/{number}",
        }  # fmt: skip


def claim(number: int, company: str, says: str, kind: dict[str, Any]) -> dict[str, Any]:
    """Return an invented claim by its number, EACH to a source; of every third a company is the voice."""
    return {
        "source_id": f"made-{number // EACH}", "claim": f"figure-{number % EACH}", "certainty": "asserted",
        "says": says, "quote": {"sha256": f"{number:064x}", "chars": 20 + number % 200},
        **({"said_by": company} if number % 3 == 0 else {}), **kind,
    }  # fmt: skip


def claims(many: int) -> Iterator[dict[str, Any]]:
    """Yield the claims, of four kinds in turn."""
    companies, markets = names("companies"), names("markets")
    for i in range(many):
        company, market = companies[i % len(companies)], markets[i // 7 % len(markets)]
        period = (f"{1990 + i % 30}", f"20{i % 20:02}-Q{1 + i % 4}", f"20{i % 20:02}-{1 + i % 12:02}")[i % 3]
        amount = 1_000_000 * (i % 9973) + i % 7
        kinds: tuple[dict[str, Any], ...] = (
            {"company_metric": {"company": company, "metric": "revenue", "period": period, "amount": amount,
                                "currency": "USD"}},
            {"market_share": {"company": company, "market": market, "period": period, "share_pct": i % 991 / 10 + 1,
                              "basis": "revenue"}},
            {"market_size": {"market": market, "period": period, "amount": amount, "currency": "USD"}},
            {"company_metric": {"company": company, "metric": "operating_profit", "period": period, "currency": "KRW",
                                "amount": amount, "qualifier": "about"}},
        )  # fmt: skip
        yield claim(i, company, f"The figure was {amount:,} in {period}.", kinds[i % 4])


def write(bulk: Path, kind: str, many: int) -> None:
    """Write sources and claims as JSON Lines or as Parquet."""
    bulk.mkdir(parents=True)
    for name, records in (("made.sources", sources(many)), ("made", claims(many))):
        if kind == "jsonl":
            with (bulk / f"{name}.jsonl").open("w", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(record)}\n" for record in records)
        else:
            held = list(records)
            columns = dict.fromkeys(column for record in held[:EACH] for column in record)
            table = pa.table({column: [record.get(column) for record in held] for column in columns})
            pq.write_table(table, bulk / f"{name}.parquet")


def plainly(bulk: Path) -> float:
    """Return how many claims a second Python's own reader of JSON reads, which does nothing else."""
    lines = (bulk / "made.jsonl").read_text(encoding="utf-8").splitlines()
    began = process_time()
    for line in lines:
        json.loads(line)
    return len(lines) / (process_time() - began)


def rate(root: Path, many: int) -> float:
    """Return how many claims a second of one processor become observations."""
    began = process_time()
    layout = Layout(root)
    curation = read(layout, load_specs(layout.schema_files))
    rows = observe(curation, correct(curation))
    took = process_time() - began
    if curation.findings or len(rows["claims"]) != many:
        raise SystemExit(f"{len(rows['claims'])} of {many} claims, {[str(f) for f in curation.findings[:5]]}")
    return many / took


def main(size: str = "usual") -> None:
    """Print the claims that a second of one processor curates."""
    gc.set_threshold(100_000, 20, 20)  # as `datapkg` does
    plain, many, rounds = 0.0, CLAIMS[size], 1 if size == "small" else ROUNDS
    for kind in ("jsonl", "parquet"):
        with TemporaryDirectory() as folder:
            root = Path(folder)
            shutil.copytree(ROOT / "data/raw/entities", root / "data/raw/entities")
            write(root / "data/raw/bulk", kind, many)
            held = sum(path.stat().st_size for path in (root / "data/raw/bulk").iterdir())
            note(f"bytes of a claim in {kind}", held / many)
            best = max(rate(root, many) for _ in range(rounds))
            plain = max(plainly(root / "data/raw/bulk") for _ in range(rounds)) if kind == "jsonl" else plain
        judge(f"{many:,} claims from {kind} to observations", best, "a second", least=50_000)
        judge(f"{many:,} claims from {kind}, times json.loads alone", plain / best, most=12)


if __name__ == "__main__":
    main()
