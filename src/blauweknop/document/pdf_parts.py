"""The parts of a document a check asks for: its pages in order and its attachments, each found in one way only."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference
from blauweknop.document.pdf_writing import decode_text

__all__ = ["EmbeddedFile", "Page", "annotations", "embedded_files", "pages"]

MAX_ATTACHMENTS = 16


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `number` is that of its object, not its place."""

    number: int
    entries: PdfDictionary = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """An attachment; `relationship` is its /AFRelationship, such as Data or Alternative (ISO 19005-3, annex E)."""

    content: bytes = field(repr=False)
    mime: str
    relationship: str
    description: str


def pages(file: PdfFile) -> tuple[Page, ...]:
    """The pages in reading order, each once (ISO 32000-1, 7.7.3).

    Raises: MalformedPdf (page_tree, too_many_pages) also when a node of the tree hands properties down to its pages.
    """
    root = file.root.get("Pages")
    if not isinstance(root, Reference):
        raise MalformedPdf("page_tree", "the page tree is not an object of its own")
    if "Parent" in file.dictionary(root, "the page tree"):
        raise MalformedPdf("page_tree", "the page tree begins below its top")
    found: list[Page] = []
    seen: set[int] = set()
    for page in _walk(file, root, None, seen):
        if len(found) == file.limits.pages:
            raise MalformedPdf("too_many_pages", f"there are more than {file.limits.pages} pages")
        found.append(page)
    return tuple(found)


def _walk(file: PdfFile, node: Reference, parent: Reference | None, seen: set[int], depth: int = 0) -> Iterator[Page]:
    if node.number in seen or depth > 50:
        raise MalformedPdf("page_tree", "the page tree has a node twice, or is too deep")
    seen.add(node.number)
    entries = file.dictionary(node, "a node of the page tree")
    if parent is not None and entries.get("Parent") != parent:
        raise MalformedPdf("page_tree", "a page names another parent than the one it has")
    if entries.get("Type") == "Page":
        yield Page(node.number, entries)
        return
    if entries.get("Type") != "Pages" or not set(entries) <= {"Type", "Parent", "Kids", "Count"}:
        raise MalformedPdf("page_tree", "a node of the page tree is neither a page nor a plain list of pages")
    before = len(seen)
    count = 0
    for child in file.array(entries.get("Kids"), "the pages"):
        if not isinstance(child, Reference):
            raise MalformedPdf("page_tree", "a page is not an object of its own")
        for page in _walk(file, child, node, seen, depth + 1):
            count += 1
            yield page
    if entries.get("Count") != count or len(seen) == before:
        raise MalformedPdf("page_tree", "the page tree counts other pages than it has")


def embedded_files(file: PdfFile) -> dict[str, EmbeddedFile]:
    """The attachments by name; the two lists of them in the catalog must name the same ones in the same order.

    Raises: MalformedPdf (attachments).
    """
    names = file.dictionary(file.root.get("Names", MappingProxyType({})), "the name trees")
    tree = file.dictionary(names.get("EmbeddedFiles", MappingProxyType({"Names": ()})), "the attachments")
    listed = file.array(tree.get("Names"), "the names of the attachments")
    if set(tree) != {"Names"} or len(listed) % 2 or len(listed) > 2 * MAX_ATTACHMENTS:
        raise MalformedPdf("attachments", "the attachments are not one plain list of names")
    if listed[1::2] != file.array(file.root.get("AF", ()), "the associated files"):
        raise MalformedPdf("attachments", "the two lists of attachments differ")
    found: dict[str, EmbeddedFile] = {}
    for key, specification in zip(listed[::2], listed[1::2], strict=True):
        name, attachment = _attachment(file, key, file.dictionary(specification, "an attachment"))
        if name in found:
            raise MalformedPdf("attachments", "two attachments have the same name")
        found[name] = attachment
    return found


def _attachment(file: PdfFile, key: PdfObject, specification: PdfDictionary) -> tuple[str, EmbeddedFile]:
    name = specification.get("F")
    if not isinstance(name, bytes) or name != key or specification.get("UF") != name or not name.isascii():
        raise MalformedPdf("attachments", "an attachment has more than one name")
    streams = file.dictionary(specification.get("EF"), "the bytes of an attachment")
    if not set(streams) <= {"F", "UF"} or streams.get("UF", streams.get("F")) != streams.get("F"):
        raise MalformedPdf("attachments", "an attachment has bytes in more than one form")
    stream = file.stream(streams.get("F"), "the bytes of an attachment")
    mime, relationship = stream.dictionary.get("Subtype"), specification.get("AFRelationship")
    description = specification.get("Desc", b"")
    if not isinstance(mime, str) or not isinstance(relationship, str) or not isinstance(description, bytes):
        raise MalformedPdf("attachments", "an attachment does not say what it is")
    content = file.stream_data(stream)
    _compare_parameters(file.dictionary(stream.dictionary.get("Params"), "the size of an attachment"), content)
    return name.decode("ascii"), EmbeddedFile(content, mime, relationship, decode_text(description))


def _compare_parameters(parameters: PdfDictionary, content: bytes) -> None:
    if parameters.get("Size") != len(content):
        raise MalformedPdf("attachments", "an attachment has another size than it says")
    told = parameters.get("CheckSum")
    # MD5 is what ISO 32000-1, 7.11.4 defines here; it protects nothing, the seal does.
    if told is not None and told != hashlib.md5(content, usedforsecurity=False).digest():
        raise MalformedPdf("attachments", "an attachment has another check sum than it says")


def annotations(file: PdfFile, page: Page) -> tuple[Reference, ...]:
    """The annotations of a page, each once. Raises: MalformedPdf (annotation)."""
    found = file.array(page.entries.get("Annots", ()), "the annotations of a page")
    references = tuple(item for item in found if isinstance(item, Reference))
    if len(set(references)) != len(found):
        raise MalformedPdf("annotation", "an annotation is not an object of its own, or is on a page twice")
    return references
