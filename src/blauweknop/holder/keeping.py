"""Keep what came from outside, after the one check: green is kept, red is refused with its reason, what cannot be judged now waits.

A document that seems to be of somebody else, by name and birth date, is put apart and counts nowhere until the person says otherwise. A
newer document of the same data set takes the place of the older one, which stays as history. That one comes and the other steps back is
one change: whoever is killed in between did neither.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.verdict import CheckedKind, CheckResult, Rejected, Undecided, Verdict, VerdictFacts, Verified
from blauweknop.holder.items import DocumentItem, Item, Origin, Standing, UncheckedItem, head_of, joined_document, read_head
from blauweknop.holder.vault import ItemHead, Vault, VaultFull
from blauweknop.insight.documents import read_document

__all__ = [
    "Check",
    "Expected",
    "Kept",
    "NotKept",
    "count_after_all",
    "is_of_the_person",
    "items_of",
    "keep_document",
    "recheck",
    "settle",
    "verdict_on",
]

Check = Callable[[bytes, datetime], Verdict]
"""The one check of this program, on a stranger's file, in a process that may be lost; raises BlauweKnopError when it failed itself."""

Kept = Literal["kept", "apart", "older", "already", "unchecked"]


class NotKept(BlauweKnopError):
    """A file that is refused; `reason` is a code with sentences in the catalogue (`collecting.refusals`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not kept: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Expected:
    """What a source was asked for: what comes must be that, and of that source."""

    source_oin: str
    source_name: str
    dataset: str
    connection: str


def verdict_on(data: bytes, check: Check | None, at: datetime) -> Verdict | None:
    """None when the check could not be done, or there is none."""
    try:
        return check(data, at) if check is not None else None
    except BlauweKnopError:
        return None


def keep_document(data: bytes, vault: Vault, check: Check | None, now: datetime, *, expected: Expected | None) -> Kept:
    """Check a file and keep it. `expected` is there for what was fetched; None for what a person brings.

    Raises:
        NotKept: red, not what was asked for, or nothing that can be kept.
        VaultFull: no room.
    """
    verdict = verdict_on(data, check, now)
    match verdict:
        case Verified(facts, content) if facts.kind is CheckedKind.DOCUMENT:
            return vault.together(lambda staged: _keep(content, facts, data, staged, now, expected))
        case Rejected(facts):
            raise NotKept(_reason(facts))
        case None | Undecided() if expected is not None:
            source = (expected.source_oin, expected.source_name, expected.dataset)
            vault.add(head_of(UncheckedItem(*source, now, "fetched", expected.connection)), data)
            return "unchecked"
        case Undecided(facts):
            raise NotKept("other_seal" if facts.kind is CheckedKind.OTHER_SEAL else "undecided")
        case None:
            raise NotKept("undecided")
    raise NotKept("no_document")


def recheck(vault: Vault, check: Check | None, now: datetime) -> None:
    """Judge again what could not be judged when it came. What turns out red is thrown away."""
    for head, item in list(items_of(vault)):
        if not isinstance(item, UncheckedItem):
            continue
        read = vault.read_if_possible(head.id)
        verdict = verdict_on(read[1], check, now) if read else None
        if read is None or verdict is None or isinstance(verdict, Undecided):
            continue
        try:
            vault.together(partial(_judged, waiting=head.id, item=item, data=read[1], verdict=verdict, now=now))
        except VaultFull:
            continue  # it waits until there is room


def items_of(vault: Vault) -> Iterator[tuple[ItemHead, Item]]:
    """All items of this program's own kinds, in no order."""
    for head in vault.heads():
        item = read_head(head.head)
        if item is not None:
            yield head, item


def count_after_all(item_id: bytes, vault: Vault) -> bool:
    """The person says that a document that was put apart is their own: it counts from now on; False when there is none."""

    def count(staged: Vault) -> bool:
        read = staged.read_if_possible(item_id)
        item = read_head(read[0].head) if read else None
        if read is None or not isinstance(item, DocumentItem) or item.standing != "apart":
            return False
        staged.replace(read[0], head_of(replace(item, standing="current")), read[1])
        settle(staged)
        return True

    return vault.together(count)


def _judged(vault: Vault, *, waiting: bytes, item: UncheckedItem, data: bytes, verdict: Verdict, now: datetime) -> None:
    """What waited is kept as a document, or is nothing that can be kept; it waits no more."""
    if isinstance(verdict, Verified) and verdict.facts.kind is CheckedKind.DOCUMENT and verdict.facts.issuer_oin == item.source_oin:
        expected = Expected(item.source_oin, item.source_name, item.dataset or str(verdict.facts.dataset), item.connection)
        with suppress(NotKept):
            _keep(verdict.content, verdict.facts, data, vault, now, expected)
    vault.remove(waiting)


