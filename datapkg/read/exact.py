"""What of a frame is a point: a figure that is neither hedged nor a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapkg.model import UsageError

if TYPE_CHECKING:
    import pandas as pd


def points(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a frame whose figures are points: neither hedged ("up to 80") nor ranges; others untouched.

    Shape   the rows whose `qualifier` is exact or missing and that have a value
    Raises  UsageError for a frame without a `qualifier`
    """
    if "qualifier" not in frame.columns:
        raise UsageError("points takes a frame with a column 'qualifier', such as that of market_shares")
    plain = frame["qualifier"].isna() | (frame["qualifier"] == "exact")
    units = [name for name in frame.attrs.get("units", {}) if name in frame.columns]
    values = [n for n in units if not any(part in n for part in ("_low", "_high"))] or [
        n for n in ("amount",) if n in frame.columns
    ]
    return frame[plain & frame[values].notna().any(axis=1)] if values else frame[plain]
