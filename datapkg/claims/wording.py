"""Claims beside the passages that they rest on: what is in a claim and not in its passage, and what was copied."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from itertools import accumulate, combinations

from datapkg.claims.claim import Claim
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import KindSchema, kind_schemas
from datapkg.claims.numbers import ZEROS, readings
from datapkg.claims.prove import Proof, Span
from datapkg.claims.registries import Registries, read_registries
from datapkg.model import Layout, Written, fold, load_specs

COPIED = 8
"""Words in a row that `says` may not share with the page."""
NAMED = ("companies", "people")
"""Registries whose entries a page calls by their names; markets and products are often called by ours."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ '’]\d{3})+(?!\d)")
"""A number whose thousands stand apart."""
_SUM = re.compile(rf"(?:\d[\d.,]* ?(?:{ZEROS}) ?)+(?:\d[\d.,]*)?")
"""A number in parts, as East Asia writes it: 1조 2천억."""
_MODEL = re.compile(r"(?<![A-Za-z])(?!(?:USD|EUR|GBP|JPY|KRW|TWD|CNY|RMB|INR)\d)[A-Za-z]+\d[\w.]*")
"""The name of a product or a quarter, whose digits count nothing: A100, HBM3E, Q1."""
_PERCENT = re.compile(rf"({_NUMBER.pattern}) ?(?:%|percent|per cent|퍼센트)")
_WORD = re.compile(r"[a-z0-9+#]+|[^\W_]")
_WHEN = re.compile(r"\b(?:19|20)\d\d(?:-[\dQH]\d?)?(?:-\d\d)?\b|\b[QH][1-4]\b|\b[1-4][QH]\d*\b")
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?。！？](?=\s)|(?=\n)|$)")


def doubts(layout: Layout, proof: Proof) -> Iterator[str]:
    """Yield what a curator should look at: claims with names or numbers that their passage lacks, and copied words.

    Percentages are compared as they are, other figures by their digits, whatever the scale; times and names that no
    registry knows are left out.
    """
    if proof.copy is None:
        return
    specs = load_specs(layout.schema_files)
    reader = ClaimReader(layout, specs, kind_schemas(specs))
    registries = read_registries(reader)
    claims = {claim.claim_id: claim for claim in reader.file(proof.file.path)}
    seen = []
    for anchor in proof.anchors:
        claim = claims.get(anchor.claim_id)
        if claim and anchor.found:
            passage = proof.copy.passage(*anchor.found[0])
            seen.append((claim, anchor.found[0], passage))
            if lacks := [*_numbers(claim, passage), *_names(claim, reader.kinds[claim.kind], registries, passage)]:
                yield f"look: {anchor.claim_id}: its passage has no {', '.join(lacks)}: '{passage}'"
    yield from _crossed(seen, reader, registries)
    words = partial(shared_words, runs=_runs(proof.copy.text))
    for claim in claims.values():
        if shared := words(claim.common["says"]):
            yield f"copied: {claim.claim_id}: 'says' and the page share '{shared}'; say it in your own words"


def shared_words(says: str, runs: set[tuple[str, ...]]) -> str:
    """Return the first run of words of a text that is among the runs of another, empty if none is."""
    return next((" ".join(run) for run in _in_order(says) if run in runs), "")


def _runs(text: str) -> set[tuple[str, ...]]:
    return set(_in_order(text))


def _in_order(text: str) -> Iterator[tuple[str, ...]]:
    """Yield every run of COPIED words of a text; punctuation and case do not count."""
    words = re.findall(r"\w+", text.casefold())
    yield from (tuple(words[i : i + COPIED]) for i in range(len(words) - COPIED + 1))


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text stand, lines without an end among them."""
    spans = [(match.start(), match.end()) for match in _SENTENCE.finditer(text)]
    return [(start, end) for start, end in spans if text[start:end].strip()]


def _numbers(claim: Claim, passage: str) -> list[str]:
    """Return the numbers of a claim that its passage lacks: those that it says, and those that it only gives.

    A percentage has to be there as it is; of other numbers the digits do.
    """
    said, page = _decimal(_WHEN.sub(" ", claim.common["says"])), _decimal(passage)
    there, exact = _digits_in(_MODEL.sub(" ", page)), _values_in(page)
    plain = _MODEL.sub(" ", said)
    models = [number for model in _MODEL.findall(said) for number in _NUMBER.findall(model)]
    lacks = [number for number in _NUMBER.findall(plain) if _digits(number) not in there]
    lacks += [number for number in _PERCENT.findall(plain) if not _values(number) & exact]
    lacks += [number for number in models if _digits(number) not in _digits_in(page)]
    lacks += [number for number in _given(claim) if _digits(number) not in there | _digits_in(said)]
    return list(dict.fromkeys(lacks))


def _decimal(text: str) -> str:
    """Return a text whose digits are those of ASCII: 12 for １２."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _digits_in(text: str) -> set[str]:
    """Return the digits of every number in a text, whose thousands may stand apart and which may come in parts."""
    sums = (number for found in _SUM.findall(text) for number, _ in readings(found.strip()))
    return {_digits(number) for number in (*_NUMBER.findall(text), *_SPACED.findall(text), *sums)}


