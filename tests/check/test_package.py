from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planted import COMPANIES, SHARES, SPECS, companies, good, shares

from datapkg.check import package
from datapkg.facts import engine

ONE = "data/processed/shares.parquet"


def write(root: Path) -> Path:
    resources: list[dict[str, Any]] = []
    for spec, table in ((SHARES, shares(good())), (COMPANIES, companies())):
        path = root / f"data/processed/{spec.name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        exact = engine.cast(table, spec)
        pq.write_table(exact, path, write_page_checksum=True, compression="none", use_dictionary=False)
        entry = {"name": spec.name, "path": path.relative_to(root).as_posix(), "rows": table.num_rows}
        resources.append(entry | {"hash": digest(path)})
    descriptor = root / "datapackage.json"
    descriptor.write_text(json.dumps({"name": "planted", "resources": resources}), encoding="utf-8")
    return descriptor


def digest(path: Path) -> str:
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def change(descriptor: Path, **entry: Any) -> None:
    """Change the first resource; a value of None takes the property away."""
    content = json.loads(descriptor.read_text())
    first = content["resources"][0]
    first.update(entry)
    content["resources"][0] = {k: v for k, v in first.items() if v is not None}
    descriptor.write_text(json.dumps(content))


def rewrite(descriptor: Path, table: pa.Table) -> None:
    """Replace the first file and its digest and rows."""
    path = descriptor.parent / ONE
    pq.write_table(table, path)
    change(descriptor, hash=digest(path), rows=table.num_rows)


def said(descriptor: Path) -> list[str]:
    return [str(f) for f in package.findings(descriptor, SPECS)]


def test_a_good_package_has_no_finding(tmp_path: Path) -> None:
    assert said(write(tmp_path)) == []


def test_a_changed_byte_breaks_the_digest_and_the_page_checksum(tmp_path: Path) -> None:
    descriptor = write(tmp_path)
    path = tmp_path / ONE
    data = path.read_bytes()
    expected = digest(path)
    path.write_bytes(data.replace(b"\x04\0\0\0acme", b"\x04\0\0\0acne", 1))
    assert pq.read_table(path)["company_id"].to_pylist()[0] == "acne"  # nobody else notices
    first, second = said(descriptor)
    assert first == f"{ONE}: shares: the file is {digest(path)}; the descriptor says '{expected}' [package-digest]"
    assert "the file cannot be read as Parquet:" in second
    assert "checksum" in second.lower()
    assert second.endswith("[package-digest]")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"rows": 4}, f"{ONE}: shares: the file has 3 rows; the descriptor says 4 [package-rows]"),
        ({"rows": None}, f"{ONE}: shares: the file has 3 rows; the descriptor gives no number of rows [package-rows]"),
        ({"hash": None}, "; the descriptor gives no hash [package-digest]"),
        ({"hash": "0" * 64}, f"; the descriptor says '{'0' * 64}' [package-digest]"),
    ],
)
def test_what_the_descriptor_promises(entry: dict[str, Any], message: str, tmp_path: Path) -> None:
    descriptor = write(tmp_path)
    change(descriptor, **entry)
    (found,) = said(descriptor)
    assert found.endswith(message)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/etc/passwd", "is not relative to the descriptor, with forward slashes"),
        ("data\\processed\\shares.parquet", "is not relative to the descriptor, with forward slashes"),
        ("https://example.org/shares.parquet", "is not relative to the descriptor, with forward slashes"),
        ("data/../../shares.parquet", "leaves the folder of the descriptor by '..'"),
    ],
)
def test_unsafe_paths_are_not_opened(path: str, why: str, tmp_path: Path) -> None:
    descriptor = write(tmp_path)
    change(descriptor, path=path)
    assert said(descriptor) == [
        f"{path}: shares: path '{path}' {why} [package-path]",
        f"{ONE}: no resource names this file [package-extra]",
    ]


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    descriptor = write(tmp_path / "a")
    real = (tmp_path / "a" / ONE).rename(tmp_path / "elsewhere.parquet")
    (tmp_path / "a" / ONE).symlink_to(real)
    assert said(descriptor) == [
        f"{ONE}: shares: path '{ONE}' leads over the symbolic link '{ONE}' [package-path]",
        f"{ONE}: no resource names this file [package-extra]",
    ]
    folder = (tmp_path / "a" / "data").rename(tmp_path / "data")
    (tmp_path / "a" / "data").symlink_to(folder)
    assert said(descriptor)[0].endswith("leads over the symbolic link 'data' [package-path]")


