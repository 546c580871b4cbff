"""croissant.json: the release for dataset search and machine-learning loaders, with the notes of responsible AI.

The form is the one that the reference library (mlcroissant 1.1) loads, which the printed specification is not:
schema.org by https, Parquet as application/x-parquet, and a reference that names the file and column it points at. By
the name of a field it ends in a cycle for a table that points at itself, and in records that are no records for a table
with a single reference.

Source  Croissant 1.1, https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html; Croissant RAI 1.0
"""

from __future__ import annotations

from typing import Any

from datapkg.model import Field
from datapkg.package.record import Agent, Release, TableFile, parquet_path
from datapkg.package.text import as_json

CONFORMS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
MEDIATYPE = "application/x-parquet"
TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
}
RAI = {
    "collection": "rai:dataCollection",
    "preprocessing": "rai:dataPreprocessingProtocol",
    "uses": "rai:dataUseCases",
    "limitations": "rai:dataLimitations",
    "biases": "rai:dataBiases",
    "personal": "rai:personalSensitiveInformation",
    "maintenance": "rai:dataReleaseMaintenancePlan",
}
"""The notes of package.yaml and their names in Croissant."""
_CR = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileObject fileProperty fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{name: f"cr:{name}" for name in _CR.split()},
}


def croissant(release: Release) -> bytes:
    """Return croissant.json: every table a file and a record set, observations too."""
    about = release.about
    entry = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": about["name"],
        "alternateName": about["title"],
        "description": about["description"],
        "version": release.version,
        "datePublished": release.created,
        "license": release.license["path"],
        "url": about.get("homepage"),
        "sameAs": f"https://doi.org/{release.doi}" if release.doi else None,
        "creator": [_creator(agent) for agent in release.creators],
        "publisher": {"@type": "Organization", "name": release.publisher},
        "keywords": list(about["keywords"]),
        "isLiveDataset": False,
        "citeAs": release.bibtex or release.reference,
        **{RAI[name]: text for name, text in (about.get("notes") or {}).items()},
        "distribution": [_file(table) for table in release.files],
        "recordSet": [_record_set(table) for table in release.files],
    }
    return as_json({name: value for name, value in entry.items() if value is not None})


def _creator(agent: Agent) -> dict[str, str]:
    found = {"@type": "Person" if agent.person else "Organization", "name": agent.name}
    return found | ({"url": agent.orcid} if agent.orcid else {})


def _file(table: TableFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": table.path,
        "name": table.path,
        "description": table.spec.description,
        "contentUrl": table.path,
        "contentSize": f"{table.size} B",
        "encodingFormat": MEDIATYPE,
        "sha256": table.sha256,
    }


def _record_set(table: TableFile) -> dict[str, Any]:
    spec = table.spec
    key = [{"@id": f"{spec.name}/{column}"} for column in spec.key]
    targets = {fk.column: _source(parquet_path(fk.table), fk.target) for fk in spec.foreign_keys}
    return {
        "@type": "cr:RecordSet",
        "@id": spec.name,
        "name": spec.name,
        "description": spec.description,
        "key": key[0] if len(key) == 1 else key,
        "field": [_field(table, field, targets.get(field.name)) for field in spec.fields],
    }


def _source(path: str, column: str) -> dict[str, Any]:
    return {"fileObject": {"@id": path}, "extract": {"column": column}}


def _field(table: TableFile, field: Field, target: dict[str, Any] | None) -> dict[str, Any]:
    """Return a column; `target` is the column of a table that it points at."""
    found: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table.spec.name}/{field.name}",
        "name": field.name,
        "description": f"{field.description} Unit: {field.unit}." if field.unit else field.description,
        "dataType": TYPES[field.type],
    }
    if target:
        found["references"] = target
    return found | {"source": _source(table.path, field.name)}
