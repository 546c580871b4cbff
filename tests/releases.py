"""Small releases, and the servers and processes that tests of publishing and reading need; run as a script, a driver
of processes that publish: killed at every step, or many at once.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAME = "tests"
CHANGES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"}
"""Audit events of Python that change a folder, or may."""

MOTO = """
import logging
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
logging.getLogger("werkzeug").setLevel(logging.ERROR)
# one request at a time: moto itself compares and swaps without a lock, which no S3 does
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=False)
print(server.server_port, flush=True)
server.serve_forever()
"""


def make(folder: Path, version: str = "0.1.0", *, note: str = "", name: str = NAME, size: int = 3000) -> Path:
    """Make a release-like folder with two tables and its SHA256SUMS; `note` makes its content differ."""
    tables = {"companies": "data/companies.parquet", "observations.ranks": "data/observations/ranks.parquet"}
    files = {
        path: hashlib.sha256(f"{version}{note}{path}".encode()).digest() * (size // 32) for path in tables.values()
    }
    resources = [
        {"name": table, "path": path, "hash": "sha256:" + hashlib.sha256(files[path]).hexdigest()}
        for table, path in tables.items()
    ]
    files["datapackage.json"] = json.dumps({"name": name, "version": version, "resources": resources}).encode()
    files["release.json"] = json.dumps({"version": version, "created": "2024-02-01"}).encode()
    files["README.md"] = f"# {name} {version} {note}\n".encode()
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    seal(folder)
    return folder


def seal(folder: Path) -> str:
    """Write the SHA256SUMS of a folder as `sha256sum` does, and return its digest."""
    paths = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    lines = [f"{hashlib.sha256((folder / p).read_bytes()).hexdigest()}  {p}\n" for p in paths if "SHA256SUMS" not in p]
    (folder / "SHA256SUMS").write_text("".join(lines))
    return hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


class _Files(SimpleHTTPRequestHandler):
    """Serves a folder without a word on the terminal, and counts."""

    def log_message(self, *_: Any) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]  # set in serving()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder over HTTP; yields its URL and the growing list of what was asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder)))
    server.asked = []  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def answering(answer: Callable[[bytes, int], bytes]) -> Iterator[str]:
    """Serve whatever `answer` makes of a request's head and its number, then close the connection."""
    asked: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = self.request.recv(65536)
            asked.append(head)
            self.request.sendall(answer(head, len(asked)))

    with _tcp(Handler) as port:
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def relaying(target: str, broken: Callable[[int], bool]) -> Iterator[str]:
    """Pass connections on to a server; those for whose number `broken` holds are cut after the first bytes."""
    host, port = target.removeprefix("http://").split(":")
    count: list[int] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            count.append(1)
            cut = broken(len(count))
            if cut:
                self.request.recv(1)
                return
            with socket.create_connection((host, int(port))) as there, contextlib.suppress(OSError):
                back = threading.Thread(target=_pump, args=(there, self.request), daemon=True)
                back.start()
                _pump(self.request, there)
                back.join()

    with _tcp(Handler) as number:
        yield f"http://127.0.0.1:{number}"


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def _tcp(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def s3_server() -> Iterator[dict[str, Any]]:
    """Run moto's S3 server in a process of its own; yields the options with which fsspec finds it."""
    with subprocess.Popen([sys.executable, "-c", MOTO], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield s3_options(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()


def s3_options(endpoint: str, **config: Any) -> dict[str, Any]:
    """Return the options with which fsspec finds an S3 server."""
    region = {"region_name": "us-east-1"}
    return {"key": "k", "secret": "s", "endpoint_url": endpoint, "client_kwargs": region, "config_kwargs": config}


def drive(*arguments: str, options: dict[str, Any] | None = None) -> list[str]:
    """Run this file as a script and return the lines that it prints."""
    command = [sys.executable, str(Path(__file__).resolve()), json.dumps(options or {}), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _kill_in_folder(step: int, root: str) -> None:
    """Kill this process before the step-th change below a folder."""
    count = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count
        if event in CHANGES and any(isinstance(a, str | os.PathLike) and root in os.fspath(a) for a in args):  # type: ignore[operator]  # bytes never
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _kill_in_s3(step: int) -> None:
    """Kill this process before its step-th request to S3, which is also after the one before."""
    import fsspec
    from s3fs import S3FileSystem

    count = 0

    class Killing(S3FileSystem):  # type: ignore[misc]  # s3fs has no types
        async def _call_s3(self, *args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return await super()._call_s3(*args, **kwargs)

        def call_s3(self, *args: Any, **kwargs: Any) -> Any:
            from fsspec.asyn import sync

            return sync(self.loop, self._call_s3, *args, **kwargs)

    fsspec.register_implementation("s3", Killing, clobber=True)


def _warm(url: str) -> None:
    """Read botocore's descriptions of S3 once, before the forks, because that takes longer than all the rest."""
    if url.startswith("s3:"):
        import s3fs  # noqa: F401
        from botocore import loaders, session

        loaders.JSONFileLoader.load_file = functools.cache(loaders.JSONFileLoader.load_file)
        loaders.JSONFileLoader.__hash__ = lambda self: 0
        loaders.JSONFileLoader.__eq__ = lambda self, other: True
        session.get_session().create_client("s3", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s")


def _fork(work: Callable[[], int]) -> int:
    """Run work in a process of its own and return its id."""
    pid = os.fork()
    if not pid:
        code = 70
        try:
            code = work()
        finally:
            os._exit(code)
    return pid


def _killed(options: dict[str, Any], release: str, url: str) -> None:
    """Publish to URL/1, URL/2, ..., each time killed one step later, until a publication is through; print how many."""
    from datapkg.registry.publish import publish

    _warm(url)

    def work(step: int) -> int:
        if url.startswith("s3:"):
            _kill_in_s3(step)
        else:
            _kill_in_folder(step, f"{url}/{step}")
        publish(Path(release), f"{url}/{step}", options)
        return 0

    for step in range(1, 500):
        status = os.waitpid(_fork(functools.partial(work, step)), 0)[1]
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, os.WEXITSTATUS(status)
            print(step)
            return
        assert os.WTERMSIG(status) == signal.SIGKILL


def _race(options: dict[str, Any], url: str, *releases: str) -> None:
    """Publish several releases at once and print what became of each."""
    from datapkg.model.errors import DatapkgError
    from datapkg.registry.publish import publish

    read, write = os.pipe()

    def work(release: str) -> int:
        os.close(write)
        os.read(read, 1)  # returns for all at the same moment, when the other end is closed
        try:
            sys.stdout.write(f"{release}: {publish(Path(release), url, options).state}\n")
        except DatapkgError as error:
            sys.stdout.write(f"{release}: {error}\n")
        sys.stdout.flush()
        return 0

    _warm(url)
    children = [_fork(functools.partial(work, release)) for release in releases]
    os.close(write)
    assert all(os.waitpid(child, 0)[1] == 0 for child in children)


if __name__ == "__main__":
    {"killed": _killed, "race": _race}[sys.argv[2]](json.loads(sys.argv[1]), *sys.argv[3:])
