"""A cluster of Spark on this machine: a master and two workers, processes of their own, on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark
import pytest

from datapkg.facts import Engine, using

CLASS = Path(str(pyspark.__file__)).parent / "bin" / "spark-class"
ENV = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}


@dataclass(frozen=True)
class Service:
    """A process of Spark's, and the file that it tells about itself in."""

    process: subprocess.Popen[bytes]
    log: Path

    def told(self, pattern: str, seconds: float = 90) -> str:
        """Wait for what it says when it is ready, and return what a group of the pattern matches."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log.read_text())):
            assert time.monotonic() < end, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        return found[1]

    def kill(self) -> None:
        """End it and the processes that it started, as if the machine lost its power."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        for name in [number for file in children for number in file.read_text().split()]:
            os.kill(int(name), signal.SIGKILL)
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Cluster:
    """The address of the master, and its workers."""

    url: str
    workers: list[Service]


def service(name: str, folder: Path, *arguments: str) -> Service:
    log = folder / f"{len(list(folder.iterdir()))}.log"
    command = [str(CLASS), f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", "--webui-port", "0", *arguments]
    with log.open("wb") as file:
        return Service(subprocess.Popen(command, env=ENV, stdout=file, stderr=subprocess.STDOUT, cwd=folder), log)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    master = service("master.Master", folder, "--port", "0")
    try:
        url = master.told(r"Starting Spark master at (spark://\S+)")
        work = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work"), url)
        workers = [service("worker.Worker", folder, *work) for _ in range(2)]
        try:
            for worker in workers:
                worker.told(r"(Successfully registered with master)")
            yield Cluster(url, workers)
        finally:
            for worker in workers:
                worker.kill()
    finally:
        master.kill()


@pytest.fixture(scope="session")
def spark(cluster: Cluster) -> Iterator[Engine]:
    """The engine as `datapkg build --engine spark --spark-master URL` has it."""
    with using("spark", cluster.url) as engine:
        yield engine


@pytest.fixture(scope="session")
def context(spark: Engine) -> Any:
    """What knows of the work that is under way."""
    return pyspark.SparkContext.getOrCreate()
