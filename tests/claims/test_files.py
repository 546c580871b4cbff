"""Claim files: what a whole one gives, and what is said about parts that are not as they should be."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapkg.check.catalogue import READING
from datapkg.claims.claim import Claim
from datapkg.claims.corrections import corrected, read_corrections
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import kind_schemas
from datapkg.claims.observe import KINDS
from datapkg.claims.observe import observed as rows_of
from datapkg.claims.records import claim_row, source_rows
from datapkg.claims.registries import read_registries
from datapkg.model.findings import Place
from datapkg.model.layout import Layout, packaged
from datapkg.model.specs import PREFIX, load_specs

SPECS = load_specs(packaged().schemas)
FORMS = kind_schemas(SPECS)
GOOD = Path(__file__).parents[1] / "good"
SLIPS = [
    "", "null", "{}", "[]", "[[a]]", "{a: b}", "5", "-1", "0.5", "1e999", ".nan", "9" * 30, "true", "2024-13", "'",
    "''", '"', "x", "\n", "\t", ":", "- ", "&a", "*a", "!!x", "\x00", "#", "%", "/", "companies/", "P1Y\n",
]  # fmt: skip
FILE = "data/raw/claims/weekly.yaml"
URL = "url: https://weekly.example/1"
SHA = "0123456789abcdef" * 4
TEXT = f"text: {{sha256: {SHA}, chars: 50}}"
SOURCE = """source:
  source_id: weekly
  title: Invented weekly notes
  publisher: Weekly
  kind: press
  tier: secondary
  language: en
  published: 2024-05
  """


def reader_of(root: Path, text: str, name: str = "weekly.yaml") -> ClaimReader:
    path = root / "data/raw/claims" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return ClaimReader(Layout(root), SPECS, FORMS)


def read(root: Path, text: str) -> tuple[list[Claim], list[str]]:
    """Return the claims of a file, and its findings without the file's name."""
    reader = reader_of(root, text)
    claims = reader.files()
    return claims, [str(f).removeprefix(FILE).removeprefix(":") for f in reader.findings]


def claim(extra: str = "", says: str = "says: A claim.", certainty: str = "certainty: asserted") -> str:
    """Return a source that is whole with one claim, whose first line is line 11."""
    return f"{SOURCE}{URL}\nclaims:\n- claim: first\n  {says}\n  {certainty}\n{extra}"


def anchored(extra: str) -> str:
    return (
        f"{SOURCE}{TEXT}\nclaims:\n- claim: first\n  says: A claim.\n  certainty: asserted\n  statement: {{}}\n{extra}"
    )


def test_a_whole_claim(tmp_path: Path) -> None:
    text = anchored(f"  at: [10, 50]\n  quote_sha256: {SHA}\n  said_by: Kestrel\n  inferred: [text]\n").replace(
        "statement: {}", "statement: {text: More.}"
    )
    (found,), findings = read(tmp_path, text)
    assert findings == []
    assert (found.claim_id, found.kind, found.values) == ("weekly/first", "statement", {"text": "More."})
    assert found.place == Place(FILE, 11, 3)
    assert found.places["text"] == Place(FILE, 14, 21)
    assert claim_row(found) == {
        "claim_id": "weekly/first", "source_id": "weekly", "kind": "statement", "says": "A claim.",
        "certainty": "asserted", "said_by": "Kestrel", "vintage": None, "inferred": "text", "char_start": 10,
        "char_end": 50, "quote_sha256": SHA, "quote_chars": None, "seen": None, "corrected": False, "recorded_in": FILE,
        "file_sha256": None, "row_key": None, "cell_columns": None, "cell_sha256": None,
    }  # fmt: skip
    (row,) = source_rows([found])
    assert (row["known_from"], row["text_sha256"], row["text_chars"], row["claims"]) == (date(2024, 5, 31), SHA, 50, 1)
    assert found.source.published.text == "2024-05"
    early = text.replace("published: 2024-05", "published: 2024").replace(TEXT, f"{TEXT}\n  retrieved: 2024-05-02")
    (found,), _ = read(tmp_path, early)
    assert found.source.row["known_from"] == date(2024, 5, 2), "it was there when it was read"


