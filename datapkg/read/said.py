"""What a frame of series says about itself in its `attrs`, and by that the way back from its figures to their rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from datapkg.model import UsageError
from datapkg.read.series import AMONG, PANDAS, Series

if TYPE_CHECKING:
    import pandas as pd

KEYS = "keys"
"""What only frames of series have in their `attrs`: by series the columns of the key that its rows agree in."""


def said_of(found: Series) -> dict[Hashable, Any]:
    """Return what a frame of series says about itself: keys, voices, vintages, gaps, hedges, forecasts, inferred."""
    by_name = {str(name): rows for name, rows in found.rows.groupby("series", sort=False)}
    figure = found.figure
    about: dict[Hashable, Any] = {
        "freq": found.freq,
        "value": figure.value,
        KEYS: {name: {column: str(rows[column].iloc[0]) for column in figure.fixed} for name, rows in by_name.items()},
        "voices": {name: str(rows["voice"].iloc[0]) for name, rows in by_name.items()},
        "vintages": {name: [str(rows["vintage"].min())[:10], str(rows["vintage"].max())[:10]]
                    for name, rows in by_name.items()},
        "gaps": {name: _gaps(rows, found.freq) for name, rows in by_name.items()},
        "inferred": {name: _marks(rows, "inferred") for name, rows in by_name.items()},
        "left_out": found.left_out,
    }  # fmt: skip
    if figure.hedge:
        hedged = {name: _marks(rows[rows[figure.hedge] != "exact"], figure.hedge) for name, rows in by_name.items()}
        about["hedged"] = hedged
    if "forecast" in found.rows.columns:
        ahead = {name: rows.loc[rows["forecast"], "period"].tolist() for name, rows in by_name.items()}
        about["forecasts"] = ahead
    for column in figure.scales:
        scales = found.rows[column].dropna().unique().tolist()
        about[column] = scales[0] if scales else None
    return about | ({"empty": found.empty} if found.empty else {})


def _marks(rows: pd.DataFrame, column: str) -> dict[str, str]:
    """Return what a column says of the periods for which it says anything."""
    marked = rows[rows[column].notna()]
    return dict(zip(marked["period"].astype(str), marked[column].astype(str), strict=True))


def _gaps(rows: pd.DataFrame, freq: str) -> list[str]:
    """Return the periods between the first and the last of a series that it has no figure for."""
    import pandas as pd

    if freq == "D":
        return []
    whole = pd.period_range(rows["at"].min(), rows["at"].max(), freq=PANDAS[freq])
    return [spelled(period, freq) for period in whole.difference(pd.PeriodIndex(rows["at"]))]


def spelled(at: pd.Period, freq: str) -> str:
    """Return a period as the tables spell it."""
    plain = {"Y": "%Y", "M": "%Y-%m", "D": "%Y-%m-%d"}
    if freq in plain:
        return str(at.strftime(plain[freq]))
    return f"{at.year}-Q{at.quarter}" if freq == "Q" else f"{at.year}-H{(at.quarter + 1) // 2}"


def are_series(rows: pd.DataFrame | pd.Series) -> bool:
    """Return whether a frame, or one row or column, is of series."""
    return isinstance(rows.attrs.get(KEYS), dict)


def rows_behind(frame: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return the rows of the table behind the figures of a frame of series, or of one row or column of it.

    Shape   one row per figure: the columns of the key, the voice that tells the series, and the figure
    Raises  UsageError if a column is no series, the rows are no periods, or no figure is there
    """
    import pandas as pd

    shown = frame.to_frame() if isinstance(frame, pd.Series) else frame
    if isinstance(frame, pd.Series) and not isinstance(frame.index, pd.PeriodIndex):
        shown = shown.T  # one row
    table = frame.attrs["table"]
    if not isinstance(shown.index, pd.PeriodIndex):
        raise UsageError(f"the rows of the frame are no periods any more, which lead to the rows of '{table}'; cite "
                         "the frame of datapkg.series, or rows and columns of it")  # fmt: skip
    rows = pd.DataFrame(list(_figures(shown, frame.attrs)))
    if rows.empty:
        raise UsageError(f"the frame has no figure of '{table}', and so no article; gaps cite nobody")
    rows.attrs = dict(frame.attrs)
    return rows


def _figures(shown: pd.DataFrame, attrs: Mapping[Hashable, Any]) -> Iterator[dict[str, Any]]:
    """Yield the row behind each figure."""
    import pandas as pd

    for column, figures in shown.items():
        name = AMONG.join(map(str, column)) if isinstance(column, tuple) else str(column)
        told = figures.dropna()
        if len(told) and name not in attrs[KEYS]:
            known = ", ".join(f"'{series}'" for series in attrs[KEYS])
            raise UsageError(f"'{name}' is no series of '{attrs['table']}' here; cite columns among {known}")
        for at, figure in zip(pd.PeriodIndex(told.index), told, strict=True):
            period = spelled(at, attrs["freq"])
            ahead = {"forecast": period in attrs["forecasts"][name]} if "forecasts" in attrs else {}
            yield {
                **attrs[KEYS][name],
                "period": period,
                **ahead,
                "voice": attrs["voices"][name],
                attrs["value"]: figure,
            }


def by_voice(rows: pd.DataFrame, voice: str | None) -> list[tuple[str | None, pd.DataFrame]]:
    """Return the rows behind series by the voice that tells them; all others are as the given voice tells them."""
    return [(str(v), told) for v, told in rows.groupby("voice")] if are_series(rows) else [(voice, rows)]
