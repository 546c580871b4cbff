"""Rules about shares, ranks and the revenue behind them: what one voice says of one market has to agree with itself."""

from __future__ import annotations

from collections.abc import Mapping

from datapkg.check.rule import keyed, rule
from datapkg.model import Spec

JUMP, LEAP, TIMES = 10, 5, 1.5
"""Points that a share moves by from one period to the next at most; fewer if it also grows or shrinks by a factor."""
SLACK = 0.002
"""What is left to rounding beyond the last digits, as a part of an amount."""
OTHERS = "vendors-others"
"""The segment of all vendors that a source does not name; with the named ones it makes the whole."""

# What a voice says of one thing in all its claims, as the lowest and the highest that agree with it.
SHARES = """shares AS (
        SELECT speaker, company_id, market_id, period, basis, forecast, min(claim_id) AS claim_id,
            min(coalesce(lowest(share_pct, share_low_pct, share_high_pct, qualifier, 0.5), 0)) AS low,
            max(coalesce(highest(share_pct, share_low_pct, share_high_pct, qualifier, 0.5), 100)) AS high,
            min(vintage) AS vintage, max(last_stated) AS last
        FROM figures.market_shares GROUP BY ALL)"""
LEAST = "min(coalesce(lowest(share_pct, share_low_pct, share_high_pct, qualifier, 0.5), 0))"
REVENUES = """revenues AS (
        SELECT speaker, company_id, market_id, period, forecast, currency, min(claim_id) AS claim_id,
            min(coalesce(lowest(amount, amount_low, amount_high, qualifier, 0.05 * amount), 0)) AS low,
            max(coalesce(highest(amount, amount_low, amount_high, qualifier, 0.05 * amount), 'inf'::DOUBLE)) AS high,
            min(vintage) AS vintage, max(last_stated) AS last
        FROM figures.company_metrics WHERE metric = 'revenue' AND currency IS NOT NULL GROUP BY ALL)"""


@rule
def share_sum(specs: Mapping[str, Spec]) -> str:
    """Shares of one market, period, basis and voice are parts of one whole: even at their lowest they make at most 100 %."""
    columns = (
        "market_id, period, basis, forecast, speaker, share_pct, share_low_pct, share_high_pct, qualifier, claim_id"
    )
    return f"""
    WITH named AS (
        SELECT {columns}, company_id AS part FROM figures.market_shares
        UNION ALL SELECT {columns}, segment_id FROM figures.segment_shares WHERE segment_id = '{OTHERS}'),
    least AS (
        SELECT market_id, period, basis, forecast, speaker, part, min(claim_id) AS claim_id,
            {LEAST} AS pct
        FROM named GROUP BY ALL)
    SELECT 'market_shares', {keyed(("market_id", "period", "basis", "forecast"))}, min(claim_id), 'share_pct',
        format('shares named by {{}} add up to {{:.1f}} % at their lowest ({{}}); at most 100 % can be shared out', speaker, sum(pct),
            string_agg(format('{{}} {{:.1f}}', part, pct), ', ' ORDER BY part))
    FROM least GROUP BY market_id, period, basis, forecast, speaker HAVING sum(pct) > 100.001"""


