"""From observations to facts: one row per key, chosen by a written policy, and every contradiction kept.

Policy `preferred` orders the claims about a key by: a curator's preference, source tier, certainty, latest publication,
claim id. Policy `latest` puts publication first. A cell takes the value of the first claim in that order that has one;
columns of a group come from one claim. Written once on Narwhals with windows and groupings only, so that DuckDB,
pandas, pyarrow, polars and PySpark give the same rows.

Source  docs/design.md, "From claims to facts"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datapkg.model import Group, NotFound, Spec

if TYPE_CHECKING:
    import narwhals as nw
    from narwhals.typing import IntoFrame

POLICIES = {
    "preferred": ("preferred", "tier", "certainty", "known_from", "claim_id"),
    "latest": ("known_from", "tier", "certainty", "claim_id"),
}
RANKS = {
    "tier": ("primary", "secondary", "weak"),
    "certainty": ("asserted", "reported", "speculated"),
}
_PARTS = {"": ("01", "12"), "Q1": ("01", "03"), "Q2": ("04", "06"), "Q3": ("07", "09"), "Q4": ("10", "12"),
          "H1": ("01", "06"), "H2": ("07", "12")}  # fmt: skip
ABOUT = 0.05
"""Half-width of "about", as a part of the value."""
DIGITS = range(-3, 15)
"""Exponents of the last digit that a number can give: thousandths of a percent, hundreds of trillions of won."""


@dataclass(frozen=True)
class Consolidated:
    """The facts of one table, and the cells on which claims contradict each other; frames of the caller's engine."""

    facts: nw.LazyFrame[Any]
    compared: list[Group]
    contradictions: list[nw.LazyFrame[Any]]
    """One frame per compared group."""


def consolidate(
    observations: IntoFrame, spec: Spec, policy: str = "preferred", silent: frozenset[str] = frozenset()
) -> Consolidated:
    """Return the facts that a policy chooses from observations, lazily; nothing is chosen for columns known to be null.

    Shape   facts: one row per key with the columns of the spec, in order; contradictions: per group of columns, one row
            per contradicting claim with key, claim, chosen claim and both values
    Raises  NotFound for an unknown policy
    """
    import narwhals as nw

    if policy not in POLICIES:
        raise NotFound.of("policy", policy, POLICIES, "datapkg", f"Policies are {', '.join(POLICIES)}")
    frame = nw.from_native(observations).lazy().with_columns(_order=_order(policy))
    first, *others = spec.groups or (Group((), "none"),)
    groups, key = [first, *(g for g in others if not silent.issuperset(g.columns))], list(spec.key)
    for number, group in enumerate(groups):
        frame = _choose(frame, group, number, key)
    compared = [n for n, group in enumerate(groups) if group.compare != "none"]
    frame = frame.with_columns(
        (nw.col("_order") == nw.col("_chosen0")).alias("_leads"),
        *(
            (_differs(groups[n]).fill_null(False) & (nw.col("_order") != nw.col(f"_chosen{n}"))).alias(f"_differs{n}")
            for n in compared
        ),
    )
    pairs = [_pairs(frame, groups[n], n, key) for n in compared]
    return Consolidated(_facts(frame, spec, groups, compared), [groups[n] for n in compared], pairs)


def _order(policy: str) -> nw.Expr:
    """Return a text that sorts the claims about a key, first the one to be used; claim ids make it unique."""
    import narwhals as nw

    known = nw.col("known_from").dt
    day = known.year() * 10000 + known.month().cast(nw.Int64) * 100 + known.day().cast(nw.Int64)
    part = {
        "preferred": nw.when(nw.col("preferred")).then(nw.lit("0")).otherwise(nw.lit("1")),
        "known_from": (nw.lit(999999999) - day).cast(nw.String),
        "claim_id": nw.col("claim_id"),
        **{name: _rank(name, values) for name, values in RANKS.items()},
    }
    return nw.concat_str([part[name] for name in POLICIES[policy]], separator=" ")


