"""SQL as text: names, literals, tables and Parquet files, quoted in one place so that no value is taken for code.

What is asked with it runs shut in: a connection reaches the files that it was opened for and nothing else.

Source  DuckDB, https://duckdb.org/docs/sql/dialect/keywords_and_identifiers; globs of read_parquet;
        https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
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
    return f"read_parquet({_texts(map(_exactly, paths))}, hive_partitioning = false)"


def _exactly(path: Path) -> str:
    """Return a path as the pattern that fits nothing but it."""
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in str(path))


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(map(literal, values))}]"


def shut(files: Iterable[Path] = (), folders: Iterable[Path] = ()) -> str:
    """Return the statements that shut a connection in: it reaches these files and folders, and its settings stay.

    No other file is read or written, nothing attached, no extension loaded or fetched, no variable of Python looked up.
    """
    statements = []
    for name, paths in (("allowed_paths", files), ("allowed_directories", folders)):
        ways = [way for path in paths for way in dict.fromkeys([str(path), _exactly(path)])]
        statements.append(f"SET {name} = {_texts(ways)}")
    off = ("autoinstall_known_extensions", "autoload_known_extensions", "python_enable_replacements",
           "enable_external_access")  # fmt: skip
    statements += [f"SET {name} = false" for name in off]
    return "; ".join([*statements, "SET lock_configuration = true"])
