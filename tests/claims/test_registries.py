"""Names across languages, spellings and legal forms, and the registries that they are looked up in."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datapkg import build
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.claims.registries import Registries, read_registries
from datapkg.model.layout import Layout
from datapkg.model.names import LEGAL, LEGAL_CJK, fold
from datapkg.model.specs import load_specs

ROOT = Path(__file__).parents[2]
SPECS = load_specs(ROOT / "schemas")
FOLDER = "data/raw/entities"


@pytest.mark.parametrize(
    ("folded", "names"),
    [
        ("nvidia", ["NVIDIA", "Nvidia", "Nvidia Corp.", "nvidia corporation", "ＮＶＩＤＩＡ", " NVIDIA, Corp "]),
        ("엔비디아", ["엔비디아", "엔비디아 주식회사", "\u110b\u1166\u11ab\u1107\u1175\u1103\u1175\u110b\u1161"]),
        ("삼성전자", ["삼성전자", "주식회사 삼성전자", "삼성전자㈜", "㈜삼성전자", "(주) 삼성전자", "삼성전자 (주)",
                 "삼성 전자", "삼성전자(주) Co., Ltd.", "(주)주식회사 삼성전자"]),
        ("東京エレクトロン", ["東京エレクトロン", "東京エレクトロン株式会社", "株式会社 東京エレクトロン",
                      "㈱東京エレクトロン", "東京ｴﾚｸﾄﾛﾝ(株)"]),
        ("台積電", ["台積電", "台積電股份有限公司", "台積電有限公司"]),
        ("infineontechnologies", ["Infineon Technologies", "Infineon Technologies AG", "INFINEON TECHNOLOGIES A.G."]),
        ("zeiss", ["Zeiss", "Zeiss GmbH", "ZEISS gmbh"]),
        ("hella", ["Hella GmbH & Co. KG", "Hella"]),
        ("soitec", ["Soitec", "Soitec S.A.", "Soitec SA", "SOITEC, S.A"]),
        ("stmicroelectronics", ["STMicroelectronics", "STMicroelectronics N.V.", "STMicroelectronics NV"]),
        ("samsungelectronics", ["Samsung Electronics", "Samsung Electronics Co., Ltd.", "Samsung Electronics Co.,Ltd",
                                "SAMSUNG ELECTRONICS CO LTD"]),
        ("statschippac", ["STATS ChipPAC", "STATS ChipPAC Pte. Ltd."]),
        ("arm", ["Arm", "Arm plc", "ARM Ltd"]),
        ("att", ["AT&T", "AT&T Inc.", "at & t"]),
        ("c++", ["C++", "c ++", "C++ Inc."]),
        ("c#", ["C#"]),
        ("c", ["C", "C."]),
        ("amazoncom", ["Amazon.com", "Amazon.com, Inc."]),
        ("a", ["A.", "a"]),
        ("ussteel", ["U.S. Steel", "US Steel Corp."]),
        ("strasse", ["Straße", "STRASSE"]),
        ("co", ["Co", "co."]),
        ("주식회사", ["주식회사"]),
        ("2나노", ["２나노", "2 나노"]),
        ("!?", ["!?", "! ?"]),
        ("", ["", " "]),
    ],
)  # fmt: skip
def test_spellings_of_one_name_fold_to_one_text(folded: str, names: list[str]) -> None:
    assert {name: fold(name) for name in names} == dict.fromkeys(names, folded)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"), ("SK hynix", "SK Telecom"), ("Micron", "Microns"), ("AG Tech", "Tech"), ("Cisco", "Cis Co"),
        ("삼성전자", "삼성전기"), ("Société", "Societe"), ("A1", "A2"), ("Inco", "In"), ("주성", "성"),
    ],
)  # fmt: skip
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_only_companies_and_alliances_have_legal_forms() -> None:
    assert fold("iPhone SE", legal=False) == "iphonese"
    assert fold("Maria Co", legal=False) == "mariaco"
    assert fold("(주) 칩", legal=False) == "주칩"
    known = registries(
        products=[{"product_id": "phone", "name_en": "Phone"}],
        companies=[{"company_id": "phone-maker", "name_en": "Phone"}],
        alliances=[{"alliance_id": "league", "name_en": "League"}],
        people=[{"person_id": "ann", "name_en": "Ann"}],
    )
    assert known.resolve("companies", "Phone SE") == "phone-maker"
    assert known.resolve("alliances", "League, Inc.") == "league"
    for registry, name in (("products", "Phone SE"), ("people", "Ann Co")):
        with pytest.raises(ValueError, match="unknown-name"):
            known.resolve(registry, name)


NAMES = st.lists(
    st.sampled_from([*LEGAL, *LEGAL_CJK, "A.B.", " ", ".", ",", "&", "-", "x", "가", "ΐ", "İ", "ﬁ", "+"]), max_size=8
)


@given(st.text(max_size=20) | NAMES.map("".join), st.booleans())
@example("주식-회사 삼성", True)
@example("a.co co, (주)", True)
@example("ᾳ̈́", False)
def test_folding_twice_changes_nothing(name: str, legal: bool) -> None:
    once = fold(name, legal)
    assert fold(once, legal) == once
    assert not any(c.isspace() for c in once)


@given(st.text(st.sampled_from("abc가나"), min_size=1, max_size=8), st.sampled_from(LEGAL), st.sampled_from(LEGAL_CJK))
def test_a_legal_form_in_front_or_behind_makes_no_difference(name: str, latin: str, cjk: str) -> None:
    assert fold(f"{name} {latin.upper()}.") == fold(name)
    assert fold(f"{cjk} {name}") == fold(f"{name} {cjk}") == fold(name)


# Looking names up


def registries(**rows: list[dict[str, Any]]) -> Registries:
    ids = {name: spec.key[0] for name, spec in SPECS.items() if spec.role == "registry" and len(spec.key) == 1}
    return Registries({name: rows.get(name, []) for name in [*ids, "aliases"]}, ids)


@pytest.fixture
def known() -> Registries:
    return registries(
        companies=[
            {"company_id": "nvidia", "name_en": "NVIDIA", "name_ko": "엔비디아"},
            {"company_id": "sk-hynix", "name_en": "SK hynix", "name_ko": "SK하이닉스"},
            {"company_id": "sk-telecom", "name_en": "SK Telecom", "name_ko": "SK텔레콤"},
            {"company_id": "meta", "name_en": "Meta Platforms", "name_ko": None},
            {"company_id": "x-corp", "name_en": "Meta", "name_ko": None},
        ],
        people=[{"person_id": "ida-falk", "name_en": "Ida Falk", "name_ko": "이다 팔크"}],
        products=[{"product_id": "hbm", "name_en": "HBM", "name_ko": None}],
        aliases=[
            {"entity_type": "companies", "entity_id": "nvidia", "alias": "Team Green", "language": "en"},
            {"entity_type": "companies", "entity_id": "sk-hynix", "alias": "SK", "language": "en"},
            {"entity_type": "companies", "entity_id": "sk-telecom", "alias": "S.K.", "language": "en"},
            {"entity_type": "people", "entity_id": "ida-falk", "alias": "Falk", "language": "en"},
            {"entity_type": "unheard-of", "entity_id": "x", "alias": "y", "language": "en"},
        ],
    )


def refusal(action: Any, *arguments: str) -> tuple[str, str]:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the two arguments are compared by the caller
        action(*arguments)
    return caught.value.args


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("nvidia", "nvidia"),
        ("엔비디아", "nvidia"),
        ("Nvidia Corp.", "nvidia"),
        ("엔비디아㈜", "nvidia"),
        ("team green", "nvidia"),
        ("SK 하이닉스", "sk-hynix"),
        ("SK-Hynix Inc.", "sk-hynix"),
        ("Meta Platforms, Inc.", "meta"),
        ("meta", "meta"),
    ],
)
def test_a_name_is_found_in_any_language_and_form(known: Registries, name: str, entity: str) -> None:
    assert known.resolve("companies", name) == entity


def test_an_id_wins_over_a_name_and_a_name_that_is_also_one_stands_for_both(known: Registries) -> None:
    assert known.resolve("companies", "meta") == "meta"
    message = "'Meta' stands for 'meta' or 'x-corp'; write the id that is meant"
    assert refusal(known.resolve, "companies", "Meta") == ("ambiguous-name", message)
    message = "'SK Co., Ltd.' stands for 'sk-hynix' or 'sk-telecom'; write the id that is meant"
    assert refusal(known.resolve, "companies", "SK Co., Ltd.") == ("ambiguous-name", message)


@pytest.mark.parametrize(
    ("registry", "name", "near"),
    [
        ("companies", "Nvidea", "; nearest are 'NVIDIA' (nvidia)"),
        ("companies", "엔비디어", "; nearest are '엔비디아' (nvidia)"),
        ("companies", "SK hinyx Inc.", "; nearest are 'SK hynix' (sk-hynix)"),
        ("companies", "Zanzibar Optics", ""),
        ("companies", "SK hynix Semiconductor America", "; nearest are 'SK hynix' (sk-hynix)"),
        ("companies", "US", ""),
        ("markets", "memory", ""),
        ("people", "Ada Falk", "; nearest are 'Falk' (ida-falk)"),
    ],
)
def test_an_unknown_name_lists_the_nearest_names_and_says_where_to_add_it(
    known: Registries, registry: str, name: str, near: str
) -> None:
    rule, message = refusal(known.resolve, registry, name)
    assert rule == "unknown-name"
    step = f"; add it to data/raw/entities/{registry}.csv or aliases.csv"
    first = near.split(",")[0]
    assert message.startswith(f"no '{name}' among the {registry}{first}")
    assert message.endswith(step)
    assert message.count(" (") <= 3
    entities = re.findall(r"\(([a-z-]+)\)", message)
    assert len(entities) == len(set(entities)), "each entry is named once"


def test_a_name_of_another_registry_says_what_it_is(known: Registries) -> None:
    message = "no 'HBM' among the companies; 'HBM' is a product (hbm); add it to data/raw/entities/companies.csv or "
    assert refusal(known.resolve, "companies", "HBM") == ("unknown-name", f"{message}aliases.csv")
    message = "no 'Ida Falk' among the products; 'Ida Falk' is a person (ida-falk); "
    assert refusal(known.resolve, "products", "Ida Falk")[1].startswith(message)
    message = "no 'Thad Trent' among the companies and people; add it to data/raw/entities/companies.csv or people.csv"
    assert refusal(known.voice, "Thad Trent")[1].startswith(message)


@pytest.mark.parametrize(
    "name", ["companies", "people", "products", "markets", "alliances", "terms", "segments", "facilities"]
)
def test_a_registry_that_cannot_be_read_hides_what_follows_from_it(good: Path, name: str) -> None:
    path = good / f"data/raw/entities/{name}.csv"
    path.write_text("x" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert [f.rule for f in build.assemble(Layout(good)).findings] == ["registry-header"]


def test_a_voice_is_a_company_or_a_person(known: Registries) -> None:
    assert known.voice("Nvidia Corp.") == "nvidia"
    assert known.voice("이다 팔크") == known.voice("ida-falk") == known.voice("Falk") == "ida-falk"
    assert refusal(known.voice, "Meta")[0] == "ambiguous-name"
    rule, message = refusal(known.voice, "Ida Flak")
    assert rule == "unknown-name"
    assert message.startswith("no 'Ida Flak' among the companies")


def test_a_reference_names_its_registry(known: Registries) -> None:
    assert known.reference("products/HBM") == "products/hbm"
    assert known.reference("people/Ida Falk") == "people/ida-falk"
    listed = "companies, people, products, markets, alliances, terms, segments, facilities"
    for text, near in (("product/HBM", "; did you mean 'products'?"), ("HBM", ""), ("chips/HBM", ""), ("", "")):
        rule, message = refusal(known.reference, text)
        assert rule == "wrong-value"
        assert message.startswith(f"'{text}' is no registry/name{near}")
        if not near:
            assert set(message.split("registries are ")[1].split(", ")) == set(listed.split(", "))
    assert refusal(known.reference, "products/HBN")[0] == "unknown-name"
    assert refusal(known.reference, "products/")[1].startswith("no '' among the products")


# Reading them


def read(root: Path) -> tuple[Registries, list[str]]:
    reader = ClaimReader(Layout(root), SPECS, kind_schemas(SPECS))
    found = read_registries(reader)
    return found, [str(f) for f in reader.findings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository whose registries hold next to nothing."""
    path = tmp_path / FOLDER
    path.mkdir(parents=True)
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    for name, spec in SPECS.items():
        if spec.role == "registry":
            (path / f"{name}.csv").write_text(",".join(spec.columns) + "\n", encoding="utf-8")
    return tmp_path


