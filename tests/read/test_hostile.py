"""A release whose digests fit and whose content is hostile: it ends in one sentence, and touches nothing."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzzing import bounded, nearly
from hypothesis import given
from hypothesis import strategies as st
from packages import field, package, table

import datapkg
from datapkg import api
from datapkg.model.errors import ConfigError, DatapkgError, IntegrityError, NotFound, UsageError
from datapkg.model.layout import Layout
from datapkg.read import packages
from datapkg.read.data import Data

FIELDS = [field("id", required=True), field("share", "number"), field("day", "date"), field("open", "boolean")]
ROWS = [{"id": "a", "share": 1.5, "open": True}, {"id": "b"}]
SECRET = "http://me:hunter2@127.0.0.1:9/x?token=hunter2"
KEY = {"company_id": "nordlicht-semi", "market_id": "ai-accelerators", "period": "2023", "basis": "unspecified"}


def served(files: dict[str, bytes]) -> Data:
    """Open a release from somewhere else: what it gives are the bytes that its own chain of digests promises."""
    sums = "".join(f"{sha256(data).hexdigest()}  {path}\n" for path, data in files.items() if path != "SHA256SUMS")
    files = {**files, "SHA256SUMS": sums.encode()}

    def source(path: str) -> bytes:
        if path not in files:
            raise NotFound(f"no file '{path}'")
        return files[path]

    return Data(Layout(Path("/nowhere")), source, "https://registry.example")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files(package(tmp_path_factory.mktemp("small"), {"things": table("id", FIELDS, ROWS)}))


@pytest.fixture(scope="module")
def release(made: Path) -> dict[str, bytes]:
    return files(made / "0.1.0")


def changed(release: dict[str, bytes], change: Callable[[dict[str, Any]], Any], name: str = "datapackage.json") -> Data:
    """Open a release with another descriptor, or another file of JSON."""
    about = json.loads(release[name])
    change(about)
    return served({**release, name: json.dumps(about).encode()})


class TestNames:
    @pytest.mark.parametrize(
        "name", ["/home/me/x", "../x", 'x" AS SELECT 1; --', "Things", "", "a b", "observations.", "a.b", "a\n", "ä"]
    )
    def test_a_table_has_a_plain_name(self, small: dict[str, bytes], name: str) -> None:
        data = changed(small, lambda about: about["resources"][0].update(name=name))
        for call in (data.tables, data.connect, data.cite, lambda: data.load("things"), lambda: data.query("SELECT 1")):
            with pytest.raises(ConfigError, match=r"resources\[0\]\.name is .*; expected a text of the form"):
                call()

    def test_so_has_a_column(self, small: dict[str, bytes]) -> None:
        data = changed(small, lambda about: about["resources"][0]["schema"]["fields"][1].update(name='x" FROM y'))
        with pytest.raises(ConfigError, match=r"resources\[0\]\.schema\.fields\[1\]\.name is .*; expected a text"):
            data.tables()

    @pytest.mark.parametrize("path", ["/etc/passwd", "../things.parquet", "data/*.parquet", "data/./things.parquet"])
    def test_a_file_is_where_the_plan_writes_it(self, small: dict[str, bytes], path: str) -> None:
        data = changed(small, lambda about: about["resources"][0].update(path=path))
        message = r"table 'things' has the path '.*'; expected data/things\.parquet or data/processed/things\.parquet"
        with pytest.raises(ConfigError, match=message):
            data.load("things")

    def test_a_name_is_there_once(self, small: dict[str, bytes]) -> None:
        data = changed(small, lambda about: about["resources"].append(about["resources"][0]))
        with pytest.raises(ConfigError, match="table 'things' or a column of it is there twice"):
            data.load("things")

    def test_a_key_is_of_columns(self, small: dict[str, bytes]) -> None:
        data = changed(small, lambda about: about["resources"][0]["schema"].update(primaryKey=["id", "no"]))
        with pytest.raises(ConfigError, match="the primary key of table 'things' has no, which it has no column for"):
            data.load("things")


class TestSchemas:
    def test_are_read_and_never_written(
        self, release: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even without any place for scratch files."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
        data = served(release)
        assert len(data.trace("market_shares", KEY)) == 2
        assert len(data.load("market_shares", known_by="2024")) > 0

    def test_of_another_shape_than_the_descriptor_are_refused(self, release: dict[str, bytes]) -> None:
        data = changed(release, lambda schema: schema["fields"].reverse(), "schemas/market_shares.json")
        with pytest.raises(ConfigError, match=r"table 'market_shares' has other columns in datapackage\.json than"):
            data.trace("market_shares", KEY)

    @bounded
    @given(st.data())
    def test_of_any_shape_end_in_our_errors(self, release: dict[str, bytes], draw: Any) -> None:
        path = draw.draw(
            st.sampled_from([f"schemas/{name}.json" for name in ("market_shares", "observations", "facts")])
        )
        known = draw.draw(st.booleans())
        schema = draw.draw(nearly(json.loads(release[path])))
        data = served({**release, path: json.dumps(schema).encode()})
        with suppress(DatapkgError):
            assert len(data.load("market_shares", known_by="2024") if known else data.trace("market_shares", KEY)) >= 0


class TestRows:
    def test_have_the_types_that_are_promised(self, small: dict[str, bytes]) -> None:
        data = changed(small, lambda about: about["resources"][0]["schema"]["fields"][1].update(type="string"))
        with pytest.raises(IntegrityError, match=r"has 'share' as double, and datapackage\.json promises string"):
            data.load("things")
        data = changed(small, lambda about: about["resources"][0]["schema"]["fields"].pop())
        with pytest.raises(IntegrityError, match=r"has 'open' as bool, and datapackage\.json promises no column"):
            data.load("things")

    def test_bring_no_metadata_of_pandas(self, small: dict[str, bytes]) -> None:
        """By which a file could name its own index and types."""
        frame = pd.DataFrame({"id": ["a", "b"], "share": [1.0, 2.0], "day": [None, None], "open": [True, False]})
        whole = pa.Table.from_pandas(frame.set_index("id").astype({"day": "datetime64[s]"}))
        types = {"id": pa.string(), "share": pa.float64(), "day": pa.date32(), "open": pa.bool_()}
        columns = [pa.field(name, kind) for name, kind in types.items()]
        rows = whole.select(list(types)).cast(pa.schema(columns, metadata=whole.schema.metadata))
        sink = io.BytesIO()
        pq.write_table(rows, sink)
        found = served({**small, "data/things.parquet": sink.getvalue()}).load("things")
        assert list(found.columns) == list(types)

    def test_that_make_no_sense_are_told(self, release: dict[str, bytes]) -> None:
        """The sources are of another table, so that the claims lead nowhere."""
        rows = pq.read_table(io.BytesIO(release["data/sources.parquet"]))
        sink = io.BytesIO()
        ids = pa.array([f"other-{number}" for number in range(rows.num_rows)])
        pq.write_table(rows.set_column(0, rows.schema.field("source_id"), ids), sink)
        data = served({**release, "data/sources.parquet": sink.getvalue()})
        said = r"^invented-chips 0\.1\.0 holds rows that contradict its own schemas \(KeyError: '.*'\); `datapkg"
        with pytest.raises(IntegrityError, match=said):
            data.trace("market_shares", KEY)
        with pytest.raises(IntegrityError, match=said):
            data.mentions(["nordlicht-semi"])

    @pytest.mark.no_cover
    def test_no_changed_byte_ends_the_process(self) -> None:
        """What a footer says of a column of a row group ends it, where that makes no sense; see docs/upstream.md."""
        code = """
