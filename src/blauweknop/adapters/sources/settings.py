"""What the configuration file says about the place of one data set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blauweknop.adapters.sources.mapping import DatasetMapping

__all__ = ["Adapter", "DatasetSettings", "FileAdapter", "FileFormat", "RestAdapter", "SqlAdapter"]


@dataclass(frozen=True, slots=True)
class SqlAdapter:
    url: str = field(repr=False)  # can hold a password
    query: str
    timeout_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class RestAdapter:
    """`body` and `headers` have the BSN where `{bsn}` stands; an address never has it."""

    url: str
    body: Mapping[str, object] | None = None  # absent: GET, and the BSN goes in a header
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, Path] = field(default_factory=dict)  # header -> file with its value, for API keys
    records: str = ""  # dotted path to the list of persons found; empty: the answer is the person
    ca_file: Path | None = None
    client_certificate: tuple[Path, Path] | None = None  # certificate and key, for mutual TLS
    allow_loopback: bool = False
    allow_private: bool = False
    timeout_seconds: float = 5.0
    max_bytes: int = 5_000_000


@dataclass(frozen=True, slots=True)
class FileFormat:
    """csv, json, ndjson, or gbav: the CSV of the population register's test set, with a person over several rows."""

    name: str = "csv"
    encoding: str = "utf-8-sig"
    delimiter: str = ";"


@dataclass(frozen=True, slots=True)
class FileAdapter:
    path: Path
    key: str  # column or dotted path that holds the BSN, in every file of the data set
    format: FileFormat = field(default_factory=FileFormat)
    folder: Path = field(default_factory=Path)  # files of lists are relative to it


Adapter = SqlAdapter | RestAdapter | FileAdapter


@dataclass(frozen=True, slots=True)
class DatasetSettings:
    """One data set of one source."""

    adapter: Adapter
    mapping: DatasetMapping
