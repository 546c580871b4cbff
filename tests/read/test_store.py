"""Large tables are read in another way than small ones, and are the same."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapkg.model.layout import Layout
from datapkg.read.data import Data
from datapkg.read.store import MANY, frame

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("role", pa.string()),
        pa.field("day", pa.date32()),
        pa.field("many", pa.int64()),
        pa.field("share", pa.float64()),
    ]
)


def package(folder: Path, rows: int) -> pa.Table:
    """Write a package of one table with texts that repeat, texts that do not, and nulls of every type."""
    columns = [
        [f"행-{i}" for i in range(rows)],
        [None if i % 7 == 0 else ("fabless", "foundry", "메모리")[i % 3] for i in range(rows)],
        [None if i % 5 == 0 else date(2020, 1, 1 + i % 28) for i in range(rows)],
        [None if i % 3 == 0 else i for i in range(rows)],
        [None if i % 2 == 0 else i / 7 for i in range(rows)],
    ]
    table = pa.table([pa.array(c, type=f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)
    (folder / "data").mkdir()
    pq.write_table(table, folder / "data/t.parquet", compression="zstd", row_group_size=rows // 2)
    digest = hashlib.sha256((folder / "data/t.parquet").read_bytes()).hexdigest()
    types = {"id": "string", "role": "string", "day": "date", "many": "integer", "share": "number"}
    fields = [{"name": n, "type": t, "title": n, "description": n} for n, t in types.items()]
    resource = {"name": "t", "title": "T", "description": "T.", "path": "data/t.parquet", "rows": rows,
                "hash": f"sha256:{digest}", "schema": {"fields": fields, "primaryKey": ["id"]}}  # fmt: skip
    about = {"name": "large", "version": "1.0.0", "title": "L", "licenses": [{"name": "CC0-1.0"}],
             "contributors": [{"title": "N"}], "resources": [resource]}  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(about), encoding="utf-8")
    return table


@pytest.mark.parametrize("rows", [MANY, MANY + 10])
def test_a_table_is_the_same_at_any_size(tmp_path, rows):
    table, data = package(tmp_path, rows), Data(Layout(tmp_path))
    pd.testing.assert_frame_equal(data.load("t"), frame(table))
    some = data.load("t", columns=["many", "role"])
    pd.testing.assert_frame_equal(some, frame(table.select(["many", "role"])))