def test_who_is_behind_a_claim_may_be_worked_out(tmp_path: Path) -> None:
    (found,), findings = read(tmp_path, claim("  statement: {}\n  said_by: Kestrel\n  inferred: [said_by]\n"))
    assert (findings, found.common["inferred"]) == ([], "said_by")
    _, findings = read(tmp_path, claim("  statement: {}\n  inferred: [said_by]\n"))
    assert findings == [
        "15: weekly/first: inferred names 'said_by', which is no field that is filled in here [unknown-field]"
    ]


def test_a_claim_may_say_when_its_voice_gave_it(tmp_path: Path) -> None:
    (found,), findings = read(tmp_path, claim("  statement: {}\n  vintage: 2024-04\n  inferred: [vintage]\n"))
    assert (findings, found.common["vintage"], found.common["inferred"]) == ([], "2024-04", "vintage")
    _, (finding,) = read(tmp_path, claim("  statement: {}\n  vintage: spring\n"))
    assert finding.startswith("15: weekly/first: vintage: ")


def test_null_is_as_good_as_nothing(tmp_path: Path) -> None:
    nothing = "  statement: {}\n  at: null\n  quote_sha256: null\n  said_by: null\n  inferred: null\n"
    text = claim(nothing).replace(URL, f"{URL}\n  text: null\n  inferred: null\n  retrieved: null")
    claims, findings = read(tmp_path, text)
    assert findings == []
    assert claims[0].common["inferred"] is None


@pytest.mark.parametrize(
    ("extra", "finding"),
    [
        ("  at: [0, 51]\n", "15: weekly/first: at: [0, 51] lies outside the text of 50 code points [anchor-outside]"),
        ("  at: [50, 50]\n", "15: weekly/first: at: [50, 50] lies outside the text of 50 code points [anchor-outside]"),
        ("  at: [-1, 5]\n", "15: weekly/first: at: [-1, 5] lies outside the text of 50 code points [anchor-outside]"),
        ("  at: [9, 9]\n",
         "15: weekly/first: at: [9, 9] is empty; the end is the position after the last character [anchor-reversed]"),
        ("  at: [9, 3]\n",
         "15: weekly/first: at: [9, 3] ends before it begins; did you mean [3, 9]? [anchor-reversed]"),
        ("  at: [1, 2, 3]\n",
         "15: weekly/first: at: expected two whole numbers [start, end], in code points [wrong-type]"),
        ("  at: [true, 2]\n",
         "15: weekly/first: at: expected two whole numbers [start, end], in code points [wrong-type]"),
        ("  at: [1.0, 2]\n",
         "15: weekly/first: at: expected two whole numbers [start, end], in code points [wrong-type]"),
    ],
)  # fmt: skip
def test_positions(extra: str, finding: str, tmp_path: Path) -> None:
    claims, findings = read(tmp_path, anchored(extra + f"  quote_sha256: {SHA}\n"))
    assert (claims, findings) == ([], [finding])


QUOTE = f"  quote: {{sha256: {SHA}, chars: 44}}\n"
VERIFIED = f"{URL}\n  verified: {{on: 2026-11-30, against: {SHA}, whole: false}}"


def test_a_quote_without_a_position(tmp_path: Path) -> None:
    (found,), findings = read(tmp_path, claim(f"  statement: {{}}\n{QUOTE}"))
    assert findings == []
    row = claim_row(found)
    assert (row["char_start"], row["char_end"], row["quote_sha256"], row["quote_chars"]) == (None, None, SHA, 44)


