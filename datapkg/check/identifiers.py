"""Rules about what registers outside call the companies."""

from __future__ import annotations

from collections.abc import Mapping

from datapkg.check.rule import rule
from datapkg.model import Spec

COLUMNS = {"ticker": "ticker", "lei": "lei", "wikidata_id": "wikidata"}
"""The columns of companies that repeat an identifier, with its scheme."""
FILE = "data/raw/entities/company_identifiers.csv"


@rule
def identifier_of_two(specs: Mapping[str, Spec]) -> str:
    """An identifier belongs to one company: where two have it, one has a slip, or both are one company."""
    return """
    SELECT 'company_identifiers', concat('company_id=', i.company_id, ';scheme=', scheme, ';value=', value),
        NULL, 'value', format('{} {} is of {} too; leave it with the company that its source names', scheme, value,
            string_agg(o.company_id, ' and ' ORDER BY o.company_id))
    FROM company_identifiers i JOIN company_identifiers o USING (scheme, value)
    WHERE o.company_id < i.company_id GROUP BY i.company_id, scheme, value"""


@rule
def identifier_in_companies(specs: Mapping[str, Spec]) -> str:
    """What companies repeat of company_identifiers is there, and the newest of its scheme, a ticker of its market."""
    told = " UNION ALL ".join(
        f"SELECT company_id, '{column}' AS col, '{scheme}' AS scheme, {column} AS value FROM companies"
        for column, scheme in COLUMNS.items()
    )
    return f"""
    WITH told AS (SELECT * FROM ({told}) WHERE value IS NOT NULL AND EXISTS (SELECT 1 FROM company_identifiers)),
        kept AS (SELECT *, coalesce(edtf_start(valid_from), DATE '0001-01-01') AS since,
            CASE scheme WHEN 'ticker' THEN split_part(value, ':', 1) END AS market FROM company_identifiers)
    SELECT 'companies', concat('company_id=', company_id), NULL, col,
        format('{{}} is not in {FILE}, which has {{}}; add the row there with its source, or mend this one', told.value,
            coalesce(string_agg(kept.value, ', ' ORDER BY kept.value), concat('no ', scheme, ' of it')))
    FROM told LEFT JOIN kept USING (company_id, scheme) GROUP BY company_id, scheme, col, told.value
    HAVING coalesce(bool_and(kept.value <> told.value), true)
    UNION ALL SELECT 'companies', concat('company_id=', company_id), NULL, col,
        format('{{}} was followed by {{}}, from {{}}, in {FILE}; mend this row', told.value,
            first(later.value ORDER BY later.since DESC, later.value),
            first(later.valid_from ORDER BY later.since DESC, later.value))
    FROM told JOIN kept USING (company_id, scheme, value) JOIN kept later USING (company_id, scheme)
    WHERE later.since > kept.since AND later.market IS NOT DISTINCT FROM kept.market
    GROUP BY company_id, scheme, col, told.value"""
