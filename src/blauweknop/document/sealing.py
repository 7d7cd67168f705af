"""Puts the seal of the source on a typeset letter: one signature over the whole file, in one revision.

The letter is taken apart and written anew with the signature inside, because an added revision would leave a first, unsealed
version in the file, and because PDF/A-3a and PDF/UA-1 then hold for what people receive. Steps, with their clauses:

1. a signature dictionary, ETSI.CAdES.detached, without /Cert, that allows no change afterwards (EN 319 142-1, 5.4; ISO 32000-1, 12.8.2.2);
2. one signature field whose widget shows nothing: the visible words "gewaarmerkt" are page content (PROTOCOL 7.1);
3. that widget as a Form in the structure tree, so that a screen reader can name it (ISO 14289-1, 7.18.4);
4. /AcroForm and /Perms in the catalog; 5. a fresh cross-reference table.

`prepare_seal` and `finish_seal` are apart, so that a caller can wait for keys and time stamps of many documents at once.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from blauweknop.document.attached_contents import attached_contents
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, dictionary
from blauweknop.document.pdf_writing import encode_text, write_object
from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "RANGE_SIZE",
    "PreparedSeal",
    "SealNumbers",
    "SealTexts",
    "SealTooLarge",
    "finish_seal",
    "objects_with_seal",
    "prepare_seal",
    "seal_pdf",
    "signature_parts",
]


class SealTooLarge(BlauweKnopError):
    """The signature does not fit in the place that was kept free for it."""


@dataclass(frozen=True, slots=True)
class PreparedSeal:
    """A document that waits for its signature: the bytes around the gap, and the SHA-256 that must be signed."""

    before: tuple[bytes, ...] = field(repr=False)
    after: bytes = field(repr=False)
    cms_size: int
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealTexts:
    """What the signature says about itself. `alternate` is read aloud; `moment` is the claimed time of sealing."""

    alternate: str
    signer_name: str
    reason: str
    moment: datetime
    location: str | None = None


def seal_pdf(
    typeset: bytes,
    *,
    seal: Callable[[bytes], bytes],
    cms_size: int,
    alternate_text: str,
    signer_name: str,
    reason: str,
    moment: datetime,
    location: str | None = None,
    field_name: str = "Zegel",
) -> bytes:
    """The typeset letter with the seal inside; `seal` turns a SHA-256 digest into CMS (DER) of at most `cms_size` bytes.

    Raises: MalformedPdf when the letter is not the PDF/A-3a that we typeset, SealTooLarge when the CMS does not fit.
    """
    texts = SealTexts(alternate_text, signer_name, reason, moment, location)
    prepared = prepare_seal(typeset, texts, cms_size=cms_size, field_name=field_name)
    return finish_seal(prepared, seal(prepared.digest))


def prepare_seal(
    typeset: bytes, texts: SealTexts, *, cms_size: int, field_name: str = "Zegel", contents: Mapping[str, bytes] = MappingProxyType({})
) -> PreparedSeal:
    """The letter with everything but the signature itself; `contents` are bytes for attachments that were laid out without any.

    Raises: MalformedPdf.
    """
    file = read_file(typeset)
    numbers, changed = objects_with_seal(file, texts, field_name)
    return _write(file, changed | attached_contents(file, contents), numbers, texts, cms_size)


def finish_seal(prepared: PreparedSeal, cms: bytes) -> bytes:
    """The sealed document. Raises: SealTooLarge."""
    if len(cms) > prepared.cms_size:
        raise SealTooLarge(f"the signature takes {len(cms)} bytes and {prepared.cms_size} were kept free")
    return b"".join((*prepared.before, b"<", cms.hex().encode("ascii").ljust(2 * prepared.cms_size, b"0"), b">", prepared.after))


@dataclass(frozen=True, slots=True)
class SealNumbers:
    """The numbers of the objects that a seal adds to a letter."""

    signature: int
    widget: int
    element: int


def objects_with_seal(file: PdfFile, texts: SealTexts, field_name: str = "Zegel") -> tuple[SealNumbers, dict[int, PdfObject]]:
    """What a seal changes in a letter and adds to it, apart from the signature itself.

    Raises: MalformedPdf (sealed_already, structure_tree, page_tree, wrong_type).
    """
    if "AcroForm" in file.root or "Perms" in file.root:
        raise MalformedPdf("sealed_already", "the letter has a form or a seal already")
    first_new = max(file.objects) + 1
    numbers = SealNumbers(signature=first_new, widget=first_new + 1, element=first_new + 2)
    return numbers, _changed_objects(file, numbers, texts, field_name)


def _changed_objects(file: PdfFile, numbers: SealNumbers, texts: SealTexts, field_name: str) -> dict[int, PdfObject]:
    page = _first_page(file)
    tree = _reference(file.root.get("StructTreeRoot"), "the structure tree")
    tree_entries = file.dictionary(tree, "the structure tree")
    key = tree_entries.get("ParentTreeNextKey")
    if type(key) is not int:
        raise MalformedPdf("structure_tree", "the structure tree does not say its next key")
    parent = _top_element(file, tree_entries)
    widget, element = Reference(numbers.widget), Reference(numbers.element)
    page_entries = file.dictionary(page, "the first page")
    annotations = file.array(page_entries.get("Annots", ()), "the annotations of the first page")
    parent_entries = file.dictionary(parent, "the top of the structure tree")
    # 2, 3, 4: the catalog last, all others are different objects
    return {
        numbers.widget: _widget(numbers, page, key, texts, field_name),
        numbers.element: dictionary(
            {
                "Type": Name("StructElem"),
                "S": Name("Form"),
                "P": parent,
                "Pg": page,
                "Alt": encode_text(texts.alternate),
                "K": (dictionary({"Type": Name("OBJR"), "Pg": page, "Obj": widget}),),
            }
        ),
        page.number: dictionary({**page_entries, "Annots": (*annotations, widget), "Tabs": Name("S")}),
        parent.number: dictionary({**parent_entries, "K": (*file.array(parent_entries.get("K"), "the children"), element)}),
        tree.number: dictionary(
            {
                **tree_entries,
                "ParentTree": _extended(file, tree_entries.get("ParentTree"), key, element),
                "ParentTreeNextKey": key + 1,
            }
        ),
        _reference(file.trailer.get("Root"), "the catalog").number: dictionary(
            {
                **file.root,
                "AcroForm": dictionary({"Fields": (widget,), "SigFlags": 3}),
                "Perms": dictionary({"DocMDP": Reference(numbers.signature)}),
            }
        ),
    }


def _widget(numbers: SealNumbers, page: Reference, key: int, texts: SealTexts, field_name: str) -> PdfObject:
    return dictionary(
        {
            "Type": Name("Annot"),
            "Subtype": Name("Widget"),
            "FT": Name("Sig"),
            "T": encode_text(field_name),
            "TU": encode_text(texts.alternate),
            "V": Reference(numbers.signature),
            "Rect": (0, 0, 0, 0),
            "F": 132,  # Print and Locked (ISO 32000-1, 12.5.3)
            "P": page,
            "StructParent": key,
        }
    )


def _first_page(file: PdfFile) -> Reference:
    node = file.root.get("Pages")
    for _ in range(len(file.objects)):
        reference = _reference(node, "the page tree")
        entries = file.dictionary(reference, "the page tree")
        if entries.get("Type") == "Page":
            return reference
        children = file.array(entries.get("Kids"), "the page tree")
        node = children[0] if children else None
    raise MalformedPdf("page_tree", "the page tree runs in a circle")


def _top_element(file: PdfFile, tree: Mapping[str, PdfObject]) -> Reference:
    children = file.array(tree.get("K"), "the structure tree")
    if len(children) != 1:
        raise MalformedPdf("structure_tree", "the structure tree does not have one top element")
    return _reference(children[0], "the top of the structure tree")


def _extended(file: PdfFile, tree: PdfObject, key: int, element: Reference) -> PdfObject:
    # A number tree (ISO 32000-1, 7.9.7), here without levels, as typst writes it; the new key is higher than all others.
    entries = file.dictionary(tree, "the parent tree")
    if set(entries) != {"Nums"}:
        raise MalformedPdf("structure_tree", "the parent tree is not one list")
    return dictionary({"Nums": (*file.array(entries["Nums"], "the parent tree"), key, element)})


def _reference(value: PdfObject, what: str) -> Reference:
    if not isinstance(value, Reference):
        raise MalformedPdf("wrong_type", f"{what} is not an object of its own")
    return value


def signature_parts(texts: SealTexts) -> tuple[bytes, bytes]:
    """The signature dictionary before and after the value of /Contents; /ByteRange follows, so that its length does not move that."""
    # 1.
    entries: dict[str, PdfObject] = {
        "Type": Name("Sig"),
        "Filter": Name("Adobe.PPKLite"),
        "SubFilter": Name("ETSI.CAdES.detached"),
        "M": texts.moment.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'").encode("ascii"),
        "Name": encode_text(texts.signer_name),
        "Reason": encode_text(texts.reason),
        "Reference": (
            dictionary(
                {
                    "Type": Name("SigRef"),
                    "TransformMethod": Name("DocMDP"),
                    "TransformParams": dictionary({"Type": Name("TransformParams"), "P": 1, "V": Name("1.2")}),
                }
            ),
        ),
    }
    if texts.location is not None:
        entries["Location"] = encode_text(texts.location)
    return write_object(MappingProxyType(entries))[:-2] + b" /Contents ", b" /ByteRange "


RANGE_SIZE = 48
"""Room for the value of /ByteRange: `[0 ` and three numbers of at most ten digits, filled up with spaces."""


def _write(file: PdfFile, changed: Mapping[int, PdfObject], numbers: SealNumbers, texts: SealTexts, cms_size: int) -> PreparedSeal:
    # 5. Unchanged objects are copied byte for byte, in their order; the signature comes last.
    parts = [file.data[: min(start for start, _ in file.spans.values())]]
    position = len(parts[0])
    offsets: dict[int, int] = {}
    for number in [*sorted(file.spans, key=file.spans.__getitem__), numbers.widget, numbers.element]:
        start, end = file.spans.get(number, (0, 0))
        body = b"%d 0 obj\n%b\nendobj" % (number, write_object(changed[number])) if number in changed else file.data[start:end]
        offsets[number] = position
        parts.append(body + b"\n")
        position += len(body) + 1
    offsets[numbers.signature] = position
    opening, closing = signature_parts(texts)
    parts.append(b"%d 0 obj\n" % numbers.signature + opening)
    before = b"".join(parts)
    gap_end = len(before) + 2 + 2 * cms_size
    end_of_object = b">>\nendobj\n"
    table_position = gap_end + len(closing) + RANGE_SIZE + len(end_of_object)
    tail = end_of_object + _table(file, offsets, table_position)
    covered = b"[0 %d %d %d" % (len(before), gap_end, len(closing) + RANGE_SIZE + len(tail))
    after = closing + covered.ljust(RANGE_SIZE - 1) + b"]" + tail
    digest = hashlib.sha256(before)
    digest.update(after)
    return PreparedSeal((before,), after, cms_size, digest.digest())


def _table(file: PdfFile, offsets: Mapping[int, int], position: int) -> bytes:
    size = len(offsets) + 1
    if sorted(offsets) != list(range(1, size)):
        raise MalformedPdf("object_number", "the object numbers of the letter have holes")
    lines = b"".join(b"%010d 00000 n \n" % offsets[number] for number in range(1, size))
    trailer = write_object(dictionary({**file.trailer, "Size": size}))
    return b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (size, lines, trailer, position)
