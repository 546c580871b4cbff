"""Everything that datapkg refuses to do, as one family.

DatapkgError
├── UsageError         the caller asked for something that is not there or does not go together
│   ├── NotFound       no such table, column, claim, source, file or folder; names the near miss
│   └── MissingExtra   a library of an optional extra is not installed
├── ConfigError        a file that steers the package (schema, registry header, descriptor) is unusable
├── CheckFailed        checks found mistakes; carries every finding
├── IntegrityError     bytes on disk are not those that the descriptor promises
├── Unreachable        a registry does not answer
├── ReleaseRefused     a release cannot be made; carries every reason
└── WriteError         the result could not be written; what was there before is untouched
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from heapq import nlargest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datapkg.model.findings import Finding

ALIKE = 200
"""Names that are compared letter by letter; of more, those that share most pairs of letters."""


class DatapkgError(Exception):
    """Base of all failures that datapkg expects; its text is written for the person who reads it."""


class UsageError(DatapkgError):
    """The caller asked for something that cannot be done as asked."""


class NotFound(UsageError, LookupError):
    """A name that does not exist; the message lists the nearest that do."""

    @classmethod
    def of(cls, what: str, name: str, known: Iterable[str], where: str, hint: str = "") -> NotFound:
        """Return the error for `name`, with near misses from `known`."""
        near = did_you_mean(name, known)
        return cls(f"no {what} '{name}' in {where}{near}{(' ' if near else '. ') + hint if hint else ''}")


LIBRARIES = {
    "duckdb": ("duckdb", "sql"),
    "frictionless": ("frictionless", "build"),
    "great_expectations": ("great-expectations", "build"),
    "openpyxl": ("openpyxl", "xlsx"),
    "polars": ("polars", "polars"),
    "py4j": ("pyspark", "spark"),
    "pyspark": ("pyspark", "spark"),
    "rapidfuzz": ("rapidfuzz", "build"),
    "yaml": ("pyyaml", "build"),
}
"""Libraries that whole commands need, by module: the name to install each by, and the extra that has it."""


class MissingExtra(UsageError, ImportError):
    """An optional library is needed for this and is not installed."""

    @classmethod
    def of(cls, library: str, extra: str, purpose: str) -> MissingExtra:
        """Return the error that says which extra to install."""
        return cls(f"{purpose} needs {library}: pip install 'semiconductor-datapkg[{extra}]'")


@contextmanager
def needing(purpose: str) -> Iterator[None]:
    """Turn the failed import of one of LIBRARIES into the error that says which extra to install.

    Raises  MissingExtra
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in LIBRARIES:
            raise
        raise MissingExtra.of(*LIBRARIES[error.name], purpose) from error


class ConfigError(DatapkgError):
    """A schema, a registry header or a descriptor cannot be used."""


class CheckFailed(DatapkgError):
    """Checks found mistakes. `findings` holds all of them, one for each cause, sorted by file and line."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        from datapkg.model.findings import told_once

        self.findings = told_once(findings)
        many = len(self.findings)
        super().__init__(f"{many} finding{'' if many == 1 else 's'}; nothing was written")


class IntegrityError(DatapkgError):
    """A file is not the one that the descriptor describes."""


class Unreachable(DatapkgError):
    """A registry does not answer, or refuses to; the message says what was tried."""


class ReleaseRefused(DatapkgError):
    """A release cannot be made; `reasons` holds all of them."""

    def __init__(self, version: str, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(f"release {version} is refused:\n" + "\n".join(f"- {reason}" for reason in self.reasons))


class WriteError(DatapkgError, OSError):
    """Writing failed; the files that were there before are as they were."""


def expected(argument: str, found: object, kind: type | tuple[type, ...], what: str) -> None:
    """Refuse an argument that is of another type than it has to be; `what` says what it has to be.

    Raises  UsageError
    """
    if not isinstance(found, kind):
        raise UsageError(f"{argument}: expected {what}; found {found!r}, of the type {type(found).__name__}")


def did_you_mean(name: str, known: Iterable[str], many: int = 3) -> str:
    """Return "; did you mean 'x' or 'y'?" for the nearest known names, or an empty text."""
    names = list(known)
    if len(names) > ALIKE:  # comparing letter by letter takes a millisecond for each long name
        pieces = _pieces(name)
        names = nlargest(ALIKE, names, key=lambda other: len(pieces & _pieces(other)))
    near = get_close_matches(name, names, n=many, cutoff=0.6)
    return "; did you mean " + " or ".join(f"'{n}'" for n in near) + "?" if near else ""


def _pieces(name: str) -> set[str]:
    """Return the pairs of letters that a name is made of."""
    return {name[at : at + 2] for at in range(len(name) - 1)}
