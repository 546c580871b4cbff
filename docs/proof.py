"""Prove the claims of a source against a copy of its page: Python 3.11 alone, nothing of datapkg's.

python proof.py claims.csv SOURCE_ID PAGE.html|PAGE.txt      # claims.csv is in every release: csv/data/claims.csv
"""

import csv
import hashlib
import html.parser
import re
import sys
import unicodedata
from pathlib import Path


class _Seen(html.parser.HTMLParser):
    """Collects what a page in HTML shows: everything but scripts and styles."""

    def __init__(self):
        super().__init__()
        self.text, self.hidden = "", False

    def handle_starttag(self, tag, attrs):
        self.hidden = tag in ("script", "style")

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        self.text += "" if self.hidden else data


def squeezed(data, is_html):
    """The text of a file in UTF-8, in NFC, without what does not count: white space, and the bars between cells."""
    text = data.decode("utf-8-sig")
    if is_html:
        page = _Seen()
        page.feed(text)
        page.close()
        text = page.text
    return re.sub(r"[\s|]", "", unicodedata.normalize("NFC", text))


def places(text, sha256, chars):
    """Where a quote begins in a squeezed text."""
    return [i for i in range(len(text) - chars + 1)
            if hashlib.sha256(text[i : i + chars].encode()).hexdigest() == sha256]  # fmt: skip


if __name__ == "__main__":
    table, source_id, page = sys.argv[1:]
    text, lost = squeezed(Path(page).read_bytes(), page.endswith((".html", ".htm"))), 0
    with Path(table).open(encoding="utf-8", newline="") as file:
        claims = [row for row in csv.DictReader(file) if row["source_id"] == source_id and row["quote_chars"]]
    for claim in claims:
        found = len(places(text, claim["quote_sha256"], int(claim["quote_chars"])))
        lost += not found
        print(f"{claim['claim_id']}: {found or 'no'} place{'' if found == 1 else 's'}")
    sys.exit(bool(lost))
