"""Rules about what contradicts itself: circles, a thing beside itself, one voice that says two things at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from datapkg.check.rule import keyed, row_key, rule, table_rule
from datapkg.model import PREFIX, Spec, sql

CIRCLES = (
    ("companies", "company_id", "parent_id"),
    ("companies", "company_id", "successor_id"),
    ("markets", "market_id", "parent_id"),
    ("product_components", "product_id", "component_id"),
)
PAIRS = (
    ("supply_relations", "supplier_id", "customer_id"),
    ("share_gaps", "company_id", "other_id"),
    ("plans", "company_id", "counterpart_id"),
    ("company_events", "company_id", "counterpart_id"),
)
HAPPENED = {
    "meetings": ("date", "status = 'held'"),
    "deals": ("date", "status IN ('signed', 'approved', 'final', 'closed')"),
    "product_events": ("date", "event <> 'announced'"),
}
"""Tables of what has happened: the day of it, and which rows say that it has."""
ONE_DAY = "a.known_from = b.known_from AND a.exactly AND b.exactly"
COUNTING = 92
"""Days after the end of a period in which its figures may not be counted yet."""


@rule
def circle(specs: Mapping[str, Spec]) -> str:
    """Nothing is a part of itself: parents, successors and components run upwards and come to an end."""
    return " UNION ALL ".join(
        f"""SELECT '{table}', {row_key(specs[table], "t.")}, {"t.claim_id" if specs[table].role == "fact" else "NULL"},
        '{up}', format('{{}} comes back to itself by way of {up}: {{}}', t.{key}, path)
    FROM {table} t JOIN ({_walk(table, key, up)}) ON t.{key} = start AND t.{up} = first"""
        for table, key, up in CIRCLES if table in specs
    )  # fmt: skip


def _walk(table: str, key: str, up: str) -> str:
    """Return the query for the ways that lead back to where they began, each by its first step."""
    return f"""WITH RECURSIVE way AS (
            SELECT {key} AS start, {up} AS first, {up} AS here, [{key}, {up}] AS seen FROM {table} WHERE {up} IS NOT NULL
            UNION ALL SELECT start, first, {up}, seen || [{up}] FROM way JOIN {table} ON {key} = here
            WHERE {up} IS NOT NULL AND here <> start AND (NOT list_contains(seen, {up}) OR {up} = start))
        SELECT start, first, array_to_string(min(seen), ' - ') AS path FROM way WHERE here = start GROUP BY ALL"""


@table_rule
def with_itself(specs: Mapping[str, Spec]) -> str:
    """Nobody supplies, leads or plans with itself: the two sides of a relation are two."""
    return " UNION ALL ".join(
        f"""SELECT '{table}', {row_key(specs[PREFIX + table])}, claim_id, '{other}',
        format('{{}} stands on both sides, as {one.removesuffix("_id")} and as {other.removesuffix("_id")}', {one})
    FROM observations.{table} WHERE {one} = {other}"""
        for table, one, other in PAIRS if PREFIX + table in specs
    )  # fmt: skip


@table_rule
def preferred_twice(specs: Mapping[str, Spec]) -> str:
    """For one key one claim is preferred; two preferences leave the choice open."""
    return " UNION ALL ".join(
        f"""SELECT '{table}', {row_key(specs[name])}, max(claim_id), NULL,
        format('{{}} are both preferred in corrections.yaml; keep one', string_agg(claim_id, ' and ' ORDER BY claim_id))
    FROM {sql.table(name)} WHERE preferred GROUP BY {_listed(specs[table].key)} HAVING count(*) > 1"""
        for name, table in _observed(specs)
        if "claim_id" not in specs[table].key
    )


@table_rule
def two_numbers(specs: Mapping[str, Spec]) -> str:
    """A voice gives one number for one thing on one day; two that exclude each other are a misquote or two keys."""
    return " UNION ALL ".join(
        _apart(specs[table], specs[table].key, f"a.claim_id < b.claim_id AND {ONE_DAY}")
        for _, table in _observed(specs) if _interval(specs[table])
    )  # fmt: skip


@table_rule
def basis_left_open(specs: Mapping[str, Spec]) -> str:
    """Where a voice gives one number with its basis and another without on one day, the second has a basis too."""
    return " UNION ALL ".join(
        _apart(specs[table], [column for column in specs[table].key if column != "basis"],
               f"a.basis <> 'unspecified' AND b.basis = 'unspecified' AND {ONE_DAY}")
        for _, table in _observed(specs) if _interval(specs[table]) and "basis" in specs[table].key
    )  # fmt: skip


@table_rule
def happened_after_source(specs: Mapping[str, Spec]) -> str:
    """What has happened lies before the source that tells of it; what lies after it is planned."""
    return " UNION ALL ".join(
        f"""SELECT '{table}', {row_key(specs[PREFIX + table])}, claim_id, '{day}',
        format('on {{}}, and the source was published by {{}}; mend the date, or say that it is planned', {day}, known_from)
    FROM observations.{table} WHERE edtf_start({day}) > last_day(known_from) AND {said}"""
        for table, (day, said) in HAPPENED.items() if PREFIX + table in specs
    )  # fmt: skip


@table_rule
def forecast_of_past(specs: Mapping[str, Spec]) -> str:
    """A forecast is of what is to come; a quarter after a period is over its figures are counted."""
    return " UNION ALL ".join(
        f"""SELECT '{table}', {row_key(specs[name])}, claim_id, 'forecast',
        format('marked as a forecast of {{}}, and the source was published in {{}}; leave the mark out, or correct the '
            'period', period, published)
    FROM {sql.table(name)} JOIN sources USING (source_id)
    WHERE forecast AND period_end + {COUNTING} < edtf_start(published)"""
        for name, table in _observed(specs) if {"forecast", "period_end"} <= {*specs[name].columns}
    )  # fmt: skip


def _observed(specs: Mapping[str, Spec]) -> Iterable[tuple[str, str]]:
    """Yield the observation tables that have rows beside a fact table, with the name of that."""
    for name in specs:
        table = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and table in specs:
            yield name, table


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _interval(spec: Spec) -> tuple[str, ...]:
    """Return value, lower and upper bound, hedge, and what has to be the same, of a table of figures."""
    for group in spec.groups:
        if isinstance(group.compare, dict) and "interval" in group.compare and not spec.claim.get("partial"):
            return (*group.compare["interval"], *group.compare.get("same", ()))
    return ()


def _apart(spec: Spec, key: Iterable[str], which: str) -> str:
    """Return the query for pairs of claims of one voice whose figures exclude each other."""
    value, low, high, hedge, *same = _interval(spec)
    named = f"{value}, {low}, {high}, {hedge}"
    joined = " AND ".join(f'a."{column}" IS NOT DISTINCT FROM b."{column}"' for column in (*key, *same, "speaker"))
    said = f"""SELECT o.*, {_ends(named, value)}
        FROM {sql.table(PREFIX + spec.name)} o JOIN sources USING (source_id)"""
    return f"""
    SELECT '{spec.name}', {keyed(spec.key, "b.")}, b.claim_id, '{value}',
        format('{{}} is said to give {{:.15g}} here and {{:.15g}} in {{}}, published on the same day', b.speaker,
            coalesce(b.{value}, b.{low}, b.{high}), coalesce(a.{value}, a.{low}, a.{high}), a.claim_id)
    FROM ({said}) a JOIN ({said}) b ON {joined}
    WHERE {which} AND greatest(a.least - b.most, b.least - a.most) > {_tolerance(spec, value)}"""


def _tolerance(spec: Spec, value: str) -> str:
    """Return by how much two figures of a table may differ without a contradiction, as SQL."""
    (compare,) = (group.compare for group in spec.groups if value in group.columns)
    share = compare.get("within_pct", 0) / 100
    return f"greatest({compare.get('within', 0)}, {share} * abs(coalesce(a.{value}, b.{value}, 0)))"


def _ends(named: str, value: str) -> str:
    return f"""who(voice) AS speaker, len(published) = 10 AS exactly,
        coalesce(lowest({named}, 0.05 * abs({value})), '-inf'::DOUBLE) AS least,
        coalesce(highest({named}, 0.05 * abs({value})), 'inf'::DOUBLE) AS most"""
