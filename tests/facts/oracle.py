"""The policy worked out row by row in plain Python, from the words of the design and without the code under test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from datapkg.facts import key_text
from datapkg.model.specs import Group, Spec
from datapkg.model.values import period

Row = dict[str, Any]
RANKS = {
    "attribution": ["own", "named", "unnamed"],
    "tier": ["primary", "secondary", "weak"],
    "certainty": ["asserted", "reported", "speculated"],
}


def oracle(rows: Iterable[Row], spec: Spec, policy: str) -> tuple[list[Row], list[list[Row]]]:
    """Return facts, and contradictions for each compared group."""
    claims = [dict(row) for row in rows]
    for block in _alike(claims, (*spec.block, "voice")):
        for row in block:
            row["voice_tier"] = min(RANKS["tier"].index(r["tier"]) for r in block)
            row["nearness"] = min(RANKS["attribution"].index(r["attribution"]) for r in block)
    for key in _alike(claims, spec.key):
        _stand(key, spec)
    for mine in _alike(claims, (*spec.key, "voice")):
        _revise(mine, spec)
    for block in _alike(claims, (*spec.block, "voice")):
        for row in block:
            row["changed"] = max((r["since"] for r in block if r["since"]), default=None)
    keys = {tuple(row[k] for k in spec.key): sorted(found, key=lambda r: _order(r, policy))
            for found in _alike(claims, spec.key) for row in found[:1]}  # fmt: skip
    groups = _groups(spec)
    pairs: dict[tuple[str, ...], list[Row]] = {g.columns: [] for g in groups if g.compare != "none"}
    facts = [_fact(found, groups, spec, policy, pairs) for _, found in sorted(keys.items())]
    return facts, [sorted(p, key=lambda r: (key_text(r, spec.key), r["claim_id"])) for p in pairs.values()]


def _groups(spec: Spec) -> list[Group]:
    """Return the groups, first the one whose value the fact stands for."""
    first = spec.leading or (spec.groups or (Group((), "none"),))[0]
    return [first, *(g for g in spec.groups if g != first)]


def _same(a: Row, b: Row, columns: Iterable[str]) -> bool:
    return all(a[c] == b[c] for c in columns)


def _alike(claims: list[Row], columns: Iterable[str]) -> list[list[Row]]:
    """Return the claims by what they have in common."""
    names, found = list(columns), defaultdict(list)
    for row in claims:
        found[tuple(row[c] for c in names)].append(row)
    return list(found.values())


def _stand(key: list[Row], spec: Spec) -> None:
    """Add where each claim about a key stands beside the others, and beside those of its voice."""
    lead = spec.leading
    for row in key:
        mine = [r for r in key if r["voice"] == row["voice"]]
        start = max(r["vintage_from"] for r in mine)
        repeated = row["attribution"] == "own" and _month(row["vintage"]) + 1 >= _month(start)
        row["newest"] = row["vintage"] >= start or repeated
        row["recent"] = row["vintage"] >= max(r["vintage_from"] for r in key)
        said = {"voice": mine, "all": key}.get(spec.timely or "", [])
        last = max((_month(r["vintage_from"]) for r in said), default=0)
        row["timely"] = not (spec.timely and row["forecast"]) or _month(row["vintage"]) + 1 >= last
        row["heard"] = max(r["vintage"] for r in mine)
        row["exact"] = not (lead and _interval(lead)) or _exact(row, lead)


def _month(day: date) -> int:
    return day.year * 12 + day.month


def _revise(mine: list[Row], spec: Spec) -> None:
    """Add since when a voice says what it says now about a key, if it had said otherwise before."""
    since = None
    now = [r for r in mine if spec.leading and r["newest"] and _says(r, spec.leading)]
    if spec.leading and now:
        head = min(now, key=lambda r: _order(r, "preferred"))
        if any(not r["newest"] and _differs(r, head, spec.leading) for r in mine):
            since = min((r["vintage"] for r in mine if states(r, head, spec.leading)), default=None)
    for row in mine:
        row["since"] = since


def _order(row: Row, policy: str) -> tuple[Any, ...]:
    part = {name: RANKS[name].index(row[name]) for name in RANKS} | {
        name: not row[name] for name in ("preferred", "lead", "timely", "newest", "exact", "recent")
    }
    part |= {"attribution": row["nearness"]} | {name: row[name] for name in ("voice_tier", "claim_id")}
    last = ("certainty", "tier", "exact", "claim_id")
    if policy == "latest":
        return tuple(part[n] for n in ("recent", "newest", "lead", "attribution", "voice_tier", *last))
    first = (
        "preferred",
        "lead",
        "timely",
        "attribution",
        "voice_tier",
        "certainty",
        "newest",
        "tier",
        "exact",
        "recent",
    )
    return tuple(part[n] for n in (*first, "claim_id"))


def _fact(claims: list[Row], groups: list[Group], spec: Spec, policy: str,
          pairs: dict[tuple[str, ...], list[Row]]) -> Row:  # fmt: skip
    """Return the fact about one key; `claims` in the order of the policy. What contradicts it goes to `pairs`."""
    found = {c: claims[0].get(c) for c in spec.columns} | {"revised": False, "disputed": False}
    used, worked = [], dict.fromkeys(spec.columns, "")
    for number, group in enumerate(groups):
        chosen = _chosen(claims, group, spec, policy) or (claims[0] if number == 0 else None)
        values = dict.fromkeys(group.columns) if chosen is None else {c: chosen[c] for c in group.columns}
        if chosen is not None:
            values |= _narrowed(chosen, claims, group)
            used += [chosen] if number == 0 or group.columns else []
        found |= values
        worked |= dict.fromkeys(group.columns if chosen else (), (chosen or {}).get("inferred") or "")
        if number == 0:
            lead = used[0]
            worked |= dict.fromkeys(spec.key, lead["inferred"] or "")
        if chosen is not None and group.columns in pairs:
            for other in (r for r in claims if r is not chosen and _differs(r, {**chosen, **values}, group)):
                kind = _kind(other, chosen, group, spec)
                found["revised"] |= kind == "revision" and other["voice"] == lead["voice"]
                found["disputed"] |= kind == "disagreement"
                pairs[group.columns].append(
                    {k: other[k] for k in (*spec.key, "claim_id")}
                    | {"chosen_claim_id": chosen["claim_id"], "kind": kind}
                    | {f"other_{c}": other[c] for c in group.columns}
                    | {f"chosen_{c}": values[c] for c in group.columns}
                )
    return found | _about(claims, lead, used, worked, found, spec)


def _about(claims: list[Row], lead: Row, used: list[Row], worked: dict[str, str], found: Row, spec: Spec) -> Row:
    """Return the columns about the fact."""
    value = {**lead, **{c: found[c] for c in (spec.leading.columns if spec.leading else ())}}
    agree = [r for r in claims if not spec.leading or states(r, value, spec.leading)]
    named = {r["voice"] for r in claims if r["attribution"] != "unnamed"}
    days = [r["known_from"] for r in claims]
    return {
        "voice": lead["voice"],
        "claim_id": lead["claim_id"],
        "tier": RANKS["tier"][lead["voice_tier"]],
        "certainty": max((r["certainty"] for r in used), key=RANKS["certainty"].index),
        "vintage": min(r["vintage"] for r in [lead, *agree] if r["voice"] == lead["voice"]),
        "superseded": bool(lead["changed"] and lead["heard"] < lead["changed"]),
        "inferred": " ".join(c for c in spec.columns if c in worked[c].split()) or None,
        "known_from": min([r["known_from"] for r in agree] or days),
        "first_claimed": min(days),
        "last_stated": max(days),
        "stale": False,
        "claim_count": len(claims),
        "source_count": len(named) or 1,
    }


def _says(row: Row, group: Group) -> bool:
    return any(row[c] is not None for c in group.columns)


def _chosen(claims: list[Row], group: Group, spec: Spec, policy: str) -> Row | None:
    """Return the first claim that says something, or the most precise of those that stand equal and state the same."""
    able = [r for r in claims if _says(r, group) or not group.columns]
    if not able:
        return None
    if spec.status in group.columns:  # the later stage first, but for a preference, or under `latest` the latest
        able.sort(key=lambda r: (_order(r, policy)[0], -spec.stages.get(r[spec.status], -1)))
    head, equal = able[0], 6 if policy == "preferred" else 2
    same = [r for r in able if _order(r, policy)[:equal] == _order(head, policy)[:equal]]
    if group.compare == "edtf":
        return max((r for r in same if not _differs(r, head, group)), key=lambda r: len(r[group.columns[0]]))
    if _interval(group):
        return min((r for r in same if states(r, head, group)), key=lambda r: _step(r, group))
    return head


def _narrowed(chosen: Row, claims: list[Row], group: Group) -> Row:
    """Return the bounds that hedges which agree with a hedged value leave of it."""
    if not _interval(group):
        return {}
    _, low, high, _ = group.compare["interval"]
    if chosen[low] is not None and chosen[high] is not None and chosen[low] >= chosen[high]:
        return {}
    sure = RANKS["certainty"].index(chosen["certainty"])
    hedges = [r for r in claims if not _exact(r, group) and _comparable(r, chosen, group)
              and not _differs(r, chosen, group) and RANKS["certainty"].index(r["certainty"]) <= sure]  # fmt: skip
    least = max((r[low] for r in hedges if r[low] is not None), default=chosen[low])
    most = min((r[high] for r in hedges if r[high] is not None), default=chosen[high])
    return {} if least is not None and most is not None and least > most else {low: least, high: most}


def _kind(row: Row, chosen: Row, group: Group, spec: Spec) -> str:
    status = spec.status
    if status and status in group.columns and spec.stages.get(row[status], -1) != spec.stages.get(chosen[status], -1):
        return "stage"
    if spec.timely == "all" and not row["timely"] and row["voice"] != chosen["voice"]:
        return "stage"
    other_time = row["vintage"] < chosen["vintage"] or row["vintage_from"] > chosen["vintage"]
    return "revision" if not row["newest"] or (row["voice"] == chosen["voice"] and other_time) else "disagreement"


def _interval(group: Group) -> bool:
    return isinstance(group.compare, dict) and "interval" in group.compare


def _exact(row: Row, group: Group) -> bool:
    value, _, _, qualifier = group.compare["interval"]
    return row[value] is not None and row[qualifier] in (None, "exact")


def _comparable(row: Row, chosen: Row, group: Group) -> bool:
    return all((row[c] or "") == (chosen[c] or "") for c in group.compare.get("same", ()))


def _differs(row: Row, chosen: Row, group: Group) -> bool:
    rule, first = group.compare, group.columns[0] if group.columns else ""
    if rule == "none":
        return False
    if _interval(group):
        columns = rule["interval"]
        (low, high), (chosen_low, chosen_high) = _ends(row, columns), _ends(chosen, columns)
        step = max(_step(row, group), _step(chosen, group))
        apart = any(_exceeds(a, b, rule, step) for a, b in ((low, chosen_high), (chosen_low, high)))
        return _comparable(row, chosen, group) and apart
    a, b = row[first], chosen[first]
    if a is None or b is None:
        return False
    if rule == "edtf":
        return not (period(a).start <= period(b).end and period(b).start <= period(a).end)
    return bool(a != b) if rule == "exact" else bool(abs(a - b) > rule["within"])


def states(row: Row, chosen: Row, group: Group) -> bool:
    """Return whether a claim states the value of another, whatever its hedge."""
    if not _interval(group):
        return row[group.columns[0]] is not None and not _differs(row, chosen, group)
    value, low, high, _ = group.compare["interval"]
    a, b = row[value], chosen[value]
    if (a is None) != (b is None) or not _comparable(row, chosen, group):
        return False
    if a is None:
        return _same(row, chosen, (low, high))
    step = max(_step(row, group), _step(chosen, group))
    return not _exceeds(max(a, b), min(a, b), group.compare, step)


def _exceeds(above: float, below: float, rule: dict[str, Any], step: float) -> bool:
    if above <= below or float("inf") in (above, -below, -above, below):
        return False
    allowed = [rule["within"]] if "within" in rule else []
    allowed += [max(abs(above), abs(below)) * rule["within_pct"] / 100] if "within_pct" in rule else []
    allowed += [step / 2 + 1e-6] if rule.get("rounding") else []
    return above - below > min(allowed)


def _step(row: Row, group: Group) -> float:
    """Return the last digit that a number gives, from thousandths on, and as it was written."""
    value, written = row[group.compare["interval"][0]], row["decimals"] or 0
    powers = [p for p in range(-3, 15) if value is not None and round(value, -p) == value and written <= max(-p, 0)]
    return 10.0 ** max(powers, default=-3)


def _ends(row: Row, columns: list[str]) -> tuple[float, float]:
    value, low, high, qualifier = (row[c] for c in columns)
    if qualifier == "about" and low is None and high is None and value is not None:
        low, high = value - abs(value) * 0.05, value + abs(value) * 0.05
    return (float("-inf") if low is None else low), (float("inf") if high is None else high)
