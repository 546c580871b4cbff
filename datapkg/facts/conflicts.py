"""Contradictions between claims, written down for people: what was chosen, what was said otherwise, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from datapkg.facts.agreement import interval
from datapkg.facts.consolidate import Consolidated
from datapkg.facts.policy import WORDS, lost
from datapkg.model import Group, Spec

if TYPE_CHECKING:
    import pyarrow as pa

_SIGNS = {"exact": "", "about": "about ", "at_least": "at least ", "up_to": "up to ", "more_than": "more than ",
          "less_than": "less than "}  # fmt: skip
TOLD = ("claim_id", "voice", "vintage", "certainty", "tier", "known_from")
"""What is told of a claim beside its values."""


def key_text(row: Mapping[str, Any], key: Iterable[str]) -> str:
    """Return the key of a row as column=value pairs separated by a semicolon."""
    values = {column: row[column] for column in key}
    return ";".join(f"{c}={str(v).lower() if isinstance(v, bool) else v}" for c, v in values.items())


def conflict_rows(spec: Spec, result: Consolidated, observed: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of the conflicts table for one fact table, or whole blocks of it.

    Shape   one row per contradicted group of columns and other value of a voice, whoever repeats it; the group's first
            column names it
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    contradictions = [frame.rows() for frame in result.contradictions]
    claims = {pair[name] for pairs in contradictions for pair in pairs for name in ("claim_id", "chosen_claim_id")}
    told = observed.select(dict.fromkeys([*spec.key, *TOLD]))
    told = told.filter(pc.is_in(told.column("claim_id"), pa.array(claims, pa.string())))
    by_claim = {(row["claim_id"], *(row[c] for c in spec.key)): row for row in told.to_pylist()}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for group, pairs in zip(result.compared, contradictions, strict=True):
        for pair in sorted(pairs, key=lambda pair: pair["other_order"]):
            key = tuple(pair[c] for c in spec.key)
            chosen, other = by_claim[pair["chosen_claim_id"], *key], by_claim[pair["claim_id"], *key]
            row = _row(spec, group, pair, chosen, other)
            same = (row["key"], row["column"], row["kind"], row["other_voice"], row["other_value"])
            found.setdefault(same, row)["other_claims"] += 1
    return list(found.values())


def _row(spec: Spec, group: Group, pair: Mapping[str, Any], chosen: Mapping[str, Any],
         other: Mapping[str, Any]) -> dict[str, Any]:  # fmt: skip
    return {
        "table": spec.name,
        "key": key_text(pair, spec.key),
        "column": group.columns[0],
        "kind": pair["kind"],
        "chosen_claim_id": chosen["claim_id"],
        "chosen_voice": chosen["voice"],
        "chosen_value": value_text(pair, group, "chosen_"),
        "other_claim_id": other["claim_id"],
        "other_voice": other["voice"],
        "other_value": value_text(pair, group, "other_"),
        "other_claims": 0,
        "reason": reason(chosen, other, pair),
    }


def value_text(row: Mapping[str, Any], group: Group, prefix: str = "") -> str:
    """Return the values of a group of columns as one text, for example "up to 80" or "1500000000 USD"."""
    values = {c: row[prefix + c] for c in group.columns}
    if interval(group):
        value, low, high, qualifier = (values.pop(c) for c in group.compare["interval"])
        hedged = _SIGNS[qualifier or "exact"] + plain(value)
        shown = [f"{plain(low)} to {plain(high)}" if value is None else hedged]
    else:
        shown = []
    return " ".join(
        shown + [c if v is True else plain(v) for c, v in values.items() if v is not None and v is not False]
    )


def plain(value: Any) -> str:
    """Return a value as text; whole numbers without a decimal point, a missing one as a question mark."""
    if value is None:
        return "?"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def reason(chosen: Mapping[str, Any], other: Mapping[str, Any], pair: Mapping[str, Any]) -> str:
    """Return why the policy `preferred` puts one claim before another."""
    if pair["kind"] == "stage":
        return "the later stage is used"
    return WORDS[lost(pair["chosen_order"], pair["other_order"])].format(chosen=chosen, other=other)