@pytest.mark.parametrize(
    ("quote", "finding"),
    [
        ("quote: none", "quote: expected {sha256: ..., chars: ...} [wrong-type]"),
        ("quote: {chars: 44}", "quote: expected {sha256: ..., chars: ...} [wrong-type]"),
        (f"quote: {{sha256: {SHA}, chars: 19}}", "quote_chars: 19 code points is below 20 code points [out-of-range]"),
        (f"quote: {{sha256: {SHA}, chars: 2000}}",
         "quote_chars: 2000 code points is above 1000 code points [out-of-range]"),
        (f"quote: {{sha256: {SHA}, chars: null}}",
         f"quote: chars is empty: {SPECS['claims'].field('quote_chars').description} [missing-field]"),
        (f"quote: {{sha256: {SHA}, chars: 44}}\n  quote_sha256: {SHA}",
         "a claim has one anchor: 'quote', or 'at' with 'quote_sha256' where the whole text is held [wrong-value]"),
    ],
)  # fmt: skip
def test_quotes_that_are_none(quote: str, finding: str, tmp_path: Path) -> None:
    claims, findings = read(tmp_path, claim(f"  statement: {{}}\n  {quote}\n"))
    assert (claims, findings) == ([], [f"15: weekly/first: {finding}"])


def test_a_source_with_a_text_has_positions(tmp_path: Path) -> None:
    _, findings = read(tmp_path, anchored(QUOTE))
    needs = "the source has a text, so its claims need 'at': [start, end], the place of the passage in it"
    assert findings == [f"11: weekly/first: {needs} [missing-anchor]"]


def test_what_was_compared_and_seen(tmp_path: Path) -> None:
    text = claim(f"  statement: {{}}\n{QUOTE}").replace(URL, VERIFIED)
    text += "- {claim: second, says: B., certainty: asserted, statement: {}, seen: false}\n"
    (first, second), findings = read(tmp_path, text)
    assert findings == []
    assert (first.common["seen"], second.common["seen"]) == (True, False)
    (row,) = source_rows([first, second])
    assert (row["verified_on"], row["verified_against"], row["verified_whole"]) == (date(2026, 11, 30), SHA, False)
    (alone,), _ = read(tmp_path, claim("  statement: {}\n"))
    assert (alone.common["seen"], alone.source.row["verified_on"]) == (None, None)


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (claim("  statement: {}\n  seen: false\n"),
         ["15: weekly/first: 'seen' says what a comparison showed; give the source 'verified': {on, against, whole} "
          "[missing-field]"]),
        (claim(f"  statement: {{}}\n  seen: false\n{QUOTE}").replace(URL, VERIFIED),
         ["16: weekly/first: the claim has the digest of its passage, so it was seen; leave out 'seen' or the anchor "
          "[wrong-value]"]),
        (claim("  statement: {}\n").replace(URL, f"{URL}\n  verified: 2026-11-30"),
         ["10: verified: expected {on: ..., against: ..., whole: ...} [wrong-type]"]),
        (claim("  statement: {}\n").replace(URL, VERIFIED.replace("2026-11-30", "2026-11")),
         ["10: verified_on: expected a day such as 2024-01-26, found the text '2026-11' [wrong-type]"]),
    ],
)  # fmt: skip
def test_comparisons_that_say_nothing(text: str, findings: list[str], tmp_path: Path) -> None:
    assert read(tmp_path, text)[1] == findings


