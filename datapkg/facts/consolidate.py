"""From observations to facts: one row per key, chosen by a written policy, and every contradiction kept.

A cell takes the value of the first claim in the order of the policy that has one, so that sources complete each other;
columns of a group come from one claim, and agreeing hedges are intersected. Written once in terms, with windows and
groupings only, so that DuckDB, pandas, pyarrow, polars and PySpark give the same rows.

Source  docs/design.md, "From claims to facts"; the order: `policy`
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from datapkg.facts.agreement import comparable, differs, exact, held, interval, precision, states, stretch
from datapkg.facts.held import Held
from datapkg.facts.lazy import Lazy
from datapkg.facts.policy import EQUAL, POLICIES, day, flag, order, rank, stage, standing, word
from datapkg.facts.rows import Rows
from datapkg.facts.terms import Frame, Term, coalesce, col, concat, count, either, greatest, lit, when
from datapkg.model import Group, NotFound, Spec

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

QUIET = 2
"""Years without a word after which what is open counts as stale."""
TARGET = "target_period"
"""The column that says by when something open was to be done."""


@dataclass(frozen=True)
class Consolidated:
    """The facts of one table, and the cells on which claims contradict each other; frames of the caller's engine."""

    facts: Frame
    spec: Spec
    claims: Frame
    """Every observation with its place in the order, _order, and for each group whether it supplies it, _used<n>."""
    groups: list[Group]

    @property
    def compared(self) -> list[Group]:
        """Return the groups of columns in which claims can contradict each other."""
        return [group for group in self.groups if group.compare != "none"]

    @cached_property
    def contradictions(self) -> list[Frame]:
        """Return the claims that contradict the chosen ones, one frame per compared group; asked for once, as rows."""
        numbers = [n for n, group in enumerate(self.groups) if group.compare != "none"]
        if not numbers:
            return []
        held = dict.fromkeys(name for n in numbers for name in _paired(self.groups[n], n, self.spec))
        differs = either(*(col(f"_differs{n}") != "" for n in numbers))
        rows = Rows.of(self.claims.select(*map(col, held)).filter(differs).table())
        return [_pairs(rows, self.groups[n], n, self.spec) for n in numbers]


def consolidate(observations: IntoFrame | Held, spec: Spec, policy: str = "preferred", as_of: date | None = None,
                silent: frozenset[str] = frozenset()) -> Consolidated:  # fmt: skip
    """Return the facts that a policy chooses from observations, lazily; nothing is chosen for columns known to be null.

    The observations of a block belong together: those of single keys alone give other vintages. `as_of` is the day on
    which `stale` is judged; without one nothing is.

    Shape   facts: one row per key with the columns of the spec; contradictions: per group of columns, one row per
            contradicting claim with key, claim, chosen claim, kind, orders and both values
    Raises  NotFound for an unknown policy
    """
    if policy not in POLICIES:
        raise NotFound.of("policy", policy, POLICIES, "datapkg", f"Policies are {', '.join(POLICIES)}")
    frame = standing(observations if isinstance(observations, Held) else Lazy.of(observations), spec)
    frame = frame.with_columns(_order=order(policy), _certain=rank("certainty"))
    first = spec.leading or (spec.groups or (Group((), "none"),))[0]
    groups = [first, *(g for g in spec.groups if g != first and not silent.issuperset(g.columns))]
    for number, group in enumerate(groups):
        frame = _choose(frame, group, number, spec, 2 * EQUAL[policy] - 1)
    compared = [n for n, group in enumerate(groups) if group.compare != "none"]
    for n in compared:
        frame = frame.with_columns(_kind(groups[n], n, spec))
    return Consolidated(_facts(frame, spec, groups, compared, as_of), spec, frame, groups)


def _choose(frame: Frame, group: Group, number: int, spec: Spec, equal: int) -> Frame:
    """Add to every row of a key the chosen claim's order, and each of its values as `_is<number>_<column>`.

    The head is the first claim that says something; of those that stand equal and agree with it, the most precise is
    chosen. `equal` is how many characters of the order claims that stand equal share.
    """
    key = list(spec.key)
    says: Term = lit(True)
    if group.columns:
        says = either(*(~col(c).is_null() for c in group.columns))
    place: Term = col("_order")
    if spec.status in group.columns:
        place = concat(col("_order").str_slice(0, 1), stage(spec), col("_order"), separator=" ")
    first: Term = when(says, place).min().over(*key)
    if number == 0:  # the leading claim also stands for a key about which nothing else is said
        first = coalesce(first, place.min().over(*key))
    frame = frame.with_columns(_place=place, _first=first.fill_null(""))
    finer = precision(group)
    if finer is not None:
        head = col("_place") == col("_first")
        frame = frame.with_columns(*(when(head, col(c)).max().over(*key).alias(f"_head_{c}") for c in held(group)))
        same = col("_place").str_slice(0, equal) == col("_first").str_slice(0, equal)
        able = says & same & states(group, "_head_")
        finest = when(able, concat(finer, col("_place"), separator=" "))
        frame = frame.with_columns(_fine=finest).with_columns(_finest=col("_fine").min().over(*key).fill_null(""))
        picked = (col("_fine") == col("_finest")).fill_null(False)
        if number == 0:
            picked = picked | ((col("_finest") == "") & (col("_place") == col("_first")))
    else:
        picked = col("_place") == col("_first")
    frame = frame.with_columns(picked.alias(f"_used{number}"))
    frame = _held(frame, group, number, key)
    return _intersected(frame, group, number, key) if interval(group) else frame


