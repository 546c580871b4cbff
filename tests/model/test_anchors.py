"""Anchors: the published vectors, quotes in copies that differ, and the documentation."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import runpy
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from fuzzing import bounded
from hypothesis import assume, example, given
from hypothesis import strategies as st

from datapkg.claims.copies import read_copy
from datapkg.model.anchors import Found, Quote, digest, find, holds_enough, normalise, places, quote_digest, squeeze

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "anchors.json").read_text("utf-8"))
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "anchors.md").read_text("utf-8")
PROOF = runpy.run_path(str(DOCS / "proof.py"))
SPACES = [chr(i) for i in range(0x110000) if chr(i).isspace()]
GAPS = st.text(st.sampled_from(SPACES), max_size=3)
TEXT = "Zinc is dear this year. Copper fell a little,\nand zinc is dear again.\n"


def named(part: str) -> Any:
    return pytest.mark.parametrize("vector", VECTORS[part], ids=lambda v: v["name"].replace(" ", "-"))


@named("texts")
def test_vector_of_a_normalised_text(vector: dict[str, Any]) -> None:
    text = normalise(bytes.fromhex(vector["bytes"]))
    assert (text, len(text), digest(text)) == (vector["text"], vector["chars"], vector["sha256"])
    assert normalise(text.encode()) == text.removeprefix("\ufeff")


@named("quotes")
def test_vector_of_a_quote(vector: dict[str, Any]) -> None:
    quote = vector["text"][slice(*vector["at"])]
    assert normalise(vector["text"].encode()) == vector["text"]
    assert (squeeze(quote), quote_digest(quote)) == (vector["squeezed"], vector["quote_sha256"])
    assert hashlib.sha256(vector["squeezed"].encode()).hexdigest() == vector["quote_sha256"]


@named("copies")
def test_vector_of_a_copy(vector: dict[str, Any]) -> None:
    copy = normalise(bytes.fromhex(vector["copy"]))
    start, end = vector["at"]
    assert quote_digest(vector["text"][start:end]) == vector["quote_sha256"]
    assert find(copy, start, end, vector["quote_sha256"]) == Found(vector["state"], *vector["found"])


def page_file(folder: Path, vector: dict[str, Any]) -> Path:
    path = folder / ("page.html" if vector["page"].startswith("<") else "page.txt")
    path.write_text(vector["page"], "utf-8")
    return path


@named("pages")
def test_vector_of_a_page(vector: dict[str, Any], tmp_path: Path) -> None:
    quote = Quote.of(vector["quote"])
    assert quote == (vector["quote_sha256"], vector["chars"])
    copy = read_copy(page_file(tmp_path, vector))
    spans = places(copy.text, [quote])[quote]
    assert len(spans) == vector["places"]
    assert {squeeze(copy.text[start:end]) for start, end in spans} <= {squeeze(normalise(vector["quote"].encode()))}


@named("pages")
def test_the_proof_without_our_code_says_the_same(vector: dict[str, Any], tmp_path: Path) -> None:
    path, table = page_file(tmp_path, vector), tmp_path / "claims.csv"
    text = PROOF["squeezed"](path.read_bytes(), path.suffix == ".html")
    assert len(PROOF["places"](text, vector["quote_sha256"], vector["chars"])) == vector["places"]
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["claim_id", "source_id", "quote_sha256", "quote_chars"])
        rows.writerow(["s/a", "s", vector["quote_sha256"], vector["chars"]])
        rows.writerows([["s/b", "s", "", ""], ["t/a", "t", "0" * 64, 20]])
    run = [sys.executable, str(DOCS / "proof.py"), str(table), "s", str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    many = vector["places"]
    said = f"s/a: {many or 'no'} place{'' if many == 1 else 's'}\n"
    assert (done.stdout, done.returncode) == (said, 0 if many else 1)


def test_the_proof_without_our_code_is_short_and_needs_nothing() -> None:
    lines = (DOCS / "proof.py").read_text("utf-8").splitlines()
    assert len(lines) <= 60
    modules = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert modules <= sys.stdlib_module_names


@given(st.lists(st.text(st.sampled_from("ab |\n한"), max_size=40), min_size=1, max_size=3), st.data())
def test_places_are_those_that_a_search_finds(parts: list[str], data: Any) -> None:
    text = normalise("".join(parts).encode())
    squeezed = squeeze(text)
    assume(squeezed)
    start = data.draw(st.integers(0, len(squeezed) - 1))
    quote = squeezed[start : data.draw(st.integers(start + 1, len(squeezed)))]
    found = places(text, [Quote.of(quote), Quote.of("zinc")])
    assert found[Quote.of("zinc")] == []
    spans = found[Quote.of(quote)]
    assert {squeeze(text[a:b]) for a, b in spans} == {quote}
    everywhere = sum(squeezed.startswith(quote, i) for i in range(len(squeezed)))
    assert 1 <= len(spans) == len(set(spans)) <= everywhere


def test_vectors_show_every_state_and_the_characters_that_go_wrong_elsewhere() -> None:
    assert {v["state"] for v in VECTORS["copies"]} == {"exact", "moved", "missing"}
    seen = "".join(bytes.fromhex(v["bytes"]).decode() for v in VECTORS["texts"])
    for character in "\ufeff\r\u0301\u1112\U0001f50c\U0001f1f0\xa0\u3000\u200d":
        assert character in seen, hex(ord(character))


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError, match="can't decode byte 0xc7 in position 3: invalid continuation"):
        normalise(b"abc\xc7\xd1")


@given(st.binary(max_size=40))
def test_normalising_is_idempotent_for_every_file_that_is_utf_8(data: bytes) -> None:
    try:
        text = normalise(data)
    except UnicodeDecodeError:
        return
    assume(not text.startswith("\ufeff"))
    assert normalise(text.encode()) == text
    assert "\r" not in text
    assert unicodedata.is_normalized("NFC", text)


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(SPACES)))
def test_squeezing_takes_exactly_bars_and_what_python_calls_white_space(text: str) -> None:
    assert squeeze(text) == "".join(c for c in text if not c.isspace() and c != "|")


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (TEXT, Found("exact", 24, 45)),
        ("\ufeff" + TEXT, Found("exact", 24, 45)),
        (TEXT.replace("\n", "\r\n"), Found("exact", 24, 45)),
        (TEXT.replace("fell a", "fell\na"), Found("exact", 24, 45)),
        (TEXT.replace(" ", "\xa0"), Found("exact", 24, 45)),
        (TEXT.replace("fell a", "fella"), Found("exact", 24, 45)),
        (TEXT.replace(" ", "  "), Found("moved", 29, 53)),
        (TEXT.replace(" ", "\t\t"), Found("moved", 29, 53)),
        (TEXT.replace(" ", "").replace("\n", ""), Found("moved", 19, 37)),
        ("\ufeff\ufeff" + TEXT, Found("moved", 25, 46)),
        ("\n" * 9 + TEXT, Found("moved", 33, 54)),
        (TEXT[24:], Found("moved", 0, 21)),
        ("   " + TEXT[24:45], Found("moved", 3, 24)),
        (TEXT.replace("fell", "rose"), Found("missing", 24, 45)),
        (TEXT[:40], Found("missing", 24, 45)),
        (TEXT[:24], Found("missing", 24, 45)),
        ("", Found("missing", 24, 45)),
        (" \n", Found("missing", 24, 45)),
    ],
)
def test_a_quote_is_exact_moved_or_missing(copy: str, expected: Found) -> None:
    sha = quote_digest("Copper fell a little,")
    assert TEXT[24:45] == "Copper fell a little,"
    assert find(normalise(copy.encode()), 24, 45, sha) == expected


@pytest.mark.parametrize(
    ("start", "found"), [(-9, 0), (0, 0), (3, 0), (25, 0), (30, 50), (34, 50), (50, 50), (70, 50), (999, 50)]
)
def test_of_two_places_the_nearest_wins(start: int, found: int) -> None:
    copy = "zinc is dear" + " " * 8 + "and copper, and silver, gold, " + "zinc is dear"
    assert (copy[0:12], copy[50:62]) == ("zinc is dear", "zinc is dear")
    state = "exact" if start == found else "moved"
    assert find(copy, start, start + 12, quote_digest("zinc is dear")) == Found(state, found, found + 12)


@pytest.mark.parametrize(
    ("start", "end", "state"),
    [
        (24, 45, "missing"),
        (0, 3, "missing"),
        (24, 24, "missing"),
        (45, 24, "missing"),
        (0, 0, "missing"),
        (2, -7, "missing"),
    ],
)
def test_a_digest_of_something_else_or_no_passage_at_all_is_missing(start: int, end: int, state: str) -> None:
    for sha in (quote_digest("Copper rose"), "", "0" * 64, quote_digest("")):
        assert find(TEXT, start, end, sha) == Found(state, start, end)


def test_a_quote_is_not_found_by_a_longer_or_shorter_anchor_than_is_possible() -> None:
    sha = quote_digest("dear this")
    assert find(TEXT, 0, 8, sha).state == "moved"
    assert find(TEXT, 0, 7, sha).state == "missing"
    assert find(TEXT, 0, 16, sha).state == "moved"
    assert find(TEXT, 0, 17, sha).state == "missing"


@pytest.mark.parametrize(
    ("quote", "enough"),
    [("", False), (" ", False), ("a", True), ("a ", True), ("a  ", False), ("a b c", True), ("\n\u3000", False)],
)
def test_half_of_a_quote_has_to_be_more_than_white_space(quote: str, enough: bool) -> None:
    assert holds_enough(quote) is enough


WORDS = st.text(st.sampled_from("abé한빛晶🔌🇰.,1"), min_size=1, max_size=4)


@bounded
@given(st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=12), st.data())
@example([("ab", " "), ("ab", " "), ("ab", "")], None)
def test_any_quote_is_found_in_any_copy_that_is_spaced_differently(parts: list[tuple[str, str]], data: Any) -> None:
    text = "".join(word + gap for word, gap in parts)
    copy = "".join(word + (" \n" if data is None else data.draw(GAPS)) for word, _ in parts)
    start = 3 if data is None else data.draw(st.integers(0, len(text) - 1))
    end = 5 if data is None else data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    assume(holds_enough(quote))
    found = find(copy, start, end, quote_digest(quote))
    assert found.state != "missing"
    assert squeeze(copy[found.start : found.end]) == squeeze(quote)
    if copy == text:
        assert found == Found("exact", start, end)


@bounded
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), st.data())
def test_any_quote_of_any_text_is_exact_in_the_text_itself(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert find(text, start, end, quote_digest(text[start:end])) == Found("exact", start, end)


@given(st.text("ab ", max_size=30), st.integers(-3, 33), st.integers(-3, 33), st.text("ab", max_size=5))
def test_what_is_found_has_the_digest_whatever_the_anchor(text: str, start: int, end: int, quote: str) -> None:
    found = find(text, start, end, quote_digest(quote))
    if found.state == "missing":
        assert (found.start, found.end) == (start, end)
    else:
        assert squeeze(text[found.start : found.end]) == quote


# The document


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its head."""
    part = PAGE.split(f"\n### {heading}\n", 1)[1].split("\n### ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def string(value: str) -> str:
    return f"`{json.dumps(value)}`".replace("|", r"\u007c")


def test_the_document_shows_the_vectors() -> None:
    assert rows("Normalised texts") == [
        [v["name"], f"`{v['bytes'] or '-'}`", string(v["text"]), str(v["chars"]), f"`{v['sha256']}`"]
        for v in VECTORS["texts"]
    ]
    assert rows("Quotes") == [
        [v["name"], string(v["text"]), str(v["at"]), string(v["squeezed"]), f"`{v['quote_sha256']}`"]
        for v in VECTORS["quotes"]
    ]
    assert rows("Copies") == [
        [
            v["name"],
            string(v["text"]),
            str(v["at"]),
            string(bytes.fromhex(v["copy"]).decode()),
            v["state"],
            str(v["found"]),
        ]
        for v in VECTORS["copies"]
    ]
    assert rows("Pages") == [
        [v["name"], string(v["page"]), string(v["quote"]), str(v["chars"]), f"`{v['quote_sha256']}`", str(v["places"])]
        for v in VECTORS["pages"]
    ]


def test_the_document_names_exactly_the_white_space_of_python() -> None:
    sentence = PAGE.split("`str.isspace` holds: ", 1)[1].split(".", 1)[0]
    named_ = set()
    for part in sentence.replace("\n", " ").split(", "):
        ends = [int(code, 16) for code in re.findall(r"U\+([0-9A-F]{4})", part)]
        named_ |= {chr(i) for i in range(ends[0], ends[-1] + 1)}
    assert named_ == set(SPACES)


def snippet(language: str, number: int = 0) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)[number]


