"""A source that delivers files: CSV, JSON or NDJSON, one row or object per person, and files of their own for lists.

A file is read whole and kept, by BSN, until it changes on disk. It counts as cut off, and then as no answer at all, when a row has another
number of columns than the header or the last line has no end.
"""

import csv
import io
import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from blauweknop.adapters.sources.gbav import gbav_records
from blauweknop.adapters.sources.lists import dealt_out
from blauweknop.adapters.sources.mapping import ListMapping, Record, SourceFailure, object_value
from blauweknop.adapters.sources.objects import object_record
from blauweknop.adapters.sources.settings import FileAdapter, FileFormat
from blauweknop.domain.identifiers import Bsn

__all__ = ["read_file"]

_Row = Mapping[str, object]
_People = Mapping[str, tuple[_Row, ...]]  # rows by BSN
_LARGEST_FILE = 512 * 1024 * 1024


def read_file(bsn: Bsn, *, file: FileAdapter, lists: Mapping[str, ListMapping]) -> Record | None:
    """The row of a person with the rows of all lists; None when there is no row.

    Raises:
        SourceFailure: a file is not there, not whole, or has two rows for this person.
    """
    rows = _people(file.path, file.format, file.key).get(bsn.digits, ())
    if len(rows) > 1:
        raise SourceFailure("answer", "the source has more than one row for one person")
    return _with_lists(rows, lists, file, bsn)[0] if rows else None


def _with_lists(rows: tuple[_Row, ...], lists: Mapping[str, ListMapping], file: FileAdapter, bsn: Bsn) -> tuple[Record, ...]:
    own_files = {name: mapping for name, mapping in lists.items() if mapping.file}
    inside = {name: mapping for name, mapping in lists.items() if not mapping.file}
    tabular = file.format.name in ("csv", "gbav")
    records = [object_record(row, inside, tabular=tabular) for row in rows]
    for name, mapping in own_files.items():
        found = _people(file.folder / mapping.file, file.format, file.key).get(bsn.digits, ())
        children = _with_lists(found, mapping.lists, file, bsn)
        dealt = dealt_out(children, rows, mapping.parent_column, name)
        records = [Record(one.values, {**one.lists, name: own}, one.tabular) for one, own in zip(records, dealt, strict=True)]
    return tuple(records)


@dataclass(slots=True)
class _Shelf:
    """The files read so far, by path and what must be the same for the reading to hold."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    read: dict[tuple[Path, FileFormat, str], tuple[tuple[int, int, int], Mapping[str, tuple[_Row, ...]]]] = field(
        default_factory=dict, repr=False
    )


_shelf = _Shelf()


def _people(path: Path, form: FileFormat, key: str) -> _People:
    """The rows of a file by BSN."""
    try:
        state = path.stat()
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        with _shelf.lock:
            kept = _shelf.read.get((path, form, key))
            if kept is not None and kept[0] == stamp:
                return kept[1]
            if state.st_size > _LARGEST_FILE:
                raise SourceFailure("answer", "the file of the source is too large", retry_worthwhile=False)
            by_bsn = _by_key(_rows(path.read_bytes(), form), form, key)
            _shelf.read[(path, form, key)] = (stamp, by_bsn)
            return by_bsn
    except OSError as error:
        raise SourceFailure("connection", "the file of the source cannot be read") from error


def _by_key(rows: Iterator[_Row], form: FileFormat, key: str) -> _People:
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        value = row.get(key) if form.name in ("csv", "gbav") or key in row else object_value(row, key)
        if value is None and key not in row:
            raise SourceFailure("configuration", f"the source has no column {key}", place=key, retry_worthwhile=False)
        found[str(value).strip()].append(row)
    return {bsn: tuple(own) for bsn, own in found.items()}


def _rows(data: bytes, form: FileFormat) -> Iterator[_Row]:
    try:
        text = data.decode(form.encoding)
        match form.name:
            case "csv":
                yield from _csv_rows(text, form.delimiter)
            case "gbav":
                yield from gbav_records(list(_table(text, form.delimiter)))
            case "ndjson":
                if text and not text.endswith("\n"):
                    raise SourceFailure("answer", "the last line of the file has no end: it is cut off")
                yield from (_object(json.loads(line, parse_float=Decimal)) for line in text.split("\n") if line.strip())
            case _:
                people = json.loads(text, parse_float=Decimal)
                if not isinstance(people, list):
                    raise SourceFailure("answer", "expected a list of objects in the file")
                yield from map(_object, people)
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise SourceFailure("answer", "the file of the source is not readable in its own form") from error


def _object(value: object) -> _Row:
    if not isinstance(value, dict):
        raise SourceFailure("answer", "expected objects in the file")
    return value


def _csv_rows(text: str, delimiter: str) -> Iterator[_Row]:
    table = _table(text, delimiter)
    header = next(table)
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise SourceFailure("configuration", "two columns of the file have the same name", retry_worthwhile=False)
    for row in table:
        yield dict(zip(header, row, strict=True))


def _table(text: str, delimiter: str) -> Iterator[list[str]]:
    """The header and the rows, each as long as the header."""
    if not text.endswith("\n"):
        raise SourceFailure("answer", "the last line of the file has no end: it is cut off")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = 0
    for number, row in enumerate(rows):
        width = width or len(row)
        if row and len(row) != width:
            raise SourceFailure("answer", f"line {number + 1} of the file has another number of columns than the header")
        if row:
            yield row
