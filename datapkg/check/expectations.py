"""Great Expectations: suites derived from the Table Schemas, and run as a second opinion that shares no code with ours.

A suite is plain JSON in the words of Great Expectations, which can run it without datapkg. Values of foreign keys are
given at run time, as parameters named <table>__<column>: its parameter language knows no dots.

Source  https://docs.greatexpectations.io/docs/core/define_expectations/
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from datapkg.check.green import Green, question
from datapkg.model import Field, Finding, Spec

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5  # unexpected values that a message names
_BIGGER = {  # column that is at least, or more than, another one of the same row
    "period_end": ("period_start", True),
    "share_high_pct": ("share_low_pct", True),
    "high": ("low", True),
    "char_end": ("char_start", False),
    "claim_count": ("source_count", True),
}


def suite(spec: Spec) -> dict[str, Any]:
    """Return the Great Expectations suite of a table as plain JSON, derived from its Table Schema.

    Shape  {"name", "expectations": [{"type", "kwargs", "meta"}]}; meta names the part of the schema behind it
    """
    expectations = [_entry("table_columns_to_match_ordered_list", "fields", column_list=list(spec.columns))]
    for f in spec.fields:
        expectations += _of_column(f, f.name in spec.key)
    expectations += _keys(spec)
    for name, (smaller, or_equal) in _BIGGER.items():
        if name in spec.columns and smaller in spec.columns:
            pair = {"column_A": name, "column_B": smaller, "or_equal": or_equal}
            rule = "column_pair_values_a_to_be_greater_than_b"
            expectations.append(_entry(rule, "columns", **pair, ignore_row_if="either_value_is_missing"))
    return {"name": spec.name, "expectations": expectations}


def _entry(what: str, because: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": f"expect_{what}", "kwargs": kwargs, "meta": {"from": because}}


def _of_column(f: Field, in_key: bool) -> Iterator[dict[str, Any]]:
    """Yield the expectations of one column."""
    rules = f.constraints
    if f.required or in_key:
        yield _entry("column_values_to_not_be_null", "required" if f.required else "primaryKey", column=f.name)
    if rules.get("unique"):
        yield _entry("column_values_to_be_unique", "unique", column=f.name)
    if "enum" in rules:
        yield _entry("column_values_to_be_in_set", "enum", column=f.name, value_set=list(rules["enum"]))
    if "pattern" in rules:  # a Table Schema pattern covers the whole value, a regex here only its start
        whole = f"^(?:{rules['pattern']})$"
        yield _entry("column_values_to_match_regex", "pattern", column=f.name, regex=whole)
    for low, high, strict in (("minimum", "maximum", False), ("exclusiveMinimum", "exclusiveMaximum", True)):
        bounds: dict[str, Any] = {}
        if low in rules:
            bounds |= {"min_value": rules[low]} | ({"strict_min": True} if strict else {})
        if high in rules:
            bounds |= {"max_value": rules[high]} | ({"strict_max": True} if strict else {})
        if bounds:
            because = "/".join(name for name in (low, high) if name in rules)
            yield _entry("column_values_to_be_between", because, column=f.name, **bounds)
    lengths = {"minLength": "min_value", "maxLength": "max_value"}
    bounds = {argument: rules[name] for name, argument in lengths.items() if name in rules}
    if bounds:
        yield _entry("column_value_lengths_to_be_between", "lengths", column=f.name, **bounds)


def _keys(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the expectations of the primary key and the foreign keys."""
    if len(spec.key) == 1:
        yield _entry("column_values_to_be_unique", "primaryKey", column=spec.key[0])
    else:
        columns, ignored = list(spec.key), "any_value_is_missing"
        rule = "compound_columns_to_be_unique"
        yield _entry(rule, "primaryKey", column_list=columns, ignore_row_if=ignored)
    for fk in spec.foreign_keys:
        values = {"$PARAMETER": _named(fk.table, fk.target)}
        yield _entry("column_values_to_be_in_set", "foreignKeys", column=fk.column, value_set=values)


def findings(tables: Mapping[str, pa.Table], specs: Mapping[str, Spec], suites: Mapping[str, dict[str, Any]],
             references: bool = True, green: Green | None = None) -> list[Finding]:  # fmt: skip
    """Return a finding for every expectation that a table fails; without `references` not of foreign keys.

    Everything runs in one context that lives in memory, sends nothing and writes nothing. Tables of which `green`
    remembers that their suite found nothing are not looked at.
    """
    found = []
    for name, spec in specs.items():
        if name not in suites and name in tables and spec.role != "observation":
            message = f"table '{name}' has no suite; expected schemas/expectations/{name}.json"
            found.append(Finding(rule="expectation", message=message, table=name))
    green = green or Green()
    asked = {name: _question(tables[name], suites[name]) for name in specs if name in suites and name in tables}
    due = {name: suites[name] for name, digest in asked.items() if references or digest not in green}
    failed = _run(tables, due, references) if due else []
    green.keep(digest for name, digest in asked.items() if name not in {finding.table for finding in failed})
    return found + failed


