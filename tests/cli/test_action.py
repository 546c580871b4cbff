"""The action and the hook for other people's CI: their files, and the very shell that they run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import repositories
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from datapkg.cli import main as cli

ROOT = Path(__file__).parents[2]
CLAIMS = "data/raw/claims/hanbit-visit-2024.yaml"
LINE = 94


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return dict(found)


@pytest.fixture
def spoiled(good: Path) -> Path:
    """The invented repository with a share of 480 percent."""
    file = good / CLAIMS
    text = file.read_text(encoding="utf-8")
    assert "share_pct: 48" in text.splitlines()[LINE - 1]
    file.write_text(text.replace("share_pct: 48", "share_pct: 480"), encoding="utf-8")
    return good


def step(action: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (entry for entry in action["runs"]["steps"] if entry.get("name") == name)
    return dict(found)


def bash(action: dict[str, Any], name: str, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run the shell of a step as GitHub does, with the inputs that a workflow gives and the defaults of the others."""
    inputs = {key: str(about["default"]) for key, about in action["inputs"].items()} | given
    one = step(action, name)
    env = {key: value.replace("${{ inputs.", "").replace(" }}", "") for key, value in one.get("env", {}).items()}
    runner = {key: inputs.pop(key) for key in list(inputs) if key.startswith("GITHUB_")}
    runner |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(folder), "GITHUB_ACTION_PATH": str(ROOT)}
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    (folder / "step.sh").write_text(one["run"])
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(folder / "step.sh")], cwd=folder,
        env={**os.environ, **runner, **{key: inputs[name] for key, name in env.items()}, "PATH": path},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def _pins(name: str) -> dict[str, str]:
    """The pins of a lock file with their hashes, by project."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for part in re.split(r"(?m)^(?=[a-z0-9])", text)[1:]:
        project = canonicalize_name(re.split(r"[=\[ ]", part)[0])
        found[project] = found.get(project, "") + part
    return found


def _requires(one: Requirement) -> list[str]:
    """What an installed project requires; nothing if it is of another system."""
    try:
        return metadata.requires(one.name) or []
    except metadata.PackageNotFoundError:
        return []


class TestAction:
    def test_every_input_has_a_default_and_is_used(self, action: dict[str, Any]) -> None:
        text = (ROOT / "action.yml").read_text(encoding="utf-8")
        for name, about in action["inputs"].items():
            assert about["description"]
            assert isinstance(about["default"], str)
            assert f"${{{{ inputs.{name} }}}}" in text
        assert action["runs"]["using"] == "composite"

    def test_no_input_is_pasted_into_the_shell(self, action: dict[str, Any]) -> None:
        """A value that comes through the environment cannot become a command."""
        for entry in action["runs"]["steps"]:
            assert "${{" not in entry.get("run", "")
            assert "uses" in entry or entry["shell"] == "bash"

    def test_good_claims(self, action: dict[str, Any], good: Path) -> None:
        done = bash(action, "check", good)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_findings_are_annotations_and_junit(self, action: dict[str, Any], spoiled: Path, tmp_path: Path) -> None:
        done = bash(action, "check", tmp_path, root="good", junit="report.xml")
        assert done.returncode == 1
        (line,) = done.stdout.splitlines()
        assert line.startswith(f"::error file=good/{CLAIMS},line={LINE},")
        assert ",title=out-of-range::hanbit-visit-2024/nordlicht-share-2023: share_pct: 480 %25 is above 100" in line
        suites = ElementTree.parse(tmp_path / "report.xml").getroot()
        assert (suites.get("tests"), suites.get("failures")) == ("1", "1")
        (case,) = suites.iter("testcase")
        assert (case.get("file"), case.get("line")) == (CLAIMS, str(LINE))

    def test_a_pull_request_is_told_what_it_changes(
        self, action: dict[str, Any], package: Path, tmp_path: Path
    ) -> None:
        """Against the branch that it goes to, which is fetched; what is told is in the log and in the job's summary."""
        repositories.git(package, "init", "--quiet", "--initial-branch=main")
        repositories.commit(package)
        clone = tmp_path / "clone"
        repositories.git(tmp_path, "clone", "--quiet", str(package), str(clone))
        repositories.git(clone, "remote", "set-head", "origin", "--delete")
        repositories.git(clone, "branch", "--quiet", "--remotes", "--delete", "origin/main")
        file = clone / CLAIMS
        file.write_text(file.read_text(encoding="utf-8").replace("share_pct: 48", "share_pct: 46"), encoding="utf-8")
        summary = tmp_path / "summary.md"
        done = bash(action, "check", clone, GITHUB_BASE_REF="main", GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "share_pct 48.0 -> 46.0" in done.stdout
        assert "## Changes against origin/main" in summary.read_text(encoding="utf-8")
        assert "`share_pct` `48.0` → `46.0`" in summary.read_text(encoding="utf-8")

    def test_junit_of_good_claims(self, action: dict[str, Any], good: Path) -> None:
        assert bash(action, "check", good, junit="report.xml", only="claims").returncode == 0
        suites = ElementTree.parse(good / "report.xml").getroot()
        assert (suites.get("tests"), suites.get("failures")) == ("1", "0")

    def test_a_mistake_in_the_workflow_is_no_success(self, action: dict[str, Any], good: Path) -> None:
        done = bash(action, "check", good, root="nowhere", junit="report.xml")
        assert done.returncode == 2
        assert "datapkg: no folder nowhere" in done.stderr
        assert bash(action, "check", good, only="schemas").returncode == 2

    def test_what_is_installed(self, action: dict[str, Any], good: Path) -> None:
        """With a stand-in for Python that prints what pip would be told; nothing is installed here."""
        (good / "bin").mkdir()
        (good / "bin/python").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        (good / "bin/python").chmod(0o755)
        done = bash(action, "install datapkg", good)
        assert done.returncode == 0, done.stderr
        locked = ["--require-hashes", "--only-binary", ":all:", "-r", f"{ROOT}/requirements-action.lock"]
        ours = ["--no-index", "--no-deps", "--no-build-isolation", str(ROOT)]
        install = ["-m", "pip", "install", "--quiet"]
        assert done.stdout.splitlines() == [*install, *locked, *install, *ours]

    def test_the_lock_has_all_that_a_build_needs_with_the_hashes_of_the_other_lock(self) -> None:
        """What the pinned libraries need in turn is asked of those that are installed here."""
        pins = _pins("requirements-action.lock")
        every = _pins("requirements.lock")
        assert all(every[name] == pin for name, pin in pins.items())
        assert all("--hash=sha256:" in pin for pin in pins.values())
        todo, seen = [Requirement("semiconductor-datapkg[build]"), Requirement("hatchling")], set()
        while todo:
            one = todo.pop()
            for needed in map(Requirement, _requires(one)) if str(one) not in seen else ():
                extra = [{"extra": name} for name in (one.extras or [""])]
                if needed.marker is None or any(needed.marker.evaluate(given) for given in extra):
                    todo.append(needed)
            seen.add(str(one))
        names = {canonicalize_name(Requirement(text).name) for text in seen} - {"semiconductor-datapkg"}
        assert names <= set(pins)

    def test_other_actions_are_pinned_by_digest(self, action: dict[str, Any]) -> None:
        texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("action.yml", "docs/ci.md")]
        used = [line for text in texts for line in text.splitlines() if re.match(r" *- uses: ", line)]
        assert len(used) >= 4
        for line in used:
            assert re.search(r"@([0-9a-f]{40}  # v\d+\.\d+\.\d+|COMMIT  # .+)$", line), line


