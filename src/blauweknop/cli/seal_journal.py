"""What a run of many documents has done, on disk, so that it can be killed at any moment and go on.

In the folder of the run:

    journal.ndjson   a heading, then a line for each batch that is done: how far the input is, and the documents
    report.ndjson    a line for each line of the input of which no document was made
    .making/         documents that are not done yet
    NNNNNNNNNN-ID.pdf  the documents: line number and random document id

The order of a batch, each step safe to be the last one:

1. Documents are written in `.making`, their records in the database, refused lines in the report.
2. The journal gets its line, and is on the disk: from now on these documents are done.
3. The documents move from `.making` to the folder.

What stands in `.making` at a new start was either done (2) and then moves (3), or is made again. So the folder never has half a
document, two of one line, or a document that is taken away again. The disk is only waited for in step 2; after a crash, so not
after an orderly end, the documents of the last minute are compared with the journal and made again when the disk lost them.
"""

import fcntl
import os
import zlib
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import msgspec

from blauweknop.cli.seal_lines import Position
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["Batch", "Heading", "Journal", "JournalProblem", "MadeFile", "RefusedLine", "file_sum"]

_FORM = "blauweknop seal 1"
_CHECKED = timedelta(minutes=1)
_OTHER_FOLDER = "give another --out-dir; it may be a new one"
_NO_BYTES = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_Read = TypeVar("_Read")


class JournalProblem(BlauweKnopError):
    """The folder cannot be used for this run."""


class Heading(msgspec.Struct, frozen=True):
    """What may not change between two runs in one folder."""

    dataset: str | None
    source: str | None
    resumable: bool
    form: str = _FORM


class MadeFile(msgspec.Struct, frozen=True, array_like=True):
    """A document by the line it was made of; `sum` is the CRC-32 of its bytes."""

    line: int
    name: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{10,}-[0-9a-f]{32}\.pdf$")]
    size: int
    sum: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}$")]


class RefusedLine(msgspec.Struct, frozen=True):
    """A line of the report. Neither text holds a value of the input."""

    line: int
    reason: str
    remedy: str


class Batch(msgspec.Struct, frozen=True):
    """A line of the journal; `made_in_all` and `refused_in_all` count from the beginning."""

    at: datetime
    lines: int
    bytes: int
    sha256: str
    made_in_all: int
    refused_in_all: int
    report_bytes: int
    unstamped_in_all: int = 0  # made without a time stamp
    made: tuple[MadeFile, ...] = ()
    closed: bool = False  # the run ended in order after this

    @property
    def position(self) -> Position:
        return Position(self.lines, self.bytes, self.sha256)


def file_sum(content: bytes) -> str:
    """What `MadeFile.sum` is: enough to see what a disk lost, no protection against people.

    Eight hexadecimal digits: as a decimal number it could look like a burgerservicenummer.
    """
    return f"{zlib.crc32(content):08x}"


