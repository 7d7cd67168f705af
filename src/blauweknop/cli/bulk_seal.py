"""`blauweknop seal --ndjson`: a document for each line of a file, however long the file is, and in as many runs as it takes.

Lines are read in chunks, made by a team (`seal_team`), and kept by the journal (`seal_journal`) in the order of the input; so how far
a run is, is one number. At most a bounded number of chunks is under way, which bounds the memory.
"""

import os
import signal
import stat
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import typer
from sqlalchemy.engine import Engine

from blauweknop.adapters.bulk_records import documents_issued
from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.settings import Settings
from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.bulk_progress import RunProgress
from blauweknop.cli.configuration import find_settings
from blauweknop.cli.document_files import usable_cores
from blauweknop.cli.seal import choose_source
from blauweknop.cli.seal_journal import Batch, Heading, Journal, RefusedLine
from blauweknop.cli.seal_lines import Chunk, InputLines, OtherInput, Position
from blauweknop.cli.seal_team import Outcomes, Team, quiet_log, sealing_team
from blauweknop.cli.seal_worker import Made, Refused, SealingPlan, SealingStopped
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["LINES_REFUSED", "seal_lines"]

LINES_REFUSED = 1
"""Exit code: the run is done, and of some lines no document was made."""

_INTERRUPTED = 130
_MOST_BYTES_UNDER_WAY = 64 * 1024 * 1024
_MOST_AT_ONCE = 16  # chunks in one transaction
_MOST_TOLD = 20  # refused lines on the screen; the report has all
_MOST_UNFORESEEN = 20  # in a row
_LANGUAGE = "nl"


def seal_lines(
    data: str, folder: Path, *, dataset_id: str | None, config: Path | None, source: str | None, processes: int | None = None
) -> int:
    """Make a document of each line of `data` (a file, or `-`) in `folder`, or go on with that; gives the exit code.

    Raises:
        BlauweKnopError: nothing can be begun, or the run had to stop; it can go on with the same call.
    """
    quiet_log()
    settings = find_settings(config, near=None if data == "-" else Path(data))
    _refuse_options(settings, dataset_id, source)
    engine = open_database(settings.storage.url)
    upgrade(engine)
    with _opened(data) as (file, size):
        journal = Journal(folder, Heading(dataset_id, source, resumable=data != "-"))
        try:
            plan = SealingPlan(settings.file, dataset_id, source, str(journal.making.resolve()))
            with sealing_team(plan, settings, processes or usable_cores()) as team:
                return _Run(journal, engine, InputLines(file), team, RunProgress(size)).to_the_end(data, folder)
        finally:
            journal.release()


