"""The family of errors: drawn as it is, each raised somewhere, each with a text for people."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest

import datapkg
from datapkg.model import errors
from datapkg.model.errors import (
    LIBRARIES,
    CheckFailed,
    DatapkgError,
    MissingExtra,
    NotFound,
    UsageError,
    WriteError,
    did_you_mean,
    needing,
)
from datapkg.model.findings import Finding

PACKAGE = Path(datapkg.__file__).parent
CLASSES = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, DatapkgError)
}


def test_the_tree_at_the_top_is_the_tree_of_classes() -> None:
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        drawn = re.match(r"^((?:[│ ]   )*)(?:[├└]── )?([A-Z]\w+)(?:  +\S|$)", line)
        if not drawn:
            continue
        depth = len(drawn[1]) // 4 + ("──" in line)
        path = [*path[:depth], drawn[2]]
        parents[drawn[2]] = path[depth - 1] if depth else None
    assert parents == {
        name: kind.__bases__[0].__name__ if kind is not DatapkgError else None for name, kind in CLASSES.items()
    }


def test_every_error_is_raised_somewhere_and_says_what_it_is() -> None:
    raised = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                call = node.exc.func
                raised.add(call.value.id if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)
                           else getattr(call, "id", ""))  # fmt: skip
    assert set(CLASSES) - {"DatapkgError"} - raised == set()
    for name, kind in CLASSES.items():
        assert (kind.__doc__ or "").strip(), name


def test_a_name_that_is_not_there_lists_the_nearest_and_the_next_step() -> None:
    known = ["plans", "people", "positions"]
    assert str(NotFound.of("table", "plan", known, "the package")) == (
        "no table 'plan' in the package; did you mean 'plans'?"
    )
    assert str(NotFound.of("table", "plan", known, "it", "Run `datapkg tables`")) == (
        "no table 'plan' in it; did you mean 'plans'? Run `datapkg tables`"
    )
    assert str(NotFound.of("table", "zzz", known, "it", "Run `datapkg tables`")) == (
        "no table 'zzz' in it. Run `datapkg tables`"
    )
    assert str(NotFound.of("table", "zzz", known, "it")) == "no table 'zzz' in it"
    with pytest.raises(LookupError):
        raise NotFound.of("table", "x", [], "it")


def test_a_missing_library_names_its_extra() -> None:
    error = MissingExtra.of("duckdb", "sql", "datapkg.connect()")
    assert str(error) == "datapkg.connect() needs duckdb: pip install 'semiconductor-datapkg[sql]'"
    assert isinstance(error, UsageError)
    assert isinstance(error, ImportError)


def test_a_missing_library_of_a_whole_command_is_named() -> None:
    with (
        pytest.raises(
            MissingExtra, match=r"^datapkg check needs pyyaml: pip install 'semiconductor-datapkg\[build\]'$"
        ),
        needing("datapkg check"),
    ):
        raise ModuleNotFoundError("No module named 'yaml'", name="yaml")
    with pytest.raises(ModuleNotFoundError, match="ours"), needing("datapkg check"):
        raise ModuleNotFoundError("No module named 'ours'", name="ours")


def test_every_library_that_is_imported_has_an_extra_or_comes_with_datapkg() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: {re.split(r"[^\w.-]", line)[0] for line in lines}
              for name, lines in project["optional-dependencies"].items()}  # fmt: skip
    assert {module for module, (library, extra) in LIBRARIES.items() if library not in extras[extra]} == set()
    plain = {re.split(r"[^\w.-]", line)[0] for line in project["dependencies"]} | {"numpy"}
    known = {"datapkg", *sys.stdlib_module_names, *plain, *LIBRARIES}
    imported, guarded = set(), set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported |= set(_imports(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Try) and "ImportError" in map(
                ast.unparse, (h.type for h in node.handlers if h.type)
            ):
                guarded |= set(_imports(node))
    assert imported - known - guarded == set()


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the packages that some code imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).split(".")[0]


def test_failed_checks_carry_their_findings() -> None:
    one, two = Finding(rule="a", message="b"), Finding(rule="c", message="d")
    assert str(CheckFailed([one])) == "1 finding; nothing was written"
    error = CheckFailed((one, two))
    assert (str(error), error.findings) == ("2 findings; nothing was written", [one, two])
    assert str(CheckFailed([])) == "0 findings; nothing was written"
    assert issubclass(WriteError, OSError)


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("plan", ["plans"], "; did you mean 'plans'?"),
        ("plan", ["plans", "plane", "plant", "plank"], "; did you mean 'plant' or 'plans' or 'plank'?"),
        ("plan", ["deals"], ""),
        ("plan", [], ""),
        ("", ["plans"], ""),
        ("엔비디어", ["엔비디아"], "; did you mean '엔비디아'?"),
    ],
)
def test_near_misses(name: str, known: list[str], text: str) -> None:
    assert did_you_mean(name, iter(known)) == text
    assert did_you_mean(name, known, many=1).count(" or ") == 0


def test_of_very_many_names_few_are_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counting(name: str, names: list[str], **how: Any) -> list[str]:
        compared.append(len(names))
        return get_close_matches(name, names, **how)

    monkeypatch.setattr(errors, "get_close_matches", counting)
    known = [f"company_id=maker-{n};market_id=foundry;period={1990 + n % 40}" for n in range(5_000)]
    near = did_you_mean("company_id=maker-4321;market_id=fondry;period=1991", known)
    assert "'company_id=maker-4321;market_id=foundry;period=1991'" in near
    assert did_you_mean("plan", ["plans"]) == "; did you mean 'plans'?"
    assert compared == [errors.ALIKE, 1]
