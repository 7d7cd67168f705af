"""From the bytes of any PDF to its pieces, one after the other: objects, tables, and the marks that end a revision.

A general reader looks where the file says that its objects are, and two readers that look in other places show two documents. This one
goes through all bytes and accepts nothing between the pieces but white space and comments (ISO 32000-1, 7.3.10, 7.5). What the tables say
is compared with it in `revisions`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_syntax import MAX_VALUES, MalformedPdf, ObjectReader, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["EndMark", "Pieces", "Placed", "Table", "TableEntry", "scan"]

MAX_PIECES = 128
MAX_COMMENTS = 1000


@dataclass(frozen=True, slots=True)
class Placed:
    """An object and where it stands, from its number to its `endobj`."""

    number: int
    value: PdfObject = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TableEntry:
    """Where an object is: at a byte of the file, or in a stream of objects (`stream`, and its place there); neither when it is free."""

    offset: int | None = None
    stream: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table of objects with its trailer; `position` is what `startxref` and /Prev point to."""

    position: int
    entries: Mapping[int, TableEntry] = field(repr=False)
    trailer: PdfDictionary


@dataclass(frozen=True, slots=True)
class EndMark:
    """`startxref` with its number, and the end of the %%EOF after it, without and with the end of line."""

    table: int
    end: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """All that is in a file, in its order."""

    objects: tuple[Placed, ...]
    tables: tuple[Table, ...]
    ends: tuple[EndMark, ...]
    values_left: int


_HEADER = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)(?=[\t\n\r ])")
_GAP = re.compile(rb"[\x00\t\n\x0c\r ]*+")
_COMMENT = re.compile(rb"%(?!%EOF)[^\r\n]{0,1024}+(?=[\r\n])")
_OBJECT = re.compile(rb"([1-9]\d{0,9})[\t\n\r ]++(\d{1,5})[\t\n\r ]++obj(?=[\x00\t\n\x0c\r <\[(/+\-.\d\w%])")
_STREAM = re.compile(rb"[\t\n\r ]*+stream(?:\r\n|\n)")
_STREAM_END = re.compile(rb"(?:\r\n|\n|\r)?endstream(?=[\t\n\r ]*+endobj)")
_OBJECT_END = re.compile(rb"[\x00\t\n\x0c\r ]*+endobj(?=[\x00\t\n\x0c\r %]|\d)")
_TABLE = re.compile(rb"xref[\t ]*+(?:\r\n|\n|\r)")
_SECTION = re.compile(rb"(\d{1,10}) (\d{1,6})[\t ]*+(?:\r\n|\n|\r)")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?:\r\n| \n| \r)")
_TRAILER = re.compile(rb"[\t\n\r ]*+trailer(?=[\t\n\r <])")
_END = re.compile(rb"startxref[\t\n\r ]++(\d{1,10})[\t ]*+(?:\r\n|\n|\r)%%EOF")
_LINE_END = re.compile(rb"(?:\r\n|\n|\r)?")


def scan(data: bytes, *, most: int) -> Pieces:
    """The pieces of a file with `most` objects at most. Raises: MalformedPdf, also for bytes that belong to no piece."""
    if _HEADER.match(data) is None:
        raise MalformedPdf("header", "the file does not begin with %PDF")
    objects: list[Placed] = []
    tables: list[Table] = []
    ends: list[EndMark] = []
    values_left, position, comments = MAX_VALUES, 0, 0
    while (position := _skip_space(data, position)) < len(data):
        if comment := _COMMENT.match(data, position):
            comments += 1
            position = comment.end()
        elif head := _OBJECT.match(data, position):
            placed, values_left = _read_object(data, head, values_left)
            objects.append(placed)
            position = placed.end
        elif _TABLE.match(data, position):
            table, position = _read_table(data, position, most)
            tables.append(table)
        elif mark := _END.match(data, position):
            line = _LINE_END.match(data, mark.end())
            ends.append(EndMark(int(mark[1]), mark.end(), line.end() if line else mark.end()))
            position = ends[-1].line_end
        else:
            raise MalformedPdf("stray_bytes", f"the file has bytes that belong to nothing (at byte {position})")
        if len(objects) > most or comments > MAX_COMMENTS or max(len(tables), len(ends)) > MAX_PIECES:
            raise MalformedPdf("too_many_objects", "there are more pieces in the file than a document may have")
    if not ends or ends[-1].line_end != len(data):
        raise MalformedPdf("file_end", "the file does not end with startxref and %%EOF")
    return Pieces(tuple(_with_lengths(data, objects)), tuple(tables), tuple(ends), values_left)


