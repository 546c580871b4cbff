"""What a rule is, and the register that every rule is in: its id, why it holds, and a query that finds what breaks it.

A query's columns are table_name, key, claim_id, column_name and message. Tables and observations are views; MACROS are
what queries may call beside the functions of DuckDB. A rule that asks the schema `figures` is asked twice: there each
table of figures has a column `speaker`, and holds first what each page says, then the facts that are not superseded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from datapkg.model import PREFIX, Spec

# together is whether two figures of a voice held at one time: neither was given for the first time after the other was
# last stated. edtf_start and edtf_end are the first and last day of an EDTF text; null for a text that names none,
# which is for schema-edtf to say. who is the company that a voice is the name of, else the voice. slip is half of the
# last digit that a number is given with; lowest and highest are the ends of what a source may mean by a value, rounded
# to that digit at most as far as `most`, and hedged.
MACROS = r"""
CREATE MACRO edtf_first(x) AS TRY(CASE
    WHEN x IS NULL THEN NULL
    WHEN x[6:6] = 'Q' THEN make_date(x[1:4]::INT, 3 * x[7:7]::INT - 2, 1)
    WHEN x[6:6] = 'H' THEN make_date(x[1:4]::INT, 6 * x[7:7]::INT - 5, 1)
    ELSE (x || '-01-01'[len(x) - 3:])::DATE END);
CREATE MACRO edtf_last(x) AS TRY(CASE
    WHEN x IS NULL THEN NULL
    WHEN x[6:6] = 'Q' THEN last_day(make_date(x[1:4]::INT, 3 * x[7:7]::INT, 1))
    WHEN x[6:6] = 'H' THEN last_day(make_date(x[1:4]::INT, 6 * x[7:7]::INT, 1))
    WHEN len(x) = 4 THEN make_date(x::INT, 12, 31)
    WHEN len(x) = 7 THEN last_day((x || '-01')::DATE)
    ELSE x::DATE END);
CREATE MACRO edtf_start(x) AS edtf_first(split_part(x, '/', 1));
CREATE MACRO edtf_end(x) AS edtf_last(split_part(x, '/', -1));
CREATE MACRO who(voice) AS coalesce((SELECT min(company_id) FROM companies WHERE name_en = voice), voice);
CREATE MACRO together(vintage, last, other_vintage, other_last) AS
    coalesce(vintage <= other_last, true) AND coalesce(other_vintage <= last, true);
CREATE MACRO digits(x) AS TRY_CAST(round(abs(x) * 1000) AS HUGEINT)::VARCHAR;
CREATE MACRO slip(x) AS 0.5 * pow(10, len(digits(x)) - len(rtrim(digits(x), '0')) - 3);
CREATE MACRO lowest(value, low, high, hedge, most) AS CASE
    WHEN hedge = 'about' AND low IS NULL AND high IS NULL THEN value - 0.05 * abs(value)
    ELSE low - least(slip(low), most) END;
CREATE MACRO highest(value, low, high, hedge, most) AS CASE
    WHEN hedge = 'about' AND low IS NULL AND high IS NULL THEN value + 0.05 * abs(value)
    ELSE high + least(slip(high), most) END;
"""


@dataclass(frozen=True)
class Rule:
    """A rule: its id, why it holds, and the query that finds what breaks it; an empty query finds nothing."""

    id: str
    why: str
    sql: Callable[[Mapping[str, Spec]], str]
    by_table: bool = False
    """Whether it asks of each table the same, whatever others hold: the query of some tables finds what is in these."""


RULES: dict[str, Rule] = {}


def rule(function: Callable[[Mapping[str, Spec]], str]) -> Callable[[Mapping[str, Spec]], str]:
    """Register a rule under its name, with its docstring as the reason."""
    name = function.__name__.replace("_", "-")
    RULES[name] = Rule(name, " ".join((function.__doc__ or "").split()), function)
    return function


def table_rule(function: Callable[[Mapping[str, Spec]], str]) -> Callable[[Mapping[str, Spec]], str]:
    """Register a rule that asks of each table the same, whatever others hold."""
    made = rule(function)
    name = function.__name__.replace("_", "-")
    RULES[name] = replace(RULES[name], by_table=True)
    return made


def observed(specs: Mapping[str, Spec], *columns: str) -> list[str]:
    """Return the observation tables that have all these columns."""
    return [name for name, spec in specs.items() if name.startswith(PREFIX) and {*columns} <= {*spec.columns}]


def row_key(spec: Spec, prefix: str = "") -> str:
    """Return the SQL text of a row's fact key, as in the conflicts table."""
    return keyed((k for k in spec.key if k != "claim_id" or not spec.name.startswith(PREFIX)), prefix)


def keyed(columns: Iterable[str], prefix: str = "") -> str:
    """Return the SQL text that names the values of columns, those of the claim if there are none."""
    return "concat(" + ", ';', ".join(f"'{k}=', {prefix}\"{k}\"" for k in [*columns] or ["claim_id"]) + ")"