def test_a_digest_that_is_none(tmp_path: Path) -> None:
    _, findings = read(tmp_path, anchored("  at: [1, 2]\n  quote_sha256: abc\n"))
    assert findings == ["16: weekly/first: quote_sha256: 'abc' does not have the form [0-9a-f]{64} [wrong-value]"]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (claim("  statement: {}\n  inferred: text\n"), "15: weekly/first: inferred: expected a list of field names"),
        (claim("  statement: {}\n  inferred: [[text]]\n"),
         "15: weekly/first: inferred: expected a list of field names"),
        (claim("  statement: {}\n  said_by: 5\n"),
         "15: weekly/first: said_by: expected the name of a company or person"),
        (claim("  statement: {}\n  said_by: ' '\n"),
         "15: weekly/first: said_by: expected the name of a company or person"),
        (claim("  statement:\n"), "14: weekly/first: statement: expected fields such as about, text; found nothing"),
        (claim("  statement: {}\n", says="says: 5"),
         "12: weekly/first: says: expected a text, found 5; if that is the text, put it in quotation marks"),
        (claim("  statement: {}\n").replace("claim: first", "claim: 5"),
         "11: a claim needs 'claim': a name of small letters, digits and hyphens; found '5'"),
        (claim("  statement: {}\n").replace("claim: first", "claim: [a]"),
         "11: a claim needs 'claim': a name of small letters, digits and hyphens; found no text"),
        (claim("  statement: {}\n").replace("claim: first", "note: first"),
         "11: a claim needs 'claim': a name of small letters, digits and hyphens; found nothing"),
        ("- a\n- b\n", "1: expected a mapping at the top of the file"),
        (f"{SOURCE}{URL}\nclaims: {{}}\n", "10: expected a list of claims under 'claims'"),
        (f"{SOURCE}{URL}\nclaims: none\n", "10: expected a list of claims under 'claims'"),
        (f"{SOURCE}{URL}\n", " expected a list of claims under 'claims'"),
        (claim("  statement: {}\n").replace(URL, f"{URL}\n  text: none"),
         "10: text: expected {sha256: ..., chars: ...}"),
        (claim("  statement: {}\n").replace(URL, f"{URL}\n  text: {{chars: 5}}"),
         "10: text: expected {sha256: ..., chars: ...}"),
        (claim("  statement: {}\n").replace(URL, f"text: {{sha256: {SHA}, chars: none}}"),
         "9: text_chars: expected a number, found the text 'none'"),
        (claim("  statement: {}\n").replace("2024-05", "2024-05-32"),
         "8: published: '2024-05-32' has day 32; 2024-05 has 31 days"),
    ],
)  # fmt: skip
def test_mistakes(text: str, finding: str, tmp_path: Path) -> None:
    claims, findings = read(tmp_path, text)
    assert claims == []
    assert [f.rpartition(" [")[0] for f in findings] == [finding]


def test_what_a_source_infers_is_one_of_its_fields(tmp_path: Path) -> None:
    _, findings = read(tmp_path, claim("  statement: {}\n").replace(URL, f"{URL}\n  inferred: [publishd, text]"))
    near = "; did you mean 'published' or 'publisher'?"
    assert findings == [
        f"10: inferred names 'publishd', which is no field that is filled in here{near} [unknown-field]",
        "10: inferred names 'text', which is no field that is filled in here [unknown-field]",
    ]


def test_a_source_that_is_not_whole_does_not_hide_mistakes_in_its_claims(tmp_path: Path) -> None:
    text = anchored("  at: [9, 3]\n").replace("  title: Invented weekly notes\n", "").replace("chars: 50", "chars: x")
    claims, findings = read(tmp_path, text)
    assert claims == []
    assert [f.rpartition("[")[2] for f in findings] == ["wrong-type]", "missing-field]", "anchor-without-digest]"]
    reader = reader_of(tmp_path, text.partition("claims:")[2].join(["claims:", ""]))
    assert reader.files() == []
    assert reader.unread >= {"weekly"}


def test_claims_that_cannot_be_used_are_remembered(tmp_path: Path) -> None:
    text = claim("  statement: {}\n") + "- claim: second\n  says: A claim.\n  certainty: sure\n  statement: {}\n"
    reader = reader_of(tmp_path, text)
    assert [c.claim_id for c in reader.files()] == ["weekly/first"]
    assert reader.unread == {"weekly/second"}


def test_a_file_that_holds_nothing_but_braces(tmp_path: Path) -> None:
    claims, findings = read(tmp_path, "{}\n")
    assert (claims, len(findings)) == ([], 2)
    assert findings[0].startswith(" expected a block 'source'")


