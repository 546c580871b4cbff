"""A release made by its plan: every file is written and checked in a folder beside the others, then published."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from datapkg import check
from datapkg.claims import quality
from datapkg.compare import compare, markdown, withdrawn, write_changes
from datapkg.facts import POLICY
from datapkg.model import (
    CheckFailed,
    IntegrityError,
    Layout,
    ReleaseRefused,
    Spec,
    WriteError,
    disk,
    jsontext,
    load_specs,
    ordered,
)
from datapkg.package import (
    Release,
    as_json,
    csv_path,
    digest,
    documents,
    head,
    measured,
    parquet_path,
    read_about,
    stamped,
    table_path,
    write_csv,
)
from datapkg.read import citation
from datapkg.registry import SUMS, publish
from datapkg.release.history import extract, unlisted
from datapkg.release.plan import MEASURED, Plan, check_turn
from datapkg.release.signing import Key, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

UNFINISHED = ".making-"
"""How the names of the folders begin in which releases are made."""
LARGE = 200_000
"""Rows beyond which tools that look at every cell in Python are not asked."""


def run(layout: Layout, planned: Plan, key: Key | None = None) -> Path:
    """Make the release that a plan describes, verify it, and publish it into data/releases.

    What is made is what the commit of the plan holds, whatever becomes of the files meanwhile; nobody else can release
    meanwhile, and what killed releases left is removed.
    Raises  CheckFailed if what was written does not verify, ReleaseRefused if another release came first, WriteError;
            nothing of the release is visible then
    """
    import duckdb

    releases = layout.releases
    try:
        if not releases.exists():
            releases.mkdir(parents=True)
        with disk.alone(releases, "release"):
            for left in releases.glob(UNFINISHED + "*"):  # of the dead: the living hold what we hold now
                shutil.rmtree(left)
            if _finished(layout, planned):
                return releases / planned.version
            with TemporaryDirectory(prefix=f"{UNFINISHED}{planned.version}-", dir=releases) as scratch:
                check_turn(layout, planned)
                source, folder = Layout(Path(scratch) / "commit"), Path(scratch) / planned.version
                extract(layout, planned.commit, source.root, *_inputs(planned))
                make(source, planned, folder, key)
                publish(folder, str(releases))
    except (OSError, duckdb.IOException) as error:
        if isinstance(error, WriteError):
            raise
        told = getattr(error, "strerror", None) or str(error).splitlines()[0]
        step = "nothing of it is visible, and the same command again makes it"
        raise WriteError(f"cannot write release {planned.version} to {releases}: {told}; {step}") from error
    return releases / planned.version


def _finished(layout: Layout, planned: Plan) -> bool:
    """Name in index.json every release that lacks only that, and return whether the planned one was among them.

    Raises  ReleaseRefused if the planned version is there, and from another commit
    """
    whole = unlisted(layout)
    for version in whole:
        publish(layout.releases / version, str(layout.releases))
    if planned.version not in whole:
        return False
    record = jsontext.loads((layout.releases / planned.version / "release.json").read_bytes())
    if record["commit"] != planned.commit:
        told = f"{planned.version} was released from commit {record['commit']} and lacked its place in index.json only"
        raise ReleaseRefused(planned.version, [f"{told}, which it has now; a release never changes"])
    return True


def _inputs(planned: Plan) -> list[str]:
    """Return the paths in the commit that a release is made of."""
    previous = [f"data/releases/{planned.previous}"] if planned.previous else []
    return ["data/raw", "data/processed", "datapackage.json", "schemas", *previous]


def make(layout: Layout, planned: Plan, folder: Path, key: Key | None = None) -> None:
    """Write all files of a release into a new folder and check them there.

    Raises  CheckFailed, IntegrityError if the files are not those of the plan
    """
    specs = load_specs(layout.schema_files)
    about = {**read_about(layout), "version": planned.version}
    files = {}
    for name, _ in planned.tables:
        spec = specs[name]
        stamped(layout.root / table_path(name), folder / parquet_path(name), spec, about)
        write_csv(folder / parquet_path(name), spec, folder / csv_path(name))
        files[name] = measured(folder, spec)
    for name, schema in layout.schema_files.items():
        _put(folder, f"schemas/{name}.json", schema.read_bytes())
    signature = key.signature if key else None
    release = _described(Release(about, planned.version, planned.created, files, planned.previous, signature))
    for path, data in documents(release).items():
        _put(folder, path, data)
    _put(folder, "release.json", as_json({**_record(planned, release), "withdrawn": _withdrawn(layout)}))
    diff = compare(layout.releases / planned.previous if planned.previous else None, folder, explain=True)
    write_changes(diff, folder / "changes.parquet")
    _put(folder, "CHANGES.md", markdown(diff).encode())
    _put(folder, "validation/checks.json", as_json(validated(folder, specs, dict(planned.tables))))
    _put(folder, MEASURED, as_json(quality(layout)))
    _put(folder, SUMS, sums(folder))
    written = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    if written != planned.paths():
        raise IntegrityError(f"the release has other files than planned: {sorted(set(written) ^ set(planned.paths()))}")
    if key:
        sign(folder, key, f"{about['name']} {planned.version}")


def _described(release: Release) -> Release:
    """Return the release with its own citation, as a sentence and as BibTeX."""
    known = head(release)
    return replace(release, reference=citation(known, "apa").strip(), bibtex=citation(known, "bibtex").strip())


def _record(planned: Plan, release: Release) -> dict[str, Any]:
    """Return release.json: the plan, and both digests of every table."""
    import pyarrow

    record = {**asdict(planned), "name": release.about["name"], "pyarrow": pyarrow.__version__, "policy": POLICY}
    record["tables"] = {
        name: {"rows": file.rows, "sha256": file.sha256, "content_sha256": file.csv_sha256}
        for name, file in release.tables.items()
    }
    return record


def _withdrawn(layout: Layout) -> list[dict[str, str]]:
    """Return what was withdrawn, and why, from data/raw/withdrawn.yaml."""
    return [{"id": name, "reason": why} for name, why in sorted(withdrawn(layout.root).items())]


def validated(folder: Path, specs: Mapping[str, Spec], rows: Mapping[str, int]) -> dict[str, Any]:
    """Check the written files once more, by our checks and by tools of others, and return the record of it.

    Schema and rules run in bounded memory. Great Expectations and frictionless do not, and look at every cell in
    Python; they are left out where a table has more than LARGE rows, and the record says so.
    Raises  CheckFailed with all findings
    """
    import frictionless
    import great_expectations
    import pyarrow.parquet as pq

    paths = {name: folder / parquet_path(name) for name in specs}
    large = sorted(name for name, many in rows.items() if many > LARGE)
    found = check.on_files(paths, specs, folder.parent)
    found += check.on_disk(Layout(folder), specs, ("package",))
    if not large:
        tables = {name: pq.read_table(path) for name, path in paths.items()}
        found += check.in_memory(tables, specs, ("expectations", "references"))
        for root in (folder, folder / "csv"):
            found += check.on_disk(Layout(root), specs, ("frictionless", "references"))
    if found:
        raise CheckFailed(ordered(found))
    tools = {"frictionless": frictionless.__version__, "great_expectations": great_expectations.__version__}
    ours = ["schema", "rules", "package"]
    theirs = ["expectations", "frictionless, Parquet", "frictionless, CSV"]
    record: dict[str, Any] = {"findings": {kind: [] for kind in (ours if large else [*ours, *theirs])}, "tools": tools}
    return record if not large else {**record, "left_out": {"checks": theirs, "since_large": large}}


def sums(folder: Path) -> bytes:
    """Return SHA256SUMS over every file of a folder, in the order of their bytes, as sha256sum reads it."""
    paths = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    lines = [f"{digest(folder / path)}  {path}\n" for path in paths if not path.startswith(SUMS)]
    return "".join(lines).encode()


def _put(folder: Path, path: str, data: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