def put(root: Path, name: str, *lines: str, head: str = "") -> None:
    head = head or ",".join(SPECS[name].columns)
    (root / FOLDER / f"{name}.csv").write_text("\n".join([head, *lines, ""]), encoding="utf-8")


ACME = "acme,Acme,,DE,,,,,true,2001,,"


def test_registries_are_read_with_empty_cells_as_null(folder: Path) -> None:
    put(folder, "companies", ACME, '"brix","Brix, ""the"" maker",브릭스,KR,acme,,,,false,,2019-05,acme')
    found, findings = read(folder)
    assert findings == []
    assert found.rows["companies"][1] == {
        "company_id": "brix", "name_en": 'Brix, "the" maker', "name_ko": "브릭스", "country": "KR", "parent_id": "acme",
        "ticker": None, "lei": None, "wikidata_id": None, "is_public": False,
        "founded": None, "dissolved": "2019-05", "successor_id": "acme"}  # fmt: skip
    assert found.resolve("companies", "브릭스") == "brix"


def test_a_byte_order_mark_and_windows_line_ends_are_read(folder: Path) -> None:
    path = folder / FOLDER / "companies.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{','.join(SPECS['companies'].columns)}\r\n{ACME}\r\n".encode())
    found, findings = read(folder)
    assert (findings, found.ids["companies"]) == ([], {"acme"})


