"""The notebooks of docs/notebooks: run, compared with what they show, and as pages of the manual.

python docs/manual/notebooks.py          # runs them; fails if one shows something else than is stored
python docs/manual/notebooks.py --renew  # stores what they show now: make notebooks

Outputs are stored, so that a notebook can be read where nothing runs it: texts and pictures, and nothing else. What is
in other languages stands in the text, with what it prints below it.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "notebooks"
MODULES = ROOT / "datapkg/site/web/node_modules"
"""What JavaScript reads Parquet with."""
SCRIPT = re.compile(r"^```js\n(.*?)^```\n+^```text\n(.*?)^```", re.M | re.S)
TEXT, PICTURE = "text/plain", "image/png"
Cell = dict[str, Any]


def read(notebook: Path) -> dict[str, Any]:
    """Return a notebook; every text in it is one text, and not a list of lines."""
    found: dict[str, Any] = json.loads(notebook.read_text("utf-8"))
    for cell in found["cells"]:
        cell["source"] = "".join(cell["source"])
    return found


def said(output: Cell) -> str | None:
    """Return what an output says as text, None for a picture."""
    if output["output_type"] == "stream":
        return "".join(output["text"])
    return None if PICTURE in output["data"] else "".join(output["data"][TEXT]) + "\n"


def shown(notebook: Path) -> tuple[bytes, dict[str, bytes]]:
    """Return a notebook as a page of the manual, and the pictures beside it by their names."""
    parts, pictures = [], {}
    for number, cell in enumerate(read(notebook)["cells"]):
        if cell["cell_type"] == "markdown":
            parts.append(cell["source"])
            continue
        parts.append(f"```python\n{cell['source']}\n```")
        for output in cell["outputs"]:
            text = said(output)
            if text is not None:
                parts.append(f"```text\n{text}```")
            else:
                picture = f"{notebook.stem}-{number}.png"
                parts.append(f"![What the lines above draw]({picture})")
                pictures[picture] = base64.b64decode("".join(output["data"][PICTURE]))
    return ("\n\n".join(parts) + "\n").encode(), pictures


def run(notebook: Path) -> dict[str, Any]:
    """Return a notebook with what it shows now, run from its first cell in an empty folder."""
    import nbformat
    from nbclient import NotebookClient

    made = nbformat.read(notebook, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            made, timeout=300, startup_timeout=300, resources={"metadata": {"path": folder}}, record_timing=False
        )
        client.execute()
    for cell in made.cells:
        cell.metadata.clear()
        for output in cell.get("outputs", ()):
            if "data" in output:
                output["data"] = {kind: held for kind, held in output["data"].items() if kind == kept(output)}
                output["metadata"] = {}
    made.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return made


def kept(output: Cell) -> str:
    """Return the form of an output that is stored."""
    return PICTURE if PICTURE in output["data"] else TEXT


def differences(notebook: Path, now: dict[str, Any]) -> Iterator[str]:
    """Yield where a notebook shows something else than is stored; of a picture only whether there is one."""
    for number, (before, after) in enumerate(zip(read(notebook)["cells"], now["cells"], strict=True)):
        was, new = ([said(output) for output in cell.get("outputs", ())] for cell in (before, after))
        if was != new:
            yield f"{notebook.name}, cell {number}: stored is\n{was}\nnow it shows\n{new}\nrun: make notebooks"


def scripts(notebook: Path) -> Iterator[tuple[str, str]]:
    """Yield the JavaScript of a notebook, and what it is said to print."""
    yield from SCRIPT.findall("\n".join(cell["source"] for cell in read(notebook)["cells"]))


def misprints(notebook: Path) -> Iterator[str]:
    """Yield where JavaScript prints something else than is said; nothing is run without Node."""
    if not shutil.which("node"):
        print(f"{notebook.name}: its JavaScript is not run, for want of Node")
        return
    for script, says in scripts(notebook):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "node_modules").symlink_to(MODULES)
            (file := Path(folder) / "script.mjs").write_text(script, "utf-8")
            done = subprocess.run(["node", file], cwd=ROOT, capture_output=True, text=True)
        if done.stdout != says:
            yield f"{notebook.name}, JavaScript: says\n{says}\nbut prints\n{done.stdout}{done.stderr}"


def main(renew: bool) -> int:
    """Run all notebooks; return 1 if one shows something else than is stored, which `renew` mends."""
    import nbformat

    wrong = []
    for notebook in sorted(FOLDER.glob("*.ipynb")):
        now = run(notebook)
        if renew:
            nbformat.write(now, notebook)
        wrong += [*differences(notebook, now), *misprints(notebook)]
    print("\n".join(wrong) or "the notebooks show what they say")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main("--renew" in sys.argv[1:]))
