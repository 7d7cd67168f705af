"""One document made on both paths from the same content, identifiers, moment and random bytes, and all in which the two differ.

What is compared is read by PDFium, which is not ours, and by `page_text`, which the check uses.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from blauweknop.document.certified import CertifiedDocument, Certifier, SealedDigest, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_fonts import Font, read_font
from blauweknop.document.pdf_parts import embedded_files, pages
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_syntax import PdfObject, Reference, Stream, operations
from blauweknop.document.pdf_writing import decode_text
from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Selection, Snapshot, SourceIdentity
from blauweknop.standards.signing import KeySigner
from tests.interop.page_pictures import Picture, compare
from tests.unit.document.content_samples import CHECK_URL, FACTS, SOURCE
from tests.unit.document.pdf_samples import CMS_SIZE, stand_in_cms

__all__ = [
    "DPI",
    "EXHAUSTIVE",
    "Twins",
    "by_shape",
    "certifier_for",
    "drawn",
    "looks_different",
    "outside_the_code",
    "picture_differences",
    "same_shapes",
    "twins",
    "typesetter",
    "whole",
]

DPI = 150
EXHAUSTIVE = os.environ.get("BLAUWEKNOP_EXHAUSTIVE") == "1"
_SIGNATURE = b"\x30\x06\x02\x01\x01\x02\x01\x01"
_EVEN = 0.006
"""Points; the right side of a text that is set to the right is kept in hundredths."""

_INK = 3.0
"""Points; the box of a table in the structure tree is that of the ink, and the letters of a mark are not as high as an accent."""


@cache
def typesetter() -> Typesetter:
    return Typesetter()


@cache
def same_shapes() -> Shapes:
    """Shapes that are compiled at the first sight."""
    return Shapes(typesetter(), most=2000, seen_before=0)


def whole(dataset: Dataset, *, with_bsn: bool = False) -> Selection:
    return Selection(dataset.id, frozenset(part.id for part in dataset.parts), None, with_bsn)


def certifier_for(source: SourceIdentity = SOURCE, *, shapes: Shapes | None = None, seed: int = 7) -> Certifier:
    """A certifier that makes the same bytes each time: its keys are stand-ins."""
    return Certifier(
        source=source,
        issuer_url=f"https://{source.id}.example",
        accent="#0b4a8f",
        check_url=CHECK_URL,
        exercise=True,
        typesetter=typesetter(),
        shapes=shapes,
        seal=lambda digest: SealedDigest(stand_in_cms(digest), "B-B"),
        seal_size=CMS_SIZE,
        credential_signer=KeySigner(b"certificate", (), lambda _: _SIGNATURE),
        random_bytes=Random(seed).randbytes,
    )


@dataclass(frozen=True, slots=True)
class Twins:
    """A document of a shape, and the same as typst set it; `fast` is None when the shapes refused."""

    fast: bytes | None = field(repr=False)
    true: bytes = field(repr=False)

    def differences(self) -> list[str]:
        """In what the documents differ, apart from pictures: names of aspects, no values."""
        if self.fast is None:
            return ["refused"]
        one, other = _aspects(self.fast), _aspects(self.true)
        return [name for name in other if not _alike(one[name], other[name])]


def twins(
    snapshot: Snapshot,
    dataset: Dataset,
    *,
    selection: Selection | None = None,
    source: SourceIdentity = SOURCE,
    language: str = "nl",
    facts: DocumentFacts = FACTS,
    shapes: Shapes | None = None,
) -> Twins:
    """Both documents.

    Raises: TypesettingFailed when no path can make it.
    """
    chosen = selection or whole(dataset)
    told = replace(facts, language=language)

    def make(certifier: Certifier) -> CertifiedDocument:
        return certify(snapshot, chosen, dataset, certifier, told)

    true = make(certifier_for(source))
    fast = make(certifier_for(source, shapes=same_shapes() if shapes is None else shapes))
    return Twins(fast.pdf if fast.by_shape else None, true.pdf)


def by_shape(pdf: bytes) -> bool:
    """Whether a document has the fonts of values that only shapes put in it."""
    return b"/v0 " in pdf


def drawn(pdf: bytes) -> list[Picture]:
    """The pages as PDFium draws them."""
    file = pypdfium2.PdfDocument(pdf)
    try:
        file.init_forms()
        return [page.render(scale=DPI / 72, rev_byteorder=True).to_numpy().copy()[..., :3] for page in file]
    finally:
        file.close()


_CODE = (71.0, 761.0, 126.0, 822.0)
"""The square of the QR code in points from the upper left corner of an A4 page, and a hair around it."""


def outside_the_code(page: Picture) -> Picture:
    """The page with the square of its QR code made white."""
    left, top, right, bottom = (round(edge * DPI / 72) for edge in _CODE)
    page = page.copy()
    page[top:bottom, left:right] = 255
    return page


def picture_differences(pair: Twins) -> list[str]:
    """Where the pages look different, apart from the square of the QR code; see `looks_different`."""
    if pair.fast is None:
        return ["refused"]
    return looks_different(drawn(pair.fast), drawn(pair.true))


def looks_different(ones: Sequence[Picture], others: Sequence[Picture], *, whole_dots: bool = False) -> list[str]:
    """Where, by more than a viewer makes of a place that is a hundredth of a point aside, as a text that is set to the right may stand.

    A viewer puts letters on a grid, and may then draw it in the next place of the grid; `whole_dots` says that the grid is that coarse.
    """
    one, other = ([outside_the_code(page) for page in pages] for pages in (ones, others))
    blur, shade = (2, 36) if whole_dots else (1, 24)  # seen: up to 24 and 13 of 255; another digit gives more
    return [str(area) for area in compare(one, other, blur=blur, reach=1, above=shade).areas]


def _aspects(pdf: bytes) -> dict[str, Any]:
    file = read_file(pdf)
    shown = page_text(file)
    numbers = {page.number: number for number, page in enumerate(pages(file), start=1)}
    texts = _marked_texts(file)
    return {
        "page text": [page.content for page in shown],
        "artifacts": [page.artifacts for page in shown],
        "problems": [page.problems for page in shown],
        "rules": content_problems(file),
        "structure": _structure(file, numbers, texts),
        "outline": _plain(file, numbers, file.root.get("Outlines")),
        "catalog": {key: _plain(file, numbers, value) for key, value in file.root.items() if key in _OF_CATALOG},
        "information": _plain(file, numbers, file.trailer.get("Info")),
        "identifiers": len(file.array(file.trailer.get("ID"), "the identifiers")),
        "metadata": _metadata(file),
        "attachments": embedded_files(file),
        "attachment lists": _plain(file, numbers, file.root.get("Names")),
        "annotations": [_plain(file, numbers, page.entries.get("Annots", ())) for page in pages(file)],
        "pages": [{key: page.entries.get(key) for key in ("MediaBox", "Tabs", "StructParents")} for page in pages(file)],
        "letters": _letters(pdf),
    }


_OF_CATALOG = ("Lang", "MarkInfo", "ViewerPreferences", "OutputIntents", "PageLabels", "AcroForm", "Perms")
_UPWARDS = ("P", "Parent", "Prev", "Last", "Contents", "ByteRange", "Length", "Filter")
_IDENTIFIER = re.compile(rb"(?<=ID>)[A-Za-z0-9+/=]{24}(?=_source</stEvt:|</xmpMM:)")


def _plain(file: PdfFile, numbers: Mapping[int, int], value: PdfObject) -> Any:
    """A value with all it refers to; a page as its number. What leads back up, and the signature, is left out."""
    if isinstance(value, Reference):
        if value.number in numbers:
            return f"page {numbers[value.number]}"
        value = file.resolve(value)
    if isinstance(value, tuple):
        return [_plain(file, numbers, item) for item in value]
    if isinstance(value, Stream):
        return [_plain(file, numbers, value.dictionary), file.stream_data(value)]
    if isinstance(value, Mapping):
        return {key: _plain(file, numbers, item) for key, item in value.items() if key not in _UPWARDS}
    return decode_text(value) if isinstance(value, bytes) else value


def _metadata(file: PdfFile) -> bytes:
    return _IDENTIFIER.sub(b"", file.stream_data(file.stream(file.root["Metadata"], "the metadata")))


def _marked_texts(file: PdfFile) -> list[dict[int, str]]:
    """Of each page the text of each piece of marked content by its number."""
    found: list[dict[int, str]] = []
    for page in pages(file):
        resources = file.dictionary(page.entries["Resources"], "the resources of a page")
        fonts = file.dictionary(resources["Font"], "the fonts of a page")
        read = {name: read_font(file, file.dictionary(entries, "a font")) for name, entries in fonts.items()}
        texts: dict[int, str] = {}
        marks: list[int] = []
        font: Font | None = None
        for operator, operands in operations(file.stream_data(file.stream(page.entries["Contents"], "the content of a page"))):
            if operator == b"BDC":
                properties = operands[1]
                number = properties.get("MCID", -1) if isinstance(properties, Mapping) else -1
                marks.append(number if isinstance(number, int) else -1)
            elif operator == b"EMC":
                marks.pop()
            elif operator == b"Tf":
                font = read[str(operands[0])]
            elif operator in (b"Tj", b"TJ"):
                assert font is not None
                parts = operands[0] if isinstance(operands[0], tuple) else operands
                codes = b"".join(part for part in parts if isinstance(part, bytes))
                glyphs = [int.from_bytes(codes[place : place + 2], "big") for place in range(0, len(codes), 2)]
                mark = next((number for number in reversed(marks) if number >= 0), -1)
                texts[mark] = texts.get(mark, "") + "".join(font.characters[glyph] for glyph in glyphs)
        found.append(texts)
    return found


def _structure(file: PdfFile, numbers: Mapping[int, int], texts: list[dict[int, str]]) -> Any:
    def element(value: PdfObject, page: int) -> Any:
        entries = file.dictionary(value, "an element")
        if isinstance(own := entries.get("Pg"), Reference):
            page = numbers[own.number]
        kids = entries.get("K", ())
        said = {key: _plain(file, numbers, item) for key, item in entries.items() if key not in ("K", "P", "Pg", "Obj")}
        return [said, _joined([child(kid, page) for kid in (kids if isinstance(kids, tuple) else (kids,))])]

    def child(kid: PdfObject, page: int) -> Any:
        if isinstance(kid, int):
            return page, texts[page - 1].get(kid, "")
        entries = file.dictionary(kid, "a child")
        own = entries.get("Pg")
        if "MCID" in entries:
            number = entries["MCID"]
            assert isinstance(number, int)
            page = numbers[own.number] if isinstance(own, Reference) else page
            return page, texts[page - 1].get(number, "")
        if entries.get("Type") == "OBJR":
            return str(file.dictionary(entries["Obj"], "an annotation").get("Subtype"))
        return element(kid, page)

    tree = file.dictionary(file.root["StructTreeRoot"], "the structure tree")
    kids = tree["K"]
    roots = kids if isinstance(kids, tuple) else (kids,)
    return [_plain(file, numbers, tree.get("RoleMap")), [element(root, 0) for root in roots]]


def _joined(kids: list[Any]) -> list[Any]:
    """Typst marks a Greek letter among others as a piece of its own; what counts is the text of the element on a page."""
    joined: list[Any] = []
    for kid in kids:
        if isinstance(kid, tuple) and joined and isinstance(joined[-1], tuple) and joined[-1][0] == kid[0]:
            joined[-1] = (kid[0], joined[-1][1] + kid[1])
        else:
            joined.append(kid)
    return joined


def _alike(one: Any, other: Any, even: float = _EVEN) -> bool:
    """Equal, where numbers may differ by a hair."""
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) <= even
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key], _INK if key == "BBox" else even) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_alike(first, second, even) for first, second in zip(one, other, strict=True))
    return bool(one == other)


def _letters(pdf: bytes) -> list[tuple[str, float, float]]:
    """Each letter of each page in the order of the file as PDFium reads it, and where it stands in points."""
    found = []
    file = pypdfium2.PdfDocument(pdf)
    try:
        for page in file:
            text = page.get_textpage()
            for place in range(text.count_chars()):
                x, y = pdfium.c_double(), pdfium.c_double()
                pdfium.FPDFText_GetCharOrigin(text.raw, place, x, y)
                found.append((chr(pdfium.FPDFText_GetUnicode(text.raw, place)), x.value, y.value))
    finally:
        file.close()
    return found
