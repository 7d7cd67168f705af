"""The strict reader of a certified document: every byte of the file belongs to one object, the table of objects or the trailer.

PROTOCOL 7.5 items 1 and 4. Numbered as in the code:

1. the size, and `%PDF-1.x` with its binary comment at byte 0;
2. objects `N 0 obj ... endobj` one after the other, each number once, streams exactly as long as they say;
3. one classic cross-reference table that agrees with what step 2 found;
4. a trailer without encryption, earlier or hybrid tables;
5. `startxref` to that table, `%%EOF`, and nothing after it but one end of line.

A file is read as a list of revisions, of which there may be one until documents with later time stamps are accepted.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_syntax import MAX_VALUES, MalformedPdf, ObjectReader, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["FileLimits", "PdfFile", "Revision", "read_file"]

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How much work one file may cause (PROTOCOL 7.6); sizes in bytes."""

    file_size: int = 20 * MIB
    objects: int = 50_000
    pages: int = 200
    stream_size: int = 32 * MIB
    inflated_size: int = 100 * MIB
    ratio: int = 200
    ratio_from: int = MIB
    image_pixels: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Revision:
    """One stretch of the file that ends with %%EOF, and its trailer."""

    start: int
    end: int
    trailer: PdfDictionary


class Inflater:
    """Unpacks streams and counts what came out, so that a small file cannot fill the memory."""

    __slots__ = ("_left", "_limits")

    def __init__(self, limits: FileLimits) -> None:
        self._limits = limits
        self._left = limits.inflated_size

    def inflate(self, packed: bytes) -> bytes:
        """The bytes of one FlateDecode stream. Raises: MalformedPdf (inflate_limit, inflate_ratio, stream_data)."""
        most = min(self._limits.stream_size, self._left)
        unpacker = zlib.decompressobj()
        try:
            result = unpacker.decompress(packed, most + 1)
        except zlib.error as error:
            raise MalformedPdf("stream_data", "a compressed stream cannot be unpacked") from error
        if len(result) > most:
            raise MalformedPdf("inflate_limit", f"streams unpack to more than {most} bytes")
        if len(result) > self._limits.ratio_from and len(result) > self._limits.ratio * len(packed):
            raise MalformedPdf("inflate_ratio", f"a stream unpacks to more than {self._limits.ratio} times its size")
        if not unpacker.eof or unpacker.unused_data:
            raise MalformedPdf("stream_data", "a compressed stream ends too early or has bytes after its end")
        self._left -= len(result)
        return result


@dataclass(frozen=True, slots=True)
class PdfFile:
    """A file whose structure is in order; says nothing yet about what is in it or who sealed it."""

    data: bytes = field(repr=False)
    objects: Mapping[int, PdfObject] = field(repr=False)
    spans: Mapping[int, tuple[int, int]] = field(repr=False)
    revisions: tuple[Revision, ...]
    limits: FileLimits
    inflater: Inflater = field(repr=False)

    @property
    def trailer(self) -> PdfDictionary:
        """The trailer of the last revision."""
        return self.revisions[-1].trailer

    @property
    def root(self) -> PdfDictionary:
        """The document catalog."""
        return self.dictionary(self.trailer.get("Root"), "the catalog")

    @property
    def info(self) -> PdfDictionary | None:
        """The document information dictionary, if there is one."""
        return self.dictionary(self.trailer["Info"], "the information dictionary") if "Info" in self.trailer else None

    def resolve(self, value: PdfObject) -> PdfObject:
        """The object a reference points to, any other value as it is. Raises: MalformedPdf (missing_object)."""
        if not isinstance(value, Reference):
            return value
        if value.generation != 0 or value.number not in self.objects:
            raise MalformedPdf("missing_object", "a reference points to an object that is not there")
        return self.objects[value.number]

    def dictionary(self, value: PdfObject, what: str) -> PdfDictionary:
        """The dictionary behind this value; `what` names it in the error. Raises: MalformedPdf (wrong_type)."""
        resolved = self.resolve(value)
        if not isinstance(resolved, MappingProxyType):
            raise MalformedPdf("wrong_type", f"{what} is not a dictionary")
        return resolved

    def array(self, value: PdfObject, what: str) -> tuple[PdfObject, ...]:
        """The array behind this value. Raises: MalformedPdf (wrong_type)."""
        resolved = self.resolve(value)
        if not isinstance(resolved, tuple):
            raise MalformedPdf("wrong_type", f"{what} is not an array")
        return resolved

    def stream(self, value: PdfObject, what: str) -> Stream:
        """The stream behind this value. Raises: MalformedPdf (wrong_type)."""
        resolved = self.resolve(value)
        if not isinstance(resolved, Stream):
            raise MalformedPdf("wrong_type", f"{what} is not a stream")
        return resolved

    def stream_data(self, stream: Stream) -> bytes:
        """The bytes of a stream, unpacked if need be.

        Raises: MalformedPdf (stream_filter for anything but FlateDecode without parameters, and what `Inflater` raises).
        """
        coding = stream.dictionary.get("Filter")
        if coding is None and "DecodeParms" not in stream.dictionary:
            return stream.raw
        if coding not in ("FlateDecode", ("FlateDecode",)) or "DecodeParms" in stream.dictionary:
            raise MalformedPdf("stream_filter", "a stream is packed in another way than FlateDecode")
        return self.inflater.inflate(stream.raw)


