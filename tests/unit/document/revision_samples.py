"""Later revisions written by hand, right or with one thing wrong."""

from collections.abc import Mapping, Sequence

from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_revisions import EXTENSIONS, History
from blauweknop.document.pdf_syntax import Name, PdfDictionary, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object

DER = b"\x30\x03\x02\x01\x05"


def history_of(pdf: bytes) -> History:
    file = read_file(pdf)
    return file.history or History.begin(file.sealed, file.objects)


def catalog_with(pdf: bytes, entries: Mapping[str, PdfObject], *, without: Sequence[str] = ()) -> PdfDictionary:
    """The catalog of the last revision with other entries, and the extensions that a later revision must name."""
    kept = {key: value for key, value in history_of(pdf).catalog.items() if key not in without}
    return dictionary({"Extensions": EXTENSIONS, **kept, **entries})


def with_revision(
    pdf: bytes, objects: Mapping[int, PdfObject | bytes], *, trailer: Mapping[str, PdfObject] | None = None, table: bytes | None = None
) -> bytes:
    """The file with one more revision of these objects, of which bytes are taken as they are; `table` is all of the table."""
    history = history_of(pdf)
    position, parts, offsets = len(pdf), [pdf], {}
    for number, value in objects.items():
        body = value if isinstance(value, bytes) else write_object(value)
        offsets[number] = position
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        position += len(parts[-1])
    lines = b"".join(b"%d 1\n%010d 00000 n \n" % (number, offsets[number]) for number in sorted(offsets))
    size = max(history.next_number, *(number + 1 for number in objects)) if objects else history.next_number
    entries = {**history.revision.trailer, "Size": size, "Prev": history.revision.table, **(trailer or {})}
    parts.append(b"xref\n" + lines if table is None else table)
    parts.append(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (write_object(dictionary(entries)), position))
    return b"".join(parts)


def store_objects(pdf: bytes, **changed: PdfObject) -> dict[int, PdfObject | bytes]:
    """The objects of a right store with one certificate and one list; `changed` replaces entries of the store."""
    history = history_of(pdf)
    first = history.next_number
    certificates = (*map(Reference, history.certificates), Reference(first + 1))
    entries: dict[str, PdfObject] = {
        "Type": Name("DSS"),
        "Certs": certificates,
        "CRLs": (*map(Reference, history.crls), Reference(first + 2)),
        **changed,
    }
    return {
        history.catalog_number: catalog_with(pdf, {"DSS": Reference(first)}),
        first: dictionary(entries),
        first + 1: Stream(dictionary({}), DER),
        first + 2: Stream(dictionary({}), DER),
    }


def field_objects(pdf: bytes, field: Mapping[str, PdfObject] | None = None) -> dict[int, PdfObject | bytes]:
    """A field with a signature of which the coverage is not right."""
    history = history_of(pdf)
    first = history.next_number
    form = history.catalog["AcroForm"]
    assert isinstance(form, Mapping)
    fields = form["Fields"]
    assert isinstance(fields, tuple)
    plain: dict[str, PdfObject] = {"FT": Name("Sig"), "T": b"Tijdstempel %d" % (history.stamps + 1), "V": Reference(first + 1)}
    signature = {"Type": Name("DocTimeStamp"), "Filter": Name("Adobe.PPKLite"), "SubFilter": Name("ETSI.RFC3161")}
    return {
        history.catalog_number: catalog_with(pdf, {"AcroForm": dictionary({**form, "Fields": (*fields, Reference(first))})}),
        first: dictionary(plain if field is None else field),
        first + 1: dictionary({**signature, "Contents": DER, "ByteRange": (0, 1, 2, 3)}),
    }
