"""Rows of a table as a file for other programs: Excel, CSV, Parquet or JSON, by the ending of its name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.cli import render
from datapkg.model import UsageError, did_you_mean, disk
from datapkg.model import text as texts

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS, MOST_TEXT = 1_048_575, 32_767
"""What a sheet of Excel holds below its header, and what a cell of it does."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet would carry out."""
SOURCE = ("source_id", "title", "publisher", "published", "retrieved", "url")

Sources = Sequence[dict[str, Any]]


def write(frame: pd.DataFrame, sources: Callable[[], Sources], path: Path) -> None:
    """Write the rows of a frame, with what its `attrs` say; `sources` gives the articles behind, if the form has them.

    Raises  UsageError for another ending, or more than the form holds; MissingExtra; WriteError, and then what was
            there before is untouched
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in WRITERS:
        near = did_you_mean(form, WRITERS)
        raise UsageError(f"'{path.name}' does not end in {', '.join(f'.{name}' for name in WRITERS)}{near}")
    data = WRITERS[form](frame, sources)
    with disk.writing(path):
        disk.put(path, data)


def _csv(frame: pd.DataFrame, _: Callable[[], Sources]) -> bytes:
    """Return CSV in which no text is a formula: those that begin as one have an apostrophe before them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(render.names(frame))
    writer.writerows(map(_defused, row.values()) for row in render.records(frame))
    return out.getvalue().encode()


def _defused(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _json(frame: pd.DataFrame, _: Callable[[], Sources]) -> bytes:
    return render.as_json(render.records(frame)).encode()


def _parquet(frame: pd.DataFrame, _: Callable[[], Sources]) -> bytes:
    """Return Parquet with days as days; pandas finds the `attrs` again, so that the frame can be cited still."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    days = {f.name: pa.date32() for f in table.schema if pa.types.is_timestamp(f.type)}
    schema = pa.schema([f.with_type(days.get(f.name, f.type)) for f in table.schema])
    notes = {"PANDAS_ATTRS": json.dumps(frame.attrs, ensure_ascii=False)}
    out = io.BytesIO()
    pq.write_table(table.cast(schema).replace_schema_metadata(notes), out, compression="zstd")
    return out.getvalue()


def _xlsx(frame: pd.DataFrame, sources: Callable[[], Sources]) -> bytes:
    """Return a workbook: the rows, then what the columns mean and whose articles are behind them."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    if len(frame) > MOST_ROWS:
        raise UsageError(f"a sheet of Excel holds {MOST_ROWS:,} rows, and these are {len(frame):,}; "
                         "choose some with --where, or write .csv or .parquet")  # fmt: skip
    book = Workbook(write_only=True)
    for title, lines in ((str(frame.attrs["table"]), _rows(frame)), ("about", _about(frame, sources()))):
        sheet = book.create_sheet(title[:31])  # as many characters as Excel lets a sheet's name have
        sheet.freeze_panes = "A2"
        for line in lines:
            cells = [WriteOnlyCell(sheet, _cell(value)) for value in line]
            for cell in cells:
                cell.data_type = "s" if cell.data_type == "f" else cell.data_type  # a text, and no formula
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(frame: pd.DataFrame) -> Iterator[Sequence[Any]]:
    yield render.names(frame)
    gone = frame.isna().to_numpy()
    columns = [frame.iloc[:, number].tolist() for number in range(frame.shape[1])]
    for number in range(len(frame)):
        yield [None if gone[number][at] else column[number] for at, column in enumerate(columns)]


def _about(frame: pd.DataFrame, sources: Sources) -> Iterator[Sequence[Any]]:
    """Yield what the rows are, the unit and the meaning of each column, and the articles behind exactly these rows."""
    said = frame.attrs
    yield "", said["title"], said["description"]
    for name in ("version", "license", "policy", "valid_on", "known_by", "voice"):
        if said.get(name):
            yield "", name, said[name]
    yield ()
    yield "column", "unit", "meaning"
    for name in render.names(frame):
        yield name, said["units"].get(name), said["descriptions"].get(name)
    if sources:
        yield ()
        yield SOURCE
        yield from ([source.get(name) for name in SOURCE] for source in sources)


def _cell(value: Any) -> Any:
    """Return a value as a cell of Excel holds it."""
    if isinstance(value, str):
        return texts.visible(value)[:MOST_TEXT]
    return value.date() if isinstance(value, datetime) else value


WRITERS: dict[str, Callable[[pd.DataFrame, Callable[[], Sources]], bytes]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "parquet": _parquet,
    "json": _json,
}
"""How rows are written, by the ending of the file's name."""
