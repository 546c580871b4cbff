"""Files of data/raw that nothing reads, and the names under which they would be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from datapkg.claims.quality import CELLS, PROTOCOL, TABLES
from datapkg.model import Layout, Spec, parts

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def strays(layout: Layout, specs: Mapping[str, Spec]) -> Iterator[tuple[Path, Path | None]]:
    """Yield every file below data/raw that nothing reads, with the path that it seems to be meant for."""
    registries = [layout.entities / f"{name}.csv" for name, spec in specs.items() if spec.role == "registry"]
    known = [*registries, layout.corrections, layout.acknowledged, layout.about, layout.raw / "withdrawn.yaml"]
    known += [layout.quality / name for name in (PROTOCOL, CELLS, *TABLES)]
    known += parts.below(layout.bulk)
    for path in sorted(layout.raw.rglob("*")):
        claims = path.suffix == ".yaml" and path.parent in (layout.claims, layout.datasets)
        claims = claims or (path.parent == layout.datasets and path.with_suffix(".yaml").is_file())
        if path.is_file() and not claims and path not in known:
            yield path, _meant(path, layout, known)


def _meant(path: Path, layout: Layout, known: list[Path]) -> Path | None:
    stem = path.name.split(".")[0].casefold()
    for name in known:
        if stem == name.stem and not name.exists():
            return name
    source = layout.claims / f"{stem}.yaml"
    return source if path.is_relative_to(layout.claims) and _NAME.fullmatch(stem) and not source.exists() else None
