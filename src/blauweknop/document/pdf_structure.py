"""The structure tree as far as text needs it: which block a piece of marked content belongs to (ISO 32000-1, 14.7 and 14.8.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_syntax import MalformedPdf, PdfArray, PdfDictionary, PdfObject, Reference

__all__ = ["Structure", "read_structure"]

MAX_DEPTH = 100
_INLINE = frozenset({"Span", "Link", "Quote", "Code", "Reference", "Note", "BibEntry", "Annot"})
_HOLDS_TEXT = frozenset({"P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "TD", "TH", "Lbl", "LBody", "Caption", "BlockQuote"}) | _INLINE


@dataclass(frozen=True, slots=True)
class Structure:
    """The tree of a document; `parents` gives for each page or picture the element of each piece of its content."""

    file: PdfFile
    parents: Mapping[int, PdfArray] = field(repr=False)
    roles: Mapping[str, PdfObject] = field(repr=False)
    _blocks: dict[Reference, int] = field(default_factory=dict, repr=False)

    def block(self, owner: PdfObject, content_id: PdfObject) -> int:
        """The object number of the paragraph, heading or cell that this content is part of.

        `owner` is the /StructParents of the page or picture, `content_id` the /MCID.
        Raises: MalformedPdf (structure_tree) when the tree does not know it.
        """
        found = self.parents.get(owner) if type(owner) is int else None
        if found is None or type(content_id) is not int or not 0 <= content_id < len(found):
            raise MalformedPdf("structure_tree", "content of a page is not in the structure tree")
        known = found[content_id]
        if not isinstance(known, Reference):
            raise MalformedPdf("structure_tree", "an element of the structure is not an object of its own")
        if known not in self._blocks:
            self._blocks[known] = self._climb(known)
        return self._blocks[known]

    def _climb(self, known: Reference) -> int:
        element: PdfObject = known
        for _ in range(MAX_DEPTH):
            entries = self.file.dictionary(element, "an element of the structure")
            parent = entries.get("P")
            if self._role(entries) not in _INLINE or self._role(self.file.dictionary(parent, "a parent")) not in _HOLDS_TEXT:
                break
            element = parent
        if not isinstance(element, Reference):
            raise MalformedPdf("structure_tree", "an element of the structure is not an object of its own")
        return element.number

    def _role(self, entries: PdfDictionary) -> str:
        role = entries.get("S")
        mapped = self.roles.get(role, role) if isinstance(role, str) else None
        if not isinstance(mapped, str):
            raise MalformedPdf("structure_tree", "an element of the structure does not say what it is")
        return mapped


def read_structure(file: PdfFile) -> Structure:
    """The structure tree of the document. Raises: MalformedPdf (structure_tree, wrong_type)."""
    tree = file.dictionary(file.root.get("StructTreeRoot"), "the structure tree")
    listed = file.dictionary(tree.get("ParentTree"), "the parent tree")
    numbers = file.array(listed.get("Nums"), "the parent tree")
    if set(listed) != {"Nums"} or len(numbers) % 2:
        raise MalformedPdf("structure_tree", "the parent tree is not one list")
    parents: dict[int, PdfArray] = {}
    for key, value in zip(numbers[::2], numbers[1::2], strict=True):
        if type(key) is not int or key in parents:
            raise MalformedPdf("structure_tree", "the parent tree has a key twice or without a number")
        elements = file.resolve(value)
        parents[key] = elements if isinstance(elements, tuple) else (value,)
    return Structure(file, parents, file.dictionary(tree.get("RoleMap", MappingProxyType({})), "the role map"))
