"""Verification of a release: every byte, the tables behind the bytes, and, from the claims, the tables once more.

Findings name what is wrong with which file: altered, missing, extra, renamed, swapped with another, a link, or a path
that leaves the folder. A signature is checked by the tool that made it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg import build, check
from datapkg.facts import POLICY
from datapkg.model import ConfigError, Finding, Layout, NotFound, Place, Spec, UsageError, jsontext, load_specs, ordered
from datapkg.package import csv_path, digest, parquet_path, write_csv
from datapkg.registry import SIGNATURES, SUMS, refused, sums, tool_of
from datapkg.release.history import extract, git

if TYPE_CHECKING:
    import pyarrow as pa

CSV = "csv/"
"""The folder of the CSV mirror."""
_ASSEMBLE = """
import sys
from pathlib import Path
import pyarrow.parquet as pq
from datapkg import build
made = build.assemble(build.Layout(Path(sys.argv[1])))
for name, table in made.tables.items():
    pq.write_table(table, Path(sys.argv[2]) / f"{name}.parquet")
"""
"""What the code of an older release is asked to do, in a process of its own."""


def _finding(rule: str, message: str, path: str) -> Finding:
    return Finding(rule=rule, message=message, place=Place(path))


def verify(folder: Path, contents: bool = True, left_out: tuple[str, ...] = ()) -> list[Finding]:
    """Return what is wrong with the files of a release, and with the tables in them.

    Without `contents`, which need DuckDB, tables are not compared with their CSV, nor checked by their schemas. Nothing
    that is `left_out` is looked for: files, and folders with a slash behind.
    Raises  NotFound if the folder holds no SHA256SUMS, IntegrityError if that is none, ConfigError if release.json,
            datapackage.json or the schemas cannot be used
    """
    path = folder / SUMS
    if not path.is_file():
        raise NotFound(f"no {SUMS} in {folder}; expected the folder of a release, such as data/releases/0.1.0")
    expected = sums(path.read_bytes(), str(path))
    expected = {name: sha for name, sha in expected.items() if not name.startswith(left_out)}
    mirror = any(name.startswith(CSV) for name in expected)
    found = list(_files(folder, expected))
    if found:  # tables of damaged files would only repeat it
        return ordered(found)
    specs = load_specs(folder / "schemas")
    found = [*check.on_disk(Layout(folder), specs, ("package",)), *_record(folder, specs, mirror)]
    return ordered(found or (_contents(folder, specs, mirror) if contents else ()))


def _files(folder: Path, expected: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what differs between the files of a folder and the digests in SHA256SUMS."""
    there = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_symlink() or not p.is_dir()}
    links = [path for path, file in there.items() if file.is_symlink() or not file.is_file()]
    for path in links:
        yield _finding("release-link", "is a link or no ordinary file; a release holds files only", path)
    free = {SUMS, *SIGNATURES.values()}
    have = {path: digest(file) for path, file in there.items() if path not in links and path not in free}
    owner = {sha: path for path, sha in expected.items()}
    extra = {path for path in have if path not in expected}
    for path, sha in expected.items():
        if path in links or have.get(path) == sha:
            continue
        twin = next((other for other in sorted(extra) if have[other] == sha), None)
        if path not in have and twin:
            extra.remove(twin)
            yield _finding("release-renamed", f"is there under another name: {twin}", path)
        elif path not in have:
            yield _finding("release-missing", f"is missing; {SUMS} names it", path)
        elif have[path] in owner:
            yield _finding("release-swapped", f"holds the bytes of {owner[have[path]]}", path)
        else:
            yield _finding("release-altered", f"was altered: expected sha256 {sha}, found {have[path]}", path)
    for path in sorted(extra):
        yield _finding("release-extra", f"does not belong to the release; {SUMS} does not name it", path)


