"""Rules about amounts: their currencies and magnitudes, growth against the figures that grew, parts against wholes."""

from __future__ import annotations

from collections.abc import Mapping

from datapkg.check.figures import REVENUES, SLACK
from datapkg.check.rule import keyed, observed, row_key, rule, table_rule
from datapkg.model import PREFIX, Spec, sql

PRICE_BANDS = {"USD": (0.01, 1e9), "EUR": (0.01, 1e9), "GBP": (0.01, 1e9), "CNY": (0.1, 1e10), "TWD": (0.1, 3e10),
               "JPY": (1, 1e11), "KRW": (10, 1e12)}  # fmt: skip
WORTH = {"USD": 1, "EUR": 1, "GBP": 1, "CNY": 7, "TWD": 30, "JPY": 150, "KRW": 1400}
"""How much of a currency makes a dollar, roughly: magnitudes need no more."""
BAND = (1e5, 2e12)
"""Dollars that a company or a market of this industry turns over: the world's chips make 0.7 trillion a year."""
MONEY = ("revenue operating_profit net_profit capex rd investment funding orders backlog inventory average_price "
         "market_value").split()  # fmt: skip
"""Metrics that are sums of money; the others are counts and rates."""
PARTED = "revenue capex rd orders backlog inventory wafer_capacity wafer_shipments units_shipped headcount".split()
"""Metrics of which a part is never more than the whole, as profits can be."""
POINTS = 0.5
"""By how much growth may differ from the growth of the amounts: voices restate the earlier one."""


@rule
def price_magnitude(specs: Mapping[str, Spec]) -> str:
    """A price outside the band of its currency has lost or gained zeros, or is in another currency."""
    bands = ", ".join(f"('{c}', {low}, {high})" for c, (low, high) in PRICE_BANDS.items())
    return f"""
    SELECT 'product_prices', {keyed(("product_id", "period", "currency", "forecast"))}, claim_id, 'amount',
        format('{{:.10g}} {{}} is outside {{:.10g}} to {{:.10g}}; check the zeros and the currency',
            coalesce(amount, low, high)::DOUBLE, currency, lowest::DOUBLE, highest::DOUBLE)
    FROM observations.product_prices JOIN (VALUES {bands}) AS band(currency, lowest, highest) USING (currency)
    WHERE coalesce(amount, low, high) NOT BETWEEN lowest AND highest"""


@rule
def amount_magnitude(specs: Mapping[str, Spec]) -> str:
    """A turnover outside the band of the industry has lost or gained zeros, as when a page prints billion for million."""
    worth = ", ".join(f"('{currency}', {dollar})" for currency, dollar in WORTH.items())
    metric, size = (row_key(specs[t]) if t in specs else "''" for t in ("company_metrics", "market_sizes"))
    amount = "coalesce(amount, amount_low, amount_high) AS amount"
    return f"""
    WITH turned AS (
        SELECT 'company_metrics' AS tbl, {metric} AS key, claim_id, currency, {amount}
        FROM observations.company_metrics WHERE metric IN ('revenue', 'capex', 'rd', 'orders', 'backlog', 'inventory')
        UNION ALL SELECT 'market_sizes', {size}, claim_id, currency, {amount}
        FROM observations.market_sizes WHERE basis = 'revenue')
    SELECT tbl, key, claim_id, 'amount', format('{{:,.0f}} {{}} is outside {{:,.0f}} to {{:,.0f}}; check the zeros and the '
        'currency', amount, currency, {BAND[0]} * dollar, {BAND[1]} * dollar)
    FROM turned JOIN (VALUES {worth}) AS worth(currency, dollar) USING (currency)
    WHERE amount NOT BETWEEN {BAND[0]} * dollar AND {BAND[1]} * dollar"""


@rule
def money_or_count(specs: Mapping[str, Spec]) -> str:
    """Money has a currency and a count has a unit; without them nobody can compare or add up."""
    money = ", ".join(f"'{metric}'" for metric in MONEY)
    amount = "coalesce(amount, amount_low, amount_high)"
    wanted = {
        "company_metrics": f"CASE WHEN metric IN ({money}) THEN currency IS NULL OR unit IS NOT NULL "
        "ELSE unit IS NULL OR currency IS NOT NULL END",
        "market_sizes": "CASE basis WHEN 'revenue' THEN currency IS NULL OR unit IS NOT NULL "
        "WHEN 'unspecified' THEN (currency IS NULL) = (unit IS NULL) ELSE unit IS NULL OR currency IS NOT NULL END",
        "deals": f"{amount} IS NOT NULL AND currency IS NULL OR quantity IS NOT NULL AND unit IS NULL",
        "plans": f"{amount} IS NOT NULL AND currency IS NULL OR quantity IS NOT NULL AND unit IS NULL",
    }
    return " UNION ALL ".join(
        f"""SELECT '{table}', {row_key(specs[table])}, claim_id, 'unit',
        format('the currency is {{}} and the unit is {{}}; an amount of money has a currency, a count a unit',
            coalesce(currency, 'not given'), coalesce(unit, 'not given'))
    FROM {sql.table(PREFIX + table)} WHERE {wrong}"""
        for table, wrong in wanted.items() if table in specs
    )  # fmt: skip


