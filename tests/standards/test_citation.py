"""CITATION.cff by two validators, datacite.json by the schema that the datacite library comes with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made
import pytest
import yaml
from conftest import PUBLISHED, ROOT, Run, edit, edit_json

CFFCONVERT = ROOT / ".venv-cff" / "bin" / "cffconvert"
CFF = {
    "cffconvert": lambda path: [CFFCONVERT, "-i", path, "--validate"],
    "check-jsonschema": lambda path: ["check-jsonschema", "--builtin-schema", "vendor.citation-file-format", path],
}


@pytest.fixture(params=["made", *PUBLISHED, "full"])
def cited(request: pytest.FixtureRequest) -> Path:
    """The folder made here and the newest release as they are, and a small one with all that package.yaml may say."""
    if request.param != "full":
        return Path(
            request.getfixturevalue("whole") if request.param == "made" else ROOT / "data/releases" / request.param
        )
    folder = request.getfixturevalue("small")
    made.full(folder, "ssh-ed25519 AAAA")
    return folder


@pytest.mark.parametrize("tool", CFF)
def test_cff_is_accepted(cited: Path, run: Run, tool: str) -> None:
    done = run(*CFF[tool](cited / "CITATION.cff"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("tool", CFF)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: dataset", "type: table"),
        ("authors:", "author:"),
        ("license: CC-BY-4.0", 'license: "free"'),
        ('date-released: "', 'date-released: "on '),
        ("type: dataset", 'type: dataset\ndoi: "https://doi.org/10.1/x"'),
    ],
)
def test_cff_is_refused(small: Path, run: Run, tool: str, old: str, new: str) -> None:
    edit(small / "CITATION.cff", old, new)
    assert run(*CFF[tool](small / "CITATION.cff")).returncode == 1


def test_cff_becomes_bibtex(cited: Path, run: Run) -> None:
    done = run(CFFCONVERT, "-i", cited / "CITATION.cff", "-f", "bibtex")
    assert done.returncode == 0, done.stderr
    title = yaml.safe_load((cited / "CITATION.cff").read_text(encoding="utf-8"))["title"]
    assert f"title = {{{title}}}" in done.stdout


def datacite(folder: Path, run: Run) -> int:
    from datacite import schema45

    content = json.loads((folder / "datacite.json").read_bytes())
    schema = Path(schema45.__file__).parent / "schemas" / "datacite-v4.5.json"
    code = run("check-jsonschema", "--schemafile", schema, folder / "datacite.json").returncode
    assert bool(schema45.validate(content)) is (code == 0)
    return code


def test_datacite_is_accepted_and_becomes_xml(cited: Path, run: Run) -> None:
    from datacite import schema45

    assert datacite(cited, run) == 0
    content = json.loads((cited / "datacite.json").read_bytes())
    assert f"<title>{content['titles'][0]['title']}</title>" in schema45.tostring(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("creators"),
        lambda content: content.update(publicationYear=2026),
        lambda content: content.update(identifiers=[]),
        lambda content: content.update(doi="https://doi.org/10.5281/zenodo.1"),
        lambda content: content["types"].update(resourceTypeGeneral="Table"),
    ],
    ids=["creators", "year", "identifiers", "doi", "type"],
)
def test_datacite_is_refused(small: Path, run: Run, change: Callable[[Any], Any]) -> None:
    edit_json(small / "datacite.json", change)
    assert datacite(small, run) == 1


def test_yaml_says_what_was_meant(small: Path) -> None:
    made.full(small, "ssh-ed25519 AAAA")
    found = yaml.safe_load((small / "CITATION.cff").read_text(encoding="utf-8"))
    assert found["keywords"] == made.FULL["keywords"]
    assert found["authors"][0]["family-names"] == made.FULL["contributors"][0]["familyName"]
    front = yaml.safe_load((small / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert front["tags"] == made.FULL["keywords"]
