import time
import zlib
from collections.abc import Callable

import pytest

from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_seal import read_seal
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, Stream, dictionary
from tests.unit.document.pdf_samples import entries_of, number_of, outcome, rewritten, sealed_letter, typeset, with_entries
from tests.unit.document.test_page_text import content_number, only_page, problem_codes, with_added, with_content

PATIENCE = 30.0  # seconds; what these cost unbounded is minutes
TEXT = b"BT 0 Tr /f0 11 Tf 1 0 0 1 50 300 Tm <0001> Tj ET"


def within_patience(work: Callable[[], object]) -> None:
    started = time.process_time()
    work()
    assert time.process_time() - started < PATIENCE


def page_number(document: bytes) -> int:
    return number_of(read_file(document), "Type", "Page")


def with_picture(program: bytes, box: tuple[int, ...], page_program: bytes = b"/x1 Do") -> bytes:
    document = typeset("Zin")
    file = read_file(document)
    page = file.dictionary(Reference(page_number(document)), "the page")
    new = max(file.objects) + 1
    entries: dict[str, PdfObject] = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": box}
    resources = file.dictionary(page["Resources"], "the resources")
    listed = dictionary({**resources, "XObject": dictionary({"x1": Reference(new)})})
    text = file.stream_data(file.stream(page["Contents"], "the content"))
    text = text.replace(b"/Span<</MCID 0>>BDC", b"/Span<</MCID 0>>BDC " + page_program, 1)
    number = content_number(document)
    return rewritten(
        document,
        {new: Stream(dictionary(entries), program), page_number(document): dictionary({**page, "Resources": listed}), number: packed(text)},
    )


def packed(program: bytes) -> Stream:
    return Stream(dictionary({"Filter": Name("FlateDecode")}), zlib.compress(program))


# What a person does not see, though the text is there


def test_text_outside_the_part_of_the_page_that_is_shown_is_a_problem() -> None:
    document = typeset("Zin")
    cropped = with_entries(document, page_number(document), {"CropBox": (0, 0, 400, 100)})
    assert "text_off_page" in problem_codes(cropped)


def test_the_shown_part_of_a_page_may_be_all_of_it() -> None:
    document = typeset("Zin")
    assert problem_codes(with_entries(document, page_number(document), {"CropBox": (0, 0, 600, 800)})) == set()


@pytest.mark.parametrize("mode", [b"3.0 Tr", b"3.5 Tr", b"4 Tr", b"5 Tr", b"6 Tr", b"11 Tr", b"-1 Tr"])
def test_every_way_of_painting_but_the_visible_ones_is_a_problem(mode: bytes) -> None:
    assert problem_codes(with_content((b"0 Tr", mode))) == {"invisible_text"}


@pytest.mark.parametrize("clip", [b"W", b"W*"])
def test_text_that_is_cut_away_by_a_clip_is_a_problem(clip: bytes) -> None:
    assert problem_codes(with_added(b"/Artifact BMC q 0 0 1 1 re " + clip + b" n " + TEXT + b" Q EMC")) == {"invisible_text"}


def test_a_clip_ends_with_its_graphics_state() -> None:
    assert problem_codes(with_added(b"/Artifact BMC q 0 0 1 1 re W n Q " + TEXT + b" EMC")) == set()


def test_text_outside_the_frame_of_its_picture_is_a_problem() -> None:
    assert problem_codes(with_picture(TEXT, (0, 0, 9, 9))) == {"text_off_page"}


def test_text_inside_the_frame_of_its_picture_is_read() -> None:
    assert problem_codes(with_picture(TEXT, (0, 0, 400, 580))) == set()


@pytest.mark.parametrize("squeeze", [b".01 Tz", b"1000 Tz 1 0 0 .001 50 300 Tm"])
def test_letters_squeezed_to_a_hair_are_a_problem(squeeze: bytes) -> None:
    program = TEXT.replace(b"11 Tf 1 0 0 1 50 300 Tm", b"500 Tf 1 0 0 1 50 300 Tm " + squeeze)
    assert "invisible_text" in problem_codes(with_added(b"/Artifact BMC " + program + b" EMC"))


def test_text_that_runs_off_the_paper_is_a_problem() -> None:
    program = TEXT.replace(b"<0001> Tj", b"[<0001> -90000 <0001>] TJ")
    assert problem_codes(with_added(b"/Artifact BMC " + program + b" EMC")) == {"text_off_page"}


# Text that says something else than what is seen


@pytest.mark.parametrize("said", [b"(1)", b"(Z)", b"<FEFF20AC>", b"<FEFF00E900E900E9>", b"<FEFF0663>", b"(-)"])
def test_a_replacement_text_cannot_make_another_text_of_what_is_seen(said: bytes) -> None:
    assert problem_codes(with_content((b"/Span<</MCID 0>>", b"/Span<</MCID 0/ActualText" + said + b">>"))) == {"actual_text"}


def test_a_replacement_text_cannot_hide_digits() -> None:
    number = content_number(typeset("9"))
    program = read_file(typeset("9")).stream_data(read_file(typeset("9")).stream(Reference(number), "the content"))
    changed = program.replace(b"/Span<</MCID 0>>", b"/Span<</MCID 0/ActualText<FEFF00E9>>>", 1)
    assert problem_codes(rewritten(typeset("9"), {number: packed(changed)})) == {"actual_text"}


def test_a_covered_range_begins_with_a_number() -> None:
    document = sealed_letter()
    number = number_of(read_file(document), "Type", "Sig")
    covered = read_seal(read_file(document)).byte_range
    with pytest.raises(MalformedPdf, match="four numbers"):
        read_seal(read_file(with_entries(document, number, {"ByteRange": (False, *covered[1:])})))