import io
import pyarrow as pa, pyarrow.parquet as pq
from datapkg.model.decoding import check_bounds
from datapkg.read.arrow import large, owned
sink = io.BytesIO()
pq.write_table(pa.table({"id": ["a", "b"], "share": [1.0, 2.0], "open": [True, False]}), sink)
good = sink.getvalue()
for place in range(len(good)):
    for value in {good[place] ^ 1, good[place] ^ 2, (good[place] + 1) % 256, 0, 255}:
        source = owned(good[:place] + bytes([value]) + good[place + 1:])
        try:
            check_bounds(source, len(good), "it")
            large(pq.ParquetFile(source), source, None)
        except Exception:
            pass
"""
        assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0

    @bounded
    @given(st.data())
    def test_of_any_bytes_end_in_our_errors(self, small: dict[str, bytes], draw: Any) -> None:
        good = small["data/things.parquet"]
        bad = bytearray(good)
        for _ in range(draw.draw(st.integers(1, 8))):
            bad[draw.draw(st.integers(0, len(bad) - 1))] = draw.draw(st.integers(0, 255))
        end = draw.draw(st.sampled_from([len(bad), len(bad), len(bad) // 2, 0]))
        data = served({**small, "data/things.parquet": bytes(bad[:end])})
        for call in (lambda: data.load("things"), lambda: data.load("things", filters=[("id", "==", "a")]),
                     lambda: data.load("things", valid_on="2024")):  # fmt: skip
            with suppress(DatapkgError):
                assert isinstance(call(), pd.DataFrame)


class TestDescriptor:
    @bounded
    @given(st.data())
    def test_of_any_shape_ends_in_our_errors(self, small: dict[str, bytes], draw: Any) -> None:
        about = draw.draw(nearly(json.loads(small["datapackage.json"])))
        data = served({**small, "datapackage.json": json.dumps(about).encode()})
        for call in (data.tables, lambda: data.load("things"), lambda: data.cite(style="csl-json"), data.cite):
            with suppress(DatapkgError):
                assert call() is not None


class TestAttrs:
    def test_lead_to_no_registry_that_nobody_named(
        self, inside: Path, published: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        frame = datapkg.load("market_shares", version="0.2.0", registry=str(published))
        assert len(datapkg.trace("market_shares", frame.iloc[0])) > 0
        monkeypatch.setattr(packages, "_NAMED", {})  # as in another process, where the frame came out of a file
        said = rf"^the frame says that it comes from {published}, a registry that nobody has named here; if you"
        for call in (lambda: datapkg.trace("market_shares", frame.iloc[0]), lambda: datapkg.cite(frame)):
            with pytest.raises(UsageError, match=said):
                call()
        assert len(datapkg.trace("market_shares", frame.iloc[0], registry=str(published))) > 0

    def test_lead_to_no_cache(self, inside: Path, served: str, tmp_path: Path) -> None:
        frame = datapkg.load("people", version="0.2.0", registry=served, cache=tmp_path / "mine")
        frame.attrs["cache"] = str(tmp_path / "theirs")
        assert "0.2.0" in datapkg.cite(frame)
        assert not (tmp_path / "theirs").exists()

    def test_hold_no_secrets(self, inside: Path, published: Path, tmp_path: Path) -> None:
        frame = served(files(published / "0.2.0")).load("people")
        assert frame.attrs["registry"] == "https://registry.example"
        packages._NAMED.clear()
        with pytest.raises(DatapkgError) as caught:
            datapkg.load("people", version="0.2.0", registry=SECRET, cache=tmp_path)
        assert "hunter2" not in str(caught.value)
        assert list(packages._NAMED) == ["http://127.0.0.1:9/x"]

    @pytest.mark.parametrize("value", [3, None, ["x"], {"a": 1}])
    def test_of_other_types_are_as_none(self, inside: Path, value: Any) -> None:
        frame = datapkg.load("people")
        frame.attrs |= {"version": value, "registry": value, "voice": value, "cache": value}
        assert "0.1.0" in datapkg.cite(frame)


class TestSql:
    @pytest.fixture
    def asked(self, built: Path, tmp_path: Path) -> Data:
        return Data(Layout(built))

    @pytest.mark.parametrize(
        "query",
        [
            "SELECT * FROM read_text('{file}')",
            "SELECT * FROM read_csv('{file}')",
            "SELECT * FROM '{file}'",
            "FROM glob('{folder}/*')",
            "COPY companies TO '{folder}/out.parquet'",
            "ATTACH '{folder}/out.db'",
            "EXPORT DATABASE '{folder}/out'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
            "SET enable_external_access = true",
            "SET memory_limit = '900GB'",
            "SET lock_configuration = false",
            "SELECT * FROM data",
            "not SQL",
            "SELECT '\ud800'",
        ],
    )
    def test_reaches_nothing_else(self, asked: Data, tmp_path: Path, query: str) -> None:
        (tmp_path / "secret.csv").write_text("secret")
        with pytest.raises(UsageError, match=r"^SQL: ") as caught:
            asked.query(query.format(file=tmp_path / "secret.csv", folder=tmp_path))
        assert "secret\n" not in str(caught.value)
        assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]

    def test_a_connection_is_shut_in(self, asked: Data, tmp_path: Path) -> None:
        connection = asked.connect()
        settings = connection.execute(
            "SELECT name, value FROM duckdb_settings() WHERE name IN ('enable_external_access', 'lock_configuration', "
            "'autoload_known_extensions', 'autoinstall_known_extensions', 'memory_limit') ORDER BY 1"
        ).fetchall()
        assert dict(settings) == {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
                                  "enable_external_access": "false", "lock_configuration": "true",
                                  "memory_limit": "1.8 GiB"}  # fmt: skip
        with pytest.raises(duckdb.Error):
            connection.execute(f"COPY companies TO '{tmp_path}/x.csv'")

    def test_the_rows_are_the_proven_ones_whatever_becomes_of_the_file(self, package: Path) -> None:
        connection = Data(Layout(package)).connect()
        shutil.rmtree(package / "data/processed")
        assert connection.execute("SELECT count(*) FROM companies").fetchone() != (0,)

    def test_a_folder_is_no_partition_and_no_pattern(self, package: Path, tmp_path: Path) -> None:
        """`country=XX` gave every company the country XX, and [ab] was another folder's file."""
        odd = tmp_path / "country=XX" / "[ab]*?"
        odd.parent.mkdir()
        shutil.copytree(package, odd)
        found = Data(Layout(odd)).query("SELECT DISTINCT country FROM companies")
        assert "XX" not in set(found["country"])
        plain = Data(Layout(package)).query("SELECT * FROM companies")
        pd.testing.assert_frame_equal(Data(Layout(odd)).query("SELECT * FROM companies"), plain)


