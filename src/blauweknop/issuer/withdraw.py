"""Withdraw documents that a source made: some by their number, all of a data set since a moment, or all of a key (PROTOCOL 2.11, 12).

Withdrawn is for good, so doing it twice changes nothing. The next list that is published says it.

Who holds a stolen key makes documents with any place, also one that was never given out. So with a key whole lists are withdrawn, but for
the places of documents that the source itself made before the key was lost.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from blauweknop.standards.status_list import INVALID, VALID, StatusList

__all__ = ["OfDataset", "OfDocuments", "OfKey", "Place", "What", "Withdrawal", "WithdrawalStorage", "Withdrawn", "withdraw"]

Place = tuple[str, int]
"""The id of a list, and an index in it."""


@dataclass(frozen=True, slots=True)
class OfDocuments:
    """These documents, such as those of a person whose data changed: the source's own system knows which."""

    document_ids: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfDataset:
    """All documents of a data set that were made at this moment or later."""

    dataset_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class OfKey:
    """All documents of a key, by the SHA-256 of its certificate; those made before `since` stay, when there is such a moment."""

    fingerprint: bytes
    since: datetime | None = None


What = OfDocuments | OfDataset | OfKey


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many documents were withdrawn now and before, and which are not of this source or have no place in a list."""

    documents: int
    before: int = 0
    unknown: tuple[str, ...] = field(default=(), repr=False)


class Withdrawal(Protocol):
    """One withdrawal in the storage of a source: nobody else changes its lists meanwhile."""

    def places_of(self, document_ids: Collection[str]) -> Mapping[str, Place]: ...

    def made_since(self, dataset_id: str, since: datetime) -> Sequence[Place]: ...

    def lists_of(self, fingerprint: bytes) -> Sequence[str]: ...

    def made_in(self, list_id: str) -> Sequence[tuple[int, datetime]]:
        """The index of each document in a list, and when it was made."""
        ...

    def statuses(self, list_id: str) -> StatusList: ...

    def keep(self, list_id: str, statuses: StatusList) -> None: ...

    def note(self, what: What, documents: int) -> None: ...


class WithdrawalStorage(Protocol):
    """The lists and records of one source; what happens in `withdrawing` happens as a whole, or not when it is `only_tried`."""

    def withdrawing(self, *, only_tried: bool) -> AbstractContextManager[Withdrawal]: ...


def withdraw(what: What, storage: WithdrawalStorage, *, only_tried: bool = False) -> Withdrawn:
    """Withdraw, or with `only_tried` say what would be withdrawn and leave all as it is.

    Raises:
        StorageError: the database does not answer; nothing is withdrawn.
    """
    with storage.withdrawing(only_tried=only_tried) as work:
        done = _withdraw(what, work)
        work.note(what, done.documents)
    return done


def _withdraw(what: What, work: Withdrawal) -> Withdrawn:
    match what:
        case OfDocuments(document_ids):
            places = work.places_of(document_ids)
            unknown = tuple(document_id for document_id in document_ids if document_id not in places)
            return Withdrawn(*_withdraw_places(places.values(), work), unknown)
        case OfDataset(dataset_id, since):
            return Withdrawn(*_withdraw_places(work.made_since(dataset_id, since), work))
        case OfKey(fingerprint, since):
            counts = [_withdraw_list(list_id, since, work) for list_id in work.lists_of(fingerprint)]
            return Withdrawn(sum(now for now, _ in counts), sum(before for _, before in counts))


def _withdraw_places(places: Iterable[Place], work: Withdrawal) -> tuple[int, int]:
    """How many were withdrawn now, and before."""
    by_list: dict[str, set[int]] = {}
    for list_id, index in places:
        by_list.setdefault(list_id, set()).add(index)
    done = 0
    for list_id in sorted(by_list):
        statuses = work.statuses(list_id)
        fresh = {index: INVALID for index in by_list[list_id] if statuses.status(index) == VALID}
        done += len(fresh)
        if fresh:
            work.keep(list_id, statuses.with_statuses(fresh))
    return done, sum(map(len, by_list.values())) - done


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
