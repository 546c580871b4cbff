"""Whether two claims agree: exactly, by date as far as both are precise, within rounding, or as intervals.

Every comparison is a term between a claim's columns and those of another, named `<prefix><column>`, by
the rule that the schema declares for their group.
"""

from __future__ import annotations

from typing import Any

from datapkg.facts.terms import Term, col, concat, either, greatest, least, lit, when
from datapkg.model import Group

_PARTS = {"": ("01", "12"), "Q1": ("01", "03"), "Q2": ("04", "06"), "Q3": ("07", "09"), "Q4": ("10", "12"),
          "H1": ("01", "06"), "H2": ("07", "12")}  # fmt: skip
ABOUT = 0.05
"""Half-width of "about", as a part of the value."""
DIGITS = range(-3, 15)
"""Exponents of the last digit that a number can give: thousandths of a percent, hundreds of trillions of won."""


def differs(group: Group, prefix: str) -> Term:
    """Return whether a claim contradicts another; false where either says nothing."""
    rule, first = group.compare, group.columns[0]
    if rule == "none":
        return lit(False)
    # pandas' default types hold NaN for null, and NaN differs from everything
    both = ~col(first).is_null() & ~col(prefix + first).is_null()
    if rule == "exact":
        found = both & (col(first) != col(prefix + first))
    elif rule == "edtf":
        found = both & ~_overlap(col(first), col(prefix + first))
    elif "interval" in rule:
        found = _apart(group, prefix)
    else:
        found = (col(first) - col(prefix + first)).abs() > rule["within"]
    return found.fill_null(False)


def states(group: Group, prefix: str) -> Term:
    """Return whether a claim states the value of another, whatever its hedge: 60 and 60.4, but not "more than 50"."""
    if not interval(group):
        return ~col(group.columns[0]).is_null() & ~differs(group, prefix)
    rule = group.compare
    value, low, high, _ = rule["interval"]
    given, other = col(value), col(prefix + value)
    both = ~given.is_null() & ~other.is_null()
    near = both & (
        (given == other) | ~_exceeds(greatest(given, other), least(given, other), rule, _coarser(value, prefix))
    )
    ends = _alike(low, prefix) & _alike(high, prefix)
    same = (near | (given.is_null() & other.is_null() & ends)) & comparable(group, prefix)
    return same.fill_null(False)


def comparable(group: Group, prefix: str) -> Term:
    """Return whether claims can be compared: amounts in two currencies or units cannot."""
    agrees: Term = lit(True)
    for c in group.compare.get("same", []):
        agrees = agrees & _alike(c, prefix)
    return agrees


def interval(group: Group) -> bool:
    """Return whether a group holds a value with bounds and a hedge."""
    return isinstance(group.compare, dict) and "interval" in group.compare


def held(group: Group) -> list[str]:
    """Return the columns that a comparison with a claim needs of it."""
    return [*group.columns, *([f"_step_{group.compare['interval'][0]}"] if interval(group) else [])]


def exact(group: Group) -> Term:
    """Return whether a claim gives a value of a group without a hedge, and no range."""
    value, _, _, qualifier = group.compare["interval"]
    return ~col(value).is_null() & (col(qualifier).fill_null("exact") == "exact")


def precision(group: Group) -> Term | None:
    """Return a text that sorts claims that agree, first the one that says most: more digits, a nearer day.

    None for groups whose claims cannot be more or less precise.
    """
    if group.compare == "edtf":
        return (lit(50) - col(group.columns[0]).str_len_chars()).cast("String")
    return col(f"_digit_{group.compare['interval'][0]}") if interval(group) else None


