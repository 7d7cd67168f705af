"""What a signed file of another maker may not hold: what acts by itself, what can be shown or hidden, what lies over a page.

A signature over such a file proves its bytes and not what a person sees. Steps (PROTOCOL 7.5 items 5 and 6):

1. nothing acts: no scripts, no actions but links and going to a page, nothing from outside the file        (active_content)
2. nothing is optional: no layers, no portfolio, no second page tree or catalog that waits in the file       (hidden_content)
3. nothing lies over a page: no fields but signatures, no notes or stamps                                    (form_content)
4. each page once, and all streams within the limits of size                                                 (page_tree, inflate_...)
"""

from collections.abc import Iterator
from types import MappingProxyType

from blauweknop.document.foreign.graph import State, catalog_of, dictionary_of, items_of, references_in, resolve
from blauweknop.document.foreign.revisions import ForeignFile
from blauweknop.document.foreign.signatures import form_fields
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["require_quiet_content"]

MAX_DEPTH = 100


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ACTIVE = _words("AA JS JavaScript Next RichMediaContent RichMediaSettings Ref OPI PS Alternates Threads URLS Renditions Requirements")
_HIDING = _words("OC OCGs OCProperties OCMD Collection AlternatePresentations PresSteps TemplateInstantiated")
_FORM = _words("XFA XFAImages XFAResources")
_ACTIONS = _words(
    "GoTo GoToR GoToE GoToDp Launch Thread URI Sound Movie Hide Named SubmitForm ResetForm ImportData JavaScript SetOCGState Rendition "
    "Trans GoTo3DView RichMediaExecute"
)
# What these words mean where they are ordinary: the next line of an outline, and what an element of the structure refers to.
_ORDINARY = {"Next": "Title", "Ref": "Pg"}
_QUIET_ANNOTATIONS = ("Link", "Widget")


def require_quiet_content(file: ForeignFile) -> None:
    """Raises: MalformedPdf with the code of the first rule that is broken."""
    last = len(file.revisions) - 1
    state, trailer = file.state(last), file.revisions[last].trailer
    catalog = catalog_of(state, trailer)
    # 1, 2, 3
    for value in state.values():
        for entries in _dictionaries(value):
            _require_quiet(state, entries)
    _require_quiet_opening(state, catalog)
    pages = list(_pages(file, state, catalog))
    _require_nothing_waiting(state, trailer)
    for _, entries in form_fields(state, catalog):
        if entries.get("FT") != "Sig":
            raise MalformedPdf("form_content", "the form has a field that is no signature")
    for page in pages:
        for annotation in items_of(state, page.get("Annots"), "the annotations of a page"):
            _require_quiet_annotation(state, dictionary_of(state, annotation, "an annotation"))
    # 4
    for revision in file.revisions:
        for value in revision.objects.values():
            if isinstance(value, Stream):
                _require_small(file, value)


def _dictionaries(value: PdfObject) -> Iterator[PdfDictionary]:
    waiting: list[PdfObject] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Stream):
            item = item.dictionary
        if isinstance(item, MappingProxyType):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, tuple):
            waiting.extend(item)


def _require_quiet(state: State, entries: PdfDictionary) -> None:
    if entries.keys() & _HIDING or entries.get("Type") in ("OCG", "OCMD"):
        raise MalformedPdf("hidden_content", "the file has content that can be shown or hidden")
    if entries.keys() & _FORM or entries.get("NeedAppearances") not in (None, False):
        raise MalformedPdf("form_content", "the file has a form that is drawn by the program that opens it")
    if any(_ORDINARY.get(name) not in entries for name in entries.keys() & _ACTIVE):
        raise MalformedPdf("active_content", "the file has something that acts by itself or comes from elsewhere")
    kind = entries.get("S")
    if entries.get("Type") != "StructElem" and isinstance(kind, str) and kind in _ACTIONS:
        _require_quiet_action(state, entries)


