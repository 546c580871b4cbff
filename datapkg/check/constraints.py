"""Constraints of a Table Schema one by one: which rows break one, as a Narwhals expression, and what to say.

Source  Table Schema 2.0, https://datapackage.org/standard/table-schema/#field-constraints
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw

from datapkg.model import Field, Spec, did_you_mean, period

TYPES: dict[str, tuple[type[nw.dtypes.DType], ...]] = {
    "string": (nw.String,),
    "integer": (nw.Int64, nw.Int32, nw.Int16, nw.Int8, nw.UInt64, nw.UInt32, nw.UInt16, nw.UInt8),
    "number": (nw.Float64, nw.Float32),
    "boolean": (nw.Boolean,),
    "date": (nw.Date,),
}
_BOUNDS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "minimum": (operator.lt, "at least"),
    "maximum": (operator.gt, "at most"),
    "exclusiveMinimum": (operator.le, "more than"),
    "exclusiveMaximum": (operator.ge, "less than"),
}
_LENGTHS = {"minLength": (operator.lt, "at least"), "maxLength": (operator.gt, "at most")}
_ASCII = {r"\d": "0-9", r"\w": "0-9A-Za-z_", r"\s": r" \t\n\r\f\v"}


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint of one column: which rows break it, and what to say about a value that does."""

    rule: str
    column: str
    broken: nw.Expr
    says: Callable[[Any], str]
    counted: nw.Expr | None = None

    @property
    def count(self) -> nw.Expr:
        """How many rows break it."""
        return self.broken.cast(nw.Int64).sum() if self.counted is None else self.counted


def compiled(spec: Spec, columns: Collection[str], python_regex: bool) -> Iterator[Constraint]:
    """Yield the constraints on single cells of the named columns, which are there and have the right type."""
    for f in spec.fields:
        if f.name not in columns:
            continue
        yield from _present(f, f.name in spec.key)
        if f.type == "number":
            broken = ~nw.col(f.name).is_finite() & there(f.name)
            yield Constraint("schema-finite", f.name, broken, _holds(f, "a finite number"))
        if "enum" in f.constraints:
            yield _enum(f)
        if "pattern" in f.constraints:
            yield _pattern(f, python_regex)
        yield from _ranges(f)


def periods(f: Field, values: Iterable[str]) -> Iterator[Constraint]:
    """Yield the constraint that a column breaks in which some of the distinct values are no period."""
    form = f.constraints.get("pattern")
    wrong: dict[str, str] = {}
    for value in values:
        try:
            period(value)
        except ValueError as error:
            if form is None or re.fullmatch(form, value, re.ASCII):  # schema-pattern reports all others
                wrong[value] = f"column '{f.name}': {error}"
    if wrong:
        broken = nw.col(f.name).is_in(sorted(wrong)) & there(f.name)
        yield Constraint("schema-edtf", f.name, broken, lambda value: wrong[value])


def there(column: str) -> nw.Expr:
    """Return whether a cell has a value; asked everywhere, since plain pandas negates a null to true."""
    return ~nw.col(column).is_null()


def plain(value: Any) -> str:
    """Return a value as it stands in keys and messages."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def quoted(value: Any) -> str:
    """Return a value for a message: texts in quotation marks, and none longer than a line."""
    text = plain(value)
    text = text if len(text) <= 80 else text[:77] + "..."
    return repr(text) if isinstance(value, str) else text


def _holds(f: Field, expected: str) -> Callable[[Any], str]:
    return lambda value: f"column '{f.name}' holds {quoted(value)}; expected {expected}"


def _present(f: Field, in_key: bool) -> Iterator[Constraint]:
    if f.required or in_key:
        rule = "schema-required" if f.required else "schema-key"
        what = f"{'key ' if in_key else ''}column '{f.name}' is null; expected a value"
        column = nw.col(f.name)
        yield Constraint(rule, f.name, column.is_null(), lambda _: what, column.null_count())


def _enum(f: Field) -> Constraint:
    allowed = [_typed(f, value) for value in f.constraints["enum"]]
    names = [plain(value) for value in allowed]
    holds = _holds(f, f"one of {', '.join(names)}")
    broken = ~nw.col(f.name).is_in(allowed) & there(f.name)
    return Constraint("schema-enum", f.name, broken, lambda v: holds(v) + did_you_mean(plain(v), names))


def _pattern(f: Field, python_regex: bool) -> Constraint:
    pattern = f.constraints["pattern"]
    text = nw.col(f.name).str
    broken = ~text.contains(f"^(?:{_portable(pattern)})$")
    if python_regex:  # Python's and Java's $ also match before a final line feed
        broken = broken | text.ends_with("\n")
    return Constraint("schema-pattern", f.name, broken & there(f.name), _holds(f, f"the form {pattern}"))


def _ranges(f: Field) -> Iterator[Constraint]:
    """Yield the bounds of values and of lengths; NaN and infinity are left to schema-finite."""
    usable = nw.col(f.name).is_finite() if f.type == "number" else there(f.name)
    for name, (breaks, word) in _BOUNDS.items():
        if name in f.constraints:
            bound = _typed(f, f.constraints[name])
            broken = breaks(nw.col(f.name), bound) & usable
            yield Constraint("schema-range", f.name, broken, _holds(f, f"{word} {plain(bound)}"))
    for name, (breaks, word) in _LENGTHS.items():
        if name in f.constraints:
            broken = breaks(nw.col(f.name).str.len_chars(), f.constraints[name]) & there(f.name)
            unit = "character" if f.constraints[name] == 1 else "characters"
            says = _holds(f, f"{word} {f.constraints[name]} {unit}")
            yield Constraint("schema-length", f.name, broken, says)


def _portable(pattern: str) -> str:
    r"""Return the pattern as every engine reads it.

    \d, \w and \s are ASCII in RE2 and Java, Unicode in Python and Rust: they are written out. Groups capture
    nothing, since pandas warns of those that do.
    """
    out, inside = [], False
    for part in re.findall(r"\\.|\(\?|[^\\]", pattern, re.S):
        inside = part == "[" or (inside and part != "]")
        short = _ASCII.get(part)
        if short:
            part = short if inside else f"[{short}]"
        out.append("(?:" if part == "(" and not inside else part)
    return "".join(out)


def _typed(f: Field, value: Any) -> Any:
    """Return a value of a constraint as the type of its column; JSON has no dates."""
    return date.fromisoformat(value) if f.type == "date" else value
