"""Tampering with the sealed files of others: revisions that follow, objects that are written anew, and what is there before the seal."""

import functools
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType

import pikepdf

from blauweknop.document.foreign.revisions import read_foreign_file
from blauweknop.document.foreign.signatures import read_signatures
from blauweknop.document.pdf_syntax import PdfDictionary, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from tests.unit.checking import foreign_documents as f

__all__ = [
    "WHO",
    "appended",
    "dictionary_at",
    "number_where",
    "plain_letter",
    "prepared",
    "sealed_letter",
    "start_of_table",
    "state_of",
    "with_cms",
]

WHO = f.stranger()


@functools.cache
def plain_letter() -> bytes:
    """A letter with a classic table, so that a test can add to it by hand."""
    return prepared(lambda pdf: None)


@functools.cache
def sealed_letter() -> bytes:
    return f.sealed(plain_letter(), WHO, crls=())


def prepared(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """A letter that is otherwise before it is sealed."""
    out = BytesIO()
    with pikepdf.open(BytesIO(f.letter())) as pdf:
        change(pdf)
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return out.getvalue()


def state_of(pdf: bytes) -> Mapping[int, PdfObject]:
    file = read_foreign_file(pdf)
    return file.state(len(file.revisions) - 1)


def number_where(pdf: bytes, key: str, value: object) -> int:
    """The number of the one object with this entry."""
    (number,) = [number for number, found in state_of(pdf).items() if isinstance(found, MappingProxyType) and found.get(key) == value]
    return number


def dictionary_at(pdf: bytes, number: int) -> PdfDictionary:
    found = state_of(pdf)[number]
    assert isinstance(found, MappingProxyType)
    return found


def start_of_table(pdf: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", pdf)[-1])


def appended(pdf: bytes, objects: Mapping[int, PdfObject], *, root: int | None = None, listed: bool = True) -> bytes:
    """One more revision with these objects, in good order; without `listed` its table names none of them."""
    file = read_foreign_file(pdf)
    trailer = file.revisions[-1].trailer
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    starts: dict[int, int] = {}
    for number, value in objects.items():
        starts[number] = len(out)
        body = write_object(value) if not isinstance(value, Stream) else _stream(value)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % item for item in starts.items() if listed)
    size = max([*objects, *file.state(len(file.revisions) - 1), 0]) + 1
    entries = {key: trailer[key] for key in ("Info", "ID") if key in trailer}
    entries |= {"Size": size, "Root": Reference(root) if root else trailer["Root"], "Prev": start_of_table(pdf)}
    out += b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (write_object(dictionary(entries)), table)
    return bytes(out)


def with_cms(pdf: bytes, cms: bytes) -> bytes:
    """The file with another seal in the room of its first one, over the same bytes."""
    _, start, end, _ = read_signatures(read_foreign_file(pdf))[0].byte_range
    room = (end - start - 2) // 2
    if len(cms) > room:
        raise ValueError("expected a seal that fits in the room of the other")
    return pdf[:start] + b"<" + cms.ljust(room, b"\x00").hex().encode() + b">" + pdf[end:]


def _stream(value: Stream) -> bytes:
    entries = dictionary({**value.dictionary, "Length": len(value.raw)})
    return write_object(entries) + b"\nstream\n" + value.raw + b"\nendstream"