def _held(frame: Frame, group: Group, number: int, key: list[str]) -> Frame:
    """Add what the picked claim says, and who says it when, to every row of its key."""
    about = ("claim_id", "voice", "vintage", "_order", "_certain", "inferred")
    leading = ("_heard", "_changed", "_tier") if number == 0 else ()
    kept = dict.fromkeys([*held(group), *about, *leading])
    # claim_id is named before `over`: pyarrow refuses a window whose column is the key, as it is in statements
    picked, prefix = col(f"_used{number}"), f"_is{number}_"
    named = [when(picked, col(c)).alias(f"{prefix}{c}") for c in kept]
    return frame.with_columns(*(expr.max().over(*key) for expr in named))


def _intersected(frame: Frame, group: Group, number: int, key: list[str]) -> Frame:
    """Narrow the bounds of a hedged value to those that other hedges which agree with it, and are as certain, leave."""
    prefix = f"_is{number}_"
    _, low, high, _ = group.compare["interval"]
    chosen = col(prefix + low), col(prefix + high)
    hedged = (chosen[0].is_null() | chosen[1].is_null() | (chosen[0] < chosen[1])).fill_null(True)
    said = ~col(prefix + "claim_id").is_null() & hedged
    agrees = comparable(group, prefix) & ~differs(group, prefix)
    able = said & ~exact(group) & agrees & (col("_certain") <= col(prefix + "_certain"))
    # a bound that the chosen claim does not have itself: who gives it is told by `trace`
    own = (col(low) == chosen[0]).fill_null(False) | (col(high) == chosen[1]).fill_null(False)
    frame = frame.with_columns(
        (able & ~own).fill_null(False).alias(f"_narrows{number}"),
        _low=when(able, col(low)).max().over(*key),
        _high=when(able, col(high)).min().over(*key),
    )
    # pandas' default types hold NaN for null, and NaN is not at most anything
    open_ = col("_low").is_null() | col("_high").is_null() | (col("_low") <= col("_high"))
    return frame.with_columns(
        when(said & open_ & ~col("_low").is_null(), col("_low")).otherwise(chosen[0]).alias(prefix + low),
        when(said & open_ & ~col("_high").is_null(), col("_high")).otherwise(chosen[1]).alias(prefix + high),
    )


def _kind(group: Group, number: int, spec: Spec) -> Term:
    """Return how a claim differs from the chosen one: revision, stage or disagreement; an empty text if it does not."""
    prefix = f"_is{number}_"
    apart = differs(group, prefix) & ~col(f"_used{number}").fill_null(False)
    revision = ~col("_newest") | (
        (col("voice") == col(prefix + "voice"))
        & ((col("vintage") < col(prefix + "vintage")) | (col("vintage_from") > col(prefix + "vintage")))
    )
    kind = when(revision, lit("revision")).otherwise(lit("disagreement"))
    if spec.timely == "all":
        kind = when(~col("_timely") & (col("voice") != col(prefix + "voice")), lit("stage")).otherwise(kind)
    if spec.status in group.columns:
        kind = when(_passed(spec, prefix), lit("stage")).otherwise(kind)
    return when(apart, kind).otherwise(lit("")).alias(f"_differs{number}")


def _passed(spec: Spec, prefix: str) -> Term:
    """Return whether a status is of another stage than the chosen one."""
    one, other = (lit(-1), lit(-1))
    for value, place in spec.stages.items():
        one = when(col(str(spec.status)) == value, lit(place)).otherwise(one)
        other = when(col(f"{prefix}{spec.status}") == value, lit(place)).otherwise(other)
    return one != other


