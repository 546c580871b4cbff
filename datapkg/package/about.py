"""What data/raw/package.yaml says about the package, each field held to its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datapkg.claims import Refused, read_yaml
from datapkg.model import ConfigError, Finding, Layout, Place, did_you_mean

RULE = "package-about"


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _optional(value: Any) -> bool:
    return value is None or _text(value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _licenses(value: Any) -> bool:
    return _entries(value, "name", "title", "path")


def _contributors(value: Any) -> bool:
    return _entries(value, "title") and all(_texts(entry.get("roles", [])) for entry in value)


def _entries(value: Any, *needed: str) -> bool:
    """Return whether a value is a list of mappings, one at least, in which the needed fields are texts."""
    mappings = isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)
    return mappings and all(_text(entry.get(name)) for entry in value for name in needed)


def _notes(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(map(_text, value.values())))


FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("name", "title", "description", "version"), (_text, "a text")),
    "homepage": (_optional, "an address, or null"),
    "keywords": (_texts, "a list of texts"),
    "licenses": (_licenses, "a list of licences, each with name, title and path"),
    "contributors": (_contributors, "a list of contributors, each with a title, and roles if any"),
}
"""The fields of package.yaml: whether a value has the form, and how the form is told."""
MORE = {"doi": (_optional, "a DOI, or null"), "notes": (_notes, "a text for each of its fields")}
"""Fields for releases, which may be left out; the second stays out of the descriptor."""


def read_about(layout: Layout) -> dict[str, Any]:
    """Return what data/raw/package.yaml says about the package.

    Raises  ConfigError if the file is missing or unreadable, or a field is missing, unknown or of another form.
    """
    about, found = _read(layout)
    if found:
        raise ConfigError(str(found[0]))
    return about


def about_findings(layout: Layout) -> list[Finding]:
    """Return what is wrong with data/raw/package.yaml, with line."""
    return _read(layout)[1]


def _read(layout: Layout) -> tuple[dict[str, Any], list[Finding]]:
    name = layout.relative(layout.about)
    try:
        root = read_yaml(layout.about, name)
    except Refused as refused:
        return {}, [refused.finding]
    if not isinstance(root.value, dict):
        message = f"expected the fields {', '.join(FIELDS)}; beside them {' and '.join(MORE)}"
        return {}, [Finding(rule=RULE, message=message, place=root.place)]
    known = FIELDS | MORE
    found = [
        Finding(rule=RULE, message=f"'{field}' is missing; expected {FIELDS[field][1]}", place=Place(name))
        for field in FIELDS if field not in root.value
    ]  # fmt: skip
    for field, node in root.value.items():
        if field not in known:
            near = did_you_mean(field, known) or f"; fields are {', '.join(known)}"
            found.append(Finding(rule=RULE, message=f"no field '{field}'{near}", place=node.named))
        elif not known[field][0](node.plain()):
            found.append(Finding(rule=RULE, message=f"'{field}': expected {known[field][1]}", place=node.named))
    return root.plain(), found