@rule
def change_against_amounts(specs: Mapping[str, Spec]) -> str:
    """Growth that a voice states agrees with the amounts that it gives for both periods."""
    sides = [
        ("company_changes", "company_metrics", ("company_id", "metric", "market_id")),
        ("market_changes", "market_sizes", ("market_id", "basis")),
    ]
    return " UNION ALL ".join(
        f"SELECT * FROM ({_growth(*side)})" for side in sides if {side[0], side[1]} <= specs.keys()
    )


def _growth(table: str, amounts: str, same: tuple[str, ...]) -> str:
    """Return the query for one table of changes: those that no pair of amounts bears out."""
    key = (*same, "period", "versus", "forecast")
    shift = "to_months(CASE versus WHEN 'year_earlier' THEN 12 ELSE datediff('month', c.period_start, c.period_end) + 1 END)"
    joined = " AND ".join(f'b."{column}" = a."{column}"' for column in same)
    ends = ", ".join(
        f"{end}(amount, amount_low, amount_high, qualifier, 0.05 * amount) AS {end}" for end in ("lowest", "highest")
    ).replace("AS lowest", "AS low").replace("AS highest", "AS high")  # fmt: skip
    return f"""
    WITH said AS (SELECT * FROM figures.{table} WHERE versus <> 'annual_average'),
    amounts AS (SELECT *, {ends} FROM figures.{amounts}),
    pairs AS (
        SELECT c.*, a.amount AS later, b.amount AS earlier, b.period AS before,
            100 * (a.low / b.high - 1) AS from_pct, 100 * (a.high / b.low - 1) AS to_pct,
            coalesce(lowest(change_pct, change_low_pct, change_high_pct, c.qualifier, 0.5), '-inf'::DOUBLE) AS low_pct,
            coalesce(highest(change_pct, change_low_pct, change_high_pct, c.qualifier, 0.5), 'inf'::DOUBLE) AS high_pct
        FROM said c JOIN amounts a USING (speaker, period, forecast, {", ".join(same)})
        JOIN amounts b ON b.speaker = a.speaker AND NOT b.forecast AND {joined}
            AND coalesce(b.currency, b.unit) = coalesce(a.currency, a.unit)
            AND b.period_start = c.period_start - {shift} AND b.period_end = last_day(c.period_end - {shift})
            AND together(c.vintage, c.last_stated, a.vintage, a.last_stated)
            AND together(c.vintage, c.last_stated, b.vintage, b.last_stated)
        WHERE a.low > 0 AND b.low > 0)
    SELECT '{table}', {keyed(key)}, claim_id, 'change_pct',
        format('{{:.10g}} % stands against {{}} in {{}} and {{:,.0f}} in {{}}, which is {{:.1f}} to {{:.1f}} %',
            coalesce(min(change_pct), min(change_low_pct), min(change_high_pct)),
            format('{{:,.0f}}', min(earlier)), min(before), min(later), period, min(from_pct),
            max(to_pct))
    FROM pairs GROUP BY claim_id, {", ".join(key)}
    HAVING NOT bool_or(from_pct <= high_pct + {POINTS} AND to_pct >= low_pct - {POINTS})"""


@rule
def part_above_whole(specs: Mapping[str, Spec]) -> str:
    """A part is not larger than its whole: a market than the wider one, a business of a company than the company."""
    size = _spans("market_sizes", ("speaker", "market_id", "period", "basis", "forecast"))
    metric = _spans("company_metrics", ("company_id", "metric", "market_id", "period", "forecast"))
    parted = ", ".join(f"'{metric}'" for metric in PARTED)
    told = """format('{:,.0f} {} for {} is more than {:,.0f} for {}, which it is a part of', c.low,
            coalesce(c.currency, c.unit, ''), c.market_id, p.high, p.market_id)"""
    return f"""
    WITH RECURSIVE above AS (
        SELECT market_id AS part, parent_id AS whole FROM markets WHERE parent_id IS NOT NULL
        UNION SELECT part, parent_id FROM above JOIN markets ON market_id = whole WHERE parent_id IS NOT NULL),
    within AS (FROM above UNION SELECT market_id, 'company-total' FROM markets WHERE market_id <> 'company-total'),
    sizes AS ({size}), metrics AS ({metric})
    SELECT 'market_sizes', {keyed(("market_id", "period", "basis", "forecast"), "c.")}, c.claim_id, 'amount', {told}
    FROM above JOIN sizes c ON c.market_id = part JOIN sizes p ON p.market_id = whole AND p.speaker = c.speaker
        AND p.period = c.period AND p.basis = c.basis AND p.forecast = c.forecast
        AND p.currency IS NOT DISTINCT FROM c.currency AND p.unit IS NOT DISTINCT FROM c.unit
    WHERE c.low > p.high * {1 + SLACK}
    UNION ALL
    SELECT 'company_metrics', {keyed(("company_id", "metric", "market_id", "period", "forecast"), "c.")}, c.claim_id,
        'amount', {told}
    FROM within JOIN metrics c ON c.market_id = part JOIN metrics p ON p.market_id = whole
        AND p.company_id = c.company_id AND p.metric = c.metric AND p.period = c.period AND p.forecast = c.forecast
        AND p.currency IS NOT DISTINCT FROM c.currency AND p.unit IS NOT DISTINCT FROM c.unit
    WHERE c.metric IN ({parted}) AND c.low > p.high * 1.02"""


