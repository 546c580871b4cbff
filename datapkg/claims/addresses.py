"""Addresses of pages: when two are one page, and the id of a source that is named after its page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from datapkg.model import Layout

TRACKING = re.compile(r"utm_|fbclid|gclid|ref$|outurl$|trc$", re.I)
_URL = re.compile(r"(?m)^\s+url: *['\"]?([^'\"\s]+)")


def same_page(url: str) -> str:
    """Return an address without what two addresses of one page differ in: scheme, www., last slash, tracking."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address, which the form of `url` refuses or nobody can open
        return url
    kept = sorted((k, v) for k, v in parse_qsl(parts.query) if not TRACKING.search(k))
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    return f"{host}{parts.path.rstrip('/')}{'?' + urlencode(kept) if kept else ''}"


def pages(layout: Layout) -> Iterator[tuple[str, Path]]:
    """Yield the address of every source, as `same_page` writes it, with its claim file; the files are not parsed."""
    for path in sorted([*layout.claims.glob("*.y*ml"), *layout.datasets.glob("*.yaml")]):
        for url in _URL.findall(path.read_text(encoding="utf-8", errors="replace")[:4000])[:1]:
            yield same_page(url), path


def named_after(url: str, query: bool = False) -> str | None:
    """Return the id of a source for a web address, None for any other text, or an address with a password in it.

    The words of host and path, each once; of the query too, where only that tells two pages apart. The id is empty if
    the address tells nothing in Latin letters or digits but its host.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or re.search(r"\s", url):
        return None
    path = re.sub(r"\.(html?|php|aspx?|nhn|do|jsp)$", "", unquote(parts.path), flags=re.I)
    asked = " ".join(value for name, value in parse_qsl(parts.query) if query and not TRACKING.search(name))
    words = _words(f"{path} {asked}")
    if not words and path.strip("/"):
        return ""
    return "-".join(dict.fromkeys([*_words(parts.hostname.removeprefix("www.")), *words]))[:60].strip("-")


def _words(text: str) -> list[str]:
    """Return the Latin words and numbers of a text, accents taken off."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
