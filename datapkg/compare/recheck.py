"""Which cells that a paper cites are no longer what they were: corrected, revised, replaced, withdrawn or disputed.

A lock (`read/lock.py`) against a later release, without the release that it was made of. What a cell says is compared
and not how it comes about: another claim, digest or order behind the same value is no news.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.compare.packages import withdrawn
from datapkg.facts import key_text
from datapkg.model import PREFIX, UsageError, semver
from datapkg.read import Data, Store, contradictions, observations, plain, read_lock, stating

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]
DISAGREEMENT = "disagreement"
"""The kind of contradiction that makes a fact disputed; releases before 0.4.0 know no other."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a cited cell; of the whole row without a column.

    `kind` is corrected (the claim says otherwise than was read, or is about another row), revised (its voice says
    otherwise since), replaced (another voice is preferred since), completed (it was empty), withdrawn (the claim or the
    row is gone) or disputed (somebody contradicts it since).
    """

    table: str
    key: str
    column: str | None
    kind: str
    was: Any
    now: Any
    claim_was: str | None
    claim_now: str | None
    reason: str


def rechecked(path: Path, data: Data) -> pd.DataFrame:
    """Return what became of the cells of a lock in a package.

    Shape   one row per Change; `df.attrs` has the versions, and how many rows and cells the lock has
    Raises  NotFound or ConfigError if there is no lock; UsageError for one of another or a later package
    """
    import pandas as pd

    lock = read_lock(path)
    rows = [asdict(change) for change in _changes(lock, data, withdrawn(data.layout.root))]
    frame = pd.DataFrame(rows, columns=[f.name for f in fields(Change)], dtype=object)
    cited = [row["cells"] for part in lock["tables"] for row in part["rows"]]
    frame.attrs = {"cited": lock["version"], "version": data.opened().about["version"], "rows": len(cited),
                   "cells": sum(map(len, cited))}  # fmt: skip
    return frame


def _changes(lock: Mapping[str, Any], data: Data, gone: Mapping[str, str]) -> list[Change]:
    """Return what became of the cells of a lock; `gone` says why claims and sources were withdrawn."""
    store = data.opened()
    about = store.about
    cited = f"{lock['name']} {lock['version']}"
    later = data.source is not None and semver.parse(about["version"]) < semver.parse(lock["version"])
    if lock["name"] != about["name"] or later:
        raise UsageError(f"the lock cites {cited}, and this is {about['name']} {about['version']}; name a later "
                         "version of the same package")  # fmt: skip
    return [change for part in lock["tables"] for change in _Table(part, data, store, gone).changes()]


@dataclass(frozen=True)
class _Table:
    """One table of a lock, and what a package has of it now."""

    part: Mapping[str, Any]
    data: Data
    store: Store
    reasons: Mapping[str, str]

    @property
    def name(self) -> str:
        """The table that rows are of: with the policy all that of the observations."""
        return PREFIX + self.part["table"] if self.part["policy"] == "all" else str(self.part["table"])

    @cached_property
    def rows(self) -> dict[str, Row]:
        """The rows as they are now, chosen as those of the lock were, by key as text."""
        chosen = {part: self.part[part] for part in ("policy", "known_by")}
        frame = replace(self.data, voice=self.part["voice"]).load(self.part["table"], **chosen)
        return {key_text(row, self.store.key(self.name)): row for row in plain(frame)}

    @cached_property
    def said(self) -> Mapping[str, list[dict[str, Any]]]:
        """What claims say about the rows, by key as text."""
        return observations(self.store, self.name)

    @cached_property
    def claims(self) -> set[str]:
        """All claims that there are."""
        return set(self.store.read("claims", ["claim_id"]).column("claim_id").to_pylist())

    @cached_property
    def corrections(self) -> dict[str, str]:
        """Why claims were corrected."""
        return {row["claim_id"]: row["reason"] for row in self.store.read("corrections").to_pylist()}

    @cached_property
    def conflicts(self) -> Mapping[str, list[dict[str, Any]]]:
        """What is contradicted, and what the chosen claims stand against; of facts as they are published."""
        return contradictions(self.store, self.name) if self.part["policy"] == "preferred" else {}

    @cached_property
    def redirects(self) -> dict[tuple[str, str], str]:
        """Where ids that a registry does not have any more lead, by column and id."""
        keys = self.store.resource(self.name)["schema"].get("foreignKeys", [])
        points = {(fk["fields"][0], fk["reference"]["resource"] or self.name) for fk in keys}
        points |= {(column, self.name) for column in self.store.key(self.name)}
        aliases = self.store.read("aliases").to_pylist() if "aliases" in self.store.resources else []
        found: dict[tuple[str, str], str] = {}
        for column, table in points:
            led = {row["alias"]: row["entity_id"] for row in aliases if row["entity_type"] == table}
            if led:
                key = self.store.key(table)[0]
                ids = set(self.store.read(table, [key]).column(key).to_pylist())
                found |= {(column, alias): entity for alias, entity in led.items() if alias not in ids}
        return found

    def changes(self) -> Iterator[Change]:
        """Yield what became of the cells, in the order of the lock."""
        gone = self.name not in self.store.resources
        for row in self.part["rows"]:
            if gone:
                yield self._row(row, "withdrawn", None, f"there is no table '{self.name}' any more")
                continue
            text = self._key(row)
            if text not in self.rows:
                yield self._gone(row)
                continue
            yield from self._cells(row, text, self.rows[text])

    def _key(self, row: Row) -> str:
        """Return the key that a row of the lock has now: ids as they lead on, new columns by what they are without."""
        given = {column: self._led(column, value) for column, value in {**row["cells"], **row["key"]}.items()}
        fields = {field["name"]: field for field in self.store.resource(self.name)["schema"]["fields"]}
        key = self.store.key(self.name)
        return key_text({c: given.get(c) if given.get(c) is not None else fields[c].get("default") for c in key}, key)

    def _led(self, column: str, value: Any) -> Any:
        return self.redirects.get((column, value), value) if isinstance(value, str) else value

    def _gone(self, row: Row) -> Change:
        """Return what became of a row whose key is gone."""
        claim = row["claim_id"]
        moved = next((key for key, new in self.rows.items() if claim and new.get("claim_id") == claim), None)
        named = f"{self.name}[{key_text(row['key'], self.part['key'])}]"
        why = self.reasons.get(named) or self._why_withdrawn(claim) or (self.corrections.get(claim) if claim else None)
        if moved:
            return self._row(row, "corrected", moved, why or "the claim is about another row")
        return self._row(row, "withdrawn", None, why or "there is no such row any more")

    def _row(self, row: Row, kind: str, now: str | None, why: str) -> Change:
        text = key_text(row["key"], self.part["key"])
        return Change(self.name, text, None, kind, text, now, row["claim_id"], row["claim_id"] if now else None, why)

    def _why_withdrawn(self, claim: str | None) -> str | None:
        if claim is None:
            return None
        return self.reasons.get(claim) or self.reasons.get(claim.partition("/")[0])

    def _cells(self, row: Row, text: str, new: Row) -> Iterator[Change]:
        """Yield what became of the cells of a row that is there."""
        place = (self.name, key_text(row["key"], self.part["key"]))
        matched = self.store.key(self.name)  # columns of the key by now, by which the row was found
        for column, value in ((c, v) for c, v in row["cells"].items() if c not in matched):
            before = row["claims"].get(column, row["claim_id"])
            if column not in new:
                yield Change(*place, column, "withdrawn", value, None, before, None, "there is no such column any more")
            elif not _same(self._led(column, value), new[column]):
                after = stating(new, column, self.said[text])
                kind, why = self._judged(text, column, (value, new[column]), (before, after))
                yield Change(*place, column, kind, value, new[column], before, after, why)
            else:
                for other in self._against(text, column, row["conflicts"]):
                    said = other["other_value"], before, other["other_claim_id"], other["reason"]
                    yield Change(*place, column, "disputed", value, *said)

    def _against(self, key: str, column: str, before: list[list[Any]]) -> Iterator[dict[str, Any]]:
        """Yield the disagreements about a cell that are new: neither claim nor value were there before."""
        known = {text for place, *texts in before if place == column for text in texts}
        for other in self.conflicts.get(key, []):
            new = not known & {other["other_claim_id"], other["other_value"]}
            if other["column"] == column and new and other.get("kind", DISAGREEMENT) == DISAGREEMENT:
                yield other

    def _judged(self, key: str, column: str, values: tuple[Any, Any],
                claims: tuple[str | None, str | None]) -> tuple[str, str]:  # fmt: skip
        """Return what happened to a cell that says something else, and why."""
        before, after = claims
        if before is None:
            return "corrected", "the table is kept by hand"
        if before not in self.claims:
            return "withdrawn", self._why_withdrawn(before) or "the claim behind it is gone"
        if values[0] is None:
            return "completed", f"{after} has what was left open"
        said = {entry["claim_id"]: entry for entry in self.said[key]}
        if before == after or before not in said or not _same(said[before].get(column), values[0]):
            why = self.corrections.get(before) or self._why_withdrawn(before)
            return "corrected", why or "the page was read again"
        same = after in said and said[after].get("voice") == said[before].get("voice")
        return ("revised" if same else "replaced"), self._why_lost(key, column, values[0])

    def _why_lost(self, key: str, column: str, value: Any) -> str:
        """Return by which rule what a cell said lost, as the release itself says it."""
        stated = {entry["claim_id"] for entry in self.said[key] if entry.get(column) == value}
        why = [other["reason"] for other in self.conflicts.get(key, []) if other["other_claim_id"] in stated]
        return why[0] if why else "another claim is preferred"


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one is not None and other is not None and str(one) == str(other))