def digits(group: Group) -> dict[str, Term]:
    """Return where the last digit of a group's value stands: _step, one of it, and _digit, a text that sorts by it.

    That is as far as the number goes, and as the source wrote it: 60 gives tens, 13 ones, and 13.0 tenths.
    """
    value = group.compare["interval"][0]
    given = [_given(col(value), power).fill_null(False) for power in DIGITS]
    step = [when(true, lit(10.0**power)) for true, power in zip(given, DIGITS, strict=True)]
    digit = [when(true, lit(100 + place)) for place, true in enumerate(given)]
    last = greatest(lit(100), *digit).cast("String").str_slice(1, 2)
    return {f"_step_{value}": greatest(lit(10.0 ** DIGITS[0]), *step), f"_digit_{value}": last}


def _coarser(value: str, prefix: str) -> Term:
    """Return the larger of the steps that two claims give a value in."""
    return greatest(col(f"_step_{value}"), col(f"{prefix}_step_{value}"))


def _alike(column: str, prefix: str) -> Term:
    """Return whether two claims give the same end of a range, or both leave it open."""
    one, other = col(column), col(prefix + column)
    return (one == other).fill_null(False) | (one.is_null() & other.is_null())


def _apart(group: Group, prefix: str) -> Term:
    """Return whether what two claims state has nothing in common, a tolerance allowed."""
    rule = group.compare
    low, high = _interval(rule["interval"], "")
    other_low, other_high = _interval(rule["interval"], prefix)
    step = _coarser(rule["interval"][0], prefix)
    pairs = ((low, other_high), (other_low, high))
    return either(*((above > below) & _exceeds(above, below, rule, step) for above, below in pairs)) & comparable(
        group, prefix
    )


def _exceeds(above: Term, below: Term, rule: dict[str, Any], step: Term) -> Term:
    """Return whether two numbers are further apart than any tolerance of the rule allows.

    Rounding allows half a step of the last digit that both give: 60 agrees with 60.4 and not with 60.6, and 13.0 does
    not with 13.2. A difference of decimals is not exact.
    """
    gap = above - below
    found = []
    if rule.get("rounding"):
        found.append(gap > step / 2 + 1e-6)
    if "within" in rule:
        found.append(gap > rule["within"])
    if "within_pct" in rule:  # of the larger, whichever of them is the chosen one
        found.append((gap * 100 > above.abs() * rule["within_pct"]) & (gap * 100 > below.abs() * rule["within_pct"]))
    return either(*found)


def _given(value: Term, power: int) -> Term:
    """Return whether the last digit of a number can stand at a power of ten, given how many decimals were written."""
    step, written = 10.0**power, col("decimals").fill_null(0)
    whole = value.round(-power) == value if power <= 0 else (value / step).round(0) * step == value
    return whole & (written <= max(-power, 0))


def _overlap(a: Term, b: Term) -> Term:
    """Return whether two EDTF dates agree as far as both go: 2024-Q1 and 2024-01-26 do."""
    (first, last), (other_first, other_last) = stretch(a), stretch(b)
    return (first <= other_last) & (other_first <= last)


def stretch(text: Term) -> tuple[Term, Term]:
    """Return the first and last day of an EDTF text as texts that sort as days do."""
    ends = []
    for end, open_day, beside in ((0, "00", "/.*$"), (1, "99", "^.*/")):
        one = text.str_replace_all(beside, "")
        month = part = one.str_slice(5, 2)
        day = one.str_slice(8, 2)
        for name, months in _PARTS.items():
            month = when(part == name, lit(months[end])).otherwise(month)
        day_text = when(day == "", lit(open_day)).otherwise(day)
        ends.append(concat(one.str_slice(0, 4), month, day_text, separator="-"))
    return ends[0], ends[1]


def _interval(columns: list[str], prefix: str) -> tuple[Term, Term]:
    """Return the lower and upper ends of what a claim states; null where it sets none."""
    value, low, high, qualifier = (col(prefix + c) for c in columns)
    about = (qualifier == "about") & low.is_null() & high.is_null()
    return (
        when(about, value - value.abs() * ABOUT).otherwise(low),
        when(about, value + value.abs() * ABOUT).otherwise(high),
    )
