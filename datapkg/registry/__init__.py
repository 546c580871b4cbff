"""Where releases live: an index, one folder per version, and the way to publish and to read them.

In      the folder of a release (`publish`), files to stand beside the index (`accompany`), or the folder or URL of a
        registry (`Registry.open`).
Out     proven bytes: `Registry.file` returns nothing whose digest is not the one that the chain from index.json over
        SHA256SUMS names. `installed` is the registry inside the package, which needs no network, `newest` its newest
        version. `parts_at` finds files of claims in bulk, wherever they lie.

Storage contract
- A version never changes. Content goes first and index.json last, so that a reader sees all of a release or nothing.
- A folder is locked and swapped by renames; a store with conditional writes compares and swaps the index; elsewhere
  the last writer looks again and puts back what it overwrote. Any crash is mended by the same command again.
- The reader remembers: an index that takes back or changes what an earlier one named is refused. Nothing is read beyond
  `model.limits`. `refused` says why a signature is not of a key; signatures are checked by the tools that made them.
- The cache keeps copies by content; a damaged copy is fetched again, and without a network what was seen stays
  readable.
"""

from datapkg.registry.index import SUMS, listed, sums
from datapkg.registry.installed import installed, newest
from datapkg.registry.parts import parts_at
from datapkg.registry.publish import accompany, publish
from datapkg.registry.reader import Registry
from datapkg.registry.remote import shown
from datapkg.registry.signatures import SIGNATURES, refused, tool_of

__all__ = [
    "SIGNATURES",
    "SUMS",
    "Registry",
    "accompany",
    "installed",
    "listed",
    "newest",
    "parts_at",
    "publish",
    "refused",
    "shown",
    "sums",
    "tool_of",
]
