"""A PDF of another maker as the revisions it was written in, each with the objects that it says it has (ISO 32000-1, 7.5.4 to 7.5.8).

Steps:

1. all bytes belong to a piece (`scanning`);
2. each `startxref` leads to a table, that to the one before it (/Prev), and no table is left over; no hybrid tables, no encryption;
3. each revision keeps its tables to itself, and a first one in two parts says that it is linearized;
4. the tables of a revision name each object in it, where it stands, and no other; each number once;
5. streams of objects hold what the tables say of them, in the same way.

So no reader can find an object that another does not. What is unusual and could be an accident is refused as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.foreign.packing import Unpacker
from blauweknop.document.foreign.scanning import EndMark, Pieces, Placed, Table, TableEntry, scan
from blauweknop.document.pdf_file import FileLimits
from blauweknop.document.pdf_syntax import MalformedPdf, ObjectReader, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["ForeignFile", "ForeignRevision", "read_foreign_file"]

MAX_REVISIONS = 64
MAX_ENTRIES = 500_000  # of all tables in streams: packed, a million of them are a few bytes
_CONTAINERS = ("XRef", "ObjStm")


@dataclass(frozen=True, slots=True)
class ForeignRevision:
    """What one revision wrote: objects by number, those it took away, and where the ones outside streams of objects stand.

    It ends after %%EOF, at `end` without and at `line_end` with the end of line.
    """

    start: int
    end: int
    line_end: int
    trailer: PdfDictionary
    objects: Mapping[int, PdfObject] = field(repr=False)
    removed: frozenset[int]
    spans: Mapping[int, tuple[int, int]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """A file whose bytes can be read in one way; says nothing about what is in it or who signed it."""

    data: bytes = field(repr=False)
    revisions: tuple[ForeignRevision, ...]
    unpacker: Unpacker = field(repr=False)
    limits: FileLimits

    def state(self, last: int) -> Mapping[int, PdfObject]:
        """All objects as they are after the revision with this place."""
        objects: dict[int, PdfObject] = {}
        for revision in self.revisions[: last + 1]:
            objects.update(revision.objects)
            for number in revision.removed:
                objects.pop(number, None)
        return objects


def read_foreign_file(data: bytes, limits: FileLimits | None = None) -> ForeignFile:
    """The file taken apart. Raises: MalformedPdf with the code of the first rule that is broken."""
    limits = limits or FileLimits()
    if len(data) > limits.file_size:
        raise MalformedPdf("file_size", f"the file is larger than {limits.file_size} bytes")
    # 1
    pieces = scan(data, most=limits.objects)
    unpacker = Unpacker(limits)
    # 2, 3
    tables = _all_tables(pieces, unpacker)
    builder = _Builder(pieces, unpacker, limits)
    for marks, own in _grouped(pieces.ends, tables):
        builder.add(marks, own)
    return ForeignFile(data, tuple(builder.revisions), unpacker, limits)


def _all_tables(pieces: Pieces, unpacker: Unpacker) -> dict[int, Table]:
    found = {table.position: table for table in pieces.tables}
    entries_left = MAX_ENTRIES
    for placed in pieces.objects:
        if isinstance(placed.value, Stream) and placed.value.dictionary.get("Type") == "XRef":
            entries = _stream_entries(placed.value, unpacker, entries_left)
            entries_left -= len(entries)
            found[placed.start] = Table(placed.start, entries, placed.value.dictionary)
    for table in found.values():
        if "Encrypt" in table.trailer:
            raise MalformedPdf("encrypted", "the file is encrypted")
        if "XRefStm" in table.trailer:
            raise MalformedPdf("hybrid_xref", "the file has two tables for one revision")
    return found


def _stream_entries(stream: Stream, unpacker: Unpacker, most: int) -> dict[int, TableEntry]:
    """The table in a stream (ISO 32000-1, 7.5.8), of `most` entries at most."""
    size, widths = stream.dictionary.get("Size"), stream.dictionary.get("W")
    index = stream.dictionary.get("Index", (0, size))
    if not isinstance(widths, tuple) or len(widths) != 3 or not isinstance(index, tuple) or len(index) % 2:
        raise MalformedPdf("xref_stream", "a table in a stream does not say how it is laid out")
    sizes = [_natural(width, 8) for width in widths]
    sections = [(_natural(first, 10**7), _natural(count, 100_000)) for first, count in zip(index[::2], index[1::2], strict=True)]
    data, row, count = unpacker.unpack(stream), sum(sizes), sum(count for _, count in sections)
    if row == 0 or len(data) != row * count or count > most:
        raise MalformedPdf("xref_stream", "a table in a stream is not as long as it says, or longer than a document needs")
    numbers = [number for first, count in sections for number in range(first, first + count)]
    if len(set(numbers)) != len(numbers):
        raise MalformedPdf("xref_stream", "a table in a stream names a number twice")
    return {number: _entry(data[place * row : place * row + row], sizes) for place, number in enumerate(numbers)}


def _natural(value: PdfObject, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise MalformedPdf("xref_stream", "a number in a table of objects is not in order")
    return value


def _entry(row: bytes, sizes: list[int]) -> TableEntry:
    kind = int.from_bytes(row[: sizes[0]], "big") if sizes[0] else 1
    second = int.from_bytes(row[sizes[0] : sizes[0] + sizes[1]], "big")
    third = int.from_bytes(row[sizes[0] + sizes[1] :], "big")
    match kind:
        case 0:
            return TableEntry()
        case 1 if third == 0:
            return TableEntry(second)
        case 2:
            return TableEntry(stream=second, place=third)
    raise MalformedPdf("xref_stream", "an entry of a table of objects is of no known kind")


def _grouped(ends: tuple[EndMark, ...], tables: Mapping[int, Table]) -> Iterator[tuple[list[EndMark], list[Table]]]:
    """The marks and tables of each revision, oldest first (steps 2 and 3); a linearized first revision has two tables."""
    before: int | None = None
    waiting: list[EndMark] = []
    used: set[int] = set()
    for mark in ends:
        waiting.append(mark)
        if mark.table == 0 and len(waiting) == 1 and before is None:
            continue  # the first part of a linearized file; the mark of the second says where to begin
        own = list(_chain(mark.table, before, tables))
        if len(own) > (2 if before is None else 1) or len(own) < len(waiting) or used & {table.position for table in own}:
            raise MalformedPdf("xref_mismatch", "a revision has more tables of objects than it needs")
        used |= {table.position for table in own}
        before = mark.table
        yield waiting, own
        waiting = []
    if waiting or used != tables.keys():
        raise MalformedPdf("xref_mismatch", "the file has a table of objects that no revision uses")


def _chain(position: int, until: int | None, tables: Mapping[int, Table]) -> Iterator[Table]:
    seen: set[int] = set()
    following: PdfObject = position
    while following != until:
        if type(following) is not int or following in seen or following not in tables:
            raise MalformedPdf("startxref", "a revision does not lead to its table of objects, or to the one before")
        seen.add(following)
        yield tables[following]
        following = tables[following].trailer.get("Prev")
        if following == 0 and until is None:
            following = None  # some writers say so instead of leaving it out


class _Builder:
    """Puts the revisions together; its state is what came before."""

    def __init__(self, pieces: Pieces, unpacker: Unpacker, limits: FileLimits) -> None:
        self._by_start = {placed.start: placed for placed in pieces.objects}
        self._unpacker = unpacker
        self._values_left = pieces.values_left
        self._known: dict[int, tuple[int | None, int | None, int]] = {}
        self._most = limits.objects
        self._count = 0
        self.revisions: list[ForeignRevision] = []

    def add(self, marks: list[EndMark], own: list[Table]) -> None:
        if len(self.revisions) == MAX_REVISIONS:
            raise MalformedPdf("too_many_objects", f"there are more than {MAX_REVISIONS} revisions")
        start = self.revisions[-1].line_end if self.revisions else 0
        end = marks[-1]
        if any(not start <= table.position < end.end for table in own):
            raise MalformedPdf("startxref", "a revision has its table of objects in another revision")
        if not isinstance(own[0].trailer.get("Root"), Reference):
            raise MalformedPdf("trailer", "a trailer does not name the catalog")
        if len(own) == 2:
            self._require_linearized(start)
        entries: dict[int, TableEntry] = {}
        for table in own:
            for number, entry in table.entries.items():
                if number in entries and entries[number] != entry:
                    raise MalformedPdf("duplicate_object", "two tables of one revision name the same object")
                entries[number] = entry
        here = {placed.start: placed for placed in self._by_start.values() if start <= placed.start < end.end}
        placed = self._placed(entries, here)
        objects = {number: item.value for number, item in placed.items()}
        objects.update(self._packed(entries, objects))
        removed = frozenset(number for number, entry in entries.items() if entry == TableEntry() and number in self._known)
        for number in removed:
            del self._known[number]
        spans = {number: (item.start, item.end) for number, item in placed.items()}
        self._count += len(objects)
        if self._count > self._most:
            raise MalformedPdf("too_many_objects", "there are more objects than a document may have")
        revision = ForeignRevision(
            start, end.end, end.line_end, own[0].trailer, MappingProxyType(objects), removed, MappingProxyType(spans)
        )
        self.revisions.append(revision)

    def _require_linearized(self, start: int) -> None:
        first = min(self._by_start)
        value = self._by_start[first].value
        if start or not isinstance(value, MappingProxyType) or "Linearized" not in value:
            raise MalformedPdf("xref_mismatch", "a revision in two parts does not say that it is linearized")

    def _placed(self, entries: Mapping[int, TableEntry], here: Mapping[int, Placed]) -> dict[int, Placed]:
        """Step 4 for the objects that stand in the file itself; a table may also repeat what it said before."""
        placed: dict[int, Placed] = {}
        for number, entry in entries.items():
            if entry.offset is None or self._known.get(number) == (entry.offset, None, 0):
                continue
            found = here.get(entry.offset)
            if found is None or found.number != number:
                raise MalformedPdf("xref_mismatch", "the table of objects does not agree with the objects in the file")
            placed[number] = found
        tables = {item.start for item in here.values() if _kind(item.value) == "XRef"}
        if here.keys() - tables - {item.start for item in placed.values()}:
            raise MalformedPdf("xref_mismatch", "the file has an object that no table names, or the same object twice")
        self._known.update({number: (item.start, None, 0) for number, item in placed.items()})
        return placed

    def _packed(self, entries: Mapping[int, TableEntry], objects: Mapping[int, PdfObject]) -> dict[int, PdfObject]:
        """Step 5: what stands in the streams of objects of this revision (ISO 32000-1, 7.5.7)."""
        wanted: dict[int, dict[int, int]] = {}
        for number, entry in entries.items():
            if entry.stream is not None and self._known.get(number) != (None, entry.stream, entry.place):
                wanted.setdefault(entry.stream, {})[entry.place] = number
                self._known[number] = (None, entry.stream, entry.place)
        packed: dict[int, PdfObject] = {}
        streams = {number for number, value in objects.items() if _kind(value) == "ObjStm"}
        if wanted.keys() != streams:
            raise MalformedPdf("object_stream", "a stream of objects is not where the table says, or holds what no table names")
        for stream_number, places in wanted.items():
            found = self._unpacked(objects[stream_number])
            if {place: number for place, (number, _) in enumerate(found)} != places:
                raise MalformedPdf("object_stream", "a stream of objects does not hold what the table says")
            for number, value in found:
                if number in packed or number in objects or _kind(value) in _CONTAINERS:
                    raise MalformedPdf("duplicate_object", f"object {number} is there twice")
                packed[number] = value
        return packed

    def _unpacked(self, stream: PdfObject) -> list[tuple[int, PdfObject]]:
        if not isinstance(stream, Stream):
            raise MalformedPdf("object_stream", "a stream of objects is not a stream")
        count, first = stream.dictionary.get("N"), stream.dictionary.get("First")
        if type(count) is not int or type(first) is not int or not 0 <= count <= self._most or first < 0:
            raise MalformedPdf("object_stream", "a stream of objects does not say how many it holds")
        data = self._unpacker.unpack(stream)
        heads = ObjectReader(data[:first], max_values=2 * count + 1)
        numbers = [heads.value() for _ in range(2 * count)]
        if not heads.at_end() or any(type(number) is not int or number < 0 for number in numbers):
            raise MalformedPdf("object_stream", "a stream of objects does not say where they are")
        found: list[tuple[int, PdfObject]] = []
        position = first
        for number, offset in zip(numbers[::2], numbers[1::2], strict=True):
            if not isinstance(number, int) or not isinstance(offset, int):
                continue
            if first + offset < position or data[position : first + offset].strip(b"\x00\t\n\x0c\r "):
                raise MalformedPdf("object_stream", "a stream of objects has bytes that belong to nothing")
            reader = ObjectReader(data, first + offset, max_values=self._values_left)
            found.append((number, reader.value()))
            self._values_left, position = reader.values_left, reader.position
        if data[position:].strip(b"\x00\t\n\x0c\r "):
            raise MalformedPdf("object_stream", "a stream of objects has bytes that belong to nothing")
        return found


def _kind(value: PdfObject) -> PdfObject:
    return value.dictionary.get("Type") if isinstance(value, Stream) else None
