"""Adds proofs about the seal to a sealed document, each in a revision of its own; the sealed bytes stay as they are.

The counterpart of `pdf_revisions`, which says what such a revision may hold. Which certificates and lists are needed is for
`standards.pades_archive`.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_revisions import EXTENSIONS, History, time_stamp_name
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfDictionary, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.pades import MAX_TIME_STAMP

__all__ = ["TimeStampTooLarge", "add_document_time_stamp", "add_security_store"]


class TimeStampTooLarge(BlauweKnopError):
    """The time stamp does not fit in the place that was kept free for it."""


def add_security_store(pdf: bytes, *, certificates: Iterable[bytes], crls: Iterable[bytes]) -> bytes:
    """The document with a store (/DSS) of these and all earlier certificates and lists (DER); what it has already is not added again.

    Raises: MalformedPdf when it is no sealed document.
    """
    history = _history(read_file(pdf))
    fresh_certificates = _missing(certificates, history.certificates)
    fresh_crls = _missing(crls, history.crls)
    store = history.next_number
    streams = {number: Stream(dictionary({}), value) for number, value in enumerate((*fresh_certificates, *fresh_crls), start=store + 1)}
    numbers = list(streams)
    first_crl = len(fresh_certificates)
    entries: dict[str, PdfObject] = {
        "Type": Name("DSS"),
        "Certs": tuple(map(Reference, (*history.certificates, *numbers[:first_crl]))),
        "CRLs": tuple(map(Reference, (*history.crls, *numbers[first_crl:]))),
    }
    catalog = _extended(history, "DSS", Reference(store))
    before, after = _revision(pdf, history, {history.catalog_number: catalog, store: dictionary(entries), **streams})
    return before + after


def add_document_time_stamp(pdf: bytes, stamp: Callable[[bytes], bytes], *, size: int = MAX_TIME_STAMP) -> bytes:
    """The document with a time stamp over all of it; `stamp` turns a SHA-256 digest into a token (DER) of at most `size` bytes.

    Raises: MalformedPdf when it is no sealed document, TimeStampTooLarge.
    """
    history = _history(read_file(pdf))
    field_number, signature = history.next_number, history.next_number + 1
    form = history.catalog["AcroForm"]
    fields = form.get("Fields") if isinstance(form, Mapping) else None
    if not isinstance(form, Mapping) or not isinstance(fields, tuple):
        raise MalformedPdf("form", "the form is not a list of fields")
    changed: dict[int, PdfObject] = {
        history.catalog_number: _extended(history, "AcroForm", dictionary({**form, "Fields": (*fields, Reference(field_number))})),
        field_number: dictionary({"FT": Name("Sig"), "T": time_stamp_name(history.stamps + 1), "V": Reference(signature)}),
    }
    before, after = _revision(pdf, history, changed, gap=(signature, size))
    digest = hashlib.sha256(before)
    digest.update(after)
    token = stamp(digest.digest())
    if len(token) > size:
        raise TimeStampTooLarge(f"the time stamp takes {len(token)} bytes and {size} were kept free")
    return before + b"<" + token.ljust(size, b"\x00").hex().encode("ascii") + b">" + after


def _history(file: PdfFile) -> History:
    return file.history or History.begin(file.sealed, file.objects)


def _missing(values: Iterable[bytes], known: Mapping[int, bytes]) -> Sequence[bytes]:
    return [value for value in dict.fromkeys(values) if value not in set(known.values())]


def _extended(history: History, key: str, value: PdfObject) -> PdfDictionary:
    return dictionary({**history.catalog, key: value, "Extensions": EXTENSIONS})


_RANGE_SIZE = 48  # "[0 " and three numbers of at most ten digits, filled up with spaces
_STAMP = b"<</Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /Contents "


def _revision(pdf: bytes, history: History, changed: Mapping[int, PdfObject], *, gap: tuple[int, int] | None = None) -> tuple[bytes, bytes]:
    """The file with one more revision: the bytes before and after the gap that a signature, number and size in `gap`, leaves."""
    parts = [pdf]
    position = len(pdf)
    offsets: dict[int, int] = {}
    for number, value in changed.items():
        offsets[number] = position
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, write_object(value)))
        position += len(parts[-1])
    if gap is None:
        return b"".join((*parts, _tail(pdf, history, offsets, position))), b""
    number, size = gap
    offsets[number] = position
    parts.append(b"%d 0 obj\n%b" % (number, _STAMP))
    before = b"".join(parts)
    second = len(before) + 2 + 2 * size
    end_of_object = b">>\nendobj\n"
    tail = end_of_object + _tail(pdf, history, offsets, second + len(b" /ByteRange ") + _RANGE_SIZE + len(end_of_object))
    covered = b"[0 %d %d %d" % (len(before), second, len(b" /ByteRange ") + _RANGE_SIZE + len(tail))
    return before, b" /ByteRange " + covered.ljust(_RANGE_SIZE - 1) + b"]" + tail


def _tail(pdf: bytes, history: History, offsets: Mapping[int, int], table: int) -> bytes:
    """Table and trailer; the second identifier is made from what stands before it (ISO 32000-1, 14.4)."""
    root, first = history.catalog_number, history.next_number
    new = range(first, max(offsets) + 1)
    lines = b"".join(b"%010d 00000 n \n" % offsets[number] for number in new)
    identifiers = history.revision.trailer["ID"]
    kept = identifiers[0] if isinstance(identifiers, tuple) else b""
    trailer = dictionary(
        {
            **history.revision.trailer,
            "Size": new.stop,
            "ID": (kept, hashlib.sha256(pdf).digest()[:16]),
            "Prev": history.revision.table,
        }
    )
    sections = b"%d 1\n%010d 00000 n \n%d %d\n%b" % (root, offsets[root], first, len(new), lines)
    return b"xref\n%btrailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (sections, write_object(trailer), table)
