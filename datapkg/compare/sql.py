"""The SQL that compares two Parquet files of one table; see changes for what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from datapkg.compare.shapes import Shape
from datapkg.model import sql

if TYPE_CHECKING:
    import duckdb


class Comparison:
    """The SQL that compares two files of a table; columns of the old one begin with "o:", of the new one with "n:"."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, old: Shape, new: Shape) -> None:
        self.old, self.new = old, new
        self.before, self.after = _types(connection, old.path), _types(connection, new.path)
        self.matched = set(old.key) == set(new.key)
        self.shared = [c for c in self.after if c in self.before and c not in new.key]

    def joined(self) -> str:
        """Return the select of all rows that differ, with both sides."""
        old, new = _side("o", self.old, self.before), _side("n", self.new, self.after)
        if not self.matched:
            return f"SELECT * FROM {old} UNION ALL BY NAME SELECT * FROM {new}"
        on = " AND ".join(f"{self._cast(c)} IS NOT DISTINCT FROM {sql.identifier(f'n:{c}')}" for c in self.new.key)
        differs = ['"o:" IS NULL', '"n:" IS NULL', *map(self._differs, self.shared)]
        return f"SELECT * FROM {old} FULL JOIN {new} ON {on} WHERE {' OR '.join(differs)}"

    def added(self, source: str) -> str:
        """Return the select of the rows that only the new side has."""
        return (
            f"SELECT 'row_added', {_key('n', self.new.key, self.after)}, NULL, NULL, {_json('n', self.after)}, NULL, "
            f'{_claim("n", self.after)}, NULL FROM {source} WHERE "o:" IS NULL'
        )

    def removed(self, source: str) -> str:
        """Return the select of the rows that only the old side has."""
        return (
            f"SELECT 'row_removed', {_key('o', self.old.key, self.before)}, NULL, {_json('o', self.before)}, NULL, "
            f'{_claim("o", self.before)}, NULL, why FROM {self._explained(source)} WHERE "n:" IS NULL'
        )

    def cells(self, source: str) -> str:
        """Return the select of the changed cells; in one pass, since one for every column reads and holds far more."""
        claims = f"{_claim('o', self.before)} AS oc, {_claim('n', self.after)} AS nc"
        pairs = ", ".join(
            f"{{c: {sql.literal(c)}, o: {_text('o', c)}, n: {_text('n', c)}, d: ({self._differs(c)})}}"
            for c in self.shared
        )
        return (
            "SELECT 'cell_changed', k, cell.c, cell.o, cell.n, oc, nc, coalesce(l.reason, why) FROM "
            f"(SELECT {_key('n', self.new.key, self.after)} AS k, {claims}, why, unnest([{pairs}]) AS cell "
            f'FROM {self._explained(source)} WHERE "o:" AND "n:") LEFT JOIN losses l ON l.key = k AND l.claim_id = oc '
            "WHERE cell.d"
        )

    def retired(self, source: str) -> str:
        """Return the select of the ids that are gone from a registry; nothing for other tables."""
        column = self.old.key[0]
        value, key = _text("o", column), _key("o", self.old.key, self.before)
        return (
            f"SELECT 'id_retired', {key}, {sql.literal(column)}, {value}, r.target, NULL, NULL, NULL FROM {source} "
            f"LEFT JOIN redirects r ON r.id = {value} "
            'WHERE "n:" IS NULL AND EXISTS (SELECT 1 FROM redirects)'
        )

    def _cast(self, column: str) -> str:
        """Return the old column in the type of the new one; by way of text, which every type has."""
        name = sql.identifier(f"o:{column}")
        same = self.before[column] == self.after[column]
        return name if same else f"TRY_CAST(CAST({name} AS VARCHAR) AS {self.after[column]})"

    def _differs(self, column: str) -> str:
        """Return the condition that a cell changed: null-safe, floats exactly and with their sign."""
        old, new = self._cast(column), sql.identifier(f"n:{column}")
        condition = f"{old} IS DISTINCT FROM {new}"
        if self.before[column] != self.after[column]:  # a value that the new type cannot hold must not pass for null
            condition += f" OR ({sql.identifier(f'o:{column}')} IS NULL) <> ({new} IS NULL)"
        if self.after[column] in ("DOUBLE", "FLOAT"):
            condition += f" OR ({old} = 0 AND {new} = 0 AND signbit({old}) <> signbit({new}))"
        return condition

    def _explained(self, source: str) -> str:
        """Return the rows with "why": the reason why the old row, its claim or its source was withdrawn, if any."""
        named = next((c for c in ("claim_id", "source_id") if c in self.before), None)
        column = sql.identifier(f"o:{named}") if named else "NULL"
        row = f"{sql.literal(self.old.name + '[')} || {_key('o', self.old.key, self.before)} || ']'"
        return (
            f"(SELECT d.*, coalesce(r.reason, c.reason, s.reason) AS why FROM {source} d "
            f"LEFT JOIN withdrawn r ON r.id = {row} LEFT JOIN withdrawn c ON c.id = {column} "
            f"LEFT JOIN withdrawn s ON s.id = split_part({column}, '/', 1))"
        )


def _types(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Return the DuckDB types of a file by column."""
    rows = connection.execute(f"DESCRIBE FROM {sql.parquet([path])}").fetchall()
    return {row[0]: row[1] for row in rows}


def _side(mark: str, one: Shape, columns: Iterable[str]) -> str:
    """Return a file as a subquery with marked columns, and one that says that the side is there."""
    names = ", ".join(f"{sql.identifier(c)} AS {sql.identifier(f'{mark}:{c}')}" for c in columns)
    return f'(SELECT {names}, true AS "{mark}:" FROM {sql.parquet([one.path])})'


def _key(mark: str, key: Iterable[str], types: Mapping[str, str]) -> str:
    """Return the expression of a key as text, as conflicts.key_text writes it."""
    pairs = []
    for column in key:
        value = f"CAST({sql.identifier(f'{mark}:{column}')} AS VARCHAR)"
        pairs.append(f"{sql.literal(column + '=')} || coalesce({value}, 'None')")
    return " || ';' || ".join(pairs)


def _json(mark: str, columns: Iterable[str]) -> str:
    """Return the expression of a whole row as a JSON object of texts."""
    pairs = ", ".join(f"{sql.literal(c)}: CAST({sql.identifier(f'{mark}:{c}')} AS VARCHAR)" for c in columns)
    return f"CAST(to_json({{{pairs}}}) AS VARCHAR)"


def _text(mark: str, column: str) -> str:
    """Return the expression of a cell as text."""
    return f"CAST({sql.identifier(f'{mark}:{column}')} AS VARCHAR)"


def _claim(mark: str, columns: Iterable[str]) -> str:
    return sql.identifier(f"{mark}:claim_id") if "claim_id" in columns else "NULL"
