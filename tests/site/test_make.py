"""A site holds what its package holds, with the digest of every file, and is put in place whole."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest
from runs import Run

from datapkg.model.errors import IntegrityError, NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.read.data import Data
from datapkg.site import make
from datapkg.site.history import History, history
from datapkg.site.make import make_site, site_files
from datapkg.site.page import page
from datapkg.site.told import last_day

ROOT = Path(__file__).parents[2]
REGISTERS = (
    "https://dart.fss.or.kr/dsae001/selectPopup.ax",
    "https://ror.org/",
    "https://search.gleif.org/",
    "https://www.houjin-bangou.nta.go.jp/henkorireki-johoto.html",
    "https://www.sec.gov/cgi-bin/browse-edgar",
    "https://www.wikidata.org/wiki/",
)
"""Where links of the pages lead, which are followed by readers only."""


@pytest.fixture(scope="module")
def files(built: Path) -> dict[str, bytes]:
    """The site of the invented repository; making one costs some seconds."""
    return site_files(Data(Layout(built)))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No policy chooses anything: for what does not hang on histories."""

    def none(observed: Any, spec: Any) -> History:
        return history(observed.slice(0, 0), spec)

    monkeypatch.setattr(make, "history", none)


def told(files: dict[str, bytes]) -> dict[str, Any]:
    text = files["site.js"].decode().removeprefix("globalThis.datapkgSite = ").removesuffix(";\n")
    found: dict[str, Any] = json.loads(text)
    return found


