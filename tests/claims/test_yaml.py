"""Strict YAML: the same values as other readers, positions that are right, and never another error than Refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from datapkg.claims.yaml import Node, Refused, parse, read_text, read_yaml
from datapkg.model.findings import Place
from datapkg.model.limits import DEPTH, DIGITS

NAME = "notes.yaml"
PRINTED = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff")
)
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False)
SCALARS = st.none() | st.booleans() | NUMBERS | PRINTED


def _nested(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTED.map(lambda k: k[:40]), inner, max_size=4),
        max_leaves=12,
    )


class Plain(yaml.SafeDumper):
    """Writes everything out."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.fixture(scope="module")
def scratch_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reading") / NAME


def read_or_refused(reading: Callable[[], Node]) -> None:
    """Prove that reading gives a node, or a finding about the file, and no other error."""
    finding = None
    try:
        assert isinstance(reading(), Node)
    except Refused as no:
        finding = no.finding
    assert finding is None or (finding.place.file == NAME and finding.message)


def refused(text: str) -> Refused:
    with pytest.raises(Refused) as caught:
        parse(text, NAME)
    return caught.value


def same(a: Any, b: Any) -> bool:
    return a == b and type(a) is type(b)


@given(_nested(SCALARS.filter(lambda x: not (isinstance(x, float) and math.isinf(x)))))
def test_json_is_read_as_it_is_meant(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert same(parse(text, NAME).plain(), value)


@given(_nested(SCALARS.filter(lambda x: not isinstance(x, str) or same(parse_plain(x), x))))
def test_what_another_writer_writes_is_read_back(value: Any) -> None:
    text = yaml.dump(value, Dumper=Plain, allow_unicode=True, sort_keys=False)
    assert same(parse(text, NAME).plain(), value)


def parse_plain(text: str) -> Any:
    """Return how a text reads without quotation marks; PyYAML writes some plain that YAML 1.2 takes for numbers."""
    from datapkg.claims.yaml import _scalar

    return _scalar(text)


@given(st.text() | st.text("{}[]:,-&*!|>'\"%@`#?~<ab01. \n\t\\e\x00\x85\ufeff"))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(lambda: parse(text, NAME))


@given(data=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes, scratch_file: Path) -> None:
    scratch_file.write_bytes(data)
    read_or_refused(lambda: read_yaml(scratch_file, NAME))


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), unique=True, min_size=1))
def test_every_entry_stands_where_its_key_stands(keys: list[str]) -> None:
    blocks = [f"{key}:\n  - {number}\n  - more\n" for number, key in enumerate(keys)]
    root = parse("# notes\n" + "".join(blocks), NAME)
    for number, key in enumerate(keys):
        node = root.value[key]
        assert node.named == Place(NAME, 2 + 3 * number, 1)
        assert [item.place for item in node.value] == [
            Place(NAME, 3 + 3 * number, 5),
            Place(NAME, 4 + 3 * number, 5),
        ]


def test_a_node_without_a_key_is_named_by_its_own_place() -> None:
    item = parse("[a, {b: c}]", NAME).value[1]
    assert (item.key, item.named) == (None, Place(NAME, 1, 5))
    assert item.value["b"].named == Place(NAME, 1, 6)
    assert item.value["b"].place == Place(NAME, 1, 9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("FALSE", False), ("yes", "yes"), ("no", "no"), ("on", "on"), ("tRUE", "tRUE"),
        ("0", 0), ("-12", -12), ("+12", 12), ("007", 7), ("12_000", "12_000"), ("0x1F", "0x1F"), ("1:30", "1:30"),
        ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("-1.5e3", -1500.0), ("1e5", 100000.0), (".", "."), ("1.2.3", "1.2.3"),
        ("٣", "٣"), ("２０２４", "２０２４"),
        (".inf", math.inf), ("-.Inf", -math.inf), ("+.INF", math.inf), ("inf", "inf"), ("nan", "nan"),
        ("2024", 2024), ("2024-01", "2024-01"), ("2024-01-26", "2024-01-26"), ("2023-Q4", "2023-Q4"), ("80%", "80%"),
        ("'2024'", "2024"), ('"true"', "true"), ("''", ""), ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)  # fmt: skip
def test_scalars(text: str, value: Any) -> None:
    assert same(parse(f"a: {text}", NAME).plain()["a"], value)


def test_not_a_number_is_a_number() -> None:
    assert math.isnan(parse("[.nan, .NaN, .NAN]", NAME).plain()[2])


def test_a_number_of_too_many_digits_is_refused_and_one_less_is_read() -> None:
    assert parse("9" * DIGITS, NAME).plain() == int("9" * DIGITS)
    no = refused("a: 1\nb: " + "9" * 5000).finding
    assert (no.rule, no.place) == ("yaml-syntax", Place(NAME, 2, 4))
    assert no.message == "a number of 5,000 characters is not read"
    assert parse("'" + "9" * 5000 + "'", NAME).plain() == "9" * 5000


def test_nesting_is_read_to_its_limit_and_refused_beyond() -> None:
    assert parse("[" * DEPTH + "]" * DEPTH, NAME).value
    no = refused("a:\n " + "[" * DEPTH + "]" * DEPTH).finding
    assert (no.rule, no.place) == ("yaml-depth", Place(NAME, 2, DEPTH + 1))
    assert refused("[" * 100_000).finding.rule == "yaml-depth"


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "message"),
    [
        ("a: &x 1\nb: *x\n", "yaml-alias", 1, 4, "anchors and aliases such as '&x' are not read; write the value out"),
        ("a: *x\n", "yaml-alias", 1, 4, "anchors and aliases such as '*x' are not read; write the value out"),
        ("a: &x {b: 1}\n", "yaml-alias", 1, 4, "anchors and aliases such as '&x' are not read; write the value out"),
        ("a: !!str 1\n", "yaml-tag", 1, 4, "tags such as 'tag:yaml.org,2002:str' are not read; leave it out"),
        ("a: ! 1\n", "yaml-tag", 1, 4, "tags such as '!' are not read; leave it out"),
        ("a: 1\n---\nb: 2\n", "yaml-syntax", 2, 1, "a second document begins here; one file holds one"),
        ("{a: 1}: 2\n", "yaml-syntax", 1, 1, "a key must be a plain text"),
        ("? [a]\n: 2\n", "yaml-syntax", 1, 3, "a key must be a plain text"),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "duplicate-key", 4, 3, "key 'c' is given twice, first on line 3"),
        ("a:\n  b: 1\na: 2\n", "duplicate-key", 3, 1, "key 'a' is given twice, first on line 1"),
        ("# only this\n", "empty-file", 0, 0, "the file holds only comments; expected YAML"),
        ("a: 1\nb: \x07\n", "yaml-syntax", 2, 4, "not YAML: the character U+0007 is not allowed; remove it"),
        ("a: 'b\n", "yaml-syntax", 2, 1, "not YAML: found unexpected end of stream"),
    ],
)
def test_refusals_say_what_and_where(text: str, rule: str, line: int, column: int, message: str) -> None:
    finding = refused(text).finding
    assert (finding.rule, finding.message, finding.place) == (rule, message, Place(NAME, line, column))


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_yaml(path, NAME).plain() == {"a": 1, "b": 2}
    assert read_text(path, NAME).startswith("a: 1")


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^notes\.yaml: cannot be read: No such file or directory \[unreadable-file\]$"):
        read_yaml(tmp_path / NAME, NAME)


def test_white_space_is_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(" \n\n", encoding="utf-8")
    with pytest.raises(Refused, match="the file is empty"):
        read_yaml(tmp_path / NAME, NAME)
