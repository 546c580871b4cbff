"""What became of each claim about a key: the columns that it supplies, those on which it differs, and why it lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datapkg.facts.agreement import interval
from datapkg.facts.consolidate import Consolidated, consolidate
from datapkg.facts.engine import cast, workable
from datapkg.facts.policy import WORDS, lost
from datapkg.model import Group, Spec

if TYPE_CHECKING:
    import pyarrow as pa


def placed(observed: pa.Table, spec: Spec, policy: str = "preferred") -> list[dict[str, Any]]:
    """Return the observations of whole blocks with their place in the order of a policy.

    Shape   one mapping per observation: its columns, _order, which sorts those of a key, used_for and disagrees_on,
            columns separated by spaces, differs_as, what kind of conflict each of the latter is, and lost_by, a
            sentence for a claim that is not the fact's own
    """
    return _placed(consolidate(workable(observed), spec, policy), spec, policy)


def judged(observed: pa.Table, spec: Spec, policy: str) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Return the facts of whole blocks, nothing of them stale, and their observations as `placed` does."""
    result = consolidate(workable(observed), spec, policy)
    facts = cast(result.facts.table(), spec)
    return facts, _placed(result, spec, policy)


def _placed(result: Consolidated, spec: Spec, policy: str) -> list[dict[str, Any]]:
    rows = result.claims.rows()
    chosen = {tuple(row[c] for c in spec.key): row for row in rows if row["_used0"]}
    for row in rows:
        used = [column for n, group in enumerate(result.groups) for column in _supplied(row, group, n)]
        apart = {group.columns[0]: kind for n, group in enumerate(result.groups) if (kind := row.get(f"_differs{n}"))}
        first = chosen[tuple(row[c] for c in spec.key)]
        row["used_for"] = " ".join(sorted(used, key=spec.columns.index))
        row["disagrees_on"], row["differs_as"] = " ".join(apart), " ".join(apart.values())
        row["lost_by"] = None if row is first else _why(row, first, spec, policy)
    return rows


def _supplied(row: dict[str, Any], group: Group, number: int) -> list[str]:
    """Return the columns of a group that a claim supplies: what is left of the chosen one, or the bounds it narrows."""
    narrows = interval(group) and row[f"_narrows{number}"] and not row[f"_differs{number}"]
    able = group.columns if row[f"_used{number}"] else group.compare["interval"][1:3] if narrows else ()
    return [column for column in able if row[column] is not None and row[column] == row[f"_is{number}_{column}"]]


def _why(row: dict[str, Any], first: dict[str, Any], spec: Spec, policy: str) -> str:
    """Return the rule by which a claim comes after the chosen one."""
    if spec.status and row[spec.status] != first[spec.status] and spec.stages.get(first[spec.status], -1) > \
            spec.stages.get(row[spec.status], -1):  # fmt: skip
        return "the later stage is used"
    return WORDS[lost(first["_order"], row["_order"], policy)].format(chosen=first, other=row)
