"""How the rows of a table of others become claims: a map, kept beside the claims that it makes.

A field of a claim is a column (`amount: Number of Units`), a constant (`unit: {value: GB}`), or a column with what is
done to its cells: `match` takes a part of a text, `map` puts words for words, `date` reads a day, `from` and `to` make
a period of two days, `scale` multiplies a number, `has` asks whether a cell holds some words. A claim is made of a row
if no cell that it needs is empty; a field that is `optional` needs none. Nothing of the table is dropped in silence:
every column is used or skipped with its reason, every row makes a claim or is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from datapkg.claims.bulk import Digits
from datapkg.claims.kindschema import KindSchema, Property, slug
from datapkg.claims.tables import NUMBERED, Row
from datapkg.model import digest

_NUMBER = re.compile(r"-?\$?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_MONTHS = {1: "", 3: "Q", 6: "H"}
"""Lengths of periods in months, and the letter of their number."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a field comes from: the columns, or a constant, and what is done to the cells."""

    columns: tuple[str, ...] = ()
    value: Any = None
    map: Mapping[str, Any] | None = None
    match: str | None = None
    date: str | None = None
    scale: Decimal | None = None
    has: str | None = None
    optional: bool = False

    def of(self, row: Row, number: bool) -> Any:
        """Return the value of the field in a row; a number keeps its digits.

        Raises  ValueError with what the cell is and what was expected
        """
        if not self.columns:
            return self.value
        texts = [row.cells[column] for column in self.columns]
        if self.has is not None:
            return self.has in texts[0]
        if self.match:
            texts = [self._matched(text) for text in texts]
        if self.map is not None:
            return self._mapped(texts[0])
        if self.date:
            days = [_day(text, self.date) for text in texts]
            return days[0].isoformat() if len(days) == 1 else span(*days)
        return _number(texts[0], self.scale) if number else " ".join(texts[0].split())

    def _matched(self, text: str) -> str:
        found = re.search(self.match or "", text)
        if not found:
            raise ValueError(f"'{text}' does not match {self.match}")
        return found[1]

    def _mapped(self, text: str) -> Any:
        if text not in (self.map or {}):
            raise ValueError(f"'{text}' is not in the map; it has {', '.join(self.map or ())}")
        return (self.map or {})[text]


@dataclass(frozen=True, slots=True)
class Template:
    """One claim that rows make: its name in each row, what it says, and its fields."""

    name: str
    kind: str
    says: str
    common: dict[str, Any]
    cells: dict[str, Cell]
    """Of the kind's fields, and of `vintage`."""


@dataclass(frozen=True, slots=True)
class Map:
    """A map as it was read: the table that it is for, its claims, and what is skipped and why."""

    source_id: str
    file: str
    sha256: str
    key: tuple[str, ...] | str
    templates: list[Template]
    skipped: dict[str, str]
    """Columns with their reasons."""
    left: list[tuple[str, tuple[str, ...]]]
    """Rows that are skipped: a column, or NUMBERED, and the cells in it, or the numbers, that they have."""

    @property
    def columns(self) -> list[str]:
        """Every column that the map names, once."""
        key = () if isinstance(self.key, str) else self.key
        used = [c for template in self.templates for cell in template.cells.values() for c in cell.columns]
        left = [column for column, _ in self.left if column != NUMBERED]
        return list(dict.fromkeys([*key, *used, *self.skipped, *left]))

    def leaves(self, row: Row) -> bool:
        """Return whether a row is skipped."""
        return any(row.cells.get(column, str(row.number)) in cells for column, cells in self.left)


def claims_of(row: Row, key: str, plan: Map, kinds: Mapping[str, KindSchema]) -> Iterator[dict[str, Any]]:
    """Yield the claims that a row makes, as a claim file has them.

    Raises  ValueError with what is wrong with a cell
    """
    for template in plan.templates:
        needed = [c for cell in template.cells.values() if not cell.optional for c in cell.columns]
        if all(row.cells[column].strip() for column in needed):
            yield _claim(row, key, template, kinds[template.kind])


def _claim(row: Row, key: str, template: Template, form: KindSchema) -> dict[str, Any]:
    values = {}
    for name, cell in template.cells.items():
        if cell.optional and not all(row.cells[column].strip() for column in cell.columns):
            continue
        number = name in form.properties and form.properties[name].column.type in ("number", "integer")
        try:
            values[name] = cell.of(row, number)
        except ValueError as error:
            raise ValueError(f"{', '.join(cell.columns)}: {error}") from error
    used = dict.fromkeys(c for cell in template.cells.values() for c in cell.columns)
    common = dict(template.common)
    if "vintage" in values:
        common["vintage"] = values.pop("vintage")
    return {
        "claim": "-".join(filter(None, (slug(key), template.name))),
        "says": said(template.says, {name: _named(value, form.properties.get(name)) for name, value in values.items()}),
        **common,
        "cells": {"row": key, "columns": {column: digest(row.cells[column]) for column in used}},
        template.kind: values,
    }


def said(text: str, values: Mapping[str, Any]) -> str:
    """Return what a claim says: a text with fields of the claim in braces.

    Raises  ValueError for a field that the claim does not have
    """
    missing = [name for name in re.findall(r"\{(\w+)\}", text) if name not in values]
    if missing:
        raise ValueError(f"says has {{{missing[0]}}}, and the claim no such field; it has {', '.join(values)}")
    return re.sub(r"\{(\w+)\}", lambda m: _told(values[m[1]]), text)


def _named(value: Any, field: Property | None) -> Any:
    """Return a value without the registry that stands before its name."""
    return value.partition("/")[2] if field and field.column.reference else value


def _told(value: Any) -> str:
    """Return a value for people: thousands apart."""
    if isinstance(value, Digits):
        whole, point, rest = value.partition(".")
        return f"{int(whole):,}{point}{rest}" if len(whole) > 4 and whole.isdigit() else str(value)
    return str(value)


def _day(text: str, form: str) -> date:
    try:
        return datetime.strptime(text.strip(), form).date()
    except ValueError as error:
        raise ValueError(f"'{text}' is no day of the form {form}") from error


def span(first: date, last: date) -> str:
    """Return the period from one day to another: a year, half, quarter or month where it is one, else both days."""
    after = last + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    if first.day == after.day == 1 and months == 12 and first.month == 1:
        return f"{first.year}"
    if first.day == after.day == 1 and months in _MONTHS and (first.month - 1) % months == 0:
        number = (first.month - 1) // months + 1
        return f"{first.year}-{_MONTHS[months]}{number}" if months > 1 else f"{first.year}-{number:02}"
    return f"{first}/{last}" if first < last else f"{first}"


def _number(text: str, scale: Decimal | None) -> Digits:
    """Return a number as it is written, or scaled; thousands and a dollar sign are dropped."""
    bare = text.strip()
    if not _NUMBER.fullmatch(bare):
        raise ValueError(f"'{text}' is no number")
    bare = bare.replace("$", "").replace(",", "")
    if scale is None and not re.search("[eE]", bare):
        return Digits(bare)
    try:
        return Digits(f"{(Decimal(bare) * (scale or 1)).normalize():f}")
    except InvalidOperation as error:
        raise ValueError(f"'{text}' is no number that can be scaled") from error
