"""What earlier releases changed is followed back as far as it can be had, and no further."""

from __future__ import annotations

import io
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapkg.model.errors import NotFound
from datapkg.registry import Registry
from datapkg.site.changes import earlier, steps


def changes(before: str) -> bytes:
    sink = io.BytesIO()
    rows = {"table": ["t", "t", "observations.t"], "change": ["row_added", "cell_changed", "row_added"]}
    pq.write_table(pa.table(rows).replace_schema_metadata({"old_version": before}), sink)
    return sink.getvalue()


class Releases:
    """A registry that has the changes of some versions."""

    def __init__(self, **before: str) -> None:
        self.has = {name[1:]: changes(old) for name, old in before.items()}

    def file(self, version: str, path: str) -> bytes:
        assert path == "changes.parquet"
        if version not in self.has:
            raise NotFound(version)
        return self.has[version]


@pytest.mark.parametrize(
    ("has", "found"),
    [
        ({"v3": "2", "v2": "1", "v1": ""}, ["2", "1"]),
        ({"v3": "2", "v1": ""}, []),
        ({"v3": "2", "v2": "3"}, ["2", "3"]),
        ({"v2": "1"}, []),
    ],
    ids=["to the first", "one is missing", "a circle", "not there itself"],
)
def test_the_releases_before_one(has: dict[str, str], found: list[str]) -> None:
    assert list(earlier(cast("Registry", Releases(**has)), "3")) == found


def test_the_pages_are_told_of_a_chain_that_ends() -> None:
    files = {"changes.parquet": changes("2"), "changes/2.parquet": changes("1"), "changes/0.parquet": changes("")}
    assert [(step["version"], step["before"]) for step in steps(files, "3")] == [("3", "2"), ("2", "1")]
    circle = {"changes.parquet": changes("2"), "changes/2.parquet": changes("3"), "changes/3.parquet": changes("2")}
    assert [(step["version"], step["before"]) for step in steps(circle, "3")] == [("3", "2"), ("2", "3")]
    assert list(steps({}, "3")) == []
    assert {tuple(step["rows"].items()) for step in steps(files, "3")} == {(("row_added", 1), ("cell_changed", 1))}
