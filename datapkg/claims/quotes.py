"""Lists of quotes, kept outside the repository, turned into digests in the claim files."""

from __future__ import annotations

import csv
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

from datapkg.claims.copies import read_copy
from datapkg.claims.edit import ClaimFile
from datapkg.claims.prove import LONGEST, Anchor, Proof, another
from datapkg.claims.yaml import Node
from datapkg.model import SHORTEST, Layout, NotFound, Quote, UsageError, did_you_mean, normalise, places, squeeze


def write_quotes(layout: Layout, source_id: str, listing: Path, page: Path | None = None) -> Proof:
    """Write the digests of a list of quotes (CSV: claim, quote) to the claims of a source, and return them as anchors.

    Without a page they are taken on trust, and unproven.
    Raises  NotFound for an unknown source or a missing file; UsageError, and nothing is written, if one of the quotes
            is of no claim, too short, not in the page, or there several times
    """
    file = ClaimFile(layout, source_id)
    copy = read_copy(page) if page else None
    given = _listed(listing)
    squeezed = squeeze(copy.text) if copy else None
    if copy and squeezed is not None and given and all(_begun(squeeze(quote), squeezed) < 0 for _, _, quote in given):
        raise UsageError(f"{another(file, copy, len(given))}; nothing was written")
    wrong = [f"line {line}: {name}: {problem}" for line, name, quote in given
             for problem in _problems(file, name, quote, squeezed)]  # fmt: skip
    names = [name for _, name, _ in given]
    wrong += [f"{name}: is listed {names.count(name)} times" for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        page_too = f" and {copy.name}" if copy else ""
        raise UsageError(f"{listing.name} does not go with {file.name}{page_too}; nothing was written\n  "
                         + "\n  ".join(wrong))  # fmt: skip
    quotes = {name: Quote.of(quote) for _, name, quote in given}
    for name, quote in quotes.items():
        _put_quote(file, file.claims[name], quote)
    file.save()
    found = places(copy.text, quotes.values()) if copy else {}
    state = "found" if copy else "unproven"
    return Proof(file, copy, [Anchor(f"{source_id}/{name}", state, file.claims[name]["claim"].place,
                                     found=tuple(found.get(quote, ()))) for name, quote in quotes.items()])  # fmt: skip


def _listed(path: Path) -> list[tuple[int, str, str]]:
    """Return line, claim and quote of every row of a list of quotes."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = next(rows, [])
            if header != ["claim", "quote"]:
                raise UsageError(f"{path}: expected the header claim,quote; found {','.join(header) or 'nothing'}")
            given = []
            for cells in rows:
                if len(cells) != 2:
                    found = f"{len(cells)} cells; a quote with a comma stands in quotation marks"
                    raise UsageError(f"{path}:{rows.line_num}: expected a claim and its quote, found {found}")
                given.append((rows.line_num, cells[0], normalise(cells[1].encode())))
            return given
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is no CSV in UTF-8: {error}") from error


def _problems(file: ClaimFile, name: str, quote: str, squeezed: str | None) -> Iterator[str]:
    """Yield why a quote cannot be the anchor of a claim, if it cannot."""
    if name not in file.claims:
        yield f"no such claim{did_you_mean(name, file.claims)}"
    elif "at" in file.claims[name] and file.claims[name]["at"].value is not None:
        yield "the claim has a position ('at') already, which proves it"
    bare = squeeze(quote)
    if not SHORTEST <= len(bare) <= LONGEST:
        what = f"widen it to {SHORTEST}" if len(bare) < SHORTEST else f"keep to what shows the claim, at most {LONGEST}"
        yield f"the quote has {len(bare)} characters, white space and bars aside; {what}"
    elif squeezed is not None and (many := squeezed.count(bare)) != 1:
        yield (
            f"the quote stands {many} times in the page; widen it until it stands there once"
            if many
            else _near(bare, squeezed)
        )


def _near(quote: str, page: str) -> str:
    """Return how much of a quote is in a page, both squeezed, and where they part."""
    many = _begun(quote, page)
    if many < 0:
        return "the quote is not in the page, nor is its beginning"
    after = page.index(quote[:many]) + many
    parts = f"'{quote[many : many + 12]}' where the page has '{page[after : after + 12]}'"
    alike = "; a reader sees no difference, so copy it as the page has it" if _bare(quote) in _bare(page) else ""
    return f"the quote is not in the page; after '{quote[max(0, many - 20) : many]}' it has {parts}{alike}"


def _begun(quote: str, page: str) -> int:
    """Return how many characters of a quote are in a page before they part, -1 if too few to tell."""
    many = bisect_left(range(1, len(quote) + 1), True, key=lambda n: quote[:n] not in page)
    return many if many >= SHORTEST // 2 or _bare(quote) in _bare(page) else -1


def _bare(text: str) -> str:
    """Return the letters and digits of a text, whatever their case, and ligatures apart."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _put_quote(file: ClaimFile, fields: dict[str, Node], quote: Quote) -> None:
    """Write the digest of a quote to a claim: over the one it has, or below its certainty."""
    value = f"{{sha256: {quote.sha256}, chars: {quote.chars}}}"
    if "quote" in fields:
        file.put(fields["quote"].place, "quote", value)
    else:
        file.add_below(fields.get("certainty", fields["claim"]).place, "certainty", "quote", value)
