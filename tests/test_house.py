"""The shape of the code: who imports whom, what importing costs, what is public, and the house numbers."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import datapkg
from datapkg.model import errors
from datapkg.registry import newest

ROOT = Path(__file__).parent.parent
RANKS = (
    "model",
    "claims facts registry",
    "check package read",
    "compare build",
    "release api pages mcp feeds site near",
    "cli datapkg",
)
"""The rooms; each imports only those of lower ranks. build, near and api are rooms of one page."""
READING = ("read", "api", "mcp", "feeds", "site")
WRITING = {"claims", "check", "package", "build", "release", "near"}
HEAVY = tuple("pandas pyarrow narwhals numpy duckdb rich great_expectations frictionless yaml rapidfuzz fsspec".split())
EXPRESSIONS = {"check.schema", "check.constraints", "facts.columns"}
"""Made of Narwhals expressions or Arrow's functions; others import them in functions only, as this test shows."""
LINES, FUNCTION, PARAMETERS = 300, 40, 6
SPELLED_OUT = {"api", "read.data", "mcp.tools"}
"""Public functions, whose arguments are spelled out for those who call them, and may be more."""


@cache
def modules() -> dict[str, Path]:
    """Every module by its name without "datapkg."; the package itself is "datapkg"."""
    found = {}
    for path in sorted((ROOT / "datapkg").rglob("*.py")):
        parts = list(path.relative_to(ROOT / "datapkg").with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "datapkg"] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(name: str) -> frozenset[str]:
    """The modules of ours that one imports, inside functions and for type checkers included."""
    found: set[str] = set()
    for node in ast.walk(tree(modules()[name])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports relatively; write the whole name"
            found |= {_module(f"{node.module}.{alias.name}", str(node.module)) for alias in node.names}
    own = {entry.removeprefix("datapkg.") for entry in found if entry.startswith("datapkg")}
    return frozenset((own & set(modules())) - {name})


def _module(whole: str, base: str) -> str:
    """`from base import name` imports the module base.name if there is one, else something of base."""
    return whole if whole.removeprefix("datapkg.") in modules() else base


def room(name: str) -> str:
    """Return the room of a module, the module itself for build, api and the package."""
    return name.split(".")[0]


def rank(name: str) -> int:
    """Return the rank of a module's room."""
    for number, line in enumerate(RANKS):
        if room(name) in line.split():
            return number
    raise AssertionError(f"{name} has no rank; give its room one in RANKS of {__file__}")


def across() -> Iterator[tuple[str, str, str]]:
    """Yield every import from another room, inside functions too: who imports, from which module, which name."""
    for name, path in modules().items():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("datapkg"):
                continue
            base = str(node.module).removeprefix("datapkg").lstrip(".")
            for alias in node.names:
                home = base or alias.name
                if room(home) != room(name):
                    yield name, home, alias.name


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Every function, and whether it stands inside another."""
    inner = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner |= {id(n) for n in ast.walk(node) if n is not node}
            yield node, id(node) in inner


def fresh(python: str, code: str, *argv: str) -> list[str]:
    """Run code in a fresh process and return the heavy libraries that it loaded."""
    after = f"\nimport sys, json\nprint('\\n' + json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run([python, "-c", code + after, *argv], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


class TestImports:
    def test_go_one_way(self) -> None:
        wrong = [
            f"{name} -> {other}"
            for name in modules()
            for other in imported(name)
            if room(name) != room(other) and rank(other) >= rank(name)
        ]
        assert not wrong

    def test_take_from_another_room_only_what_it_exports(self) -> None:
        wrong = []
        for name, home, what in across():
            if "." in home:
                wrong.append(f"{name} looks into {home}; take {what} from datapkg.{room(home)}")
            elif home not in ("build", "api", "datapkg") and what != home:
                exported = import_module(f"datapkg.{home}").__all__
                if what not in exported:
                    wrong.append(f"{name} takes {what}, which datapkg.{home} does not export")
        assert not wrong

    def test_every_room_says_what_it_promises_and_exports_what_is_used(self) -> None:
        used = {(room(home), what) for _, home, what in across()}
        for path in modules().values():  # a room imported as a whole: check.KINDS, releasing.plan
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.ImportFrom) and node.module == "datapkg":
                    for alias in node.names:
                        calls = re.findall(rf"\b{alias.asname or alias.name}\.(\w+)", path.read_text(encoding="utf-8"))
                        used |= {(alias.name, what) for what in calls}
        rooms = {name for name, path in modules().items() if path.name == "__init__.py" and "." not in name}
        for name in sorted(rooms - {"datapkg"}):
            module = import_module(f"datapkg.{name}")
            assert len((module.__doc__ or "").splitlines()) >= 7, f"{name} says too little about itself"
            if hasattr(module, "__all__"):
                assert list(module.__all__) == sorted(module.__all__, key=_order), name
            unused = [what for what in getattr(module, "__all__", ()) if (name, what) not in used]
            assert not unused, f"nobody outside takes {unused} from datapkg.{name}"

    def test_have_no_cycles(self) -> None:
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            assert name not in path, " -> ".join([*path[path.index(name) :], name])
            if name not in done:
                for other in sorted(imported(name)):
                    # a room's door is passed on the way to what is inside: no cycle of its own
                    if modules()[name].name != "__init__.py" or not other.startswith(f"{name}."):
                        visit(other, (*path, name))
                done.add(name)

        for name in modules():
            visit(name, ())

    def test_the_reading_half_needs_nothing_of_the_writing_half(self) -> None:
        """Apart from `compare`, which may compare a repository and then reads its data/raw/withdrawn.yaml."""
        reached, queue = {"compare"}, [name for name in modules() if room(name) in READING]
        while queue:
            reached.add(current := queue.pop())
            queue += [other for other in imported(current) if room(other) != "compare" and other not in reached]
        assert not {room(entry) for entry in reached} & WRITING


def _order(name: str) -> tuple[int, str]:
    """Return what sorts names as ruff sorts __all__: constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


class TestCost:
    def test_no_module_loads_a_heavy_library(self, python: str) -> None:
        names = [f"datapkg.{name}" for name in modules() if name not in {"datapkg", "pages.__main__", *EXPRESSIONS}]
        assert fresh(python, f"import importlib\nfor name in {names}: importlib.import_module(name)") == []

    def test_importing_it_loads_nothing_else(self, python: str) -> None:
        """What costs nothing is not timed: one module is read, whatever the machine does besides.

        Where a process measures its coverage, `__future__` is there before.
        """
        code = "import sys; there = {*sys.modules}; import datapkg; print(*sorted({*sys.modules} - there))"
        loaded = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout.split()
        assert {*loaded} - {"__future__"} == {"datapkg"}

    def test_load_brings_no_builder(self, python: str, built: Path) -> None:
        code = "import sys\nfrom pathlib import Path\nfrom datapkg.api import Data\nfrom datapkg.model import Layout\n"
        code += "Data(Layout(Path(sys.argv[1]))).load('companies')"
        assert set(fresh(python, code, str(built))) == {"pandas", "numpy", "pyarrow"}

    def test_help_brings_nothing(self, python: str) -> None:
        assert fresh(python, "from datapkg.cli.main import main; main(['--help'])") == []

    def test_quick_checks_bring_no_validator(self, python: str, built: Path) -> None:
        code = "import sys\nfrom datapkg.cli.main import main\nassert main(sys.argv[1:]) == 0"
        loaded = set(fresh(python, code, "check", str(built), "--only", "schema,rules"))
        assert not loaded & {"great_expectations", "frictionless", "rich", "yaml", "rapidfuzz"}


class TestPublic:
    def test_all_is_what_can_be_had(self) -> None:
        assert datapkg.__all__ == sorted(datapkg.__all__)
        found = {name: getattr(datapkg, name) for name in datapkg.__all__}
        assert {"tables", "load", "trace", "connect", "__version__"} <= set(found)
        assert set(datapkg.__all__) <= set(dir(datapkg))
        assert dir(datapkg) == datapkg.__all__

    def test_the_arguments_of_load_are_spelled_out(self) -> None:
        given = inspect.signature(datapkg.load).parameters
        assert {"version", "voice", "registry", "cache", "columns", "filters", "policy"} <= set(given)
        assert not [p.name for name in datapkg.__all__ if name.islower() and name != "__version__"
                    for p in inspect.signature(getattr(datapkg, name)).parameters.values()
                    if p.kind is inspect.Parameter.VAR_KEYWORD]  # fmt: skip

    def test_help_is_one_screen(self) -> None:
        assert len((datapkg.__doc__ or "").splitlines()) <= 20

    def test_every_error_is_public_and_in_the_tree(self) -> None:
        family = {
            n for n, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.DatapkgError)
        }
        assert family == {name for name in datapkg.__all__ if name[0].isupper()}
        drawn = re.findall(r"^[│├└─ ]*([A-Z]\w+)", errors.__doc__ or "", re.M)
        assert family <= set(drawn)

    def test_no_module_hides_a_public_function(self) -> None:
        assert not set(modules()) & set(datapkg.__all__)

    def test_what_is_not_there_says_so(self) -> None:
        with pytest.raises(AttributeError, match="module 'datapkg' has no attribute 'laod'"):
            datapkg.laod  # noqa: B018 - the access is the test

    def test_version_names_the_newest_release_of_the_data(self) -> None:
        """If this fails after a release, write its version and .0 into pyproject.toml; see docs/versioning.md."""
        version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
        assert re.fullmatch(rf"{re.escape(newest() or '')}\.\d+", version)

    def test_version_is_that_of_the_distribution(self) -> None:
        assert f'version = "{datapkg.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(modules()))
