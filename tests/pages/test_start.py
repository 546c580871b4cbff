"""A repository of one's own: what `datapkg init` writes, and that one claim later it builds on what datapkg knows."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import runs
import yaml
from fuzzing import bounded, nearly
from hypothesis import given

from datapkg import build
from datapkg.cli.arguments import parser
from datapkg.model import Layout
from datapkg.package import ABOUT_SCHEMA, new_about, read_about
from datapkg.package.about import FIELDS, MORE

CHECKS = ("claims", "schema", "rules")
CLAIMS = """source:
  source_id: gazette-2026
  title: Chips of the year
  publisher: Patent Gazette
  kind: press
  tier: secondary
  language: en
  published: 2026-01-05
  url: https://gazette.example/2026
  retrieved: 2026-01-06
claims:
- claim: nordlicht-buys
  says: Nordlicht buys HBM from SK hynix.
  certainty: asserted
  supply_relation: {supplier: SK hynix, customer: Nordlicht Semi, product: HBM}
"""
NORDLICHT = "nordlicht-semi,Nordlicht Semi,,DE,,,,,true,,,\n"


@pytest.fixture
def mine(tmp_path: Path, run: runs.Run) -> Layout:
    """A repository as `datapkg init` makes it."""
    assert run("init", tmp_path / "My chips").code == 0
    return Layout(tmp_path / "My chips")


def test_what_is_written_and_what_comes_next(tmp_path: Path, run: runs.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".gitignore").write_text("mine\n")
    done = run("init")
    *paths, last = done.out.splitlines()
    assert last == "next: fill in data/raw/package.yaml, then: datapkg source new URL"
    assert sorted(paths) == sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")
                                   if p.is_file() and p.name != ".gitignore")  # fmt: skip
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert (tmp_path / "data/raw/entities/people.csv").read_text() == "person_id,name_en,name_ko,wikidata_id\n"


def test_a_repository_is_not_started_twice_nor_in_a_folder_without_a_name(mine: Layout, run: runs.Run) -> None:
    done = run("init", mine.root)
    told = f"datapkg: {mine.root} holds data/raw already; start another repository elsewhere\n"
    assert (done.code, done.err) == (2, told)
    done = run("init", mine.root / "칩")
    assert (done.code, done.err[:40]) == (2, "datapkg: '칩' gives no name for a package")


def test_before_its_first_claim_the_check_names_the_next_step_and_nothing_else(mine: Layout, run: runs.Run) -> None:
    done = run("check", "--root", mine.root, "--only", "claims,schema,rules")
    assert done.code == 1
    assert done.out.splitlines()[1].strip().startswith("data/raw/claims has no claim files; start one with: datapkg")
    assert done.out.endswith("\n1 finding in 1 place\n")


def test_names_of_datapkg_are_known_and_ones_own_are_added_or_take_their_place(mine: Layout) -> None:
    (mine.claims / "gazette-2026.yaml").write_text(CLAIMS)
    (finding,) = build.assemble(mine).findings
    assert finding.message.startswith("no 'Nordlicht Semi' among the companies")
    companies = mine.entities / "companies.csv"
    companies.write_text(companies.read_text() + NORDLICHT)
    made = build.assemble(mine)
    assert build.checked(made, CHECKS) == []
    (row,) = made.tables["supply_relations"].select(["supplier_id", "customer_id", "product_id"]).to_pylist()
    assert row == {"supplier_id": "sk-hynix", "customer_id": "nordlicht-semi", "product_id": "hbm"}
    companies.write_text(companies.read_text() + "sk-hynix,Hynix as we call it,,KR,,,,,true,,,\n")
    names = build.assemble(mine).tables["companies"].select(["company_id", "name_en"]).to_pylist()
    assert [n["name_en"] for n in names if n["company_id"] == "sk-hynix"] == ["Hynix as we call it"]


def test_registries_that_are_left_out_are_those_of_datapkg_or_a_finding(mine: Layout, run: runs.Run) -> None:
    (mine.claims / "gazette-2026.yaml").write_text(CLAIMS.replace("Nordlicht Semi", "NVIDIA"))
    for path in mine.entities.glob("*.csv"):
        path.unlink()
    assert build.checked(build.assemble(mine), CHECKS) == []
    mine.about.write_text(mine.about.read_text().replace("extends: datapkg", "extends: null"))
    found = build.checked(build.assemble(mine), CHECKS)
    assert "data/raw/entities/companies.csv" in {finding.place.file for finding in found}


def test_package_yaml_is_in_order_and_says_what_each_field_is_for(mine: Layout) -> None:
    about = read_about(mine)
    assert about["name"] == "my-chips"
    text = mine.about.read_text()
    for name in about:
        assert f"\n# {ABOUT_SCHEMA['properties'][name]['description']}\n{name}:" in text
    assert text.startswith("# yaml-language-server: $schema=../../schemas/raw/package.json\n")
    schema = json.loads((mine.root / "schemas/raw/package.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(about, schema)


RIGHT = yaml.safe_load(new_about("mine")) | {"doi": "10.5281/zenodo.1", "notes": {"uses": "Research."}}


@bounded
@given(nearly(RIGHT))
def test_the_schema_of_package_yaml_says_what_the_check_says_of_any_form(about: Any) -> None:
    known = FIELDS | MORE
    fits = isinstance(about, dict) and FIELDS.keys() <= about.keys() <= known.keys()
    fits = fits and all(known[name].fits(value) for name, value in about.items())
    assert jsonschema.Draft7Validator(ABOUT_SCHEMA).is_valid(about) == fits


def test_the_workflow_uses_pinned_actions_and_commands_that_there_are(mine: Layout) -> None:
    workflow = (mine.root / ".github/workflows/claims.yml").read_text()
    steps = yaml.safe_load(workflow)["jobs"]["check"]["steps"]
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)
    (check,) = (step["run"] for step in steps if step.get("run", "").startswith("datapkg"))
    words = shlex.split(check.replace("${GITHUB_BASE_REF:+", "").replace("}", ""))
    assert parser().parse_args(words[1:]).against == "origin/$GITHUB_BASE_REF"


def test_every_command_of_the_page_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs/own.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ datapkg (.*)|`datapkg (check .*?)`", page, re.M)
    assert len(commands) == 6
    assert all(parser().parse_args(shlex.split("".join(words))).run for words in commands)