HEAD = ",".join(SPECS["companies"].columns)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_what_a_spreadsheet_saves_is_read(folder: Path, sign: str) -> None:
    lines = [" " + HEAD.title().replace(",", sign), ACME.replace("true", "TRUE").replace(",", sign), sign * 11, ""]
    lines.append(sign.join(["brix", '"Brix, the; maker"', "", "KR", *[""] * 4, "False", "", "", ""]))
    path = folder / FOLDER / "companies.csv"
    path.write_bytes(("\ufeff" + "\r\n".join([*lines, ""])).encode())
    found, findings = read(folder)
    assert findings == []
    rows = [(row["company_id"], row["name_en"], row["is_public"]) for row in found.rows["companies"]]
    assert rows == [("acme", "Acme", True), ("brix", "Brix, the; maker", False)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["acme,Acme"], [":2: expected 12 cells, found 2 [registry-row]"]),
        ([ACME + ",x"], [":2: expected 12 cells, found 13 [registry-row]"]),
        (["acme,Acme,,DE,,,,,yes,,,"], [":2: is_public: expected true or false, found the text 'yes' [wrong-type]"]),
        (["acme,Acme,,Germany,,,,,,,,"], [":2: country: 'Germany' is no country of ISO 3166-1; did you mean 'DE'? "
                                            "[unknown-value]"]),
        (["acme,,,DE,,,,,,,,"], [":2: name_en is empty: ENGLISH [missing-field]"]),
        ([",Acme,,DE,,,,,,,,"], [":2: company_id is empty: SLUG [missing-field]"]),
        (["Acme AG,Acme,,DE,,,,,,,,"], [":2: company_id: 'Acme AG' does not have the form ^[a-z0-9]+(-[a-z0-9]+)*$; "
                                     "did you mean 'acme-ag'? [wrong-value]"]),
        (["acme, Acme,,DE,,,,,,,,"],
         [":2: name_en: the text ' Acme' is empty or begins or ends with white space [wrong-type]"]),
        (["acme,Acme,,DE,,,,,wahr,,,", "b"],
                                          [":2: is_public: expected true or false, found the text 'wahr' [wrong-type]",
                                           ":3: expected 12 cells, found 1 [registry-row]"]),
        (['acme,"' + "x" * 140_000], [":2: not CSV: field larger than field limit [registry-row]"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_registry_is_named_with_its_line(
    folder: Path, lines: list[str], expected: list[str]
) -> None:
    limit = csv.field_size_limit(131_072)  # a library that another test has loaded may have raised it
    put(folder, "companies", *lines)
    for word, name in (("ENGLISH", "name_en"), ("SLUG", "company_id")):
        expected = [text.replace(word, SPECS["companies"].field(name).description) for text in expected]
    found = [re.sub(r" \(.*?\)(?= \[|;)", "", text) for text in read(folder)[1]]  # what a pattern means
    csv.field_size_limit(limit)
    assert found == [f"{FOLDER}/companies.csv{text}" for text in expected]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("company_id,name", "company_id,name"),
        (HEAD.replace("name_en,name_ko", "name_ko,name_en"),) * 2,
        (HEAD.replace("founded", "Founded in"),) * 2,
    ],
)
def test_another_header_is_refused(folder: Path, head: str, found: str) -> None:
    put(folder, "companies", ACME, head=head)
    registry, findings = read(folder)
    assert findings == [f"{FOLDER}/companies.csv:1: expected the columns {HEAD}; found {found} [registry-header]"]
    assert registry.rows["companies"] == []