@rule
def segment_sum(specs: Mapping[str, Spec]) -> str:
    """Segments of one dimension are parts of one whole too; vendors and nodes are left out, since their groups overlap."""
    parts = " UNION ALL ".join(
        f"""SELECT '{table}' AS tbl, '{whole}=' || {whole} AS whole, segment_id, period, {basis} AS basis, forecast,
            speaker, claim_id,
            share_pct, share_low_pct, share_high_pct, qualifier
        FROM figures.{table}"""
        for table, whole, basis in (
            ("segment_shares", "market_id", "basis"),
            ("revenue_shares", "company_id", "'revenue'"),
        )
    )
    return f"""
    WITH named AS ({parts}),
    least AS (
        SELECT tbl, whole, dimension, period, basis, forecast, speaker, segment_id, min(claim_id) AS claim_id,
            {LEAST} AS pct
        FROM named JOIN segments USING (segment_id) WHERE dimension NOT IN ('vendors', 'node') GROUP BY ALL)
    SELECT tbl, concat(whole, ';', {keyed(("dimension", "period", "basis", "forecast"))}), min(claim_id), 'share_pct',
        format('shares by {{}} that {{}} names add up to {{:.1f}} % at their lowest ({{}}); at most 100 % can be shared out', dimension,
            speaker, sum(pct), string_agg(format('{{}} {{:.1f}}', segment_id, pct), ', ' ORDER BY segment_id))
    FROM least GROUP BY tbl, whole, dimension, period, basis, forecast, speaker HAVING sum(pct) > 100.001"""


@rule
def share_jump(specs: Mapping[str, Spec]) -> str:
    """A share that leaps from one period to the next is more often a slip of the page or of the curator than the market."""
    return f"""
    WITH series AS (
        SELECT speaker, company_id, market_id, basis, forecast, period, period_start, period_end,
            max(claim_id) AS claim_id,
            min(coalesce(share_low_pct, CASE qualifier WHEN 'about' THEN share_pct ELSE 0 END)) AS low,
            max(coalesce(share_high_pct, CASE qualifier WHEN 'about' THEN share_pct ELSE 100 END)) AS high,
            min(vintage) AS vintage, max(last_stated) AS last
        FROM figures.market_shares WHERE NOT forecast GROUP BY ALL),
    steps AS (
        SELECT b.*, a.period AS before, a.low AS low_before, a.high AS high_before,
            greatest(b.low - a.high, a.low - b.high) AS gap,
            CASE WHEN b.low > a.high THEN b.low / nullif(a.high, 0) ELSE a.low / nullif(b.high, 0) END AS factor
        FROM series a JOIN series b USING (speaker, company_id, market_id, basis)
        WHERE b.period_start = a.period_end + 1 AND together(a.vintage, a.last, b.vintage, b.last)
            AND datediff('month', a.period_start, a.period_end) = datediff('month', b.period_start, b.period_end))
    SELECT 'market_shares', {keyed(("company_id", "market_id", "period", "basis", "forecast"))}, claim_id, 'share_pct',
        format('{{}} goes from {{:.10g}} % in {{}} to {{:.10g}} % in {{}}, as {{}} counts', company_id,
            CASE WHEN low > high_before THEN high_before ELSE low_before END, before,
            CASE WHEN low > high_before THEN low ELSE high END, period, speaker)
    FROM steps WHERE gap > {JUMP} OR gap > {LEAP} AND coalesce(factor > {TIMES}, true)"""


@rule
def rank_against_shares(specs: Mapping[str, Spec]) -> str:
    """A company of rank n has at most n - 1 larger shares before it; companies with one share may be in one place."""
    key = ("company_id", "market_id", "period", "basis", "forecast")
    return f"""
    SELECT 'market_ranks', {keyed(key, "r.")}, r.claim_id,
        'rank', format('{{}} is ranked {{}} with {{:.1f}} %, and larger shares are known of {{}}', r.company_id, r.rank,
            min(s.share_pct),
            string_agg(format('{{}} ({{:.1f}} %)', o.company_id, o.share_pct), ', ' ORDER BY o.company_id))
    FROM figures.market_ranks r JOIN figures.market_shares s USING (speaker, company_id, market_id, period, basis, forecast)
    JOIN figures.market_shares o ON o.speaker = r.speaker AND o.market_id = r.market_id AND o.period = r.period
        AND o.basis = r.basis AND o.forecast = r.forecast AND o.share_pct > s.share_pct
    WHERE together(r.vintage, r.last_stated, s.vintage, s.last_stated)
        AND together(r.vintage, r.last_stated, o.vintage, o.last_stated)
    GROUP BY r.company_id, r.market_id, r.period, r.basis, r.forecast, r.claim_id, r.rank
    HAVING count(DISTINCT o.share_pct) >= r.rank"""


