"""The Table Schema constraints of every table as Narwhals expressions: the same verdicts on any engine.

A table costs one pass that counts the violations of every constraint, and one grouping per key or unique
column; only where constraints are violated a further query fetches the offending rows, or a few of them.

Source  Table Schema 2.0, https://datapackage.org/standard/table-schema/#field-constraints
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from datapkg.check import constraints
from datapkg.check.constraints import Constraint, plain, quoted, there
from datapkg.model import Finding, ForeignKey, Spec, did_you_mean

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

SHOWN = 20  # offending rows that are fetched per constraint; the last one says how many more there are
HELD = 10_000  # offending rows that are fetched at once
_ROWS, _BROKEN = "__rows", "__broken"
_Reference = tuple["_Table", ForeignKey]


@dataclass(frozen=True, slots=True)
class _Table:
    """A frame beside its spec; only columns of the right type, those in `types`, are looked into."""

    spec: Spec
    data: nw.LazyFrame[Any]
    types: Mapping[str, nw.dtypes.DType]
    empty: bool = False

    def finding(self, rule: str, message: str, column: str | None, row: Mapping[str, Any]) -> Finding:
        """Return a finding, about one row if one is given."""
        key = ";".join(f"{k}={plain(row[k])}" for k in self.spec.key if k in row)
        claim, table = row.get("claim_id"), self.spec.name
        return Finding(rule=rule, message=message, table=table, key=key or None, column=column, claim_id=claim)


def violations(frames: Mapping[str, IntoFrame], specs: Mapping[str, Spec]) -> list[Finding]:
    """Return what breaks the schemas: every table by itself, then the foreign keys between the tables.

    All frames belong to one engine, DuckDB relations to one connection. A frame without a spec is not looked
    into; foreign keys may point at it.
    """
    found: list[Finding] = []
    tables: dict[str, _Table] = {}
    for name, spec in specs.items():
        if name in frames:
            tables[name] = _table(frames[name], spec)
            found += _own(tables[name])
        else:
            message = f"table '{name}' is missing{did_you_mean(name, frames)}"
            found.append(Finding(rule="schema-columns", message=message, table=name))
    for pairs in _references(tables.values(), frames).values():
        parent = nw.from_native(frames[pairs[0][1].table]).lazy()
        if _astray(pairs, parent):
            found += [finding for table, fk in pairs for finding in _dangling(table, fk, parent)]
    return found


def table_violations(frame: IntoFrame, spec: Spec) -> list[Finding]:
    """Return what breaks the schema of one table, without its foreign keys."""
    return _own(_table(frame, spec))


def _table(frame: IntoFrame, spec: Spec) -> _Table:
    given = nw.from_native(frame)
    data = given.lazy()
    schema = data.collect_schema()
    right = [f.name for f in spec.fields if isinstance(schema.get(f.name), constraints.TYPES[f.type])]
    empty = isinstance(given, nw.DataFrame) and given.is_empty()  # a lazy frame is not run to find out
    return _Table(spec, data, {name: schema[name] for name in right}, empty)


def _own(table: _Table) -> list[Finding]:
    """Return the findings of one table: its columns, one pass over its values, its keys."""
    found = list(_columns(table))
    if table.empty:
        return found
    rules = list(constraints.compiled(table.spec, table.types, _python_regex(table.data)))
    for f in table.spec.fields:
        if f.edtf and f.name in table.types:  # distinct periods are few, so the one reader of periods reads each
            distinct = (row[f.name] for row in _rows(table.data.select(f.name).unique()))
            rules += constraints.periods(f, (value for value in distinct if isinstance(value, str)))
    sums = {f"c{i}": rule.count for i, rule in enumerate(rules)}
    counts = _rows(table.data.select(**sums))[0].values() if sums else ()
    broken = [(rule, int(count)) for rule, count in zip(rules, counts, strict=True) if count]
    found += _offending(table, broken)
    for name, columns in _unique(table.spec):
        if all(column in table.types for column in columns):
            found += _repeated(table, name, columns)
    return found


def _python_regex(data: nw.LazyFrame[Any]) -> bool:
    """Return whether patterns run on Python's or Java's regular expressions, and not on RE2's or Rust's."""
    engine = data.implementation
    return bool(engine.is_pandas_like() or engine.is_spark_like())


def _columns(table: _Table) -> Iterator[Finding]:
    """Yield missing, extra, reordered and mistyped columns."""
    spec, schema = table.spec, table.data.collect_schema()
    have = schema.names()

    def finding(rule: str, message: str, column: str | None = None) -> Finding:
        return Finding(rule=rule, message=message, table=spec.name, column=column)

    for name in spec.columns:
        if name not in schema:
            yield finding("schema-columns", f"column '{name}' is missing", name)
    for name in have:
        if name not in spec.columns:
            hint = did_you_mean(name, spec.columns)
            yield finding("schema-columns", f"column '{name}' is not in the schema{hint}", name)
    known = [name for name in have if name in spec.columns]
    expected = [name for name in spec.columns if name in schema]
    if known != expected:
        first, wanted = next((a, b) for a, b in zip(known, expected, strict=True) if a != b)
        order = f"column '{first}' stands where '{wanted}' is expected; the order is {', '.join(expected)}"
        yield finding("schema-columns", order, first)
    lossy = table.data.implementation.is_pandas_like()
    hint = '; pandas keeps types only with dtype_backend="pyarrow"' if lossy else ""
    for f in spec.fields:
        if f.name in schema and f.name not in table.types:
            expects = f"expected {f.type} ({constraints.TYPES[f.type][0].__name__}){hint}"
            yield finding("schema-type", f"column '{f.name}' is {schema[f.name]}; {expects}", f.name)


def _offending(table: _Table, broken: Sequence[tuple[Constraint, int]]) -> list[Finding]:
    """Return a finding for each of the first rows that break one of the constraints, given how many do.

    Where they are few, one query has them all; of many, each constraint asks for its own.
    """
    found = []
    few = _few(table, [rule for rule, _ in broken]) if 0 < sum(count for _, count in broken) <= HELD else None
    for n, (rule, count) in enumerate(broken):
        rows = _first(table, table.data.filter(rule.broken), rule.column) if few is None else few[n]
        messages = _counted([rule.says(row[rule.column]) for row in rows], count)
        pairs = zip(messages, rows, strict=True)
        found += [table.finding(rule.rule, message, rule.column, row) for message, row in pairs]
    return found


def _few(table: _Table, rules: Sequence[Constraint]) -> list[list[dict[str, Any]]]:
    """Return what `_first` returns of the rows that break each of some constraints."""
    columns = dict.fromkeys(name for rule in rules for name in _shown(table, rule.column))
    flags = {f"{_BROKEN}{n}": rule.broken for n, rule in enumerate(rules)}
    data = table.data.filter(nw.any_horizontal(*flags.values(), ignore_nulls=True)).select(*columns, **flags)
    rows = _rows(data)
    found = []
    for n, rule in enumerate(rules):
        shown, by = _shown(table, rule.column), _by(table, rule.column)
        those = [{name: row[name] for name in shown} for row in rows if row[f"{_BROKEN}{n}"]]
        found.append(sorted(those, key=lambda row: [_place(row[name]) for name in by])[:SHOWN])
    return found


def _place(value: Any) -> tuple[bool, bool, Any]:
    """Return what sorts a value as engines do: what is no number after the numbers, null last."""
    return value is None, isinstance(value, float) and math.isnan(value), value


def _first(table: _Table, data: nw.LazyFrame[Any], column: str) -> list[dict[str, Any]]:
    """Return key, claim and the column of the first rows by key, so that every engine shows the same."""
    few = data.select(*_shown(table, column)).sort(*_by(table, column), nulls_last=True).head(SHOWN)
    return _rows(few)


def _shown(table: _Table, column: str) -> list[str]:
    wanted = dict.fromkeys([*table.spec.key, column, "claim_id"])
    return [name for name in wanted if name in table.types]


def _by(table: _Table, column: str) -> list[str]:
    """Return by what the rows that are shown are sorted: the key, or all that is shown where there is none of it."""
    shown = _shown(table, column)
    return [name for name in table.spec.key if name in shown] or shown


def _rows(data: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    """Return the rows with plain Python values: DuckDB's own, else by way of Arrow, since pandas has several nulls."""
    if data.implementation.is_duckdb():
        native = data.to_native()
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    rows: list[dict[str, Any]] = data.collect().to_arrow().to_pylist()
    return rows


