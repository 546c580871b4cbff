"""croissant.json, loaded record by record: `mlcroissant validate` never opens the data, `load` does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import made
import mlcroissant
import pytest
from conftest import Run, edit_json, expected, flip, resources


def load(run: Run, folder: Path, table: str = "market_shares") -> tuple[int, str]:
    """Return the exit code and the messages of loading a whole record set."""
    done = run("mlcroissant", "load", "--jsonld", "croissant.json", "--record_set", table, "--num_records", "-1",
               folder=folder)  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def plain(record: dict[str, Any], table: str) -> dict[str, Any]:
    """Return a record without the prefix of its names; texts come as bytes and days as times."""
    values = {name.removeprefix(f"{table}/"): value for name, value in record.items()}
    return {k: v.decode() if isinstance(v, bytes) else v.date() if hasattr(v, "date") else v for k, v in values.items()}


def test_every_record_set_loads_with_equal_values(whole: Path) -> None:
    dataset = mlcroissant.Dataset(whole / "croissant.json")
    names = [record_set.id for record_set in dataset.metadata.record_sets]
    assert sorted(names) == sorted(resources(whole))
    for name in names:
        assert [plain(record, name) for record in dataset.records(name)] == expected(whole, name), name


def test_the_command_loads_and_validates(whole: Path, run: Run) -> None:
    code, shown = load(run, whole)
    assert code == 0, shown
    assert "Done." in shown
    assert run("mlcroissant", "validate", "--jsonld", whole / "croissant.json").returncode == 0


def test_nothing_is_left_to_recommend_once_everything_is_said(small: Path) -> None:
    made.full(small, "ssh-ed25519 AAAA")
    dataset = mlcroissant.Dataset(small / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    assert len(list(dataset.records("market_shares"))) == len(expected(small, "market_shares"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files, sets: files.update(sha256="0" * 64), "Hash of downloaded file"),
        (lambda files, sets: files.update(encodingFormat="application/vnd.apache.parquet"), "encoding"),
        (lambda files, sets: files.update(contentUrl="data/nothing.parquet"), "nothing.parquet"),
        (lambda files, sets: sets["field"][0]["source"]["extract"].update(column="company"), 'Column "company"'),
        (lambda files, sets: sets["field"][0]["references"]["extract"].update(column="firm_id"), 'Column "firm_id"'),
        (lambda files, sets: sets["field"][0].update(dataType="sc:Date"), "ReadFields(market_shares)"),
    ],
    ids=["sha256", "media type", "missing file", "missing column", "missing reference", "type"],
)
def test_load_refuses(small: Path, run: Run, change: Callable[[Any, Any], Any], message: str) -> None:
    def damage(content: Any) -> None:
        file = next(entry for entry in content["distribution"] if entry["@id"] == "data/market_shares.parquet")
        change(file, next(entry for entry in content["recordSet"] if entry["@id"] == "market_shares"))

    edit_json(small / "croissant.json", damage)
    code, shown = load(run, small)
    assert code == 1
    assert message in shown


def test_load_refuses_a_flipped_bit(small: Path, run: Run) -> None:
    flip(small / "data" / "market_shares.parquet")
    code, shown = load(run, small)
    assert code == 1
    assert "Hash of downloaded file" in shown
