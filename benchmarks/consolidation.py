"""Observations to facts beside SQL written by hand for the same policy in DuckDB, each a whole process.

Three claims about each fact, of voices that stand in different places, a tenth of them contradicting. The query by hand
follows the eleven criteria of the policy and counts claims, sources and contradictions; it leaves out the most digits
of claims that agree, revisions of a voice, and what is worked out. Both have to choose the same claim for every key.

Run  python -m benchmarks consolidation
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow.parquet as pq

from benchmarks.targets import judge, middle, note

SIZES = {"small": (3_000,), "usual": (100_000, 1_000_000), "large": (100_000, 1_000_000, 10_000_000)}
KEY = "company_id, market_id, period, basis, forecast"
BLOCK = "market_id, period, basis, forecast"
MADE = """
SELECT 'company-' || (f % 20) AS company_id, 'market-' || (f // 20 % 500) AS market_id,
       (1990 + f // 10000 % 30) || '-Q' || (1 + f // 300000 % 4) AS period,
       make_date((1990 + f // 10000 % 30)::INT, (1 + 3 * (f // 300000 % 4))::INT, 1) AS period_start,
       last_day(make_date((1990 + f // 10000 % 30)::INT, (3 + 3 * (f // 300000 % 4))::INT, 1)) AS period_end,
       ['revenue', 'units', 'capacity', 'unspecified'][1 + (f // 1200000 % 4)::INT] AS basis, false AS forecast,
       share AS share_pct, share AS share_low_pct, share AS share_high_pct, 'exact' AS qualifier,
       'source-' || i % 50021 || '/claim-' || i AS claim_id, 'source-' || i % 50021 AS source_id,
       ['asserted', 'asserted', 'reported'][1 + i % 3] AS certainty, NULL::VARCHAR AS said_by,
       'voice-' || i % 3 AS voice, ['own', 'unnamed', 'named'][1 + i % 3] AS attribution, false AS lead,
       ['secondary', 'primary', 'secondary'][1 + i % 3] AS tier, day AS vintage_from, day AS vintage, day AS known_from,
       false AS preferred, false AS corrected, 1 AS decimals, NULL::VARCHAR AS inferred
FROM (SELECT i, i // 3 AS f, 1 + hash(i // 3) % 400 / 10.0 + (i % 30 = 4)::INT AS share,
             DATE '2024-01-01' + (hash(i) % 300)::INT AS day FROM range({rows}) r(i))
"""
HAND = f"""
WITH o AS (
    SELECT *, CASE attribution WHEN 'own' THEN 0 WHEN 'named' THEN 1 ELSE 2 END AS stands,
        CASE tier WHEN 'primary' THEN 0 WHEN 'secondary' THEN 1 ELSE 2 END AS page,
        CASE certainty WHEN 'asserted' THEN 0 WHEN 'reported' THEN 1 ELSE 2 END AS certain,
    FROM '{{path}}'),
v AS (
    SELECT *, min(stands) OVER voiced AS best, min(page) OVER voiced AS best_page,
        max(vintage_from) OVER (PARTITION BY {KEY}, voice) AS newest,
        max(vintage_from) OVER (PARTITION BY {KEY}) AS last
    FROM o WINDOW voiced AS (PARTITION BY {BLOCK}, voice)),
r AS (
    SELECT *, row_number() OVER (PARTITION BY {KEY} ORDER BY preferred DESC, lead DESC,
            NOT forecast OR vintage >= newest DESC, best, best_page, certain, vintage >= newest DESC, page,
            qualifier = 'exact' DESC, vintage >= last DESC, claim_id) AS place
    FROM v)
SELECT {KEY}, any_value(period_start) AS period_start, any_value(period_end) AS period_end,
    arg_min(share_pct, place) AS share_pct, arg_min(share_low_pct, place) AS share_low_pct,
    arg_min(share_high_pct, place) AS share_high_pct, arg_min(qualifier, place) AS qualifier,
    arg_min(voice, place) AS voice, arg_min(tier, place) AS tier, arg_min(certainty, place) AS certainty,
    arg_min(vintage, place) AS vintage, arg_min(known_from, place) AS known_from, min(known_from) AS first_claimed,
    max(vintage) AS last_stated, arg_min(claim_id, place) AS claim_id, count(*) AS claim_count,
    count(DISTINCT source_id) AS source_count,
    max(share_pct) - min(share_pct) > 0.6 AS disputed
FROM r GROUP BY {KEY} ORDER BY {KEY}
"""
OURS = """
import sys, gc, pyarrow.parquet as pq
gc.set_threshold(100_000, 20, 20)
from datapkg.facts.tables import facts
from datapkg.model import load_specs, packaged
made, _ = facts(pq.read_table(sys.argv[1]), load_specs(packaged().schemas)["market_shares"])
pq.write_table(made, sys.argv[2])
"""
BY_HAND = f"""
import sys, duckdb
query = {HAND!r}.replace('{{path}}', sys.argv[1])
duckdb.sql(f"COPY ({{query}}) TO '{{sys.argv[2]}}'")
"""


def main(size: str = "usual") -> None:
    """Print how facts made by the package compare with facts made by the query."""
    rounds = 1 if size == "small" else 3
    for rows in SIZES[size]:
        with TemporaryDirectory() as folder:
            path, ours, hand = (Path(folder) / f"{name}.parquet" for name in ("observed", "ours", "hand"))
            with duckdb.connect() as connection:
                connection.execute(f"COPY ({MADE.format(rows=rows)}) TO '{path}'")
            made = {"ours": (OURS, ours), "by hand": (BY_HAND, hand)}
            took = middle({name: [sys.executable, "-c", code, path, out] for name, (code, out) in made.items()}, rounds)
            with duckdb.connect() as connection:
                both = f"FROM '{ours}' a FULL JOIN '{hand}' b USING ({KEY})"
                other = connection.execute(f"SELECT count(*) {both} WHERE a.claim_id IS DISTINCT FROM b.claim_id")
                (differ,) = other.fetchall()[0]
            held = pq.read_table(path)
            note(f"bytes of one of {rows:,} observations in Parquet", path.stat().st_size / rows)
            note(f"bytes of one of {rows:,} observations in memory", held.nbytes / rows)
            note(f"facts of {rows:,} observations, a process", took["ours"], "s")
            judge(f"facts of {rows:,} observations / SQL by hand", took["ours"] / took["by hand"], most=1.5)
            judge(f"facts of {rows:,} observations, keys for which another claim is chosen", differ, most=0)


if __name__ == "__main__":
    main()
