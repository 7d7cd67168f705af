"""The one door to a data set of a source: ask for a person, get an outcome; every fault has become one by then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, assert_never

import structlog

from blauweknop.adapters.sources.files import read_file
from blauweknop.adapters.sources.mapping import Record, SourceFailure
from blauweknop.adapters.sources.outcome import outcome_of
from blauweknop.adapters.sources.rest import read_rest
from blauweknop.adapters.sources.settings import DatasetSettings, FileAdapter, RestAdapter, SqlAdapter
from blauweknop.adapters.sources.sql import read_sql
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Outcome, Unavailable
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Bsn

__all__ = ["MappedSource", "Source", "open_source"]

_log = structlog.get_logger()


class Source(Protocol):
    """Something that knows people for a data set. Blocks while it asks: call it in a thread."""

    def fetch(self, bsn: Bsn, dataset: Dataset, *, at: datetime) -> Outcome:
        """What it has on this person; `at` is the moment of asking, aware."""
        ...


@dataclass(frozen=True, slots=True)
class MappedSource:
    """A source as the configuration file describes it."""

    settings: DatasetSettings

    def fetch(self, bsn: Bsn, dataset: Dataset, *, at: datetime) -> Outcome:
        """See `Source`.

        Raises:
            BlauweKnopError: this source was opened for another data set.
        """
        mapping = self.settings.mapping
        if dataset.id != mapping.dataset.id:
            raise BlauweKnopError(f"this source was opened for {mapping.dataset.id}, not for {dataset.id}")
        try:
            return outcome_of(_read(self.settings, bsn), mapping, at=at)
        except SourceFailure as failure:
            _log.warning("source_unavailable", dataset=dataset.id, cause=failure.cause, place=failure.place, reason=str(failure))
            return Unavailable(failure.cause, failure.retry_worthwhile)


def open_source(settings: DatasetSettings) -> Source:
    """The source of one data set."""
    return MappedSource(settings)


def _read(settings: DatasetSettings, bsn: Bsn) -> Record | None:
    lists = settings.mapping.lists
    match settings.adapter:
        case SqlAdapter(url, query, timeout_seconds):
            return read_sql(bsn, url=url, query=query, lists=lists, timeout_seconds=timeout_seconds)
        case RestAdapter() as service:
            return read_rest(bsn, service=service, lists=lists)
        case FileAdapter() as file:
            return read_file(bsn, file=file, lists=lists)
    assert_never(settings.adapter)