def test_optional_columns_at_the_end_may_be_newer_than_the_file(folder: Path) -> None:
    put(folder, "companies", "acme,Acme,,DE", head="company_id,name_en,name_ko,country")
    registry, findings = read(folder)
    assert findings == []
    assert [dict(row) for row in registry.rows["companies"]] == [
        {**dict.fromkeys(SPECS["companies"].columns), "company_id": "acme", "name_en": "Acme", "country": "DE"}
    ]


def test_numbers_of_a_registry_are_numbers(folder: Path) -> None:
    head = ",".join(SPECS["facilities"].columns)
    put(folder, "facilities", "f1,Fab 1,,,,fab,KR,Gwangju,35.2,-126", "f2,Fab 2,,,,fab,KR,,35° N,181", head=head)
    registry, findings = read(folder)
    assert [(row["latitude"], row["longitude"]) for row in registry.rows["facilities"]] == [(35.2, -126), (None, None)]
    assert [finding.partition(": ")[2].split(":")[0] for finding in findings] == ["latitude", "longitude"]


def test_files_that_cannot_be_read_are_named(folder: Path) -> None:
    (folder / FOLDER / "companies.csv").write_bytes(b"")
    (folder / FOLDER / "people.csv").unlink()
    (folder / FOLDER / "markets.csv").write_bytes(b"market_id\n\xb0\n")
    assert sorted(read(folder)[1]) == [
        f"{FOLDER}/companies.csv:1: expected the columns {HEAD}; found nothing [registry-header]",
        f"{FOLDER}/markets.csv:2: byte 0xb0 is not UTF-8; save the file as UTF-8 [not-utf-8]",
        f"{FOLDER}/people.csv: cannot be read: No such file or directory [unreadable-file]",
    ]


