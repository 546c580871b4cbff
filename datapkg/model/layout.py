"""Where things are: the folders of a repository of claims, and of the data inside an installed package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datapkg.model.errors import MissingExtra, NotFound

PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders under one root; holds paths only, touches nothing."""

    root: Path

    @property
    def raw(self) -> Path:
        """Claims, registries, corrections and the description of the package."""
        return self.root / "data" / "raw"

    @property
    def claims(self) -> Path:
        """One YAML file per source."""
        return self.raw / "claims"

    @property
    def datasets(self) -> Path:
        """Per table of others, a map to claims and the claims that it makes."""
        return self.raw / "datasets"

    @property
    def bulk(self) -> Path:
        """Claims in bulk and their sources, as JSON Lines or Parquet."""
        return self.raw / "bulk"

    @property
    def quarantine(self) -> Path:
        """The claims that the last build left out, if it did."""
        return self.root / "data" / "quarantine.jsonl"

    @property
    def entities(self) -> Path:
        """One CSV file per registry."""
        return self.raw / "entities"

    @property
    def corrections(self) -> Path:
        """Reasoned corrections and preferences."""
        return self.raw / "corrections.yaml"

    @property
    def quality(self) -> Path:
        """What a second coding of drawn sources found."""
        return self.raw / "quality"

    @property
    def about(self) -> Path:
        """Title, licence, contributors and version of the data package."""
        return self.raw / "package.yaml"

    @property
    def processed(self) -> Path:
        """The tables; observations in a folder of their own."""
        return self.root / "data" / "processed"

    @property
    def releases(self) -> Path:
        """One folder per published version."""
        return self.root / "data" / "releases"

    @property
    def keys(self) -> Path:
        """Public keys of those who sign releases, one file each."""
        return self.root / "keys"

    @property
    def acknowledged(self) -> Path:
        """What a curator has seen and lets pass, until a day."""
        return self.raw / "acknowledged.yaml"

    @property
    def changelog(self) -> Path:
        """What changed, by hand; a section per data release."""
        return self.root / "CHANGELOG.md"

    @property
    def descriptor(self) -> Path:
        """The Data Package descriptor."""
        return self.root / "datapackage.json"

    @property
    def schemas(self) -> Path:
        """Table Schemas: the repository's own, else those that come with datapkg."""
        own = self.root / "schemas"
        return own if own.is_dir() else packaged().root / "schemas"

    @property
    def schema_files(self) -> dict[str, Path]:
        """Table Schemas by table: the repository's own; those of datapkg with them, unless they stand for themselves.

        They do so with `observations.json` among them, as those of a release; others add to the tables of datapkg.
        """
        own = {path.stem: path for path in sorted(self.schemas.glob("*.json"))}
        if "observations" in own:
            return own
        return {path.stem: path for path in sorted((packaged().root / "schemas").glob("*.json"))} | own

    def relative(self, path: Path) -> str:
        """Return the path from the root with forward slashes, for messages and published tables."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.as_posix()


def stem(table: str) -> str:
    """Return the path of a table's file below the folder of tables, without its suffix; in no other form."""
    return table.replace(".", "/", 1)


def in_wheel(path: Path) -> bool:
    """Return whether a path is of the data inside an installed package, which holds less than a clone."""
    return path.resolve().is_relative_to((PACKAGE / "_data").resolve())


def distribution() -> str:
    """Return the version of the installed distribution; of a folder that was only put on the path, 0."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("semiconductor-datapkg")
    except PackageNotFoundError:
        return "0"


def packaged() -> Layout:
    """Return the layout of the data that comes with datapkg: inside a wheel, or the clone it runs from."""
    inside = PACKAGE / "_data"
    return Layout(inside if inside.is_dir() else PACKAGE.parent)


def user_cache() -> Path:
    """Return the folder for copies that the platform has for it.

    Raises  MissingExtra
    """
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise MissingExtra.of("platformdirs", "remote", "the place for copies of a remote registry") from error
    return user_cache_path("datapkg")


def repository(start: Path) -> Layout:
    """Return the layout of the nearest folder at or above `start` that holds data/raw/claims.

    Raises  NotFound if there is none.
    """
    for folder in [start, *start.parents]:
        if (folder / "data" / "raw" / "claims").is_dir():
            return Layout(folder)
    raise NotFound(
        f"no folder data/raw/claims at or above {start}; go to a repository of claims, or name one with --root FOLDER"
    )
