"""Rules about plans and what came of them: a link leads to something, and what the package knows is not left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from datapkg.check.rule import rule
from datapkg.model import Spec, sql

SAYS = r"regexp_matches(lower(p.object), concat('\b', regexp_escape(lower({})), '\b'))"
"""Whether the words of a plan p name something, as SQL."""
CAME = {
    "deals": f"""JOIN deal_parties a ON a.company_id = p.company_id
        JOIN deal_parties b ON b.company_id = p.counterpart_id AND b.deal_id = a.deal_id
        JOIN deals o ON o.deal_id = a.deal_id AND o.status IN ('signed', 'approved', 'final', 'closed')
            AND {SAYS.format("o.object")}""",
    "company_events": """JOIN company_events o ON
        o.kind IN ('acquired', 'merged') AND p.counterpart_id IS NOT NULL
            AND [p.company_id, p.counterpart_id].list_sort() = [o.company_id, o.counterpart_id].list_sort()
        OR o.kind = 'listed' AND o.company_id = p.company_id AND contains(p.object, 'listing')
        OR o.kind = 'spun_off' AND o.counterpart_id = p.company_id AND regexp_matches(p.object, 'split|spin-off')""",
    "product_events": f"""JOIN (SELECT product_id, name_en AS label FROM products
            UNION SELECT entity_id, alias FROM aliases WHERE entity_type = 'products') n
            ON {SAYS.format("label")}
        JOIN product_events o ON o.product_id = n.product_id AND o.company_id = p.company_id
            AND (p.kind, o.event) IN (('product', 'launched'), ('production', 'mass_production'))""",
    "positions": f"""JOIN people n ON p.kind = 'appointment' AND {SAYS.format("n.name_en")}
        JOIN positions o ON o.person_id = n.person_id AND o.company_id = p.company_id
            AND {SAYS.format("o.title")}""",
}
"""Where a plan p meets what came of it, o, by table."""
BESIDE = {"deals": ("deal_parties",), "product_events": ("products",), "positions": ("people",)}
"""Tables that are needed beside."""
DAY = {"positions": "valid_from"}
"""The column with the day of what came, where it is not `date`."""


@rule
def fulfilment_exists(specs: Mapping[str, Spec]) -> str:
    """What is said to have fulfilled a plan is a row of the package, named by its table and key."""
    if "plans" not in specs:
        return ""
    able = {name: spec for name, spec in specs.items() if spec.role == "fact" and not spec.figures}
    rows = " UNION ALL ".join(f"SELECT {_named(name, spec)} FROM {sql.table(name)}" for name, spec in able.items())
    return f"""
    SELECT 'plans', concat('plan_id=', plan_id), claim_id, 'fulfilled_by',
        format('{{}} is no row of the package; name its table and the values of its key, with / between', fulfilled_by)
    FROM plans WHERE fulfilled_by IS NOT NULL AND fulfilled_by NOT IN ({rows})"""


@rule
def plan_left_open(specs: Mapping[str, Spec]) -> str:
    """A plan whose time is over, and of whose outcome the package knows, says so: its status, and what fulfilled it."""
    return " UNION ALL ".join(_left_open(specs)) if "plans" in specs else ""


def _left_open(specs: Mapping[str, Spec]) -> Iterator[str]:
    """Yield the query for the plans left open beside the rows of each table of CAME that has rows."""
    for name, met in CAME.items():
        if {name, *BESIDE.get(name, ())} <= specs.keys():
            day = f"edtf_start(o.{DAY.get(name, 'date')})"
            row = _named(name, specs[name], "o.")
            yield f"""
    SELECT 'plans', concat('plan_id=', plan_id), max(p.claim_id), 'fulfilled_by',
        format('{{}} in {{}}, its time is over, and the package has {{}}; claim what became of the plan, status and '
            'fulfilled_by, from the page that tells of it', max(p.status), max(p.last_stated), min({row}))
    FROM plans p {met}
    WHERE p.stale AND p.fulfilled_by IS NULL AND coalesce({day}, o.known_from) > p.first_claimed GROUP BY plan_id"""


def _named(name: str, spec: Spec, prefix: str = "") -> str:
    """Return the SQL text that names a row by its table and key."""
    values = ", '/', ".join(prefix + sql.identifier(column) for column in spec.key)
    return f"concat('{name}/', {values})"
