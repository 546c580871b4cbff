"""Spark as an engine: a session for one build, quiet, without pages of its own, and on loopback where the master is."""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapkg.model import UsageError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

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


def frame(session: SparkSession, table: pa.Table, by: Sequence[str]) -> DataFrame:
    """Return an Arrow table as Spark's, rows that agree in columns in one part.

    All windows and groupings of the policy go by these columns and others, so that nothing is moved once more.
    """
    made = session.createDataFrame(table)
    return made.repartition(*by) if by else made
