"""From observations to facts: one row per key, chosen by a written policy, and every contradiction kept.

A cell takes the value of the first claim in the order of the policy that has one, so that sources complete each other;
columns of a group come from one claim, and agreeing hedges are intersected. Written once on Narwhals with windows and
groupings only, so that DuckDB, pandas, pyarrow, polars and PySpark give the same rows.

Source  docs/design.md, "From claims to facts"; the order: `policy`
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from datapkg.facts.agreement import comparable, differs, exact, held, interval, precision, states, stretch
from datapkg.facts.policy import EQUAL, POLICIES, RANKS, day, flag, order, rank, stage, standing
from datapkg.model import Group, NotFound, Spec

if TYPE_CHECKING:
    import narwhals as nw
    from narwhals.typing import IntoFrame

QUIET = 2
"""Years without a word after which what is open counts as stale."""
TARGET = "target_period"
"""The column that says by when something open was to be done."""


@dataclass(frozen=True)
class Consolidated:
    """The facts of one table, and the cells on which claims contradict each other; frames of the caller's engine."""

    facts: nw.LazyFrame[Any]
    compared: list[Group]
    contradictions: list[nw.LazyFrame[Any]]
    """One frame per compared group."""
    claims: nw.LazyFrame[Any]
    """Every observation with its place in the order, _order, and for each group whether it supplies it, _used<n>."""
    groups: list[Group]


def consolidate(observations: IntoFrame, spec: Spec, policy: str = "preferred", as_of: date | None = None,
                silent: frozenset[str] = frozenset()) -> Consolidated:  # fmt: skip
    """Return the facts that a policy chooses from observations, lazily; nothing is chosen for columns known to be null.

    The observations of a block belong together: those of single keys alone give other vintages. `as_of` is the day on
    which `stale` is judged; without one nothing is.

    Shape   facts: one row per key with the columns of the spec, in order; contradictions: per group of columns, one row
            per contradicting claim with key, claim, chosen claim, kind, orders and both values
    Raises  NotFound for an unknown policy
    """
    import narwhals as nw

    if policy not in POLICIES:
        raise NotFound.of("policy", policy, POLICIES, "datapkg", f"Policies are {', '.join(POLICIES)}")
    frame = standing(nw.from_native(observations).lazy(), spec)
    frame = frame.with_columns(_order=order(policy), _certain=rank("certainty"))
    first = spec.leading or (spec.groups or (Group((), "none"),))[0]
    groups = [first, *(g for g in spec.groups if g != first and not silent.issuperset(g.columns))]
    for number, group in enumerate(groups):
        frame = _choose(frame, group, number, spec, 2 * EQUAL[policy] - 1)
    compared = [n for n, group in enumerate(groups) if group.compare != "none"]
    for n in compared:
        frame = frame.with_columns(_kind(groups[n], n, spec))
    pairs = [_pairs(frame, groups[n], n, spec) for n in compared]
    facts = _facts(frame, spec, groups, compared, as_of)
    return Consolidated(facts, [groups[n] for n in compared], pairs, frame, groups)


