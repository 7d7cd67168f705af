"""What a certified document may contain: a list of what is allowed, PROTOCOL 7.5 items 4 to 6.

The seal proves who made the file; these rules keep a deceived or careless source from sealing something that shows one thing
here and another thing there, or that does something when opened. Steps:

1. the catalog, the information and each page have known entries only;
2. every object is reached from the trailer, so that no second version waits in the file;
3. no actions, scripts, forms beside the seal, optional or external content, anywhere;
4. annotations are links to https or mail addresses, links inside the document, or the seal, and stand on a page;
5. fonts and pictures are of the kinds our letters use, pictures within the limit of size;
6. attachments are the ones we name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_parts import Page, annotations, embedded_files, pages
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["ALLOWED_ATTACHMENTS", "PdfProblem", "content_problems"]

ALLOWED_ATTACHMENTS = frozenset({"gegevens.json", "gegevens.sd-jwt", "intrekking.pem", "controlerapport.jws"})


@dataclass(frozen=True, slots=True)
class PdfProblem:
    """One broken rule; `code` is stable, `message` is for engineers and holds no value from the document."""

    code: str
    message: str


def content_problems(file: PdfFile) -> tuple[PdfProblem, ...]:
    """All that is in the file and may not be there; empty when the rules hold. Raises nothing: a broken part is a problem too."""
    problems: dict[PdfProblem, None] = {}
    for rule in (_known_entries, _everything_reached, _annotations_in_order, _attachments_in_order):
        try:
            for problem in rule(file):
                problems[problem] = None
        except MalformedPdf as error:
            problems[PdfProblem(error.code, str(error))] = None
    return tuple(problems)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CATALOG = _words(
    "Type Pages Metadata OutputIntents Lang StructTreeRoot MarkInfo ViewerPreferences Outlines Names AF PageLabels AcroForm Perms"
)
_INFO = _words("Title Author Subject Keywords Creator Producer CreationDate ModDate Trapped")
_PAGE = _words("Type Parent Resources MediaBox CropBox BleedBox TrimBox StructParents Tabs Contents Annots Group")
_NAMES = frozenset({"EmbeddedFiles", "Dests"})
_RESOURCES = _words("ProcSet ColorSpace Font XObject ExtGState Pattern Shading Properties")


def _known_entries(file: PdfFile) -> Iterator[PdfProblem]:
    # 1
    yield from _unknown(file.root, _CATALOG, "catalog_entry", "the catalog")
    if file.root.get("Type") != "Catalog":
        yield PdfProblem("catalog_entry", "the catalog does not say that it is one")
    if file.info is not None:
        yield from _unknown(file.info, _INFO, "info_entry", "the information dictionary")
    if "Names" in file.root:
        yield from _unknown(file.dictionary(file.root["Names"], "the name trees"), _NAMES, "names_entry", "the name trees")
    for page in pages(file):
        yield from _unknown(page.entries, _PAGE, "page_entry", "a page")
        resources = file.dictionary(page.entries.get("Resources"), "the resources of a page")
        yield from _unknown(resources, _RESOURCES, "page_entry", "the resources of a page")
        if "MediaBox" not in page.entries:
            yield PdfProblem("page_entry", "a page does not say its size")


def _unknown(entries: Mapping[str, PdfObject], allowed: frozenset[str], code: str, what: str) -> Iterator[PdfProblem]:
    if not entries.keys() <= allowed:
        yield PdfProblem(code, f"{what} has an entry that our documents do not have")


def _everything_reached(file: PdfFile) -> Iterator[PdfProblem]:
    # 2, and 3 to 5 for each dictionary on the way
    objects = frozenset(map(id, file.objects.values()))
    seen: set[int] = set()
    waiting: list[tuple[PdfObject, PdfDictionary | None, str]] = [(file.trailer, None, "")]
    while waiting:
        value, owner, key = waiting.pop()
        if isinstance(value, Reference):
            if value.number in seen:
                continue
            seen.add(value.number)
            value = file.resolve(value)
        if isinstance(value, tuple):
            waiting.extend((item, owner, key) for item in value if isinstance(item, Reference | tuple | MappingProxyType))
            continue
        entries = value.dictionary if isinstance(value, Stream) else value
        if not isinstance(entries, MappingProxyType):
            continue
        yield from _dictionary_problems(file, entries, owner, key, is_object=id(entries) in objects)
        if isinstance(value, Stream):
            yield from _stream_problems(file, entries)
        waiting.extend((item, entries, name) for name, item in entries.items() if isinstance(item, Reference | tuple | MappingProxyType))
    if len(seen) != len(file.objects):
        yield PdfProblem("unreachable_object", "the file has objects that no part of the document uses")


_REFUSED_KEYS = {
    "AA": "action",
    "OpenAction": "action",
    "JS": "script",
    "JavaScript": "script",
    "Next": "action",
    "XFA": "form",
    "NeedAppearances": "form",
    "OC": "optional_content",
    "OCGs": "optional_content",
    "OCProperties": "optional_content",
    "Ref": "external_content",
    "OPI": "external_content",
    "PS": "external_content",
    "Alternates": "external_content",
    "RichMediaContent": "multimedia",
    "Threads": "catalog_entry",
    "Collection": "catalog_entry",
    "ByteRange": "several_seals",
    "Kids": "field_tree",
    "ActualText": "actual_text",
    "AF": "attachments",
    "EF": "attachments",
}
_ACTIONS = _words(
    "GoTo GoToR GoToE GoToDp Launch Thread URI Sound Movie Hide Named SubmitForm ResetForm ImportData JavaScript "
    "SetOCGState Rendition Trans GoTo3DView RichMediaExecute"
)


def _dictionary_problems(
    file: PdfFile, entries: PdfDictionary, owner: PdfDictionary | None, key: str, *, is_object: bool
) -> Iterator[PdfProblem]:
    for name in entries.keys() & _REFUSED_KEYS.keys():
        if not _expected(file, entries, name, is_object=is_object):
            yield PdfProblem(_REFUSED_KEYS[name], f"the document has an entry /{name} where it may not")
    if (_is_one_of(entries.get("S"), _ACTIONS) and entries.get("Type") != "StructElem") or entries.get("Type") == "Action":
        if owner is None or owner.get("Subtype") != "Link" or key != "A":
            yield PdfProblem("action", "the document has an action outside a link")
        elif not _is_safe_address(entries):
            yield PdfProblem("link_address", "a link leads to something else than an https or mail address")
    if entries.get("Type") == "Font" and entries.get("Subtype") not in ("Type0", "CIDFontType0", "CIDFontType2"):
        yield PdfProblem("font", "a font is of a kind whose text cannot be read back for certain")
    if entries.get("PatternType", 2) != 2:
        yield PdfProblem("pattern", "a pattern paints pictures of its own")
    # /Type may be absent in a graphics state, so that its entries must tell.
    if isinstance(file.resolve(entries.get("Font")), tuple) or isinstance(file.resolve(entries.get("SMask")), MappingProxyType):
        yield PdfProblem("graphics_state", "a graphics state sets a font or a mask")


def _is_one_of(value: PdfObject, words: frozenset[str]) -> bool:
    # A dictionary, which may stand where a name is expected, cannot be looked up in a set.
    return isinstance(value, str) and value in words


def _expected(file: PdfFile, entries: PdfDictionary, name: str, *, is_object: bool) -> bool:
    kind = entries.get("Type")
    match name:
        case "ByteRange":
            return kind == "Sig"
        case "Kids":
            return "FT" not in entries
        case "AF":
            return entries is file.root
        case "EF":
            return kind == "Filespec" and is_object
        case _:
            return name == "Next" and "Title" in entries and "A" not in entries


def _is_safe_address(action: PdfDictionary) -> bool:
    address = action.get("URI")
    if action.get("S") != "URI" or not set(action) <= {"Type", "S", "URI"} or not isinstance(address, bytes):
        return False
    return address.startswith((b"https://", b"mailto:")) and all(0x20 < byte < 0x7F for byte in address)


_STREAM_TYPES = (None, "XObject", "Metadata", "EmbeddedFile", "CMap")
_PACKINGS = (None, "FlateDecode", ("FlateDecode",))


def _stream_problems(file: PdfFile, entries: PdfDictionary) -> Iterator[PdfProblem]:
    # 5
    kind, subtype, packing = entries.get("Type"), entries.get("Subtype"), entries.get("Filter")
    if kind not in _STREAM_TYPES:
        yield PdfProblem("stream_type", "a stream is of a kind that our documents do not have")
    if subtype == "PS" or (kind == "XObject" and subtype not in ("Form", "Image")):
        yield PdfProblem("external_content", "a picture is neither an image nor a form")
    if subtype == "Image":
        width, height = entries.get("Width"), entries.get("Height")
        if type(width) is not int or type(height) is not int or not 0 < width * height <= file.limits.image_pixels:
            yield PdfProblem("image_size", f"an image has no size, or more than {file.limits.image_pixels} points")
    if packing not in _PACKINGS and not (subtype == "Image" and packing in ("DCTDecode", ("DCTDecode",))):
        yield PdfProblem("stream_filter", "a stream is packed in a way that our documents do not use")


_LINK = _words("Type Subtype Rect Border A Dest F StructParent Contents QuadPoints P H")
_WIDGET = _words("Type Subtype FT T TU V Rect F P StructParent")


def _annotations_in_order(file: PdfFile) -> Iterator[PdfProblem]:
    # 4
    on_pages: set[int] = set()
    for page in pages(file):
        for reference in annotations(file, page):
            if reference.number in on_pages:
                raise MalformedPdf("annotation", "an annotation is on two pages")
            on_pages.add(reference.number)
            yield from _annotation_problems(file, page, file.dictionary(reference, "an annotation"))
    for number, value in file.objects.items():
        if isinstance(value, MappingProxyType) and value.get("Type") == "Annot" and number not in on_pages:
            yield PdfProblem("annotation", "an annotation is on no page")


def _annotation_problems(file: PdfFile, page: Page, entries: PdfDictionary) -> Iterator[PdfProblem]:
    match entries.get("Subtype"):
        case "Link":
            yield from _unknown(entries, _LINK, "annotation", "a link")
            if ("A" in entries) == ("Dest" in entries):
                yield PdfProblem("annotation", "a link leads nowhere, or to two places")
        case "Widget":
            yield from _unknown(entries, _WIDGET, "annotation", "a field")
            form = file.dictionary(file.root.get("AcroForm"), "the form")
            fields = file.array(form.get("Fields"), "the fields")
            if len(fields) != 1 or file.resolve(fields[0]) is not entries:
                yield PdfProblem("form", "a field on a page is not the seal")
            if entries.get("P", Reference(page.number)) != Reference(page.number):
                yield PdfProblem("annotation", "the seal names another page than the one it is on")
        case _:
            yield PdfProblem("annotation", "an annotation is neither a link nor the seal")


def _attachments_in_order(file: PdfFile) -> Iterator[PdfProblem]:
    # 6
    attachments = embedded_files(file)
    if not attachments.keys() <= ALLOWED_ATTACHMENTS:
        yield PdfProblem("attachment_name", "the document has an attachment that does not belong there")
    carriers = [value for value in _dictionaries(file) if "EF" in value or value.get("Type") in ("EmbeddedFile", "Filespec")]
    if len(carriers) != 2 * len(attachments):
        yield PdfProblem("attachments", "the document has an attachment that is not in its lists")


def _dictionaries(file: PdfFile) -> Iterator[PdfDictionary]:
    for value in file.objects.values():
        if isinstance(value, Stream):
            yield value.dictionary
        elif isinstance(value, MappingProxyType):
            yield value