def settle(vault: Vault) -> frozenset[bytes]:
    """Of each data set of each source the newest counts and the others are history; those that became so now."""
    kept = [(head, item) for head, item in items_of(vault) if isinstance(item, DocumentItem) and item.standing != "apart"]
    newest: dict[tuple[str, str], tuple[ItemHead, DocumentItem]] = {}
    for head, item in kept:
        held = newest.get((item.source_oin, item.dataset))
        if held is None or (held[1].reference, held[1].issued_at, held[0].id) < (item.reference, item.issued_at, head.id):
            newest[item.source_oin, item.dataset] = (head, item)
    stay = {head.id for head, _ in newest.values()}
    replaced = frozenset(head.id for head, item in kept if head.id not in stay and item.standing == "current")
    for head, item in kept:
        standing: Standing = "current" if head.id in stay else "replaced"
        read = vault.read_if_possible(head.id) if item.standing != standing else None
        if read is not None:
            vault.replace(read[0], head_of(replace(item, standing=standing)), read[1])
    return replaced


def is_of_the_person(claims: Mapping[str, JsonValue], items: Iterable[Item]) -> bool:
    """Whether a credential has the name and birth date of the documents that count; where one is silent, nothing speaks against it."""
    name, day = claims.get("family_name"), claims.get("birth_date")
    known = PartialDate.parse_register(day.replace("-", "")) if isinstance(day, str) else PartialDate(None)
    own = [item for item in items if isinstance(item, DocumentItem) and item.standing != "apart"]
    return not own or any(
        _may_be_one_day(known, item.birth_date) and (not isinstance(name, str) or _plain(name) == _plain(item.family_name)) for item in own
    )


def _keep(content: dict[str, JsonValue], facts: VerdictFacts, data: bytes, vault: Vault, now: datetime, expected: Expected | None) -> Kept:
    if expected is not None and facts.issuer_oin != expected.source_oin:
        raise NotKept("other_issuer")
    if expected is not None and facts.dataset != expected.dataset:
        raise NotKept("other_dataset")
    item = _item(content, "uploaded" if expected is None else "fetched", now, "" if expected is None else expected.connection)
    kept = [(head, known) for head, known in items_of(vault) if isinstance(known, DocumentItem)]
    for head in [head for head, known in kept if known.document_id == item.document_id]:
        if not vault.is_unreadable(head.id):
            return "already"
        vault.remove(head.id)  # the same again takes the place of what cannot be opened any more
    documents = [known for _, known in kept if known.document_id != item.document_id]
    standing: Standing = "apart" if _of_somebody_else(item, documents) else "current"
    added = vault.add(head_of(replace(item, standing=standing)), joined_document(content, data))
    if standing == "apart":
        return "apart"
    replaced = settle(vault)
    return "older" if added.id in replaced else "kept"


def _item(content: dict[str, JsonValue], origin: Origin, now: datetime, connection: str) -> DocumentItem:
    try:
        read = read_document("", content)
        subject = read.subject
        return DocumentItem(
            read.document_id,
            read.dataset,
            read.version,
            read.source_oin,
            read.source_name,
            read.reference,
            read.issued_at,
            read.valid_until,
            now,
            origin,
            "current",
            str(subject["given_name"]),
            str(subject["family_name"]),
            PartialDate.parse_json(subject["birth_date"]),
            connection,
        )
    except (MalformedValue, KeyError) as error:
        raise NotKept("no_document") from error


def _of_somebody_else(item: DocumentItem, documents: Sequence[DocumentItem]) -> bool:
    """Whether it differs from what is here: another birth date, or another family name. The first document says who somebody is."""
    own = [known for known in documents if known.standing != "apart"]
    return bool(own) and not any(_same_person(item, known) for known in own)


def _same_person(one: DocumentItem, other: DocumentItem) -> bool:
    return _may_be_one_day(one.birth_date, other.birth_date) and _plain(one.family_name) == _plain(other.family_name)


def _may_be_one_day(*dates: PartialDate) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(*((date.year, date.month, date.day) for date in dates), strict=True))


def _plain(name: str) -> str:
    """Letters alone: sources write capitals, accents and hyphens in their own way."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[^a-z]", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def _reason(facts: VerdictFacts) -> str:
    failed = [step.reason for step in facts.steps if step.result is CheckResult.FAIL]
    return failed[0] if failed else "no_document"
