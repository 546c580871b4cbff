"""The arguments of the command line: what can be asked, and how it is explained."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datapkg.cli.options import add, add_formats, add_root, processes
from datapkg.cli.render import WRITERS
from datapkg.model import Layout, NotFound, distribution, repository

ROWS = 50
"""Rows that `show` and `sql` print in a table unless told otherwise."""
SQL = """Ask a question in SQL, with a view per table. It reads the tables of the package, as `datapkg tables` lists
them, and nothing else: no file, address, extension or setting is in its reach, and nothing is written."""
PARTS = ("company", "market", "product", "segment", "metric", "basis")
"""What series go by."""
COMPLETION = """Print the script that completes commands, options and tables. In ~/.bashrc or ~/.zshrc:
eval "$(datapkg completion bash)", in config.fish: datapkg completion fish | source"""
HERE = "working, the build of the repository around this folder"
"""The version that is none, for help."""


class _Version(argparse.Action):
    """Prints the versions; looking them up only then keeps every other command quicker."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version of datapkg and that of the newest release inside, and stop."""
        from datapkg.registry import newest

        print(f"datapkg {distribution()}, data {newest() or 'of no release'}")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; `args.run` is the name of the command that it found."""
    whole = argparse.ArgumentParser(prog="datapkg", description="Claims of articles to checked tables, and back again.")
    whole.add_argument("--version", action=_Version, nargs=0, help="print the versions of datapkg and of its data")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    _add_writing(commands)
    _add_reading(commands)
    _add_looking(commands)
    _add_releases(commands)
    _add_publishing(commands)
    source = commands.add_parser("source", help="work on claim files").add_subparsers(required=True, metavar="COMMAND")
    _add_sources(source)
    completion = add(commands, "completion", "completion", "print the script that completes commands in a shell")
    completion.description = COMPLETION
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    return whole


def _add_writing(commands: Any) -> None:
    init = add(commands, "init", "init", "start a repository of claims")
    init.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="where (default: the current folder)")
    build = add(commands, "build", "build", "make, check and write the tables and datapackage.json")
    build.add_argument("--check", action="store_true", help="write nothing; fail if the files are stale")
    build.add_argument(
        "--claims", metavar="PATH", action="append", default=[],
        help="claims in bulk beside those of data/raw: a folder, a file, a pattern or a URL of .jsonl or .parquet",
    )  # fmt: skip
    build.add_argument(
        "--on-error", choices=("fatal", "quarantine"), default="fatal",
        help="bad claims in bulk: fatal writes nothing, quarantine leaves them out, listed in data/quarantine.jsonl, "
        "and ends with exit code 3 (default: fatal)",
    )  # fmt: skip
    build.add_argument(
        "--jobs", metavar="N", type=processes,
        help="processes that read claims in bulk, of which there are more than 20,000 (default: one per processor)",
    )  # fmt: skip
    build.add_argument(
        "--engine", choices=("duckdb", "pandas", "polars", "spark"),
        help="what works out facts and looks at schemas (default: Python while few claims compete, DuckDB beyond)",
    )  # fmt: skip
    where = "where Spark works, for example spark://host:7077 (default: local[*], this machine)"
    build.add_argument("--spark-master", metavar="URL", default="local[*]", help=where)
    check = add(commands, "check", "check", "check claims, tables and files, and print every finding")
    check.add_argument("targets", nargs="*", metavar="TARGET", help="files of data/raw, or folders of repositories")
    check.add_argument("--only", metavar="KIND,KIND", help="kinds of check; without claims: of stored tables")
    check.add_argument("--format", choices=sorted(WRITERS), default="text", help="how findings are printed")
    for parser in (build, check):
        parser.add_argument(
            "--against", metavar="WHAT", nargs="?", const="",
            help="say what the tables change against a release, branch, commit or folder (default: the newest release)",
        )  # fmt: skip
        add_root(parser)


def _add_reading(commands: Any) -> None:
    listing = add(commands, "tables", "tables", "list the tables")
    show = add(commands, "show", "show", "print rows of a table")
    export = add(commands, "export", "export", "write rows of a table to a file: Excel, CSV, Parquet or JSON")
    mentions = add(commands, "mentions", "mentions", "print every claim about entries of the registries")
    mentions.add_argument("entry", metavar="ENTRY", nargs="+", help="an id such as nvidia, companies/nvidia, or 'hbm*'")
    sql = add(commands, "sql", "sql", "ask a question in SQL, with a view per table")
    sql.description = SQL
    sql.add_argument("query", metavar="QUERY", help="a query, or - to read it from the input")
    trace = add(commands, "trace", "trace", "print the claims behind a row")
    why = add(commands, "why", "why", "say in sentences why a row says what it says")
    revisions = add(commands, "revisions", "revisions", "print what was foretold and counted of a figure, by vintage")
    for parser in (show, export):
        _add_rows(parser)
    export.add_argument("file", metavar="FILE", help="where to write, for example shares.xlsx")
    for parser in (show, mentions, sql):
        parser.add_argument("--limit", metavar="N", type=_many, help=f"rows to print (default: {ROWS}, or all)")
    for parser in (trace, why, revisions):
        parser.add_argument("table", metavar="TABLE")
        parser.add_argument("key", metavar="KEY", nargs="+", help="column=value, or the values of the key in order")
    for parser in (show, export, trace, why, revisions):
        _add_voice(parser)
    for parser in (listing, show, mentions, sql, trace, revisions):
        add_formats(parser, "json", "csv")
    mcp = add(commands, "mcp", "mcp", "answer agents, read-only (Model Context Protocol over stdio)")
    mcp.add_argument("--llms", action="store_true", help="print llms.txt, what an agent should know first, and end")
    for parser in (listing, show, export, mentions, sql, trace, why, revisions, mcp):
        _add_origin(parser)


def _add_rows(parser: argparse.ArgumentParser) -> None:
    """Add what says which rows of a table."""
    parser.add_argument("table", metavar="TABLE")
    parser.add_argument("--columns", metavar="NAME,NAME", help="columns, in this order")
    parser.add_argument("--where", metavar="CONDITION", action="append", default=[], help='for example "share_pct>=50"')
    parser.add_argument("--policy", default="preferred", help="preferred, latest, or all for one row per claim")
    parser.add_argument("--valid-on", metavar="DATE", help="rows that held then, for example 2024-01-26 or 2023-Q4")
    parser.add_argument("--known-by", metavar="DATE", help="as could be known at the end of then")
    parser.add_argument(
        "--assume-open", action="store_true", help="what has no stated end goes on beyond its last mention"
    )


def _add_looking(commands: Any) -> None:
    find = add(commands, "find", "find", "find companies, people, products and markets by any name")
    find.add_argument("name", metavar="NAME", help="an id, a name or a part of one, in any language: HBM, 삼성")
    find.add_argument("--kind", metavar="KIND", help="the registry to look in, for example companies")
    describe = add(commands, "describe", "describe", "print what a table holds: columns, units, meaning, examples")
    describe.add_argument("table", metavar="TABLE", nargs="?", help="a table (default: all of them, with their rows)")
    series = add(commands, "series", "series", "print figures over time, a column per company, market or product")
    _add_series(series)
    plot = add(commands, "plot", "plot", "draw figures over time, with what is hedged, forecast and disputed")
    _add_series(plot)
    plot.add_argument("-o", "--out", metavar="FILE", required=True, help="where to write: .svg, .png or .pdf")
    plot.add_argument("--language", choices=("en", "ko"), default="en", help="of the names in it")
    plot.add_argument("--font", metavar="FONT", help="a font with Hangul, by its name or file")
    _add_origin(plot)
    for parser in (find, describe, series):
        add_formats(parser, "json", "csv")
        _add_origin(parser)


def _add_series(parser: argparse.ArgumentParser) -> None:
    """Add what says which figures of a table."""
    parser.add_argument("table", metavar="TABLE")
    for part in PARTS:
        parser.add_argument(
            f"--{part}", metavar="NAME", action="append", help=f"a {part}, by any name; may be repeated"
        )
    parser.add_argument("--where", metavar="CONDITION", action="append", default=[], help='for example "currency=USD"')
    parser.add_argument("--freq", choices=("Y", "H", "Q", "M", "D"), help="how long a period is (default: most rows')")
    parser.add_argument("--known-by", metavar="DATE", help="as could be known at the end of then")
    _add_voice(parser)


def _many(text: str) -> int:
    """Return a number of rows."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number of rows, 0 or more; found '{text}'")
    return int(text)


