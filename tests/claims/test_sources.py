"""Work on sources: anchors against copies of a text, what is listed, and a new file to start from."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from datapkg.claims import prove, sources
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.model.anchors import digest, normalise, quote_digest
from datapkg.model.errors import ConfigError, DatapkgError, NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs

ROOT = Path(__file__).parents[2]
SPECS = load_specs(ROOT / "schemas")
HELD = ROOT.parent / "shared" / "articles"
TEXT = "Copper is dear.\nZinc is not dear, and tin is rare.\n"
CLAIM = """- claim: {name}   # kept
  says: Something about {name}.
  at: [{start}, {end}]
{more}  certainty: asserted
  statement: {{about: markets/metals}}
"""


def claim(name: str, start: int, end: int, sha: str | None = None, more: str = "") -> str:
    digest_line = f"  quote_sha256: {sha}\n" if sha else ""
    return CLAIM.format(name=name, start=start, end=end, more=digest_line + more)


def source(text: str | None = TEXT) -> str:
    held = "" if text is None else f"  text: {{sha256: {digest(text)}, chars: {len(text)}}}  # the copy held\n"
    return f"""# A comment at the top
source:
  source_id: metals-2024
  title: Metals
  publisher: Kestrel Research
  kind: press
  tier: secondary
  language: en
  published: 2024-03
  url: https://paper.example/metals
  retrieved: 2024-04-01
{held}claims:
"""


COPPER, ZINC = (0, 15, quote_digest(TEXT[0:15])), (16, 32, quote_digest(TEXT[16:32]))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "data" / "raw" / "claims").mkdir(parents=True)
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    return tmp_path


def put(repo: Path, content: str | bytes, name: str = "metals-2024.yaml") -> Path:
    path = repo / "data" / "raw" / "claims" / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def check(repo: Path, copy: str | bytes, write: bool = False) -> list[tuple[str, str, int, int]]:
    path = repo / "copy.txt"
    path.write_bytes(copy if isinstance(copy, bytes) else copy.encode())
    found = prove.check_anchors(Layout(repo), "metals-2024", path, write)
    return [(a.claim_id.removeprefix("metals-2024/"), a.state, *(a.found or (a.at,))[0]) for a in found.anchors]


def refusal(kind: type[DatapkgError], repo: Path, copy: str | bytes = TEXT, write: bool = False) -> str:
    with pytest.raises(DatapkgError) as caught:
        check(repo, copy, write)
    assert type(caught.value) is kind
    return str(caught.value).replace(str(repo), "ROOT")


# Checking


@pytest.mark.parametrize(
    ("copy", "copper", "zinc"),
    [
        (TEXT, ("exact", 0, 15), ("exact", 16, 32)),
        (b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(), ("exact", 0, 15), ("exact", 16, 32)),
        (TEXT.replace("\n", "\n\n"), ("exact", 0, 15), ("moved", 17, 33)),
        (TEXT.replace(" ", "  "), ("moved", 0, 17), ("moved", 18, 37)),
        (TEXT.replace("not", "now"), ("exact", 0, 15), ("missing", 16, 32)),
        (TEXT[16:], ("missing", 0, 15), ("moved", 0, 16)),
        ("", ("missing", 0, 15), ("missing", 16, 32)),
    ],
)
def test_each_anchor_is_exact_moved_or_missing(repo: Path, copy: Any, copper: tuple, zinc: tuple) -> None:
    path = put(repo, source() + claim("copper", *COPPER) + claim("zinc", *ZINC))
    before = path.read_bytes()
    assert check(repo, copy) == [("copper", *copper), ("zinc", *zinc)]
    assert path.read_bytes() == before


def test_an_anchor_knows_its_place_and_its_old_positions(repo: Path) -> None:
    put(repo, source() + claim("zinc", *ZINC))
    (repo / "copy.txt").write_text("\n" + TEXT)
    (found,) = prove.check_anchors(Layout(repo), "metals-2024", repo / "copy.txt").anchors
    assert (*found.at, str(found.place)) == (16, 32, "data/raw/claims/metals-2024.yaml:16")


def test_a_claim_without_a_digest_is_unproven_only_in_the_text_that_was_held(repo: Path) -> None:
    put(repo, source() + claim("copper", 0, 15) + claim("spaces", 15, 16) + claim("outside", 40, 60))
    assert [state for _, state, *_ in check(repo, TEXT)] == ["unproven", "missing", "missing"]
    assert [state for _, state, *_ in check(repo, TEXT + "More.")] == ["missing"] * 3


def test_claims_that_the_checks_report_are_passed_over(repo: Path) -> None:
    odd = "- a text\n- at: [1, 2]\n- {claim: a}\n- {claim: b, at: 5}\n- {claim: c, at: [1]}\n- {claim: d, at: [1, x]}\n"
    put(repo, source() + odd + claim("copper", *COPPER))
    assert check(repo, TEXT) == [("copper", "exact", 0, 15)]
    put(repo, source(None).replace("claims:\n", "") + "claims: none\n")
    assert check(repo, TEXT) == []
    put(repo, source(None).replace("claims:\n", ""))
    assert check(repo, TEXT) == []


@pytest.mark.parametrize("at", ["[16, 16]", "[32, 16]", "[-3, 5]", "[0, 999]"])
def test_an_anchor_that_is_none_is_missing(repo: Path, at: str) -> None:
    content = source() + claim("zinc", *ZINC).replace("[16, 32]", at)
    put(repo, content.replace(ZINC[2], quote_digest("brass")))
    assert [state for _, state, *_ in check(repo, TEXT)] == ["missing"]


def test_mistakes_of_the_caller_are_named(repo: Path) -> None:
    assert refusal(NotFound, repo) == "no source 'metals-2024' in data/raw/claims. Run `datapkg source list`"
    put(repo, "source: {}\nclaims: []\n", "metal-2024.yaml")
    message = "no source 'metals-2024' in data/raw/claims; did you mean 'metal-2024'? Run `datapkg source list`"
    assert refusal(NotFound, repo) == message
    put(repo, source() + claim("copper", *COPPER))
    message = "ROOT/copy.txt is not UTF-8 (byte 3); save it as plain text in UTF-8"
    assert refusal(UsageError, repo, b"abc\xc7\xd1") == message
    with pytest.raises(NotFound, match=r"^cannot read .*/none\.txt: No such file or directory$"):
        prove.check_anchors(Layout(repo), "metals-2024", repo / "none.txt")


FILE = "data/raw/claims/metals-2024.yaml"
BLOCK = f"{FILE}: expected a block 'source' with text: {{sha256: ..., chars: ...}}"
NONE = f"{FILE}: expected a block 'source' with source_id, title, publisher ..."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", f"{FILE}: the file is empty; expected YAML [empty-file]"),
        ("a: [", f"{FILE}:2: not YAML: "),
        ("- a\n", f"{FILE}:1: expected a mapping at the top of the file"),
        ("claims: []\n", NONE),
        ("source: metals\nclaims: []\n", NONE),
        ("source: {text: held}\nclaims: []\n", BLOCK),
    ],
)
def test_a_claim_file_that_cannot_be_used_is_refused(repo: Path, content: str, message: str) -> None:
    put(repo, content)
    for write in (False, True):
        assert refusal(ConfigError, repo, write=write).startswith(message)


# Writing


def read_back(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text("utf-8"))


def test_write_adds_digests_and_changes_nothing_else(repo: Path) -> None:
    path = put(repo, source() + "\n# copper\n" + claim("copper", 0, 15) + "\n" + claim("zinc", *ZINC))
    assert [state for _, state, *_ in check(repo, TEXT, write=True)] == ["unproven", "exact"]
    expected = source() + "\n# copper\n" + claim("copper", *COPPER) + "\n" + claim("zinc", *ZINC)
    assert path.read_text("utf-8") == expected
    assert check(repo, TEXT, write=True) == [("copper", "exact", 0, 15), ("zinc", "exact", 16, 32)]
    assert path.read_text("utf-8") == expected


def test_write_takes_over_another_copy(repo: Path) -> None:
    path = put(repo, source() + claim("copper", *COPPER) + claim("zinc", *ZINC, more="  # at: [5, 6]\n"))
    copy = "Metals\n\n" + TEXT.replace(" is", "  is")
    assert [state for _, state, *_ in check(repo, copy, write=True)] == ["moved", "moved"]
    start = copy.index("Zinc")
    expected = (
        source(copy) + claim("copper", 8, 24, COPPER[2]) + claim("zinc", start, start + 17, ZINC[2], "  # at: [5, 6]\n")
    )
    assert path.read_text("utf-8") == expected
    assert {state for _, state, *_ in check(repo, copy)} == {"exact"}


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_write_keeps_line_ends_and_a_byte_order_mark(repo: Path, ends: str) -> None:
    content = "\ufeff" + (source(None) + claim("copper", 0, 15)).replace("\n", ends)
    path = put(repo, content)
    check(repo, TEXT, write=True)
    written = path.read_bytes().decode()
    assert "\n" not in written.replace(ends, "")
    assert written.startswith("\ufeff# A comment")
    assert f"quote_sha256: {COPPER[2]}{ends}  certainty" in written


def test_write_counts_lines_as_yaml_does(repo: Path) -> None:
    note = "# a line\u2028# another\x85# and one more\n"
    path = put(repo, source() + note + claim("copper", 0, 15) + claim("zinc", *ZINC))
    check(repo, TEXT, write=True)
    assert path.read_bytes().decode() == source() + note + claim("copper", *COPPER) + claim("zinc", *ZINC)


@pytest.mark.parametrize("held", ["", "  text: null\n", "  text: ~  # none\n", "  text:\n", "  text: # none\n"])
def test_write_states_the_copy_where_no_text_was_held(repo: Path, held: str) -> None:
    path = put(repo, source(None).replace("claims:", held + "claims:") + claim("copper", 0, 15))
    assert check(repo, TEXT, write=True) == [("copper", "unproven", 0, 15)]
    found = read_back(path)
    assert found["source"]["text"] == {"sha256": digest(TEXT), "chars": len(TEXT)}
    assert found["claims"][0]["quote_sha256"] == COPPER[2]
    assert found["source"]["title"] == "Metals"
    assert ("# none" in path.read_text("utf-8")) is ("# none" in held)
    assert check(repo, TEXT) == [("copper", "exact", 0, 15)]


def test_write_states_the_copy_before_a_first_field_of_several_lines(repo: Path) -> None:
    path = put(repo, "source:\n    title: >\n      Two\n      lines\nclaims:\n" + claim("copper", 0, 15))
    check(repo, TEXT, write=True)
    found = read_back(path)["source"]
    assert found == {"title": "Two lines\n", "text": {"sha256": digest(TEXT), "chars": len(TEXT)}}


@pytest.mark.parametrize("empty", ["null", "", "~   # to be added", "  # to be added"])
def test_write_fills_in_an_empty_digest(repo: Path, empty: str) -> None:
    path = put(repo, source() + claim("copper", 0, 15, more=f"  quote_sha256: {empty}\n"))
    check(repo, TEXT, write=True)
    assert read_back(path)["claims"][0]["quote_sha256"] == COPPER[2]
    assert path.read_text("utf-8").count("quote_sha256") == 1
    assert ("# to be added" in path.read_text("utf-8")) is ("#" in empty)


def test_write_indents_a_digest_under_a_claim_that_begins_with_its_position(repo: Path) -> None:
    path = put(repo, source() + "  -  at: [0,15]   # first\n     claim: copper\n")
    check(repo, TEXT, write=True)
    added = f"  -  at: [0, 15]   # first\n     quote_sha256: {COPPER[2]}\n     claim: copper\n"
    assert path.read_text("utf-8").endswith(added)


def test_write_refuses_to_lose_an_anchor(repo: Path) -> None:
    path = put(repo, source() + claim("copper", *COPPER) + claim("zinc", *ZINC) + claim("tin", 38, 49))
    before = path.read_bytes()
    step = "nothing was written. Correct them by hand, or use the text that the positions count in"
    message = refusal(UsageError, repo, TEXT.replace("Zinc is", "Zinc was"), write=True)
    assert message == f"2 anchors of metals-2024 are not in copy.txt, first metals-2024/zinc; {step}"
    message = refusal(UsageError, repo, TEXT + "More.", write=True)
    assert message == f"1 anchors of metals-2024 are not in copy.txt, first metals-2024/tin; {step}"
    assert path.read_bytes() == before


STEP = "on a line of its own first; nothing was written"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (source() + "- {claim: copper, at: [0, 15]}\n", f"{FILE}:14: write 'at: [0, 15]' {STEP}"),
        (source() + "- claim: copper\n  at:\n    [0, 15]\n", f"{FILE}:16: write 'at: [0, 15]' {STEP}"),
        (source() + "- claim: copper\n  at:\n  - 0\n  - 15\n", f"{FILE}:16: write 'at: [0, 15]' {STEP}"),
        (source(None).replace("claims:", "  text:\n    sha256: null\nclaims:") + claim("copper", 0, 15),
         f"{FILE}:13: write 'text: {{sha256: {digest(TEXT)}, chars: {len(TEXT)}}}' {STEP}"),
        ("source: {title: x, text: {sha256: null, chars: 1}}\nclaims:\n" + claim("copper", 0, 15),
         f"{FILE}:1: write 'text: {{sha256: {digest(TEXT)}, chars: {len(TEXT)}}}' {STEP}"),
        ("source: {title: x}\nclaims:\n" + claim("copper", 0, 15),
         f"{FILE}:1: write the fields of 'source' on lines of their own first; nothing was written"),
        ("source:\n  {title: x}\nclaims:\n" + claim("copper", 0, 15),
         f"{FILE}:2: write the fields of 'source' on lines of their own first; nothing was written"),
    ],
)  # fmt: skip
def test_write_refuses_a_layout_that_it_cannot_keep(repo: Path, content: str, message: str) -> None:
    path = put(repo, content)
    assert refusal(UsageError, repo, write=True) == message
    assert path.read_text("utf-8") == content


# Listing


def test_listing_counts_claims_anchors_and_kinds_in_order_of_publication(good: Path) -> None:
    first, second = sources.listing(Layout(good))
    assert (first["source_id"], second["source_id"]) == ("nordlicht-results-2024", "hanbit-visit-2024")
    assert (first["known_from"], second["known_from"]) == (date(2024, 2, 15), date(2024, 4, 30))
    assert first["claims"] == first["anchors"] == sum(first["kinds"].values()) == 18
    assert first["kinds"]["market_share"] == 2
    assert list(first["kinds"].values()) == sorted(first["kinds"].values(), reverse=True)
    assert set(SPECS["sources"].columns) < set(first)


def test_listing_a_folder_with_mistakes_sends_to_check(repo: Path) -> None:
    message = "data/raw/claims: data/raw/claims has no claim files; start one with: datapkg source new URL [no-claims]"
    with pytest.raises(ConfigError, match=re.escape(f"{message}; run `datapkg check` for all findings")):
        sources.listing(Layout(repo))


# Starting a source


@pytest.mark.parametrize(
    ("asked", "source_id"),
    [
        ("metals-2024", "metals-2024"),
        ("https://paper.example/metals", "paper-example-metals"),
        ("https://www.paper.example/2024/03/Zinc_is-Dear.html?x=1#top", "paper-example-2024-03-zinc-is-dear"),
        ("http://PAPER.example:8080/metals/", "paper-example-metals"),
        ("https://paper.example/@kestrel/tin.php", "paper-example-kestrel-tin"),
        ("https://paper.example/뉴스/" + "very-long-words-" * 9, "paper-example-very-long-words"),
        ("https://paper.example/" + "x" * 90, "paper-example-" + "x" * 46),
    ],
)
def test_new_writes_a_file_named_after_the_source(repo: Path, asked: str, source_id: str) -> None:
    path = sources.new_source(Layout(repo), asked, date(2026, 5, 1))
    assert path == repo / "data" / "raw" / "claims" / f"{source_id}.yaml"
    found = read_back(path)
    assert found["source"]["source_id"] == source_id
    url = asked if "://" in asked else None
    assert (found["source"]["url"], found["source"].get("retrieved")) == (url, date(2026, 5, 1) if url else None)


def test_new_makes_the_folder(tmp_path: Path) -> None:
    assert sources.new_source(Layout(tmp_path / "fresh"), "metals-2024", date(2026, 5, 1)).is_file()


def test_new_never_writes_over_a_file(repo: Path) -> None:
    for name in ("metals-2024.yaml", "zinc-2024.yml"):
        path = put(repo, "mine", name)
        message = f"data/raw/claims/{path.stem}.yaml exists already; a source id is never reused"
        with pytest.raises(UsageError, match="^" + re.escape(message) + "$"):
            sources.new_source(Layout(repo), path.stem, date(2026, 5, 1))
        assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("Metals 2024", "; did you mean 'metals-2024'?"),
        ("metals_2024", "; did you mean 'metals-2024'?"),
        ("../metals", "; did you mean 'metals'?"),
        ("금속", ""),
        ("", ""),
        ("-", ""),
        ("ftp://paper.example/zinc", "; did you mean 'ftp-paper-example-zinc'?"),
        ("https:///zinc", "; did you mean 'https-zinc'?"),
        ("https://[zinc", "; did you mean 'https-zinc'?"),
        ("https://me:secret@paper.example/z", "; did you mean 'https-me-secret-paper-example-z'?"),
        ("https://paper.example/z\nkind: x", "; did you mean 'https-paper-example-z-kind-x'?"),
    ],
)
def test_new_refuses_what_is_no_id(repo: Path, asked: str, near: str) -> None:
    message = f"'{asked}' is no source id: small letters, digits and hyphens{near}"
    with pytest.raises(UsageError, match="^" + re.escape(message) + "$"):
        sources.new_source(Layout(repo), asked, date(2026, 5, 1))
    assert list((repo / "data" / "raw" / "claims").iterdir()) == []


def test_the_template_lists_every_kind_with_its_fields(repo: Path) -> None:
    text = sources.new_source(Layout(repo), "metals-2024", date(2026, 5, 1)).read_text("utf-8")
    known = kind_schemas(SPECS)
    for kind, form in known.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"#   {kind}: {{")]
        for name, entry in form.properties.items():
            hint = re.search(rf"[{{ ]{name}: (\S+?)[,}}]", line)
            assert hint, (kind, name)
            assert hint[1].endswith("*") is entry.required
    assert "qualifier: exact|about|at_least|up_to|more_than|less_than" in text
    assert "people: [...]" in text
    assert "certainty: asserted   # asserted | reported | speculated" in text


def test_the_template_is_refused_until_it_is_filled_in(repo: Path) -> None:
    path = sources.new_source(Layout(repo), "https://paper.example/metals", date(2026, 5, 1))
    reader = ClaimReader(Layout(repo), SPECS, kind_schemas(SPECS))
    assert reader.files() == []
    found = {f.message for f in reader.findings}
    for name in ("title", "publisher", "published"):
        assert f"source needs '{name}': {SPECS['sources'].field(name).description}" in found
    filled = path.read_text("utf-8")
    words = {"title:": "Zinc", "publisher:": "Kestrel", "published:": "2024", "says:": "Zinc is dear."}
    for empty, full in words.items():
        filled = filled.replace(f"  {empty}", f"  {empty} {full} ", 1)
    path.write_text(filled.replace("statement: {}", "statement: {about: markets/zinc}"), "utf-8")
    reader = ClaimReader(Layout(repo), SPECS, kind_schemas(SPECS))
    (claimed,) = reader.files()
    assert ([str(f) for f in reader.findings], claimed.claim_id) == ([], "paper-example-metals/first-claim")


def test_a_new_source_grows_into_one_that_is_proven(repo: Path) -> None:
    path = sources.new_source(Layout(repo), "metals-2024", date(2026, 5, 1))
    path.write_text(path.read_text("utf-8").replace("  # at: [0, 0]", "  at: [0, 15]"), "utf-8")
    assert check(repo, TEXT, write=True) == [("first-claim", "unproven", 0, 15)]
    assert check(repo, TEXT) == [("first-claim", "exact", 0, 15)]


# The claim files of the repository


@pytest.mark.parametrize("source_id", ["hanbit-visit-2024", "nordlicht-results-2024"])
def test_the_anchors_of_the_invented_articles_are_exact(good: Path, source_id: str) -> None:
    copy = good / "articles" / f"{source_id}.txt"
    found = prove.check_anchors(Layout(good), source_id, copy)
    assert found.anchors
    assert {a.state for a in found.anchors} == {"exact"}
    path = good / "data" / "raw" / "claims" / f"{source_id}.yaml"
    before = path.read_bytes()
    prove.check_anchors(Layout(good), source_id, copy, write=True)
    assert path.read_bytes() == before


def anchored() -> list[str]:
    """The sources whose text was held when they were curated."""
    paths = sorted((ROOT / "data" / "raw" / "claims").glob("*.yaml"))
    return [p.stem for p in paths if "\n  text:" in p.read_text(encoding="utf-8")]


@pytest.mark.parametrize("source_id", anchored())
def test_every_anchor_of_a_held_article_is_exact(source_id: str) -> None:
    copies = sorted(HELD.glob(f"{source_id}.*txt"))
    if not copies:
        pytest.skip(f"no copy of {source_id} in {HELD}; the text belongs to its publisher")
    (copy,) = copies
    found = prove.check_anchors(Layout(ROOT), source_id, copy)
    wrong = [f"{a.place}: {a.claim_id} is {a.state}" for a in found.anchors if a.state != "exact"]
    assert not wrong, "\n".join(wrong)
    stated = read_back(ROOT / "data" / "raw" / "claims" / f"{source_id}.yaml")["source"]["text"]
    text = normalise(copy.read_bytes())
    assert stated == {"sha256": digest(text), "chars": len(text)}
    assert found.anchors


def test_pages_that_differ_in_their_query_have_ids_of_their_own(repo: Path) -> None:
    address = "https://n.news.example/article.nhn?oid=015&aid=%d&utm_source=x"
    made = [sources.new_source(Layout(repo), address % number, date(2026, 5, 1)).stem for number in (4, 5)]
    assert made == ["n-news-example-article", "n-news-example-article-015-5"]


def test_an_address_without_latin_words_asks_for_an_id(repo: Path) -> None:
    url = "https://paper.example/뉴스/반도체"
    with pytest.raises(UsageError, match=r"no word of .* give one: datapkg source new '.*' --id some-name-2024"):
        sources.new_source(Layout(repo), url, date(2026, 5, 1))
    path = sources.new_source(Layout(repo), url, date(2026, 5, 1), "paper-chips-2024")
    assert path.stem == "paper-chips-2024"
    assert f'url: "{url}"' in path.read_text(encoding="utf-8")
