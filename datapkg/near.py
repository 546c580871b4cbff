"""Some claim files with what others say of the same: enough to check these files, at a fraction of the price."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from datapkg.build import Tables
from datapkg.claims import Around, Claim, Curation, Rows, correct, nearby, observe, read, read_near
from datapkg.facts import consolidated
from datapkg.model import PREFIX, Layout, Spec, load_specs
from datapkg.package import about_findings


def assemble(layout: Layout, files: Collection[Path]) -> Tables:
    """Return the tables that some claim files make, with what others say of the same.

    Only what is near them is read where all claims were read before without a finding; it makes no difference.
    Shape   as `build.assemble`, with the facts that the files touch, and what rules compare these with
    Raises  ConfigError for unusable schemas
    """
    specs = load_specs(layout.schema_files)
    around, names = Around(layout, specs), {layout.relative(file) for file in files}
    near = read_near(layout, specs, files, around)
    made = near and _of_files(near, specs, names, observe(near, claims := correct(near)), claims)
    if made and (not made.findings or any(finding.place.file in names for finding in made.findings)):
        return made
    curation = read(layout, specs)
    rows = observe(curation, claims := correct(curation))
    if not curation.findings:
        around.keep(curation.claims, rows, curation.registries)
    return _of_files(curation, specs, names, rows, claims)


def _of_files(
    curation: Curation, specs: dict[str, Spec], names: Collection[str], rows: Rows, claims: Iterable[Claim]
) -> Tables:
    """Return the tables that the claims of some files make with those near them."""
    found = curation.findings + about_findings(curation.reader.layout)
    touched = {claim.claim_id for claim in claims if claim.place.file in names}
    until = curation.far.until if curation.far else None
    fed = {
        name for name, said in rows.items() if name.startswith(PREFIX) and any(r["claim_id"] in touched for r in said)
    }
    tables = {} if found else consolidated(nearby(rows, specs, touched), specs, until=until)
    both = frozenset(fed | {name.removeprefix(PREFIX) for name in fed})
    return Tables(specs, tables, curation.places, found, near=both)