class TestHouse:
    def test_length(self, name: str) -> None:
        lines = modules()[name].read_text(encoding="utf-8").count("\n")
        assert lines <= LINES, f"{name} has {lines} lines; split it"

    def test_functions(self, name: str) -> None:
        wrong = []
        for node, inside in functions(modules()[name]):
            doc = node.body[0] if ast.get_docstring(node) else None
            length = (node.end_lineno or 0) - node.lineno + 1
            length -= (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
            given = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            many = len([a for a in given if a not in ("self", "cls")])
            if length > FUNCTION:
                wrong.append(f"{node.name}: {length} lines")
            if many > PARAMETERS and name not in SPELLED_OUT:
                wrong.append(f"{node.name}: {many} parameters")
            if doc is None and not inside and not node.name.startswith("_"):
                wrong.append(f"{node.name}: public, no docstring")
        assert not wrong

    def test_ignores_carry_their_reason(self, name: str) -> None:
        for number, line in enumerate(modules()[name].read_text(encoding="utf-8").splitlines(), 1):
            if "type: ignore" in line:
                assert re.search(r"type: ignore\[[\w-]+(, [\w-]+)*\]  # \w", line), f"{name}:{number} gives no reason"
            assert not re.search(r"\b(TODO|FIXME|XXX)\b|pragma: no cover", line), f"{name}:{number}: {line.strip()}"


def test_the_tests_run_on_the_code_beside_them() -> None:
    assert Path(str(sys.modules["datapkg"].__file__)) == ROOT / "datapkg" / "__init__.py"
