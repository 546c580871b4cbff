"""llms.txt: what an agent should know before it reads, and where things are.

Source  https://llmstxt.org
"""

from __future__ import annotations

from datapkg.mcp.tools import NAMES
from datapkg.model import PREFIX, text
from datapkg.read import Data

RULES = """\
- A fact says whose number it is (`voice`), of when (`vintage`), how sure (`certainty`), how hedged (`qualifier` and \
bounds), what was worked out (`inferred`), since when it was public (`known_from`), and which claim it rests on \
(`claim_id`). Give these with the number.
- `disputed` facts have rows in `conflicts` that say who says otherwise and by which rule that lost.
- `observations/` has one row per claim behind the fact table of the same name; `claims` says each in words, with the \
source in `sources` and the place of its words.
- What is not held was not read: it is unknown, not disproven."""


def llms(data: Data, place: str = "") -> str:
    """Return the llms.txt of a package whose files are below the address `place`, in Markdown.

    Raises  what opening the package raises
    """
    store = data.opened()
    about = store.about
    cited = data.cite(style="bibtex").strip()
    licence = about["licenses"][0]["name"]
    head = [f"# {text.markdown(about['title'])}", "", f"> {text.markdown(str(about.get('description', '')))}", "",
            f"Release {about['version']} of {about['name']}, {licence}.", "", RULES]  # fmt: skip
    tables = [_line(store.resource(name), place) for name in store.names() if not name.startswith(PREFIX)]
    start = [
        f"- [datapackage.json]({place}datapackage.json): tables, columns, units, digests of all files",
        f"- `datapkg mcp`: a read-only server for agents (`pip install 'semiconductor-datapkg[mcp]'`) with the tools "
        f"{', '.join(NAMES)}",
        '- `datapkg.load("market_shares", filters=[("company_id", "==", "tsmc")])`: the same in Python',
    ]
    observed = [_line(store.resource(name), place) for name in store.names() if name.startswith(PREFIX)]
    parts = [*head, "", "## Start", "", *start, "", "## Tables", "", *tables, "", "## Citation", "", "```bibtex", cited,
             "```", "", "## Optional", "", *observed]  # fmt: skip
    return "\n".join(parts) + "\n"


def _line(resource: dict[str, object], place: str) -> str:
    """Return a table as an item of a list: name, address, what a row is, rows."""
    about = text.markdown(str(resource["description"]))
    return f"- [{resource['name']}]({place}{resource['path']}): {about} {resource['rows']} rows."
