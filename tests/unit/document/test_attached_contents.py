import hashlib

import pytest

from blauweknop.document.attached_contents import attached_contents
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.document.sealing import SealTexts, finish_seal, prepare_seal
from blauweknop.document.typesetting import Typesetter
from tests.unit.document.pdf_samples import CMS_SIZE, MOMENT

TEXTS = SealTexts("Zegel", "Gemeente", "Dossier", MOMENT)
BYTES = bytes(range(256)) * 40
LETTER = Letter("Dossier", "nl", "Gemeente", "", (), (), "https://controle.example", of_scheme=False)


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.fixture(scope="module")
def typeset(typesetter: Typesetter) -> bytes:
    papers = [Attachment(name, b"", "image/png", "data", "Een papier") for name in ("een.png", "twee.png")]
    return typesetter.typeset(LETTER, accent="#0b4a8f", attachments=papers, made_at=MOMENT)


def test_an_attachment_gets_its_bytes_and_another_stays_as_it_is(typeset: bytes) -> None:
    prepared = prepare_seal(typeset, TEXTS, cms_size=CMS_SIZE, contents={"twee.png": BYTES})
    found = embedded_files(read_file(finish_seal(prepared, b"0")))  # which compares sizes and check sums
    assert {name: hashlib.sha256(file.content).digest() for name, file in found.items()} == {
        "een.png": hashlib.sha256(b"").digest(),
        "twee.png": hashlib.sha256(BYTES).digest(),
    }


def test_bytes_for_an_attachment_that_is_not_there_are_refused(typeset: bytes) -> None:
    file: PdfFile = read_file(typeset)
    with pytest.raises(MalformedPdf, match="does not have the attachment"):
        attached_contents(file, {"drie.png": BYTES})


def test_a_letter_that_is_not_of_the_scheme_does_not_say_that_it_is(typeset: bytes) -> None:
    assert b"Blauwe Knop" not in typeset.replace(b"\x00", b"")


def test_characters_that_our_letters_lack_are_written_by_their_number(typesetter: Typesetter) -> None:
    assert typesetter.printable("Jos\u00e9 \U0001f600\n\u202e=") == "Jos\u00e9 [U+1F600] [U+202E]="
