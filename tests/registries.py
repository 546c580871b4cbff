"""Two releases of the invented repository, for tests of reading, citing and the commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import releases

from datapkg import build
from datapkg.compare.packages import compare, write_changes
from datapkg.model.layout import Layout
from datapkg.model.specs import load_specs
from datapkg.package.about import read_about
from datapkg.package.csv import write_csv
from datapkg.package.documents import documents
from datapkg.package.parquet import stamped, table_path
from datapkg.package.record import Release, csv_path, measured, parquet_path

HERE = Path(__file__).parent


def release(root: Path, folder: Path, previous: Path | None = None) -> Path:
    """Make a release folder of a built repository, as `release.make` does but without the slow validators."""
    layout, version = Layout(root), folder.name
    specs, about = load_specs(layout.schemas), {**read_about(layout), "version": folder.name}
    for name, spec in specs.items():
        stamped(root / table_path(name), folder / parquet_path(name), spec, about)
        write_csv(folder / parquet_path(name), spec, folder / csv_path(name))
    made = {name: measured(folder, spec) for name, spec in specs.items()}
    for path, data in documents(Release(about, version, "2024-05-01", made)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "schemas").mkdir()
    for schema in layout.schemas.glob("*.json"):
        shutil.copy(schema, folder / "schemas")
    tables = {
        name: {"rows": file.rows, "sha256": file.sha256, "content_sha256": file.csv_sha256}
        for name, file in made.items()
    }
    withdrawn = [{"id": "gone-2024", "reason": "never made"}] if previous else []
    record = {"version": version, "created": "2024-05-01", "commit": "0" * 40, "raw_tree": "1" * 40}
    (folder / "release.json").write_text(json.dumps({**record, "tables": tables, "withdrawn": withdrawn}))
    write_changes(compare(previous, folder), folder / "changes.parquet")
    releases.seal(folder)
    return folder


def two(built: Path, root: Path) -> Path:
    """Make the releases 0.1.0 and 0.2.0; in the second a share is 43 instead of 42, and shares have notes."""
    first = release(built, root / "0.1.0")
    shutil.copytree(HERE / "good", root / "good")
    shutil.copytree(HERE.parent / "schemas", root / "good/schemas")
    file = root / "good/data/raw/claims/nordlicht-results-2024.yaml"
    file.write_text(
        file.read_text("utf-8").replace("period: 2023, share_pct: 42", "period: 2023, share_pct: 43"), "utf-8"
    )
    file = root / "good/schemas/market_shares.json"
    schema = json.loads(file.read_text("utf-8"))
    place = [field["name"] for field in schema["fields"]].index("share_pct")
    note = {"name": "note", "type": "string", "title": "Note", "description": "A remark."}
    schema["fields"].insert(place, note)
    file.write_text(json.dumps(schema), "utf-8")
    repository = Layout(root / "good")
    tables = build.assemble(repository)
    assert not tables.findings, [str(f) for f in tables.findings]
    for path, data in build.render(tables, repository).items():
        (root / "good" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "good" / path).write_bytes(data)
    release(root / "good", root / "0.2.0", first)
    return root