class TestArguments:
    @bounded
    @given(st.text(max_size=30) | st.integers() | st.dates() | st.datetimes() | st.floats())
    def test_times_and_versions_end_in_our_errors(self, small: dict[str, bytes], given_: Any) -> None:
        data = served(small)
        for call in (lambda: data.load("things", valid_on=given_), lambda: data.load("things", known_by=given_),
                     lambda: api.data(given_)):  # fmt: skip
            with suppress(DatapkgError):
                call()

    def test_a_version_is_not_read_without_end(self) -> None:
        with pytest.raises(UsageError, match=r"^'1\.0\.9{16}…' is no version of the data; one has at most 100 char"):
            api.data("1.0." + "9" * 5000)
        with pytest.raises(
            UsageError, match=r"^version: expected the text of a version, .*; found 1\.0, of the type fl"
        ):
            api.data(1.0)  # type: ignore[arg-type]  # what people write

    def test_a_number_beyond_all_is_no_filter(self, small: dict[str, bytes]) -> None:
        with pytest.raises(UsageError, match=r"^filters: |^the filters do not fit table 'things'"):
            served(small).load("things", filters=[("share", "==", 10**400)])


SCRIPT = """import sys
from pathlib import Path
from datapkg.model import Layout
from datapkg.read import Data
Data(Layout(Path(sys.argv[1]))).load("companies", filters=[("company_id", "==", "hanbit-foundry")])
"""


def test_no_process_ends_in_an_abort(built: Path, python: str) -> None:
    """2 to 10 % of processes ended with exit code 134 while Arrow scanned memory of Python's; see docs/upstream.md."""
    for _ in range(int(os.environ.get("DATAPKG_PROCESSES", "4"))):
        done = subprocess.run([python, "-c", SCRIPT, str(built)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
