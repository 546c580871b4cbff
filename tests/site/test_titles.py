"""Every table and every column of datapkg has a Korean title, and one home for it."""

from __future__ import annotations

import re
from collections import defaultdict

from datapkg.model.layout import packaged
from datapkg.model.specs import PREFIX, load_specs
from datapkg.site.told import korean

SPECS = load_specs(packaged().schema_files)
TABLES = {name: spec for name, spec in SPECS.items() if not name.startswith(PREFIX)}
COLUMNS = [(table, name) for table, spec in TABLES.items() for name in spec.columns]


def test_every_table_and_column_has_one_and_nothing_else_has() -> None:
    assert set(korean()["tables"]) == set(TABLES)
    columns = {name for _, name in COLUMNS} | {f"{table}.{name}" for table, name in COLUMNS}
    assert set(korean()["columns"]) <= columns
    assert {name for _, name in COLUMNS} <= set(korean()["columns"])


def test_a_column_with_another_title_in_a_table_has_another_korean_one_too() -> None:
    titles = defaultdict(set)
    for table, name in COLUMNS:
        told = korean()["columns"].get(f"{table}.{name}") or korean()["columns"][name]
        titles[name, told].add(TABLES[table].field(name).title)
    assert not {key: several for key, several in titles.items() if len(several) > 1}


def test_they_are_korean_or_a_name() -> None:
    texts = [*korean()["tables"].values(), *korean()["columns"].values()]
    assert [text for text in texts if not re.search("[\uac00-\ud7a3]", text)] == ["LEI"]