def _skip_space(data: bytes, position: int) -> int:
    gap = _GAP.match(data, position)
    return gap.end() if gap else position


def _read_object(data: bytes, head: re.Match[bytes], values_left: int) -> tuple[Placed, int]:
    number = int(head[1])
    if int(head[2]):
        raise MalformedPdf("object_number", f"an object does not have generation 0 (at byte {head.start()})")
    reader = ObjectReader(data, head.end(), max_values=values_left)
    value = reader.value()
    if isinstance(value, MappingProxyType):
        start = _STREAM.match(data, reader.position)
        if start is not None:
            value, reader.position = _read_stream(data, value, start.end())
    end = _OBJECT_END.match(data, reader.position)
    if end is None:
        raise MalformedPdf("object_end", f"object {number} does not end with endobj")
    return Placed(number, value, head.start(), end.end()), reader.values_left


def _read_stream(data: bytes, entries: PdfDictionary, start: int) -> tuple[Stream, int]:
    """A stream; one whose length stands in another object is taken up to its `endstream`, and measured when that object is known."""
    length = entries.get("Length")
    if type(length) is int and 0 <= length <= len(data) - start:
        end = _STREAM_END.match(data, start + length)
    elif isinstance(length, Reference):
        end = _STREAM_END.search(data, start)
    else:
        end = None
    if end is None:
        raise MalformedPdf("stream_length", "a stream is not as long as it says")
    measured = start + length if isinstance(length, int) else end.start()
    return Stream(entries, data[start:measured]), end.end()


def _with_lengths(data: bytes, objects: list[Placed]) -> list[Placed]:
    """Each stream with a length elsewhere, when that length is what was found, give or take the end of line before `endstream`."""
    lengths: dict[int, set[int]] = {}
    for placed in objects:
        if type(placed.value) is int:
            lengths.setdefault(placed.number, set()).add(placed.value)
    return [placed if not _is_unmeasured(placed) else _measured(placed, lengths) for placed in objects]


def _is_unmeasured(placed: Placed) -> bool:
    return isinstance(placed.value, Stream) and isinstance(placed.value.dictionary.get("Length"), Reference)


def _measured(placed: Placed, lengths: Mapping[int, set[int]]) -> Placed:
    stream = placed.value
    reference = stream.dictionary["Length"] if isinstance(stream, Stream) else None
    if not isinstance(stream, Stream) or not isinstance(reference, Reference):
        return placed
    found = len(stream.raw)
    wanted = lengths.get(reference.number, set())
    # One value for all revisions, or two readers take two lengths.
    if len(wanted) != 1 or not wanted <= {found, found + 1, found + 2}:
        raise MalformedPdf("stream_length", f"stream {placed.number} is not as long as it says")
    return placed


def _read_table(data: bytes, position: int, most: int) -> tuple[Table, int]:
    head = _TABLE.match(data, position)
    at = head.end() if head else position
    entries: dict[int, TableEntry] = {}
    while section := _SECTION.match(data, at):
        first, count = int(section[1]), int(section[2])
        if count > most + 1 or first + count > 10 * most:
            raise MalformedPdf("too_many_objects", "the table of objects is larger than a document may have")
        at = section.end()
        for number in range(first, first + count):
            entry = _ENTRY.match(data, at)
            if entry is None or number in entries:
                raise MalformedPdf("xref_entry", f"an entry of the table of objects is not in order (at byte {at})")
            entries[number] = TableEntry(int(entry[1])) if entry[3] == b"n" else TableEntry()
            at = entry.end()
    trailer = _TRAILER.match(data, at)
    if trailer is None:
        raise MalformedPdf("trailer", "no trailer follows the table of objects")
    reader = ObjectReader(data, trailer.end(), max_values=256)
    value = reader.value()
    if not isinstance(value, MappingProxyType):
        raise MalformedPdf("trailer", "the trailer is not a dictionary")
    return Table(position, entries, value), reader.position
