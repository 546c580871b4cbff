"""Generated files: pages about the data and the checks, schemas of claim kinds for editors, suites of expectations.

In      the Table Schemas, the rules, the tables of data/processed and data/raw/quality.
Out     `python -m datapkg.pages` writes docs/tables.md, docs/checks.md, docs/conflicts.md, docs/coverage.md,
        docs/quality.md, schemas/claims, schemas/expectations and CITATION.cff; with --check it names what is not fresh.

Promises  every number on a page is counted from the data; a test and CI prove that the files are fresh.
"""
