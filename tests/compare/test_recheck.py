"""What became of the cells that a paper cites."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from runs import Run

import datapkg
from datapkg import api, build
from datapkg.compare.recheck import rechecked
from datapkg.facts import key_text
from datapkg.model import PREFIX, ConfigError, Layout, NotFound, UsageError
from datapkg.read import Data
from datapkg.read.lock import lock_text, locked

ROOT = Path(__file__).parents[2]
INDEX = json.loads((ROOT / "data/releases/index.json").read_text("utf-8"))
VERSIONS = [entry["version"] for entry in INDEX["versions"]]
NEWS = """\
source: {source_id: %s, title: News, publisher: %s, kind: press, tier: %s, language: en,
  published: 2024-08-01, url: "https://news.example/%s"}
claims:
"""
KESTREL = """\
- claim: revenue
  says: Kestrel Research counts 5 billion euros of revenue of Nordlicht Semi in 2023.
  certainty: asserted
  company_metric: {company: Nordlicht Semi, metric: revenue, period: 2023, amount: 5000000000, currency: EUR}
- claim: dinner
  says: The dinner of the 13th was in Busan.
  certainty: asserted
  meeting: {id: falk-lumen-2024-03-13, place: Busan}
"""
NORDLICHT = """\
- claim: size
  says: The market came to 31 billion dollars, Nordlicht says now.
  certainty: asserted
  market_size: {market: AI accelerators, period: 2023, amount: 31000000000, currency: USD}
"""
HANBIT = """\
- claim: capex
  says: Hanbit Foundry will spend three billion euros in 2025.
  certainty: asserted
  company_metric:
    {company: Hanbit Foundry, metric: capex, period: 2025, amount: 3000000000, currency: EUR, forecast: true}
"""
CORRECTION = """\
- claim: nordlicht-results-2024/nordlicht-rank-2023
  field: rank
  expect: 1
  value: 2
  reason: The table of the report has it second.
  evidence: [nordlicht-results-2024/market-size-2023]
  by: datapkg tests
  date: 2024-05-02
preferences:
"""
WITHDRAWN = "- id: nordlicht-results-2024/hanbit-foundry\n  reason: The page says so of another firm.\n"
EDITS = {
    "data/raw/claims/nordlicht-results-2024.yaml": [
        ("duration: P26W", "duration: P27W"),
        ("period: 2023-Q4", "period: 2023-H2"),
        ("company_role: {company: Hanbit Foundry, role: foundry}", "statement: {about: companies/Hanbit Foundry}"),
        ("claim: hanbit-foundry", "claim: hanbit-makes-chips"),
    ],
    "data/raw/entities/companies.csv": [("wadi-compute", "wadi")],
    "data/raw/entities/aliases.csv": [("language\n", "language\ncompanies,wadi,wadi-compute,en\n")],
    "data/raw/corrections.yaml": [("preferences:\n", CORRECTION)],
}
"""What a later package says otherwise."""


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """The invented repository after corrections, withdrawals and news."""
    root = Path(shutil.copytree(ROOT / "tests/good", tmp_path_factory.mktemp("later") / "good"))
    for name, pairs in EDITS.items():
        text = (root / name).read_text("utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        (root / name).write_text(text, "utf-8")
    for who, tier, claims in (
        ("Kestrel Research", "secondary", KESTREL),
        ("Nordlicht Semi", "primary", NORDLICHT),
        ("Hanbit Foundry", "primary", HANBIT),
    ):
        name = f"{who.split()[0].lower()}-2024"
        (root / f"data/raw/claims/{name}.yaml").write_text(NEWS % (name, who, tier, name) + claims, "utf-8")
    (root / "data/raw/withdrawn.yaml").write_text(WITHDRAWN, "utf-8")
    made = build.assemble(Layout(root))
    assert not made.findings, [str(finding) for finding in made.findings]
    for path, data in build.render(made, Layout(root)).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return Data(Layout(root))


@pytest.fixture(scope="module")
def cited(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lock of everything in the invented repository as it was."""
    path = tmp_path_factory.mktemp("cited") / "lock.json"
    everything(Data(Layout(built)), path)
    return path


