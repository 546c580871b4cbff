"""The pages that teach curating, in English and Korean, worked through as they say, in a repository of their own."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from datapkg import build
from datapkg.claims.kindschema import KindSchema, kind_schemas
from datapkg.claims.sources import listing
from datapkg.cli.main import main
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs

ROOT = Path(__file__).parent.parent
GOOD = Path(__file__).parent / "good"
PAGES = ("curating.md", "curating.ko.md")


@dataclass(frozen=True)
class Lesson:
    """What a page shows, in its order: the article, the claim file, rows of registries, decisions, sessions."""

    article: str
    claims: str
    rows: list[tuple[str, str]]
    decisions: dict[str, Any]
    commands: list[tuple[str, str]]

    @property
    def source_id(self) -> str:
        """The id of the source, which names its file."""
        return str(yaml.safe_load(self.claims)["source"]["source_id"])


def lesson(page: str) -> Lesson:
    """Read a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (article,) = re.findall(r"^```text\n(.*?)^```", text, re.M | re.S)
    parts = re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)
    (decisions,) = (part for part in parts if part.startswith("corrections:"))
    claims = "\n".join(part for part in parts if part != decisions)
    rows = re.findall(r"`data/raw/entities/(\w+)\.csv`[^`]*```csv\n(.*?)```", text, re.S)
    sessions = "".join(re.findall(r"^```console\n(.*?)^```", text, re.M | re.S))
    commands = [tuple(part.split("\n", 1)) for part in re.split(r"^\$ ", sessions, flags=re.M) if part]
    return Lesson(article, claims, rows, yaml.load(decisions, yaml.BaseLoader), commands)


class Later(date):
    """A clock that shows a day after the page was published."""

    @classmethod
    def today(cls) -> date:
        return date(2031, 6, 3)


