"""The tools that agents call. Their docstrings are what an agent reads of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from datapkg.mcp.asked import Condition, conditions, filters, nearest, whole
from datapkg.mcp.figures import answers, behind
from datapkg.mcp.held import Held, Rows, entry_of, pointing, records
from datapkg.mcp.overview import columns_of, gaps, tables_of
from datapkg.model import PREFIX, NotFound, UsageError
from datapkg.read import ALL, FITS, NEAR

MOST = 100
"""Rows of one answer at most."""
ENTRIES = 10
"""Entries of one answer of `find` at most."""
POINTS = 400
"""Points of one answer of `series` at most."""
NAMES = ("find", "describe", "load", "series", "trace", "conflicts", "cite", "mentions", "changes", "coverage")
"""The tools, in the order in which an agent meets them."""


class Tools:
    """Ten tools over one package. Each returns a mapping; what is not held comes back as `held: false`."""

    def __init__(self, data: Held) -> None:
        self.data = data

    def find(self, name: str, registry: str | None = None) -> dict[str, Any]:
        """Find companies, people, products, markets, segments, alliances, facilities, terms by a name in any language.

        Companies are found by identifiers too, such as XNAS:NVDA, an LEI or an ISIN.
        Returns ids, how the name fits each (is, begins, holds, near), and how many rows of each table are about it.
        Start here: other tools take these ids, and names too where they are unambiguous.
        """
        found = self.data.hits(name, registry)[:ENTRIES]
        if not found:
            where = registry or "the registries"
            return {"held": False, "reason": f"no entry of {where} is called '{name}', and none comes near"}
        rows = [{"registry": hit.names.table, "id": hit.id, "name": self.data.name(hit.names.table, hit.id),
                 "match": hit.fit, "rows": dict(self.data.about(entry_of(hit)))} for hit in found]  # fmt: skip
        if found[0].fit != NEAR:
            return {"held": True, "entries": rows}
        return {"held": False, "reason": f"nothing is called '{name}'", "nearest": rows}

    def describe(self, table: str | None = None) -> dict[str, Any]:
        """Say what tables there are, or what the columns of one table mean, with units, values and periods covered."""
        if table is None:
            return {"held": True, "tables": tables_of(self.data)}
        return {"held": True, **columns_of(self.data, table)}

    def load(self, table: str, where: dict[str, Any] | None = None, valid_on: str | None = None,
             known_by: str | None = None, policy: str = "preferred", voice: str | None = None, limit: int = 20,
             offset: int = 0) -> dict[str, Any]:  # fmt: skip
        """Return rows of a table; each figure with claim, voice, vintage, certainty, hedge, inferred cells and dissent.

        `where` holds conditions by column: {"company_id": "TSMC", "period": "2024-Q1", "share_pct": ">=50"}; a list
        means any of its values, and names stand for ids. `valid_on` keeps what held on a day; `known_by` uses only what
        had been published by a day; `policy` is preferred, latest, or all (one row per claim); `voice` uses only what
        one voice said. If nothing fits, `held` is false and the nearest rows that are held are named.
        """
        data = self.data.heard(voice)
        times = {"valid_on": valid_on, "known_by": known_by}
        asked = conditions(data, PREFIX + table if policy == ALL and table in data.store.facts() else table, where)
        if any(c.unknown for c in asked):
            return self._not_held(table, asked, times)
        try:
            frame = data.load(table, filters=filters(asked), policy=policy, valid_on=valid_on, known_by=known_by)
        except NotFound as error:
            if voice is None:
                raise
            return self._not_held(table, asked, {**times, "voice": f"{voice} ({error})"})
        if frame.empty:
            return self._not_held(table, asked, {**times, "voice": voice})
        spec = data.store.specs()[table]
        shown = records(frame.iloc[offset : offset + _limited(limit)])
        rows = answers(data, shown, spec, behind(data, spec, policy, known_by))
        return {"held": True, "table": table, "total": len(frame), "offset": offset, "rows": rows}

    def series(self, table: str, where: dict[str, Any], voice: str | None = None) -> dict[str, Any]:
        """Return figures over time: one series per rest of the key, its points in the order of their periods.

        `where` and `voice` are as for `load`. A series in which several voices count is no series of one counter: it
        says so, and `voice` keeps to one of them.
        """
        data = self.data.heard(voice)
        spec = data.store.specs().get(table)
        if spec is None or "period" not in spec.key:
            able = [n for n in data.store.facts() if "period" in data.store.key(n)]
            raise UsageError(f"table '{table}' has no periods; series works with {', '.join(able)}")
        asked = conditions(data, table, where)
        frame = data.load(table, filters=filters(asked)) if not any(c.unknown for c in asked) else None
        if frame is None or frame.empty:
            return self._not_held(table, asked, {"voice": voice})
        if len(frame) > POINTS:
            raise UsageError(f"{len(frame)} points are more than the {POINTS} of one answer; narrow `where`")
        found: dict[tuple[Any, ...], Rows] = {}
        rows = records(frame.sort_values(["period_start", "period_end"], kind="stable"))
        for row in answers(data, rows, spec, behind(data, spec)):
            found.setdefault(tuple(v for c, v in row["key"].items() if c != "period"), []).append(row)
        return {"held": True, "table": table, "series": [_series(points) for points in found.values()]}

    def trace(self, table: str, key: dict[str, Any]) -> dict[str, Any]:
        """Return every claim behind one row: what it says, what it supplies or contradicts, by which rule it lost.

        `key` holds the columns of the table's primary key, as `load` returns them. Each claim has its voice, vintage,
        certainty, source with address, and the anchor (position or digest) of its words.
        """
        try:
            found = self.data.trace(table, whole(self.data, table, key))
        except NotFound:
            return self._not_held(table.removeprefix(PREFIX), conditions(self.data, table, key), {})
        return {"held": True, "table": found.attrs["table"], "key": found.attrs["key"], "claims": [
            {name: value for name, value in row.items() if value is not None} for row in records(found)]}  # fmt: skip

    def conflicts(self, table: str | None = None, name: str | None = None, kind: str | None = None, limit: int = 20,
                  offset: int = 0) -> dict[str, Any]:  # fmt: skip
        """Return where claims contradict each other: the value chosen, the other, whose they are, and the rule.

        Of one table, about one entry (`name`), or of one `kind`: disagreement (two voices, or one on one day),
        revision (a voice said otherwise before), stage (time went on).
        """
        if table is not None:
            self.data.store.resource(table)
        entry = self._entry(name) if name else None
        rows = [row for (of, _), found in self.data.published.items() for row in found
                if table in (None, of) and kind in (None, row.get("kind")) and self._names(row, entry)]  # fmt: skip
        if not rows:
            asked = ", ".join(filter(None, [table, name, kind]))
            return {"held": False, "reason": f"no conflict is published{f' for {asked}' if asked else ''}"}
        shown = rows[offset : offset + _limited(limit)]
        return {"held": True, "total": len(rows), "offset": offset, "conflicts": shown}

    def cite(
        self, table: str | None = None, where: dict[str, Any] | None = None, style: str = "bibtex"
    ) -> dict[str, Any]:
        """Return the citation of this release and, for a table, of the articles behind exactly the rows that fit.

        `style` is bibtex, ris, csl-json, datacite, or the name of a CSL style such as apa.
        """
        if table is None:
            return {"held": True, "citation": self.data.cite(style=style)}
        asked = conditions(self.data, table, where)
        frame = self.data.load(table, filters=filters(asked)) if not any(c.unknown for c in asked) else None
        if frame is None or frame.empty:
            return self._not_held(table, asked, {})
        return {"held": True, "rows": len(frame), "citation": self.data.cite(frame, style)}

    def mentions(self, names: list[str], limit: int = 20, offset: int = 0) -> dict[str, Any]:
        """Return every claim about entries, whatever its table: what was said about HBM, about NVIDIA, and where.

        A name is one in any language, an id, or an id with its registry (products/hbm); "hbm*" means all ids that
        begin so.
        """
        entries = [name if "*" in name or "/" in name else self._entry(name) for name in names]
        found = records(self.data.mentions(entries))
        if not found:
            return {"held": False, "reason": f"no claim is about {', '.join(entries)}"}
        return {"held": True, "total": len(found), "offset": offset, "entries": entries,
                "claims": found[offset : offset + _limited(limit)]}  # fmt: skip

    def changes(self, table: str | None = None, name: str | None = None, limit: int = 20,
                offset: int = 0) -> dict[str, Any]:  # fmt: skip
        """Return what this release changed against the one before: rows and cells, with old and new claim and reason.

        Of one table, or of rows whose key names one entry.
        """
        if self.data.changes is None:
            return {"held": False, "reason": "the working build is no release and lists no changes; in a shell, "
                    "`datapkg diff` compares it with one"}  # fmt: skip
        if table is not None:
            self.data.store.resource(table)
        entry = self._entry(name) if name else None
        rows = [row for row in self.data.changes if table in (None, row["table"]) and self._names(row, entry)]
        if not rows:
            return {"held": False, "reason": f"this release changed nothing of {name or table or 'the one before'}"}
        return {"held": True, "total": len(rows), "offset": offset, "changes": rows[offset : offset + _limited(limit)]}

    def coverage(self, name: str, table: str | None = None) -> dict[str, Any]:
        """Say what is held about an entry and what is not: rows and periods by table, gaps between, tables without it.

        Ask this before concluding that something did not happen: what is not held was not read, not disproven.
        """
        entry = self._entry(name)
        able = {n: pointing(s) for n, s in self.data.store.specs().items() if n in self.data.store.facts()}
        able = {n: t for n, t in able.items() if entry.partition("/")[0] in t.values() and table in (None, n)}
        if table is not None and not able:
            self.data.store.resource(table)
            return {"held": False, "reason": f"rows of '{table}' do not name entries of {entry.partition('/')[0]}"}
        rows = self.data.about(entry)
        held = [gaps(self.data, n, entry) for n in able if rows[n]]
        empty = [n for n in able if not rows[n]]
        return {"held": bool(held), "entry": entry, "tables": held, "nothing_in": empty}

    def _entry(self, name: str) -> str:
        """Return the entry, as registry/id, that a name stands for; of several, the one that most rows are about.

        Raises  NotFound with what comes near
        """
        registry, slash, rest = name.partition("/")
        found = self.data.hits(rest if slash else name, registry if slash else None)
        if not found or found[0].fit != FITS[0]:
            near = " or ".join(f"'{entry_of(hit)}'" for hit in found[:3])
            raise NotFound(
                f"nothing is called '{name}'" + (f"; did you mean {near}?" if near else ", and none is near")
            )
        return entry_of(found[0])

    def _names(self, row: Mapping[str, Any], entry: str | None) -> bool:
        """Return whether the key of a conflict or change names an entry."""
        if entry is None:
            return True
        registry, _, wanted = entry.partition("/")
        spec = self.data.store.specs().get(str(row["table"]).removeprefix(PREFIX))
        columns = {c for c, target in pointing(spec).items() if target == registry} if spec else set()
        columns |= {spec.key[0]} if spec and spec.name == registry else set()
        return any(f";{c}={wanted};" in f";{row['key']};" for c in columns)

    def _not_held(self, table: str, asked: Sequence[Condition], beyond: Mapping[str, str | None]) -> dict[str, Any]:
        """Return that nothing fits, why, and the rows that come nearest."""
        more = [f"{name}={value}" for name, value in beyond.items() if value is not None]
        wanted = ", ".join([*map(str, asked), *more])
        unknown = [c.unknown for c in asked if c.unknown]
        reason = f"no row of {table} has {wanted}" if wanted else f"{table} has no rows"
        spec, near = self.data.store.specs()[table], nearest(self.data.rows(table), asked)
        rows = answers(self.data, (row for row, _ in near), spec, behind(self.data, spec))
        told = [{"differs": has, **row} for (_, has), row in zip(near, rows, strict=True)]
        return {"held": False, "reason": "; ".join([reason, *unknown]), "nearest": told}


def _series(points: Rows) -> dict[str, Any]:
    """Return the points of one series, what they share said once."""
    voices = Counter(str(point.get("voice")) for point in points)
    rest = {c: v for c, v in points[0]["key"].items() if c != "period"}
    shared = {"key": rest, "names": points[0]["names"], "voices": dict(voices), "one_voice": len(voices) == 1}
    own = [{"period": p["key"]["period"], **{k: v for k, v in p.items() if k not in ("key", "names")}} for p in points]
    return {**shared, "points": own}


def _limited(limit: int) -> int:
    """Return how many rows to return.

    Raises  UsageError for none, or more than fit into an answer
    """
    if not 1 <= limit <= MOST:
        raise UsageError(f"limit is {limit}; an answer has 1 to {MOST} rows, and `offset` leads on")
    return limit
