"""Rules about events, offices and companies: one event has one id, one seat one holder, a company its own time."""

from __future__ import annotations

from collections.abc import Mapping

from datapkg.check.rule import keyed, observed, row_key, rule
from datapkg.model import PREFIX, Spec, sql

SEATS = ("chief executive officer", "chairman", "chief financial officer", "chief operating officer",
         "chief technology officer", "head")  # fmt: skip
"""Titles that one person at a time bears in a company, or in a division of it; of presidents Korean companies have many."""
HANDOVER = 92
"""Days for which two may be known in one seat: sources are dated to the month, and offices change hands."""

STEPS = ("announced", "ground_broken", "built", "tools_in", "first_wafer", "production", "full_capacity")
"""What a plant goes through, in this order."""


@rule
def seat_overlap(specs: Mapping[str, Spec]) -> str:
    """A seat has one holder at a time; what a source tells without dates holds on the day by which it was published."""
    seats = ", ".join(f"'{title}'" for title in SEATS)
    return f"""
    WITH held AS (
        SELECT company_id, title, unit, person_id, max(claim_id) AS claim_id,
            min(coalesce(edtf_end(valid_from), least(known_from, edtf_start(valid_to)))) AS first,
            coalesce(max(edtf_start(valid_to)), max(greatest(known_from, edtf_end(valid_from)))) AS last
        FROM observations.positions WHERE title IN ({seats}) AND NOT (title = 'head' AND unit = 'whole')
        GROUP BY company_id, title, unit, person_id)
    SELECT 'positions', {keyed(("person_id", "company_id", "title", "unit"), "b.")}, b.claim_id, 'person_id',
        format('{{}} is known as {{}} of {{}} ({{}}) from {{}} to {{}}, and {{}} from {{}} to {{}}', b.person_id, b.title,
            b.company_id, b.unit, b.first, b.last, a.person_id, a.first, a.last)
    FROM held a JOIN held b USING (company_id, title, unit)
    WHERE a.person_id < b.person_id AND least(a.last, b.last) - greatest(a.first, b.first) > {HANDOVER}"""


@rule
def duplicate_event(specs: Mapping[str, Spec]) -> str:
    """One event has one id, or its claims do not meet: the same parties, the same kind and the same day are one event."""
    parties = {
        "meetings": ("meeting_id", "meeting_people", "person_id", "kind, date"),
        "deals": ("deal_id", "deal_parties", "company_id", "kind, date"),
    }
    found = [
        f"""SELECT '{table}', concat('{key}=', max({key})), max(claim_id), '{key}',
        format('{{}} have the same kind, day and parties ({{}}); give them one id',
            string_agg({key}, ' and ' ORDER BY {key}), who)
    FROM (SELECT e.{key}, max(e.claim_id) AS claim_id, {same}, count(*) AS many,
            string_agg({party}, ', ' ORDER BY {party}) AS who
        FROM {table} e JOIN {members} USING ({key}) WHERE len(date) = 10 GROUP BY e.{key}, {same})
    WHERE many > 1 GROUP BY {same}, who HAVING count(*) > 1"""
        for table, (key, members, party, same) in parties.items() if table in specs and members in specs
    ]  # fmt: skip
    if "plans" in specs:
        same = "company_id, kind, counterpart_id, target_period, amount, currency, country"
        found.append(f"""SELECT 'plans', concat('plan_id=', max(plan_id)), max(claim_id), 'plan_id',
        format('{{}} are of one company and have the same kind, time and amount; give them one id',
            string_agg(plan_id, ' and ' ORDER BY plan_id))
    FROM plans WHERE target_period IS NOT NULL AND amount IS NOT NULL GROUP BY {same} HAVING count(*) > 1""")
    return " UNION ALL ".join(found)


@rule
def company_succession(specs: Mapping[str, Spec]) -> str:
    """A company that was absorbed or renamed has no figures of a later time, and one that has a successor has an end."""
    later = " UNION ALL ".join(
        f"""SELECT '{name.removeprefix(PREFIX)}' AS tbl, {row_key(specs[name], "o.")} AS key, o.claim_id, 'company_id' AS col,
        format('{{}} was dissolved in {{}}, and this is of {{}}; name the company that carries on: {{}}', o.company_id,
            c.dissolved, o.period, coalesce(c.successor_id, 'unknown')) AS told
    FROM {sql.table(name)} o JOIN companies c USING (company_id) WHERE o.period_start > edtf_end(c.dissolved)"""
        for name in observed(specs, "company_id", "period_start")
    )
    own = """SELECT 'companies' AS tbl, concat('company_id=', company_id) AS key, NULL AS claim_id, 'dissolved' AS col,
        format('founded {}, dissolved {}, successor {}; an end comes after the beginning, and a successor after an end',
            coalesce(founded, '?'), coalesce(dissolved, '?'), coalesce(successor_id, '?')) AS told
    FROM companies WHERE edtf_end(dissolved) < edtf_start(founded) OR successor_id = company_id
        OR successor_id IS NOT NULL AND dissolved IS NULL"""
    return f"{own} UNION ALL {later}" if later else own


@rule
def milestone_order(specs: Mapping[str, Spec]) -> str:
    """A plant is announced before it is begun, begun before it stands, and equipped before it makes anything."""
    steps = ", ".join(f"('{milestone}', {step})" for step, milestone in enumerate(STEPS))
    return f"""
    WITH reached AS (SELECT * FROM facility_milestones JOIN (VALUES {steps}) AS steps (milestone, step) USING (milestone)
        WHERE NOT forecast)
    SELECT 'facility_milestones', {keyed(("facility_id", "milestone", "forecast"), "late.")}, late.claim_id, 'milestone_period',
        format('{{}} is {{}} in {{}}, and {{}} in {{}} already', late.facility_id, late.milestone, late.milestone_period,
            early.milestone, early.milestone_period)
    FROM reached late JOIN reached early USING (facility_id)
    WHERE late.step < early.step AND edtf_end(early.milestone_period) < edtf_start(late.milestone_period)"""
