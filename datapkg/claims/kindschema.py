"""Kind schemas: the fields that a curator fills in for one kind of claim, derived from the Table Schemas.

They are what `schemas/claims/<kind>.json` says as JSON Schema. A kind has one property per column that is neither
worked out nor bookkeeping. A column that points at a registry loses its `_id` and takes a name as the source wrote it;
the key of an event is `id`; tables fed as lists become lists.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapkg.claims.codes import no_code
from datapkg.claims.numbers import meant
from datapkg.claims.yaml import Node
from datapkg.model import Field, Place, Spec, Written, did_you_mean, duration_days, period

Problem = tuple[str, str, Place]
"""A mistake in a claim file: rule, message and place."""


@dataclass(frozen=True)
class Property:
    """One field of a kind: the column it fills, and the registry whose names it takes, if any."""

    name: str
    column: Field
    registry: str | None
    required: bool
    items: KindSchema | None = None


@dataclass(frozen=True)
class KindSchema:
    """The fields of one claim kind, or of one item of a list in it."""

    kind: str
    table: str
    properties: dict[str, Property]
    first: str | None = None
    """For items of a list: the property that a bare text stands for."""


def kind_schemas(specs: dict[str, Spec]) -> dict[str, KindSchema]:
    """Return the schema of every claim kind, by kind."""
    found: dict[str, KindSchema] = {}
    facts = [s for s in specs.values() if s.claim and s.role == "fact"]
    for spec in sorted(facts, key=lambda s: "list" in s.claim):
        kind = spec.claim["kind"]
        if "list" not in spec.claim:
            found[kind] = KindSchema(kind, spec.name, {e.name: e for e in _properties(spec, specs)})
            continue
        parent = specs[found[kind].table].key[0]
        own = {e.name: e for e in _properties(spec, specs) if e.column.name != parent}
        name = spec.claim["list"]
        items = KindSchema(kind, spec.name, own, first=spec.claim["item"])
        column = Field(name, "array", spec.title, spec.description)
        found[kind].properties[name] = Property(name, column, None, False, items)
    return found


def _properties(spec: Spec, specs: dict[str, Spec]) -> Iterator[Property]:
    targets = {fk.column: fk.table for fk in spec.foreign_keys}
    partial = spec.claim.get("partial", False)
    for f in spec.fields:
        if f.derived or f.bookkeeping or f.name == "claim_id":
            continue
        event = spec.key == (f.name,) and f.name == f"{spec.claim['kind']}_id"
        target = targets.get(f.name) if f.name.endswith("_id") and not event else None
        registry = target if target and specs[target].role == "registry" else None
        name = "id" if event else f.name.removesuffix("_id") if target else f.name
        needed = f.name in spec.key or (f.required and not partial)
        yield Property(name, f, registry, needed and f.default is None)


def read_claim_values(node: Node, schema: KindSchema) -> tuple[dict[str, Any], list[Problem]]:
    """Return the typed values of a filled-in claim, names still as written, and every problem in it."""
    if isinstance(node.value, str) and schema.first:
        node = Node({schema.first: node}, node.place)
    if not isinstance(node.value, dict):
        return {}, [
            (
                "wrong-type",
                f"{schema.kind}: expected fields such as {', '.join(schema.properties)}; found {_found(node)}",
                node.place,
            )
        ]
    values: dict[str, Any] = {
        e.name: e.column.default for e in schema.properties.values() if e.column.default is not None
    }
    problems: list[Problem] = []
    for name, child in node.value.items():
        prop = schema.properties.get(name)
        if prop is None:
            near = did_you_mean(name, schema.properties) or f"; {schema.kind} has {', '.join(schema.properties)}"
            problems.append(("unknown-field", f"{schema.kind} has no field '{name}'{near}", child.named))
        elif child.value is not None:
            value, found = read_property(child, prop)
            problems += found
            if not found:
                values[name] = value
    given = {name for name, child in node.value.items() if child.value is not None}
    for prop in schema.properties.values():
        if prop.required and prop.name not in given:
            problems.append(
                ("missing-field", f"{schema.kind} needs '{prop.name}': {prop.column.description}", node.place)
            )
    return values, problems


def read_property(node: Node, prop: Property) -> tuple[Any, list[Problem]]:
    """Return the typed value of one field of a claim, and every problem in it."""
    if prop.items is None:
        try:
            return read_value(node, prop.column, free=prop.registry is not None), []
        except ValueError as error:
            rule, message = error.args if len(error.args) == 2 else ("wrong-value", str(error))
            return None, [(rule, f"{prop.name}: {message}", node.place)]
    if not isinstance(node.value, list):
        return None, [("wrong-type", f"{prop.name}: expected a list, found {_found(node)}", node.place)]
    read = [read_claim_values(item, prop.items) for item in node.value]
    return [values for values, _ in read], [problem for _, found in read for problem in found]


def read_value(node: Node, f: Field, free: bool = False) -> Any:
    """Return the value of a scalar for a column; `free` takes any text (a name that a registry resolves).

    Raises  ValueError with (rule, message), or with a message of `values`.
    """
    value = _typed(node, f)
    if free:
        return value
    if f.edtf and "/" in period(value).text and not re.fullmatch(f.constraints["pattern"], value):
        raise ValueError(
            "wrong-value", f"'{value}' is an interval; expected one time, such as 2024, 2024-01, 2024-01-26"
        )
    if f.name.startswith("duration"):
        duration_days(value)
    unknown = no_code(f.name, value)
    if unknown:
        raise ValueError("unknown-value", unknown)
    _check_constraints(value, f)
    return value


def _typed(node: Node, f: Field) -> Any:
    value = node.value
    if f.type == "string":
        if f.edtf and type(value) is int:
            value = str(value)
        if not isinstance(value, str):
            bare = isinstance(value, (bool, int, float))
            near = "; if that is the text, put it in quotation marks" if bare else ""
            raise ValueError("wrong-type", f"expected a text, found {_found(node)}{near}")
        if value != value.strip() or not value:
            raise ValueError("wrong-type", f"the text {value!r} is empty or begins or ends with white space")
        return value
    if f.type in ("number", "integer"):
        return _number(node, f)
    if f.type == "boolean":
        if not isinstance(value, bool):
            raise ValueError("wrong-type", f"expected true or false, found {_found(node)}")
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("wrong-type", f"expected a day such as 2024-01-26, found {_found(node)}")
    return period(value).start


def _number(node: Node, f: Field) -> int | float:
    """Return a number; a percentage below one must carry its sign, so that it is no fraction by mistake."""
    value: Any = node.value
    text = node.text
    signed = re.fullmatch(r"([-+]?[0-9]+(?:\.[0-9]+)?) ?%", value) if isinstance(value, str) and f.unit == "%" else None
    if signed:
        value, text = float(signed[1]), signed[1]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        near = meant(value, f.unit == "%") if isinstance(value, str) else ""
        raise ValueError("wrong-type", f"expected a number, found {_found(node)}{near}")
    if not math.isfinite(value):
        raise ValueError("not-finite", f"expected a finite number, found {value}; leave the field out if unknown")
    if f.type == "integer":
        if value != int(value):
            raise ValueError("wrong-type", f"expected a whole number, found {value}")
        if abs(value) >= 2**63:
            raise ValueError("out-of-range", f"{value:g} is too large for a whole number; at most 9.2e18 can be kept")
        return int(value)
    if f.unit == "%" and 0 < abs(value) < 1 and not signed:
        raise ValueError(
            "percent-as-fraction",
            f"{value} reads like a fraction; write {value * 100:g} for {value * 100:g} percent, or '{value}%' if the "
            "share really is below one percent",
        )
    return Written.of(value, text)


def _check_constraints(value: Any, f: Field) -> None:
    """Check one value against the constraints of its column."""
    limits = f.constraints
    unit = f" {f.unit}" if f.unit else ""
    if "enum" in limits and value not in limits["enum"]:
        near = did_you_mean(str(value), limits["enum"]) or f"; expected one of {', '.join(limits['enum'])}"
        raise ValueError("unknown-value", f"'{value}' is not in the vocabulary{near}")
    if "minimum" in limits and value < limits["minimum"]:
        raise ValueError("out-of-range", f"{value:g}{unit} is below {limits['minimum']}{unit}")
    if "maximum" in limits and value > limits["maximum"]:
        raise ValueError("out-of-range", f"{value:g}{unit} is above {limits['maximum']}{unit}")
    if "maxLength" in limits and len(value) > limits["maxLength"]:
        raise ValueError("wrong-value", f"{len(value)} characters, and at most {limits['maxLength']}; say it shorter")
    if "pattern" in limits and not f.edtf and not f.reference and not re.fullmatch(limits["pattern"], value):
        near = did_you_mean_slug(value) if f.name.endswith("_id") else ""
        raise ValueError("wrong-value", f"'{value}' does not have the form {limits['pattern']}{near or _meant(f)}")


def _meant(f: Field) -> str:
    return f" ({f.description.rstrip('.')})" if f.description else ""


def did_you_mean_slug(text: str) -> str:
    """Return a suggestion for a text that should be a slug."""
    found = slug(text)
    return f"; did you mean '{found}'?" if found and found != text else ""


def slug(text: str) -> str:
    """Return a text as small letters and digits with hyphens between; empty if it has neither."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def _found(node: Node) -> str:
    """Return what stands there, for messages."""
    if isinstance(node.value, dict):
        return "fields"
    if isinstance(node.value, list):
        return "a list"
    if isinstance(node.value, str):
        return f"the text '{node.value}'"
    return (
        "nothing"
        if node.value is None
        else f"{str(node.value).lower() if isinstance(node.value, bool) else node.value}"
    )
