"""A file of several groups of rows is fetched in parts, each of which is proven and read by itself."""

from __future__ import annotations

import hashlib
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapkg.site.parts import fingerprint, parts

TABLE = pa.table({"name": [f"row-{number}" for number in range(10)], "value": list(range(10))})


def written(group: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink, row_group_size=group, compression="zstd", write_page_index=True)
    return sink.getvalue()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_group_is_read_from_its_part_and_the_last_alone(number: int) -> None:
    data = written(4)
    places = parts(data)
    assert [begin for begin, _ in places] == [0, *(end for _, end in places[:-1])]
    assert (len(places), places[-1][1]) == (4, len(data))
    alone = b"".join(
        data[begin:end] if place in (number, len(places) - 1) else bytes(end - begin)
        for place, (begin, end) in enumerate(places)
    )
    file = pq.ParquetFile(io.BytesIO(b"PAR1" + alone[4:]))
    assert file.read_row_group(number).equals(TABLE.slice(4 * number, 4))


def test_a_file_of_one_group_is_one_part() -> None:
    data = written(100)
    assert parts(data) == [(0, len(data))]
    assert fingerprint({"a.parquet": data}, "a.parquet") == {
        "path": "a.parquet", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()
    }  # fmt: skip


def test_each_part_has_its_digest() -> None:
    data = written(5)
    told = fingerprint({"a.parquet": data}, "a.parquet")
    assert told
    begins = [0, *(part["end"] for part in told["parts"])]
    for begin, part in zip(begins, told["parts"], strict=False):
        assert part["sha256"] == hashlib.sha256(data[begin : part["end"]]).hexdigest()
    assert fingerprint({}, "a.parquet") is None
