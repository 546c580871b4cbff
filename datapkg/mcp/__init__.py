"""What agents ask: ten read-only tools over one package, served over stdio by the Model Context Protocol, and llms.txt.

In      a package opened for reading (`Data`); what agents ask, which may be anything.
Out     `serve`, the server, which ends with its input; `llms`, the text that tells an agent what there is and how to
        load it.

Promises
- Nothing is written and no network is used: every answer comes from proven bytes of the one package that is served.
- A number never comes alone: claim, voice, vintage, certainty, hedge, cells that were worked out, day from which it was
  known, and who says otherwise and by which rule that lost, come with it.
- What is not held is an answer, not an error: it says so, and names the nearest that is held.
- Texts of the data are data: what cannot be seen in them is shown, and nothing in them is passed on as an instruction.

Source  https://modelcontextprotocol.io/specification; https://llmstxt.org
"""

from datapkg.mcp.llms import llms
from datapkg.mcp.server import serve

__all__ = ["llms", "serve"]