def _choose(frame: nw.LazyFrame[Any], group: Group, number: int, spec: Spec, equal: int) -> nw.LazyFrame[Any]:
    """Add to every row of a key the chosen claim's order, and each of its values as `_is<number>_<column>`.

    The head is the first claim that says something; of those that stand equal and agree with it, the most precise is
    chosen. `equal` is how many characters of the order claims that stand equal share.
    """
    import narwhals as nw

    key = list(spec.key)
    says: nw.Expr = nw.lit(True)
    if group.columns:
        says = nw.any_horizontal(*(~nw.col(c).is_null() for c in group.columns), ignore_nulls=True)
    place: nw.Expr = nw.col("_order")
    if spec.status in group.columns:
        place = nw.concat_str([nw.col("_order").str.slice(0, 1), stage(spec), nw.col("_order")], separator=" ")
    first: nw.Expr = nw.when(says).then(place).min().over(*key)
    if number == 0:  # the leading claim also stands for a key about which nothing else is said
        first = nw.coalesce(first, place.min().over(*key))
    frame = frame.with_columns(_place=place, _first=first.fill_null(""))
    finer = precision(group)
    if finer is not None:
        head = nw.when(nw.col("_place") == nw.col("_first"))
        frame = frame.with_columns(head.then(nw.col(c)).max().over(*key).alias(f"_head_{c}") for c in held(group))
        same = nw.col("_place").str.slice(0, equal) == nw.col("_first").str.slice(0, equal)
        able = says & same & states(group, "_head_")
        finest = nw.when(able).then(nw.concat_str([finer, nw.col("_place")], separator=" "))
        frame = frame.with_columns(_fine=finest).with_columns(_finest=nw.col("_fine").min().over(*key).fill_null(""))
        picked = (nw.col("_fine") == nw.col("_finest")).fill_null(False)
        if number == 0:
            picked = picked | ((nw.col("_finest") == "") & (nw.col("_place") == nw.col("_first")))
    else:
        picked = nw.col("_place") == nw.col("_first")
    frame = frame.with_columns(picked.alias(f"_used{number}"))
    frame = _held(frame, group, number, key)
    return _intersected(frame, group, number, key) if interval(group) else frame


def _held(frame: nw.LazyFrame[Any], group: Group, number: int, key: list[str]) -> nw.LazyFrame[Any]:
    """Add what the picked claim says, and who says it when, to every row of its key."""
    import narwhals as nw

    about = ("claim_id", "voice", "vintage", "_order", "_certain", "inferred")
    leading = ("_heard", "_changed", "_tier") if number == 0 else ()
    kept = dict.fromkeys([*held(group), *about, *leading])
    # claim_id is named before `over`: pyarrow refuses a window whose column is the key, as it is in statements
    picked, prefix = nw.col(f"_used{number}"), f"_is{number}_"
    named = [nw.when(picked).then(nw.col(c)).alias(f"{prefix}{c}") for c in kept]
    return frame.with_columns(*(expr.max().over(*key) for expr in named))


def _intersected(frame: nw.LazyFrame[Any], group: Group, number: int, key: list[str]) -> nw.LazyFrame[Any]:
    """Narrow the bounds of a hedged value to those that other hedges which agree with it, and are as certain, leave."""
    import narwhals as nw

    prefix = f"_is{number}_"
    _, low, high, _ = group.compare["interval"]
    chosen = nw.col(prefix + low), nw.col(prefix + high)
    hedged = (chosen[0].is_null() | chosen[1].is_null() | (chosen[0] < chosen[1])).fill_null(True)
    said = ~nw.col(prefix + "claim_id").is_null() & hedged
    agrees = comparable(group, prefix) & ~differs(group, prefix)
    able = said & ~exact(group) & agrees & (nw.col("_certain") <= nw.col(prefix + "_certain"))
    # a bound that the chosen claim does not have itself: who gives it is told by `trace`
    own = (nw.col(low) == chosen[0]).fill_null(False) | (nw.col(high) == chosen[1]).fill_null(False)
    frame = frame.with_columns(
        (able & ~own).fill_null(False).alias(f"_narrows{number}"),
        _low=nw.when(able).then(nw.col(low)).max().over(*key),
        _high=nw.when(able).then(nw.col(high)).min().over(*key),
    )
    # pandas' default types hold NaN for null, and NaN is not at most anything
    open_ = nw.col("_low").is_null() | nw.col("_high").is_null() | (nw.col("_low") <= nw.col("_high"))
    return frame.with_columns(
        nw.when(said & open_ & ~nw.col("_low").is_null()).then(nw.col("_low")).otherwise(chosen[0]).alias(prefix + low),
        nw.when(said & open_ & ~nw.col("_high").is_null())
        .then(nw.col("_high"))
        .otherwise(chosen[1])
        .alias(prefix + high),
    )


