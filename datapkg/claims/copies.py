"""Copies of pages: the text of a file as a reader of the page sees it, from plain text, HTML or PDF.

Of HTML everything is taken but scripts and styles: menus and teasers too, so that what is proven does not hang on
somebody's idea of what the article is, and nothing but Python is needed to prove it again (docs/proof.py).
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from datapkg.model import MissingExtra, NotFound, UsageError, normalise

INLINE = frozenset(
    "a abbr b bdi bdo cite code del em font i ins kbd mark q s samp small span strong sub sup time u var wbr".split()
)
"""Elements that do not part the words around them; every other one begins a line."""
UNSEEN = ("script", "style")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<(!doctype html|html|\?xml|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Copy:
    """The text of a file, what kind of file it is, its digest, and how many characters of it were cut away."""

    name: str
    kind: str
    text: str
    sha256: str
    cut: int = 0

    @property
    def begins(self) -> str:
        """How the text begins, for people."""
        start = self.passage(0, 400)
        return f"begins '{start[:60]}...'" if len(start) > 60 else f"is '{start}'"

    def passage(self, start: int, end: int) -> str:
        """Return a passage on one line, without what a terminal would obey."""
        return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(self.text[start:end].split()))


def read_copy(path: Path) -> Copy:
    """Return the normalised text of a copy of a page.

    Raises  NotFound for a missing file, UsageError for one without text or in an unknown encoding, MissingExtra for a
            PDF without pdfminer.six
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}") from error
    kind, text, cut = _text(path, data)
    return Copy(path.name, kind, normalise(text.encode()), hashlib.sha256(data).hexdigest(), cut)


def _text(path: Path, data: bytes) -> tuple[str, str, int]:
    """Return the kind of a file, its text, and the number of characters that were cut away."""
    if data.startswith(b"%PDF-"):
        return "PDF", _of_pdf(path, data), 0
    bare = data.removeprefix(codecs.BOM_UTF8)
    if path.suffix.lower() not in (".html", ".htm", ".xhtml") and not _MARKUP.match(bare):
        return "text", _decoded(path, data, "utf-8", "save it as plain text in UTF-8"), 0
    named = _CHARSET.search(bare[:4096])
    parser = _Page()
    parser.feed(_decoded(path, bare, named[1].decode() if named else "utf-8", "save the page again from the browser"))
    parser.close()
    text = "\n".join(line for part in "".join(parser.seen).splitlines() if (line := " ".join(part.split())))
    if not text:
        cut = f"only {parser.cut} characters of scripts and styles" if parser.cut else "nothing at all"
        raise UsageError(f"{path} is HTML without text, {cut}; save the page once the browser shows it")
    return "HTML", text, parser.cut


def _decoded(path: Path, data: bytes, encoding: str, step: str) -> str:
    """Return the text of bytes; Python's names of encodings know those of pages (euc-kr, shift_jis, gb2312)."""
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise UsageError(f"{path} says that its encoding is '{encoding}', which is none; {step}") from error
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8" else encoding
        raise UsageError(f"{path} is not {name} (byte {error.start}); {step}") from error


class _Page(HTMLParser):
    """Collects what a page shows."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.cut = 0
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self._inside = tag if tag in UNSEEN else ""
        self.seen.append("" if tag in INLINE else "\n")

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        self._inside = ""
        self.seen.append("" if tag in INLINE else "\n")

    def handle_data(self, data: str) -> None:
        """Take the text, or count it."""
        if self._inside:
            self.cut += len(data)
        else:
            self.seen.append(data)


def _of_pdf(path: Path, data: bytes) -> str:
    """Return the text of a PDF."""
    try:
        from pdfminer.high_level import extract_text
        from pdfminer.psparser import PSException
    except ImportError as error:
        raise MissingExtra.of("pdfminer.six", "pages", "reading a PDF") from error
    try:
        text: str = extract_text(BytesIO(data))
    except (PSException, ValueError, TypeError, KeyError) as error:  # what pdfminer lets through of damaged files
        raise UsageError(f"{path} is a PDF that cannot be read ({error or type(error).__name__})") from error
    if not text.strip():
        raise UsageError(f"{path} is a PDF without text, such as a scan; make its text with OCR, or copy it to a .txt")
    return text
