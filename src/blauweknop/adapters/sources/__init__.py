"""Where the data comes from: a database, a web service or a file of the source organisation, behind one door."""

from blauweknop.adapters.sources.open import MappedSource, Source, open_source
from blauweknop.adapters.sources.settings import DatasetSettings, FileAdapter, RestAdapter, SqlAdapter

__all__ = ["DatasetSettings", "FileAdapter", "MappedSource", "RestAdapter", "Source", "SqlAdapter", "open_source"]
