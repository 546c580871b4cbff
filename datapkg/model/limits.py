"""What is read of anybody else's at most: the one place for the bounds that a hostile file or server meets.

A digest proves that a file is the one that somebody named, not that it is harmless. Each bound lies far above what
honest data need, is looked at before anything is allocated for the data, and ends in one sentence.
"""

from __future__ import annotations

INDEX = 8_000_000
"""Bytes of an index.json, of a SHA256SUMS and of a signature: some ten thousand releases or files."""
LOCK = 100_000_000
"""Bytes of a lock: some 300,000 cited rows, six times those of the newest release."""
FILE = 2_000_000_000
"""Bytes of any file of a release; less where the index says how many bytes the release has."""
CHUNKED = 8 << 20
"""Bytes beyond which a Parquet file gets digests of its chunks in the descriptor."""
CHUNK = 1 << 17
"""Bytes of a chunk as the build writes it: a digest for each costs a thousandth of the file."""
SMALLEST = 1 << 10
"""Bytes that a chunk has at least, whoever wrote it."""
DECODED = 256_000_000
"""Bytes that a Parquet file may always take once it is decoded."""
RATIO = 400
"""Times its own size that a Parquet file may take beyond that; ten million rows of ours take 40."""

STALL = 30.0
"""Seconds for which a server may send nothing, and after which its rate is looked at."""
RATE = 1_000
"""Bytes a second that a server has to send on average once it has had STALL seconds."""
SILENT = 10.0
"""Seconds within which a server takes a connection."""

YAML = 8_000_000
"""Bytes of one file that a curator writes, YAML or CSV."""
DEPTH = 12
"""Levels of nesting in YAML; a claim needs four."""
NODES = 400_000
"""Values in one YAML file; a claim has some twenty."""
DIGITS = 300
"""Characters of a number; more are no number that anybody counts, and Python itself stops at 4,300."""
CLAIMS = 20_000
"""Claims in one file, which is one article."""
LINE = 1_000_000
"""Bytes of a line of claims in bulk, which is one claim or one source."""
NAME = 300
"""Characters of a name that is looked up in a registry."""
VERSION = 100
"""Characters of a version."""

MEMORY = "2GB"
"""What DuckDB may hold beside the tables; a query that needs more is refused."""

FINDINGS = 1_000
"""Findings that are printed for people; programs get all."""

SUMMARY = 1_000_000
"""Characters of the summary of a job, of which GitHub shows a mebibyte."""
