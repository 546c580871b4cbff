"""The chain of a figure: what every voice foretold and counted, vintage by vintage, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datapkg.facts import chains, counted
from datapkg.model import PREFIX, NotFound, Spec, UsageError
from datapkg.read.cells import Cells
from datapkg.read.filters import conjunction
from datapkg.read.store import Store, frame
from datapkg.read.trace import key_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

FORECAST = "forecast"


def revised(store: Store, table: str, row: Any, said: pc.Expression | None) -> pd.DataFrame:
    """Return the chains of the things that a row, or a part of a key, names, of observations with a condition.

    Shape   see `datapkg.revisions`
    Raises  UsageError for a table without forecasts of figures, NotFound if there is no such thing
    """
    import pyarrow as pa

    specs = store.specs()
    spec = specs[table]
    if not counted(spec):
        able = ", ".join(name for name in store.facts() if counted(specs[name]))
        raise UsageError(f"table '{table}' has no figures that are foretold and counted; revisions works with {able}")
    cells = Cells(store, table)
    about = {column: cells.value(column, value) for column, value in _asked(row, spec).items()}
    observed = store.read(PREFIX + table, where=conjunction(_equal(about), said))
    if not observed.num_rows:
        raise _nothing(store, spec, about)
    found = chains(observed, store.read(table, where=_equal(about)), spec)
    return frame(pa.Table.from_pylist(found, schema=_schema(observed.schema, spec)))


def _asked(row: Any, spec: Spec) -> dict[str, Any]:
    """Return the part of a key that a row or a mapping gives; a row of a table stands for its forecasts and counts."""
    if not isinstance(row, Mapping):
        return {column: value for column, value in key_of(row, spec).items() if column != FORECAST}
    for column in row:
        if column not in spec.key:
            raise NotFound.of("column", str(column), spec.key, f"the key of table '{spec.name}'")
    return dict(row)


def _equal(cells: Mapping[str, Any]) -> pc.Expression | None:
    import pyarrow.compute as pc

    return conjunction(*(pc.field(column) == value for column, value in cells.items()))


def _nothing(store: Store, spec: Spec, about: Mapping[str, Any]) -> NotFound:
    """Return the error for cells that no observation has, with the nearest that are there."""
    known = store.read(PREFIX + spec.name, [*about]).to_pylist()
    shown = f"Run `datapkg show {spec.name}` to see its rows"
    return NotFound.of("figure", _text(about), {_text(row) for row in known}, f"table '{spec.name}'", shown)


def _text(cells: Mapping[str, Any]) -> str:
    return ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in cells.values())


def _schema(observed: pa.Schema, spec: Spec) -> pa.Schema:
    """Return the Arrow schema of chains: the key, the vintage, the figure, what came of it, and the claim."""
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    group = spec.leading
    figures = [observed.field(column) for column in (group.columns if group else ())]
    return pa.schema([
        *(observed.field(column) for column in spec.key if column != FORECAST),
        ("vintage", pa.date32()), ("voice", text), observed.field(FORECAST), ("value", text),
        ("change", number), ("change_unit", text), ("outcome", text), ("outcome_voice", text), ("error", number),
        *figures, ("claims", pa.int64()), ("claim_id", text),
    ])  # fmt: skip
