"""A meeting, tour, dinner or call, with the people and companies that took part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def rows(columns: dict[str, Any], says: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a row of meetings, one per person of meeting_people, and one per company of meeting_companies.

    A company that somebody took part for took part itself.
    """
    people, companies = columns.pop("people", []), columns.pop("companies", [])
    meeting = {"meeting_id": columns["meeting_id"]}
    yield "meetings", columns
    for person in people:
        yield "meeting_people", {**meeting, **person}
    present = [entry["company_id"] for entry in [*companies, *people] if entry.get("company_id")]
    for company in dict.fromkeys(present):
        yield "meeting_companies", {**meeting, "company_id": company}
