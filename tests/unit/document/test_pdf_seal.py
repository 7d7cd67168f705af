import pytest

from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_seal import read_seal, sealed_digest
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, dictionary
from tests.unit.document.pdf_samples import (
    CMS_SIZE,
    number_of,
    outcome,
    replaced,
    resigned,
    sealed_letter,
    stand_in_cms,
    typeset,
    with_entries,
)


def code_of(document: bytes) -> str:
    with pytest.raises(MalformedPdf) as caught:
        read_seal(read_file(document))
    return caught.value.code


def changed(kind: tuple[str, str], entries: dict[str, PdfObject], *, without: tuple[str, ...] = ()) -> bytes:
    """The sealed sample with one dictionary changed before sealing would see it; coverage is then wrong, but judged last."""
    document = sealed_letter()
    return with_entries(document, number_of(read_file(document), *kind), entries, without=without)


SIGNATURE = ("Type", "Sig")
FIELD = ("FT", "Sig")
CATALOG = ("Type", "Catalog")


def test_the_seal_says_what_was_sealed() -> None:
    file = read_file(sealed_letter())
    seal = read_seal(file)
    assert (seal.name, seal.reason, seal.location, seal.sub_filter) == (
        "Gemeente Dichtbij",
        "Gewaarmerkt document",
        None,
        "ETSI.CAdES.detached",
    )
    assert seal.moment == "D:20261103093000+00'00'"


def test_the_seal_covers_all_but_itself() -> None:
    file = read_file(sealed_letter())
    seal = read_seal(file)
    assert seal.covered_end == len(file.data)
    assert seal.cms == stand_in_cms(sealed_digest(file, seal))
    assert seal.contents_span[1] - seal.contents_span[0] == 2 * CMS_SIZE + 2


def test_a_letter_without_seal_has_its_own_code() -> None:
    assert code_of(typeset()) == "no_seal"


def test_a_form_without_fields_has_no_seal() -> None:
    assert code_of(changed(CATALOG, {"AcroForm": dictionary({"Fields": (), "SigFlags": 3})})) == "no_seal"


def test_an_empty_field_is_no_seal() -> None:
    assert code_of(changed(FIELD, {}, without=("V",))) == "no_seal"


def test_two_fields_are_refused() -> None:
    number = number_of(read_file(sealed_letter()), *FIELD)
    form = dictionary({"Fields": (Reference(number), Reference(1)), "SigFlags": 3})
    assert code_of(changed(CATALOG, {"AcroForm": form})) == "several_seals"


@pytest.mark.parametrize("entry", [{"Type": Name("Sig")}, {"Type": Name("DocTimeStamp")}, {"ByteRange": ()}, {"SubFilter": Name("x")}])
def test_another_signature_in_the_file_is_refused(entry: dict[str, PdfObject]) -> None:
    assert code_of(changed(("Type", "OutputIntent"), entry)) == "several_seals"


@pytest.mark.parametrize("extra", [{"NeedAppearances": True}, {"XFA": ()}, {"DR": dictionary({})}, {"SigFlags": 1}])
def test_a_form_with_more_than_the_seal_is_refused(extra: dict[str, PdfObject]) -> None:
    number = number_of(read_file(sealed_letter()), *FIELD)
    form = dictionary({"Fields": (Reference(number),), "SigFlags": 3, **extra})
    assert code_of(changed(CATALOG, {"AcroForm": form})) == "form"


@pytest.mark.parametrize("entries", [{"FT": Name("Tx")}, {"AP": dictionary({})}, {"Kids": ()}, {"Lock": dictionary({})}])
def test_a_field_that_is_not_a_plain_signature_is_refused(entries: dict[str, PdfObject]) -> None:
    assert code_of(changed(FIELD, entries)) == "form"


@pytest.mark.parametrize("permissions", [dictionary({}), dictionary({"DocMDP": Reference(1)}), dictionary({"UR3": Reference(1)})])
def test_a_seal_that_is_not_the_certification_is_refused(permissions: PdfObject) -> None:
    assert code_of(changed(CATALOG, {"Perms": permissions})) == "certification"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/P 1 /V /1.2", b"/P 2 /V /1.2"),
        (b"/P 1 /V /1.2", b"/P 1 /V /1.3"),
        (b"Method /DocMDP", b"Method /FieldM"),
        (b"/Reference [", b"/Reverence ["),
    ],
)
def test_a_certification_that_is_not_ours_is_refused(old: bytes, new: bytes) -> None:
    assert code_of(resigned(replaced(sealed_letter(), old, new))) in {"certification", "wrong_type"}


@pytest.mark.parametrize(
    "entries",
    [{"Cert": b"x"}, {"SubFilter": Name("adbe.pkcs7.detached")}, {"Filter": Name("Other")}, {"Changes": (1, 2, 3)}, {"Type": None}],
)
def test_a_signature_of_another_kind_is_refused(entries: dict[str, PdfObject]) -> None:
    assert code_of(changed(SIGNATURE, entries)) == "seal_form"


@pytest.mark.parametrize(
    "value", [None, (), (0, 1, 2), (0, 1, 2, 3, 4), (0, -1, 2, 3), (0, 1.0, 2, 3), b"0 1 2 3", (0, Reference(1), 2, 3)]
)
def test_a_byte_range_that_is_not_four_numbers_is_refused(value: PdfObject) -> None:
    assert code_of(changed(SIGNATURE, {"ByteRange": value})) == "byte_range"


def _with_range(document: bytes, shift: tuple[int, int, int, int]) -> bytes:
    seal = read_seal(read_file(document))
    old = b"[0 %d %d %d" % seal.byte_range[1:]
    new = b"[%d %d %d %d" % tuple(value + by for value, by in zip(seal.byte_range, shift, strict=True))
    return replaced(document, old, new)


@pytest.mark.parametrize(
    "shift", [(1, 0, 0, 0), (0, 1, 0, 0), (0, -1, 0, 0), (0, 0, 1, 0), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, 0, -1), (0, 0, 1, -1)]
)
def test_a_byte_range_that_leaves_a_byte_out_is_refused(shift: tuple[int, int, int, int]) -> None:
    assert code_of(_with_range(sealed_letter(), shift)) == "seal_coverage"


def _with_contents(change: tuple[bytes, bytes]) -> bytes:
    document = sealed_letter()
    start, end = read_seal(read_file(document)).contents_span
    contents = document[start:end]
    assert change[0] in contents
    return document[:start] + contents.replace(*change, 1) + document[end:]


@pytest.mark.parametrize(
    "change",
    [
        (b"00>", b"01>"),
        (b"0000>", b"00  >"),
        (b"<3022", b"<3122"),
        (b"<3022", b"<3023"),
        (b"<3022", b"<3021"),
        (b"<3022", b"<3080"),
        (b"<30220420", b"<3081220a"),
        (b"000000>", b"aA0000>"),
    ],
)
def test_contents_that_are_not_one_der_value_and_zeros_are_not_accepted(change: tuple[bytes, bytes]) -> None:
    assert outcome(_with_contents(change)) in {"contents", "digest"}


def test_contents_as_a_literal_string_are_refused() -> None:
    document = sealed_letter()
    start, end = read_seal(read_file(document)).contents_span
    literal = b"(" + b"a" * (end - start - 2) + b")"
    assert code_of(document[:start] + literal + document[end:]) == "contents"


def test_contents_twice_are_refused() -> None:
    document = sealed_letter()
    with pytest.raises(MalformedPdf, match="same key twice"):
        read_file(replaced(document, b"/Reason (Gewaarmerkt document)", b"/Contents <00> /Reas (Gewa)   "))
