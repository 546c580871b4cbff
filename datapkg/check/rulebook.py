"""The rules across tables and sources: each a small function whose docstring says why, and whose SQL finds what breaks it.

Rules about figures are in `figures` and `amounts`, those about events, offices and companies in `events`,
those about what contradicts itself in `contradictions`, those about plans in `plans`, and those about identifiers
in `identifiers`.
"""

from __future__ import annotations

from collections.abc import Mapping

from datapkg.check import amounts, contradictions, events, figures, identifiers, plans
from datapkg.check.rule import RULES, observed, row_key, rule, table_rule
from datapkg.model import PREFIX, Spec, sql

__all__ = ["RULES", "amounts", "contradictions", "events", "figures", "identifiers", "plans"]


@rule
def fabless_owns_no_foundry(specs: Mapping[str, Spec]) -> str:
    """A fabless company has its chips made by others, so it is no foundry at the same time; an IDM may be one."""
    return """
    SELECT 'company_roles', concat('company_id=', f.company_id, ';role=foundry'), f.claim_id, 'role',
        format('{} is called a foundry here and fabless in {}; at one time it is one or the other', f.company_id, l.claim_id)
    FROM observations.company_roles f JOIN observations.company_roles l USING (company_id)
    WHERE f.role = 'foundry' AND l.role = 'fabless'
        AND coalesce(edtf_start(f.valid_from) <= edtf_end(l.valid_to), true)
        AND coalesce(edtf_start(l.valid_from) <= edtf_end(f.valid_to), true)"""


@rule
def industry_hours(specs: Mapping[str, Spec]) -> str:
    """The hours spent with the industry are part of the visit."""
    return """
    SELECT 'visits', concat('visit_id=', visit_id), claim_id, 'industry_hours',
        format('{} hours with the industry in a visit of {} hours', industry_hours, hours)
    FROM visits WHERE industry_hours > hours"""


@rule
def visit_order(specs: Mapping[str, Spec]) -> str:
    """A visit does not end before it begins."""
    return """
    SELECT 'visits', concat('visit_id=', visit_id), claim_id, 'end_date', format('ends {} and begins {}', end_date, start_date)
    FROM visits WHERE edtf_end(end_date) < edtf_start(start_date)"""


@rule
def meeting_within_visit(specs: Mapping[str, Spec]) -> str:
    """A meeting of a visit takes place during it and in its country."""
    return """
    SELECT 'meetings', concat('meeting_id=', meeting_id), m.claim_id, 'date',
        format('on {} in {}, and the visit {} is from {} to {} in {}', coalesce(date, '?'), coalesce(m.country, '?'),
            v.visit_id, coalesce(start_date, '?'), coalesce(end_date, '?'), v.country)
    FROM meetings m JOIN visits v USING (visit_id)
    WHERE edtf_end(date) < edtf_start(start_date) OR edtf_start(date) > edtf_end(end_date) OR m.country <> v.country"""


@rule
def meeting_sequence(specs: Mapping[str, Spec]) -> str:
    """Two meetings of a visit do not have the same place in its order."""
    return """
    SELECT 'meetings', concat('visit_id=', visit_id, ';sequence=', sequence), min(claim_id), 'sequence',
        format('{} have the same place {} in the order', string_agg(meeting_id, ' and ' ORDER BY meeting_id), sequence)
    FROM meetings WHERE visit_id IS NOT NULL AND sequence IS NOT NULL GROUP BY visit_id, sequence HAVING count(*) > 1"""


@rule
def meeting_sides(specs: Mapping[str, Spec]) -> str:
    """A meeting that was held has at least one company on each side."""
    return """
    SELECT 'meetings', concat('meeting_id=', meeting_id), m.claim_id, 'meeting_id',
        format('the meeting was held and has {} of at least two companies: {}', count(c.company_id),
            coalesce(string_agg(c.company_id, ', ' ORDER BY c.company_id), 'none'))
    FROM meetings m LEFT JOIN meeting_companies c USING (meeting_id) WHERE m.status = 'held'
    GROUP BY meeting_id, m.claim_id HAVING count(c.company_id) < 2"""


@rule
def position_covers_meeting(specs: Mapping[str, Spec]) -> str:
    """Whoever meets for a company holds an office there on that day, or nothing is known of the time of the office."""
    return """
    SELECT 'meeting_people', concat('meeting_id=', meeting_id, ';person_id=', p.person_id), p.claim_id, 'company_id',
        format('{} met for {} on {}, and every known position there is of another time', p.person_id, p.company_id, date)
    FROM meeting_people p JOIN meetings m USING (meeting_id)
    JOIN positions o ON o.person_id = p.person_id AND o.company_id = p.company_id
    WHERE date IS NOT NULL GROUP BY ALL HAVING NOT bool_or(
        coalesce(edtf_start(valid_from) <= edtf_end(date), true) AND coalesce(edtf_end(valid_to) >= edtf_start(date), true))"""


@rule
def company_country(specs: Mapping[str, Spec]) -> str:
    """What a source says about a company's country agrees with the registry, or a correction says why it is wrong."""
    return """
    SELECT 'company_countries', concat('company_id=', company_id), o.claim_id, 'country',
        format('the source places {} in {}, the registry in {}; correct the registry or add an entry to corrections.yaml',
            company_id, o.country, c.country)
    FROM observations.company_countries o JOIN companies c USING (company_id) WHERE o.country <> c.country"""