def test_missing_and_extra_files(tmp_path: Path) -> None:
    descriptor = write(tmp_path)
    (tmp_path / ONE).rename(tmp_path / "data/processed/share.parquet")
    (tmp_path / "data/processed/observations").mkdir()
    (tmp_path / "data/processed/observations/x.parquet").write_bytes(b"")
    assert said(descriptor) == [
        f"{ONE}: shares: there is no file '{ONE}'; did you mean 'share'? [package-missing]",
        "data/processed/observations/x.parquet: no resource names this file [package-extra]",
        "data/processed/share.parquet: no resource names this file [package-extra]",
    ]


def test_resources_and_schema_files_go_together(tmp_path: Path) -> None:
    descriptor = write(tmp_path)
    change(descriptor, name="share")
    assert said(descriptor) == [
        f"{ONE}: share: resource 'share' has no schema file; did you mean 'shares'? [package-extra]",
        "datapackage.json: shares: table 'shares' has a schema file and no resource; "
        "did you mean 'share'? [package-missing]",
    ]
    change(descriptor, name="companies", path="data/processed/companies.parquet")
    assert [m for m in said(descriptor) if "expected one" in m] == [
        "datapackage.json: 2 resources have the name 'companies'; expected one [package-extra]",
        "datapackage.json: 2 resources have the path 'data/processed/companies.parquet'; expected one [package-extra]",
    ]


def exact() -> pa.Table:
    return engine.cast(shares(good()), SHARES)


SHAPES: dict[str, tuple[Callable[[], pa.Table], list[str]]] = {
    "order": (
        lambda: exact().select(["period", "company_id", *SHARES.columns[2:]]),
        [f"the columns are period, company_id, {', '.join(SHARES.columns[2:])}; expected {', '.join(SHARES.columns)}"],
    ),
    "missing": (
        lambda: exact().drop(["claim_id"]),
        [f"the columns are {', '.join(SHARES.columns[:-1])}; expected {', '.join(SHARES.columns)}"],
    ),
    "type": (
        lambda: exact().set_column(3, "rank", pa.array([1, 2, 3], pa.int32())),
        ["column 'rank' is int32; expected int64"],
    ),
    "nullable": (
        lambda: shares(good()),
        ["column 'company_id' is string; expected string not null",
         "column 'seen' is date32[day]; expected date32[day] not null"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_columns_differ_from_the_schema_file(name: str, tmp_path: Path) -> None:
    table, messages = SHAPES[name]
    descriptor = write(tmp_path)
    rewrite(descriptor, table())
    assert said(descriptor) == [f"{ONE}: shares: {message} [package-schema]" for message in messages]


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    descriptor = write(tmp_path)
    (tmp_path / ONE).write_bytes(b"not parquet at all")
    change(descriptor, hash=digest(tmp_path / ONE))
    (found,) = said(descriptor)
    assert found.startswith(f"{ONE}: shares: the file cannot be read as Parquet: ")
    assert found.endswith("[package-schema]")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{", ["the descriptor cannot be read: "]),
        ("[]", ["table 'shares' has a schema file", "table 'companies' has a schema file"]),
        (
            '{"resources": [7, {"name": "shares", "path": ["a", "b"]}]}',
            ["resource 1 needs a name and one path", "resource 2 needs a name and one path",
             "table 'shares' has a schema file", "table 'companies' has a schema file"],
        ),
    ],
)  # fmt: skip
def test_an_unusable_descriptor(text: str, messages: list[str], tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text(text)
    found = package.findings(tmp_path / "datapackage.json", SPECS)
    assert len(found) == len(messages)
    assert all(f.message.startswith(m) for f, m in zip(found, messages, strict=True))


def test_a_descriptor_that_is_not_there(tmp_path: Path) -> None:
    (found,) = package.findings(tmp_path / "datapackage.json", SPECS)
    assert found.rule == "package-missing"
    assert "No such file" in found.message
