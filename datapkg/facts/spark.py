"""Spark as an engine: a session for one build, quiet, without pages of its own, and on loopback where the master is."""

from __future__ import annotations

import pickle
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from datapkg.model import UsageError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2
"""Things that are taken for each processor of the cluster at once."""
HERE = ("local", "spark://127.0.0.1:", "spark://localhost:")
"""How the addresses of masters of this machine begin; no other machine needs to reach a session with one of them."""
OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.python.sql.dataFrameDebugging.enabled": "false",  # asks Java where each of ten thousand steps was written
    "spark.sql.codegen.wholeStage": "false",  # the policy's plans are too long for it, and it takes seconds to find out
}


@contextmanager
def session(master: str) -> Iterator[SparkSession]:
    """Yield a session with a master, which ends with the block; settings are those of Spark's own files but OPTIONS.

    Raises  ModuleNotFoundError without PySpark; UsageError without Java, or if the master does not answer
    """
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory(prefix="datapkg-spark-") as scratch, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # it is not used
        conf = SparkConf().setAll(options(master, Path(scratch)))
        try:
            context = SparkContext(conf=conf, gateway=_java())
        except (Py4JError, PySparkException) as error:
            raise UsageError(refused(master, str(error))) from error
        try:
            yield SparkSession(context)
        finally:
            context.stop()


@cache
def _java() -> Any:
    """Return the Java of this process, which Spark keeps until its end; what it says is not told, what it raises is."""
    from pyspark.java_gateway import launch_gateway

    return launch_gateway(popen_kwargs={"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL})


def options(master: str, scratch: Path) -> list[tuple[str, str]]:
    """Return what a session is to be like that may leave things in a folder."""
    own = {"spark.app.name": "datapkg", "spark.master": master, "spark.sql.warehouse.dir": scratch.as_uri()}
    loopback = dict.fromkeys(("spark.driver.host", "spark.driver.bindAddress"), "127.0.0.1")
    return [*{**OPTIONS, **own, **(loopback if master.startswith(HERE) else {})}.items()]


def refused(master: str, reason: str) -> str:
    """Return what to say of a session that does not start, and what to do about it."""
    if "JAVA_GATEWAY_EXITED" in reason:
        return "Spark needs Java 17 or newer: install it (Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME"
    told = next((line for line in reason.splitlines() if "Exception" in line), reason)
    return f"Spark does not start with the master '{master}': {told.rpartition('Exception: ')[2].strip()}"


class Sent(Protocol):
    """What every executor has, as Spark's broadcasts."""

    @property
    def value(self) -> bytes:
        """The bytes that were sent."""


class Cluster:
    """A session as an engine, and as a place where claims are read."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session

    def __call__(self, table: pa.Table, by: Sequence[str]) -> DataFrame:
        """Return an Arrow table as Spark's, rows that agree in columns in one part.

        All windows and groupings of the policy go by these columns and others, so that nothing is moved once more.
        """
        made = self.session.createDataFrame(table)
        return made.repartition(*by) if by else made

    def spread(self, work: Callable[[T], R], things: Iterable[T]) -> Generator[R]:
        """Yield what work makes of each thing, in their order, each the task of an executor, which has datapkg.

        Some are taken at a time, so that no more than these are held.
        """
        context = self.session.sparkContext
        sent = context.broadcast(pickle.dumps(work))
        remaining = iter(things)
        while held := [pickle.dumps(thing) for thing in islice(remaining, AHEAD * context.defaultParallelism)]:
            made = self._made(held, partial(worked, sent))
            yield from map(pickle.loads, made)
        sent.destroy()

    def _made(
        self, held: list[bytes], task: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
    ) -> list[bytes]:
        """Return what a task makes of each of some things, in their order."""
        import pyarrow as pa

        rows = pa.table({"number": range(len(held)), "held": pa.array(held, pa.large_binary())})
        parts = self.session.createDataFrame(rows).repartitionByRange(len(held), "number")
        made = parts.mapInArrow(task, "number long, held binary").collect()
        return [row.held for row in sorted(made, key=lambda row: row.number)]


def worked(sent: Sent, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield what work that was sent makes of the things in batches, one by one."""
    import pyarrow as pa

    work = _work(sent.value)
    for batch in batches:
        for number, held in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            made = pickle.dumps(work(pickle.loads(held)))
            yield pa.record_batch({"number": [number], "held": pa.array([made], pa.binary())})


@cache
def _work(sent: bytes) -> Callable[[Any], Any]:
    """Return the work that was sent, made once for all things that come to this process."""
    work: Callable[[Any], Any] = pickle.loads(sent)
    return work