def _add_origin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", metavar="VERSION", help=f"a release, or {HERE} (default: the newest in datapkg)")
    _add_registry(parser)
    parser.add_argument("--root", metavar="FOLDER", help="folder with a datapackage.json, instead of a release")


def _add_voice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--voice", metavar="NAME", help="only what one voice said, for example TrendForce")


def _add_registry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--registry", metavar="URL", help="where releases are (default: $DATAPKG_REGISTRY, or datapkg)")


def _add_releases(commands: Any) -> None:
    cite = add(commands, "cite", "cite", "cite a release, and the articles behind rows of a table")
    cite.add_argument("table", metavar="TABLE", nargs="?")
    cite.add_argument("--where", metavar="CONDITION", action="append", default=[], help='for example "rank=1"')
    cite.add_argument("--known-by", metavar="DATE", help="the rows as could be known at the end of then")
    _add_voice(cite)
    cite.add_argument("--style", default="bibtex", help="bibtex, ris, csl-json, datacite, or a CSL style such as apa")
    cite.add_argument("--lock", metavar="FILE", help="keep the rows and their claims in this file, for recheck")
    _add_origin(cite)
    recheck = add(commands, "recheck", "recheck", "say which cells that a lock cites were corrected or disputed since")
    recheck.add_argument("lock", metavar="LOCK", help="a file that datapkg cite --lock wrote")
    recheck.add_argument("--version", metavar="VERSION", help=f"where to look: a later release, or {HERE}")
    recheck.add_argument("--json", dest="format", action="store_const", const="json", default="text", help="print JSON")
    _add_registry(recheck)
    listing = add(commands, "versions", "versions", "list the releases, and which are newer than those in datapkg")
    add_formats(listing, "json", "csv")
    diff = add(commands, "diff", "diff", "print what changed between two releases, folders, or the working build")
    diff.add_argument("old", metavar="OLD", help=f"a version, a folder, or {HERE}")
    diff.add_argument("new", metavar="NEW", help="likewise")
    diff.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    diff.add_argument("--out", metavar="FILE", help="write every change to this Parquet file")
    diff.add_argument("--exit-code", action="store_true", help="exit with 1 if anything changed")
    release = add(commands, "release", "release", "make a release of the working build")
    release.add_argument("release", metavar="VERSION")
    release.add_argument("--dry-run", action="store_true", help="print the plan that would be carried out")
    release.add_argument("--sign", metavar="KEY", help="secret key of minisign or ssh-keygen, its public key beside it")
    add_root(release)
    verify = add(commands, "verify", "verify", "check every file of a release, and the tables in them")
    verify.add_argument("target", metavar="PATH|VERSION")
    verify.add_argument(
        "--key", metavar="KEY", help="public key of the signature, or its file (default: those in keys/)"
    )
    verify.add_argument("--rebuild", action="store_true", help="make the tables again from the claims of its commit")
    verify.set_defaults(format="text")
    verify.add_argument("--json", dest="format", action="store_const", const="json", help="print JSON")
    add_root(verify)
    for parser in (listing, diff, verify):
        _add_registry(parser)


