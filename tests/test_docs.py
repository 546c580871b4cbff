"""What the documents show is what the programs do."""

import ast
import re
import shlex
from pathlib import Path

import pytest

import datapkg
from datapkg.claims.yaml import parse
from datapkg.cli.main import main
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
KOREAN = ROOT / "README.ko.md"
PAGES = [README, KOREAN, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def test_the_python_of_the_readme_runs_and_prints_what_it_shows():
    code = blocks(README, "python")[0]
    shown = [line.removeprefix("# ").split() for line in code.splitlines() if line.startswith("# ")]
    *before, last = ast.parse(code).body
    names: dict = {}
    exec(compile(ast.Module(before, []), "README.md", "exec"), names)
    frame = eval(compile(ast.Expression(last.value), "README.md", "eval"), names)
    assert [line.split() for line in str(frame).splitlines()] == shown


def test_a_shown_trace_is_what_the_command_prints(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (block,) = (b for b in blocks(README, "console") if "datapkg trace" in b)
    first, *expected = block.splitlines()
    command, _, many = first.removeprefix("$ datapkg ").partition(" | head -n ")
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out.splitlines()[: int(many)] == expected
    assert int(many) == len(expected) == 12


def test_the_query_of_the_readme_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    query = next(line for b in blocks(README, "console") for line in b.splitlines() if "datapkg sql" in line)
    assert main([*shlex.split(query.removeprefix("$ datapkg ")), "--json"]) == 0
    assert "in_development" in capsys.readouterr().out


def test_the_numbers_of_the_readme_are_those_of_the_data():
    """Counted once more with pandas, apart from `datapkg.pages`, which writes them."""
    claims, sources, tables = (
        datapkg.load("claims"),
        datapkg.load("sources"),
        datapkg.tables().set_index("name")["rows"],
    )
    tiers = claims.merge(sources, on="source_id")["tier"].value_counts(normalize=True)
    facts = [name for name in tables.index if f"observations.{name}" in tables.index]
    expected = {
        "sources": f"{len(sources):,}",
        "claims that": f"{len(claims):,}",
        "facts chosen": f"{tables[facts].sum():,}",
        "claims anchored": f"{100 * claims[['quote_sha256', 'cell_sha256']].notna().any(axis=1).mean():.1f} %",
        "claims of primary": f"{100 * tiers['primary']:.1f} %",
        "claims of weak": f"{100 * tiers['weak']:.1f} %",
    }
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", README.read_text("utf-8"), re.M))
    found = {start: next(rows[what] for what in rows if what.startswith(start)) for start in expected}
    assert found == expected
    assert f"in {len(facts)} tables" in " ".join(rows)


def test_the_korean_readme_does_what_it_says_and_repeats_no_numbers():
    text = KOREAN.read_text("utf-8")
    names: dict[str, object] = {}
    exec(compile(blocks(KOREAN, "python")[0], "README.ko.md", "exec"), names)
    assert set(names["shares"]["company_id"]) == {"samsung-electronics"}
    assert "README.ko.md" in README.read_text("utf-8")
    assert not re.findall(r"\d[\d,]*[개건편곳]", text)


def test_no_front_page_promises_more_than_is_held():
    """Of every claim a page is known, and only of some the characters."""
    for name in ("README.md", "data/raw/package.yaml", "datapackage.json", "pyproject.toml"):
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"every (claim|cell) to the (characters|place)|to the place in the article", text), name


def test_links_of_the_readme_work_on_a_package_index_too():
    """They are absolute, and lead to files of the repository."""
    text = README.read_text("utf-8")
    assert not re.findall(r"\]\((?!https:)|^\[[^\]]+\]: (?!https:)", text, re.M)
    found = re.findall(r"https://[\w.]*github\w*\.com/OWNER/datapkg/(?:blob/)?main/([\w./-]+)", text)
    assert len(found) > 10
    assert [path for path in found if not (ROOT / path).exists()] == []
    used = set(re.findall(r"\]\[([^\]]+)\]|\[(\w+)\](?![\[(:])", text))
    defined = set(re.findall(r"^\[([^\]]+)\]:", text, re.M))
    assert {one or other for one, other in used} & defined == defined


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_yaml_example_is_yaml(page):
    for text in blocks(page, "yaml"):
        parse(text, page.name)


def test_what_the_pages_import_is_there():
    blocks = [block for page in PAGES for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S)]
    lines = {line for block in blocks for line in re.findall(r"^(?:from datapkg|import datapkg).*$", block, re.M)}
    assert len(lines) > 1
    for line in sorted(lines):
        exec(line, {})


def test_the_claim_page_names_every_kind_and_table():
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    kinds = {spec.claim["kind"] for spec in load_specs(Layout(ROOT).schemas).values() if spec.claim}
    assert {kind for kind in kinds if f"`{kind}`" not in page} == set()


def test_no_page_is_over_500_lines():
    long = [p.name for p in PAGES if len(p.read_text("utf-8").splitlines()) > 500]
    assert [name for name in long if name not in ("tables.md", "conflicts.md", "coverage.md")] == []