@rule
def rank_against_revenue(specs: Mapping[str, Spec]) -> str:
    """A company of rank n has at most n - 1 companies before it to which the same voice gives more revenue in the market."""
    key = ("company_id", "market_id", "period", "basis", "forecast")
    return f"""
    WITH {REVENUES}
    SELECT 'market_ranks', {keyed(key, "r.")}, r.claim_id,
        'rank', format('{{}} is ranked {{}} by {{}} with at most {{:,.0f}} {{}}, and more is known of {{}}', r.company_id,
            r.rank, m.speaker, m.high, m.currency,
            string_agg(format('{{}} ({{:,.0f}})', o.company_id, o.low), ', ' ORDER BY o.company_id))
    FROM figures.market_ranks r
    JOIN revenues m ON m.speaker = r.speaker AND m.company_id = r.company_id AND m.market_id = r.market_id
        AND m.period = r.period AND m.forecast = r.forecast
    JOIN revenues o ON o.speaker = m.speaker AND o.market_id = m.market_id AND o.period = m.period
        AND o.forecast = m.forecast AND o.currency = m.currency AND o.low > m.high
        AND together(r.vintage, r.last_stated, m.vintage, m.last) AND together(r.vintage, r.last_stated, o.vintage, o.last)
    WHERE r.basis IN ('revenue', 'unspecified')
    GROUP BY r.company_id, r.market_id, r.period, r.basis, r.forecast, r.claim_id, r.rank, m.speaker, m.high, m.currency
    HAVING count(*) >= r.rank"""


@rule
def rank_twice(specs: Mapping[str, Spec]) -> str:
    """A voice gives one place in a market to one company, unless it says that two share it."""
    columns = "market_id, period, basis, forecast, rank"
    return f"""
    SELECT 'market_ranks', {keyed(columns.split(", "))}, max(claim_id), 'rank',
        format('{{}} gives place {{}} to {{}}', speaker, rank, string_agg(DISTINCT company_id, ' and ' ORDER BY company_id))
    FROM (SELECT *, max(vintage) OVER (PARTITION BY speaker, {columns}) AS newest FROM figures.market_ranks)
    WHERE coalesce(last_stated >= newest, true) GROUP BY speaker, {columns} HAVING count(DISTINCT company_id) > 1"""


@rule
def share_against_size(specs: Mapping[str, Spec]) -> str:
    """A company's share of the market's size is its revenue there, as far as their last digits go."""
    return f"""
    WITH {REVENUES}, sizes AS (
        SELECT speaker, market_id, period, forecast, currency,
            coalesce(lowest(amount, amount_low, amount_high, qualifier, 0.05 * amount), 0) AS low,
            coalesce(highest(amount, amount_low, amount_high, qualifier, 0.05 * amount), 'inf'::DOUBLE) AS high,
            vintage, last_stated AS last
        FROM figures.market_sizes WHERE basis = 'revenue' AND currency IS NOT NULL),
    worked AS (
        SELECT s.*, m.speaker, m.currency, m.low AS least, m.high AS most,
            coalesce(lowest(share_pct, share_low_pct, share_high_pct, qualifier, 0.5), 0) / 100 * z.low AS from_size,
            coalesce(highest(share_pct, share_low_pct, share_high_pct, qualifier, 0.5), 100) / 100 * z.high AS to_size
        FROM figures.market_shares s JOIN revenues m ON m.speaker = s.speaker AND m.company_id = s.company_id
            AND m.market_id = s.market_id AND m.period = s.period AND m.forecast = s.forecast
        JOIN sizes z ON z.speaker = m.speaker AND z.market_id = s.market_id AND z.period = s.period
            AND z.forecast = s.forecast AND z.currency = m.currency
            AND together(s.vintage, s.last_stated, m.vintage, m.last) AND together(s.vintage, s.last_stated, z.vintage, z.last)
            AND together(m.vintage, m.last, z.vintage, z.last)
        WHERE s.basis = 'revenue')
    SELECT 'market_shares', {keyed(("company_id", "market_id", "period", "basis", "forecast"))}, claim_id, 'share_pct',
        format('{{:.10g}} % of the market is {{:,.0f}} to {{:,.0f}} {{}}, and {{}} gives the revenue of {{}} as {{:,.0f}} to '
            '{{:,.0f}}', coalesce(share_pct, share_low_pct, share_high_pct), min(from_size), max(to_size), currency,
            speaker, company_id, least, most)
    FROM worked GROUP BY company_id, market_id, period, basis, forecast, claim_id, speaker, currency, least, most,
        share_pct, share_low_pct, share_high_pct
    HAVING NOT bool_or(to_size * {1 + SLACK} >= least AND from_size * {1 - SLACK} <= most)"""


