"""What is derived from the schemas and rules: fresh, complete, and of use to the editor of a claim file."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from datapkg.check import catalogue, rules
from datapkg.claims.blocks import COMMON
from datapkg.claims.kindschema import kind_schemas
from datapkg.claims.yaml import read_yaml
from datapkg.model import semver
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs
from datapkg.pages import derive

ROOT = Path(__file__).parents[2]
SPECS = load_specs(ROOT / "schemas")
FORMS = kind_schemas(SPECS)
MADE = derive.derived(Layout(ROOT))
CLAIMS = sorted((ROOT / "data/raw/claims").glob("*.yaml")) + sorted(
    (ROOT / "tests/good/data/raw/claims").glob("*.yaml")
)


def test_the_committed_files_are_fresh() -> None:
    stale = [p for p, text in MADE.items() if not (ROOT / p).is_file() or (ROOT / p).read_text("utf-8") != text]
    assert not stale, f"not what the schemas make: {', '.join(stale)}; run: make docs"
    there = {
        p.relative_to(ROOT).as_posix() for d in ("claims", "expectations") for p in (ROOT / "schemas" / d).glob("*")
    }
    extra = there - set(MADE)
    assert not extra, f"nothing makes these any more: {', '.join(sorted(extra))}; run: make docs"


def test_there_is_a_form_for_every_kind_and_a_suite_for_every_table() -> None:
    kinds = {spec.claim["kind"] for spec in SPECS.values() if spec.claim}
    assert {p for p in MADE if p.startswith("schemas/claims/")} == {
        f"schemas/claims/{name}.json" for name in (*kinds, "file")
    }
    tables = {name for name, spec in SPECS.items() if spec.role != "observation"}
    assert {p for p in MADE if p.startswith("schemas/expectations/")} == {
        f"schemas/expectations/{name}.json" for name in tables
    }
    assert all(text.endswith("\n") and not text.endswith("\n\n") for text in MADE.values())


# The forms


SCHEMAS = {Path(p).name: json.loads(text) for p, text in MADE.items() if p.startswith("schemas/claims/")}


def messages(document: Any) -> list[str]:
    """Return what the schema of a claim file says about a document, the most telling message of each error."""
    registry = Registry().with_resources(
        (f"https://datapkg.example/{name}", Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
    )
    whole = {**SCHEMAS["file.json"], "$id": "https://datapkg.example/file.json"}
    check = jsonschema.Draft7Validator(whole, registry=registry)
    return [jsonschema.exceptions.best_match([e]).message for e in check.iter_errors(document)]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_form_is_a_json_schema_of_draft_7(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "http://json-schema.org/draft-07/schema#"
    undescribed = [n for n, p in SCHEMAS[name]["properties"].items() if "description" not in p]
    assert undescribed == ([] if name != "file.json" else ["source", "claims"])


@pytest.mark.parametrize("path", CLAIMS, ids=lambda p: p.stem)
def test_the_forms_accept_every_claim_file(path: Path) -> None:
    assert messages(read_yaml(path, path.name).plain()) == []


def first(document: Any, kind: str) -> Any:
    return next(claim for claim in document["claims"] if kind in claim)


SPOILED: dict[str, tuple[Callable[[Any], object], str]] = {
    "unknown field of the file": (lambda d: d.update(more=1), "('more' was unexpected)"),
    "no claims": (lambda d: d.update(claims=[]), "[] "),
    "no source": (lambda d: d.pop("source"), "'source' is a required property"),
    "unknown field of the source": (lambda d: d["source"].update(author="x"), "('author' was unexpected)"),
    "no publisher": (lambda d: d["source"].pop("publisher"), "'publisher' is a required property"),
    "unknown tier": (lambda d: d["source"].update(tier="good"), "'good' is not one of ['primary', 'secondary'"),
    "source id with capitals": (lambda d: d["source"].update(source_id="Nordlicht"), "'Nordlicht' does not match"),
    "short digest": (lambda d: d["source"]["text"].update(sha256="ab"), "'ab' does not match"),
    "text without length": (lambda d: d["source"]["text"].pop("chars"), "'chars' is a required property"),
    "no says": (lambda d: d["claims"][0].pop("says"), "'says' is a required property"),
    "claim name with a space": (lambda d: d["claims"][0].update(claim="a b"), "'a b' does not match"),
    "certainty of another word": (lambda d: d["claims"][0].update(certainty="sure"), "'sure' is not one of"),
    "negative position": (lambda d: d["claims"][0].update(at=[-1, 3]), "-1 is less than the minimum of 0"),
    "one position": (lambda d: d["claims"][0].update(at=[1]), "[1] is too short"),
    "three positions": (lambda d: d["claims"][0].update(at=[1, 2, 3]), "[1, 2, 3] is too long"),
    "unknown field of a claim": (lambda d: d["claims"][0].update(said="x"), "('said' was unexpected)"),
    "no kind": (lambda d: first(d, "company_role").pop("company_role"), "is not valid under any of the given schemas"),
    "two kinds": (lambda d: first(d, "company_role").update(statement={}), "is valid under each of"),
    "unknown field of a kind": (lambda d: first(d, "market_share")["market_share"].update(share=1),
                                "('share' was unexpected)"),
    "needed field of a kind": (lambda d: first(d, "market_share")["market_share"].pop("period"),
                               "'period' is a required property"),
    "share over 100": (lambda d: first(d, "market_share")["market_share"].update(share_pct=101),
                       "101 is greater than the maximum of 100"),
    "share of another type": (lambda d: first(d, "market_share")["market_share"].update(share_pct=[80]),
                              "[80] is not of type 'number', 'string', 'null'"),
    "unknown qualifier": (lambda d: first(d, "market_share")["market_share"].update(qualifier="upto"),
                          "'upto' is not one of ['exact', 'about'"),
    "impossible month": (lambda d: first(d, "market_share")["market_share"].update(period="2024-13"),
                         "'2024-13' does not match"),
    "reference without a registry": (lambda d: first(d, "statement")["statement"].update(about="Nordlicht"),
                                     "'Nordlicht' does not match"),
    "currency in words": (lambda d: first(d, "market_size")["market_size"].update(currency="dollar"),
                          "'dollar' does not match"),
    "yes for true": (lambda d: first(d, "market_size")["market_size"].update(forecast="yes"),
                     "'yes' is not of type 'boolean', 'null'"),
    "list of names as a text": (lambda d: d["claims"][0].update(inferred="period"), "'period' is not of type 'array'"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_the_forms_refuse_a_spoiled_claim_file(good: Path, name: str) -> None:
    path = good / "data/raw/claims/nordlicht-results-2024.yaml"
    document = copy.deepcopy(read_yaml(path, path.name).plain())
    spoil, expected = SPOILED[name]
    spoil(document)
    found = messages(document)
    assert any(expected in message for message in found), found


def test_lists_take_bare_names_and_whole_items(good: Path) -> None:
    path = good / "data/raw/claims/hanbit-visit-2024.yaml"
    document = read_yaml(path, path.name).plain()
    meeting = first(document, "meeting")["meeting"]
    meeting["people"] = ["Ida Falk", {"person": "Han Seo-yun", "company": "Hanbit Foundry"}]
    assert messages(document) == []
    meeting["people"] = [{"company": "Hanbit Foundry"}]
    assert messages(document) != []
    meeting["people"] = "Ida Falk"
    assert messages(document) == ["'Ida Falk' is not of type 'array'"]


def test_a_form_has_the_fields_of_its_kind_and_file_json_all_kinds() -> None:
    for kind, form in FORMS.items():
        schema = SCHEMAS[f"{kind}.json"]
        assert list(schema["properties"]) == list(form.properties)
        assert schema["required"] == [name for name, entry in form.properties.items() if entry.required]
    claim = SCHEMAS["file.json"]["properties"]["claims"]["items"]
    assert set(claim["properties"]) == {*COMMON, *FORMS}
    assert claim["oneOf"] == [{"required": [kind]} for kind in sorted(FORMS)]
    share = SCHEMAS["market_share.json"]["properties"]
    assert share["qualifier"]["default"] == "exact"
    assert share["company"]["description"].endswith("or an id of companies.")


def test_check_jsonschema_says_yes_and_no_as_a_user_would_run_it(good: Path) -> None:
    folder = good / "schemas" / "claims"
    folder.mkdir(parents=True)
    for name, schema in SCHEMAS.items():
        (folder / name).write_text(json.dumps(schema), "utf-8")
    files = sorted((good / "data/raw/claims").glob("*.yaml"))
    spoiled = good / "data/raw/claims/spoiled.yaml"
    spoiled.write_text(files[1].read_text("utf-8").replace("share_pct: 42", "share_pct: 420"), "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(folder / "file.json")]
    found = subprocess.run([*command, *map(str, files), str(spoiled)], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "spoiled.yaml" in found.stdout
    assert "420 is greater than the maximum of 100" in found.stdout
    assert not any(f"{path.name}::" in found.stdout for path in files), found.stdout


# The pages


def test_every_table_and_column_is_in_the_dictionary() -> None:
    page = MADE["docs/tables.md"]
    for name, spec in SPECS.items():
        if spec.role == "observation":
            continue
        part = page.split(f"\n### {name}\n", 1)[1].split("\n#", 1)[0]
        assert part.strip().startswith(spec.description)
        assert re.findall(r"^\| `(\w+)` \|", part, re.M) == list(spec.columns)
        assert ", ".join(f"`{k}`" for k in spec.key) in part
        for fk in spec.foreign_keys:
            assert f" -> `{fk.table}.{fk.target}`" in part
        for f in spec.fields:
            assert all(f"`{value}`" in part for value in f.constraints.get("enum", []))
        if spec.claim:
            assert f"Fed by claims of kind `{spec.claim['kind']}`." in part
    shared = page.split("\n## Observations\n", 1)[1]
    own = SPECS["observations.plans"].columns
    assert re.findall(r"^\| `(\w+)` \|", shared, re.M) == list(own[own.index("claim_id") :])


def test_every_row_of_the_pages_has_its_cells() -> None:
    for page, cells in (("docs/tables.md", 5), ("docs/checks.md", 2)):
        for line in MADE[page].splitlines():
            if line.startswith("|"):
                assert len(re.findall(r"(?<!\\)\|", line)) == cells + 1, line
    assert MADE["docs/tables.md"].startswith("<!-- Made by `make docs`")


def test_every_rule_is_on_the_page_of_checks_with_its_reason() -> None:
    page = MADE["docs/checks.md"]
    known = {rule.id: rule.why for rule in rules.RULES.values()}
    for more in (catalogue.READING, catalogue.SCHEMA, catalogue.FILES, catalogue.RELEASE):
        assert not set(known) & set(more), "an id means one thing"
        known |= more
    for name, why in known.items():
        assert f"| `{name}` | {why} |" in page
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.M)) == set(known)


def test_every_rule_id_in_the_code_is_on_the_page() -> None:
    code = "".join(p.read_text("utf-8") for p in (ROOT / "datapkg").rglob("*.py") if p.name != "catalogue.py")
    used = set(re.findall(r'rule="([a-z-]+)"', code)) | set(re.findall(r'\bnote\(\s*"([a-z-]+)"', code))
    used |= set(re.findall(r'_refuse\(\s*"([a-z-]+)"', code))
    assert len(used) > 20
    assert {name for name in used if f"| `{name}` |" not in MADE["docs/checks.md"]} == set()


# The command


def test_the_command_says_that_the_repository_is_fresh() -> None:
    command = [sys.executable, "-m", "datapkg.pages", "--check"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "derived files are fresh\n"), found.stdout + found.stderr


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(
        ROOT / "schemas", tmp_path / "schemas", ignore=shutil.ignore_patterns("claims", "expectations", "raw")
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_citation_is_that_of_the_newest_release() -> None:
    newest = max(ROOT.glob("data/releases/[0-9]*/CITATION.cff"), key=lambda path: semver.parse(path.parent.name))
    assert MADE["CITATION.cff"] == newest.read_text("utf-8")


UNBUILT = ("CITATION.cff", "README.md", "docs/conflicts.md", "docs/coverage.md", "docs/capacity.md", "docs/quality.md")
"""What a clone without a release, tables and a second coding has not."""


def test_the_command_writes_what_is_missing_or_old_and_takes_away_the_rest(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {path: text for path, text in MADE.items() if path not in UNBUILT}
    assert derive.main(["--check"]) == 1
    listed = capsys.readouterr().out.splitlines()
    assert listed == [f"not fresh: {path}; run: make docs" for path in sorted(made)]
    assert not (clone / "docs").exists()
    assert derive.main([]) == 0
    assert {p: (clone / p).read_text("utf-8") for p in made} == made
    assert derive.main(["--check"]) == 0
    assert capsys.readouterr().out == "derived files are fresh\n"
    (clone / "schemas/claims/gone.json").write_text("{}")
    (clone / "docs/checks.md").write_text("old")
    fresh = (clone / "docs/tables.md").stat().st_mtime_ns
    assert derive.main(["--check"]) == 1
    listed = capsys.readouterr().out.splitlines()
    assert listed == [f"not fresh: {p}; run: make docs" for p in ("docs/checks.md", "schemas/claims/gone.json")]
    assert derive.main([]) == 0
    assert not (clone / "schemas/claims/gone.json").exists()
    assert (clone / "docs/checks.md").read_text("utf-8") == MADE["docs/checks.md"]
    assert (clone / "docs/tables.md").stat().st_mtime_ns == fresh, "a fresh file is left alone"
