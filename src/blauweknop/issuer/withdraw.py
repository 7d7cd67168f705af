"""Withdraw what a source made: by the number of a document, by the person, all of a data set, or all of a key (PROTOCOL 2.11, 12).

By number only documents go, as copies of credentials have none; in the other ways credentials go as well as documents.

Withdrawn is for good, so doing it twice changes nothing. The next list that is published says it.

Who holds a stolen key makes documents with any place, also one that was never given out. So with a key whole lists are withdrawn, but for
the places of documents that the source itself made before the key was lost.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from blauweknop.domain.identifiers import Bsn
from blauweknop.standards.status_list import INVALID, VALID, StatusList

__all__ = [
    "OfDataset",
    "OfDocuments",
    "OfKey",
    "OfPeople",
    "Place",
    "Reason",
    "What",
    "Withdrawal",
    "WithdrawalStorage",
    "Withdrawn",
    "withdraw",
]

Place = tuple[str, int]
"""The id of a list, and an index in it."""


class Reason(StrEnum):
    """Why; people are told in these words (`issuer.withdrawn.<reason>` in the catalogue)."""

    CORRECTION = "correction"  # the data were wrong, or changed
    KEY = "key"  # a key is in wrong hands
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OfDocuments:
    """These documents: the source's own system knows which."""

    document_ids: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfPeople:
    """All that was made for these people about these data sets, at `since` or later and before `until` when there are such moments."""

    people: tuple[Bsn, ...] = field(repr=False)
    dataset_ids: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfDataset:
    """All of a data set that was made at `since` or later, and before `until` when there is such a moment."""

    dataset_id: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfKey:
    """All of a key, by the SHA-256 of its certificate; those made before `since` stay, when there is such a moment."""

    fingerprint: bytes
    since: datetime | None = None


What = OfDocuments | OfPeople | OfDataset | OfKey


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many documents and copies of credentials were withdrawn now and before, and what was looked for in vain."""

    documents: int
    before: int = 0
    unknown: tuple[str, ...] = field(default=(), repr=False)  # documents not of this source, or without a place in a list
    without: int = 0  # people for whom nothing was made
    unseen: int = 0  # of these data sets and still valid, but nobody kept by which person to find it


class Withdrawal(Protocol):
    """One withdrawal in the storage of a source: nobody else changes its lists meanwhile."""

    def places_of(self, document_ids: Collection[str]) -> Mapping[str, Place]: ...

    def made_for(self, what: OfPeople) -> Mapping[Bsn, Sequence[Place]]: ...

    def made_for_somebody(self, what: OfPeople) -> int:
        """How much was made about these data sets that no person leads to, and is valid still."""
        ...

    def made_of(self, what: OfDataset) -> Sequence[Place]: ...

    def lists_of(self, fingerprint: bytes) -> Sequence[str]: ...

    def made_in(self, list_id: str) -> Sequence[tuple[int, datetime]]:
        """The index of each document in a list, and when it was made."""
        ...

    def statuses(self, list_id: str) -> StatusList: ...

    def keep(self, list_id: str, statuses: StatusList) -> None: ...

    def note(self, what: What, reason: Reason, documents: int, named: Collection[Place]) -> None:
        """Keep that it was done; `named` are the places that went and that only this line leads to."""
        ...


class WithdrawalStorage(Protocol):
    """The lists and records of one source; what happens in `withdrawing` happens as a whole, or not when it is `only_tried`."""

    def withdrawing(self, *, only_tried: bool) -> AbstractContextManager[Withdrawal]: ...


def withdraw(what: What, storage: WithdrawalStorage, *, reason: Reason = Reason.OTHER, only_tried: bool = False) -> Withdrawn:
    """Withdraw, or with `only_tried` say what would be withdrawn and leave all as it is.

    Raises:
        StorageError: the database does not answer; nothing is withdrawn.
    """
    with storage.withdrawing(only_tried=only_tried) as work:
        done, named = _withdraw(what, work)
        work.note(what, reason, done.documents, named)
    return done


def _withdraw(what: What, work: Withdrawal) -> tuple[Withdrawn, Sequence[Place]]:
    """What was done, and the places that only the line of this withdrawal leads to."""
    match what:
        case OfDocuments(document_ids):
            places = work.places_of(document_ids)
            unknown = tuple(document_id for document_id in document_ids if document_id not in places)
            named, before = _withdraw_places(places.values(), work)
            return Withdrawn(len(named), before, unknown), named
        case OfPeople(people):
            found = work.made_for(what)
            named, before = _withdraw_places((place for places in found.values() for place in places), work)
            without = sum(person not in found for person in people)
            return Withdrawn(len(named), before, without=without, unseen=work.made_for_somebody(what)), named
        case OfDataset():
            gone, before = _withdraw_places(work.made_of(what), work)
            return Withdrawn(len(gone), before), ()
        case OfKey(fingerprint, since):
            counts = [_withdraw_list(list_id, since, work) for list_id in work.lists_of(fingerprint)]
            return Withdrawn(sum(now for now, _ in counts), sum(before for _, before in counts)), ()


def _withdraw_places(places: Iterable[Place], work: Withdrawal) -> tuple[Sequence[Place], int]:
    """Which were withdrawn now, and how many before."""
    by_list: dict[str, set[int]] = {}
    for list_id, index in places:
        by_list.setdefault(list_id, set()).add(index)
    done: list[Place] = []
    for list_id in sorted(by_list):
        statuses = work.statuses(list_id)
        fresh = {index: INVALID for index in by_list[list_id] if statuses.status(index) == VALID}
        done += [(list_id, index) for index in fresh]
        if fresh:
            work.keep(list_id, statuses.with_statuses(fresh))
    return done, sum(map(len, by_list.values())) - len(done)


def _withdraw_list(list_id: str, since: datetime | None, work: Withdrawal) -> tuple[int, int]:
    """Withdraw every place of a list but those of documents made before `since`; how many documents that is now, and was before."""
    statuses, made = work.statuses(list_id), work.made_in(list_id)
    spared = {index for index, moment in made if since is not None and moment < since}
    gone = [index for index, _ in made if index not in spared]
    before = sum(statuses.status(index) != VALID for index in gone)
    entries = bytearray(b"\xff" * len(statuses.entries))
    for index in spared:
        if statuses.status(index) == VALID:
            entries[index >> 3] &= ~(1 << (index & 7))
    if entries != statuses.entries:
        work.keep(list_id, StatusList(statuses.bits, bytes(entries)))
    return len(gone) - before, before