class Journal:
    """One run at a time works in a folder: the journal is locked as long as this object is open."""

    def __init__(self, folder: Path, heading: Heading) -> None:
        """Begin in this folder, or go on there.

        Raises:
            JournalProblem: it cannot be used, is in use, or belongs to another run.
        """
        self._folder = folder
        self.making = folder / ".making"
        self.last = Batch(datetime.min.replace(tzinfo=UTC), 0, 0, _NO_BYTES, 0, 0, 0)
        self._recent: deque[Batch] = deque()
        self._files = ExitStack()
        try:
            with ExitStack() as files:
                folder.mkdir(mode=0o700, exist_ok=True)
                self._file = files.enter_context(_open_own(folder / "journal.ndjson"))
                self._lock()
                self._report = files.enter_context(self._open_report())
                end = self._begin(heading)
                self.making.mkdir(mode=0o700, exist_ok=True)
                self._read_batches(end)
                self._report.truncate(min(self.last.report_bytes, self._report.seek(0, os.SEEK_END)))
                self._report.seek(0, os.SEEK_END)
                self._empty_making()
                self._files = files.pop_all()
        except OSError as error:
            raise _unusable(folder) from error

    def take_lost(self) -> frozenset[int]:
        """The lines of which the disk lost the document; what was left of it is removed."""
        if self.last.closed:
            return frozenset()
        newest = {made.line: made for batch in self._recent for made in batch.made}
        lost = [made for made in newest.values() if not _is_whole(self._folder / made.name, made)]
        for made in lost:
            (self._folder / made.name).unlink(missing_ok=True)
        return frozenset(made.line for made in lost)

    def report(self, refused: Sequence[RefusedLine]) -> int:
        """Step 1: add to the report; gives its length in bytes. Raises: JournalProblem."""
        try:
            self._report.writelines(map(_one_line, refused))
            if refused:
                _to_disk(self._report)
            return self._report.tell()
        except OSError as error:
            raise _unusable(self._folder) from error

    def commit(self, batch: Batch) -> None:
        """Steps 2 and 3. Raises: JournalProblem."""
        try:
            self._file.write(_one_line(batch))
            _to_disk(self._file)
            making, folder = str(self.making), str(self._folder)
            for made in batch.made:
                os.rename(f"{making}/{made.name}", f"{folder}/{made.name}")
        except OSError as error:
            raise _unusable(self._folder) from error
        self.last = batch

    def close(self, at: datetime) -> None:
        """End in order: everything on the disk, and nothing left over. Raises: JournalProblem."""
        if not self.last.closed:
            os.sync()
            self.commit(msgspec.structs.replace(self.last, at=at, made=(), closed=True))
        try:
            self._empty_making()
            self.making.rmdir()
        except OSError as error:
            raise _unusable(self._folder) from error
        self.release()

    def release(self) -> None:
        """Let another run use the folder; what is done stays done."""
        self._files.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalProblem(f"another run is at work in {self._folder}", remedy="wait until it has ended") from error

    def _open_report(self) -> BinaryIO:
        path = self._folder / "report.ndjson"
        if path.exists() and not self._file.seek(0, os.SEEK_END):
            raise JournalProblem(f"{path} is there and no journal beside it", remedy="give another folder; it may be a new one")
        return _open_own(path)

    def _begin(self, heading: Heading) -> int:
        """Write the heading of a new run, or compare that of the run to go on with; gives where it ends."""
        self._file.seek(0)
        first = self._file.readline()
        if not first.endswith(b"\n"):  # new, or killed before it began
            self._file.seek(0)
            self._file.truncate()
            written = self._file.write(_one_line(heading))
            _to_disk(self._file)
            return written
        known = self._decoded(first, Heading)
        if not (known.resumable and heading.resumable):
            raise JournalProblem(f"{self._folder} has a run from standard input, which cannot be gone on with", remedy=_OTHER_FOLDER)
        if known != heading:
            remedy = f"use the same --dataset and --source, or {_OTHER_FOLDER}"
            raise JournalProblem(f"{self._folder} has a run with other options", remedy=remedy)
        return len(first)

    def _read_batches(self, end: int) -> None:
        waiting = {path.name for path in self.making.iterdir()}
        self._file.seek(end)
        while (line := self._file.readline()).endswith(b"\n"):  # a last line that was not written whole does not count
            end += len(line)
            self._read_batch(self._decoded(line, Batch), waiting)
        self._file.seek(end)
        self._file.truncate()

    def _read_batch(self, batch: Batch, waiting: set[str]) -> None:
        self.last = batch
        self._recent.append(batch)
        while self._recent[0].at < batch.at - _CHECKED:
            self._recent.popleft()
        for made in batch.made:
            if made.name in waiting:  # step 3 was not reached
                os.rename(self.making / made.name, self._folder / made.name)

    def _decoded(self, line: bytes, kind: type[_Read]) -> _Read:
        try:
            return msgspec.json.decode(line, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise JournalProblem(f"{self._folder} has a journal that cannot be read", remedy=_OTHER_FOLDER) from None

    def _empty_making(self) -> None:
        for left in self.making.iterdir():
            left.unlink(missing_ok=True)


def _is_whole(path: Path, made: MadeFile) -> bool:
    with suppress(OSError):
        return path.stat().st_size == made.size and file_sum(path.read_bytes()) == made.sum
    return False


def _open_own(path: Path) -> BinaryIO:
    """To read and to write, made for this user only."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def _one_line(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _unusable(folder: Path) -> JournalProblem:
    return JournalProblem(f"{folder} cannot be used", remedy="give a folder that you may write in, with room on its disk")
