"""Reading a package: tables, load, trace, connect, on the package that the build makes of tests/good."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest

import datapkg
from datapkg.api import Data
from datapkg.model.errors import ConfigError, IntegrityError, MissingExtra, NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.model.specs import PREFIX, load_specs
from datapkg.read.trace import CLAIM, SOURCE

SHARES = {"company_id": "nordlicht-semi", "market_id": "ai-accelerators", "period": "2023", "basis": "unspecified"}
PRESS, LETTER = "nordlicht-results-2024", "hanbit-visit-2024"


@pytest.fixture(scope="module")
def data(built: Path) -> Data:
    return Data(Layout(built))


def facts(data: Data) -> list[str]:
    names = list(data.tables()["name"])
    return [name for name in names if PREFIX + name in names]


class TestTables:
    def test_lists_every_table_with_the_observations_last(self, data: Data) -> None:
        frame = data.tables()
        assert list(frame.columns) == ["name", "title", "description", "rows"]
        names = list(frame["name"])
        assert names == sorted(names, key=lambda n: (n.startswith(PREFIX), n))
        assert {"companies", "market_shares", "conflicts", "observations.market_shares"} <= set(names)
        assert frame.set_index("name").loc["claims", "rows"] == 32

    def test_counts_the_rows_that_load_returns(self, data: Data) -> None:
        for name, rows in data.tables()[["name", "rows"]].itertuples(index=False):
            assert len(data.load(name)) == rows, name


class TestLoad:
    def test_types_follow_the_schema_and_not_the_values(self, data: Data) -> None:
        kinds = {name: str(kind) for name, kind in data.load("market_shares").dtypes.items()}
        assert kinds["company_id"] == str(pd.Series(["x"]).dtype)  # str; object before pandas 3
        assert kinds["period_start"].startswith("datetime64")
        assert kinds["share_low_pct"] == "float64"
        assert (kinds["claim_count"], kinds["disputed"]) == ("int64", "bool")
        assert str(data.load("claims")["char_start"].dtype) == "Int64"
        assert str(data.load("company_metrics")["forecast"].dtype) == "bool"
        assert str(data.load("meetings")["sequence"].dtype) == "Int64"
        assert str(data.load("companies")["is_public"].dtype) == "boolean"

    def test_an_empty_answer_has_the_same_types(self, data: Data) -> None:
        for name in ("claims", "market_shares", "companies", "meetings"):
            whole = data.load(name)
            none = data.load(name, filters=pc.field(data.key(name)[0]) == "nobody")
            assert len(none) == 0
            assert list(none.dtypes) == list(whole.dtypes)

    def test_attrs_say_what_the_frame_is_in_plain_values(self, data: Data) -> None:
        frame = data.load("market_shares", valid_on=date(2023, 11, 1), known_by="2024", columns=["share_pct", "period"])
        assert frame.attrs["table"] == "market_shares"
        assert frame.attrs["title"] == "Market shares"
        assert frame.attrs["version"] == "1.2.3"
        assert frame.attrs["license"] == "CC-BY-4.0"
        assert frame.attrs["primary_key"] == ["company_id", "market_id", "period", "basis", "forecast"]
        assert frame.attrs["units"] == {"share_pct": "%"}
        assert set(frame.attrs["descriptions"]) == {"share_pct", "period"}
        assert (frame.attrs["policy"], frame.attrs["valid_on"], frame.attrs["known_by"]) == (
            "preferred",
            "2023-11-01",
            "2024",
        )
        assert json.loads(json.dumps(frame.attrs)) == frame.attrs
        assert frame.iloc[0].attrs == frame.attrs

    def test_columns_come_in_the_order_asked_for_and_may_leave_out_the_key(self, data: Data) -> None:
        frame = data.load("market_shares", columns=["share_pct", "period"], filters=[("basis", "==", "unspecified")])
        assert list(frame.columns) == ["share_pct", "period"]
        assert len(frame) == 2

    @pytest.mark.parametrize("policy", ["preferred", "latest", "all"])
    def test_filters_select_the_same_rows_under_every_policy(self, data: Data, policy: str) -> None:
        for filters in ([("share_pct", ">", 43)], [[("share_pct", "<", 43)], [("period", "in", ["2023-Q4"])]]):
            found = data.load("market_shares", policy=policy, filters=filters)
            whole = data.load("market_shares", policy=policy)
            if len(filters) == 1:
                expected = whole[whole["share_pct"] > 43]
            else:
                expected = whole[(whole["share_pct"] < 43) | (whole["period"] == "2023-Q4")]
            pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_flags=False)
            assert len(found) > 0

    def test_filters_may_be_an_expression(self, data: Data) -> None:
        assert len(data.load("market_shares", filters=pc.field("share_pct") > 43)) == 1
        assert len(data.load("market_shares", filters=[])) == 2
        assert len(data.load("sources", filters=pc.field("known_from") < date(2024, 3, 1))) == 1

    def test_a_file_that_is_not_the_promised_one_is_refused(self, package: Path) -> None:
        file = package / "data/processed/companies.parquet"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        with pytest.raises(
            IntegrityError,
            match=(
                r"companies\.parquet is not the file that datapackage\.json promises: "
                r"expected sha256:[0-9a-f]{64}, found sha256:[0-9a-f]{64}; run `datapkg build`"
            ),
        ):
            Data(Layout(package)).load("companies")
        assert len(Data(Layout(package)).load("people")) == 2

    def test_a_missing_file_is_refused(self, package: Path) -> None:
        (package / "data/processed/companies.parquet").unlink()
        with pytest.raises(
            IntegrityError,
            match=(
                r"companies\.parquet cannot be read \(No such file or directory\), and "
                r"datapackage\.json promises it; run `datapkg build`"
            ),
        ):
            Data(Layout(package)).load("companies")

    def test_without_a_descriptor_there_is_nothing_to_read(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"no .*datapackage\.json; run `datapkg build` in a clone, or install"):
            Data(Layout(tmp_path)).tables()

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "JSONDecodeError: Expecting value"),
            ("[]", "it is an empty list; expected an object"),
            ("{}", "it has no 'name'"),
            ('{"name": 1, "resources": [{"name": "x"}]}', r"name is 1; expected a text of the form"),
            ("[" * 100_000, "ValueError: nested too deeply"),
            ("\xff", "UnicodeDecodeError: "),
        ],
    )
    def test_a_descriptor_that_is_none_is_refused(self, tmp_path: Path, text: str, why: str) -> None:
        (tmp_path / "datapackage.json").write_bytes(text.encode("latin-1"))
        with pytest.raises(ConfigError, match=rf"datapackage\.json is no data package that datapkg wrote: {why}"):
            Data(Layout(tmp_path)).load("companies")


class TestMistakes:
    def test_unknown_table(self, data: Data) -> None:
        with pytest.raises(
            NotFound,
            match=(
                r"no table 'companys' in invented-chips 1\.2\.3; did you mean 'companies'.*\? "
                r"Run `datapkg tables` to list all 92$"
            ),
        ):
            data.load("companys")

    def test_unknown_column(self, data: Data) -> None:
        with pytest.raises(
            NotFound, match=r"no column 'share' in table 'market_shares'; did you mean 'share_pct' or 'stale'\?$"
        ):
            data.load("market_shares", columns=["share"])
        with pytest.raises(NotFound, match=r"no column 'sharepct' in table 'market_shares'; did you mean 'share_pct'"):
            data.load("market_shares", filters=[[("sharepct", ">", 1)]])
        with pytest.raises(NotFound, match=r"no column 'claim_count' in table 'observations\.market_shares'"):
            data.load("market_shares", columns=["claim_count"], policy="all")
        with pytest.raises(UsageError, match=r"the filters do not fit table 'market_shares': No match for FieldRef"):
            data.load("market_shares", filters=pc.field("share") > 1)

    def test_columns_are_a_list(self, data: Data) -> None:
        with pytest.raises(UsageError, match=r"expected a list of names, found 'period'; did you mean \['period'\]\?"):
            data.load("market_shares", columns="period")

    def test_unknown_policy(self, data: Data) -> None:
        with pytest.raises(NotFound, match=r"no policy 'newest' in datapkg\. Policies are preferred, latest, all$"):
            data.load("market_shares", policy="newest")

    @pytest.mark.parametrize("policy", ["latest", "all"])
    def test_policy_without_claims(self, data: Data, policy: str) -> None:
        with pytest.raises(
            UsageError,
            match=(
                rf"table 'companies' has one row per key and no claims to choose from; policy "
                rf"'{policy}' works with alliance_members, .*visits$"
            ),
        ):
            data.load("companies", policy=policy)

    def test_filters_of_another_form(self, data: Data) -> None:
        with pytest.raises(
            UsageError,
            match=(
                r"the filters do not fit table 'market_shares': .*double, string.*; compare "
                r"numbers with numbers, and dates with datetime\.date$"
            ),
        ):
            data.load("market_shares", filters=pc.field("share_pct") > "a lot")
        with pytest.raises(UsageError, match="the filters do not fit table 'market_shares'"):
            data.load("market_shares", filters=pc.field("share_pct") > "a lot", policy="latest")
        for wrong in (5, [5], [()]):
            with pytest.raises(
                UsageError, match=r"filters: found .*; expected \[\(column, operator, value\), \.\.\.\]$"
            ):
                data.load("market_shares", filters=wrong)

    def test_wrong_dates_carry_the_message_of_the_period(self, data: Data) -> None:
        with pytest.raises(UsageError, match=r"^valid_on: 'FY2024' is no period; .*; did you mean 2024\?$"):
            data.load("market_shares", valid_on="FY2024")
        with pytest.raises(UsageError, match=r"^known_by: '2024-02-30' has day 30; 2024-02 has 29 days$"):
            data.load("market_shares", known_by="2024-02-30")

    def test_tables_without_time(self, data: Data) -> None:
        with pytest.raises(
            UsageError,
            match=(
                r"table 'companies' does not say when its rows hold; valid_on works with "
                r"alliance_members, .*visits$"
            ),
        ):
            data.load("companies", valid_on="2024")
        with pytest.raises(
            UsageError,
            match=(
                r"table 'companies' is kept by hand and does not say what was known when; "
                r"known_by works with .*visits, sources$"
            ),
        ):
            data.load("companies", known_by="2024")
        with pytest.raises(
            UsageError, match=r"table 'claims' is a record of the package itself and does not say what was"
        ):
            data.load("claims", known_by="2024")


class TestPolicies:
    def test_preferred_is_what_is_stored_and_latest_what_was_said_last(self, data: Data) -> None:
        where = [("period", "==", "2023")]
        preferred, latest = (
            data.load("market_shares", filters=where, policy=p).iloc[0] for p in ("preferred", "latest")
        )
        assert (preferred["share_pct"], preferred["claim_id"]) == (42, f"{PRESS}/nordlicht-share-2023")
        assert (latest["share_pct"], latest["claim_id"]) == (48, f"{LETTER}/nordlicht-share-2023")
        assert preferred["disputed"]
        assert latest["disputed"]

    def test_a_curators_preference_comes_before_the_tier(self, data: Data) -> None:
        assert data.load("product_prices").iloc[0]["claim_id"] == f"{LETTER}/aurora-price-2024"

    def test_all_is_one_row_per_claim(self, data: Data) -> None:
        frame = data.load("market_shares", policy="all")
        assert sorted(frame["share_pct"]) == [42, 45, 48]
        assert frame.attrs["table"] == "market_shares"
        assert frame.attrs["primary_key"] == ["company_id", "market_id", "period", "basis", "forecast", "claim_id"]
        pd.testing.assert_frame_equal(frame, data.load("observations.market_shares"))

    def test_consolidating_anew_gives_the_stored_facts(self, data: Data) -> None:
        for name in facts(data):
            pd.testing.assert_frame_equal(
                data.load(name, known_by="2999"), data.load(name), check_flags=False, obj=name
            )


class TestKnownBy:
    def test_only_what_had_been_published_counts(self, data: Data) -> None:
        before, after = (data.load("market_shares", known_by=day).iloc[0] for day in ("2024-03-01", "2024-04-30"))
        assert (before["claim_count"], before["disputed"]) == (1, False)
        assert (after["claim_count"], after["disputed"]) == (2, True)
        assert data.load("product_prices", known_by="2024-03-01").iloc[0]["amount"] == 20000

    def test_a_period_means_its_last_day(self, data: Data) -> None:
        assert len(data.load("positions", known_by="2024-04")) == 2
        assert len(data.load("positions", known_by="2024-03")) == 1
        assert len(data.load("positions", known_by=pd.Timestamp("2024-04-30"))) == 2
        assert len(data.load("positions", known_by=date(2024, 4, 29))) == 1

    def test_before_the_first_publication_nothing_is_known(self, data: Data) -> None:
        none = data.load("market_shares", known_by="2023")
        assert len(none) == 0
        assert list(none.dtypes) == list(data.load("market_shares").dtypes)

    def test_applies_to_claims_and_sources_too(self, data: Data) -> None:
        assert len(data.load("market_shares", policy="all", known_by="2024-02")) == 2
        assert len(data.load("market_shares", policy="latest", known_by="2024-02")) == 2
        assert list(data.load("sources", known_by="2024-02")["source_id"]) == [PRESS]


class TestValidOn:
    @pytest.mark.parametrize(
        ("day", "periods"),
        [("2023-05-01", ["2023"]), ("2023-12-31", ["2023", "2023-Q4"]), ("2023-H1", ["2023"]), ("2024", []),
         (date(2023, 10, 1), ["2023", "2023-Q4"])],
    )  # fmt: skip
    @pytest.mark.parametrize("policy", ["preferred", "latest", "all"])
    def test_periods(self, data: Data, day: str, periods: list[str], policy: str) -> None:
        frame = data.load("market_shares", valid_on=day, policy=policy)
        assert sorted(set(frame["period"])) == periods

    @pytest.mark.parametrize(
        ("day", "people"),
        [
            ("2020-12-31", ["han-seo-yun"]),
            ("2021-01-01", ["han-seo-yun", "ida-falk"]),
            ("2021", ["han-seo-yun", "ida-falk"]),
            ("2999", ["han-seo-yun", "ida-falk"]),
        ],
    )
    def test_an_open_validity_may_be_assumed_to_cover_every_day(self, data: Data, day: str, people: list[str]) -> None:
        assert list(data.load("positions", valid_on=day, assume_open=True)["person_id"]) == people

    @pytest.mark.parametrize(
        ("day", "people"),
        [("2020-12-31", []), ("2021-01-01", ["ida-falk"]), ("2024", ["han-seo-yun", "ida-falk"]), ("2999", [])],
    )
    def test_what_has_no_stated_end_holds_from_its_first_to_its_last_statement(
        self, data: Data, day: str, people: list[str]
    ) -> None:
        assert list(data.load("positions", valid_on=day)["person_id"]) == people

    @pytest.mark.parametrize(("day", "many"), [("2024-03-13", 1), ("2024-03-14", 0), ("2024-02", 0), ("2024-Q1", 1)])
    def test_events_with_a_beginning_and_an_end(self, data: Data, day: str, many: int) -> None:
        assert len(data.load("visits", valid_on=day, columns=["hours"])) == many

    @pytest.mark.parametrize(("day", "many"), [("2024-03-12", 1), ("2024-03", 2), ("2024-03-14", 0)])
    def test_events_of_a_day(self, data: Data, day: str, many: int) -> None:
        frame = data.load("meetings", valid_on=day, columns=["topic"])
        assert len(frame) == many
        assert list(frame.columns) == ["topic"]

    def test_an_event_of_unknown_end_takes_place_when_it_begins(self, data: Data) -> None:
        assert len(data.load("visits", valid_on="2024-03-31", known_by="2024-02")) == 1
        assert len(data.load("visits", valid_on="2024-04-01", known_by="2024-02")) == 0


class TestTrace:
    def test_a_disputed_row_leads_back_to_both_sources(self, data: Data) -> None:
        frame = data.load("market_shares", filters=[("period", "==", "2023")])
        found = data.trace("market_shares", frame.iloc[0])
        assert list(found.columns) == [*CLAIM, "share_pct", "share_low_pct", "share_high_pct", "qualifier", *SOURCE]
        assert list(found["claim_id"]) == [f"{PRESS}/nordlicht-share-2023", f"{LETTER}/nordlicht-share-2023"]
        assert list(found["used_for"]) == ["share_pct share_low_pct share_high_pct qualifier", ""]
        assert list(found["disagrees_on"]) == ["", "share_pct"]
        assert list(found["share_pct"]) == [42, 48]
        assert list(found["language"]) == ["en", "ko"]
        assert list(found["title"]) == ["Nordlicht Semi reports a record year", "Why Nordlicht came to Seoul"]
        assert str(found["char_start"].dtype) == "Int64"
        key = {**SHARES, "forecast": "false"}
        assert found.attrs == {"table": "market_shares", "key": key, "version": "1.2.3", "working": True}

    def test_the_anchor_leads_to_the_very_words(self, data: Data, built: Path) -> None:
        (claim,) = data.trace("market_shares", {**SHARES, "period": "2023-Q4"}).to_dict("records")
        text = (built / f"articles/{claim['source_id']}.txt").read_text(encoding="utf-8")
        assert (
            text[claim["char_start"] : claim["char_end"]]
            == "In the fourth quarter its share rose to more than 45 percent"
        )

    def test_sources_complete_each_other(self, data: Data) -> None:
        found = data.trace("visits", {"visit_id": "falk-korea-2024-03"}).set_index("claim_id")
        assert found.loc[f"{PRESS}/falk-visit-planned", "used_for"] == "person_id country start_date"
        assert found.loc[f"{LETTER}/falk-visit-hours", "used_for"] == "end_date hours industry_hours"

    def test_a_correction_shows_with_its_reason(self, data: Data) -> None:
        found = data.trace("company_countries", {"company_id": "nordlicht-semi"}).set_index("claim_id")
        wrong = found.loc[f"{LETTER}/nordlicht-country"]
        assert wrong["corrected"]
        assert wrong["correction"].startswith("country said DK, corrected to DE: Nordlicht Semi has its head office")
        assert not found.loc[f"{PRESS}/nordlicht-country", "corrected"]

    @pytest.mark.parametrize("policy", ["preferred", "latest"])
    def test_agrees_with_the_facts_for_every_cell(self, data: Data, policy: str) -> None:
        """Holds the order of `tracing` and that of `consolidate` together."""
        specs = load_specs(data.layout.schemas)
        for name in facts(data):
            rows = data.load(name, policy=policy)
            for number in range(len(rows)):
                row = rows.iloc[number]
                found = data.trace(name, row)
                assert found.iloc[0]["claim_id"] == row["claim_id"], name
                assert len(found) == row["claim_count"]
                for column in (f.name for f in specs[name].values):
                    supplied = found[[column in used.split() for used in found["used_for"]]]
                    assert len(supplied) == int(not pd.isna(row[column])), (name, column)
                    if len(supplied):
                        assert supplied.iloc[0][column] == row[column], (name, column)

    def test_disagrees_where_the_conflicts_table_says_so(self, data: Data) -> None:
        found = []
        for name in facts(data):
            rows = data.load(name)
            for number in range(len(rows)):
                values = {column: rows.iloc[number][column] for column in rows.attrs["primary_key"]}
                texts = {c: str(v).lower() if isinstance(v, bool | np.bool_) else v for c, v in values.items()}
                key = ";".join(f"{column}={text}" for column, text in texts.items())
                for claim in data.trace(name, rows.iloc[number]).to_dict("records"):
                    found += [(name, key, column, claim["claim_id"]) for column in claim["disagrees_on"].split()]
        stored = data.load("conflicts")[["table", "key", "column", "other_claim_id"]]
        assert sorted(found) == sorted(stored.itertuples(index=False, name=None))
        assert len(found) == 3

    def test_follows_the_policy_and_the_day_of_the_frame(self, data: Data) -> None:
        latest = data.load("market_shares", policy="latest", filters=[("period", "==", "2023")]).iloc[0]
        assert data.trace("market_shares", latest).iloc[0]["share_pct"] == 48
        early = data.load("market_shares", known_by="2024-03", filters=[("period", "==", "2023")]).iloc[0]
        assert list(data.trace("market_shares", early)["share_pct"]) == [42]
        every = data.load("market_shares", policy="all", filters=[("share_pct", "==", 48)]).iloc[0]
        assert list(data.trace("observations.market_shares", every)["share_pct"]) == [42, 48]

    def test_takes_rows_in_many_shapes(self, data: Data) -> None:
        frame = data.load("market_shares", filters=[("period", "==", "2023")])
        for row in (frame, frame.iloc[0], SHARES, dict(frame.iloc[0]), next(frame.itertuples())):
            assert len(data.trace("market_shares", row)) == 2

    def test_refuses_what_is_no_row(self, data: Data) -> None:
        with pytest.raises(UsageError, match=r"trace takes one row, found a frame of 2; did you mean df\.iloc\[0\]\?"):
            data.trace("market_shares", data.load("market_shares"))
        with pytest.raises(UsageError, match="trace takes a row of 'market_shares' or a mapping of its key, found str"):
            data.trace("market_shares", "nordlicht-semi")
        with pytest.raises(
            UsageError,
            match=(
                r"the row has no 'period'; the key of 'market_shares' is company_id, market_id, "
                r"period, basis"
            ),
        ):
            data.trace("market_shares", {k: v for k, v in SHARES.items() if k != "period"})

    def test_names_the_near_miss_of_a_key(self, data: Data) -> None:
        with pytest.raises(
            NotFound,
            match=(
                r"no 'falk-korea-2024' among the visits of invented-chips 1\.2\.3; did you mean "
                r"'falk-korea-2024-03'\? Run `datapkg show visits` to see what there is"
            ),
        ):
            data.trace("visits", {"visit_id": "falk-korea-2024"})
        with pytest.raises(
            NotFound,
            match=(
                r"no row '.*period=2025;.*' in table 'market_shares'; did you mean '.*period=2023;.*\? "
                r"Run `datapkg show market_shares` to see its rows"
            ),
        ):
            data.trace("market_shares", {**SHARES, "period": "2025"})
        late = data.load("deals").iloc[0]
        late.attrs["known_by"] = "2024-02"
        with pytest.raises(NotFound, match=r"in table 'deals' known by 2024-02-29; did you mean"):
            data.trace("deals", late)

    def test_refuses_tables_that_are_not_made_of_claims(self, data: Data) -> None:
        with pytest.raises(
            UsageError, match=r"table 'companies' is kept by hand and not made of claims; trace works with "
        ):
            data.trace("companies", {"company_id": "nordlicht-semi"})
        with pytest.raises(
            UsageError, match=r"table 'conflicts' is a record of the package itself and not made of claims"
        ):
            data.trace("conflicts", {})
        with pytest.raises(NotFound, match=r"no table 'visit' in .*; did you mean 'visits'"):
            data.trace("visit", {})

    def test_no_value_column_is_named_like_a_column_of_the_trace(self, data: Data) -> None:
        for name, spec in load_specs(data.layout.schemas).items():
            if spec.role == "fact":
                assert not {f.name for f in spec.values} & {*CLAIM, *SOURCE}, name


class TestConnect:
    def test_a_view_per_table(self, data: Data) -> None:
        connection = data.connect()
        for name, rows in data.tables()[["name", "rows"]].itertuples(index=False):
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (rows,)
        shares = connection.execute("SELECT max(share_pct) FROM observations.market_shares").fetchone()
        assert shares == (48.0,)

    def test_every_digest_is_compared_first(self, package: Path) -> None:
        file = package / "data/processed/observations/visits.parquet"
        file.write_bytes(file.read_bytes() + b"!")
        with pytest.raises(IntegrityError, match=r"visits\.parquet is not the file"):
            Data(Layout(package)).connect()

    def test_paths_may_hold_quotes(self, package: Path) -> None:
        moved = shutil.move(package, package.parent / "o'brien's")
        assert Data(Layout(Path(moved))).connect().execute("SELECT count(*) FROM people").fetchone() == (2,)

    def test_without_duckdb_the_extra_is_named(self, data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
        with pytest.raises(
            MissingExtra,
            match=(
                r"^asking questions in SQL needs duckdb: pip install "
                r"'semiconductor-datapkg\[sql\]'$"
            ),
        ):
            data.connect()

    def test_query(self, data: Data) -> None:
        assert data.query("SELECT 1 AS one").to_dict("list") == {"one": [1]}
        with pytest.raises(UsageError, match=r"^SQL: Catalog Error: Table with name nope does not exist"):
            data.query("SELECT * FROM nope")


class TestPackaged:
    """The functions of the package read what comes with it: in a clone, the tables that are committed."""

    def test_tables_load_trace_and_connect(self) -> None:
        names = list(datapkg.tables()["name"])
        assert {"companies", "market_shares", "claims", "observations.visits"} <= set(names)
        shares = datapkg.load("market_shares")
        assert shares.attrs["units"]["share_pct"] == "%"
        claims = datapkg.trace("market_shares", shares.iloc[0])
        assert shares.iloc[0]["claim_id"] in set(claims["claim_id"])
        many = datapkg.connect().execute("SELECT count(*) FROM market_shares").fetchone()
        assert many == (len(shares),)
