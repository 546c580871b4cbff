"""The policy, as a list: which of several claims about one key comes first, and by which rule another lost.

`preferred`, in this order:

1. preferred     a curator's written preference
2. lead          the voice that the registry of markets lets lead, so that a series does not change its counter
3. timely        of what is foretold the last word: that of the voice, of plans that of anybody (see `Spec.timely`)
4. attribution   the best that the voice reaches for this block, on any page: own before named before unnamed
5. voice_tier    the best tier that the voice reaches for this block of figures, on any page
6. certainty     asserted before reported before speculated
7. newest        the newest vintage of the voice, whatever page carries it; what others repeat within a month of a page
                 of its own is no newer
   (among claims that stand equal up to 6 and state the same value, the most digits; see `agreement.precision`)
8. tier          that of the page
9. exact         a value before a hedge or a range
10. recent       later publication, where the two intervals of dates do not overlap: an uncertain day is no order
11. claim_id

`latest` puts the vintage first. A status goes by time before all of it: the later stage wins. Written in terms with
windows only, so that plain Python, DuckDB, pandas, pyarrow, polars and PySpark give the same order.

Source  docs/design.md, "From claims to facts"
"""

from __future__ import annotations

from datapkg.facts.agreement import differs, digits, exact, held, interval, states
from datapkg.facts.terms import Frame, Term, col, concat, every, lit, when
from datapkg.model import Spec

POLICY = 3
"""Of the policy; a release records it, since its facts can be made again by the same one only."""
POLICIES = {
    "preferred": tuple(
        "preferred lead timely attribution voice_tier certainty newest tier exact recent claim_id".split()
    ),
    "latest": tuple("recent newest lead attribution voice_tier certainty tier exact claim_id".split()),
}
RANKS = {
    "attribution": ("own", "named", "unnamed"),
    "tier": ("primary", "secondary", "weak"),
    "certainty": ("asserted", "reported", "speculated"),
}
EQUAL = {"preferred": 6, "latest": 2}
"""How many of a policy's criteria claims must share for the more precise one to be taken; each takes two characters."""
WORDS = {
    "preferred": "a curator prefers it; see preferences",
    "lead": "{chosen[voice]} leads this market",
    "timely": "of what is foretold the last word is used, and this was said later",
    "attribution": "attribution: {chosen[voice]} stands nearer to this than {other[voice]}",
    "voice_tier": "{chosen[voice]} speaks of this in better sources than {other[voice]}",
    "certainty": "certainty: {chosen[certainty]} comes before {other[certainty]}",
    "newest": "{other[voice]} has given a newer vintage than that of {other[vintage]}",
    "tier": "tier: {chosen[tier]} comes before {other[tier]}",
    "exact": "a value comes before a hedge or a range",
    "recent": "published later: by {chosen[known_from]}, the other by {other[known_from]}",
    "claim_id": "same standing; the first claim id is used",
}
"""Why one claim comes before another, by the first criterion in which they differ."""


def standing(frame: Frame, spec: Spec) -> Frame:
    """Return observations with what depends on the others of their voice, key and block.

    Shape   one row per observation; added: _tier and _attribution, the ranks of the best that the voice reaches for
            the block; _newest and _recent, whether it is of the newest vintage of its voice, and of the latest
            publication, about the key; _timely, whether nothing newer was foretold; _heard, the last vintage of its
            voice about the key; _revised, whether its voice said otherwise before, about the key; _changed, the day on
            which its voice last revised the block. What a voice says on a page of its own is as new, and what is
            foretold as timely, as what others say that it says within a month: they repeat it.
    """
    key, block = list(spec.key), list(spec.block)
    frame = complete(frame)
    for group in spec.groups:
        frame = frame.with_columns(**digits(group)) if interval(group) else frame
    frame = frame.with_columns(
        _tier=rank("tier").min().over(*block, "voice"),
        _attribution=rank("attribution").min().over(*block, "voice"),
        _start=col("vintage_from").max().over(*key, "voice"),
        _heard=col("vintage").max().over(*key, "voice"),
        _last=col("vintage_from").max().over(*key),
    )
    frame = frame.with_columns(
        _newest=(col("vintage") >= col("_start")) | ((col("attribution") == "own") & _repeated()),
        _recent=col("vintage") >= col("_last"),
        _timely=_timely(spec),
        _exact=exact(spec.leading) if spec.leading and interval(spec.leading) else lit(True),
    )
    return _revisions(frame, spec, key, block)


def _timely(spec: Spec) -> Term:
    """Return whether a claim is the last word about what it foretells; all others are."""
    if spec.timely is None:
        return lit(True)
    return ~col("forecast") | _repeated("_start" if spec.timely == "voice" else "_last")


