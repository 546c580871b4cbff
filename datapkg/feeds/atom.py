"""Atom: a feed and its entries as XML.

Source  RFC 4287, https://www.rfc-editor.org/rfc/rfc4287
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from datapkg.model import text

NAMESPACE = "http://www.w3.org/2005/Atom"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold."""


@dataclass(frozen=True)
class Entry:
    """One entry: `name` makes its id, `day` is when it was released, `link` leads to more, `via` to an article."""

    name: str
    title: str
    day: str
    content: str
    link: str
    via: str | None = None


@dataclass(frozen=True)
class Feed:
    """One feed: `name` makes its id, `day` is when it last changed."""

    name: str
    title: str
    day: str
    author: str
    rights: str
    link: str
    entries: Sequence[Entry]


def written(feed: Feed) -> bytes:
    """Return a feed as an XML document."""
    root = ElementTree.Element("feed", xmlns=NAMESPACE)
    _common(root, feed.name, feed.title, feed.day, feed.link)
    _add(root, "link", rel="self", href=feed.name.rpartition("/")[2])
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "rights", feed.rights)
    for entry in feed.entries:
        element = _add(root, "entry")
        _common(element, entry.name, entry.title, entry.day, entry.link)
        if entry.via:
            _add(element, "link", rel="via", href=entry.via)
        _add(element, "content", entry.content, type="text")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'.encode()


def _common(element: ElementTree.Element, name: str, title: str, day: str, link: str) -> None:
    """Add what a feed and an entry have both."""
    _add(element, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, name)}")
    _add(element, "title", title)
    _add(element, "updated", f"{day}T00:00:00Z")
    _add(element, "link", rel="alternate", href=link)


def _add(parent: ElementTree.Element, tag: str, content: str = "", **attributes: str) -> ElementTree.Element:
    """Add an element; what cannot be seen in its text is shown, and what XML cannot hold is replaced."""
    shown = {name: _ILLEGAL.sub("\ufffd", text.visible(value)) for name, value in attributes.items()}
    element = ElementTree.SubElement(parent, tag, shown)
    element.text = _ILLEGAL.sub("\ufffd", "\n".join(map(text.visible, content.split("\n")))) or None
    return element
