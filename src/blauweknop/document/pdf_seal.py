"""The seal of a document as its bytes say it, and whether it covers the whole sealed revision; PROTOCOL 7.3, 7.5 item 2.

Says nothing about who sealed: the CMS inside is for `standards.pades`. Steps:

1. one field in the form, a signature (ISO 32000-1, 12.7.4.5), and no other signature anywhere in the file;
2. /Perms names it as the certification, and it allows no change (12.8.2.2);
3. ETSI.CAdES.detached, without /Cert (EN 319 142-1, 6.3);
4. /ByteRange is [0 a b c]: the gap is exactly the hexadecimal /Contents, and b + c is the end of the first revision (ISO 32000-1, 12.8.1);
5. /Contents is one DER value, and after it only zeros: nothing can be put in the one place the seal does not cover.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_signature_bytes import byte_range_of, contents_span, covered_digest, unpadded
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference
from blauweknop.document.pdf_writing import decode_text

__all__ = ["Seal", "read_seal", "sealed_digest"]


@dataclass(frozen=True, slots=True)
class Seal:
    """What the signature dictionary says. `cms` is the DER without its padding; `covered_end` is where the sealed bytes end."""

    byte_range: tuple[int, int, int, int]
    contents_span: tuple[int, int]
    cms: bytes = field(repr=False)
    sub_filter: str
    moment: str | None
    name: str | None
    reason: str | None
    location: str | None

    @property
    def covered_end(self) -> int:
        """The byte position after the last sealed byte."""
        return self.byte_range[2] + self.byte_range[3]


def read_seal(file: PdfFile) -> Seal:
    """The one seal of the file, after steps 1 to 5.

    Raises: MalformedPdf (no_seal, several_seals, form, certification, seal_form, byte_range, seal_coverage, contents).
    """
    # 1
    signature_reference = _field(file).get("V")
    if not isinstance(signature_reference, Reference):
        raise MalformedPdf("no_seal", "the signature field is empty")
    signature = file.dictionary(signature_reference, "the signature")
    _refuse_others(file, signature_reference.number)
    # 2, 3
    _check_certification(file, signature_reference, signature)
    _check_form(signature)
    # 4
    byte_range = byte_range_of(signature)
    span = contents_span(file.data, file.spans[signature_reference.number])
    first, second = byte_range[1], byte_range[2]
    if byte_range[0] != 0 or (first, second) != span or second + byte_range[3] != file.sealed.end:
        raise MalformedPdf("seal_coverage", "the seal does not cover every byte outside itself")
    # 5
    cms = unpadded(file.data[first:second])
    return Seal(
        byte_range,
        span,
        cms,
        str(signature["SubFilter"]),
        *(_text(signature, key) for key in ("M", "Name", "Reason", "Location")),
    )


def sealed_digest(file: PdfFile, seal: Seal) -> bytes:
    """The SHA-256 of the bytes under the seal; this is what the CMS must sign."""
    return covered_digest(file.data, seal.byte_range)


_FIELD_KEYS = {"Type", "Subtype", "FT", "T", "TU", "V", "Rect", "F", "P", "StructParent"}


def _field(file: PdfFile) -> PdfDictionary:
    if "AcroForm" not in file.root:
        raise MalformedPdf("no_seal", "the document has no seal")
    form = file.dictionary(file.root["AcroForm"], "the form")
    fields = file.array(form.get("Fields"), "the fields of the form")
    if len(fields) != 1 or not isinstance(fields[0], Reference):
        raise MalformedPdf("no_seal" if not fields else "several_seals", "the form does not hold exactly one field")
    if set(form) != {"Fields", "SigFlags"} or form["SigFlags"] != 3:
        raise MalformedPdf("form", "the form has more than the field of the seal")
    entries = file.dictionary(fields[0], "the field of the seal")
    if entries.get("FT") != "Sig" or entries.get("Subtype") != "Widget" or not set(entries) <= _FIELD_KEYS:
        raise MalformedPdf("form", "the field is not a plain signature field")
    return entries


_SIGNATURE_MARKS = {"ByteRange", "SubFilter"}


def _refuse_others(file: PdfFile, allowed: int) -> None:
    for number, value in file.objects.items():
        if not isinstance(value, MappingProxyType) or number == allowed:
            continue
        if value.get("Type") in ("Sig", "DocTimeStamp") or _SIGNATURE_MARKS & value.keys():
            raise MalformedPdf("several_seals", "there is more than one signature in the file")


def _check_certification(file: PdfFile, reference: Reference, signature: PdfDictionary) -> None:
    permissions = file.dictionary(file.root.get("Perms", MappingProxyType({})), "the permissions")
    if permissions != {"DocMDP": reference}:
        raise MalformedPdf("certification", "the seal is not the certification of the document")
    references = file.array(signature.get("Reference"), "what the seal is for")
    if len(references) != 1:
        raise MalformedPdf("certification", "the seal does not say one time what it allows")
    entry = file.dictionary(references[0], "what the seal is for")
    if entry.get("TransformMethod") != "DocMDP" or not set(entry) <= {"Type", "TransformMethod", "TransformParams"}:
        raise MalformedPdf("certification", "the seal is not a certification")
    parameters = file.dictionary(entry.get("TransformParams"), "what the seal allows")
    if type(parameters.get("P")) is not int or parameters["P"] != 1 or parameters.get("V") != "1.2":
        raise MalformedPdf("certification", "the seal allows changes afterwards")


_SIGNATURE_KEYS = {"Type", "Filter", "SubFilter", "M", "Name", "Reason", "Location", "Reference", "Contents", "ByteRange"}


def _check_form(signature: PdfDictionary) -> None:
    if not set(signature) <= _SIGNATURE_KEYS or signature.get("Type") != "Sig":
        raise MalformedPdf("seal_form", "the signature has entries that a seal may not have")
    if signature.get("Filter") != "Adobe.PPKLite" or signature.get("SubFilter") != "ETSI.CAdES.detached":
        raise MalformedPdf("seal_form", "the signature is not of the kind ETSI.CAdES.detached")


def _text(signature: Mapping[str, PdfObject], key: str) -> str | None:
    value = signature.get(key)
    if value is None:
        return None
    if not isinstance(value, bytes):
        raise MalformedPdf("seal_form", "a text of the signature is not a text")
    return decode_text(value)
