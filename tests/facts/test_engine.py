"""Rows to Arrow by the schemas, and every table as a view in DuckDB."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapkg.facts import engine
from datapkg.model import sql
from datapkg.model.specs import Spec, load_specs

SPECS = load_specs(Path(__file__).parents[2] / "schemas")


def field(name: str, kind: str = "string", required: bool = False) -> dict[str, object]:
    return {"name": name, "type": kind, "title": name.title(), "description": f"{name}.",
            "constraints": {"required": required}}  # fmt: skip


THINGS = Spec("things", {
    "title": "Things", "description": "Things.", "role": "record", "primaryKey": ["place", "id"],
    "fields": [field("id", required=True), field("place", required=True), field("size", "number"),
               field("count", "integer"), field("whole", "boolean"), field("day", "date")]})  # fmt: skip
ROWS = [
    {"id": "b", "place": "나", "size": 1, "count": 2, "whole": True, "day": date(2024, 1, 26), "more": "is left out"},
    {"id": "b", "place": "가"},
    {"id": "a", "place": "나", "size": 0.5},
]


def test_rows_become_a_table_with_the_columns_of_the_spec_sorted_by_key() -> None:
    table = engine.to_arrow(iter(ROWS), THINGS)
    assert table.column_names == ["id", "place", "size", "count", "whole", "day"]
    assert [(r["place"], r["id"]) for r in table.to_pylist()] == [("가", "b"), ("나", "a"), ("나", "b")]
    assert table.to_pylist()[2] == {
        "id": "b",
        "place": "나",
        "size": 1.0,
        "count": 2,
        "whole": True,
        "day": date(2024, 1, 26),
    }
    assert table.schema.types == [pa.string(), pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.date32()]


def test_no_rows_make_an_empty_table_of_the_same_types() -> None:
    assert engine.to_arrow([], THINGS).schema == engine.to_arrow(ROWS, THINGS).schema
    assert engine.cast(engine.to_arrow([], THINGS), THINGS).num_rows == 0


def test_nulls_in_required_columns_pass_to_the_check_and_not_to_the_file() -> None:
    table = engine.to_arrow([{"id": None, "place": "나"}], THINGS)
    assert table.column("id").to_pylist() == [None]
    with pytest.raises(pa.ArrowInvalid, match="Column 'id' is declared non-nullable but contains nulls"):
        pq.write_table(engine.cast(table, THINGS), io.BytesIO())


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(pa.ArrowInvalid, match="tried to convert to double"):
        engine.to_arrow([{"id": "a", "place": "b", "size": "large"}], THINGS)


def test_cast_gives_exactly_the_schema_of_the_spec() -> None:
    table = engine.to_arrow(ROWS, THINGS)
    mixed = pa.concat_tables([table.slice(2), table.slice(0, 2)]).select(["day", *table.column_names[:-1]])
    exact = engine.cast(mixed, THINGS)
    assert exact.schema.equals(THINGS.arrow(), check_metadata=True)
    assert exact.to_pylist() == table.to_pylist()
    assert [c.num_chunks for c in exact.columns] == [1] * 6
    assert not exact.schema.field("id").nullable


def test_every_table_is_a_view_and_observations_have_a_schema_of_their_own() -> None:
    tables = {name: spec.arrow().empty_table() for name, spec in SPECS.items()}
    tables["people"] = engine.to_arrow([{"person_id": "ida-falk", "name_en": "Ida Falk"}], SPECS["people"])
    connection = engine.connect(tables)
    for name, table in tables.items():
        found = connection.sql(f"SELECT * FROM {sql.table(name)}").to_arrow_table()
        assert (found.column_names, found.num_rows) == (table.column_names, table.num_rows)
    assert connection.sql("SELECT name_en FROM people").fetchall() == [("Ida Falk",)]
    assert connection.sql("SELECT count(*) FROM observations.plans").fetchall() == [(0,)]
    assert sql.table("observations.plans") == 'observations."plans"'
    assert sql.table("plans") == '"plans"'
