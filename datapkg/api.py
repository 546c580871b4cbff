"""The reading half: tables as pandas frames, and the way back from a row to its claims.

Everything is read from datapackage.json and the Parquet files beside it, offline, and nothing is returned whose
digest does not match. `Data` reads any layout; the functions of the same names read the data that come with datapkg.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.consolidate import POLICIES, consolidate
from datapkg.engine import cast, quoted
from datapkg.errors import MissingExtra, NotFound, UsageError
from datapkg.layout import Layout, packaged
from datapkg.specs import PREFIX
from datapkg.specs import load as specs
from datapkg.store import Filters, Store, condition, conjunction, fitting, frame, opened, typed
from datapkg.tracing import claims_behind, key_of
from datapkg.values import Period
from datapkg.when import asked_period, covering, known_condition, span_of, within

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

ALL = "all"


def tables() -> pd.DataFrame:
    """Return what there is to load.

    Shape   one row per table with name, title, description and rows; the observations behind the facts come last
    Raises  NotFound if no data come with datapkg
    """
    return Data(packaged()).tables()


def load(table: str, *, columns: Sequence[str] | None = None, filters: Filters = None, policy: str = "preferred",
         valid_on: str | date | None = None, known_by: str | date | None = None) -> pd.DataFrame:  # fmt: skip
    """Return a table, or the rows of it that held or were known at a time; `df.attrs` says what it is.

    `columns` and `filters` (in pyarrow's form) are pushed down to Parquet. `policy` chooses between claims that
    compete: "preferred" (as stored), "latest", or "all" for one row per claim. `valid_on` keeps what held on some day
    of a period: "2024-01-26", "2024-01", "2023-Q4". `known_by` uses only what had been published by the end of one.

    Shape   one row per primary key, `df.attrs["primary_key"]`; one per key and claim with policy "all"
    Units   `df.attrs["units"]`, by column
    Raises  NotFound for an unknown table, column or policy; UsageError if the table has no such time, or for a wrong
            date; IntegrityError if the file is not the one that datapackage.json promises
    """
    return Data(packaged()).load(
        table, columns=columns, filters=filters, policy=policy, valid_on=valid_on, known_by=known_by
    )


def trace(table: str, row: Any) -> pd.DataFrame:
    """Return the claims behind a row, first the one that the policy puts first.

    `row` is a row of the table (`df.iloc[0]`) or a mapping with its key.

    Shape   one row per claim: what it says, the columns it supplies (used_for) and contradicts (disagrees_on), the
            values as it states them, its source, and the place in the source by position and digest
    Units   char_start and char_end count code points of the normalised text
    Raises  UsageError for a table that is not made of claims or a row without the key; NotFound for an unknown key
    """
    return Data(packaged()).trace(table, row)


def connect() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with a view per table; observations are in a schema of that name.

    Raises  MissingExtra without DuckDB; IntegrityError if a file is not the one that datapackage.json promises
    """
    return Data(packaged()).connect()


@dataclass(frozen=True)
class Data:
    """The tables of one package."""

    layout: Layout

    def tables(self) -> pd.DataFrame:
        """Return what there is to load; see `tables`."""
        import pandas as pd

        store = opened(self.layout)
        parts = ("name", "title", "description", "rows")
        return pd.DataFrame([{part: store.resource(name)[part] for part in parts} for name in store.names()])

    def load(self, table: str, *, columns: Sequence[str] | None = None, filters: Filters = None,
             policy: str = "preferred", valid_on: str | date | None = None,
             known_by: str | date | None = None) -> pd.DataFrame:  # fmt: skip
        """Return a table; see `load`."""
        store = opened(self.layout)
        store.resource(table)
        _check_policy(store, table, policy)
        when, known = asked_period("valid_on", valid_on), asked_period("known_by", known_by)
        name = PREFIX + table if policy == ALL else table
        have = store.columns(name)
        if isinstance(columns, str):
            raise UsageError(f"columns: expected a list of names, found '{columns}'; did you mean ['{columns}']?")
        chosen = list(have if columns is None else columns)
        for column in chosen:
            if column not in have:
                raise NotFound.of("column", column, have, f"table '{name}'")
        span = span_of(store, name) if when else None
        where = conjunction(condition(filters, have, name), within(span, when))
        wanted = None if columns is None else list(dict.fromkeys([*chosen, *(span or ())]))
        if policy == "latest" or (known and policy != ALL and PREFIX + table in store.resources):
            found = _consolidated(store, table, policy, known)
            with fitting(name):
                found = found if where is None else found.filter(where)
        else:
            found = store.read(name, wanted, conjunction(where, known_condition(store, name, known)))
        found = covering(found, span, when)
        shown = frame(found if columns is None else found.select(chosen))
        times: dict[Hashable, Any] = {"valid_on": when and when.text, "known_by": known and known.text}
        shown.attrs = {"table": table, **_attrs(store, name, chosen), "policy": policy, **times}
        return shown

    def trace(self, table: str, row: Any) -> pd.DataFrame:
        """Return the claims behind a row; see `trace`."""
        store = opened(self.layout)
        store.resource(table)
        name = table.removeprefix(PREFIX)
        if PREFIX + name not in store.resources:
            able = ", ".join(store.facts())
            raise UsageError(f"table '{name}' {store.nature(name)} and not made of claims; trace works with {able}")
        spec = specs(store.layout.schemas)[name]
        key = key_of(row, spec.key, name)
        asked = getattr(row, "attrs", {})
        policy, known = asked.get("policy", "preferred"), asked_period("known_by", asked.get("known_by"))
        found = claims_behind(store, spec, key, "preferred" if policy == ALL else policy, known.end if known else None)
        found.attrs = {"table": name, "key": {column: str(value) for column, value in key.items()}}
        return found

    def key(self, table: str) -> list[str]:
        """Return the columns of a table's primary key."""
        return opened(self.layout).key(table)

    def filters(self, table: str, comparisons: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, Any]]:
        """Return comparisons with values as texts as filters with values of the columns' types.

        Raises  NotFound for an unknown column, UsageError for a value that is none of its type
        """
        store = opened(self.layout)
        types = {field["name"]: field["type"] for field in store.resource(table)["schema"]["fields"]}
        signs = {"=": "=="}
        return [(name, signs.get(sign, sign), typed(text, name, types, table)) for name, sign, text in comparisons]

    def query(self, sql: str) -> pd.DataFrame:
        """Return the answer to a question in SQL; empty for a statement that answers nothing.

        Raises  UsageError with what DuckDB says about a query that it refuses
        """
        connection = self.connect()
        import duckdb
        import pandas as pd

        try:
            answer = connection.sql(sql)
            return pd.DataFrame() if answer is None else frame(answer.to_arrow_table())
        except duckdb.Error as error:
            raise UsageError(f"SQL: {error}") from error

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection with a view per table; see `connect`."""
        try:
            import duckdb
        except ImportError as error:
            raise MissingExtra.of("duckdb", "sql", "asking questions in SQL") from error
        store = opened(self.layout)
        connection = duckdb.connect()
        connection.execute("CREATE SCHEMA observations")
        for name in store.names():
            store.bytes(name)
            path = str(store.path(name)).replace("'", "''")
            connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT * FROM read_parquet('{path}')")
        return connection


def _check_policy(store: Store, table: str, policy: str) -> None:
    """Refuse a policy that does not exist, or that has nothing to choose from."""
    if policy not in (*POLICIES, ALL):
        known = (*POLICIES, ALL)
        raise NotFound.of("policy", policy, known, "datapkg", f"Policies are {', '.join(known)}")
    if policy != "preferred" and PREFIX + table not in store.resources:
        raise UsageError(
            f"table '{table}' has one row per key and no claims to choose from; "
            f"policy '{policy}' works with {', '.join(store.facts())}"
        )


def _consolidated(store: Store, table: str, policy: str, known: Period | None) -> pa.Table:
    """Return the facts that a policy chooses from the observations that were known."""
    import pandas as pd

    spec = specs(store.layout.schemas)[table]
    observed = store.read(PREFIX + table, where=known_condition(store, PREFIX + table, known))
    if not observed.num_rows:
        return spec.arrow().empty_table()
    # Arrow's types, because nulls of numpy's compare as unequal to everything, themselves included
    facts = consolidate(observed.to_pandas(types_mapper=pd.ArrowDtype), spec, policy).facts
    return cast(facts.collect(backend="pyarrow").to_arrow(), spec)


def _attrs(store: Store, name: str, columns: Sequence[str]) -> dict[Hashable, Any]:
    """Return what a frame says about itself, in plain JSON values."""
    resource, shown = store.resource(name), set(columns)
    fields = [field for field in resource["schema"]["fields"] if field["name"] in shown]
    return {
        "title": resource["title"],
        "description": resource["description"],
        "version": store.about["version"],
        "license": store.about["licenses"][0]["name"],
        "primary_key": store.key(name),
        "units": {field["name"]: field["unit"] for field in fields if "unit" in field},
        "descriptions": {field["name"]: field["description"] for field in fields},
    }