@rule
def share_against_revenue(specs: Mapping[str, Spec]) -> str:
    """Revenue by share is the whole market, and a voice that gives both for several companies means one market."""
    return f"""
    WITH {SHARES}, {REVENUES},
    wholes AS (
        SELECT m.speaker, m.market_id, m.period, m.forecast, m.currency, company_id, m.claim_id,
            100 * m.low / s.high AS low, 100 * m.high / nullif(s.low, 0) AS high,
            greatest(s.vintage, m.vintage) AS vintage, least(s.last, m.last) AS last
        FROM shares s JOIN revenues m USING (speaker, company_id, market_id, period, forecast)
        WHERE s.basis = 'revenue' AND s.high > 0 AND together(s.vintage, s.last, m.vintage, m.last)),
    current AS (
        FROM (SELECT *, max(vintage) OVER (PARTITION BY speaker, market_id, period, forecast, currency) AS newest FROM wholes)
        WHERE coalesce(last >= newest, true)),
    apart AS (
        SELECT *, abs(low - median(low) OVER everyone) AS far, max(low) OVER everyone AS least,
            min(high) OVER everyone AS most
        FROM current WINDOW everyone AS (PARTITION BY speaker, market_id, period, forecast, currency))
    SELECT 'company_metrics', {keyed(("market_id", "period", "forecast"))},
        first(claim_id ORDER BY far DESC, claim_id DESC), 'amount',
        format('by the shares and revenues that {{}} gives, the whole market is {{}} {{}}', speaker, string_agg(
            format('{{:,.0f}} to {{:,.0f}} (from {{}})', low, high, company_id), ', ' ORDER BY company_id), currency)
    FROM apart WHERE least * {1 - SLACK} > most * {1 + SLACK}
    GROUP BY speaker, market_id, period, forecast, currency"""


@rule
def gap_against_shares(specs: Mapping[str, Spec]) -> str:
    """The gap that a voice sees between two companies is what its shares of both leave between them."""
    key = ("company_id", "other_id", "market_id", "period", "basis", "forecast")
    bounds = "gap_points, gap_low_points, gap_high_points, qualifier, 0.5"
    return f"""
    WITH {SHARES}
    SELECT 'share_gaps', {keyed(key, "g.")}, g.claim_id, 'gap_points',
        format('{{:.10g}} points between {{}} and {{}} stand against shares that {{}} gives, which leave {{:.1f}} to {{:.1f}}',
            coalesce(gap_points, gap_low_points, gap_high_points), company_id, other_id, speaker, a.low - b.high,
            a.high - b.low)
    FROM figures.share_gaps g
    JOIN shares a USING (speaker, company_id, market_id, period, basis, forecast)
    JOIN (SELECT * RENAME (company_id AS other_id) FROM shares) b
        USING (speaker, other_id, market_id, period, basis, forecast)
    WHERE coalesce(lowest({bounds}), 0) > a.high - b.low OR coalesce(highest({bounds}), 100) < a.low - b.high"""
