"""Names of companies, people, products, markets: which of them are the same, whatever the language and spelling.

Two names are the same if they fold to the same text: Unicode NFKC, case folded, without white space, punctuation
and legal form (Inc., Corp., Ltd., GmbH, 주식회사, ㈜, 株式会社 ...).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from datapkg.model import limits

LEGAL = tuple(
    "inc incorporated corp corporation co company ltd limited llc plc ag gmbh kg sa se nv bv kk spa ab oyj pte pty "
    "sarl srl".split()
)
LEGAL_CJK = ("주식회사", "(주)", "유한회사", "株式会社", "(株)", "有限公司", "股份有限公司", "股份")
_LATIN_END = re.compile(rf"(?<=[^\s,.&])[\s,.&]+(?:{'|'.join(LEGAL)})\.?\s*$")
_DOTTED = re.compile(r"\b(?:[a-z]\.)+[a-z]\b\.?")


@lru_cache(maxsize=1 << 16)  # the names of a repository come again and again
def fold(name: str, legal: bool = True) -> str:
    """Return the text under which a name is compared; `legal` drops legal forms, which products and people lack.

    A text of more than `limits.NAME` characters is no name and keeps its legal forms, so that none costs more to fold.

    Source  Unicode Standard Annex 15 (NFKC), Unicode 3.13 (default case folding)
    """
    legal = legal and len(name) <= limits.NAME
    while (folded := _bare(name, legal)) != name:  # folding case can undo NFKC
        name = folded
    return name


def _bare(name: str, legal: bool) -> str:
    text = _DOTTED.sub(lambda m: m[0].replace(".", ""), unicodedata.normalize("NFKC", name).casefold().strip())
    before = None
    while legal and text != before:  # a form may show only once another is gone: 삼성전자(주) Inc.
        before = text
        for form in LEGAL_CJK:
            text = text.removeprefix(form).removesuffix(form).strip() or text
        text = _LATIN_END.sub("", text)
    bare = "".join(c for c in text if unicodedata.category(c)[0] in "LNM" or c in "+#")
    return bare or "".join(text.split())


def folded(registry: str, name: str) -> str:
    """Return a name as entries of a registry are compared: only companies and alliances have legal forms."""
    return fold(name, legal=registry in ("companies", "alliances"))