def test_what_the_document_says_to_type_gives_the_digest_of_a_cell(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(
        b'\xef\xbb\xbfName,Units\r\nAurora X1 2030-Q3,7\r\nAurora X1 2030-Q4,"1,200"\r\n'
    )
    code = snippet("python", 0)
    assert len(code.splitlines()) == 4
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(b"1,200").hexdigest()
    assert f"Units: {done.stdout[:6]}…" in PAGE


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_the_document_says_to_type_gives_the_digests(tmp_path: Path, ends: str) -> None:
    text = "Tin is soft.\nLead is soft and heavy.\n"
    (tmp_path / "article.txt").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", ends).encode())
    code = snippet("python", 1)
    assert len(code.splitlines()) == 4
    by_python = subprocess.run(
        [sys.executable, "-X", "dev", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert by_python.stdout.strip() == quote_digest(text[13:25])
    for number, expected in ((0, digest(text)), (1, quote_digest("Lead is soft"))):
        typed = ["bash", "-c", snippet("sh", number)]
        shell = subprocess.run(typed, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert shell.stdout.split()[0] == expected
    assert f"quote_sha256: {quote_digest(text[13:25])[:6]}…" in PAGE
    whole = Quote.of("lead is soft and heavy too.")
    assert f"{{sha256: {whole.sha256[:6]}…, chars: {whole.chars}}}" in PAGE
    assert f"{{sha256: {digest(text)[:6]}…, chars: {len(text)}}}" in PAGE
    selector = json.loads(snippet("json"))["target"]["selector"]
    assert text[selector["start"] : selector["end"]] == "Lead is soft"
