"""Atom feeds: what RFC 4287 demands of them, and that they tell what the releases changed and nothing else."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import runs

from datapkg.feeds.atom import NAMESPACE, Entry, Feed, written
from datapkg.feeds.make import MOST, feeds
from datapkg.model.errors import ConfigError
from datapkg.registry import Registry

ATOM = f"{{{NAMESPACE}}}"
ONCE = {"feed": {"id", "title", "updated"}, "entry": {"id", "title", "updated"}}
AT_MOST_ONCE = {"feed": {"generator", "icon", "logo", "rights", "subtitle"}, "entry": {"content", "summary", "rights"}}
MANY = {"feed": {"author", "category", "contributor", "link", "entry"}, "entry": {"author", "category", "link"}}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
SHARE = "42.0 -> 43.0"


def faults(data: bytes) -> list[str]:
    """What a feed does not do that RFC 4287 demands, section by section, as far as feeds of texts go."""
    root = ElementTree.fromstring(data)
    found = ["2: no xml declaration"] if not data.startswith(b'<?xml version="1.0" encoding="utf-8"?>') else []
    found += [f"4.1.1: the root is {root.tag}"] if root.tag != f"{ATOM}feed" else []
    entries = root.findall(f"{ATOM}entry")
    for element, kind in ((root, "feed"), *((entry, "entry") for entry in entries)):
        counted = Counter(child.tag.removeprefix(ATOM) for child in element)
        known = ONCE[kind] | AT_MOST_ONCE[kind] | MANY[kind]
        found += [f"4.1: {kind} has {name}" for name in counted if name not in known]
        found += [f"4.1: {counted[name]} {name} in {kind}" for name in ONCE[kind] if counted[name] != 1]
        found += [f"4.1: {counted[name]} {name} in {kind}" for name in AT_MOST_ONCE[kind] if counted[name] > 1]
        found += _common(element)
    authors = root.findall(f"{ATOM}author")
    if not authors and not all(entry.findall(f"{ATOM}author") for entry in entries):
        found.append("4.1.1: neither the feed nor each entry has an author")
    found += ["3.2.1: an author without one name" for a in authors if len(a.findall(f"{ATOM}name")) != 1]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    return found + [f"4.1.1: {one} is there twice" for one, many in Counter(ids).items() if many > 1]


def _common(element: ElementTree.Element) -> list[str]:
    """What is wrong with the parts that feeds and entries share."""
    found = []
    if not urlsplit(element.findtext(f"{ATOM}id") or "").scheme:
        found.append("4.2.6: the id is no absolute IRI")
    if not re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", element.findtext(f"{ATOM}updated") or ""
    ):
        found.append("3.3: updated is no date-time of RFC 3339")
    links = element.findall(f"{ATOM}link")
    found += ["4.2.7.1: a link without href" for link in links if not link.get("href")]
    same = Counter(
        (link.get("type"), link.get("hreflang")) for link in links if link.get("rel", "alternate") == "alternate"
    )
    found += ["4.1: two alternate links of one type" for many in same.values() if many > 1]
    content = element.find(f"{ATOM}content")
    if element.tag == f"{ATOM}entry" and content is None and not same:
        found.append("4.1.2: an entry without content and alternate link")
    if content is not None and (content.get("type") not in ("text", "html", "xhtml") or len(content)):
        found.append("4.1.3: content is of no such type, or text with markup")
    found += [f"3.1: a {n} with markup" for n in ("title", "rights") for e in element.findall(f"{ATOM}{n}") if len(e)]
    return found


def entries(data: bytes) -> list[ElementTree.Element]:
    return ElementTree.fromstring(data).findall(f"{ATOM}entry")


@pytest.fixture(scope="module")
def atoms(published: Path) -> dict[str, bytes]:
    return feeds(Registry.open(published))


class TestFormat:
    def test_every_feed_is_what_rfc_4287_demands(self, atoms: dict[str, bytes]) -> None:
        assert {path: faults(data) for path, data in atoms.items() if faults(data)} == {}

    @pytest.mark.parametrize(
        ("old", "new", "fault"),
        [(b"feed", b"food", "4.1.1: the root is"), (b"<updated>", b"<updated>on ", "3.3: updated is no date-time"),
         (b"<id>urn:uuid:", b"<id>", "4.2.6: the id is no absolute"),
         (b"<name>", b"<name>x</name><name>", "3.2.1: an author"),
         (b"<title>", b"<subject/><title>", "4.1: feed has subject"), (b' href="', b' hreff="', "4.2.7.1: a link"),
         (b"<entry>", b"<entry><id>urn:x</id>", "4.1: 2 id in entry"), (b'"text"', b'"words"', "4.1.3: content is")],
    )  # fmt: skip
    def test_the_judge_sees_faults(self, atoms: dict[str, bytes], old: bytes, new: bytes, fault: str) -> None:
        data = atoms["releases.atom"].replace(old, new)
        assert any(found.startswith(fault) for found in faults(data)), faults(data)

    def test_hostile_texts_are_texts(self) -> None:
        hostile = "<script>\x00]]>&\u202e\ufffe\ud800\U0010ffff\nsecond line"
        entry = Entry("x", hostile, "2024-05-01", hostile, '../x"><y/>', "https://example.org/?a=1&b=<")
        data = written(Feed("x/y.atom", hostile, "2024-05-01", hostile, hostile, "../", [entry]))
        assert faults(data) == []
        (read,) = entries(data)
        assert read.findtext(f"{ATOM}content") == ("<script>\\x00]]>&\\u202e\\ufffe\\ud800\U0010ffff\nsecond line")
        assert [link.get("href") for link in read.findall(f"{ATOM}link")] == [
            '../x"><y/>', "https://example.org/?a=1&b=<"]  # fmt: skip

    def test_a_feed_has_a_bound(self, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert MOST == 500
        monkeypatch.setattr("datapkg.feeds.make.MOST", 1)
        assert len(entries(feeds(Registry.open(published))["releases.atom"])) == 1


class TestContent:
    def test_a_feed_for_all_releases_and_each_company_and_market(self, atoms: dict[str, bytes]) -> None:
        folders = Counter(path.partition("/")[0] for path in atoms)
        assert folders == {"releases.atom": 1, "companies": 5, "markets": 2}

    def test_releases_come_newest_first_and_say_what_they_changed(self, atoms: dict[str, bytes]) -> None:
        newest, first = entries(atoms["releases.atom"])
        assert [e.findtext(f"{ATOM}title") for e in (newest, first)] == ["invented-chips 0.2.0", "invented-chips 0.1.0"]
        assert "market_shares: 1 changed" in (newest.findtext(f"{ATOM}content") or "").splitlines()
        assert first.findtext(f"{ATOM}content") == "The first release."
        link = newest.find(f"{ATOM}link")
        assert link is not None
        assert link.get("href") == "../0.2.0/CHANGES.md"

    @pytest.mark.parametrize("path", ["companies/nordlicht-semi.atom", "markets/ai-accelerators.atom"])
    def test_a_changed_fact_is_an_entry_of_whom_it_is_about(self, atoms: dict[str, bytes], path: str) -> None:
        (entry,) = (e for e in entries(atoms[path]) if "share_pct" in (e.findtext(f"{ATOM}content") or ""))
        assert entry.findtext(f"{ATOM}title") == (
            "Market shares, changed: nordlicht-semi, ai-accelerators, 2023, unspecified"
        )
        claim = "nordlicht-results-2024/nordlicht-share-2023"
        assert f"share_pct: {SHARE} ({claim} -> {claim})" in (entry.findtext(f"{ATOM}content") or "").splitlines()
        assert [(link.get("rel"), link.get("href")) for link in entry.findall(f"{ATOM}link")] == [
            ("alternate", "../../0.2.0/CHANGES.md"), ("via", "https://nordlicht.example/results-2023")]  # fmt: skip

    def test_of_others_nothing_is_told(self, atoms: dict[str, bytes]) -> None:
        data = atoms["companies/wadi-compute.atom"]
        assert entries(data) == []
        assert ElementTree.fromstring(data).findtext(f"{ATOM}updated") == "2024-05-01T00:00:00Z"

    def test_ids_stay_where_feeds_move_and_bytes_are_the_same(self, atoms: dict[str, bytes], published: Path) -> None:
        again = feeds(Registry.open(published))
        assert again == atoms
        moved = feeds(Registry.open(published), "https://example.org/r/")
        ids = [re.findall(rb"<id>.*?</id>", b"".join(f.values())) for f in (atoms, moved)]
        assert ids[0] == ids[1]
        assert b'href="https://example.org/r/0.2.0/CHANGES.md"' in moved["companies/nordlicht-semi.atom"]

    def test_those_of_a_site_lead_to_its_pages_and_end_with_its_release(self, published: Path) -> None:
        found = feeds(Registry.open(published), "../index.html", "0.1.0")
        assert len(entries(found["releases.atom"])) == 1
        assert b'href="../index.html#/changes?to=0.1.0"' in found["releases.atom"]
        links = set(re.findall(rb'rel="alternate" href="([^"]+)"', b"".join(found.values())))
        assert links == {b"../index.html#/changes?to=0.1.0", b"../../index.html#/changes?to=0.1.0"}

    def test_a_day_that_is_none(self, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = Registry.versions

        def wrong(self: Registry) -> object:
            index = whole(self)
            object.__setattr__(index.records[1], "created", "yesterday")
            return index

        monkeypatch.setattr(Registry, "versions", wrong)
        with pytest.raises(
            ConfigError, match=r"^release 0\.2\.0 was created on 'yesterday', which is no day; expected"
        ):
            feeds(Registry.open(published))


class TestCommand:
    def test_writes_beside_the_index(
        self, run: runs.Run, atoms: dict[str, bytes], published: Path, tmp_path: Path
    ) -> None:

        registry = Path(shutil.copytree(published, tmp_path / "registry"))
        found = run("feeds", "--registry", registry)
        assert (found.code, found.out) == (0, f"wrote {len(atoms)} feeds to {registry}/feeds\n")
        assert {p.relative_to(registry / "feeds").as_posix(): p.read_bytes()
                for p in (registry / "feeds").rglob("*.atom")} == atoms  # fmt: skip
        before = (registry / "feeds/releases.atom").stat().st_mtime_ns
        assert run("feeds", "--registry", registry).code == 0
        assert (registry / "feeds/releases.atom").stat().st_mtime_ns == before
        assert [record.version for record in Registry.open(registry).versions()] == ["0.1.0", "0.2.0"]

    def test_writes_into_a_folder(self, run: runs.Run, published: Path, tmp_path: Path) -> None:
        found = run("feeds", "--registry", published, "--out", tmp_path / "new", "--releases", "https://example.org/")
        assert found.code == 0
        assert b'href="https://example.org/0.2.0/README.md"' in (tmp_path / "new/releases.atom").read_bytes()

    def test_without_a_place_it_says_so(self, run: runs.Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATAPKG_REGISTRY", raising=False)
        found = run("feeds")
        assert found.code == 2
        assert found.err == (
            "datapkg: feeds go beside the index.json of --registry, or into --out FOLDER; name one of them\n"
        )
