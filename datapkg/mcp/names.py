"""The names of what the registries hold, in all languages, and the ids behind them."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from datapkg.model import NotFound
from datapkg.read import Store

NAMES = ("name_en", "name_ko")
ALIASES = "aliases"


class Names:
    """The entries of the registries of a package by their names."""

    def __init__(self, store: Store) -> None:
        self.labels: dict[tuple[str, str], str] = {}
        self._known: dict[str, list[tuple[str, str]]] = {}
        for registry, spec in store.specs().items():
            if spec.role == "registry" and len(spec.key) == 1 and registry in store.resources:
                named = [*spec.key, *(c for c in NAMES if c in store.columns(registry))]
                for row in store.read(registry, named).to_pylist():
                    entry = registry, str(row[spec.key[0]])
                    self.labels[entry] = row.get(NAMES[0]) or entry[1]
                    self._note(entry, *row.values())
        for row in store.read(ALIASES).to_pylist():
            self._note((row["entity_type"], row["entity_id"]), row["alias"])

    def _note(self, entry: tuple[str, str], *names: str | None) -> None:
        for name in names:
            known = self._known.setdefault(folded(name or ""), [])
            if entry not in known and entry in self.labels:
                known.append(entry)

    def find(self, text: str, registry: str | None = None, many: int = 10) -> list[dict[str, Any]]:
        """Return the entries that a name in any language may mean: those that it names, else parts, else near ones.

        Shape   one mapping per entry: registry, id, name, match (exact, part, near)
        """
        wanted = folded(text)
        ways: dict[str, Callable[[], list[str]]] = {
            "exact": lambda: [wanted],
            "part": lambda: sorted((n for n in self._known if wanted and wanted in n), key=len),
            "near": lambda: get_close_matches(wanted, self._known, n=many),
        }
        for match, spellings in ways.items():
            entries = dict.fromkeys(e for name in spellings() for e in self._known.get(name, ()))
            found = [entry for entry in entries if registry in (None, entry[0])]
            if found:
                return [{"registry": r, "id": i, "name": self.labels[r, i], "match": match} for r, i in found[:many]]
        return []

    def resolve(self, registry: str, text: str) -> str:
        """Return the id that a name stands for in a registry.

        Raises  NotFound for a name that it does not know, or that several entries go by, with what comes near
        """
        if (registry, text) in self.labels:
            return text
        found = self.find(text, registry, many=3)
        exact = [entry["id"] for entry in found if entry["match"] == "exact"]
        if len(exact) == 1:
            return str(exact[0])
        several = f"several entries of {registry} go by '{text}'" if exact else f"no entry of {registry} is '{text}'"
        near = " or ".join(f"'{entry['id']}' ({entry['name']})" for entry in found)
        raise NotFound(several + (f"; did you mean {near}?" if near else ", and none comes near"))


def folded(name: str) -> str:
    """Return a name without what spellings differ in: case, white space, punctuation."""
    return "".join(c for c in name.casefold() if c.isalnum())
