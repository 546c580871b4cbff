"""What the documents show is what the programs do."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from datapkg.claims.yaml import parse
from datapkg.cli.main import main
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def test_the_python_of_the_readme_runs_and_prints_what_it_shows():
    code = blocks(ROOT / "README.md", "python")[0]
    shown = "\n".join(line.removeprefix("# ") for line in code.splitlines() if line.startswith("# "))
    names: dict = {}
    exec(code, names)
    frame = names["df"][["company_id", "market_id", "period", "qualifier", "share_pct"]]
    words = [line.split() for line in str(frame).splitlines()]
    assert [line.split() for line in shown.splitlines()] == words
    early = names["datapkg"].load("market_shares", filters=names["chips"], known_by="2023-12-31")
    assert early.empty, "the page says: nothing yet"


@pytest.mark.parametrize("command", [b for b in blocks(ROOT / "README.md", "console") if "datapkg trace" in b])
def test_a_shown_session_is_what_the_command_prints(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    first, _, expected = command.partition("\n")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(shlex.split(first.removeprefix("$ datapkg "))) == 0
    assert out.getvalue().strip() == expected.strip()


def test_the_query_of_the_readme_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    query = next(b for b in blocks(ROOT / "README.md", "console") if "datapkg sql" in b)
    assert main([*shlex.split(query.removeprefix("$ datapkg ")), "--json"]) == 0
    assert "in_development" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_yaml_example_is_yaml(page):
    for text in blocks(page, "yaml"):
        parse(text, page.name)


def test_the_claim_page_names_every_kind_and_table():
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    kinds = {spec.claim["kind"] for spec in load_specs(Layout(ROOT).schemas).values() if spec.claim}
    assert {kind for kind in kinds if f"`{kind}`" not in page} == set()


def test_no_page_is_over_500_lines():
    long = [p.name for p in PAGES if len(p.read_text("utf-8").splitlines()) > 500]
    assert [name for name in long if name not in ("tables.md", "conflicts.md", "coverage.md")] == []