def _facts(frame: Frame, spec: Spec, groups: list[Group], compared: list[int],
           as_of: date | None) -> Frame:  # fmt: skip
    """Return one row per key: chosen values, whose they are, how sure, and counts."""
    key = list(spec.key)
    own = {c: f"_is{n}_{c}" for n, group in enumerate(groups) for c in group.columns if c not in key}
    frame = frame.with_columns(**_per_row(spec, groups, compared), _inferred=_inferred(spec, groups))
    along = [c for c in spec.columns if not (c in key or c in own or spec.field(c).bookkeeping)]
    facts = frame.grouped(
        key,
        *(col(name).max().alias(c) for c, name in own.items()),
        *(col(c).max() for c in along),
        *(col(f"_is0_{c}").max().alias(c) for c in ("voice", "claim_id") if c not in key),
        col("_weakest").max(),
        col("_is0__tier").max().alias("_reached"),
        col("_given").min().alias("vintage"),
        col("_public").min().alias("_stated"),
        col("_left").max().alias("superseded"),
        col("_otherwise").max().alias("revised"),
        col("_against").max().alias("disputed"),
        col("_inferred").max().alias("inferred"),
        col("known_from").min().alias("first_claimed"),
        col("known_from").max().alias("last_stated"),
        count().alias("claim_count"),
        col("_origin").n_unique().alias("_origins"),
        col("_unnamed").max(),
        col("_named").max(),
    )
    facts = facts.with_columns(
        source_count=col("_origins") - col("_unnamed") * col("_named"),
        tier=word("tier", "_reached"),
        certainty=word("certainty", "_weakest"),
        known_from=coalesce(col("_stated"), col("first_claimed")),
        inferred=when(col("inferred") == "", lit(None, "String")).otherwise(col("inferred")),
        **{name: col(name) == 1 for name in ("superseded", "revised", "disputed")},
    )
    facts = facts.with_columns(stale=stale(spec, as_of))
    return facts.select(*map(col, spec.columns))


def _per_row(spec: Spec, groups: list[Group], compared: list[int]) -> dict[str, Term]:
    """Return what each claim contributes to the columns about the fact."""
    by = "_is0_"
    states_it = states(groups[0], by) if spec.leading else lit(True)
    same_voice = col("voice") == col(by + "voice")
    sure = [col(f"_is{m}__certain") for m, g in enumerate(groups) if m == 0 or g.columns]
    unnamed = col("attribution") == "unnamed"
    revises = [col(f"_differs{m}") == "revision" for m in compared] or [lit(False)]
    against = [col(f"_differs{m}") == "disagreement" for m in compared] or [lit(False)]
    return {
        "_weakest": greatest(*sure),
        "_given": when(states_it & same_voice, col("vintage")).otherwise(col(by + "vintage")),
        "_public": when(states_it, col("known_from")),
        "_left": flag(day(by + "_heard") < col(by + "_changed")),
        "_otherwise": flag(same_voice & either(*revises)),
        "_against": flag(either(*against)),
        "_origin": when(unnamed, lit("")).otherwise(col("voice")),
        "_unnamed": flag(unnamed),
        "_named": flag(~unnamed),
    }


def _inferred(spec: Spec, groups: list[Group]) -> Term:
    """Return the columns that were worked out in the claims which supply them, as one text."""
    home = dict.fromkeys(spec.key, 0) | {c: n for n, group in enumerate(groups) for c in group.columns}
    parts = []
    for column in (c for c in spec.columns if c in home):
        given = concat(lit(" "), col(f"_is{home[column]}_inferred").fill_null(""), lit(" "))
        worked = given.str_contains(f" {column} ", literal=True)
        parts.append(when(worked, lit(f"{column} ")).otherwise(lit("")))
    return concat(*parts).str_strip_chars()


def stale(spec: Spec, as_of: date | None) -> Term:
    """Return whether something open is past its target, or was not heard of for QUIET years."""
    if as_of is None or not spec.stages or TARGET not in spec.columns:
        return lit(False)
    last = max(spec.stages.values())
    open_ = col(str(spec.status)).is_in([value for value, place in spec.stages.items() if place < last])
    over = (stretch(col(TARGET).fill_null("9999"))[1] < as_of.isoformat()).fill_null(False)
    silent = day("last_stated") < (as_of.year - QUIET) * 10000 + as_of.month * 100 + as_of.day
    return open_.fill_null(False) & (over | silent)


def _paired(group: Group, number: int, spec: Spec) -> list[str]:
    """Return the columns that `_pairs` takes."""
    chosen = [f"_is{number}_{c}" for c in ("claim_id", "_order", *group.columns)]
    return [*spec.key, "claim_id", "_order", *group.columns, f"_differs{number}", *chosen]


def _pairs(frame: Frame, group: Group, number: int, spec: Spec) -> Frame:
    """Return the contradicting claims of one group of columns, with the chosen values beside theirs."""
    prefix = f"_is{number}_"
    return frame.filter(col(f"_differs{number}") != "").select(
        *map(col, dict.fromkeys([*spec.key, "claim_id"])),
        col(f"{prefix}claim_id").alias("chosen_claim_id"),
        col(f"_differs{number}").alias("kind"),
        col("_order").alias("other_order"),
        col(f"{prefix}_order").alias("chosen_order"),
        *(col(c).alias(f"other_{c}") for c in group.columns),
        *(col(prefix + c).alias(f"chosen_{c}") for c in group.columns),
    )
