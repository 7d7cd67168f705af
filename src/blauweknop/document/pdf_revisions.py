"""What may follow the sealed revision: proofs about the seal, and nothing a person could see (PROTOCOL 7.5 item 3).

A later revision is either a security store, with certificates and revocation lists, or a document time stamp over everything before it
(EN 319 142-1, 5.4.2 and 5.4.3). A seal that allows no change still allows these (ISO 32000-2, 12.8.2.2). Steps for each:

1. whole objects, one table, and the trailer of before but for its size, its second identifier and /Prev;
2. one known object is written anew, the catalog; all others have the next free numbers;
3. the catalog is as before, but for /Extensions and one of: /DSS, or one more field in /AcroForm;
4. a store names the streams of the store before it and the new ones, each one DER value;
5. a time stamp is a field without widget, so that no page changes, and covers every byte up to the end of its revision;
6. there is no other new object.

Whether the proofs hold is for `checking`. Everything else after the seal is refused, here and not by what it would do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from blauweknop.document.pdf_scanning import Revision, Scanned, read_objects, read_trailer, read_update_table
from blauweknop.document.pdf_signature_bytes import ByteRange, byte_range_of, contents_span, unpadded
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfDictionary, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from blauweknop.standards import der
from blauweknop.standards.der import MalformedDer

__all__ = ["EXTENSIONS", "DocumentTimeStamp", "History", "LaterRevision", "SecurityStore", "read_later_revisions", "time_stamp_name"]

EXTENSIONS = dictionary({"ESIC": dictionary({"BaseVersion": Name("1.7"), "ExtensionLevel": 1})})
"""Says in the catalog that PDF 1.7 is used with the additions of ETSI (EN 319 142-1, 5.4; ISO 32000-1, 7.12)."""

MAX_REVISIONS = 64
MAX_STORED = 256
_TRAILER_KEYS = frozenset({"Size", "Root", "Info", "ID", "Prev"})


@dataclass(frozen=True, slots=True)
class SecurityStore:
    """All certificates and revocation lists (DER) that the file holds beside its seal, up to this revision."""

    revision: Revision
    certificates: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DocumentTimeStamp:
    """A time stamp over every byte before it; `token` is DER, still to be verified."""

    revision: Revision
    byte_range: ByteRange
    token: bytes = field(repr=False)


LaterRevision: TypeAlias = SecurityStore | DocumentTimeStamp


@dataclass(frozen=True, slots=True)
class History:
    """Where a file stands after one of its revisions: what the next one builds on.

    `added` are the revisions after the seal so far; `certificates` and `crls` are the objects of the store, by number.
    """

    revision: Revision
    catalog: PdfDictionary = field(repr=False)
    certificates: Mapping[int, bytes] = field(repr=False)
    crls: Mapping[int, bytes] = field(repr=False)
    added: tuple[LaterRevision, ...]

    @property
    def stamps(self) -> int:
        """How many document time stamps there are."""
        return sum(isinstance(step, DocumentTimeStamp) for step in self.added)

    @property
    def catalog_number(self) -> int:
        root = self.revision.trailer["Root"]
        return root.number if isinstance(root, Reference) else 0

    @property
    def next_number(self) -> int:
        size = self.revision.trailer["Size"]
        return size if isinstance(size, int) else 0

    @classmethod
    def begin(cls, sealed: Revision, objects: Mapping[int, PdfObject]) -> "History":
        """The state of a file with one revision. Raises: MalformedPdf (revision_after_seal) when that has no seal."""
        root = sealed.trailer.get("Root")
        catalog = objects.get(root.number) if isinstance(root, Reference) else None
        if not isinstance(catalog, MappingProxyType) or not isinstance(catalog.get("AcroForm"), MappingProxyType):
            raise _refusal("a document without a seal has a second revision")
        if catalog.keys() & {"DSS", "Extensions"}:
            raise _refusal("a store that belongs after the seal is under it")
        return cls(sealed, catalog, {}, {}, ())


def time_stamp_name(number: int) -> bytes:
    """The name of the field of the document time stamp with this number, from 1."""
    return b"Tijdstempel %d" % number


def read_later_revisions(data: bytes, sealed: Revision, scanned: Scanned, *, most: int) -> History:
    """The file after its last revision; `most` bounds the objects of the whole file.

    Raises: MalformedPdf (trailing_bytes, revision_after_seal, security_store, time_stamp_coverage).
    """
    if b"startxref" not in data[sealed.end :]:
        raise MalformedPdf("trailing_bytes", "the file goes on after its end mark")
    history = History.begin(sealed, scanned.objects)
    values_left, objects_left = scanned.values_left, most - len(scanned.objects)
    while history.revision.end != len(data):
        if len(history.added) == MAX_REVISIONS:
            raise MalformedPdf("revision_after_seal", f"there are more than {MAX_REVISIONS} revisions")
        added, revision = _scan(data, history, values_left, objects_left)
        values_left, objects_left = added.values_left, objects_left - len(added.objects)
        history = _read_step(data, history, added, revision)
    return history


def _refusal(message: str) -> MalformedPdf:
    return MalformedPdf("revision_after_seal", message)


def _scan(data: bytes, history: History, values_left: int, objects_left: int) -> tuple[Scanned, Revision]:
    # 1
    before = history.revision
    try:
        added = read_objects(data, before.end, most=objects_left, values_left=values_left)
        trailer_position = read_update_table(data, added.end, added.spans)
        new = sum(number != history.catalog_number for number in added.objects)
        trailer, end = read_trailer(data, trailer_position, table=added.end, size=history.next_number + new, allowed=_TRAILER_KEYS)
    except MalformedPdf as error:
        raise MalformedPdf("revision_after_seal", f"a revision after the seal: {error}") from error
    changing = {"Size", "Prev", "ID"}
    if trailer.get("Prev") != before.table or _written(trailer, changing) != _written(before.trailer, changing):
        raise MalformedPdf("revision_after_seal", "the trailer of a later revision does not follow from the one before")
    if _identifiers(trailer)[0] != _identifiers(before.trailer)[0]:
        raise MalformedPdf("revision_after_seal", "a later revision says to be another file")
    return added, Revision(before.end, end, trailer, added.end)


def _identifiers(trailer: PdfDictionary) -> tuple[PdfObject, ...]:
    found = trailer.get("ID")
    return found if isinstance(found, tuple) else (None,)


def _written(entries: PdfDictionary, without: set[str]) -> bytes:
    # As bytes: for Python 1, 1.0 and true are equal, for a reader of PDF they are not.
    return write_object(dictionary({key: value for key, value in entries.items() if key not in without}))


def _read_step(data: bytes, history: History, added: Scanned, revision: Revision) -> History:
    # 2
    new = sorted(number for number in added.objects if number != history.catalog_number)
    catalog = added.objects.get(history.catalog_number)
    if new != list(range(history.next_number, history.next_number + len(new))):
        raise _refusal("an object under the seal is written anew, or new objects have other numbers than the next ones")
    if not isinstance(catalog, MappingProxyType):
        raise _refusal("a revision after the seal adds nothing to the catalog")
    # 3
    changing = {"DSS", "AcroForm", "Extensions"}
    if _written(catalog, changing) != _written(history.catalog, changing):
        raise _refusal("a revision after the seal changes the catalog")
    if "Extensions" not in catalog or _differs(catalog["Extensions"], EXTENSIONS):
        raise _refusal("a revision after the seal names other extensions of PDF")
    store_changed = _differs(catalog.get("DSS"), history.catalog.get("DSS"))
    form_changed = _differs(catalog.get("AcroForm"), history.catalog.get("AcroForm"))
    if store_changed == form_changed:
        raise _refusal("a revision after the seal is neither a store nor a time stamp")
    after = replace(history, revision=revision, catalog=catalog)
    if store_changed:
        return _read_store(after, history, added)
    return replace(after, added=(*history.added, _read_stamp(data, after, history, added)))


def _differs(one: PdfObject, other: PdfObject) -> bool:
    return write_object(one) != write_object(other)


def _read_store(after: History, before: History, added: Scanned) -> History:
    # 4
    reference = after.catalog["DSS"]
    entries = added.objects.get(reference.number) if isinstance(reference, Reference) else None
    if not isinstance(entries, MappingProxyType) or not set(entries) <= {"Type", "Certs", "CRLs"} or entries.get("Type") != "DSS":
        raise MalformedPdf("security_store", "the store after the seal is not a list of certificates and revocation lists")
    certificates = _stored(entries.get("Certs"), before.certificates, added)
    crls = _stored(entries.get("CRLs"), before.crls, added)
    # 6
    used = (certificates.keys() | crls.keys()) - (before.certificates.keys() | before.crls.keys())
    if isinstance(reference, Reference) and used | {reference.number, after.catalog_number} != added.objects.keys():
        raise _refusal("a revision after the seal holds objects that the store does not name")
    if certificates.keys() & crls.keys():
        raise MalformedPdf("security_store", "the store names one object as certificate and as revocation list")
    store = SecurityStore(after.revision, tuple(certificates.values()), tuple(crls.values()))
    return replace(after, certificates=certificates, crls=crls, added=(*before.added, store))


def _stored(listed: PdfObject, before: Mapping[int, bytes], added: Scanned) -> dict[int, bytes]:
    """The DER values of one list, by object: those of before, then the new ones."""
    references = [item for item in listed if isinstance(item, Reference)] if isinstance(listed, tuple) else []
    numbers = [reference.number for reference in references]
    if numbers[: len(before)] != list(before) or len(set(numbers)) != len(numbers) or len(numbers) > MAX_STORED:
        raise MalformedPdf("security_store", "the store does not go on from the one before it, or names an object twice")
    if not isinstance(listed, tuple) or len(listed) != len(references) or any(reference.generation for reference in references):
        raise MalformedPdf("security_store", "the store does not name objects of its own")
    return {**before, **{number: _der_value(added.objects.get(number)) for number in numbers[len(before) :]}}


def _der_value(value: PdfObject) -> bytes:
    if not isinstance(value, Stream) or set(value.dictionary) != {"Length"}:
        raise MalformedPdf("security_store", "what the store names is not a plain stream of this revision")
    try:
        length = der.encoded_length(value.raw)
    except MalformedDer as error:
        raise MalformedPdf("security_store", "a certificate or list in the store is not DER") from error
    if length != len(value.raw) or value.raw[0] != der.SEQUENCE:
        raise MalformedPdf("security_store", "a certificate or list in the store is not one DER value")
    return value.raw


def _read_stamp(data: bytes, after: History, before: History, added: Scanned) -> DocumentTimeStamp:
    # 5
    field_number, signature_number = before.next_number, before.next_number + 1
    form = before.catalog["AcroForm"]
    fields = form["Fields"] if isinstance(form, MappingProxyType) else None
    if not isinstance(form, MappingProxyType) or not isinstance(fields, tuple):
        raise _refusal("the form under the seal is not a list of fields")
    expected = dictionary({**form, "Fields": (*fields, Reference(field_number))})
    name = time_stamp_name(before.stamps + 1)
    plain = dictionary({"FT": Name("Sig"), "T": name, "V": Reference(signature_number)})
    # 6
    if added.objects.keys() != {after.catalog_number, field_number, signature_number} or _differs(after.catalog["AcroForm"], expected):
        raise _refusal("a revision after the seal changes the form by more than one field for a time stamp")
    if _differs(added.objects[field_number], plain):
        raise _refusal("the field of a time stamp has more than a name and a value")
    return _stamp(data, after.revision, added, signature_number)


_STAMP = {"Type": "DocTimeStamp", "Filter": "Adobe.PPKLite", "SubFilter": "ETSI.RFC3161"}


def _stamp(data: bytes, revision: Revision, added: Scanned, number: int) -> DocumentTimeStamp:
    signature = added.objects[number]
    if not isinstance(signature, MappingProxyType) or signature.keys() != {*_STAMP, "Contents", "ByteRange"}:
        raise _refusal("a signature after the seal is not a document time stamp")
    if any(signature[key] != value for key, value in _STAMP.items()):
        raise _refusal("a signature after the seal is not a document time stamp")
    byte_range = byte_range_of(signature)
    span = contents_span(data, added.spans[number])
    if byte_range[0] != 0 or (byte_range[1], byte_range[2]) != span or byte_range[2] + byte_range[3] != revision.end:
        raise MalformedPdf("time_stamp_coverage", "a document time stamp does not cover every byte outside itself")
    return DocumentTimeStamp(revision, byte_range, unpadded(data[slice(*span)]))