def test_one_file_of_several(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, claim("  statement: {}\n"))
    other = reader_of(tmp_path, "nonsense", "other.yaml")
    assert [c.claim_id for c in other.files(tmp_path / FILE)] == ["weekly/first"]
    assert other.findings == []
    reader.files()
    assert [f.place.file for f in reader.findings] == ["data/raw/claims/other.yaml"]


def test_files_with_another_ending_are_not_read_and_reported(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, claim("  statement: {}\n"), "weekly.yml")
    assert reader.files() == []
    assert [(f.rule, f.message) for f in reader.findings if f.rule == "stray-file"] == [
        ("stray-file", "nothing reads this file; rename it to data/raw/claims/weekly.yaml")
    ]


@pytest.fixture(scope="module")
def spare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the invented repository whose claim file is written over again and again."""
    return Path(shutil.copytree(GOOD, tmp_path_factory.mktemp("claims") / "good"))


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_slip_of_the_pen_is_more_than_a_finding(data: st.DataObject, spare: Path) -> None:
    name = data.draw(st.sampled_from(["claims/hanbit-visit-2024.yaml", "corrections.yaml", "entities/companies.csv"]))
    text = (GOOD / "data/raw" / name).read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        words = [match.span() for match in re.finditer(r"[^\s,:\[\]{}]+", text)]
        start, end = words[data.draw(st.integers(0, len(words) - 1))]
        text = text[:start] + data.draw(st.sampled_from(SLIPS)) + text[end:]
    (spare / "data/raw" / name).write_text(text, encoding="utf-8")
    reader = ClaimReader(Layout(spare), SPECS, FORMS)
    registries = read_registries(reader)
    claims = corrected(reader, reader.files(), *read_corrections(reader))
    rows_of(reader, claims, registries)
    assert all(f.rule in READING and f.message and f.place.file.startswith("data/raw/") for f in reader.findings)
    shutil.copy(GOOD / "data/raw" / name, spare / "data/raw" / name)


def observed(good: Path, text: str) -> tuple[dict[str, list[dict[str, object]]], list[str]]:
    """Return the observations of one more file of the invented repository, and the findings."""
    reader = reader_of(good, text)
    registries = read_registries(reader)
    rows = rows_of(reader, reader.files(good / FILE), registries)
    return {name: table for name, table in rows.items() if table}, [
        f"{f.place.line}: {f.message}" for f in reader.findings
    ]


def test_every_module_of_a_kind_has_a_form() -> None:
    assert set(KINDS) < set(FORMS)


FIGURES = """\
- claim: others-2023
  says: Vendors that are not named had about 20 percent of the market for AI accelerators in 2023.
  segment_share: {market: AI accelerators, segment: 기타, period: 2023, share_pct: 20, qualifier: about}

- claim: nordlicht-3nm
  says: Chips of 3 nm made 12 percent of the revenue of Nordlicht Semi in the second half of 2023.
  revenue_share: {company: Nordlicht Semi, segment: 3 nm, period: 2023-07/2023-12, share_pct: 12}

- claim: nordlicht-growth
  says: Sales of AI accelerators by Nordlicht Semi grew by 31 to 33 percent in 2023.
  company_change: {company: Nordlicht Semi, metric: revenue, market: AI accelerators, period: 2023,
    versus: year_earlier, change_low_pct: 31, change_high_pct: 33}

- claim: market-growth
  says: The market for AI accelerators is to shrink by half a percent in 2025.
  market_change: {market: AI accelerators, period: 2025, versus: year_earlier, forecast: true, change_pct: -0.5%}

- claim: polarmem-contract-price
  says: Contract prices of PolarMem fell by 8 percent or more in the first quarter of 2024.
  price_change: {product: PolarMem, period: 2024-Q1, basis: contract, versus: previous_period, change_pct: -8,
    qualifier: up_to}

- claim: nordlicht-founded
  says: Nordlicht Semi was founded in April 2011.
  company_event: {id: nordlicht-founding, company: Nordlicht Semi, kind: founded, date: 2011-04}

