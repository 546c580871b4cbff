"""Atom feeds of a registry: of its releases, and of the facts that each release changed, per market and per company.

In      a registry, whose releases are read like any others: nothing whose digest is not the promised one.
Out     `feeds`, the files by path, for a folder beside index.json or for a site.

Promises
- A fact is an entry once in each release that added, changed or withdrew it: with its cells before and after, the
  claims behind them, and the reason. A release that only counts more claims for it is no change of the fact.
- Ids of feeds and entries follow from names, versions and keys alone, so that no reader shows an entry twice, wherever
  the feeds move; links are relative, or below the address that is given.
- The same registry gives the same bytes.

Source  RFC 4287
"""

from datapkg.feeds.make import feeds

__all__ = ["feeds"]
