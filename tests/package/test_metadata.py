"""The metadata of a release: one record, one writer per file, the same bytes everywhere."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from datapkg.facts.engine import to_arrow
from datapkg.model.errors import ConfigError, WriteError
from datapkg.model.layout import Layout
from datapkg.model.specs import PREFIX, Spec, load_specs
from datapkg.package.about import read_about
from datapkg.package.csv import write_csv
from datapkg.package.descriptor import head
from datapkg.package.documents import WRITERS, documents
from datapkg.package.parquet import ROW_GROUP, parquet, table_path
from datapkg.package.record import Release, Signature, TableFile, csv_path, measured, parquet_path
from datapkg.package.text import as_json, as_yaml

SPEC = Spec(
    "things",
    {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "title": "Things",
        "description": "One row per | thing.",
        "role": "fact",
        "fields": [
            {"name": "id", "type": "string", "title": "Id", "description": "Key.", "constraints": {"required": True}},
            {"name": "text", "type": "string", "title": "Text", "description": "A text."},
            {"name": "days", "type": "number", "title": "Days", "description": "A number.", "unit": "days"},
            {"name": "whole", "type": "integer", "title": "Whole", "description": "A whole number."},
            {"name": "flag", "type": "boolean", "title": "Flag", "description": "Yes or no."},
            {"name": "day", "type": "date", "title": "Day", "description": "A day."},
        ],
        "primaryKey": ["id"],
        "foreignKeys": [{"fields": ["text"], "reference": {"resource": "", "fields": ["id"]}}],
    },
)
ROWS: list[dict[str, Any]] = [
    {"id": "b", "text": 'say "x", y', "days": 0.1, "whole": 2**63 - 1, "flag": True, "day": date(1969, 12, 31)},
    {"id": "a", "text": "two\nlines", "days": 80.0, "whole": None, "flag": False, "day": None},
    {"id": "c", "text": None, "days": None, "whole": -5, "flag": None, "day": date(2024, 2, 29)},
]
PERSON = {
    "title": "Ada Kim",
    "givenName": "Ada",
    "familyName": "Kim",
    "organization": "Chips",
    "path": "https://orcid.org/0000-0002-1825-0097",
    "roles": ["creator"],
}
PRESS = {"title": "Chip Press", "roles": ["publisher"]}


@pytest.fixture(scope="module")
def about(built: Path) -> dict[str, Any]:
    return read_about(Layout(built))


@pytest.fixture(scope="module")
def folder(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the invented repository where a release has them, as Parquet and as CSV."""
    return tables(built, tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def record(built: Path, folder: Path, about: dict[str, Any]) -> Release:
    specs = load_specs(Layout(built).schemas)
    return Release(about, "1.2.3", "2026-11-24", {name: measured(folder, spec) for name, spec in specs.items()})


def tables(built: Path, target: Path) -> Path:
    for name, spec in load_specs(Layout(built).schemas).items():
        path = target / parquet_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(built / table_path(name), path)
        write_csv(path, spec, target / csv_path(name))
    return target


def test_two_runs_in_two_folders_write_the_same_bytes(
    built: Path, folder: Path, record: Release, about: dict[str, Any], tmp_path: Path
) -> None:
    other = tables(built, tmp_path / "elsewhere")
    names = list(record.tables)
    random.Random(1).shuffle(names)
    specs = load_specs(Layout(built).schemas)
    again = Release(about, "1.2.3", "2026-11-24", {name: measured(other, specs[name]) for name in names})
    assert documents(again) == documents(record)
    assert digests(other) == digests(folder)


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def test_every_file_says_the_version_and_no_file_the_place(record: Release, folder: Path) -> None:
    found = documents(record)
    assert list(found) == sorted(WRITERS)
    for path, data in found.items():
        assert b"1.2.3" in data, path
        assert str(folder).encode() not in data
        assert b"\r" not in data
        assert data.endswith(b"\n")
        assert not data.endswith(b"\n\n")


def test_the_descriptors_describe_the_same_tables(record: Release, folder: Path) -> None:
    found = documents(record)
    parquet, mirror = (json.loads(found[p])["resources"] for p in ("datapackage.json", "csv/datapackage.json"))
    assert (
        [entry["name"] for entry in parquet]
        == [entry["name"] for entry in mirror]
        == [t.spec.name for t in record.files]
    )
    for one, other in zip(parquet, mirror, strict=True):
        data, text = (folder / one["path"]).read_bytes(), (folder / "csv" / other["path"]).read_bytes()
        assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert one["content_hash"] == other["hash"] == f"sha256:{hashlib.sha256(text).hexdigest()}"
        assert (other["bytes"], "bytes" in one) == (len(text), False)
        assert one["rows"] == other["rows"] == pq.read_metadata(folder / one["path"]).num_rows
        assert "nan" not in json.dumps(other["schema"]["fields"][0].get("missingValues", []))


def test_the_head_has_the_release_and_leaves_out_what_is_not_known(record: Release) -> None:
    found = head(record)
    assert found["created"] == "2026-11-24T00:00:00Z"
    assert found["version"] == "1.2.3"
    assert "homepage" not in found
    assert "id" not in found
    cited = head(replace(record, about={**record.about, "doi": "10.1234/abc"}))
    assert (cited["id"], cited["doi"]) == ("https://doi.org/10.1234/abc", "10.1234/abc")


def test_croissant_has_every_table_and_unique_names(record: Release) -> None:
    found = json.loads(WRITERS["croissant.json"](record))
    assert len(found["distribution"]) == len(found["recordSet"]) == len(record.tables)
    ids = [entry["@id"] for entry in found["distribution"] + found["recordSet"]]
    ids += [field["@id"] for entry in found["recordSet"] for field in entry["field"]]
    assert len(set(ids)) == len(ids)
    assert not [name for name in ids if not re.fullmatch(r"[a-z0-9_.]+(/[a-z0-9_.]+)*", name)]
    sources = {
        f["references"]["fileObject"]["@id"] for e in found["recordSet"] for f in e["field"] if "references" in f
    }
    assert sources <= {entry["@id"] for entry in found["distribution"]}
    assert any(name.startswith(PREFIX) for name in ids)


def one(about: dict[str, Any], rows: int = 3, **more: Any) -> Release:
    things = TableFile(SPEC, rows, "0" * 64, 10, "1" * 64, 20)
    return Release(about, "0.2.0", "2026-11-24", {"things": things}, **more)


def test_people_groups_and_a_publisher(about: dict[str, Any]) -> None:
    found = documents(one({**about, "contributors": [PERSON, PRESS], "doi": "10.1234/abc", "homepage": "https://a.b"}))
    cff = yaml.safe_load(found["CITATION.cff"])
    assert cff["authors"] == [
        {"family-names": "Kim", "given-names": "Ada", "affiliation": "Chips", "orcid": PERSON["path"]}
    ]
    assert (cff["doi"], cff["url"]) == ("10.1234/abc", "https://a.b")
    record = json.loads(found["datacite.json"])
    assert record["creators"][0]["name"] == "Kim, Ada"
    assert record["creators"][0]["nameIdentifiers"][0]["nameIdentifier"] == PERSON["path"]
    assert record["publisher"] == {"name": "Chip Press"}
    assert record["doi"] == "10.1234/abc"
    croissant = json.loads(found["croissant.json"])
    assert croissant["creator"] == [{"@type": "Person", "name": "Ada Kim", "url": PERSON["path"]}]
    assert croissant["sameAs"] == "https://doi.org/10.1234/abc"


def test_without_a_creator_all_contributors_are_creators(about: dict[str, Any]) -> None:
    group = {"title": "The group"}
    record = one({**about, "contributors": [group]})
    assert (record.publisher, [a.name for a in record.creators]) == ("The group", ["The group"])
    assert json.loads(WRITERS["datacite.json"](record))["creators"] == [
        {"name": "The group", "nameType": "Organizational"}
    ]
    person = {"givenName": "Ada", "familyName": "Kim", "path": "https://a.b"}
    only = one({**about, "contributors": [person]}).creators[0]
    assert (only.name, only.orcid, only.person) == ("Ada Kim", None, True)


def test_the_card_shows_tables_notes_and_citation(about: dict[str, Any]) -> None:
    notes = {"limitations": "Few sources.\n", "collection": "By hand."}
    record = one({**about, "notes": notes}, previous="0.1.0", reference="Kim (2026).", bibtex="@misc{x}\n")
    text = WRITERS["README.md"](record).decode()
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["configs"] == [{"config_name": "things", "default": True, "data_files": "data/things.parquet"}]
    assert (front["license"], front["size_categories"]) == ("cc-by-4.0", ["n<1K"])
    assert "Changes since 0.1.0 are in CHANGES.md." in text
    assert "| [things](data/things.parquet) | One row per \\| thing. | 3 |  |" in text
    assert text.index("## How they were collected\n\nBy hand.") < text.index("## Limits\n\nFew sources.\n")
    assert "Kim (2026).\n\n```bibtex\n@misc{x}\n```\n" in text
    assert 'pd.read_parquet("data/things.parquet"' in text
    croissant = json.loads(WRITERS["croissant.json"](record))
    assert (croissant["rai:dataCollection"], croissant["citeAs"]) == ("By hand.", "@misc{x}\n")


def test_the_card_escapes_what_others_may_have_written(about: dict[str, Any]) -> None:
    evil = "<img src=x onerror=alert(1)> [a](javascript:b)\u202e"
    licence = {"name": "x", "title": evil, "path": "javascript:alert(1)"}
    hostile = {**about, "title": evil, "description": evil, "licenses": [licence], "notes": {"uses": evil}}
    release = replace(one(hostile), reference=evil, bibtex=f"@misc{{x, note = {{{evil}}}}}\n```\n{evil}")
    card = WRITERS["README.md"](release).decode().split("---\n", 2)[2]
    outside = re.sub(r"(````)bibtex\n.*?\1", "", card, flags=re.S)
    assert len(outside) < len(card)
    assert not re.search(r"(?<!\\)<img", outside)
    assert "](javascript:alert" not in outside
    assert "\u202e" not in card
    assert outside.startswith("\n# \\<img src=x onerror=alert(1)\\> \\[a\\](javascript:b)\\\\u202e\n")


def test_the_card_shows_the_longest_table_with_figures(about: dict[str, Any]) -> None:
    named = {name: TableFile(Spec(name, SPEC.schema), rows, "0" * 64, 10, "1" * 64, 20)
             for name, rows in (("few", 2), ("many", 9), ("things", 5))}  # fmt: skip
    card = WRITERS["README.md"](Release(about, "0.2.0", "2026-11-24", named)).decode()
    front = yaml.safe_load(card.split("---\n")[1])
    assert [config["config_name"] for config in front["configs"] if config.get("default")] == ["many"]


def test_a_table_without_rows_has_no_configuration(about: dict[str, Any]) -> None:
    front = yaml.safe_load(WRITERS["README.md"](one(about, rows=0)).decode().split("---\n")[1])
    assert not front["configs"]
    assert yaml.safe_load(WRITERS["README.md"](one(about, rows=10**7)).decode().split("---\n")[1])[
        "size_categories"
    ] == ["n>1M"]


@pytest.mark.parametrize(
    ("signature", "line"),
    [
        (None, "This release is not signed"),
        (Signature("minisign", "RWQabc"), "minisign -V -m SHA256SUMS -P 'RWQabc'"),
        (Signature("ssh", "ssh-ed25519 AAAA me\n"), "echo 'datapkg ssh-ed25519 AAAA me' > /tmp/allowed_signers"),
    ],
)
def test_verify_md_prints_the_lines_for_the_signature(
    about: dict[str, Any], signature: Signature | None, line: str
) -> None:
    found = documents(one(about, signature=signature))
    assert line in found["VERIFY.md"].decode()
    assert (b"and the list is signed" in found["README.md"]) is (signature is not None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"created": "2026-11"}, "release 0.2.0: created is '2026-11'; expected a date such as 2026-11-24"),
        ({"created": "20261124"}, "release 0.2.0: created is '20261124'; expected a date such as 2026-11-24"),
        ({"about": {"licenses": []}}, "release 0.2.0: package.yaml has no licenses; a release names at least one"),
        (
            {"about": {"licenses": [1], "contributors": [1], "keywords": [1], "doi": "https://doi.org/10.1234/abc"}},
            "release 0.2.0: package.yaml has the doi 'https://doi.org/10.1234/abc'; "
            "expected it without https://doi.org/, as 10.1234/abc",
        ),
    ],
)
def test_a_record_refuses(about: dict[str, Any], change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        replace(one(about), **change)


@pytest.mark.parametrize(
    ("tool", "key", "message"),
    [
        ("gpg", "x", "signature with 'gpg'; expected one of minisign, ssh"),
        ("minisign", "a\nb", "the public key of minisign has to be one line; take the last one of its file"),
        ("ssh", " ", "the public key of ssh has to be one line; take the last one of its file"),
        ("ssh", "ssh-ed25519 AAAA it's me", "the public key of ssh has a quote (') in it; change its comment"),
    ],
)
def test_a_signature_refuses(tool: str, key: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        Signature(tool, key)


def test_csv_is_sorted_and_typed(tmp_path: Path) -> None:
    table = to_arrow(ROWS, SPEC)
    write_csv(table.take(pa.array([2, 0, 1])), SPEC, tmp_path / "new" / "things.csv")
    assert (tmp_path / "new" / "things.csv").read_bytes().decode() == (
        "id,text,days,whole,flag,day\n"
        'a,"two\nlines",80.0,,false,\n'
        'b,"say ""x"", y",0.1,9223372036854775807,true,1969-12-31\n'
        "c,,,-5,,2024-02-29\n"
    )
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["things.csv"]


def test_csv_from_a_file_with_a_difficult_name_is_the_same(tmp_path: Path) -> None:
    table = to_arrow(ROWS, SPEC)
    path = tmp_path / "it's [1]*?.parquet"
    pq.write_table(table, path)
    write_csv(path, SPEC, tmp_path / "a'b.csv")
    write_csv(table, SPEC, tmp_path / "plain.csv")
    assert (tmp_path / "a'b.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()


def test_csv_of_no_rows_is_its_header(tmp_path: Path) -> None:
    write_csv(to_arrow([], SPEC), SPEC, tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == "id,text,days,whole,flag,day\n"
    numbers = Spec("numbers", {**SPEC.schema, "fields": [SPEC.schema["fields"][3]], "primaryKey": ["whole"]})
    write_csv(to_arrow([{"whole": 2}, {"whole": 1}], numbers), numbers, tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == "whole\n1\n2\n"


def test_csv_refuses_empty_texts(tmp_path: Path) -> None:
    message = (
        "table 'things' has empty texts in id, text; in CSV they are not told from missing values, so make them null"
    )
    with pytest.raises(WriteError, match=f"^{re.escape(message)}$"):
        write_csv(to_arrow([{"id": "", "text": ""}], SPEC), SPEC, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()


def test_csv_of_a_broken_file_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(WriteError, match=r"x\.csv was not written: Invalid"):
        write_csv(tmp_path / "broken.parquet", SPEC, tmp_path / "x.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.parquet"]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
VALUES = st.fixed_dictionaries(
    {
        "text": st.none() | TEXTS,
        "days": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
        "flag": st.none() | st.booleans(),
        "day": st.none() | st.dates(),
    }
)


@settings(max_examples=30, deadline=None)
@given(st.lists(VALUES, max_size=4))
def test_csv_reads_back_equal(tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, Any]]) -> None:
    rows = [{"id": f"k{number}", **value} for number, value in enumerate(values)]
    path = tmp_path_factory.mktemp("csv") / "things.csv"
    write_csv(to_arrow(rows, SPEC), SPEC, path)
    with path.open(encoding="utf-8", newline="") as file:
        by_python = list(csv.DictReader(file))
    for row, found in zip(rows, by_python, strict=True):
        assert found["text"] == (row["text"] or "")
        assert found["whole"] == ("" if row["whole"] is None else str(row["whole"]))
        assert (float(found["days"]) if found["days"] else None) == row["days"]
        assert found["day"] == (row["day"].isoformat() if row["day"] else "")
    columns = "{id: 'VARCHAR', text: 'VARCHAR', days: 'DOUBLE', whole: 'BIGINT', flag: 'BOOLEAN', day: 'DATE'}"
    with duckdb.connect() as connection:
        options = f"header = true, auto_detect = false, quote = '\"', escape = '\"', columns = {columns}"
        assert connection.execute(f"FROM read_csv('{path}', {options})").fetchall() == [
            tuple(row[name] for name in SPEC.columns) for row in rows
        ]


NAMES = st.from_regex(r"[a-z]{2,9}-x", fullmatch=True)
PAIRS = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3)


@given(
    st.dictionaries(
        NAMES,
        TEXTS | st.booleans() | st.lists(TEXTS | st.booleans() | PAIRS, min_size=1, max_size=3) | PAIRS,
        min_size=1,
        max_size=4,
    )
)
def test_yaml_reads_back_equal(value: dict[str, Any]) -> None:
    assert yaml.safe_load(as_yaml(value)) == value


def test_json_keeps_order_and_refuses_what_is_no_json() -> None:
    assert as_json({"b": 1, "a": "é"}) == '{\n "b": 1,\n "a": "é"\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json(float("nan"))


def test_a_long_table_has_groups_that_are_read_one_by_one() -> None:
    ids = pa.array(range(ROW_GROUP + 1)).cast(pa.string())
    columns = {field.name: pa.nulls(len(ids), field.type) for field in SPEC.arrow()}
    table = pa.table(columns | {"id": ids}, schema=SPEC.arrow())
    about = {"name": "n", "version": "1.0.0", "licenses": [{"path": "https://licence.example"}]}
    file = pq.ParquetFile(pa.BufferReader(parquet(table, SPEC, about)))
    assert [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)] == [ROW_GROUP, 1]
