"""What is kept and cannot be opened any more, since it was damaged or changed outside of this program: said on pages, and taken away.
What was shared or goes by a link in the form of another version of this program is as what cannot be opened.

Its head may still say which document, sharing, link, connection or proof it was; otherwise only the day of its last change is known.
Figures are made without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import AMSTERDAM, date_in_words
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.document_view import title_and_source
from blauweknop.holder.encryption import CannotOpen
from blauweknop.holder.items import ConnectionItem, CredentialItem, read_head
from blauweknop.holder.kept_documents import KeptDocument, KeptItems, ReadDocuments
from blauweknop.holder.links.items import link_in, link_of
from blauweknop.holder.sharing.requests import request_in, request_of
from blauweknop.holder.vault import ItemHead, Vault
from blauweknop.insight import Remark, RemarkKind
from blauweknop.insight.figures import words

__all__ = ["UnreadableLine", "unreadable_id", "unreadable_lines", "unreadable_remarks"]

_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """One of them, and what is known of it."""

    key: str
    words: str = field(repr=False)


def unreadable_lines(
    vault: Vault, items: KeptItems, documents: Sequence[KeptDocument], catalogue: Catalogue, language: str
) -> tuple[UnreadableLine, ...]:
    """`documents` are those of which the head could be opened and the rest not; who shared something reads first who has it."""
    told = ((head.id, _told_of(head, vault, catalogue, language)) for head in items.others)
    others = sorted((said, item_id) for item_id, said in told if said is not None)
    known = (UnreadableLine(each.key, _document_words(each, catalogue, language)) for each in documents)
    unknown = (UnreadableLine(each.key, _unknown(each.changed_on, language)) for each in items.unreadable if each.changed_on is not None)
    return (*(UnreadableLine(item_id.hex(), said) for (_, said), item_id in others), *known, *unknown)


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
    return item_id if is_key and _is_unreadable(item_id, vault) else None


def _told_of(head: ItemHead, vault: Vault, catalogue: Catalogue, language: str) -> tuple[int, str] | None:
    """What is told of an item of which the head can be opened and the rest not; None for what can be read, and what is told elsewhere."""
    try:
        said = _words_of(head.head, catalogue, language)
    except MalformedValue:
        changed_on = vault.changed_on(head.id)
        return None if changed_on is None else (4, _unknown(changed_on, language))
    return said if said is not None and _is_unreadable(head.id, vault) else None


def _is_unreadable(item_id: bytes, vault: Vault) -> bool:
    try:
        read = vault.read(item_id)
        if read is not None:
            link_of(*read)
            request_of(*read)
    except (CannotOpen, MalformedValue):
        return True
    return False


def _words_of(head: bytes, catalogue: Catalogue, language: str) -> tuple[int, str] | None:
    """What a head says of something that was shared, or serves to fetch or share, after its place in the list; None for all else.

    A question that waits for an answer is all else: nobody has anything by it, and it ends by itself.
    """
    request, link = request_in(head), link_in(head)
    if request is not None and request.state != "open":
        return 0, sentence("holder.unreadable.shared", language, receiver=request.receiver, day=_day(request.expires_at, language))
    if link is not None:
        return 1, sentence("holder.unreadable.shared", language, receiver=link.receiver, day=_day(link.ends_at, language))
    match read_head(head):
        case ConnectionItem() as connection:
            day = _day(connection.begun_at, language)
            return 2, sentence("holder.unreadable.connection", language, source=connection.source_name, day=day)
        case CredentialItem() as credential:
            title = title_and_source(credential.dataset, credential.source_name, catalogue, language)
            return 3, sentence("holder.unreadable.credential", language, title=title, day=_day(credential.kept_at, language))
    return None


def _unknown(changed_on: date, language: str) -> str:
    return sentence("holder.unreadable.item", language, day=date_in_words(changed_on, language))


def _day(moment: datetime, language: str) -> str:
    return date_in_words(moment.astimezone(AMSTERDAM).date(), language)


def _document_words(document: KeptDocument, catalogue: Catalogue, language: str) -> str:
    name = title_and_source(document.item.dataset, document.item.source_name, catalogue, language)
    return f"{name}, {date_in_words(document.item.reference.date(), language)}"
