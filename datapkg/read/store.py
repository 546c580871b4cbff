"""A package opened for reading: what its descriptor promises, and tables whose bytes have been proven first.

A file is read once; its digest is compared and the rows are taken from the same bytes, so that nothing can change
between proof and use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import (
    PREFIX,
    ConfigError,
    IntegrityError,
    Layout,
    NotFound,
    UsageError,
    check_bounds,
    disk,
    jsontext,
    load_specs,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

Source = Callable[[str], bytes]
"""Gives the bytes of a file by its path in a release, proven against SHA256SUMS."""
MANY = 100_000
"""Rows from which reading a table column by column in threads pays."""
Filters = Any
"""pyarrow's filters: [(column, operator, value), ...], a list of such lists (or), or an expression."""


SAMPLES = {"integer": "3", "number": "42.5", "date": "2024-01-26", "boolean": "true"}


@dataclass(frozen=True)
class Store:
    """An opened package: its layout, the head of its descriptor, and its resources by name."""

    layout: Layout
    about: dict[str, Any]
    resources: dict[str, dict[str, Any]]
    source: Source | None = None

    def names(self) -> list[str]:
        """Return the names of all tables, facts and registries first, observations last."""
        return sorted(self.resources, key=lambda name: (name.startswith(PREFIX), name))

    def resource(self, name: str) -> dict[str, Any]:
        """Return what the descriptor says about a table.

        Raises  NotFound with the near miss
        """
        if name not in self.resources:
            hint = f"Run `datapkg tables` to list all {len(self.resources)}"
            raise NotFound.of("table", name, self.resources, f"{self.about['name']} {self.about['version']}", hint)
        return self.resources[name]

    def columns(self, name: str) -> list[str]:
        """Return the names of a table's columns, in order."""
        return [field["name"] for field in self.resource(name)["schema"]["fields"]]

    def key(self, name: str) -> list[str]:
        """Return the columns of a table's primary key."""
        return list(self.resource(name)["schema"]["primaryKey"])

    def facts(self) -> list[str]:
        """Return the names of the tables that are made of claims."""
        return [name for name in self.names() if PREFIX + name in self.resources]

    def nature(self, name: str) -> str:
        """Return what a table is that is not made of claims, for messages."""
        registry = load_specs(self.layout.schema_files)[name].role == "registry"
        return "is kept by hand" if registry else "is a record of the package itself"

    def path(self, name: str) -> Path:
        """Return where the file of a table is."""
        return self.layout.root / str(self.resource(name)["path"])

    def bytes(self, name: str) -> bytes:
        """Return the bytes of a table's file.

        Raises  IntegrityError if they are not those that the descriptor promises
        """
        resource, path = self.resource(name), self.path(name)
        if self.source:
            return self.source(str(resource["path"]))
        promised, wanted = self.layout.descriptor.name, str(resource["hash"])
        try:
            data = path.read_bytes()
            if (found := _digest(data)) == wanted:
                return data
            wrong = f"{path} is not the file that {promised} promises: expected {wanted}, found {found}"
        except OSError as error:
            wrong = f"{path} cannot be read ({error.strerror}), and {promised} promises it"
        for earlier in disk.before(self.layout.root, str(resource["path"])):  # a build is ending, or was killed there
            if earlier.is_file() and _digest(data := earlier.read_bytes()) == wanted:
                return data
        raise IntegrityError(f"{wrong}; run `datapkg build` in a clone, or install the package again")

    def read(self, name: str, columns: Sequence[str] | None = None, where: pc.Expression | None = None) -> pa.Table:
        """Return rows of a table; columns and condition are pushed down to Parquet.

        Raises  IntegrityError, or UsageError for a condition that does not fit the columns
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        data = self.bytes(name)
        source = pa.BufferReader(data)
        check_bounds(source, len(data), f"the file of table '{name}'", self.resource(name).get("rows"))
        chosen = None if columns is None else list(columns)
        if where is None:  # without the dataset machinery, which costs more than the reading of a small table
            file = pq.ParquetFile(source)
            return _large(file, source, chosen) if file.metadata.num_rows > MANY else file.read(columns=chosen)
        with fitting(name):
            return pq.read_table(source, columns=chosen, filters=where)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _large(file: pq.ParquetFile, source: pa.BufferReader, columns: list[str] | None) -> pa.Table:
    """Return a large table, texts as pandas keeps them: those that repeat are decoded once, and spread in threads."""
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow as pa
    import pyarrow.parquet as pq

    metadata, schema = file.metadata, file.schema_arrow
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    few = [
        f.name
        for place, f in enumerate(schema)
        if pa.types.is_string(f.type)
        and all(g.column(place).total_uncompressed_size < 3 * g.column(place).num_values for g in groups)
    ]
    source.seek(0)
    read = pq.ParquetFile(source, metadata=metadata, read_dictionary=few).read(columns=columns)
    wanted = [schema.field(name) for name in read.column_names]
    wide = [f.with_type(pa.large_string()) if pa.types.is_string(f.type) else f for f in wanted]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda f: read[f.name].cast(f.type), wide))
    return pa.table(found, schema=pa.schema(wide, metadata=schema.metadata))


@contextmanager
def fitting(name: str) -> Iterator[None]:
    """Turn Arrow's refusal of a condition into a sentence that names the table.

    Raises  UsageError
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        found = f"the filters do not fit table '{name}': {str(error).splitlines()[0]}"
        raise UsageError(f"{found}; compare numbers with numbers, and dates with datetime.date") from error


