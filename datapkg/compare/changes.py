"""The rows that differ between two Parquet files of one table, as a tidy table, on DuckDB and in bounded memory.

Two steps. A full join by primary key keeps the rows that differ, both sides next to each other, in a file of their own;
from that the tidy changes follow, one row for every row that came or went and for every cell that changed, sorted. What
does not fit in memory goes to disk, and no row passes through Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg.compare.shapes import Event, Shape
from datapkg.compare.sql import Comparison
from datapkg.model import IntegrityError, MissingExtra, WriteError, check_bounds, sql
from datapkg.package import PROFILE_PARQUET, ROW_GROUP
from datapkg.read import decoding

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

COLUMNS = {
    "table": "Name of the table.",
    "change": "table_added, table_removed, column_added, column_removed, column_retyped, key_changed, row_added, "
    "row_removed, cell_changed or id_retired.",
    "key": "Primary key of the row as column=value pairs separated by a semicolon.",
    "column": "The column that changed.",
    "old_value": "What was there before, as text; of a removed row all its cells as JSON.",
    "new_value": "What is there now, as text; of an added row all its cells as JSON; of a retired id the id that took "
    "its place.",
    "old_claim_id": "The claim behind the row before.",
    "new_claim_id": "The claim behind the row now.",
    "reason": "Why the claim behind what was there before was withdrawn, or now gives another row.",
}
CHANGES = "changes.parquet"
"""The file of a release that lists what it changed against the one before."""
_THREADS = 4  # a fixed number: every thread holds buffers, and memory must not grow with the machine
_LEVEL = 9  # of zstd: a wheel holds the file, and rows that came repeat much; 19 takes fifty times as long for a tenth


@dataclass(frozen=True, slots=True)
class Counts:
    """What changed in the rows of one table; `cells` by column."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    cells: Mapping[str, int] | None = None
    retired: int = 0
    lost: int = 0
    unexplained: int = 0


def connect(scratch: Path, memory: str, files: Iterable[Path]) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection that keeps to an amount of memory and spills into a folder.

    It reads these files, and reads and writes below the folder; nothing else is in its reach.
    Raises  MissingExtra
    """
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra.of("duckdb", "sql", "comparing packages") from error
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = {sql.literal(memory)}")
    connection.execute(f"SET temp_directory = {sql.literal(str(scratch / 'spill'))}")
    connection.execute(f"SET threads = {_THREADS}")
    connection.execute("SET preserve_insertion_order = false")  # the order comes from ORDER BY alone
    connection.execute("SET enable_progress_bar = false")  # it would go to standard output, among what we print there
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TABLE withdrawn (id VARCHAR PRIMARY KEY, reason VARCHAR)")
    connection.execute("CREATE TABLE losses (key VARCHAR, claim_id VARCHAR, reason VARCHAR)")
    connection.execute("CREATE TABLE redirects (id VARCHAR, target VARCHAR)")
    connection.execute("CREATE TABLE events (change VARCHAR, place VARCHAR, old_value VARCHAR, new_value VARCHAR)")
    connection.execute(sql.shut(files, [scratch]))
    return connection


@contextmanager
def working(table: str, scratch: Path) -> Iterator[None]:
    """Turn DuckDB's refusals into a sentence that names the table.

    Raises  WriteError
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise WriteError(f"comparing table '{table}' failed: {first}; give it more memory, or a scratch folder with "
                         f"more room than {scratch.parent}") from error  # fmt: skip


def shape_changes(connection: duckdb.DuckDBPyConnection, table: str, found: Iterable[Event],
                  stem: Path) -> list[Path]:  # fmt: skip
    """Write the tidy changes of shape of a table; return the file, none if there are no changes."""
    rows = [
        (e.change, e.column, *(f"{e.aspect}={v}" if e.aspect and v is not None else v for v in (e.old, e.new)))
        for e in found
    ]
    if not rows:
        return []
    connection.execute("DELETE FROM events")
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
    select = "SELECT change, NULL, place, old_value, new_value, NULL, NULL, NULL FROM events"
    return [_copy(connection, table, select, stem.with_suffix(f".{rows[0][0]}.parquet"))]


