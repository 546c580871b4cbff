"""Quotes without positions: copies of every sort, lists turned into digests, and what a curator is told to look at."""

from __future__ import annotations

import builtins
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from datapkg.claims import prove, quotes, wording
from datapkg.claims.copies import read_copy
from datapkg.model.anchors import Quote
from datapkg.model.errors import MissingExtra, NotFound, UsageError
from datapkg.model.layout import Layout

COPPER = "Nordlicht raised the price of copper by 12 percent in May"
ZINC = "아연은 한빛파운드리가 시장의 64.7%를 차지한다고 말했다"
ROW = "Hanbit | 1,200 | 11.5% | -3.2%"
PAGE = f"""<!DOCTYPE html><html><head><title>Metals of May</title><script>var a = "no text of the page";</script></head>
<body><nav>Home | Metals</nav><p>{COPPER.replace("copper", "<b>copper</b>")}.</p><p>{ZINC}.</p>
<table><tr><td>Hanbit</td><td>1,200</td><td>11.5%</td><td>-3.2%</td></tr></table>
<p>Tin is as dear as it was in May. Tin is as dear as it was in May.</p></body></html>"""
HEAD = """# A comment at the top
source:
  source_id: metals-2024
  title: Metals
  publisher: Kestrel Research
  kind: press
  tier: secondary
  language: en
  published: 2024-05
  url: https://paper.example/metals
claims:
"""
CLAIM = """
- claim: {name}   # kept
  says: >
    Something about
    {name}.
  certainty: asserted   # kept too
  statement: {{about: companies/Hanbit Foundry}}
"""
FILE = "data/raw/claims/metals-2024.yaml"


def claims(*names: str) -> str:
    return HEAD + "".join(CLAIM.format(name=name) for name in names)


@pytest.fixture
def repo(good: Path) -> Path:
    put(good, claims("copper", "zinc", "row"))
    (good / "page.html").write_text(PAGE, "utf-8")
    return good


def put(repo: Path, text: str) -> Path:
    path = repo / FILE
    path.write_text(text, "utf-8")
    return path


def listed(repo: Path, *rows: tuple[str, str], header: str = "claim,quote") -> Path:
    path = repo / "quotes.csv"
    lines = [header, *(f'{name},"{quote}"' for name, quote in rows)]
    path.write_text("\r\n".join(lines) + "\r\n", "utf-8-sig")
    return path


ALL = (("copper", COPPER), ("zinc", ZINC), ("row", ROW))


def write(repo: Path, *rows: tuple[str, str], page: str | None = "page.html") -> prove.Proof:
    path = listed(repo, *rows)
    return quotes.write_quotes(Layout(repo), "metals-2024", path, repo / page if page else None)


def states(proof: prove.Proof) -> dict[str, str]:
    return {anchor.claim_id.removeprefix("metals-2024/"): anchor.state for anchor in proof.anchors}


def check(repo: Path, page: str = "page.html") -> prove.Proof:
    return prove.check_anchors(Layout(repo), "metals-2024", repo / page)


def refusal(repo: Path, *rows: tuple[str, str], page: str | None = "page.html") -> str:
    before = (repo / FILE).read_bytes()
    with pytest.raises(UsageError) as caught:
        write(repo, *rows, page=page)
    assert (repo / FILE).read_bytes() == before
    return str(caught.value).replace(str(repo), "ROOT")