@table_rule
def validity_order(specs: Mapping[str, Spec]) -> str:
    """Nothing ends before it begins."""
    return " UNION ALL ".join(
        f"""SELECT '{name.removeprefix(PREFIX)}', {row_key(specs[name])}, claim_id, 'valid_to',
        format('valid from {{}} to {{}}', valid_from, valid_to)
    FROM {sql.table(name)} WHERE edtf_end(valid_to) < edtf_start(valid_from)"""
        for name in observed(specs) if "valid_from" in specs[name].columns
    )  # fmt: skip


@table_rule
def bounds_order(specs: Mapping[str, Spec]) -> str:
    """A lower bound is not above its upper bound."""
    pairs = (("share_low_pct", "share_high_pct"), ("low", "high"), ("amount_low", "amount_high"),
             ("change_low_pct", "change_high_pct"), ("days_low", "days_high"))  # fmt: skip
    return " UNION ALL ".join(
        f"""SELECT '{name.removeprefix(PREFIX)}', {row_key(specs[name])}, claim_id, '{low}',
        format('the lower bound {{:.10g}} is above the upper bound {{:.10g}}', {low}, {high}) FROM {sql.table(name)} WHERE {low} > {high}"""
        for name in observed(specs) for low, high in pairs if low in specs[name].columns
    )  # fmt: skip


@table_rule
def period_dates(specs: Mapping[str, Spec]) -> str:
    """period_start and period_end are the ends of the period."""
    return " UNION ALL ".join(
        f"""SELECT '{name}', {row_key(spec)}, claim_id, 'period_start',
        format('period {{}} beside {{}} to {{}}', period, period_start, period_end)
    FROM {sql.table(name)} WHERE period_start <> edtf_start(period) OR period_end <> edtf_end(period)"""
        for name, spec in specs.items() if "period_start" in spec.columns
    )  # fmt: skip


@rule
def claim_without_row(specs: Mapping[str, Spec]) -> str:
    """Nothing is dropped in silence: every claim feeds at least one row."""
    used = (
        " UNION ".join(f"SELECT claim_id FROM {sql.table(name)}" for name in observed(specs))
        or "SELECT NULL WHERE false"
    )
    return f"""
    SELECT 'claims', concat('claim_id=', claim_id), claim_id, 'claim_id', 'the claim feeds no row of any table'
    FROM claims WHERE claim_id NOT IN ({used})"""


@table_rule
def row_without_claim(specs: Mapping[str, Spec]) -> str:
    """Every row of a fact table is what a claim about its key says."""
    facts = [name for name, spec in specs.items() if spec.role == "fact"]
    return " UNION ALL ".join(
        f"""SELECT '{name}', {row_key(specs[name], "f.")}, f.claim_id, 'claim_id', 'the row has no observation of its claim'
    FROM {sql.table(name)} f ANTI JOIN {sql.table(PREFIX + name)} o ON f.claim_id = o.claim_id
        AND {" AND ".join(f'f."{k}" = o."{k}"' for k in specs[name].key)}"""
        for name in facts
    )


@rule
def anchor_inside(specs: Mapping[str, Spec]) -> str:
    """Every anchor lies within the text of its source."""
    return """
    SELECT 'claims', concat('claim_id=', claim_id), claim_id, 'char_end',
        format('the anchor {} to {} does not lie within {} code points', char_start, char_end, coalesce(text_chars, 0))
    FROM claims JOIN sources USING (source_id)
    WHERE char_start IS NOT NULL AND NOT (char_start < char_end AND char_end <= coalesce(text_chars, 0))"""


@rule
def disputed_has_conflict(specs: Mapping[str, Spec]) -> str:
    """A fact is disputed exactly if conflicts holds a disagreement about it."""
    facts = " UNION ALL ".join(
        f"SELECT '{name}' AS name, {row_key(spec)} AS key, claim_id, disputed FROM {sql.table(name)}"
        for name, spec in specs.items() if spec.role == "fact"
    )  # fmt: skip
    return (
        facts
        and f"""
    WITH facts AS ({facts}),
    against AS (SELECT "table" AS name, key, count(*) AS many FROM conflicts WHERE kind = 'disagreement' GROUP BY ALL)
    SELECT name, key, claim_id, 'disputed',
        format('disputed is {{}}, and conflicts has {{}} disagreement(s) about it', disputed, coalesce(many, 0))
    FROM facts LEFT JOIN against USING (name, key) WHERE disputed <> (coalesce(many, 0) > 0)"""
    )


@rule
def name_exists(specs: Mapping[str, Spec]) -> str:
    """Whatever a statement is about, an alias stands for, or a source names as speaker is in a registry."""
    registries = {name: spec.key[0] for name, spec in specs.items() if spec.role == "registry" and len(spec.key) == 1}
    known = (
        " UNION ALL ".join(
            f"SELECT '{name}/' || {sql.identifier(key)} AS id FROM {sql.table(name)}"
            for name, key in registries.items()
        )
        or "SELECT '' AS id"
    )
    return f"""
    WITH known AS ({known}), used AS (
        SELECT 'statements' AS tbl, concat('claim_id=', claim_id) AS key, claim_id, 'about' AS col, about AS id FROM statements
        UNION ALL SELECT 'aliases', concat('alias=', alias), NULL, 'entity_id', entity_type || '/' || entity_id FROM aliases
        UNION ALL SELECT 'claims', concat('claim_id=', claim_id), claim_id, 'said_by', 'companies/' || said_by FROM claims
        WHERE said_by NOT IN (SELECT person_id FROM people))
    SELECT tbl, key, claim_id, col, format('{{}} is in no registry', id) FROM used WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM known)"""