class TestHook:
    def test_says_what_it_is(self, hook: dict[str, Any]) -> None:
        assert hook["id"] == "datapkg-check"
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False

    def test_runs_on_what_it_reads(self, hook: dict[str, Any]) -> None:
        for path in (CLAIMS, "data/raw/entities/companies.csv", "data/raw/corrections.yaml"):
            assert re.search(hook["files"], path)
        assert not re.search(hook["files"], "docs/data/raw.md")

    @pytest.mark.parametrize(("share", "code"), [("48", 0), ("480", 1)])
    def test_its_command(self, hook: dict[str, Any], good: Path, share: str, code: int) -> None:
        file = good / CLAIMS
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("share_pct: 48", f"share_pct: {share}"), encoding="utf-8")
        env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(hook["entry"].split(), cwd=good, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert done.stdout.startswith("no findings" if code == 0 else f"{CLAIMS}\n  {LINE}: ")


class TestPage:
    """docs/ci.md: its workflows and hooks name what there is."""

    @pytest.fixture
    def page(self) -> str:
        return (ROOT / "docs/ci.md").read_text(encoding="utf-8")

    def test_examples_use_the_inputs_of_the_action(
        self, page: str, action: dict[str, Any], hook: dict[str, Any]
    ) -> None:
        blocks = [yaml.safe_load(part.split("```")[0]) for part in page.split("```yaml\n")[1:]]
        jobs = [job for block in blocks if "jobs" in block for job in block["jobs"].values()]
        steps = [step for job in jobs for step in job["steps"] if step.get("uses", "").count("datapkg")]
        assert steps
        for one in steps:
            assert set(one.get("with", {})) <= set(action["inputs"])
        hooks = [entry["id"] for b in blocks for repo in b.get("repos", []) for entry in repo["hooks"]]
        assert hooks == [hook["id"]]

    def test_every_command_is_one(self, page: str) -> None:
        from datapkg.cli.arguments import parser

        lines = [line.strip().removeprefix("- ").removeprefix("run: ") for line in page.splitlines()]
        commands = [shlex.split(line) for line in lines if line.startswith("datapkg ")]
        assert len(commands) > 3
        for command in commands:
            words = command[1 : command.index(">")] if ">" in command else command[1:]
            assert callable(cli.command(parser().parse_args(words).run))
