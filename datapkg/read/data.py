"""One package opened for reading: tables as pandas frames, and the way back from a row to its claims."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from datapkg.facts import connect, placed
from datapkg.model import PREFIX, Layout, MissingExtra, UsageError, disk, expected
from datapkg.read.answer import TABLE, Answer, Asked, answered
from datapkg.read.cite import cited, claims_in, sources_behind, table_of, whole
from datapkg.read.descriptor import attrs_of, opened
from datapkg.read.filters import Filters, conjunction
from datapkg.read.lock import lock_text, locked
from datapkg.read.mentions import mentioned
from datapkg.read.policies import ALL
from datapkg.read.schemas import Source
from datapkg.read.store import Store, frame, understood
from datapkg.read.time import asked_period, known_condition
from datapkg.read.trace import claims_behind, key_of
from datapkg.read.voices import voice_condition
from datapkg.read.why import explained

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from datapkg.read.describe import Description


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
    near: bool = False
    """Whether the files of the source lie in the folder of the layout, on this disk."""

    def opened(self) -> Store:
        """Return the package, opened for reading.

        Raises  NotFound if there is no datapackage.json, ConfigError if it is no descriptor of ours
        """
        return opened(self.layout, self.source, self.near)

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
        return self.answer(Asked(table, columns, filters, policy, valid_on, known_by, assume_open)).frame()

    def answer(self, asked: Asked) -> Answer:
        """Return what `load` returns, as an Arrow table."""
        return answered(self.opened(), asked, self.voice, self.whence())

    def _check_voice(self) -> None:
        """Refuse a voice for what is not told by one."""
        if self.voice:
            raise UsageError(f"voice works with load, trace and cite; leave out '{self.voice}' here")

    def whence(self) -> dict[Hashable, Any]:
        """Return what a frame remembers of where it came from, beside its version."""
        voice: dict[Hashable, Any] = {"voice": self.voice} if self.voice else {}
        if not self.source:
            return {"working": True, **voice}
        return {"registry": self.registry, **voice} if self.registry else voice

    def trace(self, table: str, row: Any) -> pd.DataFrame:
        """Return the claims behind a row; see `trace`."""
        return self.traced(table, row).frame()

    def traced(self, table: str, row: Any) -> Answer:
        """Return what `trace` returns, as an Arrow table."""
        expected("table", table, str, TABLE)
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
        about = {"table": name, "key": known_key, "version": store.about["version"], **self.whence()}
        return Answer(store, found, about)

    def placed(self, table: str, policy: str = "preferred", known_by: str | date | None = None) -> list[dict[str, Any]]:
        """Return every claim of a table and what became of it: `trace` of all rows at once, with plain values.

        Shape   one mapping per observation: its columns, used_for, disagrees_on, lost_by; see `datapkg.facts.placed`
        Raises  what `load` raises
        """
        store = self.opened()
        known = known_condition(store, table, asked_period("known_by", known_by))
        said = conjunction(known, voice_condition(store, table, self.voice))
        with understood(store):
            observed = store.read(PREFIX + table, where=said)
            return placed(observed, store.specs()[table], policy) if observed.num_rows else []

    def why(self, table: str, row: Any) -> str:
        """Return in sentences why a row says what it says; see `why`."""
        return explained(self.traced(table, row))

    def revisions(self, table: str, row: Any) -> pd.DataFrame:
        """Return the chains of vintages of a row, or of part of a key; see `revisions`."""
        from datapkg.read.revisions import revised

        expected("table", table, str, TABLE)
        store = self.opened()
        store.resource(table)
        name = table.removeprefix(PREFIX)
        said = voice_condition(store, name, self.voice)
        with understood(store):
            found = revised(store, name, row, said)
        found.attrs = {"table": name, "version": store.about["version"], **self.whence()}
        return found

    def mentions(self, patterns: Sequence[str]) -> pd.DataFrame:
        """Return the claims about entries of the registries; see `mentions`."""
        if not patterns:
            raise UsageError("mentions takes entries, for example products/hbm3e, or 'hbm*' for all whose id begins so")
        self._check_voice()
        store = self.opened()
        with understood(store):
            found = mentioned(store, patterns)
        names = list(found.columns)
        found.attrs = {"table": "claims", **attrs_of(store, "claims", names), "entries": [*patterns], **self.whence()}
        return found

    def find(self, text: str, kind: str | None = None) -> pd.DataFrame:
        """Return the entries of the registries that go by a name; see `find`."""
        from datapkg.read.find import found
        from datapkg.read.names import registries

        expected("text", text, str, "a name in any language, such as 삼성")
        self._check_voice()
        store = self.opened()
        with understood(store):
            shown = found(store, text, kind)
        if not len(shown):
            shown.attrs["empty"] = f"nothing in {', '.join([kind] if kind else registries(store))} is called '{text}'"
        shown.attrs |= {"version": store.about["version"], **self.whence()}
        return shown

    def cite(
        self, frame: pd.DataFrame | pd.Series | None = None, style: str = "bibtex", table: str | None = None
    ) -> str:
        """Return the citation of the package and of the articles behind a frame's rows; see `cite`."""
        store = self.opened()
        with understood(store):
            return cited(store, frame, style, table)

    def describe(self, table: str | None = None) -> Description:
        """Return what a table, or the package, holds; see `describe`."""
        from datapkg.read.describe import described

        expected("table", table, (str, NoneType), TABLE)
        self._check_voice()
        store = self.opened()
        with understood(store):
            return described(store, table)

    def path(self, table: str) -> Path:
        """Return the file of a table; see `path`."""
        expected("table", table, str, TABLE)
        self._check_voice()
        store = self.opened()
        found, _ = store.proven(table)
        if not found.is_file():
            raise UsageError(f"the file of '{table}' has no place: {found} cannot be written; name another cache=")
        return found

    def lock(self, path: Path, frame: pd.DataFrame | pd.Series | None, table: str | None = None) -> None:
        """Keep the rows of a frame, or one row, with their claims in a lock; see `cite`.

        Raises  UsageError without rows, WriteError
        """
        if frame is None:
            raise UsageError("a lock keeps rows; cite a frame or a row with it")
        kept = self._lock(frame, table).encode()
        with disk.writing(path):
            disk.put(path, kept)

    def _lock(self, frame: pd.DataFrame | pd.Series, table: str | None) -> str:
        from datapkg.read.said import by_voice

        store = self.opened()
        with understood(store):
            name, rows = table_of(store, frame, table), whole(frame)
            asked = {part: frame.attrs[part] for part in ("policy", "known_by") if part in frame.attrs}
            if name:
                told = [(said, replace(self, voice=v).load(name, **asked)) for v, said in by_voice(rows, self.voice)]
                return lock_text(store, [locked(store, name, said, stored) for said, stored in told])
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

    def key(self, table: str) -> list[str]:
        """Return the columns of a table's primary key."""
        return self.opened().key(table)

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