def everything(data: Data, path: Path) -> dict[str, Any]:
    """Lock every row of every table but the observations, and return what is in the file."""
    store = data.opened()
    frames = [data.load(name) for name in store.names() if not name.startswith(PREFIX)]
    path.write_text(lock_text(store, [locked(store, f.attrs["table"], f, f) for f in frames if len(f)]), "utf-8")
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def told(found: pd.DataFrame) -> list[tuple[Any, ...]]:
    """What was found in the tables of facts, as tuples."""
    rows = found.astype(object).where(found.notna(), None)
    rows = rows[~rows["table"].isin(["claims", "sources", "conflicts", "corrections"])]
    return [tuple(row) for row in rows.drop(columns="key").itertuples(index=False)]


def test_every_kind_of_change_is_told_with_its_claim_and_reason(cited: Path, later: Data) -> None:
    results, visit = "nordlicht-results-2024", "hanbit-visit-2024"
    capex, size = f"{visit}/hanbit-capex-2025", f"{results}/market-size-2023"
    q4, h2 = (f"company_id=nordlicht-semi;market_id=ai-accelerators;period=2023-{part};basis=unspecified;forecast=false"
              for part in ("Q4", "H2"))  # fmt: skip
    found = told(rechecked(cited, later))
    assert [(row[0], *row[1:3]) for row in found] == [
        ("company_metrics", "amount", "replaced"),
        ("company_metrics", "amount_low", "replaced"),
        ("company_metrics", "amount_high", "replaced"),
        ("company_metrics", "amount", "disputed"),
        ("company_roles", None, "withdrawn"),
        ("market_ranks", "rank", "corrected"),
        ("market_shares", None, "corrected"),
        ("market_sizes", "amount", "revised"),
        ("market_sizes", "amount_low", "revised"),
        ("market_sizes", "amount_high", "revised"),
        ("meetings", "place", "completed"),
        ("product_lead_times", "duration", "corrected"),
    ]
    by = {(row[0], row[1], row[2]): row[3:] for row in found}
    assert by["company_metrics", "amount", "replaced"][:4] == (2e9, 3e9, capex, "hanbit-2024/capex")
    assert by["company_metrics", "amount", "disputed"][:4] == (
        4.2e9, "5000000000 EUR", f"{results}/nordlicht-revenue-2023", "kestrel-2024/revenue",
    )  # fmt: skip
    assert by["company_roles", None, "withdrawn"][3:] == (None, "The page says so of another firm.")
    assert by["market_ranks", "rank", "corrected"][:2] == (1, 2)
    assert by["market_ranks", "rank", "corrected"][4] == "The table of the report has it second."
    assert by["market_shares", None, "corrected"][:2] == (q4, h2)
    assert by["market_sizes", "amount", "revised"][:4] == (3e10, 3.1e10, size, "nordlicht-2024/size")
    assert by["meetings", "place", "completed"][:2] == (None, "Busan")
    assert by["product_lead_times", "duration", "corrected"][4] == "the page was read again"


def test_nothing_is_told_where_nothing_changed(built: Path, cited: Path) -> None:
    assert rechecked(cited, Data(Layout(built))).empty


@pytest.mark.no_cover
@pytest.mark.parametrize(("old", "new"), list(pairwise(VERSIONS)))
def test_all_rows_of_the_published_diffs_without_a_false_alarm(old: str, new: str, tmp_path: Path) -> None:
    """Whatever changes.parquet has of the cited cells, and nothing else; a key that got a column is followed."""
    lock = everything(api.data(old), tmp_path / "lock.json")
    cells = {(part["table"], key_text(row["key"], part["key"])): row["cells"]
             for part in lock["tables"] for row in part["rows"]}  # fmt: skip
    changes = pq.read_table(ROOT / f"data/releases/{new}/changes.parquet").to_pylist()
    rekeyed = {row["table"] for row in changes if row["change"] == "key_changed"}
    expected = {
        (row["table"], row["key"], row["column"])
        for row in changes
        if (row["table"] not in rekeyed and (row["change"] == "row_removed" and (row["table"], row["key"]) in cells))
        or (row["change"] == "cell_changed" and _cited(cells, row))
    }
    found = {row[:3] for row in _rows(rechecked(tmp_path / "lock.json", api.data(new))) if row[3] != "disputed"}
    apart = {row for row in found if row[0] not in rekeyed} ^ expected
    assert not apart, sorted(map(str, apart))[:5]
    for name in rekeyed & {part["table"] for part in lock["tables"]}:
        assert {row for row in found if row[0] == name} == _differing(name, old, new)


