"""Tables to bytes: Parquet, CSV, and the metadata of the standards.

In      checked tables with their specs, what data/raw/package.yaml says, and for a release one `Release` record.
Out     `parquet` and `descriptor` for data/processed; `stamped`, `write_csv`, `measured` and `documents` for a release:
        datapackage.json, croissant.json, CITATION.cff, datacite.json, the dataset card, VERIFY.md. `building` and
        `put_in_place` hold a repository for one build and show it whole; `streamed` writes what is never held.

Promises
- Bytes depend on nothing but the data and the version of pyarrow: sorted by key, no clock, no pandas metadata.
- Exact: what is written reads back equal in every type; a CSV file is the content of its table, and its digest says so.
- Memory: a row group at a time for Parquet, bounded by DuckDB's limit for CSV.
"""

from datapkg.package.about import ABOUT_SCHEMA, about_findings, new_about, read_about
from datapkg.package.csv import write_csv
from datapkg.package.descriptor import head
from datapkg.package.documents import documents
from datapkg.package.parquet import PROFILE_PARQUET, ROW_GROUP, descriptor, parquet, stamped, streamed, table_path
from datapkg.package.place import building, put_in_place
from datapkg.package.record import Release, Signature, csv_path, digest, measured, parquet_path
from datapkg.package.text import as_json
from datapkg.package.wheel import LEFT_OUT

__all__ = [
    "ABOUT_SCHEMA",
    "LEFT_OUT",
    "PROFILE_PARQUET",
    "ROW_GROUP",
    "Release",
    "Signature",
    "about_findings",
    "as_json",
    "building",
    "csv_path",
    "descriptor",
    "digest",
    "documents",
    "head",
    "measured",
    "new_about",
    "parquet",
    "parquet_path",
    "put_in_place",
    "read_about",
    "stamped",
    "streamed",
    "table_path",
    "write_csv",
]