def answer(command: str) -> str:
    """What a command prints on a day after the page was published, without the time that it took."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), patch("datapkg.cli.writing.date", Later):
        main(shlex.split(command.removeprefix("datapkg ")))
    return re.sub(r" \([0-9.]+ s\)", "", out.getvalue())


def agrees(shown: str, printed: str) -> bool:
    """Whether a session shows what was printed; a line of three dots stands for any lines."""
    wanted = "".join(".*" if line == "..." else re.escape(f"{line}\n") for line in shown.splitlines())
    return bool(re.fullmatch(wanted, printed, re.S))


def add(root: Path, rows: list[tuple[str, str]]) -> None:
    """Add rows to registries; their header stands above them."""
    for name, text in rows:
        file, (header, _, body) = root / f"data/raw/entities/{name}.csv", text.partition("\n")
        before = file.read_text(encoding="utf-8")
        assert before.splitlines()[0] == header, name
        file.write_text(before + body, encoding="utf-8")


def decide(root: Path, decisions: dict[str, Any]) -> None:
    """Add corrections and preferences."""
    file = Layout(root).corrections
    there = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    whole = {part: there[part] + decisions[part] for part in there}
    file.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")


@pytest.fixture(scope="module", params=PAGES)
def taught(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lesson, Path]:
    """A page, and the repository after following it; on the way every session is compared with what it shows."""
    page = lesson(request.param)
    root = Path(shutil.copytree(GOOD, tmp_path_factory.mktemp("curating") / "repository"))
    (root / "schemas").symlink_to(ROOT / "schemas")
    (root / "page.txt").write_text(page.article, encoding="utf-8")
    file = Layout(root).claims / f"{page.source_id}.yaml"
    by_name = dict(page.rows)
    checks = [shown for command, shown in page.commands if command.startswith("datapkg check")]
    proofs = {command: shown for command, shown in page.commands if command.startswith("datapkg source check")}
    with contextlib.chdir(root):
        (new,) = (command for command, _ in page.commands if command.startswith("datapkg source new"))
        assert Path(answer(new).strip()) == file
        file.write_text(re.sub(r"\n +quote_sha256: .*|\n  text: .*", "", page.claims), encoding="utf-8")
        add(root, [("markets", by_name.pop("markets"))])
        for command, shown in proofs.items():
            assert agrees(shown, answer(command)), command
        steps = (lambda: None, lambda: add(root, list(by_name.items())), lambda: decide(root, page.decisions))
        for step, shown in zip(steps, checks, strict=True):
            step()
            printed = answer(f"datapkg check data/raw/claims/{file.name}")
            assert agrees(shown, printed), printed
    return page, root


class TestPages:
    def test_the_commands_make_the_file_that_the_page_shows(self, taught: tuple[Lesson, Path]) -> None:
        page, root = taught
        file = Layout(root).claims / f"{page.source_id}.yaml"
        assert file.read_text(encoding="utf-8") == page.claims

    def test_every_command_is_one(self, taught: tuple[Lesson, Path]) -> None:
        page, _ = taught
        checked = [command for command, shown in page.commands if shown.strip()]
        others = {command.split()[0] for command, shown in page.commands if not shown.strip()}
        assert len(checked) == 5
        assert others <= {"datapkg", "git"}

    def test_the_tables_hold_what_it_says(self, taught: tuple[Lesson, Path]) -> None:
        _, root = taught
        made = build.assemble(Layout(root))
        assert build.checked(made, ("claims", "schema", "rules")) == []
        tables = {name: table.to_pylist() for name, table in made.tables.items()}
        shares = {(row["company_id"], row["period"]): row for row in tables["market_shares"]}
        about = shares["hanbit-foundry", "2031-Q1"]
        assert (about["market_id"], about["share_pct"], about["qualifier"]) == ("foundry-kestrel", 12, "about")
        assert shares["tern-fab", "2031-Q1"]["share_high_pct"] == 8
        (part,) = (row for row in tables["revenue_shares"] if row["period"] == "2030-11/2031-01")
        assert (part["segment_id"], str(part["period_start"]), str(part["period_end"])) == (
            "node-3nm", "2030-11-01", "2031-01-31",
        )  # fmt: skip
        (growth,) = (row for row in tables["market_changes"] if row["market_id"] == "foundry-kestrel")
        assert (growth["forecast"], growth["change_high_pct"]) == (True, 15)
        (deal,) = (row for row in tables["deals"] if row["deal_id"].startswith("lumen"))
        assert (deal["amount_low"], deal["currency"], deal["term"]) == (3e12, "KRW", "2032/2034")
        assert deal["claim_count"] == 2
        (dinner,) = (row for row in tables["meetings"] if row["meeting_id"] == "falk-han-2031-05-06")
        assert dinner["certainty"] == "reported"

    def test_the_decisions_count(self, taught: tuple[Lesson, Path]) -> None:
        page, root = taught
        made = build.assemble(Layout(root))
        shares = made.tables["market_shares"].to_pylist()
        (share,) = (row for row in shares if (row["company_id"], row["period"]) == ("nordlicht-semi", "2023"))
        assert share["share_pct"] == 44
        conflicts = [row for row in made.tables["conflicts"].to_pylist() if row["chosen_value"] == "44"]
        assert sorted(row["other_value"] for row in conflicts) == ["42", "48"]
        countries = {row["company_id"]: row["country"] for row in made.tables["company_countries"].to_pylist()}
        assert countries["kestrel-research"] == "GB"
        claims = {row["claim_id"]: row for row in made.tables["claims"].to_pylist()}
        assert claims[f"{page.source_id}/kestrel-country"]["corrected"]

    def test_the_list_shows_the_source(self, taught: tuple[Lesson, Path]) -> None:
        page, root = taught
        record = listing(Layout(root))[-1]
        assert (record["source_id"], record["claims"], record["anchors"]) == (page.source_id, 13, 13)

    def test_names_are_as_the_page_writes_them(self, taught: tuple[Lesson, Path]) -> None:
        page, _ = taught
        claims = yaml.safe_load(page.claims)["claims"]
        written = [claim["said_by"] for claim in claims if "said_by" in claim]
        written += [claim[kind][part] for claim in claims for kind in claim if isinstance(claim[kind], dict)
                    for part in ("company", "person", "counterpart") if part in claim[kind]]  # fmt: skip
        words = " ".join(page.article.split())
        unwritten = {name for name in written if name not in words}
        assert unwritten == set()

    def test_the_snippet_finds_the_first_position(self, taught: tuple[Lesson, Path], tmp_path: Path) -> None:
        page, root = taught
        name = "curating.ko.md" if "-ko-" in page.source_id else "curating.md"
        (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / name).read_text(encoding="utf-8"), re.M | re.S)
        out = io.StringIO()
        with contextlib.chdir(root), contextlib.redirect_stdout(out):
            exec(compile(code, name, "exec"), {})
        assert out.getvalue().strip() == str(yaml.safe_load(page.claims)["claims"][0]["at"])


def test_both_pages_teach_the_same() -> None:
    one, other = (lesson(page) for page in PAGES)
    claims = [
        [(c["claim"], c["says"], c["certainty"]) for c in yaml.safe_load(p.claims)["claims"]] for p in (one, other)
    ]
    assert claims[0] == claims[1]
    assert len(one.commands) == len(other.commands)
    heads = [re.findall(r"^## ", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.M) for page in PAGES]
    assert len(heads[0]) == len(heads[1])


def test_the_fields_that_the_reference_names_are_fields() -> None:
    page = (ROOT / "docs/claims.md").read_text(encoding="utf-8")
    known = kind_schemas(load_specs(Layout(ROOT).schemas))
    rows = re.findall(r"^\| (`.*`) \|.*\| (.*) \|$", page, re.M)
    assert len(rows) > 15
    for kinds, fields in rows:
        entries = {name for kind in re.findall(r"`(\w+)`", kinds) for name in every(known[kind])}
        assert set(re.findall(r"`(\w+)`", fields)) <= entries, kinds


def every(form: KindSchema) -> set[str]:
    """The fields of a form, those of its lists included."""
    inner = [every(entry.items) for entry in form.properties.values() if entry.items]
    return set(form.properties).union(*inner)