def _contents(folder: Path, specs: Mapping[str, Spec], mirror: bool) -> Iterator[Finding]:
    """Yield tables whose Parquet and CSV do not hold the same, and what breaks the schemas."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, spec in specs.items() if mirror else ():
            again = Path(scratch) / "table.csv"
            write_csv(folder / parquet_path(name), spec, again)
            if digest(again) != digest(folder / csv_path(name)):
                yield _finding("release-content", f"does not hold the rows of {csv_path(name)}", parquet_path(name))
            again.unlink()
        paths = {name: folder / parquet_path(name) for name in specs}
        # the rules were those of its time: what today's find in it is no damage
        yield from check.on_files(paths, specs, Path(scratch), ("schema",))


def _record(folder: Path, names: Iterable[str], mirror: bool) -> Iterator[Finding]:
    """Yield where release.json and the descriptor contradict each other or the files."""
    record = _read(folder / "release.json")
    descriptor = _read(folder / "datapackage.json")
    try:
        if record["version"] != descriptor["version"]:
            told = f"is of version {record['version']}, and datapackage.json of {descriptor['version']}"
            yield _finding("release-record", told, "release.json")
        resources = {resource["name"]: resource for resource in descriptor["resources"]}
        for name in names:
            resource = resources.get(name, {})
            yield from _digests(name, record["tables"].get(name, {}), resource)
            path = folder / csv_path(name)
            if mirror and not (path.is_file() and resource.get("content_hash") == f"sha256:{digest(path)}"):
                yield _finding(
                    "release-record", f"is not the content of {name} that datapackage.json has", csv_path(name)
                )
    except (KeyError, TypeError, AttributeError) as error:
        told = f"{type(error).__name__}: {error}"
        raise ConfigError(f"release.json or datapackage.json in {folder} is none that datapkg made: {told}") from error


def _digests(name: str, table: Mapping[str, Any], resource: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield where a table has another digest in release.json than in the descriptor."""
    for key, wanted in (("hash", "sha256"), ("content_hash", "content_sha256")):
        if resource.get(key) != f"sha256:{table.get(wanted)}":
            yield _finding("release-record", f"has another {wanted} of {name} than datapackage.json", "release.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = jsontext.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return read


def signed(folder: Path, public_key: str | None, known: Mapping[str, str] | None = None) -> tuple[str, list[Finding]]:
    """Return what is known of the signature, in a sentence, and a finding if none is of the key.

    Without a key the `known` ones are tried, and the sentence says whose the signature is. A key is the last line of a
    public key file of minisign, or the one line of one of ssh-keygen; only the signature by its tool counts, whatever
    else is there.
    Raises  UsageError if there is a signature and the tool for it cannot be run
    """
    there = [tool for tool, name in SIGNATURES.items() if (folder / name).is_file()]
    if public_key is None:
        return _signers(folder, there, known or {}), []
    tool = tool_of(public_key)
    name = SIGNATURES[tool]
    if tool not in there:
        why = "is missing, and a key to check it with is given"
        return "not signed by the given key", [_finding("release-signature", why, name)]
    why = _refused(folder, public_key)
    if not why:
        return f"signed with {tool}, by the given key", []
    return f"signed with {tool}", [_finding("release-signature", f"is not of the given key: {why}", name)]


def _signers(folder: Path, there: list[str], known: Mapping[str, str]) -> str:
    """Return in a sentence by which of the known keys a release is signed."""
    if not there:
        return "not signed"
    fitting = {who: key for who, key in known.items() if tool_of(key) in there and not _refused(folder, key)}
    if fitting:
        return "signed with " + " and ".join(f"{tool_of(key)} by {who}" for who, key in fitting.items())
    none = f", by none of {', '.join(known)}" if known else ""
    return f"signed with {' and '.join(there)}{none}; give the public key with --key to check it"


def _refused(folder: Path, key: str) -> str:
    """Return why the signature of a release by the tool of a key is not of the key, an empty text if it is."""
    return refused((folder / SUMS).read_bytes(), (folder / SIGNATURES[tool_of(key)]).read_bytes(), key)


def rebuilt(layout: Layout, folder: Path) -> list[Finding]:
    """Return the tables that the claims, at the commit of a release, do not make as the release holds them.

    Raises  UsageError if the repository has neither the commit nor another one with the same data/raw
    """
    record = _read(folder / "release.json")
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        then = Layout(Path(scratch))
        extract(layout, _source(layout, record), then.root, "data/raw", "schemas", "datapkg")
        specs = load_specs(then.schema_files)
        tables = _tables(then, record)
        for name, table in record["tables"].items():
            again = then.root / "table.csv"
            if name in tables:
                write_csv(tables[name], specs[name], again)
            if name not in tables or digest(again) != table["content_sha256"]:
                told = f"is not what the claims of commit {record['commit'][:12]} make"
                found.append(_finding("release-rebuilt", told, parquet_path(name)))
            again.unlink(missing_ok=True)
    return found


def _tables(then: Layout, record: Mapping[str, Any]) -> Mapping[str, pa.Table | Path]:
    """Return the tables that the claims of a release make: by this code, or by its own if its policy was another.

    Raises  UsageError if the policy was another and the repository does not hold the code
    """
    if record.get("policy", 1) == POLICY:
        return build.assemble(then).tables
    if not (then.root / "datapkg").is_dir():
        policy = record.get("policy", 1)
        told = f"release {record['version']} chose its facts by policy {policy}, this datapkg by {POLICY}"
        raise UsageError(f"{told}; make it again with the code of its time")
    made = then.root / "made"
    made.mkdir()
    command = [sys.executable, "-c", _ASSEMBLE, str(then.root), str(made)]
    environment = {**os.environ, "PYTHONPATH": str(then.root)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=then.root, env=environment)
    if done.returncode:
        told = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UsageError(f"the code of release {record['version']} does not run here: {told}")
    return {path.stem: path for path in made.glob("*.parquet")}


def _source(layout: Layout, record: Mapping[str, Any]) -> str:
    """Return the commit of a release, or one that has the same data/raw, as after a rebase."""
    try:
        git(layout, "cat-file", "-e", f"{record['commit']}^{{commit}}")
        return str(record["commit"])
    except UsageError:
        pass
    for candidate in git(layout, "log", "--all", "--format=%H", "--", "data/raw").splitlines():
        if git(layout, "ls-tree", "--format=%(objectname)", candidate, "data/raw") == record["raw_tree"]:
            return candidate
    raise UsageError(
        f"the repository has neither commit {record['commit']} nor another with the same data/raw "
        f"(git tree {record['raw_tree']}); fetch its whole history"
    )
