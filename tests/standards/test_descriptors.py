"""The two Data Package descriptors: frictionless, the official profile, and npm datapackage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made
import pytest
from conftest import Run, as_json, edit, edit_json, flip, resources

BOTH = ["datapackage.json", "csv/datapackage.json"]


def profile() -> Path:
    import dplib

    return Path(dplib.__file__).parent / "profiles" / "2.0" / "datapackage.json"


def redigest(folder: Path, table: str) -> None:
    """Bring hash and bytes of a table's CSV up to date, so that only its content can be refused."""
    path = folder / "csv" / resources(folder, BOTH[1])[table]["path"]
    data = path.read_bytes()

    def change(content: Any) -> None:
        entry = next(entry for entry in content["resources"] if entry["name"] == table)
        entry |= {"hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}

    edit_json(folder / BOTH[1], change)


def frictionless(run: Run, folder: Path, table: str | None = None) -> tuple[int, set[str]]:
    """Return the exit code of frictionless on the mirror, or on one table of it, and the kinds of errors."""
    only = ["--resource-name", table] if table else []
    done = run("frictionless", "validate", "datapackage.json", "--json", *only, folder=folder / "csv")
    report = json.loads(done.stdout)
    errors = report["errors"] + [error for task in report["tasks"] for error in task["errors"]]
    return done.returncode, {error["type"] for error in errors}


def test_frictionless_accepts_the_mirror(whole: Path, run: Run) -> None:
    assert frictionless(run, whole) == (0, set())


def test_frictionless_accepts_awkward_values(values: Path, run: Run) -> None:
    assert frictionless(run, values) == (0, set())


@pytest.mark.parametrize(
    ("table", "old", "new", "kind"),
    [
        ("companies", "hanbit-foundry,", "Hanbit Foundry,", "constraint-error"),
        ("market_shares", ",42.0,", ",forty-two,", "type-error"),
        ("market_shares", "nordlicht-semi,", "nordlicht-some,", "foreign-key"),
        ("market_shares", ",false,", ",,", "constraint-error"),
        ("company_roles", "company_id,role", "role,company_id", "incorrect-label"),
    ],
)
def test_frictionless_refuses_a_changed_cell(small: Path, run: Run, table: str, old: str, new: str, kind: str) -> None:
    edit(small / "csv" / "data" / f"{table}.csv", old, new)
    redigest(small, table)
    code, kinds = frictionless(run, small, table)
    assert code == 1
    assert kind in kinds


def test_frictionless_refuses_a_row_given_twice(small: Path, run: Run) -> None:
    path = small / "csv" / "data" / "markets.csv"
    path.write_text(path.read_text(encoding="utf-8") + path.read_text(encoding="utf-8").splitlines()[-1] + "\n")
    redigest(small, "markets")
    assert frictionless(run, small, "markets") == (1, {"primary-key", "row-count"})


def test_frictionless_refuses_a_digest_and_a_size_that_do_not_match(small: Path, run: Run) -> None:
    edit(small / "csv" / "data" / "market_shares.csv", "42.0", "4.0")
    code, kinds = frictionless(run, small, "market_shares")
    assert (code, kinds) == (1, {"hash-count", "byte-count"})


@pytest.mark.parametrize("name", BOTH)
def test_the_official_profile_accepts(release: Path, run: Run, name: str) -> None:
    done = run("check-jsonschema", "--schemafile", profile(), release / name)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["contributors"][0].update(roles="creator"),
        lambda content: content["resources"][0].pop("path"),
        lambda content: content["resources"][0]["schema"]["fields"][0].update(type="text"),
        lambda content: content.update(licenses=[]),
    ],
    ids=["roles", "path", "type", "licenses"],
)
def test_the_official_profile_refuses(small: Path, run: Run, name: str, change: Callable[[Any], Any]) -> None:
    edit_json(small / name, change)
    done = run("check-jsonschema", "--schemafile", profile(), small / name)
    assert done.returncode == 1, done.stdout


def test_npm_datapackage_reads_equal_values(whole: Path, node: Run) -> None:
    done = node("datapackage.mjs", whole / BOTH[1])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == as_json(whole)


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("market_shares", "nordlicht-semi,", "nordlicht-some,", "market_shares: Foreign key"),
        ("market_shares", ",42.0,", ",forty-two,", "market_shares: The value"),
        ("market_shares", "2024-02-15", "2024-02-30", "market_shares: The value"),
        ("company_roles", "valid_from", "from", "company_roles: The column header name"),
    ],
)
def test_npm_datapackage_refuses(small: Path, node: Run, table: str, old: str, new: str, message: str) -> None:
    edit(small / "csv" / "data" / f"{table}.csv", old, new)
    done = node("datapackage.mjs", small / BOTH[1])
    assert done.returncode == 1
    assert message in done.stderr


def test_npm_datapackage_reads_awkward_values(values: Path, tmp_path: Path, node: Run) -> None:
    about = made.read_about(made.repository())
    made.release(tmp_path, {"values": made.values(2**53 - 1)}, {"values": made.VALUES}, about)
    done = node("datapackage.mjs", tmp_path / BOTH[1])
    assert done.returncode == 0, done.stderr
    rows = as_json(tmp_path)["values"]
    for row in rows:  # it takes blanks and tabs off the front of every text, whatever the dialect says
        row[1] = row[1] and (row[1].lstrip(" \t") or None)
    assert json.loads(done.stdout)["values"] == rows
    done = node("datapackage.mjs", values / BOTH[1])
    assert 'The value "9007199254740993" in column "whole" is not type "integer"' in done.stderr  # refused, not rounded


@pytest.mark.parametrize("name", BOTH)
def test_hashes_are_those_of_the_files(release: Path, name: str) -> None:
    mirror = resources(release, BOTH[1])
    for entry in resources(release, name).values():
        data = (release / name).parent.joinpath(entry["path"]).read_bytes()
        assert entry["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert entry.get("content_hash", mirror[entry["name"]]["hash"]) == mirror[entry["name"]]["hash"]
        assert "fieldsMatch" not in entry["schema"]


def test_flip_changes_a_file(small: Path) -> None:
    before = (small / BOTH[0]).read_bytes()
    flip(small / BOTH[0])
    assert (small / BOTH[0]).read_bytes() != before
