"""Readers that we did not write agree on every value of every table, and each refuses a broken file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Run, as_json, expected, resources

Rows = list[dict[str, Any]]


def by_pandas(path: Path) -> Rows:
    frame = pd.read_parquet(path, dtype_backend="pyarrow")
    return [{k: None if v is pd.NA else v for k, v in row.items()} for row in frame.to_dict("records")]


def by_fastparquet(path: Path) -> Rows:
    """Whole numbers and booleans that may be missing come as floats or objects, days as times."""
    frame = fastparquet.ParquetFile(str(path)).to_pandas()
    return [{k: _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def by_duckdb(path: Path) -> Rows:
    with duckdb.connect() as connection:
        cursor = connection.execute("FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


READERS: dict[str, Callable[[Path], Rows]] = {
    "pandas": by_pandas,
    "polars": lambda path: pl.read_parquet(path).to_dicts(),
    "duckdb": by_duckdb,
    "pyarrow": lambda path: pq.read_table(path, page_checksum_verification=True).to_pylist(),
    "fastparquet": by_fastparquet,
}


@pytest.mark.parametrize("reader", READERS)
def test_every_table_reads_equal(whole: Path, reader: str) -> None:
    for name, entry in resources(whole).items():
        assert READERS[reader](whole / entry["path"]) == expected(whole, name), name


@pytest.mark.parametrize("reader", READERS)
def test_awkward_values_read_equal(values: Path, reader: str) -> None:
    found, rows = READERS[reader](values / "data" / "values.parquet"), expected(values, "values")
    if reader == "fastparquet":  # counts nanoseconds, so it can hold no day before 1678 or after 2261
        far = {row["id"] for row in rows if row["day"] and not 1678 <= row["day"].year <= 2261}
        found, rows = ([row | {"day": None} if row["id"] in far else row for row in given] for given in (found, rows))
    assert found == rows


def test_pandas_and_duckdb_read_the_mirror_of_awkward_values(values: Path) -> None:
    path, rows = values / "csv" / "data" / "values.csv", expected(values, "values")
    types = {"id": str, "text": str, "whole": "int64[pyarrow]", "count": "int64[pyarrow]", "real": "float64[pyarrow]",
             "flag": "bool[pyarrow]"}  # fmt: skip
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=types, float_precision="round_trip")
    found = [{k: None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]
    assert found == [{**row, "day": row["day"] and row["day"].isoformat()} for row in rows]
    columns = (
        "{id: 'VARCHAR', text: 'VARCHAR', whole: 'BIGINT', count: 'BIGINT', real: 'DOUBLE', flag: 'BOOL', day: 'DATE'}"
    )
    with duckdb.connect() as connection:
        cursor = connection.execute(f"FROM read_csv('{path}', header = true, auto_detect = false, columns = {columns})")
        assert [list(row) for row in cursor.fetchall()] == [list(row.values()) for row in rows]


def test_frictionless_reads_the_mirror_of_awkward_values(values: Path) -> None:
    import frictionless

    package = frictionless.Package(str(values / "csv" / "datapackage.json"))
    rows = [row.to_dict() for row in package.get_resource("values").read_rows()]
    assert [{**row, "real": row["real"] if row["real"] is None else float(row["real"])} for row in rows] == expected(
        values, "values"
    )


def test_hyparquet_reads_equal_values(whole: Path, node: Run) -> None:
    done = node("hyparquet.mjs", whole / "datapackage.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == as_json(whole)


def test_hyparquet_reads_awkward_values(values: Path, node: Run) -> None:
    done = node("hyparquet.mjs", values / "datapackage.json")
    assert done.returncode == 0, done.stderr
    found, rows = json.loads(done.stdout)["values"], as_json(values)["values"]
    marked = [number for number, row in enumerate(rows) if row[1] and row[1].startswith("\ufeff")]
    for number in marked:  # JavaScript's decoder takes a byte order mark off the front of any text
        rows[number][1] = rows[number][1].removeprefix("\ufeff")
    assert len(marked) == 1
    assert found == rows


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("damage", ["short", "head", "page"])
def test_a_broken_file_is_refused(small: Path, reader: str, damage: str) -> None:
    path = small / "data" / "claims.parquet"
    broken(path, damage)
    with pytest.raises(Exception) as refused:  # noqa: PT011 - each library has its own
        READERS[reader](path)
    assert str(refused.value)


def broken(path: Path, damage: str) -> None:
    """Cut the end off, spoil the footer, or spoil the first page of data."""
    data = bytearray(path.read_bytes())
    if damage == "short":
        data = data[:-100]
    elif damage == "head":
        data[-8:] = bytes(8)
    else:
        start = pq.ParquetFile(path).metadata.row_group(0).column(0).dictionary_page_offset or 4
        for at in range(start + 40, start + 60):
            data[at] ^= 0xFF
    path.write_bytes(data)


def test_hyparquet_refuses_a_broken_file(small: Path, node: Run) -> None:
    broken(small / "data" / "claims.parquet", "short")
    assert node("hyparquet.mjs", small / "datapackage.json").returncode == 1


def test_types_are_the_promised_ones(release: Path) -> None:
    types = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
             "date": pa.date32()}  # fmt: skip
    for entry in resources(release).values():
        schema = pq.read_schema(release / entry["path"])
        assert [(f.name, f.type) for f in schema] == [(f["name"], types[f["type"]]) for f in entry["schema"]["fields"]]
        assert isinstance(json.loads(schema.metadata[b"table_schema"]), dict)


def test_days_are_days(values: Path) -> None:
    days = [row["day"] for row in expected(values, "values") if row["day"]]
    assert date(1969, 12, 31) in days
    assert date(9999, 12, 31) in days
