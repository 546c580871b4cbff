"""What one package says over time: series side by side in a frame, and a picture of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from datapkg.model import PREFIX, NotFound, expected
from datapkg.read.answer import TABLE
from datapkg.read.cells import comparisons
from datapkg.read.data import Data
from datapkg.read.descriptor import attrs_of
from datapkg.read.names import Names, pointers
from datapkg.read.plot import Words, drawn
from datapkg.read.policies import ALL
from datapkg.read.said import said_of
from datapkg.read.series import AMONG, Series, Wanted, conditions, figure_of, series_of, wide
from datapkg.read.store import Store, understood
from datapkg.read.voices import SPEAKERS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LANGUAGES = ("en", "ko")
"""The languages that registries have names in."""


def over_time(data: Data, table: str, wanted: Wanted, known_by: str | date | None = None) -> pd.DataFrame:
    """Return figures over time, a column each; see `series`."""
    store, found = data.opened(), _told(data, table, wanted, known_by)
    with understood(store):
        shown = wide(found)
    about = attrs_of(store, table, [found.figure.value])
    shown.attrs = {"table": table, **about, **said_of(found), "known_by": known_by and str(known_by),
                   **data.whence()}  # fmt: skip
    return shown


def picture(data: Data, table: str, wanted: Wanted, known_by: str | date | None = None, language: str = "en",
            font: str | None = None) -> Axes:  # fmt: skip
    """Return the picture of what is asked for, with hedges, forecasts and, unless one voice is asked for, all."""
    if language not in LANGUAGES:
        raise NotFound.of("language", str(language), LANGUAGES, "datapkg", f"Languages are {', '.join(LANGUAGES)}")
    wanted = replace(wanted, hedged=True, forecast=True)
    found = _told(data, table, wanted, known_by)
    wanted, mains = replace(wanted, freq=found.freq), found.rows.groupby("series")["voice"].first()
    others = []
    for voice in () if data.voice else _voices(data, table, wanted, known_by):
        other = _told(replace(data, voice=voice), table, wanted, known_by)
        others.append(replace(other, rows=other.rows[other.rows["series"].map(mains) != voice]))
    store = data.opened()
    with understood(store):
        words = _words(store, table, found, others, language)
    return drawn(found, others, replace(words, font=font))


def _told(data: Data, table: str, wanted: Wanted, known_by: str | date | None) -> Series:
    """Return the rows of a table that make up series, each told by one voice."""
    expected("table", table, str, TABLE)
    store = data.opened()
    store.resource(table)
    figure = figure_of(store, table)
    with understood(store):
        where = comparisons(store, table, conditions(table, figure, wanted))
    named = {column: value for column, operator, value in where[0] if operator == "in"} if where else {}

    def load(voice: str | None) -> pd.DataFrame:
        whose = replace(data, voice=voice) if voice else data
        return _whole(store, table, whose.load(table, filters=where, known_by=known_by))

    with understood(store):
        return series_of(load, figure, wanted, named)


def _whole(store: Store, table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return facts with all that series ask of them; those of the first releases do not say whose they are."""
    if "voice" in rows.columns:
        return rows
    observed = PREFIX + table
    column = "voice" if "voice" in store.columns(observed) else "source_id"
    told = store.read(observed, ["claim_id", column]).to_pydict()
    whose = dict(zip(told["claim_id"], told[column], strict=True))
    whole = rows.assign(voice=rows["claim_id"].map(whose), superseded=False, vintage=rows["known_from"], inferred=None)
    whole.attrs = rows.attrs
    return whole


def _voices(data: Data, table: str, wanted: Wanted, known_by: str | date | None) -> list[str]:
    """Return all who say anything of what is asked for."""
    where = conditions(table, figure_of(data.opened(), table), wanted)
    told = data.load(table, filters=where, known_by=known_by, policy=ALL)
    return sorted(told["voice"].unique()) if "voice" in told.columns else []


def _words(store: Store, table: str, found: Series, others: list[Series], language: str) -> Words:
    """Return what stands in a picture, with the names of the entries in a language."""
    rows, figure, targets = found.rows, found.figure, pointers(store, table)
    called = {part: _called(store, targets[part], language) if part in targets else {} for part in figure.parts}
    series = {}
    for name, row in rows.groupby("series", sort=False)[found.parts].first().iterrows():
        series[str(name)] = AMONG.join(called[part].get(row[part], row[part]) for part in found.parts)
    speakers = {entry: name for registry in SPEAKERS for entry, name in _called(store, registry, language).items()}
    heard = {*rows["voice"], *(voice for other in others for voice in other.rows["voice"])}
    voices = {voice: speakers.get(voice, voice) for voice in heard}
    first = rows.iloc[0].to_dict() if len(rows) else {}
    same = [first[part] for part in figure.parts if part in first and part not in found.parts]
    same = [next((names[value] for names in called.values() if value in names), value) for value in same]
    field = store.field(table, figure.value)
    counted = [field.get("unit"), *(first.get(column) for column in figure.scales)]
    about = f"{store.about['name']} {store.about['version']}, {store.about['licenses'][0]['name']}"
    return Words(
        title=": ".join(filter(None, [store.resource(table)["title"], ", ".join(same)])),
        axis=", ".join([field.get("title") or figure.value, *(scale for scale in counted if isinstance(scale, str))]),
        source="; ".join([*dict.fromkeys(voices[voice] for voice in rows["voice"]), about]),
        series=series,
        voices=voices,
    )


def _called(store: Store, table: str, language: str) -> dict[str, str]:
    """Return the names of the entries of a registry in a language, in English those that have none."""
    names = Names(store, table)
    return {entry: str(told.get(f"name_{language}") or told.get("name_en") or entry)
            for entry, told in ((entry, names.names(entry)) for entry in names.ids)}  # fmt: skip