def _require_quiet_action(state: State, entries: PdfDictionary) -> None:
    kind, address = entries.get("S"), resolve(state, entries.get("URI"))
    if kind == "GoTo":
        return
    if kind != "URI" or not isinstance(address, bytes) or not address.lower().startswith((b"https://", b"http://", b"mailto:", b"tel:")):
        raise MalformedPdf("active_content", "the file has an action that is no ordinary link")


def _require_quiet_opening(state: State, catalog: PdfDictionary) -> None:
    opening = resolve(state, catalog.get("OpenAction"))
    if isinstance(opening, MappingProxyType) and opening.get("S") != "GoTo":
        raise MalformedPdf("active_content", "the file does something when it is opened")


def _pages(file: ForeignFile, state: State, catalog: PdfDictionary) -> Iterator[PdfDictionary]:
    seen: set[int] = set()
    found = 0
    waiting: list[tuple[PdfObject, int]] = [(catalog.get("Pages"), 0)]
    while waiting:
        item, depth = waiting.pop()
        if not isinstance(item, Reference) or item.number in seen or depth > MAX_DEPTH:
            raise MalformedPdf("page_tree", "the pages are not a tree with each page once")
        seen.add(item.number)
        entries = dictionary_of(state, item, "a page")
        if entries.get("Type") == "Pages" or "Kids" in entries:
            waiting.extend((kid, depth + 1) for kid in reversed(items_of(state, entries.get("Kids"), "the pages below a node")))
            continue
        found += 1
        if found > file.limits.pages:
            raise MalformedPdf("too_many_pages", f"there are more than {file.limits.pages} pages")
        yield entries
    if not found:
        raise MalformedPdf("page_tree", "the file has no page")


def _require_nothing_waiting(state: State, trailer: PdfDictionary) -> None:
    """No catalog, page or form that the trailer does not lead to; other leftovers do no harm, since nothing can come to use them."""
    reached: set[int] = set()
    waiting = [number for key in ("Root", "Info") for number in references_in(trailer.get(key))]
    while waiting:
        number = waiting.pop()
        if number not in reached and number in state:
            reached.add(number)
            waiting.extend(references_in(state[number]))
    for number in state.keys() - reached:
        value = state[number]
        entries = value.dictionary if isinstance(value, Stream) else value
        if isinstance(entries, MappingProxyType) and (entries.get("Type") in _TREE or entries.keys() & _TREE_KEYS):
            raise MalformedPdf("hidden_content", "the file has pages that no part of the document uses")


_TREE = ("Catalog", "Pages", "Page", "Annot")
_TREE_KEYS = frozenset({"Pages", "Kids", "Contents", "AcroForm", "MediaBox"})


def _require_quiet_annotation(state: State, entries: PdfDictionary) -> None:
    kind = entries.get("Subtype")
    if kind not in _QUIET_ANNOTATIONS:
        raise MalformedPdf("form_content", "a page has a note or another thing over it")
    if kind == "Widget" and entries.get("FT", _inherited_type(state, entries)) != "Sig":
        raise MalformedPdf("form_content", "a page has a field over it that is no signature")
    if kind == "Link" and "AP" in entries:
        raise MalformedPdf("form_content", "a link on a page has a picture of its own over it")


def _inherited_type(state: State, entries: PdfDictionary) -> PdfObject:
    parent = resolve(state, entries.get("Parent"))
    return parent.get("FT") if isinstance(parent, MappingProxyType) else None


def _require_small(file: ForeignFile, stream: Stream) -> None:
    entries = stream.dictionary
    if "F" in entries or "FFilter" in entries:
        raise MalformedPdf("active_content", "a stream takes its bytes from another file")
    if entries.get("Subtype") == "Image":
        width, height = entries.get("Width"), entries.get("Height")
        if isinstance(width, int) and isinstance(height, int) and width * height > file.limits.image_pixels:
            raise MalformedPdf("image_size", f"an image has more than {file.limits.image_pixels} points")
    file.unpacker.measure(stream)
