"""A written package against its own descriptor and the schemas: what frictionless does not look at on Parquet.

Digests, row counts, exact Arrow types and NOT NULL, page checksums, paths that leave the folder, files that nobody
names, and tables that are not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from datapkg.model import Finding, IntegrityError, Place, Spec, check_bounds, chunks, did_you_mean, jsontext, misfit

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class _Resource:
    """One resource of a descriptor whose name and path are texts."""

    name: str
    path: str
    entry: Mapping[str, Any]

    def finding(self, rule: str, message: str) -> Finding:
        """Return a finding about the resource's file."""
        return Finding(rule=rule, message=message, table=self.name, place=Place(self.path))


def findings(descriptor: Path, specs: Mapping[str, Spec]) -> list[Finding]:
    """Return what is wrong with the files of a package, as a descriptor and the schemas promise them."""
    try:
        content = jsontext.loads(descriptor.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        what = f"the descriptor cannot be read: {error}"
        return [Finding(rule="package-missing", message=what, place=Place(descriptor.name))]
    entries = content.get("resources") if isinstance(content, dict) else None
    found: list[Finding] = []
    resources: list[_Resource] = []
    for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
        resource = _resource(entry)
        if resource:
            resources.append(resource)
        else:
            message = f"resource {number} needs a name and one path; a resource here is one file"
            found.append(Finding(rule="package-path", message=message, place=Place(descriptor.name)))
    found += _names(descriptor, resources, specs)
    for resource in resources:
        found += _file(descriptor.parent, resource, specs.get(resource.name))
    return found + list(_extra(descriptor.parent, resources))


def _resource(entry: Any) -> _Resource | None:
    name, path = (entry.get("name"), entry.get("path")) if isinstance(entry, dict) else (None, None)
    return _Resource(name, path, entry) if isinstance(name, str) and isinstance(path, str) else None


def _names(descriptor: Path, resources: list[_Resource], specs: Mapping[str, Spec]) -> Iterator[Finding]:
    """Yield resources without a schema, schemas without a resource, and names or paths that are there twice."""
    names = [resource.name for resource in resources]
    for resource in resources:
        if resource.name not in specs:
            hint = did_you_mean(resource.name, specs)
            yield resource.finding("package-extra", f"resource '{resource.name}' has no schema file{hint}")
    for name in specs:
        if name not in names:
            message = f"table '{name}' has a schema file and no resource{did_you_mean(name, names)}"
            yield Finding(rule="package-missing", message=message, table=name, place=Place(descriptor.name))
    for what, values in (("name", names), ("path", [resource.path for resource in resources])):
        for value, count in Counter(values).items():
            if count > 1:
                message = f"{count} resources have the {what} '{value}'; expected one"
                yield Finding(rule="package-extra", message=message, place=Place(descriptor.name))


def _file(root: Path, resource: _Resource, spec: Spec | None) -> Iterator[Finding]:
    """Yield what is wrong with one file."""
    unsafe = _unsafe(root, resource.path)
    if unsafe:
        yield resource.finding("package-path", f"path '{resource.path}' {unsafe}")
        return
    path = root / resource.path
    if not path.is_file():
        near = did_you_mean(path.stem, [other.stem for other in path.parent.glob("*")])
        yield resource.finding("package-missing", f"there is no file '{resource.path}'{near}")
        return
    yield from _digest(path, resource)
    yield from _content(path, resource, spec)


def _unsafe(root: Path, text: str) -> str:
    """Return why a path is not followed, or an empty text. A symbolic link may lead anywhere, so none is followed."""
    path = PurePosixPath(text)
    if path.is_absolute() or "\\" in text or ":" in text:
        return "is not relative to the descriptor, with forward slashes"
    if ".." in path.parts:
        return "leaves the folder of the descriptor by '..'"
    steps = [root.joinpath(*path.parts[: i + 1]) for i in range(len(path.parts))]
    link = next((step for step in steps if step.is_symlink()), None)
    return f"leads over the symbolic link '{link.relative_to(root).as_posix()}'" if link else ""


def _digest(path: Path, resource: _Resource) -> Iterator[Finding]:
    expected, promise = resource.entry.get("hash"), resource.entry.get("chunks")
    wrong = None if promise is None else misfit(promise, chunks.SHAPE) or chunks.unfit(promise)
    size = None if promise is None or wrong else int(promise["size"])
    found = chunks.hashed_file(path, size)
    actual = f"sha256:{found.sha256}"
    if expected != actual:
        promised = f"the descriptor says '{expected}'" if expected else "the descriptor gives no hash"
        yield resource.finding("package-digest", f"the file is {actual}; {promised}")
    if wrong:
        yield resource.finding("package-digest", f"the chunks in the descriptor cannot be used: {wrong}")
    elif promise is not None:
        yield from _chunks(resource, promise, found.chunks)


def _chunks(resource: _Resource, promise: Mapping[str, Any], found: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Yield the first chunk that is not as the descriptor promises."""
    if found is None or found["bytes"] != promise["bytes"]:
        has = "none" if found is None else f"{found['bytes']:,}"
        message = f"the chunks in the descriptor are of a file of {promise['bytes']:,} bytes; the file has {has}"
        yield resource.finding("package-digest", message)
        return
    for number, (want, have) in enumerate(zip(promise["sha256"], found["sha256"], strict=True)):
        if want != have:
            begin = number * promise["size"]
            where = f"bytes {begin:,} to {min(begin + promise['size'], found['bytes']) - 1:,}"
            message = f"chunk {number} ({where}) is sha256:{have}; the descriptor says sha256:{want}"
            yield resource.finding("package-digest", message)
            return


def _content(path: Path, resource: _Resource, spec: Spec | None) -> Iterator[Finding]:
    """Yield what is wrong inside a Parquet file: rows, columns, and pages that do not match their checksum."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        check_bounds(path, path.stat().st_size, resource.path)
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            rows, schema = file.metadata.num_rows, file.schema_arrow
            yield from _rows(rows, resource)
            yield from _columns(schema, resource, spec) if spec else ()
            # reading verifies the pages; pyarrow before 19 cannot read a file without row groups
            for _ in file.iter_batches() if file.num_row_groups else ():
                pass
    except IntegrityError as error:
        yield resource.finding("package-schema", str(error))
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        rule = "package-digest" if "checksum" in reason.lower() else "package-schema"
        yield resource.finding(rule, f"the file cannot be read as Parquet: {reason}")


def _rows(rows: int, resource: _Resource) -> Iterator[Finding]:
    expected = resource.entry.get("rows")
    if expected != rows:
        promised = "gives no number of rows" if expected is None else f"says {expected!r}"
        yield resource.finding("package-rows", f"the file has {rows} rows; the descriptor {promised}")


def _columns(schema: pa.Schema, resource: _Resource, spec: Spec) -> Iterator[Finding]:
    """Yield columns that differ from the schema file in name, order, type or nullability."""
    expected = spec.arrow()
    if schema.names != expected.names:
        message = f"the columns are {', '.join(schema.names)}; expected {', '.join(expected.names)}"
        yield resource.finding("package-schema", message)
    for want in expected:
        have = schema.field(want.name) if schema.names.count(want.name) == 1 else want
        if _shape(have) != _shape(want):
            message = f"column '{want.name}' is {_shape(have)}; expected {_shape(want)}"
            yield resource.finding("package-schema", message)


def _shape(field: pa.Field) -> str:
    return f"{field.type}{'' if field.nullable else ' not null'}"


def _extra(root: Path, resources: list[_Resource]) -> Iterator[Finding]:
    """Yield the files beside those of the resources that no resource names."""
    safe = [PurePosixPath(r.path) for r in resources if not _unsafe(root, r.path)]
    folders = {PurePosixPath("data/processed"), *(path.parent for path in safe)} - {PurePosixPath()}
    files = {path for folder in folders for path in (root / folder).rglob("*") if not path.is_dir()}
    relative = sorted(path.relative_to(root).as_posix() for path in files)
    for text in relative:
        if PurePosixPath(text) not in safe:
            message = "no resource names this file"
            yield Finding(rule="package-extra", message=message, place=Place(text))
