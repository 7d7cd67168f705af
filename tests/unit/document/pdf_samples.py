"""Letters to test with: typeset by typst as in production, sealed by a stand-in, and taken apart to break one thing at a time."""

import functools
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import typst

from blauweknop.document.certified import SealedDigest
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_seal import read_seal, sealed_digest
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfDictionary, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_writing import write_object
from blauweknop.document.sealing import seal_pdf
from tests.suites import PROJECT

FONTS = PROJECT / "src" / "blauweknop" / "document" / "fonts"
MOMENT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
CMS_SIZE = 256
HEAD = """
#set document(title: "Uittreksel", author: "Gemeente Dichtbij")
#set text(lang: "nl", font: ("Atkinson Hyperlegible Next", "Noto Sans"), ligatures: false)
#set page(paper: "a5", header: [Kop van de bladzijde], footer: [Blad 1])
#pdf.attach("gegevens.json", bytes("{}"), relationship: "data", mime-type: "application/json", description: "Gegevens")
#pdf.attach("gegevens.sd-jwt", bytes("a.b.c~"), relationship: "alternative", mime-type: "application/dc+sd-jwt", description: "Bewijs")
"""
BODY = """
= Uittreksel
De Vries, #strong[Jan] ĳ Ẃ ə € 1.234,56. Zie #link("https://example.nl/uitleg")[uitleg].
#table(columns: 2, table.header([Naam], [Bedrag]), [Bakker], [€ 10,00])
"""


@functools.cache
def typeset(body: str = BODY) -> bytes:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    source = (HEAD + body).encode()
    made: bytes = typst.compile(source, format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=MOMENT, font_paths=fonts)
    return made


def stand_in_cms(digest: bytes) -> bytes:
    return b"\x30\x22\x04\x20" + digest


def stand_in_seal(digest: bytes) -> SealedDigest:
    return SealedDigest(stand_in_cms(digest), "B-T")


def sealed_letter(letter: bytes | None = None, *, seal: Callable[[bytes], bytes] = stand_in_cms) -> bytes:
    return seal_pdf(
        typeset() if letter is None else letter,
        seal=seal,
        cms_size=CMS_SIZE,
        alternate_text="Digitaal zegel van gemeente Dichtbij",
        signer_name="Gemeente Dichtbij",
        reason="Gewaarmerkt document",
        moment=MOMENT,
    )


def outcome(document: bytes) -> str:
    """`accepted`, or the first reason why reader, coverage, the stand-in signature or the rules refuse."""
    try:
        file = read_file(document)
        seal = read_seal(file)
    except MalformedPdf as error:
        return error.code
    if seal.cms != stand_in_cms(sealed_digest(file, seal)):
        return "digest"
    return next((problem.code for problem in content_problems(file)), "accepted")


def rewritten(document: bytes, changes: Mapping[int, PdfObject]) -> bytes:
    """The document with some objects replaced or added, its table and trailer made anew."""
    file = read_file(document)
    objects = {**file.objects, **changes}
    parts, position = [b"%PDF-1.7\n%\x80\x80\x80\x80\n"], 15
    offsets = {}
    for number in sorted(objects):
        offsets[number] = position
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, write_object(objects[number])))
        position += len(parts[-1])
    table = b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(objects))
    trailer = write_object(dictionary({**file.trailer, "Size": len(objects) + 1}))
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, trailer, position)
    return b"".join(parts) + end


def number_of(file: PdfFile, key: str, value: str) -> int:
    """The first object whose entry `key` is the name `value`."""
    return next(number for number, item in file.objects.items() if entries_of(item).get(key) == Name(value))


def entries_of(value: PdfObject) -> PdfDictionary:
    if isinstance(value, Stream):
        return value.dictionary
    return value if not isinstance(value, int | float | bytes | str | tuple | Reference) and value is not None else dictionary({})


def with_entries(document: bytes, number: int, entries: Mapping[str, PdfObject], *, without: tuple[str, ...] = ()) -> bytes:
    """The document with entries added to one dictionary object."""
    old = entries_of(read_file(document).objects[number])
    kept = {key: value for key, value in old.items() if key not in without}
    return rewritten(document, {number: dictionary({**kept, **entries})})


def replaced(document: bytes, old: bytes, new: bytes) -> bytes:
    """The document with bytes replaced by as many others, so that the table stays right."""
    assert document.count(old) == 1, "the sample must hold these bytes once"
    assert len(old) == len(new), "the sample must keep its length"
    return document.replace(old, new)


def resigned(document: bytes) -> bytes:
    """The document with the stand-in signature made again over its changed bytes."""
    start = document.index(b"/Contents <") + len(b"/Contents ")
    end = document.index(b">", start) + 1
    digest = hashlib.sha256(document[:start] + document[end:]).digest()
    return document[:start] + b"<" + stand_in_cms(digest).ljust(CMS_SIZE, b"\x00").hex().encode() + b">" + document[end:]
