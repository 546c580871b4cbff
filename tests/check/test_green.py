"""What outside tools found nothing in is not asked again; whatever changed is, and full runs ask everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapkg.check import Green, expectations, frictionless, green
from datapkg.model import Layout, Spec, load_specs

SHARES = Spec(
    "shares",
    {
        "role": "record",
        "title": "Shares",
        "description": "Shares.",
        "fields": [
            {"name": "rank", "type": "integer", "title": "R", "description": "R.", "constraints": {"minimum": 1}}
        ],
        "primaryKey": ["rank"],
    },
)
SUITES = {"shares": expectations.suite(SHARES)}


def shares(*ranks: int) -> dict[str, pa.Table]:
    return {"shares": pa.table({"rank": pa.array(ranks, pa.int64())})}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Which tables Great Expectations, and which resources frictionless was asked about, in order."""
    heard: list[Any] = []
    run, report = expectations._run, frictionless._report

    def told_run(tables: Any, suites: Any, references: bool) -> Any:
        heard.append(sorted(suites))
        return run(tables, suites, references)

    def told_report(source: Any, **options: Any) -> Any:
        heard.append(sorted(r["name"] for r in source["resources"]) if isinstance(source, dict) else "whole")
        return report(source, **options)

    monkeypatch.setattr(expectations, "_run", told_run)
    monkeypatch.setattr(frictionless, "_report", told_report)
    return heard


def test_a_table_is_asked_about_again_when_it_or_its_suite_changed(tmp_path: Path, asked: list[Any]) -> None:
    def found(tables: dict[str, pa.Table], suites: Any = SUITES, references: bool = False) -> int:
        return len(expectations.findings(tables, {"shares": SHARES}, suites, references, Green(tmp_path)))

    assert [found(shares(1, 2)), found(shares(1, 2))] == [0, 0]
    assert asked == [["shares"]]
    assert [found(shares(0, 2)), found(shares(0, 2))] == [1, 1]  # a failure is told every time
    assert len(asked) == 3
    wider = {"shares": {**SUITES["shares"], "expectations": SUITES["shares"]["expectations"][:1]}}
    assert [found(shares(1, 2), wider), found(shares(1, 2), references=True)] == [0, 0]
    assert len(asked) == 5


def test_a_file_is_read_again_when_it_changed(built: Path, tmp_path: Path, asked: list[Any]) -> None:
    descriptor = Layout(built).descriptor
    said = json.loads(descriptor.read_bytes())
    some = [r for r in said["resources"] if r["name"] in ("markets", "people")]
    for resource in some:
        resource["schema"].pop("foreignKeys", None)
        target = tmp_path / resource["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((built / resource["path"]).read_bytes())
    own = tmp_path / "datapackage.json"
    own.write_text(json.dumps({**said, "resources": some}))

    def found() -> list[str]:
        return [str(finding.table) for finding in frictionless.findings(own, False, Green(tmp_path))]

    assert [found(), found()] == [[], []]
    assert asked == [["markets", "people"]]
    people = pq.ParquetFile(tmp_path / some[1]["path"]).read()
    pq.write_table(
        people.set_column(0, "person_id", pa.array(["NOT A SLUG"] * len(people))), tmp_path / some[1]["path"]
    )
    assert set(found()) == set(found()) == {some[1]["name"]}
    assert asked[1:] == [[some[1]["name"]]] * 2
    assert frictionless.findings(own, True, Green(tmp_path))
    assert asked[-1] == "whole"


@pytest.mark.parametrize("content", [b"", b"{", b"17", b'{"a": 1}', b"\xff"])
def test_a_damaged_memory_remembers_nothing_that_matters(tmp_path: Path, content: bytes) -> None:
    (tmp_path / green.NAME).write_bytes(content)
    kept = Green(tmp_path)
    assert "0" * 64 not in kept
    kept.keep(["0" * 64])
    assert "0" * 64 in Green(tmp_path)


def test_it_does_not_grow_for_ever_and_needs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(green, "KEPT", 3)
    Green(tmp_path).keep("abcde")
    assert json.loads((tmp_path / green.NAME).read_bytes()) == ["c", "d", "e"]
    nowhere = Green()
    nowhere.keep("a")
    assert "a" in nowhere
    Green(tmp_path / "file" / "below").keep("a")
    (tmp_path / "blocked").write_text("")
    Green(tmp_path / "blocked").keep("a")  # cannot be written, and that is no failure


def test_another_release_of_a_tool_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = green.question("frictionless", b"1")
    assert green.question("frictionless", b"1") == before != green.question("frictionless", b"2")
    monkeypatch.setattr(green, "version", lambda tool: "0")
    assert green.question("frictionless", b"1") != before


def test_the_schemas_of_the_repository_have_questions_of_their_own() -> None:
    specs = load_specs(Layout(Path(__file__).parents[2]).schema_files)
    suites = [json.dumps(expectations.suite(spec)) for spec in specs.values() if spec.role != "observation"]
    assert len({green.question("great_expectations", suite.encode()) for suite in suites}) == len(suites)