def _kind(group: Group, number: int, spec: Spec) -> nw.Expr:
    """Return how a claim differs from the chosen one: revision, stage or disagreement; an empty text if it does not."""
    import narwhals as nw

    prefix = f"_is{number}_"
    apart = differs(group, prefix) & ~nw.col(f"_used{number}").fill_null(False)
    revision = ~nw.col("_newest") | (
        (nw.col("voice") == nw.col(prefix + "voice"))
        & ((nw.col("vintage") < nw.col(prefix + "vintage")) | (nw.col("vintage_from") > nw.col(prefix + "vintage")))
    )
    kind = nw.when(revision).then(nw.lit("revision")).otherwise(nw.lit("disagreement"))
    if spec.status in group.columns:
        kind = nw.when(_passed(spec, prefix)).then(nw.lit("stage")).otherwise(kind)
    return nw.when(apart).then(kind).otherwise(nw.lit("")).alias(f"_differs{number}")


def _passed(spec: Spec, prefix: str) -> nw.Expr:
    """Return whether a status is of another stage than the chosen one."""
    import narwhals as nw

    one, other = (nw.lit(-1), nw.lit(-1))
    for value, place in spec.stages.items():
        one = nw.when(nw.col(str(spec.status)) == value).then(nw.lit(place)).otherwise(one)
        other = nw.when(nw.col(f"{prefix}{spec.status}") == value).then(nw.lit(place)).otherwise(other)
    return one != other


def _facts(frame: nw.LazyFrame[Any], spec: Spec, groups: list[Group], compared: list[int],
           as_of: date | None) -> nw.LazyFrame[Any]:  # fmt: skip
    """Return one row per key: chosen values, whose they are, how sure, and counts."""
    import narwhals as nw

    key = list(spec.key)
    own = {c: f"_is{n}_{c}" for n, group in enumerate(groups) for c in group.columns if c not in key}
    frame = frame.with_columns(**_per_row(spec, groups, compared), _inferred=_inferred(spec, groups))
    along = [c for c in spec.columns if not (c in key or c in own or spec.field(c).bookkeeping)]
    facts = frame.group_by(*key).agg(
        *(nw.col(name).max().alias(c) for c, name in own.items()),
        *(nw.col(c).max() for c in along),
        *(nw.col(f"_is0_{c}").max().alias(c) for c in ("voice", "claim_id") if c not in key),
        nw.col("_weakest").max(),
        nw.col("_is0__tier").max().alias("_reached"),
        nw.col("_given").min().alias("vintage"),
        nw.col("_public").min().alias("_stated"),
        nw.col("_left").max().alias("superseded"),
        nw.col("_otherwise").max().alias("revised"),
        nw.col("_against").max().alias("disputed"),
        nw.col("_inferred").max().alias("inferred"),
        nw.col("known_from").min().alias("first_claimed"),
        nw.col("known_from").max().alias("last_stated"),
        nw.len().alias("claim_count"),
        nw.col("_origin").n_unique().alias("_origins"),
        nw.col("_unnamed").max(),
        nw.col("_named").max(),
    )
    facts = facts.with_columns(
        source_count=nw.col("_origins") - nw.col("_unnamed") * nw.col("_named"),
        tier=_word("tier", "_reached"),
        certainty=_word("certainty", "_weakest"),
        known_from=nw.coalesce(nw.col("_stated"), nw.col("first_claimed")),
        inferred=nw.when(nw.col("inferred") == "").then(nw.lit(None, dtype=nw.String)).otherwise(nw.col("inferred")),
        **{name: nw.col(name) == 1 for name in ("superseded", "revised", "disputed")},
    )
    facts = facts.with_columns(stale=_stale(spec, as_of))
    return facts.select(*spec.columns).sort(*key)


