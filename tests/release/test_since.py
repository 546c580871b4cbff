"""What the tables change against what was there before: rows, cells and contradictions, as reviewers are told."""

from __future__ import annotations

from pathlib import Path

import pytest
import repositories
import runs

from datapkg import build
from datapkg.compare import report
from datapkg.model import Layout
from datapkg.release import grown, since

SECOND = """
- claim: again-2023
  says: Nordlicht Semi had 47 percent of the market for AI accelerators in 2023.
  at: [30, 40]
  quote_sha256: "%064d"
  certainty: asserted
  market_share: {company: Nordlicht Semi, market: AI accelerators, period: 2023, share_pct: 47}
"""


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A repository whose tables are committed, and lie where those of a release do; never written to."""
    layout = repositories.write(tmp_path_factory.mktemp("since") / "repository")
    made = drafted(layout)
    for folder in (layout.releases / "0.1.0", layout.root):
        build.draft(made, layout, folder)
    (layout.releases / "0.1.0/release.json").write_text("{}")
    repositories.git(layout.root, "init", "--quiet", "--initial-branch=main")
    repositories.commit(layout.root)
    return layout


@pytest.fixture
def changed(committed: Layout, tmp_path: Path) -> Layout:
    """The same, in which a share was changed and one added; the tables are not built again."""
    layout = repositories.copy(committed, tmp_path / "changed")
    repositories.write(layout.root, {2022: 41, 2023: 42, 2024: 44})
    return layout


def drafted(layout: Layout) -> build.Tables:
    made = build.assemble(layout)
    assert not made.findings, made.findings
    return made


def test_a_check_says_what_a_branch_changes_and_leaves_it_in_the_summary_of_the_job(
    changed: Layout, run: runs.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("# Of a step before\n")
    done = run("check", "--root", str(changed.root), "--only", "claims,schema", "--against", "main",
                       "--format", "github")  # fmt: skip
    assert done.code == 0
    assert "\nmarket_shares: 1 row added, 1 row changed (share_high_pct 1, share_low_pct 1, share_pct 1)\n" in done.out
    assert "share_pct 40.0 -> 41.0 (results/share-2022)" in done.out
    told = (tmp_path / "summary.md").read_text()
    assert told.startswith("# Of a step before\n## Findings\n\nNo findings.\n\n## Changes against main\n")
    assert "| market_shares | 2 | 3 | 1 | 0 | 1 |" in told
    assert ("- `company_id=nordlicht-semi;market_id=ai-accelerators;period=2022;basis=unspecified;forecast=false`: "
            "`share_pct` `40.0` → `41.0` (`results/share-2022`)") in told  # fmt: skip


def test_new_contradictions_come_first(changed: Layout, tmp_path: Path) -> None:
    path = changed.claims / "results.yaml"
    path.write_text(path.read_text() + SECOND % 7)
    build.draft(drafted(changed), changed, tmp_path / "new")
    diff = since(changed, tmp_path / "new")
    told = report(diff, "0.1.0")
    head = told.index("### New contradictions")
    assert head < told.index("### market_shares")
    line = told[head:].splitlines()[2]
    assert line.startswith("- `market_shares` `company_id=nordlicht-semi;")
    assert line.endswith(": `share_pct` is `47` (`results/again-2023`), otherwise `42` (`results/share-2023`)")


def test_build_counts_rows_since_the_newest_release(changed: Layout, tmp_path: Path) -> None:
    rows = {"market_shares": 3, "companies": 1, "claims": 3, "patents": 5}
    assert grown(changed, rows) == ("0.1.0", {"market_shares": "+1", "claims": "+1", "patents": "new"})
    assert grown(Layout(tmp_path), rows) == ("", {})


def test_what_is_the_same_says_so(committed: Layout) -> None:
    assert report(since(committed, committed.root, "main"), "main").endswith("The tables are the same.\n")


def test_a_name_of_nothing_says_what_there_is(changed: Layout, run: runs.Run, tmp_path: Path) -> None:
    root = str(changed.root)
    done = run("check", "--root", root, "--only", "claims", "--against", "mian")
    assert (done.code, done.err) == (
        2,
        "datapkg: 'mian' is no release, folder, branch or commit; did you mean 'main'?\n",
    )
    for folder in changed.releases.glob("0*"):
        folder.rename(tmp_path / folder.name)
    done = run("check", "--root", root, "--only", "claims", "--against")
    assert done.err == "datapkg: nothing is released yet; name a branch or commit to compare with\n"


def test_of_claims_that_cannot_be_read_nothing_is_compared(changed: Layout, run: runs.Run) -> None:
    path = changed.claims / "results.yaml"
    path.write_text(path.read_text().replace("asserted", "sure"))
    done = run("check", "--root", str(changed.root), "--only", "claims", "--against", "main")
    assert done.code == 1
    assert done.out.endswith("\nWhat changes can be told once every claim can be read.\n")


def test_against_a_commit_without_tables_all_is_new(changed: Layout) -> None:
    repositories.git(changed.root, "rm", "--quiet", "--cached", "datapackage.json")
    repositories.git(changed.root, "commit", "--quiet", "--message", "without tables")
    assert "| market_shares |  | 2 |" in report(since(changed, changed.root, "HEAD"), "HEAD")
