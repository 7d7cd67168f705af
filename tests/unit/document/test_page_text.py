import unicodedata
import zlib

import pytest
from fontTools.ttLib import TTFont

from blauweknop.document.page_text import PageText, page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, Stream, dictionary
from tests.unit.document.pdf_samples import FONTS, number_of, rewritten, typeset, with_entries


def only_page(document: bytes) -> PageText:
    (page,) = page_text(read_file(document))
    return page


def content_number(document: bytes) -> int:
    file = read_file(document)
    contents = file.dictionary(Reference(number_of(file, "Type", "Page")), "the page")["Contents"]
    assert isinstance(contents, Reference)
    return contents.number


def with_content(change: tuple[bytes, bytes], body: str = "Zin") -> bytes:
    """The letter with its page program changed."""
    number = content_number(typeset(body))
    file = read_file(typeset(body))
    program = file.stream_data(file.stream(Reference(number), "the content"))
    assert change[0] in program
    changed = zlib.compress(program.replace(change[0], change[1], 1))
    return rewritten(typeset(body), {number: Stream(dictionary({"Filter": Name("FlateDecode")}), changed)})


def with_added(program: bytes, body: str = "Zin") -> bytes:
    return with_content((b"/Span<</MCID 0>>BDC", b" " + program + b" /Span<</MCID 0>>BDC"), body)


def problem_codes(document: bytes) -> set[str]:
    return {problem.code for problem in only_page(document).problems}


def with_font(entries: dict[str, PdfObject]) -> bytes:
    return with_entries(typeset("Zin"), number_of(read_file(typeset("Zin")), "Subtype", "Type0"), entries)


def with_characters(section: bytes) -> bytes:
    cmap = b"begincodespacerange <0000> <FFFF> endcodespacerange\n" + section + b"\n"
    file = read_file(typeset("Zin"))
    font = file.dictionary(Reference(number_of(file, "Subtype", "Type0")), "the font")
    listed = font["ToUnicode"]
    assert isinstance(listed, Reference)
    return rewritten(typeset("Zin"), {listed.number: Stream(dictionary({}), cmap)})


def test_content_and_page_header_are_told_apart() -> None:
    page = only_page(typeset("= Kop\nEen zin."))
    assert (page.number, page.content, page.artifacts, page.problems) == (1, "Kop\nEen zin.", "Kop van de bladzijde\nBlad 1", ())


@pytest.mark.parametrize(
    "name",
    [
        "Gəray Şişko",
        "Ẃ ĳ Ĳ ə €",
        "Łukasz Žižek",
        "Müller-Öztürk",
        "Ñ ă ț ğ ı İ",
        "Δημήτρης",
        "Ṣọlá ṍ",
        "Ĳ́ ĳ̈ J́ m̃ x",
        "ṍṍ ṍab",
        "Č̣č̣é é",
        "fi ffi fl",
        "d’Œuvre",
    ],
)
def test_every_letter_comes_back(name: str) -> None:
    assert only_page(typeset(name)).content == name


def test_every_letter_of_our_fonts_comes_back_composed_and_decomposed() -> None:
    known = {code for name in ("NotoSans_400Regular", "AtkinsonHyperlegibleNext_400Regular") for code in _codes_in(name)}
    letters = [chr(code) for code in sorted(known) if unicodedata.category(chr(code)).startswith("L")]
    letters += [apart for letter in letters if (apart := unicodedata.normalize("NFD", letter)) != letter]
    words = [f"a{letter}b{letter}{letter}" for letter in letters]
    cells = ",".join('"' + "".join(f"\\u{{{ord(char):x}}}" for char in word) + '"' for word in words)
    found = "\n".join(page.content for page in page_text(read_file(typeset(f"#table(columns: 6, {cells})"))))
    assert found.split("\n") == words


def _codes_in(name: str) -> list[int]:
    with TTFont(FONTS / f"{name}.ttf") as font:
        return list(font.getBestCmap())


def test_a_word_in_two_fonts_stays_one_word() -> None:
    assert only_page(typeset("Gəray #strong[vet]woord")).content == "Gəray vetwoord"


def test_each_cell_is_a_line_of_its_own() -> None:
    body = "#table(columns: 2, table.header([Naam], [Bedrag]), [De Vries], [€ 1.234,56])"
    assert only_page(typeset(body)).content.splitlines() == ["Naam", "Bedrag", "De Vries", "€ 1.234,56"]


def test_a_broken_line_reads_as_one_sentence() -> None:
    words = "Dit is een zin die veel te lang is om op een regel van een kleine bladzijde te passen, dus hij breekt."
    assert only_page(typeset(words)).content == words