def _rank(name: str, values: tuple[str, ...]) -> nw.Expr:
    import narwhals as nw

    expr: nw.Expr = nw.lit(str(len(values)))
    for number, value in reversed(list(enumerate(values))):
        expr = nw.when(nw.col(name) == value).then(nw.lit(str(number))).otherwise(expr)
    return expr


def _choose(frame: nw.LazyFrame[Any], group: Group, number: int, key: list[str]) -> nw.LazyFrame[Any]:
    """Add the chosen claim's order, and each of its values as `_is_<column>`, to every row of the key."""
    import narwhals as nw

    says = nw.lit(True) if not group.columns else nw.any_horizontal(
        *(~nw.col(c).is_null() for c in group.columns), ignore_nulls=True)  # fmt: skip
    chosen = f"_chosen{number}"
    first: nw.Expr = nw.when(says).then(nw.col("_order")).min().over(*key)
    if number == 0:  # the leading claim also stands for a key about which nothing else is said
        first = nw.coalesce(first, nw.col("_order").min().over(*key))
    frame = frame.with_columns(first.fill_null("").alias(chosen))
    picked = nw.col("_order") == nw.col(chosen)
    return frame.with_columns(
        *(nw.when(picked).then(nw.col(c)).max().over(*key).alias(f"_is_{c}") for c in group.columns),
        # named before `over`: pyarrow refuses a window whose column is the key, as it is in statements
        nw.when(picked).then(nw.col("claim_id")).alias(f"_claim{number}").max().over(*key),
    )


def _facts(frame: nw.LazyFrame[Any], spec: Spec, groups: list[Group], compared: list[int]) -> nw.LazyFrame[Any]:
    """Return one row per key: chosen values, the leading claim, and counts."""
    import narwhals as nw

    key, values = list(spec.key), [c for group in groups for c in group.columns]
    lead = [c for c in ("certainty", "claim_id") if c not in key]
    along = [c for c in spec.columns if not (c in key or c in values or spec.field(c).bookkeeping)]
    differs = [nw.col(f"_differs{n}") for n in compared] or [nw.lit(False)]
    frame = frame.with_columns(
        nw.when(nw.any_horizontal(*differs, ignore_nulls=True)).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_disputed"),
        *(nw.when(nw.col("_leads")).then(nw.col(c)).alias(f"_is_{c}") for c in lead),
    )
    facts = frame.group_by(*key).agg(
        *(nw.col(f"_is_{c}").max().alias(c) for c in [*values, *lead]),
        *(nw.col(c).max() for c in along),
        nw.len().alias("claim_count"),
        nw.col("voice").n_unique().alias("source_count"),
        nw.col("_disputed").max().alias("disputed"),
        nw.col("known_from").min(),
    )
    return facts.with_columns(nw.col("disputed") == 1).select(*spec.columns).sort(*key)


def _pairs(frame: nw.LazyFrame[Any], group: Group, number: int, key: list[str]) -> nw.LazyFrame[Any]:
    """Return the contradicting claims of one group of columns, with the chosen values beside theirs."""
    import narwhals as nw

    return frame.filter(nw.col(f"_differs{number}")).select(
        *dict.fromkeys([*key, "claim_id"]),
        nw.col(f"_claim{number}").alias("chosen_claim_id"),
        *(nw.col(c).alias(f"other_{c}") for c in group.columns),
        *(nw.col(f"_is_{c}").alias(f"chosen_{c}") for c in group.columns),
    )


def _differs(group: Group) -> Any:
    """Return an expression: whether a claim contradicts the chosen one, by the rule that the schema declares."""
    import narwhals as nw

    rule, first = group.compare, group.columns[0]
    # pandas' default types hold NaN for null, and NaN differs from everything
    both = ~nw.col(first).is_null() & ~nw.col(f"_is_{first}").is_null()
    if rule == "exact":
        return both & (nw.col(first) != nw.col(f"_is_{first}"))
    if rule == "edtf":
        return both & ~_overlap(nw.col(first), nw.col(f"_is_{first}"))
    if "interval" in rule:
        return _apart(rule)
    return (nw.col(first) - nw.col(f"_is_{first}")).abs() > rule["within"]


