"""Forecasts beside what came of them, and the scores that add them up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from observed import SPECS, Row, dated, facts, money, observed, share

from datapkg.facts import chains, engine
from datapkg.facts.figure import counted, figure
from datapkg.facts.outcomes import outcome_rows
from datapkg.facts.scores import ALL, FEWEST, score_rows
from datapkg.facts.tables import OUTCOMES, SCORES, consolidated
from datapkg.facts.vintages import vintages
from datapkg.model.specs import PREFIX

TODAY = date(2025, 6, 30)
SIZE: dict[str, Any] = {"forecast": True, "voice": "kestrel"}


def size(amount: float | None, day: str, **more: Any) -> Row:
    """A figure about the market of 2023, a forecast by Kestrel unless it says otherwise."""
    return {**money(amount or 0), "amount": amount, **SIZE, **dated(day), **more}


def outcomes(*rows: Row, table: str = "market_sizes", fact: Row | None = None) -> list[Row]:
    """The outcomes of observations; without a fact, those that voices counted themselves."""
    chosen = engine.to_arrow([fact] if fact else [], SPECS[table])
    return list(outcome_rows(SPECS[table], observed(table, *rows), chosen, TODAY))


def told(row: Row, *columns: str) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)


class TestOutcomes:
    def test_are_the_newest_count_of_the_same_voice(self) -> None:
        (row,) = outcomes(
            size(110, "2022-11-02"),
            size(98, "2024-01-20", forecast=False),
            size(100, "2024-05-20", forecast=False),
            size(120, "2024-06-20", forecast=False, voice="weekly", tier="primary", attribution="own"),
        )
        assert told(row, "outcome", "outcome_voice", "outcome_claim_id") == ("100 EUR", "kestrel", "s/c")
        assert told(row, "foretold", "error", "error_unit", "within") == ("110 EUR", 10.0, "%", None)
        assert told(row, "vintage", "horizon", "claim_id") == (date(2022, 11, 2), "two_years", "s/a")

    def test_are_the_fact_where_the_voice_never_counted_and_say_whose_it_is(self) -> None:
        rows = (size(110, "2023-11-02"), size(90, "2024-02-01", forecast=False, voice="weekly"),
                size(100, "2024-01-01", forecast=False, voice="lumen", tier="primary", attribution="own"))  # fmt: skip
        (chosen,) = (row for row in facts("market_sizes", *rows) if not row["forecast"])
        (row,) = outcomes(*rows, fact=chosen)
        assert told(row, "outcome_voice", "error", "horizon") == ("lumen", 10.0, "quarter")

    @pytest.mark.parametrize(
        "count",
        [
            size(100, "2024-02-01", forecast=False, currency="USD"),
            size(100, "2024-02-01", forecast=False, qualifier="more_than", amount_high=None),
            size(100, "2023-06-01", forecast=False),
        ],
        ids=["in another currency", "only a bound", "of an earlier day"],
    )
    def test_are_none_where_nothing_can_be_compared(self, count: Row) -> None:
        (row,) = outcomes(size(110, "2023-07-01"), count)
        assert told(row, "outcome", "outcome_claim_id", "error", "within") == (None, None, None, None)

    def test_of_percentages_differ_by_points(self) -> None:
        (row,) = outcomes(
            share(12, forecast=True, **dated("2023-05-01")), share(10.5, **dated("2024-02-01")), table="market_shares"
        )
        assert told(row, "error", "error_unit") == (1.5, "points")
        margin = {"metric": "gross_margin", "unit": "percent", "currency": None}
        (row,) = outcomes(size(58, "2023-05-01", **margin), size(59, "2024-02-01", forecast=False, **margin),
                          table="company_metrics")  # fmt: skip
        assert told(row, "error", "error_unit") == (-1.0, "points")

    def test_of_ranges_lie_within_them_or_not_and_of_bounds_have_no_error(self) -> None:
        came = share(10.5, **dated("2024-02-01"))
        for said, expected in [
            (share(None, low=8, high=11), (-1.0, True)),
            (share(None, low=11, high=12), (1.0, False)),
            (share(10, "more_than"), (None, True)),
            (share(10, "up_to"), (None, False)),
            (share(10, "about"), (-0.5, None)),
        ]:
            (row,) = outcomes({**said, "forecast": True, **dated("2023-05-01")}, came, table="market_shares")
            assert told(row, "error", "within") == expected

    def test_of_a_figure_that_was_zero_have_no_error_in_percent(self) -> None:
        (row,) = outcomes(size(110, "2022-11-02"), size(0, "2024-01-20", forecast=False))
        assert told(row, "outcome", "error") == ("0 EUR", None)

    def test_come_only_for_periods_that_are_over(self) -> None:
        later = {"period": "2025", "period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
        assert outcomes(size(110, "2024-11-02", **later), size(100, "2025-05-01", forecast=False, **later)) == []
        assert list(outcome_rows(SPECS["market_sizes"], observed("market_sizes", size(1, "2022-01-01")),
                                 SPECS["market_sizes"].arrow().empty_table(), None)) == []  # fmt: skip

    def test_are_not_asked_of_tables_without_figures_that_are_counted_later(self) -> None:
        assert counted(SPECS["market_ranks"]) is None
        assert counted(SPECS["deals"]) is None

    @pytest.mark.parametrize(
        ("day", "more", "horizon"),
        [
            ("2024-01-15", {}, "ended"),
            ("2023-10-01", {}, "quarter"),
            ("2023-09-30", {}, "year"),
            ("2022-12-31", {}, "two_years"),
            ("2021-12-31", {}, "longer"),
            ("2023-12-31", {"vintage_from": date(2023, 1, 1)}, "undated"),
        ],
    )
    def test_say_how_long_before_the_end_it_was(self, day: str, more: Row, horizon: str) -> None:
        assert [row["horizon"] for row in outcomes(size(1, day, **more))] == [horizon]


class TestHindsight:
    """No forecast counts that was not public on the day of its vintage."""

    def test_what_a_later_page_tells_of_a_forecast_is_none(self) -> None:
        late = size(101, "2024-05-01", vintage=date(2022, 11, 2))
        nobody = size(101, "2022-11-02", attribution="unnamed")
        count = size(100, "2024-01-20", forecast=False)
        assert outcomes(late, nobody, count) == []
        (row,) = outcomes(late, size(110, "2022-11-02"), nobody, count)
        assert told(row, "error", "claim_id", "times_stated") == (10.0, "s/b", 1)

    days = st.dates(date(2021, 1, 1), TODAY)
    claims = st.lists(st.tuples(st.integers(1, 9), days, st.integers(0, 900), st.booleans(),
                                st.sampled_from(["kestrel", "weekly"])), min_size=2, max_size=12)  # fmt: skip

    @settings(max_examples=30, deadline=None)
    @given(claims)
    def test_planted_at_random_changes_no_score(self, drawn: list[tuple[int, date, int, bool, str]]) -> None:
        rows = [size(amount, "2024-01-01", known_from=vintage + timedelta(late), vintage=vintage, forecast=foretold,
                     voice=voice, claim_id=f"s/c{n}")
                for n, (amount, vintage, late, foretold, voice) in enumerate(drawn)]  # fmt: skip
        honest = [row for row in rows if not row["forecast"] or row["known_from"] <= row["vintage"]]
        found = outcomes(*rows)
        assert found == outcomes(*honest)
        known = {row["claim_id"]: row for row in rows}
        for row in found:
            assert known[row["claim_id"]]["known_from"] <= row["vintage"]
            assert row["outcome_vintage"] is None or row["vintage"] < row["outcome_vintage"]


class TestVintages:
    def chain(self, *rows: Row) -> list[tuple[Any, ...]]:
        spec = SPECS["market_sizes"]
        group = counted(spec)
        assert group is not None
        found = vintages(observed("market_sizes", *rows).to_pylist(), spec, group)
        return [(v.figure.value, v.row["voice"], v.row["forecast"], v.claims) for v in next(iter(found.values()))]

    def test_follow_each_other_and_pages_that_repeat_one_count_into_it(self) -> None:
        rows = [size(60, "2022-11-02"), size(60, "2022-11-05"), size(62, "2023-05-02"), size(60, "2023-09-01"),
                size(60, "2023-09-01", voice="weekly"), size(60, "2024-02-01", forecast=False)]  # fmt: skip
        assert self.chain(*rows) == [
            (60, "kestrel", True, 2),
            (62, "kestrel", True, 1),
            (60, "kestrel", True, 1),
            (60, "weekly", True, 1),
            (60, "kestrel", False, 1),
        ]

    def test_of_a_page_whose_day_does_not_tell_are_those_that_it_repeats(self) -> None:
        rows = [size(60, "2023-04-02"), size(62, "2023-08-02"), size(60, "2023-12-31", vintage_from=date(2023, 1, 1))]
        assert self.chain(*rows) == [(60, "kestrel", True, 2), (62, "kestrel", True, 1)]

    def test_in_another_currency_are_others(self) -> None:
        assert len(self.chain(size(60, "2023-04-02"), size(60, "2023-04-03", currency="USD"))) == 2


class TestChains:
    def test_join_forecasts_and_counts_each_beside_the_one_before_and_what_came(self) -> None:
        spec = SPECS["market_sizes"]
        rows = [size(110, "2022-11-02"), size(120, "2022-12-02", currency="USD"), size(99, "2023-11-02"),
                *(size(amount, "2024-01-20", forecast=False, voice=voice)
                  for amount, voice in ((100, "kestrel"), (90, "weekly")))]  # fmt: skip
        found = chains(observed("market_sizes", *rows), spec.arrow().empty_table(), spec)
        shown = [told(row, "value", "voice", "change", "outcome", "error", "claim_id") for row in found]
        assert shown == [
            ("110 EUR", "kestrel", None, "100 EUR", 10.0, "s/a"),
            ("120 USD", "kestrel", None, None, None, "s/b"),
            ("99 EUR", "kestrel", -10.0, "100 EUR", -1.0, "s/c"),
            ("100 EUR", "kestrel", 1.01, None, None, "s/d"),
            ("90 EUR", "weekly", None, None, None, "s/e"),
        ]
        assert chains(observed("market_sizes"), spec.arrow().empty_table(), spec) == []


def scored(*errors: float | None, **more: Any) -> list[Row]:
    """Rows of forecast_outcomes with these errors, a period each."""
    return [{"table": "market_sizes", "voice": "kestrel", "horizon": "year", "period": f"{2000 + n}", "error": error,
             "error_unit": "%", "within": None, "outcome_voice": "kestrel", "outcome_claim_id": "s/z", **more}
            for n, error in enumerate(errors)]  # fmt: skip


class TestScores:
    def test_add_up_the_outcomes_of_one_horizon_and_of_all(self) -> None:
        rows = [*scored(10.0, -4.0), *scored(3.0, horizon="quarter", outcome_voice="weekly"),
                *scored(None, outcome_claim_id=None, outcome_voice=None), *scored(None, within=True)]  # fmt: skip
        found = {row["horizon"]: row for row in score_rows(rows)}
        assert set(found) == {"year", "quarter", ALL}
        whole = found[ALL]
        assert told(whole, "forecasts", "uncounted", "own_outcomes", "periods") == (4, 1, 3, 2)
        assert told(whole, "errors", "bounded") == (3, 1)
        assert told(whole, "bias", "mean_absolute_error", "coverage_pct") == (3.0, 5.67, 100.0)
        assert told(found["year"], "bias", "bias_low", "mean_absolute_error") == (3.0, None, 7.0)
        assert told(found["quarter"], "bias", "own_outcomes", "coverage_pct") == (3.0, 0, None)

    def test_keep_units_apart(self) -> None:
        found = score_rows([*scored(10.0), *scored(2.0, error_unit="points")])
        assert {(row["error_unit"], row["bias"]) for row in found} == {("%", 10.0), ("points", 2.0)}

    def test_have_intervals_from_five_periods_on_and_the_same_on_any_machine(self) -> None:
        few = score_rows(scored(*range(1, FEWEST)))[0]
        assert told(few, "bias_low", "bias_high") == (None, None)
        rows = score_rows(scored(1.0, 2.0, 3.0, 4.0, 10.0))[0]
        assert told(rows, "bias", "bias_low", "bias_high") == (4.0, 1.8, 7.2)
        assert rows == score_rows(reversed(scored(1.0, 2.0, 3.0, 4.0, 10.0)))[0]

    def test_draw_whole_periods(self) -> None:
        """Ten companies of one quarter are one draw: their interval is that of five periods, not of fifty errors."""
        once, often = (score_rows([*scored(*([1.0, 2.0, 3.0, 4.0, 10.0]))] * times)[0] for times in (1, 10))
        assert told(once, "bias_low", "bias_high") == told(often, "bias_low", "bias_high")
        assert (once["errors"], often["errors"]) == (5, 50)


def test_a_build_makes_both_tables_and_that_of_older_schemas_neither() -> None:
    rows = observed("market_sizes", size(110, "2022-11-02"), size(100, "2024-01-20", forecast=False)).to_pylist()
    needed = {name: spec for name, spec in SPECS.items() if name.endswith("market_sizes") or spec.role == "record"}
    sources = [{"source_id": "s", "published": "2025-01-01"}]
    made = consolidated({PREFIX + "market_sizes": rows, "sources": sources}, needed)
    (row,) = made[OUTCOMES].to_pylist()
    assert told(row, "table", "key") == ("market_sizes", "market_id=ai;period=2023;basis=revenue;forecast=true")
    assert [row["horizon"] for row in made[SCORES].to_pylist()] == [ALL, "two_years"]
    older = {name: spec for name, spec in needed.items() if name not in (OUTCOMES, SCORES)}
    assert not {OUTCOMES, SCORES} & consolidated({PREFIX + "market_sizes": rows, "sources": sources}, older).keys()


def test_a_figure_is_the_same_whatever_its_hedge() -> None:
    group = counted(SPECS["market_shares"])
    assert group is not None
    plain, hedged, other = (figure(row, group) for row in (share(10), share(10, "about"), share(None, low=9, high=11)))
    assert plain.same(hedged)
    assert not plain.same(other)
    assert other.point == 10