def _spans(table: str, columns: tuple[str, ...]) -> str:
    """Return the query for the lowest and the highest amount that is said of one thing."""
    return f"""SELECT {", ".join(columns)}, currency, unit, min(claim_id) AS claim_id,
            min(lowest(amount, amount_low, amount_high, qualifier, 0.05 * amount)) AS low,
            max(highest(amount, amount_low, amount_high, qualifier, 0.05 * amount)) AS high
        FROM figures.{table} GROUP BY ALL"""


@rule
def revenue_sum(specs: Mapping[str, Spec]) -> str:
    """The companies of a market do not take in more together than the same voice says that the market is worth."""
    size = _spans("market_sizes", ("speaker", "market_id", "period", "basis", "forecast"))
    return f"""
    WITH {REVENUES}, sizes AS ({size})
    SELECT 'market_sizes', {keyed(("market_id", "period", "basis", "forecast"), "z.")}, z.claim_id, 'amount',
        format('the revenues that {{}} gives make {{:,.0f}} {{}} ({{}}), and the whole market {{:,.0f}} at most', z.speaker,
            sum(m.low), z.currency, string_agg(format('{{}} {{:,.0f}}', company_id, m.low), ', ' ORDER BY company_id),
            z.high)
    FROM sizes z JOIN revenues m USING (speaker, market_id, period, forecast, currency) WHERE z.basis = 'revenue'
    GROUP BY z.speaker, z.market_id, z.period, z.basis, z.forecast, z.currency, z.claim_id, z.high
    HAVING sum(m.low) > z.high * {1 + SLACK}"""


@rule
def cost_sum(specs: Mapping[str, Spec]) -> str:
    """The parts of what a product costs to make do not cost more together than the whole, as one voice estimates it."""
    return f"""
    WITH costs AS (
        SELECT speaker, product_id, item, period, currency, forecast, min(claim_id) AS claim_id,
            min(coalesce(lowest(amount, low, high, qualifier, 0.05 * amount), 0)) AS least,
            max(coalesce(highest(amount, low, high, qualifier, 0.05 * amount), 'inf'::DOUBLE)) AS most
        FROM figures.product_costs GROUP BY ALL)
    SELECT 'product_costs', {keyed(("product_id", "item", "period", "currency", "forecast"), "w.")}, w.claim_id, 'amount',
        format('the parts that {{}} names cost {{:,.0f}} {{}} at least ({{}}), and the whole costs {{:,.0f}} at most', w.speaker,
            sum(c.least), w.currency, string_agg(format('{{}} {{:,.0f}}', c.item, c.least), ', ' ORDER BY c.item), w.most)
    FROM costs w JOIN costs c USING (speaker, product_id, period, currency, forecast)
    WHERE w.item = 'total' AND c.item <> 'total'
    GROUP BY w.speaker, w.product_id, w.item, w.period, w.currency, w.forecast, w.claim_id, w.most
    HAVING sum(c.least) > w.most * {1 + SLACK}"""


@table_rule
def forecast_flag(specs: Mapping[str, Spec]) -> str:
    """A figure for a time that was not over in the month of publication is a forecast, or its period is another."""
    # Prices and costs, which have `low` and not `amount_low`, hold from the first day of their period on.
    return " UNION ALL ".join(
        f"""SELECT '{name.removeprefix(PREFIX)}', {row_key(specs[name])}, claim_id, 'forecast',
        format('the period is {{}}, and the source was published by {{}}; mark it as a forecast, or give the period up to '
            'which it counts', period, known_from)
    FROM {sql.table(name)} WHERE NOT forecast AND {"period_start" if {"amount", "low"} <= {*specs[name].columns} else "period_end"} > last_day(known_from)"""
        for name in observed(specs, "forecast", "period_end")
    )
