"""A release as a folder to look at: pages that work from a static host and from a disk, without a network.

In      a package opened for reading (`read.Store`), what earlier releases changed (`earlier`), the folder where the
        site is to be, and what is to lie beside its pages, such as feeds.
Out     `make_site`: index.html, the program with its styles, site.js (what the pages are told), the Parquet files of
        the release as they are, and histories: what facts and claims were on every day on which anything about them
        became known.

Promises
- Made from the release alone, whose bytes were proven first; every file of data has its digest in site.js, and the
  pages show nothing of a file that has another.
- Under every day and policy a page has the rows of `load(known_by=, policy=)`, and the claims of `trace`.
- From a disk, where browsers refuse to read files, the same Parquet travels in scripts beside the page (embedded/).
- No request leaves the folder; text of the data is text, whatever it holds; making a site needs no Node.
- The folder is seen whole or not at all, and nothing but an empty folder or a site is ever replaced.
"""

from datapkg.site.changes import earlier
from datapkg.site.make import make_site

__all__ = ["earlier", "make_site"]
