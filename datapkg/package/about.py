"""What data/raw/package.yaml says about the package, each field held to its form; `ABOUT_SCHEMA` is for editors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datapkg.claims import Refused, read_yaml
from datapkg.model import ConfigError, Finding, Layout, Place, did_you_mean

RULE = "package-about"
TEXT = {"type": "string", "pattern": "\\S"}
TEXTS = {"type": "array", "items": TEXT}


@dataclass(frozen=True, slots=True)
class About:
    """A field of package.yaml: whether a value fits, how its form is told and what it is; and its JSON Schema."""

    fits: Callable[[Any], bool]
    form: str
    says: str
    schema: dict[str, Any]


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


def _words(says: str) -> About:
    return About(_text, "a text", says, TEXT)


def _maybe(form: str, says: str) -> About:
    return About(_optional, f"{form}, or null", says, {**TEXT, "type": ["string", "null"]})


def _list_of(properties: dict[str, Any], *needed: str) -> dict[str, Any]:
    entry = {"type": "object", "properties": properties, "required": list(needed)}
    return {"type": "array", "minItems": 1, "items": entry}


FIELDS = {
    "name": _words("Short name of the package, in small letters and hyphens; releases are cited and found by it."),
    "title": _words("Its name for people."),
    "description": _words("What is in it, in a sentence or two."),
    "version": _words("The version that is being worked on, such as 0.1.0-dev."),
    "homepage": _maybe("an address", "Where people find it."),
    "keywords": About(_texts, "a list of texts", "Words by which it is searched for.", TEXTS),
    "licenses": About(
        _licenses,
        "a list of licences, each with name, title and path",
        "What others may do with it: the licence's short name of SPDX, its title, and its address.",
        _list_of(dict.fromkeys(("name", "title", "path"), TEXT), "name", "title", "path"),
    ),
    "contributors": About(
        _contributors,
        "a list of contributors, each with a title, and roles if any",
        "Who made it; roles are such as creator, publisher, maintainer.",
        _list_of({"title": TEXT, "roles": TEXTS}, "title"),
    ),
}
"""The fields of package.yaml."""
MORE = {
    "doi": _maybe("a DOI", "The DOI of the series, without https://doi.org/."),
    "notes": About(
        _notes,
        "a text for each of its fields",
        "For the dataset card of releases: collection, limitations, biases, personal, uses.",
        {"type": ["object", "null"], "additionalProperties": TEXT},
    ),
    "extends": About(
        lambda value: value in (None, "datapkg"),
        "datapkg, or null",
        "With datapkg its registries stand below those of data/raw/entities; entries there are added, or take the "
        "place of one of the same id.",
        {"enum": ["datapkg", None]},
    ),
}
"""Fields which may be left out; they stay out of the descriptor, but for the DOI of a release."""
ABOUT_SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "data/raw/package.yaml",
    "description": "What a data package of claims says about itself.",
    "type": "object",
    "properties": {name: {"description": field.says, **field.schema} for name, field in (FIELDS | MORE).items()},
    "required": list(FIELDS),
    "additionalProperties": False,
}
"""The form of package.yaml for editors.

Source  JSON Schema draft 7, which the YAML language servers of editors read
"""

_NEW = {
    "title": "Claims about chips",
    "description": "What published pages claim about the semiconductor industry.",
    "version": "0.1.0-dev",
    "homepage": "null",
    "keywords": "[semiconductors]",
    "licenses": "[{name: CC-BY-4.0, title: Creative Commons Attribution 4.0, "
    'path: "https://creativecommons.org/licenses/by/4.0/"}]',
    "contributors": "[{title: The curators, roles: [creator]}]",
    "extends": "datapkg",
}
"""What a new package.yaml says, as YAML."""


def new_about(name: str) -> str:
    """Return a package.yaml to start from, with what each field is for above it."""
    known = FIELDS | MORE
    lines = [f"\n# {known[field].says}\n{field}: {value}\n" for field, value in {"name": f'"{name}"', **_NEW}.items()]
    return "".join(["# yaml-language-server: $schema=../../schemas/raw/package.json\n", *lines])


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
        Finding(rule=RULE, message=f"'{field}' is missing; expected {FIELDS[field].form}", place=Place(name))
        for field in FIELDS if field not in root.value
    ]  # fmt: skip
    for field, node in root.value.items():
        if field not in known:
            near = did_you_mean(field, known) or f"; fields are {', '.join(known)}"
            found.append(Finding(rule=RULE, message=f"no field '{field}'{near}", place=node.named))
        elif not known[field].fits(node.plain()):
            found.append(Finding(rule=RULE, message=f"'{field}': expected {known[field].form}", place=node.named))
    return root.plain(), found
