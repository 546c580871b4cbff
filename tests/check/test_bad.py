"""One folder per way to fail: bad/<rule>/ overlays the invented repository; expected.txt is what a curator is told.

An overlay is made of files under data/, and of tables/<table>.json for what no claim can bring about: `change`
replaces cells of the first row, `add` appends rows (like the first but for what is given), `replace` gives all rows,
`drop` takes columns away and `types` gives them another type. What git cannot hold is made by a function in MADE.

After a message has changed: DATAPKG_EXPECT=write pytest tests/test_bad.py writes the expected files anew; read them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datapkg import build
from datapkg.check.catalogue import READING, SCHEMA
from datapkg.check.rules import RULES
from datapkg.claims import check_anchors
from datapkg.facts import engine, tables
from datapkg.model.anchors import digest, quote_digest
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import Spec

BAD = Path(__file__).parents[1] / "bad"
FOLDERS = sorted(path.name for path in BAD.iterdir())
TODAY = date(2031, 6, 2)
KINDS = ("claims", "schema", "rules")
_FACTS: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consolidate the same observations once only: most folders differ in one table."""
    real = tables.facts

    def facts(observed: pa.Table, spec: Spec, day: date | None = None, on: Any = None) -> Any:
        key = f"{spec.name} {day} {on} {observed.to_pylist()}"
        if key not in _FACTS:
            _FACTS[key] = real(observed, spec, day, on)
        table, conflicts = _FACTS[key]
        return table, [dict(row) for row in conflicts]

    monkeypatch.setattr(tables, "facts", facts)


def _unreadable(root: Path) -> None:
    (root / "data/raw/claims/weekly.yaml").mkdir()
    (root / "data/raw/entities/terms.csv").unlink()


def _large(root: Path) -> None:
    """A sparse file: 100 MB that take no room."""
    with (root / "data/raw/claims/weekly.yaml").open("wb") as file:
        file.truncate(100_000_000)


def _not_utf8(root: Path) -> None:
    path = root / "data/raw/claims/weekly.yaml"
    path.write_bytes("source:\n  source_id: weekly\n  title: 주간 소식\n".encode("euc-kr"))


def _no_claims(root: Path) -> None:
    shutil.rmtree(root / "data/raw/claims")


def _unique(root: Path) -> None:
    """No schema of ours has a unique column yet, so one is given to the repository."""
    shutil.copytree(packaged().schemas, root / "schemas")
    path = root / "schemas/companies.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    next(f for f in schema["fields"] if f["name"] == "wikidata_id")["constraints"]["unique"] = True
    path.write_text(json.dumps(schema), encoding="utf-8")


MADE: dict[str, Callable[[Path], None]] = {
    "unreadable-file": _unreadable,
    "file-too-large": _large,
    "not-utf-8": _not_utf8,
    "no-claims": _no_claims,
    "schema-unique": _unique,
}


def _kinds(rule: str) -> tuple[str, ...]:
    """Return the kinds of check that a folder needs; both where the rules have to get by with broken tables."""
    if rule in ("schema-columns", "schema-type", "schema-edtf"):
        return KINDS
    return ("rules",) if rule in RULES or rule == "acknowledged-nothing" else ("schema",)


def _overlaid(root: Path, folder: Path) -> None:
    if (folder / "data").is_dir():
        shutil.copytree(folder / "data", root / "data", dirs_exist_ok=True)
    if folder.name in MADE:
        MADE[folder.name](root)


def _spoilt(made: build.Tables, folder: Path) -> build.Tables:
    """Return the tables with the changes of the folder's tables/."""
    tables = dict(made.tables)
    for path in sorted((folder / "tables").glob("*.json")):
        tables[path.stem] = _edited(tables[path.stem], made.specs[path.stem], json.loads(path.read_text("utf-8")))
    return replace(made, tables=tables)


def _edited(table: pa.Table, spec: Spec, edit: dict[str, Any]) -> pa.Table:
    rows = edit.get("replace", table.to_pylist())
    first = rows[0] if rows else {}
    rows += [{**first, **row} for row in edit.get("add", [])]
    first.update(edit.get("change", {}))
    days = {f.name for f in spec.fields if f.type == "date"}
    for row in rows:
        row |= {name: date.fromisoformat(row[name]) for name in days if isinstance(row.get(name), str)}
    table = engine.to_arrow(rows, spec).drop_columns(edit.get("drop", []))
    for name, kind in edit.get("types", {}).items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, table.column(name).cast(kind))
    return table