def test_a_word_broken_by_the_typesetter_reads_as_one() -> None:
    word = "Arbeidsongeschiktheidsverzekeringsmaatschappijen"
    assert only_page(typeset(f"#set text(hyphenate: true)\n#box(width: 3cm)[{word}]")).content == word


def test_a_name_with_a_hyphen_gets_no_space_where_the_line_breaks() -> None:
    assert only_page(typeset("#box(width: 2.4cm)[Westerhuis-Oosterhuis]")).content == "Westerhuis-Oosterhuis"


def test_a_chosen_line_break_separates() -> None:
    assert only_page(typeset("Straat 1 \\ 1234 AB Dichtbij")).content.split() == ["Straat", "1", "1234", "AB", "Dichtbij"]


def test_text_far_apart_on_a_line_is_separated() -> None:
    assert only_page(typeset("Naam#h(1fr)Waarde")).content == "Naam Waarde"


def test_a_replacement_text_is_read_instead_of_its_glyphs() -> None:
    document = with_content((b"/Span<</MCID 0>>", b"/Span<</MCID 0/ActualText<FEFF00C9>>>"))
    assert only_page(document).content == "É"


def test_every_page_is_read() -> None:
    found = page_text(read_file(typeset("Een\n#pagebreak()\nTwee")))
    assert [(page.number, page.content) for page in found] == [(1, "Een"), (2, "Twee")]


def _form(program: bytes, more: dict[str, PdfObject] | None = None) -> bytes:
    body = "Zin"
    file = read_file(typeset(body))
    page = file.dictionary(Reference(number_of(file, "Type", "Page")), "the page")
    resources = page["Resources"]
    assert isinstance(resources, Reference)
    new = max(file.objects) + 1
    form = Stream(dictionary({"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": (0, 0, 9, 9), **(more or {})}), program)
    old = file.dictionary(resources, "the resources")
    listed = dictionary({**old, "XObject": dictionary({"x1": Reference(new)})})
    text = file.stream_data(file.stream(page["Contents"], "the content")).replace(b"/Span<</MCID 0>>BDC", b"/Span<</MCID 0>>BDC /x1 Do", 1)
    return rewritten(typeset(body), {new: form, resources.number: listed, content_number(typeset(body)): Stream(dictionary({}), text)})


def test_text_in_a_picture_is_read() -> None:
    assert only_page(_form(b"BT /f0 11 Tf 1 0 0 1 50 300 Tm <0001> Tj ET")).content.endswith("Zin")
    assert only_page(_form(b"BT /f0 11 Tf 1 0 0 1 50 300 Tm <0001> Tj ET")).content != "Zin"


def test_a_picture_that_paints_itself_is_refused() -> None:
    assert problem_codes(_form(b"/x1 Do")) == {"external_content"}


def test_pictures_in_pictures_cannot_take_forever() -> None:
    assert problem_codes(_form(b"/x1 Do " * 30)) == {"external_content"}


def test_a_picture_cannot_close_what_the_page_opened() -> None:
    assert "marked_content" in problem_codes(_form(b"EMC"))


@pytest.mark.parametrize("mode", [b"3 Tr", b"7 Tr"])
def test_invisible_text_is_a_problem(mode: bytes) -> None:
    assert problem_codes(with_content((b"0 Tr", mode), "Zin")) == {"invisible_text"}


@pytest.mark.parametrize("size", [b" 0 Tf", b" 1 Tf", b" .1 Tf"])
def test_text_too_small_to_read_is_a_problem(size: bytes) -> None:
    assert problem_codes(with_content((b" 11 Tf", size))) == {"invisible_text"}


def test_text_made_small_by_its_place_is_a_problem() -> None:
    assert "invisible_text" in problem_codes(with_content((b"q 1 0 0 -1", b"q .01 0 0 -.01")))


@pytest.mark.parametrize("place", [b"q 1 0 0 -1 9000 ", b"q 1 0 0 -1 -5 "])
def test_text_beside_the_paper_is_a_problem(place: bytes) -> None:
    program = with_added(b"/Artifact BMC " + place + b"10 cm BT 0 Tr /f0 11 Tf 1 0 0 -1 0 0 Tm <0001> Tj ET Q EMC")
    assert problem_codes(program) == {"text_off_page"}


def test_text_raised_off_the_paper_is_a_problem() -> None:
    assert problem_codes(with_content((b"0 Tr", b"0 Tr 9000 Ts"))) == {"text_off_page"}


SHOWN = b"BT 0 Tr /f0 11 Tf 1 0 0 1 50 300 Tm <0001> Tj ET"


def test_text_outside_marked_content_is_a_problem() -> None:
    assert problem_codes(with_added(SHOWN)) == {"unmarked_text"}


