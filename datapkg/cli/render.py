"""Printing: frames and findings as text for people, and in the formats that programs read."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from shutil import get_terminal_size
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from datapkg.cli import grid
from datapkg.model import Finding, limits, ordered
from datapkg.model import text as texts

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    Shown: TypeAlias = pd.DataFrame | pa.Table

_GITHUB = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_GITHUB, ":": "%3A", ",": "%2C"}


def records(frame: Shown) -> list[dict[str, Any]]:
    """Return the rows of a frame or an Arrow table as plain values: dates as ISO texts, whatever is missing as None."""
    table: Any = frame
    if not hasattr(frame, "isna"):
        return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]
    gone = frame.isna().to_numpy()
    columns = names(frame)
    values = [frame.iloc[:, number].tolist() for number in range(len(columns))]
    return [
        {name: None if gone[row][number] else _plain(values[number][row]) for number, name in enumerate(columns)}
        for row in range(len(frame))
    ]


def names(frame: Shown) -> list[str]:
    """Return the names of columns, the second of one name with _2 behind it, as a join in SQL may give."""
    many: dict[str, int] = {}
    found = []
    for name in map(str, frame.columns if hasattr(frame, "isna") else frame.column_names):
        many[name] = many.get(name, 0) + 1
        found.append(name if many[name] == 1 else f"{name}_{many[name]}")
    return found


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it, what is in a list or a structure too; a time of midnight is a day."""
    if hasattr(value, "tolist"):  # an array or scalar of numpy
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)  # JSON has no infinity
    if isinstance(value, datetime):
        return value.isoformat()[:10] if value.time().isoformat() == "00:00:00" else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def show(frame: Shown, format: str, out: IO[str], limit: int | None = None, wide: bool = False) -> None:
    """Print a frame or an Arrow table as a table, as JSON records or as CSV; `limit` cuts rows and a table says so."""
    shown = frame if limit is None else frame[:limit]
    rows, columns = records(shown), names(shown)
    if format == "json":
        out.write(as_json(rows))
    elif format == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(map(text, columns))
        writer.writerows([v if isinstance(v, (int, float)) and not isinstance(v, bool) else text(v)
                          for v in row.values()] for row in rows)  # fmt: skip
    else:
        _table(rows, columns, out, len(frame) - len(shown), wide)


def as_json(value: Any) -> str:
    """Return a value as JSON that people can read too; a date becomes its ISO text."""
    return texts.in_json(json.dumps(value, ensure_ascii=False, indent=1, default=_plain)) + "\n"


def text(value: Any) -> str:
    """Return a value for a cell: in one line that a log may hold, numbers without a .0, nothing for what is missing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e-4 or abs(value) >= 1e15 else f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value).lower() if isinstance(value, bool) else texts.printable(texts.visible(str(value)))


def say(lines: str, out: IO[str] | None = None) -> None:
    """Print text that may hold what others wrote, as a terminal and a log may hold it, with a line end behind it."""
    print(texts.printable(lines), file=out)


def _table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], out: IO[str], more: int = 0, wide: bool = False
) -> None:
    """Print rows as a table; in a terminal, columns that do not fit are named below it unless all are asked for."""
    found = [_column(name, [row[name] for row in rows]) for name in columns]
    room = get_terminal_size().columns if out.isatty() and not wide else None
    fit = len(found) if room is None else grid.fitting(found, room)
    if found:
        out.writelines(f"{line}\n" for line in grid.lines(found[:fit], room))
    if not rows:
        out.write("no rows\n")
    if fit < len(found):
        hidden = ", ".join(column.name for column in found[fit:])
        out.write(f"{_many(len(found) - fit, 'more column')}: {hidden}; --wide prints all\n")
    if more:
        out.write(f"{_many(more, 'more row')}; see them with --limit {more + len(rows)}\n")


def _column(name: str, values: Sequence[Any]) -> grid.Column:
    """Return a column of a table: what is missing as a dash, numbers to the right."""
    there = [value for value in values if value is not None]
    right = bool(there) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in there)
    return grid.Column(text(name), [text(value) or "–" for value in values], right)


def findings(found: Iterable[Finding], format: str = "text") -> str:
    """Return findings as text grouped by file, or as json, junit (XML), markdown or github (workflow commands).

    Raises  KeyError for a format that is none of WRITERS
    """
    return WRITERS[format](ordered(found))


def _text(found: Sequence[Finding]) -> str:
    """Return the findings under a heading per file, or per table where no file is known."""
    every = _lines(found)
    lines = []
    for heading, group in groupby(every[: limits.FINDINGS], key=itemgetter(0)):
        lines += [heading, *(f"  {line}" for _, line in group)]
    lines += [*_more(every), "", _total(every)] if every else []
    return "".join(f"{texts.printable(line)}\n" for line in lines)


def _markdown(found: Sequence[Finding]) -> str:
    """Return the findings as lists under headings; nothing in them is markup."""
    every = _lines(found)
    lines = [f"**{_total(every)}**" if every else "No findings."]
    for heading, group in groupby(every[: limits.FINDINGS], key=itemgetter(0)):
        lines += ["", f"### {texts.markdown(heading)}", "", *(f"- {texts.markdown(line)}" for _, line in group)]
    return "".join(f"{line}\n" for line in [*lines, *_more(every)])


def _lines(found: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return each finding in a line, behind the heading under which it belongs."""
    places: dict[str, dict[str, None]] = {}
    for finding in found:  # a fact and the observation behind it may break the same rule: one line for both
        places.setdefault(_heading(finding), {})[_line(finding)] = None
    return [(heading, line) for heading, group in places.items() for line in group]


