"""What refers to what in one state of a foreign file: looking things up, and walking from one object to all below it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference, Stream

__all__ = ["State", "catalog_of", "dictionary_of", "items_of", "references_in", "resolve"]

State = Mapping[int, PdfObject]


def resolve(state: State, value: PdfObject) -> PdfObject:
    """The object behind a reference, any other value as it is; nothing behind a reference to nowhere (ISO 32000-1, 7.3.10)."""
    return state.get(value.number) if isinstance(value, Reference) else value


def catalog_of(state: State, trailer: PdfDictionary) -> PdfDictionary:
    """The document catalog. Raises: MalformedPdf (wrong_type)."""
    return dictionary_of(state, trailer.get("Root"), "the catalog")


def dictionary_of(state: State, value: PdfObject, what: str) -> PdfDictionary:
    """The dictionary behind this value; `what` names it in the error. Raises: MalformedPdf (wrong_type)."""
    found = resolve(state, value)
    if not isinstance(found, MappingProxyType):
        raise MalformedPdf("wrong_type", f"{what} is not a dictionary")
    return found


def items_of(state: State, value: PdfObject, what: str) -> tuple[PdfObject, ...]:
    """The items of the array behind this value; none when it is absent. Raises: MalformedPdf (wrong_type)."""
    found = resolve(state, value)
    if found is None:
        return ()
    if not isinstance(found, tuple):
        raise MalformedPdf("wrong_type", f"{what} is not an array")
    return found


def references_in(value: PdfObject) -> Iterator[int]:
    """The numbers of all objects that this object refers to itself."""
    waiting: list[PdfObject] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Reference):
            yield item.number
        elif isinstance(item, tuple):
            waiting.extend(item)
        elif isinstance(item, Stream):
            waiting.extend(item.dictionary.values())
        elif isinstance(item, MappingProxyType):
            waiting.extend(item.values())
