"""JSON of strangers: whatever is wrong with it is a ValueError."""

from __future__ import annotations

import json
from typing import Any


def loads(data: bytes | str) -> Any:
    """Return the value of a JSON text.

    Raises  ValueError if it is none, or nested deeper than can be read
    """
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
