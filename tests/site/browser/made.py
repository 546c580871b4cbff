"""What the browser tests look at: python made.py OUT makes sites, and what `load` says of the tables that they show.

OUT/working   the site of the working build
OUT/good      that of tests/good, with hostile text in names, claims and addresses
OUT/long      the same with a table of a million rows
OUT/released  that of the newest release in data/releases, without what was known when
OUT/expected  a file per table, day and policy: the columns and rows of load(table, known_by=day, policy=policy)
OUT/changes.json  what `compare` finds between two releases that are not neighbours
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from multiprocessing import Process
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datapkg import api, build
from datapkg import feeds as making
from datapkg.cli.main import main
from datapkg.cli.render import records
from datapkg.compare import compare, write_changes
from datapkg.model.layout import Layout
from datapkg.package import PROFILE_PARQUET, ROW_GROUP
from datapkg.read.data import Data
from datapkg.registry import installed
from datapkg.site import earlier, make
from datapkg.site.history import history

ROOT = Path(__file__).parents[3]
ASKED = {
    "market_shares": ((None, "latest"), ("2023-06-30", "preferred"), ("2025-06-05", "latest"), ("2025-06-05", "all")),
    "market_sizes": (("2024-11-30", "preferred"), ("2022-12-31", "latest")),
    "plans": ((None, "preferred"), (None, "latest"), ("2023-12-31", "preferred"), ("2025-03-01", "latest")),
    "deals": (("2024-02-29", "preferred"),),
    "meetings": (("2025-02-04", "preferred"),),
    "sources": (("2024-01-31", "preferred"),),
}
"""Tables with the days and policies under which the pages are compared with `load`."""
HOSTILE = {
    "companies": {"name_en": "<img src=x onerror=alert(1)>", "name_ko": "\u202e<script>alert(1)</script>"},
    "claims": {"says": "<script>document.title='taken'</script>" + "가\u202e한" * 5000},
    "sources": {"title": "</title><b onmouseover=alert(1)>", "url": "javascript:alert(1)"},
    "markets": {"definition": "'\"><iframe src=//elsewhere.example></iframe>"},
}
"""What is written into the first row of tables of tests/good."""
CHAINED = ("0.1.0", "0.3.0")
"""Two releases with one between them."""
COMPARED = ("row_added", "row_removed", "cell_changed", "table_added")
LONG, ROWS, DAY = "acknowledgements", 1_000_000, date(2024, 1, 1)
"""The table that is long, how many rows it has, and the day of each."""


def working(out: Path) -> None:
    """Make the site of the working build."""
    sys.exit(main(["site", "working", str(out / "working")]))


def good(out: Path) -> None:
    """Make the site of tests/good, hostile, and the one with a long table."""
    layout = _built(out / "repository")
    _rewritten(layout, {name: lambda table, cells=cells: _hostile(table, cells) for name, cells in HOSTILE.items()})
    _undated(Data(layout), out / "good")
    _rewritten(layout, {LONG: _long})
    _undated(Data(layout), out / "long")


def _built(root: Path) -> Layout:
    layout = Layout(Path(shutil.copytree(ROOT / "tests/good", root)))
    for path, data in build.render(build.assemble(layout), layout).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return layout


def _rewritten(layout: Layout, changes: Mapping[str, Callable[[pa.Table], pa.Table]]) -> None:
    """Write some tables of a build once more, changed, in groups of rows as a release has them."""
    described = json.loads((layout.root / "datapackage.json").read_text("utf-8"))
    for resource in described["resources"]:
        if resource["name"] in changes:
            path = layout.root / resource["path"]
            table = changes[resource["name"]](pq.read_table(path))
            pq.write_table(table, path, row_group_size=ROW_GROUP, **PROFILE_PARQUET)
            resource |= {"hash": "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest(), "rows": table.num_rows}
    (layout.root / "datapackage.json").write_text(json.dumps(described), "utf-8")


def _long(table: pa.Table) -> pa.Table:
    """Return a table of the columns of one, with numbered rows."""
    day = pa.scalar(date(2024, 1, 1))
    columns = {
        field.name: pa.repeat(day if pa.types.is_date(field.type) else field.name, ROWS) for field in table.schema
    }
    numbers = pa.array(range(ROWS)).cast(pa.string())
    return pa.table(columns | {"reason": pc.binary_join_element_wise("row", numbers, "-")}, schema=table.schema)


def released(out: Path) -> None:
    """Make the site of the newest release, and compare two releases that its changes chain."""
    newest = json.loads((ROOT / "data/releases/index.json").read_text("utf-8"))["latest"]
    feeds = {f"feeds/{path}": data for path, data in making.feeds(installed(), "../index.html", newest).items()}
    _undated(api.data(newest), out / "released", earlier(installed(), newest), feeds)
    found = compare(*(ROOT / "data/releases" / version for version in CHAINED))
    write_changes(found, out / "changes.parquet")
    columns = ["table", "change", "key", "column", "old_value", "new_value"]
    rows = [
        row for row in pq.read_table(out / "changes.parquet", columns=columns).to_pylist() if row["change"] in COMPARED
    ]
    (out / "changes.json").write_text(json.dumps({"releases": CHAINED, "rows": rows}), "utf-8")


def _undated(
    data: Data, out: Path, before: Mapping[str, bytes] = make.NONE, beside: Mapping[str, bytes] = make.NONE
) -> None:
    """Make a site with empty histories, which take the most time and are looked at in that of the working build."""
    make.history = lambda observed, spec: history(observed.slice(0, 0), spec)
    make.make_site(data, out, before=before, beside=beside)


def _hostile(table: pa.Table, cells: dict[str, str]) -> pa.Table:
    for name, text in cells.items():
        values = [text, *table.column(name).to_pylist()[1:]]
        table = table.set_column(table.column_names.index(name), table.schema.field(name), [values])
    return table


def expected(out: Path) -> None:
    """Write what `load` says."""
    (out / "expected").mkdir()
    for name, asked in _answers():
        (out / "expected" / f"{name}.json").write_text(json.dumps(asked), "utf-8")


def _answers() -> Iterator[tuple[str, dict[str, Any]]]:
    data = Data(Layout(ROOT))
    for table, views in ASKED.items():
        for day, policy in views:
            frame = data.load(table, known_by=day, policy=policy)
            parts = {"table": table, "known": day or "", "policy": policy, "columns": list(frame.columns)}
            yield f"{table}-{day}-{policy}", {**parts, "rows": [list(row.values()) for row in records(frame)]}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    makers = [Process(target=maker, args=(folder,)) for maker in (working, expected, good, released)]
    for process in makers:
        process.start()
    for process in makers:
        process.join()
    sys.exit(any(process.exitcode for process in makers))