def _digits(number: str) -> str:
    """Return the digits that a number is told by: 1,200, 1.2 and 12 are told apart by nothing but their scale."""
    return re.sub(r"\D", "", number).strip("0")


def _values(number: str) -> set[Decimal]:
    """Return what a number may mean: 64,7 has a decimal comma, 1,200 may."""
    return {Decimal(text).normalize() for text, _ in readings(number)}


def _values_in(text: str) -> set[Decimal]:
    return {value for number in _NUMBER.findall(text) for value in _values(number)}


def _given(claim: Claim) -> list[str]:
    """Return the numbers among the values of a claim, but for those worked out, and those that pages put in words."""
    worked_out = (claim.common["inferred"] or "").split()
    values = [value for name, value in claim.values.items() if name not in worked_out]
    return [f"{v:.15g}" for v in values if type(v) in (int, float, Written) and (v >= 10 or v % 1)]


def _names(claim: Claim, schema: KindSchema, registries: Registries, passage: str) -> Iterator[str]:
    """Yield the names of a claim under none of whose registered spellings its passage has them."""
    for registry, name in _named(claim.values, schema):
        if _place(registries.labels(registry, name), passage) is None:
            yield name


def _place(labels: set[str], passage: str) -> int | None:
    """Return where the first of some names stands in a passage, as a whole word: AMD is not in RAMDISK."""
    words = _WORD.findall(unicodedata.normalize("NFKC", passage).casefold())
    edges, text = {0, *accumulate(map(len, words))}, "".join(words)
    found = ((one.start(), one.start() + len(label)) for label in map(fold, labels)
             for one in re.finditer(f"(?={re.escape(label)})", text))  # fmt: skip
    return min((start for start, end in found if start in edges and end in edges), default=None)


def _crossed(seen: list[tuple[Claim, Span, str]], reader: ClaimReader, registries: Registries) -> Iterator[str]:
    """Yield pairs of claims that may have each other's number: in their passage, names and numbers go crosswise."""
    for (one, (start, end), passage), (other, (begin, stop), _) in combinations(seen, 2):
        if one.kind == other.kind and begin < end and start < stop:
            named = [_one_name(claim, reader.kinds[claim.kind], registries, passage) for claim in (one, other)]
            numbered = [_one_number(claim, passage) for claim in (one, other)]
            if _order(named) * _order(numbered) < 0:
                yield f"look: {one.claim_id}, {other.claim_id}: which number is whose? '{passage}'"


def _order(places: list[int | None]) -> int:
    """Return whether the first of two places comes before the second (-1) or behind it (1); 0 if one is unknown."""
    one, other = places
    return 0 if one is None or other is None else (one > other) - (one < other)


def _one_name(claim: Claim, schema: KindSchema, registries: Registries, passage: str) -> int | None:
    """Return where the company or person of a claim stands in a passage; None if it has several, or stands nowhere."""
    named = list(_named(claim.values, schema))
    return _place(registries.labels(*named[0]), passage) if len(named) == 1 else None


def _one_number(claim: Claim, passage: str) -> int | None:
    """Return where the first number of a claim stands in a passage, None if nowhere."""
    said = [_digits(number) for number in _NUMBER.findall(_WHEN.sub(" ", claim.common["says"]))]
    places = (found.start() for found in _NUMBER.finditer(passage) if _digits(found[0]) == said[0]) if said else ()
    return next(iter(places), None)


def _named(values: dict[str, object], schema: KindSchema) -> Iterator[tuple[str, str]]:
    """Yield registry and name of every company and person in the values of a claim."""
    for name, value in values.items():
        entry = schema.properties[name]
        if entry.items and isinstance(value, list):
            for item in value:
                yield from _named(item, entry.items)
        elif entry.registry in NAMED and isinstance(value, str):
            yield str(entry.registry), value