def _add_publishing(commands: Any) -> None:
    publish = add(commands, "publish", "publish", "copy a release to a folder or URL; safe to run again")
    publish.add_argument("release", metavar="VERSION|PATH")
    publish.add_argument("url", metavar="URL", help="a folder, or a URL of fsspec such as s3://bucket/folder")
    feeds = add(commands, "feeds", "feeds", "write Atom feeds of releases and of changed facts, per market and company")
    feeds.add_argument("--out", metavar="FOLDER", help="where to (default: feeds, beside index.json of --registry)")
    where = "where releases are as seen from the feeds, or the index.html of a site"
    feeds.add_argument("--releases", metavar="URL", default="../", help=where)
    site = add(commands, "site", "site", "make a folder of pages of a release, for a static host or a disk")
    site.add_argument("release", metavar="VERSION", help=f"a version, or {HERE}")
    site.add_argument("out", metavar="OUT", help="the folder to make; a site that is there is replaced")
    site.add_argument("--no-feeds", action="store_true", help="leave out the Atom feeds, which read every release")
    for parser in (publish, feeds, site):
        _add_registry(parser)


def _add_sources(commands: Any) -> None:
    check = add(commands, "check", "source_check", "prove the anchors of a source against a copy of its page or table")
    check.add_argument("id", metavar="ID")
    check.add_argument(
        "page", metavar="PAGE", nargs="?", help="file with the page: text, HTML or PDF; or the table: CSV"
    )
    check.add_argument(
        "--write", metavar="QUOTES.csv", nargs="?", const=True,
        help="write to the claim file: new positions, or the digests of a list of quotes that is kept elsewhere",
    )  # fmt: skip
    show = add(commands, "show", "source_show", "print a page with the claims of a source beside their passages")
    show.add_argument("id", metavar="ID")
    show.add_argument("page", metavar="PAGE", help="file with the page: text, HTML or PDF")
    listing = add(commands, "list", "source_list", "list the sources")
    listing.add_argument("--by", metavar="WHAT", help="count them by year, market, language, tier, kind or publisher")
    listing.add_argument("--duplicates", action="store_true", help="list pairs that say largely the same")
    add_formats(listing, "json")
    new = add(commands, "new", "source_new", "write a claim file to start from")
    new.add_argument("source", metavar="URL|ID")
    new.add_argument("--id", metavar="ID", help="id of the source (default: the words of its address)")
    table = add(commands, "import", "source_import", "make the claims of a table of others, by a map")
    table.add_argument("table", metavar="FILE.csv")
    table.add_argument("--map", metavar="MAP.yaml", required=True, help="how its columns become fields of claims")
    for parser in (check, show, listing, new, table):
        add_root(parser)


def origin(args: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return which release the arguments and the environment name."""
    cache = environment.get("DATAPKG_CACHE")
    return {
        "version": getattr(args, "version", None),
        "registry": getattr(args, "registry", None) or environment.get("DATAPKG_REGISTRY"),
        "cache": Path(cache) if cache else None,
        "voice": getattr(args, "voice", None),
    }


def root(args: argparse.Namespace) -> Layout:
    """Return the repository that --root names, and no other, or the one around the current folder."""
    if args.root and not Path(args.root).is_dir():
        raise NotFound(f"no folder {args.root}")
    return Layout(Path(args.root).resolve()) if args.root else repository(Path.cwd())