- claim: aurora-sampled
  says: Nordlicht Semi sent out samples of the Aurora X1 in May 2023.
  product_event: {product: Aurora X1, company: Nordlicht Semi, event: sampled, date: 2023-05}

- claim: aurora-memory
  says: The Aurora X1 carries 96 GB of memory.
  product_spec: {product: Aurora X1, property: memory_capacity, amount: 96, unit: GB}

- claim: aurora-cost
  says: Making an Aurora X1 costs up to 3,000 dollars.
  product_cost: {product: Aurora X1, period: 2023, currency: USD, amount: 3000, qualifier: up_to}

- claim: nordlicht-ahead
  says: Nordlicht Semi is 24 points ahead of Wadi Compute in AI accelerators in 2023.
  share_gap: {company: Nordlicht Semi, other: Wadi Compute, market: AI accelerators, period: 2023, gap_points: 24}

- claim: nordlicht-margin
  says: Nordlicht Semi expects a gross margin of 40 to 45 percent in 2024.
  company_metric: {company: Nordlicht Semi, metric: gross_margin, period: 2024, forecast: true, amount_low: 40,
    amount_high: 45, unit: percent}

- claim: nordlicht-fab
  says: Nordlicht Semi plans a plant in Oman for some 2 billion euros.
  plan: {id: nordlicht-oman, company: Nordlicht Semi, kind: fab, country: OM, amount: 2000000000, qualifier: about,
    currency: EUR, target_period: 2026/2028}
