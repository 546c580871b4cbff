"""From articles to observations: what curators keep is read strictly, corrected, and becomes typed rows.

In      a repository: `data/raw/claims/*.yaml`, `data/raw/bulk/`, the registries, corrections and acknowledgements, and
        the specs of the tables; further files of claims as `Part`. The kinds of claims follow from the specs
        (`kind_schemas`); a kind of which a claim is more than one row of one table has a module in `kinds/`.
Out     `read`, `correct` and `observe`, in this order, give the rows of all observation tables, registries and records;
        `set_aside` leaves out claims in bulk in which something is wrong. `read_near` reads some claim files and what
        others say of the same, by what `Around` keeps of these.
        Beside them what curators work with: `new_source`, `check_anchors`, `doubts`, `write_quotes`, `listing`,
        `counted`, `duplicates`; for tables of others `import_table`, `missing_rows` and `check_cells`; and `quality`,
        what a second coding of drawn sources found.

Promises
- Nothing is dropped in silence: every key is known, every claim feeds a row, and what is wrong is a finding with file,
  line, claim and the near miss. All findings are collected; none stops at the first.
- Names become ids by folding alone, never by guessing. A claim stays as it was made; corrections stand beside it.
- Memory: everything that was read is held at once, some kilobytes for each claim; of claims in bulk, `Pieces` holds
  some thousands, and of the others what stands or falls with others.
"""

from datapkg.claims.around import Around
from datapkg.claims.blocks import BLOCKS, COMMON, QUOTE, written
from datapkg.claims.claim import Claim
from datapkg.claims.curation import Curation, Rows, correct, observe, read, set_aside
from datapkg.claims.datasets import check_cells, import_table
from datapkg.claims.kindschema import KindSchema, Property, kind_schemas
from datapkg.claims.nearby import nearby
from datapkg.claims.neighbours import read_near
from datapkg.claims.overlap import counted, duplicates
from datapkg.claims.pieces import Pieces
from datapkg.claims.prove import Anchor, Proof, check_anchors
from datapkg.claims.quality import quality
from datapkg.claims.quotes import write_quotes
from datapkg.claims.registries import missing_rows
from datapkg.claims.sources import listing, new_source
from datapkg.claims.wording import doubts, sentences
from datapkg.claims.yaml import Refused, read_yaml

__all__ = [
    "BLOCKS",
    "COMMON",
    "QUOTE",
    "Anchor",
    "Around",
    "Claim",
    "Curation",
    "KindSchema",
    "Pieces",
    "Proof",
    "Property",
    "Refused",
    "Rows",
    "check_anchors",
    "check_cells",
    "correct",
    "counted",
    "doubts",
    "duplicates",
    "import_table",
    "kind_schemas",
    "listing",
    "missing_rows",
    "nearby",
    "new_source",
    "observe",
    "quality",
    "read",
    "read_near",
    "read_yaml",
    "sentences",
    "set_aside",
    "write_quotes",
    "written",
]
