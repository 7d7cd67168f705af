"""One line of input into one document, or into the reason why not; runs in this process or in several beside it.

Three kinds of fault are kept apart: a line that is wrong is refused with its reason; a time stamp authority that does not answer is
asked again, and then stops the run; any other fault of this machine (a key, a disk) stops the run at once. A run that stopped can go
on, so a line is never refused for what is not its own fault.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Protocol

from blauweknop.adapters.bulk_records import IssuedDocument
from blauweknop.adapters.certifying import random_id
from blauweknop.adapters.database import StorageError, open_database
from blauweknop.adapters.http_client import FetchProblem
from blauweknop.adapters.keys import KeyProblem
from blauweknop.adapters.person_tags import person_tag
from blauweknop.adapters.row_encryption import RowKey, SecretKeyError
from blauweknop.adapters.settings import Settings, SettingsError, SourceSettings, load_settings
from blauweknop.adapters.time_stamping import TimeStampUnavailable
from blauweknop.assembly.sealing import certifier_for, row_key, time_stamping
from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.load import CatalogueError
from blauweknop.cli.seal import choose_source
from blauweknop.cli.seal_input import MOST_BYTES, SealInput, SealInputFault, parse_input, seal_input_of
from blauweknop.cli.seal_journal import MadeFile, RefusedLine, file_sum
from blauweknop.cli.seal_lines import Line
from blauweknop.document.certified import CertifiedDocument, Certifier, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.document.sealing import SealTooLarge
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.timestamp import TimeStampProblem

__all__ = ["Made", "Refused", "SealingPlan", "SealingStopped", "StopSign", "Workshop"]

_PLACES_AT_ONCE = 256  # of a status list
_THREADS = 4  # so many time stamps are waited for at once
_PAUSES = (1.0, 4.0, 31.0)  # seconds before another round; `time_stamping` lets an authority that is gone rest for thirty
_PAUSES_AT_FIRST = 2  # of those: while nothing was made yet, somebody waits to see whether it works at all


class SealingStopped(BlauweKnopError):
    """No document can be made at this moment; the run can go on when this is mended."""


class StopSign(Protocol):
    """Is set when the run is to stop; `threading.Event`, or the one between processes."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class SealingPlan:
    """What is the same for all lines."""

    config: Path
    dataset_id: str | None  # for lines that do not name one
    source: str | None
    folder: str  # where documents are written until they are done


@dataclass(frozen=True, slots=True)
class Made:
    file: MadeFile
    record: IssuedDocument
    stamped: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """`foreseen` is False for a fault in our own code that this line brought out."""

    line: RefusedLine
    foreseen: bool = True


