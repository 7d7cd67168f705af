import random
from io import BytesIO

import pikepdf
import pytest

from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files, pages
from blauweknop.document.pdf_seal import read_seal
from blauweknop.document.pdf_syntax import MalformedPdf, Name, Reference, dictionary
from blauweknop.document.sealing import SealTexts, SealTooLarge, finish_seal, prepare_seal
from tests.unit.document.pdf_samples import (
    CMS_SIZE,
    MOMENT,
    number_of,
    outcome,
    resigned,
    rewritten,
    sealed_letter,
    stand_in_cms,
    typeset,
    with_entries,
)

TEXTS = SealTexts("Zegel", "Gemeente", "Gewaarmerkt", MOMENT)


def test_a_sealed_letter_is_accepted() -> None:
    assert outcome(sealed_letter()) == "accepted"


def test_a_letter_without_links_is_sealed_too() -> None:
    assert outcome(sealed_letter(typeset("= Kop\nTekst"))) == "accepted"


def test_a_letter_of_many_pages_is_sealed_too() -> None:
    body = "= Kop\n#table(columns: 1, ..range(400).map(number => [Regel #number]))"
    assert len(pages(read_file(sealed_letter(typeset(body))))) > 5
    assert outcome(sealed_letter(typeset(body))) == "accepted"


def test_sealing_changes_no_page_and_no_attachment() -> None:
    before, after = read_file(typeset()), read_file(sealed_letter())
    assert page_text(after) == page_text(before)
    assert embedded_files(after) == embedded_files(before)


def test_sealing_keeps_the_information_the_metadata_and_the_identifiers() -> None:
    before, after = read_file(typeset()), read_file(sealed_letter())
    assert (after.info, after.trailer["ID"]) == (before.info, before.trailer["ID"])
    assert after.resolve(after.root["Metadata"]) == before.resolve(before.root["Metadata"])


def test_the_file_has_one_revision_and_ends_with_a_line() -> None:
    document = sealed_letter()
    assert document.count(b"%%EOF") == 1
    assert document.endswith(b"%%EOF\n")


def test_the_same_letter_sealed_twice_gives_the_same_bytes() -> None:
    assert sealed_letter() == sealed_letter()


def test_a_screen_reader_can_name_the_seal() -> None:
    file = read_file(sealed_letter())
    form = file.dictionary(Reference(number_of(file, "S", "Form")), "the form element")
    widget = file.dictionary(Reference(number_of(file, "FT", "Sig")), "the field")
    tree = file.dictionary(file.root["StructTreeRoot"], "the tree")
    numbers = file.array(file.dictionary(tree["ParentTree"], "the parent tree")["Nums"], "numbers")
    assert form["Alt"] == widget["TU"] == b"Digitaal zegel van gemeente Dichtbij"
    assert numbers[-2:] == (widget["StructParent"], Reference(number_of(file, "S", "Form")))


def test_a_signature_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SealTooLarge):
        sealed_letter(seal=lambda digest: bytes(CMS_SIZE + 1))


def test_a_signature_that_just_fits_is_sealed() -> None:
    cms = b"\x30\x81\xfd" + bytes(CMS_SIZE - 3)
    assert read_seal(read_file(sealed_letter(seal=lambda digest: cms))).cms == cms


def test_the_signature_may_come_later() -> None:
    prepared = prepare_seal(typeset(), TEXTS, cms_size=CMS_SIZE)
    assert outcome(finish_seal(prepared, stand_in_cms(prepared.digest))) == "accepted"


def test_a_sealed_letter_is_not_sealed_again() -> None:
    with pytest.raises(MalformedPdf) as caught:
        prepare_seal(sealed_letter(), TEXTS, cms_size=CMS_SIZE)
    assert caught.value.code == "sealed_already"


def test_a_letter_without_structure_is_not_sealed() -> None:
    number = number_of(read_file(typeset()), "Type", "Catalog")
    with pytest.raises(MalformedPdf):
        prepare_seal(with_entries(typeset(), number, {}, without=("StructTreeRoot",)), TEXTS, cms_size=CMS_SIZE)


def test_texts_with_diacritics_and_brackets_come_back() -> None:
    texts = SealTexts("Zegel (é)", "Gemeente Súdwest-Fryslân", "Ẃ\\)", MOMENT, "’s-Hertogenbosch")
    prepared = prepare_seal(typeset(), texts, cms_size=CMS_SIZE)
    seal = read_seal(read_file(finish_seal(prepared, stand_in_cms(prepared.digest))))
    assert (seal.name, seal.reason, seal.location) == (texts.signer_name, texts.reason, texts.location)


def test_a_second_reader_finds_no_fault() -> None:
    with pikepdf.open(BytesIO(sealed_letter())) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_no_changed_byte_is_accepted() -> None:
    document = sealed_letter()
    chance = random.Random(20261103)
    tried = {*range(40), *range(len(document) - 400, len(document)), *chance.sample(range(len(document)), 300)}
    start, end = read_seal(read_file(document)).contents_span
    tried |= {*range(start - 60, start + 80), *range(end - 20, end + 60)}
    survivors = [place for place in sorted(tried) if outcome(_flipped(document, place, chance)) == "accepted"]
    assert survivors == []


def _flipped(document: bytes, place: int, chance: random.Random) -> bytes:
    other = chance.choice([byte for byte in range(256) if byte != document[place]])
    return document[:place] + bytes([other]) + document[place + 1 :]


def test_no_removed_or_added_byte_is_accepted() -> None:
    document = sealed_letter()
    chance = random.Random(20261104)
    places = chance.sample(range(len(document)), 60)
    assert not [place for place in places if outcome(document[:place] + document[place + 1 :]) == "accepted"]
    assert not [place for place in places if outcome(document[:place] + b" " + document[place:]) == "accepted"]


def test_a_document_cut_anywhere_is_refused() -> None:
    document = sealed_letter()
    assert not [place for place in range(0, len(document) - 1, 97) if outcome(document[:place]) == "accepted"]


def test_lower_case_digits_written_large_are_refused() -> None:
    document = sealed_letter()
    start, _ = read_seal(read_file(document)).contents_span
    place = next(place for place in range(start, len(document)) if document[place : place + 1] in b"abcdef")
    assert outcome(document[:place] + document[place : place + 1].upper() + document[place + 1 :]) == "contents"


@pytest.mark.parametrize("tail", [b"\n", b" ", b"%", b"\n1 0 obj\n<<>>\nendobj\n", b"\nstartxref\n0\n%%EOF\n"])
def test_anything_after_the_seal_is_refused(tail: bytes) -> None:
    assert outcome(sealed_letter() + tail) in {"trailing_bytes", "revision_after_seal"}


def test_a_document_added_to_by_another_program_is_refused() -> None:
    stream = BytesIO()
    with pikepdf.open(BytesIO(sealed_letter())) as pdf:
        pdf.docinfo["/Title"] = "Anders"
        pdf.save(stream)
    assert outcome(stream.getvalue()) != "accepted"


def test_an_honest_signature_over_a_hidden_page_is_still_refused() -> None:
    file = read_file(typeset())
    hidden = rewritten(typeset(), {max(file.objects) + 1: dictionary({"Type": Name("Page")})})
    assert outcome(resigned(sealed_letter(hidden))) == "unreachable_object"