def opened(layout: Layout, source: Source | None = None) -> Store:
    """Return the package of a layout, opened for reading; with a source its files come from there.

    Raises  NotFound if there is no datapackage.json, ConfigError if it is no descriptor of ours
    """
    path = layout.descriptor
    try:
        about = jsontext.loads(source(path.name) if source else path.read_bytes())
        resources = {resource["name"]: resource for resource in about.pop("resources")}
        store = Store(layout, about, resources, source)
        for name in resources:
            store.columns(name), store.key(name), resources[name]["path"], resources[name]["hash"]
        about["name"], about["version"]
    except FileNotFoundError as error:
        raise NotFound(f"no {path}; run `datapkg build` in a clone, or install the package again") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise ConfigError(f"{path} is no data package that datapkg wrote: {found}; run `datapkg build`") from error
    return store


def conjunction(*parts: pc.Expression | None) -> pc.Expression | None:
    """Return the condition that holds where all the given ones hold, None if none is given."""
    whole = None
    for part in parts:
        if part is not None:
            whole = part if whole is None else whole & part
    return whole


def condition(filters: Filters, columns: Iterable[str], name: str) -> pc.Expression | None:
    """Return filters in any of pyarrow's forms as one expression.

    Raises  NotFound for an unknown column, UsageError for filters of another form
    """
    if filters is None or (isinstance(filters, (list, tuple)) and not filters):
        return None
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if isinstance(filters, pc.Expression):
        return filters
    known = list(columns)
    for column in _filtered(filters):
        if column not in known:
            raise NotFound.of("column", str(column), known, f"table '{name}'")
    try:
        return pq.filters_to_expression(filters)
    except (ValueError, TypeError, IndexError) as error:
        raise UsageError(f"filters: {error}; expected [(column, operator, value), ...]") from error


def _filtered(filters: Any) -> Iterator[str]:
    """Yield the columns that filters name."""
    try:
        for entry in filters:
            yield from _filtered(entry) if isinstance(entry, list) else [entry[0]]
    except (TypeError, IndexError) as error:
        raise UsageError(f"filters: found {filters!r}; expected [(column, operator, value), ...]") from error


def typed(text: str, column: str, types: Mapping[str, str], name: str) -> Any:
    """Return the value that a text stands for in a column, by the column's type in the descriptor.

    Raises  NotFound for an unknown column, UsageError for a text that is no such value
    """
    if column not in types:
        raise NotFound.of("column", column, types, f"table '{name}'")
    kind = types[column]
    readers: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "date": date.fromisoformat,
        "boolean": {"true": True, "false": False}.__getitem__,
    }
    try:
        return readers.get(kind, str)(text)
    except (ValueError, KeyError) as error:
        raise UsageError(
            f"'{text}' is no {kind}; {column} of '{name}' holds {kind}s, such as {SAMPLES[kind]}"
        ) from error


def frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a pandas frame whose types depend on the schema and never on the values.

    Shape  texts as pandas keeps them (str, or object before pandas 3), dates as datetime64, integers and booleans that
           may be null as Int64 and boolean
    """
    import pandas as pd
    import pyarrow as pa

    nullable: dict[Any, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    loose = {f.type for f in table.schema if f.nullable and f.type in nullable}
    types = {kind: nullable[kind] for kind in loose}
    shown: pd.DataFrame = table.to_pandas(types_mapper=types.get, date_as_object=False)
    strict = {f.name: f.type.to_pandas_dtype() for f in table.schema if not f.nullable and f.type in loose}
    return shown.astype(strict) if strict else shown
