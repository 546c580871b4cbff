"""Which release is read: pinned by default, named by version and registry, remembered by every frame, proven always."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import releases

import datapkg
from datapkg.model import layout
from datapkg.model.errors import ConfigError, IntegrityError, NotFound, Unreachable, UsageError
from datapkg.read.data import Data
from datapkg.registry.publish import publish
from datapkg.registry.reader import Registry

ROOT = Path(__file__).parents[2]
NOBODY = 65534
KEY = {"company_id": "nordlicht-semi", "market_id": "ai-accelerators", "period": "2023", "basis": "unspecified"}
Y2023 = [("period", "==", "2023")]


def share(**origin: Any) -> float:
    return float(datapkg.load("market_shares", filters=Y2023, **origin)["share_pct"].iloc[0])


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(params=["folder", "http"])
def registry(request: pytest.FixtureRequest, published: Path, served: str) -> str:
    return str(published) if request.param == "folder" else served


@pytest.fixture
def none_inside(inside: Path) -> Path:
    """A clone from before the first release."""
    shutil.rmtree(inside / "data/releases")
    return inside


class TestPinned:
    def test_the_newest_release_inside_the_package_is_read(self, inside: Path, made: Path) -> None:
        assert datapkg.load("people").attrs["version"] == "0.1.0"
        publish(made / "0.2.0", str(inside / "data/releases"))
        assert datapkg.load("people").attrs["version"] == "0.2.0"
        assert share(version="0.1.0") == 42

    def test_a_registry_with_newer_ones_changes_nothing(self, inside: Path, registry: str, cache: Path) -> None:
        frame = datapkg.load("market_shares", registry=registry, cache=cache)
        assert (frame.attrs["version"], share(registry=registry, cache=cache)) == ("0.1.0", 42)
        listed = datapkg.versions(registry, cache)
        assert listed.to_dict("list") == {
            "version": ["0.1.0", "0.2.0"],
            "created": ["2024-05-01"] * 2,
            "installed": [True, False],
            "newer": [False, True],
        }
        assert listed.attrs["stale"] == ""
        assert datapkg.load("people").attrs["version"] == "0.1.0"

    def test_without_a_registry_only_what_is_inside_is_listed(self, inside: Path) -> None:
        assert datapkg.versions().to_dict("records") == [
            {"version": "0.1.0", "created": "2024-05-01", "installed": True, "newer": False}
        ]

    def test_before_the_first_release_the_working_build_is_read(self, none_inside: Path, published: Path) -> None:
        frame = datapkg.load("market_shares")
        assert (frame.attrs["version"], frame.attrs["working"]) == ("1.2.3", True)
        assert len(datapkg.trace("market_shares", frame.iloc[0])) == 2
        assert list(datapkg.versions().columns) == ["version", "created", "installed", "newer"]
        assert len(datapkg.versions()) == 0
        assert list(datapkg.versions(str(published))["newer"]) == [True, True]
        with pytest.raises(UsageError, match="no release is inside this package to go by; name a version of "):
            datapkg.load("people", registry=str(published))
        for call in (lambda: datapkg.load("people", version="0.1.0"), lambda: datapkg.diff("0.1.0", "working")):
            with pytest.raises(NotFound, match=r"^no release is inside this package; name a registry, or the ver"):
                call()

    def test_releases_inside_a_copy_of_the_package(self, inside: Path, python: str, tmp_path: Path) -> None:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "datapkg", inside / "datapkg", ignore=ignored)
        code = "import datapkg; f = datapkg.load('market_shares'); print(datapkg.__file__, f.attrs['version'], "
        code += "len(datapkg.trace('market_shares', f.iloc[0])), len(datapkg.versions()))"
        run = [python, "-c", code]
        env = {**os.environ, "PYTHONPATH": str(inside)}
        done = subprocess.run(run, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [str(inside / "datapkg/__init__.py"), "0.1.0", "2", "1"]


class TestNamed:
    def test_every_function_takes_version_and_registry(self, inside: Path, registry: str, cache: Path) -> None:
        where: Any = {"version": "0.2.0", "registry": registry, "cache": cache}
        assert share(**where) == 43
        assert len(datapkg.tables(**where)) == len(datapkg.tables())
        assert list(datapkg.trace("market_shares", KEY, **where)["share_pct"]) == [43, 48]
        most = datapkg.connect(**where).execute("SELECT min(share_pct) FROM market_shares").fetchone()
        assert most == (43.0,)
        assert json.loads(datapkg.cite(style="csl-json", **where))[0]["version"] == "0.2.0"

    def test_working(self, inside: Path) -> None:
        assert datapkg.load("people", version="working").attrs["version"] == "1.2.3"
        assert len(datapkg.tables(version="working")) == 92

    def test_policies_and_times_use_the_schemas_of_the_release(self, inside: Path, registry: str, cache: Path) -> None:
        where: Any = {"version": "0.2.0", "registry": registry, "cache": cache}
        for options in ({"policy": "latest"}, {"known_by": "2024-12"}, {"policy": "latest", "known_by": "2024-12"}):
            frame = datapkg.load("market_shares", **options, **where)
            assert "note" in frame.columns, options
            assert "note" not in datapkg.load("market_shares", **options, **{**where, "version": "0.1.0"}).columns
        assert "note" in datapkg.trace("market_shares", KEY, **where).columns

    def test_unknown_versions(self, inside: Path, registry: str, cache: Path) -> None:
        with pytest.raises(NotFound, match=r"^no release '0\.3\.0' in .*; did you mean .*It has 0\.1\.0, 0\.2\.0$"):
            datapkg.load("people", version="0.3.0", registry=registry, cache=cache)
        with pytest.raises(NotFound, match=r"^no release '0\.2\.0' in .*s; did you mean '0\.1\.0'\? It has 0\.1\.0$"):
            datapkg.load("people", version="0.2.0")
        with pytest.raises(UsageError, match=r"^'v0\.1' is no version of the data; .*did you mean '0\.1\.0'\?$"):
            datapkg.load("people", version="v0.1")

    def test_no_registry_there(self, inside: Path, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"nowhere/index\.json, so that this is no registry of releases; is the U"):
            datapkg.load("people", version="0.1.0", registry=str(tmp_path / "nowhere"))

    def test_a_registry_that_is_newer_than_the_code(self, inside: Path, tmp_path: Path, cache: Path) -> None:
        (tmp_path / "later").mkdir()
        (tmp_path / "later/index.json").write_text('{"format": 2, "name": "invented-chips", "releases": []}')
        with releases.serving(tmp_path / "later") as (url, _):
            for where in (url, str(tmp_path / "later")):
                with pytest.raises(ConfigError, match="has format 2 and this datapkg reads up to 1; update it"):
                    datapkg.load("people", version="0.3.0", registry=where, cache=cache)
                with pytest.raises(ConfigError, match=r"update it: pip install --upgrade semiconductor-datapkg$"):
                    datapkg.versions(where, cache)


class TestRemembered:
    @pytest.fixture
    def frame(self, inside: Path, registry: str, cache: Path) -> pd.DataFrame:
        return datapkg.load("market_shares", version="0.2.0", registry=registry, cache=cache, filters=Y2023)

    def test_trace_and_cite_go_where_the_frame_came_from(self, frame: pd.DataFrame) -> None:
        assert json.loads(json.dumps(frame.attrs)) == frame.attrs
        claims = datapkg.trace("market_shares", frame.iloc[0])
        assert list(claims["share_pct"]) == [43, 48]
        cited = [entry["id"] for entry in json.loads(datapkg.cite(frame, "csl-json"))]
        assert cited == ["invented-chips-0.2.0", "hanbit-visit-2024", "nordlicht-results-2024"]
        assert [entry["id"] for entry in json.loads(datapkg.cite(claims, "csl-json"))] == cited

    def test_what_is_given_goes_before_what_is_remembered(
        self, frame: pd.DataFrame, published: Path, tmp_path: Path
    ) -> None:
        row = frame.iloc[0]
        assert list(datapkg.trace("market_shares", row, version="0.1.0")["share_pct"]) == [42, 48]
        assert list(datapkg.trace("market_shares", row, cache=tmp_path / "other")["share_pct"]) == [43, 48]
        assert list(datapkg.trace("market_shares", row, registry=str(published))["share_pct"]) == [43, 48]
        assert list(datapkg.trace("market_shares", row, version="working")["share_pct"]) == [42, 48]

    def test_a_working_build_is_remembered_whatever_its_version(self, inside: Path) -> None:
        frame = datapkg.load("market_shares", version="working")
        assert json.loads(datapkg.cite(frame, "csl-json"))[0]["version"] == "1.2.3"
        assert len(datapkg.trace("market_shares", frame.iloc[0])) == 2

    def test_what_says_nothing_is_of_the_release_inside(self, inside: Path) -> None:
        assert list(datapkg.trace("market_shares", KEY)["share_pct"]) == [42, 48]
        assert datapkg.trace("market_shares", KEY).attrs["version"] == "0.1.0"
        assert json.loads(datapkg.cite(style="csl-json"))[0]["version"] == "0.1.0"


class TestCache:
    def test_offline_with_a_filled_cache(self, inside: Path, published: Path, cache: Path) -> None:
        with releases.serving(published) as (url, asked):
            where: Any = {"version": "0.2.0", "registry": url, "cache": cache}
            frame = datapkg.load("market_shares", **where)
            datapkg.trace("market_shares", frame.iloc[0])
            asked.clear()
            share(**where)
            assert asked == []
        assert share(**where) == 43
        assert len(datapkg.trace("market_shares", frame.iloc[0])) == 2
        assert "0.2.0" in datapkg.cite(frame)
        listed = datapkg.versions(url, cache)
        assert list(listed["version"]) == ["0.1.0", "0.2.0"]
        assert "these are the releases as last seen" in listed.attrs["stale"]
        with pytest.raises(Unreachable, match=r"people\.parquet cannot be read: no connection .* holds .*market_"):
            datapkg.load("people", **where)
        with pytest.raises(Unreachable, match="holds nothing of this registry"):
            datapkg.versions(url, cache / "empty")

    def test_a_damaged_copy_is_fetched_again(self, inside: Path, served: str, cache: Path) -> None:
        where: Any = {"version": "0.2.0", "registry": served, "cache": cache}
        assert share(**where) == 43
        (copy,) = cache.rglob("data/market_shares.parquet")
        good = copy.read_bytes()
        damage(copy)
        assert share(**where) == 43
        assert copy.read_bytes() == good

    def test_a_damaged_release_is_never_returned(
        self, inside: Path, published: Path, tmp_path: Path, cache: Path
    ) -> None:
        folder = Path(shutil.copytree(published, tmp_path / "damaged"))
        damage(folder / "0.2.0/data/people.parquet")
        with releases.serving(folder) as (url, _):
            for where in (url, str(folder)):
                with pytest.raises(IntegrityError, match=r"people\.parquet is damaged: expected sha256"):
                    datapkg.load("people", version="0.2.0", registry=where, cache=cache)
        with pytest.raises(IntegrityError, match=r"people\.parquet is damaged"):
            datapkg.connect(version="0.2.0", registry=str(folder))

    def test_a_cache_that_cannot_be_written_will_do(self, inside: Path, served: str, tmp_path: Path) -> None:
        """A file stands where the cache should be, which stops even root."""
        (tmp_path / "file").write_text("")
        where: Any = {"version": "0.2.0", "registry": served, "cache": tmp_path / "file"}
        assert share(**where) == 43
        frame = datapkg.load("market_shares", policy="latest", **where)
        assert "note" in frame.columns
        assert len(datapkg.trace("market_shares", frame.iloc[0])) == 2
        connection = datapkg.connect(**where)
        assert connection.execute("SELECT share_pct FROM market_shares WHERE period = '2023'").fetchone() == (43.0,)
        assert connection.execute("SELECT count(*) FROM observations.market_shares").fetchone() == (3,)
        with pytest.raises(datapkg.WriteError, match=r"release 0\.1\.0 of .* needs a folder, and the cache"):
            datapkg.diff("0.1.0", "0.2.0", served, tmp_path / "file")


class TestDiff:
    def test_of_versions(self, inside: Path, registry: str, cache: Path) -> None:
        found = datapkg.diff("0.1.0", "0.2.0", registry, cache)
        assert (found.old_version, found.new_version, found.same) == ("0.1.0", "0.2.0", False)
        assert not list(cache.rglob("*.csv"))

    def test_of_a_folder_and_the_working_build(self, inside: Path, made: Path, tmp_path: Path) -> None:
        assert datapkg.diff("working", inside).same
        assert not datapkg.diff("working", made / "0.2.0").same
        assert not datapkg.diff(str(made / "0.2.0"), "0.1.0").same
        with pytest.raises(NotFound, match=r"^no datapackage\.json in .*; expected the folder of a release or of a"):
            datapkg.diff("0.1.0", tmp_path)
        with pytest.raises(UsageError, match="'nowhere' is no version of the data"):
            datapkg.diff("0.1.0", "nowhere")


def test_a_layout_that_has_no_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "PACKAGE", tmp_path / "datapkg")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFound, match=r"^no folder data/raw/claims at or above .*; go to a repository of claims"):
        datapkg.tables()
    (tmp_path / "data/raw/claims").mkdir(parents=True)
    with pytest.raises(NotFound, match=r"datapackage\.json; run `datapkg build` in a clone, or install the package"):
        datapkg.tables()


def test_the_whole_folder_of_a_remote_release(inside: Path, served: str, cache: Path, published: Path) -> None:
    from datapkg.api import folder

    found = folder("0.2.0", served, cache)
    assert releases.contents(found) == releases.contents(published / "0.2.0")
    assert isinstance(Data(layout.Layout(found)).load("people"), pd.DataFrame)
    assert Registry.open(served, cache).release("0.2.0") == found