def row_changes(connection: duckdb.DuckDBPyConnection, old: Shape, new: Shape,
                stem: Path) -> tuple[Counts, list[Path]]:  # fmt: skip
    """Write the tidy changes of the rows of a table by primary key; return their numbers and the files, one a kind.

    If the key itself changed no row can be told to be the same one: all old rows go, all new ones come. An id is
    retired if `redirects` was filled for this table, see `registry`.

    Raises  IntegrityError if a key names several rows
    """
    sides = Comparison(connection, old, new)
    wide = stem.with_suffix(".wide.parquet")
    connection.execute(f"COPY ({sides.joined()}) TO {sql.literal(str(wide))}")
    source = sql.parquet([wide])
    added, removed, changed = connection.execute(
        'SELECT count(*) FILTER ("o:" IS NULL), count(*) FILTER ("n:" IS NULL), count(*) FILTER ("o:" AND "n:") '
        f"FROM {source}"
    ).fetchall()[0]
    if sides.matched and old.rows - removed != new.rows - added:
        raise IntegrityError(f"table '{new.name}': a primary key ({', '.join(new.key)}) names several rows, so rows "
                             "cannot be matched; run `datapkg check`")  # fmt: skip
    ids = removed if sides.matched and len(old.key) == 1 else 0
    parts = [
        # one kind after the other, since each needs memory for sorting
        _copy(connection, new.name, select(source), stem.with_suffix(f".{kind}.parquet"))
        for kind, select, number in (
            ("cell_changed", sides.cells, changed),
            ("id_retired", sides.retired, ids),
            ("row_added", sides.added, added),
            ("row_removed", sides.removed, removed),
        )
        if number
    ]
    wide.unlink()
    return _counted(connection, parts, (added, removed, changed)), parts


def losses(connection: duckdb.DuckDBPyConnection, found: Iterable[tuple[str, str, str]]) -> None:
    """Note why the claims about the facts of a table are not those that the facts take: key, claim, reason."""
    connection.execute("DELETE FROM losses")
    rows = list(found)
    if rows:
        connection.executemany("INSERT INTO losses VALUES (?, ?, ?)", rows)


def registry(connection: duckdb.DuckDBPyConnection, name: str, new: Shape | None, aliases: Shape | None) -> None:
    """Note where the retired ids of a registry lead: an alias that is the old id, of an entry that is there."""
    connection.execute("DELETE FROM redirects")
    if new is None:
        return
    connection.execute("INSERT INTO redirects VALUES (NULL, NULL)")  # says that the ids of this table can retire
    if aliases is not None:
        ids = f"SELECT {sql.identifier(new.key[0])} FROM {sql.parquet([new.path])}"
        connection.execute(
            f"INSERT INTO redirects SELECT alias, min(entity_id) FROM {sql.parquet([aliases.path])} "
            f"WHERE entity_type = ? AND entity_id IN ({ids}) "
            "GROUP BY alias",
            [name],
        )