def _cited(cells: dict[tuple[str, str], dict[str, Any]], row: dict[str, Any]) -> bool:
    return row["column"] in cells.get((row["table"], row["key"]), {})


def _rows(found: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found.astype(object).where(found.notna(), None).itertuples(index=False)]


def _differing(name: str, old: str, new: str) -> set[tuple[Any, ...]]:
    """What differs in a table whose key got a column, which has the value that claim files may leave out."""
    before, after = api.data(old).load(name), api.data(new).load(name)
    store = api.data(new).opened()
    defaults = {f["name"]: f["default"] for f in store.resource(name)["schema"]["fields"] if "default" in f}
    key, was = store.key(name), before.attrs["primary_key"]
    values = [column for column in api.data(old).opened().values(name) if column not in key]
    left = before.assign(
        **{c: before[c].fillna(defaults[c]) if c in before else defaults[c] for c in key if c not in was}
    )
    both = left.merge(after, on=key, how="left", suffixes=("", ":new"), indicator=True)
    found: set[tuple[Any, ...]] = set()
    for row in both.to_dict("records"):
        text = key_text(row, was)
        if row["_merge"] == "left_only":
            found.add((name, text, None))
            continue
        for column in values:
            pair = row[column], row[f"{column}:new"]
            if not (pair[0] == pair[1] or all(map(pd.isna, pair))):
                found.add((name, text, column))
    return found


class TestApi:
    @pytest.fixture
    def lock(self, inside: Path, tmp_path: Path) -> Callable[..., Path]:
        """Locks rows of the release 0.1.0."""

        def of(frame: pd.DataFrame | pd.Series, **options: Any) -> Path:
            datapkg.cite(frame, lock=tmp_path / "paper.lock.json", **options)
            return tmp_path / "paper.lock.json"

        return of

    def test_cite_writes_what_recheck_reads(self, lock: Callable[..., Path], published: Path) -> None:
        shares = datapkg.load("market_shares")
        path = lock(shares)
        assert datapkg.recheck(path).empty
        found = datapkg.recheck(path, version="0.2.0", registry=str(published))
        assert _rows(found)[0][2:6] == ("share_pct", "corrected", 42.0, 43.0)
        assert set(found["column"]) == {"share_pct", "share_low_pct", "share_high_pct"}
        assert found.attrs == {"cited": "0.1.0", "version": "0.2.0", "rows": 2, "cells": 8}

    def test_a_lock_holds_what_was_cited_and_no_more(self, lock: Callable[..., Path], published: Path) -> None:
        shares = datapkg.load("market_shares")
        few = shares[shares["period"] == "2023"][[*shares.attrs["primary_key"], "qualifier"]]
        kept = json.loads(lock(few).read_text("utf-8"))
        assert kept["sha256sums"] == json.loads((published / "index.json").read_text())["versions"][0]["sha256sums"]
        (row,) = kept["tables"][0]["rows"]
        assert (row["cells"], row["claim_id"]) == (
            {"qualifier": "exact"},
            "nordlicht-results-2024/nordlicht-share-2023",
        )
        assert datapkg.recheck(lock(few), version="0.2.0", registry=str(published)).empty

    def test_rounded_values_are_cited_as_the_release_has_them(self, lock: Callable[..., Path]) -> None:
        shares = datapkg.load("market_shares")
        (whole,) = json.loads(lock(shares).read_text("utf-8"))["tables"]
        shares["share_pct"] = 0.0
        assert json.loads(lock(shares.set_index(["period", "company_id"])).read_text("utf-8"))["tables"] == [whole]
        (one,) = json.loads(lock(shares.iloc[0]).read_text("utf-8"))["tables"]
        assert one["rows"] == whole["rows"][:1]

    def test_a_policy_and_a_voice_are_kept(self, lock: Callable[..., Path], published: Path) -> None:
        letter = datapkg.load("market_shares", policy="latest", filters=[("period", "==", "2023")])
        (part,) = json.loads(lock(letter).read_text("utf-8"))["tables"]
        assert (part["policy"], part["rows"][0]["cells"]["share_pct"]) == ("latest", 48.0)
        assert datapkg.recheck(lock(letter), version="0.2.0", registry=str(published)).empty
        own = datapkg.load("market_shares", voice="Nordlicht", filters=[("period", "==", "2023")])
        assert len(datapkg.recheck(lock(own), version="0.2.0", registry=str(published))) == 3

    def test_claims_are_enough_where_attrs_are_lost(self, lock: Callable[..., Path], published: Path) -> None:
        shares = datapkg.load("market_shares")
        lost = pd.DataFrame({"claim_id_x": list(shares["claim_id"]), "mine": 1})
        (part,) = json.loads(lock(lost).read_text("utf-8"))["tables"]
        assert (part["table"], part["policy"], len(part["rows"])) == ("market_shares", "all", 2)
        found = datapkg.recheck(lock(lost), version="0.2.0", registry=str(published))
        assert set(found["claim_was"]) == {"nordlicht-results-2024/nordlicht-share-2023"}

    def test_mistakes(self, lock: Callable[..., Path], published: Path, tmp_path: Path) -> None:
        shares = datapkg.load("market_shares")
        with pytest.raises(UsageError, match="a lock keeps rows; cite a frame or a row with it"):
            datapkg.cite(lock=tmp_path / "none.json")
        with pytest.raises(
            UsageError, match=r"^'company_id=nobody;.*' is no row of 'market_shares' in 0\.1\.0; cite rows"
        ):
            lock(shares.assign(company_id="nobody"))
        path = lock(datapkg.load("market_shares", version="0.2.0", registry=str(published)))
        with pytest.raises(
            UsageError, match=r"cites invented-chips 0\.2\.0, and this is invented-chips 0\.1\.0; name a"
        ):
            datapkg.recheck(path)
        with pytest.raises(
            NotFound, match=r"no file nowhere.json; datapkg\.cite\(frame, lock='nowhere.json'\) makes one"
        ):
            datapkg.recheck("nowhere.json")
        text = path.read_text("utf-8")
        for changed, told in (
            (text.replace("43.0", "44.0"), "was edited: its rows have another digest than it says; cite them again"),
            (text.replace('"format": 1', '"format": 2'), "has the format 2, which a newer datapkg wrote"),
            (text.replace('"rows"', '"lines"'), r"is no lock that datapkg wrote: tables\[0\] has no 'rows'"),
            ("[", "is no lock that datapkg wrote: Expecting value"),
        ):
            path.write_text(changed, "utf-8")
            with pytest.raises(ConfigError, match=told):
                datapkg.recheck(path)


