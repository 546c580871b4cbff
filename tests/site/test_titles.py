"""Every table and every column of datapkg has a Korean title and a Korean description, and one home for both."""

from __future__ import annotations

import re
from collections import defaultdict

from datapkg.model.layout import packaged
from datapkg.model.specs import PREFIX, load_specs
from datapkg.site.told import korean

SPECS = load_specs(packaged().schema_files)
COLUMNS = [(spec.name.removeprefix(PREFIX), field) for spec in SPECS.values() for field in spec.fields]


def test_every_table_and_column_has_one_and_nothing_else_has() -> None:
    names = {field.name for _, field in COLUMNS}
    own = {f"{table}.{field.name}" for table, field in COLUMNS}
    assert set(korean()["tables"]) == {table for table, _ in COLUMNS}
    assert names <= set(korean()["columns"]) <= names | own


def test_a_column_with_another_title_in_a_table_has_another_korean_one_too() -> None:
    titles = defaultdict(set)
    for table, field in COLUMNS:
        told = korean()["columns"].get(f"{table}.{field.name}") or korean()["columns"][field.name]
        titles[field.name, told].add(field.title)
    assert not {key: several for key, several in titles.items() if len(several) > 1}


def test_every_description_has_a_korean_one_and_nothing_else_has() -> None:
    shown = [spec for spec in SPECS.values() if not spec.name.startswith(PREFIX)]
    said = {text for spec in shown for text in (spec.description, *(field.description for field in spec.fields))}
    assert set(korean()["descriptions"]) == said, "datapkg/site/titles.ko.json has descriptions by the English ones"
    assert not [text for text in korean()["descriptions"].values() if not re.search("[\uac00-\ud7a3]", text)]


def test_they_are_korean_or_a_name() -> None:
    texts = [*korean()["tables"].values(), *korean()["columns"].values()]
    assert [text for text in texts if not re.search("[\uac00-\ud7a3]", text)] == ["LEI"]
