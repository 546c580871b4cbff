"""Pages about the data that the data make: where sources disagree, and what is there and what is not.

`python -m datapkg.pages` writes them from data/processed; a test and CI prove that they are fresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from datapkg.facts import connect, key_text, value_text
from datapkg.model import PREFIX, Group, Spec, sql
from datapkg.pages.capacity import capacity_page
from datapkg.pages.markdown import Markdown, claim_file, grid, said_by

if TYPE_CHECKING:
    import duckdb

    from datapkg.build import Tables

NOTE = "<!-- Made by `make docs` from data/processed; do not edit. -->\n"
FIGURES = ("market_shares", "market_ranks", "market_sizes", "market_changes", "segment_shares", "market_standings")
"""Tables of figures of markets."""
FEW = 5
"""Figures from which a market has a line of its own in the page about coverage."""


def pages(stored: Tables) -> dict[str, str]:
    """Return the pages by their path from the root; none before all tables of the schemas have been built."""
    if stored.specs.keys() - stored.tables.keys():
        return {}
    connection = connect(stored.tables)
    about = {"docs/conflicts.md": _conflicts(connection, stored), "docs/coverage.md": _coverage(connection, stored)}
    return about | capacity_page(connection)


def _asked(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _key(text: str) -> str:
    """Return a key for people: values only, without those that stand for nothing in particular."""
    values = [pair.partition("=")[2] for pair in text.split(";")]
    plain = ("unspecified", "company-total", "false", "whole")
    return ", ".join("forecast" if value == "true" else value for value in values if value not in plain)


def _conflicts(connection: duckdb.DuckDBPyConnection, stored: Tables) -> str:
    ((many, keys, tables),) = _asked(
        connection, 'SELECT count(*), count(DISTINCT ("table", key)), count(DISTINCT "table") FROM conflicts'
    )
    others = {source for (source,) in _asked(connection, "SELECT source_id FROM claims WHERE file_sha256 IS NOT NULL")}
    link = partial(claim_file, tables=others)
    parts = [
        NOTE,
        f"# Where sources disagree\n\n{many} contradictions about {keys} facts of {tables} tables. A contradiction is what "
        "two claims say about one key beyond rounding and hedges; figures of two markets, bases or periods are none, nor is "
        "a forecast against a later count. The facts use the value on the left, by the rule in the last column; "
        '`datapkg trace` shows all claims behind a fact, and `policy="all"` loads them.\n',
    ]
    for (name,) in _asked(connection, 'SELECT DISTINCT "table" FROM conflicts ORDER BY 1'):
        rows = _asked(
            connection,
            'SELECT key, "column", chosen_value, chosen_claim_id, other_value, other_claim_id, reason FROM conflicts '
            f'WHERE "table" = {sql.literal(name)} ORDER BY key, "column", other_claim_id',
        )
        lines = [(_key(k), c, said_by(v, link(i)), said_by(o, link(j)), why) for k, c, v, i, o, j, why in rows]
        parts.append(f"\n## {name}\n\n" + grid(("about", "column", "used", "said otherwise", "why"), lines))
    parts.append(
        "\n## Different, and no contradiction\n\nFigures about one fact that rounding, hedges or another currency reconcile.\n\n"
    )
    parts.append(grid(("table", "about", "said"), _reconciled(stored, link)))
    said = _asked(connection, "SELECT claim_id, field, said, value, reason FROM corrections ORDER BY ALL")
    corrected = [(link(i), f, s, v, why) for i, f, s, v, why in said]
    parts.append("\n## Corrections\n\nClaims that say what their source says, and facts that do not use it.\n\n")
    parts.append(grid(("claim", "field", "said", "used", "why"), corrected))
    passed = _asked(connection, "SELECT claim_id, rule, reason FROM acknowledgements ORDER BY ALL")
    parts.append("\n## Findings let pass\n\nOddities that a [rule](checks.md) finds and a curator has looked at.\n\n")
    parts.append(grid(("claim", "rule", "why"), [(link(i), rule, why) for i, rule, why in passed]))
    return "".join(parts)


def _reconciled(stored: Tables, link: Callable[[str], Markdown]) -> list[tuple[str, str, Markdown]]:
    """Return the facts whose claims give different figures that do not contradict each other."""
    against = {(r["table"], r["key"], r["column"]) for r in stored.tables["conflicts"].to_pylist()}
    found = []
    for name, spec in sorted(stored.specs.items()):
        for group in spec.groups if spec.role == "fact" else ():
            if not isinstance(group.compare, dict) or "interval" not in group.compare:
                continue
            for key, said in _said(spec, group, stored.tables[PREFIX + name].to_pylist()).items():
                if len(said) > 1 and (name, key, group.columns[0]) not in against:
                    texts = "; ".join(said_by(value, link(claim)) for value, claim in sorted(said.items()))
                    found.append((name, _key(key), Markdown(texts)))
    return sorted(found)


def _said(spec: Spec, group: Group, rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the texts of what claims say by key, each with the first claim that says so."""
    said: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: row["claim_id"]):
        if any(row[c] is not None for c in group.compare["interval"][:3]):
            said.setdefault(key_text(row, spec.key), {}).setdefault(value_text(row, group), row["claim_id"])
    return said


