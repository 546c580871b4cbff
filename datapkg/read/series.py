"""Figures over time: a column per company, market or product, each told by one voice, and what was left out of it.

A series is of one voice, so that it does not change its counter on the way: the voice that is asked for, else the one
that tells most of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datapkg.model import PREFIX, NotFound, Spec, UsageError
from datapkg.read.filters import Comparison, Filters, alternatives
from datapkg.read.store import Store
from datapkg.read.time import frequency

if TYPE_CHECKING:
    import pandas as pd

Load = Callable[[str | None], "pd.DataFrame"]
"""Loads the rows that are asked for, as one voice tells them or, for None, as the policy chooses."""
PANDAS = {"Y": "Y", "H": "2Q", "Q": "Q", "M": "M", "D": "D"}
"""The frequencies that make series, as pandas calls them; it knows no halves."""
SCALES = ("currency", "unit")
"""Columns that say what a figure counts; those of one answer agree in them."""
AMONG = " / "
"""Between the parts of the name of a series."""


@dataclass(frozen=True)
class Figure:
    """Where a table has its figures: columns of the value, its bounds and its hedge, and of what tells series apart.

    `fixed` are the columns of the key that all rows of one series agree in.
    """

    value: str
    low: str | None
    high: str | None
    hedge: str | None
    scales: tuple[str, ...]
    parts: tuple[str, ...]
    fixed: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What is asked for: key columns by their short names, filters, a frequency; with hedged figures and forecasts."""

    by: Mapping[str, str | Sequence[str] | None]
    filters: Filters = None
    freq: str | None = None
    hedged: bool = False
    forecast: bool = False


@dataclass(frozen=True)
class Series:
    """Rows of a table that make up series, told apart by `parts`, with `series`, their name, and `at`, their period.

    Columns by which several were asked for have them in `named`; `empty` says why there are no rows.
    """

    rows: pd.DataFrame
    figure: Figure
    parts: list[str]
    freq: str
    left_out: list[dict[str, str]]
    named: Mapping[str, Sequence[str]]
    empty: str


def figure_of(store: Store, table: str) -> Figure:
    """Return where a table has its figures.

    Raises  UsageError, with the tables that have some, for one that has none
    """
    specs = store.specs()
    figure = _figure(specs[table]) if PREFIX + table in store.resources else None
    if figure is None:
        able = ", ".join(name for name in store.facts() if _figure(specs[name]))
        raise UsageError(f"table '{table}' has no figures over time; series and plot work with {able}")
    return figure


def _figure(spec: Spec) -> Figure | None:
    """Return where a table has its figures, None if it has none."""
    leading = spec.leading.columns if spec.leading else ()
    numbers = [name for name in leading if spec.field(name).type in ("number", "integer")]
    if "period" not in spec.key or not numbers:
        return None
    low, high = (next((name for name in numbers if part in name.split("_")), None) for part in ("low", "high"))
    hedge = next((name for name in leading if name == "qualifier"), None)
    fixed = tuple(column for column in spec.key if column not in ("period", "forecast"))
    parts = tuple(column for column in fixed if column not in SCALES)
    return Figure(numbers[0], low, high, hedge, tuple(name for name in SCALES if name in spec.columns), parts, fixed)


def conditions(table: str, figure: Figure, wanted: Wanted) -> list[list[Comparison]]:
    """Return what is asked for as filters.

    Raises  UsageError for what the figures of the table do not go by
    """
    mine: list[Comparison] = []
    for name, value in wanted.by.items():
        if value is None:
            continue
        column = next((part for part in figure.parts if part in (name, f"{name}_id")), None)
        if column is None:
            known = ", ".join(part.removesuffix("_id") for part in figure.parts)
            raise UsageError(f"{name}: the figures of '{table}' go by {known}; for other columns there is filters=")
        mine.append((column, "==" if isinstance(value, str) else "in", value))
    groups = alternatives(wanted.filters) if wanted.filters else [[]]
    return [[*mine, *group] for group in groups] if mine or wanted.filters else []


def series_of(load: Load, figure: Figure, wanted: Wanted, named: Mapping[str, Sequence[str]]) -> Series:
    """Return the rows that make up what is asked for, each series told by one voice.

    Raises  NotFound for an unknown frequency; UsageError for figures that do not count the same
    """
    found = load(None)
    freq = _freq(found, wanted.freq)
    fits = found[found["period"].map(frequency) == freq]
    parts = [part for part in figure.parts if fits[part].nunique() > 1 or part in named] or [figure.parts[0]]
    rows, left = _sorted_out(_named(found, parts), figure, wanted, freq)
    mains = {name: _main(group) for name, group in rows.groupby("series", sort=False)}
    foreign = rows["voice"] != rows["series"].map(mains)
    mixed = set(rows.loc[foreign, "series"])
    told = [rows[~rows["series"].isin(mixed)]]
    for voice in sorted({mains[name] for name in mixed}):
        own, _ = _sorted_out(_named(load(voice), parts), figure, wanted, freq)
        told.append(own[own["series"].isin([name for name in mixed if mains[name] == voice])])
    whole = _joined(told)
    kept = set(zip(whole["series"], whole["period"], strict=True))
    left += _reasons(rows[foreign], "told by " + rows.loc[foreign, "voice"])
    left = [entry for entry in left if (entry["series"], entry["period"]) not in kept]
    _check_scale(whole, figure)
    at = whole["period_start"].dt.to_period(PANDAS[freq])
    whole = whole.assign(at=at).sort_values(["series", "at"], ignore_index=True)
    empty = found.attrs.get("empty", "") or ("" if len(whole) else _none(left, freq))
    return Series(whole, figure, parts, freq, left, named, empty)