def _more(every: Sequence[tuple[str, str]]) -> list[str]:
    """Return how many findings are not shown, if there are any."""
    more = len(every) - limits.FINDINGS
    return [f"and {more:,} more; --format json has all"] if more > 0 else []


def _total(every: Sequence[tuple[str, str]]) -> str:
    return f"{_many(len(every), 'finding')} in {_many(len({heading for heading, _ in every}), 'place')}"


def _heading(finding: Finding) -> str:
    return finding.place.file or (f"table {finding.table}" if finding.table else "package")


def _line(finding: Finding) -> str:
    """Return a finding without its file: line, claim or key, message and rule."""
    key = finding.key if finding.claim_id is None or not finding.place.file else None
    subject = [str(finding.place.line or ""), finding.claim_id or "", key or ""]
    return ": ".join([*filter(None, subject), f"{finding.message} [{finding.rule}]"])


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _json(found: Sequence[Finding]) -> str:
    return as_json([finding.record() for finding in found])


def _junit(found: Sequence[Finding]) -> str:
    """Return the findings as a JUnit report: a suite per file, a failed case per finding; one passed case if none."""
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites", name="datapkg check", tests=str(len(found) or 1), failures=str(len(found)))
    for heading, group in groupby(found, key=_heading):
        cases = list(group)
        many = str(len(cases))
        suite = ElementTree.SubElement(root, "testsuite", name=texts.visible(heading), tests=many, failures=many)
        for finding in cases:
            about = texts.visible(finding.claim_id or finding.key or finding.table or heading)
            where = {"file": texts.visible(finding.place.file), "line": str(finding.place.line)}
            case = ElementTree.SubElement(suite, "testcase", where, classname=finding.rule, name=about)
            failure = ElementTree.SubElement(case, "failure", type=finding.rule, message=texts.visible(finding.message))
            failure.text = texts.printable(str(finding))
    if not found:
        suite = ElementTree.SubElement(root, "testsuite", name="datapkg check", tests="1", failures="0")
        ElementTree.SubElement(suite, "testcase", classname="datapkg", name="check")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _github(found: Sequence[Finding]) -> str:
    """Return the findings as workflow commands, which GitHub shows beside the lines of a change."""
    lines = []
    for finding in found:
        place = finding.place
        given = {"file": place.file, "line": place.line or "", "col": place.column or "", "title": finding.rule}
        properties = ",".join(f"{name}={_escaped(str(v), _PROPERTY)}" for name, v in given.items() if v)
        about = finding.claim_id or (f"{finding.table}[{finding.key}]" if finding.key else finding.table)
        message = f"{about}: {finding.message}" if about else finding.message
        level = finding.severity if finding.severity in ("error", "warning", "notice") else "error"
        lines.append(f"::{level} {properties}::{_escaped(message, _GITHUB)}\n")
    return "".join(lines)


def _escaped(text: str, table: Mapping[str, str]) -> str:
    """Return a text as a part of a workflow command; line ends stay, as their escapes."""
    shown = "\n".join(map(texts.visible, text.split("\n")))
    return "".join(table.get(character, character) for character in shown)


def rows(lines: Iterable[Mapping[str, Any]], out: IO[str], columns: Sequence[str], wide: bool = False) -> None:
    """Print records as a table of the named columns."""
    _table(list(lines), columns, out, wide=wide)


WRITERS: dict[str, Callable[[Sequence[Finding]], str]] = {
    "text": _text,
    "json": _json,
    "junit": _junit,
    "github": _github,
    "markdown": _markdown,
}
"""How findings are written, by format."""