class _Run:
    """One run over one input. `team` makes, `journal` keeps."""

    def __init__(self, journal: Journal, engine: Engine, lines: InputLines, team: Team, progress: RunProgress) -> None:
        self._journal = journal
        self._engine = engine
        self._lines = lines
        self._team = team
        self._progress = progress
        self._under_way: deque[tuple[Chunk, Future[Outcomes]]] = deque()
        self._bytes_under_way = 0
        self._reading = False
        self._told = 0
        self._unforeseen = 0
        self._begun = time.monotonic(), journal.last.made_in_all

    def to_the_end(self, data: str, folder: Path) -> int:
        """Work until nothing is left, or until an interrupt."""
        try:
            with self._interrupts():
                self._make_lost_again()
                for chunk in self._chunks():
                    self._submit(chunk)
                    while self._is_full():
                        self._keep_finished()
                while self._under_way and not self._team.stop.is_set():
                    self._keep_finished()
        except (KeyboardInterrupt, BrokenProcessPool) as error:
            if not self._team.stop.is_set():
                remedy = "look at the memory of this machine, or use fewer --processes; then give the same command again, and it goes on"
                raise SealingStopped("a process that makes documents was lost", remedy=remedy) from error
        finally:
            self._progress.close()
        if self._team.stop.is_set():
            return self._tell_interrupted(data)
        self._journal.close(datetime.now(UTC))
        return self._tell_done(folder)

    def _make_lost_again(self) -> None:
        last = self._journal.last
        lost = self._lines.skip(last.position, self._journal.take_lost())
        if last.lines:
            typer.echo(sentence("seal.goes_on", _LANGUAGE, lines=last.lines), err=True)
        if lost:
            self._keep(self._team.submit(lost).result(), last.position)

    def _chunks(self) -> Iterator[Chunk]:
        chunks = self._lines.chunks()
        while not self._team.stop.is_set():
            self._reading = True
            chunk = next(chunks, None)
            self._reading = False
            if chunk is None:
                return
            yield chunk

    def _submit(self, chunk: Chunk) -> None:
        self._under_way.append((chunk, self._team.submit(chunk.lines)))
        self._bytes_under_way += chunk.size

    def _is_full(self) -> bool:
        full = len(self._under_way) >= self._team.most_waiting or self._bytes_under_way > _MOST_BYTES_UNDER_WAY
        return full and bool(self._under_way) and not self._team.stop.is_set()

    def _keep_finished(self) -> None:
        """Wait for the oldest chunk, and keep it with those after it that are done too."""
        outcomes: list[Made | Refused] = []
        end: Position | None = None
        taken = 0
        while self._under_way and taken < _MOST_AT_ONCE and (taken == 0 or self._under_way[0][1].done()):
            chunk, future = self._under_way[0]
            try:
                made = future.result()
            except (SealingStopped, BrokenProcessPool):
                if end is not None:
                    break  # keep what came before it first; the next turn meets it again
                raise
            if len(made) < len(chunk.lines):
                break  # the run is to stop
            self._under_way.popleft()
            self._bytes_under_way -= chunk.size
            outcomes.extend(made)
            end = chunk.end
            taken += 1
        if end is not None:
            self._keep(outcomes, end)

    def _keep(self, outcomes: Sequence[Made | Refused], end: Position) -> None:
        """The steps of `seal_journal`, with the records first."""
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        made = [outcome for outcome in outcomes if isinstance(outcome, Made)]
        self._stop_when_ours(outcomes)
        documents_issued(self._engine, [document.record for document in made])
        last = self._journal.last
        batch = Batch(
            at=datetime.now(UTC),
            lines=end.lines,
            bytes=end.bytes,
            sha256=end.sha256,
            made_in_all=last.made_in_all + len(made),
            refused_in_all=last.refused_in_all + len(refused),
            report_bytes=self._journal.report([outcome.line for outcome in refused]),
            unstamped_in_all=last.unstamped_in_all + sum(not document.stamped for document in made),
            made=tuple(document.file for document in made),
        )
        self._journal.commit(batch)
        self._tell(refused, batch)

    def _stop_when_ours(self, outcomes: Sequence[Made | Refused]) -> None:
        """A fault in our own code that one line brings out is the fault of that line; that each line brings out, is not."""
        for outcome in outcomes:
            ours = isinstance(outcome, Refused) and not outcome.foreseen
            self._unforeseen = self._unforeseen + 1 if ours else 0
            if self._unforeseen >= _MOST_UNFORESEEN and isinstance(outcome, Refused):
                raise SealingStopped(f"{self._unforeseen} lines in a row ended in this: {outcome.line.reason}", remedy="report these words")

    def _tell(self, refused: Sequence[Refused], batch: Batch) -> None:
        for outcome in refused:
            self._told += 1
            if self._told <= _MOST_TOLD:
                _tell_refused(outcome.line)
            elif self._told == _MOST_TOLD + 1:
                typer.echo(sentence("seal.more_refused", _LANGUAGE), err=True)
        seconds, before = time.monotonic() - self._begun[0], self._begun[1]
        rate = round((batch.made_in_all - before) / seconds) if seconds > 1 else "-"
        words = sentence("seal.progress", _LANGUAGE, made=batch.made_in_all, refused=batch.refused_in_all, rate=rate)
        self._progress.show(batch.bytes, words)

    def _tell_interrupted(self, data: str) -> int:
        key = "seal.interrupted_for_good" if data == "-" else "seal.interrupted"
        typer.echo(sentence(key, _LANGUAGE, lines=self._journal.last.lines), err=True)
        return _INTERRUPTED

    def _tell_done(self, folder: Path) -> int:
        last = self._journal.last
        typer.echo(sentence("seal.done", _LANGUAGE, made=last.made_in_all, folder=folder))
        if last.unstamped_in_all:
            typer.echo(sentence("seal.unstamped", _LANGUAGE, count=last.unstamped_in_all), err=True)
        if last.refused_in_all:
            typer.echo(sentence("seal.refused", _LANGUAGE, refused=last.refused_in_all, report=folder / "report.ndjson"), err=True)
        return LINES_REFUSED if last.refused_in_all else 0

    @contextmanager
    def _interrupts(self) -> Iterator[None]:
        """The first interrupt stops in order; the second one at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, _frame: FrameType | None) -> None:
            signal.signal(number, signal.default_int_handler)
            self._team.stop.set()
            if self._reading:
                raise KeyboardInterrupt

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _refuse_options(settings: Settings, dataset_id: str | None, source: str | None) -> None:
    """What is wrong for every line is said once."""
    if source is not None and source not in settings.sources:
        listed = ", ".join(settings.sources)
        raise BlauweKnopError(f"{settings.file.name}: there is no source of that name", remedy=f"these are there: {listed}")
    if dataset_id is not None:
        dataset = load_catalogue().dataset(dataset_id)
        if source is not None or not any(dataset_id in own.datasets for own in settings.sources.values()):
            choose_source(settings, dataset, given=source, named=None)


@contextmanager
def _opened(data: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The input, and its size when it has one. Raises: BlauweKnopError."""
    if data == "-":
        typer.echo(sentence("seal.standard_input", _LANGUAGE), err=True)
        yield sys.stdin.buffer, None
        return
    try:
        file = os.fdopen(os.open(data, os.O_RDONLY), "rb")
    except OSError as error:
        raise BlauweKnopError(f"{data} cannot be read", remedy="check the path and the rights of the file") from error
    with file:
        status = os.fstat(file.fileno())
        try:
            yield file, status.st_size if stat.S_ISREG(status.st_mode) else None
        except OtherInput as error:
            raise OtherInput(f"{data}: {error}", remedy="give the input of that run again, or give another --out-dir") from error


def _tell_refused(line: RefusedLine) -> None:
    typer.echo(sentence("seal.line", _LANGUAGE, line=line.line, reason=line.reason), err=True)
    if line.remedy:
        typer.echo(f"  {line.remedy}", err=True)
