"""Commands that print tables or findings need no pandas, the loading of which takes longer than all that they do."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder


class _NoPandas(MetaPathFinder):
    """Finds no pandas."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Refuse pandas, and leave everything else to others."""
        if name == "pandas":
            raise ImportError(name)


def without_pandas() -> None:
    """Have pyarrow do without pandas, which it loads for the first array that it makes, unless it is loaded already."""
    import pyarrow as pa

    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, no := _NoPandas())
        pa.array([])
        sys.meta_path.remove(no)
