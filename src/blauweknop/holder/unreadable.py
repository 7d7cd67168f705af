"""What is kept and cannot be opened any more, since it was damaged or changed outside of this program: said on pages, and taken away.

Of a document its head may still say which it was; of something else only the day of its last change is known. Figures are made without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import date_in_words
from blauweknop.holder.document_view import title_and_source
from blauweknop.holder.kept_documents import KeptDocument, KeptItems, ReadDocuments
from blauweknop.holder.vault import Vault
from blauweknop.insight import Remark, RemarkKind
from blauweknop.insight.figures import words

__all__ = ["UnreadableLine", "unreadable_id", "unreadable_lines", "unreadable_remarks"]

_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """One of them: what is known of it, and whether it is a document, which can be fetched again."""

    key: str
    words: str = field(repr=False)
    is_document: bool


def unreadable_lines(
    items: KeptItems, documents: Sequence[KeptDocument], catalogue: Catalogue, language: str
) -> tuple[UnreadableLine, ...]:
    """`documents` are those of which the head could be opened and the rest not."""
    known = (UnreadableLine(each.key, _document_words(each, catalogue, language), True) for each in documents)
    unknown = (
        UnreadableLine(each.key, sentence("holder.unreadable.item", language, day=date_in_words(each.changed_on, language)), False)
        for each in items.unreadable
        if each.changed_on is not None
    )
    return (*known, *unknown)


def unreadable_remarks(items: KeptItems, read: ReadDocuments, catalogue: Catalogue) -> Iterator[Remark]:
    """So that whoever takes figures along reads what is not in them, or may be not."""
    for item in items.unreadable:
        if item.changed_on is not None:
            yield Remark(RemarkKind.UNREADABLE, words("holder.unreadable.item.remark", day=item.changed_on))
    for document in read.unreadable:
        dataset = catalogue.datasets.get(document.item.dataset)
        said = words(
            "holder.unreadable.remark", title=dataset.title if dataset else document.item.dataset, source=document.item.source_name
        )
        yield Remark(RemarkKind.UNREADABLE, said, dataset=document.item.dataset)


def unreadable_id(vault: Vault, key: str) -> bytes | None:
    """The id of an item of this account that cannot be opened."""
    try:
        item_id = bytes.fromhex(key)
    except ValueError:
        return None
    is_key = len(item_id) == _KEY_BYTES and item_id.hex() == key
    return item_id if is_key and vault.is_unreadable(item_id) else None


def _document_words(document: KeptDocument, catalogue: Catalogue, language: str) -> str:
    name = title_and_source(document.item.dataset, document.item.source_name, catalogue, language)
    return f"{name}, {date_in_words(document.item.reference.date(), language)}"