def _per_row(spec: Spec, groups: list[Group], compared: list[int]) -> dict[str, nw.Expr]:
    """Return what each claim contributes to the columns about the fact."""
    import narwhals as nw

    by = "_is0_"
    states_it = states(groups[0], by) if spec.leading else nw.lit(True)
    same_voice = nw.col("voice") == nw.col(by + "voice")
    sure = [nw.col(f"_is{m}__certain") for m, g in enumerate(groups) if m == 0 or g.columns]
    unnamed = nw.col("attribution") == "unnamed"
    revises = [nw.col(f"_differs{m}") == "revision" for m in compared] or [nw.lit(False)]
    against = [nw.col(f"_differs{m}") == "disagreement" for m in compared] or [nw.lit(False)]
    return {
        "_weakest": nw.max_horizontal(*sure),
        "_given": nw.when(states_it & same_voice).then(nw.col("vintage")).otherwise(nw.col(by + "vintage")),
        "_public": nw.when(states_it).then(nw.col("known_from")),
        "_left": flag(day(by + "_heard") < nw.col(by + "_changed")),
        "_otherwise": flag(same_voice & nw.any_horizontal(*revises, ignore_nulls=True)),
        "_against": flag(nw.any_horizontal(*against, ignore_nulls=True)),
        "_origin": nw.when(unnamed).then(nw.lit("")).otherwise(nw.col("voice")),
        "_unnamed": flag(unnamed),
        "_named": flag(~unnamed),
    }


def _inferred(spec: Spec, groups: list[Group]) -> nw.Expr:
    """Return the columns that were worked out in the claims which supply them, as one text."""
    import narwhals as nw

    home = dict.fromkeys(spec.key, 0) | {c: n for n, group in enumerate(groups) for c in group.columns}
    parts = []
    for column in (c for c in spec.columns if c in home):
        given = nw.concat_str([nw.lit(" "), nw.col(f"_is{home[column]}_inferred").fill_null(""), nw.lit(" ")])
        worked = given.str.contains(f" {column} ", literal=True)
        parts.append(nw.when(worked).then(nw.lit(f"{column} ")).otherwise(nw.lit("")))
    return nw.concat_str(parts).str.strip_chars()


def _word(name: str, column: str) -> nw.Expr:
    """Return the value of RANKS that a rank stands for."""
    import narwhals as nw

    expr: nw.Expr = nw.lit(RANKS[name][-1])
    for number, value in reversed(list(enumerate(RANKS[name]))):
        expr = nw.when(nw.col(column) == number).then(nw.lit(value)).otherwise(expr)
    return expr


def _stale(spec: Spec, as_of: date | None) -> nw.Expr:
    """Return whether something open is past its target, or was not heard of for QUIET years."""
    import narwhals as nw

    if as_of is None or not spec.stages or TARGET not in spec.columns:
        return nw.lit(False)
    last = max(spec.stages.values())
    open_ = nw.col(str(spec.status)).is_in([value for value, place in spec.stages.items() if place < last])
    over = (stretch(nw.col(TARGET).fill_null("9999"))[1] < as_of.isoformat()).fill_null(False)
    silent = day("last_stated") < (as_of.year - QUIET) * 10000 + as_of.month * 100 + as_of.day
    return open_.fill_null(False) & (over | silent)


def _pairs(frame: nw.LazyFrame[Any], group: Group, number: int, spec: Spec) -> nw.LazyFrame[Any]:
    """Return the contradicting claims of one group of columns, with the chosen values beside theirs."""
    import narwhals as nw

    prefix = f"_is{number}_"
    return frame.filter(nw.col(f"_differs{number}") != "").select(
        *dict.fromkeys([*spec.key, "claim_id"]),
        nw.col(f"{prefix}claim_id").alias("chosen_claim_id"),
        nw.col(f"_differs{number}").alias("kind"),
        nw.col("_order").alias("other_order"),
        nw.col(f"{prefix}_order").alias("chosen_order"),
        *(nw.col(c).alias(f"other_{c}") for c in group.columns),
        *(nw.col(prefix + c).alias(f"chosen_{c}") for c in group.columns),
    )
