import pytest

from blauweknop.document.pdf_file import FileLimits, PdfFile, read_file
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_syntax import Name, PdfObject, Reference, Stream, dictionary
from tests.unit.document.pdf_samples import number_of, rewritten, sealed_letter, typeset, with_entries

CATALOG = ("Type", "Catalog")
PAGE = ("Type", "Page")
LINK = ("Subtype", "Link")


def codes(document: bytes, limits: FileLimits | None = None) -> set[str]:
    return {problem.code for problem in content_problems(read_file(document, limits))}


def changed(kind: tuple[str, str], entries: dict[str, PdfObject], *, without: tuple[str, ...] = ()) -> bytes:
    return with_entries(typeset(), number_of(read_file(typeset()), *kind), entries, without=without)


def added(kind: tuple[str, str], key: str, value: PdfObject) -> bytes:
    """The letter with a new object that one entry points to."""
    file = read_file(typeset())
    new = max(file.objects) + 1
    old = file.dictionary(Reference(number_of(file, *kind)), "the owner")
    return rewritten(typeset(), {new: value, number_of(file, *kind): dictionary({**old, key: Reference(new)})})


def with_annotation(entries: dict[str, PdfObject]) -> bytes:
    file = read_file(typeset())
    new = max(file.objects) + 1
    page = number_of(file, *PAGE)
    old = file.dictionary(Reference(page), "the page")
    annotations = file.array(old["Annots"], "annotations")
    return rewritten(
        typeset(),
        {
            new: dictionary({"Type": Name("Annot"), "Rect": (0, 0, 9, 9), **entries}),
            page: dictionary({**old, "Annots": (*annotations, Reference(new))}),
        },
    )


def with_resource(kind: str, value: PdfObject) -> bytes:
    file = read_file(typeset())
    page = file.dictionary(Reference(number_of(file, *PAGE)), "the page")
    resources = page["Resources"]
    assert isinstance(resources, Reference)
    new = max(file.objects) + 1
    old = file.dictionary(resources, "the resources")
    listed = dictionary({"x1": Reference(new)})
    return rewritten(typeset(), {new: value, resources.number: dictionary({**old, kind: listed})})


def test_a_letter_of_ours_has_no_problems() -> None:
    assert content_problems(read_file(typeset())) == ()


def test_a_sealed_letter_has_no_problems() -> None:
    assert content_problems(read_file(sealed_letter())) == ()


ACTION = dictionary({"S": Name("JavaScript"), "JS": b"app.alert(1)"})


@pytest.mark.parametrize(
    ("kind", "entries", "code"),
    [
        (CATALOG, {"OpenAction": ACTION}, "catalog_entry"),
        (CATALOG, {"OpenAction": ACTION}, "action"),
        (CATALOG, {"OpenAction": ACTION}, "script"),
        (CATALOG, {"AA": dictionary({"WC": ACTION})}, "action"),
        (CATALOG, {"OCProperties": dictionary({})}, "optional_content"),
        (CATALOG, {"Version": Name("2.0")}, "catalog_entry"),
        (CATALOG, {"Extensions": dictionary({})}, "catalog_entry"),
        (CATALOG, {"Collection": dictionary({})}, "catalog_entry"),
        (CATALOG, {"Names": dictionary({"JavaScript": dictionary({"Names": (b"x", ACTION)})})}, "names_entry"),
        (CATALOG, {"AcroForm": dictionary({"Fields": (), "XFA": ()})}, "form"),
        (CATALOG, {"AcroForm": dictionary({"Fields": (), "NeedAppearances": True})}, "form"),
        (CATALOG, {"Type": Name("Other")}, "catalog_entry"),
        (PAGE, {"AA": dictionary({"O": ACTION})}, "page_entry"),
        (PAGE, {"Rotate": 90}, "page_entry"),
        (PAGE, {"UserUnit": 2}, "page_entry"),
        (PAGE, {"Annots": (dictionary({"Subtype": Name("Link")}),)}, "annotation"),
        (LINK, {"A": dictionary({"S": Name("Launch"), "F": b"x.exe"})}, "link_address"),
        (LINK, {"A": dictionary({"S": Name("GoToR"), "F": b"x.pdf"})}, "link_address"),
        (LINK, {"A": dictionary({"S": Name("SubmitForm"), "F": b"https://example.nl"})}, "link_address"),
        (LINK, {"A": dictionary({"S": Name("URI"), "URI": b"http://example.nl"})}, "link_address"),
        (LINK, {"A": dictionary({"S": Name("URI"), "URI": b"javascript:alert(1)"})}, "link_address"),
        (LINK, {"A": dictionary({"S": Name("URI"), "URI": b"https://example.nl/\n"})}, "link_address"),
        (LINK, {"A": dictionary({"S": Name("URI"), "URI": b"https://a.nl", "Next": ACTION})}, "link_address"),
        (LINK, {"A": dictionary({"S": Name("URI"), "URI": b"https://a.nl", "Next": ACTION})}, "action"),
        (LINK, {"PA": dictionary({"S": Name("URI"), "URI": b"https://a.nl"})}, "action"),
        (LINK, {"AP": dictionary({})}, "annotation"),
        (LINK, {"OC": dictionary({})}, "optional_content"),
        (LINK, {"Dest": (Reference(1), Name("Fit"))}, "annotation"),
        (("S", "P"), {"ActualText": b"iets anders"}, "actual_text"),
        (("S", "P"), {"AF": ()}, "attachments"),
        (("Subtype", "Type0"), {"Subtype": Name("Type3")}, "font"),
        (("Type", "Filespec"), {"F": b"ander.json", "UF": b"ander.json"}, "attachments"),
    ],
)
def test_what_may_not_be_in_a_document_is_named(kind: tuple[str, str], entries: dict[str, PdfObject], code: str) -> None:
    assert code in codes(changed(kind, entries))


