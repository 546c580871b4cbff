"""The schemas of a release are read once in a session, by whatever proves them; those of others are others."""

from __future__ import annotations

import pytest

from datapkg.model import NotFound
from datapkg.model.layout import packaged
from datapkg.read import schemas

FILES = {f"schemas/{path.name}": path.read_bytes() for path in packaged().schemas.glob("*.json")}
NAMES = sorted(path.removeprefix("schemas/").removesuffix(".json") for path in FILES)
TABLES = [name for name in NAMES if name not in ("observations", "facts")]


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "_KEPT", {})


def test_schemas_are_read_once_for_each_release() -> None:
    asked: list[str] = []

    def source(path: str) -> bytes:
        asked.append(path)
        if path not in FILES:
            raise NotFound(path)
        return FILES[path]

    first = schemas.released("a", TABLES, source)
    assert set(first) >= set(TABLES)
    assert set(asked) == set(FILES)
    asked.clear()
    assert schemas.released("a", TABLES, source) is first
    assert asked == []
    for number in range(schemas.RELEASES):
        schemas.released(f"b{number}", TABLES, source)
    assert len(schemas._KEPT) <= schemas.RELEASES
    assert len(asked) >= len(FILES)


def test_a_folder_without_sums_is_read_each_time() -> None:
    asked: list[str] = []

    def source(path: str) -> bytes:
        asked.append(path)
        return FILES[path]

    assert schemas.released(None, TABLES, source) == schemas.released(None, TABLES, source)
    assert len(asked) == 2 * len(FILES)
    assert schemas._KEPT == {}