def _same(columns: list[str]) -> nw.Expr:
    """Return whether claims agree on columns: amounts in two currencies or units cannot be compared."""
    import narwhals as nw

    agrees: nw.Expr = nw.lit(True)
    for c in columns:
        agrees = agrees & (nw.col(c).fill_null("") == nw.col(f"_is_{c}").fill_null(""))
    return agrees


def _apart(rule: dict[str, Any]) -> nw.Expr:
    """Return whether what a claim states and what the chosen one states have nothing in common, a tolerance allowed."""
    low, high = _interval(rule["interval"], "")
    chosen_low, chosen_high = _interval(rule["interval"], "_is_")
    apart = None
    for above, below in ((low, chosen_high), (chosen_low, high)):
        gap = ((above > below) & _exceeds(above, below, rule)).fill_null(False)
        apart = gap if apart is None else apart | gap
    return apart & _same(rule.get("same", []))


def _exceeds(above: nw.Expr, below: nw.Expr, rule: dict[str, Any]) -> nw.Expr:
    """Return whether two numbers are further apart than any tolerance of the rule allows."""
    import narwhals as nw

    gap = above - below
    found = []
    if rule.get("rounding"):
        found.append(gap > _rounding(above, below))
    if "within" in rule:
        found.append(gap > rule["within"])
    if "within_pct" in rule:  # of the larger, whichever of them is the chosen one
        found.append((gap * 100 > above.abs() * rule["within_pct"]) & (gap * 100 > below.abs() * rule["within_pct"]))
    return nw.any_horizontal(*found, ignore_nulls=True)


def _rounding(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    """Return half a step of the last digit that both give: 60 agrees with 60.4 and not with 60.6, or 64.7 with 64.9."""
    import narwhals as nw

    half: nw.Expr = nw.lit(0.0)
    for power in DIGITS:
        step = 10.0**power
        given = [v.round(-power) == v if power <= 0 else (v / step).round(0) * step == v for v in (one, other)]
        half = nw.when(given[0] | given[1]).then(nw.lit(step / 2)).otherwise(half)
    return half + 1e-6  # a difference of decimals is not exact


def _overlap(a: nw.Expr, b: nw.Expr) -> nw.Expr:
    """Return whether two EDTF dates agree as far as both go: 2024-Q1 and 2024-01-26 do."""
    (first, last), (other_first, other_last) = _stretch(a), _stretch(b)
    return (first <= other_last) & (other_first <= last)


def _stretch(text: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    """Return the first and last day of an EDTF text as texts that sort as days do."""
    import narwhals as nw

    ends = []
    for end, open_day, beside in ((0, "00", "/.*$"), (1, "99", "^.*/")):
        one = text.str.replace_all(beside, "")
        month = part = one.str.slice(5, 2)
        day = one.str.slice(8, 2)
        for name, months in _PARTS.items():
            month = nw.when(part == name).then(nw.lit(months[end])).otherwise(month)
        day_text = nw.when(day == "").then(nw.lit(open_day)).otherwise(day)
        ends.append(nw.concat_str([one.str.slice(0, 4), month, day_text], separator="-"))
    return ends[0], ends[1]


def _interval(columns: list[str], prefix: str) -> tuple[nw.Expr, nw.Expr]:
    """Return the lower and upper ends of what a claim states; null where it sets none."""
    import narwhals as nw

    value, low, high, qualifier = (nw.col(prefix + c) for c in columns)
    about = (qualifier == "about") & low.is_null() & high.is_null()
    return (
        nw.when(about).then(value - value.abs() * ABOUT).otherwise(low),
        nw.when(about).then(value + value.abs() * ABOUT).otherwise(high),
    )