def _question(table: pa.Table, suite: Mapping[str, Any]) -> str:
    """Return the digest of a table and its suite."""
    import pyarrow as pa

    content = pa.BufferOutputStream()
    with pa.ipc.new_stream(content, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return question("great_expectations", json.dumps(suite).encode(), content.getvalue())


def _run(tables: Mapping[str, pa.Table], suites: Mapping[str, dict[str, Any]], references: bool) -> list[Finding]:
    """Return the findings of suites; each is asked for verdicts, and again for what it found only if it fails."""
    import great_expectations as gx

    source = _context(gx).data_sources.add_pandas("memory")
    values = _parameters(tables, suites) if references else {}
    found: list[Finding] = []
    for name, plain in suites.items():
        table = tables[name]
        entries = [e for e in plain["expectations"] if references or not _parameter(e)]
        found += [_without(name, e) for e in entries if _parameter(e) not in (None, *values)]
        entries = [e for e in entries if _parameter(e) in (None, *values) and (table.num_rows or not _of_rows(e))]
        definition = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
        ask = partial(_validate, definition, table, gx.ExpectationSuite(name=name, expectations=entries), values)
        if not ask("BOOLEAN_ONLY").success:
            found += [f for r in ask("BASIC").results if not r.success for f in _failure(name, r, table)]
    return found


def _of_rows(entry: Mapping[str, Any]) -> bool:
    """Return whether an expectation is about rows, and so holds of a table without any."""
    return not entry["type"].startswith("expect_table_")


def _validate(definition: Any, table: pa.Table, suite: Any, values: Mapping[str, Any], result_format: str) -> Any:
    """Return the result of a suite on a table."""
    import pandas as pd

    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    with warnings.catch_warnings():  # pandas warns of groups in a pattern, though nothing is extracted
        warnings.filterwarnings("ignore", "This pattern is interpreted as a regular expression")
        return definition.get_batch({"dataframe": frame}).validate(
            suite,
            result_format={"result_format": result_format, "partial_unexpected_count": SHOWN},
            expectation_parameters=values,
        )


def _context(gx: Any) -> Any:
    """Return a context in memory; analytics are off in its configuration, since they start as it is made."""
    from great_expectations.data_context.types import base

    return gx.get_context(
        mode="ephemeral",
        project_config=base.DataContextConfig(
            analytics_enabled=False,
            progress_bars=base.ProgressBarsConfig(globally=False),
            store_backend_defaults=base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        ),
    )


def _parameter(entry: Mapping[str, Any]) -> str | None:
    """Return the name of the parameter that an expectation takes its values from, if it does."""
    values = entry["kwargs"].get("value_set")
    return values["$PARAMETER"] if isinstance(values, dict) else None


def _parameters(tables: Mapping[str, pa.Table], suites: Mapping[str, dict[str, Any]]) -> dict[str, list[Any]]:
    """Return the values of the columns that foreign keys point at, by the name of the parameter."""
    wanted = {_parameter(entry) for plain in suites.values() for entry in plain["expectations"]}
    named = {_named(name, column): (name, column) for name in tables for column in tables[name].column_names}
    found = {name: tables[at[0]][at[1]] for name, at in named.items() if name in wanted}
    return {name: column.unique().drop_null().to_pylist() for name, column in found.items()}


def _named(table: str, column: str) -> str:
    return f"{table.replace('.', '__')}__{column}"


def _without(table: str, entry: Mapping[str, Any]) -> Finding:
    """Return the finding of an expectation whose parameter no table provides."""
    column = entry["kwargs"]["column"]
    message = f"{entry['type']} on {column}: no table has the values of '{_parameter(entry)}'"
    return Finding(rule="expectation", message=message, table=table, column=column)


def _failure(name: str, result: Any, table: pa.Table) -> Iterator[Finding]:
    """Yield the finding of one failed expectation; none about a column that is not there, which has its own."""
    config, outcome = result.expectation_config, result.result
    kwargs = config.kwargs
    columns = [kwargs[part] for part in ("column", "column_A", "column_B") if part in kwargs]
    columns += kwargs.get("column_list", []) if "unique" in config.type else []
    if not set(columns) <= set(table.column_names):
        return
    if "unexpected_count" in outcome:
        shown = ", ".join(repr(value) for value in outcome["partial_unexpected_list"]).replace("<NA>", "null")
        what = f"{outcome['unexpected_count']} of {outcome['element_count']} unexpected: {shown}"
    elif "observed_value" in outcome:
        what = f"found {outcome['observed_value']}"
    else:
        what = "could not be computed: " + _reason(result.exception_info)
    on = f" on {', '.join(columns)}" if columns else ""
    message = f"{config.type}{on}: {what}"
    yield Finding(rule="expectation", message=message, table=name, column=kwargs.get("column"))


def _reason(info: Any) -> str:
    """Return the message of the first exception; Great Expectations nests them by metric."""
    inner = info if "exception_message" in info else next(iter(info.values()))
    return str(inner["exception_message"])