def _coverage(connection: duckdb.DuckDBPyConnection, stored: Tables) -> str:
    ((sources, claims, first, last),) = _asked(
        connection, "SELECT count(*), sum(claims), min(published), max(published) FROM sources"
    )
    parts = [
        NOTE,
        f"# What is there, and what is not\n\n{claims} claims of {sources} sources, published from {first} to {last}.\n",
        "\n## Sources\n\nBy year of publication, tier and language; then the claims of each.\n\n",
        _counted(connection, "published[1:4]", "year"),
        _counted(connection, "tier", "tier"),
        _counted(connection, "language", "language"),
        _counted(connection, "kind", "kind"),
        "\n## Claims\n\n",
        grid(("kind", "claims", "asserted", "reported", "speculated"), _asked(connection, """
            SELECT kind, count(*), count(*) FILTER (certainty = 'asserted'), count(*) FILTER (certainty = 'reported'),
                count(*) FILTER (certainty = 'speculated') FROM claims GROUP BY 1 ORDER BY 2 DESC, 1""")),
        "\n## Voices\n\nWho is named for the most figures of markets.\n\n",
        grid(("voice", "figures", "markets"), _asked(connection, f"""
            SELECT voice, count(*), count(DISTINCT market_id) FROM ({_figures()}) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20""")),
        "\n## Figures by market and year\n\n",
        _matrix(connection),
        "\n## Quarterly shares\n\nQuarters for which a voice gives a company's share, without forecasts; four or more.\n\n",
        grid(("market", "voice", "company", "quarters", "from", "to"), _asked(connection, """
            SELECT market_id, voice, company_id, count(DISTINCT period), min(period), max(period)
            FROM observations.market_shares WHERE period[6:6] = 'Q' AND len(period) = 7 AND NOT forecast
            GROUP BY 1, 2, 3 HAVING count(DISTINCT period) >= 4 ORDER BY 1, 2, 4 DESC, 3""")),
        "\n## Companies by role\n\n",
        grid(("role", "companies with a source for it"), _asked(connection, """
            SELECT role, count(DISTINCT company_id) FROM company_roles GROUP BY 1 ORDER BY 2 DESC, 1""")),
        _identified(connection),
        _missing(connection, stored),
    ]  # fmt: skip
    return "".join(parts)


def _counted(connection: duckdb.DuckDBPyConnection, what: str, name: str) -> str:
    rows = _asked(connection, f"SELECT {what}, count(*), sum(claims) FROM sources GROUP BY 1 ORDER BY 1")
    return grid((name, "sources", "claims"), rows) + "\n"


def _figures() -> str:
    """Return the query for all figures of markets, with their voices and years."""
    return " UNION ALL ".join(
        f"SELECT market_id, voice, period_start FROM {sql.table(PREFIX + table)}" for table in FIGURES
    )