def test_an_alias_names_an_entry(folder: Path) -> None:
    put(folder, "companies", ACME)
    put(folder, "aliases", "companies,acme,Acme Werke,de", "companies,acmee,ACM,en", "people,acme,Acme,en")
    found, findings = read(folder)
    assert [f.removeprefix(f"{FOLDER}/aliases.csv:") for f in findings] == [
        "3: alias 'ACM' names no entry 'acmee' of companies; did you mean 'acme'? [alias-of-nothing]",
        "4: alias 'Acme' names no entry 'acme' of people [alias-of-nothing]",
    ]
    assert found.resolve("companies", "Acme-Werke GmbH") == "acme"


def test_identifiers_have_the_form_of_their_scheme(folder: Path) -> None:
    put(folder, "companies", ACME)
    lines = ("acme,lei,9884007ER46L6N7EI746,,R", "acme,isin,US0378331005,2001,R", "acme,ticker,NASDAQ:ACM,,L",
             "acme,leis,x,,R", "acme,cik,,,R")  # fmt: skip
    put(folder, "company_identifiers", *lines)
    findings = [f.removeprefix(f"{FOLDER}/company_identifiers.csv:") for f in read(folder)[1]]
    assert findings[:3] == [
        "2: value: '9884007ER46L6N7EI746' is no LEI: its check digits do not hold; look for a slip [unknown-value]",
        "4: value: 'NASDAQ:ACM' is no ticker: expected MIC:symbol, such as XKRX:005930; did you mean 'XNAS:ACM'? "
        "[unknown-value]",
        "5: scheme: 'leis' is not in the vocabulary; did you mean 'lei'? [unknown-value]",
    ]
    assert [f[:18] for f in findings[3:]] == ["6: value is empty:"]


def test_cells_that_cannot_be_read_make_no_second_mistake(folder: Path) -> None:
    put(folder, "companies", ACME)
    put(folder, "aliases", "company,acme,A,en", "companies,Acme,B,en", "companies,acme, C,en", ",acme,D,en")
    findings = read(folder)[1]
    assert [f.split(": ")[1] for f in findings] == ["entity_type", "entity_id", "alias", "entity_type is empty"]
    assert [f.split(": ")[0] for f in findings] == [f"{FOLDER}/aliases.csv:{n}" for n in (2, 3, 4, 5)]
    assert "did you mean 'companies'?" in findings[0]


# The registries of the repository


@pytest.mark.parametrize("root", [ROOT, ROOT / "tests" / "good"], ids=["repository", "good"])
def test_every_registered_name_leads_to_its_own_entry(root: Path) -> None:
    found, findings = read(root)
    assert findings == []
    asked = 0
    for registry, ids in found.ids.items():
        key = SPECS[registry].key[0]
        assert ids, registry
        for row in found.rows[registry]:
            for name in filter(None, (row[key], row.get("name_en"), row.get("name_ko"))):
                assert found.resolve(registry, name) == row[key], name
                asked += 1
    for row in found.rows["aliases"]:
        assert found.resolve(row["entity_type"], row["alias"]) == row["entity_id"], row["alias"]
        asked += 1
    assert asked >= 20
