"""The page of the Python interface: signatures and docstrings of everything that `import datapkg` brings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import datapkg
from datapkg import api
from datapkg.model import errors

HEAD = """# Python

Everything public is in `datapkg` itself. Where to read from is said the same way everywhere: `version` names a release
(without it the newest inside the installed package), `registry` where releases are, `cache` where copies of a remote
one are kept ([Publishing](publishing.md#find)).
"""
LABEL = re.compile(r"^(Shape|Units|Raises|Source) {2,}", re.M)
WIDE = 100


def reference() -> str:
    """Return the page: functions in the order in which api.py has them, then the errors."""
    functions = [name for name in vars(api) if name in datapkg.__all__ and name.islower()]
    kinds = [name for name in vars(errors) if name in datapkg.__all__]
    told = [f"\n## {name}\n\n```python\n{signature(getattr(api, name))}\n```\n\n{prose(getattr(api, name))}\n"
            for name in functions]  # fmt: skip
    tree = inspect.getdoc(errors) or ""
    told.append(f"\n## Errors\n\n{tree.partition(chr(10))[0]}\n\n```text\n{tree.partition(chr(10) * 2)[2]}\n```\n")
    told += [f"\n### {name}\n\n{prose(getattr(errors, name))}\n" for name in kinds]
    return HEAD + "".join(told)


def signature(function: Callable[..., Any]) -> str:
    """Return how a function is called, an argument per line where one line is too long."""
    found = inspect.signature(function)
    given = [_argument(argument) for argument in found.parameters.values()]
    named = next((n for n, a in enumerate(found.parameters.values()) if a.kind is a.KEYWORD_ONLY), None)
    if named is not None and not any(part.startswith("*") for part in given):
        given.insert(named, "*")
    line = f"{function.__name__}({', '.join(given)}) -> {found.return_annotation}"
    if len(line) <= WIDE:
        return line
    return "\n".join([f"{function.__name__}(", *(f"    {part}," for part in given), f") -> {found.return_annotation}"])


def _argument(argument: inspect.Parameter) -> str:
    """Return an argument as it is written; annotations are texts."""
    star = "*" if argument.kind is argument.VAR_POSITIONAL else ""
    default = "" if argument.default is argument.empty else f" = {argument.default!r}"
    return f"{star}{argument.name}: {argument.annotation}{default}"


def prose(documented: object) -> str:
    """Return a docstring as Markdown: what it says of shape, units and errors are paragraphs of their own."""
    return LABEL.sub(r"\n**\1** ", inspect.getdoc(documented) or "")
