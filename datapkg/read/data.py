"""One package opened for reading: tables as pandas frames, and the way back from a row to its claims."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.facts import POLICIES, as_of, cast, connect, consolidate, workable
from datapkg.model import PREFIX, Layout, MissingExtra, NotFound, Spec, UsageError
from datapkg.read.cite import cited, claims_in, sources_behind, table_of, whole
from datapkg.read.descriptor import opened
from datapkg.read.filters import Filters, condition, conjunction, fitting, typed
from datapkg.read.lock import lock_text, locked
from datapkg.read.mentions import mentioned
from datapkg.read.store import Source, Store, frame, understood
from datapkg.read.time import VALIDITY, asked_period, covering, known_condition, needed, span_of, within
from datapkg.read.trace import claims_behind, key_of
from datapkg.read.voices import voice_condition
from datapkg.read.why import explained

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

ALL = "all"


@dataclass(frozen=True)
class Data:
    """The tables of one package: a working build or a release; with a source, its files come from there.

    `registry` is the place that the source looks at, without what is secret in its address, for frames to remember.
    With a `voice` only what that voice said counts.
    """

    layout: Layout
    source: Source | None = None
    registry: str | None = None
    voice: str | None = None

    def opened(self) -> Store:
        """Return the package, opened for reading.

        Raises  NotFound if there is no datapackage.json, ConfigError if it is no descriptor of ours
        """
        return opened(self.layout, self.source)

    def tables(self) -> pd.DataFrame:
        """Return what there is to load; see `tables`."""
        import pandas as pd

        self._check_voice()
        store = self.opened()
        parts = ("name", "title", "description", "rows")
        return pd.DataFrame([{part: store.resource(name)[part] for part in parts} for name in store.names()])

    def load(self, table: str, *, columns: Sequence[str] | None = None, filters: Filters = None,
             policy: str = "preferred", valid_on: str | date | None = None, known_by: str | date | None = None,
             assume_open: bool = False) -> pd.DataFrame:  # fmt: skip
        """Return a table; see `load`."""
        store = self.opened()
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
        wanted = None if columns is None else list(dict.fromkeys([*chosen, *needed(span, have)]))
        said = conjunction(known_condition(store, name, known), voice_condition(store, table, self.voice))
        with understood(store):
            if policy == "latest" or (said is not None and policy != ALL and PREFIX + table in store.resources):
                found = _consolidated(store, store.specs()[table], policy, said, known.end if known else None)
                with fitting(name):
                    found = found if where is None else found.filter(where)
            else:
                found = store.read(name, wanted, conjunction(where, said))
            found = covering(found, span, when, _ends(store, have) if assume_open and span == VALIDITY else None)
            shown = frame(found if columns is None else found.select(chosen))
        times: dict[Hashable, Any] = {"valid_on": when and when.text, "known_by": known and known.text}
        shown.attrs = {"table": table, **_attrs(store, name, chosen), "policy": policy, **times, **self._whence()}
        return shown

    def _check_voice(self) -> None:
        """Refuse a voice for what is not told by one."""
        if self.voice:
            raise UsageError(f"voice works with load, trace and cite; leave out '{self.voice}' here")

    def _whence(self) -> dict[Hashable, Any]:
        """Return what a frame remembers of where it came from, beside its version."""
        voice: dict[Hashable, Any] = {"voice": self.voice} if self.voice else {}
        if not self.source:
            return {"working": True, **voice}
        return {"registry": self.registry, **voice} if self.registry else voice

    def trace(self, table: str, row: Any) -> pd.DataFrame:
        """Return the claims behind a row; see `trace`."""
        store = self.opened()
        store.resource(table)
        name = table.removeprefix(PREFIX)
        if PREFIX + name not in store.resources:
            able = ", ".join(store.facts())
            raise UsageError(f"table '{name}' {store.nature(name)} and not made of claims; trace works with {able}")
        spec = store.specs()[name]
        key = key_of(row, spec)
        asked = getattr(row, "attrs", {})
        policy, known = asked.get("policy", "preferred"), asked_period("known_by", asked.get("known_by"))
        said = voice_condition(store, name, self.voice)
        policy = "preferred" if policy == ALL else policy
        with understood(store):
            found = claims_behind(store, spec, key, policy, known.end if known else None, said)
        known_key = {c: str(v).lower() if isinstance(v, bool) else str(v) for c, v in key.items()}
        found.attrs = {"table": name, "key": known_key, "version": store.about["version"], **self._whence()}
        return found

    def why(self, table: str, row: Any) -> str:
        """Return in sentences why a row says what it says; see `why`."""
        return explained(self.trace(table, row))

    def mentions(self, patterns: Sequence[str]) -> pd.DataFrame:
        """Return the claims about entries of the registries; see `mentions`."""
        if not patterns:
            raise UsageError("mentions takes entries, for example products/hbm3e, or 'hbm*' for all whose id begins so")
        self._check_voice()
        store = self.opened()
        with understood(store):
            found = mentioned(store, store.specs(), patterns)
        names = list(found.columns)
        found.attrs = {"table": "claims", **_attrs(store, "claims", names), "entries": [*patterns], **self._whence()}
        return found

    def cite(
        self, frame: pd.DataFrame | pd.Series | None = None, style: str = "bibtex", table: str | None = None
    ) -> str:
        """Return the citation of the package and of the articles behind a frame's rows; see `cite`."""
        store = self.opened()
        with understood(store):
            return cited(store, frame, style, table)

    def lock(self, frame: pd.DataFrame | pd.Series | None, table: str | None = None) -> str:
        """Return the rows of a frame, or one row, with their claims as the text of a lock; see `cite`."""
        if frame is None:
            raise UsageError("a lock keeps rows; cite a frame or a row with it")
        store = self.opened()
        with understood(store):
            name, rows = table_of(store, frame, table), whole(frame)
            asked = {part: frame.attrs[part] for part in ("policy", "known_by") if part in frame.attrs}
            if name:
                return lock_text(store, [locked(store, name, rows, self.load(name, **asked))])
            parts = [self.load(fact, policy=ALL) for fact in store.facts()]
            claims = claims_in(store, rows)
            named = [(part, part[part["claim_id"].isin(claims)]) for part in parts]
            return lock_text(store, [locked(store, p.attrs["table"], rows, p) for p, rows in named if len(rows)])

    def sources(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the rows of the sources table that are behind exactly the rows of a frame.

        Raises  UsageError if the frame does not say which table it is from, or lacks what leads to its claims
        """
        store = self.opened()
        with understood(store):
            return sources_behind(store, frame)

    def order(self, table: str) -> list[str]:
        """Return the columns of a table in the order in which people read them."""
        return self.opened().order(table)

    def key(self, table: str) -> list[str]:
        """Return the columns of a table's primary key."""
        return self.opened().key(table)

    def filters(self, table: str, comparisons: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, Any]]:
        """Return comparisons with values as texts as filters with values of the columns' types.

        Raises  NotFound for an unknown column, UsageError for a value that is none of its type
        """
        store = self.opened()
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
        import pyarrow as pa

        try:
            answer = connection.sql(sql)
            return pd.DataFrame() if answer is None else frame(answer.to_arrow_table())
        except (duckdb.Error, pa.ArrowException, UnicodeError) as error:
            raise UsageError(f"SQL: {error}") from error

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection with a view per table; see `connect`."""
        self._check_voice()
        store = self.opened()
        try:
            return connect({name: store.read(name) for name in store.names()})
        except ImportError as error:
            raise MissingExtra.of("duckdb", "sql", "asking questions in SQL") from error


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


def _ends(store: Store, have: Sequence[str]) -> dict[str, str]:
    """Return when the companies that a table's rows are about were dissolved: no office outlasts its company."""
    if "company_id" not in have or "dissolved" not in store.columns("companies"):
        return {}
    rows = store.read("companies", ["company_id", "dissolved"]).to_pylist()
    return {row["company_id"]: row["dissolved"] for row in rows if row["dissolved"]}


def _consolidated(store: Store, spec: Spec, policy: str, said: pc.Expression | None, day: date | None) -> pa.Table:
    """Return the facts that a policy chooses from the observations for which a condition holds, as of a day."""
    observed = store.read(PREFIX + spec.name, where=said)
    if not observed.num_rows:
        return spec.arrow().empty_table()
    if spec.stages:
        last = as_of(store.read("sources", ["published", "retrieved"]).to_pylist())
        day = min(filter(None, (day, last)), default=None)
    facts = consolidate(workable(observed), spec, policy, day).facts
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