def read_file(data: bytes, limits: FileLimits | None = None) -> PdfFile:
    """The file taken apart, if it follows the rules above to the byte.

    Raises: MalformedPdf with the code of the first rule that is broken.
    """
    limits = limits or FileLimits()
    # 1
    if len(data) > limits.file_size:
        raise MalformedPdf("file_size", f"the file is larger than {limits.file_size} bytes")
    header = _HEADER.match(data)
    if header is None:
        raise MalformedPdf("header", "the file does not begin with %PDF-1.x and a binary comment line")
    # 2
    objects, spans, position = _read_objects(data, header.end(), limits)
    # 3, 4, 5
    entries, trailer_position = _read_table(data, position)
    _compare(entries, spans)
    trailer, end = _read_trailer(data, trailer_position, position, len(entries) + 1)
    if end != len(data):
        code = "revision_after_seal" if b"startxref" in data[end:] else "trailing_bytes"
        raise MalformedPdf(code, "the file goes on after its end mark")
    revision = Revision(0, end, trailer)
    return PdfFile(data, MappingProxyType(objects), MappingProxyType(spans), (revision,), limits, Inflater(limits))


_HEADER = re.compile(rb"%PDF-1\.[4-7](?:\r\n|\n|\r)%[\x80-\xff]{4,8}(?=[\r\n])")
_GAP = re.compile(rb"[\t\n\r ]*+")
_OBJECT = re.compile(rb"(\d{1,10}) (\d{1,5}) obj(?=[\x00\t\n\x0c\r <\[])")
_STREAM = re.compile(rb"[\t\n\r ]*+stream(?:\r\n|\n)")
_STREAM_END = re.compile(rb"(?:\r\n|\n|\r)endstream(?=[\t\n\r ])")
_OBJECT_END = re.compile(rb"[\t\n\r ]*+endobj(?=[\t\n\r ])")


def _skip(data: bytes, position: int) -> int:
    gap = _GAP.match(data, position)
    return position if gap is None else gap.end()


def _read_objects(data: bytes, position: int, limits: FileLimits) -> tuple[dict[int, PdfObject], dict[int, tuple[int, int]], int]:
    objects: dict[int, PdfObject] = {}
    spans: dict[int, tuple[int, int]] = {}
    values_left = MAX_VALUES
    while True:
        position = _skip(data, position)
        head = _OBJECT.match(data, position)
        if head is None:
            return objects, spans, position
        number = int(head[1])
        if head[2] != b"0" or number == 0 or head[1].startswith(b"0"):
            raise MalformedPdf("object_number", f"an object does not have a number above 0 and generation 0 (at byte {position})")
        if number in objects:
            raise MalformedPdf("duplicate_object", f"object {number} is there twice")
        if len(objects) == limits.objects:
            raise MalformedPdf("too_many_objects", f"there are more than {limits.objects} objects")
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


def _read_table(data: bytes, position: int) -> tuple[list[int], int]:
    head = _TABLE.match(data, position)
    if head is None:
        code = "stray_bytes" if b"xref" in data[position:] else "xref_missing"
        raise MalformedPdf(code, f"after the objects no cross-reference table in one part follows (at byte {position})")
    count, start = int(head[1]), head.end()
    if _FIRST_ENTRY.match(data, start) is None:
        raise MalformedPdf("xref_entry", "the first entry of the cross-reference table is not the free one")
    offsets = []
    for entry_position in range(start + 20, start + 20 * count, 20):
        entry = _ENTRY.match(data, entry_position)
        if entry is None:
            raise MalformedPdf("xref_entry", f"an entry of the cross-reference table is not in order (at byte {entry_position})")
        offsets.append(int(entry[1]))
    return offsets, start + 20 * count


def _compare(offsets: list[int], spans: Mapping[int, tuple[int, int]]) -> None:
    found = {number: start for number, (start, _) in spans.items()}
    if dict(enumerate(offsets, start=1)) != found:
        raise MalformedPdf("xref_mismatch", "the cross-reference table does not agree with the objects in the file")


_REFUSED_TRAILER_KEYS = {"Prev": "incremental_update", "XRefStm": "hybrid_xref", "Encrypt": "encrypted"}
_END = re.compile(rb"[\t\n\r ]*+startxref(?:\r\n|\n|\r)(\d{1,10})(?:\r\n|\n|\r)%%EOF(?:\r\n|\n|\r)?")


def _read_trailer(data: bytes, position: int, table_position: int, size: int) -> tuple[PdfDictionary, int]:
    if not data.startswith(b"trailer", position):
        raise MalformedPdf("trailer", "no trailer follows the cross-reference table")
    reader = ObjectReader(data, position + len(b"trailer"), max_values=64)
    trailer = reader.value()
    if not isinstance(trailer, MappingProxyType):
        raise MalformedPdf("trailer", "the trailer is not a dictionary")
    for key in trailer:
        if key not in ("Size", "Root", "Info", "ID"):
            raise MalformedPdf(_REFUSED_TRAILER_KEYS.get(key, "trailer"), "the trailer has an entry that a certified document may not have")
    identifiers = trailer.get("ID")
    if trailer.get("Size") != size or not isinstance(trailer.get("Root"), Reference):
        raise MalformedPdf("trailer", "the trailer does not give the number of objects and the catalog")
    if not isinstance(identifiers, tuple) or [type(part) for part in identifiers] != [bytes, bytes]:
        raise MalformedPdf("trailer", "the trailer does not give the two identifiers of the file")
    end = _END.match(data, reader.position)
    if end is None:
        raise MalformedPdf("file_end", "the file does not end with startxref and %%EOF")
    if int(end[1]) != table_position:
        raise MalformedPdf("startxref", "startxref does not point to the cross-reference table")
    return trailer, end.end()
