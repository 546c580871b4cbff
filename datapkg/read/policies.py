"""Which claims a row is chosen from: by a policy, by a voice, as of a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from datapkg.facts import POLICIES, as_of, chosen
from datapkg.model import PREFIX, NotFound, Spec, UsageError, expected
from datapkg.read.store import Store

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc

ALL = "all"


def check_policy(store: Store, table: str, policy: str) -> None:
    """Refuse a policy that does not exist, or that has nothing to choose from."""
    expected("policy", policy, str, "the name of a policy, such as preferred")
    if policy not in (*POLICIES, ALL):
        known = (*POLICIES, ALL)
        raise NotFound.of("policy", policy, known, "datapkg", f"Policies are {', '.join(known)}")
    if policy != "preferred" and PREFIX + table not in store.resources:
        raise UsageError(
            f"table '{table}' has one row per key and no claims to choose from; "
            f"policy '{policy}' works with {', '.join(store.facts())}"
        )


def consolidated(store: Store, spec: Spec, policy: str, said: pc.Expression | None, day: date | None) -> pa.Table:
    """Return the facts that a policy chooses from the observations for which a condition holds, as of a day."""
    if spec.stages:
        last = as_of(store.read("sources", ["published", "retrieved"]).to_pylist())
        day = min(filter(None, (day, last)), default=None)
    return chosen(store.read(PREFIX + spec.name, where=said), spec, policy, day)
