"""Versions: a plan that says what would be done, the same plan carried out, and the proof of what was done.

In      a repository whose data are built and committed, its changelog, and a version.
Out     `plan` and `run`: a folder `data/releases/<version>/`; `verify`, `signed` and `rebuilt` for anybody who has one;
        `since`, what tables change against a release or a branch, and `grown`, by how many rows.

Storage contract. A release is a folder that never changes once it has its name: tables as Parquet and as CSV, their
schemas, metadata in the forms of the standards, what changed, what was checked, and SHA256SUMS over all of it. It is
made from the commit of its plan, by one process at a time, in a folder of its own beside the others, verified there,
and published by a rename; a release that is killed leaves nothing but a folder whose name begins with a dot, which the
next one removes. Nothing in it depends on the clock, the machine or the version of Python: the day is that of the
changelog's section.
"""

from datapkg.release.make import run
from datapkg.release.plan import plan
from datapkg.release.signing import key, public_key, signers
from datapkg.release.since import grown, since
from datapkg.release.verify import rebuilt, signed, verify

__all__ = ["grown", "key", "plan", "public_key", "rebuilt", "run", "signed", "signers", "since", "verify"]