class TestCommand:
    def test_says_what_became_of_each_cell(self, run: Run, inside: Path, published: Path) -> None:
        run("cite", "market_shares", "--lock", "paper.lock.json")
        assert run.code == 0
        run("recheck", "paper.lock.json")
        assert (run.code, run.out) == (0, "2 rows with 8 cells of 0.1.0, looked up in 0.1.0: all stand\n")
        run("recheck", "paper.lock.json", "--version", "0.2.0", "--registry", published)
        assert run.code == 1
        place, first, *_, last = run.out.splitlines()
        assert place.startswith("market_shares company_id=nordlicht-semi;market_id=ai-accelerators;period=2023;basis=")
        claim = "nordlicht-results-2024/nordlicht-share-2023"
        assert first == f"  share_pct: 42 -> 43; corrected by {claim}: the page was read again"
        assert last == "2 rows with 8 cells of 0.1.0, looked up in 0.2.0: 3 corrected"
        run("recheck", "paper.lock.json", "--version", "0.2.0", "--registry", published, "--json")
        assert (run.code, len(json.loads(run.out))) == (1, 3)

    def test_says_what_became_of_rows(
        self, run: Run, cited: Path, later: Data, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(later.layout.root)
        lines = run("recheck", cited, "--version", "working").out.splitlines()
        claim = "nordlicht-results-2024/nordlicht-share-2023-q4"
        assert f"  now under period=2023-H2; corrected by {claim}: the claim is about another row" in lines
        assert "  gone; withdrawn: The page says so of another firm." in lines
        assert any(
            line.startswith("  amount: 4200000000, contradicted with 5000000000 EUR; disputed by") for line in lines
        )
