"""`datapkg build --engine spark` as a process of its own: the same bytes, quietly, or what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import repositories
from conftest import Cluster

from datapkg import build
from datapkg.model import Layout

MAIN = "from datapkg.cli.main import entry; entry()"


def run(root: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    command = [sys.executable, "-c", MAIN, "build", "--check", "--root", str(root), "--engine", "spark", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A repository whose tables were made without Spark."""
    layout = repositories.write(tmp_path_factory.mktemp("small"), {2021: 40, 2022: 41, 2023: 42})
    build.build(layout, ("claims", "schema", "rules"))
    return layout


def test_a_cluster_makes_the_same_bytes_and_says_nothing_else(small: Layout, cluster: Cluster) -> None:
    assert run(small.root, "--spark-master", cluster.url) == (0, "up to date\n", "")


def test_a_master_that_cannot_be_is_refused(small: Layout) -> None:
    told = "datapkg: Spark does not start with the master 'nonsense': Could not parse Master URL: 'nonsense'\n"
    assert run(small.root, "--spark-master", "nonsense") == (2, "", told)


def test_without_java_it_says_what_to_install(small: Layout) -> None:
    code, out, told = run(small.root, JAVA_HOME="/nowhere")
    assert (code, out) == (2, "")
    assert told.startswith("datapkg: Spark needs Java 17 or newer: install it (Debian: apt install ")
