"""Small repositories of claims under git, and what happens to them: the ground of the tests of releases."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from datapkg import build, release
from datapkg.check import expectations
from datapkg.check.green import question
from datapkg.model import Finding, Spec
from datapkg.model.layout import Layout, packaged
from datapkg.release.plan import Plan

TODAY = date(2031, 6, 2)
CHECKS = ("claims", "schema", "rules", "package")
"""All kinds of check but the two slow ones, which a release runs anyway."""
UNUSED = (
    "alliance_members alliances company_metrics deal_parties deals market_sizes market_standings plans "
    "product_components product_lead_times product_uses supply_relations company_changes company_events market_changes "
    "price_changes product_costs product_events product_shipments product_specs revenue_shares segment_shares segments "
    "share_gaps facilities facility_profiles facility_capacities facility_milestones grants "
    "forecast_outcomes forecast_scores company_identifiers"
).split()
"""Tables that no rule asks for, and that the repositories here do without: every table takes half a second."""
CHANGELOG = "# Changelog\n\n## data 0.1.0 - 2031-06-02\n\nThe first release.\n"
PACKAGE = """\
name: invented-shares
title: Invented market shares
description: A tiny package of invented claims for the tests of releases.
version: 0.0.0
homepage: null
keywords: [test]
licenses:
- {name: CC-BY-4.0, title: Creative Commons Attribution 4.0, path: "https://creativecommons.org/licenses/by/4.0/"}
contributors:
- {title: datapkg tests, roles: [creator]}
"""
SOURCE = """\
source:
  source_id: results
  title: Results
  publisher: Nordlicht Semi
  kind: press_release
  tier: primary
  language: en
  published: 2025-02-15
  url: null
  retrieved: null
  text: {sha256: "%s", chars: 100}
claims:
"""
CLAIM = """\
- claim: share-%(year)s
  says: Nordlicht Semi had %(pct)s percent of the market for AI accelerators in %(year)s.
  at: [10, 20]
  quote_sha256: "%(sha)s"
  certainty: asserted
  market_share: {company: Nordlicht Semi, market: AI accelerators, period: %(year)s, share_pct: %(pct)s}
"""
ENTITIES = {
    "aliases": "entity_type,entity_id,alias,language\ncompanies,nordlicht-semi,Nordlicht,en\n",
    "companies": "company_id,name_en,name_ko,country,parent_id,ticker,lei,wikidata_id,is_public,"
    "founded,dissolved,successor_id\nnordlicht-semi,Nordlicht Semi,노르트리히트,DE,,,,,true,,,\n",
    "markets": "market_id,name_en,name_ko,definition,parent_id,lead_voice,lead_voice_reason\n"
    "ai-accelerators,AI accelerators,,Chips for models.,,,\n",
    "people": "person_id,name_en,name_ko,wikidata_id\n",
    "products": "product_id,name_en,name_ko,maker_id,category,wikidata_id\n",
    "segments": "segment_id,dimension,name_en,name_ko,definition\n",
    "terms": "term_id,kind,name_en,name_ko,definition\n",
}
SHARES = {2022: 40, 2023: 42}


def remembered(facts: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as `facts` that answers from memory what it was asked before."""
    answers: dict[tuple[Any, ...], tuple[pa.Table, list[dict[str, Any]]]] = {}

    def asked(observed: pa.Table, spec: Spec, day: date | None = None,
              on: Any = None) -> tuple[pa.Table, list[dict[str, Any]]]:  # fmt: skip
        content = pa.BufferOutputStream()
        with pa.ipc.new_stream(content, observed.schema) as stream:
            stream.write_table(observed.combine_chunks())
        key = (spec.name, json.dumps(spec.schema), sha256(content.getvalue()).digest(), day, on)
        if key not in answers:
            answers[key] = facts(observed, spec, day, on)
        made, conflicts = answers[key]
        return made, [dict(row) for row in conflicts]

    return asked


def suites_once(run: Callable[..., list[Finding]]) -> Callable[..., list[Finding]]:
    """Return a function as `expectations._run` that does not look again at tables in which it found nothing."""
    fine: set[tuple[str, ...]] = set()

    def asked(tables: Mapping[str, pa.Table], suites: Mapping[str, Any], references: bool) -> list[Finding]:
        questions = {name: expectations._question(tables[name], suites[name]) for name in suites}
        everything = tuple(sorted(questions.values())) if references else ()
        due = {name: suite for name, suite in suites.items() if (questions[name], *everything) not in fine}
        found = run(tables, due if not references else suites, references) if due else []
        fine.update((questions[name], *everything) for name in due if not found)
        return found

    return asked


