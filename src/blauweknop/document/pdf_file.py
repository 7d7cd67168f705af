"""The strict reader of a certified document: every byte of the file belongs to one object, the table of objects or the trailer.

PROTOCOL 7.5 items 1 and 4. Numbered as in the code:

1. the size, and `%PDF-1.x` with its binary comment at byte 0;
2. objects `N 0 obj ... endobj` one after the other, each number once, streams exactly as long as they say;
3. one classic cross-reference table that agrees with what step 2 found;
4. a trailer without encryption, earlier or hybrid tables;
5. `startxref` to that table, `%%EOF` and one end of line;
6. nothing after it but revisions that only prove more about the seal: `pdf_revisions`.

Everything that is shown, read or compared comes from the first revision, the one under the seal.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_revisions import History, LaterRevision, read_later_revisions
from blauweknop.document.pdf_scanning import Revision, read_objects, read_table, read_trailer
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["FileLimits", "PdfFile", "read_file"]

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
    """A file whose structure is in order; says nothing yet about what is in it or who sealed it.

    Objects, trailer and catalog are those of the first revision; `later` are the proofs that were added to it afterwards.
    """

    data: bytes = field(repr=False)
    objects: Mapping[int, PdfObject] = field(repr=False)
    spans: Mapping[int, tuple[int, int]] = field(repr=False)
    sealed: Revision
    limits: FileLimits
    inflater: Inflater = field(repr=False)
    history: History | None = field(default=None, repr=False)

    @property
    def later(self) -> tuple[LaterRevision, ...]:
        """The revisions after the seal, in their order; none for most files."""
        return self.history.added if self.history else ()

    @property
    def trailer(self) -> PdfDictionary:
        """The trailer of the first revision."""
        return self.sealed.trailer

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
    scanned = read_objects(data, header.end(), most=limits.objects)
    # 3, 4, 5
    trailer_position = read_table(data, scanned.end, scanned.spans)
    trailer, end = read_trailer(data, trailer_position, table=scanned.end, size=len(scanned.objects) + 1)
    sealed = Revision(0, end, trailer, scanned.end)
    # 6
    history = read_later_revisions(data, sealed, scanned, most=limits.objects) if end != len(data) else None
    objects, spans = MappingProxyType(scanned.objects), MappingProxyType(scanned.spans)
    return PdfFile(data, objects, spans, sealed, limits, Inflater(limits), history)


_HEADER = re.compile(rb"%PDF-1\.[4-7](?:\r\n|\n|\r)%[\x80-\xff]{4,8}(?=[\r\n])")
