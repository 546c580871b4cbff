"""Facts of blocks in which each key has one claim: what it says stands, and nothing can be revised or disputed.

The policy would make the same of them, at the price of a hundred windows; a test holds the two together.
"""

from __future__ import annotations

from datetime import date

from datapkg.facts.consolidate import stale
from datapkg.facts.policy import rank, word
from datapkg.facts.terms import Frame, Term, col, concat, either, lit, when
from datapkg.model import Spec


def alone(observations: Frame, spec: Spec, as_of: date | None) -> Frame:
    """Return the facts of observations that no other one is about the key of, `stale` as of a day."""
    frame = observations.with_columns(_tier=rank("tier").min().over(*spec.block, "voice"), _worked=_worked(spec))
    frame = frame.with_columns(
        tier=word("tier", "_tier"),
        inferred=when(col("_worked") != "", col("_worked")),
        first_claimed=col("known_from"),
        last_stated=col("known_from"),
        claim_count=lit(1),
        source_count=lit(1),
        **{name: lit(False) for name in ("superseded", "revised", "disputed")},
    )
    return frame.with_columns(stale=stale(spec, as_of)).select(*map(col, spec.columns))


def _worked(spec: Spec) -> Term:
    """Return the columns that were worked out, as one text; of a group in which a claim says nothing, none."""
    first = spec.leading or (*spec.groups, None)[0]
    says: dict[str, Term] = dict.fromkeys(spec.key, lit(True))
    for group in spec.groups:
        told = lit(True) if group == first else either(*(~col(c).is_null() for c in group.columns))
        says |= dict.fromkeys(group.columns, told)
    given = concat(lit(" "), col("inferred").fill_null(""), lit(" "))
    parts = [
        when(given.str_contains(f" {column} ", literal=True) & says[column], lit(f"{column} ")).otherwise(lit(""))
        for column in spec.columns
        if column in says
    ]
    return concat(*parts).str_strip_chars()
