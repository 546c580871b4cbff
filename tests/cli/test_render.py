"""Printing frames and findings."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from xml.etree import ElementTree

import pandas as pd
import pyarrow as pa
import pytest

from datapkg.cli import grid, render
from datapkg.model.findings import Finding, Place
from datapkg.read.store import frame

FRAME = pd.DataFrame(
    {
        "name": ["한빛파운드리", "Nordlicht Semi", "x"],
        "share": [42.0, None, 33.25],
        "rank": pd.array([1, None, 12], dtype="Int64"),
        "day": pd.to_datetime(["2024-01-26", None, "2024-02-01"]),
        "listed": pd.array([True, None, False], dtype="boolean"),
    }
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal; COLUMNS says how wide it is."""

    def isatty(self) -> bool:
        return True


def shown(frame: pd.DataFrame | pa.Table, format: str, limit: int | None = None, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    render.show(frame, format, out, limit)
    return out.getvalue()


class TestShow:
    def test_table_lines_up_wide_characters_and_numbers(self) -> None:
        head, rule, *rows = (line.rstrip() for line in shown(FRAME, "table").splitlines())
        assert head.split() == ["name", "share", "rank", "day", "listed"]
        assert rows[0].split() == ["한빛파운드리", "42", "1", "2024-01-26", "true"]
        assert rows[1].split() == ["Nordlicht", "Semi", "–", "–", "–", "–"]
        assert rows[2].split() == ["x", "33.25", "12", "2024-02-01", "false"]
        ends = {grid.width(line[: line.index(number) + len(number)])
                for line, number in zip([head, rows[0], rows[2]], ["share", "42", "33.25"], strict=True)}  # fmt: skip
        assert len(ends) == 1
        assert set(rule) == {"─"}

    def test_table_says_how_many_rows_are_left(self) -> None:
        assert shown(FRAME, "table", 1).splitlines()[-1] == "2 more rows; see them with --limit 3"
        assert "more rows" not in shown(FRAME, "table", 3)
        assert shown(FRAME.head(0), "table").splitlines()[0].split() == list(FRAME.columns)

    def test_a_terminal_names_the_columns_that_do_not_fit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "34")
        text = shown(FRAME, "table", out=Terminal())
        assert "2 more columns: day, listed; --wide prints all\n" in text
        assert "2024-01-26" not in text
        monkeypatch.setenv("COLUMNS", "5")
        assert "4 more columns: share," in shown(FRAME, "table", out=Terminal()).replace("\n", " ")
        monkeypatch.setenv("COLUMNS", "200")
        assert "more columns" not in shown(FRAME, "table", out=Terminal())

    def test_json_has_iso_dates_and_null(self) -> None:
        assert json.loads(shown(FRAME, "json")) == [
            {"name": "한빛파운드리", "share": 42.0, "rank": 1, "day": "2024-01-26", "listed": True},
            {"name": "Nordlicht Semi", "share": None, "rank": None, "day": None, "listed": None},
            {"name": "x", "share": 33.25, "rank": 12, "day": "2024-02-01", "listed": False},
        ]
        assert "한빛파운드리" in shown(FRAME, "json")
        assert len(json.loads(shown(FRAME, "json", 2))) == 2

    def test_csv_reads_back(self) -> None:
        text = shown(FRAME, "csv")
        assert text.splitlines()[:2] == ["name,share,rank,day,listed", "한빛파운드리,42.0,1,2024-01-26,true"]
        back = pd.read_csv(io.StringIO(text), parse_dates=["day"], dtype={"rank": "Int64", "listed": "boolean"})
        pd.testing.assert_frame_equal(back, FRAME, check_dtype=False)

    def test_a_terminal_gets_all_columns_with_wide(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "34")
        out = Terminal()
        render.show(FRAME, "table", out, wide=True)
        assert out.getvalue() == shown(FRAME, "table")

    def test_a_terminal_gets_no_colours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that NO_COLOR has nothing to forbid."""
        monkeypatch.setenv("COLUMNS", "34")
        assert "\x1b" not in shown(FRAME, "table", 1, Terminal())

    def test_markup_in_a_text_is_only_text(self) -> None:
        assert "[bold]x[/bold]" in shown(pd.DataFrame({"[red]a": ["[bold]x[/bold]"]}), "table")

    def test_columns_of_one_name_stay_two(self) -> None:
        frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
        assert json.loads(shown(frame, "json")) == [{"a": 1, "a_2": 2}]

    @pytest.mark.parametrize("format", ["table", "json", "csv"])
    def test_an_arrow_table_prints_as_its_frame(self, format: str) -> None:
        days = [date(2024, 1, 26), None, date(2024, 2, 1)]
        columns = [["한빛파운드리", None, "x"], [42.0, None, 33.25], [1, None, 12], days, [True, None, False],
                   [float("nan"), float("inf"), 0.5]]  # fmt: skip
        table = pa.table(columns, names=["name", "share", "rank", "day", "listed", "change"])
        assert shown(table, format, 2) == shown(frame(table), format, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (80.0, "80"), (4.2e9, "4200000000"), (33.125, "33.125"), (1 / 3, "0.333333"), (1e-7, "1e-07"),
     (0.0, "0"), (2e20, "2e+20"), (True, "true"), (3, "3"), ("한", "한"), (-0.5, "-0.5"), (float("inf"), "inf")],
)  # fmt: skip
def test_text_of_a_cell(value: object, text: str) -> None:
    assert render.text(value) == text


def test_json_of_records_with_dates() -> None:
    value = [{"day": date(2024, 1, 26), "at": datetime(2024, 1, 26, 9), "about": {"한": 1}}]
    assert json.loads(render.as_json(value)) == [{"day": "2024-01-26", "at": "2024-01-26T09:00:00", "about": {"한": 1}}]


FILE = "data/raw/claims/a.yaml"
FOUND = [
    Finding(rule="wrong-type", message="expected a number", place=Place(FILE, 12, 3), claim_id="a/one", column="x"),
    Finding(rule="unknown-field", message="no field 'shar'", place=Place(FILE, 7)),
    Finding(rule="empty-file", message="the file is empty", place=Place("data/raw/claims/b.yaml")),
    Finding(rule="schema-unique", message="twice", table="people", key="person_id=x"),
    Finding(rule="hash", message="another digest"),
]


class TestFindings:
    def test_text_is_grouped_by_file_and_sorted_by_line(self) -> None:
        assert render.findings(FOUND) == (
            "package\n"
            "  another digest [hash]\n"
            "table people\n"
            "  person_id=x: twice [schema-unique]\n"
            "data/raw/claims/a.yaml\n"
            "  7: no field 'shar' [unknown-field]\n"
            "  12: a/one: expected a number [wrong-type]\n"
            "data/raw/claims/b.yaml\n"
            "  the file is empty [empty-file]\n"
            "\n"
            "5 findings in 4 places\n"
        )
        assert render.findings([]) == ""
        assert render.findings(FOUND[:1]).endswith("1 finding in 1 place\n")

    def test_text_says_once_what_a_fact_and_its_observation_share(self) -> None:
        twins = [Finding(rule="r", message="m", place=Place(FILE, 3), claim_id="a/one", table=t) for t in ("x", "y")]
        assert render.findings(twins) == f"{FILE}\n  3: a/one: m [r]\n\n1 finding in 1 place\n"

    def test_json_keeps_every_field(self) -> None:
        found = json.loads(render.findings(FOUND, "json"))
        assert len(found) == 5
        assert found[3] == {
            "file": FILE, "line": 12, "position": 3, "column": "x", "rule": "wrong-type",
            "message": "expected a number",
            "claim_id": "a/one", "table": None, "key": None, "severity": "error",
        }  # fmt: skip
        assert render.findings([], "json") == "[]\n"

    def test_junit_is_xml_with_a_case_per_finding(self) -> None:
        bad = Finding(rule="not-utf-8", message="byte \x00 & <b>\ud800", place=Place(FILE, 1))
        text = render.findings([*FOUND, bad], "junit")
        text.encode()
        root = ElementTree.fromstring(text.encode())
        assert (root.get("tests"), root.get("failures")) == ("6", "6")
        assert [suite.get("name") for suite in root] == ["package", "table people", FILE, "data/raw/claims/b.yaml"]
        case = root[2][2]
        assert (case.get("classname"), case.get("name"), case.get("line")) == ("wrong-type", "a/one", "12")
        failure = root[2][0].find("failure")
        assert failure is not None
        assert failure.get("message") == r"byte \x00 & <b>\ud800"
        assert failure.text == rf"{FILE}:1: byte \x00 & <b>\ud800 [not-utf-8]"

    def test_junit_without_findings_is_one_case_that_passes(self) -> None:
        root = ElementTree.fromstring(render.findings([], "junit").encode())
        assert (root.get("tests"), root.get("failures")) == ("1", "0")
        assert [case.get("name") for case in root.iter("testcase")] == ["check"]
        assert not list(root.iter("failure"))

    def test_github_escapes_what_would_end_a_command(self) -> None:
        nasty = Finding(
            rule="r", message="50 %\nof: a, b", place=Place("a,b:c.yaml", 3, 4), claim_id="a/one", severity="warning"
        )
        odd = Finding(rule="r", message="m", table="t", key="k=1", severity="odd")
        lines = render.findings([nasty, *FOUND[3:], odd], "github").splitlines()
        assert lines == [
            "::error title=hash::another digest",
            "::error title=schema-unique::people[person_id=x]: twice",
            "::error title=r::t[k=1]: m",
            "::warning file=a%2Cb%3Ac.yaml,line=3,col=4,title=r::a/one: 50 %25%0Aof: a, b",
        ]
        assert render.findings(FOUND[2:3], "github") == (
            "::error file=data/raw/claims/b.yaml,title=empty-file::the file is empty\n"
        )

    def test_unknown_format(self) -> None:
        with pytest.raises(KeyError, match="yaml"):
            render.findings([], "yaml")