def named(site: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of data that the pages are told of."""
    parts = ("file", "observations", "history", "claims")
    return [table[part] for table in site["tables"] for part in parts if table[part]]


def test_every_table_is_there_as_it_was_released(files: dict[str, bytes], built: Path) -> None:
    store = Data(Layout(built)).opened()
    for name in store.names():
        assert files[f"data/{name.replace('.', '/')}.parquet"] == store.bytes(name)
    assert {table["name"]: table["rows"] for table in told(files)["tables"]} == {
        name: store.resource(name)["rows"] for name in store.names() if "." not in name
    }


def test_the_pages_are_told_of_every_file_of_data_with_its_digest(files: dict[str, bytes]) -> None:
    known = {about["path"]: about for about in named(told(files))}
    assert set(known) == {path for path in files if path.startswith(("data/", "history/"))}
    for path, about in known.items():
        assert about["sha256"] == hashlib.sha256(files[path]).hexdigest()
        assert about["bytes"] == len(files[path])


def test_the_days_of_the_slider_come_with_the_page(files: dict[str, bytes], built: Path) -> None:
    known = Data(Layout(built)).opened().read("sources", ["known_from"]).column("known_from").to_pylist()
    assert told(files)["days"] == sorted({str(day) for day in known})


def test_from_a_disk_the_same_bytes_travel_in_scripts(files: dict[str, bytes]) -> None:
    for about in named(told(files)):
        script = files[f"embedded/{about['path']}.0.js"].decode()
        name, data = json.loads("[" + script.removeprefix("datapkgFile(").removesuffix(");\n") + "]")
        assert (name, base64.b64decode(data)) == (f"{about['path']}.0", files[about["path"]])


def test_columns_say_what_they_mean_and_where_they_lead(files: dict[str, bytes]) -> None:
    (shares,) = (table for table in told(files)["tables"] if table["name"] == "market_shares")
    fields = {field["name"]: field for field in shares["fields"]}
    assert fields["market_id"]["target"] == "markets"
    assert fields["share_pct"]["unit"] == "%"
    assert "share" in fields["share_pct"]["description"].lower()
    assert shares["key"] == ["company_id", "market_id", "period", "basis", "forecast"]


class _Page(HTMLParser):
    """What a page asks for, and what is in its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inside: list[str] = []
        self.policy = ""
        self.scripts: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._script = tag == "script"
        self.addresses += [str(known[name]) for name in ("src", "href") if name in known]
        self.inside += [name for name in known if name.startswith("on") or name == "style"]
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(known["content"])

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.scripts.append(data)
            self._script = False


def test_the_page_asks_for_nothing_outside_its_folder(files: dict[str, bytes]) -> None:
    found = _Page(files["index.html"].decode())
    assert all(address in files for address in found.addresses if address != "data:,")
    assert not found.inside
    assert "default-src 'none'" in found.policy
    assert "'unsafe-" not in found.policy


def test_it_says_what_it_is_to_machines_and_without_scripts(files: dict[str, bytes]) -> None:
    text = files["index.html"].decode()
    (described,) = _Page(text).scripts
    assert json.loads(described)["@type"] == "Dataset"
    assert '<meta name="citation_title"' in text
    without = re.search(r"<noscript>(.*)</noscript>", text, re.S)
    assert without
    assert "hanbit" in without[1]
    assert "data/market_shares.parquet" in without[1]


def test_hostile_text_is_text(built: Path) -> None:
    data, evil = Data(Layout(built)).opened(), '</script><script>alert("x")</script>"\'>\u202e<b>'
    site = {"title": evil, "name": "n", "version": "1", "description": evil, "created": None, "last_day": None}
    site["feeds"] = False
    text = page(data, site, None).decode()
    assert evil not in text
    assert "<script>alert" not in text
    assert json.loads(_Page(text).scripts[0])["description"] == evil


def test_the_last_day_is_that_of_the_facts(tmp_path: Path) -> None:
    """A page of "2031" that was read in June says nothing of its December; what is open is stale as of the same day."""

    class Sources:
        def read(self, name: str, columns: list[str]) -> pa.Table:
            assert (name, columns) == ("sources", ["published", "retrieved"])
            return pa.table({"published": ["2031", "2031-05"], "retrieved": ["2031-06-02", None]})

    assert last_day(cast(Any, Sources())) == "2031-06-02"


@pytest.mark.usefixtures("quick")
def test_how_often_it_is_wrong_is_told(made: Path, tmp_path: Path) -> None:
    for version, values, cells, missed in (
        ("0.5.0", None, {"many": 18, "of": 5260, "bound": 0.00697}, 834),
        ("0.6.0", {"many": 17, "of": 13617, "bound": 0.00201}, {"many": 152, "of": 13617, "bound": 0.01595}, 2948),
    ):
        quality = ROOT / "data/releases" / version / "validation/quality.json"

        def source(path: str, quality: Path = quality) -> bytes:
            file = quality if path == "validation/quality.json" else made / "0.1.0" / path
            if not file.is_file():
                raise NotFound(path)
            return file.read_bytes()

        site = told(site_files(Data(Layout(tmp_path / "nowhere"), source, "https://registry.example")))
        assert site["quality"].get("values") == values
        assert site["quality"]["cells"] == cells
        assert site["quality"]["missed"]["of"] == missed
        assert "validation/quality.json" in site["metadata"]


@pytest.mark.usefixtures("quick")
class TestFolder:
    def test_a_site_is_replaced_whole(self, built: Path, tmp_path: Path) -> None:
        out = tmp_path / "new" / "site"
        made = make_site(Data(Layout(built)), out)
        (out / "left-over.txt").write_text("of the last one")
        make_site(Data(Layout(built)), out)
        assert {p.relative_to(out).as_posix(): p.stat().st_size for p in out.rglob("*") if p.is_file()} == made
        assert [path.name for path in out.parent.iterdir()] == ["site"]

    def test_nothing_else_is_replaced(self, built: Path, tmp_path: Path) -> None:
        (tmp_path / "letters.txt").write_text("mine")
        with pytest.raises(UsageError, match=r"is there and no site of datapkg; name a new or an empty folder"):
            make_site(Data(Layout(built)), tmp_path)
        with pytest.raises(UsageError, match=r"letters\.txt is there and no site"):
            make_site(Data(Layout(built)), tmp_path / "letters.txt")
        assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]

    def test_of_a_damaged_package_nothing_is_made(self, package: Path, tmp_path: Path) -> None:
        file = package / "data/processed/people.parquet"
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        with pytest.raises(IntegrityError, match=r"people\.parquet is not the file that datapackage\.json promises"):
            make_site(Data(Layout(package)), tmp_path / "site")
        assert not (tmp_path / "site").exists()

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [("release.json", b"[]", r"invented-chips 0\.1\.0 holds rows that contradict its own schemas \(AttributeError"),
         ("release.json", b"[" * 100_000, r"\(ValueError: nested too deeply\); `datapkg verify` says which"),
         ("validation/quality.json", b"[]", r"\(TypeError"),
         ("croissant.json", b"{", r"\(JSONDecodeError: Expecting property name"),
         ("changes.parquet", b"PAR1", r"changes\.parquet cannot be read as Parquet: Parquet file size is 4 bytes")],
    )  # fmt: skip
    @pytest.mark.usefixtures("quick")
    def test_of_a_hostile_release_nothing_is_made(
        self, made: Path, tmp_path: Path, name: str, content: bytes, said: str
    ) -> None:
        def source(path: str) -> bytes:
            if path == name:
                return content
            if not (made / "0.1.0" / path).is_file():
                raise NotFound(path)
            return (made / "0.1.0" / path).read_bytes()

        with pytest.raises(IntegrityError, match=said):
            make_site(Data(Layout(tmp_path / "nowhere"), source, "https://registry.example"), tmp_path / "site")
        assert [*tmp_path.iterdir()] == []

    def test_a_site_that_cannot_be_put_in_place_leaves_the_old_one(
        self, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out, rename = tmp_path / "site", Path.rename
        make_site(Data(Layout(built)), out)

        def refuse(self: Path, target: Path) -> Path:
            if self.name == "new":
                raise OSError(28, "No space left on device")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", refuse)
        with pytest.raises(Exception, match="No space left on device"):
            make_site(Data(Layout(built)), out)
        assert (out / "index.html").is_file()

    def test_by_the_command_of_a_release(self, run: Run, made: Path, published: Path, tmp_path: Path) -> None:
        out = tmp_path / "site"
        assert run("site", "0.2.0", out, "--registry", published).code == 0
        assert re.fullmatch(r"\d+ files, [\d.]+ MB, in .*site \([\d.]+ s\); open index\.html\n", run.out)
        assert "what was known when: market_shares (" in run.err
        for name in ("changes.parquet", "croissant.json", "datapackage.json"):
            assert (out / name).read_bytes() == (made / "0.2.0" / name).read_bytes()
        site = told({"site.js": (out / "site.js").read_bytes()})
        assert (site["version"], site["created"]) == ("0.2.0", "2024-05-01")
        assert [(step["version"], step["before"], step["file"]["path"]) for step in site["changes"]] == [
            ("0.2.0", "0.1.0", "changes.parquet"),
            ("0.1.0", "", "changes/0.1.0.parquet"),
        ]
        assert (out / "changes/0.1.0.parquet").read_bytes() == (made / "0.1.0/changes.parquet").read_bytes()
        assert {"croissant.json", "llms.txt"} < set(site["metadata"])
        assert "(data/market_shares.parquet)" in (out / "llms.txt").read_text("utf-8")

    def test_with_feeds_that_lead_to_its_pages(self, run: Run, published: Path, tmp_path: Path) -> None:
        for number, more in enumerate(([], ["--no-feeds"])):
            out = tmp_path / str(number)
            assert run("site", "0.2.0", out, "--registry", published, *more).code == 0
            known = told({"site.js": (out / "site.js").read_bytes()})
            assert known["feeds"] is (out / "feeds/companies/nordlicht-semi.atom").is_file() is (not more)
            assert ("feeds/releases.atom" in (out / "index.html").read_text("utf-8")) is (not more)
        feed = (tmp_path / "0/feeds/companies/nordlicht-semi.atom").read_text("utf-8")
        assert set(re.findall(r'href="([^"]*index[^"]*)"', feed)) == {"../../index.html#/changes?to=0.2.0"}

    def test_by_the_command_of_an_unknown_version(self, run: Run, published: Path, tmp_path: Path) -> None:
        assert run("site", "0.3.0", tmp_path / "site", "--registry", published).code == 2
        assert "0.3.0" in run.err
        assert not (tmp_path / "site").exists()


def test_the_program_is_in_the_package_and_asks_for_nothing_elsewhere() -> None:
    program = (ROOT / "datapkg/site/bundle/app.js").read_text("utf-8")
    addresses = set(re.findall(r"https?://[\w./-]+", program))
    assert addresses == {"http://www.w3.org/2000/svg", *REGISTERS}
    assert not re.search(r"\beval\(|new Function|\.innerHTML|document\.write|WebAssembly", program)