@pytest.mark.parametrize(
    "subtype",
    ["FileAttachment", "Screen", "RichMedia", "Movie", "3D", "Sound", "Text", "FreeText", "Stamp", "Popup", "Redact", "Highlight"],
)
def test_an_annotation_that_is_no_link_is_refused(subtype: str) -> None:
    assert "annotation" in codes(with_annotation({"Subtype": Name(subtype)}))


def test_a_second_field_is_refused() -> None:
    file = read_file(sealed_letter())
    page = number_of(file, *PAGE)
    old = file.dictionary(Reference(page), "the page")
    new = max(file.objects) + 1
    field = dictionary({"Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Tx"), "Rect": (0, 0, 9, 9), "T": b"x"})
    annotations = (*file.array(old["Annots"], "annotations"), Reference(new))
    assert "form" in codes(rewritten(sealed_letter(), {new: field, page: dictionary({**old, "Annots": annotations})}))


def test_an_annotation_on_no_page_is_refused() -> None:
    note = dictionary({"Type": Name("Annot"), "Subtype": Name("Link"), "Dest": (Reference(1), Name("Fit"))})
    assert "annotation" in codes(added(("S", "P"), "Ref2", note))


def test_an_object_nothing_points_to_is_refused() -> None:
    new = max(read_file(typeset()).objects) + 1
    assert codes(rewritten(typeset(), {new: dictionary({"Type": Name("Page")})})) == {"unreachable_object"}


def test_an_attachment_with_another_name_is_refused() -> None:
    name = b"factuur.xml"
    changes: dict[int, PdfObject] = {}
    file = read_file(typeset())
    specification = number_of(file, "Type", "Filespec")
    changes[specification] = dictionary({**file.dictionary(Reference(specification), "file"), "F": name, "UF": name})
    listed = file.array(file.root["AF"], "files")
    names = dictionary({"EmbeddedFiles": dictionary({"Names": (name, listed[0], b"gegevens.sd-jwt", listed[1])})})
    changes[number_of(file, *CATALOG)] = dictionary({**file.root, "Names": names})
    assert codes(rewritten(typeset(), changes)) == {"attachment_name"}


def test_an_attachment_outside_the_lists_is_refused() -> None:
    hidden = dictionary({"Type": Name("Filespec"), "F": b"x", "EF": dictionary({})})
    assert "attachments" in codes(added(("S", "P"), "FS", hidden))


def test_an_attachment_written_inside_another_object_is_refused() -> None:
    hidden = dictionary({"Type": Name("Filespec"), "F": b"x", "EF": dictionary({})})
    assert "attachments" in codes(changed(("S", "P"), {"FS": hidden}))


IMAGE: dict[str, PdfObject] = {"Type": Name("XObject"), "Subtype": Name("Image"), "Width": 1, "Height": 1}


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("XObject", Stream(dictionary({"Type": Name("XObject"), "Subtype": Name("PS")}), b""), "external_content"),
        ("XObject", Stream(dictionary({"Subtype": Name("PS")}), b""), "external_content"),
        ("XObject", Stream(dictionary({"Subtype": Name("Form"), "Ref": dictionary({})}), b""), "external_content"),
        ("XObject", Stream(dictionary({**IMAGE, "Alternates": ()}), b""), "external_content"),
        ("XObject", Stream(dictionary({**IMAGE, "Width": 10**5, "Height": 501}), b""), "image_size"),
        ("XObject", Stream(dictionary({"Subtype": Name("Image")}), b""), "image_size"),
        ("XObject", Stream(dictionary({**IMAGE, "Filter": Name("JBIG2Decode")}), b""), "stream_filter"),
        ("XObject", Stream(dictionary({"Subtype": Name("Form"), "Filter": Name("DCTDecode")}), b""), "stream_filter"),
        ("XObject", Stream(dictionary({"Type": Name("Unknown")}), b""), "stream_type"),
        ("Pattern", Stream(dictionary({"PatternType": 1}), b""), "pattern"),
        ("ExtGState", dictionary({"Font": (Reference(1), 10)}), "graphics_state"),
        ("ExtGState", dictionary({"SMask": dictionary({"S": Name("Alpha")})}), "graphics_state"),
        ("XObject", Stream(dictionary({"Subtype": Name("Form"), "OC": dictionary({})}), b""), "optional_content"),
    ],
)
def test_a_picture_or_state_that_could_deceive_is_refused(kind: str, value: PdfObject, code: str) -> None:
    assert code in codes(with_resource(kind, value))


def test_a_plain_image_is_allowed() -> None:
    assert codes(with_resource("XObject", Stream(dictionary({**IMAGE, "Filter": Name("DCTDecode")}), b""))) == set()


def test_a_link_to_a_mail_address_is_allowed() -> None:
    assert codes(changed(LINK, {"A": dictionary({"S": Name("URI"), "URI": b"mailto:info@example.nl"})})) == set()


def test_a_broken_reference_is_a_problem_and_no_crash() -> None:
    assert "missing_object" in codes(changed(("S", "P"), {"Pg": Reference(9999)}))


def test_all_problems_are_told_and_not_only_the_first() -> None:
    document = changed(CATALOG, {"OCProperties": dictionary({}), "AA": dictionary({})})
    assert codes(document) >= {"catalog_entry", "optional_content", "action"}


def test_a_problem_holds_no_value_of_the_document() -> None:
    file: PdfFile = read_file(changed(LINK, {"A": dictionary({"S": Name("URI"), "URI": b"http://900012345.example"})}))
    assert "900012345" not in " ".join(problem.message for problem in content_problems(file))
