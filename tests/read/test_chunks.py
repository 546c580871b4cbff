"""A part of a large file on this disk is proven by its chunks, and is the same as by the whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from packages import field, package, table

from datapkg.check import package as checks
from datapkg.model import ConfigError, IntegrityError, UsageError, chunks, limits
from datapkg.model.layout import Layout
from datapkg.read import arrow
from datapkg.read import chunks as reading
from datapkg.read.chunks import Proven
from datapkg.read.data import Data

FIELDS = [field("id", required=True), field("role"), field("many", "integer"), field("share", "number"),
          field("day", "date")]  # fmt: skip
ROWS = [{"id": f"{i:05}", "role": (None, "fab", "메모리")[i % 3], "many": None if i % 7 == 0 else i, "share": i / 7}
        for i in range(6000)]  # fmt: skip
SIZE = 1024


def written(folder: Path, group: int = 500, **more: Any) -> Path:
    """Write the package with a file of several row groups, and its chunks as `more` has them, or right."""
    package(folder, {"t": table("id", FIELDS, ROWS)})
    path = folder / "data/t.parquet"
    pq.write_table(pq.read_table(path), path, row_group_size=group)
    described(folder, **{**chunked(path), **more})
    return folder


def chunked(path: Path) -> dict[str, Any]:
    found = chunks.hashed_file(path, SIZE).chunks
    assert found
    return dict(found)


def described(folder: Path, **promise: Any) -> None:
    said = json.loads((folder / "datapackage.json").read_text())
    data = (folder / "data/t.parquet").read_bytes()
    said["resources"][0] |= {"hash": f"sha256:{sha256(data).hexdigest()}", "chunks": promise}
    if not promise:
        del said["resources"][0]["chunks"]
    (folder / "datapackage.json").write_text(json.dumps(said))


def flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = written(tmp_path_factory.mktemp("whole"))
    described(folder)
    return Data(Layout(folder))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(Layout(written(tmp_path_factory.mktemp("parts"))))


@pytest.mark.parametrize("columns", [None, [], ["many"], ["share", "id"], ["id", "id"]])
@pytest.mark.parametrize("filters", [
    None, [("id", "==", "00700")], [("many", ">", 5900)], [("role", "in", ["fab"]), ("share", "<", 2)],
    [[("id", "==", "00001")], [("id", "==", "05999")]], [("many", "==", -1)], pc.field("many").is_null(),
    (pc.field("role") == "fab") & (pc.field("many") > 100), pc.field("day").is_valid(), pc.scalar(True),
])  # fmt: skip
def test_a_part_is_the_same_by_chunks(whole: Data, parts: Data, columns: Any, filters: Any) -> None:
    pd.testing.assert_frame_equal(parts.load("t", columns=columns, filters=filters),
                                  whole.load("t", columns=columns, filters=filters))  # fmt: skip


def test_a_part_of_a_table_of_many_rows(parts: Data, whole: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MANY", 100)
    assert arrow.MANY > 100
    pd.testing.assert_frame_equal(parts.load("t", columns=["role"]), whole.load("t", columns=["role"]))


def test_a_filter_that_does_not_fit_is_refused(parts: Data) -> None:
    with pytest.raises(UsageError, match="the filters do not fit table 't'"):
        parts.load("t", filters=pc.field("many") == "x")


def test_only_what_is_needed_is_proven(tmp_path: Path) -> None:
    folder = written(tmp_path)
    path = folder / "data/t.parquet"
    group = pq.read_metadata(path).row_group(3)
    flipped(path, group.column(3).data_page_offset + 40)
    data = Data(Layout(folder))
    assert len(data.load("t", columns=["id"], filters=[("id", "==", "00001")])) == 1
    told = (r"t\.parquet is not the file that datapackage\.json promises: "
            r"expected bytes [\d,]+ to [\d,]+ with sha256:\w+, found sha256:\w+; run `datapkg build`")  # fmt: skip
    with pytest.raises(IntegrityError, match=told):
        data.load("t", columns=["share"])
    with pytest.raises(IntegrityError, match="promises: expected sha256"):
        data.load("t")
    said = [str(found) for found in checks.findings(folder / "datapackage.json", {})]
    assert any("chunk" in text and "the descriptor says" in text for text in said)


@pytest.mark.parametrize(("change", "told"), [
    (lambda data: data[:-6] + bytes([data[-6] ^ 1]) + data[-5:], "expected bytes"),
    (lambda data: data[:-1], r"expected [\d,]+ bytes, found"),
    (lambda data: data + b"x", r"expected [\d,]+ bytes, found"),
])  # fmt: skip
def test_a_changed_end_is_noticed(tmp_path: Path, change: Callable[[bytes], bytes], told: str) -> None:
    path = written(tmp_path) / "data/t.parquet"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(IntegrityError, match=told):
        Data(Layout(tmp_path)).load("t", columns=["id"])


def test_a_file_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    path = written(tmp_path) / "data/t.parquet"
    path.unlink()
    with pytest.raises(IntegrityError, match="cannot be read"):
        Data(Layout(tmp_path)).load("t", columns=["id"])
    path.mkdir()
    with pytest.raises(IntegrityError, match="is no ordinary file"):
        Data(Layout(tmp_path)).load("t", columns=["id"])


@pytest.mark.parametrize(("promise", "told"), [
    ({"size": 2048}, "digests of chunks"), ({"size": 1000}, "expected a power of two"),
    ({"bytes": 0}, "chunks of a file of 0 bytes"), ({"sha256": ["x"]}, r"chunks\.sha256\[0\]"),
    ({"sha256": ["0" * 64]}, "digests of chunks"),
])  # fmt: skip
def test_a_list_that_cannot_be_is_refused_and_found(tmp_path: Path, promise: dict[str, Any], told: str) -> None:
    folder = written(tmp_path, **promise)
    with pytest.raises(ConfigError, match=told):
        Data(Layout(folder)).load("t", columns=["id"])
    said = [str(found) for found in checks.findings(folder / "datapackage.json", {})]
    assert any("the chunks in the descriptor cannot be used" in text for text in said)


def test_wrong_digests_and_sizes_are_findings(tmp_path: Path) -> None:
    folder = written(tmp_path)
    right = chunked(folder / "data/t.parquet")
    described(folder, **{**right, "sha256": [*right["sha256"][:2], "0" * 64, *right["sha256"][3:]]})
    said = [str(found) for found in checks.findings(folder / "datapackage.json", {})]
    assert any(f"chunk 2 (bytes 2,048 to 3,071) is sha256:{right['sha256'][2]}" in text for text in said)
    described(folder, **{**right, "bytes": right["bytes"] - 1})
    said = [str(found) for found in checks.findings(folder / "datapackage.json", {})]
    assert any("the chunks in the descriptor are of a file of" in text for text in said)
    described(folder, **right)
    assert not any("chunk" in str(found) for found in checks.findings(folder / "datapackage.json", {}))


def test_a_distant_source_gives_whole_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path)
    asked: list[str] = []

    def source(path: str) -> bytes:
        asked.append(path)
        return (folder / path).read_bytes()

    Data(Layout(folder), source).load("t", columns=["id"])
    assert "data/t.parquet" in asked
    asked.clear()
    Data(Layout(folder), source, near=True).load("t", columns=["id"])
    assert "data/t.parquet" not in asked


def test_a_file_replaced_after_it_was_opened_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path) / "data/t.parquet"
    with Proven(path, chunked(path), "it") as file:
        other = path.with_name("other")
        other.write_bytes(bytes(path.stat().st_size))
        other.replace(path)
        assert file.read(["id"], None, lambda _: None).num_rows == len(ROWS)
    with Proven(path, chunked(path) | {"sha256": file.digests}, "it") as file, pytest.raises(IntegrityError):
        file.read(["id"], None, lambda _: None)


def test_a_file_cut_while_it_is_open(tmp_path: Path) -> None:
    path = written(tmp_path) / "data/t.parquet"
    with Proven(path, chunked(path), "it") as file:
        os.truncate(path, 10)
        with pytest.raises(IntegrityError, match="found fewer"):
            file.prove([(0, 20)])
        with pytest.raises(IntegrityError, match="names bytes 5 to 1,000,000,000 of itself"):
            file.prove([(5, 10**9)])


def test_many_threads_prove_one_file(tmp_path: Path) -> None:
    path = written(tmp_path) / "data/t.parquet"
    with Proven(path, chunked(path), "it") as file:
        spans = [(i * 100, i * 100 + 3000) for i in range(200)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda span: file.prove([span]), spans))
        assert file.buffer.to_pybytes()[:20000] == path.read_bytes()[:20000]


def test_rows_and_memory_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path)
    monkeypatch.setattr(limits, "DECODED", 1)
    monkeypatch.setattr(limits, "RATIO", 0)
    with pytest.raises(IntegrityError, match="the part asked for would take"):
        Data(Layout(folder)).load("t", columns=["id"])
    said = json.loads((folder / "datapackage.json").read_text())
    said["resources"][0]["rows"] = 5
    (folder / "datapackage.json").write_text(json.dumps(said))
    with pytest.raises(IntegrityError, match="has 6,000 rows, and the descriptor promises 5"):
        Data(Layout(folder)).load("t", columns=["id"])


def test_only_large_files_have_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(5000)
    assert list(chunks.hashed(data).entries()) == ["hash"]
    monkeypatch.setattr(limits, "CHUNKED", 4999)
    monkeypatch.setattr(limits, "CHUNK", SIZE)
    said = chunks.hashed(data).entries()["chunks"]
    assert chunks.unfit(said) is None
    assert said["sha256"] == [sha256(data[i : i + SIZE]).hexdigest() for i in range(0, 5000, SIZE)]


def test_a_column_of_a_condition_is_known() -> None:
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    assert [name for name in schema.names if reading.asks(schema, pc.field("b") > 1, name)] == ["b"]