"""


def test_figures_become_rows_with_bounds_and_defaults(good: Path) -> None:
    text = f"{SOURCE}{URL}\nclaims:\n" + FIGURES.replace("\n  says:", "\n  certainty: asserted\n  says:")
    rows, findings = observed(good, text)
    assert findings == []
    first = {name.removeprefix(PREFIX): table[0] for name, table in rows.items()}
    assert set(first) == set(
        "segment_shares revenue_shares company_changes market_changes price_changes company_events product_events "
        "product_specs company_metrics plans product_costs share_gaps".split()
    )
    others = first["segment_shares"]
    assert (others["segment_id"], others["share_low_pct"], others["basis"]) == ("vendors-others", None, "unspecified")
    half = first["revenue_shares"]
    assert (half["period_start"], half["period_end"]) == (date(2023, 7, 1), date(2023, 12, 31))
    growth = first["company_changes"]
    assert (growth["change_low_pct"], growth["change_high_pct"], growth["forecast"]) == (31, 33, False)
    assert first["market_changes"]["change_low_pct"] == first["market_changes"]["change_high_pct"] == -0.5
    assert (first["price_changes"]["change_low_pct"], first["price_changes"]["change_high_pct"]) == (None, -8)
    assert first["product_specs"]["scope"] == "whole"
    cost, gap = first["product_costs"], first["share_gaps"]
    assert (cost["item"], cost["low"], cost["high"]) == ("total", None, 3000)
    assert (gap["other_id"], gap["basis"], gap["gap_low_points"]) == ("wadi-compute", "unspecified", 24)
    margin = first["company_metrics"]
    assert (margin["market_id"], margin["forecast"], margin["amount_high"]) == ("company-total", True, 45)
    assert (first["plans"]["amount_low"], first["plans"]["target_period"]) == (None, "2026/2028")


def test_an_event_without_an_amount_has_no_hedge_either(good: Path) -> None:
    rows, findings = observed(good, claim("  deal: {id: a-deal, kind: mou, status: signed}\n"))
    assert findings == []
    assert "qualifier" not in rows["observations.deals"][0]


def test_a_figure_without_any_amount_is_refused(good: Path) -> None:
    rows, findings = observed(
        good, claim("  company_metric: {company: Nordlicht Semi, metric: revenue, period: 2023}\n")
    )
    assert not rows
    assert [f.partition(": ")[2] for f in findings] == [
        "a value or a range is needed: give the value, or its lower or upper bound"
    ]


def test_an_interval_is_no_day_of_an_event(good: Path) -> None:
    rows, findings = observed(good, claim("  deal: {id: a-deal, kind: mou, date: 2023/2024, status: signed}\n"))
    assert not rows
    assert [f.partition(": ")[2] for f in findings] == [
        "date: '2023/2024' is an interval; expected one time, such as 2024, 2024-01, 2024-01-26"
    ]


def test_what_a_meeting_feeds(good: Path) -> None:
    people = "[{person: 이다 팔크, company: 노르트리히트}, 한서윤]"
    meeting = f"  meeting:\n    id: tea-2024\n    people: {people}\n    companies: [Wadi Compute]\n"
    rows, findings = observed(good, claim(meeting))
    assert findings == []
    people = [(r["person_id"], r.get("company_id")) for r in rows["observations.meeting_people"]]
    assert people == [("ida-falk", "nordlicht-semi"), ("han-seo-yun", None)]
    companies = [r["company_id"] for r in rows["observations.meeting_companies"]]
    assert companies == ["wadi-compute", "nordlicht-semi"]
    (row,) = rows["observations.meetings"]
    assert (row["voice"], row["tier"], row["known_from"], row["preferred"], row["corrected"]) == (
        "Weekly", "secondary", date(2024, 5, 31), False, False,
    )  # fmt: skip


def test_an_unknown_publisher_speaks_as_its_source_and_a_speaker_for_himself(good: Path) -> None:
    text = claim("  statement: {}\n").replace("publisher: Weekly", "publisher: unknown")
    rows, _ = observed(good, text)
    assert rows["observations.statements"][0]["voice"] == "weekly"
    assert rows["observations.statements"][0]["text"] == "A claim."
    rows, _ = observed(good, claim("  statement: {}\n  said_by: Ida Falk\n"))
    assert rows["observations.statements"][0]["voice"] == "ida-falk"


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        ("  statement: {}\n  said_by: Nobody\n", 15),
        ("  meeting:\n    id: tea-2024\n    people:\n    - Nobody\n", 17),
        ("  product_use:\n    company: Nobody\n    product: Aurora X1\n", 15),
        ("  statement:\n    about: companies/Nobody\n", 15),
    ],
)
def test_an_unknown_name_is_found_where_it_stands(extra: str, line: int, good: Path) -> None:
    rows, findings = observed(good, claim(extra))
    assert rows == {}
    assert [f.partition(":")[0] for f in findings] == [str(line)]
    assert "no 'Nobody' among the" in findings[0]


@pytest.mark.parametrize(("registry", "left"), [("companies", 1), ("people", 1), ("aliases", 0)])
def test_a_registry_that_was_not_read_is_not_blamed_on_the_claims(registry: str, left: int, good: Path) -> None:
    (good / f"data/raw/entities/{registry}.csv").write_text("nonsense\n", encoding="utf-8")
    (good / "data/raw/entities/aliases.csv").open("a", encoding="utf-8").close()
    _, findings = observed(good, claim("  position: {person: Nobody, company: Noone, title: chair}\n"))
    assert sum("among the" in f for f in findings) == left


def test_prices_and_shares_get_the_bounds_that_their_hedges_imply(good: Path) -> None:
    share = (
        "  market_share: {company: Wadi Compute, market: AI 가속기, period: 2024-H1, share_pct: 9, qualifier: up_to}\n"
    )
    rows, findings = observed(good, claim(share))
    assert findings == []
    (row,) = rows["observations.market_shares"]
    assert (row["share_low_pct"], row["share_high_pct"]) == (None, 9.0)
    assert (row["period_start"], row["period_end"]) == (date(2024, 1, 1), date(2024, 6, 30))


def test_values_that_do_not_go_together_are_found_where_the_claim_stands(good: Path) -> None:
    rows, findings = observed(good, claim("  market_share: {company: Wadi Compute, market: AI 가속기, period: 2024}\n"))
    assert rows == {}
    assert findings == ["11: a value or a range is needed: give the value, or its lower or upper bound"]
