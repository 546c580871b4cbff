"""Files of claims are found by folder, file, pattern and URL, and opened where they lie."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from datapkg.model import NotFound, Part, Unreachable, UsageError
from datapkg.registry import parts, parts_at

FILES = ("a.jsonl", "b/c.parquet", "b/c.sources.parquet", "b/_SUCCESS", "_temporary/d.jsonl", ".e.jsonl", "notes.txt")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        (tmp_path / "claims" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "claims" / name).write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def memory() -> str:
    fs = fsspec.filesystem("memory")
    for name in FILES:
        fs.pipe(f"/claims/{name}", name.encode())
    return "memory://claims"


def contents(named: list[Part]) -> dict[str, str]:
    read = {}
    for part in named:
        with part.open() as file:
            read[part.name] = file.read().decode()
    return read


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("claims", ["claims/a.jsonl", "claims/b/c.parquet", "claims/b/c.sources.parquet"]),
        ("claims/b/", ["claims/b/c.parquet", "claims/b/c.sources.parquet"]),
        ("claims/a.jsonl", ["claims/a.jsonl"]),
        ("claims/*.jsonl", ["claims/a.jsonl"]),
        ("claims/**/c*", ["claims/b/c.parquet", "claims/b/c.sources.parquet"]),
        ("cl*", ["claims/a.jsonl", "claims/b/c.parquet", "claims/b/c.sources.parquet"]),
    ],
)
def test_on_the_disk(here: Path, where: str, expected: list[str]) -> None:
    named = parts_at(where)
    assert [part.name for part in named] == expected
    assert contents(named) == {name: name.removeprefix("claims/") for name in expected}
    assert [part.name for part in parts_at(f"{here}/{where}")] == [f"{here}/{name}" for name in expected]
    assert [part.name for part in parts_at(f"file://{here}/{where}")] == [f"{here}/{name}" for name in expected]


def test_what_a_part_is() -> None:
    names = ("a/b.sources.jsonl", "a/b.parquet", "sources.parquet", "resources.jsonl")
    told = [(part.folder, part.sources, part.parquet) for part in (Part(name, Path("x").open) for name in names)]
    assert told == [("a", True, False), ("a", False, True), ("", True, True), ("", False, False)]


@pytest.mark.parametrize(
    ("where", "error", "message"),
    [
        ("claims/notes.txt", UsageError, r"^claims/notes\.txt is no file of claims; expected \.jsonl or \.parquet$"),
        ("claims/*.csv", NotFound, r"^no files of claims at claims/\*\.csv; expected \.jsonl or \.parquet$"),
        ("nowhere", NotFound, "^no files of claims at nowhere; "),
        ("a**", UsageError, r"^'a\*\*' is no pattern of files: "),
        ("memory://nowhere/*", NotFound, r"^no files of claims at memory://nowhere/\*; "),
        ("memory://nowhere/a.jsonl", Unreachable, "^memory:///nowhere/a.jsonl cannot be read: it does not exist "),
        ("memory://nowhere", Unreachable, "^memory://nowhere cannot be read: it does not exist "),
        ("http://127.0.0.1:1/claims", Unreachable, r"^http://127\.0\.0\.1:1/claims cannot be read: no connection "),
        ("gopher://a", UsageError, "^gopher://a is no URL that fsspec can open: "),
    ],
)
def test_what_is_not_there(here: Path, where: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        contents(parts_at(where))


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("", ["a.jsonl", "b/c.parquet", "b/c.sources.parquet"]),
        ("/b", ["b/c.parquet", "b/c.sources.parquet"]),
        ("/a.jsonl", ["a.jsonl"]),
        ("/*.jsonl", ["a.jsonl"]),
    ],
)
def test_elsewhere(memory: str, below: str, expected: list[str]) -> None:
    named = parts_at(memory + below)
    assert contents(named) == {f"memory:///claims/{name}": name for name in expected}


def test_a_place_that_does_not_answer(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: object) -> list[str]:
        raise PermissionError("no")

    monkeypatch.setattr(parts, "_listed", refuses)
    with pytest.raises(Unreachable, match=r"^memory://claims cannot be read: no rights there \(PermissionError: no\)$"):
        parts_at(memory)
