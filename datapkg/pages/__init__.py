"""Generated files: pages about the data and the checks, schemas of claim kinds for editors, suites of expectations.

In      the Table Schemas, the rules, the tables of data/processed and data/raw/quality.
Out     `python -m datapkg.pages` writes docs/tables.md, docs/checks.md, docs/conflicts.md, docs/coverage.md,
        docs/capacity.md, docs/quality.md, schemas/claims, schemas/raw, schemas/expectations, CITATION.cff and the
        numbers of README.md; with --check it names those that are not fresh. `start` writes what a repository of
        claims begins with.

Promises  every number on a page is counted from the data; a test and CI prove that the files are fresh.
"""

from datapkg.pages.start import start

__all__ = ["start"]
