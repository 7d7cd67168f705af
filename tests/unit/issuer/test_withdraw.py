"""The rules of withdrawing, over a storage in memory; `contracts/test_status_lists.py` has the real one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.withdraw import OfDataset, OfDocuments, OfKey, OfPeople, Place, Reason, What, Withdrawn, withdraw
from blauweknop.standards.status_list import INVALID, VALID, StatusList
from tests.unit.issuer.source_world import ANNA, BERT, NOON

SIZE = 32


@dataclass
class Storage:
    """One list, of one key; `made` is when the document of each place was made."""

    made: Mapping[int, datetime]
    kept: StatusList = field(default_factory=lambda: StatusList.of_size(SIZE))
    noted: list[tuple[Reason, int, set[int]]] = field(default_factory=list)

    @contextmanager
    def withdrawing(self, *, only_tried: bool) -> Iterator["Storage"]:
        before = self.kept
        yield self
        if only_tried:
            self.kept = before

    def places_of(self, document_ids: Collection[str]) -> Mapping[str, Place]:
        return {given: ("list", int(given)) for given in document_ids if int(given) in self.made}

    def made_for(self, what: OfPeople) -> Mapping[Bsn, Sequence[Place]]:
        """Everything is of Anna, and was recorded as hers; one more is of nobody known."""
        return {ANNA.bsn: [("list", index) for index in self.made]} if ANNA.bsn in what.people and self.made else {}

    def made_for_somebody(self, what: OfPeople) -> int:
        return 1

    def made_of(self, what: OfDataset) -> Sequence[Place]:
        return [("list", index) for index, moment in self.made.items() if moment >= what.since]

    def lists_of(self, fingerprint: bytes) -> Sequence[str]:
        return ["list"]

    def made_in(self, list_id: str) -> Sequence[tuple[int, datetime]]:
        return [*self.made.items()]

    def statuses(self, list_id: str) -> StatusList:
        return self.kept

    def keep(self, list_id: str, statuses: StatusList) -> None:
        self.kept = statuses

    def note(self, what: What, reason: Reason, documents: int, named: Collection[Place]) -> None:
        self.noted.append((reason, documents, {index for _, index in named}))


indexes = st.sets(st.integers(0, SIZE - 1))


@given(made=indexes, before=indexes, wanted=indexes)
def test_the_named_documents_go_and_no_others(made: set[int], before: set[int], wanted: set[int]) -> None:
    start = StatusList.of_size(SIZE).with_statuses(dict.fromkeys(before, INVALID))
    storage = Storage(dict.fromkeys(made, NOON), start)
    done = withdraw(OfDocuments(tuple(map(str, sorted(wanted)))), storage)
    assert {index for index in range(SIZE) if storage.kept.status(index) == INVALID} == before | (made & wanted)
    assert (done.documents, done.before) == (len(made & wanted - before), len(made & wanted & before))
    assert {int(unknown) for unknown in done.unknown} == wanted - made


@given(early=indexes, late=indexes, before=indexes)
def test_of_a_lost_key_only_what_was_made_before_stays_and_nothing_comes_back(early: set[int], late: set[int], before: set[int]) -> None:
    made = dict.fromkeys(late, NOON) | dict.fromkeys(early, NOON - timedelta(seconds=1))
    start = StatusList.of_size(SIZE).with_statuses(dict.fromkeys(before, INVALID))
    storage = Storage(made, start)
    done = withdraw(OfKey(b"", NOON), storage)
    assert {index for index in range(SIZE) if storage.kept.status(index) == VALID} == early - before
    assert done == Withdrawn(len(late - early - before), len((late - early) & before))
    assert withdraw(OfKey(b"", NOON), storage).documents == 0


@given(made=indexes)
def test_without_a_moment_nothing_of_a_key_stays(made: set[int]) -> None:
    storage = Storage(dict.fromkeys(made, NOON))
    assert withdraw(OfKey(b""), storage).documents == len(made)
    assert storage.kept.entries == b"\xff" * (SIZE // 8)


@given(made=indexes, before=indexes)
def test_all_of_a_person_goes_and_who_got_nothing_is_counted(made: set[int], before: set[int]) -> None:
    start = StatusList.of_size(SIZE).with_statuses(dict.fromkeys(before, INVALID))
    storage = Storage(dict.fromkeys(made, NOON), start)
    done = withdraw(OfPeople((ANNA.bsn, BERT.bsn), ("duo.studieschuld",)), storage, reason=Reason.CORRECTION)
    assert {index for index in range(SIZE) if storage.kept.status(index) == INVALID} == before | made
    assert done == Withdrawn(len(made - before), len(made & before), without=1 if made else 2, unseen=1)
    assert storage.noted == [(Reason.CORRECTION, len(made - before), made - before)]


@given(made=indexes)
def test_the_line_of_a_mass_withdrawal_names_no_single_place(made: set[int]) -> None:
    storage = Storage(dict.fromkeys(made, NOON))
    withdraw(OfDataset("duo.studieschuld", NOON), storage)
    withdraw(OfKey(b""), storage, reason=Reason.KEY)
    assert storage.noted == [(Reason.OTHER, len(made), set()), (Reason.KEY, 0, set())]