def _repeated(last: str = "_start") -> Term:
    """Return whether what came after a claim, if anything did, is of the month in which others repeat it."""
    return month("vintage") + lit(1) >= month(last)


def _revisions(frame: Frame, spec: Spec, key: list[str], block: list[str]) -> Frame:
    """Add _revised and _changed: a voice revises what an older claim of its own contradicts."""
    group = spec.leading
    if group is None:
        return frame.with_columns(_revised=lit(False), _changed=lit(0))
    said = ~every(*(col(c).is_null() for c in group.columns))
    now = when(col("_newest") & said, order("preferred"))
    frame = frame.with_columns(_now=now.min().over(*key, "voice"))
    head = order("preferred") == col("_now")
    frame = frame.with_columns(*(when(head, col(c)).max().over(*key, "voice").alias(f"_now_{c}") for c in held(group)))
    old = ~col("_newest") & differs(group, "_now_")
    frame = frame.with_columns(_revised=flag(old).max().over(*key, "voice") == 1)
    since = when(states(group, "_now_"), day("vintage")).min().over(*key, "voice")
    changed = when(col("_revised"), since).otherwise(lit(0))
    return frame.with_columns(_changed=changed).with_columns(_changed=col("_changed").max().over(*block, "voice"))


def complete(frame: Frame) -> Frame:
    """Return observations with the columns that those of releases before 0.4.0 lack."""
    have = set(frame.names())
    named = when(~col("said_by").is_null(), lit("named"))
    own = when(col("tier") == "primary", lit("own")).otherwise(lit("unnamed"))
    missing = {
        "attribution": named.otherwise(own),
        "lead": lit(False),
        "vintage": col("known_from"),
        "vintage_from": col("known_from"),
        "decimals": lit(None, "Int64"),
        "inferred": lit(None, "String"),
    }
    lacking = {name: made for name, made in missing.items() if name not in have}
    return frame.with_columns(**lacking) if lacking else frame


def order(policy: str) -> Term:
    """Return a text that sorts the claims about a key, first the one to be used; claim ids make it unique."""
    part = {
        **{name: _first(col(name)) for name in ("preferred", "lead")},
        **{name: _first(col(f"_{name}")) for name in ("timely", "newest", "exact", "recent")},
        **{name: rank(name).cast("String") for name in ("tier", "certainty")},
        "attribution": col("_attribution").cast("String"),
        "voice_tier": col("_tier").cast("String"),
        "claim_id": col("claim_id"),
    }
    return concat(*(part[name] for name in POLICIES[policy]), separator=" ")


def rank(name: str) -> Term:
    """Return the place of a value in the order of RANKS, the last for one that is not in it."""
    expr: Term = lit(len(RANKS[name]))
    for number, value in reversed(list(enumerate(RANKS[name]))):
        expr = when(col(name) == value, lit(number)).otherwise(expr)
    return expr


def word(name: str, column: str) -> Term:
    """Return the value of RANKS that a rank stands for."""
    expr: Term = lit(RANKS[name][-1])
    for number, value in reversed(list(enumerate(RANKS[name]))):
        expr = when(col(column) == number, lit(value)).otherwise(expr)
    return expr


def stage(spec: Spec) -> Term:
    """Return a text that sorts statuses, first the latest stage."""
    expr: Term = lit("99")
    for value, place in spec.stages.items():
        expr = when(col(str(spec.status)) == value, lit(f"{98 - place}")).otherwise(expr)
    return expr


def day(name: str) -> Term:
    """Return a date as a number that sorts as days do."""
    date = col(name)
    year, month = date.dt_year().cast("Int64"), date.dt_month().cast("Int64")
    return year * 10000 + month * 100 + date.dt_day().cast("Int64")


def month(name: str) -> Term:
    """Return the month of a date as a number, one more for each month that goes by."""
    return col(name).dt_year().cast("Int64") * 12 + col(name).dt_month().cast("Int64")


def flag(condition: Term) -> Term:
    """Return 1 where a condition holds, else 0: engines agree on the largest of numbers, not of truths."""
    return when(condition, lit(1)).otherwise(lit(0))


def _first(condition: Term) -> Term:
    return when(condition, lit("0")).otherwise(lit("1"))


def lost(chosen: str, other: str, policy: str = "preferred") -> str:
    """Return the criterion by which a claim comes after the chosen one, given both orders."""
    pairs = zip(POLICIES[policy], chosen.split(" "), other.split(" "), strict=True)
    return next((name for name, one, two in pairs if one != two), "claim_id")
