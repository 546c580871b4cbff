"""A package opened for reading: what its descriptor promises, and tables whose bytes have been proven first.

A file is read once; its digest is compared and the rows are taken from the same bytes, so that nothing can change
between proof and use. Of a large file on this disk, of which a part is asked for, so are the chunks that are needed.
"""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import (
    PREFIX,
    ConfigError,
    DatapkgError,
    IntegrityError,
    Layout,
    NotFound,
    Spec,
    check_bounds,
    disk,
    load_specs,
)
from datapkg.read.arrow import MANY, large, owned, small
from datapkg.read.chunks import Proven
from datapkg.read.filters import fitting
from datapkg.read.schemas import Source, released

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

SUMS = "SHA256SUMS"
_BOUNDED: set[tuple[str, int]] = set()
"""Digests of files, with the rows promised, that have been found to be within bounds."""
ARROW = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool", "date": "date32[day]"}
"""The Arrow types of a table's columns by their types in its schema."""


@dataclass(frozen=True)
class Store:
    """An opened package: its layout, the head of its descriptor, and its resources by name."""

    layout: Layout
    about: dict[str, Any]
    resources: dict[str, dict[str, Any]]
    source: Source | None = None
    near: bool = False

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

    def field(self, name: str, column: str) -> dict[str, Any]:
        """Return what the descriptor says about a column.

        Raises  NotFound with the near miss
        """
        fields = {field["name"]: field for field in self.resource(name)["schema"]["fields"]}
        if column not in fields:
            raise NotFound.of("column", column, fields, f"table '{name}'")
        return dict(fields[column])

    def order(self, name: str) -> list[str]:
        """Return a table's columns for people: the key, what it says, what is worked out of that, the claims behind."""
        key = self.key(name)
        fields = self.resource(name)["schema"]["fields"]
        parts = ("bookkeeping", "derived")
        fields = sorted(fields, key=lambda f: (f["name"] not in key, *(bool(f.get(part)) for part in parts)))
        return [field["name"] for field in fields]

    def values(self, name: str) -> list[str]:
        """Return the columns that say something: neither key nor worked out nor about the claims behind the row."""
        fact = name.removeprefix(PREFIX)
        fields = self.resource(fact if fact in self.resources else name)["schema"]["fields"]
        quiet = {*self.key(name), *(f["name"] for f in fields if f.get("bookkeeping") or f.get("derived"))}
        return [field["name"] for field in fields if field["name"] not in quiet]

    def key(self, name: str) -> list[str]:
        """Return the columns of a table's primary key."""
        return list(self.resource(name)["schema"]["primaryKey"])

    @property
    def sums(self) -> str | None:
        """The digest of the SHA256SUMS of a release; the working build has none."""
        try:
            data = self.source(SUMS) if self.source else (self.layout.root / SUMS).read_bytes()
        except (OSError, NotFound):
            return None
        return hashlib.sha256(data).hexdigest()

    def facts(self) -> list[str]:
        """Return the names of the tables that are made of claims."""
        return [name for name in self.names() if PREFIX + name in self.resources]

    def specs(self) -> dict[str, Spec]:
        """Return the schemas of the package; those of a release come with it, and are read from its proven bytes.

        Raises  ConfigError for a schema that cannot be used, or is not the one of its table in the descriptor
        """
        found = released(self.sums, self.names(), self.source) if self.source else load_specs(self.layout.schema_files)
        for name in self.names():
            if name not in found or list(found[name].columns) != self.columns(name):
                raise ConfigError(f"table '{name}' has other columns in {self.layout.descriptor.name} than by its "
                                  "schema; run `datapkg build`, or fetch the release again")  # fmt: skip
        return found

    def nature(self, name: str) -> str:
        """Return what a table is that is not made of claims, for messages."""
        registry = self.specs()[name].role == "registry"
        return "is kept by hand" if registry else "is a record of the package itself"

    def path(self, name: str) -> Path:
        """Return where the file of a table is."""
        return self.layout.root / str(self.resource(name)["path"])

    def bytes(self, name: str) -> bytes:
        """Return the bytes of a table's file.

        Raises  IntegrityError if they are not those that the descriptor promises
        """
        return self.proven(name)[1]

    def proven(self, name: str) -> tuple[Path, builtins.bytes]:
        """Return the file of a table and its bytes.

        Raises  IntegrityError if they are not those that the descriptor promises
        """
        resource, path = self.resource(name), self.path(name)
        if self.source:
            return path, self.source(str(resource["path"]))
        promised, wanted = self.layout.descriptor.name, str(resource["hash"])
        try:
            data = path.read_bytes()
            if (found := _digest(data)) == wanted:
                return path, data
            wrong = f"{path} is not the file that {promised} promises: expected {wanted}, found {found}"
        except OSError as error:
            wrong = f"{path} cannot be read ({error.strerror}), and {promised} promises it"
        for earlier in disk.before(self.layout.root, str(resource["path"])):  # a build is ending, or was killed there
            if earlier.is_file() and _digest(data := earlier.read_bytes()) == wanted:
                return earlier, data
        raise IntegrityError(f"{wrong}; run `datapkg build` in a clone, or install the package again")

    def read(self, name: str, columns: Sequence[str] | None = None, where: pc.Expression | None = None) -> pa.Table:
        """Return rows of a table; columns and condition are pushed down to Parquet.

        Raises  IntegrityError, NotFound for an unknown column, UsageError for a condition that does not fit the columns
        """
        import pyarrow.parquet as pq

        chosen, known = None if columns is None else list(columns), self.columns(name)
        for column in chosen or ():
            if column not in known:
                raise NotFound.of("column", column, known, f"table '{name}'")
        if (chosen or where is not None) and "chunks" in self.resource(name) and (self.near or not self.source):
            return self._part(name, chosen, where)
        data = self.bytes(name)
        what = f"the file of table '{name}'"
        with decoding(what):
            source = owned(data)
            judged = _digest(data), self.resource(name)["rows"]
            if judged not in _BOUNDED:
                check_bounds(source, len(data), what, judged[1])
                _BOUNDED.add(judged)
            file = pq.ParquetFile(source)
            self._check_columns(name, file.schema_arrow)
            if where is not None:
                with fitting(name):
                    file.schema_arrow.empty_table().filter(where)
                found = pq.read_table(source, columns=chosen, filters=where)
            else:  # without the dataset machinery, which costs more than the reading of a small table
                found = large(file, source, chosen) if file.metadata.num_rows > MANY else small(file, chosen)
            found.validate(full=True)
        return found.replace_schema_metadata(None)

    def _part(self, name: str, columns: list[str] | None, where: pc.Expression | None) -> pa.Table:
        """Return what `read` returns, of a file on this disk of which only the chunks that are needed are proven."""
        resource = self.resource(name)
        places = [self.path(name), *([] if self.source else disk.before(self.layout.root, str(resource["path"])))]
        wrong: list[IntegrityError] = []
        for place in places:
            try:
                promised = self.layout.descriptor.name
                what = decoding(f"the file of table '{name}'")
                with Proven(place, resource["chunks"], promised) as file, what:
                    found = file.read(columns, where, partial(self._fits, name, where))
                return found.replace_schema_metadata(None)
            except IntegrityError as error:
                wrong.append(error)
        raise wrong[0]

    def _fits(self, name: str, where: pc.Expression | None, metadata: pq.FileMetaData) -> None:
        """Raise unless a file has the rows and columns that the descriptor promises, and the condition fits them."""
        promised, schema = self.resource(name)["rows"], metadata.schema.to_arrow_schema()
        if metadata.num_rows != promised:
            raise IntegrityError(f"the file of table '{name}' has {metadata.num_rows:,} rows, and the descriptor "
                                 f"promises {promised!r}; nothing was decoded")  # fmt: skip
        self._check_columns(name, schema)
        if where is not None:
            with fitting(name):
                schema.empty_table().filter(where)

    def _check_columns(self, name: str, found: pa.Schema) -> None:
        """Raise IntegrityError unless a file has the columns that the descriptor promises, in their types."""
        fields = self.resource(name)["schema"]["fields"]
        promised = {field["name"]: ARROW[field["type"]] for field in fields}
        types = {field.name: str(field.type) for field in found}
        if types == promised and len(found) == len(promised):
            return
        first = next((c for c in (*promised, *types) if types.get(c) != promised.get(c)), "a column twice")
        has, wanted = types.get(first, "no column"), promised.get(first, "no column")
        promise = f"{self.layout.descriptor.name} promises {wanted}"
        raise IntegrityError(f"the file of table '{name}' has '{first}' as {has}, and {promise}")


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@contextmanager
def decoding(what: str) -> Iterator[None]:
    """Turn what Arrow says about bytes that it cannot decode into a sentence.

    Raises  IntegrityError
    """
    import pyarrow as pa

    try:
        yield
    except DatapkgError:
        raise
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise IntegrityError(f"{what} cannot be read as Parquet: {first}") from error


@contextmanager
def understood(store: Store) -> Iterator[None]:
    """Turn what goes wrong with rows that are not as datapkg writes them, though their digests fit, into a sentence.

    A digest proves whose rows they are and not that they make sense: ids that lead nowhere, days that are none, nulls.
    Raises  IntegrityError
    """
    import pyarrow as pa

    try:
        yield
    except DatapkgError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, pa.ArrowException) as error:
        first = (str(error).splitlines() or [""])[0]
        whole = f"{store.about['name']} {store.about['version']}"
        raise IntegrityError(f"{whole} holds rows that contradict its own schemas ({type(error).__name__}: {first}); "
                             "`datapkg verify` says which") from error  # fmt: skip


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