def _none(left: Sequence[Mapping[str, str]], freq: str) -> str:
    """Return why no row that fits is a point of a series."""
    why = Counter(entry["why"] for entry in left).most_common()
    many = "1 row fits" if len(left) == 1 else f"{len(left)} rows fit"
    return f"{many}, and none is a point by {freq}: {', '.join(f'{n} {reason}' for reason, n in why)}"


def _freq(rows: pd.DataFrame, asked: str | None) -> str:
    """Return the frequency that is asked for, else the one of most rows."""
    if asked is not None and asked not in PANDAS:
        raise NotFound.of("freq", str(asked), PANDAS, "datapkg", f"Frequencies are {', '.join(PANDAS)}")
    known = rows["period"].map(frequency)
    return asked or str(next((freq for freq in known.value_counts().index if freq in PANDAS), "Y"))


def _named(rows: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """Return rows with the name of the series that each belongs to."""
    names = [AMONG.join(map(str, values)) for values in rows[[*parts]].itertuples(index=False)]
    return rows.assign(series=names)


def _sorted_out(
    rows: pd.DataFrame, figure: Figure, wanted: Wanted, freq: str
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Return the rows that make points of a series, and why each other row does not."""
    import pandas as pd

    by = rows["period"].map(frequency)
    ahead = rows["forecast"] if "forecast" in rows.columns else pd.Series(False, index=rows.index)
    plain = rows[figure.hedge].isna() | (rows[figure.hedge] == "exact") if figure.hedge else rows[figure.value].notna()
    why = pd.Series("", index=rows.index, dtype=object)
    rules: list[tuple[pd.Series, Any]] = [
        (by != freq, "by " + by),
        (rows["superseded"], "superseded"),
        (ahead & (not wanted.forecast), "forecast"),
    ]
    if not wanted.hedged:
        rules.append((~plain | rows[figure.value].isna(), "hedged"))
    for misfit, reason in rules:
        why = why.mask((why == "") & misfit, reason)
    if wanted.forecast:  # what has come is no forecast any more
        come = rows[(why == "") & ~ahead].set_index(["series", "period"]).index
        why = why.mask((why == "") & ahead & rows.set_index(["series", "period"]).index.isin(come), "forecast")
    return rows[why == ""], _reasons(rows[why != ""], why[why != ""])


def _reasons(rows: pd.DataFrame, why: pd.Series) -> list[dict[str, str]]:
    """Return what rows were left out of which series, and why."""
    told = zip(rows["series"], rows["period"], why, strict=True)
    return [{"series": str(name), "period": str(period), "why": str(reason)} for name, period, reason in told]


def _main(rows: pd.DataFrame) -> str:
    """Return the voice that tells most rows of a series, among several that tell as many the one heard last."""
    heard = rows.groupby("voice")["period_start"].agg(["count", "max"]).reset_index()
    return str(heard.sort_values(["count", "max", "voice"])["voice"].iloc[-1])


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else (filled or list(parts))[0]


def _check_scale(rows: pd.DataFrame, figure: Figure) -> None:
    """Refuse figures that count different things: they belong into different frames."""
    for column in figure.scales:
        many = rows[column].fillna("none").value_counts()
        if len(many) > 1:
            told = ", ".join(f"{rows} in {scale}" for scale, rows in many.items())
            raise UsageError(f"the figures are in more than one {column} ({told}); choose one with "
                             f"filters=[('{column}', '==', '{many.index[0]}')]")  # fmt: skip


def wide(found: Series) -> pd.DataFrame:
    """Return series side by side, by period; periods between the first and the last that nobody tells stay empty.

    Those that were asked for by name come in that order, and those of them without a figure are empty.
    """
    import pandas as pd

    rows = found.rows
    if len(found.parts) == 1:
        (part,) = found.parts
        table = rows.pivot(index="at", columns=part, values=found.figure.value)
        if part in found.named:
            table = table.reindex(columns=pd.Index(list(found.named[part]), name=part))
    else:
        table = rows.pivot(index="at", columns=found.parts, values=found.figure.value)
    if len(rows) and found.freq != "D":
        table = table.reindex(pd.period_range(rows["at"].min(), rows["at"].max(), freq=PANDAS[found.freq]))
    table.index.name = "period"
    return table