class TestWriting:
    @pytest.mark.parametrize("page", ["page.html", None])
    def test_a_list_becomes_digests_and_nothing_else_changes(self, repo: Path, page: str | None) -> None:
        proof = write(repo, *ALL, page=page)
        assert set(states(proof).values()) == {"found" if page else "unproven"}
        expected = claims("copper", "zinc", "row")
        for name, quote in ALL:
            sha, chars = Quote.of(quote)
            after = f"    {name}.\n  certainty: asserted   # kept too\n"
            expected = expected.replace(after, f"{after}  quote: {{sha256: {sha}, chars: {chars}}}\n")
        written = (repo / FILE).read_text("utf-8")
        assert written == expected
        assert not [quote for _, quote in ALL if quote in written]
        write(repo, *ALL)
        assert (repo / FILE).read_text("utf-8") == expected
        assert states(check(repo)) == {"copper": "found", "zinc": "found", "row": "found"}

    def test_a_quote_takes_the_place_of_another(self, repo: Path) -> None:
        write(repo, *ALL)
        write(repo, ("copper", COPPER.removeprefix("Nordlicht ")))
        assert f"chars: {Quote.of(COPPER).chars - 9}}}" in (repo / FILE).read_text("utf-8")
        assert check(repo).holds

    def test_a_list_that_does_not_go_with_the_claims_is_refused_whole(self, repo: Path) -> None:
        rows = [("coper", COPPER), ("zinc", "64.7%"), ("row", ROW + " " + "x" * 1000), ("zinc", ZINC)]
        assert refusal(repo, *rows, page=None).splitlines() == [
            f"quotes.csv does not go with {FILE}; nothing was written",
            "  line 2: coper: no such claim; did you mean 'copper'?",
            "  line 3: zinc: the quote has 5 characters, white space and bars aside; widen it to 20",
            "  line 4: row: the quote has 1021 characters, white space and bars aside; keep to what shows the claim, "
            "at most 1000",
            "  zinc: is listed 2 times",
        ]

    def test_a_quote_that_is_not_in_the_page_is_refused_with_the_place_where_they_part(self, repo: Path) -> None:
        rows = [("row", ROW), ("copper", COPPER.replace("12", "21")), ("zinc", "Zinc is said to be dear again")]
        parting = "after 'edthepriceofcopperby' it has '21percentinM' where the page has '12percentinM'"
        assert refusal(repo, *rows).splitlines() == [
            f"quotes.csv does not go with {FILE} and page.html; nothing was written",
            f"  line 3: copper: the quote is not in the page; {parting}",
            "  line 4: zinc: the quote is not in the page, nor is its beginning",
        ]

    def test_a_quote_that_the_page_has_twice_is_refused(self, repo: Path) -> None:
        message = "  line 2: row: the quote stands 2 times in the page; widen it until it stands there once"
        assert refusal(repo, ("row", "is as dear as it was in May.")).splitlines()[1:] == [message]
        write(repo, ("row", "Tin is as dear as it was in May. Tin is"))

    def test_another_page_is_told_by_how_it_begins(self, repo: Path) -> None:
        (repo / "other.html").write_text("<html><title>Weather</title><p>Rain\x1b[2J in the north.</p></html>", "utf-8")
        message = (
            "none of 2 quotes is in other.html, which is 'Weather Rain\ufffd[2J in the north.'; is it "
            "https://paper.example/metals?"
        )
        assert refusal(repo, *ALL[:2], page="other.html") == f"{message}; nothing was written"
        write(repo, *ALL[:2])
        assert check(repo, "other.html").another == message
        assert check(repo).another == ""

    @pytest.mark.parametrize(
        ("written", "printed"),
        [("copper by", "cop\u00adper by"), ("firm copper", "\ufb01rm copper"), ("copper", "\u200bcopper"),
         ("'copper'", "‘copper’"), ("11-12 copper", "11–12 copper"), ("COPPER", "copper")],
    )  # fmt: skip
    def test_a_quote_that_only_looks_like_the_page_is_told_from_one_of_another_page(
        self, repo: Path, written: str, printed: str
    ) -> None:
        quote = f"The price of {written} rose by twelve percent"
        (repo / "page.txt").write_text(quote.replace(written, printed), "utf-8")
        told = refusal(repo, ("copper", quote), page="page.txt")
        assert told.endswith("'; a reader sees no difference, so copy it as the page has it")
        assert (
            f"{FILE} and page.txt; nothing was written\n  line 2: copper: the quote is not in the page; after" in told
        )

    def test_a_claim_with_a_position_needs_no_quote(self, repo: Path) -> None:
        path = put(repo, claims("copper").replace("  certainty", "  at: [0, 5]\n  certainty"))
        before = path.read_bytes()
        with pytest.raises(UsageError, match="line 2: copper: the claim has a position \\('at'\\) already"):
            write(repo, ("copper", COPPER), page=None)
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "expected the header claim,quote; found nothing"),
            ("claim;quote\n", "expected the header claim,quote; found claim;quote"),
            (
                "claim,quote\na,b,c\n",
                "quotes.csv:2: expected a claim and its quote, found 3 cells; a quote with a",
            ),
            ('claim,quote\na,"b\n', "quotes.csv is no CSV in UTF-8: unexpected end of data"),
        ],
    )
    def test_a_list_that_is_none(self, repo: Path, text: str, message: str) -> None:
        (repo / "quotes.csv").write_text(text, "utf-8")
        with pytest.raises(UsageError, match=re.escape(message)):
            quotes.write_quotes(Layout(repo), "metals-2024", repo / "quotes.csv")
        (repo / "quotes.csv").write_bytes(b"claim,quote\na,\xc7\xd1\n")
        with pytest.raises(UsageError, match=r"quotes\.csv is no CSV in UTF-8"):
            quotes.write_quotes(Layout(repo), "metals-2024", repo / "quotes.csv")
        with pytest.raises(NotFound, match=r"cannot read .*none\.csv: No such file"):
            quotes.write_quotes(Layout(repo), "metals-2024", repo / "none.csv")

    def test_a_layout_that_cannot_be_kept_is_refused(self, repo: Path) -> None:
        path = put(repo, HEAD + "- {claim: copper, says: Copper., certainty: asserted, statement: {}}\n")
        before = path.read_bytes()
        message = f"{FILE}:12: write 'certainty: ...' on a line of its own first; nothing was written"
        with pytest.raises(UsageError, match="^" + re.escape(message) + "$"):
            write(repo, ("copper", COPPER), page=None)
        assert path.read_bytes() == before

    def test_positions_are_not_written_where_there_are_none(self, repo: Path) -> None:
        write(repo, *ALL)
        with pytest.raises(UsageError, match=r"^no claim of metals-2024 has a position .* --write QUOTES\.csv$"):
            prove.check_anchors(Layout(repo), "metals-2024", repo / "page.html", write=True)


