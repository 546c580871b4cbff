"""The command line, run as a user runs it: arguments in, text and an exit code out."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runs import Run

import datapkg
from datapkg.check import KINDS
from datapkg.registry import newest

COMMANDS = [
    *"build check tables show export mentions trace why sql cite versions diff release verify publish".split(),
    *("revisions", "completion", "source check", "source show", "source list", "source new"),
]
CLAIMS = "data/raw/claims/hanbit-visit-2024.yaml"
RESULTS = "data/raw/claims/nordlicht-results-2024.yaml"
SHARE = ["nordlicht-semi", "ai-accelerators", "2023", "unspecified"]

ROW = "market_shares tsmc foundry 2024-Q1 revenue"
"""A row of the newest release."""


LATER = """\
source: {source_id: later, title: Later, publisher: Later, kind: press, tier: primary, language: en, published: 2024-06,
  url: "https://later.example/1"}
claims:
- claim: hours
  says: Falk spent 40 hours with the industry.
  certainty: asserted
  visit: {id: falk-korea-2024-03, industry_hours: 40}
"""


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def process(python: str, *argv: str, **options: object) -> subprocess.Popen[str]:
    code = "from datapkg.cli.main import entry; entry()"
    return subprocess.Popen([python, "-c", code, *argv], text=True, encoding="utf-8", **options)  # type: ignore[call-overload, no-any-return]  # options of Popen


class TestShow:
    def test_tables(self, run: Run, built: Path) -> None:
        lines = run("tables", "--root", built).out.splitlines()
        assert run.code == 0
        assert lines[0].split() == ["name", "title", "rows"]
        assert ["people", "People", "2"] in [line.split() for line in lines]
        records = json.loads(run("tables", "--root", built, "--json").out)
        assert set(records[0]) == {"name", "title", "description", "rows"}

    def test_show_prints_korean_in_line(self, run: Run, built: Path) -> None:
        lines = run("show", "companies", "--columns", "company_id,name_ko,country", "--root", built).out.splitlines()
        assert [line.split() for line in lines[2:4]] == [
            ["hanbit-foundry", "한빛파운드리", "KR"],
            ["kestrel-research", "–", "GB"],
        ]
        narrow = lines[2].index("KR") + len("한빛파운드리")
        assert narrow == lines[3].index("GB") == lines[0].index("country")

    @pytest.mark.parametrize(
        ("where", "ids"),
        [
            (["country=KR"], ["hanbit-foundry", "lumen-telecom"]),
            (["country = KR", "is_public=true"], ["lumen-telecom"]),
            (["country!=KR", "company_id>m"], ["nordlicht-semi", "wadi-compute"]),
            (["company_id<=kestrel-research"], ["hanbit-foundry", "kestrel-research"]),
            (["company_id<kestrel-research"], ["hanbit-foundry"]),
            (["name_ko=노르트리히트"], ["nordlicht-semi"]),
        ],
    )
    def test_where(self, run: Run, built: Path, where: list[str], ids: list[str]) -> None:
        options = [part for text in where for part in ("--where", text)]
        records = json.loads(run("show", "companies", *options, "--json", "--root", built).out)
        assert [record["company_id"] for record in records] == ids

    def test_where_takes_values_of_the_columns_type(self, run: Run, built: Path) -> None:
        for where, many in (
            ("share_pct>=45", 1),
            ("period_end=2023-12-31", 2),
            ("claim_count>1", 1),
            ("disputed=false", 1),
        ):
            assert (
                len(json.loads(run("show", "market_shares", "--where", where, "--json", "--root", built).out)) == many
            )
        run("show", "market_shares", "--where", "share_pct=much", "--root", built)
        assert run.code == 2
        assert run.err == "datapkg: 'much' is no number; share_pct of 'market_shares' holds numbers, such as 42.5\n"
        assert run("show", "market_shares", "--where", "disputed=yes", "--root", built).err.endswith("such as true\n")
        assert (
            "did you mean 'share_pct' or" in run("show", "market_shares", "--where", "sharepct=1", "--root", built).err
        )
        run("show", "companies", "--where", "country", "--root", built)
        assert (run.code, run.err) == (
            2, "datapkg: --where 'country' compares nothing; expected for example \"share_pct>=50\"\n",
        )  # fmt: skip

    def test_policy_and_time(self, run: Run, built: Path) -> None:
        def shares(*options: str) -> list[float]:
            run(
                "show",
                "market_shares",
                "--columns",
                "share_pct",
                "--where",
                "period=2023",
                "--json",
                "--root",
                built,
                *options,
            )
            return sorted(record["share_pct"] for record in json.loads(run.out))

        assert shares() == [42]
        assert shares("--policy", "latest") == [48]
        assert shares("--policy", "all") == [42, 48]
        assert shares("--policy", "all", "--where", "claim_id>n") == [42]
        assert shares("--policy", "latest", "--known-by", "2024-03") == [42]
        assert shares("--valid-on", "2022") == []
        assert run("show", "people", "--valid-on", "2022", "--root", built).err.startswith(
            "datapkg: table 'people' does not say"
        )

    def test_limit(self, run: Run, built: Path) -> None:
        lines = run("show", "claims", "--columns", "claim_id", "--limit", "2", "--root", built).out.splitlines()
        assert len(lines) == 5
        assert lines[-1] == "30 more rows; see them with --limit 32"
        assert len(run("show", "claims", "--csv", "--root", built).out.splitlines()) == 33
        assert len(run("show", "claims", "--csv", "--limit", "3", "--root", built).out.splitlines()) == 4

    def test_mistakes_name_the_near_miss(self, run: Run, built: Path) -> None:
        run("show", "company", "--root", built)
        assert (run.code, run.out) == (2, "")
        assert run.err.startswith("datapkg: no table 'company' in invented-chips 1.2.3; did you mean 'companies'")
        assert run("show", "people", "--columns", "name", "--root", built).err.startswith(
            "datapkg: no column 'name' in"
        )

    def test_sql(self, run: Run, built: Path) -> None:
        query = (
            "SELECT a.country, b.country FROM companies a JOIN companies b USING (company_id) WHERE a.country = 'AE'"
        )
        records = json.loads(run("sql", query, "--json", "--root", built).out)
        assert [list(record.values()) for record in records] == [["AE", "AE"]]
        assert run("sql", "SELECT 1 AS one", "--csv", "--root", built).out == "one\n1\n"
        run("sql", "SELECT nope", "--root", built)
        assert run.code == 2
        assert run.err.startswith("datapkg: SQL: Binder Error: ")
        assert run("sql", "CREATE TABLE t (i INT)", "--root", built).code == 0

    def test_sql_gives_json_as_json_knows_it(self, run: Run, built: Path) -> None:
        query = (
            "SELECT 1.50::DECIMAL(5, 2) a, sum(3::HUGEINT) b, [1, NULL, 2] c, {'x': 1.5::DECIMAL(3, 1), 'y': [true]} d,"
            " 'inf'::DOUBLE e, 'nan'::DOUBLE f, TIME '10:30:00' g, DATE '2024-01-26' h, NULL i, 7::UTINYINT j, "
            "[DATE '2024-01-26'] k, 12::DECIMAL(4, 0) l"
        )
        out = run("sql", query, "--json", "--root", built).out
        (record,) = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        assert record == {
            "a": 1.5, "b": 3, "c": [1, None, 2], "d": {"x": 1.5, "y": [True]}, "e": "inf", "f": None, "g": "10:30:00",
            "h": "2024-01-26", "i": None, "j": 7, "k": ["2024-01-26"], "l": 12,
        }  # fmt: skip
        assert type(record["b"]) is type(record["l"]) is type(record["j"]) is int

    def test_sql_reads_a_query_from_the_input(self, run: Run, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT count(*) AS many\nFROM people\n"))
        assert run("sql", "-", "--csv", "--root", built).out == "many\n2\n"

    def test_the_key_and_the_values_come_first_and_what_is_about_the_claims_last(self, run: Run, built: Path) -> None:
        head = run("show", "market_shares", "--csv", "--root", built).out.splitlines()[0].split(",")
        assert head[:9] == [
            *("company_id", "market_id", "period", "basis", "forecast"),
            *("share_pct", "share_low_pct", "share_high_pct", "qualifier"),
        ]
        assert head[9:11] == ["period_start", "period_end"]
        assert {"claim_id", "voice", "known_from"} <= set(head[11:])
        assert run("show", "market_shares", "--columns", "voice,period", "--csv", "--root", built).out.startswith(
            "voice,period\n"
        )

    def test_no_rows_say_so_to_people_and_not_to_programs(self, run: Run, built: Path) -> None:
        nobody = ("show", "people", "--where", "name_en=Nobody", "--root", built)
        assert run(*nobody).out.splitlines()[-1] == "no rows"
        assert run(*nobody, "--json").out == "[]\n"
        assert run(*nobody, "--csv").out.count("\n") == 1
        assert run("sql", "CREATE TABLE t (i INT)", "--root", built).out.splitlines()[-1] == "no rows"

    def test_mentions(self, run: Run, built: Path) -> None:
        records = json.loads(run("mentions", "nordlicht-semi", "--json", "--root", built).out)
        assert run.code == 0
        assert list(records[0])[:4] == ["published", "publisher", "says", "certainty"]
        assert {"nordlicht-results-2024/nordlicht-share-2023"} <= {record["claim_id"] for record in records}
        assert len(run("mentions", "nordlicht-semi", "--csv", "--limit", "1", "--root", built).out.splitlines()) == 2
        run("mentions", "nordlich-semi", "--root", built)
        assert (run.code, run.out) == (2, "")
        assert "no entry 'nordlich-semi' in the registries; did you mean 'nordlicht-semi'?" in run.err

    @pytest.mark.parametrize("limit", ["-1", "1.5", "many"])
    def test_a_limit_is_a_number_of_rows(self, run: Run, built: Path, limit: str) -> None:
        for command in (("show", "people"), ("sql", "SELECT 1")):
            assert run(*command, "--limit", limit, "--root", built).code == 2
            assert f"argument --limit: expected a number of rows, 0 or more; found '{limit}'" in run.err
        assert run("show", "people", "--limit", "0", "--csv", "--root", built).out.count("\n") == 1


class TestTrace:
    def test_by_order_and_by_name(self, run: Run, built: Path) -> None:
        ordered = run("trace", "market_shares", *SHARE, "--json", "--root", built).out
        named = ["basis=unspecified", "period=2023", *SHARE[:2]]
        assert run("trace", "market_shares", *named, "--json", "--root", built).out == ordered
        first, second = json.loads(ordered)
        assert first["claim_id"] == "nordlicht-results-2024/nordlicht-share-2023"
        assert (second["disagrees_on"], second["said_by"]) == ("share_pct", None)

    def test_text_leaves_out_what_is_empty(self, run: Run, built: Path) -> None:
        lines = run("trace", "company_countries", "nordlicht-semi", "--root", built).out.splitlines()
        assert lines[0] == "nordlicht-results-2024/nordlicht-country"
        assert lines[1] == "  says         Nordlicht Semi is a German company."
        assert "  char_start   65" in lines
        assert any(line.startswith("  correction   country said DK, corrected to DE") for line in lines)
        assert not any(line.startswith("  said_by") for line in lines)

    def test_mistakes(self, run: Run, built: Path) -> None:
        run("trace", "visits", "a", "b", "--root", built)
        assert (run.code, run.err) == (2, "datapkg: the key of 'visits' is visit_id; found 2 values: a, b\n")
        run("trace", "visits", "visitid=a", "--root", built)
        assert (
            run.err == "datapkg: 'visitid' is not in the key of 'visits', which is visit_id; did you mean 'visit_id'?\n"
        )
        assert "the row has no 'market_id'" in run("trace", "market_shares", "nordlicht-semi", "--root", built).err
        assert "no 'x' among the visits of invented-chips" in run("trace", "visits", "x", "--root", built).err
        assert run("trace", "companies", "x", "--root", built).code == 2


class TestCheck:
    def test_finds_nothing_in_good_claims(self, run: Run, good: Path) -> None:
        run("check", "--only", "claims,schema,rules", "--root", good)
        assert run.code == 0
        assert run.out.startswith("no findings: claims, schema, rules (")

    def test_prints_every_mistake_of_every_file(self, run: Run, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        edit(good / CLAIMS, "share_pct: 48", "share_pct: 480")
        edit(
            good / "data/raw/claims/nordlicht-results-2024.yaml",
            "company_role: {company: Nordlicht Semi",
            "company_role: {company: Nordlich",
        )
        monkeypatch.chdir(good / "data")
        run("check", "--only", "rules,claims")
        assert run.code == 1
        assert run.out.splitlines()[0] == CLAIMS
        line = run.out.splitlines()[1]
        assert line.startswith("  94: hanbit-visit-2024/nordlicht-share-2023: share_pct: 480 % is above 100")
        assert line.endswith(" [out-of-range]")
        assert run.out.splitlines()[2] == "data/raw/claims/nordlicht-results-2024.yaml"
        assert "no 'Nordlich' among the companies; nearest are 'Nordlicht' (nordlicht-semi)" in run.out
        assert run.out.endswith("\n2 findings in 2 places\n")
        found = json.loads(run("check", "--only", "claims", "--format", "json").out)
        assert [f["rule"] for f in found if f["file"] == CLAIMS] == ["out-of-range"]
        assert run("check", "--only", "claims", "--format", "github").out.startswith(f"::error file={CLAIMS},line=")
        assert run("check", "--only", "claims", "--format", "junit").out.startswith("<?xml")

    def test_one_claim_file(self, run: Run, good: Path) -> None:
        (good / RESULTS).write_text("nonsense", encoding="utf-8")
        run("check", good / CLAIMS)
        assert run.code == 0, run.out
        assert run.out.startswith("no findings: claims, schema, rules (")
        assert run.err == f"1 finding in other files: the facts that {CLAIMS} touches could not be made\n"
        edit(good / CLAIMS, "industry_hours: 20", "industry_hours: 40")
        run("check", good / CLAIMS)
        assert run.code == 1
        assert run.out.splitlines()[0] == CLAIMS
        assert "40.0 hours with the industry in a visit of 30.0 hours [industry-hours]" in run.out

    def test_one_claim_file_is_checked_with_every_fact_that_it_touches(self, run: Run, good: Path) -> None:
        edit(good / CLAIMS, "industry_hours: 20", "purpose: talks")
        (good / "data/raw/claims/later.yaml").write_text(LATER, encoding="utf-8")
        for name in ("later", "hanbit-visit-2024"):
            run("check", good / f"data/raw/claims/{name}.yaml")
            assert (run.code, run.out.count("[industry-hours]")) == (1, 1), run.out

    def test_one_claim_file_may_complete_events_of_another_and_points_at_no_other(self, run: Run, good: Path) -> None:
        edit(
            good / CLAIMS, "visit: falk-korea-2024-03\n    date: 2024-03-12", "visit: falk-korea\n    date: 2024-03-12"
        )
        told = "no 'falk-korea' among the visits; did you mean 'falk-korea-2024-03'?"
        for target in (good / CLAIMS, good):
            run("check", target, "--only", "claims,schema,rules")
            assert (run.code, run.out.count(told), run.out.count("[unknown-name]")) == (1, 1, 1), run.out
        assert run("check", good / RESULTS).code == 0

    @pytest.mark.parametrize(("file", "old", "new", "rule"), [
        ("corrections.yaml", "expect: DK", "expect: SE", "correction-guard"),
        ("entities/companies.csv", ",KR,", ",KOR,", "unknown-value"),
        ("entities/products.csv", "nordlicht-semi", "nordlicht-semy", "schema-foreign-key"),
        ("package.yaml", "licenses:", "licences:", "package-about"),
    ])  # fmt: skip
    def test_any_file_of_the_curators(self, run: Run, good: Path, file: str, old: str, new: str, rule: str) -> None:
        path = good / "data/raw" / file
        assert run("check", path).out.startswith("no findings")
        edit(path, old, new)
        run("check", path)
        assert run.code == 1
        assert run.out.splitlines()[0] == f"data/raw/{file}"
        assert f"[{rule}]" in run.out

    def test_stored_tables(self, run: Run, package: Path) -> None:
        assert run("check", package, "--only", "schema,rules").out.startswith("no findings: schema, rules (")
        assert run("check", package, "--only", "package").out.startswith("no findings: package (")
        (package / "data/processed/people.parquet").unlink()
        run("check", package, "--only", "schema")
        assert run.code == 1
        assert "table people\n  table 'people' is missing" in run.out
        assert run("check", package, "--only", "claims,package").code == 1

    def test_root_means_this_folder_and_no_other(self, run: Run, good: Path, tmp_path: Path) -> None:
        run("check", "--only", "claims", "--root", good / "articles")
        assert (run.code, run.out.splitlines()[0]) == (1, "data/raw/claims")
        assert "does not exist; start one with: datapkg source new URL" in run.out
        run("check", "--root", tmp_path / "nowhere")
        assert (run.code, run.err) == (2, f"datapkg: no folder {tmp_path}/nowhere\n")
        assert run("source", "new", "first-2024", "--root", tmp_path).code == 0
        assert (tmp_path / "data/raw/claims/first-2024.yaml").is_file()

    def test_without_tables(self, run: Run, good: Path) -> None:
        run("check", good, "--only", "schema")
        assert run.code == 2
        assert run.err == f"datapkg: no tables in {good}/data/processed; run: datapkg build\n"

    def test_mistakes(self, run: Run, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run("check", "--only", "schemas", "--root", good)
        assert run.code == 2
        assert run.err == (
            f"datapkg: no kind of check 'schemas' in datapkg; did you mean 'schema'? Kinds are {', '.join(KINDS)}\n"
        )
        assert run("check", "nowhere").err == "datapkg: no file or folder nowhere\n"
        monkeypatch.chdir(tmp_path)
        run("check")
        assert (run.code, run.out) == (2, "")
        assert run.err.startswith(
            f"datapkg: no folder data/raw/claims at or above {tmp_path}; go to a repository of claims"
        )


class TestBuild:
    def test_check_names_what_is_stale(self, run: Run, package: Path) -> None:
        assert (run("build", "--check", "--root", package).code, run.out) == (0, "up to date\n")
        edit(package / CLAIMS, "hours: 30", "hours: 31")
        (package / "data/processed/extra.parquet").write_bytes(b"")
        run("build", "--check", "--root", package)
        assert run.code == 1
        assert run.out == (
            "data/processed/extra.parquet\ndata/processed/observations/visits.parquet\ndata/processed/visits.parquet\n"
            "datapackage.json\n4 files are not what the build makes; run: datapkg build\n"
        )

    def test_check_with_findings(self, run: Run, package: Path) -> None:
        edit(package / CLAIMS, "certainty: speculated", "certainty: guessed")
        run("build", "--check", "--root", package)
        assert run.code == 1
        assert "'guessed' is not in the vocabulary" in run.out
        assert run.err == "datapkg: 1 finding; nothing was written\n"

    def test_build_stops_at_findings(self, run: Run, good: Path) -> None:
        edit(good / CLAIMS, "certainty: speculated", "certainty: guessed")
        assert run("build", "--root", good).code == 1
        assert not (good / "data/processed").exists()

    def test_build_makes_the_same_bytes_on_an_engine_that_is_asked_for(self, run: Run, package: Path) -> None:
        assert run("build", "--root", package, "--check", "--engine", "polars").out == "up to date\n"

    def test_build_writes_what_the_fixture_holds(self, run: Run, good: Path, built: Path) -> None:
        run("build", "--root", good)
        assert run.code == 0, run.out
        assert run.out.splitlines()[-1].startswith(f"92 tables, 132 rows, in {good}/data/processed (")
        assert ["market_shares", "2"] in [line.split() for line in run.out.splitlines()]
        assert (good / "datapackage.json").read_bytes() == (built / "datapackage.json").read_bytes()

    def test_a_broken_schema_is_a_mistake_of_the_caller(self, run: Run, good: Path) -> None:
        (good / "schemas").mkdir()
        (good / "schemas" / "observations.json").write_text("[", encoding="utf-8")
        run("build", "--root", good)
        assert run.code == 2
        assert run.err.startswith("datapkg: schemas/observations.json is unusable: JSONDecodeError")

    def test_damage_is_no_mistake_of_the_caller(self, run: Run, package: Path) -> None:
        (package / "data/processed/people.parquet").write_bytes(b"")
        run("show", "people", "--root", package)
        assert run.code == 1
        assert "people.parquet is not the file that datapackage.json promises" in run.err


class TestSource:
    def test_check(self, run: Run, good: Path, tmp_path: Path) -> None:
        article = good / "articles/hanbit-visit-2024.txt"
        run("source", "check", "hanbit-visit-2024", article, "--root", good)
        assert (run.code, run.out) == (0, "14 anchors: 14 exact\n")
        copy = tmp_path / "copy.txt"
        copy.write_text("!\n" + article.read_text(encoding="utf-8"), encoding="utf-8")
        run("source", "check", "hanbit-visit-2024", copy, "--root", good)
        assert run.code == 0
        assert run.out.splitlines()[0] == "moved: hanbit-visit-2024/falk-visit [34, 60] -> [36, 62]"
        assert run.out.splitlines()[-2:] == [
            "14 anchors: 14 moved",
            "with --write the claim file takes over these positions and digests",
        ]
        assert run("source", "check", "hanbit-visit-2024", copy, "--write", "--root", good).out.endswith(
            "wrote hanbit-visit-2024.yaml\n"
        )
        assert run("source", "check", "hanbit-visit-2024", copy, "--root", good).out == "14 anchors: 14 exact\n"
        copy.write_text("nothing of it", encoding="utf-8")
        assert run("source", "check", "hanbit-visit-2024", copy, "--root", good).code == 1
        assert run.out.endswith("14 anchors: 14 missing\n")
        assert "none of 14 quotes is in copy.txt, which is 'nothing of it'; is it the page?" in run.err

    def test_quotes(self, run: Run, good: Path, tmp_path: Path) -> None:
        page, listed = tmp_path / "page.html", tmp_path / "quotes.csv"
        passage = "Nordlicht sells 45 percent of all accelerators in 2023"
        page.write_text(f"<html><style>p {{}}</style><p>{passage}.</p><p>More.</p>", encoding="utf-8")
        listed.write_text(f"claim,quote\nshare,{passage}\n", encoding="utf-8")
        head = (good / CLAIMS).read_text(encoding="utf-8").partition("claims:")[0]
        head = "".join(line for line in head.splitlines(True) if "text:" not in line).replace(
            "hanbit-visit", "hanbit-page"
        )
        claim = "claims:\n- claim: share\n  says: Nordlicht has 54 percent.\n  certainty: asserted\n  market_share: "
        claim += "{company: Nordlicht Semi, market: ai-accelerators, period: 2023, share_pct: 45}\n"
        file = good / "data/raw/claims/hanbit-page-2024.yaml"
        file.write_text(head + claim, encoding="utf-8")
        check = ["source", "check", "hanbit-page-2024"]
        assert run(*check, "--write", listed, "--root", good).out.splitlines() == [
            "1 anchors: 1 unproven",
            "wrote hanbit-page-2024.yaml; nothing was proven, for want of the page",
        ]
        assert run(*check, page, "--write", listed, "--root", good).out.splitlines()[1:] == [
            "1 anchors: 1 found",
            "wrote hanbit-page-2024.yaml",
        ]
        run(*check, page, "--root", good)
        assert (run.code, run.out.splitlines()[-1]) == (0, "1 anchors: 1 found")
        assert run.out.startswith("page.html: HTML, 61 characters of text, 4 of scripts and styles cut away; sha256 ")
        assert run.err == f"look: hanbit-page-2024/share: its passage has no 54: '{passage}'\n"
        assert run("source", "show", "hanbit-page-2024", page, "--root", good).out.splitlines() == [
            f"  {passage}.",
            "    share: Nordlicht has 54 percent.",
            "- More.",
            "2 sentences, 1 without a claim",
        ]
        assert run(*check, "--root", good).code == 2
        assert "give the page as text, HTML or PDF; or a list of quotes without it: --write QUOTES.csv" in run.err

    def test_list(self, run: Run, good: Path) -> None:
        lines = run("source", "list", "--root", good).out.splitlines()
        assert lines[2].split()[:3] == ["nordlicht-results-2024", "2024-02-15", "Nordlicht"]
        records = json.loads(run("source", "list", "--root", good, "--json").out)
        assert [(r["source_id"], r["claims"], r["known_from"]) for r in records] == [
            ("nordlicht-results-2024", 18, "2024-02-15"),
            ("hanbit-visit-2024", 14, "2024-04-30"),
        ]

    def test_new(self, run: Run, good: Path) -> None:
        run("source", "new", "lumen-plans-2024", "--root", good)
        assert (run.code, run.out) == (0, f"{good}/data/raw/claims/lumen-plans-2024.yaml\n")
        assert run("source", "new", "lumen-plans-2024", "--root", good).code == 2
        assert "exists already" in run.err


class TestProcess:
    def test_version_and_help(self, run: Run) -> None:
        assert (run("--version").code, run.out) == (0, f"datapkg {datapkg.__version__}, data {newest()}\n")
        for command in (*COMMANDS, "source", ""):
            assert run(*command.split(), "--help").code == 0
            assert "usage: datapkg" in run.out

    def test_no_command_and_an_unknown_one(self, run: Run) -> None:
        assert run().code == 2
        assert "required: COMMAND" in run.err
        assert run("chekc").code == 2
        assert "invalid choice: 'chekc'" in run.err

    def test_steps_are_told_to_a_terminal_only(self, run: Run, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert run("check", "--only", "claims", "--root", good).err == ""
        terminal = io.StringIO()
        terminal.isatty = lambda: True  # type: ignore[method-assign]  # a stream that says it is a terminal
        monkeypatch.setattr(sys, "stderr", terminal)
        run("check", "--only", "claims,package", "--root", good)
        assert terminal.getvalue().splitlines() == [
            "… making the tables from data/raw",
            "… checking claims",
            "… checking package",
        ]

    def test_a_reader_that_leaves_is_no_error(self, python: str, built: Path) -> None:
        with process(
            python, "show", "claims", "--json", "--root", str(built), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as it:
            assert it.stdout is not None
            assert it.stderr is not None
            it.stdout.close()
            assert (it.stderr.read(), it.wait()) == ("", 141)

    def test_head_takes_what_it_wants(self, python: str, built: Path) -> None:
        code = f"{python} -c 'from datapkg.cli.main import entry; entry()' show claims --root {built} | head -n 1"
        done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, encoding="utf-8")
        assert (done.stdout.split()[0], done.stderr) == ("claim_id", "")

    def test_an_interrupt_ends_it_quietly(self, python: str, good: Path) -> None:
        (good / "pipe").unlink(missing_ok=True)
        os.mkfifo(good / "pipe")
        with process(python, "source", "check", "hanbit-visit-2024", str(good / "pipe"), "--root", str(good),
                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as it:  # fmt: skip
            with (good / "pipe").open("wb"):  # opens once the command reads
                time.sleep(0.2)
                it.send_signal(signal.SIGINT)
                assert it.wait(20) == 130
            assert it.stderr is not None
            assert it.stderr.read() == ""

    def test_output_is_utf_8_whatever_the_locale(self, python: str, built: Path) -> None:
        env = {**os.environ, "PYTHONIOENCODING": "ascii"}
        with process(python, "show", "companies", "--csv", "--root", str(built), stdout=subprocess.PIPE, env=env) as it:
            assert "한빛파운드리" in it.communicate()[0]
        assert it.returncode == 0


class TestCheckOfMany:
    def test_files_of_one_repository_are_checked_in_one_run(self, run: Run, good: Path) -> None:
        assert run("check", good / CLAIMS, good / RESULTS).out.startswith("no findings: claims, schema, rules (")
        edit(good / CLAIMS, "industry_hours: 20", "industry_hours: 40")
        edit(good / RESULTS, "certainty: asserted", "certainty: sure")
        run("check", good / RESULTS, good / CLAIMS)
        assert (run.code, run.err) == (1, "")
        assert [line for line in run.out.splitlines() if line.startswith("data/")] == [RESULTS]
        (good / RESULTS).write_text("nonsense", encoding="utf-8")
        (good / "data/raw/claims/later.yaml").write_text(LATER, encoding="utf-8")
        run("check", good / CLAIMS, good / "data/raw/claims/later.yaml")
        assert run.err == "1 finding in other files: the facts that 2 files touch could not be made\n"
        assert (run.code, run.out.splitlines()[0]) == (1, CLAIMS)

    def test_findings_stand_by_file_and_the_worst_code_counts(
        self, run: Run, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Path(shutil.copytree(good, tmp_path / "other"))
        edit(other / CLAIMS, "industry_hours: 20", "industry_hours: 40")
        run("check", good, other / CLAIMS, "--only", "claims,rules", "--root", good)
        assert run.code == 0, run.out  # --root names the repository whose rules hold for files
        run("check", good, other / CLAIMS, other, "--only", "claims,rules")
        assert (run.code, run.out.count("[industry-hours]")) == (1, 1)
        assert run.out.startswith(f"{other}/data/raw/claims/")
        monkeypatch.chdir(tmp_path)
        assert run("check", good, other / CLAIMS, "--only", "claims,rules").out.startswith("other/data/raw/claims/")
        found = json.loads(run("check", other, good, "--only", "claims,rules", "--format", "json").out)
        assert [f["file"].startswith("other/data/raw/claims/") for f in found] == [True]

    def test_a_target_that_is_not_there_is_named_before_anything_is_read(self, run: Run, good: Path) -> None:
        run("check", good / CLAIMS, good / "nowhere")
        assert (run.code, run.err) == (2, f"datapkg: no file or folder {good / 'nowhere'}\n")

    def test_pandas_is_not_loaded_for_one_file(self, good: Path) -> None:
        code = (
            "import sys; from datapkg.cli.main import main; code = main(sys.argv[1:]); import pyarrow as pa; "
            "print('pandas' in sys.modules, code); import pandas; print(len(pandas.DataFrame({'a': [1]})))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "check", str(good / CLAIMS)], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-2:] == ["False 0", "1"]

    @pytest.mark.parametrize("command", ["show market_shares --limit 1", f"trace {ROW}", f"why {ROW}"])
    def test_pandas_is_not_loaded_to_print_rows(self, command: str) -> None:
        code = "import sys; from datapkg.cli.main import main; print(main(sys.argv[1:]), 'pandas' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code, *command.split()], capture_output=True, text=True)
        assert done.stdout.splitlines()[-1:] == ["0 False"], done.stderr
