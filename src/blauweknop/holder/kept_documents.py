"""The documents of an account as figures and pages take them: from the vault, with what the last check said of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.verdict import Colour
from blauweknop.holder.encryption import CannotOpen
from blauweknop.holder.items import ConnectionItem, DocumentItem, OwnPaperItem, UncheckedItem, facts_in, read_head, split_document
from blauweknop.holder.lone_item import change_lone_item
from blauweknop.holder.vault import ItemHead, Vault
from blauweknop.insight import InsightDocument, read_document
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = [
    "CHECKS_KIND",
    "KeptDocument",
    "KeptItems",
    "LastCheck",
    "ReadDocuments",
    "Unreadable",
    "counted_documents",
    "keep_checks",
    "kept_document",
    "kept_items",
]

CHECKS_KIND = "checks"
_FORM = 1
_HEAD = canonical_json({"form": _FORM, "kind": CHECKS_KIND})
_MOST_BYTES = 4 * 1024 * 1024
_KEY_BYTES = 16
_COLOURS: Mapping[str, Colour] = {str(colour): colour for colour in Colour}


@dataclass(frozen=True, slots=True)
class LastCheck:
    """What came out when a kept document was checked again."""

    colour: Colour
    at: datetime
    is_withdrawn: bool = False  # by its source


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document of the vault; `key` names it in addresses. Without a later check it is as good as when it came in: green."""

    key: str
    item: DocumentItem
    check: LastCheck

    @property
    def counts(self) -> bool:
        """Not of somebody else, and not found wrong or withdrawn since. An older version counts too: figures know what to take of it."""
        return self.item.standing != "apart" and self.counts_by_check

    @property
    def counts_by_check(self) -> bool:
        return self.check.colour is not Colour.RED


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item of which nobody can tell any more what it is, with the day of its last change."""

    key: str
    changed_on: date | None


@dataclass(frozen=True, slots=True)
class ReadDocuments:
    """What documents say; and those that cannot be opened any more, of which only the head is known."""

    documents: tuple[InsightDocument, ...] = field(repr=False)
    unreadable: tuple[KeptDocument, ...]


@dataclass(frozen=True, slots=True)
class KeptItems:
    """What an account holds, by kind, newest first; papers by their key.

    `mark` is another whenever something changed that figures are made of. `unreadable` are items that were damaged, of whatever kind;
    `others` the heads of all that is no document, file or paper, in no order.
    """

    documents: tuple[KeptDocument, ...]
    papers: tuple[tuple[str, OwnPaperItem], ...] = field(repr=False)
    connections: tuple[ConnectionItem, ...]
    mark: frozenset[tuple[bytes, int]] = field(repr=False)
    unreadable: tuple[Unreadable, ...] = ()
    others: tuple[ItemHead, ...] = field(repr=False, default=())

    def document(self, key: str) -> KeptDocument | None:
        """The one with this key; None when this account has none, whether or not another has."""
        return next((each for each in self.documents if each.key == key), None)

    @property
    def expected(self) -> tuple[str, ...]:
        """Data sets that the person wanted and that did not come yet."""
        parts = [part for connection in self.connections for part in connection.parts if part.is_document]
        return tuple(dict.fromkeys(part.dataset for part in parts if part.state in ("to_do", "waiting", "failed")))

    @property
    def lost(self) -> tuple[KeptDocument, ...]:
        """Documents that were good when they came and are red now, and in whose place no newer one came yet."""
        return tuple(document for document in self.documents if document.item.standing == "current" and not document.counts_by_check)

    def newest_of(self, document: KeptDocument) -> str | None:
        """The key of the document that took the place of a replaced one."""
        if document.item.standing != "replaced":
            return None
        same = (document.item.source_oin, document.item.dataset)
        return next((each.key for each in self.documents if each.item.standing == "current" and same == _series(each.item)), None)


def kept_items(vault: Vault) -> KeptItems:
    """Read from the heads alone.

    While something cannot be opened that may be the last checks, a document that these do not name is orange and not green: it may be
    withdrawn, and is looked at again at once.
    """
    heads, unreadable = vault.heads_and_unreadable()
    checks, damaged = _read_checks(vault, heads)
    unchecked = Colour.ORANGE if unreadable or damaged else Colour.GREEN
    documents: list[KeptDocument] = []
    papers: list[tuple[str, OwnPaperItem]] = []
    connections: list[ConnectionItem] = []
    others: list[ItemHead] = []
    mark = {(head.id, head.version) for head in heads if head.head == _HEAD} | {(item_id, 0) for item_id in unreadable}
    for head in heads:
        item = read_head(head.head)
        if isinstance(item, DocumentItem | ConnectionItem):
            mark.add((head.id, head.version))
        if not isinstance(item, DocumentItem | UncheckedItem | OwnPaperItem):
            others.append(head)
        match item:
            case DocumentItem():
                key = head.id.hex()
                documents.append(KeptDocument(key, item, checks.get(key) or LastCheck(unchecked, item.kept_at)))
            case OwnPaperItem() as paper:
                papers.append((head.id.hex(), paper))
            case ConnectionItem() as connection:
                connections.append(connection)
    return KeptItems(
        tuple(sorted(documents, key=lambda each: (each.item.reference, each.key), reverse=True)),
        tuple(sorted(papers, key=lambda each: (each[1].kept_at, each[0]), reverse=True)),
        tuple(sorted(connections, key=lambda each: each.begun_at, reverse=True)),
        frozenset(mark),
        tuple(Unreadable(item_id.hex(), vault.changed_on(item_id)) for item_id in sorted(unreadable)),
        tuple(others),
    )


def counted_documents(documents: Iterable[KeptDocument], vault: Vault) -> ReadDocuments:
    """Those that figures may be made of, with their content. One that is removed meanwhile is left out."""
    found: list[InsightDocument] = []
    unreadable: list[KeptDocument] = []
    for document in documents:
        try:
            read = vault.read(bytes.fromhex(document.key)) if document.counts else None
        except CannotOpen:
            unreadable.append(document)
        else:
            found += [read_document(document.key, facts_in(read[1]))] if read is not None else []
    return ReadDocuments(tuple(found), tuple(unreadable))


def kept_document(vault: Vault, key: str) -> tuple[dict[str, JsonValue], bytes] | None:
    """The content and the file of a document; None when this account has no document with that key that can be opened."""
    item_id = _item_id(key)
    read = vault.read_if_possible(item_id) if item_id else None
    if read is None or not isinstance(read_head(read[0].head), DocumentItem):
        return None
    return split_document(read[1])


def keep_checks(vault: Vault, checks: Mapping[str, LastCheck]) -> None:
    """Remember what checks said now, by the key of the document; also in a full account.

    Raises:
        BlauweKnopError: others wrote all the time, or the account was erased.
    """
    change_lone_item(vault, _HEAD, lambda body: _written({**(_checks_in(body) if body else {}), **checks}))


def _series(item: DocumentItem) -> tuple[str, str]:
    return (item.source_oin, item.dataset)


def _item_id(key: str) -> bytes | None:
    try:
        item_id = bytes.fromhex(key)
    except ValueError:
        return None
    return item_id if len(item_id) == _KEY_BYTES and item_id.hex() == key else None


def _read_checks(vault: Vault, heads: Iterable[ItemHead]) -> tuple[dict[str, LastCheck], bool]:
    """What is kept of checks, and whether a part of it cannot be opened."""
    found: dict[str, LastCheck] = {}
    damaged = False
    for head in heads:
        if head.head == _HEAD:
            read = vault.read_if_possible(head.id)
            damaged = damaged or read is None
            found |= _checks_in(read[1]) if read else {}
    return found, damaged


def _written(checks: Mapping[str, LastCheck]) -> bytes:
    rows: dict[str, JsonValue] = {
        key: {"colour": check.colour, "at": check.at.isoformat(), "withdrawn": check.is_withdrawn} for key, check in checks.items()
    }
    return canonical_json({"checks": rows})


def _checks_in(body: bytes) -> dict[str, LastCheck]:
    try:
        rows = parse_json_object(body, max_bytes=_MOST_BYTES)["checks"]
        if not isinstance(rows, dict):
            raise MalformedValue("expected checks by document")
        return {key: _check(row) for key, row in rows.items()}
    except (MalformedJson, KeyError, ValueError) as error:
        raise MalformedValue("expected the last checks as this version keeps them") from error


def _check(row: JsonValue) -> LastCheck:
    match row:
        case {"colour": str(colour), "at": str(at), "withdrawn": bool(withdrawn)}:
            return LastCheck(_COLOURS[colour], datetime.fromisoformat(at), withdrawn)
    raise MalformedValue("expected a check")
