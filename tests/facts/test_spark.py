"""What a session of Spark is asked to be, and what is said where there is none; tests/spark has the sessions."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from runs import Run

from datapkg.facts import spark


@pytest.mark.parametrize(
    ("master", "loopback"),
    [("local[*]", True), ("spark://127.0.0.1:7077", True), ("spark://cluster:7077", False), ("yarn", False)],
)
def test_a_session_keeps_to_this_machine_where_the_master_does(master: str, loopback: bool, tmp_path: Path) -> None:
    asked = dict(spark.options(master, tmp_path))
    assert asked["spark.master"] == master
    assert ("spark.driver.bindAddress" in asked, "spark.driver.host" in asked) == (loopback, loopback)


def test_without_java_it_says_what_to_install() -> None:
    told = spark.refused("local[*]", "[JAVA_GATEWAY_EXITED] Java gateway process exited before sending its port.")
    assert told == (
        "Spark needs Java 17 or newer: install it (Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME"
    )


def test_a_master_that_refuses_is_named_with_its_reason() -> None:
    reason = "An error occurred while calling None.\n: org.apache.spark.SparkException: Could not parse it\n\tat org"
    assert spark.refused("here", reason) == "Spark does not start with the master 'here': Could not parse it"


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="PySpark is installed")
def test_without_pyspark_it_says_which_extra_to_install(good: Path, run: Run) -> None:
    done = run("build", "--root", good, "--engine", "spark")
    assert (done.code, done.out) == (2, "")
    assert done.err == "datapkg: the command build needs pyspark: pip install 'semiconductor-datapkg[spark]'\n"