class Workshop:
    """Everything that is loaded once in a process."""

    def __init__(self, plan: SealingPlan, stop: StopSign, settings: Settings | None = None) -> None:
        self._plan = plan
        self._stop = stop
        self._settings = settings or load_settings(plan.config)
        self._catalogue = load_catalogue()
        self._typesetter = Typesetter()
        self._time_stamp = time_stamping(self._settings)
        self._engine = open_database(self._settings.storage.url)
        self._certifiers: dict[str, Certifier] = {}
        self._lock = Lock()
        self._has_made = False
        over_network = self._settings.time_stamp.exercise_folder is None
        self._threads = ThreadPoolExecutor(_THREADS) if over_network else None

    def make_all(self, lines: Sequence[Line]) -> tuple[Made | Refused, ...]:
        """In the order of the lines; fewer when the run is to stop.

        Raises:
            SealingStopped: no document can be made.
        """
        outcomes = self._threads.map(self._make, lines) if self._threads else map(self._make, lines)
        return tuple(outcome for outcome in outcomes if outcome is not None)

    def _make(self, line: Line) -> Made | Refused | None:
        if self._stop.is_set():
            return None
        try:
            return self._made(line)
        except SealingStopped:
            raise
        except (KeyProblem, SecretKeyError, SettingsError, SealTooLarge, StorageError) as error:
            raise SealingStopped(f"line {line.number} could not be sealed: {error}", remedy=error.remedy) from error
        except BlauweKnopError as error:
            return Refused(RefusedLine(line.number, str(error), error.remedy))
        except OSError as error:
            raise SealingStopped("a document cannot be written", remedy="check the folder and the room on its disk") from error
        except Exception as error:  # noqa: BLE001 - one line must not stop a million others; who counts these stops when they go on
            return Refused(
                RefusedLine(line.number, _unforeseen(error), "report these words; nothing of the line is in them"), foreseen=False
            )

    def _made(self, line: Line) -> Made:
        if line.content is None:
            raise SealInputFault(f"the line is longer than {MOST_BYTES} bytes", remedy="one line holds the data of one person")
        if not line.content.strip():
            raise SealInputFault("the line is empty", remedy="leave empty lines out")
        now = datetime.now(UTC).replace(microsecond=0)
        root = parse_input(line.content)
        dataset = self._dataset(root.pop("dataset", self._plan.dataset_id))
        wanted = seal_input_of(root, dataset, now=now)
        source = choose_source(self._settings, dataset, given=self._plan.source, named=wanted.source)
        document = self._certified(wanted, dataset, source, now)
        name = f"{line.number:010d}-{document.document_id}.pdf"  # ten digits: no line number looks like a burgerservicenummer
        _write(f"{self._plan.folder}/{name}", document.pdf)
        file = MadeFile(line.number, name, len(document.pdf), file_sum(document.pdf))
        return Made(file, self._record(document, dataset, wanted, source, now), document.level != "B-B")

    def _dataset(self, named: object) -> Dataset:
        if named is None:
            raise SealInputFault("the line does not say of which data set it is", remedy="give --dataset, or dataset in the line")
        try:
            return self._catalogue.dataset(named if isinstance(named, str) else "")
        except CatalogueError as error:
            raise SealInputFault(str(error), remedy=error.remedy) from error

    def _certified(self, wanted: SealInput, dataset: Dataset, source: SourceSettings, now: datetime) -> CertifiedDocument:
        certifier = self._certifier(source)
        pauses = _PAUSES if self._has_made else _PAUSES[:_PAUSES_AT_FIRST]
        for pause in (*pauses, None):
            facts = DocumentFacts(
                document_id=random_id(),
                snapshot_id=random_id(),
                trace_id=random_id(),
                issued_at=now,
                language=wanted.language,
                correction_url=f"{self._settings.scheme.base_url}{source.path}/klopt-niet",
            )
            try:
                document = certify(wanted.snapshot, wanted.selection, dataset, certifier, facts)
            except (TimeStampUnavailable, TimeStampProblem, FetchProblem) as error:
                if pause is None or self._stop.wait(pause):
                    remedy = "run blauweknop doctor; then give the same command again, and it goes on"
                    raise SealingStopped(f"stopped after {len(pauses) + 1} rounds: {error}", remedy=remedy) from error
            else:
                self._has_made = True
                return document
        raise SealingStopped("stopped without a time stamp")  # not reached: the last round returns or raises

    def _record(
        self, document: CertifiedDocument, dataset: Dataset, wanted: SealInput, source: SourceSettings, now: datetime
    ) -> IssuedDocument:
        person, tag = wanted.snapshot.subject.bsn, None
        if person is not None and document.status is not None:
            tag = person_tag(self._row_key, person, source=source.identity.id, dataset_id=dataset.id)
        return IssuedDocument(
            document_id=document.document_id,
            source=source.identity.id,
            dataset_id=dataset.id,
            dataset_version=dataset.version,
            issued_at=now,
            valid_until=datetime.combine(date.fromisoformat(str(document.content["valid_until"])), time.max, AMSTERDAM),
            with_bsn=wanted.selection.with_bsn,
            trace_id=str(document.content["trace_id"]),
            status=document.status,
            person_tag=tag,
        )

    @cached_property
    def _row_key(self) -> RowKey:
        return row_key(self._settings)

    def _certifier(self, source: SourceSettings) -> Certifier:
        with self._lock:
            known = self._certifiers.get(source.identity.id)
            if known is None:
                known = certifier_for(
                    self._settings,
                    source,
                    typesetter=self._typesetter,
                    time_stamp=self._time_stamp,
                    places_in=self._engine,
                    places_at_once=_PLACES_AT_ONCE,
                )
                self._certifiers[source.identity.id] = known
            return known


def _write(path: str, pdf: bytes) -> None:
    """A new file, readable for this user only: the content is personal."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        rest = memoryview(pdf)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)


def _unforeseen(error: Exception) -> str:
    """The kind and the place; the text of the error can hold a person's value."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__', '?')}:{place.tb_lineno}" if place else "?"
    return f"unforeseen fault: {type(error).__name__} at {where}"
