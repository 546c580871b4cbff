"""The examples do what they show, on the real tables; and what they ask of the reader: voices, mentions."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Callable
from pathlib import Path

import examples
import pandas as pd
import pytest
from examples import FOLDER, NAMES, ROOT, Ran

import datapkg
from datapkg.cli.main import main
from datapkg.model import layout
from datapkg.model.errors import NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.read.data import Data
from datapkg.registry.publish import publish

BEFORE = "0.1.0"
"""The last release without what the examples read."""
NEWEST = datapkg.versions()["version"].iloc[-1]
SHARES = {"company_id": "nordlicht-semi", "market_id": "ai-accelerators", "period": "2023"}
PICTURES = sorted(path.stem for path in FOLDER.glob("*.png"))


@pytest.fixture(scope="module", params=["working"] if NEWEST == BEFORE else ["working", "newest"])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ran]:
    """Runs an example in a folder of its own, once, on the working tables or the newest release."""
    done: dict[str, Ran] = {}
    folder = tmp_path_factory.mktemp(f"examples-{request.param}")
    package = examples.working(folder / "clone") if request.param == "working" else layout.PACKAGE
    home = package.parent if request.param == "working" else folder

    def run(name: str) -> Ran:
        if name not in done:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(layout, "PACKAGE", package)
                (home / name).mkdir()
                done[name] = examples.run(name, home / name)
        return done[name]

    return run


@pytest.fixture
def data(built: Path) -> Data:
    return Data(Layout(built))


def size(picture: Path) -> tuple[int, ...]:
    """Width and height of a PNG."""
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", head[16:])


def code(name: str) -> list[str]:
    """The lines of an example that are neither empty nor comments."""
    lines = (FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


class TestExamples:
    def test_foundry_shares(self, ran: Callable[[str], Ran]) -> None:
        names = ran("foundry_shares").names
        shares = names["shares"]
        assert list(shares.index) == [f"{year}-Q{n}" for year in range(2022, 2026) for n in range(1, 5)]
        assert shares.loc["2022-Q3", ["tsmc", "samsung-electronics"]].to_list() == [56.1, 15.5]
        assert shares.loc["2023-Q4", ["tsmc", "samsung-electronics"]].to_list() == [61.2, 11.3]
        assert shares.loc["2025-Q2", ["tsmc", "samsung-electronics"]].to_list() == [70.2, 7.3]
        # not what another voice says, nor a figure of the same voice from a weaker source
        assert shares.loc[["2023-Q1", "2024-Q3"], "tsmc"].to_list() == [60.1, 64.7]
        revised = names["df"].set_index(["company_id", "period"]).loc[("samsung-electronics", "2023-Q1")]
        # 12.4 before TrendForce counted again: revised by its voice, which disputes nothing
        assert (revised["share_pct"], revised["disputed"]) == (9.9, False)
        if names["df"].attrs.get("working"):
            assert revised["revised"]
        assert names["df"]["share_pct"].between(0, 100).all()
        assert not names["df"].duplicated(["company_id", "period"]).any()

    def test_foundry_shares_takes_less_than_ten_lines(self) -> None:
        assert len(code("foundry_shares")) < 10

    def test_nvidia_known_by(self, ran: Callable[[str], Ran]) -> None:
        names = ran("nvidia_known_by").names
        then, rows = names["then"], names["rows"]
        assert then["known_from"].max() <= pd.Timestamp("2024-02-01")
        assert {"ai-chips", "ai-gpus", "pc-graphics-cards", "semiconductors-gartner"} <= set(then["market_id"])
        assert len(then) == rows["known_then"].sum() < len(rows)
        chips = rows[(rows["market_id"] == "ai-chips") & (rows["period"] == "2024-01")].iloc[0]
        assert (chips["share_pct"], chips["qualifier"], chips["known_then"]) == (80, "up_to", True)
        assert not rows[rows["market_id"] == "data-centre-gpus"]["known_then"].any()
        assert rows["market"].notna().all()

    def test_hbm_korean(self, ran: Callable[[str], Ran]) -> None:
        found = ran("hbm_korean")
        said, korean = found.names["said"], found.names["korean"]
        assert 30 <= len(korean) < len(said)
        assert set(korean["language"]) == {"ko"}
        assert {"market_share", "market_size", "product_event", "supply_relation"} <= set(korean["kind"])
        assert {"segment_share"} <= set(said["kind"])
        assert said["claim_id"].is_unique
        assert "ajunews-hbm-2024-04/sk-hynix-hbm-2024-share-forecast" in set(korean["claim_id"])
        assert "2024-04-16  Aju Business Daily: SK hynix has 52.5 percent" in found.printed
        share = found.names["shares"].set_index("claim_id").loc["ajunews-hbm-2024-04/sk-hynix-hbm-2024-share-forecast"]
        assert (share["share_pct"], share["voice"], share["forecast"]) == (52.5, "trendforce", True)

    def test_hbm_korean_misses_nothing_that_sql_finds(self, ran: Callable[[str], Ran]) -> None:
        """The same question, asked the long way of four of the tables."""
        parts = [
            f"SELECT claim_id FROM observations.{table} WHERE {column} LIKE '%hbm%'"
            for table, column in (
                ("market_shares", "market_id"),
                ("segment_shares", "market_id"),
                ("segment_shares", "segment_id"),
                ("supply_relations", "product_id"),
            )
        ]
        asked = Data(Layout(ROOT)).query(" UNION ".join(parts))
        assert set(asked["claim_id"]) <= set(Data(Layout(ROOT)).mentions(["*hbm*"])["claim_id"])
        assert len(asked) > 20

    def test_cite_rows(self, ran: Callable[[str], Ran]) -> None:
        found = ran("cite_rows")
        version = found.names["df"].attrs["version"]
        assert f"Semiconductor industry claims and facts (Version {version}) [Dataset]" in found.printed
        assert "ZDNet Korea. (2024, March 12). [TSMC back above 60 percent" in found.printed
        assert "@article{zdnet-korea-foundry-2024-03," in found.printed
        assert "globalspec-capacity-2024-04" not in found.printed  # another voice, on TSMC in 2023-Q1
        rows = datapkg.load("market_shares", policy="all", **where(found))
        told = rows[rows["voice"].str.lower() == "trendforce"].merge(found.names["df"][rows.attrs["primary_key"][:5]])
        assert set(re.findall(r"^@\w+\{([a-z0-9-]+),", found.printed, re.M)) == set(told["source_id"])

    def test_disagreement(self, ran: Callable[[str], Ran]) -> None:
        found = ran("disagreement")
        foundry = found.names["foundry"].set_index(["market_id", "company_id"])
        assert foundry["share_pct"].to_dict() == {
            ("foundry", "tsmc"): 56.1,
            ("foundry", "samsung-electronics"): 15.5,
            ("foundry-counterpoint", "tsmc"): 59,
            ("foundry-counterpoint", "samsung-electronics"): 12,
        }
        assert not foundry["disputed"].any()
        disputed = found.names["disputed"].set_index("company_id")["share_pct"]
        assert disputed[["samsung-electronics", "sk-hynix"]].to_list() == [39.3, 36.6]
        conflicts = found.names["conflicts"]
        assert {("39.3", "37"), ("36.6", "35")} <= set(
            zip(conflicts["chosen_value"], conflicts["other_value"], strict=True)
        )
        attrs = found.names["foundry"].attrs
        by_lead = attrs.get("working") or attrs["version"] != "0.3.0"  # 0.3.0 chose before a voice led a market
        reason = "trendforce leads this market" if by_lead else "tier: secondary comes before weak"
        assert conflicts["reason"].eq(reason).all()
        for text in ("SK hynix has 35 percent of the market DRAM", "counterpoint-research", "2025-04-09"):
            assert text in found.printed

    @pytest.mark.parametrize("name", NAMES)
    def test_pictures_are_made_and_committed(self, ran: Callable[[str], Ran], name: str, tmp_path: Path) -> None:
        made = [Path(text).name for text in re.findall(r'savefig\("([^"]+)"', "\n".join(code(name)))]
        assert made == ([f"{name}.png"] if name in PICTURES else [])
        for picture in made:
            fresh, kept = ran(name).folder / picture, FOLDER / picture
            assert min(path.stat().st_size for path in (fresh, kept)) > 10_000
            assert size(fresh) == size(kept)

    @pytest.mark.parametrize("name", PICTURES)
    def test_pictures_name_their_axes_and_the_version(self, ran: Callable[[str], Ran], name: str) -> None:
        (figure,) = ran(name).figures
        frames = [value for value in ran(name).names.values() if isinstance(value, pd.DataFrame)]
        (version,) = {frame.attrs["version"] for frame in frames if "version" in frame.attrs}
        assert any(text.get_text().endswith(f"in semiconductor-datapkg {version}") for text in figure.texts)
        assert all(axes.get_xlabel() for axes in figure.axes)
        assert figure.axes[0].get_ylabel()

    @pytest.mark.parametrize("name", NAMES)
    def test_examples_open_as_notebooks(self, name: str) -> None:
        lines = (FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "# %% [markdown]"
        assert "# %%" in lines
        ast.parse("\n".join(lines))
        for line in lines:
            assert "version=" not in line  # they read the newest release

    def test_the_page_shows_every_example_and_picture(self) -> None:
        page = (FOLDER / "README.md").read_text(encoding="utf-8")
        links = re.findall(r"\]\((?!https?:)([^)#]+)", page)
        assert set(links) == {*(f"{name}.py" for name in NAMES), *(f"{name}.png" for name in PICTURES)}

    def test_the_readme_shows_the_first_one(self) -> None:
        page = (ROOT / "README.md").read_text(encoding="utf-8")
        cell = (FOLDER / "foundry_shares.py").read_text(encoding="utf-8").partition("\n# %%\n")[2]
        assert f"```python\n{cell}```\n" in page
        assert "/main/docs/examples/foundry_shares.png)" in page


def where(found: Ran) -> dict[str, str]:
    """The version that an example read, for reading it again."""
    attrs = found.names["df"].attrs
    return {"version": "working" if attrs.get("working") else attrs["version"]}


class TestVoice:
    @pytest.mark.parametrize("name", ["Nordlicht Semi", "nordlicht-semi", "노르트리히트", "NORDLICHT"])
    def test_a_voice_goes_by_every_name(self, data: Data, name: str) -> None:
        everybody, alone = data.load("market_shares"), of(data, name).load("market_shares")
        assert list(everybody["claim_count"]) == [2, 1]
        assert list(alone["share_pct"]) == list(everybody["share_pct"]) == [42, 45]
        assert list(alone["claim_count"]) == [1, 1]
        assert list(alone["disputed"]) == [False, False]
        assert list(alone.dtypes) == list(everybody.dtypes)

    def test_a_source_that_nobody_published_is_a_voice_of_its_own(self, data: Data) -> None:
        alone = of(data, "hanbit-visit-2024").load("market_shares")
        assert list(alone["share_pct"]) == [48]

    @pytest.mark.parametrize("options", [{"policy": "latest"}, {"policy": "all"}, {"known_by": "2024-12"}])
    def test_it_goes_with_policies_times_and_filters(self, data: Data, options: dict[str, str]) -> None:
        alone = of(data, "hanbit-visit-2024")
        assert list(alone.load("market_shares", **options)["share_pct"]) == [48]
        assert len(alone.load("market_shares", filters=[("share_pct", "<", 48)], **options)) == 0
        assert len(alone.load("market_shares", known_by="2024-03")) == 0

    def test_observations_have_voices_too(self, data: Data) -> None:
        assert list(of(data, "hanbit-visit-2024").load("observations.market_shares")["share_pct"]) == [48]

    def test_trace_and_cite_follow_the_frame(self, inside: Path) -> None:
        where = {"version": "working"}
        frame = datapkg.load("market_shares", voice="hanbit-visit-2024", **where)
        assert frame.attrs["voice"] == "hanbit-visit-2024"
        found = datapkg.trace("market_shares", frame.iloc[0])
        assert list(found["share_pct"]) == [48]
        assert list(found["disagrees_on"]) == [""]
        assert found.attrs["voice"] == "hanbit-visit-2024"
        assert len(datapkg.trace("market_shares", SHARES, **where)) == 2
        assert list(datapkg.trace("market_shares", SHARES, voice="Nordlicht", **where)["share_pct"]) == [42]
        assert re.findall(r"^@\w+\{([a-z-]+-2024),", datapkg.cite(frame), re.M) == ["hanbit-visit-2024"]
        everybody = datapkg.load("market_shares", **where)
        cited = re.findall(r"^@\w+\{([a-z-]+-2024),", datapkg.cite(everybody), re.M)
        assert sorted(cited) == ["hanbit-visit-2024", "nordlicht-results-2024"]

    def test_releases_have_voices(self, inside: Path, made: Path) -> None:
        publish(made / "0.2.0", str(inside / "data/releases"))
        frame = datapkg.load("market_shares", voice="Nordlicht Semi", filters=[("period", "==", "2023")])
        assert (frame.attrs["version"], frame["share_pct"].iloc[0]) == ("0.2.0", 43)
        assert len(datapkg.trace("market_shares", frame.iloc[0])) == 1

    def test_mistakes(self, data: Data, inside: Path) -> None:
        with pytest.raises(NotFound, match=r"^no voice 'Nordlicht Semy' in table 'market_shares'; did you mean 'nordl"):
            of(data, "Nordlicht Semy").load("market_shares")
        with pytest.raises(
            UsageError, match=r"^table 'people' is kept by hand and not told by voices; voice works wit"
        ):
            of(data, "Nordlicht Semi").load("people")
        with pytest.raises(UsageError, match=r"^table 'claims' is a record of the package itself and not told by voic"):
            of(data, "Nordlicht Semi").load("claims")
        with pytest.raises(TypeError, match=r"unexpected keyword argument 'voices'"):
            datapkg.load("people", voices="Nordlicht Semi")
        spoken = of(data, "Nordlicht Semi")
        for call in (spoken.tables, spoken.connect, lambda: spoken.mentions(["nordlicht-semi"])):
            with pytest.raises(UsageError, match="voice works with load, trace and cite"):
                call()

    def test_commands(self, built: Path, inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for origin in (["--root", str(built)], ["--version", "working"]):
            key = [f"{column}={value}" for column, value in SHARES.items()]
            asked = ["--voice", "hanbit-visit-2024", *origin]
            assert main(["show", "market_shares", "--columns", "share_pct", "--csv", *asked]) == 0
            assert capsys.readouterr().out.split() == ["share_pct", "48.0"]
            assert main(["trace", "market_shares", *key, "--json", *asked]) == 0
            assert capsys.readouterr().out.count('"claim_id"') == 1
            assert main(["cite", "market_shares", "--style", "apa", *asked]) == 0
            out = capsys.readouterr().out
            assert "[Why Nordlicht came to Seoul]" in out
            assert "record year" not in out


class TestMentions:
    def test_claims_of_all_tables(self, data: Data) -> None:
        found = data.mentions(["hanbit-foundry"])
        assert {"meetings", "meeting_companies", "positions", "deal_parties"} & set(" ".join(found["tables"]).split())
        assert set(found["entries"]) == {"companies/hanbit-foundry"}
        assert found["known_from"].is_monotonic_increasing
        assert found["claim_id"].is_unique
        row = found.set_index("claim_id").loc["hanbit-visit-2024/hanbit-nordlicht-mou"]
        assert (row["tables"], row["kind"], row["language"]) == ("deal_parties", "deal", "ko")
        assert row["says"] == "The two companies signed a memorandum of understanding on the 12th."
        assert (row["certainty"], row["publisher"], row["published"], row["corrected"]) == (
            "asserted",
            "unknown",
            "2024-04",
            False,
        )

    def test_ids_registries_and_wild_cards(self, data: Data) -> None:
        def ids(*patterns: str) -> set[str]:
            return set(data.mentions(patterns)["claim_id"])

        assert ids("nordlicht-semi") == ids("companies/nordlicht-semi") == ids("companies/nord*")
        assert ids("nordlicht-semi", "hanbit-foundry") == ids("nordlicht-semi") | ids("hanbit-foundry")
        assert ids("*") == ids("*/*") > ids("companies/*")
        both = data.mentions(["nordlicht-semi", "hanbit-foundry"]).set_index("claim_id")
        mou = both.loc["hanbit-visit-2024/hanbit-nordlicht-mou"]
        assert mou["entries"] == "companies/hanbit-foundry companies/nordlicht-semi"

    def test_statements_are_about_something(self, data: Data) -> None:
        about = data.load("statements").dropna(subset="about")
        for row in about.itertuples():
            found = data.mentions([row.about]).set_index("claim_id")
            assert "statements" in found.loc[row.claim_id, "tables"].split()
        assert len(about) > 0

    def test_every_claim_that_points_at_a_registry_is_found(self, data: Data) -> None:
        claims = data.load("claims").set_index("claim_id")["kind"]
        unsaid = claims.drop(data.mentions(["*"])["claim_id"])
        assert set(unsaid) <= {"statement", "visit", "deal", "meeting"}  # that may name an event and nobody

    def test_the_frame_is_ready_to_be_cited(self, inside: Path) -> None:
        found = datapkg.mentions("ida-falk", version="working")
        assert found.attrs["table"] == "claims"
        assert found.attrs["primary_key"] == ["claim_id"]
        assert "[Why Nordlicht came to Seoul]" in datapkg.cite(found, style="apa")
        assert datapkg.mentions("ida-falk").attrs["version"] == "0.1.0"
        assert list(datapkg.mentions("ida-falk").dtypes) == list(found.dtypes)

    def test_an_entry_of_which_nobody_spoke(self, data: Data) -> None:
        silent = data.mentions(["wadi-compute"])
        assert list(silent.dtypes) == list(data.mentions(["*"]).dtypes)
        assert "wadi-compute" in set(data.load("companies")["company_id"])

    def test_mistakes(self, data: Data) -> None:
        with pytest.raises(
            NotFound, match=r"^no entry 'nordlicht-semy' in the registries; did you mean 'nordlicht-semi'\? Reg"
        ):
            data.mentions(["nordlicht-semy"])
        with pytest.raises(NotFound, match=r"^no entry 'company/ida-falk' in the registries; did you mean .*ida-falk'"):
            data.mentions(["company/ida-falk"])
        with pytest.raises(
            UsageError, match=r"^mentions takes entries, for example products/hbm3e, or 'hbm\*' for all"
        ):
            data.mentions([])


def of(data: Data, voice: str) -> Data:
    return Data(data.layout, voice=voice)
