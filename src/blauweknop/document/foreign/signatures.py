"""The signatures in a foreign file as its bytes say them, and whether each covers all of the file up to the end of its own revision.

Says nothing about who signed. Steps (ISO 32000-1, 12.7.4.5 and 12.8.1; PROTOCOL 7.5 item 2):

1. each signature is the value of one field of the form, and no other object looks like one;
2. it is written once, and never again in a later revision;
3. /ByteRange is [0 a b c]: the gap is exactly the hexadecimal /Contents, and b + c is the end of the revision that it is written in;
4. /Contents is one DER value, and after it only zeros.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.foreign.graph import State, catalog_of, dictionary_of, items_of
from blauweknop.document.foreign.revisions import ForeignFile
from blauweknop.document.pdf_signature_bytes import ByteRange, byte_range_of, contents_span, unpadded
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["ForeignSignature", "form_fields", "has_signature", "read_signatures"]

MAX_SIGNATURES = 20
MAX_FIELDS = 2000
MAX_DEPTH = 20
_KINDS = ("Sig", "DocTimeStamp")


@dataclass(frozen=True, slots=True)
class ForeignSignature:
    """One signature or document time stamp; `field_number` is 0 when its field is no object of its own."""

    number: int
    field_number: int
    revision: int
    byte_range: ByteRange
    cms: bytes = field(repr=False)
    sub_filter: str

    @property
    def is_time_stamp(self) -> bool:
        return self.sub_filter == "ETSI.RFC3161"


def has_signature(file: ForeignFile) -> bool:
    """Whether anything in the file looks like a signature."""
    return any(_looks_signed(value) for revision in file.revisions for value in revision.objects.values())


def read_signatures(file: ForeignFile) -> tuple[ForeignSignature, ...]:
    """All of them, in the order of their revisions.

    Raises: MalformedPdf (several_seals, byte_range, seal_coverage, contents, wrong_type, field_tree).
    """
    last = len(file.revisions) - 1
    state = file.state(last)
    found: dict[int, ForeignSignature] = {}
    for number, entries in form_fields(state, catalog_of(state, file.revisions[last].trailer)):
        value = entries.get("V")
        if entries.get("FT") != "Sig" or value is None:
            continue
        if not isinstance(value, Reference) or value.number in found or len(found) == MAX_SIGNATURES:
            raise MalformedPdf("several_seals", "a signature is no object of its own, or is in two fields")
        found[value.number] = _read(file, number, value.number)
    # 1
    for revision in file.revisions:
        if any(_looks_signed(value) and number not in found for number, value in revision.objects.items()):
            raise MalformedPdf("several_seals", "the file has a signature that is in no field")
    return tuple(sorted(found.values(), key=lambda one: one.revision))


def form_fields(state: State, catalog: PdfDictionary) -> Iterator[tuple[int, PdfDictionary]]:
    """The fields of the form that have no fields below them, with what they inherit of /FT and /V (ISO 32000-1, 12.7.3).

    Raises: MalformedPdf (field_tree, wrong_type).
    """
    if "AcroForm" in catalog:
        form = dictionary_of(state, catalog["AcroForm"], "the form")
        yield from _fields(state, items_of(state, form.get("Fields"), "the fields of the form"))


def _fields(state: State, listed: tuple[PdfObject, ...]) -> Iterator[tuple[int, PdfDictionary]]:
    waiting: list[tuple[PdfObject, PdfDictionary, int]] = [(item, MappingProxyType({}), 0) for item in reversed(listed)]
    seen: set[int] = set()
    while waiting:
        item, inherited, depth = waiting.pop()
        number = item.number if isinstance(item, Reference) else 0
        if depth > MAX_DEPTH or number in seen or len(seen) > MAX_FIELDS:
            raise MalformedPdf("field_tree", "the fields of the form are not a tree")
        seen |= {number} - {0}
        own = dictionary_of(state, item, "a field")
        entries = MappingProxyType({**{key: inherited[key] for key in ("FT", "V") if key in inherited}, **own})
        below = items_of(state, own.get("Kids"), "the fields below a field")
        if not below:
            yield number, entries
        waiting.extend((kid, entries, depth + 1) for kid in reversed(below))


def _looks_signed(value: PdfObject) -> bool:
    entries = value.dictionary if isinstance(value, Stream) else value
    if not isinstance(entries, MappingProxyType):
        return False
    return "ByteRange" in entries or entries.get("Type") in _KINDS or ("SubFilter" in entries and "Contents" in entries)


def _read(file: ForeignFile, field_number: int, number: int) -> ForeignSignature:
    # 2
    writing = [place for place, revision in enumerate(file.revisions) if number in revision.objects]
    if len(writing) != 1 or number not in file.revisions[writing[0]].spans:
        raise MalformedPdf("several_seals", "a signature is written more than once, or inside another object")
    revision = file.revisions[writing[0]]
    entries = revision.objects[number]
    if not isinstance(entries, MappingProxyType) or entries.get("Type", "Sig") not in _KINDS:
        raise MalformedPdf("seal_form", "a signature is not a dictionary")
    sub_filter = entries.get("SubFilter")
    if not isinstance(sub_filter, str) or (sub_filter == "ETSI.RFC3161") != (entries.get("Type") == "DocTimeStamp"):
        raise MalformedPdf("seal_form", "a signature does not say of what kind it is")
    # 3
    byte_range = byte_range_of(entries)
    span = contents_span(file.data, revision.spans[number])
    ends = (revision.end, revision.line_end)
    if byte_range[0] != 0 or (byte_range[1], byte_range[2]) != span or byte_range[2] + byte_range[3] not in ends:
        raise MalformedPdf("seal_coverage", "a signature does not cover every byte outside itself")
    # 4
    return ForeignSignature(number, field_number, writing[0], byte_range, unpadded(file.data[slice(*span)]), sub_filter)
