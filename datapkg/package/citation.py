"""CITATION.cff and datacite.json: the release for those who cite it.

Source  Citation File Format 1.2.0, https://citation-file-format.github.io; DataCite 4.5, https://schema.datacite.org
"""

from __future__ import annotations

from typing import Any

from datapkg.package.parquet import MEDIATYPE
from datapkg.package.record import Agent, Release
from datapkg.package.text import as_json, as_yaml


def cff(release: Release) -> bytes:
    """Return CITATION.cff."""
    about = release.about
    entry = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below, and the articles behind the rows that you use.",
        "type": "dataset",
        "title": about["title"],
        "abstract": about["description"],
        "authors": [_author(agent) for agent in release.creators],
        "version": release.version,
        "date-released": release.created,
        "doi": release.doi,
        "url": about.get("homepage"),
        "license": release.license["name"],
        "keywords": list(dict.fromkeys(about["keywords"])),
    }
    return as_yaml({name: value for name, value in entry.items() if value is not None}).encode()


def _author(agent: Agent) -> dict[str, str]:
    """Return a person with the parts of the name, or a group by its name alone."""
    parts = {
        "family-names": agent.family,
        "given-names": agent.given,
        "name": None if agent.person else agent.name,
        "affiliation": agent.organization if agent.person else None,
        "orcid": agent.orcid,
    }
    return {name: value for name, value in parts.items() if value is not None}


def datacite(release: Release) -> bytes:
    """Return datacite.json: what a DOI is registered with; without `doi` as long as there is none."""
    about, license = release.about, release.license
    total = sum(table.size for table in release.files)
    rights = {
        "rights": license.get("title", license["name"]),
        "rightsUri": license.get("path"),
        "rightsIdentifier": license["name"].lower(),
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
    }
    entry = {
        "doi": release.doi,
        "url": about.get("homepage"),
        "creators": [_creator(agent) for agent in release.creators],
        "titles": [{"title": about["title"]}],
        "publisher": {"name": release.publisher},
        "publicationYear": release.created[:4],
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Data package"},
        "version": release.version,
        "dates": [{"date": release.created, "dateType": "Issued"}],
        "subjects": [{"subject": keyword} for keyword in dict.fromkeys(about["keywords"])],
        "descriptions": [{"description": about["description"], "descriptionType": "Abstract"}],
        "rightsList": [_present(rights)],
        "formats": [MEDIATYPE, "text/csv"],
        "sizes": [f"{len(release.files)} tables", f"{total} bytes as Parquet"],
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }
    return as_json(_present(entry))


def _creator(agent: Agent) -> dict[str, Any]:
    if not agent.person:
        return {"name": agent.name, "nameType": "Organizational"}
    orcid = {"nameIdentifier": agent.orcid, "nameIdentifierScheme": "ORCID", "schemeUri": "https://orcid.org"}
    parts = {
        "name": ", ".join(filter(None, (agent.family, agent.given))),
        "nameType": "Personal",
        "givenName": agent.given,
        "familyName": agent.family,
        "affiliation": [{"name": agent.organization}] if agent.organization else None,
        "nameIdentifiers": [orcid] if agent.orcid else None,
    }
    return _present(parts)


def _present(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value is not None}
