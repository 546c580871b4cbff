"""Generated files: pages about the data and the checks, schemas of claim kinds for editors, suites of expectations.

In      the Table Schemas, the rules, and the tables of data/processed.
Out     `python -m datapkg.pages` writes docs/tables.md, docs/checks.md, docs/conflicts.md, docs/coverage.md,
        schemas/claims, schemas/expectations, CITATION.cff and the numbers of README.md; with --check it names those
        that are not fresh.

Promises  every number on a page is counted from the data; a test and CI prove that the files are fresh.
"""
