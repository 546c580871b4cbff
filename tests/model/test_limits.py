"""Bombs and servers without end: each ends in one sentence, in a process that may have two gibibytes and no more."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import re
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import packages
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import releases
from packages import field, table

from datapkg.cli import render
from datapkg.model import limits
from datapkg.model.decoding import check_bounds
from datapkg.model.errors import IntegrityError
from datapkg.model.findings import Finding, Place
from datapkg.registry.publish import publish

SPOKEN = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from pathlib import Path
from datapkg.model import limits
from datapkg.model.errors import DatapkgError
limits.STALL, limits.RATE = 0.5, 1000
began = time.monotonic()
try:
    CODE
    print("nothing was said")
except DatapkgError as error:
    print(f"{type(error).__name__}: {error}")
"""


def said(code: str, *arguments: str | Path, seconds: float = 40) -> str:
    """Return the sentence in which some code ends, in a process of two gibibytes."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-c", SPOKEN.replace("CODE", code), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds, env=plain)
    assert done.returncode == 0, done.stderr[-500:]
    (line,) = done.stdout.splitlines()
    return line


INDEX = "from datapkg.registry import Registry; Registry.open(sys.argv[1], Path(sys.argv[2])).versions()"
FETCH = INDEX.replace("versions()", "file('0.1.0', 'README.md')")
LOAD = "from datapkg.api import Data; from datapkg.model import Layout; Data(Layout(Path(sys.argv[1]))).load('shares')"


@contextlib.contextmanager
def streaming(head: bytes, chunk: bytes, pause: float = 0) -> Iterator[str]:
    """Serve an answer that never ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            with contextlib.suppress(OSError):
                self.request.sendall(head)
                while True:
                    self.request.sendall(chunk)
                    time.sleep(pause)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class TestServers:
    OK = b"HTTP/1.1 200 OK\r\n"

    def test_without_end(self, tmp_path: Path) -> None:
        with streaming(self.OK + b"\r\n", b"[" * 65536) as url:
            sentence = (
                f"IntegrityError: {url}/index.json has more than the 8,000,000 bytes that it may have; nothing was"
            )
            assert said(INDEX, url, tmp_path).startswith(sentence)

    def test_that_announces_too_much(self, tmp_path: Path) -> None:
        with streaming(self.OK + b"Content-Length: 99000000000\r\n\r\n", b"x", 0.05) as url:
            assert "index.json has more than the 8,000,000 bytes that it may have" in said(INDEX, url, tmp_path)

    def test_that_trickles(self, tmp_path: Path) -> None:
        with streaming(self.OK + b"\r\n", b"[", 0.05) as url:
            found = r"Unreachable: .*/index\.json cannot be read: the server sent \d+ bytes in \d s; at least 1,000 "
            assert re.match(found, said(INDEX, url, tmp_path))

    def test_that_says_nothing(self, tmp_path: Path) -> None:
        with streaming(b"", b"", 0.1) as url:
            assert said(INDEX, url, tmp_path).startswith(
                f"Unreachable: {url}/index.json cannot be read: no connection ("
            )

    def test_whose_headers_never_end(self, tmp_path: Path) -> None:
        with streaming(self.OK, b"X-More: x\r\n", 0.05) as url:
            assert said(INDEX, url, tmp_path).startswith(
                f"Unreachable: {url}/index.json cannot be read: no connection ("
            )

    def test_a_bomb_of_gzip(self, tmp_path: Path) -> None:
        bomb = gzip.compress(b"[" * (64 << 20), 1) * 48  # 3 GiB; members that follow each other are one
        head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

        with releases.answering(lambda *_: self.OK + head + bomb) as url:
            sentence = (
                f"IntegrityError: {url}/index.json comes compressed ('gzip'), though the plain bytes were asked for"
            )
            assert said(INDEX, url, tmp_path).startswith(sentence)

    def test_a_file_that_is_larger_than_its_release(self, tmp_path: Path) -> None:
        folder = tmp_path / "registry"
        publish(releases.make(tmp_path / "release"), str(folder))
        (folder / "0.1.0" / "README.md").write_bytes(b"x" * 1_000_000)
        size = json.loads((folder / "index.json").read_text())["versions"][0]["size"]
        with releases.serving(folder) as (url, _):
            sentence = f"IntegrityError: {url}/0.1.0/README.md has more than the {size:,} bytes that it may have"
            assert said(FETCH, url, tmp_path / "cache").startswith(sentence)
        sentence = (
            f"IntegrityError: {folder}/0.1.0/README.md has 1,000,000 bytes; it may have {size:,}, and was not read"
        )
        assert said(FETCH, folder, tmp_path).startswith(sentence)

    def test_a_pipe_in_a_folder(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "index.json")
        assert said(INDEX, tmp_path, tmp_path) == (
            f"IntegrityError: {tmp_path}/index.json is no ordinary file, and was not opened"
        )


def texts(long: int, rows: int) -> pa.Table:
    """A table whose one text is kept once and decoded for every row."""
    return pa.table({"company": pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["x" * long])})


def _varint(number: int, length: int = 1) -> bytes:
    """Return a number as footers have it, in at least so many bytes: zigzag, seven bits a byte, the least first."""
    number, found = 2 * number, []
    while number or len(found) < length:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found[:-1], found[-1] & 127])


