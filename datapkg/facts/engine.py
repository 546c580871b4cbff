"""Tables in memory and in DuckDB: rows to Arrow by the schemas, and a connection in which every table is a view."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from datapkg.facts import spark
from datapkg.facts.held import Held
from datapkg.facts.rows import Rows
from datapkg.model import Spec, limits, sql

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

    from datapkg.facts.columns import Numbers

Engine = Callable[["pa.Table", Sequence[str]], Any]
"""Makes a frame of a library of an Arrow table; where frames lie in parts, rows that agree in columns go together."""
FEW = 150
"""Observations that are consolidated as lists; from about as many on, columns are faster."""
PART = 50_000
"""About how many are consolidated at once, so that what is worked out of them stays small."""
MANY = 500_000
"""More about one fact or block than are held in memory."""


def to_arrow(rows: Iterable[Mapping[str, Any]], spec: Spec) -> pa.Table:
    """Return rows as an Arrow table with exactly the columns of the spec, sorted by its key.

    Nulls in required columns pass through here; the schema check reports them.
    """
    import pyarrow as pa

    rows = list(rows)
    schema = spec.arrow()
    loose = pa.schema([f.with_nullable(True) for f in schema])
    if not rows:
        return loose.empty_table()
    empty = dict.fromkeys(spec.columns)
    whole = ({**empty, **row} for row in rows)  # with all columns, so that they can be taken at once
    wanted = itemgetter(*spec.columns, spec.columns[0])  # which gives a tuple of one column too
    values = zip(*map(wanted, whole), strict=True)
    columns = [pa.array(held, type=f.type) for held, f in zip(values, loose, strict=False)]
    return ordered(pa.Table.from_arrays(columns, schema=loose), spec)


def ordered(table: pa.Table, spec: Spec) -> pa.Table:
    """Return the table with its rows sorted by the primary key."""
    return table.sort_by([(name, "ascending") for name in spec.key]) if table.num_rows else table


def cast(table: pa.Table, spec: Spec) -> pa.Table:
    """Return the table with the spec's exact Arrow schema: order of columns, types, NOT NULL, descriptions."""
    import pyarrow as pa

    schema = spec.arrow()
    columns = [table.column(f.name).cast(f.type).combine_chunks() for f in schema]
    return ordered(pa.Table.from_arrays(columns, schema=schema), spec)


def connect(tables: Mapping[str, pa.Table], memory: str = limits.MEMORY) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with a view per table; observations live in a schema of that name.

    It holds the rows as they are now and reaches no file, network, extension or variable of Python's.
    """
    import duckdb

    connection = duckdb.connect(config={"memory_limit": memory, "temp_directory": ""})
    views = ["SET enable_progress_bar = false", f"CREATE SCHEMA {sql.SCHEMA}"]
    for name, table in tables.items():
        connection.register(f"arrow_{name}", table)
        views.append(f"CREATE VIEW {sql.table(name)} AS SELECT * FROM {sql.identifier(f'arrow_{name}')}")
    connection.execute("; ".join([*views, sql.shut()]))
    return connection


def over(paths: Mapping[str, Path], scratch: Path, memory: str = "1GB") -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with a view per Parquet file; what does not fit into memory goes to `scratch`.

    It reaches these files and the scratch folder alone.
    """
    import duckdb

    config: dict[str, Any] = {"memory_limit": memory, "temp_directory": str(scratch)}
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE SCHEMA {sql.SCHEMA}")
    for name, path in paths.items():
        connection.execute(f"CREATE VIEW {sql.table(name)} AS SELECT * FROM {sql.parquet([path])}")
    connection.execute(sql.shut(paths.values(), [scratch]))
    return connection


def parted(observed: pa.Table, blocks: Numbers, rows: Numbers) -> Iterator[pa.Table]:
    """Yield rows in whole blocks, given each row's number, about PART at a time; a block that is longer by itself."""
    import numpy as np

    if not len(rows):
        return
    until = np.cumsum(np.bincount(blocks[rows]))
    parts = ((until - 1) // PART)[blocks[rows]]
    order = np.argsort(parts, kind="stable")
    ends = np.flatnonzero(np.diff(parts[order])) + 1
    for places in np.split(rows[order], ends):
        yield observed.take(places)


def workable(observed: pa.Table) -> Held | duckdb.DuckDBPyRelation:
    """Return observations as a frame to consolidate: lists while they are few, columns, or in DuckDB if very many.

    DuckDB goes to files for what does not fit into memory; without it, columns are to fit.
    """
    if observed.num_rows <= FEW:
        return Rows.of(observed)
    if observed.num_rows > MANY and find_spec("duckdb"):
        return over({}, _scratch()).from_arrow(observed)
    from datapkg.facts.columns import Columns

    return Columns.of(observed)


def _scratch() -> Path:
    """Return a folder for what does not fit into memory, such as a million claims about one fact.

    DuckDB makes it when it needs it, and removes it.
    """
    return Path(tempfile.gettempdir()) / f"datapkg-{uuid4().hex}"


@contextmanager
def using(name: str | None, master: str = "local") -> Iterator[Engine | None]:
    """Yield an engine: duckdb, pandas, polars, or spark with its master; None, for the usual way, without a name.

    Raises  ModuleNotFoundError without its library; UsageError without Java, or if Spark's master does not answer
    """
    if name == "spark":
        with spark.session(master) as session:
            yield partial(spark.frame, session)
    elif name == "duckdb":
        with over({}, _scratch()) as connection:
            yield lambda table, _: connection.from_arrow(table)
    elif name == "polars":
        import polars as pl

        yield lambda table, _: pl.from_arrow(table)
    else:
        yield _in_pandas if name == "pandas" else None


def _in_pandas(table: pa.Table, _: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table with Arrow's types, because nulls of numpy's compare as unequal to everything, also themselves."""
    import pandas as pd

    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