# Reasons in place of foreign exceptions


def test_a_stream_of_endless_length_is_refused() -> None:
    document = typeset("Zin")
    start = document.index(b"/Length ")
    end = document.index(b"/", start + 1)
    assert outcome(document[:start] + b"/Length 99999999999999999999999999999999\n" + document[end:]) == "stream_length"


@pytest.mark.parametrize("value", [dictionary({}), (dictionary({}),), Name("P"), 1])
def test_a_dictionary_where_a_name_is_expected_is_no_crash(value: PdfObject) -> None:
    document = typeset("Zin")
    number = number_of(read_file(document), "Type", "Page")
    content_problems(read_file(with_entries(document, number, {"S": value})))
    file = read_file(document)
    elements = [number for number, item in file.objects.items() if entries_of(item).get("Type") == "StructElem"]
    broken = rewritten(document, {number: dictionary({**entries_of(file.objects[number]), "S": value}) for number in elements})
    assert elements
    only_page(broken)


# Files that ask for endless work


def test_a_picture_painted_over_and_over_cannot_take_forever() -> None:
    document = with_picture(b"[" + b"0 " * 400_000 + b"] d", (0, 0, 9, 9), b"/x1 Do " * 2000)
    found: set[str] = set()
    within_patience(lambda: found.update(problem_codes(document)))
    assert "too_many_operations" in found


def test_widths_given_over_and_over_cannot_take_forever() -> None:
    document = typeset("Zin")
    number = number_of(read_file(document), "Subtype", "CIDFontType2")
    wide = with_entries(document, number, {"W": (0, 65535, 500) * 20_000})
    within_patience(lambda: page_text(read_file(wide)))
    assert problem_codes(wide) == {"font"}


def test_lists_of_characters_without_end_cannot_take_forever() -> None:
    document = typeset("Zin")
    cmap = b"begincodespacerange <0000> <FFFF> endcodespacerange\n" + b"1 beginbfchar\n" * 60_000
    new = max(read_file(document).objects) + 1
    number = number_of(read_file(document), "Subtype", "Type0")
    font = dictionary({**read_file(document).dictionary(Reference(number), "the font"), "ToUnicode": Reference(new)})
    broken = rewritten(document, {number: font, new: Stream(dictionary({}), cmap)})
    within_patience(lambda: page_text(read_file(broken)))
    assert problem_codes(broken) == {"to_unicode"}


@pytest.mark.parametrize("last", [b"<D7F0>", b"<DFF0>", b"<FFF0>"])
def test_a_range_of_characters_cannot_end_in_what_means_nothing(last: bytes) -> None:
    document = typeset("Zin")
    cmap = b"begincodespacerange <0000> <FFFF> endcodespacerange\n1 beginbfrange\n<0001> <0040> " + last + b"\nendbfrange\n"
    new = max(read_file(document).objects) + 1
    number = number_of(read_file(document), "Subtype", "Type0")
    font = dictionary({**read_file(document).dictionary(Reference(number), "the font"), "ToUnicode": Reference(new)})
    codes = problem_codes(rewritten(document, {number: font, new: Stream(dictionary({}), cmap)}))
    assert codes == {"to_unicode"}


def test_a_heap_of_fonts_cannot_take_forever() -> None:
    document = typeset("Zin")
    file = read_file(document)
    page = file.dictionary(Reference(page_number(document)), "the page")
    resources = file.dictionary(page["Resources"], "the resources")
    font = file.dictionary(file.dictionary(resources["Font"], "the fonts")["f0"], "the font")
    fonts = {f"f{number}": dictionary(font) for number in range(5000)}
    changed = dictionary({**page, "Resources": dictionary({**resources, "Font": dictionary(fonts)})})
    text = b"".join(b"/f%d 1 Tf " % number for number in range(5000))
    heap = rewritten(document, {page_number(document): changed, content_number(document): packed(text)})
    within_patience(lambda: page_text(read_file(heap)))
    assert problem_codes(heap) == {"font"}


def test_a_heap_of_attachments_cannot_take_forever() -> None:
    document = typeset("Zin")
    file = read_file(document)
    number = number_of(file, "Type", "Filespec")
    specification = file.dictionary(Reference(number), "the attachment")
    first = max(file.objects) + 1
    specs = {first + count: dictionary({**specification, "F": b"%d" % count, "UF": b"%d" % count}) for count in range(8000)}
    names: list[PdfObject] = []
    for reference, entries in specs.items():
        names += [entries["F"], Reference(reference)]
    catalog = number_of(file, "Type", "Catalog")
    root = dictionary({**file.root, "AF": tuple(names[1::2]), "Names": dictionary({"EmbeddedFiles": dictionary({"Names": tuple(names)})})})
    heap = rewritten(document, {**specs, catalog: root})
    within_patience(lambda: content_problems(read_file(heap)))
    assert outcome(sealed_letter(heap)) in ("attachments", "attachment_name", "unreachable_object")


def test_an_annotation_on_every_page_is_told_once() -> None:
    document = typeset('#link("https://a.example")[Een]\n' + "#pagebreak()\nTwee\n" * 30)
    file = read_file(document)
    first = max(file.objects) + 1
    link = file.dictionary(Reference(number_of(file, "Subtype", "Link")), "the link")
    links = {first + count: dictionary(link) for count in range(3000)}
    everywhere = tuple(Reference(number) for number in links)
    on_pages = {
        number: dictionary({**entries_of(entries), "Annots": everywhere})
        for number, entries in file.objects.items()
        if entries_of(entries).get("Type") == "Page"
    }
    heap = rewritten(document, {**links, **on_pages})
    within_patience(lambda: content_problems(read_file(heap)))
    assert "annotation" in {problem.code for problem in content_problems(read_file(heap))}
