"""The plan of a release: what would be made of the working build, and every reason against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from datapkg import build
from datapkg.claims import quality
from datapkg.compare import compare, needed
from datapkg.model import (
    PREFIX,
    CheckFailed,
    Layout,
    ReleaseRefused,
    jsontext,
    semver,
)
from datapkg.package import (
    csv_path,
    parquet_path,
)
from datapkg.registry import SUMS
from datapkg.release.history import (
    QUALITY,
    ROW_COUNTS,
    acknowledged,
    commit,
    facts,
    out_of_band,
    released,
    section,
    unlisted,
)


@dataclass(frozen=True)
class Plan:
    """A release as it would be made: everything that decides its bytes, apart from the tables themselves."""

    version: str
    created: str
    previous: str | None
    bump: str
    needed: str
    reasons: tuple[str, ...]
    commit: str
    raw_tree: str
    tables: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        rows = sum(rows for _, rows in self.tables)
        since = (
            f"since {self.previous}, a {self.bump} release ({self.needed} is needed)" if self.previous else "the first"
        )
        head = [
            f"release {self.version}, {self.created}: {since}",
            f"{len(self.tables)} tables, {rows} rows, commit {self.commit}",
        ]
        return "\n".join(
            head + [f"  {self.needed}: {reason}" for reason in self.reasons] + [f"  {p}" for p in self.paths()]
        )

    def paths(self) -> list[str]:
        """Return the path of every file of the release, sorted."""
        tables = [name for name, _ in self.tables]
        data = [*map(parquet_path, tables), *map(csv_path, tables)]
        own = [name for name in tables if not name.startswith(PREFIX)]
        schemas = [f"schemas/{name}.json" for name in [*own, "facts", "observations"]]
        return sorted([*data, *schemas, *FIXED, SUMS])


MEASURED = "validation/quality.json"
"""How often the claims are wrong; null where nobody has measured it."""
FIXED = (
    *"CHANGES.md CITATION.cff README.md VERIFY.md changes.parquet croissant.json csv/datapackage.json".split(),
    *"datacite.json datapackage.json release.json validation/checks.json".split(),
    MEASURED,
)
"""The files of every release beside tables and schemas."""


def plan(layout: Layout, version: str, today: date) -> Plan:
    """Return the plan of a release of the working build.

    Raises  ReleaseRefused with every reason against it: a version that is too small or not later, changes that are not
            committed, a stale build, a changelog without its section, tables outside their bands, more wrong cells;
            CheckFailed with the findings of the checks; UsageError for a version that is none, or outside a git
            repository
    """
    wanted = semver.parse(version)
    state, changed = commit(layout)
    made = build.assemble(layout)
    found = build.checked(made)
    if found:
        raise CheckFailed(found)
    unfinished = version in unlisted(layout)
    if unfinished:  # what `run` ends is not committed yet
        changed = [path for path in changed if not path.startswith(layout.relative(layout.releases))]
    reasons = [f"{path} is not committed" for path in changed[:10]]
    if len(changed) > 10:
        reasons.append(f"and {len(changed) - 10} more paths are not committed")
    day = section(layout, version)
    if day is None:
        reasons.append(f"CHANGELOG.md has no section '## data {version} - {today}'")
    stale = build.stale(layout, made)
    if stale:  # there is nothing to compare then
        reasons += [f"{path} is not what the build makes; run: datapkg build" for path in stale]
        raise ReleaseRefused(version, reasons)
    known = [name for name in released(layout) if name != version or not unfinished]
    previous = semver.latest(known) if known else None
    bump, level, why = "first", "minor", ["the first release"]
    if previous:
        level, why = needed(compare(layout.releases / previous, layout.root))
        against = [_taken(version)] if version in known else _order(wanted, previous, level, why)
        bump = "" if against else semver.level(semver.parse(previous), wanted)
        reasons += against + _bands(layout, previous, made, today) + _worse(layout, previous, today)
    if reasons:
        raise ReleaseRefused(version, reasons)
    rows = tuple((name, table.num_rows) for name, table in made.tables.items())
    return Plan(version, str(day), previous, bump, level, tuple(why), state.id, state.raw_tree, rows)


def check_turn(layout: Layout, planned: Plan) -> None:
    """Look again whether a planned release is still the next one, now that nobody else can release.

    Raises  ReleaseRefused if its version or another was released since it was planned
    """
    known = released(layout)
    latest = semver.latest(known) if known else None
    if planned.version in known:
        raise ReleaseRefused(planned.version, [_taken(planned.version)])
    if latest != planned.previous:
        since = f"it was planned to follow {planned.previous or 'nothing'}, and now follows {latest or 'nothing'}"
        raise ReleaseRefused(planned.version, [f"{since}; run the same command again for a new plan"])


def _taken(version: str) -> str:
    return f"{version} is already released, and a release never changes"


def _order(wanted: semver.Version, previous: str, needs: str, why: Iterable[str]) -> list[str]:
    """Return why a version may not follow another, given what the changes between them need."""
    before = semver.parse(previous)
    if not before < wanted:
        return [f"{wanted} does not come after {previous}, the latest release"]
    least = semver.bump(before, needs)
    if wanted.core >= least.core:
        return []
    given = semver.level(before, wanted)
    return [f"{wanted} is a {given} release, and the changes since {previous} need {needs}: at least {least}", *why]


def _bands(layout: Layout, previous: str, made: build.Tables, today: date) -> list[str]:
    """Return the tables whose number of rows somebody has to look at first."""
    old = facts(layout, previous)
    known = {entry["table"] for entry in acknowledged(layout.acknowledged, ROW_COUNTS, today)}
    found = out_of_band(old, {name: table.num_rows for name, table in made.tables.items()})
    step = f"look at it, then add it to {layout.relative(layout.acknowledged)}"
    return [f"{why}; {step}" for table, why in found.items() if table not in known]


def _worse(layout: Layout, previous: str, today: date) -> list[str]:
    """Return why the claims may be wrong more often than those of the release before, if nobody has looked at it."""
    path = layout.releases / previous / MEASURED
    before = jsontext.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    if before is None or acknowledged(layout.acknowledged, QUALITY, today):
        return []
    now, then = quality(layout), before["cells"]["bound"]
    if now and now["cells"]["bound"] <= then:
        return []
    found = f"is {now['cells']['bound']:.2%}" if now else "was not measured"
    step = f"look at it, then add it to {layout.relative(layout.acknowledged)} under {QUALITY}"
    return [f"the share of wrong cells was at most {then:.2%} in {previous} and now {found}; {step}"]