class TestChecking:
    def test_each_quote_is_found_at_several_places_or_missing(self, repo: Path) -> None:
        write(repo, *ALL)
        proof = check(repo)
        assert proof.copy is not None
        passages = {a.claim_id.partition("/")[2]: proof.copy.passage(*a.found[0]) for a in proof.anchors}
        assert passages == {"copper": COPPER, "zinc": ZINC, "row": ROW.replace(" |", "")}
        (repo / "page.html").write_text(PAGE.replace(ZINC, COPPER), "utf-8")
        proof = check(repo)
        assert states(proof) == {"copper": "several", "zinc": "missing", "row": "found"}
        assert [len(anchor.found) for anchor in proof.anchors] == [2, 0, 1]
        assert not proof.holds

    def test_quotes_that_are_none_are_passed_over(self, repo: Path) -> None:
        odd = ["none", "{sha256: 5, chars: 30}", "{chars: 30}", f"{{sha256: {'0' * 64}, chars: 3}}"]
        text = HEAD + "".join(f"- {{claim: c{i}, quote: {value}}}\n" for i, value in enumerate(odd))
        put(repo, text)
        assert check(repo).anchors == []


class TestCopies:
    def test_of_html_all_is_taken_but_scripts_and_styles(self, repo: Path) -> None:
        copy = read_copy(repo / "page.html")
        assert copy.text.splitlines()[:3] == ["Metals of May", "Home | Metals", f"{COPPER}."]
        assert (copy.kind, copy.cut) == ("HTML", len('var a = "no text of the page";'))
        assert copy.sha256 == hashlib.sha256(PAGE.encode()).hexdigest()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "euc-kr"])
    def test_html_is_read_in_the_encoding_that_it_names(self, tmp_path: Path, encoding: str) -> None:
        page = f'<html><head><meta charset="{encoding.removesuffix("-sig")}"></head><p>{ZINC}</p></html>'
        (tmp_path / "page.htm").write_bytes(page.encode(encoding))
        assert read_copy(tmp_path / "page.htm").text == ZINC

    @pytest.mark.parametrize(
        ("name", "data", "message"),
        [
            ("a.txt", b"abc\xc7\xd1", "a.txt is not UTF-8 (byte 3); save it as plain text in UTF-8"),
            ("a.html", b"<p>\xc7\xd1", "a.html is not UTF-8 (byte 3); save the page again from the browser"),
            ("a.html", b"<meta charset='klingon'>", "a.html says that its encoding is 'klingon', which is none; save "
             "the page again from the browser"),
            ("a.html", b"<html><body></body></html>", "a.html is HTML without text, nothing at all; save the page "
             "once the browser shows it"),
            ("a.html", b"<script>render()</script>", "a.html is HTML without text, only 8 characters of scripts and "
             "styles; save the page once the browser shows it"),
        ],
    )  # fmt: skip
    def test_a_copy_without_text_says_why(self, tmp_path: Path, name: str, data: bytes, message: str) -> None:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UsageError) as caught:
            read_copy(tmp_path / name)
        assert str(caught.value).removeprefix(f"{tmp_path}/") == message

    def test_a_pdf_needs_the_extra(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real = builtins.__import__

        def without(name: str, *rest: Any) -> Any:
            if name.startswith("pdfminer"):
                raise ImportError(name)
            return real(name, *rest)

        monkeypatch.setattr(builtins, "__import__", without)
        (tmp_path / "a.pdf").write_bytes(pdf(COPPER))
        with pytest.raises(MissingExtra, match=r"reading a PDF needs pdfminer.six: pip install '.*\[pages\]'"):
            read_copy(tmp_path / "a.pdf")

    def test_the_text_of_a_pdf(self, tmp_path: Path) -> None:
        pytest.importorskip("pdfminer", reason="pdfminer.six is not installed")
        (tmp_path / "a.pdf").write_bytes(pdf(COPPER))
        copy = read_copy(tmp_path / "a.pdf")
        assert (copy.kind, copy.passage(0, 99)) == ("PDF", COPPER)
        for data, why in ((pdf(""), "is a PDF without text, such as a scan"), (pdf(COPPER)[:99], "cannot be read")):
            (tmp_path / "a.pdf").write_bytes(data)
            with pytest.raises(UsageError, match=why):
                read_copy(tmp_path / "a.pdf")


def pdf(text: str) -> bytes:
    """Return the smallest PDF that shows a line of text."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    end = f"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 6\n0000000000 65535 f \n{table}{end}".encode()


SHARE = """
- claim: {name}
  says: {says}
  certainty: asserted
  market_share: {{company: {company}, market: ai-accelerators, period: 2024-05, share_pct: {share}}}
"""


class TestDoubts:
    def shares(
        self, repo: Path, copper: str, zinc: str, company: str = "Nordlicht Semi", share: float = 12
    ) -> list[str]:
        first = SHARE.format(name="copper", says=copper, company=company, share=share)
        second = SHARE.format(name="zinc", says=zinc, company="Hanbit Foundry", share=64.7)
        put(repo, HEAD + first + second)
        write(repo, *ALL[:2])
        return list(wording.doubts(Layout(repo), check(repo)))

    FINE = "Nordlicht has 12 percent of the market in 2024-05.", "Hanbit has 64.7 percent in May 2024."

    def test_claims_that_their_passages_bear_out_are_passed_over(self, repo: Path) -> None:
        assert self.shares(repo, *self.FINE) == []

    def test_numbers_and_names_that_a_passage_lacks_are_told(self, repo: Path) -> None:
        found = self.shares(
            repo, "Hanbit has 15 percent, and 1.2 million, in 2024-05.", self.FINE[1], "Hanbit Foundry", 15
        )
        assert found == [f"look: metals-2024/copper: its passage has no 15, Hanbit Foundry: '{COPPER}'"]

    def lacks(self, repo: Path, passage: str, says: str, share: float = 12) -> str:
        """Return what the passage of a claim lacks, as it is told when its quote is written."""
        put(repo, HEAD + SHARE.format(name="copper", says=says, company="Nordlicht Semi", share=share))
        (repo / "page.txt").write_text(passage, "utf-8")
        told = [*wording.doubts(Layout(repo), write(repo, ("copper", passage), page="page.txt"))]
        return "".join(doubt.split("has no ")[1].split(": '")[0] for doubt in told)

    @pytest.mark.parametrize(
        "number",
        ["12345", "12 345", "12\u202f345", "12’345", "12.345", "１２３４５", "1만 2345", "12,345,000", "USD12345"],
    )
    def test_a_number_is_found_whatever_parts_its_digits(self, repo: Path, number: str) -> None:
        passage = f"Nordlicht made {number} wafers, 12% of all in May"
        assert self.lacks(repo, passage, "Nordlicht made 12,345 wafers, 12 percent.") == ""
        assert self.lacks(repo, passage, "Nordlicht made 12,346 wafers, 12 percent.") == "12,346"

    @pytest.mark.parametrize("sold", ["1조 2천억", "1.2조", "1,200,000,000,000"])
    def test_a_korean_number_in_parts_is_one(self, repo: Path, sold: str) -> None:
        passage = f"노르트리히트의 매출은 {sold}원으로 12%를 차지했다고 말했다"
        assert self.lacks(repo, passage, "Nordlicht sold 1.2 trillion won, 12 percent.") == ""

    @pytest.mark.parametrize(
        ("passage", "says", "share", "lacks"),
        [
            ("Nordlicht held 6.47 percent of the market", "Nordlicht has 64.7 percent.", 64.7, "64.7"),
            ("Nordlicht hielt 64,7 Prozent des Marktes", "Nordlicht has 64.7 percent.", 64.7, ""),
            ("Nordlicht held 2 percent of the market", "Nordlicht has 20 percent.", 20, "20"),
            ("Nordlicht held 12 percent of the market", "Nordlicht leads the market.", 64.7, "64.7"),
            ("Nordlicht held 12 percent of the market", "Nordlicht leads the market.", 12, ""),
            ("Nordlicht leads the market with its A12", "Nordlicht has 12 percent.", 12, "12"),
            ("Nordlicht sells the A100, 12 percent of all", "The A100 has 12 percent.", 12, ""),
            ("Nordlicht sells the A200, 12 percent of all", "The A100 has 12 percent.", 12, "100"),
            ("Nordlichter held 12 percent of the market", "Nordlicht has 12 percent.", 12, "Nordlicht Semi"),
            ("NORDLICHT-SEMI's is 12 percent of the market", "Nordlicht has 12 percent.", 12, ""),
        ],
    )
    def test_what_only_resembles_a_number_or_a_name_is_none(
        self, repo: Path, passage: str, says: str, share: float, lacks: str
    ) -> None:
        assert self.lacks(repo, passage, says, share) == lacks

    @pytest.mark.parametrize(("first", "second", "swapped"), [(12, 64.7, False), (64.7, 12, True)])
    def test_numbers_swapped_within_a_sentence_are_told(
        self, repo: Path, first: float, second: float, swapped: bool
    ) -> None:
        sentence = "Nordlicht held 12 percent and Hanbit Foundry 64.7 percent in May"
        one = SHARE.format(name="copper", says=f"It has {first} percent.", company="Nordlicht Semi", share=first)
        other = SHARE.format(name="zinc", says=f"It has {second} percent.", company="Hanbit Foundry", share=second)
        put(repo, HEAD + one + other)
        (repo / "page.txt").write_text(sentence, "utf-8")
        found = wording.doubts(Layout(repo), write(repo, ("copper", sentence), ("zinc", sentence), page="page.txt"))
        told = f"look: metals-2024/copper, metals-2024/zinc: which number is whose? '{sentence}'"
        assert list(found) == [told] * swapped

    def test_swapped_quotes_are_told(self, repo: Path) -> None:
        self.shares(repo, *self.FINE)
        write(repo, ("copper", ZINC), ("zinc", COPPER))
        found = list(wording.doubts(Layout(repo), check(repo)))
        assert [doubt.partition(": its")[0] for doubt in found] == [
            "look: metals-2024/copper",
            "look: metals-2024/zinc",
        ]

    def test_eight_words_in_a_row_are_copied(self, repo: Path) -> None:
        copied = "It is said that NORDLICHT raised, the price of copper by 12 percent."
        assert self.shares(repo, copied, self.FINE[1]) == [
            "copied: metals-2024/copper: 'says' and the page share 'nordlicht raised the price of copper by 12'; "
            "say it in your own words"
        ]
        assert self.shares(repo, "Nordlicht raised the price of copper by a 12th.", self.FINE[1]) == []

    def test_without_a_page_nothing_is_in_doubt(self, repo: Path) -> None:
        assert list(wording.doubts(Layout(repo), write(repo, *ALL, page=None))) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("One. Two! 3.5 is three\nFour", ["One.", " Two!", " 3.5 is three", "Four"]),
        ("반도체다. 끝났다.\n\n", ["반도체다.", " 끝났다."]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in wording.sentences(text)] == parts