class TestParquet:
    def _promised(self, folder: Path, bomb: pa.Table, rows: int) -> Path:
        """A package with an honest descriptor of a hostile file."""
        packages.package(folder, {"shares": table("company", [field("company")], [])})
        path = folder / "data" / "shares.parquet"
        pq.write_table(bomb, path, compression="zstd", store_schema=False)
        descriptor = folder / "datapackage.json"
        about = json.loads(descriptor.read_text())
        about["resources"][0] |= {"rows": rows, "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"}
        descriptor.write_text(json.dumps(about))
        return path

    def test_a_text_that_repeats(self, tmp_path: Path) -> None:
        size = self._promised(tmp_path, texts(30_000, 300_000), 300_000).stat().st_size
        assert size < 31_000
        found = (
            rf"IntegrityError: the file of table 'shares' has {size:,} bytes and would take 9,00\d,\d+,\d+ once it is"
        )
        assert re.match(found, said(LOAD, tmp_path))

    def test_a_footer_that_plays_the_size_of_a_text_down(self, tmp_path: Path) -> None:
        path = self._promised(tmp_path, texts(30_000, 300_000), 300_000)
        honest, data = pq.ParquetFile(path).metadata.row_group(0).total_byte_size, path.read_bytes()
        assert data.count(_varint(honest)) == 2, "of the row group and of its column"
        path.write_bytes(data.replace(_varint(honest), _varint(1, len(_varint(honest)))))
        assert pq.ParquetFile(path).metadata.row_group(0).total_byte_size == 1
        with pytest.raises(IntegrityError, match=r"would take 9,00\d,\d+,\d+ once it is decoded"):
            check_bounds(path, path.stat().st_size, "it")

    def test_rows_that_nobody_promised(self, tmp_path: Path) -> None:
        self._promised(tmp_path, texts(1, 5_000_000), 3)
        assert said(LOAD, tmp_path) == (
            "IntegrityError: the file of table 'shares' has 5,000,000 rows, and the descriptor promises 3; nothing was "
            "decoded"
        )

    def test_numbers_that_repeat(self, tmp_path: Path) -> None:
        many = pa.table({"n": pa.array([7], pa.int64())})
        path = tmp_path / "n.parquet"
        with pq.ParquetWriter(path, many.schema) as writer:
            writer.write_table(pa.table({"n": pa.repeat(7, 40_000_000).cast(pa.int64())}), row_group_size=40_000_000)
        with pytest.raises(
            IntegrityError, match=r"bytes and would take 320,000,000 once it is decoded; a file of that si"
        ):
            check_bounds(path, path.stat().st_size, "n")

    @pytest.mark.parametrize("compression", ["zstd", "none"])
    def test_honest_tables_pass(self, tmp_path: Path, compression: str) -> None:
        names = pa.array([f"company number {n % 5000}" for n in range(200_000)])
        rows = pa.table({"name": names, "n": pa.array(range(200_000)), "none": pa.nulls(200_000, pa.string())})
        path = tmp_path / "rows.parquet"
        pq.write_table(rows, path, compression=compression)
        check_bounds(path, path.stat().st_size, "rows", 200_000)


class TestClaims:
    CHECK = """
    from datapkg.cli.main import main
    code = main(["check", "--root", sys.argv[1], "--only", "claims"]); took = time.process_time()
    raise DatapkgError(f"{code} {took < 25}")"""

    def _found(self, good: Path) -> list[str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        command = [sys.executable, "-c", SPOKEN.replace("    CODE", self.CHECK), str(good)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=plain)
        assert done.returncode == 0, done.stderr[-500:]
        lines = done.stdout.splitlines()
        assert lines[-1] == "DatapkgError: 1 True"
        return lines

    @pytest.mark.parametrize("where", ["company: Nordlicht Semi", "publisher: Nordlicht Semi"])
    def test_a_name_of_128_kilobytes(self, good: Path, where: str) -> None:
        file = good / "data/raw/claims/nordlicht-results-2024.yaml"
        text = file.read_text("utf-8")
        assert where in text
        name, _, _ = where.partition(":")
        file.write_text(text.replace(where, f"{name}: {'inc ' * 32_000}x", 1), "utf-8")
        if name == "publisher":
            from datapkg.model.names import fold

            began = time.perf_counter()
            fold("inc " * 32_000 + "inc")
            assert time.perf_counter() - began < 1
            return
        (line,) = [line for line in self._found(good) if "characters" in line]
        assert "'inc inc inc inc inc inc inc inc inc inc ...' has 128,001 characters; a name has at most 300" in line

    def test_a_file_of_too_many_claims(self, good: Path) -> None:
        file = good / "data/raw/claims/nordlicht-results-2024.yaml"
        head = file.read_text("utf-8").partition("claims:\n")[0]
        file.write_text(head + "claims:\n" + "- {}\n" * (limits.CLAIMS + 1), "utf-8")
        assert any(
            "20,001 claims; at most 20,000 of one source are read, split the file" in f for f in self._found(good)
        )

    def test_a_file_of_too_many_values(self, good: Path) -> None:
        file = good / "data/raw/claims/nordlicht-results-2024.yaml"
        file.write_text("a: [" + "1," * (limits.NODES + 1) + "]\n", "utf-8")
        assert any("more than 400,000 values are not read; split the file" in line for line in self._found(good))


def test_findings_are_shown_to_a_limit() -> None:
    many = [Finding(rule="r", message=f"m{n:05}", place=Place("f.yaml", n + 1)) for n in range(limits.FINDINGS + 5)]
    lines = render.findings(many).splitlines()
    assert len(lines) == limits.FINDINGS + 4
    assert lines[-3:] == ["and 5 more; --format json has all", "", "1005 findings in 1 place"]
    assert len(json.loads(render.findings(many, "json"))) == limits.FINDINGS + 5