def _counted(messages: list[str], count: int) -> list[str]:
    """Return the messages, the last of which says how many more there would be."""
    more = count - len(messages)
    return [*messages[:-1], f"{messages[-1]}; and {more:,} more like this"] if more > 0 else messages


def _unique(spec: Spec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the rule and the columns of everything that may occur only once."""
    yield "schema-key", spec.key
    for f in spec.fields:
        if f.constraints.get("unique"):
            yield "schema-unique", (f.name,)


def _repeated(table: _Table, rule: str, columns: tuple[str, ...]) -> list[Finding]:
    """Return the values that occur more than once; rows with a null among them are left to schema-required.

    A grouping, not a distinct count: DuckDB groups by several columns faster than it counts distinct structs.
    """
    complete = table.data.filter(*(there(name) for name in columns))
    groups = complete.group_by(*columns).agg(nw.len().alias(_ROWS)).filter(nw.col(_ROWS) > 1)
    count = _rows(groups.select(nw.len().alias(_ROWS)))[0][_ROWS]
    if not count:
        return []
    rows = _rows(groups.sort(*columns).head(SHOWN))
    name = columns[0] if len(columns) == 1 else None
    what = "this key" if rule == "schema-key" else f"this value in column '{name}'"
    keys = [";".join(f"{column}={plain(row[column])}" for column in columns) for row in rows]
    messages = _counted([f"{row[_ROWS]} rows have {what}; expected one" for row in rows], count)
    pairs = zip(messages, keys, strict=True)
    return [Finding(rule=rule, message=m, table=table.spec.name, key=key, column=name) for m, key in pairs]


def _references(tables: Iterable[_Table], frames: Mapping[str, IntoFrame]) -> dict[tuple[Any, ...], list[_Reference]]:
    """Return the foreign keys whose two ends are there, together where they point at one column with one type."""
    groups: dict[tuple[Any, ...], list[_Reference]] = {}
    for table in tables:
        for fk in table.spec.foreign_keys if not table.empty else ():
            if fk.table in frames and fk.column in table.types:
                groups.setdefault((fk.table, fk.target, table.types[fk.column]), []).append((table, fk))
    return groups


def _astray(pairs: list[_Reference], parent: nw.LazyFrame[Any]) -> bool:
    """Return whether any of the foreign keys that point at one column points at nothing: one join instead of many."""
    target = pairs[0][1].target
    if target not in parent.collect_schema():
        return False
    values = [table.data.select(nw.col(fk.column).alias(_ROWS)) for table, fk in pairs]
    type_ = pairs[0][0].types[pairs[0][1].column]
    targets = parent.select(nw.col(target).cast(type_).alias(_ROWS)).unique()
    lost = nw.concat(values).filter(there(_ROWS)).join(targets, on=_ROWS, how="anti")
    return bool(_rows(lost.select(nw.len().alias(_ROWS)))[0][_ROWS])


def _dangling(table: _Table, fk: ForeignKey, parent: nw.LazyFrame[Any]) -> list[Finding]:
    """Return the rows whose foreign key points at nothing; null points nowhere and is fine."""
    targets = parent.select(nw.col(fk.target).cast(table.types[fk.column]).alias(_ROWS)).unique()
    rows = table.data.filter(there(fk.column)).select(*_shown(table, fk.column))
    astray = rows.join(targets, left_on=fk.column, right_on=_ROWS, how="anti")
    count = _rows(astray.select(nw.len().alias(_ROWS)))[0][_ROWS]
    if not count:
        return []
    known = [plain(row[_ROWS]) for row in _rows(targets)]
    found = _first(table, astray, fk.column)
    lost = [row[fk.column] for row in found]
    where = f"which is no {fk.target} of {fk.table}"
    texts = [f"column '{fk.column}' holds {quoted(v)}, {where}{did_you_mean(plain(v), known)}" for v in lost]
    pairs = zip(_counted(texts, count), found, strict=True)
    return [table.finding("schema-foreign-key", message, fk.column, row) for message, row in pairs]