def _matrix(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the number of figures per market and year; markets with few figures are counted together."""
    counts: dict[str, dict[int, int]] = {}
    rows = _asked(connection, f"SELECT market_id, year(period_start), count(*) FROM ({_figures()}) GROUP BY 1, 2")
    for market, year, many in rows:
        counts.setdefault(market, {})[year] = many
    years = sorted({year for found in counts.values() for year in found})
    early = [year for year in years if year < 2016]
    shown = [year for year in years if year >= 2016]
    lines = [
        (market, sum(found.get(y, 0) for y in early) or "", *(found.get(y, "") for y in shown), sum(found.values()))
        for market, found in sorted(counts.items(), key=lambda entry: (-sum(entry[1].values()), entry[0]))
        if sum(found.values()) >= FEW
    ]
    rest = [found for found in counts.values() if sum(found.values()) < FEW]
    head = ("market", "to 2015", *map(str, shown), "all")
    return grid(head, lines) + f"\nAnother {len(rest)} markets have fewer than {FEW} figures each.\n"


def _identified(connection: duckdb.DuckDBPyConnection) -> str:
    """Return of how many companies an identifier of each scheme is known, of all and of those that are listed."""
    ((companies, listed),) = _asked(connection, "SELECT count(*), count(*) FILTER (is_public) FROM companies")
    rows = _asked(
        connection,
        """
        SELECT scheme, count(DISTINCT company_id), count(DISTINCT company_id) FILTER (is_public)
        FROM company_identifiers JOIN companies USING (company_id) GROUP BY 1 ORDER BY 2 DESC, 1""",
    )
    lines = [(scheme, many, f"{many / companies:.0%}", public, f"{public / max(listed, 1):.0%}")
             for scheme, many, public in rows]  # fmt: skip
    head = ("scheme", "companies", "of all", "listed companies", "of the listed")
    return (f"\n## Identifiers of companies\n\n{listed} of {companies} companies are listed on an exchange.\n\n"
            + grid(head, lines))  # fmt: skip


def _missing(connection: duckdb.DuckDBPyConnection, stored: Tables) -> str:
    """Return what the data do not hold, as far as the machine can tell."""
    ids = {name: [row[0] for row in _asked(connection, f"SELECT {key} FROM {name} ORDER BY 1")]
           for name, key in (("companies", "company_id"), ("markets", "market_id"))}  # fmt: skip
    named = {
        name: _named(connection, stored, key) for name, key in (("companies", "company_id"), ("markets", "market_id"))
    }
    unnamed = {name: [entry for entry in ids[name] if entry not in named[name]] for name in ids}
    ((anchored, claims),) = _asked(
        connection, "SELECT count(coalesce(quote_sha256, cell_sha256)), count(*) FROM claims"
    )
    ((read, verified, sources),) = _asked(
        connection, "SELECT count(retrieved), count(verified_on), count(*) FROM sources"
    )
    ((single, shares),) = _asked(
        connection, "SELECT count(*) FILTER (source_count = 1), count(*) FROM market_shares WHERE NOT forecast"
    )
    small = sorted((t.num_rows, n) for n, t in stored.tables.items()
                   if stored.specs[n].role == "fact" and t.num_rows < 20)  # fmt: skip
    return (
        "\n## What is not there\n\n"
        f"- {claims - anchored} of {claims} claims have no digest of their passage or cells. An anchor is proof, the others wait for "
        "theirs.\n"
        f"- Of {sources - verified} of {sources} sources nobody has written down against which copy the claims were compared "
        "(`verified_on`).\n"
        f"- For {sources - read} of {sources} sources `retrieved` is empty: nobody compared the claims with a copy of the page. Of "
        "many others only the beginning could be read.\n"
        f"- {single} of {shares} market shares rest on one voice.\n"
        f"- Tables with fewer than 20 rows: {', '.join(f'{n} ({many})' for many, n in small) or 'none'}.\n"
        f"- {len(unnamed['companies'])} of {len(ids['companies'])} companies of the registry are named by no claim but as a "
        f"speaker or not at all: {', '.join(unnamed['companies']) or 'none'}.\n"
        f"- {len(unnamed['markets'])} of {len(ids['markets'])} markets have no figure yet: {', '.join(unnamed['markets'])}.\n"
        "- An empty cell is no evidence of absence: pages were chosen for what they say, not as a sample.\n"
    )


def _named(connection: duckdb.DuckDBPyConnection, stored: Tables, key: str) -> set[str]:
    """Return the entries of a registry that a fact table points at."""
    target = {"company_id": "companies", "market_id": "markets"}[key]
    columns = [
        (name, fk.column)
        for name, spec in stored.specs.items()
        if spec.role == "fact"
        for fk in spec.foreign_keys
        if fk.table == target
    ]
    query = " UNION ".join(f'SELECT "{column}" FROM {name}' for name, column in columns)
    return {row[0] for row in _asked(connection, query) if row[0]}