def _findings(root: Path, folder: Path, kinds: tuple[str, ...] = KINDS) -> list[str]:
    _overlaid(root, folder)
    made = build.assemble(Layout(root))
    return [str(finding) for finding in build.checked(_spoilt(made, folder), kinds, TODAY)]


@pytest.mark.parametrize("rule", FOLDERS)
def test_bad_input_is_found_and_explained(rule: str, good: Path) -> None:
    found = _findings(good, BAD / rule, _kinds(rule))
    expected = BAD / rule / "expected.txt"
    if os.environ.get("DATAPKG_EXPECT") == "write":
        expected.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8").splitlines()
    assert any(line.endswith(f" [{rule}]") for line in found)


def test_every_rule_has_a_folder_and_every_folder_a_rule() -> None:
    many = {"too-many-findings"}  # of ten thousand others, in claims in bulk: tests/test_build_pieces.py
    assert sorted({*READING, *SCHEMA, *RULES} - many) == FOLDERS
    assert set(MADE) <= set(FOLDERS)


def test_the_unspoilt_repository_has_no_findings(good: Path) -> None:
    made = build.assemble(Layout(good))
    assert [str(finding) for finding in build.checked(made, KINDS)] == []


def test_several_mistakes_in_several_files_are_reported_in_one_run_by_file_and_line(good: Path) -> None:
    for rule in ("out-of-range", "registry-row", "yaml-syntax"):
        _overlaid(good, BAD / rule)
    weekly = (BAD / "out-of-range/data/raw/claims/weekly.yaml").read_text("utf-8")
    broken = weekly.replace("weekly", "quarterly").replace("language: en", "language: English")
    (good / "data/raw/claims/quarterly.yaml").write_text(broken, encoding="utf-8")
    found = build.checked(build.assemble(Layout(good)))
    places = [(finding.place.file.removeprefix("data/raw/"), finding.place.line) for finding in found]
    assert places == [
        ("claims/monthly.yaml", 2),
        ("claims/quarterly.yaml", 1),  # what is wrong with the source does not hide what is wrong with its claims
        ("claims/quarterly.yaml", 7),
        ("claims/quarterly.yaml", 12),
        ("claims/quarterly.yaml", 17),
        ("claims/quarterly.yaml", 22),
        ("claims/weekly.yaml", 5),
        ("corrections.yaml", 2),
        ("entities/people.csv", 3),
    ]


def test_a_folder_without_claim_files_is_a_finding(good: Path) -> None:
    for path in (good / "data/raw/claims").iterdir():
        path.unlink()
    found = [str(finding) for finding in build.checked(build.assemble(Layout(good)))]
    message = "data/raw/claims has no claim files; start one with: datapkg source new URL [no-claims]"
    assert found == [f"data/raw/claims: {message}"]


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(good: Path) -> None:
    from datapkg.model.limits import YAML

    path = good / "data/raw/claims/weekly.yaml"
    path.write_bytes(b"#" * YAML)
    assert [f.rule for f in build.assemble(Layout(good)).findings] == ["empty-file"]
    path.write_bytes(b"#" * (YAML + 1))
    assert [f.rule for f in build.assemble(Layout(good)).findings] == ["file-too-large"]


def test_an_anchor_whose_digest_no_longer_matches_is_missing_or_moved(good: Path) -> None:
    layout, source_id = Layout(good), "nordlicht-results-2024"
    copy = good / "articles" / f"{source_id}.txt"
    states = [anchor.state for anchor in check_anchors(layout, source_id, copy).anchors]
    assert set(states) == {"exact"}

    text = copy.read_text(encoding="utf-8")
    claim = "nordlicht-results-2024/nordlicht-share-2023"
    copy.write_text("Corrected. " + text.replace("42 percent", "43 percent"), encoding="utf-8")
    after = {anchor.claim_id: anchor for anchor in check_anchors(layout, source_id, copy).anchors}
    assert {name for name, anchor in after.items() if anchor.state == "missing"} == {claim}
    moved = after["nordlicht-results-2024/nordlicht-fabless"]
    assert moved.at
    assert (moved.state, moved.found[0][0] - moved.at[0]) == ("moved", len("Corrected. "))
    assert digest(text) != digest(copy.read_text(encoding="utf-8"))
    assert quote_digest(text[slice(*moved.at)]) == quote_digest("Nordlicht Semi, a fabless chip company")
