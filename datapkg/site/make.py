"""The folder of a site: its files, made in memory, written beside their place and put there in one step."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib.resources import files as inside
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

from datapkg.model import PREFIX, NotFound, UsageError, disk, jsontext
from datapkg.read import Data, Store, understood
from datapkg.site.changes import changes_path
from datapkg.site.history import history
from datapkg.site.page import page
from datapkg.site.parts import parts
from datapkg.site.told import data_path, script, told

if TYPE_CHECKING:
    import pyarrow as pa

Say = Callable[[str], None]
MARK = "site.js"
"""The file by which a folder is known as a site, which may be replaced."""
OF_RELEASE = ("croissant.json", "datapackage.json", "CITATION.cff", "datacite.json", "CHANGES.md", "changes.parquet",
              "release.json", "SHA256SUMS", "validation/quality.json")  # fmt: skip
"""Files of a release that its site has too, beside the tables."""
NONE: Mapping[str, bytes] = MappingProxyType({})
BUNDLE = ("app.js", "app.css", "sql.js")


def make_site(data: Data, out: Path, say: Say = lambda _: None,
              before: Mapping[str, bytes] = NONE, beside: Mapping[str, bytes] = NONE) -> dict[str, int]:  # fmt: skip
    """Write the site of a package into the folder `out`, and return its files with their sizes.

    `say` is told what is being done; `before` has the changes of earlier releases, by version, see `earlier`; `beside`
    has more files for the folder, by path, such as feeds, which the pages then lead to.
    Raises  UsageError if `out` holds something else than a site, IntegrityError for a damaged package, WriteError
    """
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / MARK).is_file())):
        raise UsageError(f"{out} is there and no site of datapkg; name a new or an empty folder")
    files = site_files(data, say, before, beside)
    with disk.writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".site-", dir=out.parent) as scratch:
            new, old = Path(scratch) / "new", Path(scratch) / "old"
            disk.write_all(new, files)
            if out.exists():
                out.rename(old)
            try:
                new.rename(out)
            except OSError:
                old.rename(out)
                raise
    return {path: len(content) for path, content in files.items()}


def site_files(data: Data, say: Say = lambda _: None, before: Mapping[str, bytes] = NONE,
               beside: Mapping[str, bytes] = NONE) -> dict[str, bytes]:  # fmt: skip
    """Return the files of the site of a package, by their paths."""
    store = data.opened()
    with understood(store):
        changes = {changes_path(version): data for version, data in before.items()}
        return _site_files(store, say, {**changes, **beside})


def _site_files(store: Store, say: Say, beside: Mapping[str, bytes]) -> dict[str, bytes]:
    files = {data_path(name): store.bytes(name) for name in store.names()} | _of_release(store) | {**beside}
    specs = store.specs()
    for number, name in enumerate(store.facts(), 1):
        say(f"what was known when: {name} ({number} of {len(store.facts())})")
        found = history(store.read(PREFIX + name), specs[name])
        files[f"history/{name}.parquet"] = _parquet(found.facts)
        files[f"history/claims/{name}.parquet"] = _parquet(found.claims)
    record = files.get("release.json")
    known = told(store, files, jsontext.loads(record) if record else {})
    embedded = dict(part for path in files if path.endswith(".parquet") for part in _embedded(path, files[path]))
    pages = {"index.html": page(store, known, files.get("croissant.json")), MARK: script(known)}
    program = {name: (inside("datapkg.site") / "bundle" / name).read_bytes() for name in BUNDLE}
    return files | embedded | pages | program


def _of_release(store: Store) -> dict[str, bytes]:
    """Return the files of a release beside its tables, as far as it has them; the working build has none."""
    found: dict[str, bytes] = {}
    for name in OF_RELEASE:
        with suppress(NotFound):  # an older release has fewer
            if store.source:
                found[name] = store.source(name)
    return found


def _parquet(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", compression_level=19)
    return sink.getvalue()


def _embedded(path: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield scripts that hand the parts of a file to the page, and their paths."""
    for number, (begin, end) in enumerate(parts(data)):
        name = f"{path}.{number}"
        text = base64.b64encode(data[begin:end]).decode("ascii")
        yield f"embedded/{name}.js", f'datapkgFile({json.dumps(name)},"{text}");\n'.encode()
