import pytest

from blauweknop.document.pdf_file import FileLimits, read_file
from blauweknop.document.pdf_parts import embedded_files, pages
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, Stream, dictionary
from tests.unit.document.pdf_samples import entries_of, number_of, rewritten, typeset, with_entries

LONG = "\n".join(f"= Kop {number}\n#pagebreak()" for number in range(4)) + "\nEinde"


def numbers(document: bytes) -> dict[str, int]:
    file = read_file(document)
    return {kind: number_of(file, "Type", kind) for kind in ("Catalog", "Pages", "Page", "Filespec", "EmbeddedFile")}


def pages_code(document: bytes, limits: FileLimits | None = None) -> str:
    with pytest.raises(MalformedPdf) as caught:
        pages(read_file(document, limits))
    return caught.value.code


def files_code(document: bytes) -> str:
    with pytest.raises(MalformedPdf) as caught:
        embedded_files(read_file(document))
    return caught.value.code


def test_pages_come_in_order() -> None:
    file = read_file(typeset(LONG))
    tree = entries_of(file.objects[numbers(typeset(LONG))["Pages"]])
    assert tuple(Reference(page.number) for page in pages(file)) == tree["Kids"]
    assert len(pages(file)) == 5


def test_more_pages_than_the_limit_are_refused() -> None:
    assert pages_code(typeset(LONG), FileLimits(pages=4)) == "too_many_pages"


def test_a_page_tree_that_runs_in_a_circle_is_refused() -> None:
    top = numbers(typeset())["Pages"]
    assert pages_code(with_entries(typeset(), top, {"Kids": (Reference(top),)})) == "page_tree"


@pytest.mark.parametrize("count", [0, 2, -1, 10**9])
def test_a_page_tree_that_counts_wrong_is_refused(count: int) -> None:
    assert pages_code(with_entries(typeset(), numbers(typeset())["Pages"], {"Count": count})) == "page_tree"


def test_a_page_that_is_there_twice_is_refused() -> None:
    found = numbers(typeset())
    page = Reference(found["Page"])
    assert pages_code(with_entries(typeset(), found["Pages"], {"Kids": (page, page), "Count": 2})) == "page_tree"


def test_a_page_with_another_parent_is_refused() -> None:
    found = numbers(typeset())
    assert pages_code(with_entries(typeset(), found["Page"], {"Parent": Reference(found["Catalog"])})) == "page_tree"


def test_a_page_tree_that_hands_down_properties_is_refused() -> None:
    assert pages_code(with_entries(typeset(), numbers(typeset())["Pages"], {"Rotate": 90})) == "page_tree"


def test_an_empty_page_tree_is_refused() -> None:
    assert pages_code(with_entries(typeset(), numbers(typeset())["Pages"], {"Kids": (), "Count": 0})) == "page_tree"


def test_a_page_written_inside_the_tree_is_refused() -> None:
    page = dictionary({"Type": Name("Page")})
    assert pages_code(with_entries(typeset(), numbers(typeset())["Pages"], {"Kids": (page,)})) == "page_tree"


def test_attachments_are_found_by_name() -> None:
    found = embedded_files(read_file(typeset()))
    assert {name: (item.content, item.mime, item.relationship, item.description) for name, item in found.items()} == {
        "gegevens.json": (b"{}", "application/json", "Data", "Gegevens"),
        "gegevens.sd-jwt": (b"a.b.c~", "application/dc+sd-jwt", "Alternative", "Bewijs"),
    }


def test_two_lists_of_attachments_that_differ_are_refused() -> None:
    assert files_code(with_entries(typeset(), numbers(typeset())["Catalog"], {}, without=("AF",))) == "attachments"


@pytest.mark.parametrize(
    "entries",
    [
        {"UF": b"ander.json"},
        {"F": b"ander.json"},
        {"EF": dictionary({})},
        {"AFRelationship": None},
        {"Desc": 3},
        {"F": b"gegeven\xe9", "UF": b"gegeven\xe9"},
    ],
)
def test_an_attachment_that_is_not_clear_is_refused(entries: dict[str, PdfObject]) -> None:
    assert files_code(with_entries(typeset(), numbers(typeset())["Filespec"], entries)) in {"attachments", "wrong_type"}


def test_an_attachment_with_two_contents_is_refused() -> None:
    found = numbers(typeset())
    both = dictionary({"F": Reference(found["EmbeddedFile"]), "UF": Reference(found["EmbeddedFile"] + 1)})
    assert files_code(with_entries(typeset(), found["Filespec"], {"EF": both})) == "attachments"


def test_the_same_attachment_twice_is_refused() -> None:
    file = read_file(typeset())
    found = numbers(typeset())
    one = Reference(found["Filespec"])
    listed = dictionary({"EmbeddedFiles": dictionary({"Names": (b"gegevens.json", one, b"gegevens.json", one)})})
    assert "Names" in file.root
    assert files_code(with_entries(typeset(), found["Catalog"], {"Names": listed, "AF": (one, one)})) == "attachments"


@pytest.mark.parametrize("parameters", [{"Size": 3}, {"Size": 2, "CheckSum": b"x" * 16}])
def test_an_attachment_of_another_size_or_sum_than_it_says_is_refused(parameters: dict[str, PdfObject]) -> None:
    number = numbers(typeset())["EmbeddedFile"]
    stream = read_file(typeset()).stream(Reference(number), "attachment")
    changed = Stream(dictionary({**stream.dictionary, "Params": dictionary(parameters)}), stream.raw)
    assert files_code(rewritten(typeset(), {number: changed})) == "attachments"


def test_a_letter_without_attachments_has_none() -> None:
    bare = with_entries(typeset(), numbers(typeset())["Catalog"], {}, without=("AF", "Names"))
    assert embedded_files(read_file(bare)) == {}
