"""VERIFY.md: how to check a release, and a single claim, with tools that we did not write and that will be there."""

from __future__ import annotations

from datapkg.package.record import Release

_FILES = """\
# How to check this release

{name} {version}, {created}. Nothing below needs our code; all of it works without a network.

## Every file

```sh
sha256sum -c --strict --quiet SHA256SUMS
find . ! -type d ! -name 'SHA256SUMS*' | cut -c3- | LC_ALL=C sort > /tmp/files
cut -c67- SHA256SUMS | LC_ALL=C sort | diff - /tmp/files
```

The first line names every file that was changed or is missing, the last one every file that was added. Silence is good.
"""

_MINISIGN = """\
## Who published it

SHA256SUMS is signed with [minisign](https://jedisct1.github.io/minisign/) (Ed25519):

```sh
minisign -V -m SHA256SUMS -P '{key}'
```

The trusted comment that it prints names the version. A key that comes with the files proves nothing by itself: compare
it with the one in the repository of the project.
"""

_SSH = """\
## Who published it

SHA256SUMS is signed with an SSH key:

```sh
echo 'datapkg {key}' > /tmp/allowed_signers
ssh-keygen -Y verify -f /tmp/allowed_signers -I datapkg -n file -s SHA256SUMS.sig < SHA256SUMS
```

A key that comes with the files proves nothing by itself: compare it with the one in the repository of the project.
"""

_UNSIGNED = """\
## Who published it

This release is not signed: compare the digest of SHA256SUMS (`sha256sum SHA256SUMS`) with the one in index.json at the
place of publication.
"""

_CONTENT = """\
## The content

`content_hash` in datapackage.json is the SHA-256 of the table's file in `csv/`. A later version of Parquet or of a
library may write other bytes; the content is the same as long as this digest is. With any DuckDB, for one table:

```sh
duckdb -c "COPY (FROM '{path}' ORDER BY {key}) TO '/tmp/content.csv' (FORMAT csv, HEADER)"
sha256sum /tmp/content.csv {csv}
```

Types, keys, references and permitted values of all tables, with [frictionless](https://framework.frictionlessdata.io):

```sh
frictionless validate csv/datapackage.json
```

## A claim against its article

The articles belong to their publishers and are not here. Who holds the text of one can prove each claim about it:
`claims` gives the place (`char_start`, `char_end`) and the digest of the passage, `sources` the digest of the whole
text. Positions count code points of the text in UTF-8 without a byte order mark, with LF as line end, in Unicode NFC;
the passage is digested without its white space and bars (`|`). With nothing but Python 3:

```python
import csv, hashlib, re, sys, unicodedata

source, path = sys.argv[1:]  # for example: altman-korea-2024 article.txt
with open(path, encoding="utf-8-sig", newline=None) as file:
    text = unicodedata.normalize("NFC", file.read())

def sha256(passage):
    return hashlib.sha256(passage.encode()).hexdigest()

def read(name):
    with open(f"csv/data/{{name}}.csv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["source_id"] == source]

bad = [row["source_id"] for row in read("sources") if row["text_sha256"] not in ("", sha256(text))]
claims = [row for row in read("claims") if row["char_start"]]
for row in claims:
    passage = text[int(row["char_start"]) : int(row["char_end"])]
    if sha256(re.sub(r"[\\s|]", "", passage)) != row["quote_sha256"]:
        bad.append(row["claim_id"])
print(f"{{len(claims)}} claims of {{source}};", "not as published: " + " ".join(bad) if bad else "all as published")
sys.exit(bool(bad) or not claims)
```

A copy of the article that wraps or spaces differently has another digest and other positions; then search it for the
passage. So it is with claims that have no place but the length of their passage (`quote_chars`): slide a window of that
many code points over the page, without white space and bars, until its digest is `quote_sha256`.
"""


def verify_md(release: Release) -> bytes:
    """Return VERIFY.md."""
    example = next((table for table in release.files if table.spec.name == "claims"), release.files[0])
    head = _FILES.format(name=release.about["name"], version=release.version, created=release.created)
    content = _CONTENT.format(path=example.path, csv=example.csv_path, key=", ".join(example.spec.key))
    return "\n".join([head, _signed(release), content]).encode()


def _signed(release: Release) -> str:
    if release.signature is None:
        return _UNSIGNED
    lines = {"minisign": _MINISIGN, "ssh": _SSH}[release.signature.tool]
    return lines.format(key=release.signature.public_key.strip())
