"""Claim files that have not changed are not read again, and nobody can tell the difference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datapkg.claims import kept
from datapkg.claims.claim import Claim
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import load_specs
from datapkg.model.values import Written

SPECS = load_specs(packaged().schemas)
FORMS = kind_schemas(SPECS)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "FEW", 0)
    monkeypatch.setattr(kept, "user_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "claims.jsonl"


@pytest.fixture
def read_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the files that are read rather than remembered."""
    names: list[str] = []
    read = ClaimReader.file

    def noted(self: ClaimReader, path: Path) -> list[Claim]:
        names.append(path.name)
        return read(self, path)

    monkeypatch.setattr(ClaimReader, "file", noted)
    return names


def told(root: Path) -> tuple[list[Any], dict[str, Any], list[str]]:
    """Return the claims of a repository, exact to the type, where its sources stand, and the findings."""
    reader = ClaimReader(Layout(root), SPECS, FORMS)
    claims = reader.files()
    plain = [(c.claim_id, vars(c.source), c.kind, exact(c.values), c.places, c.place, exact(c.common)) for c in claims]
    assert len({id(c.source) for c in claims}) == len({c.source.source_id for c in claims})
    return plain, reader.rows, [str(f) for f in reader.findings]


def exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: exact(v) for name, v in value.items()}
    if isinstance(value, list):
        return [exact(v) for v in value]
    return type(value), value, value.decimals if isinstance(value, Written) else None


def test_what_is_kept_is_what_was_read(good: Path, cache: Path, read_anew: list[str]) -> None:
    first = told(good)
    files = sorted(
        path.name for path in (good / "data/raw").rglob("*.yaml") if path.parent.name in ("claims", "datasets")
    )
    assert sorted(read_anew) == files
    assert cache.is_file()
    read_anew.clear()
    assert told(good) == first
    assert read_anew == []


def test_a_file_that_changed_is_read_again_alone(good: Path, read_anew: list[str]) -> None:
    told(good)
    read_anew.clear()
    file = sorted((good / "data/raw/claims").glob("*.yaml"))[0]
    file.write_text(file.read_text().replace("says: ", "says: In short, ", 1))
    assert any("In short, " in str(claim) for claim in told(good)[0])
    assert read_anew == [file.name]
    told(good)
    assert read_anew == [file.name]


def test_claims_beside_a_map_are_part_of_what_was_read(tmp_path: Path) -> None:
    lines, one = tmp_path / "table.jsonl", kept.Kept([])
    lines.write_text("{}\n")
    before = one.key("table.yaml", [lines])
    lines.write_text("{}\n{}\n")
    assert one.key("table.yaml", [lines]) != before
    assert one.key("table.yaml", [tmp_path / "gone.jsonl"]) is None


def test_what_is_wrong_is_told_each_time(good: Path) -> None:
    file = sorted((good / "data/raw/claims").glob("*.yaml"))[0]
    file.write_text(file.read_text().replace("certainty: asserted", "certainty: sure", 1))
    assert told(good)[2] == told(good)[2] != []


def test_other_schemas_are_other_readings(good: Path, read_anew: list[str], tmp_path: Path) -> None:
    schema = tmp_path / "own.json"
    schema.write_text("{}")
    file = next((good / "data/raw/claims").glob("*.yaml"))
    keys = {kept.Kept([schema]).key("a", [file]), kept.Kept([schema]).key("b", [file]), kept.Kept([]).key("a", [file])}
    schema.write_text("{ }")
    assert len(keys | {kept.Kept([schema]).key("a", [file])}) == 4


@pytest.mark.parametrize(
    "broken", [b"\xff\x00", b"abc\n", b"{key} [\n", b"{key} {}\n", b"{key} [[],[1]]\n", b"{key} 5\n"]
)
def test_a_cache_that_is_broken_is_no_cache(good: Path, cache: Path, read_anew: list[str], broken: bytes) -> None:
    first = told(good)
    keys = [line.split(b" ")[0] for line in cache.read_bytes().splitlines()]
    cache.write_bytes(b"".join(broken.replace(b"{key}", key) for key in keys))
    assert told(good) == first


def test_a_cache_that_cannot_be_written_is_done_without(good: Path, cache: Path) -> None:
    cache.parent.write_bytes(b"")  # a file where the folder would be
    assert told(good) == told(good)


def test_a_cache_of_what_has_long_changed_is_begun_anew(
    good: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(good)
    size = cache.stat().st_size
    monkeypatch.setattr(kept, "BYTES", size)
    cache.write_bytes(cache.read_bytes() + b"0" * size)
    told(good)
    assert cache.stat().st_size == size


def test_few_files_are_not_worth_it(good: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FEW", 100)
    told(good)
    assert not cache.exists()
