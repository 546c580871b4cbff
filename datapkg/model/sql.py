"""SQL as text: names, literals, tables and Parquet files, quoted in one place so that no value is taken for code.

Source  DuckDB, https://duckdb.org/docs/sql/dialect/keywords_and_identifiers; globs of read_parquet
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from datapkg.model.specs import PREFIX

SCHEMA = "observations"
"""The SQL schema that holds the observation tables."""


def identifier(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def table(name: str) -> str:
    """Return the SQL name of a table, for example observations."market_shares"."""
    bare = name.removeprefix(PREFIX)
    return (f"{SCHEMA}." if name.startswith(PREFIX) else "") + identifier(bare)


def parquet(paths: Iterable[Path]) -> str:
    """Return Parquet files as an SQL source; nothing in their paths is taken for a pattern or for a column."""
    plain = ("".join(f"[{letter}]" if letter in "[*?" else letter for letter in str(path)) for path in paths)
    return f"read_parquet([{', '.join(map(literal, plain))}], hive_partitioning = false)"