def first(parts: Sequence[Path], quiet: Iterable[str], change: str | None = None,
          limit: int | None = None) -> list[dict[str, str | None]]:  # fmt: skip
    """Return the first changes of a kind, or of any, from files of tidy changes.

    Cells of `quiet` columns come last; of the others the largest relative changes first, then what is no number.
    """
    import duckdb

    parts = [part for part in parts if change is None or part.name.endswith(f".{change}.parquet")]
    if not parts:
        return []
    old, new = (f"TRY_CAST({side}_value AS DOUBLE)" for side in ("old", "new"))
    query = (
        f'FROM {sql.parquet(parts)} WHERE change = coalesce(?, change) ORDER BY coalesce(list_contains(?, "column"), '
        f'false), change, abs({new} - {old}) / greatest(abs({old}), abs({new})) DESC NULLS LAST, "key", "column"'
    )
    with duckdb.connect() as connection:
        rows = connection.execute(f"{query} LIMIT ?", [change, sorted(quiet), limit]).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def changed(data: bytes) -> pa.Table:
    """Return the changes that a release lists, from the bytes of its CHANGES, proven before.

    Shape   one row per change, with COLUMNS
    Raises  IntegrityError for bytes that are no such table
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with decoding(CHANGES):
        check_bounds(pa.BufferReader(data), len(data), CHANGES)
        table = pq.read_table(pa.BufferReader(data)).replace_schema_metadata(None)
    wrong = [n for n in COLUMNS if n not in table.column_names or table.schema.field(n).type != pa.string()]
    if wrong:
        raise IntegrityError(f"{CHANGES} has no column of texts '{wrong[0]}'; expected {', '.join(COLUMNS)}")
    return table


def write(parts: Iterable[Path], path: Path, notes: Mapping[str, str]) -> None:
    """Write files of tidy changes as one Parquet file with the profile of our tables; row groups of a fixed size.

    Raises  WriteError; what was there before is untouched
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        pa.field(name, pa.string(), nullable=name not in ("table", "change"), metadata={"description": text})
        for name, text in COLUMNS.items()
    ]
    schema = pa.schema(fields, metadata={"title": "Changes", **notes})
    beside = path.with_name(f".datapkg-{path.name}")
    try:
        with pq.ParquetWriter(beside, schema, **PROFILE_PARQUET, compression_level=_LEVEL) as writer:
            for group in _groups(parts, schema):
                writer.write_table(group, row_group_size=ROW_GROUP)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error


def _groups(parts: Iterable[Path], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of files as tables of exactly ROW_GROUP rows, but for the last: bytes do not depend on batches."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    waiting, rows = [], 0
    for part in parts:
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(batch_size=ROW_GROUP // 4):
                waiting.append(pa.table(batch).cast(schema))
                rows += batch.num_rows
                if rows >= ROW_GROUP:
                    whole = pa.concat_tables(waiting)
                    yield whole.slice(0, ROW_GROUP).combine_chunks()
                    waiting, rows = [whole.slice(ROW_GROUP)], rows - ROW_GROUP
    if rows:
        yield pa.concat_tables(waiting).combine_chunks()


def _copy(connection: duckdb.DuckDBPyConnection, table: str, select: str, part: Path) -> Path:
    """Write a select of the tidy columns without the first, sorted."""
    names = [sql.identifier(name) for name in list(COLUMNS)[1:]]
    texts = ", ".join(
        f"CAST({name} AS VARCHAR) AS {name}" for name in names
    )  # a column of nulls has no type of its own
    # long texts are no sort keys: only the aspects of a column, which have no key, need more than their column
    ties = 'CASE WHEN "key" IS NULL THEN concat(old_value, new_value) END'
    connection.execute(
        f'COPY (WITH tidy({", ".join(names)}) AS ({select}) SELECT {sql.literal(table)} AS "table", {texts} FROM tidy '
        f'ORDER BY change, "key" NULLS FIRST, "column" NULLS FIRST, {ties}) TO {sql.literal(str(part))}'
    )
    return part


def _counted(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path], rows: tuple[int, int, int]) -> Counts:
    if not parts:
        return Counts()
    source = sql.parquet(parts)
    cells = connection.execute(
        f"SELECT \"column\", count(*) FROM {source} WHERE change = 'cell_changed' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    retired, lost, unexplained = connection.execute(
        "SELECT count(*) FILTER (change = 'id_retired'), "
        "count(*) FILTER (change = 'id_retired' AND new_value IS NULL), "
        f"count(*) FILTER (change = 'row_removed' AND reason IS NULL) FROM {source}"
    ).fetchall()[0]
    return Counts(*rows, dict(cells), retired, lost, unexplained)
