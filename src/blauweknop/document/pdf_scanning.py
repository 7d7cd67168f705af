"""From bytes to the objects, the table and the trailer of one revision; refuses what `pdf_file` numbers as steps 2 to 5."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_syntax import MAX_VALUES, MalformedPdf, ObjectReader, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["Revision", "Scanned", "read_objects", "read_table", "read_trailer", "read_update_table"]


@dataclass(frozen=True, slots=True)
class Revision:
    """One stretch of the file that ends with %%EOF, its trailer, and where its table of objects is."""

    start: int
    end: int
    trailer: PdfDictionary
    table: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """Objects by number, where each stands in the file, and where the last one ends; `values_left` bounds what may follow."""

    objects: dict[int, PdfObject] = field(repr=False)
    spans: dict[int, tuple[int, int]] = field(repr=False)
    end: int
    values_left: int


_GAP = re.compile(rb"[\t\n\r ]*+")
_OBJECT = re.compile(rb"(\d{1,10}) (\d{1,5}) obj(?=[\x00\t\n\x0c\r <\[])")
_STREAM = re.compile(rb"[\t\n\r ]*+stream(?:\r\n|\n)")
_STREAM_END = re.compile(rb"(?:\r\n|\n|\r)endstream(?=[\t\n\r ])")
_OBJECT_END = re.compile(rb"[\t\n\r ]*+endobj(?=[\t\n\r ])")


def read_objects(data: bytes, position: int, *, most: int, values_left: int = MAX_VALUES) -> Scanned:
    """All objects from `position` on, one after the other, `most` at most (step 2). Raises: MalformedPdf."""
    objects: dict[int, PdfObject] = {}
    spans: dict[int, tuple[int, int]] = {}
    while True:
        gap = _GAP.match(data, position)
        position = position if gap is None else gap.end()
        head = _OBJECT.match(data, position)
        if head is None:
            return Scanned(objects, spans, position, values_left)
        number = int(head[1])
        if head[2] != b"0" or number == 0 or head[1].startswith(b"0"):
            raise MalformedPdf("object_number", f"an object does not have a number above 0 and generation 0 (at byte {position})")
        if number in objects:
            raise MalformedPdf("duplicate_object", f"object {number} is there twice")
        if len(objects) >= most:
            raise MalformedPdf("too_many_objects", "there are more objects than a document may have")
        reader = ObjectReader(data, head.end(), max_values=values_left)
        value = _read_body(reader, number)
        values_left = reader.values_left
        objects[number], spans[number] = value, (position, reader.position)
        position = reader.position


def _read_body(reader: ObjectReader, number: int) -> PdfObject:
    value = reader.value()
    if isinstance(value, MappingProxyType):
        if value.get("Type") in ("ObjStm", "XRef"):
            code = "object_stream" if value.get("Type") == "ObjStm" else "xref_stream"
            raise MalformedPdf(code, f"object {number} hides other objects inside a stream")
        start = _STREAM.match(reader.data, reader.position)
        if start is not None:
            value = _read_stream(reader, value, start.end(), number)
    elif not isinstance(value, tuple):
        raise MalformedPdf("object_kind", f"object {number} is not a dictionary, array or stream")
    end = _OBJECT_END.match(reader.data, reader.position)
    if end is None:
        raise MalformedPdf("object_end", f"object {number} does not end with endobj")
    reader.position = end.end()
    return value


def _read_stream(reader: ObjectReader, entries: PdfDictionary, start: int, number: int) -> Stream:
    length = entries.get("Length")
    if type(length) is not int or length < 0:
        raise MalformedPdf("stream_length", f"stream {number} does not say its length itself")
    if "F" in entries or "FFilter" in entries or "FDecodeParms" in entries:
        raise MalformedPdf("external_stream", f"stream {number} takes its bytes from another file")
    end = _STREAM_END.match(reader.data, start + length) if length <= len(reader.data) else None
    if end is None:
        raise MalformedPdf("stream_length", f"stream {number} is not as long as it says")
    reader.position = end.end()
    return Stream(entries, reader.data[start : start + length])


_TABLE = re.compile(rb"xref(?:\r\n|\n|\r)0 ([1-9]\d{0,5})(?:\r\n|\n|\r)")
_FIRST_ENTRY = re.compile(rb"0000000000 65535 f(?:\r\n| \n| \r)")
_ENTRY = re.compile(rb"(\d{10}) 00000 n(?:\r\n| \n| \r)")


def read_table(data: bytes, position: int, spans: Mapping[int, tuple[int, int]]) -> int:
    """Where the table of a first revision ends, when it is in one part and agrees with the objects (step 3). Raises: MalformedPdf."""
    head = _TABLE.match(data, position)
    if head is None:
        code = "stray_bytes" if b"xref" in data[position:] else "xref_missing"
        raise MalformedPdf(code, f"after the objects no cross-reference table in one part follows (at byte {position})")
    if _FIRST_ENTRY.match(data, head.end()) is None:
        raise MalformedPdf("xref_entry", "the first entry of the cross-reference table is not the free one")
    offsets, end = _read_entries(data, head.end() + 20, int(head[1]) - 1)
    _compare(dict(enumerate(offsets, start=1)), spans)
    return end


_UPDATE = re.compile(rb"xref(?:\r\n|\n|\r)")
_SECTION = re.compile(rb"([1-9]\d{0,5}) ([1-9]\d{0,5})(?:\r\n|\n|\r)")


def read_update_table(data: bytes, position: int, spans: Mapping[int, tuple[int, int]]) -> int:
    """As `read_table`, for the table of a later revision, which has a part for each row of numbers. Raises: MalformedPdf."""
    head = _UPDATE.match(data, position)
    if head is None:
        raise MalformedPdf("xref_missing", f"after the objects no cross-reference table follows (at byte {position})")
    found: dict[int, int] = {}
    end, least = head.end(), 1
    while section := _SECTION.match(data, end):
        first, count = int(section[1]), int(section[2])
        if first < least:
            raise MalformedPdf("xref_entry", "the parts of the cross-reference table do not rise")
        offsets, end = _read_entries(data, section.end(), count)
        found.update(enumerate(offsets, start=first))
        least = first + count
    _compare(found, spans)
    return end


def _read_entries(data: bytes, start: int, count: int) -> tuple[list[int], int]:
    offsets = []
    for entry_position in range(start, start + 20 * count, 20):
        entry = _ENTRY.match(data, entry_position)
        if entry is None:
            raise MalformedPdf("xref_entry", f"an entry of the cross-reference table is not in order (at byte {entry_position})")
        offsets.append(int(entry[1]))
    return offsets, start + 20 * count


def _compare(offsets: Mapping[int, int], spans: Mapping[int, tuple[int, int]]) -> None:
    if offsets != {number: start for number, (start, _) in spans.items()}:
        raise MalformedPdf("xref_mismatch", "the cross-reference table does not agree with the objects in the file")


_REFUSED_TRAILER_KEYS = {"Prev": "incremental_update", "XRefStm": "hybrid_xref", "Encrypt": "encrypted"}
_TRAILER_KEYS = frozenset({"Size", "Root", "Info", "ID"})
_END = re.compile(rb"[\t\n\r ]*+startxref(?:\r\n|\n|\r)(\d{1,10})(?:\r\n|\n|\r)%%EOF(?:\r\n|\n|\r)?")


def read_trailer(
    data: bytes, position: int, *, table: int, size: int, allowed: Collection[str] = _TRAILER_KEYS
) -> tuple[PdfDictionary, int]:
    """The trailer, and where its revision ends; the table is at `table`, the next free number is `size` (steps 4 and 5).

    Raises: MalformedPdf.
    """
    if not data.startswith(b"trailer", position):
        raise MalformedPdf("trailer", "no trailer follows the cross-reference table")
    reader = ObjectReader(data, position + len(b"trailer"), max_values=64)
    trailer = reader.value()
    if not isinstance(trailer, MappingProxyType):
        raise MalformedPdf("trailer", "the trailer is not a dictionary")
    for key in trailer:
        if key not in allowed:
            raise MalformedPdf(_REFUSED_TRAILER_KEYS.get(key, "trailer"), "the trailer has an entry that a certified document may not have")
    identifiers = trailer.get("ID")
    if trailer.get("Size") != size or not isinstance(trailer.get("Root"), Reference):
        raise MalformedPdf("trailer", "the trailer does not give the number of objects and the catalog")
    if not isinstance(identifiers, tuple) or [type(part) for part in identifiers] != [bytes, bytes]:
        raise MalformedPdf("trailer", "the trailer does not give the two identifiers of the file")
    end = _END.match(data, reader.position)
    if end is None:
        raise MalformedPdf("file_end", "the file does not end with startxref and %%EOF")
    if int(end[1]) != table:
        raise MalformedPdf("startxref", "startxref does not point to the cross-reference table")
    return trailer, end.end()
