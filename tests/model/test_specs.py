"""Table Schemas: what is read of them, what is refused, and what holds for all of them together."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from fuzzing import bounded, nearly
from hypothesis import given
from hypothesis import strategies as st

from datapkg.check import suite
from datapkg.claims import kind_schemas
from datapkg.model.errors import ConfigError, DatapkgError, NotFound
from datapkg.model.specs import PREFIX, ForeignKey, Group, Spec, load_specs, standard
from datapkg.pages.derive import dictionary, kind_schema_json

FOLDER = Path(__file__).parents[2] / "schemas"
SPECS = load_specs(FOLDER)
TABLES = {name: spec for name, spec in SPECS.items() if spec.role != "observation"}


PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "title": name.title(), "description": f"A {name}.", **more}


def schema(**more: Any) -> dict[str, Any]:
    return {
        "$schema": PROFILE, "title": "Things", "description": "One thing.", "role": "record", "primaryKey": ["id"],
        "fields": [field("id", constraints={"required": True}), field("size", type="number", unit="mm")],
        **more}  # fmt: skip


SHARED = schema(role="observation", fields=[field("claim_id"), field("tier")], primaryKey=["claim_id"], foreignKeys=[])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "observations.json").write_text(json.dumps(SHARED))
    return tmp_path


def put(folder: Path, content: Any, name: str = "things") -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / f"{name}.json").write_bytes(data)


def test_a_schema_becomes_a_spec(folder: Path) -> None:
    put(folder, schema())
    spec = load_specs(folder)["things"]
    assert (spec.name, spec.title, spec.description, spec.role) == ("things", "Things", "One thing.", "record")
    assert (spec.columns, spec.key, spec.claim, spec.foreign_keys) == (("id", "size"), ("id",), {}, ())
    assert (spec.field("id").required, spec.field("size").required) == (True, False)
    assert spec.field("size").unit == "mm"
    with pytest.raises(NotFound, match=re.escape("no column 'sise' in table 'things'; did you mean 'size'?")):
        spec.field("sise")


def test_a_fact_table_has_observations_behind_it(folder: Path) -> None:
    required = {"required": True, "minimum": 0}
    own = [field("id", constraints=required), field("size", type="number", constraints=required),
           field("claim_id", bookkeeping=True), field("count", type="integer", bookkeeping=True)]  # fmt: skip
    keys = [{"fields": ["size"], "reference": {"resource": "", "fields": ["id"]}},
            {"fields": ["claim_id"], "reference": {"resource": "things", "fields": ["id"]}}]  # fmt: skip
    fact = schema(role="fact", claim={"kind": "thing"}, fields=own, foreignKeys=keys)
    put(folder, fact)
    put(folder, {**fact, "claim": {"kind": "part", "partial": True}}, "parts")
    specs = load_specs(folder)
    assert list(specs) == ["parts", "things", "observations.parts", "observations.things"]
    whole, part = specs["observations.things"], specs["observations.parts"]
    assert (whole.columns, whole.key, whole.role) == (
        ("id", "size", "claim_id", "tier"),
        ("id", "claim_id"),
        "observation",
    )
    assert whole.title == "Things: observations"
    assert whole.foreign_keys == (ForeignKey("size", "observations.things", "id"),)
    assert (whole.field("size").required, part.field("size").required, part.field("id").required) == (True, False, True)
    assert part.field("size").constraints == {"minimum": 0}
    assert specs["things"].field("size").required


def test_groups_are_the_declared_ones_and_single_columns(folder: Path) -> None:
    own = [field(n) for n in "abcde"] + [field("z", bookkeeping=True), field("period_end", type="date")]
    own[3]["compare"] = "none"
    put(folder, schema(fields=own, primaryKey=["a"], groups=[{"columns": ["c", "b"], "compare": {"within": 1}}]))
    spec = load_specs(folder)["things"]
    assert [f.name for f in spec.values] == ["b", "c", "d", "e"]
    assert spec.groups == (Group(("c", "b"), {"within": 1}), Group(("d",), "none"), Group(("e",), "exact"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is unusable: JSONDecodeError: Expecting property name"),
        (b"\xff", "is unusable: UnicodeDecodeError: 'utf-8' codec can't decode"),
        ([], "is unusable: it is an empty list; expected an object"),
        ({}, "is unusable: it has no 'title'"),
        (schema(fields=[{"type": "string"}]), "is unusable: fields[0] has no 'name'"),
        (schema(fields=None), "is unusable: fields is null; expected a list with something in it"),
        (b"[" * 100_000, "is unusable: ValueError: nested too deeply"),
        (schema(fields=[field("id"), field("id")]), "has columns twice: id"),
        (schema(fields=[field('x" FROM y')]),
         'is unusable: fields[0].name is "x\\" FROM y"; expected a text of the form [a-z][a-z0-9_]*'),
        (schema(primaryKey="id"), 'is unusable: primaryKey is "id"; expected a list with something in it'),
        (schema(fields=[field("id", compare="sometimes")]), 'is unusable: fields[0].compare is "sometimes"; expected '),
        (schema(fields=[field("id", compare={"interval": ["id", "low"]})]),
         "has columns in keys or groups that are no fields: low"),
        ({k: v for k, v in schema().items() if k != "primaryKey"}, "is unusable: it has no 'primaryKey'"),
        ({k: v for k, v in schema().items() if k != "title"}, "is unusable: it has no 'title'"),
        (schema(foreignKeys=[{"fields": [], "reference": {"resource": "", "fields": ["id"]}}]),
         "is unusable: foreignKeys[0].fields is an empty list; expected a list with something in it"),
        (schema(fields=[field("id", colour=1, weight=2)]), "has unknown properties ['colour', 'weight']"),
        (schema(primaryKey=["id", "name"]), "has columns in keys or groups that are no fields: name"),
        (schema(groups=[{"columns": ["size", "depth"], "compare": "exact"}]),
         "has columns in keys or groups that are no fields: depth"),
        (schema(foreignKeys=[{"fields": ["maker"], "reference": {"resource": "", "fields": ["id"]}}]),
         "has columns in keys or groups that are no fields: maker"),
        (schema(fields=[field("id"), field("when", type="datetime")]), "has unknown types: datetime"),
        (schema(title=""), "has no: title"),
        (schema(description="", role=""), "has no: description, role"),
        (schema(claim={"kind": "../thing"}), 'is unusable: claim.kind is "../thing"; expected a text of the form'),
        (schema(claim={}), "is unusable: claim has no 'kind'"),
        (schema(claim={"kind": "thing", "list": "parts"}), "has a claim with one of 'list' and 'item'; they go"),
        (schema(role="facts"), "has the role 'facts'; roles are registry, fact, record, observation"),
    ],
)  # fmt: skip
def test_an_unusable_schema_is_refused(folder: Path, content: Any, message: str) -> None:
    put(folder, content)
    with pytest.raises(ConfigError, match="^" + re.escape(f"schemas/things.json {message}")):
        load_specs(folder)


def test_a_foreign_key_to_nothing_is_refused(folder: Path) -> None:
    for resource, target, found in (("makers", "id", "'makers', which has no schema"),
                                    ("", "ident", "'things.ident', which is no column")):  # fmt: skip
        put(folder, schema(foreignKeys=[{"fields": ["size"], "reference": {"resource": resource, "fields": [target]}}]))
        with pytest.raises(ConfigError, match=re.escape(f"schemas/things.json: foreign key to {found}")):
            load_specs(folder)


def test_a_kind_feeds_one_table_and_the_lists_of_its_claims(folder: Path) -> None:
    put(folder, schema(role="fact", claim={"kind": "thing"}))
    (folder / "others.json").write_text(json.dumps(schema(role="fact", claim={"kind": "thing"})))
    told = "schemas/things.json: claims of kind 'thing' feed 'others' already; name the kind otherwise"
    with pytest.raises(ConfigError, match=f"^{re.escape(told)}$"):
        load_specs(folder)
    listed = {"kind": "thign", "list": "parts", "item": "part"}
    (folder / "others.json").write_text(json.dumps(schema(role="fact", claim=listed)))
    told = "schemas/others.json: no table is fed by claims of kind 'thign', whose list it holds; did you mean 'thing'?"
    with pytest.raises(ConfigError, match=f"^{re.escape(told)}$"):
        load_specs(folder)


ALL = {path.stem: path.read_bytes() for path in FOLDER.glob("*.json")}


@bounded
@given(st.data())
def test_a_schema_of_any_shape_ends_in_our_errors(draw: Any) -> None:
    """And one that is read gives forms, suites and a data dictionary."""
    name = draw.draw(st.sampled_from(sorted(ALL)))
    changed = json.dumps(draw.draw(nearly(json.loads(ALL[name])))).encode()
    with suppress(DatapkgError):
        specs = load_specs({**ALL, name: changed})
        assert all(kind_schema_json(form) for form in kind_schemas(specs).values())
        assert suite(specs[name]) if name in specs else True
        assert dictionary(specs)


def test_a_folder_without_schemas_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        message = f"no schemas in {path}; expected observations.json and one file per table"
        with pytest.raises(ConfigError, match="^" + re.escape(message) + "$"):
            load_specs(path)


def test_a_schema_that_cannot_be_opened_is_refused(folder: Path) -> None:
    (folder / "things.json").mkdir()
    with pytest.raises(ConfigError, match=r"schemas/things\.json is unusable: IsADirectoryError"):
        load_specs(folder)


# The schemas of the repository


def test_there_is_a_schema_for_every_table_of_the_design() -> None:
    facts = {name for name, spec in SPECS.items() if spec.role == "fact"}
    assert facts == set(
        """
        company_roles company_countries positions market_shares market_ranks market_standings market_sizes
        company_metrics product_prices product_lead_times product_components product_uses supply_relations visits
        meetings meeting_people meeting_companies plans alliance_members deals deal_parties statements
        segment_shares revenue_shares company_changes market_changes price_changes company_events product_events
        product_specs product_costs product_shipments share_gaps facility_profiles facility_capacities
        facility_milestones grants""".split()
    )
    assert {n for n, s in SPECS.items() if s.role == "observation"} == {PREFIX + name for name in facts}
    registries = {n for n, s in SPECS.items() if s.role == "registry"}
    assert registries == {
        "companies", "people", "products", "markets", "alliances", "terms", "aliases", "segments", "facilities",
        "company_identifiers",
    }  # fmt: skip
    records = {"sources", "claims", "conflicts", "corrections", "preferences", "acknowledgements"}
    records |= {"forecast_outcomes", "forecast_scores"}
    assert records == {n for n, s in SPECS.items() if s.role == "record"}


MAY_DIFFER = {
    "kind", "unit", "inferred", "reason", "status", "basis", "title", "market_id", "certainty",
    "table", "tier", "known_from", "horizon", "value",
}  # fmt: skip
"""Columns whose title, description or vocabulary is that of their own table."""
AS_GIVEN = {("claims", "vintage")}
"""Columns that keep what a claim file says, an EDTF text, of what facts and observations hold as a day."""


def test_a_column_name_means_one_type_unit_and_thing() -> None:
    seen: dict[str, tuple[str, Any]] = {}
    texts: dict[str, tuple[str, Any]] = {}
    for name, spec in TABLES.items():
        for f in (f for f in spec.fields if (name, f.name) not in AS_GIVEN):
            sort = (f.type, f.unit, f.edtf)
            assert seen.setdefault(f.name, (name, sort))[1] == sort, (f.name, seen[f.name], name)
            if f.name not in MAY_DIFFER:
                limits = {k: v for k, v in f.constraints.items() if k not in ("required", "unique")}
                said = (f.title, f.description, limits)
                assert texts.setdefault(f.name, (name, said))[1] == said, (f.name, texts[f.name][0], name)
    for f in MAY_DIFFER:
        variants = {
            json.dumps([x.title, x.description, x.constraints])
            for s in TABLES.values()
            for x in s.fields
            if x.name == f
        }
        assert len(variants) > 1, f"{f} need not be listed"


@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_keys_groups_and_references_name_what_is_there(spec: Spec) -> None:
    assert set(spec.key) <= set(spec.columns)
    assert len(set(spec.columns)) == len(spec.columns)
    for fk in spec.foreign_keys:
        target = SPECS[fk.table]
        assert target.key == (fk.target,), f"{fk.column} points at a column that is not unique"
        assert spec.field(fk.column).type == target.field(fk.target).type
    values = {f.name for f in spec.values}
    for group in spec.schema.get("groups", []):
        assert set(group["columns"]) <= values
        rule = group["compare"] if isinstance(group["compare"], dict) else {}
        named = [*rule.get("interval", []), *rule.get("same", [])]
        assert set(named) <= set(group["columns"])
    assert {c for g in spec.groups for c in g.columns} == values
    assert all(spec.field(k).required for k in spec.key), "a key column is never null"


@pytest.mark.parametrize("spec", [s for s in TABLES.values() if s.role == "fact"], ids=lambda s: s.name)
def test_a_value_and_its_hedge_are_one_group_and_so_come_from_one_claim(spec: Spec) -> None:
    hedges = [c for c in spec.columns if c == "qualifier" or c.endswith("_qualifier")]
    for hedge in hedges:
        (group,) = [g for g in spec.groups if hedge in g.columns]
        value = hedge.removesuffix("_qualifier") if hedge != "qualifier" else group.compare["interval"][0]
        assert group.columns[0] == value, f"{hedge} stands with {group.columns}, expected {value} first"
        assert spec.field(value).type in ("number", "integer")
        bounds = [f for f in spec.columns if f.startswith(f"{value}_") and f.endswith(("_low", "_high"))]
        assert {*bounds, hedge} <= set(group.columns)
    ends = [c for c in spec.columns if re.search(r"(^|_)(low|high)(_|$)", c)]
    homes = [next(g for g in spec.groups if c in g.columns) for c in ends]
    assert all(any(h in g.columns for h in hedges) for g in homes), "bounds stand beside a hedge"


def test_a_value_with_a_unit_or_currency_takes_it_from_the_same_claim() -> None:
    for name, spec in TABLES.items():
        loose = [g.columns for g in spec.groups if spec.role == "fact" and g.columns in (("unit",), ("currency",))]
        assert not loose or not {"amount", "quantity"} & set(spec.columns), (name, loose)


@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_blocks_stages_and_leading_values_are_declared_of_what_is_there(spec: Spec) -> None:
    assert set(spec.block) <= set(spec.key)
    if spec.status:
        places, words = set(spec.stages), set(spec.field(spec.status).constraints["enum"])
        assert places == words, "every status has its place in time"
    if "leads" in spec.schema and spec.role == "fact":
        assert spec.leading
        assert spec.leading.columns[0] == spec.schema["leads"]


@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_columns_are_documented_snake_case_and_of_plain_types(spec: Spec) -> None:
    plain = {pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()}
    arrow = spec.arrow()
    assert tuple(arrow.names) == spec.columns
    for f, column in zip(spec.fields, arrow, strict=True):
        assert re.fullmatch(r"[a-z][a-z0-9_]*", f.name)
        assert f.description.endswith("."), f.name
        assert f.title[:1].isupper(), f.name
        assert column.type in plain
        assert column.nullable is not f.required
        notes = {"title": f.title, "description": f.description} | ({"unit": f.unit} if f.unit else {})
        assert {k.decode(): v.decode() for k, v in column.metadata.items()} == notes
        if f.default is not None:
            assert f.default in f.constraints.get("enum", [f.default])
        # interval_level is the field's own name for what a source says of an interval
        assert (f.unit == "%") is (f.name.endswith("_pct") or f.name == "interval_level")


@pytest.mark.parametrize("name", [p.stem for p in sorted(FOLDER.glob("*.json"))])
def test_every_schema_passes_the_official_profile(name: str) -> None:
    profile = json.loads(files("dplib").joinpath("profiles/2.0/tableschema.json").read_text("utf-8"))
    check = jsonschema.validators.validator_for(profile)(profile)
    raw = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert [e.message for e in check.iter_errors(raw)] == []
    assert raw["$schema"] == PROFILE
    assert list(check.iter_errors({**raw, "fields": []})), "the profile can say no"
    assert list(check.iter_errors({**raw, "fields": [{**raw["fields"][0], "type": "text"}]}))
    for spec in (SPECS.get(name), SPECS.get(PREFIX + name)):
        if spec:
            published = standard(spec)
            assert [e.message for e in check.iter_errors(published)] == []
            assert set(published) <= {"$schema", "fields", "primaryKey", "foreignKeys"}
