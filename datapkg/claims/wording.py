"""Claims beside the passages that they rest on: what is in a claim and not in its passage, and what was copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from datapkg.claims.claim import Claim
from datapkg.claims.files import ClaimReader
from datapkg.claims.kindschema import KindSchema, kind_schemas
from datapkg.claims.prove import Proof
from datapkg.claims.registries import Registries, read_registries
from datapkg.model import Layout, fold, load_specs

COPIED = 8
"""Words in a row that `says` may not share with the page."""
NAMED = ("companies", "people")
"""Registries whose entries a page calls by their names; markets and products are often called by ours."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WHEN = re.compile(r"\b(?:19|20)\d\d(?:-[\dQH]\d?)?(?:-\d\d)?\b|\b[QH][1-4]\b|\b[1-4][QH]\d*\b")
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?。！？](?=\s)|(?=\n)|$)")


def doubts(layout: Layout, proof: Proof) -> Iterator[str]:
    """Yield what a curator should look at: claims with names or numbers that their passage lacks, and copied words.

    Figures are compared by their digits, whatever the scale; times and names that no registry knows are left out.
    """
    if proof.copy is None:
        return
    specs = load_specs(layout.schema_files)
    reader = ClaimReader(layout, specs, kind_schemas(specs))
    registries = read_registries(reader)
    claims = {claim.claim_id: claim for claim in reader.file(proof.file.path)}
    for anchor in proof.anchors:
        claim = claims.get(anchor.claim_id)
        if claim and anchor.found:
            passage = proof.copy.passage(*anchor.found[0])
            if lacks := [*_numbers(claim, passage), *_names(claim, reader.kinds[claim.kind], registries, passage)]:
                yield f"look: {anchor.claim_id}: its passage has no {', '.join(lacks)}: '{passage}'"
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
    """Return the numbers of a claim that its passage lacks."""
    there = {_digits(number) for number in _NUMBER.findall(passage)}
    said = _NUMBER.findall(_WHEN.sub(" ", claim.common["says"]))
    return [number for number in dict.fromkeys(said) if _digits(number) not in there]


def _digits(number: str) -> str:
    """Return the digits that a number is told by: 1,200, 1.2 and 12 are told apart by nothing but their scale."""
    return re.sub(r"[.,]", "", number).strip("0")


def _names(claim: Claim, schema: KindSchema, registries: Registries, passage: str) -> Iterator[str]:
    """Yield the names of a claim under none of whose registered spellings its passage has them."""
    folded = fold(passage, legal=False)
    for registry, name in _named(claim.values, schema):
        if not any(fold(label) in folded for label in registries.labels(registry, name)):
            yield name


def _named(values: dict[str, object], schema: KindSchema) -> Iterator[tuple[str, str]]:
    """Yield registry and name of every company and person in the values of a claim."""
    for name, value in values.items():
        entry = schema.properties[name]
        if entry.items and isinstance(value, list):
            for item in value:
                yield from _named(item, entry.items)
        elif entry.registry in NAMED and isinstance(value, str):
            yield str(entry.registry), value
