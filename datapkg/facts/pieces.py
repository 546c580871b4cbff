"""Tables that are too long to be held: rows are written as they come, and facts are made of some blocks at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.facts import engine
from datapkg.facts.outcomes import outcome_rows
from datapkg.facts.scores import score_rows
from datapkg.facts.tables import OUTCOMES, SCORES, facts
from datapkg.model import PREFIX, Place, Spec, sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

PIECE = 50_000
"""About how many observations become facts at once."""
ASKED = 1_000_000
"""As many for an engine that is asked for, whose plans take longer than 50,000 rows."""
MEMORY = "200MB"
"""What DuckDB takes to sort rows."""

PLACES = Spec("places", {
    "title": "Places", "description": "Where claims in bulk stand.", "role": "record", "primaryKey": ["claim_id"],
    "fields": [{"name": name, "type": kind, "title": name, "description": name}
               for name, kind in (("claim_id", "string"), ("file", "string"), ("line", "integer"))],
})  # fmt: skip


class Packer:
    """Packs rows of tables, and where claims stand, as streams of Arrow, for a sink of another process."""

    def __init__(self, specs: Mapping[str, Spec]) -> None:
        self.specs = {**specs, PLACES.name: PLACES}

    def __call__(self, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, bytes]:
        """Return the tables that have rows, each as bytes."""
        return {name: _stream(engine.to_arrow(found, self.specs[name])) for name, found in rows.items() if found}


def _stream(table: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    held: bytes = sink.getvalue().to_pybytes()
    return held


class Sink:
    """Files of a folder that rows of tables are written to, in the order in which they come, and read from after it."""

    def __init__(self, specs: Mapping[str, Spec], folder: Path) -> None:
        self.specs, self.folder = {**specs, PLACES.name: PLACES}, folder
        self.rows = dict.fromkeys(self.specs, 0)
        self.writers: dict[str, pq.ParquetWriter] = {}
        folder.mkdir(parents=True)

    def path(self, name: str) -> Path:
        """Return the file of a table."""
        return self.folder / f"{name}.parquet"

    def add(self, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Write rows of tables."""
        for name, found in rows.items():
            self.append(name, engine.to_arrow(found, self.specs[name]))

    def append(self, name: str, table: pa.Table) -> None:
        """Write rows of one table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if name not in self.writers:
            loose = pa.schema([f.with_nullable(True) for f in self.specs[name].arrow()])
            self.writers[name] = pq.ParquetWriter(self.path(name), loose, compression="zstd", compression_level=1)
        if table.num_rows:
            self.writers[name].write_table(table.cast(self.writers[name].schema))
            self.rows[name] += table.num_rows

    def close(self, names: Iterable[str]) -> None:
        """End the files of tables, those without rows too; from now on they are read."""
        for name in names:
            if name not in self.writers and not self.path(name).exists():
                self.append(name, self.specs[name].arrow().empty_table())
            if name in self.writers:
                self.writers.pop(name).close()

    def take(self, packed: Mapping[str, bytes]) -> None:
        """Write rows of tables that `Packer` packed."""
        import pyarrow as pa

        for name, held in packed.items():
            self.append(name, pa.ipc.open_stream(held).read_all())

    def places(self, claims: Iterable[str]) -> dict[str, Place]:
        """Return where some claims stand, of those that were written."""
        names = list(dict.fromkeys(claims))
        if not names:
            return {}
        self.close([PLACES.name])
        with self.connected([PLACES.name]) as connection:
            query = f"SELECT claim_id, file, line FROM {PLACES.name} WHERE claim_id IN (SELECT unnest(?))"
            found = connection.execute(query, [names]).fetchall()
        return {name: Place(file, line) for name, file, line in found}

    def ordered(self, name: str, size: int) -> Iterator[pa.Table]:
        """Yield the rows of a table in order of its key, `size` at a time, the last the rest."""
        import pyarrow.parquet as pq

        spec = self.specs[name]
        if self.rows[name] <= size:
            yield engine.ordered(pq.read_table(self.path(name)), spec)
            return
        columns, key = (", ".join(map(sql.identifier, names)) for names in (spec.columns, spec.key))
        target = self.folder / "ordered.parquet"
        with self.connected([name]) as connection:
            query = f"SELECT {columns} FROM {sql.table(name)} ORDER BY {key}"
            # to a file, since what is fetched does not count as memory of DuckDB's
            connection.execute(f"COPY ({query}) TO {sql.literal(str(target))} (FORMAT parquet, ROW_GROUP_SIZE 20_000)")
        with pq.ParquetFile(target, pre_buffer=False) as file:
            yield from _regrouped(file.iter_batches(size, use_threads=False), size)
        target.unlink()

    def connected(self, names: Iterable[str]) -> duckdb.DuckDBPyConnection:
        """Return a connection with a view per table, which goes to files for what does not fit into memory."""
        return engine.over({name: self.path(name) for name in names}, self.folder, MEMORY)


def _regrouped(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    """Yield the rows of batches, which may be smaller than `size`, by that many."""
    import pyarrow as pa

    held, rows = list[pa.RecordBatch](), 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= size:
            table = pa.Table.from_batches(held)
            yield table.slice(0, size)
            held, rows = table.slice(size).to_batches(), rows - size
    if rows:
        yield pa.Table.from_batches(held)


def consolidated_pieces(sink: Sink, day: date | None, size: int = PIECE, on: engine.Engine | None = None,
                        progress: Callable[[int, int], None] = lambda done, every: None) -> None:  # fmt: skip
    """Make facts, conflicts and outcomes of forecasts of a sink that holds observations, as `consolidated` does.

    Blocks do not depend on each other, and so become facts some at a time; `progress` is told of how many observations
    that was done, and how many there are.
    """
    import pyarrow as pa

    specs = sink.specs
    observed = [name for name in specs if name.startswith(PREFIX)]
    sink.close(observed)
    done, every = 0, sum(sink.rows[name] for name in observed)
    for name in observed:
        spec = specs[name.removeprefix(PREFIX)]
        for rows in _blocks(sink, name, spec, max(size, ASKED) if on else size):
            made, conflicts = facts(rows, spec, day, on)
            sink.append(spec.name, made)
            sink.add({"conflicts": conflicts})
            if OUTCOMES in specs:
                sink.add({OUTCOMES: outcome_rows(spec, rows, made, day)})
            done += rows.num_rows
            progress(done, every)
            pa.default_memory_pool().release_unused()  # which DuckDB, that sorts and checks next, cannot take
    sink.close([name for name in specs if name not in observed and name != SCORES])
    if SCORES in specs:
        sink.add({SCORES: _scores(sink)})
        sink.close([SCORES])


def _blocks(sink: Sink, name: str, spec: Spec, size: int) -> Iterator[pa.Table]:
    """Yield observations of one table, those of a block, and of forecasts beside what came of them, together."""
    import pyarrow.parquet as pq

    pieces = math.ceil(sink.rows[name] / size)
    if pieces == 1:
        yield pq.read_table(sink.path(name))
    if pieces <= 1:
        return
    block = ", ".join(sql.identifier(column) for column in spec.block if column != "forecast")
    with sink.connected([name]) as connection:
        for number in range(pieces):
            part = f"FROM {sql.table(name)} WHERE hash({block}) % {pieces} = {number}"
            rows = connection.sql(part).to_arrow_table()
            if rows.num_rows:
                yield rows


def _scores(sink: Sink) -> Iterator[dict[str, Any]]:
    """Yield how forecasts came out, per voice, table by table."""
    with sink.connected([OUTCOMES]) as connection:
        tables = connection.sql(f'SELECT DISTINCT "table" FROM {sql.table(OUTCOMES)} ORDER BY 1').fetchall()
        for (table,) in tables:
            found = connection.sql(f'FROM {sql.table(OUTCOMES)} WHERE "table" = {sql.literal(table)}')
            yield from score_rows(found.to_arrow_table().to_pylist())