def reports_once(report: Callable[..., list[Finding]]) -> Callable[..., list[Finding]]:
    """Return a function as `frictionless._report` that does not read again a package in which it found nothing."""
    fine: set[str] = set()

    def asked(source: Any, **options: Any) -> list[Finding]:
        folder = Path(options["basepath"]) if isinstance(source, dict) else Path(source).parent
        said = json.dumps(source).encode() if isinstance(source, dict) else Path(source).read_bytes()
        files = sorted(path for path in folder.rglob("*") if path.suffix in (".parquet", ".csv"))
        key = question("frictionless", said, *(path.read_bytes() for path in files))
        found = [] if key in fine else report(source, **options)
        if not found:
            fine.add(key)
        return found

    return asked


def write(root: Path, shares: Mapping[int, int] = SHARES) -> Layout:
    """Write the claims of a repository, by year, with schemas of its own."""
    layout = Layout(root)
    layout.claims.mkdir(parents=True, exist_ok=True)
    layout.entities.mkdir(exist_ok=True)
    entries = [CLAIM % {"year": year, "pct": pct, "sha": f"{year:064}"} for year, pct in shares.items()]
    (layout.claims / "results.yaml").write_text(SOURCE % ("a" * 64) + "\n".join(entries))
    for name, text in ((name, text) for name, text in ENTITIES.items() if name not in UNUSED):
        (layout.entities / f"{name}.csv").write_text(text, encoding="utf-8")
    layout.about.write_text(PACKAGE)
    layout.corrections.write_text("corrections: []\npreferences: []\n")
    schemas = root / "schemas"
    if not schemas.is_dir():
        schemas.mkdir()
        for path in packaged().schemas.glob("*.json"):
            if path.stem not in UNUSED:
                shutil.copy(path, schemas)
    return layout


def make(root: Path) -> Layout:
    """Make a repository, built and committed, with a changelog that announces 0.1.0."""
    layout = write(root)
    layout.changelog.write_text(CHANGELOG)
    build.build(layout, CHECKS)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    return layout


@dataclass(frozen=True)
class Released:
    """A repository with a release, and the plan that it was made by."""

    layout: Layout
    plan: Plan

    @property
    def folder(self) -> Path:
        """The folder of the release."""
        return self.layout.releases / self.plan.version


def released(root: Path) -> Released:
    """Make a repository with the release 0.1.0, committed."""
    layout = make(root)
    planned = release.plan(layout, "0.1.0", TODAY)
    release.run(layout, planned)
    commit(root)
    return Released(layout, planned)


def git(root: Path, *arguments: str) -> str:
    """Run git in a folder, as somebody, at a time that does not change."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", "datapkg tests"), ("EMAIL", "tests@example.org"), ("DATE", "2031-06-01T12:00:00+00:00"))}  # fmt: skip
    command = ["git", "-C", str(root), *arguments]
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path) -> str:
    """Commit everything and return the id of the commit."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "change")
    return git(root, "rev-parse", "HEAD")


def copy(layout: Layout, root: Path) -> Layout:
    """Return a copy of a repository, with its history."""
    return Layout(Path(shutil.copytree(layout.root, root)))


def change(layout: Layout, shares: Mapping[int, int], version: str) -> None:
    """Change the claims, announce a release, build and commit."""
    write(layout.root, shares)
    layout.changelog.write_text(f"{layout.changelog.read_text()}\n## data {version} - {TODAY}\n\nMore.\n")
    build.build(layout, CHECKS)
    commit(layout.root)


def dumped(plan: Plan) -> str:
    """Return a plan as a text that `loaded` reads in another process."""
    return json.dumps(asdict(plan))


def loaded(text: str) -> Plan:
    """Return the plan of a text."""
    parts = json.loads(text)
    tables = tuple((name, rows) for name, rows in parts["tables"])
    return Plan(**{**parts, "reasons": tuple(parts["reasons"]), "tables": tables})


def script(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start Python on some code; it finds the modules of the tests, and coverage, which would write too, is off."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**plain, "PYTHONPATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
