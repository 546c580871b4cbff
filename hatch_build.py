"""What of the data goes into a wheel: the newest release once, as Parquet; its index says where the others are."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from runpy import run_path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE = "datapkg/_data/data/releases"


class Diet(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own configuration type does not matter here
    """Adds the files of the newest release to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files; an editable install reads those of the clone."""
        releases = Path(self.root) / "data" / "releases"
        if version == "editable" or not (releases / "index.json").is_file():
            return
        left_out = run_path(str(Path(self.root) / "datapkg/package/wheel.py"))["LEFT_OUT"]
        index = json.loads((releases / "index.json").read_text(encoding="utf-8"))
        newest = index["latest"]
        files = {path.relative_to(releases / newest).as_posix(): path for path in (releases / newest).rglob("*")}
        files = {name: path for name, path in files.items() if path.is_file() and not name.startswith(left_out)}
        build_data["force_include"] |= {str(path): f"{INSIDE}/{newest}/{name}" for name, path in files.items()}
        index["versions"] = [entry for entry in index["versions"] if entry["version"] == index["latest"]]
        index["elsewhere"] = self.metadata.core.urls["Releases"]
        self.made = tempfile.TemporaryDirectory()
        slim = Path(self.made.name) / "index.json"
        slim.write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
        build_data["force_include"][str(slim)] = f"{INSIDE}/index.json"