def test_marked_text_outside_the_structure_is_a_problem() -> None:
    assert problem_codes(with_added(b"/Span BMC " + SHOWN + b" EMC")) == {"unmarked_text"}


@pytest.mark.parametrize("number", [b"99", b"-1", b"(a)"])
def test_marked_content_that_the_structure_does_not_know_is_a_problem(number: bytes) -> None:
    assert problem_codes(with_added(b"/Span<</MCID " + number + b">>BDC " + SHOWN + b" EMC")) == {"structure_tree"}


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (b"BI /W 1 ID x EI", "operator"),
        (b"/f0 11 d0", "operator"),
        (b"Q", "graphics_state"),
        (b"q", "graphics_state"),
        (b"EMC", "marked_content"),
        (b"/Artifact BMC", "marked_content"),
        (b"BMC", "operands"),
        (b"1 Td", "operands"),
        (b"(a) 0 Td", "operands"),
        (b"/f0 Tf", "operands"),
        (b"/nofont 11 Tf", "wrong_type"),
        (b"/nopicture Do", "wrong_type"),
        (b"1 Do", "wrong_type"),
        (b"/Artifact BMC BT <0001> Tj ET EMC", "font"),
        (b"/Artifact BMC BT /f0 11 Tf 1 0 0 1 50 300 Tm <000100> Tj ET EMC", "to_unicode"),
        (b"/Artifact BMC BT /f0 11 Tf 1 0 0 1 50 300 Tm <FFF0> Tj ET EMC", "to_unicode"),
        (b"/Artifact BMC BT /f0 11 Tf [/a] TJ ET EMC", "operands"),
        (b"/Artifact BMC BT /f0 11 Tf 3 TJ ET EMC", "operands"),
        (b"/Span<</ActualText 3>>BDC EMC", "marked_content"),
        (b"/Span<</ActualText(x)>>BDC EMC", "marked_content"),
        (b"<<", "dictionary"),
    ],
)
def test_a_page_program_that_is_not_ours_is_a_problem(program: bytes, code: str) -> None:
    assert code in problem_codes(with_added(program))


@pytest.mark.parametrize("entries", [{"Subtype": Name("Type3")}, {"Encoding": Name("WinAnsiEncoding")}, {"DescendantFonts": ()}])
def test_a_font_that_cannot_be_read_back_is_a_problem(entries: dict[str, PdfObject]) -> None:
    assert problem_codes(with_font(entries)) == {"font"}


def test_a_font_without_its_characters_is_a_problem() -> None:
    number = number_of(read_file(typeset("Zin")), "Subtype", "Type0")
    assert problem_codes(with_entries(typeset("Zin"), number, {}, without=("ToUnicode",))) == {"to_unicode"}


def test_a_font_that_is_not_embedded_is_a_problem() -> None:
    number = number_of(read_file(typeset("Zin")), "Type", "FontDescriptor")
    assert problem_codes(with_entries(typeset("Zin"), number, {}, without=("FontFile2", "FontFile3"))) == {"font"}


@pytest.mark.parametrize(
    "section",
    [
        b"1 beginbfchar\n<0001> <D800>\nendbfchar",
        b"1 beginbfchar\n<0001> <FFFD>\nendbfchar",
        b"1 beginbfchar\n<0001> <E000>\nendbfchar",
        b"1 beginbfchar\n<01> <0041>\nendbfchar",
        b"2 beginbfchar\n<0001> <0041>\n<0001> <0042>\nendbfchar",
        b"1 beginbfrange\n<0001> <0003> [<0041>]\nendbfrange",
        b"1 beginbfrange\n<0001> <0003>\nendbfrange",
        b"/Other usecmap",
        b"",
    ],
)
def test_characters_that_are_not_listed_well_are_a_problem(section: bytes) -> None:
    assert problem_codes(with_characters(section)) == {"to_unicode"}


def test_ranges_of_characters_are_read() -> None:
    section = b"2 beginbfrange\n<0000> <0040> <0041>\n<0041> <0042> [<0061> <00620063>]\nendbfrange"
    assert "to_unicode" not in problem_codes(with_characters(section))


def test_a_document_without_structure_is_refused() -> None:
    number = number_of(read_file(typeset()), "Type", "Catalog")
    with pytest.raises(MalformedPdf):
        page_text(read_file(with_entries(typeset(), number, {}, without=("StructTreeRoot",))))


def test_a_problem_names_the_page_and_no_text() -> None:
    (problem,) = only_page(with_content((b"0 Tr", b"3 Tr"), "Zin")).problems
    assert problem.message.startswith("page 1:")
    assert "Zin" not in problem.message
