"""All feeds of a registry: its releases, and what each changed about a company or a market."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from datapkg.compare import CHANGES, changed
from datapkg.feeds.atom import Entry, Feed, written
from datapkg.feeds.changed import ABOUT, ROWS, Fact, changed_facts
from datapkg.model import PREFIX, ConfigError, Layout
from datapkg.read import Store, opened, understood
from datapkg.registry import Registry

MOST = 500
"""Entries of a feed, the newest first."""
ALL = "releases.atom"
Row = Mapping[str, Any]


def feeds(registry: Registry, releases: str = "../", last: str = "") -> dict[str, bytes]:
    """Return the feeds of a registry, by path: releases.atom, and companies/ID.atom and markets/ID.atom.

    `releases` is where the releases are as seen from the folder of the feeds, or an address; the index.html of a site
    is where its pages of changes are. `last` is the last release to be told of, if it is not the newest.
    Raises  what reading the registry raises; ConfigError for a release of an impossible day
    """
    deep = releases if "://" in releases else f"../{releases}"
    entries: list[Entry] = []
    about: dict[str, list[Entry]] = {}
    newest: Store | None = None
    records = [*registry.versions()]
    told = next((place for place, record in enumerate(records, 1) if record.version == last), len(records))
    for record in reversed(records[:told]):
        day = _day(record.created, record.version)
        store = opened(Layout(registry.where(record.version)), partial(registry.file, record.version))
        rows = changed(registry.file(record.version, CHANGES)).to_pylist()
        with understood(store):
            entries.append(_release(store, rows, day, releases))
            for entry, ones in _facts(store, rows, day, deep):
                for one in ones:
                    about.setdefault(one, []).append(entry)
        newest = newest or store
    if newest is None:
        return {}
    found = {ALL: written(_feed(newest, ALL, str(newest.about["title"]), entries, releases))}
    for one, name in _followed(newest):
        path, title = f"{one}.atom", f"{name} in {newest.about['title']}"
        found[path] = written(_feed(newest, path, title, about.get(one, []), deep, entries[-1].day))
    return found


def _link(releases: str, version: str, file: str) -> str:
    """Return where one reads of a release: a file of it, or the page of a site."""
    return f"{releases}#/changes?to={version}" if releases.endswith(".html") else f"{releases}{version}/{file}"


def _day(created: str, version: str) -> str:
    try:
        return date.fromisoformat(created[:10]).isoformat()
    except ValueError as error:
        raise ConfigError(f"release {version} was created on '{created[:40]}', which is no day; expected for example "
                          "2026-11-24") from error  # fmt: skip


def _followed(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the entries that have feeds, as registry/id, and their names."""
    for registry in ABOUT:
        (key,) = store.key(registry)
        for row in store.read(registry, [key, "name_en"]).to_pylist():
            yield f"{registry}/{row[key]}", str(row["name_en"] or row[key])


def _feed(store: Store, path: str, title: str, entries: Sequence[Entry], releases: str, since: str = "") -> Feed:
    """Return one feed; one without entries was last changed on the day `since`."""
    about, shown = store.about, entries[:MOST]
    author = ", ".join(person["title"] for person in about["contributors"])
    day = shown[0].day if shown else since
    link = _link(releases, about["version"], "README.md")
    return Feed(f"datapkg:{about['name']}/{path}", title, day, author, about["licenses"][0]["name"], link, shown)


def _release(store: Store, rows: Sequence[Row], day: str, releases: str) -> Entry:
    """Return the entry of a release: how many rows it added, changed and withdrew, by table."""
    about = store.about
    counted: Counter[tuple[str, str]] = Counter()
    for table, change, _ in {(row["table"], row["change"], row["key"]) for row in rows}:
        if change in ROWS and not table.startswith(PREFIX):
            counted[table, ROWS[change]] += 1
    lines = [f"{table}: {many} {what}" for (table, what), many in sorted(counted.items())]
    return Entry(f"datapkg:{about['name']}/{about['version']}", f"{about['name']} {about['version']}", day,
                 "\n".join(lines) or "The first release.", _link(releases, about["version"], "CHANGES.md"))  # fmt: skip


def _facts(store: Store, rows: Sequence[Row], day: str, releases: str) -> Iterator[tuple[Entry, frozenset[str]]]:
    """Yield an entry for each fact that a release changed, and whom it is about."""
    sources = {row["source_id"]: row["url"] for row in store.read("sources", ["source_id", "url"]).to_pylist()}
    for fact in changed_facts(store, rows):
        yield _entry(store, fact, day, sources, releases), fact.about


def _entry(store: Store, fact: Fact, day: str, sources: Mapping[str, str | None], releases: str) -> Entry:
    """Return the entry of a changed fact."""
    about = store.about
    url = sources.get(str(fact.claim).partition("/")[0]) or ""
    title = f"{store.resource(fact.table)['title']}, {fact.what}: {', '.join(_values(fact.key))}"
    return Entry(f"datapkg:{about['name']}/{about['version']}/{fact.table}/{fact.key}", title, day,
                 "\n".join(fact.lines), _link(releases, about["version"], "CHANGES.md"),
                 url if url.startswith(("https://", "http://")) else None)  # fmt: skip


def _values(key: str) -> list[str]:
    """Return the values of a key as text, without its columns and what is not so."""
    pairs = (part.partition("=") for part in key.split(";"))
    return [name if value == "true" else value or name for name, _, value in pairs if value != "false"]
